"""What admins do in Telegram: add articles, list, remove and bring them back. Each act is in the audit."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import TypeVar

from telegram import CallbackQuery, Message
from telegram.error import BadRequest

from bot.app import App
from bot.settings import Settings
from bot.telegram.inbox import Inbox, Row
from bot.telegram.journal import Journal
from bot.telegram.listing import Listing
from bot.telegram.messages import Marked, Writer, plain, split
from bot.telegram.phrases import FIGURES, say
from bot.telegram.sending import Sender
from bot.telegram.updates import Command, addresses, channel_post, clean, command, private
from rag.errors import KutipError
from rag.ingest import Ingested
from rag.store.archive import Archive
from rag.types import Language

T = TypeVar("T")

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes that a bot may download (https://core.telegram.org/bots/api#getfile)."""
PAGE = 8
LINES = 12
"""Articles that a report names, at most."""
EXCERPT = 700
"""Characters of an article that are shown."""
EDIT_EVERY = 3.0
_LIST = frozenset({"artikel", "articles"})
_FIGURES = frozenset({"statistik", "statistics"})
_HEALTH = frozenset({"kesehatan", "health"})


class Editing:
    """The admins' side. Articles are added by an `App` of its own, in a thread of its own, as another
    process would: the one that answers takes them in before its next question."""

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        sender: Sender,
        inbox: Inbox,
        journal: Journal,
        figures: Callable[[], dict[str, object]],
        health: Callable[[], dict[str, object]],
        allow_local: bool = False,
    ) -> None:
        self._settings, self._archive, self._sender = settings, archive, sender
        self._inbox, self._journal = inbox, journal
        self._figures, self._health = figures, health
        self._allow_local = allow_local
        self._thread = ThreadPoolExecutor(1, "editing")
        self._app: App | None = None
        self._listing = Listing(archive, journal, self._restore)

    def close(self) -> None:
        """Waits for what is being added, and closes the store."""
        if self._app is not None:
            self._thread.submit(self._app.close)
        self._thread.shutdown(cancel_futures=False)

    def is_admin(self, user: int) -> bool:
        """Whether a user may edit."""
        return user in self._settings.telegram_admins

    def may(self, message: Message) -> bool:
        """Whether a message comes from an admin, alone with the bot."""
        return private(message) and message.from_user is not None and self.is_admin(message.from_user.id)

    def wants(self, message: Message) -> bool:
        """Whether a message is something to add."""
        if not self.may(message) or command(message) is not None:
            return False
        return bool(message.document or channel_post(message) or addresses(message))

    def knows(self, found: Command, message: Message) -> bool:
        """Whether a command is an admin's; to others it is unknown."""
        return self.may(message) and found.name in _LIST | _FIGURES | _HEALTH

    async def command(self, row: Row, message: Message, found: Command, language: Language) -> None:
        """Answers an admin's command."""
        admin = message.from_user.id if message.from_user else 0
        await asyncio.to_thread(self._journal.record, admin, "command", found.name)
        keyboard = None
        if found.name in _LIST:
            text, keyboard = self._listing.page(0, language)
        elif found.name in _FIGURES:
            text = plain(_lines(await asyncio.to_thread(self._figures), language))
        else:
            text = plain(_lines(self._health(), language))
        await self._sender.reply(row, split(text), message.chat.id, to=message.message_id, keyboard=keyboard)

    async def pressed(self, row: Row, query: CallbackQuery, kind: str, rest: str, language: Language) -> None:
        """Answers an admin's button."""
        if kind == "u":
            text, keyboard = await self._listing.restore(query.from_user.id, rest, language)
        else:
            act, _, numbers = rest.partition(":")
            text, keyboard = await self._listing.act(query.from_user.id, act, numbers, language)
        await self._sender.aside(query.answer)
        await self._sender.rewrite(query, split(text)[0], keyboard)
        await asyncio.to_thread(self._inbox.done, row)

    # Adding

    async def add(self, row: Row, message: Message, language: Language) -> None:
        """Adds what a message holds, shows how far it has come, and reports what became of each article."""
        await asyncio.to_thread(self._inbox.asking, row.number)
        folder = Path(tempfile.mkdtemp(prefix="kutip-"))
        status = await self._sender.aside(
            lambda: self._sender.bot.send_message(
                message.chat.id, say("adding", language), disable_notification=True
            )
        )
        try:
            places = await self._places(message, folder, language)
            text = (
                await self._added(message, places, language, status)
                if isinstance(places, list)
                else plain(places)
            )
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            if status is not None:
                await self._sender.aside(status.delete)
        await self._sender.reply(row, split(text), message.chat.id, to=message.message_id)

    async def _places(self, message: Message, folder: Path, language: Language) -> list[str] | str:
        """Where the articles of a message are, or why there are none."""
        if (document := message.document) is not None:
            if (document.file_size or 0) > LARGEST_FILE:
                return say("too_large", language)
            path = folder / _file_name(document.file_name)
            try:
                file = await self._sender.until_done(lambda: self._sender.bot.get_file(document.file_id))
                await self._sender.until_done(lambda: file.download_to_drive(path))
            except BadRequest as error:
                key = "too_large" if "too big" in str(error) else "add_failed"
                return say(key, language, error=error)
            return [str(path)]
        if post := channel_post(message):
            text = clean(message.text or message.caption or "").strip()
            if not text:
                return say("no_text", language)
            name = post.chat.username
            article = {
                "text": text,
                "title": text.splitlines()[0][:200],
                "published": post.date.date().isoformat(),
                "url": f"https://t.me/{name}/{post.message_id}" if name else None,
                "id": None if name else f"telegram:{post.chat.id}/{post.message_id}",
            }
            path = folder / "post.jsonl"
            path.write_text(json.dumps(article), encoding="utf-8")
            return [str(path)]
        return addresses(message)

    async def _added(
        self, message: Message, places: list[str], language: Language, status: Message | None
    ) -> Marked:
        done: list[Ingested] = []
        work = asyncio.ensure_future(self.in_thread(lambda app: self._each(app, places, done)))
        shown, edited = 0, monotonic()
        while not work.done():
            await asyncio.wait([work], timeout=0.25)
            if status is not None and len(done) > shown and monotonic() - edited > EDIT_EVERY:
                shown, edited = len(done), monotonic()
                text = say("added_so_far", language, number=shown)
                await self._sender.aside(lambda text=text: status.edit_text(text))  # type: ignore[misc]
        try:
            work.result()
        except KutipError as error:
            return plain(say("add_failed", language, error=error))
        finally:
            admin = message.from_user.id if message.from_user else 0
            counts = Counter(each.status for each in done)
            # Where a file lay for a moment is of no interest to anyone later.
            names = " ".join(Path(p).name if not p.startswith("http") else p for p in places)
            await asyncio.to_thread(
                self._journal.record, admin, "add", names[:2000], json.dumps(dict(counts))
            )
        return _report(done, language)

    def _each(self, app: App, places: list[str], done: list[Ingested]) -> None:
        """Adds; each article is told as soon as it is committed."""
        for article in app.ingest(places, allow_local=self._allow_local):
            done.append(article)

    async def _restore(self, id: str) -> bool:
        return await self.in_thread(lambda app: app.bring_back(id))

    async def in_thread(self, work: Callable[[App], T]) -> T:
        """Runs work on articles beside the event loop, one after the other."""

        def run() -> T:
            if self._app is None:
                self._app = App(self._settings)
            return work(self._app)

        return await asyncio.get_running_loop().run_in_executor(self._thread, run)


