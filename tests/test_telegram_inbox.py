"""An update is kept until its reply was sent, through any number of ends of the process."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot, Chat, Message, Update, User

from bot.telegram import claims
from bot.telegram.claims import SharedClaims
from bot.telegram.inbox import CRASHES, Inbox
from bot.telegram.memory import Memory
from bot.telegram.shared_inbox import SharedInbox
from bot.telegram.store import Store
from rag.errors import DiskFull
from rag.store import connection
from rag.store.archive import Archive
from rag.store.database import sqlite
from rag.types import Answer

BOTH = True
BOT = Bot("1:a")


@pytest.fixture
def store(archive: Archive, tmp_path: Path) -> Iterator[Store]:
    opened = Store(archive.place, tmp_path)
    yield opened
    opened.close()


def update(id: int, text: str = "Siapa?", chat: int = 7) -> Update:
    who = User(chat, "Ani", is_bot=False)
    message = Message(id, 0, Chat(chat, "private"), from_user=who, text=text)  # type: ignore[arg-type]
    data = message.to_dict() | {"date": 1_700_000_000}
    return Update.de_json({"update_id": id, "message": data}, BOT)


def put(inbox: Inbox, *ids: int) -> None:
    asyncio.run(inbox.take([update(id) for id in ids]))
    look(inbox)


def look(inbox: Inbox) -> None:
    """What a worker among others does again and again."""
    if isinstance(inbox, SharedInbox):
        for row in inbox.find():
            inbox.put_nowait(row)


def end(claims: SharedClaims) -> None:
    """The worker's process ends: its connections go, and nothing is said."""
    claims._closing.set()
    for thread in claims._threads:
        thread.join()
    for hold in filter(None, (claims._alive, claims._lead)):
        hold.release()


Begin = Callable[..., Inbox]


