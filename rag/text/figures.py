"""Figures in a text: their value and what they count. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from rag.text.numerals import SCALES, spelled
from rag.text.stems import stem
from rag.types import Language

_DIGITS = re.compile(
    r"(?<![\w.,/:-])(?P<money>(?:Rp|US\$|S\$|\$|€|£) ?)?(?P<number>\d+(?:[.,]\d+)*)(?![\w/:-])"
)
_AFTER = re.compile(r"[ -]?([^\W\d_]+|%|°)")
# What one and the same thing is called: people above all.
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
_NO_UNIT = frozenset("di ke dari dan atau yang pada per of in on at and or the to from for by a an".split())


@dataclass(frozen=True, slots=True)
class Figure:
    """A number at `start` to `end` of the text; `unit` is a stem or a sign, None where none stands there."""

    start: int
    end: int
    value: Decimal
    unit: str | None


def figures(text: str, language: Language) -> list[Figure]:
    """Every figure in the text, in order. Dates, times and parts of names are none."""
    return sorted(_figures(text, language), key=lambda figure: figure.start)


def _figures(text: str, language: Language) -> Iterator[Figure]:
    for match in _DIGITS.finditer(text):
        if (value := _value(match["number"], language)) is None:
            continue
        end, money = match.end(), (match["money"] or "").strip().lower()
        following = _AFTER.match(text, end)
        if following and following[1].lower() in SCALES:
            value *= SCALES[following[1].lower()]
            end = following.end()
            following = _AFTER.match(text, end)
        yield Figure(match.start(), end, value, _unit(money or (following[1] if following else ""), language))
    for number in spelled(text):
        following = _AFTER.match(text, number.end)
        yield Figure(
            number.start, number.end, number.value, _unit(following[1] if following else "", language)
        )


def _value(written: str, language: Language) -> Decimal | None:
    """`1.350` is 1350 in Indonesian; `1,350` is in English."""
    thousands, point = (".", ",") if language == "id" else (",", ".")
    if (
        re.fullmatch(rf"\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{point}\d+)?|\d+(?:\{point}\d+)?", written)
        is None
    ):
        # Written the other language's way: 3.5 in Indonesian, 5,2 in English.
        thousands, point = point, thousands
    try:
        return Decimal(written.replace(thousands, "").replace(point, "."))
    except InvalidOperation:
        return None


def _unit(word: str, language: Language) -> str | None:
    word = word.lower()
    if not word or word in _NO_UNIT:
        return None
    return _SAME.get(word) or _SAME.get(stem(word, language)) or stem(word, language)
