"""What of an answer stands where: its words, and each quote once. Pure.

Many answers are sentences of articles and little else. Such a sentence is not repeated below the answer: its
block stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.types import Answer, Citation

_BEFORE = re.compile(r"(.*?)\s*(?:• ?)?“?", re.DOTALL)
"""What stands before a sentence in its line: the bot's own words, and signs in whose place a block comes."""
_AFTER = re.compile(r"”?((?: ?\[\d+\])+)(?: (\(.*\)))?", re.DOTALL)
"""What stands behind it: marks, and a remark."""

_ITEM = re.compile(r"• (.+) \[(\d+)\]")
"""An item of a list, which may be a stretch of its sentence."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the answer that are no quote."""

    text: str


@dataclass(frozen=True, slots=True)
class Quotes:
    """Quotes of one article, one below the other, with the line that says where they stand."""

    citations: tuple[Citation, ...]

    def takes(self, citation: Citation) -> bool:
        """Whether a quote is of the same article."""
        last = self.citations[-1]
        return (last.article, last.version) == (citation.article, citation.version)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of an answer's text. One that ends with a cited sentence has words before and after it."""

    text: str
    citation: Citation | None = None
    before: str = ""
    after: str = ""


def layout(answer: Answer) -> tuple[list[Words | Quotes], Sequence[Citation]]:
    """The answer from top to bottom, and those citations whose quotes come below it.

    A line in quotation marks adds a sentence to a short answer: it is left out where that sentence comes
    below. An answer that does not name every citation stays as it is.
    """
    named = all(f"[{citation.number}]" in answer.text for citation in answer.citations)
    if answer.status != "answered" or not named:
        return [Words(answer.text)], answer.citations
    lines = [_line(line, answer.citations) for line in answer.text.split("\n")]
    if any(line.citation is None for line in lines):
        lines = [line for line in lines if line.citation is None or not line.text.startswith("“")]
    held = {line.citation.number for line in lines if line.citation is not None}
    return _in_place(lines), tuple(each for each in answer.citations if each.number not in held)


def _in_place(lines: Sequence[_Line]) -> list[Words | Quotes]:
    pieces: list[Words | Quotes] = []
    for line in lines:
        citation = line.citation
        _say(pieces, line.text if citation is None else line.before)
        if citation is None:
            continue
        last = pieces[-1] if pieces else None
        if isinstance(last, Quotes) and last.takes(citation):
            pieces[-1] = Quotes((*last.citations, citation))
        else:
            pieces.append(Quotes((citation,)))
        _say(pieces, line.after)
    return pieces


def _say(pieces: list[Words | Quotes], text: str) -> None:
    last = pieces[-1] if pieces else None
    if isinstance(last, Words):
        pieces[-1] = Words(f"{last.text}\n{text}".rstrip())
    elif text.strip():
        pieces.append(Words(text))


def _line(text: str, citations: Sequence[Citation]) -> _Line:
    for citation in citations:
        at = text.find(citation.quote)
        after = _AFTER.fullmatch(text[at + len(citation.quote) :]) if at >= 0 else None
        before = _BEFORE.fullmatch(text[:at]) if after else None
        if before and after and f"[{citation.number}]" in after[1]:
            return _Line(text, citation, before[1], after[2] or "")
    item = _ITEM.fullmatch(text)
    for citation in citations if item else ():
        if item and citation.number == int(item[2]) and item[1] in citation.quote:
            return _Line(text, citation)
    return _Line(text)
