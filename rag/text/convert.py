"""A short answer put into the other language by rule: numbers, units, money, dates, times, countries. Pure.

Only text with one meaning is converted: "187,5 milimeter" becomes "187.5 millimetres", and "tiga entitas" is
None, since no rule covers "entitas". So nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from rag.text.bilingual import ENGLISH, INDONESIAN, units_of, words_of
from rag.text.calendar import (
    MONTH_NAMES,
    MONTHS,
    WEEKDAY_NAMES,
    WEEKDAYS,
    alternatives,
    in_words,
    month,
    weekday,
)
from rag.text.numerals import DIGITS, WORDS, spelled, values
from rag.text.numerals import in_words as number_in_words
from rag.types import Language

LONGEST = 200
"""The most characters of a short answer."""

_SIGNS = "%|°C|°F|°|km|cm|mm|kg|ha|kWh|MWh|kW|MW|GW|m²|km²|m2|km2|m³|m3|cc|GB|MB|TB|GHz|MHz|Hz|m|g|SR"
"""Units that both languages write alike."""
_MONEY = "Rp|IDR|US\\$|USD|S\\$|A\\$|HK\\$|\\$|€|EUR|£|GBP|¥|JPY|RM"
"""Signs and codes of money that both languages use."""
_SCALES = {
    "ribu": "thousand",
    "juta": "million",
    "miliar": "billion",
    "milyar": "billion",
    "triliun": "trillion",
}
"""Indonesian scales in English."""
_PARTS = {"pagi": "morning", "sore": "afternoon", "morning": "pagi", "night": "malam"}
"""Parts of the day that have one translation only."""
_ALSO_NAMES = {"mei", "april", "juli", "agustus", "may", "june", "july", "august"}
"""Months that are also first names: they are converted only where something else says that they are
months."""
_DROPPED = "sebanyak|sebesar|senilai|sejumlah|seluas|sepanjang|seberat|setinggi|sejauh"
"""Indonesian words before an amount that English does not say."""
_ONCE = {
    "sehari": "day",
    "seminggu": "week",
    "sepekan": "week",
    "sebulan": "month",
    "setahun": "year",
    "sejam": "hour",
}
"""Words for once in a time, with the English unit of that time."""

Kind = str
"""The kind of a part: day, month, year, time, place, amount, word, sign or preposition."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """The pattern of a part, its kind, and a function that gives the other language's text, None if it is not
    certain."""

    form: re.Pattern[str]
    kind: Kind
    say: Callable[[re.Match[str]], str | None]


def converted(text: str, source: Language, target: Language) -> str | None:
    """A short answer in the other language; None where any part of it is not covered by a rule."""
    if source == target:
        return text
    whole = text.strip()
    if not whole or len(whole) > LONGEST:
        return None
    parts = list(_parts(whole, source))
    if not parts or parts[-1] is None:
        return None
    said = _joined([part for part in parts if part], target)
    if said and whole[0].isupper() and said[0].islower():
        said = said[0].upper() + said[1:]
    return said


def _parts(text: str, source: Language) -> Iterator[tuple[Kind, str] | None]:
    """Each part's kind and its text in the other language; ends with None at a part that no rule covers."""
    at = 0
    while at < len(text):
        for rule in _rules(source):
            if (match := rule.form.match(text, at)) and (said := rule.say(match)) is not None:
                yield rule.kind, said
                at = match.end()
                break
        else:
            yield None
            return


def _joined(parts: list[tuple[Kind, str]], target: Language) -> str | None:
    """The parts as one text; None where nothing is said, or a preposition does not fit what follows."""
    if all(kind in ("sign", "word", "preposition") for kind, _ in parts):
        return None
    said: list[str] = []
    before: Kind = ""
    for place, (kind, words) in enumerate(parts):
        if kind == "month" and before == "amount" and said[-1] == " ":
            return None  # "40 Maret" is no day
        if kind == "time" and said and said[-1] in ("-", "–"):
            return None  # "7-9 p.m.": the first one's half of the day is not said
        following = next((each for each, _ in parts[place + 1 :] if each != "sign"), "")
        if kind == "preposition":
            if (found := _PREPOSITIONS.get((words, following))) is None:
                return None
            said.append(found)
            continue
        said.append(_once(words, target, after=before == "amount") if kind == "once" else words)
        before = kind if kind != "sign" else before
    return " ".join("".join(said).split())


_PREPOSITIONS = {
    **{
        ("pada", kind): word
        for kind, word in (("day", "on "), ("month", "in "), ("year", "in "), ("time", "at "))
    },
    **{("di", "place"): "in ", ("in", "place"): "di ", ("on", "day"): "pada ", ("at", "time"): ""},
    **{("in", "month"): "pada ", ("in", "year"): "pada "},
}
"""The preposition of the other language, by its own and by the kind of what follows."""


def _once(unit: str, target: Language, after: bool) -> str:
    """`sehari`, which is one day, or after an amount a day."""
    if target == "id":
        return next(word for word, english in _ONCE.items() if english == unit)
    return f"a {unit}".replace("a hour", "an hour") if after else f"one {unit}"


