"""The inbox of several workers: a webhook may reach any of them, and each takes up the chats that it claims.

What was committed enters by one way only: by a look at the database for open updates of this worker's chats
that it does not have in hand. So nothing depends on a message between workers, nor on an answer of the
database that was lost: the next look finds what there is.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from telegram import Bot, Update

from bot.telegram.claims import CHANNEL, Claims, TakenOver
from bot.telegram.inbox import Inbox, Row, chat_of
from bot.telegram.store import Connection, Store
from rag.errors import StoreError

log = logging.getLogger("kutip")

LOOK_SECONDS = 1.0
"""Seconds between two looks at the database where nobody says that there is something new."""
ROOM = 8
"""Updates in hand from which on a worker leaves new chats to the others for a while."""
CHANCE_SECONDS = 1.5
"""Seconds for which an update is left to workers that have room; then whoever looks first takes it."""
_MOST = 200
"""Updates without a worker that are looked at at once."""
_LEASE_LOOK_SECONDS = 0.1
"""Seconds between two looks whether the lease holds again."""


class SharedInbox(Inbox):
    """The updates of the chats that this worker claims. `look` is set where there may be something new."""

    shared = True

    def __init__(self, store: Store, bot: Bot, bot_id: int, claims: Claims) -> None:
        super().__init__(store, bot, bot_id, claims)
        self.look = asyncio.Event()
        self._hand: dict[int, Row] = {}

    async def take(self, updates: Sequence[Update]) -> None:
        """Commits updates in one transaction; a look then takes up those that are for this worker."""
        await asyncio.to_thread(self._commit_all, updates)
        self.look.set()

    def replay(self, blame: bool) -> list[Row]:
        """Begins to hold chats, and finds what a worker of the same name has left, the oldest first."""
        self._claims.begin(blame, self._arriving.read())
        self._arriving.write(0)
        self._hand.clear()
        return self.find()

    async def keep_looking(self, drop: Callable[[], Awaitable[None]]) -> None:
        """Queues what is for this worker, until it is cancelled.

        `drop` gives up everything that is being handled: others may have it.
        """
        told = False
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.look.wait(), LOOK_SECONDS)
            self.look.clear()
            try:
                if self._claims.lost:
                    await self._begin_again(drop)
                for row in await asyncio.to_thread(self.find):
                    self.put_nowait(row)
                told = False
            except StoreError as error:
                if not told:
                    log.warning("new updates wait (%s)", error)
                told = True

    async def _begin_again(self, drop: Callable[[], Awaitable[None]]) -> None:
        self._hand.clear()
        while not self.empty():
            self.get_nowait()
        await drop()
        await asyncio.to_thread(self._claims.begin)
        log.warning("this worker begins again, as %s", self._claims.id)

    def has(self, row: Row) -> bool:
        return self._hand.get(row.number) is row

    async def sure(self, row: Row) -> None:
        while self.has(row):
            if self._claims.valid:
                return
            await asyncio.sleep(_LEASE_LOOK_SECONDS)
        raise TakenOver

    def find(self) -> list[Row]:
        """Claims what nobody has, and takes what is in this worker's chats and not in hand yet."""
        with self._store.writing() as db:
            self._claim_free(db)
            mine = db.execute(
                "SELECT number FROM inbox WHERE bot = ? AND state = 'open' AND chat IN "
                "(SELECT chat FROM claim WHERE bot = ? AND worker IN (SELECT id FROM worker WHERE id = ?)) "
                "ORDER BY number",
                (self._bot_id, self._bot_id, self._claims.id),
            ).fetchall()
            new = [self._taken_up(db, number) for (number,) in mine if number not in self._hand]
        rows = [row for each in new if each is not None and (row := self._row(*each)) is not None]
        self._hand |= {row.number: row for row in rows}
        return rows

    def _taken_up(self, db: Connection, number: int) -> tuple[str, Row] | None:
        """Within a transaction: a row, and its update as it is stored; None for one that is done."""
        found = db.execute(
            "SELECT data, received_at, sent, crashes, holder, chat FROM inbox "
            "WHERE number = ? AND state = 'open'",
            (number,),
        ).fetchone()
        if found is None:
            return None
        data, received, sent, crashes, holder, chat = found
        db.execute("UPDATE inbox SET holder = ?, asking = 0 WHERE number = ?", (self._claims.id, number))
        row = Row(number, Update(0), received, sent, crashes, holder is not None)
        row.chat, row.holder = chat, self._claims.id
        return data, row

    def _claim_free(self, db: Connection) -> None:
        room = ROOM - len(self._hand)
        before = self._store.database.clock() - (0.0 if room > 0 else CHANCE_SECONDS)
        free = db.execute(
            "SELECT chat FROM inbox WHERE bot = ? AND state = 'open' AND received_at <= ? AND NOT EXISTS "
            "(SELECT 1 FROM claim JOIN worker ON worker.id = claim.worker "
            "WHERE claim.bot = inbox.bot AND claim.chat = inbox.chat) ORDER BY number LIMIT ?"
            + self._store.database.skip_locked,
            (self._bot_id, before, _MOST),
        ).fetchall()
        chats = list(dict.fromkeys(chat for (chat,) in free))[: room if room > 0 else ROOM]
        # In one order everywhere, so that no two workers wait for each other.
        for chat in sorted(chats):
            self._claims.claim(db, self._bot_id, chat)

    def _row(self, data: str, row: Row) -> Row | None:
        try:
            row.update = Update.de_json(json.loads(data), self._bot)
        except Exception:
            log.exception("row %d of the inbox is no update, and is set aside", row.number)
            self._close_number(row.number, "aside")
            return None
        return row

    def _commit_all(self, updates: Sequence[Update]) -> None:
        chats = sorted({chat_of(update) for update in updates})
        # An update of a chat is committed before the next one gets its number.
        alone = f"inbox {chats[0]}" if len(chats) == 1 else None
        with self._store.writing(alone) as db:
            now = self._store.database.clock()
            for update in updates:
                self._insert(db, update, now)
            mine = len(self._hand) < ROOM and [self._claims.claim(db, self._bot_id, chat) for chat in chats]
            if not mine or not all(mine):
                self._store.database.notify(CHANNEL)

    def _taken(self, row: Row) -> None:
        self._over(row)
        raise TakenOver

    def _over(self, row: Row) -> None:
        self._hand.pop(row.number, None)

    def _fence(self, row: Row) -> tuple[str, tuple[Any, ...]]:
        return " AND holder = ?", (row.holder,)
