"""Files -> articles: plain text, Markdown and JSON lines.

A JSON line is `{"id"?, "url"?, "title"?, "published"?, "text"}`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from rag.clean import normalise
from rag.errors import InputError
from rag.load.refusal import Refusal
from rag.load.text import decode, front_matter, markdown
from rag.types import Source

LINE_LIMIT = 20 * 1024 * 1024
"""Bytes of the largest text file and of the longest JSON line that are read."""
SUFFIXES = (".txt", ".md", ".markdown", ".jsonl")
_MARKDOWN = (".md", ".markdown")
# Its parser takes seconds a megabyte, and more where brackets nest.
_MARKDOWN_LIMIT = 2 * 1024 * 1024

_TOO_LARGE = f"over {LINE_LIMIT // 1024**2} MB, the most that one article may have"
_DATE_IN_NAME = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


def load(path: Path) -> Iterator[Source | Refusal]:
    """The articles of one file, read by its name's suffix; a `.jsonl` line by line.

    What cannot be used is yielded as a Refusal, and the rest goes on.
    """
    place = readable(path)
    suffix = path.suffix.lower()
    try:
        if not path.exists():
            yield Refusal(place, "no such file")
        elif not path.is_file():
            yield Refusal(place, "not a file")
        elif suffix not in SUFFIXES:
            yield Refusal(place, f"files of this kind are not read; these are: {', '.join(SUFFIXES)}")
        elif path.stat().st_size == 0:
            yield Refusal(place, "the file is empty")
        else:
            with path.open("rb") as stream:
                if suffix == ".jsonl":
                    yield from _json_lines(lines(stream), place)
                else:
                    yield _text(stream.read(LINE_LIMIT + 1), place, path.stem, suffix in _MARKDOWN)
    except OSError as error:
        yield Refusal(place, f"the file cannot be read ({error.strerror or error})")


def load_stream(stream: BinaryIO) -> Iterator[Source | Refusal]:
    """The articles of standard input: JSON lines where it begins with `{`, else one plain text."""
    place = "standard input"
    head = b""
    while not head.removeprefix(BOM_UTF8).strip() and len(head) <= LINE_LIMIT:
        line = stream.readline(LINE_LIMIT + 1)
        if not line:
            yield Refusal(place, "it is empty")
            return
        head += line
    if head.removeprefix(BOM_UTF8).lstrip().startswith(b"{"):
        yield from _json_lines(lines(stream, head), place)
    else:
        yield _text(head + stream.read(max(0, LINE_LIMIT + 1 - len(head))), place, None, False)


def readable(path: str | os.PathLike[str]) -> str:
    """A path as text that can be stored and printed, whatever bytes its name has."""
    return _one_line(os.fsencode(path).decode("utf-8", "replace"))


# --- one text ---------------------------------------------------------------------------------------


def _text(data: bytes, place: str, name: str | None, is_markdown: bool) -> Source | Refusal:
    """`name` is the file's without suffix: the id, the title and the date where nothing else gives them."""
    if len(data) > LINE_LIMIT:
        return Refusal(place, _TOO_LARGE)
    if is_markdown and len(data) > _MARKDOWN_LIMIT:
        return Refusal(place, "Markdown over 2 MB; save it as plain text (.txt)")
    try:
        fields, text = front_matter(decode(data))
        fields["published"] = fields.get("published") or fields.get("date")
        source = _source(fields, place, text)
    except InputError as error:
        return Refusal(place, error.message)
    title = source.title
    if is_markdown:
        heading, text = markdown(text, title)
        title = title or heading
    if not text.strip():
        return Refusal(place, "there is no text in it", source.id, title)
    name = readable(name) if name is not None else None
    return Source(
        place=place,
        text=text,
        id=source.id or name or source.url or _hash(text),
        url=source.url,
        title=title or name,
        published=source.published or _date_of(name or ""),
    )


def _date_of(name: str) -> str | None:
    """The first ISO date in a file's name."""
    for match in _DATE_IN_NAME.finditer(name):
        if _is_date(match[0]):
            return match[0]
    return None


