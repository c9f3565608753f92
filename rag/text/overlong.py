"""Cuts sentences that are too long: at clauses, then at spaces, then anywhere. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

LONGEST = 1000
"""Characters that a sentence may have; a longer one is no readable quote."""
_CLAUSES = (
    re.compile(r"[;:]\s+|\s[-–—]{1,2}\s+"),
    re.compile(r",[\"”’']?\s+"),
    re.compile(
        r"\s(?=(?:dan|atau|tetapi|tapi|namun|karena|sebab|sehingga|agar|supaya|yang|serta|sedangkan|sementara|"
        r"ketika|saat|setelah|sebelum|jika|bahwa|and|or|but|because|so|which|that|who|while|when|after|before|"
        r"if|although|since)\s)",
        re.IGNORECASE,
    ),
    re.compile(r"\s+"),
)
"""Where a sentence that is too long may be cut, the best place first: a semicolon or dash, a comma, a
conjunction."""


def parts(text: str, start: int, end: int, fits: Callable[[str], bool] | None) -> Iterator[tuple[int, int]]:
    """The sentence `text[start:end]`, or its parts if it is longer than `LONGEST` or does not fit.

    Yields places in order, without white space around them; a part of one character always fits.
    """
    waiting = [(start, end)]
    while waiting:
        first, last = waiting.pop()
        if last - first <= LONGEST and (fits is None or last - first == 1 or fits(text[first:last])):
            yield first, last
            continue
        place = _place(text, first, last)
        waiting += trimmed(text, place, last)
        waiting += trimmed(text, first, place)


def trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretch without white space around it; nothing if it is all white space."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _place(text: str, start: int, end: int) -> int:
    """Where to cut: near the limit if the sentence is too long, near the middle if it does not fit."""
    length = end - start
    if length > LONGEST:
        lowest, highest, aim = start + LONGEST * 3 // 10, start + LONGEST, start + LONGEST
    else:
        lowest, highest, aim = start + max(1, length // 5), end - max(1, length // 5), start + length // 2
    for clause in _CLAUSES:
        places = [match.end() for match in clause.finditer(text, lowest, highest) if match.end() < end]
        if places:
            return min(places, key=lambda place: abs(place - aim))
    place = aim
    while place > start + 1 and _joined(text, place):
        place -= 1
    # The whole part is combining marks, so it is cut anywhere.
    return place if place > start + 1 or not _joined(text, place) else max(start + 1, aim)


def _joined(text: str, place: int) -> bool:
    """Whether a cut at `place` would part a letter from its marks, or an emoji from its joiner."""
    return (
        unicodedata.category(text[place]).startswith("M")
        or text[place] == "\u200d"
        or text[place - 1] == "\u200d"
        or 0x1F3FB <= ord(text[place]) <= 0x1F3FF
    )
