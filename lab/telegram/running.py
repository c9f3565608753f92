"""The real `kutip telegram`, on a store of the sample articles, before the strict Telegram of the tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Protocol, Self

from lab.memory import resident
from rag.asking.follow import follows
from tests.telegram_server import TelegramServer

ROOT = Path(__file__).resolve().parents[2]
KUTIP = Path(sys.executable).with_name("kutip")
PATIENT = {"KUTIP_TELEGRAM_PER_MINUTE": "100000", "KUTIP_TELEGRAM_PER_DAY": "1000000"}
"""Limits that a test does not meet."""
BRISK = {"KUTIP_PASSAGES": "2"}
"""So little is read for a question that the bot, not the engine, is what is measured."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a command: nothing of Kutip's but what is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KUTIP_")}
    return kept | {"KUTIP_HOME": str(home), "PYTHONPATH": str(ROOT)} | more


def kutip(home: Path, *words: str, stdin: str | None = None, **more: str) -> str:
    """What a command prints. Raises CalledProcessError."""
    done = subprocess.run(
        [KUTIP, *words],
        input=stdin,
        capture_output=True,
        check=True,
        text=True,
        cwd=home.parent,
        env=environment(home, **more),
    )
    return done.stdout


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the sentence by which its answer is known."""

    text: str
    quote: str


def prepare(home: Path, settings: Mapping[str, str], most: int = 1000) -> list[Question]:
    """Adds the sample articles, and asks what a bot with these settings will answer to the sample questions.

    Only questions that are answered, each with another sentence first, so that an answer tells its question,
    and that stand alone: the bot would carry over to others what was said in the chat before.
    """
    kutip(home, "ingest", str(ROOT / "seeds" / "articles"))
    lines = (ROOT / "seeds" / "questions.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line) for line in lines[:most]]
    batch = "".join(json.dumps({"id": row["id"], "question": row["question"]}) + "\n" for row in asked)
    answers = kutip(home, "ask", "--batch", "-", "--json", stdin=batch, **settings)
    found: dict[str, Question] = {}
    for line in answers.splitlines():
        answer = json.loads(line)
        if answer["status"] == "answered" and not follows(answer["question"], answer["language"]):
            quote = answer["citations"][0]["quote"]
            found.setdefault(quote, Question(answer["question"], quote))
    return list(found.values())


class Process(Protocol):
    """What is needed of a process; Popen has it."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...

    def wait(self, timeout: float | None = None) -> int: ...


def labelled(home: Path) -> list[Question]:
    """Adds the sample articles; the sample questions with the sentences that their labels name, each sentence
    once. No question is asked, so this takes seconds."""
    kutip(home, "ingest", str(ROOT / "seeds" / "articles"))
    rows = map(json.loads, (ROOT / "seeds" / "questions.jsonl").read_text("utf-8").splitlines())
    found = {row["gold"][0]["quote"]: row["question"] for row in rows if row.get("gold")}
    return [Question(question, quote) for quote, question in found.items()]


@dataclass(slots=True)
class Running:
    """`kutip telegram` as an operator starts it; use as a context manager."""

    home: Path
    server: TelegramServer
    settings: Mapping[str, str] = field(default_factory=dict)
    process: Process | None = None

    @property
    def log(self) -> Path:
        return self.home.parent / f"{self.home.name}.log"

    def start(self) -> None:
        """Starts the supervisor, which starts the worker."""
        settings = {
            "KUTIP_TELEGRAM_TOKEN": self.server.token,
            "KUTIP_TELEGRAM_URL": self.server.url,
            **PATIENT,
            **self.settings,
        }
        self.process = self._begin(environment(self.home, **settings))

    def _begin(self, settings: Mapping[str, str]) -> Process:
        """Starts the command with this environment."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [KUTIP, "telegram"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home.parent,
                env=settings,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        worker = self.worker()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if worker is not None:
            _kill(worker)

    def worker(self) -> int | None:
        """The worker's process id, while there is one."""
        if self.process is None:
            return None
        try:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii")
        except OSError:
            return None
        return int(children.split()[0]) if children.split() else None

    def kill_worker(self) -> bool:
        """SIGKILL to the worker alone; whether there was one."""
        worker = self.worker()
        return worker is not None and _kill(worker)

    def kill_supervisor(self) -> bool:
        """SIGKILL to the supervisor alone, which is then started again, as systemd would."""
        if self.process is None or self.process.poll() is not None:
            return False
        self.process.kill()
        self.process.wait()
        self.start()
        return True

    def resident(self) -> int:
        """The worker's memory in MB, 0 while there is none."""
        return resident(self.worker())

    def wait_until_up(self, seconds: float = 120.0) -> float:
        """Waits for the bot's first getUpdates, and says how long that took."""
        start = monotonic()
        before = self.server.state.poll
        while self.server.state.poll == before:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"kutip telegram ended:\n{self.printed()[-2000:]}")
            if monotonic() - start > seconds:
                raise AssertionError(f"the bot asked for no updates:\n{self.printed()[-2000:]}")
            sleep(0.02)
        return monotonic() - start

    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def unclean(self) -> list[str]:
        """What an operator should not find in the log."""
        printed = self.printed()
        lines = [f"the log shows {what!r}" for what in ("Traceback", "should not happen") if what in printed]
        if self.server.token in printed or self.server.token.partition(":")[2] in printed:
            lines.append("the log shows the token")
        return lines


def fresh(folder: Path, home: Path) -> Path:
    """A copy of a prepared store."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(home, folder)
    return folder


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
