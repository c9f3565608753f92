"""Several workers on one database: each chat is one worker's, and a dead worker's chats are taken over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace

import pytest
from telegram import Chat, Message, Update

from bot.settings import Settings
from bot.telegram import claims, feeds, receiving, shared_inbox
from bot.telegram.claims import Claims, SharedClaims, TakenOver
from bot.telegram.feeds import Feeds
from bot.telegram.following import Following
from bot.telegram.gauges import Gauges
from bot.telegram.inbox import Row
from bot.telegram.limits import SharedLimits
from bot.telegram.memory import Memory
from bot.telegram.messages import plain
from bot.telegram.metrics import Metrics
from bot.telegram.receiving import Receiver
from bot.telegram.sending import Sender
from bot.telegram.shared_inbox import ROOM, SharedInbox
from bot.telegram.store import Store
from rag.errors import DatabaseAway
from rag.store.archive import Archive
from rag.store.database.health import health
from rag.store.database.place import Server
from tests.postgres import Cluster
from tests.test_telegram_inbox import BOT, end, update

BOTH = True
pytestmark = pytest.mark.on("postgresql")
PATIENCE = 60.0
"""Seconds for what comes in less."""


class Worker:
    """One worker among others, with connections of its own."""

    def __init__(self, archive: Archive, home: Path, name: str) -> None:
        self.store = Store(archive.place, home / name)
        self.claims = SharedClaims(self.store, name, 1)
        self.claims.begin()
        self.inbox = SharedInbox(self.store, BOT, 1, self.claims)
        self.dead = False

    def receive(self, id: int, chat: int = 7) -> None:
        self.inbox._commit_all([update(id, chat=chat)])

    def found(self) -> list[int]:
        return [row.update.update_id for row in self.inbox.find()]

    def die(self) -> None:
        """Its process ends."""
        if not self.dead:
            end(self.claims)
            self.store.close()
        self.dead = True

    def fall_silent(self) -> None:
        """It is cut off: its connections stay, and it says nothing more."""
        self.claims._closing.set()
        self.claims._threads[0].join()


@pytest.fixture
def workers(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Worker]]:
    monkeypatch.setattr(claims, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(claims, "LEADING_SECONDS", 0.2)
    made = [Worker(archive, tmp_path, name) for name in ("satu", "dua")]
    yield made
    for each in made:
        each.die()


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases that are soon over."""
    monkeypatch.setattr(claims, "LEASE_SECONDS", 0.4)
    monkeypatch.setattr(claims, "MARGIN_SECONDS", 0.1)


def eventually(seconds: float = PATIENCE) -> Iterator[None]:
    """Again and again, until the loop is left."""
    until = monotonic() + seconds
    while monotonic() < until:
        yield
        sleep(0.02)
    pytest.fail("it did not come")


def taken(worker: Worker) -> Row:
    (row,) = worker.inbox.find()
    return row


def test_a_chat_is_one_workers_whoever_receives_its_updates(workers: list[Worker]) -> None:
    one, two = workers
    one.receive(1)
    two.receive(2)
    one.receive(3)
    assert two.found() == []
    assert one.found() == [1, 2, 3]
    assert one.found() == []


def test_a_chat_is_free_again_once_all_of_it_is_done(workers: list[Worker]) -> None:
    one, two = workers
    one.receive(1)
    row = taken(one)
    two.receive(2)
    one.inbox.done(row)
    assert two.found() == []
    one.inbox.sent(taken(one), last=True)
    two.receive(3)
    assert (one.found(), two.found()) == ([], [3])


def test_a_dead_workers_updates_are_taken_over_when_its_lease_is_over(
    brief: None, workers: list[Worker]
) -> None:
    one, two = workers
    one.receive(1)
    one.receive(2)
    one.inbox.sent(one.inbox.find()[0], last=False)
    one.die()
    for _ in eventually():
        if rows := two.inbox.find():
            break
    assert [(row.update.update_id, row.sent, row.replayed) for row in rows] == [(1, 1, True), (2, 0, True)]


def test_a_worker_that_is_told_to_stop_leaves_its_updates_to_others_at_once(workers: list[Worker]) -> None:
    one, two = workers
    one.receive(1)
    one.found()
    one.claims.close()
    assert two.found() == [1]


