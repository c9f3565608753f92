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
import sys
import tempfile
from collections import Counter
from itertools import islice
from pathlib import Path
from time import perf_counter

from lab.data import wiki

STEPS = 10
SHORTEST = 60
"""Code points: shorter leads are hardly paragraphs."""
ALONE = """
import sys
from pathlib import Path
import chromadb
from chromadb.config import Settings
from rag.archive import Archive
from lab.inputs.scale import resident

archive = Archive(Path(sys.argv[1]))
client = chromadb.PersistentClient(sys.argv[2], Settings(anonymized_telemetry=False))
collection = client.create_collection("a", embedding_function=None)
keys = sorted(archive.keys_until(archive.change()))
print(0, resident("self"), flush=True)
for start in range(0, len(keys), 1000):
    vectors = archive.vectors(keys[start:start + 1000])
    collection.add(ids=[str(key) for key in vectors], embeddings=list(vectors.values()))
    print(start + len(vectors), resident("self"), flush=True)
"""


def resident(process: int | str) -> int:
    """What a process holds in memory now, in MB."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) >> 10


def ingest(home: Path, file: Path, count: int, status: str) -> float:
    """Adds the file and says how it goes; the seconds that it took. All must end with this status."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", "ingest", "--json", str(file)]
    own = {name: value for name, value in os.environ.items() if not name.startswith("KUTIP_")}
    began, seen = perf_counter(), Counter[str]()
    with subprocess.Popen(
        command, env=own | {"KUTIP_HOME": str(home)}, stdout=subprocess.PIPE, text=True
    ) as child:
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
        alone = [sys.executable, "-c", ALONE, str(home / "archive.db"), str(Path(folder, "chroma"))]
        print("bare Chroma, MB by chunks:", flush=True)
        grown = subprocess.run(alone, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
        print("\n".join([*grown[:: max(1, len(grown) // STEPS)], grown[-1]]), flush=True)


if __name__ == "__main__":
    main()
