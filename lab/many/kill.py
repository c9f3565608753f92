"""Three machines, one database: python -m lab.many.kill [--kills 500 --restarts 20 --cuts 20]

Each machine is a network namespace with `kutip telegram` in it. All answer for one bot, by a webhook whose
address gives each update to one of them by chance; with `--polling`, one of them asks Telegram for updates.
While 100 chats ask, workers or their supervisors are killed with `kill -9` at random moments, PostgreSQL is
started again (half of the time as after a loss of power), and the cable between a machine and the database
is cut for some seconds, silently. Then: none lost, each chat's answers in order, no more twice than there
were kills, each digest and daily report once, and every machine that was cut off is back by itself.

Answers are looked up in a table, and processes are forked from one that has its modules
(`lab.telegram.forked`): what is tried is the bot, not the search. Needs root and Debian's PostgreSQL.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import NoReturn

import psycopg
from tqdm import tqdm

from bot.settings import Settings
from bot.telegram.claims import LEASE_SECONDS
from bot.telegram.following import Following
from bot.telegram.store import Store
from lab.many.balancer import Balancer
from lab.many.database import Postgres
from lab.many.machines import TELEGRAM, Machine, Machines
from lab.telegram.asking import Chat, ask_all, chats, misplaced, waiting
from lab.telegram.forked import ForkedRunning
from lab.telegram.promises import Promises
from lab.telegram.running import ROOT, Question, kutip
from tests.telegram_server import TelegramServer, User

WORKERS, EACH = 3, 4
OF_SUPERVISOR = 0.2
"""The share of kills that strike the supervisor, which is then started again, as systemd would."""
SHORTEST, LONGEST = 2.0, 30.0
"""Seconds of a cut: shorter and longer than a lease."""
PATIENCE = 300.0
"""Seconds after the last blow of a round within which all is answered."""
BACK_SECONDS = 60.0
"""Seconds within which a worker holds a lease again once its cable was mended."""


@dataclass(slots=True)
class Plan:
    """How many blows are left, of each kind."""

    kills: int
    restarts: int
    cuts: int

    def draw(self, random: Random) -> str | None:
        """The kind of the next blow, by chance; None where none is left."""
        kinds = [name for name in ("kills", "restarts", "cuts") for _ in range(getattr(self, name))]
        if not kinds:
            return None
        kind = random.choice(kinds)
        setattr(self, kind, getattr(self, kind) - 1)
        return kind


@dataclass(slots=True)
class Blows:
    """Strikes the machines. `done` counts the blows; `back` has the seconds from the mending of a cable until
    that worker lengthened its lease again, None where it did not."""

    machines: Sequence[Machine]
    bots: Sequence[ForkedRunning]
    postgres: Postgres
    random: Random
    done: Counter[str] = field(default_factory=Counter)
    back: list[float | None] = field(default_factory=list)
    _cut: tuple[int, float] | None = None
    _mended: dict[int, float] = field(default_factory=dict)

    def strike(self, kind: str) -> bool:
        """Strikes; False where there was nothing to kill."""
        if kind == "restarts":
            self.postgres.restart(self.random.choice(["fast", "immediate"]))
        elif kind == "cuts":
            self.mend()
            while self._mended:
                self.tick()
                sleep(0.1)
            number = self.random.randrange(len(self.machines))
            self.machines[number].cut()
            self._cut = number, monotonic() + self.random.uniform(SHORTEST, LONGEST)
        elif not self._kill(self.random.choice(self.bots)):
            return False
        self.done[kind] += 1
        return True

    def _kill(self, bot: ForkedRunning) -> bool:
        if self.random.random() < OF_SUPERVISOR:
            return bot.kill_supervisor()
        return bot.kill_worker()

    def mend(self) -> None:
        """Joins what is cut."""
        if self._cut is not None:
            number, _ = self._cut
            self.machines[number].mend()
            self._mended[number], self._cut = monotonic(), None

    def tick(self) -> None:
        """Joins a cable whose time has come, and sees who is back."""
        now = monotonic()
        if self._cut is not None and now > self._cut[1]:
            self.mend()
        if self._mended:
            heard = self._heard()
            for number, since in list(self._mended.items()):
                if heard.get(f"worker{number + 1}", now) < now - since or now > since + BACK_SECONDS:
                    self.back.append(now - since if now <= since + BACK_SECONDS else None)
                    del self._mended[number]

    def settle(self) -> None:
        """Waits until what is cut is joined again, and all who were cut off are back."""
        while self._mended or self._cut is not None:
            self.tick()
            sleep(0.5)

    def _heard(self) -> dict[str, float]:
        """How many seconds ago each worker has lengthened its lease, by its name."""
        try:
            with psycopg.connect(self.postgres.url, connect_timeout=5) as db:
                ago = "extract(epoch FROM clock_timestamp())::float8 - (until - %s)"
                rows = db.execute(f"SELECT name, min({ago}) FROM worker GROUP BY name", (LEASE_SECONDS,))
                return dict(rows.fetchall())
        except psycopg.Error:
            return {}


@dataclass(slots=True)
class Reports:
    """An admin who wants a report every day: a day passes with each round."""

    admin: User
    following: Following
    wanted: int = 0

    def make(self) -> None:
        self.wanted += 1
        self.following.report(self.admin.id, 0, "2000-01-01")

    def shown(self) -> int:
        """How many reports were written; a heading that was left alone is none."""
        return sum("entities" in message for message in self.admin.answers)


def labelled(home: Path, url: str) -> list[Question]:
    """Adds the sample articles; the sample questions with their labels' sentences, each sentence once."""
    kutip(home, "ingest", str(ROOT / "seeds" / "articles"), KUTIP_DATABASE_URL=url)
    rows = map(json.loads, (ROOT / "seeds" / "questions.jsonl").read_text("utf-8").splitlines())
    found = {row["gold"][0]["quote"]: row["question"] for row in rows if row.get("gold")}
    return [Question(question, quote) for quote, question in found.items()]


