"""Web addresses -> articles: a page, a document, or a feed and the pages of its new entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from rag.errors import InputError
from rag.load.addresses import joined
from rag.load.child import Kind, Parser, Row
from rag.load.fetch import Fetched, Fetcher, Passing
from rag.load.fields import parsed
from rag.load.refusal import Refusal
from rag.store.archive import Feed
from rag.types import Source

_KINDS: dict[str, Kind] = {
    "text/html": "page",
    "application/xhtml+xml": "page",
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
_OPENINGS = (b"<rss", b"<feed", b"<rdf:rdf", b"<?xml")


class Memory(Protocol):
    """What is remembered of feeds between two times: `rag.store.archive.Archive`."""

    def feed(self, url: str) -> Feed: ...

    def keep_feed(self, feed: Feed) -> None: ...

    def entry_stamps(self, feed: str) -> dict[str, str]: ...

    def keep_entry(self, feed: str, entry: str, stamp: str) -> None: ...


class Web:
    """What is fetched, and which entries of feeds were taken.

    An entry counts as taken once `settled` is told its place, so that one that was not committed comes
    again. With `watching`, a feed that goes on failing is not told a second time.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        memory: Memory,
        say: Callable[[str], None] = lambda line: None,
        watching: bool = False,
    ) -> None:
        self._fetcher, self._memory, self._say, self._watching = fetcher, memory, say, watching
        self._open: dict[str, Callable[[], None]] = {}

    def load(self, url: str, parser: Parser) -> Iterator[Source | Refusal]:
        """The articles at an address. What cannot be used is yielded as a Refusal, and the rest goes on."""
        known = self._memory.feed(url)
        try:
            fetched = self._fetcher.fetch(url, known.etag, known.modified)
            feed = fetched.body is None or _kind(fetched) == "feed"
            row = self._parsed(fetched, parser) if fetched.body is not None else {}
        except InputError as error:
            yield from self._failed(known, error)
            return
        if not feed:
            yield parsed(row, url)
            return
        if known.failing_since:
            self._say(f"{url} answers again")
        if fetched.body is None:
            # Not changed: a server need not say its tags again.
            self._memory.keep_feed(replace(known, failing_since=None))
            return
        yield from self._entries(url, fetched, row, parser)

    def settled(self, place: str) -> None:
        """What was yielded with this place is dealt with: in the archive, or refused for good."""
        if (done := self._open.pop(place, None)) is not None:
            done()

    def close(self) -> None:
        """Closes the connections that are kept open."""
        self._fetcher.close()

    def _parsed(self, fetched: Fetched, parser: Parser) -> Row:
        assert fetched.body is not None
        return parser.parse(_kind(fetched), fetched.body, fetched.url)

    def _failed(self, known: Feed, error: InputError) -> Iterator[Refusal]:
        is_feed = self._watching or known != Feed(known.url)
        if is_feed and known.failing_since is None:
            self._memory.keep_feed(replace(known, failing_since=_now()))
        if not (self._watching and known.failing_since):
            yield Refusal(known.url, str(error))

    def _entries(self, url: str, fetched: Fetched, feed: Row, parser: Parser) -> Iterator[Source | Refusal]:
        taken = self._memory.entry_stamps(url)
        new = [entry for entry in feed["entries"] if taken.get(entry["id"]) != entry["stamp"]]
        # A feed that lists an entry twice means its first, the newest.
        waiting = {entry["id"]: entry for entry in reversed(new)}
        read = Feed(url, fetched.etag, fetched.modified)
        if not waiting:
            self._memory.keep_feed(read)
            return
        # Until all is taken, the next time must get the whole feed.
        self._memory.keep_feed(Feed(url))
        left = set(waiting)
        # The oldest first, so that an article's versions come in their order.
        for id, entry in waiting.items():

            def take(id: str = id, stamp: str = entry["stamp"]) -> None:
                self._memory.keep_entry(url, id, stamp)
                left.discard(id)
                if not left:
                    self._memory.keep_feed(read)

            try:
                found = self._entry(url, entry, feed, parser)
            except Passing as error:
                # The other entries are most likely on the same server; all of them come again.
                yield Refusal(entry["link"] or url, f"{error}; it is tried again the next time")
                return
            self._open[found.place] = take
            yield found

    def _entry(self, url: str, entry: Row, feed: Row, parser: Parser) -> Source | Refusal:
        """Its page, else what the feed itself carries of it. Raises Passing where waiting may help."""
        here: dict[str, Any] = {**entry, "id": None, "url": entry["link"], "publisher": feed["publisher"]}
        reason = "the entry has no link"
        if entry["link"]:
            link = joined(url, entry["link"])
            here["url"] = link
            try:
                row = self._parsed(self._fetcher.fetch(link), parser)
                if "entries" in row:
                    raise InputError("it leads to another feed")
                row["url"] = row.get("url") or link
                known = {key: value for key, value in row.items() if value}
                return parsed({**here, **known, "published": here["published"] or row["published"]}, link)
            except Passing:
                raise
            except InputError as error:
                reason = str(error)
        place = here["url"] or f"{url}#{entry['id']}"
        if entry["text"]:
            here["id"] = None if here["url"] else entry["id"]
            return parsed(here, place)
        return Refusal(place, reason, None, entry["title"])


def _kind(fetched: Fetched) -> Kind:
    """What a body is, by its first bytes, else by what the server calls it. Raises InputError."""
    body = fetched.body or b""
    if not body.strip():
        raise InputError("the answer is empty")
    if body.startswith(b"%PDF-"):
        return "pdf"
    if body.startswith(b"PK\x03\x04"):
        return "docx"
    if _looks_like_feed(body):
        return "feed"
    kind = _KINDS.get(fetched.type)
    if kind in {"pdf", "docx", "feed"}:
        raise InputError(f"it calls itself {fetched.type} and is something else")
    if kind is None and b"<html" not in body[:2048].lower():
        raise InputError(f"what it gives is not read ({fetched.type[:60] or 'of no named kind'})")
    return "page"


def _looks_like_feed(data: bytes) -> bool:
    """Whether bytes are a feed and no page."""
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(_OPENINGS) and b"<html" not in head and b"<!doctype html" not in head


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
