"""The run: python -m lab.soak --minutes 60 --seed 1 --log soak.log

A line a minute, and all figures at the end; exit status 1 where a question was lost, answered twice without
a kill to excuse it, or in another order, or a store was broken, or the bot broke one of Telegram's rules.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, sleep, strftime
from types import FrameType
from typing import TextIO

from lab.faults.disk import small_disk
from lab.soak.model import SlowModel
from lab.soak.readers import Readers, Tally
from lab.soak.stage import ARTICLES, Stage
from lab.soak.weather import Weather
from tests.telegram_server import TelegramServer

MEGABYTES = 160
"""Of the small disk: three generations of the indexes and an hour's answers."""
TURN = 0.05
PATIENCE = 300.0
"""Seconds without one more answer, after the last question, by which what waits counts as lost."""
LIVELY, ANSWERS, PAUSE = 0.7, 40, 180.0
"""The share of mishaps that come only after some answers, up to so many; so many seconds are waited for them:
however slow the machine, the bot must get on between two kills, or nothing but its start is tried."""
SETTLED = 10.0
"""Seconds without an answer after which none comes twice any more."""
_MISHAPS = {"worker": 5, "supervisor": 2, "down": 3, "disk": 2, "add": 4, "crowd": 1}


class Soak:
    """One run. `every` is the mean of seconds between two mishaps, `rate` questions a second."""

    def __init__(
        self, options: argparse.Namespace, server: TelegramServer, model: SlowModel, folder: Path, disk: bool
    ) -> None:
        self._options, self._server, self._model, self._disk = options, server, model, disk
        self._random = Random(options.seed)
        self._readers = Readers(server, options.chats, Random(f"readers {options.seed}"))
        self._weather = Weather(server, Random(f"weather {options.seed}"))
        self.stage = Stage(folder, server, model.url, options.seed, self._turn)
        self._log: TextIO | None = None
        if options.log:
            Path(options.log).parent.mkdir(parents=True, exist_ok=True)
            self._log = Path(options.log).open("a", encoding="utf-8")  # noqa: SIM115  it lives as long as this
        self._began = monotonic()
        self._asking = False
        self._next = {"question": 0.0, "weather": self._began, "minute": self._began + 60}
        self._calls: Counter[str] = Counter()
        self._seen: list[str] = []
        self._most = 0
        self.unconfirmed = 0
        self.stopped = False

    def run(self) -> int:
        """The exit status."""
        options = self._options
        self.say(f"soak: {options.minutes:g} minutes, seed {options.seed}, {options.chats} chats")
        if not self._disk:
            self.say("no small disk can be mounted here: it is never full")
        self.stage.add(ARTICLES)
        self.stage.start()
        self._began, self._asking = monotonic(), True
        end = self._began + options.minutes * 60
        self._next = {"question": self._began, "weather": self._began + 20, "minute": self._began + 60}
        mishap, wait_for = self._began + 10, 0
        while monotonic() < end and not self.stopped:
            self._turn()
            self.stage.watch()
            late = monotonic() - mishap
            if late > PAUSE or (late > 0 and (not wait_for or self._tally().answered >= wait_for)):
                self._mishap()
                mishap = monotonic() + self._random.expovariate(1 / options.every)
                # The others may strike while it starts.
                lively = self._random.random() < LIVELY
                wait_for = self._tally().answered + self._random.randint(1, ANSWERS) if lively else 0
        self._asking = False
        self._weather.clear()
        self.stage.make_room()
        self._model.seconds = 0.2
        self._drain()
        self.stage.check_last()
        return self._report()

    def say(self, line: str) -> None:
        """To the terminal and the log."""
        line = f"{strftime('%H:%M:%S')}  {line}"
        print(line, flush=True)
        if self._log is not None:
            print(line, file=self._log, flush=True)

    # Each moment

    def _turn(self) -> None:
        """What goes on whatever else is waited for."""
        now = monotonic()
        if self._asking:
            if now > self._next["question"]:
                if self._tally().waiting < self._options.waiting:
                    self._readers.ask(self.stage.drafts)
                self._next["question"] = now + self._random.expovariate(self._options.rate)
            if now > self._next["weather"]:
                self._next["weather"] = now + self._weather.turn()
        if now > self._next["minute"]:
            self._next["minute"] += 60
            self._minute()
        sleep(TURN)

    def _mishap(self) -> None:
        stage, draw = self.stage, self._random
        match draw.choices(list(_MISHAPS), list(_MISHAPS.values()))[0]:
            case "worker":
                stage.kill_worker()
            case "supervisor":
                stage.kill_supervisor()
            case "down":
                stage.down(harm=draw.random() < 0.6)
            case "disk" if self._disk and not stage.full:
                stage.fill_disk(draw.uniform(4, 20))
            case "add":
                stage.add(draw.randint(3, 15))
            case "crowd":
                self._readers.ask_all(stage.drafts, draw.uniform(0.1, 0.5))

    def _drain(self) -> None:
        """Until all is answered, nothing comes twice any more, or the patience is over."""
        last, answered = monotonic(), -1
        while monotonic() - last < PATIENCE:
            self._turn()
            self.stage.watch()
            tally = self._tally()
            if (now := tally.answered + tally.twice + tally.refused) != answered:
                answered, last = now, monotonic()
            if not tally.waiting and monotonic() - last > SETTLED:
                return

    # Figures

    def _tally(self) -> Tally:
        return self._readers.tally(self.stage.unchanged)

    def _kills(self) -> int:
        counts = self.stage.counts
        return sum(counts[name] for name in ("worker killed", "supervisor killed", "all killed"))

    def _minutes(self) -> int:
        return round((monotonic() - self._began) / 60)

    def _minute(self) -> None:
        self._look_at_calls()
        tally, counts, stage = self._tally(), self.stage.counts, self.stage
        memory = stage.bot.resident()
        self._most = max(self._most, memory)
        said = (
            f"minute {self._minutes()}: {tally.sent} sent",
            f"{tally.answered} answered",
            f"{tally.waiting} waiting (oldest {tally.oldest:.0f} s)",
            f"{tally.refused} refused",
            f"{tally.twice} twice ({self._kills()} kills, {self.unconfirmed} unconfirmed)",
            f"{tally.mixed} out of order",
            f"{counts['broken stores']} of {counts['checks']} stores broken",
            f"{counts['damaged']} files damaged",
            f"{counts['disk full']} full disks{' (now)' if stage.full else ''}",
            f"Telegram {self._weather.name}",
            f"{'remote model' if stage.remote else 'reader'} {memory} MB",
        )
        self.say(", ".join(said))
        for problem in stage.problems[len(self._seen) :]:
            self.say(f"    PROBLEM {problem}")
        self._seen = list(stage.problems)

    def _look_at_calls(self) -> None:
        """Counts the calls since the last time and lets go of them: an hour has very many."""
        with self._server.state.changed:
            calls, self._server.calls[:] = list(self._server.calls), []
            self._server.state.events.clear()
        for call in calls:
            self._calls[call.method] += 1
            if call.refused is not None and call.refused.broken:
                self.stage.problems.append(f"the bot broke a rule: {call.method}: {call.refused}")
            after = call.fault is not None and call.fault.kind in ("cut after", "hang after")
            self.unconfirmed += after and "reply_parameters" in call.parameters

    def _report(self) -> int:
        self._minute()
        tally, stage = self._tally(), self.stage
        lost = tally.waiting + tally.refused
        twice = max(0, tally.twice - self._kills() - self.unconfirmed)
        wrong = [*stage.problems, *self._server.crashes, *stage.bot.unclean()]
        for line in (*wrong, *tally.examples[:20]):
            self.say(f"    {line}")
        for end in stage.ends:
            self.say(f"    it ended by itself: {end}")
        counts, model = stage.counts, self._model
        for what, counted in (
            ("injected", sorted(counts.items())),
            ("Telegram", sorted(self._weather.struck.items())),
            ("calls", self._calls.most_common()),
        ):
            self.say(f"{what}: " + ", ".join(f"{name} {number}" for name, number in counted if number))
        self.say(f"remote model: {model.asked} asked, {model.refused} refused, {model.broken} broken off")
        said = (
            f"after {self._minutes()} minutes: {tally.sent} sent",
            f"{tally.answered} answered ({tally.elsewhere} of them from another article)",
            f"{lost} lost",
            f"{tally.twice} twice, {twice} of them beyond {self._kills()} kills and {self.unconfirmed} "
            "messages that Telegram took and did not confirm",
            f"{tally.mixed} chats in another order",
            f"{counts['broken stores']} of {counts['checks']} stores broken",
            f"{len(stage.ends)} ends of the bot's own",
            f"at most {self._most} MB",
        )
        self.say("; ".join(said))
        failed = lost or twice or tally.mixed or stage.counts["broken stores"] or wrong or stage.ends
        self.say("FAILED" if failed else "passed")
        return 1 if failed else 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lab.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--rate", type=float, default=0.6, help="questions a second")
    parser.add_argument("--waiting", type=int, default=150, help="questions that wait at once, at most")
    parser.add_argument("--every", type=float, default=15.0, help="seconds between two mishaps, on average")
    parser.add_argument("--log", help="a file that gets every line, too")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="kutip-soak-")))
        try:
            stack.enter_context(small_disk(folder / "home", MEGABYTES))
            disk = True
        except PermissionError:
            disk = False
        model = stack.enter_context(SlowModel(folder, options.seed))
        server = stack.enter_context(TelegramServer(seed=options.seed))
        soak = Soak(options, server, model, folder, disk)
        stack.push(soak.stage.bot)

        def stop(number: int, frame: FrameType | None) -> None:
            # No more questions; those that were asked are judged. The second time ends it at once.
            if soak.stopped:
                raise KeyboardInterrupt
            soak.stopped = True

        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, stop)
        status = soak.run()
    sys.exit(status)


if __name__ == "__main__":
    main()
