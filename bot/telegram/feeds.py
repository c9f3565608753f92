"""The bot's own watch over feeds: what is new in them becomes articles while it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.app import App
from rag.errors import KutipError

log = logging.getLogger("kutip")


async def keep_watching(
    feeds: Sequence[str],
    minutes: float,
    allow_local: bool,
    in_thread: Callable[[Callable[[App], None]], Awaitable[None]],
) -> None:
    """Looks at the feeds at once, then every so many minutes, until it is cancelled.

    `in_thread` runs work on articles beside the event loop. What fails is logged and tried the next time.
    """

    def look(app: App) -> None:
        for article in app.ingest(feeds, allow_local=allow_local, watching=True):
            if article.status == "refused":
                log.warning("a feed: %s", article.reason)
            else:
                log.info("a feed: %s %s", article.status, article.title or article.id)

    while feeds:
        try:
            await in_thread(look)
        except KutipError as error:
            log.warning("the feeds could not be read: %s", error)
        await asyncio.sleep(minutes * 60)
