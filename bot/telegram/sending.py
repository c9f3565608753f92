"""Calls to Telegram, repeated until they are answered, so that no reply is lost.

Telegram may have taken a message whose confirmation never came, so a reply can arrive twice: once a
crash at most, since only one reply is on its way at a time.
"""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from telegram import (
    Bot,
    CallbackQuery,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.warnings import PTBDeprecationWarning

from bot.telegram.inbox import Inbox, Row
from bot.telegram.messages import Marked
from bot.telegram.metrics import Metrics
from bot.telegram.store import until_room

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a call is made again."""
PATIENCE = 1.0
"""Seconds that one reply may hold up the others, so that a Telegram that hangs holds nobody up for long."""
_FINAL = (BadRequest, Forbidden, InvalidToken, Conflict, ChatMigrated)
"""Errors that a second call would not change."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
"""No preview of a linked page, which would be larger than the answer."""

log = logging.getLogger("kutip.sending")


def told_to_wait(told: RetryAfter) -> float:
    """Seconds after which Telegram takes calls again."""
    with warnings.catch_warnings():
        # The library says at each use that this will be a timedelta; it may be either here.
        warnings.simplefilter("ignore", PTBDeprecationWarning)
        wait = told.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


class Sender:
    """Sends replies and what goes around them."""

    def __init__(
        self,
        bot: Bot,
        inbox: Inbox,
        metrics: Metrics,
        moved: Callable[[int, int], None] = lambda old, new: None,
    ) -> None:
        """Calls `moved` for a group that became a supergroup."""
        self.bot = bot
        self.no_preview = _NO_PREVIEW
        self.takes_rich = True
        self._inbox, self._metrics, self._moved = inbox, metrics, moved
        self._gate = asyncio.Lock()

    async def until_done(self, call: Callable[[], Awaitable[T]]) -> T:
        """Makes a call until Telegram answers it. Raises what Telegram refuses for good."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await call()
            except RetryAfter as told:
                seconds = told_to_wait(told)
            except _FINAL:
                raise
            except TelegramError as error:
                # Time-outs, dropped connections, 5xx, and answers that are none.
                log.info("Telegram did not answer (%s); trying again in %g s", error, pause)
                seconds, pause = pause, min(pause * 2, LONGEST_PAUSE)
            self._metrics.count("kutip_send_retries_total")
            await asyncio.sleep(seconds)

    async def reply(
        self,
        row: Row,
        messages: Sequence[Marked],
        chat: int,
        *,
        to: int | None = None,
        thread: int = 0,
        keyboard: InlineKeyboardMarkup | None = None,
        rich: dict[str, Any] | None = None,
    ) -> None:
        """Sends what an update gets, from the first message that Telegram has not confirmed; then the
        update is done. `to` is the message replied to, `thread` the topic that it is in; the keyboard goes
        under the last message. `rich` is the same as one rich message, for servers that take those.

        A chat or a topic that the bot may not write to ends quietly.
        """
        rich = rich if self.takes_rich and not row.sent else None
        if rich is not None and await self._replied_richly(row, chat, rich, to, thread, keyboard):
            return
        while row.sent < len(messages):
            last = row.sent == len(messages) - 1
            # In a group every part is a reply: that keeps it in its topic, and apart from what others write.
            above = to if chat < 0 or not row.sent else None
            send = partial(self._send, chat, messages[row.sent], above, thread, keyboard if last else None)
            try:
                await self.until_done(partial(self._alone, row, last, send))
            except ChatMigrated as moved:
                # The group lives on under another number, without the message that was replied to.
                await asyncio.to_thread(self._moved, chat, moved.new_chat_id)
                chat, to, thread = moved.new_chat_id, None, 0
            except (Forbidden, BadRequest) as error:
                log.info("a reply could not be sent: %s", error)
                break
        if row.sent < len(messages):
            await asyncio.to_thread(self._inbox.done, row)

    async def _replied_richly(
        self,
        row: Row,
        chat: int,
        rich: dict[str, Any],
        to: int | None,
        thread: int,
        keyboard: InlineKeyboardMarkup | None,
    ) -> bool:
        """Whether a rich message was sent; after the first refusal none is tried any more."""
        reply = ReplyParameters(to, allow_sending_without_reply=True) if to is not None else None
        given = {
            "chat_id": chat,
            "rich_message": rich,
            "message_thread_id": thread or None,
            "reply_parameters": reply,
            "reply_markup": keyboard,
        }

        async def send() -> Message:
            try:
                sent: Message = await self.bot.do_api_request(
                    "sendRichMessage",
                    api_kwargs={name: value for name, value in given.items() if value is not None},
                    return_type=Message,
                )
            except EndPointNotFound as error:
                raise BadRequest(str(error)) from error
            return sent

        try:
            await self.until_done(partial(self._alone, row, True, send))
        except BadRequest as error:
            log.warning("rich messages are refused (%s); answers are plain from now on", error)
            self.takes_rich = False
            return False
        except (Forbidden, ChatMigrated):
            return False  # the plain message meets the same, and sees to it
        return True

    async def _send(
        self,
        chat: int,
        message: Marked,
        to: int | None,
        thread: int,
        keyboard: InlineKeyboardMarkup | None,
    ) -> Message:
        reply = ReplyParameters(to, allow_sending_without_reply=True) if to is not None else None
        try:
            return await self.bot.send_message(
                chat,
                message.text,
                entities=message.entities,
                # Where the message replied to is gone, the reply still goes into its topic, or nowhere.
                message_thread_id=thread or None,
                reply_parameters=reply,
                reply_markup=keyboard,
                # A quote may name an address; its preview would be larger than the answer.
                link_preview_options=_NO_PREVIEW,
            )
        except (Forbidden, ChatMigrated):
            raise
        except BadRequest as error:
            # A plain answer is better than none.
            log.warning("Telegram refused a message (%s); it is sent without marks and buttons", error)
            return await self.bot.send_message(
                chat,
                message.text,
                message_thread_id=thread or None,
                reply_parameters=reply,
                link_preview_options=_NO_PREVIEW,
            )

    async def _alone(self, row: Row, last: bool, send: Callable[[], Awaitable[Message]]) -> None:
        """One reply on its way at a time, until it is confirmed and that is committed.

        Raises TakenOver where another worker has the update.
        """
        await self._gate.acquire()
        try:
            await self._inbox.sure(row)
        except BaseException:
            self._gate.release()
            raise
        held = True

        def open_gate() -> None:
            nonlocal held
            if held:
                held = False
                self._gate.release()

        timer = asyncio.get_running_loop().call_later(PATIENCE, open_gate)
        try:
            sent = await send()
            shown = (sent.chat_id, sent.message_id)
            # Nothing else goes out before it is on record, or a crash would send more than one again.
            timer.cancel()
            await until_room(
                lambda: asyncio.to_thread(self._inbox.sent, row, last, shown),
                "the next replies wait until this one is on record",
            )
        finally:
            timer.cancel()
            open_gate()

    async def rewrite(
        self, query: CallbackQuery, shown: Marked, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Changes the message whose button was pressed.

        Nothing where Telegram refuses that: it says the same already, is gone, or is too old to be seen.
        """
        message = query.message
        if isinstance(message, Message):
            with suppress(*_FINAL):
                await self.until_done(
                    lambda: message.edit_text(
                        shown.text,
                        entities=shown.entities,
                        reply_markup=keyboard,
                        link_preview_options=_NO_PREVIEW,
                    )
                )

    async def rebutton(self, query: CallbackQuery, keyboard: InlineKeyboardMarkup | None) -> None:
        """Changes the buttons of the message on which one was pressed, as far as Telegram lets it."""
        message = query.message
        if isinstance(message, Message):
            await self.aside(lambda: message.edit_reply_markup(keyboard))

    # What may fail without harm

    async def aside(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """Makes a call once; None where it fails. For what goes around a reply: typing, status, buttons."""
        with suppress(TelegramError):
            return await call()
        return None
