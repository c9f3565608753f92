"""Adding what admins send: files, addresses, feeds, forwarded channel posts. Each act is in the audit."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import TypeVar

from telegram import Message
from telegram.error import BadRequest

from bot.app import App
from bot.settings import Settings
from bot.telegram.inbox import Inbox, Row
from bot.telegram.journal import Journal
from bot.telegram.messages import Builder, Marked, plain, split
from bot.telegram.phrases import say
from bot.telegram.reasons import reason_in
from bot.telegram.sending import Sender
from bot.telegram.updates import addresses, channel_post, clean, thread
from rag.errors import KutipError
from rag.ingest import Ingested
from rag.types import Language

T = TypeVar("T")

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes that a bot may download (https://core.telegram.org/bots/api#getfile)."""
LINES = 12
"""The most articles that a report names."""
EDIT_EVERY = 3.0
"""Seconds between two changes of the progress message."""


class Editing:
    """Adds articles. It has an `App` and a thread of its own, like another process; the `App` that answers
    takes the articles in before its next question."""

    def __init__(
        self,
        settings: Settings,
        sender: Sender,
        inbox: Inbox,
        journal: Journal,
        allow_local: bool = False,
    ) -> None:
        self._settings, self._sender = settings, sender
        self._inbox, self._journal = inbox, journal
        self._allow_local = allow_local
        self._thread = ThreadPoolExecutor(1, "editing")
        self._app: App | None = None

    def close(self) -> None:
        """Waits for what is being added, and closes the store."""
        if self._app is not None:
            self._thread.submit(self._app.close)
        self._thread.shutdown(cancel_futures=False)

    async def add(self, row: Row, messages: Sequence[Message], language: Language) -> None:
        """Adds what messages hold, shows how far it has come, and reports what became of each article.

        The report is a reply to the first of them.
        """
        message = messages[0]
        await asyncio.to_thread(self._inbox.asking, row.number)
        folder = Path(tempfile.mkdtemp(prefix="kutip-"))
        status = await self._sender.aside(
            lambda: self._sender.bot.send_message(
                message.chat.id,
                say("adding", language),
                message_thread_id=thread(message) or None,
                disable_notification=True,
            )
        )
        try:
            places, problems = list[str](), list[str]()
            for number, each in enumerate(messages):
                found = await self._places(each, folder / str(number), language)
                if isinstance(found, list):
                    places += found
                else:
                    problems.append(found)
            said = split(await self._added(message, places, language, status)) if places else []
            said += split(plain("\n".join(dict.fromkeys(problems)))) if problems else []
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            if status is not None:
                await self._sender.aside(status.delete)
        await self._sender.reply(row, said, message.chat.id, to=message.message_id, thread=thread(message))

    async def _places(self, message: Message, folder: Path, language: Language) -> list[str] | str:
        """The places of a message's articles, or why there are none."""
        if (document := message.document) is not None:
            if (document.file_size or 0) > LARGEST_FILE:
                return say("too_large", language)
            folder.mkdir()
            path = folder / _file_name(document.file_name)
            try:
                file = await self._sender.until_done(lambda: self._sender.bot.get_file(document.file_id))
                await self._sender.until_done(lambda: file.download_to_drive(path))
            except BadRequest as error:
                key = "too_large" if "too big" in str(error) else "add_failed"
                return say(key, language, error=reason_in(str(error), language))
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
            folder.mkdir()
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
            return plain(say("add_failed", language, error=reason_in(str(error), language)))
        finally:
            admin = message.from_user.id if message.from_user else 0
            counts = Counter(each.status for each in done)
            # The audit needs no temporary path.
            names = " ".join(Path(p).name if not p.startswith("http") else p for p in places)
            await asyncio.to_thread(
                self._journal.record, admin, "add", names[:2000], json.dumps(dict(counts))
            )
        return _report(done, language)

    def _each(self, app: App, places: list[str], done: list[Ingested]) -> None:
        """Adds articles, and reports each as soon as it is committed."""
        for article in app.ingest(places, allow_local=self._allow_local):
            done.append(article)

    async def bring_back(self, id: str) -> bool:
        """Brings a removed article back; False where there is none."""
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
    built = Builder().add(summary, "bold")
    told = sorted(done, key=lambda article: order.index(article.status))
    for article in told[:LINES]:
        name = article.title or article.id or "?"
        reason = f": {reason_in(_local(article.reason), language)}" if article.reason else ""
        # A refusal's reason names the place; an article that was kept goes by its name first.
        shown = "" if reason and article.status == "refused" else f": {' '.join(name.split())[:120]}"
        built.add("\n• ").add(f"{say(article.status, language)}{shown}{reason}"[:400])
    if len(told) > LINES:
        built.add("\n").add(say("and_more", language, number=len(told) - LINES))
    return built.marked()


def _local(reason: str) -> str:
    """A reason without the temporary folder."""
    return re.sub(rf"{re.escape(tempfile.gettempdir())}/kutip-\w+/\d+/", "", reason)


def _file_name(given: str | None) -> str:
    """A name that stays in its folder; articles without an id are named by it."""
    name = re.sub(r"[^\w. ()-]", "_", clean(given or "").strip()).lstrip(".")
    stem, dot, suffix = name.rpartition(".")
    # A file's name has at most 255 bytes, and a letter up to four.
    return f"{_cut(stem, 160)}{dot}{_cut(suffix, 40)}" if stem else f"{_cut(name, 160) or 'file'}.txt"


def _cut(text: str, longest: int) -> str:
    """The beginning of a text, of so many bytes at most."""
    return text.encode()[:longest].decode(errors="ignore")
