"""Which of a chat model's claims may be shown, and on which sentences each rests.

Two kinds of claims pass. One that says what its sentence says, in nearly the same words, needs the rules
alone (`rag.writing.support`). One in other words needs the engine's agreement as well: on real claims neither
the rules nor the engine were right often enough alone (`lab/LOG.md`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.reading.verdict import verdict
from rag.search.overlap import Overlap
from rag.search.query import Translations
from rag.text.language import detect
from rag.text.stems import words
from rag.types import Kind, Language
from rag.writing.addressed import to_a_machine
from rag.writing.cite import Draft
from rag.writing.grammar import LONGEST
from rag.writing.prompt import Shown, leaks
from rag.writing.support import Cited, added, borrowed, missing, untranslated

Entails = Callable[[str, Sequence[str], str | None], tuple[float, float]]
"""The probability that sentences of an article with this title entail a statement, and that they contradict
it: `rag.types.Engine.entails`."""
WHOLE = 0.75
"""The least share of a claim's words that a sentence, with what stands around it, must say to be cited in
place of the one that the model named."""
CUT = LONGEST - 8
"""Characters from which a claim counts as one that the grammar has cut off."""
FEW_WORDS = 4
"""Words; of no more than these it cannot be told in which language they are."""
BEFORE = 2
"""Sentences before a cited one in which the names and figures of a claim may stand."""
CONTRADICTED = 0.5
"""The probability of a contradiction from which a claim in its sentences' own words is held back."""
COPIED = 0.97
"""The share of a claim's words from which it counts as what its sentences say themselves."""
BELONGS = 0.35
"""The probability of belonging from which a sentence answers its question, so that a claim may say that it
does: the question's words, and the sentence's."""
AGREED = 0.8, 0.7
"""The least probability that the sentences entail a claim in other words, in their language and in the other
one."""
SURE = 0.9
"""That from which its words do not matter, in the sentences' language."""
MOSTLY, ABROAD = 0.8, 0.7
"""The shares that the sentences must say: of what a claim adds to its question, where the engine is less than
`SURE`; and of all of it, in the other language, where the engine is as sure of a wrong one as of a right one.
"""
LONGEST_AROUND = 20_000
"""Code points of an article in which a name or a figure of the question may stand."""

