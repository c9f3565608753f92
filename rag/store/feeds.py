"""What is remembered of feeds from one time to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.store.archive import Archive
from rag.store.rows import Known


@dataclass(frozen=True, slots=True)
class Feed:
    """What is known of a feed: `etag` and `modified` are for conditional requests."""

    url: str
    etag: str | None = None
    modified: str | None = None
    failing_since: str | None = None


class Feeds:
    """The feeds that an archive knows. Methods raise StoreError."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def feed(self, url: str) -> Feed:
        """What is known of a feed."""
        rows = self._archive.rows("SELECT url, etag, modified, failing_since FROM feed WHERE url = ?", (url,))
        return Feed(*rows[0]) if rows else Feed(url)

    def feeds(self) -> list[Feed]:
        """Every feed that was ever read."""
        rows = self._archive.rows("SELECT url, etag, modified, failing_since FROM feed ORDER BY url")
        return [Feed(*row) for row in rows]

    def keep_feed(self, feed: Feed) -> None:
        """Remembers a feed in place of what was known of it."""
        with self._archive.transaction() as db:
            db.execute(
                "INSERT INTO feed (url, etag, modified, failing_since) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (url) DO UPDATE SET etag = excluded.etag, modified = excluded.modified, "
                "failing_since = excluded.failing_since",
                (feed.url, feed.etag, feed.modified, feed.failing_since),
            )

    def entry_stamps(self, feed: str) -> dict[str, str]:
        """The stamps of a feed's entries that were taken, by their ids."""
        return dict(self._archive.rows("SELECT entry, stamp FROM feed_entry WHERE feed = ?", (feed,)))

    def keep_entry(self, feed: str, entry: str, stamp: str) -> None:
        """Remembers that an entry was taken."""
        with self._archive.transaction() as db:
            db.execute(
                "INSERT INTO feed_entry VALUES (?, ?, ?) "
                "ON CONFLICT (feed, entry) DO UPDATE SET stamp = excluded.stamp",
                (feed, entry, stamp),
            )

    def all_known(self, named: Sequence[tuple[str, str | None]]) -> list[Known | None]:
        """For each id and URL, the article that the archive has."""
        return self._archive.all_known(named)
