"""Many trials of one kind from the command line: how many, how they ended, and the exit status."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from tqdm import tqdm


class Trial(Protocol):
    """One fault. `what` says which; `rebuilt` whether the user was told that an index was built again."""

    @property
    def what(self) -> str: ...

    @property
    def problems(self) -> Sequence[str]: ...

    @property
    def rebuilt(self) -> bool: ...


def summarise(
    run: Callable[[int, int, int], Iterator[Trial]], count: int, noun: str, description: str | None
) -> None:
    """Runs `--count` trials from `--seed`, `--jobs` at a time; exit status 1 if one failed."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    trials = list(tqdm(run(options.count, options.seed, options.jobs), total=options.count, mininterval=5))
    for what, number in sorted(Counter(trial.what for trial in trials).items()):
        print(f"{number:5}  {what}")
    failed = sum(bool(trial.problems) for trial in trials)
    rebuilt = sum(trial.rebuilt for trial in trials)
    print(f"{len(trials)} {noun}, {rebuilt} rebuilt from the archive, {failed} failed")
    sys.exit(1 if failed else 0)
