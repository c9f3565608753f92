"""Damaged files: python -m lab.faults.damage --count 100 [--seed N] [--jobs N]

A store is closed, or left as after a kill; then one of the projections' files, Chroma's, the lexical index's
or our own, is cut, zeroed, deleted, overwritten, lengthened, or put back to what it was earlier. A user asks
and adds an article: that must work without a trace, and the checker must find nothing wrong.

Half of the damages keep size and time. A third of these can be seen by the time at which the system itself
says that a file was changed; for the others that time is hidden, as where a disk loses bytes. They are used a
day later, or at once and again a day later: at once a search may find less, and must not fail.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from lab.faults.checker import check
from lab.faults.children import Child, kutip, warm
from lab.faults.ledger import Ledger
from lab.faults.trials import summarise
from rag.store import soundness

ARTICLES = 250
"""Of the store, some 600 chunks; half as many again are updated, so that there is something older."""
QUIET = 0.5
"""How often size and time of the damaged file stay as they were."""
SEVERAL = 0.15
"""How often more than one file is damaged."""


def cut(path: Path, random: Random) -> None:
    """Ends the file early, at nothing in the worst case."""
    os.truncate(path, random.choice((0, random.randint(0, path.stat().st_size))))


def zero(path: Path, random: Random) -> None:
    """Zeroes all of it, or its second half: the size stays."""
    data = path.read_bytes()
    keep = random.choice((0, len(data) // 2))
    path.write_bytes(data[:keep] + bytes(len(data) - keep))


def delete(path: Path, random: Random) -> None:
    path.unlink()


def noise(path: Path, random: Random) -> None:
    """Random bytes instead of all of it."""
    path.write_bytes(random.randbytes(path.stat().st_size))


def flip(path: Path, random: Random) -> None:
    """Random bytes in a few places."""
    data = bytearray(path.read_bytes())
    for _ in range(8 if data else 0):
        data[random.randrange(len(data))] = random.randrange(256)
    path.write_bytes(bytes(data))


def lengthen(path: Path, random: Random) -> None:
    with path.open("ab") as file:
        file.write(random.randbytes(random.randint(1, 5_000)))


def age(path: Path, random: Random, *, new: Path, old: Path) -> None:
    """Puts the older copy back; a file that was not there then goes."""
    earlier = old / path.relative_to(new)
    if earlier.exists():
        shutil.copyfile(earlier, path)
    else:
        path.unlink()


def quarter(path: Path, random: Random) -> None:
    """Zeroes a quarter of the file, somewhere."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(random.randint(0, size - size // 4))
        file.write(bytes(size // 4))


Damage = Callable[[Path, Random], None]
WAYS: dict[str, Damage] = {
    "cut": cut,
    "zeroed": zero,
    "deleted": delete,
    "noise": noise,
    "flipped": flip,
    "lengthened": lengthen,
}

QUIETLY: dict[str, Damage] = {"zeroed": zero, "noise": noise, "flipped": flip, "a quarter zeroed": quarter}


@dataclass(frozen=True, slots=True)
class Templates:
    """A store at three times, and what it holds at the last two."""

    older: Path
    closed: Path
    unclean: Path
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Trial:
    what: str
    problems: tuple[str, ...]
    rebuilt: bool


def templates(folder: Path, seed: int) -> Templates:
    """Makes the stores that each trial copies."""
    random, ledger, home = Random(seed), Ledger(seed), folder / "home"
    io, articles = folder / "io", folder / "articles.jsonl"

    def ingest() -> None:
        ended = kutip(home, io, "ingest", "--json", str(articles)).end()
        problems = ended.done("making the store") + ledger.acknowledge(ended.out)
        assert not problems, problems

    ledger.give(ledger.new(random, ARTICLES), articles)
    ingest()
    shutil.copytree(home, folder / "older")
    ledger.give(ledger.changed(random, ARTICLES // 2), articles)
    ingest()
    shutil.copytree(home, folder / "closed")
    # The same again, so that both hold the same: nothing is added, and the store is only left open.
    assert Child(partial(_unclosed, home, articles), io).end().status == 0
    return Templates(folder / "older", folder / "closed", home, ledger)


def _unclosed(home: Path, articles: Path) -> None:
    """Opens all of a store and ends as a killed process does; the child's end closes nothing."""
    from bot.app import App
    from bot.settings import Settings

    app = App(Settings(home=home))
    list(app.ingest([str(articles)]))
    app.prepare()


def trial(stores: Templates, seed: int) -> Trial:
    """Damages a copy of a store and uses it."""
    random = Random(seed)
    clean = random.random() < 0.5
    quiet = random.random() < QUIET
    later = random.choice(("seen", "a day later", "at once")) if quiet else "seen"
    with TemporaryDirectory(prefix="kutip-damage-") as name:
        folder = Path(name)
        home = folder / "home"
        template = stores.closed if clean else stores.unclean
        shutil.copytree(template, home)
        what = ", ".join(damage(home, stores.older, random, seed, quiet))
        what += ", closed" if clean else ", as after a kill"
        what += f", size and time kept, {later}" if quiet else ""
        with _unseen(home, later) if later != "seen" else nullcontext():
            problems, said = _used(folder, home, stores.ledger, random, later == "at once")
    if problems:
        lines = "".join(f"\n    {problem}" for problem in problems[:8])
        print(f"FAILED {what}, seed {seed}:{lines}", file=sys.stderr)
    # A run that is stopped early has shown what it did.
    print(f"{'FAILED' if problems else 'passed'}  {what}", file=sys.stderr, flush=True)
    return Trial(what, tuple(problems), "rebuilt from the archive" in said)


@contextmanager
def _unseen(home: Path, later: str) -> Iterator[None]:
    """Hides when the system says that a file was changed. "a day later": the files are to be read again."""
    for path in (home / "projections").glob("g*.json"):
        state = json.loads(path.read_text(encoding="utf-8"))
        for row in state["files"].values():
            row[2] = 0
        path.write_text(json.dumps(state), encoding="utf-8")
    before = soundness.appearance, soundness.CHECK_SECONDS
    soundness.appearance = lambda path: [path.stat().st_size, path.stat().st_mtime_ns, 0]
    soundness.CHECK_SECONDS = 0.0 if later == "a day later" else before[1]
    try:
        yield
    finally:
        soundness.appearance, soundness.CHECK_SECONDS = before


def damage(home: Path, older: Path, random: Random, seed: int, quiet: bool = False) -> Iterator[str]:
    """Damages one file of the projections, sometimes more; says which, how. `older` is an earlier copy of
    the store. With `quiet`, size and time stay as they are, and only the indexes' own files are damaged."""
    ways = QUIETLY if quiet else WAYS | {"an older copy": partial(age, new=home, old=older)}
    # Each kind of file as often as any other, however many there are of it.
    kinds: dict[str, list[Path]] = {}
    for path in sorted((home / "projections").rglob("*")):
        if path.is_file() and (not quiet or len(path.relative_to(home / "projections").parts) > 1):
            kinds.setdefault(_kind(path, home / "projections"), []).append(path)
    names = sorted(kinds)
    several = 1 + (random.random() < SEVERAL) * random.randint(1, 3)
    for number in range(several):
        kind = names[(seed + number * 5) % len(names)]
        path, way = random.choice(kinds[kind]), random.choice(sorted(ways))
        if path.exists():
            stat = path.stat()
            ways[way](path, random)
            if quiet:
                os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            yield f"{kind} {way}"


def _kind(path: Path, folder: Path) -> str:
    """`chroma/data_level0.bin`, `lexical/*.idx`, `state`, `current`, …"""
    parts = path.relative_to(folder).parts
    if len(parts) == 1:
        return "state" if path.suffix == ".json" else parts[0]
    name = path.name if parts[1] == "chroma" or "meta" in path.name or "managed" in path.name else path.suffix
    return f"{parts[1]}/{name or path.name}"


def _used(folder: Path, home: Path, ledger: Ledger, random: Random, first: bool) -> tuple[list[str], str]:
    """Asks, adds an article and checks: what went wrong, and what the user was told.

    With `first` it is asked once before, when nothing tells of the damage: what is found is not looked at.
    """
    mine = ledger.copy()
    before: list[str] = []
    if first:
        draft = random.choice(mine.here())
        before = (
            kutip(home, folder / "first", "ask", "--json", draft.question).end().done("kutip ask at once")
        )
        soundness.CHECK_SECONDS = 0.0
    draft = random.choice(mine.here())
    asked = kutip(home, folder / "asked", "ask", "--json", draft.question).end()
    problems = before + asked.done("kutip ask")
    if asked.status == 0:
        cited = {citation["article"] for citation in json.loads(asked.out)["citations"]}
        if draft.id not in cited:
            problems.append(f"the question about {draft.id} cites {', '.join(sorted(cited)) or 'nothing'}")
    path = mine.give(mine.new(random, 1), folder / "articles.jsonl")
    added = kutip(home, folder / "added", "ingest", "--json", str(path)).end()
    problems += added.done("kutip ingest") + mine.acknowledge(added.out)
    found = check(home, mine.allowed(), random.randrange(1 << 30))
    return problems + list(found.problems), asked.err + added.err + "\n".join(found.said)


def run(count: int, seed: int, jobs: int) -> Iterator[Trial]:
    """So many damaged stores, `jobs` at a time."""
    warm()
    with TemporaryDirectory(prefix="kutip-stores-") as folder:
        work = partial(trial, templates(Path(folder), seed))
        seeds = range(seed * 1_000, seed * 1_000 + count)
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
            yield from pool.map(work, seeds)


def main() -> None:
    summarise(run, 100, "damaged stores", __doc__)


if __name__ == "__main__":
    main()
