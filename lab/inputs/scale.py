"""Wikipedia leads as articles, many of them: `python -m lab.inputs.scale [--count 100000]`.

Adds them in one go to an empty store and prints rate and memory on the way, then the same file again, which
must find all unchanged. The memory is that of the process that holds the store, not of those that cut
articles for it. Beside it: the memory of a bare Chroma that is given the same vectors, since its graph is
held in memory and grows with every chunk.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections import Counter
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import numpy as np

from lab.data import wiki
from lab.memory import resident
from lab.telegram.running import KUTIP, environment
from rag.store.archive import Archive

STEPS = 10
SHORTEST = 60
"""Code points: shorter leads are hardly paragraphs."""
PART = 1_000
"""Chunks given to Chroma at once where it is measured alone."""


def alone(archive: Path, folder: Path) -> None:
    """Gives an archive's vectors to a bare Chroma in a process of its own, and says what that holds."""
    with get_context("spawn").Pool(1) as pool:
        for chunks, held in pool.apply(_alone, (archive, folder)):
            print(f"{chunks} chunks, {held} MB", flush=True)


def _alone(path: Path, folder: Path) -> list[tuple[int, int]]:
    """(chunks, MB) a few times on the way, first and last among them."""
    import chromadb
    from chromadb.config import Settings

    archive = Archive(path)
    client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    collection = client.create_collection("alone", embedding_function=None)
    keys = sorted(archive.keys_until(archive.change()))
    held = [(0, resident("self"))]
    for start in range(0, len(keys), PART):
        vectors = archive.vectors(keys[start : start + PART])
        collection.add(ids=[str(key) for key in vectors], embeddings=np.stack(list(vectors.values())))
        held.append((start + len(vectors), resident("self")))
    return [*held[: -1 : max(1, len(held) // STEPS)], held[-1]]


def ingest(home: Path, file: Path, count: int, status: str) -> float:
    """Adds the file and says how it goes; the seconds that it took. All must end with this status."""
    command = [str(KUTIP), "ingest", "--json", str(file)]
    began, seen = perf_counter(), Counter[str]()
    with subprocess.Popen(command, env=environment(home), stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            seen[json.loads(line)["status"]] += 1
            if (done := seen.total()) % max(1, count // STEPS) == 0 and done < count:
                print(f"{done} after {perf_counter() - began:.1f} s, {resident(child.pid)} MB", flush=True)
        _, ended, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(ended)
    seconds = perf_counter() - began
    rate, most = seen.total() / seconds, used.ru_maxrss >> 10
    print(f"{dict(seen)} in {seconds:.1f} s, {rate:.0f} a second, {most} MB at most", flush=True)
    assert child.returncode == 0
    assert set(seen) == {status}, seen
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kutip-scale-") as folder:
        home, file = Path(folder, "home"), Path(folder, "leads.jsonl")
        leads = islice((row for row in wiki() if len(row[1]) >= SHORTEST), given.count)
        with file.open("w", encoding="utf-8") as lines:
            for number, (title, text) in enumerate(leads):
                row = {"id": f"wiki-{number}", "title": title, "text": text}
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
        first = ingest(home, file, given.count, "added")
        again = ingest(home, file, given.count, "unchanged")
        print(f"the same again: {first / again:.1f} times as fast", flush=True)
        print("a bare Chroma with the same vectors:", flush=True)
        alone(home / "archive.db", Path(folder, "chroma"))


if __name__ == "__main__":
    main()
