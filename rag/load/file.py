"""Read articles from files: plain text, Markdown, JSON lines, web pages, feeds, PDF and Word.

A JSON line is `{"id"?, "url"?, "title"?, "published"?, "text"}`.
"""

from __future__ import annotations

import json
import os
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from rag.errors import InputError
from rag.load.child import Kind, Parser
from rag.load.dates import Dates, Found, Undecided, noted
from rag.load.fields import date_of, digest, one_line, parsed, source, storable
from rag.load.front import front_matter
from rag.load.text import decode, markdown, plain_title, unmarked
from rag.types import Refusal, Source

LINE_LIMIT = 20 * 1024 * 1024
"""Bytes that a file or a JSON line may have; a file of JSON lines may be of any size."""
PARSED: dict[str, Kind] = {
    **dict.fromkeys((".html", ".htm", ".xhtml"), "page"),
    **dict.fromkeys((".rss", ".atom", ".xml"), "feed"),
    ".pdf": "pdf",
    ".docx": "docx",
}
"""Suffixes of the files that are read in a separate process, each with its parser."""
_MARKDOWN = (".md", ".markdown")
"""Suffixes of Markdown files."""
SUFFIXES = (".txt", *_MARKDOWN, ".jsonl", *PARSED)
"""Suffixes of all files that are read."""
_MARKDOWN_LIMIT = 2 * 1024 * 1024
"""Bytes that a Markdown file may have: its parser needs seconds for a megabyte, and more for nested
brackets."""

_TOO_LARGE = f"over {LINE_LIMIT // 1024**2} MB, the most that one article may have"
"""Why a file or a line over the limit is refused."""


def load(path: Path, parser: Parser) -> Iterator[Source | Refusal]:
    """Yield the articles of one file. The suffix of its name decides how it is read.

    Input that cannot be used is yielded as a Refusal, and the rest is still read.
    """
    dates = Dates()
    yield from dates.settled(found(path, parser, dates))


def found(path: Path, parser: Parser, dates: Dates) -> Iterator[Found]:
    """Yield the articles of one file as `load` does, but without deciding uncertain dates: the caller does
    that with `dates`, when all of the input is read."""
    place = readable(path)
    suffix = _suffix(path)
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
                    yield from _json_lines(lines(stream), place, dates)
                elif suffix in PARSED:
                    data = stream.read(LINE_LIMIT + 1)
                    yield from _parsed(data, place, readable(path.stem), PARSED[suffix], parser, dates)
                else:
                    data = stream.read(LINE_LIMIT + 1)
                    yield _text(data, place, readable(path.stem), suffix in _MARKDOWN, dates)
    except OSError as error:
        yield Refusal(place, f"the file cannot be read ({error.strerror or error})")