def run(
    plan: Plan, questions: int, many: int, pace: float, seed: int, folder: Path, polling: bool = False
) -> list[str]:
    """Asks and strikes until both are done; what went wrong. With `polling` there is no webhook."""
    random, problems = Random(seed), list[str]()
    with ExitStack() as held:
        machines = held.enter_context(Machines(WORKERS))
        server = held.enter_context(TelegramServer(host=TELEGRAM, inline=True))
        postgres = held.enter_context(Postgres())
        known = labelled(folder / "first", postgres.url)
        hooks = [f"http://{each.address}:8443/hook" for each in machines.each]
        balancer = held.enter_context(Balancer("127.0.0.1", hooks, seed))
        settings = Settings(home=folder / "first", database_url=postgres.url)
        promises = held.enter_context(Promises(server, settings, indexes=False))
        store = held.enter_context(closing(Store(settings.place, settings.home)))
        reports = Reports(server.user("Admin"), Following(store))
        bots = []
        for machine in machines.each:
            environment = _settings(machine, postgres, None if polling else balancer)
            bot = ForkedRunning(folder / f"worker{machine.number}", server, environment)
            bot.know(known)
            bots.append(held.enter_context(bot))
        server.wait_for(lambda: server.state.webhook["url"] or server.state.poll, 120)
        blows = Blows(machines.each, bots, postgres, random)
        total = plan.kills + plan.restarts + plan.cuts
        asking = chats(server, many)
        asked = 0
        with tqdm(total=total, mininterval=5) as bar:
            while asked < questions or plan.kills + plan.restarts + plan.cuts:
                before, start = dict(blows.done), monotonic()
                ask_all(asking, random.sample(known, len(known)), EACH)
                asked += many * EACH
                promises.make(known)
                reports.make()
                _strike(plan, blows, asking, pace, bar)
                kills = blows.done["kills"] - before.get("kills", 0)
                cuts = (
                    blows.done["cuts"]
                    + blows.done["restarts"]
                    - sum(before.get(name, 0) for name in ("cuts", "restarts"))
                )
                problems += _judged(server, asking, promises, reports, blows, kills, cuts)
                print(f"{asked} asked, {dict(blows.done)}, {monotonic() - start:.0f} s", flush=True)
        problems += [*(line for bot in bots for line in bot.unclean()), *server.crashes]
        problems += [f"{c.method}: {c.refused}" for c in server.violations]
        problems += [
            f"a worker was not back {BACK_SECONDS:g} s after a cut" for each in blows.back if each is None
        ]
        times = sorted(each for each in blows.back if each is not None)
        print(f"{len(times)} cuts, back after {[round(each, 1) for each in times]} s")
        print(f"updates taken: {dict(balancer.taken)}; passed over: {dict(balancer.refused)}")
        if problems:
            for bot in bots:
                print(f"--- {bot.home.name}\n{bot.printed()[-4000:]}")
    return problems


