"""`kill -9` at random moments: python -m lab.faults.kill --count 300 [--seed N] [--jobs N]

Ingest, update, removal, restore, rebuild and `rebuild --embed` as real commands in child processes, each
killed at a moment of the time that it takes, spread evenly; alone, or with the processes that it started.
After each kill the checker opens the store. A quarter of the stores are left without a close, so that a
command also finds, and is killed in, a store that has to be probed first.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

from lab.faults.checker import check
from lab.faults.children import kutip, warm
from lab.faults.ledger import Ledger
from lab.faults.trials import summarise

BLOCK = 50
"""Kills on one store, which starts empty."""
ARTICLES = ((20, 150), (20, 150), (20, 150), (260, 400))
"""Of an ingest or an update: one commit to three, or so many that other processes cut them."""
LARGE = 200
MOST = 500
"""Articles of a store; beyond, what is there is updated."""
_GOLDEN = 0.6180339887
_LATE = 1.05
"""How far past the measured time a kill may come: machines are noisy."""
_OPERATIONS = {"ingest": 6, "update": 5, "remove": 3, "restore": 3, "rebuild": 3, "rebuild --embed": 3}


@dataclass(frozen=True, slots=True)
class Trial:
    """One kill. `phase` says how far the command had come; `rebuilt` whether the user was told so."""

    operation: str
    phase: str
    problems: tuple[str, ...]
    rebuilt: bool

    @property
    def what(self) -> str:
        return f"{self.operation}, killed: {self.phase}"


@dataclass(slots=True)
class Store:
    """A store, what it should hold, and how long its operations take.

    `probing` is how much longer they take in a store that was not closed.
    """

    folder: Path
    seed: int
    random: Random
    ledger: Ledger
    seconds: dict[str, float] = field(default_factory=dict)
    probing: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    closed: bool = True

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def command(self) -> tuple[str, list[str]]:
        """An operation, and the words after `kutip`."""
        name = self.random.choices(list(_OPERATIONS), list(_OPERATIONS.values()))[0]
        ledger, random = self.ledger, self.random
        here = [each.id for each in ledger.here()]
        if not here or (name == "ingest" and len(here) < MOST):
            drafts = ledger.new(random, random.randint(*random.choice(ARTICLES)))
        elif name in ("ingest", "update"):
            drafts = ledger.changed(random, random.randint(*random.choice(ARTICLES)))
        elif name == "remove":
            return name, ["articles", "remove", ledger.take(random.choice(here))]
        elif name == "restore":
            # Of what is there now: whether it was done or not, the same articles must be found.
            file = str(self.folder / "backup.db")
            ended = kutip(self.home, self.folder / "io", "backup", file, "--force").end()
            assert ended.status == 0, ended.err
            return name, ["restore", file, "--force"]
        else:
            return name, name.split()
        name = "update" if drafts[0].id in ledger.states else "ingest"
        name = f"{name} of many" if len(drafts) > LARGE else name
        path = ledger.give(drafts, self.folder / "articles.jsonl")
        return name, ["ingest", str(path), "--json"]

    def trial(self) -> Trial | None:
        """Runs a command and kills it; None where it had ended before, or was only timed."""
        name, words = self.command()
        given, closed = self.ledger.pending(), self.closed
        usual = self.seconds.get(name, 0.0) + (0.0 if closed else self.probing)
        began = monotonic()
        child = kutip(self.home, self.folder / "io", *words)
        if name in self.seconds and (closed or self.probing):
            self.kills[name] += 1
            moment = (self.seed * 0.37 + self.kills[name] * _GOLDEN) % 1.0 * _LATE
            if child.wait(usual * moment) is None:
                child.kill(group=self.random.random() < 0.5)
        ended = child.end()
        took = monotonic() - began
        problems = self.ledger.acknowledge(ended.out)
        killed = ended.status == -9
        if killed:
            phase = self._phase(given)
            self.closed = self.random.random() < 0.75
            found = check(self.home, self.ledger.allowed(), self.random.randrange(1 << 30), self.closed)
            self.ledger.settle(found.states)
            problems += found.problems
            if child.left():
                problems.append("processes that it started outlived it")
        else:
            phase = "not killed"
            problems += ended.done(f"kutip {words[0]}")
            if self.ledger.pending():
                problems.append(f"{self.ledger.pending()} articles were not reported")
            self.closed = True
            if closed:
                self.seconds[name] = took
            elif name in self.seconds:
                self.probing = max(took - self.seconds[name], 0.1)
        if problems:
            lines = "".join(f"\n    {problem}" for problem in problems[:8])
            print(f"FAILED {name} after {took:.3f} s ({phase}), seed {self.seed}:{lines}", file=sys.stderr)
        elif not killed:
            return None
        # A run that is stopped early has shown what it did.
        print(f"{'FAILED' if problems else 'passed'}  {name}, killed: {phase}", file=sys.stderr, flush=True)
        return Trial(name, phase, tuple(problems), killed and bool(found.said))

    def _phase(self, given: int) -> str:
        """How far a killed command had come, told without touching the archive."""
        if not given:
            generations = len(list((self.home / "projections").glob("g*/")))
            return "with a generation begun" if generations > 1 else "before or after building"
        left = self.ledger.pending()
        return "reported all" if not left else "reported none" if left == given else "reported some"


def block(task: tuple[int, int]) -> list[Trial]:
    """So many kills of commands on one store; all of it follows from the seed, but for the timing."""
    seed, count = task
    trials: list[Trial] = []
    with TemporaryDirectory(prefix="kutip-kill-") as folder:
        store = Store(Path(folder), seed, Random(seed), Ledger(seed))
        while len(trials) < count:
            trial = store.trial()
            if trial is not None:
                trials.append(trial)
                if trial.problems:
                    # What follows on a broken store says nothing new.
                    break
    return trials


def run(count: int, seed: int, jobs: int) -> Iterator[Trial]:
    """So many kills, on several stores, `jobs` at a time."""
    warm()
    number = 0
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
        while count > 0:
            sizes = [min(BLOCK, count - at) for at in range(0, count, BLOCK)]
            tasks = [(seed * 1_000 + number + at, size) for at, size in enumerate(sizes)]
            number += len(tasks)
            for trials in pool.map(block, tasks):
                count -= len(trials)
                yield from trials


def main() -> None:
    summarise(run, 300, "kills", __doc__)


if __name__ == "__main__":
    main()
