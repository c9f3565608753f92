"""The time that a question asks about, and what was written of it. Pure: today is passed in.

"Kemarin", "minggu ini", "on 4 September 2023" and "terbaru" say which of several articles is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.text.calendar import MONTHS, WEEKDAYS, alternatives, weekday
from rag.types import Evidence, Passage

WIDER = 5
"""Of how many times as many passages those of the time are chosen."""
ENOUGH = 0.25
"""The share of the best sentence's probability that one of the right time must have, to go before it."""
_OPENING = 300
"""Characters in which an article says its day: "pada Minggu (10/3/2024)"."""

_NAMES = alternatives(MONTHS)
_DAY_MONTH = re.compile(rf"(?i)\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_NAMES})\b\.?(?:,? (\d{{4}})\b)?")
_MONTH_DAY = re.compile(rf"(?i)\b({_NAMES})\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)(?:,? (\d{{4}})\b)?")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_MONTH_YEAR = re.compile(rf"(?i)\b({_NAMES})(?: tahun)? (\d{{4}})\b")
_IN_MONTH = re.compile(rf"(?i)\b(?:pada|bulan|di|selama|in|during|since|of)(?: bulan)? ({_NAMES})\b(?! \d)")
_IN_YEAR = re.compile(r"(?i)\b(?:pada|tahun|di|selama|sepanjang|in|during|of)(?: tahun)? ((?:19|20)\d\d)\b")
# "Minggu lalu" is last week, and "hari Minggu" a day.
_NO_WEEK = alternatives({name: number for name, number in WEEKDAYS.items() if name != "minggu"})
_ON_WEEKDAY = re.compile(
    rf"(?i)\b(?:hari|on|last) ({alternatives(WEEKDAYS)})\b(?: (?:lalu|kemarin|ini)\b)?"
    rf"|\b({_NO_WEEK}) (?:lalu|kemarin|ini)\b"
)
_SPOKEN = {
    word: number
    for number, words in enumerate(
        ("dua two", "tiga three", "empat four", "lima five", "enam six", "tujuh seven"), 2
    )
    for word in words.split()
}
_AGO = re.compile(
    rf"(?i)\b(\d{{1,3}}|{'|'.join(_SPOKEN)}) (hari|minggu|pekan|days?|weeks?) (?:yang )?(?:lalu|ago)\b"
)
_NEWEST = re.compile(
    r"(?i)\b(?:terbaru|terkini|termutakhir|paling baru|terakhir|sekarang|saat ini|kini|latest|newest"
    r"|most recent|up to date|currently|right now)\b"
)
_LEADING = re.compile(
    r"(?i)\b(?:(?:pada|tanggal|hari|bulan|sejak|selama|di|akhir|awal|pertengahan|on|in|since|of|the|early|late)\s+)+$"
)
# Each a form and the days from today to its first and last one; None: this or the last week, month, year.
_WORDS: tuple[tuple[re.Pattern[str], tuple[int, int] | str], ...] = tuple(
    (re.compile(rf"(?i)\b(?:{form})\b"), span)
    for form, span in (
        ("hari ini|today|tadi pagi|tadi siang|pagi ini|malam ini|this morning|tonight", (0, 0)),
        ("(?:minggu|pekan) ini|this week", "this week"),
        ("(?:minggu|pekan) (?:lalu|kemarin)|last week", "last week"),
        ("bulan ini|this month", "this month"),
        ("bulan (?:lalu|kemarin)|last month", "last month"),
        ("tahun ini|this year", "this year"),
        ("tahun (?:lalu|kemarin)|last year", "last year"),
        ("kemarin lusa|day before yesterday", (-2, -2)),
        ("kemarin|yesterday|last night|tadi malam|semalam", (-1, -1)),
    )
)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included; with `newest`, what came last before `last`.

    `rest` is the question without its words for the time: no article says "kemarin" of its own day.
    """

    first: date
    last: date
    rest: str
    newest: bool = False

    def holds(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.first <= day <= self.last


def period(question: str, today: date) -> Period | None:
    """The time that a question names, None where it names none. A day without a year is the last such."""
    for where, written in _dated(question):
        if (day := _day(written, today)) is not None:
            return _cut(question, where, day, day)
    if match := _MONTH_YEAR.search(question):
        return _cut(question, match, *_month(int(match[2]), MONTHS[match[1].lower()]))
    # Months without a year are the last that has begun. English "may" is a word too.
    if (match := _IN_MONTH.search(question)) and match[1] != "may":
        month = MONTHS[match[1].lower()]
        return _cut(question, match, *_month(today.year - (month > today.month), month))
    if match := _ON_WEEKDAY.search(question):
        day = today - timedelta((today.weekday() - (weekday(match[1] or match[2]) or 0)) % 7)
        return _cut(question, match, day, day)
    if match := _AGO.search(question):
        number = int(match[1]) if match[1].isdigit() else _SPOKEN[match[1].lower()]
        if match[2].lower().startswith(("hari", "day")):
            return _cut(question, match, today - timedelta(number), today - timedelta(number))
        monday = today - timedelta(today.weekday() + 7 * number)
        return _cut(question, match, monday, monday + timedelta(6))
    for form, days in _WORDS:
        if match := form.search(question):
            return _cut(question, match, *_relative(days, today))
    if match := _IN_YEAR.search(question):
        # A year may well stand in the article, and in the sentence that answers.
        return Period(date(int(match[1]), 1, 1), date(int(match[1]), 12, 31), question)
    if match := _NEWEST.search(question):
        return replace(_cut(question, match, date.min, today), newest=True)
    return None


def published(passage: Passage) -> date | None:
    """The day of its article."""
    try:
        return date.fromisoformat((passage.article.published or "")[:10])
    except ValueError:
        return None


def days_in(text: str, year: int) -> set[date]:
    """The days that a text names; one without a year is taken to be of `year`."""
    end = date(year, 12, 31)
    return {day for _, written in _dated(text) if (day := _day(written, end)) is not None}


def chosen(passages: Sequence[Passage], when: Period | None, limit: int) -> list[Passage]:
    """The passages to read: those of the time, as far as there are any, and else of the day after it, when
    it was written about, and else the best. Of the newest, half of them are the best."""
    if when is None:
        return list(passages[:limit])
    if not when.newest:
        late = replace(when, last=when.last + timedelta(1))
        for time in (when, late):
            if kept := [passage for passage in passages if _of(passage, time)]:
                return kept[:limit]
        return list(passages[:limit])
    best = list(passages[: limit // 2])
    first = sorted(passages, key=lambda passage: published(passage) or date.min, reverse=True)
    return [*best, *(passage for passage in first if passage not in best)][:limit]


def in_time(evidence: Sequence[Evidence], when: Period | None) -> list[Evidence]:
    """The sentences with those of the time first, as far as they are likely enough; else as they were."""
    if when is None or not evidence:
        return list(evidence)
    near = [item for item in evidence if item.score >= ENOUGH * evidence[0].score]
    if when.newest:
        first = sorted(near, key=lambda item: published(item.passage) or date.min, reverse=True)
    else:
        first = [item for item in near if _said(item, when)]
    return [*first, *(item for item in evidence if item not in first)]


def _of(passage: Passage, when: Period) -> bool:
    """Whether a passage's article is from the time, or names a day of it."""
    day = published(passage)
    if day is not None and when.holds(day):
        return True
    year = day.year if day is not None else when.last.year
    text = f"{passage.article.text[:_OPENING]} {passage.text}"
    return any(when.holds(each) for each in days_in(text, year)) or _names_all(text, when)


