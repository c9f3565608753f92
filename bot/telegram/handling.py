"""Each update to the conversation, in the order of its chat; and what happens where that fails."""

from __future__ import annotations

import asyncio
import logging

from telegram.error import InvalidToken

from bot.telegram.claims import TakenOver
from bot.telegram.conversation import Conversation
from bot.telegram.desk import PutOff
from bot.telegram.ending import Ending
from bot.telegram.inbox import CRASHES, Row
from bot.telegram.incoming import Incoming
from bot.telegram.order import ChatOrder
from bot.telegram.parts import Parts
from bot.telegram.receiving import bad_token
from bot.telegram.store import ROOM_SECONDS, until_room
from rag.errors import DatabaseAway, DatabaseBusy, KutipError, StoreError

GRACE = 15.0
"""Seconds to finish what is being answered and sent after the worker is told to stop."""

log = logging.getLogger("kutip")


class Handling:
    """Hands each update to the conversation, in the order of its chat, and handles failures."""

    def __init__(self, parts: Parts, ending: Ending) -> None:
        self._p, self._ending = parts, ending
        self._conversation = Conversation(parts)
        self._order = ChatOrder()
        self._tasks: dict[asyncio.Task[None], Incoming] = {}
        self._put_off: set[int] = set()

    async def take_all(self) -> None:
        """Takes rows out of the inbox, until it is cancelled."""
        while True:
            await self.take(await self._p.inbox.get())

    async def take(self, row: Row) -> None:
        """Starts to handle a row. While the archive cannot be read, this row waits, and with it those behind
        it."""
        self._p.metrics.count("kutip_updates_total")
        came = await self._arrived(row)
        if came is None:
            return
        task = asyncio.create_task(self._run(came))
        self._tasks[task] = came
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)

    async def _arrived(self, row: Row) -> Incoming | None:
        """Classifies a row; None for one that is not handled now. A failure here stops no other row."""
        told = False
        while row.crashes < CRASHES and self._p.inbox.has(row):
            try:
                with self._p.inbox.blamed(row):
                    return self._conversation.arrive(row)
            except (DatabaseAway, DatabaseBusy) as error:
                if not told:
                    log.warning("update %d waits (%s)", row.update.update_id, error)
                told = True
                await asyncio.sleep(ROOM_SECONDS)
            except StoreError as error:
                log.warning("update %d stays in the inbox (%s)", row.update.update_id, error)
                return None
            except Exception:
                log.exception("update %d could not be taken up", row.update.update_id)
                if row.crashes >= CRASHES:
                    return None
        if not self._p.inbox.has(row):
            return None
        message = row.update.message
        if message is None or message.from_user is None:
            self._p.inbox.set_aside(row)
            return None
        # Nothing looks at what it says any more: whoever wrote it is told so.
        return Incoming(row, "remark", message, user=message.from_user)

    async def drop(self) -> None:
        """Gives up everything that is being handled: other workers may have it."""
        for came in self._tasks.values():
            if came.ticket is not None:
                self._p.desk.cancel(came.ticket, quietly=True)
        await self._end()
        self._put_off.clear()

    async def finish(self) -> None:
        """Finishes what is being answered and sent, within the grace; the rest stays in the inbox."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=GRACE)
        await self._end()

    async def _end(self) -> None:
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _run(self, came: Incoming) -> None:
        chat: int | None = None
        try:
            chat = came.chat
            if chat is None or came.at_once:
                await self._handle(came)
                return
            async with self._order.turn(chat):
                # What came after something that was put off is put off too: the order is kept.
                if chat not in self._put_off:
                    await self._handle(came)
        except PutOff:
            if chat is not None:
                self._put_off.add(chat)
        except TakenOver:
            log.info("update %d is another worker's now", came.row.update.update_id)
        except InvalidToken:
            self._ending.fail(bad_token())
        except KutipError as error:
            log.warning("update %d stays in the inbox (%s)", came.row.update.update_id, error)
        except Exception:
            log.exception("update %d stays in the inbox", came.row.update.update_id)
            number = came.row.update.update_id
            await until_room(
                lambda: asyncio.to_thread(self._p.inbox.failed, came.row), f"update {number} waits"
            )

    async def _handle(self, came: Incoming) -> None:
        number = came.row.update.update_id
        try:
            await until_room(lambda: self._conversation.handle(came), f"update {number} waits")
        except (PutOff, TakenOver, InvalidToken):
            raise
        except Exception:
            self._p.metrics.count("kutip_failures_total")
            log.exception("update %d could not be handled", number)
            await until_room(lambda: self._conversation.failed(came), f"update {number} waits")
