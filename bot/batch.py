"""`kutip ask --batch`: questions as JSON lines in, an answer a line out."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import date
from io import UnsupportedOperation
from pathlib import Path
from typing import BinaryIO

from bot.app import App
from bot.day import named_day
from bot.interrupt import still_going, stoppable
from bot.render import as_json
from bot.several import Several
from bot.terminal import clean
from rag.errors import InputError, KutipError
from rag.load import lines
from rag.types import Turn

_Line = tuple[int, bytes | None]
"""A line of the file with its number; None for one that is too long."""


def answer_all(
    app: App, path: Path, today: date | None, failed: Callable[[Exception], None]
) -> Generator[dict[str, object], None, None]:
    """Yield one row for each question, in the file's order; `-` reads standard input.

    A line that cannot be answered gives a row with `error`, and `failed` is called with the reason; the
    others are still answered. Raises InputError at the end if there were such lines, and at once if the file
    cannot be read.
    """
    troubled = total = 0

    def row(line: _Line, stop: threading.Event) -> _Row:
        return _answered(app, line, today, stop)

    several = Several(_lines(path), row, app.at_once)
    try:
        while (made := stoppable(several.next)) is not None:
            total += 1
            if made.error is not None:
                failed(made.error)
                troubled += 1
            yield made.shown
    finally:
        # What was left running after Ctrl-C is not waited for.
        if not still_going():
            several.close()
    if troubled:
        raise InputError(f"{troubled} of {total} questions could not be answered; their lines say why")


@dataclass(frozen=True, slots=True)
class _Row:
    """What is printed, and why it is no answer if it is none."""

    shown: dict[str, object]
    error: Exception | None = None


def _answered(app: App, numbered: _Line, today: date | None, stop: threading.Event) -> _Row:
    number, line = numbered
    id = f"q{number}"
    try:
        row = _object(line)
        id = id if row.get("id") is None else str(row["id"])
        day = named_day(row.get("today")) or today
        question, history = _asked(row)
        return _Row(as_json(app.ask(question, history, today=day, stop=stop), id))
    except Exception as error:
        # One bad line never stops the others.
        said = str(error) if isinstance(error, KutipError) else f"{type(error).__name__}: {error}"
        return _Row({"id": id, "status": "failed", "error": said}, error)


def _lines(path: Path) -> Iterator[_Line]:
    try:
        with _standard_input() if str(path) == "-" else path.open("rb") as stream:
            for number, line in enumerate(lines(stream), start=1):
                if line is None or line.strip():
                    yield number, line
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "check the path") from error


def _standard_input() -> BinaryIO:
    """Standard input with a buffer of its own: Python, as it ends, waits for whoever reads the usual one."""
    try:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except UnsupportedOperation:
        return sys.stdin.buffer


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
