"""Whether the projections' files are sound. A child process finds out, where a crash does no harm.

Chroma's files were seen to break for good when a process was killed while it wrote, and a broken one can
end the process that opens it or that adds to it. No process opens a graph that leads out of its own memory
(`rag.store.graph`). What else may be wrong is found here: a clean close records every file; only where that
record is missing does a child process open the indexes, compare them with the archive, and add to a copy of
Chroma's.
"""

from __future__ import annotations

import hashlib
import math
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time

import numpy as np

from rag.children import command, environment
from rag.errors import DatabaseAway, DatabaseError, DiskFull, StoreError
from rag.store.archive import Archive
from rag.store.database.place import Place, Server
from rag.store.lexical import LexicalIndex, verify
from rag.store.vectors import VectorIndex
from rag.types import Vectors

Record = dict[str, list[int | str]]
"""For each file under a folder: its size, when its content and when anything of it changed (in ns), and its
SHA-256. A program can set the first of the times back, and not the second."""
CHECK_SECONDS = 86_400.0
"""Seconds for which files that look unchanged are trusted: a disk may also lose what nobody writes to."""

SECONDS = 600.0
"""Seconds that a check may take: 100,000 chunks take a few, and a copy of them as long."""
_NOT_SOUND, _AWAY = 3, 4
"""The exit statuses of a child that found damage, and of one that could not reach the archive's database."""
_PAGE = 5_000
"""Vectors that are compared at once."""
_LAST = 2_000
"""How many of the newest chunks are searched for: a kill can leave them out of Chroma's graph."""
_ADDED = 3
"""Vectors that are added to a copy."""
_NEAREST = 10
"""Neighbours among which a chunk is looked for."""
_LARGE, _UNFOUND = 8_000, 0.02
"""Beyond this many chunks a share may stay unfound. Up to here a sound graph finds each chunk by its own
vector; one of 104,000 leads misses 1 of the newest 2,000 and 15 of any 2,000, however far it looks."""
_NOISE = 0.1
"""How far an added vector lies from the stored one."""
_ROOM = 64 << 20
"""Bytes that a copy of Chroma's files may grow by."""
_ENDED = -signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP
"""Statuses of a child that somebody stopped, which say nothing about the files."""
_SAME = 1e-3
"""How far apart two vectors of the same text are at most, by their cosine."""
_EXACT = 1e-6
"""How far a number of a stored vector may be off: Chroma keeps 32 bits of each."""


def record(folder: Path, known: Record | None = None) -> Record:
    """Every file under a folder; a file that is as in `known` is not read again."""
    found: Record = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name, looks = str(path.relative_to(folder)), appearance(path)
            old = (known or {}).get(name)
            if old and old[:-1] == looks:
                found[name] = old
            else:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                found[name] = [*looks, digest]
    return found


def appearance(path: Path) -> list[int | str]:
    """Size and times of a file, which can be seen without reading it."""
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]


def unchanged(folder: Path, known: Record, whole: bool = False) -> bool:
    """Whether the files are those of the record; one that looks different is read, with `whole` each one."""
    now = record(folder, None if whole else known)
    return {name: row[-1] for name, row in now.items()} == {name: row[-1] for name, row in known.items()}


