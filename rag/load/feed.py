"""Read the entries of RSS and Atom feeds, with feedparser."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import defaultdict
from io import BytesIO
from typing import Any

import feedparser

from rag.errors import InputError
from rag.load.page import fragment
from rag.load.text import plain_title, xml

MOST_ENTRIES = 500
"""Entries that are read of one feed, the newest; feeds seldom have more than 100."""
_FULL = 600
"""Characters of HTML. An entry with fewer is a summary and not the article itself."""
_BLOCK = re.compile(r"(?i)</(?:p|div|li|h\d|blockquote|td)>|<br ?/?>")
"""The end of a paragraph or another block in HTML."""
_ESCAPED_BLOCK = re.compile(r"(?i)&lt;/(?:p|div|li|h\d|blockquote|td)&gt;|&lt;br ?/?&gt;")
"""The same in a text that was escaped once too often."""


def parse(data: bytes, url: str | None = None) -> dict[str, Any]:
    """Parse a feed.

    Returns `publisher`, the feed's title, and `entries`, in the feed's order (usually the newest first). Each
    entry has `id`, `link`, `title` and `author`; `dates`, as they are written, the most reliable first;
    `text`, empty if the entry has only a summary; and `stamp`, which changes when the entry does. Raises
    InputError if the data is not a feed.
    """
    data = xml(data)
    # Plain bytes may be taken by feedparser for the name of a file to open, so it gets a stream.
    # Nothing of it is ever shown as HTML, and feedparser's cleaning takes away the styles that hide words.
    found = feedparser.parse(
        BytesIO(data),
        response_headers={"content-location": url} if url else None,
        sanitize_html=False,
    )
    if not found.get("version"):
        raise InputError("not an RSS or Atom feed")
    entries = [entry for entry in map(_entry, found.entries[:MOST_ENTRIES]) if entry]
    return {"publisher": _text(found.feed.get("title")), "entries": _told_apart(entries)}


def _entry(entry: Any) -> dict[str, Any] | None:
    link = _text(entry.get("link"))
    id = _text(entry.get("id")) or link
    content = max((str(each.get("value") or "") for each in entry.get("content") or [{}]), key=len)
    content = content or str(entry.get("summary") or "")
    if not id and not content:
        return None
    if not _BLOCK.search(content) and _ESCAPED_BLOCK.search(content):
        content = html.unescape(content)
    name = _title(entry.get("title"))
    # If an entry has only one of these, `entry.get` would give it for the other too; `dict.get` does not.
    dates = [_text(dict.get(entry, name)) for name in ("published", "created", "updated")]
    changes = [id, name, str(dict.get(entry, "updated") or ""), dates[0] or dates[2], content]
    stamp = hashlib.sha256(json.dumps(changes).encode()).hexdigest()[:16]
    return {
        "id": id or stamp,
        "link": link,
        "title": name,
        "dates": [each[:120] for each in dates if each],
        "author": _text(entry.get("author")),
        "text": fragment(content) if len(content) >= _FULL else "",
        "stamp": stamp,
    }


def _told_apart(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give different entries that share an id new ids: their links, or else the id with the title."""
    for others in ("link", "title"):
        same: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for entry in entries:
            same[entry["id"]].append(entry)
        for id, group in same.items():
            # Two items with one id, one link and two titles are one entry whose title has changed.
            many = others == "link" or len(group) > 2 or len(group) == len(entries)
            if many and len({entry[others] for entry in group}) > 1:
                for entry in group:
                    entry["id"] = (entry["link"] if others == "link" else f"{id} {entry['title']}") or entry[
                        "stamp"
                    ]
    return entries


def _title(value: object) -> str | None:
    """A title as plain text: without tags, and with escapes undone, even if it was escaped twice."""
    found = _text(value)
    return plain_title(found) or None if found else None


def _text(value: object) -> str | None:
    return " ".join(str(value).split()) or None if value else None
