"""Which chats this worker answers, where several workers share a database.

A chat's open updates belong to one worker at a time: to the one that the table `claim` names, for as long as
that one is in the table `worker`. A worker says again and again that it lives; each time its lease begins
anew, by the clock of the database. Whoever finds a lease that is over takes its worker out of the table, and
what it held is free. It never comes back under that id: a worker that was taken out drops all that it has in
hand and begins under a new one, as if it had been started again.

From the end of the last lease that it knows of until the next word of the database, a worker sends no reply.
So a reply comes twice only where a worker ended, or was cut off, between sending it and recording that.

One worker leads: it asks Telegram for updates where there is no webhook, visits the feeds, and makes digests
and reports.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from time import monotonic

from bot.telegram.store import Connection, Store
from rag.errors import DatabaseError, StoreError
from rag.store.database.base import Database
from rag.store.database.hearing import Listener
from rag.store.database.holding import Hold
from rag.store.database.opening import open_database

log = logging.getLogger("kutip")

CHANNEL = "kutip_inbox"
"""On which workers hear that there is something to do."""
LEASE_SECONDS = 15.0
"""Seconds after which a worker that has said nothing is taken for dead. PostgreSQL starts again in less, and
nobody should wait much longer for a machine that is gone."""
BEAT_SECONDS = 2.0
"""Seconds between two words that a worker lives."""
MARGIN_SECONDS = 3.0
"""Seconds before the end of its lease from which on a worker begins to send nothing: so long may a reply take
on its way."""
LEADING_SECONDS = 7.0
"""Seconds for which the last word that this worker leads is believed. The database holds the lock of a worker
that was cut off for more than this."""


class TakenOver(Exception):
    """Another worker has this update now, or will have it."""


class Claims:
    """Of a worker that is alone with its database: every chat is its own, for ever."""

    id = ""
    """Under which a worker holds what it holds."""
    valid = True
    """Whether what it holds is certainly its own."""
    lost = False
    """Whether others may have what it held; `begin` then begins anew."""
    leads = True
    """Whether it does what one worker alone does."""
    asks = True
    """Whether it asks Telegram for updates. Two that do so for a moment do no harm, so nobody waits for one
    that asked before: Telegram refuses one of them, and what comes twice is kept once."""

    def begin(self, blame: bool = False, arriving: int = 0) -> None:
        """Begins to hold chats; takes over what a worker of the same name held that is dead.

        `blame`: that one died of what it was doing, so the questions that it was at count a crash;
        `arriving` is the number of the update that it was looking at.
        """

    def claim(self, db: Connection, bot: int, chat: int) -> bool:
        """Within a transaction: claims a chat that nobody holds. Whether it is this worker's then."""
        return True

    def release(self, db: Connection, bot: int, chat: int) -> None:
        """Within a transaction: gives up a chat that has no open updates any more."""

    def close(self) -> None:
        """Gives up everything."""


