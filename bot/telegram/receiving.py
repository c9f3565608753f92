"""Updates from Telegram into the inbox, by asking for them or by a webhook."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from urllib.parse import urlsplit

from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.settings import Settings
from bot.telegram.claims import Claims
from bot.telegram.inbox import Inbox
from bot.telegram.sending import Sender, told_to_wait
from bot.telegram.updates import STOPPED, WANTED
from bot.telegram.webhook import Webhook, secret_of
from rag.errors import KutipError, SettingsError

POLL_SECONDS = 30
"""Seconds that Telegram keeps a request open while nothing comes."""
SILENCE = 60.0
"""Seconds beyond a poll's own after which Telegram counts as silent."""

LEAD_SECONDS = 1.0
"""Seconds between two looks whether this worker is the one that asks for updates."""

log = logging.getLogger("kutip")


class Receiver:
    """Receives until it is cancelled. Calls `failed` for a token that Telegram does not know."""

    def __init__(
        self,
        settings: Settings,
        bot: ExtBot[None],
        inbox: Inbox,
        stop: asyncio.Event,
        failed: Callable[[KutipError], None],
        claims: Claims | None = None,
    ) -> None:
        self._claims = claims or Claims()
        self._settings, self._bot, self._inbox = settings, bot, inbox
        self._stop, self._fail = stop, failed
        self._wanted = [*WANTED, *([STOPPED] if settings.telegram_rich else [])]
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
        """Puts updates into the inbox."""
        if self._settings.telegram_webhook is None:
            await sender.until_done(self._bot.delete_webhook)
            await self._poll()
            return
        url, secret = self._settings.telegram_webhook, secret_of(self._bot.token)
        path, port = urlsplit(url).path.strip("/"), self._settings.telegram_webhook_port
        webhook = Webhook(self._settings.telegram_webhook_host, port, path, secret, self._inbox.take_raw)
        serving = asyncio.create_task(webhook.serve(self._stop))
        try:
            await sender.until_done(
                lambda: self._bot.set_webhook(url, secret_token=secret, allowed_updates=self._wanted)
            )
            await serving
        except OSError as error:
            where = f"port {port} of {self._settings.telegram_webhook_host}"
            advice = "set another KUTIP_TELEGRAM_WEBHOOK_PORT or KUTIP_TELEGRAM_WEBHOOK_HOST"
            self._fail(SettingsError(f"{where} cannot be used ({error.strerror})", advice))
        finally:
            serving.cancel()

    async def _poll(self) -> None:
        """Asks for updates; the next request tells Telegram that the last ones are committed."""
        offset, pause = None, 0.5
        while True:
            if not self._claims.asks:
                # Another worker asks. What it has not confirmed comes to whoever asks after it.
                self._heard, offset = monotonic(), None
                await asyncio.sleep(LEAD_SECONDS)
                continue
            try:
                offset = await self._take_next(offset)
                self._heard, pause = monotonic(), 0.5
            except InvalidToken:
                self._fail(bad_token())
                return
            except RetryAfter as told:
                await asyncio.sleep(told_to_wait(told))
            except Exception as error:
                if isinstance(error, BadRequest) and STOPPED in self._wanted:
                    # A server of before that kind of update; the others are asked for without it.
                    self._wanted.remove(STOPPED)
                    continue
                # Whatever it is, the next request may go well, and another start would not help.
                what = "another bot has this token" if isinstance(error, Conflict) else error
                log.warning("no updates (%s); trying again in %g s", what, pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)

    async def _take_next(self, offset: int | None) -> int | None:
        """Takes the updates from this number on; the number from which the next ones come."""
        try:
            updates = await self._bot.get_updates(
                offset=offset, timeout=POLL_SECONDS, allowed_updates=self._wanted
            )
        except (TelegramError, KutipError):
            raise
        except Exception:
            # One that the library cannot read would hold up all others: they are taken one by one. The method
            # is spelled so that the library does not read the answer, and Telegram knows no case.
            wanted = {"offset": offset, "timeout": 0, "allowed_updates": self._wanted}
            found = await self._bot.do_api_request("getupdates", api_kwargs=wanted)
            raw = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
            await self._inbox.take_raw(raw)
            return max(
                (id + 1 for each in raw if isinstance(id := each.get("update_id"), int)), default=offset
            )
        if updates:
            await self._inbox.take(updates)
            return updates[-1].update_id + 1
        return offset


def bad_token() -> SettingsError:
    """The error for a token that Telegram refuses."""
    return SettingsError(
        "Telegram does not know this bot token",
        "set KUTIP_TELEGRAM_TOKEN to the one that @BotFather gave you",
    )
