"""The two charts of the reports: values with their intervals, and how something grows. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.evaluation.drawing import FONT, Dot, Drawing, Line, Role, Shape, Text

SERIES: tuple[Role, ...] = ("first", "second", "third")
"""Roles of the series, in order."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value and its interval, of one series."""

    series: int
    value: float
    low: float
    high: float


def dots(
    rows: Sequence[tuple[str, Sequence[Mark]]],
    names: Sequence[str],
    ends: tuple[float, float],
    ticks: Sequence[tuple[float, str]],
    says: str,
) -> Drawing:
    """A row for each label: dots at the values, on lines from `low` to `high`. `names` are the series'."""
    longest = max((len(label) for label, _ in rows), default=0)
    broad = _Sheet(720.0, max(180.0, _LETTER * longest + 24), 36.0, 0.0)
    narrow = _dots(rows, names, ends, ticks, says, _NARROW)
    return replace(_dots(rows, names, ends, ticks, says, broad), narrow=narrow)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Units of the drawing: its width, its margins, and what a label takes above its row (0: beside it)."""

    width: float
    left: float
    right: float
    label: float


_NARROW = _Sheet(360.0, 20.0, 20.0, 18.0)
"""The sheet of a telephone."""
_LETTER = 7.2
"""Units that a letter takes, at most, on the average of a label."""


def _dots(
    rows: Sequence[tuple[str, Sequence[Mark]]],
    names: Sequence[str],
    ends: tuple[float, float],
    ticks: Sequence[tuple[float, str]],
    says: str,
    sheet: _Sheet,
) -> Drawing:
    left, right, width, above = sheet.left, sheet.right, sheet.width, sheet.label
    row = 15.0 * max(1, len(names)) + 13.0 + above
    shapes: list[Shape] = _legend(names, left, stacked=above > 0) if len(names) > 1 else []
    lines = len(names) if above and shapes else 1
    top = 14.0 + 20.0 * lines if shapes else 12.0
    bottom = top + row * len(rows)

    def across(value: float) -> float:
        return left + (value - ends[0]) / (ends[1] - ends[0]) * (width - left - right)

    for value, label in ticks:
        shapes.append(Line(across(value), top, across(value), bottom))
        shapes.append(Text(across(value), bottom + 14, label, "middle", "muted", FONT - 1))
    for place, (label, marks) in enumerate(rows):
        middle = top + row * (place + 0.5) + above / 2
        if above:
            shapes.append(Text(left, top + row * place + above / 2 + 4, label))
        else:
            shapes.append(Text(left - 14, middle, label, "end"))
        for mark in marks:
            y = middle + 15.0 * (mark.series - (len(names) - 1) / 2)
            role = SERIES[mark.series]
            shapes.append(Line(across(mark.low), y, across(mark.high), y, role, 2.5))
            shapes.append(Dot(across(mark.value), y, 4.5, role))
    return Drawing(width, bottom + 28, shapes, says)


def growth(
    series: Sequence[tuple[str, Sequence[tuple[float, float]]]], across: str, up: str, says: str
) -> Drawing:
    """Both axes logarithmic, so that a power of x is a straight line and its exponent the slope."""
    left, right, top, width, height = 78.0, 24.0, 56.0, 720.0, 380.0
    points = [point for _, line in series for point in line]
    x_low, x_high = _decades([x for x, _ in points])
    y_low, y_high = _decades([y for _, y in points])

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + (math.log10(x) - x_low) / (x_high - x_low) * (width - left - right),
            height - 48 - (math.log10(y) - y_low) / (y_high - y_low) * (height - 48 - top),
        )

    shapes: list[Shape] = _legend([name for name, _ in series], left)
    shapes.append(Text(left, 36, up, "start", "muted", FONT - 1))
    shapes.append(Text(width - right, height - 10, across, "end", "muted", FONT - 1))
    for decade in range(x_low, x_high + 1):
        x, low = place(10.0**decade, 10.0**y_low)
        shapes.append(Line(x, place(10.0**decade, 10.0**y_high)[1], x, low))
        shapes.append(Text(x, low + 16, f"{10**decade:,}", "middle", "muted", FONT - 1))
    for decade in range(y_low, y_high + 1):
        x, y = place(10.0**x_low, 10.0**decade)
        shapes.append(Line(x, y, width - right, y))
        shapes.append(Text(x - 10, y, f"{10.0**decade:,.10g}", "end", "muted", FONT - 1))
    for number, (_, line) in enumerate(series):
        places = [place(*point) for point in line]
        shapes += [Line(*a, *b, SERIES[number], 2.5) for a, b in pairwise(places)]
        shapes += [Dot(*at, 4.5, SERIES[number]) for at in places]
    return Drawing(width, height, shapes, says)


def round_up(value: float) -> float:
    """The next number whose quarters read well on an axis."""
    power: float = 10.0 ** math.floor(math.log10(value))
    return next(each * power for each in (1, 2, 4, 6, 8, 10) if each * power >= value)


def _legend(names: Sequence[str], left: float, stacked: bool = False) -> list[Shape]:
    shapes: list[Shape] = []
    x, y = left, 14.0
    for number, name in enumerate(names):
        shapes += [Dot(x + 5, y, 4.5, SERIES[number]), Text(x + 16, y, name)]
        if stacked:
            y += 20
        else:
            x += 44 + _LETTER * len(name)
    return shapes


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)
