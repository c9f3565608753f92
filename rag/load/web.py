"""Read articles from web addresses: a page, a document, or a feed and the pages of its new entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urljoin

from rag.errors import InputError
from rag.load.addresses import joined, same_page, site
from rag.load.child import Kind, Parser, Row
from rag.load.dates import Dates
from rag.load.fetch import Fetched, Fetcher, Passing
from rag.load.fields import parsed
from rag.load.text import is_feed
from rag.store.feeds import Feed
from rag.types import Refusal, Source

_KINDS: dict[str, Kind] = {
    "text/html": "page",
    "application/xhtml+xml": "page",
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
"""The parser for each media type that is read."""
_FURTHER = 9
"""Pages of one article that are read after the first, so that one article cannot keep a site busy."""


class Memory(Protocol):
    """What is remembered about feeds from one visit to the next; `rag.store.feeds.Feeds` is one."""

    def feed(self, url: str) -> Feed: ...

    def keep_feed(self, feed: Feed) -> None: ...

    def entry_stamps(self, feed: str) -> dict[str, str]: ...

    def keep_entry(self, feed: str, entry: str, stamp: str) -> None: ...

    def all_known(self, names: Sequence[tuple[str, str | None]]) -> Sequence[object]: ...


class Web:
    """Fetches articles from web addresses, and remembers which entries of feeds are in the archive.

    The caller reports each article with `settled` once it is stored or refused; an entry that was not
    reported is fetched again the next time. With `watching`, a feed that keeps failing is reported only once.
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
        """Yield the articles at an address. What cannot be used is yielded as a Refusal, and the rest is
        still read."""
        self._fetcher.begin()
        known = self._memory.feed(url)
        try:
            fetched = self._fetcher.fetch(url, known.etag, known.modified)
            feed = fetched.body is None or _kind(fetched) == "feed"
            row = self._parsed(fetched, parser) if fetched.body is not None else {}
            if not feed and (self._watching or known != Feed(url)):
                raise InputError("there is no feed here, but a page or a file; nothing of it is added")
        except InputError as error:
            yield from self._failed(known, error)
            return
        if not feed:
            row = self._whole(fetched, row, parser)
            yield from _decided(row, url, [*row.get("dates", ()), row.get("guess")])
            return
        if known.failing_since:
            self._say(f"{url} answers again")
        if fetched.body is None:
            # Not changed. The old tags stay, since a server need not repeat them.
            self._memory.keep_feed(replace(known, failing_since=None))
            return
        yield from self._entries(url, fetched, row, parser)

    def settled(self, place: str) -> None:
        """Report that the article yielded with this place is in the archive, or refused for good."""
        if (done := self._open.pop(place, None)) is not None:
            done()

    def close(self) -> None:
        """Close the open connections."""
        self._fetcher.close()

    def _parsed(self, fetched: Fetched, parser: Parser) -> Row:
        assert fetched.body is not None
        return parser.parse(_kind(fetched), fetched.body, fetched.url)

    def _whole(self, fetched: Fetched, row: Row, parser: Parser) -> Row:
        """A page's article with its canonical address, and with the text of its further pages."""
        said = row.get("url")
        row["url"] = fetched.url
        if said and not same_page(said, fetched.url):
            fetched, row = self._named(said, fetched, row, parser)
        elif said:
            row["url"] = said
        for further in row.get("pages", [])[:_FURTHER]:
            try:
                more = self._parsed(self._fetcher.fetch(further), parser)
            except InputError as error:
                row["note"] = f"its page {further} is not read ({error})"
                break
            # Lines that every page repeats, such as a picture's caption, are kept once.
            known = set(row["text"].split("\n"))
            lines = [line for line in more.get("text", "").split("\n") if line not in known]
            row["text"] = "\n".join((row["text"], *lines))
        return row

    def _named(self, said: str, fetched: Fetched, row: Row, parser: Parser) -> tuple[Fetched, Row]:
        """Check `said`, the canonical address that a page names, by fetching it.

        If it has the same article, the article gets that address. If it cannot be read, the page is believed,
        unless the archive has an article from there already. Without this check any page could replace
        another site's article.
        """
        try:
            named = self._fetcher.fetch(said)
            found = self._parsed(named, parser)
        except InputError:
            if not any(self._memory.all_known([(said, said)])):
                row["url"] = said
            return fetched, row
        lines, others = set(row["text"].split("\n")), set(found.get("text", "").split("\n"))
        if 2 * len(lines & others) >= min(len(lines), len(others)) and others != {""}:
            return named, {**found, "url": said}
        # It is another article, or a site's front page, so this one keeps its own address.
        return fetched, row

    def _failed(self, known: Feed, error: InputError) -> Iterator[Refusal]:
        is_feed = self._watching or known != Feed(known.url)
        if is_feed and known.failing_since is None:
            self._memory.keep_feed(replace(known, failing_since=_now()))
        if not (self._watching and known.failing_since):
            yield Refusal(known.url, str(error))

    def _entries(self, url: str, fetched: Fetched, feed: Row, parser: Parser) -> Iterator[Source | Refusal]:
        taken = self._memory.entry_stamps(url)
        new = [entry for entry in feed["entries"] if taken.get(entry["id"]) != entry["stamp"]]
        # If a feed lists an entry twice, the first one is the newer one and counts.
        waiting = {entry["id"]: entry for entry in reversed(new)}
        read = Feed(url, fetched.etag, fetched.modified)
        if not waiting:
            self._memory.keep_feed(read)
            return
        # Until all entries are stored, the next visit must fetch the whole feed, even if it is unchanged.
        self._memory.keep_feed(Feed(url))
        reading = _Reading(url, feed)
        left = set(waiting)
        # The oldest first, so that the versions of one article are stored in their order.
        for id, entry in waiting.items():

            def take(id: str = id, stamp: str = entry["stamp"]) -> None:
                self._memory.keep_entry(url, id, stamp)
                left.discard(id)
                if not left:
                    self._memory.keep_feed(read)

            try:
                found = self._entry(entry, reading, parser)
            except Passing as error:
                # The other entries are most likely on the same server, so they wait for the next visit too.
                yield Refusal(entry["link"] or url, f"{error}; it is tried again the next time")
                return
            if found is None:
                take()
                continue
            self._open[found.place] = take
            yield found

    def _entry(self, entry: Row, reading: _Reading, parser: Parser) -> Source | Refusal | None:
        """The article of an entry: from its page, else from the feed itself; None if its page was yielded
        already. Raises Passing if trying again later may help.
        """
        link = reading.link(entry)
        if link is not None and reading.is_shared(link) and (entry["text"] or link in reading.given):
            # Several entries link to one page. The feed's own text, if any, tells them apart.
            return reading.place_of_page(entry, link) if entry["text"] else None
        own = link is None or site(link) == site(reading.url)
        reason = "the entry has no link"
        if link is not None:
            reading.given.add(link)
            try:
                return self._page(link, entry if own else None, reading, parser)
            except Passing:
                raise
            except InputError as error:
                reason = str(error)
        if entry["text"] and own:
            return reading.carried(entry, link)
        if link is not None and not own:
            reason += f"; a feed of {site(reading.url)} cannot give the text of a page of {site(link)}"
        return Refusal(link or f"{reading.url}#{entry['id']}", reason, None, entry["title"])

    def _page(self, link: str, entry: Row | None, reading: _Reading, parser: Parser) -> Source:
        """The article of an entry's page. Fields that the page lacks come from `entry`, which is None if the
        page is on another host. Raises InputError."""
        page = self._fetcher.fetch(link)
        row = self._parsed(page, parser)
        if "entries" in row:
            raise InputError("it leads to another feed")
        row = self._whole(page, row, parser)
        known = {key: value for key, value in row.items() if value}
        said = (
            {"title": entry["title"], "author": entry["author"], "publisher": reading.publisher}
            if entry
            else {}
        )
        # The page's own dates count before those of its feed.
        written = [*row.get("dates", ()), *(entry["dates"] if entry else ()), row.get("guess")]
        return reading.dated({**said, **known}, link, written)


