"""Stored conversations, and the languages that users have chosen."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from time import time

from bot.telegram.store import Store
from rag.types import Answer, Citation, Claim, Language, Turn

TURNS = 4
"""Earlier turns that go with a question, as in the terminal."""
_LAST = 2**62
"""More than any answer's id."""
FOLLOW_UP_SECONDS = 3600.0
"""Seconds after which a question begins a new conversation."""


_FORGET_MESSAGES = "DELETE FROM reply_message WHERE answer NOT IN (SELECT id FROM answer)"
"""Deletes which messages showed answers that are deleted."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer and the id under which its buttons find it. `glossed`: translations of quotes, where it has
    any, are shown."""

    id: int
    chat: int
    user: int
    answer: Answer
    glossed: bool = True

    @property
    def shown(self) -> Answer:
        """The answer as its reader wants to see it."""
        return self.answer if self.glossed else without_gloss(self.answer)


class Memory:
    """Answers by their ids, the turns of each conversation, and chosen languages."""

    def __init__(self, store: Store, worker: Callable[[], str] = lambda: "") -> None:
        """`worker` gives the id of this worker among others."""
        self._store, self._worker = store, worker

    def keep(
        self, number: int, chat: int, thread: int, user: int, answer: Answer, asked: int | None = None
    ) -> Kept:
        """Stores the answer to an update, which is then no more what the engine is at.

        `asked` is the message that asked.
        """
        data = json.dumps(asdict(answer), ensure_ascii=True)
        with self._store.writing() as db:
            id = db.execute(
                'INSERT INTO answer (inbox, chat, thread, "user", answered_at, data, asked) '
                "VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (inbox) DO UPDATE SET data = excluded.data RETURNING id",
                (number, chat, thread, user, time(), data, asked),
            ).fetchone()[0]
            db.execute("UPDATE inbox SET asking = 0 WHERE number = ?", (number,))
        return Kept(int(id), chat, user, answer)

    def gloss(self, number: int, kept: Kept, answer: Answer, shown: bool) -> Kept:
        """Stores the translations that an answer was given, and whether they are shown beside its quotes.

        `number` is the update that asked for it, which is then no more what the engine is at.
        """
        data = json.dumps({**asdict(answer), "glossed": shown}, ensure_ascii=True)
        with self._store.writing() as db:
            db.execute("UPDATE answer SET data = ? WHERE id = ?", (data, kept.id))
            db.execute("UPDATE inbox SET asking = 0 WHERE number = ?", (number,))
        return replace(kept, answer=answer, glossed=shown)

    def of_update(self, number: int) -> Kept | None:
        """The answer to an update, where it was stored before the process ended."""
        return self._kept("inbox = ?", number)

    def answer(self, id: int) -> Kept | None:
        """The answer with this id, None once it is forgotten."""
        return self._kept("id = ?", id)

    def last(self, chat: int, thread: int) -> Kept | None:
        """The last answer of a conversation."""
        return self._kept("chat = ? AND thread = ? ORDER BY id DESC LIMIT 1", chat, thread)

    def to_message(self, chat: int, message: int) -> Kept | None:
        """The latest answer to what a message asks, or asked before it was edited."""
        return self._kept("chat = ? AND asked = ? ORDER BY id DESC LIMIT 1", chat, message)

    def by_message(self, chat: int, message: int) -> Kept | None:
        """The answer that one of the bot's messages shows."""
        return self._kept(
            "id = (SELECT answer FROM reply_message WHERE chat = ? AND message = ?)", chat, message
        )

    def turns(self, chat: int, thread: int, until: int | None = None) -> list[Turn]:
        """The latest turns, the oldest first; with `until`, the turn of that answer and those before it."""
        end, since = until, time() - FOLLOW_UP_SECONDS
        if end is not None:
            found = self._store.rows("SELECT answered_at FROM answer WHERE id = ?", (end,))
            since = found[0][0] - FOLLOW_UP_SECONDS if found else since
        rows = self._store.rows(
            "SELECT data FROM answer WHERE chat = ? AND thread = ? AND answered_at > ? AND id <= ? "
            "ORDER BY id DESC LIMIT ?",
            (chat, thread, since, _LAST if end is None else end, TURNS),
        )
        answers = [_read(row[0])[0] for row in reversed(rows)]
        return [Turn(answer.question, answer.short or answer.text) for answer in answers]

    def forget(self, chat: int, user: int) -> int:
        """Deletes what a user asked in a chat and was answered; how many turns that was."""
        with self._store.writing() as db:
            number = db.execute('DELETE FROM answer WHERE chat = ? AND "user" = ?', (chat, user)).rowcount
            db.execute(_FORGET_MESSAGES)
        self._store.empty_log()
        return number

    def prune(self, days: int) -> None:
        """Deletes answers that are older."""
        with self._store.writing() as db:
            db.execute("DELETE FROM answer WHERE answered_at < ?", (time() - days * 86_400.0,))
            db.execute(_FORGET_MESSAGES)
        self._store.empty_log()

    def move(self, old: int, new: int) -> None:
        """Moves everything stored of a group to the supergroup that it became.

        Messages have other numbers there, so replies to the group's old messages find no answer.
        """
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO moved_group VALUES (?, ?) ON CONFLICT (old) DO UPDATE SET new = excluded.new",
                (old, new),
            )
            db.execute("UPDATE moved_group SET new = ? WHERE new = ?", (new, old))
            db.execute("UPDATE answer SET chat = ?, asked = NULL WHERE chat = ?", (new, old))
            db.execute("DELETE FROM reply_message WHERE chat = ?", (old,))
            for table, name in (("subscription", "topic"), ("told", "story")):
                # What the supergroup has already stays with the group.
                db.execute(
                    f"UPDATE {table} SET chat = ? WHERE chat = ? AND {name} NOT IN "
                    f"(SELECT {name} FROM {table} WHERE chat = ?)",
                    (new, old, new),
                )
            db.execute("UPDATE digest SET chat = ? WHERE chat = ?", (new, old))
            db.execute(
                "UPDATE visitor SET id = ? WHERE id = ? AND NOT EXISTS (SELECT 1 FROM visitor WHERE id = ?)",
                (new, old, new),
            )

    def before(self, chat: int) -> list[int]:
        """The numbers that a supergroup had as a group."""
        return [row[0] for row in self._store.rows("SELECT old FROM moved_group WHERE new = ?", (chat,))]

    def asked(self, since: float) -> list[tuple[int, float]]:
        """(user, when) of each answer since then."""
        return self._store.rows(
            'SELECT "user", answered_at FROM answer WHERE answered_at > ? ORDER BY answered_at', (since,)
        )

    def answers(self, since: float) -> list[Answer]:
        """The answers since then, the oldest first."""
        rows = self._store.rows("SELECT data FROM answer WHERE answered_at > ? ORDER BY id", (since,))
        return [_read(row[0])[0] for row in rows]

    def language(self, user: int) -> Language | None:
        """The language that a user has chosen, None for Telegram's."""
        rows = self._store.rows('SELECT language FROM reader WHERE "user" = ?', (user,))
        return rows[0][0] if rows else None

    def choose(self, user: int, language: Language | None) -> None:
        """Stores the choice; None takes it back."""
        with self._store.writing() as db:
            if language is None:
                db.execute('DELETE FROM reader WHERE "user" = ?', (user,))
            else:
                db.execute(
                    'INSERT INTO reader VALUES (?, ?) ON CONFLICT ("user") '
                    "DO UPDATE SET language = excluded.language",
                    (user, language),
                )

    # Status messages, so that a crash leaves none behind

    def showing(self, chat: int, message: int) -> None:
        """Records that a chat shows a status message."""
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO status_message (chat, message, worker) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (chat, message, self._worker()),
            )

    def shown(self, chat: int, message: int) -> None:
        """Records that the status message was deleted."""
        with self._store.writing() as db:
            db.execute("DELETE FROM status_message WHERE chat = ? AND message = ?", (chat, message))

    def still_showing(self) -> Sequence[tuple[int, int]]:
        """(chat, message) of the status messages that workers have left that are no more."""
        return self._store.rows(
            "SELECT chat, message FROM status_message "
            "WHERE worker IS NULL OR worker NOT IN (SELECT id FROM worker)"
        )

    def _kept(self, where: str, *values: object) -> Kept | None:
        rows = self._store.rows(f'SELECT id, chat, "user", data FROM answer WHERE {where}', values)
        if not rows:
            return None
        id, chat, user, data = rows[0]
        return Kept(id, chat, user, *_read(data))


def without_gloss(answer: Answer) -> Answer:
    """The answer with its quotes alone."""
    return replace(answer, citations=tuple(replace(c, gloss=None) for c in answer.citations))


def _read(data: str) -> tuple[Answer, bool]:
    fields = json.loads(data)
    glossed = bool(fields.pop("glossed", True))
    fields["claims"] = tuple(Claim(c["text"], tuple(c["citations"])) for c in fields["claims"])
    fields["citations"] = tuple(Citation(**citation) for citation in fields["citations"])
    return Answer(**fields), glossed
