"""Numbers in a text, Indonesian and English: `1.800`, `Rp 2,5 miliar`, `dua belas ribu`, `twenty-one`. Pure.

Everything that reads a number reads it here. "One" and "satu" alone, "second" and "kedua" are mostly no
numbers, so they are no numbers in words here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from rag.types import Language

_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
"""English numbers from 0 to 19."""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
"""English tens from 20 to 90."""
_INDONESIAN = "nol satu dua tiga empat lima enam tujuh delapan sembilan".split()
"""Indonesian numbers from 0 to 9."""
_ORDINALS = (
    "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(),
    [f"ke{unit}" for unit in (*_INDONESIAN[3:], "sepuluh", "sebelas")],
)
"""Ordinals from the third on, in English and in Indonesian."""

_UNITS: Mapping[str, int] = (
    {word: value for value, word in enumerate(_ENGLISH)}
    | {word: 10 * value for value, word in enumerate(_TENS, start=2)}
    | {word: value for value, word in enumerate(_INDONESIAN)}
    | {"sepuluh": 10, "sebelas": 11}
    | {f"{unit}belas": 10 + value for value, unit in enumerate(_INDONESIAN) if value > 1}
    | {word: value for words in _ORDINALS for value, word in enumerate(words, start=3)}
)
"""Words for numbers below a hundred, with their values."""
SCALES: Mapping[str, Decimal] = {
    word: Decimal(10) ** power
    for power, words in (
        (3, "ribu rb thousand"),
        (6, "juta jt million mn mln"),
        (9, "miliar milyar billion bn"),
        (12, "triliun trilyun trillion tn"),
    )
    for word in words.split()
}
"""Words after a number that multiply it, with their factors."""
_WHOLE: Mapping[str, Decimal] = {
    "seratus": Decimal(100),
    "seribu": Decimal(1000),
    "sejuta": Decimal(10) ** 6,
    "semiliar": Decimal(10) ** 9,
}
"""Words that are a number by themselves, with "se-" for one."""
_TIMES = {"puluh": 10, "ratus": 100, "hundred": 100, "dozen": 12, "lusin": 12}
"""Words that multiply the number before them, within a scale."""
WORDS: frozenset[str] = frozenset(
    {*_ENGLISH, *_TENS, *_INDONESIAN, "sepuluh", "sebelas", "belas", *_TIMES, *_WHOLE}
    | {word for word in _UNITS if word.endswith("belas")}
    | {word for word in SCALES if len(word) > 2 and word != "mln"}
)
"""The words of which numbers are made, without ordinals."""
_WORD = re.compile(r"[^\W\d_]+")
"""A word of letters."""

CURRENCIES: Mapping[str, str] = {
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
"""A currency's code (ISO 4217) and the pattern of how it is written, before or after its amount."""
CURRENCY = "|".join(CURRENCIES.values())
"""Any currency as a pattern, whatever the case of its letters."""
DIGITS = r"\d++(?:[.,]\d++)*+"
"""A number in digits as a pattern, with the marks inside it."""