def _strike(plan: Plan, blows: Blows, asking: list[Chat], pace: float, bar: tqdm[NoReturn]) -> None:
    """Strikes for as long as questions wait, once in `pace` seconds on average."""
    while (left := waiting(asking)) and (kind := plan.draw(blows.random)):
        until = monotonic() + blows.random.uniform(0, 2 * pace)
        while monotonic() < until:
            sleep(min(0.2, max(0.0, until - monotonic())))
            blows.tick()
        if blows.strike(kind):
            bar.update()
        else:
            plan.kills += 1
        bar.set_postfix(questions=left)


def _settings(machine: Machine, postgres: Postgres, balancer: Balancer | None) -> dict[str, str]:
    webhook = {
        "KUTIP_TELEGRAM_WEBHOOK": balancer.url if balancer else "",
        "KUTIP_TELEGRAM_WEBHOOK_HOST": machine.address,
    }
    return {
        "LAB_NETNS": machine.namespace,
        "KUTIP_DATABASE_URL": postgres.url,
        "KUTIP_WORKER": f"worker{machine.number}",
        "KUTIP_TELEGRAM_QUEUE": "1000",
        **(webhook if balancer else {}),
    }


def _judged(
    server: TelegramServer,
    asking: list[Chat],
    promises: Promises,
    reports: Reports,
    blows: Blows,
    kills: int,
    cuts: int,
) -> list[str]:
    """What went wrong in a round, once all is quiet."""
    blows.settle()
    end = monotonic() + PATIENCE
    while waiting(asking) + promises.open() + (reports.shown() < reports.wanted) and monotonic() < end:
        sleep(0.5)
    # A second answer, if there is to be one, comes when a lease is over.
    settled = -1
    while monotonic() < end and settled != len(server.calls):
        settled = len(server.calls)
        sleep(4.0)
    problems = promises.problems()
    if reports.shown() != reports.wanted:
        problems.append(f"{reports.shown()} daily reports came in {reports.wanted} days")
    if lost := waiting(asking):
        problems.append(f"{lost} questions lost")
    problems += misplaced(asking)
    twice = sum(chat.twice() for chat in asking)
    print(f"{twice} answers twice, {kills} kills, {cuts} restarts and cuts")
    if twice > kills:
        problems.append(f"{twice} answers came twice, with {kills} kills")
    return problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--pace", type=float, default=1.5, help="seconds between two blows, on average")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--polling", action="store_true", help="without a webhook: one worker asks Telegram")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="kutip-many-") as folder, suppress(KeyboardInterrupt):
        plan = Plan(given.kills, given.restarts, given.cuts)
        how = given.questions, given.chats, given.pace, given.seed, Path(folder), given.polling
        problems = run(plan, *how)
        for problem in problems:
            print(problem)
        print("nothing went wrong" if not problems else f"{len(problems)} problems")
        sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
