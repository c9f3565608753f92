"""What can go wrong between a bot and Telegram, on demand; and Telegram's own limits on how much is sent.

Sources: https://core.telegram.org/bots/api#making-requests and #responseparameters (`retry_after`);
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this for the rates.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from tests.telegram_server.errors import Refused

FaultKind = Literal["flood", "error", "html", "cut", "cut after", "hang", "hang after", "slow"]
NOT_CHAT = {"getupdates", "getme"}


@dataclass(slots=True)
class Fault:
    """Something that goes wrong with calls.

    `kind`:
    - `flood`: 429 with `retry_after` (seconds); the call is not done
    - `error`: 500, or `code`, as JSON; not done
    - `html`: 502 as a page, as a proxy in front answers; not done
    - `cut`: the connection ends without an answer; not done. `cut after`: done, and then so
    - `hang`: nothing for `seconds`, then the connection ends; not done. `hang after`: done, and then so
    - `slow`: done and answered after `seconds`

    `methods` are those it strikes (empty: all but getUpdates and getMe), `chats` likewise; `share` is the
    probability that it strikes, `times` how often at most.
    """

    kind: FaultKind
    methods: tuple[str, ...] = ()
    chats: tuple[int, ...] = ()
    share: float = 1.0
    times: int | None = None
    retry_after: int = 1
    code: int = 500
    seconds: float = 0.0
    struck: int = 0

    def strikes(self, method: str, parameters: dict[str, Any], random: Random) -> bool:
        """Whether this call is struck; it then counts."""
        if self.times is not None and self.struck >= self.times:
            return False
        named = {name.lower() for name in self.methods}
        if method.lower() not in named if named else method.lower() in NOT_CHAT:
            return False
        if self.chats and str(parameters.get("chat_id")) not in {str(chat) for chat in self.chats}:
            return False
        if self.share < 1.0 and random.random() >= self.share:
            return False
        self.struck += 1
        return True

    @property
    def refusal(self) -> Refused:
        """The answer in JSON, for those that have one."""
        if self.kind == "flood":
            return flooded(self.retry_after)
        return Refused(self.code, "Internal Server Error", "making-requests", broken=False)


def flooded(seconds: int) -> Refused:
    """429, which says when to come again."""
    return Refused(
        429,
        f"Too Many Requests: retry after {seconds}",
        "responseparameters",
        False,
        {"retry_after": seconds},
    )


@dataclass(slots=True)
class Limits:
    """How much a bot may send, as Telegram's FAQ has it. Short bursts may go over the rate of one chat.

    Messages, drafts, edits and chat actions count alike here; Telegram does not say which do.
    """

    overall: float = 30.0
    """Messages a second to all chats."""
    chat: float = 1.0
    """Messages a second to one chat."""
    group: float = 20.0 / 60.0
    """Messages a second to one group."""
    burst: float = 5.0
    """How many may be sent to one chat at once, after a silence."""
    counted: tuple[str, ...] = ("sendmessage", "senddocument", "sendphoto", "editmessagetext")
    spent: dict[int | None, tuple[float, float]] = field(default_factory=dict)
    early: int = 0
    """Calls to a chat before the wait that it was told was over."""
    until: dict[int, float] = field(default_factory=dict)

    def take(self, method: str, chat: int) -> None:
        """Counts a call.

        Raises:
            Refused: 429, when it is one too many.
        """
        if method.lower() not in self.counted:
            return
        now = time.monotonic()
        if now < self.until.get(chat, 0.0):
            self.early += 1
        own = self.chat if chat > 0 else self.group
        wait = max(self._wait(None, self.overall, self.overall, now), self._wait(chat, own, self.burst, now))
        if wait > 0.0:
            seconds = int(wait) + 1
            self.until[chat] = now + wait
            raise flooded(seconds)
        for key, rate, most in ((None, self.overall, self.overall), (chat, own, self.burst)):
            level, _ = self._level(key, rate, most, now)
            self.spent[key] = (level - 1.0, now)

    def _level(self, key: int | None, rate: float, most: float, now: float) -> tuple[float, float]:
        level, at = self.spent.get(key, (most, now))
        return min(most, level + (now - at) * rate), now

    def _wait(self, key: int | None, rate: float, most: float, now: float) -> float:
        level, _ = self._level(key, rate, most, now)
        return max(0.0, (1.0 - level) / rate)
