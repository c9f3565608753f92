"""The vector index and the lexical index, kept up to date with the archive by one process at a time.

Both are projections of the archive: they are made from it, and can be made again. `rag.store.ownership` says
which process owns their folder, and `rag.store.generations` what is in it. To catch up, each index applies,
in its own thread, the chunks that came or went since the last time, and records after each batch how far it
is. Applying a chunk twice changes nothing. If a generation is damaged (`rag.store.soundness`) or a search has
failed, a new generation is built from the archive, without embedding. While a Chroma server does not answer
(`rag.store.link`), only the lexical index is searched.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import islice
from pathlib import Path
from time import time

import numpy as np

from rag.errors import DatabaseError, DiskFull, StoreError, Unreachable, store_error
from rag.search.query import Query
from rag.store.archive import Archive
from rag.store.backup import sweep
from rag.store.generations import NAMES, Generations, Name, State
from rag.store.lexical import LexicalIndex, entries, verify
from rag.store.link import Link
from rag.store.ownership import Ownership
from rag.store.soundness import Mark, compare, due, inspect_files, record, unchanged
from rag.store.vectors import VectorIndex
from rag.text.terms import FORMAT
from rag.types import Vectors

BATCH = 2_000
"""Chunks a step while catching up: fewer than Chroma's 5,461, and little memory."""
ALL: Mapping[Name, int] = {}
"""For `catch_up`: neither index waits for more chunks."""
Progress = Callable[[int, int], None]
"""Called with the number of chunks that are done, and the number of all."""


