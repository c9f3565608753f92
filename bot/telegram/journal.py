"""Readers' verdicts on answers, and admins' acts."""

from __future__ import annotations

import json
from dataclasses import asdict
from time import time
from typing import Any, Literal

from bot.telegram.memory import Kept
from bot.telegram.store import Store

UNDO_SECONDS = 86_400.0
"""Seconds for which a removal can be undone."""


class Journal:
    """Feedback, as cases for evaluation, and the audit."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def judge(self, kept: Kept, verdict: Literal["helpful", "wrong"], citation: int) -> None:
        """Stores a verdict on an answer (citation 0) or a citation; the latest one counts.

        An answer that helped has no wrong quotes, and the other way round. The user is not stored with it.
        """
        answer = kept.answer
        cited = [asdict(c) for c in answer.citations if citation in (0, c.number)]
        with self._store.writing() as db:
            db.execute("DELETE FROM feedback WHERE answer = ? AND verdict != ?", (kept.id, verdict))
            db.execute(
                "INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (answer, citation) DO UPDATE SET verdict = excluded.verdict, "
                "given_at = excluded.given_at, question = excluded.question, "
                "language = excluded.language, engine = excluded.engine, cited = excluded.cited",
                (
                    kept.id,
                    citation,
                    verdict,
                    time(),
                    answer.question,
                    answer.language,
                    answer.engine,
                    json.dumps(cited, ensure_ascii=False),
                ),
            )

    def unjudge(self, kept: Kept, citation: int) -> None:
        """Takes a verdict back."""
        with self._store.writing() as db:
            db.execute("DELETE FROM feedback WHERE answer = ? AND citation = ?", (kept.id, citation))

    def judged(self, answer: int) -> frozenset[int]:
        """The citations of an answer that were marked as wrong; 0 says that it helped."""
        rows = self._store.rows("SELECT citation FROM feedback WHERE answer = ?", (answer,))
        return frozenset(row[0] for row in rows)

    def verdicts(self) -> dict[str, int]:
        """The number of verdicts of each kind."""
        return dict(self._store.rows("SELECT verdict, count(*) FROM feedback GROUP BY verdict"))

    def wrong(self) -> list[dict[str, Any]]:
        """A case for `kutip eval` for each answer of which a reader marked quotes as wrong, the oldest first.

        `bot.evaluation.cases` says what its keys mean; `engine` says what had answered.
        """
        cases: dict[int, dict[str, Any]] = {}
        for answer, question, language, engine, cited in self._store.rows(
            "SELECT answer, question, language, engine, cited FROM feedback WHERE verdict = 'wrong' "
            "ORDER BY answer, citation"
        ):
            case = cases.setdefault(
                answer,
                {"id": f"feedback-{answer}", "question": question, "language": language, "engine": engine}
                | {"wrong": []},
            )
            case["wrong"] += [{"article": c["article"], "quote": c["quote"]} for c in json.loads(cited)]
        return list(cases.values())

    def wrong_since(self, since: float) -> list[tuple[str, str]]:
        """(question, quote) of each quote that was marked as wrong since then, the latest first."""
        rows = self._store.rows(
            "SELECT question, cited FROM feedback WHERE verdict = 'wrong' AND given_at > ? "
            "ORDER BY given_at DESC",
            (since,),
        )
        return [(question, cited["quote"]) for question, data in rows for cited in json.loads(data)]

    def record(self, admin: int, action: str, subject: str, detail: str = "") -> int:
        """Stores what an admin did; its id in the audit."""
        with self._store.writing() as db:
            id = db.execute(
                "INSERT INTO audit (at, admin, action, subject, detail) VALUES (?, ?, ?, ?, ?) RETURNING id",
                (time(), admin, action, subject, detail),
            ).fetchone()[0]
        return int(id)

    def removal(self, id: int) -> tuple[str, bool] | None:
        """The article of a removal, and whether it can still be taken back."""
        rows = self._store.rows("SELECT subject, at FROM audit WHERE id = ? AND action = 'remove'", (id,))
        return (rows[0][0], time() - rows[0][1] < UNDO_SECONDS) if rows else None

    def audit(self) -> list[tuple[float, int, str, str, str]]:
        """(when, admin, action, subject, detail), the oldest first."""
        return self._store.rows("SELECT at, admin, action, subject, detail FROM audit ORDER BY id")
