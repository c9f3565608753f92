"""What the reader said, kept, so that rules can be tried over the same readings again and again.

A reading takes most of a question's time. What `Reader.read` and `Reader.entails` return depends only on the
model, the question and the passages, so it is kept by these, under lab/work/hard. The rest of the program
runs as it is: `python -m lab.hard.measure --again`.
"""

from __future__ import annotations

import hashlib
import pickle
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.app import App
from bot.settings import Settings
from rag.reading.reader import PATH
from rag.types import Engine, Evidence, Language, Passage


class Kept:
    """An engine that reads what it has not read yet. Implements `rag.types.Engine`."""

    name = "reader"

    def __init__(self, reader: Engine, file: Path) -> None:
        self._reader = reader
        # The application opens its models in another thread.
        self._said = sqlite3.connect(file, check_same_thread=False)
        self._said.execute("create table if not exists said (key text primary key, value blob)")
        self._model = hashlib.sha256(PATH.with_suffix(".npz").read_bytes()).hexdigest()
        self.threshold = reader.threshold

    def read(
        self, question: str, language: Language, passages: Sequence[Passage], enough: float | None = None
    ) -> list[Evidence]:
        by_place = {
            (passage.article.id, sentence.index): (passage, sentence)
            for passage in passages
            for sentence in passage.sentences
        }
        scores = [
            (passage.article.id, passage.sentences[0].index, passage.text, round(passage.score, 6))
            for passage in passages
        ]
        asked = ("read", question, language, scores, enough)
        if (known := self._known(asked)) is None:
            found = self._reader.read(question, language, passages, enough)
            known = [(each.place, each.score, each.span, each.belongs) for each in found]
            self._keep(asked, known)
        return [Evidence(*by_place[place], score, span, belongs) for place, score, span, belongs in known]

    def entails(
        self, statement: str, sentences: Sequence[str], title: str | None = None
    ) -> tuple[float, float]:
        asked = ("entails", statement, list(sentences), title)
        if (known := self._known(asked)) is None:
            known = self._reader.entails(statement, sentences, title)
            self._keep(asked, known)
        return known

    def _key(self, asked: object) -> str:
        return hashlib.sha256(f"{self._model} {asked!r}".encode()).hexdigest()

    def _known(self, asked: object) -> Any:
        row = self._said.execute("select value from said where key = ?", (self._key(asked),)).fetchone()
        return pickle.loads(row[0]) if row else None

    def _keep(self, asked: object, value: object) -> None:
        with self._said:
            self._said.execute("insert into said values (?, ?)", (self._key(asked), pickle.dumps(value)))


class Again(App):
    """An installation that keeps what its reader says."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._kept: Kept | None = None

    @property
    def engine(self) -> Engine:
        if self._kept is None:
            # Beside the store, which is made anew when the code changes that decides what it holds.
            self._kept = Kept(super().engine, self.settings.home.parent / "said.db")
        return self._kept

    def at_once(self, waiting: int) -> int:
        return 1

    def close(self) -> None:
        super().close()
        self._kept = None
