"""The articles as the bot looks them up: by short keys, by date, by words of titles, and what is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.telegram.store import Store
from rag.types import Language

_CURRENT = (
    "FROM article a JOIN version v ON v.article = a.id AND v.version = a.version WHERE a.removed_at IS NULL"
)
"""The current versions of the articles that can be found."""
_HOLDS = (
    " AND (replace(lower(coalesce(v.title, '')), lower(?), '') != lower(coalesce(v.title, '')) "
    "OR replace(a.id, ?, '') != a.id OR replace(coalesce(v.url, ''), ?, '') != coalesce(v.url, ''))"
)
"""Those whose title, id or address holds a text: without it they would be others. Each database has its own
function for this, and both have `replace`."""
_BATCH = 200
"""How many new articles are read at once."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list. `key` is short enough for a button."""

    key: int
    id: str
    title: str | None
    published: str | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article that came in: its current version, with the sentences of its text."""

    number: int
    id: str
    version: int
    title: str | None
    url: str | None
    published: str | None
    language: Language
    sentences: tuple[str, ...]
    places: tuple[int, ...]
    """Where each sentence starts in the text."""


class Shelf:
    """Looks articles up. Its methods may be called from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, offset: int, limit: int, search: str = "") -> tuple[int, list[Listed]]:
        """How many articles there are, and some of them: the latest published first; one without
        a date stands by the day on which it was added.

        With `search`, only those whose title, id or address holds it.
        """
        source, sought = (_CURRENT + _HOLDS, (search,) * 3) if search else (_CURRENT, ())
        total = self._store.rows(f"SELECT count(*) {source}", sought)[0][0]
        rows = self._store.rows(
            f"SELECT a.rowid, a.id, v.title, v.published {source} "
            "ORDER BY substr(coalesce(v.published, v.added_at), 1, 10) DESC, a.rowid DESC LIMIT ? OFFSET ?",
            (*sought, limit, offset),
        )
        return int(total), [Listed(*row) for row in rows]

    def id_of(self, key: int, removed: bool = False) -> str | None:
        """The id of an article; one that was removed only where that is asked for."""
        only = "" if removed else " AND removed_at IS NULL"
        rows = self._store.rows(f"SELECT id FROM article WHERE rowid = ?{only}", (key,))
        return str(rows[0][0]) if rows else None

    def key_of(self, id: str) -> int | None:
        """The short key of an article, None where there is none."""
        rows = self._store.rows("SELECT rowid FROM article WHERE id = ?", (id,))
        return int(rows[0][0]) if rows else None

    def last(self) -> int:
        """The number of the latest version of any article."""
        return int(self._store.rows("SELECT coalesce(max(rowid), 0) FROM version")[0][0])

    def arrived(self, after: int, until: int) -> Iterator[Arrival]:
        """The current versions with numbers after one and up to another, in their order."""
        while after < until:
            rows = self._store.rows(
                "SELECT v.rowid, a.id, v.version, v.title, v.url, v.published, v.language, v.text "
                f"{_CURRENT} AND v.rowid > ? AND v.rowid <= ? ORDER BY v.rowid LIMIT ?",
                (after, until, _BATCH),
            )
            for number, id, version, title, url, published, language, text in rows:
                spans = self._store.rows(
                    "SELECT start, stop FROM sentence WHERE article = ? AND version = ? ORDER BY number",
                    (id, version),
                )
                quotes = tuple(text[start:stop] for start, stop in spans)
                places = tuple(start for start, _ in spans)
                yield Arrival(number, id, version, title, url, published, language, quotes, places)
            if len(rows) < _BATCH:
                return
            after = rows[-1][0]
