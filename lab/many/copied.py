"""A large archive to PostgreSQL and back, killed on the way: python -m lab.many.copied ARCHIVE [--kills 10]

`kutip copy` is killed with `kill -9` at random moments, half of the times on the way there and half on the
way back, and started again. Then every table of the file that came back is compared with the one that left,
row by row, by SQLite itself. ARCHIVE is not changed: a copy of it leaves. Needs Debian's PostgreSQL.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from random import Random

from rag.store.archive import Archive
from rag.store.database.place import Place, Server
from tests.postgres import running


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20.0, help="the latest moment of a kill")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    # The server ends with this process, also where that is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    random = Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="kutip-copied-") as folder, running() as cluster:
        here, back, there = Path(folder, "here.db"), Path(folder, "back.db"), cluster.server()
        shutil.copy(given.archive, here)
        with closing(Archive(here)) as archive:
            print("articles and chunks:", *archive.counts(), flush=True)
        _copy(here, there, given.kills // 2, random, given.seconds)
        _copy(there, back, given.kills - given.kills // 2, random, given.seconds)
        wrong = _differences(here, back)
        print(*wrong or ["every row of every table is equal"], sep="\n")
        sys.exit(bool(wrong))


def _copy(source: Place, target: Place, kills: int, random: Random, latest: float) -> None:
    """Copies, killed that often, each time after at most `latest` seconds."""
    worked, killed = 0.0, 0
    command = [sys.executable, "-c", "from bot.entry import main; main()", "copy"]
    while True:
        began = time.monotonic()
        process = subprocess.Popen(
            [*command, _named(source), _named(target)], stdout=subprocess.PIPE, text=True
        )
        try:
            limit = random.uniform(1.0, latest) if killed < kills else None
            said, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += 1
            worked += time.monotonic() - began
            continue
        took = time.monotonic() - began
        print(f"{said.strip()} (killed {killed} times in {worked:.0f} s, then {took:.0f} s)", flush=True)
        if process.returncode:
            sys.exit("the copy failed")
        return


def _named(place: Place) -> str:
    return place.url if isinstance(place, Server) else str(place)


def _differences(one: Path, other: Path) -> list[str]:
    """The tables that are not equal, by SQLite's own comparison, `rowid` where the bot uses it too."""
    found = []
    with closing(sqlite3.connect(one)) as db:
        db.execute("ATTACH ? AS other", (str(other),))
        tables = [row[0] for row in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = "rowid, *" if table in ("article", "version") else "*"
            for left, right in (("main", "other"), ("other", "main")):
                query = f"SELECT {columns} FROM {left}.{table} EXCEPT SELECT {columns} FROM {right}.{table}"
                if number := len(db.execute(query).fetchall()):
                    found.append(f"{table}: {number} rows of {left} are not in {right}")
            counted = [
                db.execute(f"SELECT count(*) FROM {s}.{table}").fetchone()[0] for s in ("main", "other")
            ]
            print(f"{table}: {counted[0]} rows", flush=True)
            if counted[0] != counted[1]:
                found.append(f"{table}: {counted[0]} rows, and {counted[1]} came back")
    return found


if __name__ == "__main__":
    main()
