"""A model's output, as it is written -> claims: sentences, each with the numbers that it cites. Pure.

A claim is one whole sentence. Its citations stand in brackets inside it or right after it, as models put
them: `Shoigu came in July [3].` and `Shoigu came in July. [3]` are the same claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.text.sentences import split

# The look-behind lets a run of spaces be looked at once, and not again from each of its spaces.
_MARK = re.compile(r"(?<![ \t])[ \t]*\[\s*(\d{1,6}(?:\s*[,;]\s*\d{1,6})*)\s*\]")
_THOUGHT = re.compile(r"\s*<think>.*?(?:</think>|\Z)", re.DOTALL)
_BULLET = re.compile(r"^(?:[-*•–]\s+|#+\s+|\d{1,2}[.)]\s+(?=\D))")
_END = re.compile(r"[.!?…:;\n]")


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

    def feed(self, piece: str) -> list[Draft]:
        """The claims that have ended with this piece."""
        self._rest += piece
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
        plain, marks = _unmarked(text)
        ends = [sentence.end for sentence in split(plain)]
        starts = [sentence.start for sentence in split(plain)]
        done = len(ends) if final else max(0, len(ends) - 1)
        if not done:
            return []
        drafts: list[Draft] = []
        for place in range(done):
            first = starts[place] if place else 0
            last = starts[place + 1] if place + 1 < len(starts) else len(plain) + 1
            # A mark between two sentences belongs to the one before it.
            own = [numbers for at, _, numbers in marks if first < at <= last or (at == 0 == place)]
            drafts += _draft(plain[starts[place] : ends[place]], [n for each in own for n in each])
        if final:
            self._rest = ""
        else:
            cut = starts[done]
            taken = max((end for at, end, _ in marks if at <= cut), default=0)
            offset = sum(end - begin for begin, end in _spans(text) if end <= taken)
            self._rest = self._rest[cut + offset :]
        return drafts


def _draft(text: str, numbers: list[int]) -> Iterator[Draft]:
    text = " ".join(_BULLET.sub("", text.replace("**", "").strip()).split())
    if any(c.isalnum() for c in text):
        yield Draft(text, tuple(dict.fromkeys(numbers)), "[" not in text and "]" not in text)


def _spans(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _MARK.finditer(text)]


def _unmarked(text: str) -> tuple[str, list[tuple[int, int, list[int]]]]:
    """The text without its marks; for each mark where it stood in that, where it ended, its numbers."""
    parts, marks, last, length = [], [], 0, 0
    for match in _MARK.finditer(text):
        parts.append(text[last : match.start()])
        length += match.start() - last
        last = match.end()
        marks.append((length, last, [int(n) for n in re.findall(r"\d+", match[1])]))
    parts.append(text[last:])
    return "".join(parts), marks