def test_a_worker_that_is_started_again_has_its_updates_at_once(
    workers: list[Worker], archive: Archive, tmp_path: Path
) -> None:
    one, two = workers
    one.receive(1)
    one.found()
    one.die()
    assert two.found() == []
    workers.append(Worker(archive, tmp_path, "satu"))
    assert workers[-1].found() == [1]


def test_a_worker_of_the_same_name_that_lives_loses_nothing(
    workers: list[Worker], archive: Archive, tmp_path: Path
) -> None:
    workers[0].receive(1)
    workers.append(Worker(archive, tmp_path, "satu"))
    assert workers[-1].found() == []
    assert workers[0].found() == [1]


def test_who_was_silent_sends_nothing_and_changes_nothing_of_what_others_have(
    brief: None, workers: list[Worker]
) -> None:
    one, two = workers
    one.receive(1)
    row = taken(one)
    one.fall_silent()
    for _ in eventually():
        if rows := two.inbox.find():
            break
    assert not one.claims.valid
    one.inbox.done(row)
    assert one.store.rows("SELECT state, holder FROM inbox") == [("open", two.claims.id)]
    with pytest.raises(TakenOver):
        one.inbox.sent(row, last=False)
    two.inbox.done(rows[0])
    assert two.store.rows("SELECT state FROM inbox") == [("done",)]


def test_no_reply_leaves_for_an_update_that_another_worker_may_have(workers: list[Worker]) -> None:
    one, _ = workers
    one.receive(1)
    row, sent = taken(one), list[str]()

    class Telegram:
        async def send_message(self, chat: int, text: str, **options: object) -> Message:
            sent.append(text)
            return Message(70, datetime.now(UTC), Chat(chat, "private"))

    async def reply() -> None:
        sender = Sender(Telegram(), one.inbox, Metrics())  # type: ignore[arg-type]
        one.inbox._hand.clear()
        with pytest.raises(TakenOver):
            await sender.reply(row, [plain("Halo")], 7)
        assert sent == []
        # The next reply does not wait for that one.
        (again,) = one.inbox.find()
        await asyncio.wait_for(sender.reply(again, [plain("Halo")], 7), PATIENCE)

    asyncio.run(reply())
    assert sent == ["Halo"]
    assert one.store.rows("SELECT state, sent FROM inbox") == [("done", 1)]


def test_who_was_taken_for_dead_drops_what_it_has_and_begins_again(
    brief: None, workers: list[Worker]
) -> None:
    one, _ = workers
    one.receive(1)
    row, before = taken(one), one.claims.id
    with one.store.writing() as db:
        db.execute("DELETE FROM worker WHERE id = ?", (before,))
    for _ in eventually():
        if one.claims.lost:
            break
    dropped = list[str]()

    async def begin_again() -> None:
        async def drop() -> None:
            dropped.append(one.claims.id)

        looking = asyncio.create_task(one.inbox.keep_looking(drop))
        with pytest.raises(TakenOver):
            await asyncio.wait_for(one.inbox.sure(row), PATIENCE)
        again = await asyncio.wait_for(one.inbox.get(), PATIENCE)
        assert again.update.update_id == 1
        await asyncio.wait_for(one.inbox.sure(again), PATIENCE)
        looking.cancel()

    asyncio.run(begin_again())
    assert dropped == [before]
    assert one.claims.id != before


def test_updates_that_come_to_all_workers_at_once_are_found_once_each_in_order(
    workers: list[Worker],
) -> None:
    found: dict[int, list[tuple[int, int]]] = {}

    def work(worker: Worker, ids: range) -> None:
        for id in ids:
            worker.receive(id, chat=id % 5)
            for row in worker.inbox.find():
                found.setdefault(row.chat, []).append((row.number, row.update.update_id))
                worker.inbox.done(row)

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(work, workers[i], range(100 * i, 100 * i + 40)) for i in (0, 1)]:
            each.result(PATIENCE)
    for worker in workers:
        for row in worker.inbox.find():
            found.setdefault(row.chat, []).append((row.number, row.update.update_id))
    ids = sorted(id for rows in found.values() for _, id in rows)
    assert ids == [*range(40), *range(100, 140)]
    assert all(
        [number for number, _ in rows] == sorted(number for number, _ in rows) for rows in found.values()
    )


