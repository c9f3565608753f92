"""The bot on a full disk: nothing is lost, told to go away, or said twice; it all waits for room."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from telegram import Bot

from bot.app import App
from bot.settings import Settings
from bot.supervisor import PASSES
from bot.telegram import sending
from bot.telegram import store as stores
from bot.telegram.inbox import Inbox, Row
from bot.telegram.messages import plain
from bot.telegram.metrics import Metrics
from bot.telegram.sending import Sender
from bot.telegram.store import Store
from lab.faults.disk import fill, small_disk
from rag.errors import DiskFull
from rag.store.archive import Archive
from tests.telegram_server import TelegramServer
from tests.test_telegram_bot import ARTICLE, Hand, Running, asked, eventually, order, reply
from tests.test_telegram_inbox import BOT, put

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 24) as mounted:
        yield mounted


@needs_root
def test_a_question_waits_until_its_answer_can_be_kept(
    disk: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(ARTICLE), encoding="utf-8")
    with TelegramServer() as telegram:
        settings = Settings(home=disk / "home", telegram_url=telegram.url)
        app, hand = App(settings), Hand()
        list(app.ingest([str(tmp_path / "a.jsonl")]))
        app.close()
        running = Running(settings, telegram, hand)
        try:
            ani = telegram.user("Ani")
            asked(telegram, ani, "/start")
            with hand:
                question = ani.says("Siapa nama kucing balai kota Sungai Pinang?")
                eventually(lambda: bool(hand.said))
                fill(disk / "ballast", 0)
            eventually(lambda: "what was asked waits" in caplog.text)
            assert len(order(ani)) == 1
            (disk / "ballast").unlink()
            assert "Mentimun" in reply(telegram, ani, question)["text"]
        finally:
            running.stop()
        assert len(order(ani)) == 2
        telegram.assert_clean()


@needs_root
def test_a_worker_that_finds_no_room_is_to_be_started_again(disk: Path) -> None:
    fill(disk / "ballast", 0)
    done = subprocess.run(
        [sys.executable, "-m", "bot.telegram"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"KUTIP_HOME": str(disk / "home"), "KUTIP_TELEGRAM_TOKEN": "1:a"},
    )
    assert done.returncode == PASSES
    assert "is full: make room on it" in done.stderr


class FullInbox(Inbox):
    """Has no room until `room` is set; counts what it refused."""

    room = False
    refused = 0

    def sent(self, row: Row, last: bool, shown: tuple[int, int] | None = None) -> None:
        if not self.room:
            self.refused += 1
            raise DiskFull("the disk is full")
        super().sent(row, last, shown)


class Sent(Bot):
    """Takes every message at once."""

    def __init__(self) -> None:
        super().__init__("1:a")
        self._unfreeze()
        self.texts: list[str] = []

    async def send_message(self, chat_id: Any, text: str, **more: Any) -> Any:
        self.texts.append(text)
        return SimpleNamespace(chat_id=chat_id, message_id=len(self.texts))


def test_a_reply_that_cannot_be_put_on_record_holds_up_the_next_and_is_not_sent_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "ROOM_SECONDS", 0.01)
    monkeypatch.setattr(sending, "PATIENCE", 0.02)
    store = Store(archive.place)
    inbox, bot = FullInbox(store, BOT, 1), Sent()
    put(inbox, 5, 6)
    sender = Sender(bot, inbox, Metrics(0))

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.005)

    async def both() -> None:
        rows = [inbox.get_nowait() for _ in range(2)]
        replies = [
            asyncio.create_task(sender.reply(row, [plain(f"jawaban {place}")], 7))
            for place, row in enumerate(rows)
        ]
        # Longer than a reply on its way holds up others.
        await until(lambda: inbox.refused > 10)
        assert bot.texts == ["jawaban 0"]
        inbox.room = True
        await asyncio.gather(*replies)

    asyncio.run(both())
    assert bot.texts == ["jawaban 0", "jawaban 1"]
    assert inbox.replay(blame=False) == []
    store.close()
