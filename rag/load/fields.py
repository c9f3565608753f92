"""Clean the fields of an article, whichever loader found them.

An article is never refused because of a field. A field that cannot be used is left out, and the article's
note says so.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from rag.cutting.clean import normalise
from rag.errors import InputError
from rag.load.dates import Dates, Undecided, noted
from rag.types import Source

NAMES = ("id", "url", "title", "publisher", "author")
"""The fields that are one line of text."""
PUBLISHED = (
    *(
        "published",
        "date",
        "published_at",
        "publishedat",
        "published_time",
        "published_date",
        "publisheddate",
    ),
    *("publish_date", "publishdate", "datepublished", "date_published", "pubdate", "publication_date"),
    *("publicationdate", "tanggal", "tgl"),
)
"""The names that the date of publication may have. The first one with a usable date counts."""
_AUTHORS = ("author", "authors", "penulis")
"""The names that the author may have."""
_STATUS = frozenset(
    "true false yes no on off y n draft publish published private null none nan ~ - n/a".split()
)
"""Values of `published` that say whether an article is published, and not when."""
_DATE_IN_NAME = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
"""An ISO date in a file's name."""
_LONGEST = 1_000
"""Characters of a field that a file or page gives; the rest is cut off."""
_PLACEHOLDERS = re.compile(
    r"(?i)(?:untitled|tanpa judul|word document|document ?\d*|dokumen ?\d*|microsoft (?:word|powerpoint)\b.*"
    r"|powerpoint presentation|slide 1|title|judul|(?:scan|img)[\d_-]*"
    r"|.*\.(?:docx?|dotx?|rtf|odt|pdf|indd|tmp|qxd))"
)
"""Titles that a program, and not a person, gave to a file."""
_PROGRAMS = re.compile(
    r"(?i)(?:python-docx|docx|openpyxl|un-?named|unknown|anonymous|anonim|unspecified|user|users|admin"
    r"|administrator|owner|author|penulis|microsoft office user|windows user|pengguna|apache poi"
    r"|docx4j|libreoffice.*|acer|asus|lenovo|hp|dell|pc|toshiba|samsung|.*-pc|.* - \[\d{4}\])"
)
"""Authors that a program, and not a person, gave to a file."""


def source(fields: Mapping[str, Any], place: str, text: str, dates: Dates) -> Source | Undecided:
    """Make an article of a JSON line's or front matter's `fields`. What cannot be read is left out, with a
    note. Raises InputError if the text cannot be stored.
    """
    if not storable(text):
        raise InputError("`text` contains half of a surrogate pair, which cannot be stored")
    known: dict[str, str] = {}
    notes: list[str] = []
    for key in NAMES:
        value = _author(fields) if key == "author" else fields.get(key)
        if value is None:
            continue
        if isinstance(value, (int, float)) and not isinstance(value, bool) and _is_number(key, value):
            value = str(value)
        if not isinstance(value, str):
            notes.append(f"`{key}` is not a string and is left out")
        elif not storable(value):
            notes.append(f"`{key}` contains half of a surrogate pair and is left out")
        elif line := one_line(value):
            known[key] = line
    found = Source(place, text, **known)
    for note in notes:
        found = noted(found, note)
    return dates.dated(
        found, [fields[key] for key in PUBLISHED if key in fields and _may_be_day(fields[key])]
    )


def parsed(row: Mapping[str, Any], place: str, dates: Dates, name: str | None = None) -> Source | Undecided:
    """Make an article of what a parser found.

    Beside the article's fields `row` may have `dates`, as they are written, the most reliable first; `made`,
    the day on which the file was created; and `note`. `name` is the file's name without suffix; id, title
    and date are taken from it if nothing else gives them.
    """
    known = {key: one_line(str(row[key]))[:_LONGEST] or None if row.get(key) else None for key in NAMES}
    made = dates.day(row.get("made"))
    published = None
    if name is not None:
        known["id"] = known["id"] or known["url"] or name
        known["title"] = known["title"] or name
        published = date_of(name)
    text = str(row["text"]).encode("utf-8", "replace").decode("utf-8")
    found = Source(place, text, published=published, note=row.get("note"), **known)
    written = row.get("dates") or ()
    if made is not None and published is None and not written:
        # Without a date of publication, the day on which the file was created is the best guess.
        marked = noted(found, f"`published` is the day on which the file was made: {made[:10]}")
        dated = dates.dated(marked, [made])
        return dated if isinstance(dated, Source) and dated.published else found
    return dates.dated(found, written)


def title_of(value: object) -> str | None:
    """A file's title, at most 300 characters; None if a program made it up."""
    line = one_line(str(value))[:300] if value is not None else ""
    return None if not line or _PLACEHOLDERS.fullmatch(line) else line


def author_of(value: object) -> str | None:
    """A file's author, at most 300 characters; None if a program made it up."""
    line = one_line(str(value))[:300] if value is not None else ""
    return None if not line or _PROGRAMS.fullmatch(line) else line


def date_of(name: str) -> str | None:
    """The first ISO date in a file's name; None if there is none."""
    for match in _DATE_IN_NAME.finditer(name):
        try:
            return date.fromisoformat(match[0]).isoformat()
        except ValueError:
            continue
    return None


def one_line(value: str) -> str:
    """A field in one line, without control characters and marks that change the direction of writing."""
    # Most fields are plain ASCII and need no cleaning. This runs six times an article, so the check pays.
    plain = value if value.isascii() and value.isprintable() else normalise(value)
    if not plain.isprintable():
        plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    return " ".join(plain.split())


def storable(value: str) -> bool:
    """Whether UTF-8 can represent `value`. A string from JSON may contain half of a surrogate pair."""
    if value.isascii():
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def digest(text: str) -> str:
    """An id made from the text, for an article that has no other: 16 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _is_number(key: str, value: float) -> bool:
    """Whether a number may stand in this field. A fraction is no id: it has most likely lost digits."""
    return isinstance(value, int) if key == "id" else key == "title"


def _may_be_day(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in _STATUS
    return value is not None and not isinstance(value, bool)


def _author(fields: Mapping[str, Any]) -> object:
    """The names of the authors, each given as a string or as an object; None if there are none."""
    for key in _AUTHORS:
        value = fields.get(key)
        if value:
            return _names(value)
    return None


def _names(value: object) -> object:
    if isinstance(value, Mapping):
        return next((value[key] for key in ("name", "nama", "display_name") if value.get(key)), value)
    if isinstance(value, list):
        names = [name for name in map(_names, value[:50]) if isinstance(name, str) and name.strip()]
        return ", ".join(names) if names else value
    return value
