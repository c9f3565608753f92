"""The bot with 200 questions from 50 chats, beside an earlier commit: `python -m lab.quiet.saturated`.

Both commits run `kutip telegram` on two cores before the tests' own Telegram server, in turns, on the same
sample articles and with the same environment; the earlier one (`--before`) is checked out beside this one.
Each run asks single questions first, one after the other's answer; then two dozen at once, so that readers
run where there are any; then the 200, whose answers a second count; then single questions again. Printed are
the medians of the ratios with their aims: at least 1.4 times as many answers a second, a single question at
most 1.03 times as long. The server runs on the same two cores, in this process, which costs both the same.

Then the processor time that an answer took in the bot's process and in its readers is put into a simulation
of more cores: one process that finds and sends, and a reader for each core. That part is no measurement.

A pair of runs takes some two minutes; it ends early where `--seconds` are over, with what was measured.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic, sleep

from lab.quiet.busy import CORES, ROOT, kutip
from lab.telegram.asking import Chat, ask_all, chats, waiting
from lab.telegram.running import Question, Running, prepare
from tests.telegram_server import TelegramServer

BEFORE = "26cf45a"
"""The last commit on which one thread answered."""
CHATS, EACH = 50, 4
WARM = 24
"""Questions at once before the measured ones: twice what readers are started for."""
SINGLE = 8
"""Single questions before and after."""
AIMS = {"answers a second": 1.4, "a single question": 1.03}
PATIENCE = 900.0
"""Seconds for a round of questions, at most; a quiet machine needs half a minute."""
SIMULATED = (2, 4, 8, 16, 32)
"""Cores."""
_RUN = "import sys; sys.path.insert(0, {folder!r}); from bot.cli import main; sys.argv[0] = 'kutip'; main()"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Checkout(Running):
    """`kutip telegram` of one checkout."""

    folder: Path = ROOT

    def _begin(self, settings: dict[str, str]) -> subprocess.Popen[bytes]:  # type: ignore[override]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-c", _RUN.format(folder=str(self.folder)), "telegram"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home.parent,
                env={**settings, "PYTHONPATH": str(self.folder)},
                start_new_session=True,
            )


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run: answers a second, seconds of a single question before and after, and seconds of processor
    time an answer, in the bot's process and in its readers."""

    rate: float
    single: float
    single_after: float
    owner: float
    readers: float


def answered(to: Sequence[Chat]) -> float:
    """Waits until every question has its answer; the seconds that took."""
    began = monotonic()
    while left := waiting(to):
        if monotonic() - began > PATIENCE:
            raise AssertionError(f"{left} questions were not answered")
        sleep(0.01 if len(to) == 1 else 0.1)
    return monotonic() - began


def single(chat: Chat, questions: Sequence[Question]) -> float:
    """The median seconds from a question to its answer, nothing else being asked."""
    took = []
    for question in questions:
        sleep(0.3)
        chat.asked = []
        chat.ask(question)
        took.append(answered([chat]))
    return median(took)


def used(pid: int | None) -> float:
    """Seconds of processor time of a process."""
    if pid is None:
        return 0.0
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def readers(worker: int | None) -> list[int]:
    """The processes that a worker has started."""
    found: list[int] = []
    for each in Path(f"/proc/{worker}/task").glob("*/children"):
        found += map(int, each.read_text("ascii").split())
    return found


