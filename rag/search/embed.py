"""The static bilingual embedding: no network to run, a matrix row for each token.

A text's vector is the mean of its tokens' rows, scaled to length 1. The learned weight of a token, which
makes `yang` and `the` count for little, is part of its row. Indonesian and English share the space.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.text.encoding import encoding, token_ids
from rag.types import Vectors

PATH = Path(__file__).parents[1] / "models" / "embedding.npz"
"""The shipped matrix; `lab/embedding.py` and `lab/vectors` make it."""
BATCH = 65_536
"""Tokens whose rows are in memory at once."""


class StaticEmbedder:
    """Implements `rag.types.Embedder`. Every token of a text counts, however long the text is."""

    def __init__(self, path: Path | None = None) -> None:
        """Reads the shipped matrix, or another of the same format: `rows` (tokens, dimensions) int8,
        `scales` (tokens,) float16, so that row i is `rows[i] * scales[i]`. `digest` tells this matrix from
        others; without it, the file's SHA-256 does.

        Raises ModelError where the file is missing, broken or made for another encoding.
        """
        path = path or PATH
        try:
            with np.load(path, allow_pickle=False) as arrays:
                self._rows: NDArray[np.int8] = arrays["rows"]
                self._scales: Vectors = arrays["scales"].astype(np.float32)
                digest = str(arrays["digest"]) if "digest" in arrays.files else _digest(path)
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"the embedding {path} cannot be read ({error})", "install Kutip again"
            ) from error
        self._tokens = encoding()
        if self._rows.shape[0] != self._tokens.n_vocab or self._scales.shape != self._rows.shape[:1]:
            raise ModelError(f"the embedding {path} does not fit the encoding", "install Kutip again")
        self._id = f"static-{self.dimensions}-{digest[:12]}"

    @property
    def id(self) -> str:
        """Name, dimensions and the start of the digest."""
        return self._id

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._rows.shape[1])

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimensions), rows of length 1, or 0 for a text without a token."""
        sums = np.zeros((len(texts), self.dimensions), np.float32)
        for place, text in enumerate(texts):
            ids = np.array(token_ids(text, self._tokens), np.int64)
            for first in range(0, len(ids), BATCH):
                part = ids[first : first + BATCH]
                # One product of a vector and a matrix, ten times faster than summing rows in numpy.
                sums[place] += self._scales.take(part) @ self._rows.take(part, axis=0).astype(np.float32)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        np.divide(sums, lengths, out=sums, where=lengths > 0)
        return sums

    def question(self, text: str) -> Vectors:
        """Shape (dimensions,), length 1 or 0."""
        return np.asarray(self.passages([text])[0], np.float32)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