# --- JSON lines ---------------------------------------------------------------------------------------


def lines(stream: BinaryIO, head: bytes = b"") -> Iterator[bytes | None]:
    """The lines of a stream, `head` already read from it; None for one over the limit, never held whole."""
    *before, line = BytesIO(head).readlines() if head else [stream.readline(LINE_LIMIT + 1)]
    yield from before
    while line:
        if len(line) > LINE_LIMIT and not line.endswith(b"\n"):
            while (rest := stream.readline(LINE_LIMIT)) and not rest.endswith(b"\n"):
                pass
            yield None
        else:
            yield line
        line = stream.readline(LINE_LIMIT + 1)


def _json_lines(found_lines: Iterator[bytes | None], place: str) -> Iterator[Source | Refusal]:
    first = next(found_lines, b"")
    if first is not None and first.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        yield Refusal(place, "JSON lines are UTF-8, and this is UTF-16; save it as UTF-8")
        return
    found = False
    for number, line in enumerate(chain([first], found_lines), start=1):
        data = line.removeprefix(BOM_UTF8) if line is not None and number == 1 else line
        if data is not None and not data.strip():
            continue
        found = True
        yield Refusal(f"{place}:{number}", _TOO_LARGE) if data is None else _line(data, f"{place}:{number}")
    if not found:
        yield Refusal(place, "the file is empty")


def _line(data: bytes, place: str) -> Source | Refusal:
    try:
        row = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Refusal(place, f"not UTF-8 text (byte {error.start + 1}); save it as UTF-8")
    except json.JSONDecodeError as error:
        return Refusal(place, f"not valid JSON: {error.msg} (column {error.colno})")
    except (ValueError, RecursionError):
        return Refusal(place, "not usable JSON: a number too long or lists too deep")
    if not isinstance(row, dict):
        return Refusal(place, 'not a JSON object such as {"title": "…", "text": "…"}')
    text = row.get("text")
    if isinstance(row.get("id"), int) and not isinstance(row["id"], bool):
        row["id"] = str(row["id"])
    known = {
        key: row[key] for key in ("id", "title") if isinstance(row.get(key), str) and _storable(row[key])
    }
    if not isinstance(text, str):
        reason = "`text` is missing" if text is None else "`text` is not a string"
        return Refusal(place, reason, **known)
    if not text.strip():
        return Refusal(place, "`text` is empty", **known)
    try:
        source = _source(row, place, text)
    except InputError as error:
        return Refusal(place, error.message, **known)
    if source.id:
        return source
    return Source(place, text, source.url or _hash(text), source.url, source.title, source.published)


# --- fields -------------------------------------------------------------------------------------------


def _source(fields: Mapping[str, Any], place: str, text: str) -> Source:
    """Raises InputError that names the field where one is not a string, no date, or cannot be stored."""
    if not _storable(text):
        raise InputError("`text` holds half of a surrogate pair, which no text can store")
    known: dict[str, str | None] = {}
    for key in ("id", "url", "title", "published"):
        value = fields.get(key)
        if value is not None and not isinstance(value, str):
            raise InputError(f"`{key}` is not a string")
        if value is not None and not _storable(value):
            raise InputError(f"`{key}` holds half of a surrogate pair, which no text can store")
        known[key] = _one_line(value) or None if value is not None else None
    published = known["published"]
    if published is not None and not _is_date(published):
        raise InputError(f"`published` is no ISO 8601 date such as 2023-09-05: {published[:40]!r}")
    return Source(place, text, known["id"], known["url"], known["title"], published)


def _one_line(value: str) -> str:
    """A field as it can be stored and shown: no control characters, no marks that turn a line around."""
    plain = normalise(value)
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())


def _is_date(value: str) -> bool:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(value)
        except ValueError:
            continue
        return True
    return False


def _storable(value: str) -> bool:
    """Whether UTF-8 can hold it: JSON may spell lone surrogates."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
