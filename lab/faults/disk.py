"""A full disk: python -m lab.faults.disk [--rounds N] [--seed N]

The store lives on a tmpfs of a few megabytes. Each round fills it up to a random rest and runs commands until
one fails: that must be one line and status 1, without a trace. Then room is made: nothing that was
acknowledged may be missing, and everything must work. Mounting needs root.
"""

from __future__ import annotations

import argparse
import errno
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from lab.faults.checker import check
from lab.faults.children import Ended, kutip, warm
from lab.faults.ledger import Ledger

MEGABYTES = 48
ARTICLES = 100
"""Of one command."""
_ROOM = 3_000_000
"""Bytes that are left in a round at most: one command needs about as many."""
_TRIES = 12
"""Commands of a round, one of which is sure to fill what is left."""


@dataclass(frozen=True, slots=True)
class Round:
    """What failed first and with which line."""

    command: str
    line: str
    problems: tuple[str, ...]


@contextmanager
def small_disk(folder: Path, megabytes: int = MEGABYTES) -> Iterator[Path]:
    """A tmpfs of this size. Raises PermissionError where the process may not mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        raise PermissionError("a tmpfs cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path, rest: int) -> None:
    """A file that leaves `rest` bytes of the disk."""
    room = os.statvfs(path.parent)
    with path.open("wb", buffering=0) as ballast:
        left = max(room.f_bavail * room.f_frsize - rest, 0)
        try:
            while left > 0:
                left -= ballast.write(bytes(min(left, 1 << 20)))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def one_round(disk: Path, io: Path, ledger: Ledger, random: Random) -> Round:
    """Fills the disk, runs commands until one fails, makes room, and checks."""
    home, ballast = disk / "home", disk / "ballast"
    fill(ballast, random.choice((0, random.randrange(_ROOM), random.randrange(_ROOM))))
    problems: list[str] = []
    name, line = "none", ""
    for _ in range(_TRIES):
        name, words = _command(io, ledger, random)
        ended = kutip(home, io / "command", *words).end()
        problems += ledger.acknowledge(ended.out) + ended.clean(f"kutip {name}")
        if ended.status:
            line = ended.err.strip()
            problems += one_line(name, ended)
            break
    ballast.unlink()
    # What was not acknowledged may have happened or not; the same command again must now work.
    found = check(home, ledger.allowed(), random.randrange(1 << 30))
    problems += found.problems
    ledger.settle(found.states)
    path = ledger.give(ledger.changed(random, 5) or ledger.new(random, 5), io / "more.jsonl")
    ended = kutip(home, io / "command", "ingest", "--json", str(path)).end()
    problems += ended.done("kutip ingest, with room") + ledger.acknowledge(ended.out)
    found = check(home, ledger.allowed(), random.randrange(1 << 30))
    ledger.settle(found.states)
    return Round(name, line, (*problems, *found.problems))


def _command(io: Path, ledger: Ledger, random: Random) -> tuple[str, list[str]]:
    """A command that writes: its name, and the words after `kutip`."""
    here = ledger.here()
    name = random.choice(("ingest", "ingest", "update", "ask", "remove", "rebuild", "rebuild --embed"))
    if not here or name in ("ingest", "update"):
        old = here and (name == "update" or len(here) > 3 * ARTICLES)
        drafts = ledger.changed(random, ARTICLES) if old else ledger.new(random, ARTICLES)
        path = ledger.give(drafts, io / "articles.jsonl")
        return "update" if old else "ingest", ["ingest", "--json", str(path)]
    if name == "ask":
        return name, ["ask", "--json", random.choice(here).question]
    if name == "remove":
        return name, ["articles", "remove", ledger.take(random.choice(here).id)]
    return name, name.split()


def one_line(name: str, ended: Ended) -> Iterator[str]:
    """Whether a command that failed said so as it should: a last line of its own, and status 1."""
    lines = ended.err.strip().splitlines()
    told = [line for line in lines if line.startswith("kutip: ")]
    # That the index is built again is said before, in a line of its own.
    others = [line for line in lines if line not in told and "rebuilt from the archive" not in line]
    if ended.status != 1 or len(told) != 1 or others:
        yield f"kutip {name} on a full disk gave status {ended.status} and said: {ended.err.strip()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warm()
    failed, lines = 0, Counter[str]()
    with TemporaryDirectory(prefix="kutip-disk-") as name:
        try:
            with small_disk(Path(name) / "disk") as disk:
                random, ledger = Random(options.seed), Ledger(options.seed)
                (Path(name) / "io").mkdir()
                for number in range(options.rounds):
                    done = one_round(disk, Path(name) / "io", ledger, random)
                    lines[f"{done.command}: {done.line}".replace(str(disk), "…")] += 1
                    for problem in done.problems[:8]:
                        print(f"FAILED round {number}, {done.command}: {problem}", file=sys.stderr)
                    if done.problems:
                        # What follows on a broken store says nothing new.
                        failed = 1
                        break
        except PermissionError as error:
            print(f"skipped: {error}")
            return
    for line, number in sorted(lines.items()):
        print(f"{number:5}  {line}")
    print(f"{lines.total()} full disks, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
