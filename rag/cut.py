"""An article -> what is stored of it: cleaned, its language told, cut into sentences, chunks and terms.

Pure, and most of what adding an article costs; so a long input is cut in processes of their own.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import IO

from rag.chunks import chunk
from rag.clean import clean
from rag.encoding import encoding
from rag.language import detect
from rag.reader import PASSAGE_TOKENS
from rag.sentences import split
from rag.terms import terms
from rag.types import Chunk, Language, Removed, Sentence, Source
from rag.wordpiece import WordPiece

MOST_PROCESSES = 8


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
    """Chunks of at most `limit` of our own tokens that fit the reader's window in its own, too."""
    tokens = encoding()

    # A sentence is counted when it is split off, and again when chunks are made of it.
    @lru_cache(maxsize=1024)
    def count(text: str) -> int:
        own = len(tokens.encode_ordinary(text))
        return max(own, math.ceil(pieces.count(text) * limit / PASSAGE_TOKENS))

    return Window(count, limit)


@dataclass(frozen=True, slots=True)
class Cut:
    """What an article's text became; no sentences where nothing of it is an article's."""

    text: str
    removed: tuple[Removed, ...]
    language: Language
    sentences: Sequence[Sentence]
    chunks: Sequence[Chunk]
    terms: Sequence[str]
    """Of each chunk, as `rag.terms` makes them."""

    def stretch(self, chunk: Chunk) -> str:
        """A chunk's part of the text."""
        return self.text[self.sentences[chunk.first_sentence].start : self.sentences[chunk.last_sentence].end]


def cut(source: Source, window: Window) -> Cut:
    """`source` has its id, and as its text what `rag.clean.normalise` gave."""
    body, removed = clean(source.text)
    sentences = split(body, source.id or "", window.fits)
    chunks = chunk(body, sentences, window.count, window.limit)
    found = Cut(body, removed, detect(body), sentences, chunks, ())
    made = [terms(found.stretch(each), found.language, source.title, source.published) for each in chunks]
    return replace(found, terms=made)


class Workers:
    """Processes that cut, as many as there are other cores; started at the first use."""

    def __init__(self, pieces: WordPiece, limit: int) -> None:
        self._pieces, self._limit = pieces, limit

    def submit(self, sources: Sequence[Source]) -> Future[list[Cut]] | None:
        """As `cut` takes them. None where the processes have ended or cannot be started, and a result of
        BrokenExecutor where they end before it is done."""
        try:
            return self._pool.submit(_cut_all, sources)
        except (BrokenExecutor, OSError):
            return None

    def close(self) -> None:
        """Ends the processes."""
        if "_pool" in self.__dict__:
            self.__dict__.pop("_pool").shutdown(cancel_futures=True)
        if "_vocabulary" in self.__dict__:
            self.__dict__.pop("_vocabulary").close()

    @cached_property
    def _pool(self) -> ProcessPoolExecutor:
        number = max(1, min((os.cpu_count() or 2) - 1, MOST_PROCESSES))
        # Spawned, since a fork would copy the locks of Chroma's and tantivy's threads.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(number, context, _start, (self._vocabulary.name, self._limit))

    @cached_property
    def _vocabulary(self) -> IO[bytes]:
        """A file, since what is handed to a new process goes through a pipe: where one that dies before it
        has read more than a pipe holds, the parent would write for ever (CPython's `popen_spawn_posix`)."""
        file = tempfile.NamedTemporaryFile(prefix="kutip-", suffix=".vocabulary")  # noqa: SIM115  until `close`
        file.write("\n".join(self._pieces.vocabulary).encode())
        file.flush()
        return file


_window: Window | None = None
"""A worker's own; the parent has none."""


def _start(vocabulary: str, limit: int) -> None:
    global _window  # noqa: PLW0603  what a pool's initializer makes has no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends the pool
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _window = reading_window(WordPiece(Path(vocabulary).read_text(encoding="utf-8").split("\n")), limit)


def _end_with_parent() -> None:
    """A parent that was killed cannot end its workers."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _cut_all(sources: Sequence[Source]) -> list[Cut]:
    assert _window is not None
    return [cut(source, _window) for source in sources]
