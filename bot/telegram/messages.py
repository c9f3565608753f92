"""Text with marks -> messages that Telegram accepts. Pure.

Formatting goes by entities, never by markup, so that no text can break it. Offsets here count code
points; Telegram's count UTF-16 code units (https://core.telegram.org/bots/api#messageentity), and
`entities` converts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from telegram import MessageEntity

LONGEST = 4096
"""UTF-16 units of a message; Telegram counts characters, of which there are never more."""
MOST_MARKS = 100
"""Entities of a message (https://core.telegram.org/bots/api#sendmessage)."""

Kind = Literal["bold", "italic", "code", "blockquote", "expandable_blockquote", "text_link"]

# Where a message may be cut, the best first.
_CUTS = (r"\n\n", r"\n", r"[.!?…]+[\"”’»)\]]*\s", r"\s")
_TURNING = {*range(0x202A, 0x202F), 0x2028, 0x2029}
"""Code points that turn the direction of text or break its lines."""
_JOINER = "\u200d"
"""The zero-width joiner, which holds an emoji together."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`text[start:end]` is of this kind; `url` is where a link leads."""

    kind: Kind
    start: int
    end: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and its marks, in order of their starts."""

    text: str
    marks: tuple[Mark, ...] = ()

    @property
    def entities(self) -> list[MessageEntity]:
        """The marks as Telegram wants them."""
        return [
            MessageEntity(
                mark.kind,
                utf16_length(self.text[: mark.start]),
                utf16_length(self.text[mark.start : mark.end]),
                url=mark.url,
            )
            for mark in self.marks
        ]


class Builder:
    """Puts a marked text together, piece by piece."""

    def __init__(self) -> None:
        self._text = ""
        self._marks: list[Mark] = []

    def add(self, text: str, *kinds: Kind, inside: Iterable[Mark] = (), url: str | None = None) -> Builder:
        """Appends text, marked as a whole; `inside` are marks of its own, with offsets into it; `url` makes a
        link of it."""
        start = len(self._text)
        self._text += showable(text)
        self._marks += [Mark(kind, start, len(self._text)) for kind in kinds if text.strip()]
        if url is not None and text.strip():
            self._marks.append(Mark("text_link", start, len(self._text), url))
        self._marks += [Mark(mark.kind, mark.start + start, mark.end + start, mark.url) for mark in inside]
        return self

    def marked(self) -> Marked:
        """What was put together."""
        return Marked(self._text, tuple(sorted(self._marks, key=lambda m: (m.start, -m.end))))


def plain(text: str) -> Marked:
    """A text without marks."""
    return Marked(showable(text))


def showable(text: str) -> str:
    """The same length, without what Telegram takes out or cannot carry: control characters, lone
    surrogates, and marks that would turn the rest of a message around."""
    return "".join(
        " " if (ord(c) in _TURNING or (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n")) else c
        for c in text
    )


def utf16_length(text: str) -> int:
    """Code units: 2 for a character beyond the basic plane."""
    return len(text) + sum(ord(c) > 0xFFFF for c in text)


def split(marked: Marked, longest: int = LONGEST) -> list[Marked]:
    """The text as messages, cut at the ends of paragraphs, sentences or words where it can be.

    No message is empty, none begins or ends with white space, and what lies between two is white space.
    """
    parts: list[Marked] = []
    start = 0
    while start < len(marked.text):
        end = _end(marked, start, longest)
        part = _part(marked, start, end)
        if part.text:
            parts.append(part)
        start = end
    return parts or [Marked("…")]


def _end(marked: Marked, start: int, longest: int) -> int:
    """Where the message that begins at `start` ends."""
    text = marked.text
    end, room = start, longest
    while end < len(text):
        room -= 2 if ord(text[end]) > 0xFFFF else 1
        if room < 0:
            break
        end += 1
    marks = [mark for mark in marked.marks if mark.end > start and mark.start < end]
    if len(marks) > MOST_MARKS:
        end = max(start + 1, marks[MOST_MARKS].start)
    if end == len(text):
        return end
    least = start + (end - start) // 2
    for form in _CUTS:
        ends = [match.end() for match in re.finditer(form, text[least:end])]
        if ends:
            return least + ends[-1]
    whole = end
    while whole > least and _joined(text, whole):
        whole -= 1
    return whole if whole > least else end


def _joined(text: str, at: int) -> bool:
    """Whether a cut here would tear a character apart that a reader sees as one."""
    after, before = text[at], text[at - 1]
    return (
        unicodedata.category(after) in ("Mn", "Me", "Mc")
        or _JOINER in (after, before)
        or 0x1F3FB <= ord(after) <= 0x1F3FF
        or (0x1F1E6 <= ord(after) <= 0x1F1FF and 0x1F1E6 <= ord(before) <= 0x1F1FF)
        or 0xE0020 <= ord(after) <= 0xE007F
    )


def _part(marked: Marked, start: int, end: int) -> Marked:
    text = marked.text[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    end = start + len(text)
    marks = []
    for mark in marked.marks:
        first, last = max(mark.start, start) - start, min(mark.end, end) - start
        inner = text[first:last] if first < last else ""
        if inner.strip():
            first += len(inner) - len(inner.lstrip())
            marks.append(Mark(mark.kind, first, first + len(inner.strip()), mark.url))
    return Marked(text, tuple(marks))
