"""A model's output, as it is written -> claims: sentences, each with the numbers that it cites. Pure.

A claim is one whole sentence. Its citations stand in brackets inside it or right after it, as models put
them: `Shoigu came in July [3].` and `Shoigu came in July. [3]` are the same claim. A line that begins with a
citation has each before its sentence: in `[3] He came. [5] He left.` the second sentence cites 5 alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.text.sentences import split

# The look-behind lets a run of spaces be looked at once, and not again from each of its spaces.
_MARK = re.compile(r"(?<![ \t])[ \t]*\[\s*(\d{1,6}(?:\s*[,;]\s*\d{1,6})*)\s*\]")
_THOUGHT = re.compile(r"\s*<think>.*?(?:</think>|\Z)", re.DOTALL)
"""What a model that reasons writes before its answer."""
_BULLET = re.compile(r"^(?:[-*•–]\s+|#+\s+|\d{1,2}[.)]\s+(?=\D))")
"""A bullet, a heading's marks or a number at the beginning of a line."""
_END = re.compile(r"[.!?…:;\n]")
"""A mark that may end a claim."""
STOPS = '.!?…:;"”’»)'
"""What a sentence may end with."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence of a model: `text` without the brackets, and the numbers that stood in them, in order.

    `whole` is False where something in brackets is no citation: then nothing is to be relied on.
    """

    text: str
    numbers: tuple[int, ...]
    whole: bool = True


class Cutter:
    """Takes the pieces of an output; gives each claim once what follows shows that it has ended."""

    def __init__(self) -> None:
        self._rest = ""
        # Whether the line that the rest is part of began with a citation.
        self._opened = False

    def feed(self, piece: str) -> list[Draft]:
        """The claims that have ended with this piece."""
        self._rest += piece
        line, ended, after = self._rest.rpartition("\n")
        if ended and "\n" in piece and line.rstrip().endswith("]") and not _THOUGHT.fullmatch(self._rest):
            # Nothing that follows belongs to a line that ends with its citations.
            drafts = self._cut(line, final=True)
            self._rest = after
            return drafts
        # A boundary is looked for only where the next word has begun and ended, since it decides.
        if not piece.strip() or not any(c.isspace() for c in piece) or not _END.search(self._rest):
            return []
        if _THOUGHT.fullmatch(self._rest):
            return []
        text = self._rest.rstrip().rpartition(" ")[0]
        if text.rfind("[") > text.rfind("]"):
            text = text[: text.rfind("[")]
        return self._cut(text, final=False)

    def close(self) -> list[Draft]:
        """What is left, as claims."""
        return self._cut(self._rest, final=True)

    def _cut(self, text: str, final: bool) -> list[Draft]:
        if thought := _THOUGHT.match(text):
            self._rest = self._rest[thought.end() :]
            text = text[thought.end() :]
        marks = _marks(text, self._opened)
        plain, ranges = _sentences(text, marks)
        done = len(ranges) if final else max(0, len(ranges) - 1)
        if not done:
            return []
        owners = [_owner(mark, ranges) for mark in marks]
        drafts: list[Draft] = []
        for place, (start, end) in enumerate(ranges[:done]):
            own = [mark.numbers for mark, owner in zip(marks, owners, strict=True) if owner == place]
            drafts += _draft(plain[start:end], [number for each in own for number in each])
        if final:
            self._rest, self._opened = "", False
            return drafts
        # The marks that open the next sentence stay with it.
        taken = [mark for mark, owner in zip(marks, owners, strict=True) if owner < done]
        kept = marks[len(taken) :]
        cut = min([ranges[done][0], *(mark.at for mark in kept)])
        cut += sum(mark.end - mark.start for mark in taken)
        line = text.rfind("\n", 0, cut) + 1
        self._opened = _opens(text[line:], self._opened and not line) and cut > line
        self._rest = self._rest[cut:]
        return drafts


@dataclass(frozen=True, slots=True)
class _Mark:
    """A citation: `start` to `end` of the text, `at` of the text without marks.

    `opens` is True where it belongs to the sentence that follows.
    """

    start: int
    end: int
    at: int
    numbers: tuple[int, ...]
    opens: bool


def _draft(text: str, numbers: list[int]) -> Iterator[Draft]:
    text = " ".join(_BULLET.sub("", text.replace("**", "").strip()).split())
    if any(c.isalnum() for c in text):
        yield Draft(text, tuple(dict.fromkeys(numbers)), "[" not in text and "]" not in text)


def _marks(text: str, opened: bool) -> list[_Mark]:
    """The citations of a text; `opened`: whether its first line began with one that is no longer there."""
    found: list[_Mark] = []
    gone = 0
    for match in _MARK.finditer(text):
        line = text.rfind("\n", 0, match.start()) + 1
        before = _MARK.sub("", text[line : match.start()]).rstrip()
        after = _MARK.sub("", text[match.end() :].partition("\n")[0])
        # In a line such as "[3] A. [5] B." every citation stands before what it belongs to.
        opens = (
            _opens(text[line:], opened and not line)
            and any(map(str.isalnum, after))
            and (not any(map(str.isalnum, before)) or before[-1] in STOPS)
        )
        numbers = tuple(int(digits) for digits in re.findall(r"\d+", match[1]))
        found.append(_Mark(match.start(), match.end(), match.start() - gone, numbers, opens))
        gone += match.end() - match.start()
    return found


def _opens(line: str, opened: bool) -> bool:
    """Whether a line begins with a citation."""
    match = _MARK.search(line.partition("\n")[0])
    return opened or (match is not None and not any(map(str.isalnum, line[: match.start()])))


def _sentences(text: str, marks: Sequence[_Mark]) -> tuple[str, list[tuple[int, int]]]:
    """The text without its marks, and its sentences there: a line that ends with a mark ends one."""
    parts, last, borders = [], 0, [0]
    for mark in marks:
        parts.append(text[last : mark.start])
        last = mark.end
        if text[last:].lstrip(" \t.").startswith("\n") and not mark.opens:
            borders.append(mark.at + text[last:].index("\n"))
    plain = "".join(parts) + text[last:]
    ranges = []
    for start, end in pairwise([*borders, len(plain)]):
        ranges += [(start + each.start, start + each.end) for each in split(plain[start:end])]
    return plain, ranges


def _owner(mark: _Mark, ranges: Sequence[tuple[int, int]]) -> int:
    """The place of the sentence to which a mark belongs: the one that it is in or after, or opens."""
    if mark.opens:
        return next((place for place, (_, end) in enumerate(ranges) if end > mark.at), len(ranges) - 1)
    return max((place for place, (start, _) in enumerate(ranges) if start < mark.at), default=0)
