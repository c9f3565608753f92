"""The durable inbox: an update is committed before Telegram is told that it was received.

Telegram counts an update as received once the next one is asked for, or once the webhook's request was
answered (https://core.telegram.org/bots/api#getting-updates); both wait for `Inbox.put`. An update leaves the
inbox when its reply was sent. What is left at a start is replayed, the oldest first. An update that killed
the process twice, or that cannot be read, is set aside, so that it stops nobody else.

This is the inbox of one worker alone; `shared_inbox` is that of several.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any

from telegram import Bot, Update

from bot.telegram.claims import Claims
from bot.telegram.store import Connection, Store
from bot.telegram.updates import STOPPED
from rag.errors import StoreError

log = logging.getLogger("kutip")

CRASHES = 2
"""How often the process may die of an update before it is set aside."""
_LARGEST = 2**63 - 1
"""What the database can hold; Telegram's numbers have 32 bits."""
_REMEMBERED_SECONDS = 2 * 86_400.0
"""Seconds for which a done update's number is kept: Telegram delivers again for a day at most."""


@dataclass(slots=True, eq=False)
class Row:
    """One update that waits for its reply; `sent` messages of it have arrived already.

    `chat` is whose turn it waits for, and `holder` the id under which this worker holds that chat.
    """

    number: int
    update: Update
    received: float = field(default_factory=time)
    sent: int = 0
    crashes: int = 0
    replayed: bool = False
    aside: bool = False
    chat: int = 0
    holder: str = ""


def chat_of(update: Update) -> int:
    """Whose turn an update waits for: its chat's, or its user's where it is in none; 0 for neither."""
    if isinstance(stopped := update.api_kwargs.get(STOPPED), dict):
        chat = stopped.get("chat")
        id = chat.get("id") if isinstance(chat, dict) else None
    else:
        found = update.effective_chat or update.effective_user
        id = found.id if found is not None else None
    return id if isinstance(id, int) and abs(id) <= _LARGEST else 0


