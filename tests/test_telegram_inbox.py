"""An update is kept until its reply was sent, through any number of ends of the process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from telegram import Bot, Chat, Message, Update, User

from bot.telegram.inbox import Inbox
from bot.telegram.store import Store
from rag.store.archive import Archive

BOT = Bot("1:a")


@pytest.fixture
def store(archive: Archive) -> Iterator[Store]:
    opened = Store(archive.path)
    yield opened
    opened.close()


def update(id: int, text: str = "Siapa?", chat: int = 7) -> Update:
    who = User(chat, "Ani", is_bot=False)
    message = Message(id, 0, Chat(chat, "private"), from_user=who, text=text)  # type: ignore[arg-type]
    data = message.to_dict() | {"date": 1_700_000_000}
    return Update.de_json({"update_id": id, "message": data}, BOT)


def put(inbox: Inbox, *ids: int) -> None:
    asyncio.run(inbox.take([update(id) for id in ids]))


def test_what_was_put_is_replayed_in_order_until_it_is_done(store: Store) -> None:
    inbox = Inbox(store, BOT, 1)
    put(inbox, 5, 6)
    put(inbox, 7)
    first, second, third = Inbox(store, BOT, 1).replay(blame=False)
    assert [row.update.update_id for row in (first, second, third)] == [5, 6, 7]
    assert first.update.message is not None
    assert first.update.message.text == "Siapa?"
    inbox.done(second)
    assert [row.update.update_id for row in inbox.replay(blame=False)] == [5, 7]


def test_an_update_that_comes_again_is_let_go(store: Store) -> None:
    inbox = Inbox(store, BOT, 1)
    put(inbox, 5)
    inbox.done(inbox.get_nowait())
    put(inbox, 5, 6)
    assert inbox.get_nowait().update.update_id == 6
    assert inbox.empty()


def test_another_bot_on_the_same_archive_has_an_inbox_of_its_own(store: Store) -> None:
    put(Inbox(store, BOT, 1), 5)
    other = Inbox(store, BOT, 2)
    put(other, 5)
    assert other.qsize() == 1
    assert len(other.replay(blame=False)) == 1


def test_a_reply_in_parts_goes_on_at_the_first_part_not_confirmed(store: Store) -> None:
    inbox = Inbox(store, BOT, 1)
    put(inbox, 5)
    inbox.sent(inbox.get_nowait(), last=False)
    row = inbox.replay(blame=False)[0]
    assert row.sent == 1
    inbox.sent(row, last=True)
    assert inbox.replay(blame=False) == []
    assert inbox.waiting() == 0


def test_only_the_question_that_the_engine_was_at_is_blamed_for_a_crash(store: Store) -> None:
    inbox = Inbox(store, BOT, 1)
    put(inbox, 5, 6)
    inbox.asking(2)
    assert [row.crashes for row in inbox.replay(blame=True)] == [0, 1]
    assert [row.crashes for row in inbox.replay(blame=True)] == [0, 1]
    inbox.asking(2)
    assert [row.crashes for row in inbox.replay(blame=False)] == [0, 1]


def test_a_done_update_keeps_nothing_of_what_was_written(store: Store) -> None:
    inbox = Inbox(store, BOT, 1)
    put(inbox, 5)
    inbox.done(inbox.get_nowait())
    assert store.rows("SELECT data, state FROM inbox") == [(None, "done")]


def test_text_that_no_encoding_holds_is_kept(store: Store, tmp_path: Path) -> None:
    inbox = Inbox(store, BOT, 1)
    asyncio.run(inbox.take([update(5, "a\ud800b\x00")]))
    kept = inbox.replay(blame=False)[0].update.message
    assert kept is not None
    assert kept.text == "a\ud800b\x00"
