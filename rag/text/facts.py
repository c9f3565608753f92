"""The numbers, amounts of money, dates, times and weekdays of a text, in one spelling for both languages.

`1.800`, `1,800` and `seribu delapan ratus` are one number; `Rabu (22/10/2025)` and `Wednesday, October 22,
2025` one date. Where a form can be read in two ways, a mention has both readings. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from rag.text.numerals import SCALES, Spelled, spelled
from rag.types import Language


@dataclass(frozen=True, slots=True)
class Mention:
    """A fact where it stands in the text, `start` to `end`, and its possible readings."""

    start: int
    end: int
    readings: frozenset[str]


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "Januari January Jan",
            "Februari February Feb Pebruari",
            "Maret March Mar",
            "April Apr",
            "Mei May",
            "Juni June Jun",
            "Juli July Jul",
            "Agustus August Aug Agu Ags",
            "September Sep Sept",
            "Oktober October Oct Okt",
            "November Nov Nop",
            "Desember December Dec Des",
        ),
        start=1,
    )
    for name in names.split()
}
_DAYS = {
    name: number
    for number, names in enumerate(
        (
            "Senin Monday",
            "Selasa Tuesday",
            "Rabu Wednesday",
            "Kamis Thursday",
            "Jumat Jum'at Friday",
            "Sabtu Saturday",
            "Minggu Ahad Sunday",
        )
    )
    for name in names.split()
}
_CURRENCIES = {
    "IDR": r"Rp\.?|IDR|rupiah",
    "USD": r"US\$|USD|\$|dol(?:l)?ars?(?: AS)?|bucks",
    "EUR": r"€|EUR|euros?",
    "GBP": r"£|GBP|pounds?(?: sterling)?|poundsterling",
    "JPY": r"¥|JPY|yen",
    "CNY": r"CNY|yuan",
    "MYR": r"RM|MYR|ringgit",
    "SGD": r"S\$|SGD",
    "AUD": r"A\$|AUD",
}

_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_LONG = "|".join(name for name in _MONTHS if len(name) > 3)
_YEAR = r"(?:\s*,?\s+(?P<y>(?:1\d|20|21)\d\d)\b)?"
_TH = r"(?:st|nd|rd|th)?"
_ISO = re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b")
_SLASHED = re.compile(
    r"\b(?P<d>\d{1,2})([/-])(?P<m>\d{1,2})\2(?P<y>\d{4}|\d{2})\b|\((?P<d2>\d{1,2})/(?P<m2>\d{1,2})\)"
)
_RANGE = re.compile(
    rf"\b(?P<d>\d{{1,2}}){_TH}\s*(?:-|–|/|sampai|hingga|dan|to|and|until)\s*(?P<e>\d{{1,2}}){_TH}"
    rf"(?:\s+of)?\s+(?P<m>{_MONTH})\b\.?{_YEAR}"
)
_DAY_MONTH = re.compile(rf"\b(?P<d>\d{{1,2}}){_TH}(?:\s+of)?\s+(?P<m>{_MONTH})\b\.?{_YEAR}")
_MONTH_DAY = re.compile(rf"\b(?P<m>{_MONTH})\b\.?\s+(?P<d>\d{{1,2}}){_TH}(?![\d:]|[.,]\d){_YEAR}")
_MONTH_YEAR = re.compile(rf"\b(?P<m>{_MONTH})\b\.?\s*,?\s+(?P<y>(?:1\d|20|21)\d\d)\b")
_ALONE = re.compile(
    rf"\b(?P<m>{_LONG}|(?:(?<=\b[Ii]n )|(?<=\bof )|(?<=pada )|(?<=bulan )|(?<=last ))(?:May|Mei))\b"
)
_WEEKDAY = re.compile(rf"\b({'|'.join(_DAYS)})\b")
_TIME = re.compile(
    r"(?P<before>\b(?:pukul|jam|at)\s+)?\b(?P<h>[012]?\d)(?:(?P<s>[.:])(?P<min>[0-5]\d))?"
    r"(?![\d/]|[.,:]\d)\s*(?P<after>[ap]\.?\s?m\b\.?|WIB|WITA|WIT|Wita|Wib|GMT|UTC|local time"
    r"|pagi|siang|sore|malam)?",
)
_PARTS = ("pagi", "siang", "sore", "malam")
_CURRENCY = "|".join(_CURRENCIES.values())
_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?:(?P<c>{_CURRENCY})\s?)?(?<!\d)(?<!\d[.,])(?P<n>\d+(?:[.,]\d+)*)(?:[-\s]?(?P<s>{_SCALE})\b)?"
    rf"(?:[-\s](?P<c2>{_CURRENCY})(?!\w))?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s*(?:-|–|—|sampai|hingga|s\.d\.|to|and|dan|atau|or)\s*(?:Rp\.?\s?|US\$|\$)?", re.IGNORECASE
)


def facts(text: str, language: Language) -> list[Mention]:
    """Every number, amount, date, time and weekday of a text in this language, in order."""
    found: list[Mention] = []
    text = _take(text, found, (_ISO, _SLASHED), _dates)
    forms = [_RANGE, _DAY_MONTH, _MONTH_DAY, _MONTH_YEAR, _ALONE]
    # "Sejak Januari 21 pasien meninggal": the day stands before the month in Indonesian, always.
    forms = forms if language == "en" else [form for form in forms if form is not _MONTH_DAY]
    text = _take(text, found, forms, _dates)
    text = _take(text, found, (_WEEKDAY,), lambda match: {f"w:{_DAYS[match[1]]}"})
    text = _take(text, found, (_TIME,), _times)
    found += _numbers(text, language)
    for each in spelled(text):
        found.append(Mention(each.start, each.end, frozenset(_amounts(text, each))))
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
    currencies = [code for code, form in _CURRENCIES.items() if re.search(form, text, re.IGNORECASE)]
    plain = [reading[2:] for mention in mentions for reading in mention.readings if reading[:2] == "n:"]
    return said | {f"m:{code}:{value}" for code in currencies for value in plain}


def _take(
    text: str,
    found: list[Mention],
    forms: Sequence[re.Pattern[str]],
    read: Callable[[re.Match[str]], set[str]],
) -> str:
    """Adds what these forms find, and blanks it out, so that no digit is counted twice."""
    for form in forms:
        for match in list(form.finditer(text)):
            if readings := read(match):
                parts = [Mention(*match.span(), frozenset({each})) for each in sorted(readings)]
                # The two ends of a range are two facts, two readings of one form are one.
                found += parts if form is _RANGE else [Mention(*match.span(), frozenset(readings))]
                text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    return text


def _dates(match: re.Match[str]) -> set[str]:
    parts = match.groupdict()
    day, month, year = (parts.get(name) or parts.get(f"{name}2") for name in "dmy")
    number = _MONTHS.get(month or "") or int(month or 0)
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
    matches = list(_NUMBER.finditer(text))
    scaled = dict.fromkeys(range(len(matches)), Decimal(1))
    for place, (first, second) in enumerate(pairwise(matches)):
        # Of "2 to 3 million" the first number may be millions, too.
        if not first["s"] and second["s"] and _BETWEEN.fullmatch(text[first.end() : second.start()]):
            scaled[place] = SCALES[second["s"].lower()]
    for place, match in enumerate(matches):
        own = SCALES[match["s"].lower()] if match["s"] else Decimal(1)
        values = {
            value * by
            for value in _values(match["n"], language)
            for by in {own, scaled[place]} - ({Decimal(1)} if own != 1 else set())
        }
        code = _code(match["c"] or match["c2"])
        readings = {f"m:{code}:{_plain(v)}" if code else f"n:{_plain(v)}" for v in values}
        if match["c"] is None and (clock := re.fullmatch(r"([012]?\d)\.([0-5]\d)", match["n"])):
            readings.add(f"t:{int(clock[1]) % 24:02}{clock[2]}")
        yield Mention(*match.span(), frozenset(readings))


def _values(digits: str, language: Language) -> set[Decimal]:
    """A number as this language writes it, and where that is the other's way, as that does, too."""
    thousands = "." if language == "id" else ","
    marks = [mark for mark in digits if not mark.isdigit()]
    if not marks:
        return {Decimal(digits)}
    *front, last = re.split(r"[.,]", digits)
    grouped = all(len(group) == 3 for group in [*front[1:], last]) and len(front[0]) <= 3
    if len(set(marks)) == 2:
        return {Decimal("".join(front) + "." + last)}
    if len(marks) > 1:
        return {Decimal("".join(front) + last)}
    decimal, whole = Decimal(f"{front[0]}.{last}"), Decimal(front[0] + last)
    if not grouped or front[0] == "0":
        return {decimal}
    return {whole} if marks[0] == thousands else {whole, decimal}


def _amounts(text: str, number: Spelled) -> set[str]:
    after = re.match(rf"\s+({_CURRENCY})(?!\w)", text[number.end :], re.IGNORECASE)
    code = _code(after[1]) if after else None
    return {f"m:{code}:{_plain(number.value)}" if code else f"n:{_plain(number.value)}"}


def _code(currency: str | None) -> str | None:
    if currency is None:
        return None
    return next(code for code, form in _CURRENCIES.items() if re.fullmatch(form, currency, re.IGNORECASE))


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
