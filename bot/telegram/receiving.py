"""Updates from Telegram into the inbox, by asking for them or by a webhook."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from urllib.parse import urlsplit

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot, Updater

from bot.settings import Settings
from bot.telegram.inbox import Inbox
from bot.telegram.sending import Sender, told_to_wait
from bot.telegram.updates import WANTED
from rag.errors import KutipError, SettingsError

POLL_SECONDS = 30
SILENCE = 60.0
"""Seconds beyond a poll's own after which Telegram counts as silent."""

log = logging.getLogger("kutip")


class Receiver:
    """Receives until it is cancelled. `failed` is told of a token that Telegram does not know."""

    def __init__(
        self,
        settings: Settings,
        bot: ExtBot[None],
        inbox: Inbox,
        stop: asyncio.Event,
        failed: Callable[[KutipError], None],
    ) -> None:
        self._settings, self._bot, self._inbox = settings, bot, inbox
        self._stop, self._fail = stop, failed
        self._heard = monotonic()

    @property
    def silent(self) -> bool:
        """Whether Telegram has not answered for too long."""
        polling = self._settings.telegram_webhook is None
        return polling and monotonic() - self._heard > POLL_SECONDS + SILENCE

    async def greet(self) -> bool:
        """Learns the bot's name; False where it was told to stop before Telegram answered."""
        pause = 1.0
        while not self._stop.is_set():
            try:
                await self._bot.initialize()
                return True
            except InvalidToken:
                self._fail(bad_token())
            except TelegramError as error:
                log.warning("Telegram cannot be reached (%s); trying again in %g s", error, pause)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), pause)
                pause = min(pause * 2, 30.0)
        return False

    async def receive(self, sender: Sender) -> None:
        """Puts what comes into the inbox."""
        if self._settings.telegram_webhook is None:
            await sender.until_done(self._bot.delete_webhook)
            await self._poll()
            return
        updater = Updater(self._bot, self._inbox)  # type: ignore[arg-type]  # it only puts
        await updater.initialize()
        await updater.start_webhook(
            listen="127.0.0.1",
            port=self._settings.telegram_webhook_port,
            url_path=urlsplit(self._settings.telegram_webhook).path.strip("/"),
            webhook_url=self._settings.telegram_webhook,
            secret_token=secrets.token_urlsafe(32),
            allowed_updates=WANTED,
            bootstrap_retries=-1,
        )
        try:
            await self._stop.wait()
        finally:
            await updater.stop()

    async def _poll(self) -> None:
        """Asks for updates; the next request tells Telegram that the last ones are committed."""
        offset, pause = None, 0.5
        while True:
            try:
                updates = await self._bot.get_updates(
                    offset=offset, timeout=POLL_SECONDS, allowed_updates=WANTED
                )
                self._heard, pause = monotonic(), 0.5
                if updates:
                    await self._inbox.take(updates)
                    offset = updates[-1].update_id + 1
            except InvalidToken:
                self._fail(bad_token())
                return
            except RetryAfter as told:
                await asyncio.sleep(told_to_wait(told))
            except (TelegramError, KutipError) as error:
                what = "another bot has this token" if isinstance(error, Conflict) else error
                log.warning("no updates (%s); trying again in %g s", what, pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)


def bad_token() -> SettingsError:
    """What to say of a token that Telegram refuses."""
    return SettingsError(
        "Telegram does not know this bot token",
        "set KUTIP_TELEGRAM_TOKEN to the one that @BotFather gave you",
    )
