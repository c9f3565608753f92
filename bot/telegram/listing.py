"""The articles as admins see them in Telegram: page by page, with buttons to show, remove and bring back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.phrases import dated
from bot.telegram.callbacks import Act, data
from bot.telegram.journal import Journal
from bot.telegram.messages import Builder, Marked, plain
from bot.telegram.phrases import say
from rag.errors import KutipError
from rag.store.archive import Archive
from rag.types import Language

PAGE = 8
EXCERPT = 700
"""Characters of an article that are shown."""

Shown = tuple[Marked, InlineKeyboardMarkup | None]


class Listing:
    """What an admin's buttons show, and do. `restore` brings a removed article back by its id; False where
    there is none."""

    def __init__(self, archive: Archive, journal: Journal, restore: Callable[[str], Awaitable[bool]]) -> None:
        self._archive, self._journal, self._bring_back = archive, journal, restore

    async def act(self, admin: int, act: str, numbers: str, language: Language) -> Shown:
        """Does what a button says; what it then shows.

        `numbers` are the article's short key and the page of the list.
        """
        found = re.fullmatch(r"(\d{1,15}):(\d{1,9})", numbers)
        key, page = (int(found[1]), int(found[2])) if found else (0, 0)
        id = self._archive.id_of(key)
        if act == "page":
            return self.page(page, language)
        if id is None:
            return plain(say("no_article", language)), _buttons(
                [[(say("back", language), data(Act.ARTICLES, "page", 0, 0))]]
            )
        if act == "remove":
            return await self._remove(admin, id, language)
        if act == "really":
            yes, no = data(Act.ARTICLES, "remove", key, page), data(Act.ARTICLES, "show", key, page)
            text = Builder().add(self._title(id), "bold").add("\n\n").add(say("really", language)).marked()
            return text, _buttons([[(say("yes", language), yes), (say("no", language), no)]])
        await asyncio.to_thread(self._journal.record, admin, "show", id)
        buttons = [
            (say("remove", language), data(Act.ARTICLES, "really", key, page)),
            (say("back", language), data(Act.ARTICLES, "page", 0, page)),
        ]
        return self._article(id, language), _buttons([buttons])

    def page(self, page: int, language: Language) -> Shown:
        """One page of the list, counted from 0; one too far is the last."""
        total, _ = self._archive.counts()
        if not total:
            return plain(say("no_articles", language)), None
        pages = (total + PAGE - 1) // PAGE
        page = min(page, pages - 1)
        listed = self._archive.listed(page * PAGE, PAGE)
        built = Builder().add(say("articles", language, total=total, page=page + 1, pages=pages))
        numbers = []
        for number, article in enumerate(listed, start=page * PAGE + 1):
            head = " · ".join(filter(None, (article.title or article.id, dated(article.published, language))))
            built.add(f"\n\n{number}. ", "bold").add(" ".join(head.split())[:200])
            numbers.append((str(number), data(Act.ARTICLES, "show", article.key, page)))
        rows = [numbers[:4], numbers[4:]]
        turn = [("‹", data(Act.ARTICLES, "page", 0, page - 1))] if page else []
        turn += [("›", data(Act.ARTICLES, "page", 0, page + 1))] if page + 1 < pages else []
        return built.marked(), _buttons([*rows, turn])

    def _article(self, id: str, language: Language) -> Marked:
        article = self._archive.article(id)
        if article is None:
            return plain(say("no_article", language))
        built = Builder().add((article.title or article.id)[:300], "bold")
        facts = (dated(article.published, language), f"v{article.version}", article.id[:200])
        built.add("\n").add(" · ".join(fact for fact in facts if fact), "italic")
        if article.url:
            built.add("\n").add(article.url[:1000])
        text = article.text[:EXCERPT] + (" …" if len(article.text) > EXCERPT else "")
        return built.add("\n\n").add(text, "expandable_blockquote").marked()

    def _title(self, id: str) -> str:
        article = self._archive.article(id)
        return " ".join((article.title if article and article.title else id).split())[:300]

    async def _remove(self, admin: int, id: str, language: Language) -> Shown:
        title = self._title(id)
        if not await asyncio.to_thread(self._archive.remove, id):
            return plain(say("no_article", language)), None
        number = await asyncio.to_thread(self._journal.record, admin, "remove", id, title)
        text = plain(say("removed_now", language, title=title))
        return text, _buttons([[(say("undo", language), data(Act.UNDO, number))]])

    async def restore(self, admin: int, number: str, language: Language) -> Shown:
        """Brings back what a removal in the audit took, for a day."""
        removal = self._journal.removal(int(number)) if re.fullmatch(r"\d{1,15}", number) else None
        if removal is None or not removal[1]:
            return plain(say("too_late", language)), None
        id = removal[0]
        try:
            if not await self._bring_back(id):
                return plain(say("no_article", language)), None
        except KutipError as error:
            return plain(say("add_failed", language, error=error)), None
        await asyncio.to_thread(self._journal.record, admin, "restore", id)
        return plain(say("restored", language, title=self._title(id))), None


def _buttons(rows: list[list[tuple[str, str]]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(text, callback_data=carried) for text, carried in row] for row in rows if row]
    )
