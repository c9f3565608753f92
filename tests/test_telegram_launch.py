"""`kutip telegram` as a process: what it says when it cannot start, and what it never says."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli
from tests.telegram_server import TelegramServer

PATIENCE = 120.0


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


def failing(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The one line that `kutip telegram` ends with."""
    monkeypatch.setattr(sys, "argv", ["kutip", "telegram"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(SystemExit) as end:
        cli.main()
    out, err = capfd.readouterr()
    assert (end.value.code, out, err.count("\n")) == (1, "", 1)
    return err


def test_without_a_token_one_line_says_how_to_get_one(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = failing(capfd, monkeypatch)
    assert "@BotFather" in line
    assert "KUTIP_TELEGRAM_TOKEN" in line


@pytest.mark.parametrize("token", ["secret-thing", "12:with space", ":", "abc:def"])
def test_what_can_be_no_token_is_refused_without_being_shown(
    token: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUTIP_TELEGRAM_TOKEN", token)
    line = failing(capfd, monkeypatch)
    assert token not in line.replace("KUTIP_TELEGRAM_TOKEN", "") or token == ":"
    assert "@BotFather" in line


def test_a_token_that_telegram_does_not_know_is_one_line(
    telegram: TelegramServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "110201543:AAHunknownunknownunknownunknownunkn"
    monkeypatch.setenv("KUTIP_TELEGRAM_TOKEN", token)
    monkeypatch.setenv("KUTIP_TELEGRAM_URL", telegram.url)
    line = failing(capfd, monkeypatch)
    assert token not in line
    assert line.startswith("kutip: Telegram does not know this bot token")


def test_the_token_stands_in_no_log_line_however_much_is_logged(
    telegram: TelegramServer, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    ani = telegram.user("Ani")
    env = {**os.environ, "KUTIP_TELEGRAM_TOKEN": telegram.token, "KUTIP_TELEGRAM_URL": telegram.url}
    with log.open("wb") as stream:
        worker = subprocess.Popen(
            [sys.executable, "-c", "from bot.cli import main; main()", "--debug", "telegram"],
            stdout=stream,
            stderr=stream,
            env=env,
        )
        try:
            message = ani.says("/start")
            telegram.wait_for(lambda: len(ani.answers) == 1, PATIENCE)
            assert ani.answers[0]["reply_to_message"]["message_id"] == message["message_id"]
        finally:
            worker.send_signal(signal.SIGTERM)
            status = worker.wait(PATIENCE)
    text = log.read_text(encoding="utf-8")
    assert status == 0
    assert telegram.token not in text
    assert telegram.token.split(":")[1] not in text
    assert "getUpdates" in text
    telegram.assert_clean()


def test_settings_are_listed_without_the_token(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUTIP_TELEGRAM_TOKEN", "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0")
    monkeypatch.setattr(sys, "argv", ["kutip", "doctor", "--settings"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(SystemExit):
        cli.main()
    out, _ = capfd.readouterr()
    assert "KUTIP_TELEGRAM_TOKEN=(set, not shown)" in out
    assert "AAHdq" not in out
