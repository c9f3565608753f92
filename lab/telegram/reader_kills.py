"""`kill -9` to reader processes: python -m lab.telegram.reader_kills --count 100 [--seed N]

40 questions are queued from 10 chats, again and again; while the bot answers, one of its reader processes is
killed at random moments. Every question is to be answered once, in the order of its chat, by the same worker.
At the end, the worker is killed: its readers must end by themselves.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from tqdm import tqdm

from lab.quiet.saturated import readers
from lab.telegram.asking import ask_all, chats, waiting
from lab.telegram.running import Question, Running, prepare
from tests.telegram_server import TelegramServer

CHATS, EACH = 10, 4
MOST_SECONDS = 1.0
"""Seconds between two kills, at most."""
SETTINGS = {"KUTIP_READERS": "2", "KUTIP_PASSAGES": "4", "KUTIP_TELEGRAM_QUEUE": "10"}
PATIENCE = 600.0
"""Seconds for 40 questions, and for readers to end."""


def run(count: int, seed: int, home: Path, questions: list[Question]) -> list[str]:
    """What was wrong."""
    random, problems, killed = Random(seed), list[str](), 0
    with TelegramServer() as server, Running(home, server, SETTINGS) as bot, tqdm(total=count) as bar:
        bot.wait_until_up()
        worker, asking = bot.worker(), chats(server, CHATS)
        while killed < count and not problems:
            ask_all(asking, random.sample(questions, len(questions)), EACH)
            end = monotonic() + PATIENCE
            while left := waiting(asking):
                if monotonic() > end:
                    problems.append(f"{left} questions were not answered:\n{bot.printed()[-1500:]}")
                    break
                sleep(random.uniform(0, MOST_SECONDS))
                found = readers(bot.worker())
                if found and killed < count and _killed(random.choice(found)):
                    killed += 1
                    bar.update()
            twice = sum(chat.twice() for chat in asking)
            mixed = sum(not chat.in_order() for chat in asking)
            if twice or mixed:
                problems.append(f"{twice} answers came twice, {mixed} chats were answered in another order")
        if bot.worker() != worker:
            problems.append("the worker was started again")
        problems += [*bot.unclean(), *server.crashes]
        left_behind = readers(bot.worker())
        bot.kill_worker()
        end = monotonic() + PATIENCE
        while any(Path(f"/proc/{pid}").exists() for pid in left_behind):
            if monotonic() > end:
                problems.append("readers outlived the worker")
                break
            sleep(0.1)
    print(f"{killed} readers killed")
    return problems


def _killed(pid: int) -> bool:
    """Kills a process; whether there was one."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        problems = run(options.count, options.seed, home, prepare(home, SETTINGS, 40))
    for problem in problems:
        print(problem)
    print("failed" if problems else "every question was answered once, in order")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
