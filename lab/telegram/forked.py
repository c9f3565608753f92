"""`kutip telegram` without loading its modules each time: it is forked from a process that has them.

Three quarters of a worker's start are imports, so that many more kills fit into an hour. All else is as it
ships: the supervisor is a process of its own, the worker is another, and each opens its store and its models
for itself. If a table of answers is given, they are picked from it after a pause, and no model is loaded:
then only the bot is tried, and not the search and the reader.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace, TracebackType
from typing import Self

import bot.supervisor
import bot.telegram.__main__
import bot.telegram.worker
from bot.settings import Settings
from bot.telegram.launch import run
from lab.many.machines import enter
from lab.telegram.running import Question, Running
from rag.types import Answer, Citation, Claim, Turn
from tests.no_models import NoModels

_FORKING = multiprocessing.get_context("forkserver")
_KNOWN = "LAB_KNOWN"
"""The variable of the environment that names the table: {question: the sentence that answers}."""
_MACHINE = "LAB_NETNS"
"""The variable that names a network namespace: the machine on which this runs (`lab.many`)."""
READING_SECONDS = 0.15
"""How long an answer from the table takes: about as long as a real one."""
_LOOK_SECONDS = 0.05
"""Seconds between two looks whether a process has ended."""


class ForkedRunning(Running):
    """As `Running`, forked. Use as a context manager, under `if __name__ == "__main__"`."""

    def know(self, questions: Sequence[Question]) -> None:
        """Has these questions answered from a table."""
        table = self.home.parent / "known.json"
        table.write_text(json.dumps({each.text: each.quote for each in questions}), encoding="utf-8")
        self.settings = {**self.settings, _KNOWN: str(table)}

    def _begin(self, settings: Mapping[str, str]) -> Supervisor:
        _FORKING.set_forkserver_preload([__name__])
        process = _FORKING.Process(target=_supervise, args=(dict(settings), str(self.log)))
        process.start()
        return Supervisor(process)


class Supervisor:
    """A forked supervisor, with as much of Popen as `Running` needs."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def poll(self) -> int | None:
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("kutip telegram", timeout or 0.0)
        return self._process.exitcode


def _supervise(environment: dict[str, str], log: str) -> None:
    """The supervisor, in its own process."""
    os.setsid()
    os.environ.clear()
    os.environ |= environment
    if machine := environment.get(_MACHINE):
        enter(machine)
    os.chdir(os.path.dirname(log))
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(written, 1)
    os.dup2(written, 2)
    vars(bot.supervisor)["subprocess"] = SimpleNamespace(
        Popen=_Worker, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired
    )
    os._exit(run(Settings.read(), debug=False))


class Known(NoModels):
    """Answers from the table."""

    def prepare(self) -> None:
        self._table: dict[str, str] = json.loads(Path(os.environ[_KNOWN]).read_text(encoding="utf-8"))
        self._cited = {
            quote: Citation(
                1,
                article.id,
                article.version,
                article.title,
                article.url,
                article.published,
                at,
                at + len(quote),
                quote,
            )
            for article in self.archive.articles()
            for quote in self._table.values()
            if (at := article.text.find(quote)) >= 0
        }

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        partial: Callable[[Answer], None] = lambda answer: None,
        stop: threading.Event | None = None,
        today: date | None = None,
    ) -> Answer:
        (stop or threading.Event()).wait(READING_SECONDS)
        cited = self._cited[self._table[question]]
        claims = (Claim(cited.quote, (1,)),)
        return Answer(question, "id", "answered", f"{cited.quote} [1]", None, claims, (cited,), "table")


class _Worker:
    """A forked worker, with as much of Popen as the supervisor needs."""

    def __init__(self, command: Sequence[str], stdin: int, start_new_session: bool) -> None:
        assert threading.active_count() == 1, "a fork copies one thread"
        reading, self._writing = os.pipe()
        self._status: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._writing)
            os.dup2(reading, 0)
            os.setsid()
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            sys.argv = ["bot.telegram", *command[command.index("bot.telegram") + 1 :]]
            if _KNOWN in os.environ:
                vars(bot.telegram.worker)["App"] = Known
            status = 1
            try:
                status = bot.telegram.__main__.main()
            finally:
                sys.stderr.flush()
                os._exit(status)
        os.close(reading)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._writing)
        self.wait()

    def wait(self, timeout: float | None = None) -> int:
        end = monotonic() + timeout if timeout is not None else None
        while self._status is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self._status = os.waitstatus_to_exitcode(status)
            elif end is not None and monotonic() > end:
                raise subprocess.TimeoutExpired("bot.telegram", timeout or 0.0)
            else:
                sleep(_LOOK_SECONDS)
        return self._status

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
