"""What an article's fields may hold, whichever loader found them.

No field is a reason to refuse an article: one that cannot be used is left out, and the article's note says
so.
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
"""The fields of one line of text."""
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
"""The names under which an article's day is looked for, the first that has one counts."""
_AUTHORS = ("author", "authors", "penulis")
_STATUS = frozenset(
    "true false yes no on off y n draft publish published private null none nan ~ - n/a".split()
)
"""What stands under `published` where it says whether, and not when."""
_DATE_IN_NAME = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_LONGEST = 1_000
_PLACEHOLDERS = re.compile(
    r"(?i)(?:untitled|tanpa judul|word document|document ?\d*|dokumen ?\d*|microsoft (?:word|powerpoint)\b.*"
    r"|powerpoint presentation|slide 1|title|judul|(?:scan|img)[\d_-]*"
    r"|.*\.(?:docx?|dotx?|rtf|odt|pdf|indd|tmp|qxd))"
)
"""Titles that programs give to files."""
_PROGRAMS = re.compile(
    r"(?i)(?:python-docx|docx|openpyxl|un-?named|unknown|anonymous|anonim|unspecified|user|users|admin"
    r"|administrator|owner|author|penulis|microsoft office user|windows user|pengguna|apache poi"
    r"|docx4j|libreoffice.*|acer|asus|lenovo|hp|dell|pc|toshiba|samsung|.*-pc|.* - \[\d{4}\])"
)
"""Authors that programs and machines give to files."""


def source(fields: Mapping[str, Any], place: str, text: str, dates: Dates) -> Source | Undecided:
    """An article of these fields, as a person or a program wrote them. What cannot be read is left out.

    Raises InputError where the text cannot be stored.
    """
    if not storable(text):
        raise InputError("`text` holds half of a surrogate pair, which no text can store")
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
            notes.append(f"`{key}` holds half of a surrogate pair and is left out")
        elif line := one_line(value):
            known[key] = line
    found = Source(place, text, **known)
    for note in notes:
        found = noted(found, note)
    return dates.dated(
        found, [fields[key] for key in PUBLISHED if key in fields and _may_be_day(fields[key])]
    )


def parsed(row: Mapping[str, Any], place: str, dates: Dates, name: str | None = None) -> Source | Undecided:
    """A parser's finding, whose `dates` are the written dates in the order of their trust, `made` the day on
    which the file was made, and `note` what there is to tell.

    `name` is the file's without suffix: the id, the title and the date where nothing else gives them.
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
        # Nothing says when it was published: the day of the file's making is the best guess, and a guess.
        marked = noted(found, f"`published` is the day on which the file was made: {made[:10]}")
        dated = dates.dated(marked, [made])
        return dated if isinstance(dated, Source) and dated.published else found
    return dates.dated(found, written)


def title_of(value: object) -> str | None:
    """A title that a file gives for itself, None where only a program gave it."""
    line = one_line(str(value))[:300] if value is not None else ""
    return None if not line or _PLACEHOLDERS.fullmatch(line) else line


def author_of(value: object) -> str | None:
    """The same of an author."""
    line = one_line(str(value))[:300] if value is not None else ""
    return None if not line or _PROGRAMS.fullmatch(line) else line


def date_of(name: str) -> str | None:
    """The first ISO date in a file's name."""
    for match in _DATE_IN_NAME.finditer(name):
        try:
            return date.fromisoformat(match[0]).isoformat()
        except ValueError:
            continue
    return None


def one_line(value: str) -> str:
    """A field as it can be stored and shown: no control characters, no marks that turn a line around."""
    # Most fields, an id or a title in plain letters, need no more: this is run six times an article.
    plain = value if value.isascii() and value.isprintable() else normalise(value)
    if not plain.isprintable():
        plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    return " ".join(plain.split())


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


def _is_number(key: str, value: float) -> bool:
    """An id or a title may be a number; an id with a fraction has most likely lost its last digits."""
    return isinstance(value, int) if key == "id" else key == "title"


def _may_be_day(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in _STATUS
    return value is not None and not isinstance(value, bool)


def _author(fields: Mapping[str, Any]) -> object:
    """The names of one author or of several, whether they stand as strings or as objects."""
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
