"""The bot with its store on a small disk: started, killed, ended, filled, damaged, checked."""

from __future__ import annotations

import multiprocessing
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from random import Random
from time import monotonic

from lab.faults.articles import Draft
from lab.faults.checker import Checked, check
from lab.faults.children import Ended, kutip, warm
from lab.faults.damage import damage
from lab.faults.disk import fill, one_line
from lab.faults.ledger import Ledger
from lab.telegram.running import BRISK, Running
from tests.telegram_server import TelegramServer

ARTICLES = 150
"""At the beginning."""
MOST = 400
"""Beyond, those that are there are changed."""
_LEFT = 2_000_000
"""Bytes that a full disk has left at most; a megabyte and less counts as none."""
REMOTE = {"KUTIP_MODEL_SECONDS": "4"}
ENDING = 60.0
"""Seconds that the bot has to end in, when it is told to."""


def command(home: Path, io: Path, *words: str) -> Ended:
    """A `kutip` command, for a process that has no threads: it forks."""
    return kutip(home, io, *words).end()


class Stage:
    """`rest` is what to do while something is waited for; `model` is the remote model's address.

    `problems` are lines about the store, `ends` those with which the bot ended by itself.
    """

    def __init__(
        self, folder: Path, server: TelegramServer, model: str, seed: int, rest: Callable[[], None]
    ) -> None:
        self.folder, self.home = folder, folder / "home"
        self._model, self._seed, self._rest = model, seed, rest
        self._random = Random(f"stage {seed}")
        self._ledger = Ledger(seed)
        # A process that never had threads, whose children may be forks.
        self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), warm)
        self._checking: Future[Checked] | None = None
        self._copies: list[Path] = []
        self._full_until: float | None = None
        self.bot = Running(self.home, server, self._settings())
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.ends: list[str] = []
        self.remote = False

    # What there is to ask about

    @property
    def drafts(self) -> list[Draft]:
        return self._ledger.here()

    def unchanged(self, draft: Draft) -> bool:
        """Whether an article is still what it was when it was asked about."""
        state = self._ledger.states.get(draft.id)
        return state is not None and not state.removed and state.draft.marker == draft.marker

    # The bot

    def start(self) -> None:
        self.bot.settings = self._settings()
        self.bot.start()

    def watch(self) -> None:
        """What happens by itself: a bot that ended is started again, as systemd would; a full disk has room
        in time; a check is done."""
        if self.bot.process is not None and (status := self.bot.process.poll()) is not None:
            last = (self.bot.printed().strip().splitlines() or ["nothing"])[-1]
            self.ends.append(f"status {status}: {last}")
            self.start()
        if self._full_until is not None and monotonic() > self._full_until:
            self.make_room()
        if self._checking is not None and self._checking.done():
            self._take_check(self._checking.result())

    def kill_worker(self) -> None:
        self.counts["worker killed"] += self.bot.kill_worker()

    def kill_supervisor(self) -> None:
        self.bot.settings = self._settings()
        self.counts["supervisor killed"] += self.bot.kill_supervisor()

    def down(self, harm: bool) -> None:
        """Ends the bot or kills it, copies its store for the checker, damages its files, starts it again."""
        self._wait_for_check()
        self.make_room()
        self.end(self._random.random() < 0.5)
        copy = self.folder / f"copy-{self.counts['down']}"
        shutil.copytree(self.home, copy)
        if harm and self._copies:
            for what in damage(self.home, self._copies[-1], self._random, self._random.randrange(1 << 30)):
                self.counts["damaged"] += 1
                self.counts[f"damaged: {what}"] += 1
        self.remote = self._random.random() < 0.35
        self.counts["with the remote model"] += self.remote
        self.start()
        self.counts["down"] += 1
        self._copies.append(copy)
        for old in self._copies[:-2]:
            shutil.rmtree(old, ignore_errors=True)
        # Of a copy of the copy nothing is wanted: opening a store changes it.
        looked_at = self.folder / "checked"
        shutil.rmtree(looked_at, ignore_errors=True)
        shutil.copytree(copy, looked_at)
        seed = self._random.randrange(1 << 30)
        self._checking = self._pool.submit(check, looked_at, self._ledger.allowed(), seed)

    def end(self, kill: bool) -> None:
        """Returns once supervisor and worker are gone."""
        process, worker = self.bot.process, self.bot.worker()
        assert process is not None
        (process.kill if kill else process.terminate)()
        self.counts["all killed" if kill else "told to end"] += 1
        until = monotonic() + ENDING
        while process.poll() is None or (worker is not None and Path(f"/proc/{worker}/exe").exists()):
            self._rest()
            if monotonic() > until:
                self.ends.append("it did not end when told to")
                self.bot.kill_worker()
                process.kill()
                until = monotonic() + ENDING

    def check_last(self) -> None:
        """Ends the bot for good and checks the store itself."""
        self._wait_for_check()
        self.make_room()
        self.end(kill=False)
        self._take_check(self._pool.submit(check, self.home, self._ledger.allowed(), 1).result())
        self._pool.shutdown()

    # The disk

    def fill_disk(self, seconds: float) -> None:
        fill(self._ballast, self._random.choice((0, self._random.randrange(_LEFT))))
        self._full_until = monotonic() + seconds
        self.counts["disk full"] += 1

    def make_room(self) -> None:
        self._ballast.unlink(missing_ok=True)
        self._full_until = None

    @property
    def full(self) -> bool:
        return self._full_until is not None

    @property
    def _ballast(self) -> Path:
        return self.home / "ballast"

    # Articles

    def add(self, count: int) -> None:
        """`kutip ingest`, beside the bot. What it did not acknowledge is settled by the next check."""
        if self._checking is not None or self._ledger.pending():
            return
        many = len(self._ledger.states) >= MOST
        drafts = (self._ledger.changed if many else self._ledger.new)(self._random, count)
        path = self._ledger.give(drafts, self.folder / "articles.jsonl")
        future = self._pool.submit(command, self.home, self.folder / "io", "ingest", "--json", str(path))
        full = self.full
        while not future.done():
            self._rest()
            full = full or self.full
        ended = future.result()
        self.problems += self._ledger.acknowledge(ended.out)
        if ended.status and full:
            self.counts["articles refused by a full disk"] += 1
            self.problems += [*ended.clean("kutip ingest"), *one_line("ingest", ended)]
        else:
            self.problems += ended.done("kutip ingest")
            self.counts["articles added or changed"] += len(drafts)

    # Inside

    def _settings(self) -> Mapping[str, str]:
        remote = getattr(self, "remote", False)
        return {**BRISK, **({"KUTIP_MODEL_URL": self._model, **REMOTE} if remote else {})}

    def _wait_for_check(self) -> None:
        while self._checking is not None:
            self._rest()
            self.watch()

    def _take_check(self, found: Checked) -> None:
        self._checking = None
        self.counts["checks"] += 1
        self.counts["broken stores"] += bool(found.problems)
        self.problems += found.problems
        if not found.problems:
            self._ledger.settle(found.states)
