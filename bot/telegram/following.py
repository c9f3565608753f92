"""What chats follow, and the digests that they were promised."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import time
from typing import Any

from bot.telegram.store import Connection, Store
from rag.types import Language

HOURS = (6, 9, 12, 15, 18, 21)
"""The hours of the day that readers can choose, by the offset in the settings."""
FIRST_HOURS = (6, 18)
"""The hours of a digest until somebody chooses."""
LONGEST_TOPIC = 120
"""Characters of a topic."""
TOLD_SECONDS = 90 * 86_400.0
"""Seconds for which told stories are remembered: the same story does not come again after that."""
_DONE_SECONDS = 7 * 86_400.0
"""Seconds for which a digest that was shown is kept."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic that a chat follows. `after` is the rowid of the last article version that was checked for
    it."""

    id: int
    chat: int
    thread: int
    user: int
    topic: str
    language: Language
    hours: tuple[int, ...]
    after: int
    looked_at: float


@dataclass(frozen=True, slots=True)
class Promise:
    """A message to show in a chat: a digest or a report. `message` is the one that shows its heading
    already."""

    id: int
    chat: int
    thread: int
    data: dict[str, Any]
    message: int | None


class _Overtaken(Exception):
    """Somebody else has seen to it meanwhile."""


_COLUMNS = 'id, chat, thread, "user", topic, language, hours, after, looked_at'
"""The columns of a Subscription."""


class Following:
    """Subscriptions and promised messages. Its methods may be called from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # Subscriptions

    def add(
        self, chat: int, thread: int, user: int, topic: str, language: Language, after: int, most: int
    ) -> Subscription | None:
        """Follows a topic; None where the chat follows as many as it may. One it follows already stays."""
        hours = ",".join(map(str, FIRST_HOURS))
        with self._store.writing() as db:
            known = db.execute(
                "SELECT count(*) FROM subscription WHERE chat = ? AND topic != ?", (chat, topic)
            ).fetchone()[0]
            if known >= most:
                return None
            db.execute(
                "INSERT INTO subscription "
                '(chat, thread, "user", topic, language, hours, after, looked_at) '
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (chat, thread, user, topic, language, hours, after, time()),
            )
            row = db.execute(
                f"SELECT {_COLUMNS} FROM subscription WHERE chat = ? AND topic = ?", (chat, topic)
            ).fetchone()
        return _subscription(row)

    def of_chat(self, chat: int) -> list[Subscription]:
        """What a chat follows, the oldest first."""
        return self._found("chat = ?", chat)

    def find(self, id: int) -> Subscription | None:
        """The subscription with this id, None once it has ended."""
        return next(iter(self._found("id = ?", id)), None)

    def all(self) -> list[Subscription]:
        """Every subscription."""
        return self._found("TRUE")

    def stop(self, id: int) -> None:
        """Ends a subscription."""
        with self._store.writing() as db:
            db.execute("DELETE FROM subscription WHERE id = ?", (id,))

    def leave(self, chat: int) -> None:
        """Ends all subscriptions of a chat to which the bot may not write any more."""
        with self._store.writing() as db:
            db.execute("DELETE FROM subscription WHERE chat = ?", (chat,))

    def toggle(self, id: int, hour: int) -> Subscription | None:
        """Adds an hour to those at which a digest comes, or takes it away; one hour always stays."""
        found = self.find(id)
        if found is None or hour not in HOURS:
            return found
        hours = set(found.hours) ^ {hour} or set(found.hours)
        with self._store.writing() as db:
            db.execute(
                "UPDATE subscription SET hours = ? WHERE id = ?", (",".join(map(str, sorted(hours))), id)
            )
        return self.find(id)

    def _found(self, where: str, *values: object) -> list[Subscription]:
        rows = self._store.rows(f"SELECT {_COLUMNS} FROM subscription WHERE {where} ORDER BY id", values)
        return [_subscription(row) for row in rows]

    # Promised messages

    def told(self, chat: int, stories: Sequence[str]) -> frozenset[str]:
        """Which of these stories a chat was told already."""
        if not stories:
            return frozenset()
        marks = ",".join("?" * len(stories))
        rows = self._store.rows(
            f"SELECT story FROM told WHERE chat = ? AND story IN ({marks})", (chat, *stories)
        )
        return frozenset(row[0] for row in rows)

    def promise(
        self,
        chat: int,
        thread: int,
        data: dict[str, Any] | None,
        stories: Sequence[str] = (),
        looked: Sequence[Subscription] = (),
        until: int = 0,
    ) -> None:
        """Stores what a chat is to be shown, with the stories that it tells, in one transaction.

        `looked` are the subscriptions for which all versions up to `until` were looked at; None as `data`
        says that there is nothing to show. Where one of them was looked at meanwhile, by another worker, or
        has ended, nothing is stored: the next look finds what is left.
        """
        with suppress(_Overtaken), self._store.writing() as db:
            for each in looked:
                found = db.execute(
                    "UPDATE subscription SET after = ?, looked_at = ? WHERE id = ? AND looked_at = ?",
                    (until, time(), each.id, each.looked_at),
                )
                if not found.rowcount:
                    raise _Overtaken
            if data is not None:
                _promise(db, chat, thread, data)
            db.executemany(
                "INSERT INTO told VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [(chat, story, time()) for story in stories],
            )

    def open(self) -> list[Promise]:
        """The promises not yet kept, the oldest first."""
        rows = self._store.rows(
            "SELECT id, chat, thread, data, message FROM digest WHERE state = 'open' ORDER BY id"
        )
        return [
            Promise(id, chat, thread, json.loads(data), message) for id, chat, thread, data, message in rows
        ]

    def begun(self, id: int, message: int) -> bool:
        """Records the message that shows the heading; False where another one shows it already."""
        with self._store.writing() as db:
            found = db.execute(
                "UPDATE digest SET message = ? WHERE id = ? AND (message IS NULL OR message = ?)",
                (message, id, message),
            )
            return found.rowcount > 0

    def kept(self, id: int) -> None:
        """Records that a promise was kept, or cannot be kept any more."""
        with self._store.writing() as db:
            db.execute("UPDATE digest SET state = 'done' WHERE id = ?", (id,))

    def prune(self) -> None:
        """Forgets what is old."""
        with self._store.writing() as db:
            db.execute("DELETE FROM told WHERE at < ?", (time() - TOLD_SECONDS,))
            db.execute("DELETE FROM digest WHERE state = 'done' AND made_at < ?", (time() - _DONE_SECONDS,))

    # Reports to admins

    def reporting(self) -> list[tuple[int, int, str]]:
        """(admin, hour, the day of the last one) of those who want a report every day."""
        return self._store.rows("SELECT admin, hour, day FROM report")

    def report(self, admin: int, hour: int | None, day: str) -> None:
        """Stores at which hour an admin wants a daily report, None for none; `day` is that of the last
        one."""
        with self._store.writing() as db:
            if hour is None:
                db.execute("DELETE FROM report WHERE admin = ?", (admin,))
            else:
                db.execute(
                    "INSERT INTO report VALUES (?, ?, ?) "
                    "ON CONFLICT (admin) DO UPDATE SET hour = excluded.hour, day = excluded.day",
                    (admin, hour, day),
                )

    def promise_report(self, admin: int, data: dict[str, Any], day: str) -> None:
        """Stores a day's report, once."""
        with self._store.writing() as db:
            changed = db.execute("UPDATE report SET day = ? WHERE admin = ? AND day != ?", (day, admin, day))
            if changed.rowcount:
                _promise(db, admin, 0, data)


def _promise(db: Connection, chat: int, thread: int, data: dict[str, Any]) -> None:
    db.execute(
        "INSERT INTO digest (chat, thread, made_at, data) VALUES (?, ?, ?, ?)",
        (chat, thread, time(), json.dumps(data, ensure_ascii=True)),
    )


def _subscription(row: tuple[Any, ...]) -> Subscription:
    id, chat, thread, user, topic, language, hours, after, looked_at = row
    chosen = tuple(int(hour) for hour in hours.split(",") if hour)
    return Subscription(id, chat, thread, user, topic, language, chosen, after, looked_at)
