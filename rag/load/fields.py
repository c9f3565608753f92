"""What an article's fields may hold, whichever loader found them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rag.cutting.clean import normalise
from rag.errors import InputError
from rag.types import Source

NAMES = ("id", "url", "title", "published", "publisher", "author")
_DATE_IN_NAME = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_LONGEST = 1_000


def source(fields: Mapping[str, Any], place: str, text: str) -> Source:
    """Raises InputError that names the field where one is not a string, no date, or cannot be stored."""
    if not storable(text):
        raise InputError("`text` holds half of a surrogate pair, which no text can store")
    known: dict[str, str] = {}
    for key in NAMES:
        value = fields.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            raise InputError(f"`{key}` is not a string")
        if not storable(value):
            raise InputError(f"`{key}` holds half of a surrogate pair, which no text can store")
        if line := one_line(value):
            known[key] = line
    published = known.get("published")
    if published is not None and not is_date(published):
        raise InputError(f"`published` is no ISO 8601 date such as 2023-09-05: {published[:40]!r}")
    return Source(place, text, **known)


def parsed(row: Mapping[str, Any], place: str, name: str | None = None) -> Source:
    """A parser's finding: a field that cannot be used is left out, since the file's author is not asked.

    `name` is the file's without suffix: the id, the title and the date where nothing else gives them.
    """
    known = {key: one_line(str(row[key]))[:_LONGEST] or None if row.get(key) else None for key in NAMES}
    published = known["published"]
    if published is not None and not is_date(published):
        known["published"] = None
    if name is not None:
        known["id"] = known["id"] or known["url"] or name
        known["title"] = known["title"] or name
        known["published"] = known["published"] or date_of(name)
    return Source(place, str(row["text"]).encode("utf-8", "replace").decode("utf-8"), **known)


def date_of(name: str) -> str | None:
    """The first ISO date in a file's name."""
    for match in _DATE_IN_NAME.finditer(name):
        if is_date(match[0]):
            return match[0]
    return None


def one_line(value: str) -> str:
    """A field as it can be stored and shown: no control characters, no marks that turn a line around."""
    # Most fields, an id or a title in plain letters, need no more: this is run six times an article.
    plain = value if value.isascii() and value.isprintable() else normalise(value)
    if not plain.isprintable():
        plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    return " ".join(plain.split())


def is_date(value: str) -> bool:
    """Whether it is an ISO 8601 date, or date and time."""
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(value)
        except ValueError:
            continue
        return True
    return False


def storable(value: str) -> bool:
    """Whether UTF-8 can hold it: JSON may spell lone surrogates."""
    if value.isascii():
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def digest(text: str) -> str:
    """An id for a text that has no other."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
