"""The composition root: opens the archive, its projections and the engine; asks and ingests.

Each part is opened at its first use, so that a command pays only for what it needs.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from bot.example import newest_example
from bot.heaps import share_heaps
from bot.keeping_up import keeping_up
from bot.part import Part
from bot.phrases import Phrases
from bot.settings import Settings
from bot.turns import SharedReader, Turns
from bot.uses import Uses, uses
from rag.deadline import Deadline
from rag.errors import InputError, ModelError, StoreBusy
from rag.pipeline import Pipeline, Step, Writing
from rag.reading.reader import Reader
from rag.search.fusion import Search
from rag.search.lexicon import Lexicon
from rag.search.spelling import understood
from rag.store.archive import Archive
from rag.store.feeds import Feeds
from rag.store.moving import check_embedder
from rag.store.projections import Projections
from rag.types import Answer, Embedder, Engine, Language, Source, Turn

# What answers is imported where it is first used, while the indexes are opened, which leaves Python's lock
# free; commands that answer nothing go without it.
if TYPE_CHECKING:
    from rag.cutting.article import Window
    from rag.ingest import Ingested
    from rag.load import Refusal
    from rag.writing.decoder import ChatModel
    from rag.writing.remote import RemoteModel


class Report(Protocol):
    """Called with how much of a step is done, how much there is (None: not known), and the step's name."""

    def __call__(self, done: int, total: int | None, what: str = ..., /) -> None: ...


def _noted(found: Iterable[Source | Refusal], under_way: deque[str]) -> Iterator[Source | Refusal]:
    """Yields what was found, and notes the place of each, since results come in the same order."""
    for each in found:
        under_way.append(each.place)
        yield each


def _silent(done: int, total: int | None, what: str = "") -> None:
    pass


