"""Chosen sentences -> what is said: the text, its claims, and the citations on which they rest. Pure.

Every word is a stored sentence, a stretch of one, or the bot's own fixed wording.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rag.types import Citation, Claim, Evidence, Language, Passage, Sentence

MOST_CITATIONS = 3
"""Citations of one fact: the best sentence, and others that say the same."""


class Wording(Protocol):
    """What the bot itself says around an answer, in the question's language."""

    def nothing(self, language: Language) -> str: ...

    def related(self, language: Language, numbers: str) -> str: ...

    def empty(self, language: Language) -> str: ...

    def foreign(self, language: Language, quote: Language) -> str: ...

    def differ(self, language: Language, parts: Sequence[tuple[str, str]]) -> str: ...

    def no_reply(self, language: Language, model: str) -> str: ...

    def also_in(self, language: Language, titles: Sequence[str]) -> str: ...

    def by_words_alone(self, language: Language) -> str: ...


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says, before it is known who asked and how long it took."""

    text: str
    short: str | None = None
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    dropped: int = 0

    def and_also(self, remark: str) -> Said:
        """The same with a remark after it."""
        return replace(self, text=f"{self.text} {remark}")


def supporting(likely: Sequence[Evidence]) -> list[Evidence]:
    """The best sentence, and those others that hold the same words for an answer."""
    first, *others = likely
    if (short := first.short) is None:
        return [first]
    return [first, *(item for item in others if found_in(short, item.quote))][:MOST_CITATIONS]


def found_in(short: str, sentence: str) -> tuple[int, int] | None:
    """Where a sentence says `short` as words of its own: the 3 of neither 2023 nor 1.300 nor 3,5."""
    form = rf"(?<!\w)(?<!\d[.,]){re.escape(short)}(?!\w)(?![.,]\d)"
    match = re.search(form, sentence, re.IGNORECASE)
    return match.span() if match else None


def in_prose(claims: Sequence[Claim], shown: Sequence[tuple[Passage, Sentence]], dropped: int) -> Said:
    """A chat model's claims, each with its marks; `shown` are the cited sentences in the marks' order."""
    text = " ".join(f"{claim.text} {marks(claim.citations)}" for claim in claims)
    cited = cite([Evidence(passage, sentence, 0.0) for passage, sentence in shown])
    return Said(text, None, tuple(claims), cited, dropped)


def answered(evidence: Sequence[Evidence], language: Language, wording: Wording) -> Said:
    """A fact: the shortest text that answers, or the sentence where none is singled out."""
    citations, first = cite(evidence), evidence[0]
    claim = Claim(first.short or first.quote, tuple(citation.number for citation in citations))
    said = claim.text if first.short else f"“{claim.text}”"
    done = Said(f"{said} {marks(claim.citations)}", first.short, (claim,), citations)
    if first.article.language != language:
        return done.and_also(wording.foreign(language, first.article.language))
    return done


def differing_figures(evidence: Sequence[Evidence], language: Language, wording: Wording) -> Said:
    """Each article's figure with its date, a claim of its own."""
    citations = cite(evidence)
    shorts = [item.short or "" for item in evidence]
    claims = tuple(Claim(short, (c.number,)) for short, c in zip(shorts, citations, strict=True))
    parts = [(f"{short} [{c.number}]", c.published or "") for short, c in zip(shorts, citations, strict=True)]
    done = Said(wording.differ(language, parts), shorts[0], claims, citations)
    if any(item.article.language != language for item in evidence):
        return done.and_also(wording.foreign(language, evidence[0].article.language))
    return done


def abstained(nearest: Sequence[Evidence], searched: bool, language: Language, wording: Wording) -> Said:
    """No answer; what is nearest is shown as related reading. `searched`: whether there are articles."""
    citations = cite(nearest)
    done = Said(wording.nothing(language) if searched else wording.empty(language), citations=citations)
    numbers = marks([citation.number for citation in citations])
    return done.and_also(wording.related(language, numbers)) if citations else done


def marks(numbers: Sequence[int]) -> str:
    """Citations as a text shows them: `[1] [3]`."""
    return " ".join(f"[{number}]" for number in numbers)


def cite(evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
    """The stored sentences themselves, in the order of their strength."""
    return tuple(
        Citation(
            number=number,
            article=item.article.id,
            version=item.article.version,
            title=item.article.title,
            url=item.article.url,
            published=item.article.published,
            start=item.sentence.start,
            end=item.sentence.end,
            quote=item.quote,
        )
        for number, item in enumerate(evidence, start=1)
    )
