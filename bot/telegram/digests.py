"""Makes digests when they are due, and sends them: none is lost, and none comes twice.

A digest is stored in the same transaction that says which stories it tells. It is shown by first sending
its heading, whose message is stored, and then writing the digest into that message. If the process ends in
between, the same message is written again, which changes nothing; at most a heading is left alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.telegram.digest import MOST_OF_TOPIC, MOST_QUOTES, digest, read
from bot.telegram.following import Promise, Subscription
from bot.telegram.parts import Parts
from bot.telegram.report import report
from bot.telegram.topics import Match, Topic, matches
from rag.errors import StoreError
from rag.search.lexicon import Lexicon

LOOK_SECONDS = 30.0
"""Seconds between two checks whether a digest is due."""

log = logging.getLogger("kutip")


class Digests:
    """Writes to those who follow something, and to admins who want a report, until it is cancelled."""

    def __init__(self, parts: Parts) -> None:
        self._p = parts
        self._lexicon: Lexicon | None = None

    async def run(self) -> None:
        """Makes and sends digests, again and again."""
        while True:
            try:
                if self._p.claims.leads:
                    await asyncio.to_thread(self.make)
                    for promise in await asyncio.to_thread(self._p.following.open):
                        await self._keep(promise)
            except StoreError as error:
                log.warning("digests wait (%s)", error)
            await asyncio.sleep(LOOK_SECONDS)

    # Making them

    def make(self) -> int:
        """Stores the digests and reports whose hour has come; how many subscriptions were looked at."""
        now = self.clock()
        for admin, hour, day in self._p.following.reporting():
            today = now.date().isoformat()
            if day != today and now.hour >= hour:
                language = self._p.memory.language(admin) or "id"
                self._p.following.promise_report(
                    admin, report(self._p.journal, self._p.memory, language), today
                )
        due = [each for each in self._p.following.all() if self.due(each, now)]
        if due:
            self._make(due)
        return len(due)

    def clock(self) -> datetime:
        """The readers' local time."""
        return datetime.now(UTC) + timedelta(hours=self._p.settings.telegram_utc_offset)

    def due(self, subscription: Subscription, now: datetime) -> bool:
        """Whether an hour has come since a subscription was last looked at."""
        looked = datetime.fromtimestamp(subscription.looked_at, UTC) + timedelta(
            hours=self._p.settings.telegram_utc_offset
        )
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        times = [midnight + timedelta(days=day, hours=hour) for day in (-1, 0) for hour in subscription.hours]
        return any(looked < when <= now for when in times)

    def _make(self, due: Sequence[Subscription]) -> None:
        if self._lexicon is None:
            self._lexicon = Lexicon.load()
        until = self._p.shelf.last()
        # After a backup was restored the numbers may have shrunk.
        since = min(until, *(each.after for each in due))
        topics = {each.id: Topic.read(each.topic, each.language, self._lexicon) for each in due}
        found = matches(topics, self._p.shelf.arrived(since, until))
        chats: dict[tuple[int, int], list[Subscription]] = defaultdict(list)
        for each in due:
            chats[each.chat, each.thread].append(each)
        for (chat, thread), subscriptions in chats.items():
            chosen, more, stories = self._choose(chat, subscriptions, found)
            language = self._p.memory.language(subscriptions[0].user) or subscriptions[0].language
            data = digest(chosen, more, language) if chosen else None
            self._p.following.promise(chat, thread, data, stories, subscriptions, until)

    def _choose(
        self, chat: int, subscriptions: Sequence[Subscription], found: Mapping[int, Sequence[Match]]
    ) -> tuple[dict[Subscription, list[Match]], dict[int, int], list[str]]:
        """The matches to tell a chat: for each subscription the best ones that it was not told yet."""
        chosen: dict[Subscription, list[Match]] = {}
        more: dict[int, int] = {}
        said: set[str] = set()
        total = 0
        for subscription in subscriptions:
            new = [m for m in found.get(subscription.id, ()) if m.arrival.number > subscription.after]
            for match in sorted(new, key=lambda m: (-m.share, -m.arrival.number)):
                keys = match.stories
                if said.intersection(keys) or self._p.following.told(chat, keys):
                    continue
                said.update(keys)
                if total < MOST_QUOTES and len(chosen.get(subscription, ())) < MOST_OF_TOPIC:
                    chosen.setdefault(subscription, []).append(match)
                    total += 1
                else:
                    more[subscription.id] = more.get(subscription.id, 0) + 1
        return chosen, more, sorted(said)

    # Keeping what was promised

    async def _keep(self, promise: Promise) -> None:
        following, sender = self._p.following, self._p.sender
        if not self._p.claims.leads:
            return  # another worker may be at it
        heading, text, keyboard = read(promise.data)
        chat, message = promise.chat, promise.message
        try:
            if message is None:
                sent = await sender.until_done(
                    lambda: sender.bot.send_message(chat, heading, message_thread_id=promise.thread or None)
                )
                message = sent.message_id
                if not await asyncio.to_thread(following.begun, promise.id, message):
                    return  # another worker shows it, under a heading of its own
            await sender.until_done(
                lambda: sender.bot.edit_message_text(
                    text.text,
                    chat,
                    message,
                    entities=text.entities,
                    reply_markup=keyboard,
                    link_preview_options=sender.no_preview,
                )
            )
        except ChatMigrated as moved:
            await asyncio.to_thread(self._p.memory.move, chat, moved.new_chat_id)
            return
        except Forbidden as error:
            log.info("a digest could not be sent (%s): nothing is followed there any more", error)
            await asyncio.to_thread(following.leave, chat)
        except BadRequest as error:
            # The message has this text already, or it or its topic was deleted.
            log.info("a digest was not written: %s", error)
        await asyncio.to_thread(following.kept, promise.id)
