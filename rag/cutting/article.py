"""Turns an article into what is stored: clean text, language, sentences, chunks and terms. Pure. This is most
of the work of adding an article, so other processes do it for a long input.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import pickle
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from rag.cutting.chunks import chunk
from rag.cutting.clean import clean
from rag.text.encoding import encoding
from rag.text.language import detect
from rag.text.sentences import split
from rag.text.terms import terms
from rag.text.wordpiece import PASSAGE_TOKENS, WordPiece
from rag.types import Chunk, Language, Removed, Sentence, Source

MOST_PROCESSES = 8
"""Processes that cut articles at once, at most: more would only wait for Chroma, which follows in
this one."""


@dataclass(frozen=True, slots=True)
class Window:
    """How long a chunk may be: `count` counts a text's tokens, `limit` is the most a chunk has."""

    count: Callable[[str], int]
    limit: int

    def fits(self, text: str) -> bool:
        """Whether a text alone stays within the limit."""
        # A code point has at most four bytes and a token at least one: short text needs no counting.
        return len(text) * 4 <= self.limit or self.count(text) <= self.limit


def reading_window(pieces: WordPiece, limit: int) -> Window:
    """A window for chunks of at most `limit` tokens of the shipped encoding that also fit the reader's
    window."""
    tokens = encoding()

    # A sentence is counted when it is split off, and again when chunks are made of it.
    @lru_cache(maxsize=1024)
    def count(text: str) -> int:
        own = len(tokens.encode_ordinary(text))
        return max(own, math.ceil(pieces.count(text) * limit / PASSAGE_TOKENS))

    return Window(count, limit)


@dataclass(frozen=True, slots=True)
class Cut:
    """The result for an article; without sentences where its text has none."""

    text: str
    removed: tuple[Removed, ...]
    language: Language
    sentences: Sequence[Sentence]
    chunks: Sequence[Chunk]
    terms: Sequence[str]
    """Of each chunk, as `rag.text.terms` makes them."""

    def __reduce__(self) -> tuple[object, ...]:
        # Between processes, places go as plain numbers: pickling each object takes several times as long.
        id = self.sentences[0].article_id if self.sentences else ""
        places = [(sentence.start, sentence.end) for sentence in self.sentences]
        ranges = [(chunk.first_sentence, chunk.last_sentence) for chunk in self.chunks]
        return _unpacked, (id, places, ranges, self.text, self.removed, self.language, self.terms)

    def stretch(self, chunk: Chunk) -> str:
        """A chunk's part of the text."""
        return self.text[self.sentences[chunk.first_sentence].start : self.sentences[chunk.last_sentence].end]


def _unpacked(
    id: str,
    places: Sequence[tuple[int, int]],
    ranges: Sequence[tuple[int, int]],
    text: str,
    removed: tuple[Removed, ...],
    language: Language,
    terms: Sequence[str],
) -> Cut:
    sentences = [Sentence(id, number, *place) for number, place in enumerate(places)]
    chunks = [Chunk(id, number, *range_) for number, range_ in enumerate(ranges)]
    return Cut(text, removed, language, sentences, chunks, terms)


def cut(source: Source, window: Window) -> Cut:
    """`source` has its id, and as its text what `rag.cutting.clean.normalise` gave."""
    body, removed = clean(source.text)
    sentences = split(body, source.id or "", window.fits)
    chunks = chunk(body, sentences, window.count, window.limit)
    found = Cut(body, removed, detect(body), sentences, chunks, ())
    made = [terms(found.stretch(each), found.language, source.title, source.published) for each in chunks]
    return replace(found, terms=made)


class Workers:
    """Processes that cut, as many as there are other cores; started at the first use.

    What goes to and fro are the names of files: a pipe holds 64 KB and moves on only when this process has
    Python's lock, which Chroma holds for as long as it adds, so that a worker would stand still meanwhile.
    """

    def __init__(self, pieces: Callable[[], WordPiece], limit: int) -> None:
        """`pieces` is called when there is work, so that no model is read where nothing is new."""
        self._pieces, self._limit = pieces, limit
        self._submitted = 0

    def submit(self, sources: Sequence[Source]) -> Cutting | None:
        """As `cut` takes them. None where the processes have ended or cannot be started, or where there is no
        room for the files."""
        try:
            path = self._folder / str(self._submitted)
            self._submitted += 1
            path.write_bytes(pickle.dumps(sources))
            return Cutting(path, self._pool.submit(_cut_file, path))
        except (BrokenExecutor, OSError):
            return None

    def close(self) -> None:
        """Ends the processes."""
        if "_pool" in self.__dict__:
            self.__dict__.pop("_pool").shutdown(cancel_futures=True)
        if "_folder" in self.__dict__:
            shutil.rmtree(self.__dict__.pop("_folder"), ignore_errors=True)

    @cached_property
    def _pool(self) -> ProcessPoolExecutor:
        number = max(1, min((os.cpu_count() or 2) - 1, MOST_PROCESSES))
        # Spawned, since a fork would copy the locks of Chroma's and tantivy's threads.
        context = multiprocessing.get_context("spawn")
        # A spawned Python would look for modules in the working folder. `putenv` tells it without changing
        # what this process sees.
        os.putenv("PYTHONSAFEPATH", "1")
        # By a file, too: where a new process dies before it has read more than a pipe holds, the parent
        # would write for ever (CPython's `popen_spawn_posix`).
        (self._folder / _VOCABULARY).write_text("\n".join(self._pieces().vocabulary), encoding="utf-8")
        return ProcessPoolExecutor(number, context, _start, (self._folder, self._limit))

    @cached_property
    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="kutip-"))


@dataclass(frozen=True, slots=True)
class Cutting:
    """Sources that a worker cuts, or will."""

    path: Path
    future: Future[None]

    def done(self) -> bool:
        """Whether the worker has finished."""
        return self.future.done()

    def cancel(self) -> bool:
        """Takes the sources back; False if a worker has begun."""
        if not self.future.cancel():
            return False
        self.path.unlink(missing_ok=True)
        return True

    def result(self) -> list[Cut]:
        """The results. Raises BrokenExecutor or OSError where the worker has ended, or found no room."""
        self.future.result()
        found: list[Cut] = pickle.loads(self.path.read_bytes())
        self.path.unlink(missing_ok=True)
        return found


_VOCABULARY = "vocabulary"
"""The file in the workers' folder with the reader's vocabulary, a token a line."""
_window: Window | None = None
"""The window of a worker; None in the parent."""


def _start(folder: Path, limit: int) -> None:
    global _window  # noqa: PLW0603  what a pool's initializer makes has no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C, and ends the pool
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    vocabulary = (folder / _VOCABULARY).read_text(encoding="utf-8").split("\n")
    _window = reading_window(WordPiece(vocabulary), limit)


def _end_with_parent(folder: Path) -> None:
    """A parent that was killed can neither end its workers nor take its files away."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)


def _cut_file(path: Path) -> None:
    """Replaces the sources in a file by the results."""
    assert _window is not None
    found = [cut(source, _window) for source in pickle.loads(path.read_bytes())]
    path.write_bytes(pickle.dumps(found))
