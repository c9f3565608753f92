"""The worker: Telegram's updates in, replies out, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic, time

from telegram.error import InvalidToken, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.app import App
from bot.settings import Settings
from bot.telegram.conversation import Conversation
from bot.telegram.desk import Desk, PutOff
from bot.telegram.editing import Editing
from bot.telegram.feeds import keep_watching
from bot.telegram.inbox import Inbox, Row
from bot.telegram.journal import Journal
from bot.telegram.limits import DAY, Limits
from bot.telegram.memory import Memory
from bot.telegram.metrics import Metrics, serve
from bot.telegram.parts import Parts
from bot.telegram.receiving import Receiver, bad_token, introduce
from bot.telegram.sending import Sender
from bot.telegram.store import Store, until_room
from bot.telegram.updates import Me
from bot.telegram.waiting import Waiting
from rag.errors import KutipError, SettingsError, StoreError
from rag.store.archive import Archive

GRACE = 15.0
"""Seconds for what is being answered and sent when the worker is told to stop."""
CONNECTIONS = 128
TENDING_SECONDS = 3600.0

log = logging.getLogger("kutip")


class ChatOrder:
    """Runs what concerns one chat in its order, chats side by side."""

    def __init__(self) -> None:
        self._locks: dict[int, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, chat: int) -> AsyncIterator[None]:
        """Waits until everything that came before in this chat is over."""
        lock, users = self._locks.get(chat, (asyncio.Lock(), 0))
        self._locks[chat] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[chat]
            if users == 1:
                del self._locks[chat]
            else:
                self._locks[chat] = (lock, users - 1)


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
        self._open_app = open_app or (lambda: App(settings, say=log.warning))
        self._started = monotonic()
        self._tasks: set[asyncio.Task[None]] = set()
        self._order = ChatOrder()
        self._put_off: set[int] = set()
        self._stop = asyncio.Event()
        self._failure: KutipError | None = None
        self._broken: BaseException | None = None

    async def run(self) -> None:
        """Works until told to stop.

        Raises KutipError where starting again would not help, RuntimeError where it may.
        """
        settings = self._settings
        archive = Archive(settings.archive)
        store = Store(settings.archive)
        request = HTTPXRequest(connection_pool_size=CONNECTIONS, read_timeout=15, pool_timeout=60)
        self._bot: ExtBot[None] = ExtBot(
            self._token,
            base_url=f"{settings.telegram_url.rstrip('/')}/bot",
            base_file_url=f"{settings.telegram_url.rstrip('/')}/file/bot",
            request=request,
            get_updates_request=HTTPXRequest(read_timeout=10),
            rate_limiter=AIORateLimiter(),  # type: ignore[arg-type]  # its arguments are of no interest here
        )
        self._inbox = Inbox(store, self._bot, int(self._token.split(":")[0]))
        self._metrics = Metrics(self._restarts)
        self._memory = Memory(store)
        self._archive = archive
        self._journal = Journal(store)
        self._desk = Desk(self._open_app, self._inbox, self._memory, self._metrics, self._fail)
        self._desk.start()
        self._receiver = Receiver(settings, self._bot, self._inbox, self._stop, self._fail)
        server: asyncio.Server | None = None
        try:
            server = await self._serve()
            if await self._receiver.greet():
                await self._work()
        finally:
            self._desk.close()
            await self._desk.ended()
            if server is not None:
                server.close()
            with suppress(TelegramError):
                await self._bot.shutdown()
            store.close()
            archive.close()
        if self._failure is not None:
            raise self._failure
        if self._broken is not None:
            raise RuntimeError("a part of the worker ended") from self._broken

    def stop(self) -> None:
        """Ends the work: what is being answered and sent is finished. For the event loop's thread."""
        self._stop.set()

    async def _work(self) -> None:
        sender = Sender(self._bot, self._inbox, self._metrics)
        self._waiting = Waiting(sender, self._desk, self._memory)
        limits = Limits(
            self._settings.telegram_per_minute,
            self._settings.telegram_per_day,
            self._settings.telegram_queue,
            self._memory.asked(time() - DAY),
        )
        editing = Editing(
            self._settings,
            self._archive,
            sender,
            self._inbox,
            self._journal,
            self._figures,
            self.health,
            self._allow_local,
        )
        me = Me(self._bot.id, self._bot.username)
        self._conversation = Conversation(
            Parts(
                self._settings,
                me,
                self._archive,
                sender,
                self._inbox,
                self._memory,
                self._journal,
                self._metrics,
                self._desk,
                self._waiting,
                limits,
                editing,
            )
        )
        for row in self._inbox.replay(self._blame):
            self._take(row)
        log.info("answering as @%s", me.username)
        around = [
            asyncio.create_task(self._consume()),
            asyncio.create_task(self._receiver.receive(sender)),
            asyncio.create_task(self._waiting.tidy()),
            asyncio.create_task(introduce(self._bot, sender, self._settings)),
            asyncio.create_task(self._tend(limits)),
            asyncio.create_task(self._watch(editing)),
        ]
        for task in around:
            task.add_done_callback(self._look)
        await self._stop.wait()
        log.info("stopping; what is not answered yet is answered after the next start")
        for task in around:
            task.cancel()
        await asyncio.gather(*around, return_exceptions=True)
        await self._drain()
        await self._waiting.close()
        await asyncio.to_thread(editing.close)

    # Each update

    async def _consume(self) -> None:
        while True:
            self._take(await self._inbox.get())

    def _take(self, row: Row) -> None:
        self._metrics.count("kutip_updates_total")
        self._conversation.arrive(row)
        task = asyncio.create_task(self._run(row))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, row: Row) -> None:
        chat = row.update.effective_chat
        try:
            if chat is None or self._conversation.at_once(row):
                await self._handle(row)
                return
            async with self._order.turn(chat.id):
                # What came after something that was put off is put off too: the order is kept.
                if chat.id not in self._put_off:
                    await self._handle(row)
        except PutOff:
            if chat is not None:
                self._put_off.add(chat.id)
        except InvalidToken:
            self._fail(bad_token())
        except Exception:
            log.exception("update %d stays in the inbox", row.update.update_id)

    async def _handle(self, row: Row) -> None:
        try:
            await until_room(lambda: self._conversation.handle(row), f"update {row.update.update_id} waits")
        except (PutOff, InvalidToken):
            raise
        except Exception:
            self._metrics.count("kutip_failures_total")
            log.exception("update %d could not be handled", row.update.update_id)
            await self._conversation.failed(row)

    async def _drain(self) -> None:
        """What is being answered and sent is finished, within the grace; the rest stays in the inbox."""
        self._desk.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    # Around it

    async def _tend(self, limits: Limits) -> None:
        """Forgets what is old."""
        while True:
            try:
                await asyncio.to_thread(self._memory.prune, self._settings.telegram_keep_days)
                await asyncio.to_thread(self._inbox.prune)
            except StoreError as error:
                log.warning("what is old is kept for now (%s)", error)
            limits.prune()
            await asyncio.sleep(TENDING_SECONDS)

    async def _watch(self, editing: Editing) -> None:
        settings = self._settings
        await keep_watching(
            settings.telegram_feeds, settings.telegram_feed_minutes, self._allow_local, editing.in_thread
        )

    async def _serve(self) -> asyncio.Server | None:
        port = self._settings.telegram_metrics_port
        if port is None:
            return None
        try:
            return await serve(port, self._exposed, self.health)
        except OSError as error:
            raise SettingsError(
                f"port {port} cannot be used ({error.strerror})", "set another KUTIP_TELEGRAM_METRICS_PORT"
            ) from error

    def _exposed(self) -> str:
        return self._metrics.text(self._desk.depth(), self._inbox.waiting(), self._desk.lag)

    def health(self) -> dict[str, object]:
        """How the bot is, for a probe and for admins."""
        status = "telegram is silent" if self._receiver.silent else "ok" if self._desk.ready else "starting"
        return {
            "status": status,
            "queue": self._desk.depth(),
            "inbox": self._inbox.waiting(),
            "indexes_behind": self._desk.lag,
            "restarts": self._restarts,
            "uptime_seconds": round(monotonic() - self._started),
            "memory_mb": _memory_mb(),
        }

    def _figures(self) -> dict[str, object]:
        articles, chunks = self._archive.counts()
        asked = self._memory.asked(time() - DAY)
        verdicts = self._journal.verdicts()
        return {
            "articles": articles,
            "chunks": chunks,
            "answers_today": len(asked),
            "users_today": len({user for user, _ in asked}),
            "answered": self._metrics.number("kutip_answers_total", 'status="answered"'),
            "abstained": self._metrics.number("kutip_answers_total", 'status="abstained"'),
            "helpful": verdicts.get("helpful", 0),
            "wrong_quotes": verdicts.get("wrong", 0),
        }

    def _fail(self, error: Exception) -> None:
        """Ends the work: for good where a KutipError says so, else to be started again."""
        if not isinstance(error, KutipError):
            self._break(error)
            return
        self._failure = self._failure or error
        self._stop.set()

    def _break(self, error: BaseException) -> None:
        """Ends the work, to be started again."""
        log.critical("a part of the worker ended", exc_info=error)
        self._broken = error
        self._stop.set()

    def _look(self, task: asyncio.Task[None]) -> None:
        """A part that must not end has ended: so does the worker, and is started again."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._break(error)


def _memory_mb() -> int | None:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError):
        return None
    return pages * 4096 // 1024**2