def test_a_worker_that_has_much_leaves_new_chats_to_others_for_a_while(
    workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = workers
    for id in range(ROOM):
        one.receive(id, chat=id + 1)
    assert len(one.found()) == ROOM
    one.receive(90, chat=90)
    assert one.found() == []
    assert two.found() == [90]
    one.receive(91, chat=91)
    monkeypatch.setattr(shared_inbox, "CHANCE_SECONDS", 0.0)
    assert one.found() == [91]


def test_one_worker_leads_and_another_one_after_it(
    workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = workers
    for _ in eventually():
        if one.claims.leads:
            break
    assert not two.claims.leads
    monkeypatch.setattr(claims, "LEADING_SECONDS", 3600.0)
    one.die()
    for _ in eventually():
        if two.claims.asks:
            break
    # It asks for updates at once; the rest waits until the one before can not believe any more that it leads.
    assert not two.claims.leads
    two.claims._leads_from = 0.0
    assert two.claims.leads


def test_a_worker_keeps_what_it_has_while_the_database_is_away(
    workers: list[Worker], postgres: Cluster
) -> None:
    one, two = workers
    one.receive(1)
    row, before = taken(one), one.claims.id
    postgres.stop()
    try:
        with pytest.raises(DatabaseAway):
            two.store.rows("SELECT 1")
        assert one.inbox.has(row)
    finally:
        postgres.start()
    for _ in eventually():
        if one.claims.valid and two.claims.valid and not one.claims._away:
            break
    assert one.claims.id == before
    one.inbox.sent(row, last=True)
    assert two.store.rows("SELECT state, holder FROM inbox") == [("done", before)]


def test_a_users_questions_are_counted_over_all_workers_and_each_once(workers: list[Worker]) -> None:
    limits = [SharedLimits(2, 3, 9, each.store.database.place) for each in workers]
    try:
        assert [limits[0].refusal(5, 0, number) for number in (1, 1)] == [None, None]
        assert limits[1].refusal(5, 0, 2) is None
        assert limits[0].refusal(5, 0, 3) == ("too_fast", 2)
        assert limits[0].refusal(6, 0, 4) is None
        with workers[0].store.writing() as db:
            db.execute("UPDATE asked SET at = at - 3600")
        assert limits[1].refusal(5, 0, 5) is None
        assert limits[0].refusal(5, 0, 6) == ("too_many_today", 3)
        with workers[0].store.writing() as db:
            db.execute("UPDATE asked SET at = at - 86400")
        limits[0].prune()
        assert workers[0].store.rows("SELECT count(*) FROM asked") == [(0,)]
    finally:
        for each in limits:
            each.close()


def test_questions_that_wait_are_counted_over_all_workers(workers: list[Worker]) -> None:
    limits = SharedLimits(9, 9, 2, workers[0].store.database.place)
    for id in (1, 2, 3):
        workers[id % 2].receive(id, chat=id)
    assert [limits.refusal(5, 0, number) for number in (1, 2, 3)] == [None, None, ("queue_full", 2)]
    limits.close()


def test_two_workers_that_make_digests_at_once_promise_one(workers: list[Worker]) -> None:
    one, two = (Following(each.store) for each in workers)
    made = one.add(5, 0, 5, "beras", "id", 0, 9)
    assert made is not None
    for each in (one, two):
        each.promise(5, 0, {"heading": "x"}, ["kisah"], [made], 9)
    (promise,) = two.open()
    assert one.begun(promise.id, 70)
    assert not two.begun(promise.id, 71)
    assert one.begun(promise.id, 70)


def test_status_messages_are_taken_away_of_workers_that_live_no_more(workers: list[Worker]) -> None:
    one, two = workers
    Memory(one.store, lambda: one.claims.id).showing(5, 50)
    Memory(two.store, lambda: two.claims.id).showing(6, 60)
    assert list(Memory(two.store).still_showing()) == []
    with two.store.writing() as db:
        db.execute("DELETE FROM worker WHERE id = ?", (one.claims.id,))
    assert list(Memory(two.store).still_showing()) == [(5, 50)]


def test_the_doctor_and_the_metrics_name_the_workers(workers: list[Worker]) -> None:
    one, two = workers
    one.receive(1)
    one.receive(2, chat=8)
    with two.store.writing() as db:
        db.execute("INSERT INTO worker VALUES ('mati-1', 'mati', 0, 0)")
    place = one.store.database.place
    assert isinstance(place, Server)
    two.fall_silent()
    found = {name: (left > 0, chats) for name, left, chats in health(place).workers}
    assert found.pop("mati", (False, 0)) == (False, 0)
    assert found == {"satu": (True, 2), "dua": (True, 0)}
    text = Metrics().text(1, 2, 3, 'sa"tu', leads=False)
    assert 'kutip_worker_info{worker="sa\\"tu"} 1\n' in text
    assert "\nkutip_leads 0\n" in text


def test_a_probe_is_told_that_the_database_is_away(workers: list[Worker]) -> None:
    one, _ = workers
    parts = SimpleNamespace(waiting=lambda: 0, depth=lambda: 0, ready=True, lag=0, silent=False)
    given = dict.fromkeys(("archive", "inbox", "memory", "journal", "metrics", "desk", "receiver"), parts)
    gauges = Gauges(**given, restarts=0, worker="satu", claims=one.claims)  # type: ignore[arg-type]
    found = gauges.health()
    assert (found["status"], found["worker"]) == ("ok", "satu")
    one.fall_silent()
    one.claims._until = 0.0
    assert gauges.health()["status"] == "the database is away"


def test_only_the_worker_that_leads_visits_feeds_and_sees_one_that_another_has_added(
    workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "LOOK_SECONDS", 0.01)
    settings = Settings(home=Path("home"), telegram_feeds=("https://a.example/feed",))
    one, two = (Feeds(settings, each.store) for each in workers)
    leading, visited = Leading(), list[int]()

    async def in_thread(look: object) -> None:
        visited.append(len(one.all()))

    async def watch() -> None:
        watching = asyncio.create_task(
            feeds.keep_watching(one, 15, False, in_thread, lambda: leading.leads)  # type: ignore[arg-type]
        )
        while leading.waited < 2:
            await asyncio.sleep(0.01)
        assert visited == []
        leading.on = True
        while not visited:
            await asyncio.sleep(0.01)
        two.watch("https://b.example/feed", 5)
        while len(visited) < 2:
            await asyncio.sleep(0.01)
        watching.cancel()

    asyncio.run(asyncio.wait_for(watch(), PATIENCE))
    assert visited == [1, 2]


class Leading(Claims):
    """Claims of a worker that leads when a test says so; `waited` counts how often it did not."""

    def __init__(self) -> None:
        self.on, self.waited = False, 0

    @property
    def leads(self) -> bool:  # type: ignore[override]
        self.waited += not self.on
        return self.on

    asks = leads  # type: ignore[assignment]


def test_only_the_worker_that_leads_asks_telegram_for_updates(
    workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "LEAD_SECONDS", 0.01)
    leading, asked = Leading(), list[int | None]()

    class Telegram:
        async def get_updates(self, offset: int | None, **options: object) -> list[Update]:
            asked.append(offset)
            leading.on = len(asked) < 2
            return [update(len(asked))]

    async def waits() -> None:
        before = leading.waited
        while leading.waited < before + 2:
            await asyncio.sleep(0.01)

    async def poll() -> None:
        settings, stop = Settings(home=Path("home")), asyncio.Event()
        receiver = Receiver(settings, Telegram(), workers[0].inbox, stop, pytest.fail, leading)  # type: ignore[arg-type]
        polling = asyncio.create_task(receiver._poll())
        await waits()
        assert asked == []
        leading.on = True
        while len(asked) < 2:
            await asyncio.sleep(0.01)
        await waits()
        leading.on = True
        while len(asked) < 3:
            await asyncio.sleep(0.01)
        polling.cancel()

    asyncio.run(asyncio.wait_for(poll(), PATIENCE))
    # What it had not confirmed may have come to another worker meanwhile: it asks from the start.
    assert asked[:3] == [None, 2, None]
