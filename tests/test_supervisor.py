"""A worker that dies is started again; one that ends, or is told to, is not."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import supervisor
from bot.supervisor import FATAL, PASSES, supervise

Lines = list[str]


def python(code: str) -> Callable[[int, bool], list[str]]:
    """A worker that knows how often it was started again, and whether it is to blame."""
    return lambda restarts, blame: [
        sys.executable,
        "-c",
        f"import os, signal, sys, time; restarts, blame = {restarts}, {blame}\n{code}",
    ]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_WAIT", 0.01)


def test_a_worker_that_was_killed_is_started_again_without_blame() -> None:
    lines: Lines = []
    code = "os.kill(os.getpid(), signal.SIGKILL) if restarts < 2 else sys.exit(blame)"
    assert supervise(python(code), lines.append) == 0
    assert lines == ["the worker was ended by SIGKILL; it is started again"] * 2


def test_a_worker_that_crashed_is_started_again_with_blame() -> None:
    lines: Lines = []
    code = "os.kill(os.getpid(), signal.SIGSEGV) if restarts < 1 else sys.exit(0 if blame else 5)"
    assert supervise(python(code), lines.append) == 0
    assert "SIGSEGV" in lines[0]


def test_what_passes_is_waited_for_and_blamed_on_nothing() -> None:
    lines: Lines = []
    code = f"sys.exit({PASSES} if restarts < 2 else blame)"
    assert supervise(python(code), lines.append) == 0
    assert lines == [
        f"the worker ended with status {PASSES}; it is started again in {wait} s" for wait in (0.02, 0.04)
    ]


def test_a_worker_that_cannot_help_it_ends_the_supervisor() -> None:
    lines: Lines = []
    assert supervise(python(f"sys.exit({FATAL})"), lines.append) == FATAL
    assert lines == []


def test_crashes_in_a_row_are_answered_with_longer_and_longer_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_WAIT", 0.05)
    lines: Lines = []
    assert supervise(python("sys.exit(3 if restarts < 4 else 0)"), lines.append) == 0
    assert [line.rpartition(" in ")[2] for line in lines] == ["0.02 s", "0.04 s", "0.05 s", "0.05 s"]


def test_a_signal_is_handed_over_and_the_worker_may_finish(tmp_path: Path) -> None:
    ready, ended = tmp_path / "ready", tmp_path / "ended"
    code = (
        f"signal.signal(signal.SIGTERM, lambda *_: (open({str(ended)!r}, 'w').close(), os._exit(0)))\n"
        f"open({str(ready)!r}, 'w').close()\ntime.sleep(60)"
    )
    _terminate_when(ready)
    assert supervise(python(code), lambda line: None) == 0
    assert ended.exists()


def test_a_worker_that_does_not_end_is_killed_after_the_grace(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = f"signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(ready)!r}, 'w').close(); time.sleep(60)"
    _terminate_when(ready)
    assert supervise(python(code), lambda line: None, grace=0.1) == 0


def test_a_worker_hears_that_its_supervisor_is_gone(tmp_path: Path) -> None:
    code = "os.read(0, 1); sys.exit(0)"
    # The supervisor's end of the pipe is closed when it goes; here, by ending at once.
    worker = supervisor.subprocess.Popen(python(code)(0, False), stdin=supervisor.subprocess.PIPE)
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(30) == 0


def _terminate_when(ready: Path) -> None:
    def wait() -> None:
        while not ready.exists():
            threading.Event().wait(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
