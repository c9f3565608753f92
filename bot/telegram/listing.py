"""The articles as admins see them in Telegram: page by page, with buttons to show, remove and bring back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.naming import named
from bot.phrases import dated
from bot.telegram.callbacks import Act, data
from bot.telegram.journal import Journal
from bot.telegram.messages import Builder, Marked, plain
from bot.telegram.phrases import say
from bot.telegram.reasons import reason_in
from bot.telegram.shelf import Shelf
from rag.errors import KutipError
from rag.store.archive import Archive
from rag.types import Language

PAGE = 8
"""Articles of a page."""
LONGEST_SEARCH = 24
"""Bytes of what is searched for: a button's data has 64, and the rest of it may take 40."""
EXCERPT = 700
"""Characters of an article that are shown."""

Shown = tuple[Marked, InlineKeyboardMarkup | None]


class Listing:
    """What an admin's buttons show, and do. `restore` brings a removed article back by its id; False where
    there is none."""

    def __init__(
        self, archive: Archive, shelf: Shelf, journal: Journal, restore: Callable[[str], Awaitable[bool]]
    ) -> None:
        self._archive, self._shelf = archive, shelf
        self._journal, self._bring_back = journal, restore

    async def act(self, admin: int, act: str, numbers: str, language: Language) -> Shown:
        """Does what a button says; what it then shows.

        `numbers` are the article's short key and the page of the list.
        """
        found = re.fullmatch(r"(\d{1,15}):(\d{1,9})(?::(.*))?", numbers, re.DOTALL)
        key, page = (int(found[1]), int(found[2])) if found else (0, 0)
        search = (found[3] or "") if found else ""
        id = self._shelf.id_of(key)
        if act == "page":
            return self.page(page, language, search)
        if id is None:
            back = (say("back", language), _data("page", 0, 0, search))
            return plain(say("no_article", language)), _buttons([[back]])
        if act == "remove":
            return await self._remove(admin, id, language)
        if act == "really":
            yes, no = _data("remove", key, page, search), _data("show", key, page, search)
            text = Builder().add(self._title(id), "bold").add("\n\n").add(say("really", language)).marked()
            return text, _buttons([[(say("yes", language), yes), (say("no", language), no)]])
        await asyncio.to_thread(self._journal.record, admin, "show", id)
        buttons = [
            (say("remove", language), _data("really", key, page, search)),
            (say("back", language), _data("page", 0, page, search)),
        ]
        return self._article(id, language), _buttons([buttons])

    def page(self, page: int, language: Language, search: str = "") -> Shown:
        """One page of the list, counted from 0; one too far is the last. `search` narrows it."""
        total, _ = self._shelf.page(0, 0, search)
        if not total:
            return plain(say("no_such_articles" if search else "no_articles", language, search=search)), None
        pages = (total + PAGE - 1) // PAGE
        page = min(page, pages - 1)
        _, listed = self._shelf.page(page * PAGE, PAGE, search)
        built = Builder().add(
            say("articles", language, total=total, page=page + 1, pages=pages)
            + (say("articles_holding", language, search=search) if search else "")
        )
        numbers = []
        for number, article in enumerate(listed, start=page * PAGE + 1):
            name = named(article.id, article.title, self._archive)
            head = " · ".join(filter(None, (name, dated(article.published, language))))
            built.add(f"\n\n{number}. ", "bold").add(" ".join(head.split())[:200])
            numbers.append((str(number), _data("show", article.key, page, search)))
        rows = [numbers[:4], numbers[4:]]
        turn = [("‹", _data("page", 0, page - 1, search))] if page else []
        turn += [("›", _data("page", 0, page + 1, search))] if page + 1 < pages else []
        return built.marked(), _buttons([*rows, turn])

    def _article(self, id: str, language: Language) -> Marked:
        article = self._archive.article(id)
        if article is None:
            return plain(say("no_article", language))
        built = Builder().add(self._title(id), "bold")
        facts = (dated(article.published, language), f"v{article.version}", article.id[:200])
        built.add("\n").add(" · ".join(fact for fact in facts if fact), "italic")
        if article.url:
            built.add("\n").add(article.url[:1000])
        text = article.text[:EXCERPT] + (" …" if len(article.text) > EXCERPT else "")
        return built.add("\n\n").add(text, "expandable_blockquote").marked()

    def _title(self, id: str) -> str:
        article = self._archive.article(id)
        return (article.name if article else id)[:300]

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
            return plain(say("add_failed", language, error=reason_in(str(error), language))), None
        await asyncio.to_thread(self._journal.record, admin, "restore", id)
        return plain(say("restored", language, title=self._title(id))), None


def clipped(search: str) -> str:
    """As much of a text as a button carries beside the rest of its data."""
    return " ".join(search.split()).encode("utf-8", "replace")[:LONGEST_SEARCH].decode("utf-8", "ignore")


def _data(act: str, key: int, page: int, search: str) -> str:
    return data(Act.ARTICLES, act, key, page, *([search] if search else []))


def _buttons(rows: list[list[tuple[str, str]]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(text, callback_data=carried) for text, carried in row] for row in rows if row]
    )
