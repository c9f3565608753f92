"""The worker: Telegram's updates in, replies out, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from time import time

from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.app import App
from bot.settings import Settings
from bot.telegram.access import Access
from bot.telegram.claims import Claims, SharedClaims
from bot.telegram.desk import Desk
from bot.telegram.digests import Digests
from bot.telegram.editing import Editing
from bot.telegram.ending import Ending
from bot.telegram.feeds import Feeds, keep_watching
from bot.telegram.following import Following
from bot.telegram.gauges import Gauges
from bot.telegram.handling import Handling
from bot.telegram.hearing import hear
from bot.telegram.inbox import Inbox
from bot.telegram.journal import Journal
from bot.telegram.limits import DAY, Limits, SharedLimits
from bot.telegram.links import Links
from bot.telegram.listing import Listing
from bot.telegram.memory import Memory
from bot.telegram.menu import introduce
from bot.telegram.metrics import Metrics, serve
from bot.telegram.parts import Parts
from bot.telegram.phrases import Wording
from bot.telegram.pulse import keep_alive
from bot.telegram.receiving import Receiver
from bot.telegram.sending import Sender
from bot.telegram.shared_inbox import SharedInbox
from bot.telegram.shelf import Shelf
from bot.telegram.store import Store
from bot.telegram.updates import Me
from bot.telegram.waiting import Waiting
from rag.errors import SettingsError, StoreError
from rag.store.archive import Archive

CONNECTIONS = 128
"""Calls to Telegram at once: each chat that waits has one or two on their way."""
TENDING_SECONDS = 3600.0
"""Seconds between two deletions of what is old."""

log = logging.getLogger("kutip")


class Worker:
    """One bot, from its start to its end."""

    def __init__(
        self,
        settings: Settings,
        token: str,
        restarts: int = 0,
        blame: bool = False,
        allow_local: bool = False,
        open_app: Callable[[], App] | None = None,
    ) -> None:
        self._settings, self._token, self._blame = settings, token, blame
        self._restarts, self._allow_local = restarts, allow_local
        self._open_app = open_app or (lambda: App(settings, log.warning, wording=Wording()))
        self._ending = Ending()
        self.draining = False
        """Whether no more questions are taken up."""

    async def run(self) -> None:
        """Works until told to stop.

        Raises KutipError where starting again would not help, RuntimeError where it may.
        """
        async with AsyncExitStack() as held:
            archive = held.enter_context(closing(Archive(self._settings.place)))
            store = held.enter_context(closing(Store(self._settings.place, self._settings.home)))
            bot = await held.enter_async_context(_connected(self._settings, self._token))
            claims, inbox = _inbox(self._settings, store, bot, int(self._token.split(":")[0]))
            memory, journal = Memory(store, lambda: claims.id), Journal(store)
            metrics = Metrics(self._restarts)
            receiver = Receiver(self._settings, bot, inbox, self._ending.asked, self._ending.fail, claims)
            desk = Desk(self._open_app, inbox, memory, metrics, self._ending.fail)
            gauges = Gauges(
                *(archive, inbox, memory, journal, metrics, desk, receiver, self._restarts),
                worker=self._settings.worker if store.shared else "",
                claims=claims,
            )
            await held.enter_async_context(_served(self._settings.telegram_metrics_port, gauges))
            await held.enter_async_context(_working(desk))
            if await receiver.greet():
                sender = Sender(bot, inbox, metrics, memory.move)
                editing = Editing(self._settings, sender, inbox, journal, self._allow_local)
                shelf = Shelf(store)
                limits = held.enter_context(closing(_limits(self._settings, store, memory)))
                parts = Parts(
                    settings=self._settings,
                    me=Me(bot.id, bot.username, bool(bot.bot.supports_inline_queries)),
                    archive=archive,
                    sender=sender,
                    inbox=inbox,
                    memory=memory,
                    journal=journal,
                    metrics=metrics,
                    desk=desk,
                    waiting=Waiting(sender, desk, memory, self._settings.telegram_rich),
                    limits=limits,
                    editing=editing,
                    listing=Listing(archive, shelf, journal, editing.bring_back),
                    gauges=gauges,
                    access=Access(self._settings, store, memory),
                    shelf=shelf,
                    links=Links(self._token, bot.username),
                    following=Following(store),
                    feeds=Feeds(self._settings, store),
                    claims=claims,
                )
                await self._work(parts, receiver)
        self._ending.raise_failure()

    def stop(self) -> None:
        """Ends the work: what is being answered and sent is finished. For the event loop's thread."""
        self._ending.stop()

    async def _work(self, parts: Parts, receiver: Receiver) -> None:
        """Receives and answers until the end; then finishes what was begun."""
        pulse = asyncio.create_task(keep_alive())
        await asyncio.sleep(0)  # it beats before the first row is looked at
        handling = Handling(parts, self._ending)
        for row in await asyncio.to_thread(parts.inbox.replay, self._blame):
            await handling.take(row)
        log.info("answering as @%s", parts.me.username)
        around = [
            pulse,
            asyncio.create_task(handling.take_all()),
            asyncio.create_task(receiver.receive(parts.sender)),
            asyncio.create_task(parts.waiting.tidy(parts.inbox.shared)),
            asyncio.create_task(parts.inbox.keep_looking(handling.drop)),
            asyncio.create_task(introduce(parts.sender, parts.settings)),
            asyncio.create_task(_tend(parts)),
            asyncio.create_task(self._watch(parts)),
            asyncio.create_task(Digests(parts).run()),
            asyncio.create_task(hear(self._settings.place, parts.desk.look)),
        ]
        for task in around:
            self._ending.watch(task)
        await self._ending.asked.wait()
        log.info("stopping; what is not answered yet is answered after the next start")
        for task in around:
            task.cancel()
        await asyncio.gather(*around, return_exceptions=True)
        parts.desk.close()
        self.draining = True
        await handling.finish()
        await parts.waiting.close()
        await asyncio.to_thread(parts.editing.close)
        await asyncio.to_thread(parts.claims.close)

    async def _watch(self, parts: Parts) -> None:
        minutes = self._settings.telegram_feed_minutes
        await keep_watching(
            parts.feeds, minutes, self._allow_local, parts.editing.in_thread, lambda: parts.claims.leads
        )


