"""The day on which a question is asked, as `--today` and the lines of a batch name it."""

from __future__ import annotations

from datetime import date

from rag.errors import InputError


def named_day(written: object) -> date | None:
    """The day that `today` names, None where it names none. Raises InputError."""
    if written is None:
        return None
    try:
        return date.fromisoformat(str(written))
    except ValueError as error:
        raise InputError(f"`today` is no day such as 2024-09-10: {str(written)[:40]!r}") from error
