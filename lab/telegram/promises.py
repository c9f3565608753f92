"""What a round of kills promises beside questions: digests, and answers of a guest."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from bot.app import App
from bot.settings import Settings
from bot.telegram.following import Following
from bot.telegram.store import Store
from lab.telegram.running import Question
from rag.store.archive import Archive
from tests.telegram_quick import put
from tests.telegram_server import TelegramServer, User
from tests.telegram_server.state import Guest

READERS, GUESTS = 3, 3
_TOPIC = "harga cabai keriting"


@dataclass(slots=True)
class Promises:
    """Readers who follow something, and groups that summon the bot. Use as a context manager.

    `indexes`: whether the bot reads them, so that they must hold what comes in.
    """

    server: TelegramServer
    settings: Settings
    indexes: bool = True
    readers: list[User] = field(default_factory=list)
    guests: list[Guest] = field(default_factory=list)
    quotes: list[str] = field(default_factory=list)
    _store: Store = field(init=False)

    def __enter__(self) -> Self:
        self._store = Store(self.settings.place, self.settings.home)
        following = Following(self._store)
        for number in range(READERS):
            reader = self.server.user(f"Pelanggan {number}")
            following.add(reader.id, 0, reader.id, _TOPIC, "id", 0, 10)
            self.readers.append(reader)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()

    def make(self, questions: list[Question]) -> None:
        """An article comes in and the hour of the digests; groups summon the bot, readers type inline."""
        number = len(self.quotes) + 1
        quote = f"Harga cabai keriting menjadi Rp{number}.500 per kilogram pada hari ke-{number}."
        self._add(f"round-{number}", f"Hari ke-{number}", quote)
        with self._store.writing() as db:
            db.execute("UPDATE subscription SET looked_at = looked_at - 90000")
        self.quotes.append(quote)
        for place in range(GUESTS):
            group = self.server.group(f"Lain {number} {place}", self.readers[place])
            group.chat.members.discard(self.server.state.bot["id"])
            text = questions[(number + place) % len(questions)].text
            self.guests.append(self.readers[place].summons(f"@kutip_bot {text}", group))
            self.readers[place].types(text)

    def _add(self, id: str, title: str, text: str) -> None:
        """An article of one sentence; without indexes it goes into the archive alone."""
        if not self.indexes:
            with closing(Archive(self.settings.place)) as archive:
                put(archive, id, title, text)
            return
        lines = self.settings.home.parent / "round.jsonl"
        lines.write_text(json.dumps({"id": id, "title": title, "text": text}), encoding="utf-8")
        # Closed each time: whoever adds while there is no bot becomes the owner of the indexes.
        app = App(self.settings)
        try:
            for done in app.ingest([str(lines)]):
                assert done.status == "added", done
        finally:
            app.close()

    def open(self) -> int:
        """How many promises are not kept yet."""
        digests = sum(self._times(reader, quote) == 0 for reader in self.readers for quote in self.quotes)
        return digests + sum(guest.answer is None for guest in self.guests)

    def problems(self) -> list[str]:
        """What was not kept, or came twice."""
        found = []
        for reader in self.readers:
            for quote in self.quotes:
                if (times := self._times(reader, quote)) != 1:
                    found.append(f"a digest came {times} times: {quote}")
        if missing := sum(guest.answer is None for guest in self.guests):
            found.append(f"{missing} guests were not answered")
        return found

    def headings(self) -> int:
        """Headings that were left alone: the process ended before it was on record that they stand."""
        return sum(
            message.get("text", "").startswith("📰") and "entities" not in message
            for reader in self.readers
            for message in reader.answers
        )

    def _times(self, reader: User, quote: str) -> int:
        return sum(quote in message.get("text", "") for message in reader.answers)