def run(
    folder: Path, home: Path, questions: Sequence[Question], number: int = CHATS, each: int = EACH
) -> Figures:
    """One run of a checkout: `number` chats, `each` questions a chat. Raises AssertionError where an answer
    is missing, doubled or out of order."""
    # One chat asks more than a minute allows.
    settings = {"KUTIP_TELEGRAM_QUEUE": "100", "KUTIP_TELEGRAM_PER_MINUTE": "1000"}
    with TelegramServer(seed=1) as server, Checkout(home, server, settings, folder=folder) as bot:
        bot.wait_until_up()
        everyone = chats(server, number)
        alone = everyone[0]
        single(alone, questions[:2])
        before = single(alone, questions[:SINGLE])
        warming = everyone[:WARM]
        ask_all(warming, questions, -(-WARM // len(warming)))
        answered(warming)
        worker = bot.worker()
        spent, beside = used(worker), sum(map(used, readers(worker)))
        ask_all(everyone, questions, each)
        took = answered(everyone)
        total = number * each
        spent, beside = used(worker) - spent, sum(map(used, readers(worker))) - beside
        for chat in everyone:
            assert not chat.twice(), "an answer came twice"
            assert chat.in_order(), "a chat was answered in another order"
        after = single(alone, questions[:SINGLE])
    return Figures(total / took, before, after, spent / total, beside / total)


def simulated(cores: int, owner: float, reading: float, questions: int = 2_000) -> float:
    """Answers a second of one process that finds and sends, and of as many readers as cores.

    A question needs `owner` seconds of the process, which does one thing at a time, half of them before and
    half after it is read, and on average `reading` seconds of a reader. One question more than readers is in
    hand. Where more want to run than there are cores, all run slower alike.
    """
    chance = random.Random(1)
    own = deque([(owner / 2, True)] * (cores + 1))
    waiting, reads = deque[float](), list[float]()
    now, done = 0.0, 0
    while done < questions:
        running = bool(own) + len(reads)
        share = min(1.0, cores / running)
        step = min([*reads, own[0][0]] if own else reads)
        now += step / share
        reads = [left - step for left in reads]
        finished = sum(left <= 1e-12 for left in reads)
        reads = [left for left in reads if left > 1e-12]
        if own:
            left, first = own.popleft()
            if left - step > 1e-12:
                own.appendleft((left - step, first))
            elif first:
                waiting.append(reading * chance.uniform(0.5, 1.5))
            else:
                done += 1
                own.append((owner / 2, True))
        own.extend([(owner / 2, False)] * finished)
        while waiting and len(reads) < cores:
            reads.append(waiting.popleft())
    return done / now


def report(pairs: Sequence[tuple[Figures, Figures]]) -> None:
    """Prints the medians, their ratios and the simulation."""
    for name, which in (("before", 0), ("now", 1)):
        rows = [pair[which] for pair in pairs]
        print(
            f"{name}: {median(each.rate for each in rows):.2f} answers a second; a single question "
            f"{median(each.single for each in rows) * 1000:.0f} ms, afterwards "
            f"{median(each.single_after for each in rows) * 1000:.0f} ms; processor time an answer: process "
            f"{median(each.owner for each in rows) * 1000:.0f} ms, readers "
            f"{median(each.readers for each in rows) * 1000:.0f} ms"
        )
    rate = median(now.rate / before.rate for before, now in pairs)
    print(f"answers a second: {rate:.2f} times (aim {AIMS['answers a second']})", end=": ")
    print("holds" if rate >= AIMS["answers a second"] else "falls short")
    for name in ("single", "single_after"):
        ratio = median(getattr(now, name) / getattr(before, name) for before, now in pairs)
        shown = "a single question" + ("" if name == "single" else ", after readers were started")
        print(f"{shown}: {ratio:.3f} times as long (aim {AIMS['a single question']})", end=": ")
        print("holds" if ratio <= AIMS["a single question"] else "falls short")
    owner = median(now.owner for _, now in pairs)
    reading = median(now.readers for _, now in pairs)
    told = ", ".join(f"{cores}: {simulated(cores, owner, reading):.1f}" for cores in SIMULATED)
    print(f"simulated from these processor times, not measured; answers a second by cores: {told}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--before", default=BEFORE, help="the earlier commit")
    parser.add_argument("--chats", type=int, default=CHATS)
    parser.add_argument("--each", type=int, default=EACH, help="questions a chat")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=420.0, help="no pair is begun after that")
    options = parser.parse_args()
    end = monotonic() + options.seconds
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(prefix="kutip-saturated-") as name:
        earlier, home = Path(name) / "checkout", Path(name) / "home"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(earlier), options.before], check=True)
        try:
            questions = prepare(home, {})
            kutip(earlier, Path(name) / "before", ["ingest", str(ROOT / "seeds" / "articles")])
            folders = [(earlier, Path(name) / "before"), (ROOT, home)]
            pairs: list[tuple[Figures, Figures]] = []
            while len(pairs) < options.pairs and (not pairs or monotonic() < end):
                # The one that goes first changes: what ran before leaves the processor warm.
                order = (0, 1) if len(pairs) % 2 else (1, 0)
                found = {}
                for which in order:
                    folder, prepared = folders[which]
                    # A bot that knows an update's number drops it, and each run's server counts from one.
                    own = Path(name) / f"run-{len(pairs)}-{which}"
                    shutil.copytree(prepared, own)
                    found[which] = run(folder, own, questions, options.chats, options.each)
                pairs.append((found[0], found[1]))
                print(f"before {found[0].rate:.2f}, now {found[1].rate:.2f} answers a second", flush=True)
            report(pairs)
        finally:
            subprocess.run([*git, "remove", "--force", str(earlier)], check=True)


if __name__ == "__main__":
    main()
