"""Numbers written as words, Indonesian and English: `dua belas ribu`, `twenty-one`. Pure.

"One" and "satu" alone are mostly no numbers, nor are "second" and "kedua", and are left out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_INDONESIAN = "nol satu dua tiga empat lima enam tujuh delapan sembilan".split()
_ORDINALS = (
    "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(),
    [f"ke{unit}" for unit in (*_INDONESIAN[3:], "sepuluh", "sebelas")],
)

_UNITS: Mapping[str, int] = (
    {word: value for value, word in enumerate(_ENGLISH)}
    | {word: 10 * value for value, word in enumerate(_TENS, start=2)}
    | {word: value for value, word in enumerate(_INDONESIAN)}
    | {"sepuluh": 10, "sebelas": 11}
    | {f"{unit}belas": 10 + value for value, unit in enumerate(_INDONESIAN) if value > 1}
    | {word: value for words in _ORDINALS for value, word in enumerate(words, start=3)}
)
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
_WHOLE: Mapping[str, Decimal] = {
    "seratus": Decimal(100),
    "seribu": Decimal(1000),
    "sejuta": Decimal(10) ** 6,
    "semiliar": Decimal(10) ** 9,
}
_TIMES = {"puluh": 10, "ratus": 100, "hundred": 100, "dozen": 12, "lusin": 12}
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Spelled:
    """A number in words, `start` to `end` of the text."""

    start: int
    end: int
    value: Decimal


def spelled(text: str) -> Iterator[Spelled]:
    """The numbers in words, each as long as it can be read."""
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
        if words[0] not in ("hundred", "thousand", "million", "billion") or not re.search(
            r"\ba $", text[: run[0].start()]
        ):
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
