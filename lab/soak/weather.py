"""How Telegram is: calm, slow, stormy, away; another one every while."""

from __future__ import annotations

from collections import Counter
from random import Random

from tests.telegram_server import Fault, TelegramServer
from tests.telegram_server.faults import FaultKind

POLLING = ("getUpdates",)
_KINDS = {
    "calm": 6,
    "429": 2,
    "5xx": 2,
    "slow": 2,
    "hanging": 1,
    "unconfirmed": 1,
    "away": 1,
}


class Weather:
    """Sets the server's faults; counts what they struck."""

    def __init__(self, server: TelegramServer, random: Random) -> None:
        self._server, self._random = server, random
        self._past: Counter[str] = Counter()
        self.name = "calm"

    def turn(self) -> float:
        """Another weather; how many seconds it is to last."""
        self.clear()
        self.name = self._random.choices(list(_KINDS), list(_KINDS.values()))[0]
        self._server.faults += self._faults()
        return self._random.uniform(5, 12) if self.name == "away" else self._random.uniform(10, 40)

    def clear(self) -> None:
        """No faults any more."""
        for fault in self._server.faults:
            self._past[fault.kind] += fault.struck
        self._server.faults.clear()
        self.name = "calm"

    @property
    def struck(self) -> Counter[str]:
        """How many calls were struck, by kind."""
        now: Counter[str] = Counter()
        for fault in self._server.faults:
            now[fault.kind] += fault.struck
        return self._past + now

    def _faults(self) -> list[Fault]:
        draw = self._random
        match self.name:
            case "429":
                wait = draw.randint(1, 4)
                # All calls wait while one is told to: so few of them, or nothing would be done.
                return [
                    Fault("flood", share=0.2, retry_after=wait, times=draw.randint(3, 12)),
                    Fault("flood", POLLING, share=0.5, retry_after=wait, times=3),
                ]
            case "5xx":
                kinds: tuple[FaultKind, ...] = ("error", "html", "cut")
                some = [Fault(kind, share=0.08, code=draw.choice((500, 502, 504))) for kind in kinds]
                return [*some, *(Fault(kind, POLLING, share=0.2) for kind in kinds)]
            case "slow":
                return [Fault("slow", share=0.6, seconds=draw.uniform(0.3, 3.0))]
            case "hanging":
                # Longer than the bot waits.
                return [
                    Fault("hang", share=0.05, seconds=20.0),
                    Fault("hang", POLLING, share=0.1, seconds=45.0),
                ]
            case "unconfirmed":
                # Of messages: one typing more or less proves nothing.
                return [
                    Fault("cut after", ("sendMessage",), share=0.2, times=6),
                    Fault("hang after", ("sendMessage",), share=0.1, seconds=20.0, times=2),
                ]
            case "away":
                return [Fault("cut"), Fault("cut", (*POLLING, "getMe"))]
            case _:
                return []
