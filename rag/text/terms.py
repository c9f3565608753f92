"""Turns a chunk into the terms that the lexical index holds. Pure."""

from __future__ import annotations

import re

from rag.text.calendar import MONTH_NAMES
from rag.text.stems import stems
from rag.types import Language

FORMAT = 2
"""Increase it when chunks get other terms than before: the index is then built again."""

_LONGEST = 100
"""Code points of the longest term: nobody asks for a longer one. tantivy's own limit is 65,530 bytes."""
_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", re.ASCII)
"""The day of an ISO 8601 date or date and time."""


def terms(text: str, language: Language, title: str | None = None, published: str | None = None) -> str:
    """The stems of an article's title, of the chunk's own text and of its date, in order, with a space
    between two. `published` is an ISO 8601 date or date and time."""
    whole = "\n".join(filter(None, (title, text, _date(published, language))))
    found = stems(whole, language)
    if max(map(len, found), default=0) > _LONGEST:
        found = [stem for stem in found if len(stem) <= _LONGEST]
    return " ".join(found)


def _date(published: str | None, language: Language) -> str | None:
    """The day of publication as a question would spell it."""
    if not (date := _DATE.match(published or "")) or not 1 <= int(date["month"]) <= 12:
        return None
    month = MONTH_NAMES[language][int(date["month"]) - 1]
    return f"{int(date['day'])} {month} {date['year']}"
