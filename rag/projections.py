"""The vectors and the lexical index as projections of the archive, owned by one process at a time.

    projections/lock          held by the owner; `owner` names it
    projections/current       the generation in use
    projections/<generation>/ chroma/ and lexical/
    projections/<generation>.json  the change number that both have reached, and the files of a clean close

A projection catches up by taking the chunks that came or went since that number. Applying them twice
changes nothing, so the number is written after both. A generation that is not sound (`rag.soundness`) is
replaced by a new one built from the archive, without embedding.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from rag.archive import Archive
from rag.errors import StoreBusy, StoreError, Unreachable
from rag.lexical import FORMAT, Entry, LexicalIndex
from rag.soundness import Record, compare, probe, record, unchanged
from rag.types import Passage
from rag.vectors import VectorIndex

BATCH = 2_000
"""Chunks a step while catching up: under Chroma's 5,461, and little memory."""

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is."""


def _silent(done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class _State:
    change: int
    embedder: str | None
    clean: bool
    """Closed as it should be: `files` are those that the close left."""
    format: int = FORMAT
    files: Record = field(default_factory=dict)


class Projections:
    """Both indexes, opened under the lock. Raises StoreBusy where another process owns them."""

    def __init__(
        self,
        folder: Path,
        archive: Archive,
        *,
        chroma_url: str | None = None,
        say: Callable[[str], None] = lambda line: None,
        progress: Progress = _silent,
    ) -> None:
        self._folder = folder
        self._archive = archive
        self._url = chroma_url
        self._lock = FileLock(folder / "lock")
        self._fresh = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise StoreBusy(
                f"the store is in use by {_owner(folder)}",
                "ask there, or end it; articles can be added meanwhile",
            ) from error
        except OSError as error:
            raise StoreError(f"the store's folder {folder} cannot be used ({error})") from error
        try:
            command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
            (folder / "owner").write_text(f"process {os.getpid()} ({command})", encoding="utf-8")
            self._sweep()
            try:
                self._choose(self._current() or self._new_generation())
                closed = self._state.clean
                self._check()
                self._open()
                self._check_open(closed)
            except Unreachable:
                raise
            except StoreError as error:
                say(f"The search index is rebuilt from the archive ({error.message}).")
                self.rebuild(progress)
                self._fresh = True
        except BaseException:
            self._lock.release()
            raise

    @property
    def vectors(self) -> VectorIndex:
        """Chroma, as far as `catch_up` has brought it."""
        return self._vectors

    @property
    def lexical(self) -> LexicalIndex:
        """The lexical index, as far as `catch_up` has brought it."""
        return self._lexical

    def lag(self) -> int:
        """How many commits the archive is ahead."""
        return self._archive.change() - self._state.change

    def catch_up(self, progress: Progress = _silent) -> int:
        """Takes what the archive has committed since the last time; returns how many chunks came."""
        target = self._archive.change()
        if target == self._state.change:
            return 0
        self._fresh = False
        gone = self._archive.gone_since(self._state.change)
        total, done = self._archive.count_since(self._state.change), 0
        self._vectors.apply(gone, [], np.empty((0, 0), np.float32))
        self._lexical.apply(gone, [])
        for keys in self._archive.added_since(self._state.change, target, BATCH):
            chunks = self._archive.passages(keys)
            vectors = self._archive.vectors(keys)
            # A chunk may have gone since `keys` was read; the next time removes it.
            chunks = [chunk for chunk in chunks if chunk.key in vectors]
            if chunks:
                self._vectors.apply([], [c.key for c in chunks], np.stack([vectors[c.key] for c in chunks]))
                self._lexical.apply([], map(_entry, chunks))
            done += len(keys)
            progress(done, total)
        self._write_state(target, clean=False)
        return done

    def rebuild(self, progress: Progress = _silent) -> None:
        """Builds a new generation from the archive and swaps it in."""
        if self._fresh:
            # Just built while it was opened: nothing would differ.
            return
        old = self._current()
        self._close_indexes()
        self._choose(self._new_generation(use=False))
        self._open()
        self.catch_up(progress)
        _replace(self._folder / "current", self._generation)
        if old and old != self._generation:
            self._discard(old)

    def close(self) -> None:
        """Closes both indexes and lets the next owner in."""
        if self._lock.is_locked:
            self._close_indexes()
            self._write_state(self._state.change, clean=True)
            (self._folder / "owner").unlink(missing_ok=True)
            self._lock.release()

    # Inside

    def _choose(self, generation: str) -> None:
        self._generation = generation
        self._state = _read_state(self._folder / generation)

    def _open(self) -> None:
        # From here on a killed process leaves no record of the files.
        self._write_state(self._state.change, clean=False)
        folder = self._folder / self._generation
        self._lexical = LexicalIndex(folder / "lexical")
        self._vectors = VectorIndex(self._url or folder / "chroma", self._collection(self._generation))

    def _close_indexes(self) -> None:
        for name in ("_lexical", "_vectors"):
            index = self.__dict__.pop(name, None)
            if index is not None:
                index.close()

    def _check(self) -> None:
        """Raises StoreError where the present generation cannot be trusted or brought up to date."""
        folder, state = self._folder / self._generation, self._state
        if state.change and state.embedder != self._archive.embedder():
            raise StoreError("its vectors come from another embedder")
        if state.change and state.format != FORMAT:
            raise StoreError("it was made by another version of Kutip")
        if state.change > self._archive.change():
            raise StoreError("it is ahead of the archive, which was replaced by an older one")
        if state.clean:
            if not unchanged(folder, state.files):
                raise StoreError("its files were changed or lost since it was closed")
        elif self._url is None and (wrong := self._probe()):
            raise StoreError(wrong)

    def _probe(self) -> str | None:
        folder = self._folder / self._generation
        return probe(folder, self._archive.path, self._collection(self._generation), self._state.change)

    def _check_open(self, closed: bool) -> None:
        """Raises StoreError where the open indexes lack something that no record or probe has told."""
        if self._url is not None and not closed:
            compare(self._vectors, self._lexical, self._archive, self._state.change)
        elif not self.lag():
            number = self._archive.count_until(self._state.change)
            if not self._vectors.count() == self._lexical.count() == number:
                raise StoreError("it does not hold the archive's chunks")

    def _collection(self, generation: str) -> str:
        return f"kutip-{self._archive.id()}-{generation}"

    def _current(self) -> str | None:
        try:
            name = (self._folder / "current").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if name and (self._folder / name).is_dir() else None

    def _new_generation(self, use: bool = True) -> str:
        name = f"g{uuid.uuid4().hex[:12]}"
        (self._folder / name).mkdir()
        if use:
            _replace(self._folder / "current", name)
        return name

    def _sweep(self) -> None:
        """Removes generations that a rebuild which did not end left behind."""
        current = self._current()
        for path in self._folder.glob("g*"):
            if path.stem != current:
                self._forget(path.stem)

    def _discard(self, generation: str) -> None:
        if self._url is not None:
            index = VectorIndex(self._url, self._collection(generation))
            index.drop()
            index.close()
        self._forget(generation)

    def _forget(self, generation: str) -> None:
        shutil.rmtree(self._folder / generation, ignore_errors=True)
        (self._folder / f"{generation}.json").unlink(missing_ok=True)

    def _write_state(self, change: int, clean: bool) -> None:
        folder, known = self._folder / self._generation, self._state.files
        files = record(folder, known) if clean else known
        self._state = _State(change, self._archive.embedder(), clean, FORMAT, files)
        _replace(self._folder / f"{self._generation}.json", json.dumps(asdict(self._state)))


def _entry(chunk: Passage) -> Entry:
    article = chunk.article
    return Entry(chunk.key, article.language, chunk.text, article.title, article.published)


def _read_state(folder: Path) -> _State:
    try:
        state = json.loads(folder.with_suffix(".json").read_text(encoding="utf-8"))
        return _State(
            int(state["change"]),
            state["embedder"],
            bool(state["clean"]),
            int(state["format"]),
            state["files"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        # From the start again: what is there already is replaced by the same.
        return _State(0, None, clean=not any(folder.iterdir()))


def _replace(path: Path, text: str) -> None:
    """Writes a small file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def _owner(folder: Path) -> str:
    try:
        return (folder / "owner").read_text(encoding="utf-8") or "another process"
    except (OSError, UnicodeDecodeError):
        return "another process"