_WHO = re.compile(r"\b(?:s(?:iapa(?:kah)?|apa)|who(?:m|se)?)\b", re.IGNORECASE)
"""What a question asks with whose answer is somebody."""
_NUMERAL = re.compile(r"\W*\d{1,2}\W*")
"""What numbers an item of a list and says nothing."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Judges the claims of one answer: `shown` are the sentences that the model saw, by number; `likely` has
    the probability that a sentence belongs to the answer, by its place."""

    question: str
    language: Language
    shown: Mapping[int, Shown]
    likely: Mapping[tuple[str, int], float]
    lexicon: Translations
    entails: Entails | None = None
    kind: Kind = "fact"

    def rests_on(self, draft: Draft) -> list[Shown]:
        """The sentences on which a claim may be shown to rest; none where it is to be held back.

        They are those that it cites. A small model often writes what one sentence says and the number of
        another: where those that it cites do not bear it out, and one that was shown says nearly all of it in
        the claim's language, that one is cited. Every check is the same as for a citation of the model's own.
        """
        cited = [self.shown[number] for number in draft.numbers if number in self.shown]
        if (
            not draft.whole
            or not cited
            or len(cited) < len(draft.numbers)
            or not self._a_statement(draft.text)
        ):
            return []
        own = spoken(draft.text, self.language, [each.passage.article.language for each in cited])
        if replace(self, language=own)._stands(draft.text, cited):
            return cited
        overlap = Overlap(draft.text, self.language, self.lexicon)
        said = {
            number: overlap.share(f"{_around(each)} {each.passage.quote(each.sentence)}", self.language)
            for number, each in self.shown.items()
            if each.passage.article.language == self.language
        }
        for number in sorted(said, key=lambda number: said[number], reverse=True):
            if said[number] < WHOLE:
                break
            if self._stands(draft.text, [self.shown[number]]):
                return [self.shown[number]]
        return []

    def _a_statement(self, text: str) -> bool:
        """Whether a text states something, whole: no question, no bare numeral, no part of the prompt."""
        if len(text) > CUT or text.endswith("?") or _NUMERAL.fullmatch(text):
            return False
        return not leaks(text, self.language) and not to_a_machine(text)

    def _stands(self, text: str, cited: Sequence[Shown]) -> bool:
        """Whether these sentences bear a claim out."""
        language, lexicon = self.language, self.lexicon
        sentences = _cited(cited)
        abroad = all(each.language != language for each in sentences)
        if abroad and untranslated(text, language, sentences, lexicon):
            return False
        answering = max(self.likely.get(each.place, 0.0) for each in cited) >= BELONGS
        # Which of two is more is what a comparison asks, and of whom is what "who" asks: with the question's
        # words alone, it can be said of either, and of anybody whom the sentence names.
        answering = answering and not abroad and self.kind != "compare" and not _WHO.search(self.question)
        if answering and added(self.question, text, language, sentences, lexicon) >= COPIED:
            # Only what the sentence says is added to the question that it answers.
            there = missing(text, language, _cited(cited, whole=True), lexicon) is None
            return there and not self._denied(text, cited, sentences)
        if borrowed(self.question, text, language, sentences, lexicon):
            return False
        return missing(text, language, sentences, lexicon) is None and self._agreed(text, cited, sentences)

    def _agreed(self, text: str, cited: Sequence[Shown], sentences: Sequence[Cited]) -> bool:
        """Whether the sentences say a claim themselves, or the engine agrees that they entail it."""
        language, lexicon = self.language, self.lexicon
        if added("", text, language, sentences, lexicon) >= COPIED:
            return not self._denied(text, cited, sentences)
        quotes = [each.text for each in sentences]
        yes, no = self._chances(text, quotes, cited)
        if not yes and not no:
            # The engine cannot tell.
            return True
        if all(each.language != language for each in sentences):
            return yes >= AGREED[1] and added("", text, language, sentences, lexicon) >= ABROAD
        if yes < SURE:
            before = [sentence for each in cited for sentence in _before(each)]
            yes = max(yes, self._chances(text, list(dict.fromkeys([*before, *quotes])), cited)[0])
        said = added(self.question, text, language, sentences, lexicon)
        return yes >= SURE or (yes >= AGREED[0] and said >= MOSTLY)

    def _denied(self, text: str, cited: Sequence[Shown], sentences: Sequence[Cited]) -> bool:
        """Whether the first sentence plainly denies a claim, or all of them contradict it."""
        first = sentences[0]
        around = f"{first.around} {first.text}"
        if verdict(text, self.language, first.text, around, first.language, self.lexicon) is False:
            return True
        return self._chances(text, [each.text for each in sentences], cited)[1] >= CONTRADICTED

    def _chances(self, text: str, quotes: Sequence[str], cited: Sequence[Shown]) -> tuple[float, float]:
        """That they entail a claim, and that they contradict it; twice 0 where nothing can tell."""
        return self.entails(text, quotes, cited[0].passage.article.title) if self.entails else (0.0, 0.0)


def spoken(text: str, language: Language, others: Sequence[Language]) -> Language:
    """The language that a statement is in: the question's, unless its sentences are all in the other one and
    so is it, since it says them again."""
    if language in others or len(words(text)) <= FEW_WORDS or detect(text) not in others:
        return language
    return others[0]


def _cited(shown: Sequence[Shown], whole: bool = False) -> list[Cited]:
    """The sentences with what stands around each: the title and what comes before it, or the `whole`
    article."""
    found = []
    for each in shown:
        article = each.passage.article
        around = article.titled(LONGEST_AROUND) if whole else _around(each)
        found.append(Cited(each.passage.quote(each.sentence), article.language, article.published, around))
    return found


def _before(shown: Shown) -> list[str]:
    """The sentences just before one that are in its passage."""
    passage, index = shown.passage, shown.sentence.index
    return [passage.quote(each) for each in passage.sentences if index - BEFORE <= each.index < index]


def _around(shown: Shown) -> str:
    """The title of its article, and the sentences just before it."""
    title = shown.passage.article.title
    return " ".join([*([f"{title}."] if title else []), *_before(shown)])
