"""The bot's own watch over feeds: it adds their new entries while it runs."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic, time

from bot.app import App
from bot.settings import Settings
from bot.telegram.store import Store
from rag.errors import KutipError

log = logging.getLogger("kutip")

LOOK_SECONDS = 30.0
"""Seconds between two looks whether another worker has added a feed, or has ended, so that this one leads."""


class Feeds:
    """The feeds that are watched: those of the settings, and those that admins have added."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store
        self.changed = asyncio.Event()
        """Set when a feed was added, so that nobody waits for the next look."""

    @property
    def fixed(self) -> tuple[str, ...]:
        """The feeds of the settings, which no command can remove."""
        return self._settings.telegram_feeds

    def added(self) -> list[str]:
        """Those that admins have added, the oldest first."""
        return [row[0] for row in self._store.rows("SELECT url FROM watched_feed ORDER BY since")]

    def all(self) -> list[str]:
        """Every feed, once."""
        return list(dict.fromkeys((*self.fixed, *self.added())))

    def watch(self, url: str, admin: int) -> bool:
        """Watches a feed; False where it is watched already."""
        if url in self.all():
            return False
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO watched_feed VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (url, admin, time())
            )
        return True

    def leave(self, name: str) -> str | None:
        """Stops watching the feed with this short name; its address, None if there is none."""
        url = next((each for each in self.added() if short(each) == name), None)
        if url is not None:
            with self._store.writing() as db:
                db.execute("DELETE FROM watched_feed WHERE url = ?", (url,))
        return url


def short(url: str) -> str:
    """A name for a feed that fits a button."""
    return hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:16]


async def keep_watching(
    feeds: Feeds,
    minutes: float,
    allow_local: bool,
    in_thread: Callable[[Callable[[App], None]], Awaitable[None]],
    leads: Callable[[], bool] = lambda: True,
) -> None:
    """Visits the feeds at once, then at every interval and when one is added, until it is cancelled.

    `in_thread` runs work on articles beside the event loop. Nothing is visited while this worker does not
    lead (`leads`). Logs a failure and tries again the next time.
    """

    def look(app: App) -> None:
        for article in app.ingest(feeds.all(), allow_local=allow_local, watching=True):
            if article.status == "refused":
                log.warning("a feed: %s", article.reason)
            else:
                log.info("a feed: %s %s", article.status, article.title or article.id)

    seen, due = list[str](), monotonic()
    while True:
        feeds.changed.clear()
        try:
            known = feeds.all()
            if leads() and (monotonic() >= due or known != seen):
                seen, due = known, monotonic() + minutes * 60
                if known:
                    await in_thread(look)
        except KutipError as error:
            log.warning("the feeds could not be read: %s", error)
        with suppress(TimeoutError):
            await asyncio.wait_for(feeds.changed.wait(), LOOK_SECONDS)