class SharedClaims(Claims):
    """Of a worker among others. Safe to use from several threads.

    `changed` is called, in another thread, where there may be something new to take up: another worker says
    so, or ended, or this one was taken for dead.
    """

    def __init__(self, store: Store, name: str, bot: int, changed: Callable[[], None] = lambda: None) -> None:
        self._name, self._changed = name, changed
        # Of its own, since it must not wait for what others write; and at once: the next beat tries again.
        self._place = store.database.place
        self._db: Database = open_database(store.database.place, patience=0.0)
        self._lead = Hold(store.database.place, f"kutip leads {bot}")
        self._led_at = self._leads_from = 0.0
        self._alive: Hold | None = None
        self._saying = threading.RLock()
        self._until = 0.0
        self._away = False
        self._closing = threading.Event()
        self._listener = Listener(store.database.place, [CHANNEL])
        self._threads = [
            threading.Thread(target=work, name=work.__name__, daemon=True)
            for work in (self._beat_on, self._hear_on)
        ]

    @property
    def valid(self) -> bool:  # type: ignore[override]  # a value of the simple kind, worked out here
        return not self.lost and monotonic() < self._until - MARGIN_SECONDS

    @property
    def asks(self) -> bool:  # type: ignore[override]
        return self.valid and monotonic() < self._led_at + LEADING_SECONDS

    @property
    def leads(self) -> bool:  # type: ignore[override]
        return self.asks and monotonic() >= self._leads_from

    @property
    def left(self) -> float:
        """Seconds for which the lease still holds, by this worker's own clock."""
        return max(0.0, self._until - monotonic())

    def begin(self, blame: bool = False, arriving: int = 0) -> None:
        """Raises StoreError."""
        with self._saying:
            self._begin(blame, arriving)
        for thread in self._threads:
            if thread.ident is None:
                thread.start()

    def _begin(self, blame: bool, arriving: int) -> None:
        id = f"{self._name}-{secrets.token_hex(4)}"
        alive = Hold(self._place, f"kutip worker {id}")
        alive.take()
        if self._alive is not None:
            self._alive.release()
        self._alive = alive
        dead = [each for (each,) in self._db.rows("SELECT id FROM worker WHERE name = ?", (self._name,))]
        dead = [each for each in dead if self._ended(each)]
        start, now = monotonic(), self._db.clock()
        with self._db.transaction() as db:
            db.execute(
                "INSERT INTO worker (id, name, since, until) VALUES (?, ?, ?, ?)",
                (id, self._name, now, now + LEASE_SECONDS),
            )
            for each in dead:
                db.execute(
                    "UPDATE inbox SET crashes = crashes + ?, asking = 0 "
                    "WHERE holder = ? AND (asking = 1 OR number = ?) AND state = 'open'",
                    (int(blame), each, arriving),
                )
                db.execute("UPDATE claim SET worker = ? WHERE worker = ?", (id, each))
                db.execute("DELETE FROM worker WHERE id = ?", (each,))
        self.id, self._until, self.lost = id, start + LEASE_SECONDS, False
        self._beat()

    def claim(self, db: Connection, bot: int, chat: int) -> bool:
        made = db.execute(
            "INSERT INTO claim (bot, chat, worker) SELECT ?, ?, id FROM worker WHERE id = ? "
            "ON CONFLICT DO NOTHING",
            (bot, chat, self.id),
        )
        if made.rowcount > 0:
            return True
        # Locked first, by a change of nothing: only a statement after that sees who lives by then.
        row = db.execute(
            "UPDATE claim SET worker = worker WHERE bot = ? AND chat = ? RETURNING worker", (bot, chat)
        ).fetchone()
        if row is None or row[0] == self.id:
            return row is not None
        taken = db.execute(
            "UPDATE claim SET worker = ? WHERE bot = ? AND chat = ? "
            "AND NOT EXISTS (SELECT 1 FROM worker WHERE id = claim.worker) "
            "AND EXISTS (SELECT 1 FROM worker WHERE id = ?)",
            (self.id, bot, chat, self.id),
        )
        return taken.rowcount > 0

    def release(self, db: Connection, bot: int, chat: int) -> None:
        db.execute(
            "DELETE FROM claim WHERE bot = ? AND chat = ? AND worker = ? AND NOT EXISTS "
            "(SELECT 1 FROM inbox WHERE bot = ? AND chat = ? AND state = 'open')",
            (bot, chat, self.id, bot, chat),
        )

    def close(self) -> None:
        self._closing.set()
        self._listener.close()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(2 * BEAT_SECONDS)
        try:
            with self._db.transaction() as db:
                db.execute("DELETE FROM claim WHERE worker = ?", (self.id,))
                db.execute("DELETE FROM worker WHERE id = ?", (self.id,))
                self._db.notify(CHANNEL)
        except StoreError as error:
            log.warning("others take over what this worker has when its lease is over (%s)", error)
        for hold in filter(None, (self._alive, self._lead)):
            hold.release()
        self._db.close()

    # In threads of their own

    def _hear_on(self) -> None:
        while not self._closing.is_set():
            if self._listener.wait(BEAT_SECONDS):
                self._changed()

    def _beat_on(self) -> None:
        while not self._closing.wait(BEAT_SECONDS):
            try:
                with self._saying:
                    # One that is lost says nothing until what it had in hand is dropped.
                    if not self.lost:
                        self._beat()
            except StoreError as error:
                if not self._away:
                    log.warning("%s; what is not answered waits", error)
                self._away = True
                if not isinstance(error, DatabaseError):
                    log.debug("a beat failed", exc_info=error)

    def _beat(self) -> None:
        """Lengthens the lease, ends those that are over, and leads where nobody does."""
        start, now = monotonic(), self._db.clock()
        with self._db.transaction() as db:
            kept = db.execute(
                "UPDATE worker SET until = ? WHERE id = ?", (now + LEASE_SECONDS, self.id)
            ).rowcount
        if not kept:
            log.warning("this worker was silent for too long: others have what it had, and it begins again")
            self.lost = True
            self._changed()
            return
        self._until = start + LEASE_SECONDS
        if self._away:
            log.warning("the database is back")
            self._away = False
            self._changed()
        with self._db.transaction() as db:
            ended = db.execute("DELETE FROM worker WHERE until < ? RETURNING name", (now,)).fetchall()
        for (name,) in ended:
            log.warning("worker %s is silent; others take over what it had", name)
            self._changed()
        if self._alive is not None:
            self._alive.take()  # again, where PostgreSQL was started again
        self._try_to_lead()

    def _try_to_lead(self) -> None:
        start = monotonic()
        if not self._lead.take():
            self._led_at = 0.0
            return
        if not self._led_at:
            log.info("this worker leads")
            others = self._db.rows("SELECT 1 FROM worker WHERE id != ? LIMIT 1", (self.id,))
            # One that led before may believe for as long that it still does.
            self._leads_from = start + (LEADING_SECONDS if others else 0.0)
        self._led_at = start

    def _ended(self, id: str) -> bool:
        """Whether the worker with this id has ended: the database then holds nothing for it any more."""
        hold = Hold(self._place, f"kutip worker {id}")
        try:
            return hold.take()
        finally:
            hold.release()