class App:
    """One installation: asks, adds articles, and maintains the store.

    `say` gets lines for the user, and `progress` how far a long step has come. `today` gives the day from
    which "kemarin" in a question is counted, and `wording` the bot's own words around an answer. Not for
    several threads at once; close it when done. Methods raise KutipError.
    """

    def __init__(
        self,
        settings: Settings,
        say: Callable[[str], None] = lambda line: None,
        progress: Report = _silent,
        today: Callable[[], date] = date.today,
        wording: Phrases | None = None,
    ) -> None:
        self.settings = settings
        self._wording = wording or Phrases()
        self._today = today
        self._say = say
        self.progress = progress
        self._prepared = False
        self._archive = Part(lambda: Archive(settings.place))
        self._projections = Part(self._open_projections)
        self._reading = Part(lambda: Reader(self._lexicon, threads=settings.threads))
        self._writer = Part(self._open_writer)
        self._turns = Turns()
        self._shared = SharedReader(
            lambda: self._reader, self._turns, settings.readers, settings.threads, say
        )
        # Whether questions may be asked side by side; known once all that they need is open.
        self._side_by_side = False
        # What the chat model is used for; known once it is open.
        self._uses = Uses()
        share_heaps()

    # Asking and adding

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        partial: Callable[[Answer], None] = lambda answer: None,
        stop: threading.Event | None = None,
        today: date | None = None,
        step: Callable[[Step], None] = lambda step: None,
    ) -> Answer:
        """Answers from everything that was committed before the question. `history` has the earlier turns,
        for follow-up questions. `today` is the day on which it is asked, where that is not the installation's
        own. An engine that writes calls `partial` with the answer so far, after each claim, and
        `step` is told what begins; setting `stop` from another thread makes this raise Cancelled soon.
        """
        stop = stop or threading.Event()
        today = today or self._today()
        with self._turns.turn():
            self.prepare()
            from rag.answer import answer

            return answer(
                question, self.pipeline, history=history, today=today, stop=stop, partial=partial, step=step
            )

    def at_once(self, waiting: int) -> int:
        """How many questions may be asked at the same time, each in a thread of its own, where so many wait.

        Where they are many, reader processes are started, and from then on several may. A chat model, which
        uses every core or has a server of its own, answers one at a time.
        """
        return self._shared.at_once(waiting) if self._side_by_side else 1

    def example(self, language: Language | None = None) -> str | None:
        """A question that one of the newest articles answers, in `language` or the article's own; None where
        there is no article with a title. Needs the archive alone."""
        return newest_example(self.archive, language)

    def gloss(self, said: Answer, stop: threading.Event | None = None) -> Answer:
        """The answer with translations beside those quotes that are in the other language than the question.

        The same answer where there is no chat model. Raises Cancelled.
        """
        if self.writing is None:
            return said
        from rag.answer import gloss

        deadline = Deadline(self.writing.seconds, stop)
        with self._turns.turn():
            return replace(
                said, citations=gloss(said.citations, said.language, self.archive, self.writing, deadline)
            )

    def ingest(
        self,
        places: Sequence[str],
        stdin: BinaryIO | None = None,
        *,
        allow_local: bool = False,
        watching: bool = False,
    ) -> Iterator[Ingested]:
        """Adds what is at these places, then brings the indexes up to date unless another process will.

        `allow_local` lets web addresses lead to this machine and its network; `watching` tells an outage
        of a feed only once.
        """
        # Imported late, like Chroma, since no question needs it.
        from rag.cutting.article import Workers
        from rag.ingest import ingest
        from rag.load import sources
        from rag.load.fetch import Fetcher
        from rag.load.web import Web

        web = Web(Fetcher(allow_local), Feeds(self.archive), self._say, watching)
        found = sources(places, stdin if stdin is not None else sys.stdin.buffer, web)
        under_way: deque[str] = deque()
        workers = Workers(lambda: self._reader.pieces, self.settings.chunk_tokens)
        try:
            with keeping_up(lambda: self.projections):
                noted = _noted(found, under_way)
                for done in ingest(noted, self.archive, self.embedder, self._window, workers):
                    web.settled(under_way.popleft())
                    yield done
        finally:
            workers.close()
            web.close()
        self.project()

    def bring_back(self, id: str) -> bool:
        """Brings a removed article back as a new version with the same text; False where there is none.

        It is embedded again: removing it took its vectors.
        """
        from rag.ingest import ingest

        known = self.archive.known(id, None)
        article = self.archive.article(id, known.version) if known else None
        if known is None or article is None:
            return False
        if known.removed:
            fields = (article.id, article.url, article.title, article.published)
            for _ in ingest([Source(id, article.text, *fields)], self.archive, self.embedder, self._window):
                pass
            self.project()
        return True

    # Maintaining the store

    def project(self) -> None:
        """Brings the indexes up to the archive, unless their owner is another process, which will."""
        with self._turns.turn():
            try:
                self.projections.catch_up(self.progress)
            except StoreBusy:
                return
            finally:
                self._shared.rest()

    def prepare(self) -> None:
        """Opens everything that a question needs, so that the first one is as fast as the others."""
        # Reading and checking models and indexes leaves Python's lock free for much of the time.
        with ThreadPoolExecutor(1) as pool:
            models = pool.submit(self._open_models)
            self.projections.catch_up(self.progress)
            if not self._prepared:
                self.projections.warm()
                self._prepared = True
            if not self.projections.sound:
                # Found while it was warmed: the first question has the whole index.
                self.projections.catch_up(self.progress)
            models.result()
        check_embedder(self.archive, self.embedder)
        self._side_by_side = self.writing is None

    def rebuild(self, embed: bool = False) -> None:
        """Makes the indexes anew from the archive; with `embed`, the vectors too, by the embedder in use."""
        if embed:
            from bot.embedding import embed_again

            embed_again(self.archive, self.embedder, self.progress)
        self.projections.rebuild(self.progress)

    def backup(self, file: Path, replace: bool = False) -> tuple[int, int]:
        """Writes the archive to one file while it is in use; how many articles and chunks are in it."""
        from rag.store.backup import backup

        return backup(self.archive.place, file, replace)

    def restore(self, file: Path, replace: bool = False) -> tuple[int, int]:
        """Takes a backup's content in place of this store's, and builds the indexes from it.

        Raises InputError where the store has articles and `replace` is not set, StoreBusy while another
        process owns it.
        """
        from rag.store.backup import in_file, put_back, verify

        place, counts = in_file(self.archive.place), verify(file)
        if self.archive.counts()[0] and not replace:
            raise InputError("this store has articles", "`--force` replaces them with the backup's")
        self.projections.replace(lambda: put_back(file, place), self.progress)
        return counts

    def close(self, ending: bool = False) -> None:
        """Closes what was opened. A later use opens it again. `ending`: the process ends, and the system
        frees the reader's memory sooner than llama.cpp does."""
        reading = () if ending else (self._reading,)
        for part in (self._shared, self._projections, self._archive, *reading, self._writer):
            part.close()
        self._prepared = self._side_by_side = False

    # Parts, opened at first use

    @property
    def archive(self) -> Archive:
        """The truth: articles and what was made of them."""
        return self._archive.get()

    @property
    def projections(self) -> Projections:
        """Both indexes; raises StoreBusy while another process owns them."""
        return self._projections.get()

    def _open_projections(self) -> Projections:
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
            from rag.search.embed import StaticEmbedder

            return StaticEmbedder()
        from rag.reading.llama import LlamaEmbedder

        return LlamaEmbedder(
            self.settings.embedder,
            question_prefix=self.settings.embedder_question_prefix,
            passage_prefix=self.settings.embedder_passage_prefix,
            threads=self.settings.threads,
        )

    @property
    def pipeline(self) -> Pipeline:
        """What every question needs, with the settings and models in force."""
        return Pipeline(
            self.archive,
            self._search,
            self.engine,
            self._wording,
            self.settings.passages,
            self.settings.threshold,
            self.writing,
            whole=lambda: self.projections.whole,
            spelling=lambda text, code: understood(text, code, self.projections.lexical, self._lexicon),
            lexicon=self._lexicon,
        )

    @property
    def engine(self) -> Engine:
        """The engine that finds the sentences that answer: this process's reader, or reader processes."""
        return self._shared

    @property
    def writing(self) -> Writing | None:
        """The chat model that answers in place of the reader, where one is set and can be used."""
        writer = self._writer.get()
        if writer is None:
            return None
        how, found = self.settings, self._uses
        return Writing(
            *(writer, self._lexicon, how.model_seconds, how.gloss),
            when=how.model_when if found.answers else "never",
            first=how.model_first_seconds,
            into=found.into,
            follow_ups=found.follow_ups,
        )

    def _open_writer(self) -> ChatModel | RemoteModel | None:
        from bot.models import chosen, open_writer

        how = self.settings
        try:
            writer = open_writer(how)
        except ModelError as error:
            # The bot goes on answering without the chat model.
            self._say(f"{error}; the built-in reader answers")
            return None
        self._uses = uses(how, None if how.model_url else chosen(how))
        return writer

    def _open_models(self) -> None:
        from rag import answer  # noqa: F401  so that the first question does not wait for it

        _ = self._reader, self.embedder

    @property
    def _reader(self) -> Reader:
        return self._reading.get()

    @property
    def _search(self) -> Search:
        projections = self.projections
        return Search(projections, projections, self.embedder, self._lexicon, self.archive.vectors)

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon.load()

    @cached_property
    def _window(self) -> Window:
        from rag.cutting.article import Window

        def count(text: str) -> int:
            # The reader, whose tokens cutting needs, is opened only when there is something new to cut.
            return self._counting.count(text)

        return Window(count, self.settings.chunk_tokens)

    @cached_property
    def _counting(self) -> Window:
        from rag.cutting.article import reading_window

        return reading_window(self._reader.pieces, self.settings.chunk_tokens)
