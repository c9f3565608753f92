"""The numbers, amounts of money, dates, times and weekdays of a text, in one spelling for both languages.

`1.800`, `1,800` and `seribu delapan ratus` are one number; `Rabu (22/10/2025)` and `Wednesday, October 22,
2025` one date. Where a form can be read in two ways, a mention has both readings. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag.text.calendar import MONTHS, WEEKDAYS, alternatives, weekday
from rag.text.numerals import CURRENCIES, CURRENCY, currency, numbers, spelled
from rag.types import Language


@dataclass(frozen=True, slots=True)
class Mention:
    """A fact at `start` to `end` of the text, with its possible readings."""

    start: int
    end: int
    readings: frozenset[str]


_MONTH = alternatives(MONTHS, capital=True)
"""The name of a month, with a capital, as an alternative for each spelling."""
_LONG = alternatives(MONTHS, 4, capital=True)
"""The same without the shortest spellings, which are other words too."""
_YEAR = r"(?:\s{0,2},?\s{1,2}(?P<y>(?:1\d|20|21)\d\d)\b)?"
"""A year that may follow a date."""
_TH = r"(?:st|nd|rd|th)?"
"""The ending of an English ordinal."""
_ISO = re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b")
"""A date in ISO 8601."""
_SLASHED = re.compile(
    r"\b(?P<d>\d{1,2})([/-])(?P<m>\d{1,2})\2(?P<y>\d{4}|\d{2})\b|\((?P<d2>\d{1,2})/(?P<m2>\d{1,2})\)"
)
"""A date in numbers: 22/10/2025, 22-10-25, or (22/10) in brackets."""
_RANGE = re.compile(
    rf"\b(?P<d>\d{{1,2}}){_TH}\s*(?:-|–|/|sampai|hingga|dan|to|and|until)\s*(?P<e>\d{{1,2}}){_TH}"
    rf"(?:\s+of)?\s+(?P<m>{_MONTH})\b\.?{_YEAR}"
)
"""Two days of one month: "10-12 Maret"."""
_DAY_MONTH = re.compile(rf"\b(?P<d>\d{{1,2}}){_TH}(?:\s+of)?\s+(?P<m>{_MONTH})\b\.?{_YEAR}")
"""A day before its month."""
_MONTH_DAY = re.compile(rf"\b(?P<m>{_MONTH})\b\.?\s+(?P<d>\d{{1,2}}){_TH}(?![\d:]|[.,]\d){_YEAR}")
"""A day after its month, as in English."""
_MONTH_YEAR = re.compile(rf"\b(?P<m>{_MONTH})\b\.?\s{{0,2}},?\s{{1,2}}(?P<y>(?:1\d|20|21)\d\d)\b")
"""A month and its year, without a day."""
_ALONE = re.compile(
    rf"\b(?P<m>{_LONG}|(?:(?<=\b[Ii]n )|(?<=\bof )|(?<=pada )|(?<=bulan )|(?<=last ))(?:May|Mei))\b"
)
"""A month without a day. "May" and "Mei" are words and names too, so they count only after certain words."""
_WEEKDAY = re.compile(rf"\b({alternatives(WEEKDAYS, capital=True)})\b")
"""The name of a weekday."""
_TIME = re.compile(
    r"(?P<before>\b(?:pukul|jam|at)\s+)?\b(?P<h>[012]?\d)(?:(?P<s>[.:])(?P<min>[0-5]\d))?"
    r"(?![\d/]|[.,:]\d)\s*(?P<after>[ap]\.?\s?m\b\.?|WIB|WITA|WIT|Wita|Wib|GMT|UTC|local time"
    r"|pagi|siang|sore|malam)?",
)
"""A time of day, if a word before or after it says so."""
_PARTS = ("pagi", "siang", "sore", "malam")
"""Parts of the day that tell a time only with a word before the number or with minutes."""
_NAMED = re.compile(rf"\s{{1,3}}({CURRENCY})(?!\w)", re.IGNORECASE)
"""A currency after a number in words."""
_CLOCK = re.compile(r"([012]?\d)\.([0-5]\d)")
"""Hours and minutes with a full stop between them, which look like a decimal number."""


def facts(text: str, language: Language) -> list[Mention]:
    """Every number, amount, date, time and weekday of a text in this language, in order."""
    found: list[Mention] = []
    text = _take(text, found, (_ISO, _SLASHED), _dates)
    forms = [_RANGE, _DAY_MONTH, _MONTH_DAY, _MONTH_YEAR, _ALONE]
    # "Sejak Januari 21 pasien meninggal": the day stands before the month in Indonesian, always.
    forms = forms if language == "en" else [form for form in forms if form is not _MONTH_DAY]
    text = _take(text, found, forms, _dates)
    text = _take(text, found, (_WEEKDAY,), lambda match: {f"w:{weekday(match[1])}"})
    text = _take(text, found, (_TIME,), _times)
    found += _numbers(text, language)
    for each in spelled(text):
        after = _NAMED.match(text, each.end)
        code = currency(after[1]) if after else None
        found.append(Mention(each.start, each.end, frozenset({_amount(each.value, code)})))
    return sorted(found, key=lambda mention: mention.start)


def implied(text: str, mentions: list[Mention], published: str | None = None) -> set[str]:
    """All that a claim may say when it rests on a text with these facts.

    A date implies the month and the year; an amount its number; a day without a year, that of `published`.
    """
    said = {reading for mention in mentions for reading in mention.readings}
    for reading in list(said):
        kind, _, value = reading.partition(":")
        if kind == "d":
            year, month, day = value.split("-")
            years = {year, ""} | ({published[:4]} if published and not year else set())
            said |= {f"d:{y}-{m}-{d}" for y in years for m, d in ((month, day), (month, "")) if y or m}
            # Days and years are also said as plain numbers: "sampai tanggal 18", "sejak 2017".
            said |= {f"n:{int(each)}" for each in (year, day) if each}
        elif kind == "m":
            said.add(f"n:{value.partition(':')[2]}")
        elif kind == "t":
            said.add(f"n:{int(value[:2])}")
    currencies = [code for code, form in CURRENCIES.items() if re.search(form, text, re.IGNORECASE)]
    plain = [reading[2:] for mention in mentions for reading in mention.readings if reading[:2] == "n:"]
    return said | {f"m:{code}:{value}" for code in currencies for value in plain}


def _take(
    text: str,
    found: list[Mention],
    forms: Sequence[re.Pattern[str]],
    read: Callable[[re.Match[str]], set[str]],
) -> str:
    """Adds the mentions that these forms find, and blanks them out, so that no digit counts twice."""
    for form in forms:
        left: list[str] = []
        at = 0
        for match in form.finditer(text):
            if readings := read(match):
                parts = [Mention(*match.span(), frozenset({each})) for each in sorted(readings)]
                # The two ends of a range are two facts, two readings of one form are one.
                found += parts if form is _RANGE else [Mention(*match.span(), frozenset(readings))]
                left += text[at : match.start()], " " * len(match[0])
                at = match.end()
        text = "".join((*left, text[at:]))
    return text


def _dates(match: re.Match[str]) -> set[str]:
    parts = match.groupdict()
    day, month, year = (parts.get(name) or parts.get(f"{name}2") for name in "dmy")
    number = MONTHS.get((month or "").lower()) or int(month or 0)
    days = [int(each) for each in (day, parts.get("e")) if each]
    if not 1 <= number <= 12 and days and days[0] <= 12:
        number, days[0] = days[0], number
    if not 1 <= number <= 12 or any(not 1 <= each <= 31 for each in days):
        return set()
    full = f"20{year}" if year and len(year) == 2 else year or ""
    found = {f"d:{full}-{number}-{each}" for each in days or ("",)}
    if "y" in parts and match.re is _SLASHED and days and days[0] <= 12:
        # 4/5/2024 is the fourth of May here and the fifth of April there.
        found.add(f"d:{full}-{days[0]}-{number}")
    return found


def _times(match: re.Match[str]) -> set[str]:
    hour, minute, after = int(match["h"]), int(match["min"] or 0), (match["after"] or "").lower()
    told = match["before"] and (match["s"] or after)
    # "Tiga hari 2 malam" tells no time, "jam 2 malam" does.
    if hour > 24 or not (told or match["s"] == ":" or (after and after not in _PARTS)):
        return set()
    digits = Decimal(f"{hour}.{minute:02}")
    half = after[:1] if re.match(r"[ap]\.?\s?m", after) else "p" if after in ("sore", "malam") else ""
    if after == "pagi" or (after == "siang" and hour < 6):
        half = "a" if after == "pagi" else "p"
    if half and hour <= 12:
        hour = hour % 12 + 12 * (half == "p")
    found = {f"t:{hour % 24:02}{minute:02}"}
    return found if after[:1] == half != "" else found | {f"n:{_plain(digits)}"}


def _numbers(text: str, language: Language) -> Iterator[Mention]:
    for number in numbers(text, language):
        # Digits that are no number, such as a version's, stay as digits.
        found = number.values or (Decimal(re.sub(r"\D", "", number.digits)),)
        readings = {_amount(value, number.currency) for value in found}
        if number.currency is None and (clock := _CLOCK.fullmatch(number.digits)):
            readings.add(f"t:{int(clock[1]) % 24:02}{clock[2]}")
        yield Mention(number.start, number.end, frozenset(readings))


def _amount(value: Decimal, code: str | None) -> str:
    return f"m:{code}:{_plain(value)}" if code else f"n:{_plain(value)}"


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