# --- rules -----------------------------------------------------------------------------------------


@cache
def _rules(source: Language) -> tuple[_Rule, ...]:
    """The rules for a text in this language, in the order in which they are tried."""
    makers = (_dates, _months, _times, _amounts, _others)
    return (_places(source), *(rule for make in makers for rule in make(source)))


def _form(pattern: str, *, case: bool = False) -> re.Pattern[str]:
    # A part ends where a word does: neither in "three-year" nor in "US$5".
    return re.compile(rf"(?:{pattern})(?!\w|-\D|\$)", 0 if case else re.IGNORECASE)


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _dates(source: Language) -> Iterator[_Rule]:
    target: Language = "en" if source == "id" else "id"
    names = alternatives(MONTHS)

    def day(match: re.Match[str]) -> str | None:
        number, name, year = match["d"], month(match["m"]) or 1, match["y"]
        try:
            found = date(int(year or 2000), name, int(number))
        except ValueError:
            return None
        return in_words(found, target) if year else in_words(found, target)[:-5]

    def slashed(match: re.Match[str]) -> str | None:
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        if source == "en":
            if min(first, second) > 12 or max(first, second) <= 12:
                return None
            first, second = max(first, second), min(first, second)
        try:
            return in_words(date(year, second, first), target)
        except ValueError:
            return None

    yield _Rule(
        _form(
            rf"(?:tanggal |the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? "
            rf"(?P<m>{names})\.?(?:,? (?P<y>\d{{4}}))?"
        ),
        "day",
        day,
    )
    if source == "en":
        yield _Rule(
            _form(rf"(?P<m>{names})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y>\d{{4}}))?"), "day", day
        )
    yield _Rule(_form(r"(\d{1,2})/(\d{1,2})/(\d{4})"), "day", slashed)


def _months(source: Language) -> Iterator[_Rule]:
    target: Language = "en" if source == "id" else "id"

    def whole(match: re.Match[str]) -> str | None:
        name = MONTH_NAMES[target][(month(match["m"]) or 1) - 1]
        if not match["y"] and not match["lead"] and match["m"].lower() in _ALSO_NAMES:
            return None
        return f"{name} {match['y']}" if match["y"] else name

    def weekdays(match: re.Match[str]) -> str:
        name = WEEKDAY_NAMES[target][weekday(match["w"]) or 0]
        return f"{name} {_PARTS[match['part'].lower()]}" if match["part"] else name

    lead = "(?P<lead>bulan )?" if source == "id" else "(?P<lead>)"
    part = "pagi|sore" if source == "id" else "morning|night"
    hari = "(?:hari )?" if source == "id" else ""
    yield _Rule(_form(rf"{hari}(?P<w>{alternatives(WEEKDAYS)})(?: (?P<part>{part}))?"), "day", weekdays)
    capital = alternatives(MONTHS, 3, capital=True)
    yield _Rule(_form(rf"{lead}(?P<m>{capital})(?: (?:tahun )?(?P<y>\d{{4}}))?", case=True), "month", whole)
    # "pada 2022": a number would be put the same way, but not what stands before it.
    before = "pada" if source == "id" else "in"
    year = _form(rf"(?<={before} )((?:1\d|20|21)\d\d)(?! \w)")
    yield _Rule(year, "year", lambda match: match[1])


def _times(source: Language) -> Iterator[_Rule]:
    zone = r"(?P<zone> (?:WIB|WITA|WIT|GMT|UTC))?"

    def clock(match: re.Match[str]) -> str | None:
        hour, minute = int(match["h"]), match["min"] or "00"
        half = (match["half"] or "").replace(".", "").lower()
        if hour > 24 or (half and not 1 <= hour <= 12):
            return None
        if source == "en":
            hour = hour % 12 + 12 * (half == "pm") if half else hour
            return f"pukul {hour:02}.{minute}{match['zone'] or ''}"
        if not half:
            return f"{match['h']}:{minute}{match['zone'] or ''}"
        said = {
            "pagi": "a.m." if hour < 12 else None,
            "siang": "p.m." if hour <= 3 else "a.m." if hour == 11 else None,
            "sore": "p.m." if 3 <= hour <= 6 else None,
            "malam": "p.m." if 6 <= hour < 12 else None,
        }[half]
        shown = f"{hour}:{minute}" if match["min"] else f"{hour}"
        return f"{shown} {said}{match['zone'] or ''}" if said else None

    if source == "id":
        parts = r"(?: (?P<half>pagi|siang|sore|malam))?"
        yield _Rule(
            _form(rf"(?:pukul|jam) (?P<h>\d{{1,2}})(?:[.:](?P<min>[0-5]\d))?{parts}{zone}"), "time", clock
        )
        yield _Rule(
            _form(r"(?P<h>\d{1,2})[.:](?P<min>[0-5]\d)(?P<half>)(?P<zone> (?:WIB|WITA|WIT))"), "time", clock
        )
        return
    halves = r" ?(?P<half>[ap]\.?m\.?)"
    yield _Rule(_form(rf"(?P<h>\d{{1,2}})(?:[.:](?P<min>[0-5]\d))?{halves}{zone}"), "time", clock)
    yield _Rule(_form(rf"(?P<h>\d{{1,2}}):(?P<min>[0-5]\d)(?P<half>){zone}"), "time", clock)