def _silent(done: int, total: int) -> None: ...


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
        self._archive = archive
        self._url = chroma_url
        self._fresh = False
        self._say = say
        self._writing = threading.Lock()
        self._stopping = threading.Event()
        self._failed = False
        self._unsound: tuple[Name, StoreError] | None = None
        self._looked = time()
        self._ownership = Ownership(folder)
        self._folder = self._ownership.folder
        self._generations = Generations(self._folder)
        if self._ownership.copied:
            say("The store can only be read: questions are answered, and nothing can be added.")
        try:
            self._generations.sweep()
            if not archive.read_only:
                sweep(archive.place)
            try:
                self._choose(self._generations.named("current") or self._generations.begin("current"))
                self._check_and_open()
            except (DiskFull, DatabaseError):
                raise
            except StoreError as error:
                self._rebuild_for(error, progress)
        except BaseException as error:
            self._ownership.release()
            if isinstance(error, OSError):
                message = f"the store's folder {folder} cannot be used ({error})"
                raise store_error(message, folder, cause=error) from error
            raise

    @property
    def vectors(self) -> VectorIndex:
        """The vector index, as far as it has caught up. Raises Unreachable where its server is away."""
        return self._link.index

    @property
    def lexical(self) -> LexicalIndex:
        """The lexical index as far as it has caught up."""
        return self._lexical

    @property
    def whole(self) -> bool:
        """False while the vectors cannot be searched: the index failed, or its server is away or behind."""
        if self._unsound is not None and self._unsound[0] == "vectors":
            return False
        return self._link.up and self._state.marks["vectors"].change == self._state.marks["lexical"].change

    @property
    def sound(self) -> bool:
        """False from a failed search until the indexes are built again."""
        return self._unsound is None

    def query(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """The nearest chunks, by cosine similarity; none while the server is away or the index fails."""
        return self._asked("vectors", lambda: self._link.query(vector, limit, lambda: self.whole))

    def search(self, query: Query, limit: int) -> list[tuple[int, float]]:
        """The chunks that match best, by BM25; none where the index fails."""
        return self._asked("lexical", lambda: self._lexical.search(query, limit))

    def count(self) -> int:
        """How many chunks the lexical index holds."""
        return self._lexical.count()

    def warm(self) -> None:
        """Makes Chroma read its graph into memory, so that the first query does not wait for it."""
        for keys in islice(self._archive.added_since(0, self._archive.change(), 1), 1):
            for vector in self._archive.vectors(keys).values():
                self.query(vector, 1)

    def lag(self) -> int:
        """How many commits the archive is ahead."""
        return self._archive.change() - min(
            self._state.marks["lexical"].change, self._state.marks["vectors"].change
        )

    def catch_up(self, progress: Progress = _silent, least: Mapping[Name, int] = ALL) -> int:
        """Takes what the archive has committed since the last time; returns how many chunks came.

        While more is still coming in, `least` says for how many chunks each of the two waits. An index that
        cannot be written is built again. Raises DiskFull, DatabaseError where the archive cannot be read, and
        StoreError where building did not help either; what was taken stays taken.
        """
        try:
            self._look_at_files()
            return self._catch_up(progress, least)
        except DatabaseError:
            raise  # of the archive's, and not of an index: what was taken stays taken
        except DiskFull:
            self._failed = True
            raise
        except StoreError as error:
            self._failed = True
            number = self._archive.count_after(0)
            self._rebuild_for(error, progress)
            return number

    def _catch_up(self, progress: Progress, least: Mapping[Name, int] = ALL) -> int:
        target = self._archive.change()
        self._link.retry()
        marks = self._state.marks
        there: Sequence[Name] = NAMES if self._link.up else ("lexical",)
        waiting = {
            name: self._archive.count_after(marks[name].change, marks[name].key)
            for name in there
            if marks[name] != Mark(target)
        }
        behind = [name for name, count in waiting.items() if count >= least.get(name, 0)]
        if not behind:
            return 0
        self._fresh = False
        total = sum(waiting[name] for name in behind)
        counting, done = threading.Lock(), 0

        def took(count: int) -> None:
            nonlocal done
            with counting:
                done += count
                progress(done // len(behind), total // len(behind))

        # tantivy's own work leaves Python's lock free, so that it goes on beside Chroma's, which does not.
        self._stopping.clear()
        with ThreadPoolExecutor(len(behind)) as pool:
            try:
                going = [pool.submit(self._advance, name, target, took) for name in behind]
                # A signal that another thread receives wakes no lock that this one waits for.
                while wait(going, timeout=0.1).not_done:
                    pass
            except BaseException:
                # Ctrl-C, while threads are being started too: they stop after the batch that they are at.
                self._stopping.set()
                raise
        for each in going:
            each.result()
        return done // len(behind)

    def rebuild(self, progress: Progress = _silent) -> None:
        """Builds a new generation from the archive and swaps it in; one that was stopped goes on."""
        if self._fresh:
            return  # it was built when this was opened
        old = self._generations.named("current")
        self._close_indexes()
        self._begin_next()
        self._failed, self._unsound = False, None
        self._catch_up(progress)
        if not self.whole:
            raise Unreachable(f"Chroma at {self._url} does not answer", "start it and run it again")
        self._generations.use(self._generation)
        if old and old != self._generation:
            self._discard(old)

    def replace(self, change: Callable[[], None], progress: Progress = _silent) -> None:
        """Runs `change`, which puts other content into the archive, and builds both indexes from it.

        The present indexes are deleted first, so that a crash never leaves them beside other content.
        """
        self._close_indexes()
        for generation in filter(None, (self._generations.named("next"), self._generation)):
            self._discard(generation)
        self._choose(self._generations.begin("current"))
        self._open()
        change()
        self._fresh, self._failed, self._unsound = False, False, None
        self._catch_up(progress)

    def close(self) -> None:
        """Closes both indexes and gives the folder up."""
        if self._ownership.held:
            try:
                self._close_indexes()
                # The next start checks what a failed write or search has left.
                self._write_state(clean=not self._failed)
            except OSError:
                # A full disk: the next owner checks the files, since no clean close is on record.
                pass
            finally:
                self._ownership.release()

    # Inside

    def _asked(self, name: Name, ask: Callable[[], list[tuple[int, float]]]) -> list[tuple[int, float]]:
        """Queries an index. If it fails, the other one answers alone, and this one is built again."""
        try:
            return ask()
        except StoreError as error:
            if self._unsound is None:
                self._say(f"The search index fails and is built again ({error.message}).")
            self._unsound, self._failed = (name, error), True
            return []

    def _look_at_files(self) -> None:
        """Raises StoreError where a search has failed; once a day also where a file was damaged."""
        if self._unsound is not None:
            raise self._unsound[1]
        if due(self._looked):
            verify(self._generations.path(self._generation) / "lexical")
            self._looked = time()

    def _rebuild_for(self, error: StoreError, progress: Progress) -> None:
        self._say(f"The search index is rebuilt from the archive ({error.message}).")
        self.rebuild(progress)
        self._fresh = True

    def _advance(self, name: Name, target: int, took: Callable[[int], None], again: bool = True) -> None:
        """Brings one projection to `target`."""
        mark = self._state.marks[name]
        try:
            self._apply(name, self._archive.gone_since(mark.change), [])
            for keys in self._archive.added_since(mark.change, target, BATCH, mark.key):
                self._apply(name, [], keys)
                self._write_state(name, Mark(mark.change, keys[-1]))
                took(len(keys))
                if self._stopping.is_set():
                    return
            self._write_state(name, Mark(target))
        except Unreachable as error:
            if self._link.lose(error) and again:
                self._advance(name, target, took, again=False)
        except OSError as error:
            message = f"the store's folder {self._folder} cannot be written ({error})"
            raise store_error(message, self._folder) from error

    def _apply(self, name: Name, gone: Sequence[int], keys: Sequence[int]) -> None:
        # A chunk may have gone since `keys` was read; the next time removes it.
        if name == "lexical":
            self._lexical.apply(gone, entries(self._archive, keys))
        else:
            found = self._archive.vectors(keys)
            rows = np.stack([found[key] for key in keys if key in found]) if found else np.empty((0, 0))
            self.vectors.apply(gone, [key for key in keys if key in found], rows.astype(np.float32))

    def _choose(self, generation: str) -> None:
        self._generation = generation
        self._state = self._generations.state(generation, FORMAT)

    def _check_and_open(self) -> None:
        """Raises StoreError where the generation cannot be trusted or brought up to date."""
        closed = self._state.clean
        self._check()
        self._open()
        self._check_server(closed)

    def _begin_next(self) -> None:
        """Opens the generation that a rebuild makes: one that was begun and is sound, else a new one."""
        if begun := self._generations.named("next"):
            self._choose(begun)
            try:
                self._check_and_open()
                return
            except (DiskFull, DatabaseError):
                raise
            except StoreError:
                self._close_indexes()
                self._discard(begun)
        self._choose(self._generations.begin("next"))
        self._open()

    def _open(self) -> None:
        # From here on a killed process leaves no record of the files.
        self._write_state(clean=False)
        folder = self._generations.path(self._generation)
        self._lexical = LexicalIndex(folder / "lexical")
        place, name = self._url or folder / "chroma", self._collection(self._generation)
        self._link = Link(place, name, self._say, self._came_back)

    def _came_back(self, vectors: VectorIndex) -> None:
        """Gives a server that came back with fewer vectors all of them again."""
        if vectors.count() < self._archive.count_until(self._state.marks["vectors"].change):
            self._write_state("vectors", Mark())

    def _close_indexes(self) -> None:
        if (lexical := self.__dict__.pop("_lexical", None)) is not None:
            lexical.close()
        if (link := self.__dict__.pop("_link", None)) is not None:
            link.close()

    def _check(self) -> None:
        """Raises StoreError where the present generation cannot be trusted or brought up to date."""
        folder, state = self._folder / self._generation, self._state
        state.check(self._archive.embedder(), FORMAT, self._archive.change(), self._archive.id())
        if state.clean:
            whole = due(state.checked)
            if not unchanged(folder, state.files, whole):
                raise StoreError("its files were changed or lost since it was closed")
            if whole:
                self._state = replace(state, checked=time())
        elif self._url is None:
            name = self._collection(self._generation)
            if wrong := inspect_files(folder, self._archive.place, name, *self._reached()):
                raise store_error(wrong, folder)

    def _reached(self) -> tuple[Mark, Mark]:
        return self._state.marks["lexical"], self._state.marks["vectors"]

    def _check_server(self, closed: bool) -> None:
        """Raises StoreError where a server lacks something: no record of files and no probe tells that."""
        if self._url is None or not self._link.up:
            return
        try:
            if not closed:
                compare(self.vectors, self._lexical, self._archive, *self._reached())
            elif self.vectors.count() < self._archive.count_until(self._state.marks["vectors"].change):
                raise StoreError("it does not hold the archive's chunks")
        except Unreachable as error:
            self._link.lose(error)

    def _collection(self, generation: str) -> str:
        return f"kutip-{self._archive.id()}-{generation}"

    def _discard(self, generation: str) -> None:
        if self._url is not None:
            try:
                index = VectorIndex(self._url, self._collection(generation))
                index.drop()
                index.close()
            except Unreachable:
                pass  # its collection stays on the server
        self._generations.forget(generation)

    def _write_state(self, name: Name | None = None, mark: Mark | None = None, clean: bool = False) -> None:
        with self._writing:
            known, marks = self._state.files, dict(self._state.marks)
            if name is not None and mark is not None:
                marks[name] = mark
            files = record(self._generations.path(self._generation), known) if clean else known
            # The first record of a generation reads every file.
            checked = self._state.checked or (time() if clean and not known else 0.0)
            made_from = self._archive.embedder(), clean, FORMAT, files, checked, self._archive.id()
            self._state = State(marks, *made_from)
            self._generations.store(self._generation, self._state)
