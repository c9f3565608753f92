"""Indonesian or English: the sum of a learned weight for each token of the text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.text.encoding import encoding, token_ids
from rag.types import Language

PATH = Path(__file__).parents[1] / "models" / "language.npy"
"""The shipped weights; `lab/language.py` makes them."""
LONGEST = 800
"""Characters that are read: an article's start tells its language."""


def detect(text: str) -> Language:
    """The language of a question or an article.

    Text that speaks for neither, such as names alone or nothing, is taken to be Indonesian.
    Raises ModelError where the weights cannot be read.
    """
    ids = token_ids(text[:LONGEST], encoding())
    return "en" if int(_weights()[ids].sum()) > 0 else "id"


@cache
def _weights() -> NDArray[np.int32]:
    """For each token of the encoding, how much it speaks for English (above 0) or Indonesian (below)."""
    try:
        weights = np.load(PATH, allow_pickle=False)
    except (OSError, EOFError, ValueError) as error:
        raise ModelError(
            f"the language weights {PATH} cannot be read ({error})", "install Kutip again"
        ) from error
    if weights.shape != (encoding().n_vocab,):
        raise ModelError(f"the language weights {PATH} do not fit the encoding", "install Kutip again")
    return np.asarray(weights, np.int32)