def due(checked: float) -> bool:
    """Whether files that were last read at this time, in seconds since 1970, must be read again."""
    # They must, too, after the clock was set back.
    return not 0 <= time() - checked <= CHECK_SECONDS


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a projection is: it has everything until `change`, and of later chunks those up to `key`."""

    change: int = 0
    key: int = 0


def inspect_files(folder: Path, archive: Place, collection: str, lexical: Mark, vectors: Mark) -> str | None:
    """Opens both indexes of a generation in a child process and compares them with the archive as far as they
    have come. Returns None where they are sound, else what is wrong with them. Raises DatabaseAway."""
    with ExitStack() as stack:
        try:
            # Beside the generation and not in a /tmp of memory; `Generations.sweep` takes what a kill leaves.
            copy = stack.enter_context(
                TemporaryDirectory(prefix="gtrial-", dir=folder.parent, ignore_cleanup_errors=True)
            )
        except OSError:
            copy = ""
        # Everybody on the machine can read a command, so the address of a database is not in it.
        given = archive.url if isinstance(archive, Server) else ""
        started = command(
            "rag.store.soundness",
            str(folder),
            "" if given else str(archive),
            copy,
            collection,
            *(str(number) for mark in (lexical, vectors) for number in (mark.change, mark.key)),
        )
        try:
            done = _run(started, given)
            if done.returncode in _ENDED:
                done = _run(started, given)
        except subprocess.TimeoutExpired:
            return "checking it took too long"
    if done.returncode == 0:
        return None
    if done.returncode == _NOT_SOUND:
        return done.stdout.strip()
    if done.returncode == _AWAY:
        raise DatabaseAway(done.stdout.strip())
    if done.returncode < 0:
        return f"using it ended a process with signal {-done.returncode}"
    return "using it failed"


def _run(started: Sequence[str], given: str) -> subprocess.CompletedProcess[str]:
    # In a group of its own: Ctrl-C is for the parent, which kills it.
    return subprocess.run(
        started,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        text=True,
        process_group=0,
        # It reads no stranger's file, and libpq may need the password.
        env=environment("PGPASSWORD") if given else environment(),
        input=given,
    )


def compare(
    vectors: VectorIndex, lexical: LexicalIndex, archive: Archive, words: Mark, meaning: Mark
) -> None:
    """Raises StoreError unless each holds every chunk up to its mark (`words`: the lexical index's), and
    the vectors are the archive's own.

    What came or went after a mark may be there or not: catching up applies it again.
    """
    for held, mark in ((lexical.keys(), words), (vectors.keys(), meaning)):
        pages = archive.added_since(mark.change, archive.change(), _PAGE)
        came, gone = {key for keys in pages for key in keys}, set(archive.gone_since(mark.change))
        wanted = archive.keys_until(mark.change) | {key for key in came if key <= mark.key}
        if not wanted <= held or not held <= wanted | came | gone:
            raise StoreError("it does not hold the archive's chunks")
    page: dict[int, Vectors] = {}
    for key, vector in vectors.vectors():
        page[key] = vector
        if len(page) == _PAGE:
            _compare_page(page, archive)
            page = {}
    _compare_page(page, archive)


def _compare_page(page: dict[int, Vectors], archive: Archive) -> None:
    for key, stored in archive.vectors(list(page)).items():
        # Chroma scales what it is given to length 1, and a float16 vector's length is off by some 1e-5.
        # A number that is none is not under the limit either.
        forms = (stored, stored / (np.linalg.norm(stored) or 1.0))
        if page[key].shape != stored.shape or not any(
            np.abs(page[key] - each).max() <= _EXACT for each in forms
        ):
            raise StoreError("it holds a wrong vector")


def search(vectors: VectorIndex, chunks: Mapping[int, Vectors]) -> None:
    """Raises StoreError unless the graph, which reading does not go through, finds the chunks."""
    if not _finds(vectors, chunks):
        raise StoreError("it does not find what it holds")


def _finds(vectors: VectorIndex, chunks: Mapping[int, Vectors]) -> bool:
    """Whether chunks are among the nearest of their own vectors, or as many copies of them are; all, or as
    many as in a sound graph of its size."""
    missed = 0
    for key, vector in chunks.items():
        hits = vectors.query(vector, _NEAREST)
        copies = len(hits) == _NEAREST and hits[-1][1] > 1 - _SAME
        missed += not copies and all(found != key for found, _ in hits)
    allowed = math.ceil(len(chunks) * _UNFOUND) if vectors.count() > _LARGE else 0
    return missed <= allowed


def extend(folder: Path, collection: str, near: Vectors, copy: Path) -> None:
    """Adds to a copy of Chroma's files, a vector near each given one.

    Raises StoreError where what was added is not found; a graph that is broken may end the process. Where a
    copy cannot be made or has no room to grow nothing is added.
    """
    held = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if shutil.disk_usage(copy).free < held + _ROOM:
        return
    try:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
    except OSError:
        return
    vectors = VectorIndex(copy, collection)
    # Near stored vectors: a sound large graph may not find a vector that is far from all others.
    noise = np.random.default_rng(0).normal(size=near.shape).astype(np.float32)
    added = near + _NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    keys = [-1 - number for number in range(len(added))]
    try:
        vectors.apply([], keys, added)
    except DiskFull:
        return
    if not _finds(vectors, dict(zip(keys, added, strict=True))):
        raise StoreError("it loses what is added")


def main() -> None:
    """The child process."""
    folder, path, copy, collection, *numbers = sys.argv[1:]
    words, meaning = (
        Mark(int(change), int(key)) for change, key in zip(numbers[::2], numbers[1::2], strict=True)
    )
    chroma = Path(folder) / "chroma"
    try:
        archive = Archive(Path(path) if path else Server(sys.stdin.read()))
        verify(Path(folder) / "lexical")
        lexical = LexicalIndex(Path(folder) / "lexical")
        vectors = VectorIndex(chroma, collection)
        compare(vectors, lexical, archive, words, meaning)
        stored = archive.vectors(sorted(vectors.keys())[-_LAST:])
        newest = {key: vector for key, vector in stored.items() if vector.any()}
        search(vectors, newest)
        vectors.close()
        if copy and newest:
            extend(chroma, collection, np.stack(list(newest.values())[-_ADDED:]), Path(copy))
    except StoreError as error:
        print(error.message)
        sys.exit(_AWAY if isinstance(error, DatabaseError) else _NOT_SOUND)


if __name__ == "__main__":
    main()
