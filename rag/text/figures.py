"""Figures in a text: their value and what they count. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rag.text.numerals import numbers, spelled
from rag.text.stems import stem
from rag.types import Language

_MONEY = re.compile(r"(Rp|US\$|S\$|\$|€|£) ?\Z")
"""A sign of money before a figure."""
_LONGEST_MONEY = 4
"""Characters before a figure in which a sign of money is looked for: "US$ " has four."""
_TOUCHES_BEFORE = re.compile(r"[\w.,/:-]")
"""What touches a figure that does not stand alone: a part of a word, a date, a time or a range."""
_TOUCHES_AFTER = re.compile(r"[\w/:-]")
"""The same after a figure."""
_AFTER = re.compile(r"[ -]?([^\W\d_]+|%|°)")
"""The word or sign after a figure, which may be its unit."""
_SAME = {
    **dict.fromkeys(("orang", "jiwa", "korban", "warga", "people", "person"), "people"),
    **dict.fromkeys(("persen", "percent", "%"), "%"),
    **dict.fromkeys(("kilometer", "kilometre", "km"), "km"),
    **dict.fromkeys(("hektare", "hektar", "hectare", "ha"), "ha"),
    **dict.fromkeys(("kilogram", "kg", "kilo"), "kg"),
    **dict.fromkeys(("meter", "metre", "m"), "m"),
    **dict.fromkeys(("rp", "rupiah"), "rp"),
    **dict.fromkeys(("us$", "$", "dolar", "dollar"), "$"),
}
"""Words that count the same thing, above all people, with the unit that stands for them."""
_NO_UNIT = frozenset("di ke dari dan atau yang pada per of in on at and or the to from for by a an".split())
"""Words after a figure that are not its unit."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number at `start` to `end` of the text; `unit` is a stem or a sign, None without one."""

    start: int
    end: int
    value: Decimal
    unit: str | None


def figures(text: str, language: Language) -> list[Figure]:
    """Every figure in the text, in order. Dates, times and parts of names are none."""
    return sorted(_figures(text, language), key=lambda figure: figure.start)


def _figures(text: str, language: Language) -> Iterator[Figure]:
    for number in numbers(text, language):
        start, money = _with_money(text, number.first)
        if (
            not number.values
            or (start and _TOUCHES_BEFORE.match(text, start - 1))
            or _TOUCHES_AFTER.match(text, number.first + len(number.digits))
        ):
            continue
        unit = _unit(money or _word_after(text, number.last), language)
        yield Figure(start, number.last, number.values[0], unit)
    for each in spelled(text):
        yield Figure(each.start, each.end, each.value, _unit(_word_after(text, each.end), language))


def _with_money(text: str, start: int) -> tuple[int, str]:
    """Where a figure begins, including a sign of money before it, and that sign."""
    earliest = max(0, start - _LONGEST_MONEY)
    sign = _MONEY.search(text[earliest:start])
    begin = earliest + sign.start() if sign else start
    if sign is None or (begin and _TOUCHES_BEFORE.match(text, begin - 1)):
        return start, ""
    return begin, sign[1]


def _word_after(text: str, end: int) -> str:
    following = _AFTER.match(text, end)
    return following[1] if following else ""


def _unit(word: str, language: Language) -> str | None:
    word = word.lower()
    if not word or word in _NO_UNIT:
        return None
    return _SAME.get(word) or _SAME.get(stem(word, language)) or stem(word, language)
