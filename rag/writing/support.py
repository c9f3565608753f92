"""Is a claim borne out by the sentences that it cites? What it says and they do not, in a word or two.

Numbers, amounts, dates, times, weekdays and names of a claim must be in what it cites, in whichever of the
two languages each is written, or just before it: in the title of its article or in the two sentences before.
Its words must come from the cited sentences themselves, so that prose about something else does not pass for
want of facts. A claim that denies needs a sentence that does. A denial left out, or who did what to whom
turned round, this does not see. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from rag.search.overlap import Overlap
from rag.search.query import STOP_WORDS, Translations, concept
from rag.search.shortforms import long_forms, spelt_out
from rag.text.encoding import encoding
from rag.text.facts import Mention, facts, implied
from rag.text.stems import stem, words
from rag.types import Language

SHARED, UNNAMED_SHARED = 0.25, 0.4
"""The least share of a claim's words that its sentences say, by `rag.search.overlap`, and of those that are
no names, where the sentences are in the claim's language. Invented reasons for something true had 0.22 and
0.27."""
FROM_SENTENCES = 0.5
"""The least share of the words that a claim has in common with its question, that its sentences say too."""
FEW = 2
"""Words of content; with no more, a claim in the other language than its sentences is not judged by them."""
ALIKE = 0.75
"""How alike two spellings of a name in two languages are at least, such as Cina and China."""

_CAPITAL = re.compile(r"(?<![\w'’])(?:[A-Z](?:\.[A-Z])+\b|[A-Z]\w*(?:['’]\w+)*)")
"""A word with a capital, or initials."""
_SMALL_WORD = re.compile(r"(?<![\w'’-])[a-z]{4,}(?![\w'’-])")
"""A word in small letters."""
_DENIAL = re.compile(r"\b(?:tidak|tak|bukan|belum|jangan|not|never|cannot|no|\w+n['’]t)\b", re.IGNORECASE)
"""What denies in a claim."""
_TAG = re.compile(r",\s*\w+n['’]t\s+\w+\s*\?", re.IGNORECASE)
"""What only asks for a yes: ", isn't it?"."""
_DENYING = re.compile(
    r"\b(?:tidak\w*|tak|bukan\w*|belum|jangan\w*|tanpa|nihil|nol|gagal|(?:di|me)?(?:tolak|nolak|larang|bantah)\w*"
    r"|kecuali|mustahil|jarang|kurang|batal\w*|pembatalan|sulit|non\w*|anti\w*"
    r"|not|no|never|none|nobody|nothing|neither|nor|cannot|without|\w+n['’]t|fail\w*|den(?:y|ie)\w*|refus\w*"
    r"|reject\w*|unable|unlikely|unknown|impossible|illegal|lack\w*|less|few|only|hanya|cuma|hardly)\b",
    re.IGNORECASE,
)
"""What a sentence may say that a claim then puts as a denial."""
_FOREIGN: Mapping[Language, re.Pattern[str]] = {
    "id": re.compile(r"(?<![\d.,])\d{1,3},\d{3}(?![\d.,]*\d)"),
    "en": re.compile(r"(?<![\d.,])\d{1,3}\.\d{3}(?![\d.,]*\d)"),
}
"""Thousands as the other language writes them, which are a decimal fraction in this one."""
_TITLES = frozenset(
    "i mr mrs ms miss sir dr drs dra ir prof h hj kh pak bu bapak ibu si sang tuan nyonya st the a an".split()
)
"""Titles and articles before a name, which are no part of it."""
_LONGEST_TITLE = 20
"""Characters before a name that can hold a title: more than the longest has."""
_BETWEEN = " \"“”‘'’(«—–-"
"""What may stand between the end of one sentence and the first word of the next."""
_SAME = [
    frozenset(group.split())
    for group in (
        "as amerika america american us usa serikat states united",
        "pbb un united nations perserikatan bangsa",
        "uni ue eu union",
        "uk inggris britain british kingdom united english england",
        "north utara sulut sumut korut kaltara",
        "south selatan sulsel sumsel korsel kalsel",
        "west barat kalbar sumbar sulbar jabar",
        "east timur kaltim jatim timtim",
        "central tengah kalteng jateng sulteng",
        "egypt egyptian mesir",
        "greece greek yunani",
        "netherlands dutch belanda",
        "germany german jerman",
        "china chinese cina tiongkok",
    )
]
"""Names that differ between the languages by more than a lexicon of words can say."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence that a claim cites, its language, and when its article was published.

    `around` is what names whom and what it speaks of: the title of its article, the sentences before it.
    """

    text: str
    language: Language
    published: str | None = None
    around: str = ""


def missing(claim: str, language: Language, cited: Sequence[Cited], lexicon: Translations) -> str | None:
    """What of the claim is in none of the sentences: a fact or a name as it stands, or "words".

    None if all of it is there.
    """
    if lost := unsaid(claim, language, cited, lexicon):
        return lost
    if denied := undenied(claim, cited):
        return denied
    texts: dict[Language, str] = {}
    for sentence in cited:
        texts[sentence.language] = f"{texts.get(sentence.language, '')} {sentence.text}"
    if language not in texts and _few(claim, language):
        return None
    if _strange(claim, language, texts, lexicon, SHARED):
        return "words"
    # Two names that a sentence has do not bear out what is said of them.
    least = UNNAMED_SHARED if language in texts else SHARED
    unnamed = _unnamed(claim, language, lexicon)
    return "words" if unnamed and _strange(unnamed, language, texts, lexicon, least) else None


def undenied(claim: str, cited: Sequence[Cited]) -> str | None:
    """The word by which a claim denies what no sentence denies; None where it does not."""
    denied = _DENIAL.search(_TAG.sub("", claim))
    if denied and not any(_DENYING.search(sentence.text) for sentence in cited):
        return denied[0]
    return None


def unsaid(claim: str, language: Language, cited: Sequence[Cited], lexicon: Translations) -> str | None:
    """The first fact or name of the claim that the sentences and what stands around them lack; None for
    none."""
    said: set[str] = set()
    for sentence in cited:
        for text in filter(None, (sentence.text, sentence.around)):
            mentions = facts(text, sentence.language)
            said |= implied(text, mentions, sentence.published) | _small(text)
    for mention in facts(claim, language):
        written = claim[mention.start : mention.end]
        if not _readings(mention, written, language, cited) & said:
            return written
    whole: dict[Language, str] = {}
    for sentence in cited:
        code = sentence.language
        whole[code] = f"{whole.get(code, '')} {sentence.around} {sentence.text}"
    there = {code: _Words(text, code) for code, text in whole.items()}
    for name in names(claim, language, lexicon):
        if not any(each.has(name, language, lexicon) for each in there.values()):
            return name
    return None


def borrowed(
    question: str, claim: str, language: Language, cited: Sequence[Cited], lexicon: Translations
) -> bool:
    """Whether a claim takes from its question most of what they have in common, and not from its sentences.

    Asked about chillies, a small model says of chillies what a sentence says of rice. Judged only where the
    sentences are in the claim's language: a lexicon misses too many of so few words.
    """
    asked = {stem(word, language) for word in words(question) if word not in STOP_WORDS[language]}
    common = [word for word in dict.fromkeys(words(claim)) if stem(word, language) in asked]
    texts: dict[Language, str] = {}
    for sentence in cited:
        code = sentence.language
        texts[code] = f"{texts.get(code, '')} {sentence.around} {sentence.text}"
    if not common or language not in texts:
        return False
    return _share(" ".join(common), language, texts, lexicon) < FROM_SENTENCES


def added(
    question: str, claim: str, language: Language, cited: Sequence[Cited], lexicon: Translations
) -> float:
    """The share of a claim's words of content, without those of its question, that the cited sentences say;
    1 where it has no others."""
    asked = {stem(word, language) for word in words(question)}
    own = [word for word in dict.fromkeys(words(claim)) if word not in STOP_WORDS[language]]
    own = [word for word in own if stem(word, language) not in asked]
    texts: dict[Language, str] = {}
    for sentence in cited:
        texts[sentence.language] = f"{texts.get(sentence.language, '')} {sentence.text}"
    return _share(" ".join(own), language, texts, lexicon) if own else 1.0


def untranslated(claim: str, language: Language, cited: Sequence[Cited], lexicon: Translations) -> str | None:
    """A word of the sentences' language that a claim in the other one has taken over as it is, or None.

    It is written small, no name then, and only their language knows it. Where that happens, a small model has
    often lost the sense too.
    """
    for sentence in cited:
        spoken, there = sentence.language, set(words(sentence.text))
        if spoken == language:
            continue
        for match in _SMALL_WORD.finditer(claim):
            word = match[0]
            known = lexicon.translations(stem(word, spoken), spoken) and not _same(word, spoken, lexicon)
            if word in there and known and not lexicon.translations(stem(word, language), language):
                return word
    return None


def _unnamed(claim: str, language: Language, lexicon: Translations) -> str:
    """What a claim says without its names and function words; empty for a single word."""
    named = set(words(" ".join(names(claim, language, lexicon))))
    rest = [word for word in dict.fromkeys(words(claim)) if word not in named | STOP_WORDS[language]]
    return " ".join(rest) if len(rest) > 1 else ""


def _strange(
    said: str, language: Language, texts: Mapping[Language, str], lexicon: Translations, least: float
) -> bool:
    """Whether no text says enough of these words."""
    return _share(said, language, texts, lexicon) < least


def _share(said: str, language: Language, texts: Mapping[Language, str], lexicon: Translations) -> float:
    """How much of these words the texts in one language say, 0 to 1."""
    overlap = Overlap(said, language, lexicon)
    return max((overlap.share(text, code) for code, text in texts.items()), default=0.0)


def _readings(mention: Mention, written: str, language: Language, cited: Sequence[Cited]) -> set[str]:
    """What a number of a claim says. One that is written as the other language does means what it means in
    the claim's own: 4.800 tons is not 4,800. As a sentence in the claim's language has it, it may stand."""
    digits = _FOREIGN[language].search(written)
    plain = {reading for reading in mention.readings if reading.startswith("n:")}
    copied = digits and any(digits[0] in each.text for each in cited if each.language == language)
    if not digits or copied or len(plain) < 2:
        return set(mention.readings)
    return {*(mention.readings - plain), min(plain, key=lambda reading: Decimal(reading[2:]))}


def _few(claim: str, language: Language) -> bool:
    """Whether a claim has so few words of content that a lexicon can miss them all."""
    return len(set(words(claim)) - STOP_WORDS[language]) <= FEW


def names(claim: str, language: Language, lexicon: Translations) -> Iterator[str]:
    """The words with a capital that name something: not those that a sentence merely begins with."""
    taken = {at for mention in facts(claim, language) for at in range(mention.start, mention.end)}
    for match in _CAPITAL.finditer(claim):
        if match.start() in taken:
            continue
        plain = " ".join(words(match[0].replace(".", "")))
        if not plain or plain in _TITLES or plain in STOP_WORDS[language]:
            continue
        if _begins(claim, match.start()) and not _named(plain, language, lexicon):
            continue
        yield match[0]


def _begins(claim: str, at: int) -> bool:
    while at and claim[at - 1] in _BETWEEN:
        at -= 1
    before = claim[max(0, at - _LONGEST_TITLE) : at]
    # "Dr. Priya" goes on, though a full stop stands before the name.
    titled = before.endswith(".") and before.split()[-1][:-1].lower() in _TITLES
    return not before or (before[-1] in ".!?:" and not titled)


def _named(word: str, language: Language, lexicon: Translations) -> bool:
    """Whether a word at the head of a sentence is a name all the same.

    It is called the same in the other language; or no lexicon knows it, nor is it, written small, one
    token of the shipped encoding, as common words are.
    """
    for each in word.split():
        root = stem(each, language)
        known = [other for other, _ in lexicon.translations(root, language)[:2]]
        if known and not {root, each} & set(known):
            return False
        if not known and any(len(encoding().encode_ordinary(f" {form}")) == 1 for form in (each, root)):
            return False
    return True


class _Words:
    """The words of a text, as names are looked for in it."""

    def __init__(self, text: str, language: Language) -> None:
        self._language = language
        said = words(text)
        self._words = {*said, *(spelt_out(said) if language == "id" else ())}
        self._stems = {stem(word, language) for word in self._words}

    def has(self, name: str, language: Language, lexicon: Translations) -> bool:
        """Whether every word of the name is there, as it is or as the other language has it; or all words of
        what it is short for."""
        spellings: list[Sequence[str]] = [words(name), words(name.replace(".", ""))]
        if language == "id":
            spellings += long_forms(name.lower(), self._language)
        return any(all(self._has(word, language, lexicon) for word in each) for each in spellings)

    def _has(self, word: str, language: Language, lexicon: Translations) -> bool:
        if word in self._words or stem(word, self._language) in self._stems:
            return True
        if any(word in group and self._words & group for group in _SAME):
            return True
        if language == self._language:
            return any(self._ending(word, other) for other in self._words)
        terms = concept(word, language, self._language, lexicon)
        # "Ministry" with a capital is no name: what it is called in the other language is another word.
        # One that is called alike there is a name, whichever of its translations comes first.
        known = len(terms) > 1 and not any(_alike(word, term.stem) for term in terms if term.stem != word)
        if known and not any(word in group for group in _SAME) and not _same(word, language, lexicon):
            return True
        return any(term.stem in self._stems for term in terms) or any(
            _alike(word, other, ALIKE) for other in self._words
        )

    def _ending(self, word: str, other: str) -> bool:
        """Indonesian hangs little words on names: Jakartanya, Jokowilah."""
        short, long = sorted((word, other), key=len)
        return long.startswith(short) and long[len(short) :] in ("nya", "lah", "pun", "kah", "s")


def _same(word: str, language: Language, lexicon: Translations) -> bool:
    """Whether a lexicon has a word as its own translation, as names have."""
    root = stem(word, language)
    return any(found in (root, word) for found, _ in lexicon.translations(root, language))


def _alike(word: str, other: str, least: float = 0.5) -> bool:
    """Whether two words are one name in two spellings."""
    firsts = {other[0], word[0]}
    near = len(firsts) == 1 or firsts in ({"c", "k"}, {"f", "p"}, {"j", "y"}, {"c", "s"})
    return near and SequenceMatcher(None, word, other).ratio() >= least


_ONE = re.compile(
    r"\b(?:an?|one|single|first|satu|suatu|pertama|tunggal"
    r"|se(?:orang|buah|ekor|kali|hari|minggu|bulan|tahun|jam|menit|malam|batang|lembar|unit))\b",
    re.IGNORECASE,
)
"""Words that say one."""
_TWO = re.compile(
    r"\b(?:both|two|pair|second|twice|double|kedua\w*|dua|sepasang|ganda|dwi\w*)\b", re.IGNORECASE
)
"""Words that say two."""


def _small(text: str) -> set[str]:
    """One and two, which have many names."""
    return ({"n:1"} if _ONE.search(text) else set()) | ({"n:2"} if _TWO.search(text) else set())