def _said(item: Evidence, when: Period) -> bool:
    """The same of a sentence: the days that it names itself count before its article's."""
    day = published(item.passage)
    named = days_in(item.quote, day.year if day is not None else when.last.year)
    if named:
        return any(when.holds(each) for each in named)
    return _of(item.passage, when)


def _names_all(text: str, when: Period) -> bool:
    """Whether the time is a whole year or month, and the text names it; a month with its year or without."""
    if (when.first.day, (when.last + timedelta(1)).day) != (1, 1):
        return False
    if when.first.month != when.last.month:
        return re.search(rf"(?<!\d){when.first.year}(?!\d)", text) is not None
    named = (match for match in _IN_MONTH.finditer(text) if MONTHS[match[1].lower()] == when.first.month)
    with_year = {(int(match[2]), MONTHS[match[1].lower()]) for match in _MONTH_YEAR.finditer(text)}
    return (when.first.year, when.first.month) in with_year or (not with_year and any(named))


def _dated(text: str) -> Iterator[tuple[re.Match[str], tuple[int, str, str | None]]]:
    """Each day that is written out: where, and its day, month, and year if it is said."""
    for match in _DAY_MONTH.finditer(text):
        yield match, (int(match[1]), match[2], match[3])
    for match in _MONTH_DAY.finditer(text):
        yield match, (int(match[2]), match[1], match[3])
    for match in _NUMBERS.finditer(text):
        yield match, (int(match[1]), match[2], match[3])
    for match in _ISO.finditer(text):
        yield match, (int(match[3]), match[2], match[1])


def _cut(question: str, match: re.Match[str], first: date, last: date) -> Period:
    before = _LEADING.sub("", question[: match.start()])
    rest = " ".join(f"{before} {question[match.end() :]}".split()).replace(" ?", "?")
    return Period(first, last, rest or question)


def _day(written: tuple[int, str, str | None], today: date) -> date | None:
    day, name, year = written
    month = int(name) if name.isdigit() else MONTHS[name.lower()]
    try:
        if year is not None:
            return date(int(year), month, day)
        found = date(today.year, month, day)
        return found if found <= today else date(today.year - 1, month, day)
    except ValueError:
        return None


def _month(year: int, month: int) -> tuple[date, date]:
    first = date(max(1, min(year, 9998)), month, 1)
    return first, (first + timedelta(31)).replace(day=1) - timedelta(1)


def _relative(days: tuple[int, int] | str, today: date) -> tuple[date, date]:
    if isinstance(days, tuple):
        return today + timedelta(days[0]), today + timedelta(days[1])
    which, what = days.split()
    if what == "week":
        monday = today - timedelta(today.weekday() + (7 if which == "last" else 0))
        return monday, monday + timedelta(6)
    if what == "month":
        last = today.replace(day=1) - timedelta(1)
        return _month(today.year, today.month) if which == "this" else _month(last.year, last.month)
    year = today.year - (which == "last")
    return date(year, 1, 1), date(year, 12, 31)
