"""Lines, dots and texts: as SVG that follows the page's colours, and as PNG. No plotting library.

Colours are roles, so that one drawing fits a light and a dark page.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Role = Literal["ink", "muted", "grid", "first", "second", "third", "paper"]
Anchor = Literal["start", "middle", "end"]

LIGHT: dict[Role, str] = {
    "ink": "#1b1f24",
    "muted": "#59636e",
    "grid": "#d8dde3",
    "first": "#0b62c4",
    "second": "#c2410c",
    "third": "#1a7f4b",
    "paper": "#ffffff",
}
"""Colours by role, on a light page and in PNG."""
DARK: dict[Role, str] = {
    "ink": "#e8ebef",
    "muted": "#9aa5b1",
    "grid": "#333b45",
    "first": "#6fb1ff",
    "second": "#ff9a62",
    "third": "#5fd39a",
    "paper": "#14181d",
}
"""Colours by role, on a dark page."""
FONT = 13.0
"""Units of a letter's height."""
_SHARP = 4
"""A PNG is drawn this many times as large, and then made half of that, which smooths its edges."""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: Role = "grid"
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float = 4.5
    role: Role = "first"


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text, `y` being its middle."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    role: Role = "ink"
    size: float = FONT


Shape = Line | Dot | Text


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on a ground, and what they show, for who cannot see it. `narrow` is the same for a telephone."""

    width: float
    height: float
    shapes: Sequence[Shape]
    says: str
    narrow: Drawing | None = None


def svg(drawing: Drawing) -> str:
    """An `<svg>` element; its colours are the page's `--ink`, `--first`, …"""
    parts = [
        f'<svg viewBox="0 0 {drawing.width:g} {drawing.height:g}" role="img" '
        f'style="max-width:{drawing.width:g}px" aria-label="{escape(drawing.says)}">'
    ]
    for shape in drawing.shapes:
        match shape:
            case Line(x1, y1, x2, y2, role, width):
                parts.append(
                    f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                    f'style="stroke:var(--{role})" stroke-width="{width:g}" stroke-linecap="round"/>'
                )
            case Dot(x, y, radius, role):
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" style="fill:var(--{role})"/>')
            case Text(x, y, text, anchor, role, size):
                parts.append(
                    f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" dominant-baseline="central" '
                    f'font-size="{size:g}" style="fill:var(--{role})">{escape(text)}</text>'
                )
    return "".join([*parts, "</svg>"])


def png(drawing: Drawing) -> bytes:
    """The drawing on white, at twice its size."""
    from PIL import Image, ImageDraw, ImageFont

    size = (round(drawing.width * _SHARP), round(drawing.height * _SHARP))
    image = Image.new("RGB", size, LIGHT["paper"])
    draw = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        colour = LIGHT[shape.role]
        match shape:
            case Line(x1, y1, x2, y2, _, width):
                ends = [each * _SHARP for each in (x1, y1, x2, y2)]
                draw.line(ends, fill=colour, width=max(1, round(width * _SHARP)))
            case Dot(x, y, radius, _):
                draw.circle((x * _SHARP, y * _SHARP), radius * _SHARP, fill=colour)
            case Text(x, y, text, anchor, _, points):
                font = ImageFont.load_default(points * _SHARP)
                place = {"start": "lm", "middle": "mm", "end": "rm"}[anchor]
                draw.text((x * _SHARP, y * _SHARP), text, fill=colour, font=font, anchor=place)
    smooth = image.resize((size[0] // 2, size[1] // 2), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    smooth.save(out, "PNG", optimize=True)
    return out.getvalue()
