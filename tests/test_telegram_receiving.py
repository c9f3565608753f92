"""What comes from Telegram, and from whoever pretends to be Telegram."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.telegram.editing import _file_name
from bot.telegram.inbox import Inbox
from bot.telegram.receiving import Receiver
from bot.telegram.store import Store
from bot.telegram.webhook import LONGEST_BODY, Webhook, secret_of
from rag.store.archive import Archive
from tests.test_telegram_inbox import BOT, broken, states, update

SECRET = "rahasia"


@pytest.fixture
def store(archive: Archive) -> Iterator[Store]:
    opened = Store(archive.place)
    yield opened
    opened.close()


class Unreadable:
    """A bot to which Telegram gives an update that the library cannot read."""

    def __init__(self, raw: list[dict[str, Any]]) -> None:
        self.raw, self.offsets = raw, list[int | None]()

    async def get_updates(self, offset: int | None, **options: object) -> list[Any]:
        self.offsets.append(offset)
        left = [each for each in self.raw if each["update_id"] >= (offset or 0)]
        if not left:
            await asyncio.sleep(60)
        raise AttributeError("'NoneType' object has no attribute 'id'")

    async def do_api_request(self, method: str, api_kwargs: dict[str, Any]) -> list[dict[str, Any]]:
        return [each for each in self.raw if each["update_id"] >= (api_kwargs["offset"] or 0)]


def test_an_update_that_cannot_be_read_holds_up_no_other(store: Store, tmp_path: Path) -> None:
    bot = Unreadable([broken(5), json.loads(update(6).to_json())])

    async def receive() -> None:
        inbox = Inbox(store, BOT, 1)
        failed: Callable[[object], None] = lambda error: pytest.fail(str(error))  # noqa: E731
        receiver = Receiver(Settings(home=tmp_path), bot, inbox, asyncio.Event(), failed)  # type: ignore[arg-type]
        polling = asyncio.create_task(receiver._poll())
        row = await asyncio.wait_for(inbox.get(), 60)
        assert row.update.update_id == 6
        while len(bot.offsets) < 2:
            await asyncio.sleep(0.01)
        polling.cancel()

    asyncio.run(receive())
    assert bot.offsets == [None, 7]
    assert states(store) == [(5, "aside", 0), (6, "open", 0)]


def posted(body: bytes, length: int | None = None, secret: str = SECRET) -> tuple[bytes, list[Any]]:
    """The status line of the answer to a post, and what was taken. `length` is what the head announces."""
    taken: list[Any] = []

    async def take(found: Any) -> None:
        taken.extend(found)

    async def post() -> bytes:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        stop = asyncio.Event()
        serving = asyncio.create_task(Webhook("127.0.0.1", port, "telegram", SECRET, take).serve(stop))
        await asyncio.sleep(0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = (
            f"POST /telegram HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: {length or len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await asyncio.wait_for(reader.readline(), 60)
        writer.close()
        stop.set()
        await serving
        return answer

    return asyncio.run(post()), taken


def test_a_posted_update_is_taken() -> None:
    found = json.loads(update(6).to_json())
    answer, taken = posted(json.dumps(found).encode())
    assert b" 200 " in answer
    assert taken == [found]


def test_a_body_that_is_too_long_is_refused_before_it_is_read() -> None:
    answer, taken = posted(b"", length=90 << 20)
    # Not one of the announced bytes was sent.
    assert answer == b"" or b" 4" in answer
    assert taken == []
    answer, taken = posted(b"{" + b" " * LONGEST_BODY, None)
    assert answer == b"" or b" 4" in answer


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b'{"update_id": "1"}', b'{"update_id": true}', b"[" * 200_000]
)
def test_what_is_no_update_is_refused(body: bytes) -> None:
    answer, taken = posted(body)
    assert b" 400 " in answer
    assert taken == []


@pytest.mark.parametrize("secret", ["", "falsch", "\u00e9"])
def test_whoever_does_not_know_the_secret_is_refused(secret: str) -> None:
    answer, taken = posted(b"{}", secret=secret)
    assert b" 403 " in answer
    assert taken == []


@pytest.mark.parametrize(
    "given", ["a" * 400 + ".txt", "ベ" * 200 + ".pdf", "." * 300, "a." + "ベ" * 200, None, ""]
)
def test_a_files_name_is_short_enough_for_every_system(given: str | None, tmp_path: Path) -> None:
    name = _file_name(given)
    assert len(name.encode()) < 255
    (tmp_path / name).touch()


def test_every_worker_of_a_bot_knows_the_webhooks_secret_and_no_other_bot_does() -> None:
    assert secret_of("1:a") == secret_of("1:a")
    assert secret_of("1:a") != secret_of("1:b")
    # https://core.telegram.org/bots/api#setwebhook: 1 to 256 of these characters
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret_of("1:a"))
