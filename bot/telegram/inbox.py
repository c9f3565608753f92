"""The durable inbox: an update is committed before Telegram is told that it was received.

Telegram counts an update as received once the next one is asked for, or once the webhook's request was
answered (https://core.telegram.org/bots/api#getting-updates); both wait for `Inbox.put`. An update
leaves the inbox when its reply was sent. What is left at a start is replayed, the oldest first.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import time

from telegram import Bot, Update

from bot.telegram.store import Connection, Store

CRASHES = 2
"""An update of which the process died this often is set aside."""
_REMEMBERED_SECONDS = 2 * 86_400.0
"""How long a done update's number is kept: Telegram delivers again for a day at most."""


@dataclass(slots=True, eq=False)
class Row:
    """One update that waits for its reply; `sent` messages of it have arrived already."""

    number: int
    update: Update
    received: float = field(default_factory=time)
    sent: int = 0
    crashes: int = 0
    replayed: bool = False
    aside: bool = False


class Inbox(asyncio.Queue[Row]):
    """The queue into which python-telegram-bot puts updates; it gives out rows of the archive."""

    def __init__(self, store: Store, bot: Bot, bot_id: int) -> None:
        super().__init__()
        self._store, self._bot, self._bot_id = store, bot, bot_id

    async def put(self, item: object) -> None:
        """Commits an update, then queues it; one that is known already is let go."""
        if isinstance(item, Update):
            await self.take([item])

    async def take(self, updates: Sequence[Update]) -> None:
        """Commits updates in one transaction, then queues them in their order."""
        for row in await asyncio.to_thread(self._commit, updates):
            self.put_nowait(row)

    def replay(self, blame: bool) -> list[Row]:
        """What is left from the last run, the oldest first.

        `blame`: the process died of what it was doing, so the question it was at counts a crash.
        """
        with self._store.writing() as db:
            db.execute(
                "UPDATE inbox SET crashes = crashes + ?, asking = 0 WHERE asking = 1 AND state = 'open'",
                (int(blame),),
            )
        rows = self._store.rows(
            "SELECT number, data, received_at, sent, crashes FROM inbox "
            "WHERE bot = ? AND state = 'open' ORDER BY number",
            (self._bot_id,),
        )
        return [
            Row(number, Update.de_json(json.loads(data), self._bot), received, sent, crashes, replayed=True)
            for number, data, received, sent, crashes in rows
        ]

    def asking(self, number: int) -> None:
        """The engine, or a loader, takes this update up: a crash from here on is blamed on it."""
        with self._store.writing() as db:
            db.execute("UPDATE inbox SET asking = 1 WHERE number = ?", (number,))

    def sent(self, row: Row, last: bool, shown: tuple[int, int] | None = None) -> None:
        """Telegram has confirmed one more message of the reply; with the last one, the update is done.

        `shown` is the message's chat and number: where it is an answer, a reply to it follows that answer.
        """
        with self._store.writing() as db:
            if shown is not None:
                db.execute(
                    "INSERT OR REPLACE INTO reply_message SELECT ?, ?, id FROM answer WHERE inbox = ?",
                    (*shown, row.number),
                )
            db.execute("UPDATE inbox SET sent = ? WHERE number = ?", (row.sent + 1, row.number))
            if last:
                self._close(db, row)
        row.sent += 1

    def done(self, row: Row) -> None:
        """Nothing is left to do for this update."""
        with self._store.writing() as db:
            self._close(db, row)

    @staticmethod
    def _close(db: Connection, row: Row) -> None:
        db.execute(
            "UPDATE inbox SET state = ?, asking = 0, data = NULL WHERE number = ? AND state = 'open'",
            ("aside" if row.aside else "done", row.number),
        )

    def prune(self) -> None:
        """Forgets the numbers of updates that Telegram can not deliver again."""
        with self._store.writing() as db:
            db.execute(
                "DELETE FROM inbox WHERE state != 'open' AND received_at < ?",
                (time() - _REMEMBERED_SECONDS,),
            )

    def waiting(self) -> int:
        """How many updates are not done."""
        return int(self._store.rows("SELECT count(*) FROM inbox WHERE state = 'open'")[0][0])

    def _commit(self, updates: Sequence[Update]) -> list[Row]:
        now, rows = time(), []
        with self._store.writing() as db:
            for update in updates:
                found = db.execute(
                    "INSERT OR IGNORE INTO inbox (bot, update_id, received_at, data) VALUES (?, ?, ?, ?) "
                    "RETURNING number",
                    # `to_json` writes ASCII: text that no encoding can hold is kept too.
                    (self._bot_id, update.update_id, now, update.to_json()),
                ).fetchone()
                if found:
                    rows.append(Row(int(found[0]), update, now))
        return rows
