"""The bot's state and use, for a probe, for Prometheus, and for admins."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, time

from bot.telegram.claims import Claims
from bot.telegram.desk import Desk
from bot.telegram.inbox import Inbox
from bot.telegram.journal import Journal
from bot.telegram.limits import DAY
from bot.telegram.memory import Memory
from bot.telegram.metrics import Metrics
from bot.telegram.receiving import Receiver
from rag.store.archive import Archive

_PAGE_BYTES = 4096
"""Bytes of a page, in which Linux counts a process's memory."""


@dataclass(frozen=True, slots=True)
class Gauges:
    """Reads figures off the parts of a running bot."""

    archive: Archive
    inbox: Inbox
    memory: Memory
    journal: Journal
    metrics: Metrics
    desk: Desk
    receiver: Receiver
    restarts: int
    worker: str = ""
    claims: Claims = field(default_factory=Claims)
    started: float = field(default_factory=monotonic)

    def health(self) -> dict[str, object]:
        """How the bot is, for a probe and for admins."""
        if self.claims.id and not self.claims.valid:
            status = "the database is away"
        elif self.receiver.silent:
            status = "telegram is silent"
        else:
            status = "ok" if self.desk.ready else "starting"
        return {
            "status": status,
            **({"worker": self.worker, "leads": self.claims.leads} if self.worker else {}),
            "queue": self.desk.depth(),
            "inbox": self.inbox.waiting(),
            "indexes_behind": self.desk.lag,
            "restarts": self.restarts,
            "uptime_seconds": round(monotonic() - self.started),
            "memory_mb": _memory_mb(),
        }

    def figures(self) -> dict[str, object]:
        """How much was asked and answered, for admins."""
        articles, chunks = self.archive.counts()
        asked = self.memory.asked(time() - DAY)
        verdicts = self.journal.verdicts()
        return {
            "articles": articles,
            "chunks": chunks,
            "answers_today": len(asked),
            "users_today": len({user for user, _ in asked}),
            "answered": self.metrics.number("kutip_answers_total", 'status="answered"'),
            "abstained": self.metrics.number("kutip_answers_total", 'status="abstained"'),
            "helpful": verdicts.get("helpful", 0),
            "wrong_quotes": verdicts.get("wrong", 0),
        }

    def exposed(self) -> str:
        """All counts and times, as Prometheus reads them."""
        return self.metrics.text(
            self.desk.depth(), self.inbox.waiting(), self.desk.lag, self.worker, self.claims.leads
        )


def _memory_mb() -> int | None:
    """Megabytes in use; None on a system without /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError):
        return None
    return pages * _PAGE_BYTES // 1024**2
