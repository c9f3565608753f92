"""Turns publishers' text into article text, and keeps what it takes out.

What is taken out (`rag/cutting/furniture.py` says what that is) is kept with its place, so that
`restore` puts the source together again.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from rag.cutting.furniture import furniture
from rag.cutting.places import Span
from rag.types import Removed

_ROUNDS = 8
"""How often furniture is looked for again; each round may find what the one before has laid open."""

_NEWLINES = dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n")
"""Characters that end a line, beside the line feed."""
_SPACES = dict.fromkeys((0xA0, 0x2007, 0x202F), " ")
"""Spaces of fixed width or that do not break."""
_HYPHENS = {0x2010: "-", 0x2011: "-"}
"""Hyphens of Unicode, of which one does not break."""
_SOFT = re.compile("(?<=[0-9])\u00ad(?=[0-9])")
"""A soft hyphen between digits, which stands for a real one; elsewhere it only marks where a word
may break."""
_INVISIBLE = dict.fromkeys(
    (0xFEFF, 0x200B, 0x2060, 0xAD, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), None
)
"""Characters that show nothing: byte order mark, zero-width space, word joiner, soft hyphen, writing
direction. The zero-width joiner and non-joiner stay: emoji and several scripts are spelled with them."""
_CONTROL = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {0x09, 0x0A, 0x85})
"""Control characters other than tab, line feed and next line."""
_THROUGH = "[\u0335\u0336]+[\u0300-\u0334\u0337-\u036f]*"
"""The character that draws a line through the letter before it, and accents."""
_RUN = f"(?:(?:[^\u0335\u0336]{_THROUGH}){{2,}}|[0-9]{_THROUGH})"
"""A word with a line through it. One such letter by itself may belong to some alphabet."""
_STRUCK = re.compile(f"(?<= ){_RUN} |{_RUN}")
"""Struck words, with one of the two spaces around them."""
_TABLE: dict[int, str | None] = {**_CONTROL, **_INVISIBLE, **_SPACES, **_NEWLINES, **_HYPHENS}
"""What each of these characters is replaced by; None deletes it."""
_SURROGATES = r"\ud800-\udfff"
"""The range of lone surrogates, which UTF-8 cannot represent."""
_SURROGATE = re.compile(f"[{_SURROGATES}]")
"""A lone surrogate."""
_ODD = re.compile(f"[{re.escape(''.join(map(chr, _TABLE)))}{_SURROGATES}]")
"""Any character that normalising changes or deletes."""


def normalise(text: str) -> str:
    """NFC, lines ended by a line feed, plain spaces, nothing invisible and nothing struck out; idempotent.

    Control characters other than tab and line feed go, and lone surrogates, which UTF-8 cannot hold.
    """
    # Most text has nothing of that: to see so takes half as long as to translate it, and less where all of
    # it can be printed, as in a paragraph.
    if (not text.isprintable() or "\u2011" in text or "\u2010" in text) and _ODD.search(text):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _SOFT.sub("-", text).translate(_TABLE)
        text = _SURROGATE.sub("", text)
    text = unicodedata.normalize("NFC", text)
    if "\u0336" in text or "\u0335" in text:
        text = unicodedata.normalize("NFC", _STRUCK.sub("", text))
    return text


def clean(text: str) -> tuple[str, tuple[Removed, ...]]:
    """Article text and what was taken out, in order, of a text that `normalise` gave.

    `start` of what was removed counts in the text given. Cleaning the result again changes nothing.
    """
    gone: list[Span] = []
    kept = text
    # Taking out one stretch may lay another open: initials before a teaser, a second dateline.
    for _ in range(_ROUNDS):
        found = _merged(furniture(kept))
        if not found:
            break
        gone = _merged([*gone, *_moved(found, gone)])
        kept = _without(text, gone)
    return kept, tuple(Removed(kind, start, text[start:end]) for start, end, kind in gone)


def restore(cleaned: str, removed: Sequence[Removed]) -> str:
    """The text that `clean` was given."""
    parts: list[str] = []
    at = taken = 0
    for piece in removed:
        here = piece.start - taken
        parts += cleaned[at:here], piece.text
        at = here
        taken += len(piece.text)
    return "".join((*parts, cleaned[at:]))


def _without(text: str, spans: Sequence[Span]) -> str:
    edges = [0, *(edge for start, end, _ in spans for edge in (start, end)), len(text)]
    return "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that overlap or touch made one; the first one's kind names it."""
    merged: list[Span] = []
    for start, end, kind in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            first, last, name = merged[-1]
            merged[-1] = (first, max(last, end), name)
        else:
            merged.append((start, end, kind))
    return merged


def _moved(found: Sequence[Span], gone: Sequence[Span]) -> Iterator[Span]:
    """Places in what is kept -> places in the whole text, around what is gone already."""
    shifts = [(0, 0)]  # from this place in what is kept, this much was taken out before it
    for start, end, _ in gone:
        taken = shifts[-1][1]
        shifts.append((start - taken, taken + end - start))
    places = [place for place, _ in shifts]
    for start, end, kind in found:
        yield (
            start + shifts[bisect_right(places, start) - 1][1],
            end + shifts[bisect_left(places, end) - 1][1],
            kind,
        )