class _Reading:
    """A feed while its entries are read: its address, what its dates mean, which pages were yielded."""

    def __init__(self, url: str, feed: Row) -> None:
        self.url, self.publisher = url, feed["publisher"]
        self.given: set[str] = set()
        self._dates = Dates()
        self._ids: defaultdict[str, set[str]] = defaultdict(set)
        for entry in feed["entries"]:
            for written in entry["dates"]:
                self._dates.learn(written)
            if link := self.link(entry):
                self._ids[link].add(entry["id"])

    def link(self, entry: Row) -> str | None:
        """The address of an entry's page; None if it has no link, or an invalid one."""
        try:
            return joined(self.url, entry["link"]) if entry["link"] else None
        except InputError:
            return None

    def is_shared(self, link: str) -> bool:
        """Whether several entries link to this address."""
        return len(self._ids[link]) > 1

    def carried(self, entry: Row, link: str | None) -> Source:
        """The article of an entry, from the feed itself."""
        row = {**entry, "id": None if link else entry["id"], "url": link, "publisher": self.publisher}
        return self.dated(row, link or f"{self.url}#{entry['id']}", entry["dates"])

    def place_of_page(self, entry: Row, link: str) -> Source | Refusal:
        """The article of an entry that shares its page with others, from the feed itself; a Refusal if the
        page is on another host."""
        place = f"{self.url}#{entry['id']}"
        if site(link) != site(self.url):
            return Refusal(
                place,
                f"a feed of {site(self.url)} cannot give the text of a page of {site(link)}",
                None,
                entry["title"],
            )
        within = urljoin(self.url, entry["link"]) if "#" in entry["link"] else None
        row = {**entry, "id": None if within else place, "url": within, "publisher": self.publisher}
        return self.dated(row, place, entry["dates"])

    def dated(self, row: Row, place: str, written: Sequence[str | None]) -> Source:
        """The article of `row`, with uncertain dates decided by all the dates of the feed."""
        return self._dates.decided(parsed({**row, "dates": written}, place, self._dates))


def _decided(row: Row, place: str, written: Sequence[str | None]) -> Iterator[Source]:
    dates = Dates()
    for each in written:
        dates.learn(each)
    yield dates.decided(parsed({**row, "dates": [each for each in written if each]}, place, dates))


def _kind(fetched: Fetched) -> Kind:
    """Which parser a body needs, by its first bytes, else by the server's media type. Raises InputError."""
    body = fetched.body or b""
    if not body.strip():
        raise InputError("the answer is empty")
    if body.startswith(b"%PDF-"):
        return "pdf"
    if body.startswith(b"PK\x03\x04"):
        return "docx"
    if is_feed(body):
        return "feed"
    kind = _KINDS.get(fetched.type)
    if kind in {"pdf", "docx", "feed"}:
        raise InputError(f"it calls itself {fetched.type} and is something else")
    if kind is None and b"<html" not in body[:2048].lower():
        raise InputError(f"what it gives is not read ({fetched.type[:60] or 'of no named kind'})")
    return "page"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
