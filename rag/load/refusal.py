"""What a loader yields in an article's place where an input cannot be used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """An input that cannot be used: where it stands, and in one line what is wrong and what to do."""

    place: str
    reason: str
    id: str | None = None
    title: str | None = None
