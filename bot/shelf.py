"""`kutip articles list`: which articles, in which order, and as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from rag.types import Article, Language

DAY = 10
"""Characters of a date such as 2024-09-10."""
LEAST_TITLE = 24
"""Columns that a title needs beside its id; with fewer, the id goes on a line of its own."""
_GAP = "  "
"""Between two columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """An article without its text."""

    id: str
    url: str | None
    title: str | None
    published: str | None
    language: Language
    version: int
    name: str


def rows(articles: Iterable[Article], words: Sequence[str] = ()) -> list[Row]:
    """The articles that hold all of the words, the newest first and those without a date last.

    Words are looked for in id, address, title, publisher, author and text, in any case of their letters.
    """
    wanted = [word.casefold() for each in words for word in each.split()]
    found = [_row(article) for article in articles if _holds(article, wanted)]
    found.sort(key=lambda row: row.id)
    return sorted(found, key=lambda row: (row.published or "")[:DAY], reverse=True)


def in_lines(found: Sequence[Row], width: int | None) -> Iterator[str]:
    """A line an article: id, date, title. `width` None: output that is no terminal, where nothing is cut.

    In a terminal titles end in an ellipsis where they do not fit, and ids too long to stand beside them
    follow on a line of their own, whole, so that they can be copied.
    """
    longest = max((cell_len(row.id) for row in found), default=0)
    if width is None:
        for row in found:
            yield f"{_padded(row.id, longest)}{_GAP}{_day(row):{DAY}}{_GAP}{row.name}".rstrip()
    elif longest + DAY + 2 * len(_GAP) + LEAST_TITLE <= width:
        room = width - longest - DAY - 2 * len(_GAP)
        for row in found:
            line = f"{_padded(row.id, longest)}{_GAP}{_day(row):{DAY}}{_GAP}{shortened(row.name, room)}"
            yield line.rstrip()
    else:
        for row in found:
            yield f"{_day(row):{DAY}}{_GAP}{shortened(row.name, max(1, width - DAY - len(_GAP)))}".rstrip()
            yield f"{_GAP}{row.id}"


def shortened(text: str, columns: int) -> str:
    """The text in at most so many columns of a terminal, with an ellipsis where it was cut."""
    line = Text(text)
    line.truncate(columns, overflow="ellipsis")
    return line.plain


def _row(article: Article) -> Row:
    return Row(
        *(article.id, article.url, article.title, article.published, article.language, article.version),
        name=article.name,
    )


def _holds(article: Article, words: Sequence[str]) -> bool:
    if not words:
        return True
    fields = (article.id, article.url, article.title, article.publisher, article.author, article.text)
    held = "\n".join(field for field in fields if field).casefold()
    return all(word in held for word in words)


def _day(row: Row) -> str:
    return (row.published or "")[:DAY]


def _padded(text: str, columns: int) -> str:
    return set_cell_size(text, columns)
