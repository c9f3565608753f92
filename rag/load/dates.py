"""The dates of one input: each is read where it is certain, and where the others decide it.

`10/3/2024` is the tenth of March in one export and the third of October in another. Which one it is tell
those of its dates that have one meaning only, `21/10/2025` or `10/21/2025`. What stays uncertain leaves its
article without a date, and with a line that says so.
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
"""The first year that is believed unsaid: before it a date is most likely a clock that was never set, or a
template's. An older article's own text names its year."""
AHEAD = timedelta(days=1)
"""How far ahead of this machine's day a date may lie: somewhere it is tomorrow already."""
MOST_HELD, MOST_CHARACTERS = 10_000, 32_000_000
"""Articles, and their text, that wait at most for a later date to decide an earlier one."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """An article with a date that may be two days. `source` has the date that counts if neither is meant."""

    source: Source
    written: str

    @property
    def place(self) -> str:
        """Where it stands, as a source's."""
        return self.source.place


Found = Source | Refusal | Undecided


class Dates:
    """What is known of the dates of one input, which grows as they are read."""

    def __init__(self, today: date | None = None) -> None:
        self._today = today or datetime.now(UTC).date()
        self._orders: set[Order] = set()

    def learn(self, written: object) -> None:
        """Takes note of the order that a date has for certain."""
        self._note(self._readings(written))

    def day(self, written: object) -> str | None:
        """What one date means by itself or by what is known now, None where that cannot be told."""
        return self._meant(self._readings(written))

    def dated(self, source: Source, written: Sequence[object]) -> Source | Undecided:
        """`source` with the first of the dates that can be read and believed.

        They are tried in order, and what `source` has of its own counts after them. A note says where none
        can be used; an article of which the rest of the input may decide comes as Undecided.
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
        """The article, by what is known now."""
        return self._decide(found) if isinstance(found, Undecided) else found

    def settled(self, found: Iterable[Found]) -> Iterator[Source | Refusal]:
        """The same in the same order, with every date decided: what comes after an undecided one waits for
        the input's end, or until too much is waiting."""
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
    """`source` with one more thing to tell of it."""
    return replace(source, note=f"{source.note}; {note}" if source.note else note)


def _size(found: Found) -> int:
    if isinstance(found, Refusal):
        return 0
    return len(found.source.text if isinstance(found, Undecided) else found.text)


def _short(written: object) -> str:
    return repr(" ".join(str(written).split())[:40])
