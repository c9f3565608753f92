"""Many chats at once: python -m lab.telegram.load --chats 100 --each 10 [--seed N]

Every chat asks ten questions at once. A storm of as many 429s as there are chats, each of which says to come
again in a second, strikes three calls in ten until it is over; all the time, 5% of calls fail: an error, a
page of a proxy, a connection that ends. None of these calls is done, so every answer must come exactly once.
The worker's memory is looked at all along.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from tqdm import tqdm

from lab.telegram.asking import ask_all, chats, misplaced, waiting
from lab.telegram.running import BRISK, Question, Running, prepare
from tests.telegram_server import Fault, TelegramServer

STORM = 0.3
FAILING = 0.05
FLAT = 1.1
"""How much more memory than after the first fifth of the answers is still called flat."""
PATIENCE = 1800.0


def run(number: int, each: int, seed: int, home: Path, questions: list[Question]) -> list[str]:
    """What was wrong; the figures are printed."""
    problems: list[str] = []
    settings = {**BRISK, "KUTIP_TELEGRAM_QUEUE": str(each)}
    with (
        TelegramServer(seed=seed) as server,
        Running(home, server, settings) as bot,
        tqdm(total=number * each, mininterval=5) as bar,
    ):
        bot.wait_until_up()
        asking = chats(server, number)
        storm = Fault("flood", share=STORM, retry_after=1, times=number)
        server.faults += [storm, *(Fault(kind, share=FAILING / 3) for kind in ("error", "html", "cut"))]
        total = number * each
        start = monotonic()
        ask_all(asking, questions, each)
        memory: list[tuple[int, int]] = []
        while (left := waiting(asking)) and monotonic() - start < PATIENCE:
            bar.update(total - left - bar.n)
            memory.append((total - left, bot.resident()))
            sleep(1.0)
        seconds = monotonic() - start
        sleep(3.0)
        if lost := waiting(asking):
            problems.append(f"{lost} questions were not answered; the log ends:\n{bot.printed()[-1500:]}")
        if twice := sum(chat.twice() for chat in asking):
            problems.append(f"{twice} answers came twice")
        problems += misplaced(asking)
        early = [size for done, size in memory if total * 0.1 <= done <= total * 0.2 and size]
        most = max((size for done, size in memory), default=0)
        if early and most > FLAT * max(early):
            problems.append(f"memory grew from {max(early)} to {most} MB")
        problems += [*bot.unclean(), *server.crashes]
        problems += [f"{call.method}: {call.refused}" for call in server.violations]
        faults: Counter[str] = Counter(call.fault.kind for call in server.calls if call.fault is not None)
        print(f"{total} questions of {number} chats in {seconds:.0f} s, {len(server.calls)} calls")
        print(", ".join(f"{count} {kind}" for kind, count in sorted(faults.items())))
        print(f"memory: {max(early, default=0)} MB early, {most} MB at most")
    return problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        problems = run(options.chats, options.each, options.seed, home, prepare(home, BRISK))
    for problem in problems:
        print(problem)
    print("failed" if problems else "every question was answered once, in order")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
