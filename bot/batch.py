"""`kutip ask --batch`: questions as JSON lines in, an answer a line out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from bot.app import App
from bot.day import named_day
from bot.interrupt import stoppable
from bot.render import as_json
from bot.terminal import clean
from rag.errors import InputError, KutipError
from rag.load import lines
from rag.types import Answer, Turn


def answer_all(
    app: App, path: Path, today: date | None, failed: Callable[[Exception], None]
) -> Iterator[dict[str, object]]:
    """Yield one row for each question, in the file's order; `-` reads standard input.

    A line that cannot be answered gives a row with `error`, and `failed` is called with the reason; the
    others are still answered. Raises InputError at the end if there were such lines, and at once if the file
    cannot be read.
    """
    troubled = total = 0
    for number, line in _lines(path):
        id = f"q{number}"
        total += 1
        try:
            row = _object(line)
            id = id if row.get("id") is None else str(row["id"])
            day = named_day(row.get("today")) or today
            yield as_json(_answered(app, *_asked(row), day), id)
        except Exception as error:
            # One bad line never stops the others.
            failed(error)
            troubled += 1
            said = str(error) if isinstance(error, KutipError) else f"{type(error).__name__}: {error}"
            yield {"id": id, "status": "failed", "error": said}
    if troubled:
        raise InputError(f"{troubled} of {total} questions could not be answered; their lines say why")


def _answered(app: App, question: str, history: list[Turn], day: date | None) -> Answer:
    return stoppable(lambda stop: app.ask(question, history, today=day, stop=stop))


def _lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as stream:
            for number, line in enumerate(lines(stream), start=1):
                if line is None or line.strip():
                    yield number, line
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "check the path") from error


def _object(line: bytes | None) -> dict[str, object]:
    if line is None:
        raise InputError("the line is too long")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the line is not JSON ({error})") from error
    if not isinstance(row, dict):
        raise InputError("the line is not a JSON object")
    return row


def _asked(row: dict[str, object]) -> tuple[str, list[Turn]]:
    question, history = row.get("question"), row.get("history") or []
    if not isinstance(question, str):
        raise InputError("`question` is missing or not text")
    if not isinstance(history, list):
        raise InputError("`history` is not a list")
    turns = []
    for turn in history:
        if not (isinstance(turn, dict) and isinstance(turn.get("question"), str)):
            raise InputError('`history` is not a list of {"question", "answer"}')
        turns.append(Turn(turn["question"], str(turn.get("answer") or "")))
    return clean(question), turns
