"""Whether the projections' files can be trusted, found out where a crash does no harm.

Chroma's files were seen to break for good when a process was killed while it wrote, and a broken one can
end the process that opens it. A clean close records every file; only where that record is missing does a
child process open the indexes and compare them with the archive.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np

from rag.archive import Archive
from rag.errors import StoreError
from rag.lexical import LexicalIndex
from rag.vectors import VectorIndex

Record = dict[str, list[int | str]]
"""For each file under a folder: its size, its time of change in ns, its SHA-256."""

SECONDS = 600.0
"""What a check may take: 100,000 chunks take some seconds."""
_NOT_SOUND = 3
_PAGE = 5_000
# Vectors are stored as float16, and Chroma gives back what it was given.
_SAME = 1e-5


def record(folder: Path, known: Record | None = None) -> Record:
    """Every file under a folder; a file that is as in `known` is not read again."""
    found: Record = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name, stat = str(path.relative_to(folder)), path.stat()
            old = (known or {}).get(name)
            if old and old[:2] == [stat.st_size, stat.st_mtime_ns]:
                found[name] = old
            else:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                found[name] = [stat.st_size, stat.st_mtime_ns, digest]
    return found


def unchanged(folder: Path, known: Record) -> bool:
    """Whether the files are those of the record; one that only its time tells apart is read."""
    now = record(folder, known)
    return {name: row[2] for name, row in now.items()} == {name: row[2] for name, row in known.items()}


def probe(folder: Path, archive: Path, collection: str, change: int) -> str | None:
    """Opens both indexes of a generation in a child process and compares them with the archive as of
    `change`. None where they are sound, else what is wrong with them."""
    # -P: no module is taken from the working folder.
    command = [
        sys.executable,
        "-P",
        "-m",
        "rag.soundness",
        str(folder),
        str(archive),
        collection,
        str(change),
    ]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, text=True)
    except subprocess.TimeoutExpired:
        return "checking it took too long"
    if done.returncode == 0:
        return None
    if done.returncode == _NOT_SOUND:
        return done.stdout.strip()
    if done.returncode < 0:
        return f"opening it ended a process with signal {-done.returncode}"
    return "opening it failed"


def compare(vectors: VectorIndex, lexical: LexicalIndex, archive: Archive, change: int) -> None:
    """Raises StoreError unless both hold every chunk that came until `change`, with its own vector.

    What came or went after `change` may be there or not: catching up applies it again.
    """
    wanted = archive.keys_until(change)
    later = set(archive.gone_since(change))
    later |= {key for keys in archive.added_since(change, archive.change(), _PAGE) for key in keys}
    for held in (vectors.keys(), lexical.keys()):
        if not wanted <= held | later or not held <= wanted | later:
            raise StoreError("it does not hold the archive's chunks")
    page: dict[int, np.ndarray] = {}
    for key, vector in vectors.vectors():
        page[key] = vector
        if len(page) == _PAGE:
            _compare_page(page, archive)
            page = {}
    _compare_page(page, archive)


def _compare_page(page: dict[int, np.ndarray], archive: Archive) -> None:
    for key, stored in archive.vectors(list(page)).items():
        if page[key].shape != stored.shape or np.abs(page[key] - stored).max() > _SAME:
            raise StoreError("it holds a wrong vector")


def main() -> None:
    """The child process."""
    folder, path, collection, change = sys.argv[1:]
    archive = Archive(Path(path))
    try:
        lexical = LexicalIndex(Path(folder) / "lexical")
        vectors = VectorIndex(Path(folder) / "chroma", collection)
        compare(vectors, lexical, archive, int(change))
        # A search goes through the graph, which reading the vectors does not.
        for _, vector in vectors.vectors():
            vectors.query(np.asarray(vector, np.float32), 10)
            break
    except StoreError as error:
        print(error.message)
        sys.exit(_NOT_SOUND)


if __name__ == "__main__":
    main()
