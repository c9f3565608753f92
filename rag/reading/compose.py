"""Chosen sentences -> what is said: the text, its claims, and the citations on which they rest. Pure.

Every word is a stored sentence, a stretch of one, or the bot's own fixed wording.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from rag.asking.times import Period
from rag.reading.disagree import spoken_figure
from rag.reading.select import found_in
from rag.reading.timely import published
from rag.text.convert import converted
from rag.text.talk import Talk
from rag.types import Citation, Claim, Evidence, Kind, Language

_GOES_ON = re.compile(r"\s*(?:,|;|/|&|\b(?:dan|serta|and|or|atau)\b)", re.IGNORECASE)
"""What follows a span that cut a list short."""
_HOLDS_ITEMS = re.compile(r",|;|\b(?:dan|serta|and|atau|or)\b", re.IGNORECASE)
"""What separates the items of a list."""


class Wording(Protocol):
    """What the bot itself says around an answer, in the question's language."""

    def nothing(self, language: Language) -> str: ...

    def related(self, language: Language, numbers: str) -> str: ...

    def empty(self, language: Language) -> str: ...

    def no_news(self, language: Language, first: date, last: date) -> str: ...

    def nearest(self, language: Language, parts: Sequence[tuple[str, str]]) -> str: ...

    def talk(self, language: Language, said: Talk) -> str: ...

    def differ(self, language: Language, parts: Sequence[tuple[str, str]]) -> str: ...

    def says(self, language: Language) -> str: ...

    def verdict(self, language: Language, yes: bool) -> str: ...

    def most(self, language: Language, what: str) -> str: ...

    def day(self, language: Language, published: str) -> str: ...

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
        """This, with a remark appended."""
        return replace(self, text=f"{self.text} {remark}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The sentences of an answer, the one on which it rests first, before they are put into a text.

    `verdict` is the answer to a question of yes or no; with `differ` each sentence has a figure of its own.
    """

    kind: Kind
    evidence: tuple[Evidence, ...]
    verdict: bool | None = None
    differ: bool = False


def in_prose(claims: Sequence[Claim], chosen: Chosen, language: Language, wording: Wording) -> Said:
    """A chat model's claims, each with its marks, and below them the sentences that none of them cites.

    The claims number the chosen sentences from 1.
    """
    evidence, kind = chosen.evidence, chosen.kind
    text = " ".join(f"{claim.text} {marks(claim.citations)}" for claim in claims)
    told = {number for claim in claims for number in claim.citations}
    rest = [(number, item) for number, item in enumerate(evidence, start=1) if number not in told]
    story = kind in ("summary", "news")
    lines = _by_day(rest, language, wording) if story else [f"“{i.quote}” {marks([n])}" for n, i in rest]
    every = (*claims, *(Claim(item.quote, (number,)) for number, item in rest))
    said = Said("\n".join([text, *lines]), None, every, cite(evidence))
    return _opened(said, chosen.verdict, language, wording) if chosen.verdict is not None else said


def composed(chosen: Chosen, language: Language, wording: Wording) -> Said:
    """The answer made of these sentences."""
    kind, evidence = chosen.kind, chosen.evidence
    if chosen.differ:
        return _differing(evidence, language, wording)
    if kind in ("fact", "person"):
        return _fact(evidence, language)
    if kind == "yesno":
        return _yes_or_no(evidence, language, wording, chosen.verdict)
    if kind == "list":
        return _lines(evidence, [_items(item) for item in evidence])
    if kind == "compare":
        return _compared(evidence, language, wording)
    if kind in ("summary", "news"):
        return _story(evidence, language, wording)
    return _lines(evidence, [item.quote for item in evidence], bullet="")


def _fact(evidence: Sequence[Evidence], language: Language) -> Said:
    """The shortest text that answers, with every sentence that says it; then what else belongs to the
    answer."""
    citations, first = cite(evidence), evidence[0]
    if first.short is None:
        return _lines(evidence, [f"“{item.quote}”" for item in evidence], bullet="")
    same = [n for n, item in enumerate(evidence, 1) if n == 1 or found_in(first.short, item.quote)]
    short = _in_language(first, language)
    # The claim is the stored stretch, even where the text shows it in another language, so that its quote
    # always covers it.
    claims, lines = [Claim(first.short, tuple(same))], [f"{short} {marks(same)}"]
    for number, item in enumerate(evidence, start=1):
        if number not in same:
            claims.append(Claim(item.quote, (number,)))
            lines.append(f"“{item.quote}” {marks([number])}")
    return Said("\n".join(lines), short, tuple(claims), citations)


def _yes_or_no(
    evidence: Sequence[Evidence], language: Language, wording: Wording, verdict: bool | None
) -> Said:
    """Yes or no, and the sentence. Without a verdict, the sentence alone, introduced as what the article
    says."""
    done = _lines(evidence, [item.quote for item in evidence], bullet="")
    if verdict is None:
        return replace(done, text=f"{wording.says(language)} {done.text}")
    return _opened(done, verdict, language, wording)


def _opened(said: Said, verdict: bool, language: Language, wording: Wording) -> Said:
    word = wording.verdict(language, verdict)
    return replace(said, text=f"{word}. {said.text}", short=word.lower())


def _compared(evidence: Sequence[Evidence], language: Language, wording: Wording) -> Said:
    """Each side, and which figure is more where both are numbers of one unit."""
    done = _lines(evidence, [item.quote for item in evidence])
    found = [(figure, item) for item in evidence if (figure := spoken_figure(item)) is not None]
    if len(found) < 2 or found[0][0].unit is None or found[0][0].unit != found[1][0].unit:
        return done
    if found[0][0].value == found[1][0].value:
        return done
    _, item = max(found[:2], key=lambda pair: pair[0].value)
    number = next(n for n, each in enumerate(evidence, 1) if each is item)
    return done.and_also(f"\n{wording.most(language, f'{item.short} {marks([number])}')}")


def _story(evidence: Sequence[Evidence], language: Language, wording: Wording) -> Said:
    """What happened, the newest first: the sentences of each article in their order, under its date."""
    numbered = _newest_first(list(enumerate(evidence, start=1)))
    claims = tuple(Claim(item.quote, (number,)) for number, item in numbered)
    return Said("\n".join(_by_day(numbered, language, wording)), None, claims, cite(evidence))


def _newest_first(numbered: Sequence[tuple[int, Evidence]]) -> list[tuple[int, Evidence]]:
    placed = sorted(numbered, key=lambda pair: pair[1].sentence.index)
    return sorted(
        placed, key=lambda pair: (published(pair[1].passage) or date.min, pair[1].article.id), reverse=True
    )


def _by_day(numbered: Sequence[tuple[int, Evidence]], language: Language, wording: Wording) -> list[str]:
    """A line for each sentence, the newest article first, under its date."""
    lines: list[str] = []
    last = None
    for number, item in _newest_first(numbered):
        if item.article.id != last and published(item.passage):
            lines.append(f"{wording.day(language, item.article.published or '')}:")
        last = item.article.id
        lines.append(f"• {item.quote} {marks([number])}")
    return lines


def _items(item: Evidence) -> str:
    """The items of a sentence: its span if that holds the whole list, else the sentence."""
    if item.short is None or item.span is None:
        return item.quote
    following = item.article.text[item.span[1] : item.sentence.end]
    return item.quote if _GOES_ON.match(following) or not _HOLDS_ITEMS.search(item.short) else item.short


def _lines(evidence: Sequence[Evidence], texts: Sequence[str], bullet: str = "• ") -> Said:
    """One claim a sentence, each on a line of its own with its mark."""
    claims = tuple(Claim(text, (number,)) for number, text in enumerate(texts, start=1))
    sign = bullet if len(claims) > 1 else ""
    lines = (f"{sign}{claim.text} {marks(claim.citations)}" for claim in claims)
    return Said("\n".join(lines), None, claims, cite(evidence))


def _in_language(item: Evidence, language: Language) -> str:
    """The span, its numbers, dates and countries in the reader's language where nothing is uncertain."""
    short = item.short or item.quote
    if item.article.language == language:
        return short
    return converted(short, item.article.language, language) or short


def _differing(evidence: Sequence[Evidence], language: Language, wording: Wording) -> Said:
    """Each article's figure with its date, a claim of its own."""
    citations = cite(evidence)
    shorts = [item.short or "" for item in evidence]
    claims = tuple(Claim(short, (c.number,)) for short, c in zip(shorts, citations, strict=True))
    parts = [(f"{short} [{c.number}]", c.published or "") for short, c in zip(shorts, citations, strict=True)]
    return Said(wording.differ(language, parts), shorts[0], claims, citations)


def abstained(nearest: Sequence[Evidence], searched: bool, language: Language, wording: Wording) -> Said:
    """An abstention, with the nearest sentences as related reading. `searched`: whether any passage was
    found."""
    citations = cite(nearest)
    done = Said(wording.nothing(language) if searched else wording.empty(language), citations=citations)
    numbers = marks([citation.number for citation in citations])
    return done.and_also(wording.related(language, numbers)) if citations else done


def nothing_then(nearest: Sequence[Evidence], when: Period, language: Language, wording: Wording) -> Said:
    """An abstention where no article is of the time that is asked about, with the nearest in time as related
    reading."""
    citations = cite(nearest)
    done = Said(wording.no_news(language, when.first, when.last), citations=citations)
    parts = [(marks([citation.number]), citation.published or "") for citation in citations]
    return done.and_also(wording.nearest(language, parts)) if citations else done


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