def _amounts(source: Language) -> Iterator[_Rule]:
    target: Language = "en" if source == "id" else "id"
    units = units_of(source)
    scales = _SCALES if source == "id" else {english: word for word, english in reversed(_SCALES.items())}
    unit = rf"(?: (?P<unit>{_any(units)})| ?(?P<sign>{_SIGNS}))"

    def of(match: re.Match[str], number: Decimal | None) -> str:
        if match["sign"]:
            space = " " if match[0].endswith(f" {match['sign']}") else ""
            return f"{space}{match['sign']}"
        return f" {units[match['unit'].lower()][number != 1]}" if match["unit"] else ""

    def amount(match: re.Match[str]) -> str | None:
        if (number := _digits(match["n"], source)) is None:
            return None
        said, value = number
        plain = not (match["money"] or match["scale"] or match["unit"] or match["sign"])
        if plain and re.fullmatch(r"[012]?\d\.[0-5]\d", match["n"]):
            return None  # a time or a number
        scale = f" {scales[match['scale'].lower()]}" if match["scale"] else ""
        money = (match["money"] or "").replace(".", "")
        return f"{money}{said}{scale}{of(match, None if scale else value)}"

    def words(match: re.Match[str]) -> str | None:
        run = match["n"].lower()
        found = list(spelled(run))
        one = run in ("satu", "one")
        if not one and (len(found) != 1 or (found[0].start, found[0].end) != (0, len(run))):
            return None
        value = Decimal(1) if one else found[0].value
        if value != int(value) or (run == "one" and not match["unit"]):
            return None
        return f"{number_in_words(int(value), target)}{of(match, value)}"

    money = rf"(?P<money>(?:{_MONEY})\.? ?)?"
    scaled = rf"(?: (?P<scale>{_any(scales)}))?"
    yield _Rule(_form(rf"{money}(?P<n>{DIGITS}){scaled}(?:{unit})?(?:,-)?"), "amount", amount)
    for joint in ("(?:[ -]| and )", "[ -]") if source == "en" else (" ",):
        run = rf"(?P<n>(?:{_any(WORDS)})(?:{joint}(?:{_any(WORDS)}))*)"
        yield _Rule(_form(rf"{run}(?:{unit})?"), "amount", words)


def _digits(written: str, source: Language) -> tuple[str, Decimal] | None:
    """A number as the other language writes it, and its value; None where it may be one of two."""
    found = values(written, source)
    if len(found) != 1:
        return None
    thousands, point = (",", ".") if source == "id" else (".", ",")
    groups = re.split(r"[.,]", written)
    if len(groups) == 1 or found[0] == Decimal("".join(groups)):
        return thousands.join(groups), found[0]
    return f"{thousands.join(groups[:-1])}{point}{groups[-1]}", found[0]


def _others(source: Language) -> Iterator[_Rule]:
    units, target = units_of(source), "en" if source == "id" else "id"
    words = words_of(source)
    each = {"id": "per|setiap|tiap", "en": "per|every|each"}[source]

    def by(match: re.Match[str]) -> str:
        word = "per" if match[1].lower() == "per" else "every" if target == "en" else "setiap"
        return f"{word} {units[match[2].lower()][0]}"

    def century(match: re.Match[str]) -> str:
        number = int(match[1])
        if target == "id":
            return f"abad ke-{number}"
        ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"the {number}{ending} century"

    said = {"id": r"abad ke-(\d{1,2})", "en": r"the (\d{1,2})(?:st|nd|rd|th) century"}[source]
    once = {"id": _any(_ONCE), "en": rf"an? (?:{_any(set(_ONCE.values()))})"}[source]
    yield _Rule(_form(said), "amount", century)
    yield _Rule(_form(rf"({each}) ({_any(units)})"), "amount", by)
    yield _Rule(_form(once), "once", lambda match: _ONCE.get(match[0].lower()) or match[0].lower().split()[1])
    if source == "id":
        yield _Rule(_form(r"tahun ((?:1\d|20|21)\d\d)"), "year", lambda match: match[1])
        yield _Rule(re.compile(rf"(?:{_DROPPED}) (?=\S)", re.IGNORECASE), "word", lambda match: "")
    yield _Rule(_form(_any(words)), "word", lambda match: words[match[0].lower()])
    prepositions = {"id": "(pada|di) (?:tanggal (?=\\d))?", "en": "(on|in|at) "}[source]
    yield _Rule(re.compile(prepositions, re.IGNORECASE), "preposition", lambda match: match[1].lower())
    yield _Rule(re.compile(r"[ ,;()–-]|\.\Z"), "sign", lambda match: match[0])


def _places(source: Language) -> _Rule:
    names = ENGLISH if source == "id" else INDONESIAN
    return _Rule(_form(_any(names), case=True), "place", lambda match: names[match[0]])