_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
"""Any of the scales, as a pattern."""
_NUMBER = re.compile(
    rf"(?:(?P<before>{CURRENCY})\s?)?(?<!\d)(?<!\d[.,])(?P<digits>{DIGITS})"
    rf"(?P<scaled>[-\s]?(?P<scale>{_SCALE})\b)?(?P<money>[-\s](?P<after>{CURRENCY})(?!\w))?",
    re.IGNORECASE,
)
"""A number in digits, with its currency and its scale."""
_BETWEEN = re.compile(
    r"\s*(?:-|–|—|sampai|hingga|s\.d\.|to|and|dan|atau|or)\s*(?:Rp\.?\s?|US\$|\$)?", re.IGNORECASE
)
"""What stands between two numbers of a range."""
_LONGEST_BETWEEN = 20
"""Characters that may stand between the two: "10 hingga US$20 juta", and some spaces."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """A number in words, `start` to `end` of the text."""

    start: int
    end: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Written:
    """A number in digits, `start` to `end` of the text with its currency and its scale.

    `values` are its readings, the likeliest first, none for digits that make no number, such as 4.0.1;
    `first` to `last` is the number and its scale without the currency; `currency` is its code.
    """

    start: int
    end: int
    first: int
    last: int
    digits: str
    values: tuple[Decimal, ...]
    currency: str | None


def numbers(text: str, language: Language) -> Iterator[Written]:
    """The numbers in digits, in order. Of "2 to 3 million" the first one may be millions, too."""
    matches = list(_NUMBER.finditer(text))
    scales = [SCALES[match["scale"].lower()] if match["scale"] else Decimal(1) for match in matches]
    shared = [Decimal(1)] * len(matches)
    for place, (one, other) in enumerate(pairwise(matches)):
        between = text[one.end() : min(other.start(), one.end() + _LONGEST_BETWEEN)]
        if not one["scale"] and other["scale"] and _BETWEEN.fullmatch(between):
            shared[place] = scales[place + 1]
    for match, own, by in zip(matches, scales, shared, strict=True):
        found = [value * own for value in values(match["digits"], language)]
        found += [value * by for value in found] if by != 1 else []
        yield Written(
            *match.span(),
            first=match.start("digits"),
            last=match.end("scaled") if match["scaled"] else match.end("digits"),
            digits=match["digits"],
            values=tuple(found),
            currency=currency(match["before"] or match["after"] or ""),
        )


def values(digits: str, language: Language) -> tuple[Decimal, ...]:
    """The possible values of `1.800` or `3,5`, the likeliest first; empty for digits that are no number.

    `1.350` is 1350 in Indonesian, and `1,350` is 1.35 there or 1350, as English writes it; in English the
    other way round.
    """
    marks = [mark for mark in digits if not mark.isdigit()]
    if not marks:
        return (Decimal(digits),)
    *front, last = re.split(r"[.,]", digits)
    in_threes = len(front[0]) <= 3 and all(len(group) == 3 for group in front[1:])
    if len(set(marks)) == 2:
        known = in_threes and len(set(marks[:-1])) == 1
        return (Decimal("".join(front) + "." + last),) if known else ()
    if len(marks) > 1:
        return (Decimal("".join(front) + last),) if in_threes and len(last) == 3 else ()
    decimal, whole = Decimal(f"{front[0]}.{last}"), Decimal(front[0] + last)
    if not in_threes or len(last) != 3 or front[0] == "0":
        return (decimal,)
    return (whole,) if marks[0] == ("." if language == "id" else ",") else (decimal, whole)


def currency(written: str) -> str | None:
    """The code of a currency as it stands beside an amount; None for other text."""
    found = (code for code, form in CURRENCIES.items() if re.fullmatch(form, written, re.IGNORECASE))
    return next(found, None)


def spelled(text: str) -> Iterator[Spelled]:
    """The numbers in words, each as long as possible."""
    run: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        word = match[0].lower()
        near = bool(run) and text[run[-1].end() : match.start()] in (" ", "-")
        inside = near and word == "and" and run[-1][0].lower() in ("hundred", "thousand")
        if (near or not run) and (_numeral(word) or inside):
            run.append(match)
            continue
        yield from _ended(text, run)
        run = [match] if _numeral(word) else []
    yield from _ended(text, run)


def _numeral(word: str) -> bool:
    return (
        word in _UNITS or word in SCALES or word in _WHOLE or word in _TIMES or word in ("belas", "setengah")
    )


def _ended(text: str, run: list[re.Match[str]]) -> Iterator[Spelled]:
    while run and run[-1][0].lower() == "and":
        run = run[:-1]
    words = [match[0].lower() for match in run]
    if not words or words in (["one"], ["satu"]):
        return
    if words[0] in SCALES or words[0] in _TIMES or words[0] in ("belas", "setengah"):
        # "1,5 juta" is read with its digits; "a thousand" is a number, "juta" alone is none.
        before = text[max(0, run[0].start() - 3) : run[0].start()]
        if words[0] not in ("hundred", "thousand", "million", "billion") or not re.search(r"\ba $", before):
            return
        words = ["one", *words]
    if (value := _value(words)) is not None:
        yield Spelled(run[0].start(), run[-1].end(), value)


def _value(words: list[str]) -> Decimal | None:
    """None for words that make no one number, such as "dua tiga"."""
    total = part = Decimal(0)
    fresh = True
    for place, word in enumerate(words):
        if word in _UNITS:
            after_tens = place and words[place - 1] in _TENS and _UNITS[word] < 10
            if not (fresh or after_tens or part >= 10):
                return None
            part += _UNITS[word]
            fresh = False
        elif word == "belas":
            part += 10
        elif word == "setengah":
            part += Decimal("0.5")
        elif word in _TIMES:
            # Of "seratus dua puluh" only the last unit counts ten times.
            unit = part % 10 or (part if part < 10 else Decimal(1))
            part += unit * (_TIMES[word] - 1)
            fresh = True
        elif word in _WHOLE:
            part += _WHOLE[word]
            fresh = True
        elif word in SCALES:
            total += (part or 1) * SCALES[word]
            part, fresh = Decimal(0), True
    return total + part


def in_words(value: int, language: Language) -> str:
    """A whole number from 0 to below a thousand billions (10 to the 15th) in words.

    Raises ValueError for any other.
    """
    if not 0 <= value < 10**15:
        raise ValueError(f"{value} is not from 0 to below 10**15")
    say = _below_thousand_id if language == "id" else _below_thousand_en
    parts, rest = [], value
    for power, scale in (
        (12, "triliun trillion"),
        (9, "miliar billion"),
        (6, "juta million"),
        (3, "ribu thousand"),
    ):
        number, rest = divmod(rest, 10**power)
        if number == 1 and power == 3 and language == "id":
            parts.append("seribu")
        elif number:
            parts.append(f"{say(number)} {scale.split()[language == 'en']}")
    if rest or not parts:
        also = "and " if parts and rest < 100 and language == "en" else ""
        parts.append(f"{also}{say(rest)}")
    return " ".join(parts)


def _below_thousand_id(value: int) -> str:
    hundreds, rest = divmod(value, 100)
    parts = [] if not hundreds else ["seratus"] if hundreds == 1 else [f"{_INDONESIAN[hundreds]} ratus"]
    tens, unit = divmod(rest, 10)
    if rest in (10, 11):
        parts.append(("sepuluh", "sebelas")[unit])
    elif tens == 1:
        parts.append(f"{_INDONESIAN[unit]} belas")
    else:
        parts += [f"{_INDONESIAN[tens]} puluh"] if tens else []
        parts += [_INDONESIAN[unit]] if unit or not value else []
    return " ".join(parts)


def _below_thousand_en(value: int) -> str:
    hundreds, rest = divmod(value, 100)
    tens, unit = divmod(rest, 10)
    small = _ENGLISH[rest] if rest < 20 else _TENS[tens - 2] + (f"-{_ENGLISH[unit]}" if unit else "")
    if not hundreds:
        return small
    return f"{_ENGLISH[hundreds]} hundred" + (f" and {small}" if rest else "")