def _suffix(path: Path) -> str:
    """The suffix that decides how a file is read: `.xml` for `news.xml.gz`, a compressed feed."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes[1:] == [".gz"] and PARSED.get(suffixes[0]) == "feed":
        return suffixes[0]
    return path.suffix.lower()


def load_stream(stream: BinaryIO) -> Iterator[Source | Refusal]:
    """Yield the articles of a stream: JSON lines if it begins with `{`, else one plain text."""
    dates = Dates()
    yield from dates.settled(_stream(stream, dates))


def _stream(stream: BinaryIO, dates: Dates) -> Iterator[Found]:
    place = "standard input"
    head = b""
    while not head.removeprefix(BOM_UTF8).strip() and len(head) <= LINE_LIMIT:
        line = stream.readline(LINE_LIMIT + 1)
        if not line:
            yield Refusal(place, "it is empty")
            return
        head += line
    if head.removeprefix(BOM_UTF8).lstrip().startswith(b"{"):
        yield from _json_lines(lines(stream, head), place, dates)
    else:
        yield _text(head + stream.read(max(0, LINE_LIMIT + 1 - len(head))), place, None, False, dates)


def readable(path: str | os.PathLike[str]) -> str:
    """A path as text that can be stored and printed, whatever bytes it contains."""
    return one_line(os.fsencode(path).decode("utf-8", "replace"))


# --- one text ---------------------------------------------------------------------------------------


def _text(data: bytes, place: str, name: str | None, is_markdown: bool, dates: Dates) -> Found:
    """The article of a plain text or Markdown file. Id, title and date come from `name`, the file's name
    without suffix, if nothing else gives them."""
    if len(data) > LINE_LIMIT:
        return Refusal(place, _TOO_LARGE)
    if is_markdown and len(data) > _MARKDOWN_LIMIT:
        return Refusal(place, "Markdown over 2 MB; save it as plain text (.txt)")
    try:
        fields, text, notes = front_matter(decode(data))
        made = source(fields, place, text, dates)
    except InputError as error:
        return Refusal(place, error.message)
    known = made.source if isinstance(made, Undecided) else made
    for note in notes:
        known = noted(known, f"the front matter's {note}")
    title = known.title
    if is_markdown:
        heading, text = markdown(text, title)
        title = title or heading
    if not text.strip():
        return Refusal(place, "there is no text in it", known.id, title)
    published = known.published or date_of(name or "")
    known = replace(
        known,
        text=text,
        id=known.id or name or known.url or digest(text),
        title=title or name,
        published=published,
    )
    return replace(made, source=known) if isinstance(made, Undecided) else known


def _parsed(data: bytes, place: str, name: str, kind: Kind, parser: Parser, dates: Dates) -> Iterator[Found]:
    if len(data) > LINE_LIMIT:
        yield Refusal(place, _TOO_LARGE)
        return
    try:
        row = parser.parse(kind, data)
    except InputError as error:
        yield Refusal(place, str(error))
        return
    if kind != "feed":
        if further := len(row.get("pages", ())):
            row["note"] = (
                f"it goes on over {further} more page{'s' if further > 1 else ''}, which are not read"
            )
        row["dates"] = [*row.get("dates", ()), *filter(None, (row.get("guess"),))]
        yield parsed(row, place, dates, name)
        return
    if not row["entries"]:
        yield Refusal(place, "a feed without entries")
    for number, entry in enumerate(row["entries"], start=1):
        where = f"{place}:{number}"
        if entry["text"]:
            yield parsed({**entry, "url": entry["link"], "publisher": row["publisher"]}, where, dates)
        else:
            reason = "only a summary; add the feed by its address, and its pages are fetched"
            yield Refusal(where, reason, None, entry["title"])


# --- JSON lines ---------------------------------------------------------------------------------------


def lines(stream: BinaryIO, head: bytes = b"") -> Iterator[bytes | None]:
    """Yield the lines of a stream, of which `head` is read already. A line over the limit is yielded as None
    and never kept in memory as a whole."""
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


def _json_lines(found_lines: Iterator[bytes | None], place: str, dates: Dates) -> Iterator[Found]:
    first = next(found_lines, b"")
    if first is not None and first.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        yield Refusal(place, "JSON lines are UTF-8, and this is UTF-16; save it as UTF-8")
        return
    any_line = False
    for number, line in enumerate(chain([first], found_lines), start=1):
        data = line.removeprefix(BOM_UTF8) if line is not None and number == 1 else line
        if data is not None and not data.strip():
            continue
        any_line = True
        where = f"{place}:{number}"
        yield Refusal(where, _TOO_LARGE) if data is None else _line(data, where, dates)
    if not any_line:
        yield Refusal(place, "the file is empty")


def _line(data: bytes, place: str, dates: Dates) -> Found:
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
    try:
        if not isinstance(text, str):
            raise InputError("`text` is missing" if text is None else "`text` is not a string")
        if not text.strip():
            raise InputError("`text` is empty")
        if isinstance(row.get("title"), str):
            row["title"] = plain_title(row["title"])
        text = unmarked(text)
        made = source(row, place, text, dates)
    except InputError as error:
        known = {
            key: row[key] for key in ("id", "title") if isinstance(row.get(key), str) and storable(row[key])
        }
        return Refusal(place, error.message, **known)
    if isinstance(made, Undecided):
        return replace(made, source=_named(made.source))
    return _named(made)


def _named(made: Source) -> Source:
    return made if made.id else replace(made, id=made.url or digest(made.text))
