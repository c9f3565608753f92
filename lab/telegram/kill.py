"""`kill -9` at random moments: python -m lab.telegram.kill --count 500 [--seed N] [--forked|--table]

40 questions are queued from 10 chats; while `kutip telegram` answers, its worker, or its supervisor, is
killed at random moments, from just after its start on. Once all are answered the next 40 are queued. Of
each 40: none lost, in order in each chat, and not more answers twice than there were kills. Ctrl-C ends the
killing, and what was asked until then is judged. Every few kills an article comes in that some readers
follow, and the bot is summoned as a guest and asked inline: every guest is answered, and every digest shown,
once.

`--forked` starts the bot's processes from one that has loaded Python's modules, so that more kills fit into
an hour; with `--table`, answers are looked up besides, and no model is loaded (`lab.telegram.forked`).
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from tqdm import tqdm

from bot.settings import Settings
from lab.telegram.asking import Chat, ask_all, chats, misplaced, waiting
from lab.telegram.forked import ForkedRunning
from lab.telegram.promises import Promises
from lab.telegram.running import BRISK, Question, Running, labelled, prepare
from tests.telegram_server import TelegramServer

CHATS, EACH = 10, 4
ANEW = 3
"""Kills after which, while a round lasts, an article comes in again and groups summon the bot."""
OF_SUPERVISOR = 0.2
"""The share of kills that strike the supervisor."""
PATIENCE = 600.0
"""Seconds after the last kill within which all is answered."""


@dataclass(frozen=True, slots=True)
class Round:
    """40 questions."""

    kills: int
    twice: int
    problems: tuple[str, ...]


def run(count: int, seed: int, home: Path, questions: list[Question], how: str) -> list[Round]:
    """Kills until there were so many. Each round's outcome is printed as it ends."""
    random = Random(seed)
    rounds: list[Round] = []
    where: Counter[str] = Counter()
    with (
        TelegramServer(inline=True) as server,
        Promises(server, Settings(home=home), indexes=how != "table") as promises,
        _bot(home, server, questions, how) as bot,
        tqdm(total=count, mininterval=5) as bar,
    ):
        first = chats(server, 1)
        for _ in range(2):
            # Of the second life, since the first one also waits for files to be read from the disk.
            bot.kill_worker()
            start = monotonic()
            ask_all(first, random.sample(questions, 1), 1)
            server.wait_for(lambda: not waiting(first), PATIENCE)
        # How long a life takes until it answers: half of the kills come sooner, the others as it works.
        lively = monotonic() - start
        asking = chats(server, CHATS)
        while sum(where.values()) < count:
            questions = random.sample(questions, len(questions))
            ask_all(asking, questions, EACH)
            promises.make(questions)
            kills = 0
            while waiting(asking) + promises.open() and sum(where.values()) < count:
                try:
                    sleep(random.uniform(0, 2 * lively))
                except KeyboardInterrupt:
                    # No more kills; what was asked is judged.
                    count = sum(where.values())
                    break
                what = "supervisor" if random.random() < OF_SUPERVISOR else "worker"
                if bot.kill_supervisor() if what == "supervisor" else bot.kill_worker():
                    where[what] += 1
                    kills += 1
                    bar.update()
                    bar.set_postfix(questions=waiting(asking))
                    # A digest quotes a few articles of a topic: more than that must not come in before it.
                    if kills % ANEW == 0 and waiting(asking) and not promises.open():
                        promises.make(questions)
            rounds.append(_judge(bot, server, asking, promises, kills))
            print(sum(where.values()), rounds[-1], flush=True)
        print(f"{len(promises.readers) * len(promises.quotes)} digests, {len(promises.guests)} guests")
        print(f"{promises.headings()} headings of digests were left alone")
        problems = [*bot.unclean(), *server.crashes, *(f"{c.method}: {c.refused}" for c in server.violations)]
    if problems:
        rounds.append(Round(0, 0, tuple(problems)))
    print(", ".join(f"{number} of the {what}" for what, number in sorted(where.items())))
    return rounds


def _bot(home: Path, server: TelegramServer, questions: list[Question], how: str) -> Running:
    if how == "whole":
        return Running(home, server, BRISK)
    bot = ForkedRunning(home, server, BRISK)
    if how == "table":
        bot.know(questions)
    return bot


def _judge(bot: Running, server: TelegramServer, asking: list[Chat], promises: Promises, kills: int) -> Round:
    end = monotonic() + PATIENCE
    while waiting(asking) + promises.open() and monotonic() < end:
        sleep(0.2)
    # A second answer, if there is to be one, comes with the start after the last kill.
    settled = len(server.calls)
    while monotonic() < end:
        sleep(3.0)
        done, settled = settled, len([c for c in server.calls if c.method.lower() != "getupdates"])
        if done == settled:
            break
    twice = sum(chat.twice() for chat in asking)
    problems = promises.problems()
    if lost := waiting(asking):
        problems.append(f"{lost} questions lost; the log ends:\n{bot.printed()[-1500:]}")
    problems += misplaced(asking)
    if twice > kills:
        problems.append(f"{twice} answers came twice, with {kills} kills")
    return Round(kills, twice, tuple(problems))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forked", dest="how", action="store_const", const="forked", default="whole")
    parser.add_argument("--table", dest="how", action="store_const", const="table")
    options = parser.parse_args()
    # A shell that starts this in the background has it ignore Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        questions = labelled(home) if options.how == "table" else prepare(home, BRISK)
        rounds = run(options.count, options.seed, home, questions, options.how)
    for each in rounds:
        for problem in each.problems:
            print(problem)
    failed = sum(bool(each.problems) for each in rounds)
    kills, twice = sum(each.kills for each in rounds), sum(each.twice for each in rounds)
    questions = CHATS * EACH * sum(each.kills > 0 for each in rounds)
    print(f"{kills} kills, {questions} questions, {twice} answers twice, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
