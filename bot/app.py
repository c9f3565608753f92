"""The composition root: opens the archive, its projections and the engine; asks and ingests.

Each part is opened at its first use, so that a command pays only for what it needs.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO, Protocol

from bot.phrases import Phrases
from bot.settings import Settings
from rag.answer import answer
from rag.archive import Archive, check_embedder
from rag.errors import KutipError, StoreBusy
from rag.lexicon import Lexicon
from rag.projections import Projections
from rag.reader import Reader
from rag.search import Search
from rag.types import Answer, Embedder, Engine, Turn

if TYPE_CHECKING:
    from rag.cut import Window
    from rag.ingest import Ingested

EMBED_BATCH = 512
FOLLOW_SECONDS, FOLLOW_CHUNKS = 0.25, 1_000
"""How often it is looked whether the indexes should follow a long input, and what they wait for: each time
costs a commit in both, however little it brings."""


class Report(Protocol):
    """Told how much of a step is done, how much there is (None: not known), and what the step is."""

    def __call__(self, done: int, total: int | None, what: str = ..., /) -> None: ...


def _silent(done: int, total: int | None, what: str = "") -> None:
    pass


class App:
    """One installation. `say` gets lines for the user, `progress` how far a long step has come.

    Not for several threads at once; close it when done. Methods raise KutipError.
    """

    def __init__(
        self,
        settings: Settings,
        say: Callable[[str], None] = lambda line: None,
        progress: Report = _silent,
    ) -> None:
        self.settings = settings
        self._say = say
        self.progress = progress

    # The two roads

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        partial: Callable[[Answer], None] = lambda answer: None,
        stop: threading.Event | None = None,
    ) -> Answer:
        """Answers from everything that was committed before the question.

        `history` is what a chat model needs to understand a follow-up; the built-in engine takes every
        question by itself. `partial` is told the answer as far as it is written, claim by claim, by engines
        that write; setting `stop` from another thread makes this raise Cancelled soon.
        """
        stop = stop or threading.Event()
        self.prepare()
        said = answer(
            question,
            archive=self.archive,
            search=self._search,
            engine=self.engine,
            wording=Phrases(),
            passages=self.settings.passages,
            threshold=self.settings.threshold,
            stop=stop,
        )
        if not self.projections.whole:
            said = replace(said, text=f"{said.text} {Phrases().by_words_alone(said.language)}")
        return said

    def ingest(self, places: Sequence[str], stdin: BinaryIO | None = None) -> Iterator[Ingested]:
        """Adds what is at these places, then brings the indexes up to date unless another process will."""
        # Imported late, like Chroma: a question needs none of it.
        from rag.cut import Workers
        from rag.ingest import ingest
        from rag.load import sources

        found = sources(places, stdin if stdin is not None else sys.stdin.buffer)
        workers = Workers(self._reader.pieces, self.settings.chunk_tokens)
        try:
            with self._projecting():
                yield from ingest(found, self.archive, self.embedder, self._window, workers)
        finally:
            workers.close()
        self.project()

    # The rest

    def project(self) -> None:
        """Brings the indexes up to the archive, unless their owner is another process, which will."""
        try:
            self.projections.catch_up(self.progress)
        except StoreBusy:
            return

    @contextmanager
    def _projecting(self) -> Iterator[None]:
        """Brings the indexes up to the archive while more is still coming in."""
        ended, failed = threading.Event(), list[KutipError]()

        def follow() -> None:
            try:
                while not ended.wait(FOLLOW_SECONDS):
                    if self.projections.waiting() >= FOLLOW_CHUNKS:
                        self.projections.catch_up()
            except StoreBusy:
                pass
            except KutipError as error:
                failed.append(error)

        thread = threading.Thread(target=follow)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
        if failed:
            raise failed[0]

    def prepare(self) -> None:
        """Opens everything that a question needs, so that the first one is as quick as the next."""
        # Reading and checking the models leaves Python's lock free for much of the time.
        with ThreadPoolExecutor(1) as pool:
            engine = pool.submit(lambda: self.engine)
            check_embedder(self.archive, self.embedder)
            self.projections.catch_up(self.progress)
            engine.result()

    def rebuild(self, embed: bool = False) -> None:
        """Makes the indexes anew from the archive; with `embed`, the vectors too, by the embedder in use."""
        if embed:
            self._embed_again()
        self.projections.rebuild(self.progress)

    def close(self) -> None:
        """Closes what was opened."""
        for part in ("projections", "archive", "_reader"):
            if part in self.__dict__:
                self.__dict__.pop(part).close()

    # Parts, opened at first use

    @cached_property
    def archive(self) -> Archive:
        """The SQLite truth."""
        return Archive(self.settings.archive)

    @cached_property
    def projections(self) -> Projections:
        """Both indexes; raises StoreBusy while another process owns them."""
        return Projections(
            self.settings.projections,
            self.archive,
            chroma_url=self.settings.chroma_url,
            say=self._say,
            progress=self.progress,
        )

    @cached_property
    def embedder(self) -> Embedder:
        """The built-in vectors, or the GGUF model that a setting names."""
        if self.settings.embedder is None:
            from rag.embed import StaticEmbedder

            return StaticEmbedder()
        from rag.llama import LlamaEmbedder

        return LlamaEmbedder(
            self.settings.embedder,
            question_prefix=self.settings.embedder_question_prefix,
            passage_prefix=self.settings.embedder_passage_prefix,
        )

    @property
    def engine(self) -> Engine:
        """What finds the sentences that answer."""
        return self._reader

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._lexicon)

    @property
    def _search(self) -> Search:
        projections = self.projections
        return Search(projections.lexical, projections, self.embedder, self._lexicon, self.archive.vectors)

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon.load()

    @cached_property
    def _window(self) -> Window:
        from rag.cut import reading_window

        return reading_window(self._reader.pieces, self.settings.chunk_tokens)

    def _embed_again(self) -> None:
        from rag.ingest import embedded_text

        embedder, total = self.embedder, self.archive.counts()[1]
        done, moved = 0, False
        while not moved:
            for keys in self.archive.without_new_vectors(embedder.id, EMBED_BATCH):
                passages = self.archive.passages(keys)
                texts = [embedded_text(p.article, p.text) for p in passages]
                self.archive.replace_vectors([p.key for p in passages], embedder.passages(texts))
                done += len(keys)
                self.progress(min(done, total), total, "embedding")
            moved = self.archive.move_embedder(embedder.id)
