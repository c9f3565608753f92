"""Those who ask, and whether each question got its answer, once, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any

from bot.telegram.phrases import say
from lab.faults.articles import Draft
from tests.telegram_server import TelegramServer, User

MOST = 3
"""Questions of one chat that wait at once."""
_REFUSALS = {
    say(key, language) for key in ("failed", "aside", "empty", "cancelled") for language in ("id", "en")
}


@dataclass(frozen=True, slots=True)
class Asked:
    draft: Draft
    at: float


@dataclass(slots=True)
class Tally:
    """How many questions were sent and answered; what is wrong; `elsewhere` are answers that show nothing
    of the article which was asked about."""

    sent: int = 0
    answered: int = 0
    refused: int = 0
    twice: int = 0
    mixed: int = 0
    elsewhere: int = 0
    oldest: float = 0.0
    examples: list[str] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        return self.sent - self.answered - self.refused


@dataclass(slots=True)
class Reader:
    """One private chat: what was asked in it, by the number of the message."""

    user: User
    asked: dict[int, Asked] = field(default_factory=dict)

    def ask(self, draft: Draft) -> None:
        sent = self.user.says(draft.question)
        self.asked[sent["message_id"]] = Asked(draft, monotonic())

    def replies(self) -> list[tuple[int, str]]:
        """(the message replied to, the text) of each reply to a question, the oldest first."""
        found = ((_above(each), each.get("text", "")) for each in self.user.answers)
        return [(above, text) for above, text in found if above in self.asked]

    def waiting(self) -> int:
        return len(self.asked.keys() - {above for above, _ in self.replies()})

    def count(self, tally: Tally, unchanged: Callable[[Draft], bool]) -> None:
        replies = self.replies()
        first: dict[int, str] = {}
        for above, text in replies:
            if text in _REFUSALS:
                tally.refused += above not in first
                tally.examples.append(f"{self.asked[above].draft.question} — {text}")
            else:
                tally.answered += above not in first
            first.setdefault(above, text)
        tally.sent += len(self.asked)
        tally.twice += len(replies) - len(first)
        if list(first) != [above for above in self.asked if above in first]:
            tally.mixed += 1
            tally.examples.append(f"order in chat {self.user.id}: {list(first)} of {list(self.asked)}")
        for above, text in first.items():
            draft = self.asked[above].draft
            if draft.marker not in text and text not in _REFUSALS and unchanged(draft):
                tally.elsewhere += 1
        left = [asked.at for above, asked in self.asked.items() if above not in first]
        tally.oldest = max([tally.oldest, *(monotonic() - at for at in left)])


class Readers:
    """Chats, of which one at random asks."""

    def __init__(self, server: TelegramServer, count: int, random: Random) -> None:
        self._readers = [Reader(server.user(f"Pembaca {number}")) for number in range(count)]
        self._random = random

    def ask(self, drafts: Sequence[Draft]) -> bool:
        """One question of one chat; False where that chat waits for enough already."""
        return _one(self._random.choice(self._readers), self._random.choice(drafts))

    def ask_all(self, drafts: Sequence[Draft], share: float) -> int:
        """A question of each of so many chats, at once."""
        some = self._random.sample(self._readers, round(len(self._readers) * share))
        return sum(_one(reader, self._random.choice(drafts)) for reader in some)

    def tally(self, unchanged: Callable[[Draft], bool]) -> Tally:
        tally = Tally()
        for reader in self._readers:
            reader.count(tally, unchanged)
        return tally


def _one(reader: Reader, draft: Draft) -> bool:
    if reader.waiting() >= MOST:
        return False
    reader.ask(draft)
    return True


def _above(message: dict[str, Any]) -> int | None:
    above: int | None = message.get("reply_to_message", {}).get("message_id")
    return above
