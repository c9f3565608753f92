"""Print untrusted text on a terminal: control characters are made visible, so that they have no effect."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment

_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters (C0 without tab and line feed, DEL, C1), and marks that change the writing direction."""


def printable(text: str) -> str:
    """The text with each control character as a visible escape: it moves no cursor and hides nothing."""
    return _OBEYED.sub(lambda found: ascii(found[0])[1:-1], text)


def printable_json(line: str) -> str:
    """A line of JSON; the control characters that JSON may leave as they are, are escaped as JSON does it."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def shielded(console: Console) -> Console:
    """The console, which from now on applies no styles but Kutip's own."""
    console.push_render_hook(_Hook())
    return console


class _Hook(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Shown(each) for each in renderables]


class _Shown:
    """A stream that makes control characters visible."""

    def __init__(self, shown: ConsoleRenderable) -> None:
        self._shown = shown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for text, style, control in console.render(self._shown, options):
            yield Segment(text if control else printable(text), style, control)
