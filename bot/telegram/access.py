"""Who may use the bot: the ids in the settings, and those whom admins have let in."""

from __future__ import annotations

from dataclasses import dataclass
from time import time
from typing import Literal

from bot.settings import Settings
from bot.telegram.memory import Memory
from bot.telegram.store import Store

Standing = Literal["asked", "in", "out"]
_LONGEST_NAME = 100
"""Characters of a name that are kept."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A user or a group about whom an admin has decided, or will decide."""

    id: int
    name: str
    standing: Standing


class Access:
    """Says who may ask: everyone, unless the settings name somebody."""

    def __init__(self, settings: Settings, store: Store, memory: Memory) -> None:
        self._settings, self._store, self._memory = settings, store, memory

    def is_admin(self, user: int) -> bool:
        """Whether a user may add and remove articles."""
        return user in self._settings.telegram_admins

    def admitted(self, asker: int, chat: int) -> bool:
        """Whether a user, or a chat in whose name somebody writes, may ask in a chat.

        A supergroup keeps the rights that it had as a group.
        """
        allowed = self._settings.telegram_allowed
        if not allowed or asker in allowed or chat in allowed or self.is_admin(asker):
            return True
        if any((known := self.visitor(id)) is not None and known.standing == "in" for id in {asker, chat}):
            return True
        return any(before in allowed for before in self._memory.before(chat))

    def visitor(self, id: int) -> Visitor | None:
        """The stored decision about a user or group, None without one."""
        rows = self._store.rows("SELECT id, name, state FROM visitor WHERE id = ?", (id,))
        return Visitor(*rows[0]) if rows else None

    def ask(self, id: int, name: str) -> bool:
        """Records that somebody asks to be let in; False where they have asked already, or were put out."""
        with self._store.writing() as db:
            added = db.execute(
                "INSERT INTO visitor VALUES (?, ?, 'asked', NULL, ?) ON CONFLICT DO NOTHING",
                (id, name[:_LONGEST_NAME], time()),
            )
            return added.rowcount == 1

    def decide(self, id: int, admin: int, admit: bool) -> Visitor | None:
        """Lets somebody in, or puts them out; None for somebody who never asked."""
        with self._store.writing() as db:
            db.execute(
                "UPDATE visitor SET state = ?, admin = ?, changed_at = ? WHERE id = ?",
                ("in" if admit else "out", admin, time(), id),
            )
        return self.visitor(id)

    def known(self) -> list[Visitor]:
        """Those let in or waiting to be, the latest first."""
        rows = self._store.rows(
            "SELECT id, name, state FROM visitor WHERE state != 'out' ORDER BY changed_at DESC LIMIT 50"
        )
        return [Visitor(*row) for row in rows]
