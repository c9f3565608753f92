"""What the bot stores is the same in a file and in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import time

import pytest

from bot.settings import Settings
from bot.telegram.access import Access
from bot.telegram.feeds import Feeds, short
from bot.telegram.following import HOURS, Following
from bot.telegram.journal import Journal
from bot.telegram.memory import Memory
from bot.telegram.shelf import Shelf
from bot.telegram.store import Store, until_room
from rag.errors import DatabaseAway
from rag.store.archive import Archive
from rag.types import Answer, Citation, Claim
from tests.test_archive import entry

BOTH = True
CITED = Citation(1, "a", 1, "Judul", None, "2023-09-05", 0, 5, "Satu.")
SAID = Answer(
    "Siapa?", "id", "answered", "Satu. [1]", "Satu", (Claim("Satu", (1,)),), (CITED,), "reader", 0, {}
)


@pytest.fixture
def store(archive: Archive, tmp_path: Path) -> Iterator[Store]:
    opened = Store(archive.place, tmp_path)
    yield opened
    opened.close()


def test_a_conversation_is_kept_followed_moved_and_forgotten(store: Store) -> None:
    memory = Memory(store)
    first = memory.keep(1, 7, 0, 5, SAID, asked=100)
    second = memory.keep(2, 7, 0, 5, replace(SAID, question="Kapan?"), asked=101)
    assert memory.keep(2, 7, 0, 5, replace(SAID, question="Kapan itu?"), asked=101).id == second.id
    assert memory.answer(first.id) == first
    last = memory.last(7, 0)
    assert last is not None
    assert (last.id, last.user, last.answer.question) == (second.id, 5, "Kapan itu?")
    assert [turn.question for turn in memory.turns(7, 0)] == ["Siapa?", "Kapan itu?"]
    assert [turn.question for turn in memory.turns(7, 0, until=first.id)] == ["Siapa?"]
    assert memory.to_message(7, 101) == last
    assert [user for user, _ in memory.asked(0)] == [5, 5]
    memory.choose(5, "en")
    memory.choose(5, "id")
    assert memory.language(5) == "id"
    assert memory.language(6) is None
    memory.move(7, 70)
    memory.move(7, 70)
    assert memory.before(70) == [7]
    assert memory.last(7, 0) is None
    assert memory.forget(70, 6) == 0
    assert memory.forget(70, 5) == 2
    assert memory.answers(0) == []


def test_a_group_that_moves_keeps_what_its_supergroup_has_already(store: Store) -> None:
    memory, following = Memory(store), Following(store)
    for chat, topic in ((7, "banjir"), (7, "gempa"), (70, "gempa")):
        following.add(chat, 0, 5, topic, "id", 0, 9)
    following.promise(7, 0, {"x": 1}, stories=["s", "t"])
    following.promise(70, 0, None, stories=["t"])
    memory.move(7, 70)
    assert [each.topic for each in following.of_chat(70)] == ["banjir", "gempa"]
    assert [each.topic for each in following.of_chat(7)] == ["gempa"]
    assert following.told(70, ["s", "t", "u"]) == {"s", "t"}
    assert [promise.chat for promise in following.open()] == [70]


def test_what_is_followed_is_told_once_and_reports_come_once_a_day(store: Store) -> None:
    following = Following(store)
    one = following.add(7, 0, 5, "banjir", "id", 3, 1)
    assert one is not None
    assert (one.user, one.after) == (5, 3)
    assert following.add(7, 0, 5, "banjir", "en", 9, 1) == one
    assert following.add(7, 0, 5, "gempa", "id", 0, 1) is None
    assert following.toggle(one.id, HOURS[1]) != one
    following.promise(7, 0, {"text": "“ya”"}, ["s"], [one], until=8)
    following.promise(7, 0, None, ["s"])
    (promise,) = following.open()
    assert promise.data == {"text": "“ya”"}
    following.begun(promise.id, 40)
    assert following.open()[0].message == 40
    following.kept(promise.id)
    assert following.open() == []
    assert [each.after for each in following.all()] == [8]
    assert following.told(7, []) == frozenset()
    following.report(1, 6, "")
    following.report(1, 7, "")
    for _ in range(2):
        following.promise_report(1, {"x": 1}, "2026-11-30")
    assert following.reporting() == [(1, 7, "2026-11-30")]
    assert len(following.open()) == 1
    following.report(1, None, "")
    following.leave(7)
    following.prune()
    assert following.reporting() == []
    assert following.all() == []


def test_verdicts_and_the_audit_are_kept(store: Store) -> None:
    journal, kept = Journal(store), Memory(store).keep(1, 7, 0, 5, SAID)
    journal.judge(kept, "helpful", 0)
    journal.judge(kept, "wrong", 1)
    journal.judge(kept, "wrong", 1)
    assert (journal.judged(kept.id), journal.verdicts()) == ({1}, {"wrong": 1})
    assert journal.wrong()[0]["wrong"] == [{"article": "a", "quote": "Satu."}]
    assert journal.wrong_since(0) == [("Siapa?", "Satu.")]
    journal.unjudge(kept, 1)
    assert journal.verdicts() == {}
    first = journal.record(9, "remove", "a", "Judul")
    assert journal.removal(first) == ("a", True)
    assert journal.record(9, "add", "b") > first
    assert [row[1:] for row in journal.audit()] == [(9, "remove", "a", "Judul"), (9, "add", "b", "")]


def test_visitors_and_feeds_are_known_by_every_connection(store: Store) -> None:
    settings = Settings(telegram_allowed=(1,), telegram_admins=(2,))
    access, feeds = Access(settings, store, Memory(store)), Feeds(settings, store)
    assert access.ask(5, "Ani")
    assert not access.ask(5, "Ani")
    assert not access.admitted(5, 5)
    access.decide(5, 2, admit=True)
    assert access.admitted(5, 5)
    assert [visitor.id for visitor in access.known()] == [5]
    assert feeds.watch("https://x/rss", 2)
    assert not feeds.watch("https://x/rss", 2)
    assert feeds.leave(short("https://x/rss")) == "https://x/rss"
    assert feeds.added() == []


def test_status_messages_are_remembered_until_they_are_gone(store: Store) -> None:
    memory = Memory(store)
    for message in (4, 5, 4):
        memory.showing(7, message)
    memory.shown(7, 5)
    assert list(memory.still_showing()) == [(7, 4)]
    memory.prune(30)


def test_articles_are_found_on_the_shelf_by_words_of_their_titles_ids_and_addresses(
    archive: Archive, store: Store
) -> None:
    archive.put([entry("a%b", url="https://x/Satu"), entry("c?d"), entry("e_f")], "e")
    shelf = Shelf(store)
    for search, ids in (
        ("", ["e_f", "c?d", "a%b"]),
        ("JUDUL C?", ["c?d"]),
        ("%", ["a%b"]),
        ("_", ["e_f"]),
        ("x/Satu", ["a%b"]),
        ("X/satu", []),
        ("'", []),
    ):
        number, listed = shelf.page(0, 9, search)
        assert (number, [item.id for item in listed]) == (len(ids), ids), search
    key = shelf.key_of("c?d")
    assert key is not None
    assert shelf.id_of(key) == "c?d"
    assert [arrival.id for arrival in shelf.arrived(0, shelf.last())] == ["a%b", "c?d", "e_f"]
    assert next(shelf.arrived(0, 1)).sentences == ("Satu.", "Dua.")


def test_what_must_not_be_lost_waits_for_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram.store.ROOM_SECONDS", 0.0)
    tried: list[float] = []

    async def work() -> None:
        tried.append(time())
        if len(tried) < 3:
            raise DatabaseAway("away")

    asyncio.run(until_room(work, "an update waits"))
    assert len(tried) == 3


def test_files_of_a_worker_are_in_its_own_home(store: Store, tmp_path: Path) -> None:
    assert store.beside("-arriving-1") == tmp_path / "archive.db-arriving-1"
    assert store.shared == (not isinstance(store.database.place, Path))