@pytest.fixture
def begin(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """Begins a worker of a bot, as if the one before had been killed: with PostgreSQL, one among others."""
    monkeypatch.setattr(claims, "BEAT_SECONDS", 0.05)
    running: dict[int, SharedClaims] = {}

    def begun(bot: int = 1, replays: bool = False) -> Inbox:
        if not store.shared:
            return Inbox(store, BOT, bot)
        if bot in running:
            end(running[bot])
        running[bot] = SharedClaims(store, f"worker of {bot}", bot)
        if not replays:
            running[bot].begin()
        return SharedInbox(store, BOT, bot, running[bot])

    yield begun
    for each in running.values():
        end(each)


def test_what_was_put_is_replayed_in_order_until_it_is_done(begin: Begin) -> None:
    inbox = begin()
    put(inbox, 5, 6)
    put(inbox, 7)
    inbox = begin(replays=True)
    first, second, third = inbox.replay(blame=False)
    assert [row.update.update_id for row in (first, second, third)] == [5, 6, 7]
    assert first.update.message is not None
    assert first.update.message.text == "Siapa?"
    inbox.done(second)
    assert [row.update.update_id for row in inbox.replay(blame=False)] == [5, 7]


def test_an_update_that_comes_again_is_let_go(begin: Begin) -> None:
    inbox = begin()
    put(inbox, 5)
    inbox.done(inbox.get_nowait())
    put(inbox, 5, 6)
    assert inbox.get_nowait().update.update_id == 6
    assert inbox.empty()


def test_another_bot_on_the_same_archive_has_an_inbox_of_its_own(begin: Begin) -> None:
    put(begin(), 5)
    other = begin(2)
    put(other, 5)
    assert other.qsize() == 1
    assert len(other.replay(blame=False)) == 1


def test_a_reply_in_parts_goes_on_at_the_first_part_not_confirmed(begin: Begin) -> None:
    inbox = begin()
    put(inbox, 5)
    inbox.sent(inbox.get_nowait(), last=False)
    row = inbox.replay(blame=False)[0]
    assert row.sent == 1
    inbox.sent(row, last=True)
    assert inbox.replay(blame=False) == []
    assert inbox.waiting() == 0


def test_only_the_question_that_the_engine_was_at_is_blamed_for_a_crash(begin: Begin) -> None:
    inbox = begin()
    put(inbox, 5, 6)
    inbox.asking(2)
    assert [row.crashes for row in inbox.replay(blame=True)] == [0, 1]
    assert [row.crashes for row in inbox.replay(blame=True)] == [0, 1]
    inbox.asking(2)
    assert [row.crashes for row in inbox.replay(blame=False)] == [0, 1]


def test_a_done_update_keeps_nothing_of_what_was_written(store: Store, begin: Begin) -> None:
    inbox = begin()
    put(inbox, 5)
    inbox.done(inbox.get_nowait())
    assert store.rows("SELECT data, state FROM inbox") == [(None, "done")]


def test_text_that_no_encoding_holds_is_kept(begin: Begin, tmp_path: Path) -> None:
    inbox = begin()
    asyncio.run(inbox.take([update(5, "a\ud800b\x00")]))
    kept = inbox.replay(blame=False)[0].update.message
    assert kept is not None
    assert kept.text == "a\ud800b\x00"


# Rows that break


def broken(id: int) -> dict[str, Any]:
    """A message without a chat, which the library cannot read."""
    return {"update_id": id, "message": {"message_id": id, "date": "x", "chat": {"id": 7}}}


def states(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT update_id, state, crashes FROM inbox ORDER BY number")


def test_a_row_that_is_no_update_is_set_aside_and_the_others_are_replayed(store: Store, begin: Begin) -> None:
    inbox = begin()
    put(inbox, 5, 6, 7)
    with store.writing() as db:
        db.execute("UPDATE inbox SET data = '{' WHERE update_id = 5")
        db.execute("UPDATE inbox SET data = ? WHERE update_id = 6", (json.dumps(broken(6)),))
    assert [row.update.update_id for row in inbox.replay(blame=False)] == [7]
    assert states(store) == [(5, "aside", 0), (6, "aside", 0), (7, "open", 0)]
    assert [row.update.update_id for row in inbox.replay(blame=True)] == [7]


def test_updates_that_are_none_are_set_aside_as_they_come_and_the_others_are_taken(
    store: Store, begin: Begin
) -> None:
    inbox = begin()
    good = json.loads(update(7).to_json())
    huge = json.loads(update(2**70).to_json())
    asyncio.run(inbox.take_raw([broken(5), good, {"update_id": "x", "message": 1}, broken(5), huge]))
    look(inbox)
    assert inbox.get_nowait().update.update_id == 7
    assert inbox.empty()
    assert states(store) == [(5, "aside", 0), (7, "open", 0)]


def test_a_row_on_which_the_process_dies_twice_as_it_arrives_is_set_aside(begin: Begin) -> None:
    put(begin(), 5, 6)
    died = []
    for crashes in range(CRASHES):
        inbox = begin(replays=True)
        rows = inbox.replay(blame=True)
        assert [row.crashes for row in rows] == [0, crashes]
        # The process ends inside: what would come after never runs.
        died.append(inbox.blamed(rows[1]))
        died[-1].__enter__()
    assert [row.crashes for row in begin(replays=True).replay(blame=True)] == [0, CRASHES]


def test_a_death_from_outside_is_blamed_on_no_row(begin: Begin) -> None:
    inbox = begin()
    put(inbox, 5)
    died = inbox.blamed(inbox.get_nowait())
    died.__enter__()
    assert [row.crashes for row in begin(replays=True).replay(blame=False)] == [0]
    assert [row.crashes for row in begin(replays=True).replay(blame=True)] == [0]


def test_a_step_that_fails_twice_sets_its_row_aside_and_a_full_disk_does_not(
    store: Store, begin: Begin
) -> None:
    inbox = begin()
    put(inbox, 5)
    row = inbox.get_nowait()
    for _ in range(3):
        with pytest.raises(DiskFull), inbox.blamed(row):
            raise DiskFull("no room")
    assert states(store) == [(5, "open", 0)]
    for _ in range(CRASHES):
        with pytest.raises(AttributeError), inbox.blamed(row):
            raise AttributeError("chat")
    assert states(store) == [(5, "aside", CRASHES)]


# Forgetting

SECRET = "Apakah tetangga saya pernah dipenjara?"


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("how", ["forget", "prune"])
def test_what_is_forgotten_stands_in_no_file_of_the_archive(store: Store, how: str) -> None:
    memory = Memory(store)
    inbox = Inbox(store, BOT, 1)
    asyncio.run(inbox.take([update(5, SECRET)]))
    row = inbox.get_nowait()
    answer = Answer(SECRET, "id", "abstained", "Tidak ada.", None, (), (), "reader", 0, {})
    memory.keep(row.number, 7, 0, 7, answer)
    inbox.done(row)
    files = list(store.path.parent.glob(f"{store.path.name}*"))
    assert any(SECRET.encode() in path.read_bytes() for path in files)
    if how == "forget":
        assert memory.forget(7, 7) == 1
    else:
        memory.prune(-1)
    for path in files:
        assert not path.exists() or SECRET.encode() not in path.read_bytes()


@pytest.mark.on("sqlite")
def test_what_is_forgotten_is_overwritten_where_sqlite_does_not_do_so_by_itself(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plain(path: Path) -> sqlite3.Connection:
        # Some systems build SQLite so that it always overwrites; others do not.
        db = connection.connect(path)
        db.execute("PRAGMA secure_delete = OFF")
        return db

    monkeypatch.setattr(sqlite, "connect", plain)
    with closing(Store(archive.place)) as opened:
        test_what_is_forgotten_stands_in_no_file_of_the_archive(opened, "forget")


@pytest.mark.on("sqlite")
def test_forgetting_waits_for_no_reader_that_takes_long(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LOG_SECONDS", 0.05)
    memory = Memory(store)
    answer = Answer(SECRET, "id", "abstained", "Tidak ada.", None, (), (), "reader", 0, {})
    memory.keep(1, 7, 0, 7, answer)
    with closing(sqlite3.connect(store.path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM answer").fetchone()
        assert memory.forget(7, 7) == 1
    memory.prune(30)
    log = store.path.with_name(f"{store.path.name}-wal")
    assert SECRET.encode() not in store.path.read_bytes() + log.read_bytes()
