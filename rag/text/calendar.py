"""The calendar in words: months, weekdays, and every spelling that news uses, in both languages. Pure.

The spellings are in small letters; `month` and `weekday` take any case, and an apostrophe of any shape.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date

from rag.types import Language

MONTH_NAMES: Mapping[Language, Sequence[str]] = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split(),
    "en": "January February March April May June July August September October November December".split(),
}
"""The twelve months as an editor writes them, January first."""

WEEKDAY_NAMES: Mapping[Language, Sequence[str]] = {
    "id": "Senin Selasa Rabu Kamis Jumat Sabtu Minggu".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
}
"""The seven weekdays as an editor writes them, Monday first."""


def _numbered(spellings: str, first: int) -> dict[str, int]:
    """Spelling to number: a bar stands between two months or weekdays, a space between two spellings."""
    return {
        word: number for number, words in enumerate(spellings.split("|"), first) for word in words.split()
    }


MONTHS: Mapping[str, int] = _numbered(
    """
    januari january jan | februari pebruari february febuari feb peb | maret march mar | april apr | mei may
    | juni june jun | juli july jul | agustus august agust aug agu agt ags agst | september sept sep
    | oktober october okt oct | november nopember nov nop | desember december des dec
    """,
    1,
)
"""Spelling to month, 1 to 12. English "may", "march" and "mar" are other words too: a reader of prose
looks at the case, or at the words beside them."""

WEEKDAYS: Mapping[str, int] = _numbered(
    """
    senin monday | selasa tuesday | rabu wednesday | kamis thursday | jumat jum'at jumaat friday
    | sabtu saturday | minggu ahad sunday
    """,
    0,
)
"""Spelling to weekday, Monday 0 to Sunday 6, as `date.weekday` counts. Indonesian "minggu" is a week, too."""

SHORT_WEEKDAYS: Mapping[str, int] = _numbered(
    """
    sen mon | sel tue tues | rab wed | kam thu thur thurs | jum fri | sab sat | min mgg ming ahd sun
    """,
    0,
)
"""The short forms that stand in front of dates ("Sen, 4 Sep 2023"). In prose most are other words."""


def alternatives(spellings: Mapping[str, int], shortest: int = 1, *, capital: bool = False) -> str:
    """The spellings of at least `shortest` letters as the alternatives of a pattern, the longest first.

    With `capital` each begins with one. The apostrophe of "jum'at" stands for each shape that it has.
    """
    words = sorted((word for word in spellings if len(word) >= shortest), key=len, reverse=True)
    return "|".join((word.capitalize() if capital else word).replace("'", "['’‘`´]") for word in words)


def month(spelling: str) -> int | None:
    """The number of a month, 1 to 12; None for a word that is no month."""
    return MONTHS.get(spelling.lower().rstrip("."))


def weekday(spelling: str) -> int | None:
    """The number of a weekday, Monday 0, short forms included; None for other words."""
    word = spelling.lower().rstrip(".")
    for mark in "’‘`´":
        word = word.replace(mark, "'")
    found = WEEKDAYS.get(word)
    return SHORT_WEEKDAYS.get(word) if found is None else found


def in_words(day: date, language: Language) -> str:
    """A day as both languages' editors write it: `4 September 2023`."""
    return f"{day.day} {MONTH_NAMES[language][day.month - 1]} {day.year}"


def days_of(year: int, month: int | None = None, day: int | None = None) -> tuple[date, date] | None:
    """The first and the last day of a year, a month or a day; None where the calendar has none."""
    try:
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        first = date(year, month, day or 1)
        return first, first if day else first.replace(day=monthrange(year, month)[1])
    except ValueError:
        return None


def shifted(day: date, days: int) -> date:
    """A day so many days later, at most the calendar's last or first one."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))