def _inbox(settings: Settings, store: Store, bot: ExtBot[None], bot_id: int) -> tuple[Claims, Inbox]:
    """The inbox of one worker alone, or of one among others; and what it claims there."""
    if not store.shared:
        claims = Claims()
        return claims, Inbox(store, bot, bot_id, claims)
    loop = asyncio.get_running_loop()

    def look() -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(inbox.look.set)

    shared = SharedClaims(store, settings.worker, bot_id, look)
    inbox = SharedInbox(store, bot, bot_id, shared)
    return shared, inbox


def _limits(settings: Settings, store: Store, memory: Memory) -> Limits:
    most = settings.telegram_per_minute, settings.telegram_per_day, settings.telegram_queue
    if store.shared:
        return SharedLimits(*most, settings.place)
    return Limits(*most, memory.asked(time() - DAY))


@asynccontextmanager
async def _connected(settings: Settings, token: str) -> AsyncIterator[ExtBot[None]]:
    """The bot's connection to Telegram, which is opened when the bot's name is learnt."""
    bot: ExtBot[None] = ExtBot(
        token,
        base_url=f"{settings.telegram_url.rstrip('/')}/bot",
        base_file_url=f"{settings.telegram_url.rstrip('/')}/file/bot",
        request=HTTPXRequest(connection_pool_size=CONNECTIONS, read_timeout=15, pool_timeout=60),
        get_updates_request=HTTPXRequest(read_timeout=10),
        rate_limiter=AIORateLimiter(),  # type: ignore[arg-type]  # its arguments are of no interest here
    )
    try:
        yield bot
    finally:
        with suppress(TelegramError):
            await bot.shutdown()


@asynccontextmanager
async def _working(desk: Desk) -> AsyncIterator[None]:
    """The desk's thread, until it has closed the store."""
    desk.start()
    try:
        yield
    finally:
        desk.close()
        await desk.ended()


@asynccontextmanager
async def _served(port: int | None, gauges: Gauges) -> AsyncIterator[None]:
    """Serves figures to this machine. Raises SettingsError where the port cannot be used."""
    if port is None:
        yield
        return
    try:
        server = await serve(port, gauges.exposed, gauges.health)
    except OSError as error:
        raise SettingsError(
            f"port {port} cannot be used ({error.strerror})", "set another KUTIP_TELEGRAM_METRICS_PORT"
        ) from error
    try:
        yield
    finally:
        server.close()


async def _tend(parts: Parts) -> None:
    """Deletes what is old, again and again."""
    while True:
        try:
            await asyncio.to_thread(parts.memory.prune, parts.settings.telegram_keep_days)
            await asyncio.to_thread(parts.inbox.prune)
            await asyncio.to_thread(parts.following.prune)
            await asyncio.to_thread(parts.limits.prune)
        except StoreError as error:
            log.warning("what is old is kept for now (%s)", error)
        await asyncio.sleep(TENDING_SECONDS)
