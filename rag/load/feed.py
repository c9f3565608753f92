"""RSS and Atom -> their entries, by feedparser."""

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
from rag.load.text import xml

MOST_ENTRIES = 500
_FULL = 600
"""Characters of HTML from which an entry may be the article itself, and not its summary."""
_ESCAPED = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[\da-fA-F]{1,6});")


def parse(data: bytes, url: str | None = None) -> dict[str, Any]:
    """`entries`, newest first as feeds have them, each with `id`, `link`, `title`, `author`, its written
    `dates`, the surest first, the `text` that it carries, and `stamp`, which changes when the entry does.

    Raises InputError.
    """
    data = xml(data)
    # Never the bytes themselves: feedparser would take them for a name to open.
    found = feedparser.parse(BytesIO(data), response_headers={"content-location": url} if url else None)
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
    title = _title(entry.get("title"))
    # feedparser gives the one for the other where an entry has only one of them.
    dates = [_text(dict.get(entry, name)) for name in ("published", "created", "updated")]
    changes = [id, title, str(dict.get(entry, "updated") or ""), dates[0] or dates[2], content]
    stamp = hashlib.sha256(json.dumps(changes).encode()).hexdigest()[:16]
    return {
        "id": id or stamp,
        "link": link,
        "title": title,
        "dates": [each[:120] for each in dates if each],
        "author": _text(entry.get("author")),
        "text": fragment(content) if len(content) >= _FULL else "",
        "stamp": stamp,
    }


def _told_apart(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, where different entries have one id: each with its link for one, or with its title."""
    for others in ("link", "title"):
        same: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for entry in entries:
            same[entry["id"]].append(entry)
        for id, group in same.items():
            # An entry that is listed twice, with an old and a new title, is one.
            many = others == "link" or len(group) > 2 or len(group) == len(entries)
            if many and len({entry[others] for entry in group}) > 1:
                for entry in group:
                    entry["id"] = (entry["link"] if others == "link" else f"{id} {entry['title']}") or entry[
                        "stamp"
                    ]
    return entries


def _title(value: object) -> str | None:
    """A title in plain letters, however often it was escaped, and without tags."""
    title = _text(value)
    for _ in range(2):
        if title and _ESCAPED.search(title):
            title = _text(html.unescape(title))
    return _text(fragment(title)) if title and re.search(r"</?[a-zA-Z][^<>]*>", title) else title


def _text(value: object) -> str | None:
    return " ".join(str(value).split()) or None if value else None
