"""Translation probabilities between Indonesian and English stems, learnt from parallel text.

With them a question in one language searches articles in the other: probabilistic structured queries,
Darwish and Oard 2003. Stems are those of `rag.text.stems`; function words have no entry.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.types import Language

PATH = Path(__file__).parents[1] / "models" / "lexicon.npz"
"""The shipped lexicon; `lab/lexicon.py` makes it."""


class Lexicon:
    """p(stem of the other language | stem), as tables: entry i holds `starts[i]` to `starts[i + 1]`."""

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Takes the arrays of the file: for both languages `L_stems` (UTF-8, a line each), `L_counts`
        (translations of each stem), `L_targets` (their places in the other language's stems) and `L_weights`
        (their probabilities in 1/255).
        """
        languages: tuple[Language, Language] = ("id", "en")
        self._stems = {code: arrays[f"{code}_stems"].tobytes().decode().split("\n") for code in languages}
        self._places: dict[Language, dict[str, int]] = {}
        self._starts = {
            code: np.concatenate(([0], np.cumsum(arrays[f"{code}_counts"], dtype=np.int64)))
            for code in languages
        }
        self._targets = {code: arrays[f"{code}_targets"] for code in languages}
        self._weights = {code: arrays[f"{code}_weights"] for code in languages}

    @classmethod
    def load(cls, path: Path | None = None) -> Lexicon:
        """The shipped lexicon, or another of the same format.

        Raises ModelError where the file is missing or broken.
        """
        path = path or PATH
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return cls(arrays)
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ModelError(f"the lexicon {path} cannot be read ({error})", "install Kutip again") from error

    def translations(self, stem: str, source: Language) -> Sequence[tuple[str, float]]:
        """Stems of the other language with p(translation | stem), most probable first.

        Empty for a stem that was never seen, or seen only with translations that were too rare to keep;
        so the probabilities sum to 1 at most.
        """
        if source not in self._places:
            # Made when it is first needed: most questions of a process are in one language.
            self._places[source] = {known: place for place, known in enumerate(self._stems[source])}
        place = self._places[source].get(stem)
        if place is None:
            return ()
        entry = slice(self._starts[source][place], self._starts[source][place + 1])
        stems = self._stems["en" if source == "id" else "id"]
        return tuple(
            (stems[target], weight / 255)
            for target, weight in zip(
                self._targets[source][entry].tolist(), self._weights[source][entry].tolist(), strict=True
            )
        )