class _Arriving:
    """The number of the row that is being looked at, in a file.

    It outlives the process, and waits for no disk and no other writer: the event loop may use it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int:
        """The row that the last process was looking at when it ended; 0 for none."""
        try:
            return int(self._path.read_text(encoding="ascii") or 0)
        except (OSError, ValueError):
            return 0

    def write(self, number: int) -> None:
        """If the file cannot be written, nothing is, and no row is blamed."""
        with suppress(OSError):
            self._path.write_text(str(number or ""), encoding="ascii")


class Inbox(asyncio.Queue[Row]):
    """The queue into which python-telegram-bot puts updates; it gives out rows of the archive."""

    def __init__(self, store: Store, bot: Bot, bot_id: int, claims: Claims | None = None) -> None:
        super().__init__()
        self._store, self._bot, self._bot_id = store, bot, bot_id
        self._claims = claims or Claims()
        self._arriving = _Arriving(store.beside(f"-arriving-{bot_id}"))

    async def put(self, item: object) -> None:
        """Commits an update, then queues it; drops one that is known already."""
        if isinstance(item, Update):
            await self.take([item])

    async def take(self, updates: Sequence[Update]) -> None:
        """Commits updates in one transaction, then queues them in their order."""
        for row in await asyncio.to_thread(self._commit, updates):
            self.put_nowait(row)

    async def take_raw(self, found: Sequence[Mapping[str, Any]]) -> None:
        """Takes updates as Telegram's JSON. Those that cannot be read are recorded and set aside."""
        updates: list[Update] = []
        for each in found:
            try:
                updates.append(Update.de_json(dict(each), self._bot))
            except Exception:
                log.exception("update %s is none, and is set aside", each.get("update_id"))
                await asyncio.to_thread(self._record_none, each.get("update_id"))
        await self.take(updates)

    def replay(self, blame: bool) -> list[Row]:
        """What is left from the last run, the oldest first.

        `blame`: the process died of what it was doing, so the question it was at counts a crash.
        """
        with self._store.writing() as db:
            db.execute(
                "UPDATE inbox SET crashes = crashes + ?, asking = 0 "
                "WHERE (asking = 1 OR number = ?) AND state = 'open'",
                (int(blame), self._arriving.read()),
            )
        self._arriving.write(0)
        rows = self._store.rows(
            "SELECT number, data, received_at, sent, crashes, chat FROM inbox "
            "WHERE bot = ? AND state = 'open' ORDER BY number",
            (self._bot_id,),
        )
        replayed: list[Row] = []
        for number, data, received, sent, crashes, chat in rows:
            try:
                update = Update.de_json(json.loads(data), self._bot)
            except Exception:
                log.exception("row %d of the inbox is no update, and is set aside", number)
                self._close_number(number, "aside")
                continue
            replayed.append(Row(number, update, received, sent, crashes, replayed=True, chat=chat))
        return replayed

    shared = False
    """Whether other workers take updates too."""

    async def keep_looking(self, drop: Callable[[], Awaitable[None]]) -> None:
        """Queues what others have committed for this worker, until it is cancelled.

        `drop` gives up everything that is being handled, where others have it.
        """

    def has(self, row: Row) -> bool:
        """Whether the row is still this worker's to answer, as far as it knows."""
        return True

    async def sure(self, row: Row) -> None:
        """Waits until the row is certainly this worker's to answer. Raises TakenOver where it is not."""

    def asking(self, number: int) -> None:
        """Records that the engine or a loader starts on this update: from here on a crash is blamed on it."""
        with self._store.writing() as db:
            db.execute("UPDATE inbox SET asking = 1 WHERE number = ?", (number,))

    @contextmanager
    def blamed(self, row: Row) -> Iterator[None]:
        """For a step without waiting: blames a crash or an exception inside on this row."""
        self._arriving.write(row.number)
        try:
            yield
        except StoreError:
            raise  # no room, or another process writes: not the row's fault
        except Exception:
            self.failed(row)
            raise
        finally:
            self._arriving.write(0)

    def failed(self, row: Row) -> None:
        """Counts a failed step of this row as a crash; sets the row aside after the last one."""
        row.crashes += 1
        fence, mine = self._fence(row)
        with self._store.writing() as db:
            db.execute(
                f"UPDATE inbox SET crashes = ? WHERE number = ?{fence}", (row.crashes, row.number, *mine)
            )
        if row.crashes >= CRASHES:
            self.set_aside(row)

    def set_aside(self, row: Row) -> None:
        """Sets the row aside: nothing more is tried."""
        log.error("update %d is set aside: it cannot be handled", row.update.update_id)
        row.aside = True
        self.done(row)

    def sent(self, row: Row, last: bool, shown: tuple[int, int] | None = None) -> None:
        """Records that Telegram confirmed one more message of the reply; after the last one, the update is
        done.

        `shown` is the message's chat and number: where it is an answer, a reply to it follows that answer.
        Raises TakenOver where there is more to send, and another worker sends it.
        """
        fence, mine = self._fence(row)
        with self._store.writing() as db:
            if shown is not None:
                db.execute(
                    "INSERT INTO reply_message SELECT ?, ?, id FROM answer WHERE inbox = ? "
                    "ON CONFLICT (chat, message) DO UPDATE SET answer = excluded.answer",
                    (*shown, row.number),
                )
            found = db.execute(
                f"UPDATE inbox SET sent = ? WHERE number = ?{fence}", (row.sent + 1, row.number, *mine)
            )
            if last:
                self._close(db, row)
        row.sent += 1
        if last:
            self._over(row)
        elif not found.rowcount:
            self._taken(row)

    def done(self, row: Row) -> None:
        """Records that the update is done."""
        with self._store.writing() as db:
            self._close(db, row)
        self._over(row)

    def _close_number(self, number: int, state: str) -> None:
        with self._store.writing() as db:
            db.execute(
                "UPDATE inbox SET state = ?, asking = 0, data = NULL WHERE number = ?", (state, number)
            )

    def _record_none(self, update_id: object) -> None:
        """Records an update that cannot be read, so that it is dropped when it comes again."""
        if not isinstance(update_id, int) or not 0 <= update_id <= _LARGEST:
            return
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO inbox (bot, update_id, received_at, state) VALUES (?, ?, ?, 'aside') "
                "ON CONFLICT DO NOTHING",
                (self._bot_id, update_id, time()),
            )

    def _close(self, db: Connection, row: Row) -> None:
        fence, mine = self._fence(row)
        db.execute(
            f"UPDATE inbox SET state = ?, asking = 0, data = NULL WHERE number = ? AND state = 'open'{fence}",
            ("aside" if row.aside else "done", row.number, *mine),
        )
        self._claims.release(db, self._bot_id, row.chat)

    # What differs where there are several workers

    def _fence(self, row: Row) -> tuple[str, tuple[Any, ...]]:
        """What a change of the row is limited by, so that another worker's is left alone."""
        return "", ()

    def _over(self, row: Row) -> None:
        """Nothing is left to do for the row."""

    def _taken(self, row: Row) -> None:
        """Another worker has the row. Raises TakenOver."""

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
                if number := self._insert(db, update, now):
                    rows.append(Row(number, update, now, chat=chat_of(update)))
        return rows

    def _insert(self, db: Connection, update: Update, now: float) -> int | None:
        """Within a transaction: keeps an update; its number, None for one that is known already."""
        if not 0 <= update.update_id <= _LARGEST:
            log.error("update %d has a number that none has, and is let go", update.update_id)
            return None
        found = db.execute(
            "INSERT INTO inbox (bot, update_id, received_at, data, chat) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING RETURNING number",
            # `to_json` writes ASCII: text that no encoding can hold is kept too.
            (self._bot_id, update.update_id, now, update.to_json(), chat_of(update)),
        ).fetchone()
        return int(found[0]) if found else None
