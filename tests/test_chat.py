"""`kutip chat` on a terminal: a real pseudoterminal, and the command as it is installed."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import pytest

from bot import chat
from rag.pipeline import Step
from tests.test_cli import Run, run

__all__ = ["run"]


class Terminal:
    """The side of a pseudoterminal at which a person sits."""

    def __init__(self, leader: int) -> None:
        self._leader = leader
        self.seen = ""

    def type(self, keys: str) -> None:
        os.write(self._leader, keys.encode())

    def wait_for(self, text: str) -> None:
        """Reads on until the screen has shown it; fails where the program ends before."""
        while text not in self.seen:
            part = self.read()
            assert part, f"{text!r} never came: {self.seen}"

    def read(self) -> bytes:
        try:
            part = os.read(self._leader, 4096)
        except OSError:  # the other side was closed
            return b""
        self.seen += part.decode("utf-8", "replace")
        return part


@contextmanager
def chatting(term: str = "xterm") -> Iterator[Terminal]:
    leader, follower = pty.openpty()
    environment = os.environ | {"TERM": term, "PROMPT_TOOLKIT_NO_CPR": "1", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(
        [Path(sys.executable).with_name("kutip"), "chat"],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment,
        start_new_session=True,
    )
    os.close(follower)
    terminal = Terminal(leader)
    try:
        yield terminal
        while terminal.read():
            pass
        assert process.wait(60) == 0, terminal.seen
    finally:
        process.kill()
        process.wait()
        os.close(leader)


@pytest.fixture
def some(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bola.txt").write_text("Kiper Bahari adalah Rangga Putra. Ia cedera.", encoding="utf-8")
    assert run("ingest", tmp_path / "bola.txt").status == 0


@pytest.mark.usefixtures("some")
def test_what_is_typed_before_the_prompt_is_there_stands_in_it_and_nowhere_else() -> None:
    with chatting() as terminal:
        terminal.wait_for("/quit to leave")
        terminal.type("Siapa kiper Bahari?\r")
        terminal.wait_for("Rangga Putra")
        before, prompt, after = terminal.seen.partition("›")
        assert prompt
        assert "Siapa" not in before
        assert "Siapa kiper Bahari?" in after
        terminal.wait_for("╯")
        terminal.type("/sources\r")
        terminal.wait_for("version 1")
        terminal.type("/quit\r")


@pytest.mark.usefixtures("some")
def test_a_dumb_terminal_gets_the_chat_without_frames() -> None:
    with chatting("dumb") as terminal:
        terminal.type("Siapa kiper Bahari?\n")
        terminal.wait_for("“Kiper Bahari adalah Rangga Putra.”")
        terminal.type("/quit\n")
    assert not set("╭│╯") & set(terminal.seen)


def test_the_spinner_has_a_word_for_every_step_of_an_answer() -> None:
    assert set(chat._STEPS) == set(get_args(Step))
    assert chat._STEPS["write"] != chat._STEPS["ask"] != chat._STEPS["read"]
