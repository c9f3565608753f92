"""The times that a question or an article names, in Indonesian and English. Pure: today is passed in.

"Kemarin", "sebelum Mei", "antara 10 dan 12 Maret" and "on 4 September 2023" are periods of days. A name that
only looks like a time, such as Stadion 10 November, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from rag.asking.forms import (
    A_MONTH,
    A_YEAR,
    AFTER,
    AGO,
    BEFORE,
    BETWEEN,
    COUNTS,
    DATES,
    DAYS_MONTH,
    IN_MONTH,
    IN_YEAR,
    LATELY,
    LEADING,
    MONTH_YEAR,
    NEWEST,
    OF_A_LAW,
    ON_WEEKDAY,
    POINT_PARTS,
    SINCE,
    SLASHED,
    SPAN,
    UNITS,
    WORDS,
)
from rag.asking.named import Known, without_names
from rag.text.calendar import WEEKDAYS, days_of, month, shifted, weekday


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included; with `newest`, what came last before `last`.

    `rest` is the question without its words for the time: no article says "kemarin" of its own day. Words
    that articles do say, such as "2010" of "sebelum 2010", stay in it and are `words`.
    """

    first: date
    last: date
    rest: str
    newest: bool = False
    words: str = field(default="", compare=False)

    @property
    def long(self) -> bool:
        """Whether it is more than a year, so that its days say little of what is asked."""
        return (self.last - self.first).days > A_YEAR

    def holds(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class _Time:
    """A time where it stands, `start` to `end` of the text; with `kept`, words that articles have, too."""

    start: int
    end: int
    first: date
    last: date
    kept: bool = False


def period(question: str, today: date, known: Known = lambda name: False) -> Period | None:
    """The time that a question names, None where it names none. A day without a year is the last such.

    A name that is `known` is no time, though a day or a month stands in it.
    """
    text = without_names(question, known)
    for read in (_spans, _days, _months, _weekdays, _ago, _lately, _in_words, _years):
        for time in read(text, today):
            return _asked(question, text, time, today)
    if match := NEWEST.search(text):
        time = _Time(*match.span(), date.min, today)
        return replace(_asked(question, text, time, today), first=date.min, last=today, newest=True)
    return None


def days_in(text: str, year: int) -> set[date]:
    """The days that a text names; one without a year is taken to be of `year`."""
    end = date(min(max(year, date.min.year), date.max.year), 12, 31)
    found = {time.first for time in _days(text, end)}
    for match in DAYS_MONTH.finditer(text):
        first, last = (_day(match[name], match["m"], match["y"], end) for name in "ed")
        if first and last and first < last:
            found |= {shifted(first, number) for number in range((last - first).days)}
    return found


def names_all(text: str, when: Period) -> bool:
    """Whether the time is a whole year or month, and the text names it; a month with its year or without."""
    if when.first.day != 1 or (when.last < date.max and shifted(when.last, 1).day != 1):
        return False
    if when.first.year != when.last.year:
        return False
    if when.first.month != when.last.month:
        return re.search(rf"(?<!\d){when.first.year}(?!\d)", text) is not None
    named = (match for match in IN_MONTH.finditer(text) if month(match["m"]) == when.first.month)
    with_year = {(match["y"], month(match["m"])) for match in MONTH_YEAR.finditer(text)}
    return (str(when.first.year), when.first.month) in with_year or (not with_year and any(named))


# --- times -----------------------------------------------------------------------------------------


def _asked(question: str, text: str, time: _Time, today: date) -> Period:
    """The period that a time and the words before it mean, and the question without both."""
    start, first, last = time.start, time.first, time.last
    operator = ""
    while word := re.search(r"(\S{1,20})\s{1,3}\Z", text[max(0, start - 24) : start]):
        said = word[1].lower().strip(",")
        if said in (*BEFORE, *SINCE, *AFTER) and not operator:
            operator = said
        elif said not in LEADING and said not in WEEKDAYS:
            break
        start -= len(word[0])
    if operator in BEFORE:
        first, last = date.min, shifted(first, -1)
    elif operator in SINCE:
        last = max(last, today)
    elif operator in AFTER:
        first, last = shifted(last, 1), max(shifted(last, 1), today)
    if time.kept:
        return Period(first, last, question, words=text[time.start : time.end])
    rest = " ".join(f"{question[:start]} {question[time.end :]}".split()).replace(" ?", "?")
    return Period(first, last, rest or question)


def _spans(text: str, today: date) -> Iterator[_Time]:
    """From one day, month or year to another: "10-12 Maret", "antara 2020 dan 2022", "from 3 to 5 June"."""
    for match in SPAN.finditer(text):
        if match["by"].strip().lower() in ("dan", "and") and (match["lead"] or "").lower() not in BETWEEN:
            continue
        one, other = _point(match["a"], today), _point(match["b"], today)
        if match["y"]:
            other = replace(other, year=int(match["y"]))
        if found := _between(one, other, today):
            yield _Time(*match.span(), *found, kept=one.month is None and other.month is None)


def _days(text: str, today: date) -> Iterator[_Time]:
    """The days that are written out."""
    for form in DATES:
        for match in form.finditer(text):
            parts = match.groupdict()
            day, number = parts["d"] or parts["d2"], parts["m"] or parts["m2"]
            if (found := _day(day, number, parts["y"], today)) is not None:
                yield _Time(*match.span(), found, found)


def _months(text: str, today: date) -> Iterator[_Time]:
    """Months with a year, and after a word for time without one: the last that has begun."""
    for match in MONTH_YEAR.finditer(text):
        if found := days_of(_year_of(match["y"], today), month(match["m"]) or 1):
            yield _Time(*match.span(), *found)
    for match in IN_MONTH.finditer(text):
        number = month(match["m"]) or 1
        # English "may" is a word, too.
        if match["m"] != "may" and (found := days_of(today.year - (number > today.month), number)):
            yield _Time(match.start("m"), match.end(), *found)


def _weekdays(text: str, today: date) -> Iterator[_Time]:
    """The last such day, today among them; with "lalu" before today, with "pekan lalu" in the week before."""
    for match in ON_WEEKDAY.finditer(text):
        lead, said, week = ((match[name] or "").strip().lower() for name in ("lead", "w", "week"))
        tail, number = (match["tail"] or "").split()[-1:], weekday(match["w"]) or 0
        # "minggu lalu" is last week, "pada Minggu" a Sunday.
        sunday = week or lead == "hari" or (match["w"][0].isupper() and lead not in ("", "this", "last"))
        if said == "minggu" and not sunday:
            continue
        if not (lead or week or tail) and re.match(r" [A-Z\0]", text[match.end() : match.end() + 2]):
            continue  # "Jumat Agung" is a name
        monday = shifted(today, -today.weekday())
        if week or lead == "this" or tail == ["ini"]:
            gone = week.endswith(("lalu", "kemarin")) or week.startswith("last")
            found = shifted(monday, number - 7 * gone)
        else:
            back = (today.weekday() - number) % 7
            found = shifted(today, -(back or 7 * (lead == "last" or bool(tail))))
        inside = lead in ("hari", "on", "last", "this", "pada")
        yield _Time(match.start() if inside else match.start("w"), match.end(), found, found)


def _ago(text: str, today: date) -> Iterator[_Time]:
    """So many days ago, and the week, the month or the year that was so many ago."""
    for match in AGO.finditer(text):
        number, unit = _count(match["n"]), match["u"] or match["one"]
        yield _Time(*match.span(), *_back(today, number, unit))


def _lately(text: str, today: date) -> Iterator[_Time]:
    """The last so many days, weeks, months or years."""
    for match in LATELY.finditer(text):
        number, unit = _count(match["n"] or match["n2"]), match["u"] or match["u2"] or match["one"]
        days = {"d": 1, "w": 7, "m": A_MONTH, "y": A_YEAR}[UNITS[unit.lower().rstrip("s")]]
        # "Dalam tiga tahun terakhir" is what articles say, too.
        yield _Time(*match.span(), shifted(today, -number * days), today, kept=days > A_MONTH)


def _in_words(text: str, today: date) -> Iterator[_Time]:
    """Yesterday, last week, this month."""
    for form, days in WORDS:
        for match in form.finditer(text):
            yield _Time(*match.span(), *_relative(days, today))


def _years(text: str, today: date) -> Iterator[_Time]:
    """A year after a word for time. It may well stand in the article, and in the sentence that answers."""
    for match in IN_YEAR.finditer(text):
        found = days_of(int(match["y"]))
        if found and not OF_A_LAW.search(text[max(0, match.start() - 30) : match.start()]):
            yield _Time(match.start("y"), match.end(), *found, kept=True)


# --- what is left unsaid ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Point:
    """One end of a span, as far as it is said."""

    day: int | None = None
    month: int | None = None
    year: int | None = None


def _point(written: str, today: date) -> _Point:
    if slashed := SLASHED.fullmatch(written):
        found = _day(slashed["d"], slashed["m"], slashed["y"], today)
        return _Point(found.day, found.month, found.year) if found else _Point()
    match = POINT_PARTS.fullmatch(written)
    if match is None:
        return _Point()
    day, year = match["d"] or match["d2"], match["y"] or match["y2"] or match["y3"]
    name = match["m"] or match["m2"]
    return _Point(int(day) if day else None, month(name) if name else None, int(year) if year else None)


def _between(one: _Point, other: _Point, today: date) -> tuple[date, date] | None:
    """The first and the last day of a span; what one end leaves out is the other one's."""
    if one.month is None and other.month is None:
        if one.day or other.day or not (one.year and other.year):
            return None
        first, last = days_of(one.year), days_of(other.year)
        return (first[0], last[1]) if first and last and first <= last else None
    if (one.month is None and one.day is None) or (other.month is None and other.day is None):
        return None
    months = one.month or other.month or 1, other.month or one.month or 1
    # "Desember sampai Februari" ends in the next year.
    turns = int(months[0] > months[1])
    year = one.year or (other.year - turns if other.year else None)
    if year is None:
        begins = days_of(today.year, months[0], one.day)
        year = today.year if begins and begins[0] <= today else today.year - 1
    first = days_of(year, months[0], one.day)
    last = days_of(other.year or year + turns, months[1], other.day)
    return (first[0], last[1]) if first and last and first[0] <= last[1] else None


def _day(day: str, name: str, year: str | None, today: date) -> date | None:
    """A day as it is written; without a year the last such. None for one that no calendar has."""
    number, written = (int(name) if name.isdecimal() else month(name) or 0), int(day)
    if number > 12 >= written:
        number, written = written, number
    found = days_of(_year_of(year, today), number, written)
    if found and year is None and found[0] > today:
        found = days_of(today.year - 1, number, written)
    return found[0] if found else None


def _year_of(written: str | None, today: date) -> int:
    """A year as it is written: "24" is in this century, unless that is far ahead."""
    said = (written or "").lower()
    if not said.isdecimal():
        return today.year - (said.startswith("last") or said.endswith("lalu"))
    if len(said) > 2:
        return int(said)
    return 2000 + int(said) if 2000 + int(said) <= today.year + 10 else 1900 + int(said)


def _count(written: str | None) -> int:
    return int(written) if written and written.isdecimal() else COUNTS.get((written or "").lower(), 1)


def _back(today: date, number: int, unit: str) -> tuple[date, date]:
    """The day, week, month or year that was so many ago."""
    kind = UNITS[unit.lower().rstrip("s")]
    if kind == "d":
        return shifted(today, -number), shifted(today, -number)
    if kind == "w":
        monday = shifted(today, -today.weekday() - 7 * number)
        return monday, shifted(monday, 6)
    if kind == "m":
        year, before = divmod(today.year * 12 + today.month - 1 - number, 12)
        return days_of(year, before + 1) or (date.min, date.min)
    return days_of(today.year - number) or (date.min, date.min)


def _relative(days: tuple[int, int] | str, today: date) -> tuple[date, date]:
    if isinstance(days, tuple):
        return shifted(today, days[0]), shifted(today, days[1])
    which, unit = days.split()
    return _back(today, int(which == "last"), unit)
