"""Decide which days the dates of one input mean.

`10/3/2024` is the tenth of March in one export and the third of October in another. Dates of the same input
that can have one meaning only, such as `21/10/2025` or `10/21/2025`, show which order it uses. If a date
stays uncertain, its article gets no date, and a note says so.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from rag.load.forms import Order, Readings, day_of, readings
from rag.types import Refusal, Source

OLDEST = 1990
"""A date before this year counts only if the article's text names the year too. Otherwise it most likely
comes from a clock that was never set, or from a template."""
AHEAD = timedelta(days=1)
"""How far a date may lie in the future: in some time zones it is tomorrow already."""
MOST_HELD, MOST_CHARACTERS = 10_000, 32_000_000
"""How many articles, and how many characters of text in all, may wait for a later date to decide an earlier
one."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """An article whose date may mean two days.

    `source` has the date that counts if `written`, the date as the input has it, stays undecided.
    """

    source: Source
    written: str

    @property
    def place(self) -> str:
        """Where the article was found, as in `Source`."""
        return self.source.place


Found = Source | Refusal | Undecided
"""What reading one article gives."""


class Dates:
    """The orders (day first, month first) that the dates of one input have shown so far."""

    def __init__(self, today: date | None = None) -> None:
        self._today = today or datetime.now(UTC).date()
        self._orders: set[Order] = set()

    def learn(self, written: object) -> None:
        """Remember the order of a date that can be read in one order only."""
        self._note(self._readings(written))

    def day(self, written: object) -> str | None:
        """The ISO date that `written` means by itself, or by the order known so far; else None."""
        return self._meant(self._readings(written))

    def dated(self, source: Source, written: Sequence[object]) -> Source | Undecided:
        """Give `source` the first of the dates `written` that can be read and is plausible.

        If there is none, `source` keeps the date that it has; if it has none, a note says why. An article
        whose date the rest of the input may decide is returned as Undecided.
        """
        undecided: str | None = None
        reasons: list[str] = []
        for each in written:
            if each is None or each == "":
                continue
            found = self._readings(each)
            self._note(found)
            day = self._meant(found)
            if day is None and found:
                undecided = undecided or str(each)
                continue
            why = "cannot be read as a date" if day is None else self._doubt(day, source)
            if day is not None and why is None:
                return replace(source, published=day)
            reasons.append(f"`published` {why}: {_short(each)}")
        if undecided is not None:
            return Undecided(source, undecided)
        if reasons and source.published is None:
            return noted(source, f"{reasons[0]}; it is left out")
        return source

    def _decide(self, undecided: Undecided) -> Source:
        source = undecided.source
        day = self._meant(self._readings(undecided.written))
        if day is None:
            if source.published is not None:
                return source
            what = f"may be two days: {_short(undecided.written)}"
        else:
            why = self._doubt(day, source)
            if why is None:
                return replace(source, published=day)
            what = f"{why}: {_short(undecided.written)}"
        return noted(source, f"`published` {what}; it is left out")

    def decided(self, found: Source | Undecided) -> Source:
        """The article, with an undecided date decided by the order known so far."""
        return self._decide(found) if isinstance(found, Undecided) else found

    def settled(self, found: Iterable[Found]) -> Iterator[Source | Refusal]:
        """Yield `found` in the same order, with every date decided.

        Everything after an undecided article waits for the end of the input, or until too much is waiting.
        """
        held: deque[Found] = deque()
        size = 0
        for each in chain(found, (None,)):
            if each is not None:
                held.append(each)
                size += _size(each)
            while held and (
                each is None
                or not isinstance(held[0], Undecided)
                or len(held) > MOST_HELD
                or size > MOST_CHARACTERS
            ):
                first = held.popleft()
                size -= _size(first)
                yield first if isinstance(first, Refusal) else self.decided(first)

    def _note(self, found: Readings) -> None:
        if len(found) == 1 and (order := next(iter(found))):
            self._orders.add(order)

    def _readings(self, written: object) -> Readings:
        return readings(written, self._today)

    def _meant(self, found: Readings) -> str | None:
        days = {*found.values()}
        if len(days) == 1:
            return next(iter(days))
        if len(self._orders) == 1:
            return found.get(next(iter(self._orders)))
        return None

    def _doubt(self, published: str, source: Source) -> str | None:
        day = day_of(published)
        if day > self._today + AHEAD:
            return "lies in the future"
        said = f"{source.title or ''} {source.text}"
        if day.year < OLDEST and not re.search(rf"(?<!\d){day.year}(?!\d)", said):
            return f"is before {OLDEST}, and the text does not name that year"
        return None


def noted(source: Source, note: str) -> Source:
    """`source` with `note` added to its notes."""
    return replace(source, note=f"{source.note}; {note}" if source.note else note)


def _size(found: Found) -> int:
    if isinstance(found, Refusal):
        return 0
    return len(found.source.text if isinstance(found, Undecided) else found.text)


def _short(written: object) -> str:
    return repr(" ".join(str(written).split())[:40])
