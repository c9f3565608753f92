"""RSS and Atom -> their entries, by feedparser."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

import feedparser

from rag.errors import InputError
from rag.load.page import fragment

MOST_ENTRIES = 500
_FULL = 600
"""Characters of HTML from which an entry may be the article itself, and not its summary."""


def parse(data: bytes, url: str | None = None) -> dict[str, Any]:
    """`entries`, newest first as feeds have them, each with `id`, `link`, `title`, `published`, `author`,
    the `text` that it carries, and `stamp`, which changes when the entry does. Raises InputError."""
    # Never the bytes themselves: feedparser would take them for a name to open.
    found = feedparser.parse(BytesIO(data), response_headers={"content-location": url} if url else None)
    if not found.get("version"):
        raise InputError("not an RSS or Atom feed")
    entries = [_entry(entry) for entry in found.entries[:MOST_ENTRIES]]
    return {"publisher": _text(found.feed.get("title")), "entries": [entry for entry in entries if entry]}


def _entry(entry: Any) -> dict[str, Any] | None:
    link = _text(entry.get("link"))
    id = _text(entry.get("id")) or link
    html = max((str(each.get("value") or "") for each in entry.get("content") or [{}]), key=len)
    html = html or str(entry.get("summary") or "")
    if not id and not html:
        return None
    title, published = _text(entry.get("title")), _date(entry)
    changes = [id, title, str(entry.get("updated") or ""), published, html]
    stamp = hashlib.sha256(json.dumps(changes).encode()).hexdigest()[:16]
    return {
        "id": id or stamp,
        "link": link,
        "title": fragment(title) if title and "<" in title else title,
        "published": published,
        "author": _text(entry.get("author")),
        "text": fragment(html) if len(html) >= _FULL else "",
        "stamp": stamp,
    }


def _text(value: object) -> str | None:
    return " ".join(str(value).split()) or None if value else None


def _date(entry: Any) -> str | None:
    """As the feed writes it, with its offset: what is the 12th in Jakarta is the 11th in UTC."""
    for name in ("published", "updated"):
        written = _text(entry.get(name))
        if not written:
            continue
        for read in (parsedate_to_datetime, datetime.fromisoformat):
            try:
                return read(written).isoformat()
            except (ValueError, TypeError, OverflowError):
                continue
        parsed = entry.get(f"{name}_parsed")
        if parsed:
            year, month, day, hour, minute = parsed[:5]
            return datetime(year, month, day, hour, minute, tzinfo=UTC).isoformat()
    return None
