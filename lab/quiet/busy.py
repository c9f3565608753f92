"""Three questions on an idle and on a busy machine, beside an earlier commit: `python -m lab.quiet.busy`.

Both commits answer the same three questions about the sample articles, each in one `kutip ask --batch` of its
own (a start, and three answers), in turns: first with the machine idle, then with ten processes that count on
the same two cores. The earlier commit (`--before`) is checked out beside this one and runs with the same
environment, so that only Kutip's own code differs. Printed are the medians, and the ratios with their aims:
at load 10 at most 0.5, idle at most 1.03. It takes some three minutes, and ends early where those are over
(`--seconds`), with what has been measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic

ROOT = Path(__file__).resolve().parents[2]
BEFORE = "cb68695"
"""The commit on which load 10 was measured first."""
QUESTIONS = 3
IDLE, BUSY = 7, 3
"""Pairs of runs."""
LOAD = 10
"""Processes that only count."""
CORES = 2
AIMS = {"idle": 1.03, f"load {LOAD}": 0.5}
"""How many times as long as the earlier commit it may take, at most."""
_RUN = "import sys; sys.path.insert(0, {folder!r}); from bot.cli import main; sys.argv[0] = 'kutip'; main()"


def kutip(folder: Path, home: Path, words: Sequence[str], given: str = "") -> str:
    """What a command of one checkout prints. Raises CalledProcessError."""
    # An installed program finds its modules compiled.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KUTIP_", "OMP_", "PYTHONDONTWRITE"))
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", _RUN.format(folder=str(folder)), *words],
        input=given,
        env={**kept, "KUTIP_HOME": str(home), "PYTHONPATH": str(folder)},
        cwd=home.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def asked(folder: Path, home: Path, batch: str) -> float:
    """Seconds that a start and the three answers take."""
    began = monotonic()
    answers = kutip(folder, home, ["ask", "--batch", "-", "--json"], batch)
    took = monotonic() - began
    assert len(answers.splitlines()) == QUESTIONS, answers
    return took


@contextmanager
def counting(number: int) -> Iterator[None]:
    """So many processes that count for as long as this lasts."""
    started = [subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for each in started:
            each.kill()
            each.wait()


def series(name: str, pairs: int, folders: Sequence[tuple[Path, Path]], batch: str, end: float) -> None:
    """Measures in turns, and prints the medians and their ratio."""
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(pairs):
        # The one that goes first changes: what ran before leaves the processor warm.
        for which in (0, 1) if number % 2 else (1, 0):
            took[which].append(asked(*folders[which], batch))
        print(f"{name}: before {took[0][-1]:.2f} s, now {took[1][-1]:.2f} s", flush=True)
        if monotonic() > end:
            break
    if not took[0]:
        return
    before, now = median(took[0]), median(took[1])
    ratio = median(new / old for old, new in zip(*took, strict=True))
    verdict = "holds" if ratio <= AIMS[name] else "falls short"
    print(f"{name}: {before:.2f} s before, {now:.2f} s now; {ratio:.3f} of it (aim {AIMS[name]}): {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", default=BEFORE, help="the earlier commit")
    parser.add_argument("--seconds", type=float, default=225.0, help="at most, from the start of the program")
    parser.add_argument("--idle", type=int, default=IDLE)
    parser.add_argument("--busy", type=int, default=BUSY)
    options = parser.parse_args()
    end = monotonic() + options.seconds
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    lines = (ROOT / "seeds" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines[:QUESTIONS]]
    batch = "".join(json.dumps({"id": row["id"], "question": row["question"]}) + "\n" for row in rows)
    with tempfile.TemporaryDirectory(prefix="kutip-busy-") as name:
        earlier = Path(name) / "checkout"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(earlier), options.before], check=True)
        try:
            folders = [(earlier, Path(name) / "before"), (ROOT, Path(name) / "now")]
            for folder, home in folders:
                kutip(folder, home, ["ingest", str(ROOT / "seeds" / "articles")])
                asked(folder, home, batch)
            # Half of what is left for the busy machine, where each run takes some twenty seconds.
            series("idle", options.idle, folders, batch, monotonic() + (end - monotonic()) / 3)
            with counting(LOAD):
                series(f"load {LOAD}", options.busy, folders, batch, end - 30)
        finally:
            subprocess.run([*git, "remove", "--force", str(earlier)], check=True)


if __name__ == "__main__":
    main()