def _report(done: list[Ingested], language: Language) -> Marked:
    """How many of each, then the articles: those refused first, with the reason."""
    if not done:
        return plain(say("nothing_to_add", language))
    counts = Counter[str](article.status for article in done)
    order = ("refused", "updated", "added", "unchanged")
    summary = ", ".join(f"{counts[status]} {say(status, language)}" for status in order if counts[status])
    writer = Writer().add(summary, "bold")
    told = sorted(done, key=lambda article: order.index(article.status))
    for article in told[:LINES]:
        name = article.title or article.id or "?"
        reason = f": {_local(article.reason)}" if article.reason else ""
        line = f"{say(article.status, language)}: {' '.join(name.split())[:120] if not reason else ''}"
        writer.add("\n• ").add((line.rstrip(" :") + reason)[:400])
    if len(told) > LINES:
        writer.add("\n").add(say("and_more", language, number=len(told) - LINES))
    return writer.marked()


def _local(reason: str) -> str:
    """A reason without the folder in which the file lay for a moment."""
    return re.sub(rf"{re.escape(tempfile.gettempdir())}/kutip-\w+/", "", reason)


def _file_name(given: str | None) -> str:
    """A name that stays in its folder; articles without an id are named by it."""
    name = re.sub(r"[^\w. ()-]", "_", clean(given or "").strip()).lstrip(".")
    stem, dot, suffix = name.rpartition(".")
    return f"{stem[:80]}{dot}{suffix[:10]}" if stem else f"{name[:80] or 'file'}.txt"


def _lines(found: dict[str, object], language: Language) -> str:
    return "\n".join(f"{FIGURES[language].get(name, name)}: {value}" for name, value in found.items())
