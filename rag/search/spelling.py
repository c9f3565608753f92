"""Chat spellings and slips of the finger, put into the words that articles use.

"knp bnyuwangi banjir" becomes "kenapa banyuwangi banjir?". A chat spelling is looked up. A word that neither
the articles nor the lexicon know is replaced by a word of the articles that is one slip away (Damerau 1964: a
letter left out, put in, changed, or two that changed places), or two in a long word, where an article has it
beside the rarest words of the question: names, most often. A word that is known as it is typed stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.search.chat import in_full, phrases_written_out, printed, written_out
from rag.search.query import LANGUAGES, STOP_WORDS, Translations
from rag.text.encoding import encoding
from rag.text.language import detect
from rag.text.stems import stem, words
from rag.types import Language

SHORTEST, LONGEST = 5, 30
"""Letters; a shorter word is one slip away from too many others, a longer one is no word."""
SHORTEST_SAID = 4
"""Letters of a word that is put into the form of print: "muji" is "memuji"."""
LONG = 8
"""A word with more letters than this may have two slips."""
MOST_WORDS = 12
"""The most unknown words that are corrected: a question has a few, another text may have hundreds."""
RAREST = 4
"""How many of the question's rarest words count: an article must have the correction and one of them."""
NEAREST = 2
"""The same as `RAREST`, for slips that change or add a letter, since more words are such a slip away."""
BESIDE = 50
"""The most chunks that are counted."""
_SHORTEST_ROOT = 4
"""Letters; a shorter root would be found in words that do not come from it."""
_COMMON_START = 3
"""Letters in which a word and its correction by two slips agree."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""Letters that a slip may put in."""

_SHORTEST_BARE = 3
"""Letters of a word that was typed without vowels: shorter ones stand for too many."""
_ENDINGS = ("", "i", "an", "kan", "nya")
"""What the articles' stems lack."""
_VOWELS = re.compile(r"[aeiou]")
_DOUBLED = re.compile(r"([a-z])\1+")
"""A letter that was held down too long."""

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
"""A word, with the hyphens and apostrophes inside it."""
_PREFIX = re.compile(r"(?:di|ter|ber|ke|se|[mp]e(?:ng|ny|n|m)?)")
"""Indonesian prefixes, which a root may follow."""
_SWALLOWED = {"ng": "k", "n": "t", "ny": "s", "m": "p"}
"""The root's first letter that a prefix swallows: mengorupsi comes from korupsi."""


class Vocabulary(Protocol):
    """The part of the lexical index that spelling uses."""

    def frequency(self, word: str) -> int:
        """How many chunks have the word, in any of its forms."""
        ...

    def together(self, word: str, others: Sequence[str], most: int) -> int:
        """How many chunks have the word and one of the others, counted up to `most`."""
        ...

    def beginning(self, letters: str) -> Sequence[str]:
        """The stems that begin with these letters."""
        ...


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it was understood; `changed` where a word is not as it was typed."""

    text: str
    changed: bool = False


def understood(
    question: str, language: Language, vocabulary: Vocabulary, lexicon: Translations
) -> Understood:
    """The question with its chat spellings written out, its slips corrected, and a question mark."""
    said = phrases_written_out(question, language)
    typed = _WORD.findall(said)
    # People who set capitals and question marks make slips in names, if at all.
    careful = question[:1].isupper() and question.endswith("?")
    most = len(typed) - 1
    spelled = [written_out(word, language, place == 0, place == most) for place, word in enumerate(typed)]
    if not careful:
        _as_printed(spelled, typed, language, vocabulary, lexicon)
    unknown = [
        place
        for place, word in enumerate(spelled)
        if word == typed[place]
        and not (careful and word.islower())
        and _may_be_a_slip(word, language, vocabulary, lexicon)
    ]
    bare = [] if careful or language != "id" else list(_bare(spelled, typed, vocabulary, lexicon))
    if unknown or bare:
        content = _content(spelled, language)
        rarest = _rarest(content, vocabulary)
        # If nothing in a question of several words is known, it is about something else.
        if rarest or len(content) <= 1:
            for place in unknown[:MOST_WORDS]:
                spelled[place] = _corrected(spelled[place], rarest, vocabulary)
        _with_vowels(spelled, [place for place in bare if spelled[place] == typed[place]], rarest, vocabulary)
    after = iter(spelled)
    text = _WORD.sub(lambda match: next(after), said)
    if text and text[-1].isalnum():
        text += "?"
    return Understood(text, spelled != typed or said != question)


def _content(spelled: Sequence[str], language: Language) -> list[str]:
    return [w for word in spelled for w in words(word) if w not in STOP_WORDS[language]]


def _rarest(content: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """The words that the fewest chunks have, of those that any has."""
    counts = {word: count for word in content if (count := vocabulary.frequency(word))}
    return sorted(counts, key=lambda word: (counts[word], word))[:RAREST]


def _as_printed(
    spelled: list[str],
    typed: Sequence[str],
    language: Language,
    vocabulary: Vocabulary,
    lexicon: Translations,
) -> None:
    """Puts words that are said and not printed into the form that articles have."""
    fresh = [
        place
        for place, word in enumerate(spelled)
        if word == typed[place]
        and word.islower()
        and word.isascii()
        and SHORTEST_SAID <= len(word) <= LONGEST
    ]
    if language == "en":
        for place in fresh:
            spelled[place] = _in_english(spelled[place], vocabulary, lexicon)
        return
    said = [
        (place, found)
        for place in fresh
        if (found := [each for each in printed(spelled[place]) if _other(each, spelled[place])])
        and not vocabulary.frequency(spelled[place])
        and not _is_name(spelled[place], language, lexicon)
    ][:MOST_WORDS]
    rarest = _rarest(_content(spelled, language), vocabulary) if said else []
    for place, found in said:
        near = {
            each: vocabulary.together(each, rarest, BESIDE)
            for each in found
            if rarest and _is_word(each, language, lexicon)
        }
        # Of the forms of one root, the one that is most usual in print.
        best = max(near, key=lambda each: (near[each], -_tokens(each)), default=None)
        if best and near[best]:
            spelled[place] = best


def _other(word: str, said: str) -> bool:
    return stem(word, "id") != stem(said, "id")


def _tokens(word: str) -> int:
    """How many tokens of the encoding a word is: one was frequent in the text from which that was made."""
    return len(encoding().encode_ordinary(" " + word))


def _in_english(word: str, vocabulary: Vocabulary, lexicon: Translations) -> str:
    """An English word with the "g" or the apostrophe that it was typed without, or the letter that is typed
    twice; the word itself where it is known."""
    known = word in STOP_WORDS["en"] or lexicon.translations(stem(word, "en"), "en")
    if word.endswith("in") and not known and _is_word(word + "g", "en", lexicon):
        return word + "g"
    if _tokens(word) == 1:
        return word
    name = word[:-1]
    if (
        word.endswith("s")
        and not word.endswith("ss")
        and _tokens(name) > 1
        and _is_name(name, "en", lexicon, unknown=True)
        and vocabulary.frequency(name)
    ):
        return f"{name}'s"
    if known or vocabulary.frequency(word):
        return word
    twice = {word[:place] + word[place] + word[place:] for place in range(1, len(word))}
    meant = [each for each in twice if _is_word(each, "en", lexicon) or each in STOP_WORDS["en"]]
    return meant[0] if len(meant) == 1 else word


def _is_word(word: str, language: Language, lexicon: Translations) -> bool:
    """Whether the other language has another word for it: it has the same for a name."""
    own = stem(word, language)
    return any(other != own for other, _ in lexicon.translations(own, language))


def _is_name(word: str, language: Language, lexicon: Translations, unknown: bool = False) -> bool:
    """Whether the other language has the same word first; `unknown` is what a word is that it does not
    have."""
    own = stem(word, language)
    known = lexicon.translations(own, language)
    return known[0][0] == own if known else unknown


def _bare(
    spelled: Sequence[str], typed: Sequence[str], vocabulary: Vocabulary, lexicon: Translations
) -> Iterator[int]:
    """The places of words that were typed without vowels."""
    for place, word in enumerate(spelled):
        if word == typed[place] and _is_bare(word, vocabulary, lexicon):
            yield place


def _with_vowels(
    spelled: list[str], bare: Sequence[int], rarest: Sequence[str], vocabulary: Vocabulary
) -> None:
    """Writes these words out, the longest first: each is a word of the articles beside what is known of the
    question."""
    beside = list(rarest)
    for place in sorted(bare[:MOST_WORDS], key=lambda place: -len(spelled[place])):
        lower = _DOUBLED.sub(r"\1", spelled[place].lower())
        meant = {each: vocabulary.frequency(each) for each in _filled(lower, vocabulary)}
        near = {each: vocabulary.together(each, beside, BESIDE) for each in meant} if beside else meant
        best = max(meant, key=lambda each: (near[each], meant[each], each), default=None)
        if best and near[best]:
            spelled[place] = best.capitalize() if spelled[place][0].isupper() else best
            beside.append(best)


def _is_bare(word: str, vocabulary: Vocabulary, lexicon: Translations) -> bool:
    """Whether a word is unknown, no abbreviation, and has two consonants or more for each vowel."""
    lower = _DOUBLED.sub(r"\1", word.lower())
    if word.isupper() or not _SHORTEST_BARE <= len(lower) <= LONGEST:
        return False
    if not lower.isascii() or not lower.isalpha():
        return False
    vowels = len(_VOWELS.findall(lower))
    if len(lower) - vowels < max(2 * vowels, 2) or any(lower in STOP_WORDS[each] for each in LANGUAGES):
        return False
    known = any(lexicon.translations(stem(lower, each), each) for each in LANGUAGES)
    return not known and not vocabulary.frequency(lower)


def _filled(word: str, vocabulary: Vocabulary) -> Iterator[str]:
    """The words of the articles that have the letters of this one in order, and only vowels beside them."""
    stems = vocabulary.beginning(word[:1])
    for ending in _ENDINGS:
        root = word.removesuffix(ending)
        if not word.endswith(ending) or len(root) < _SHORTEST_BARE:
            continue
        consonants = _VOWELS.sub("", root)
        for other in stems:
            if len(root) < len(other) <= 2 * len(root) + 1 and _VOWELS.sub("", other) == consonants:
                letters = iter(other)
                if all(letter in letters for letter in root):
                    yield other + ending


def language_of(question: str) -> Language:
    """The question's language, with the chat spellings of both written out: "brp yg" is Indonesian."""
    return detect(_WORD.sub(lambda match: in_full(match[0]), question))


def _may_be_a_slip(word: str, language: Language, vocabulary: Vocabulary, lexicon: Translations) -> bool:
    """Whether neither the articles nor the lexicon know a word."""
    if not SHORTEST <= len(word) <= LONGEST or not word.isascii() or not word.isalpha():
        return False
    lower = word.lower()
    if any(lower in STOP_WORDS[each] for each in LANGUAGES) or vocabulary.frequency(lower):
        return False
    if any(lexicon.translations(stem(lower, each), each) for each in LANGUAGES):
        return False
    if any(vocabulary.frequency(root) for root in _roots(lower)):
        return False
    # A word that is one token of the encoding was frequent in the text from which that was made.
    return len(encoding().encode_ordinary(" " + lower)) > 1


def _roots(word: str) -> Iterator[str]:
    """The possible roots of an Indonesian word whose form the stemmer does not know."""
    for end in range(2, 5):
        if _PREFIX.fullmatch(word, 0, end) and len(word) - end >= _SHORTEST_ROOT:
            yield word[end:]
            if swallowed := _SWALLOWED.get(word[2:end]):
                yield swallowed + word[end:]


def _corrected(word: str, rarest: Sequence[str], vocabulary: Vocabulary) -> str:
    """The word of the articles that was meant; the word itself where none is likely."""
    lower = word.lower()
    for candidates in (_one_slip(lower), _two_slips(lower, vocabulary)):
        # A word of the same form: "Susi" is not "susui", of which the articles have "susu".
        same = (each for each in candidates if _affixes(each) == _affixes(lower))
        known = {each: count for each in same if (count := vocabulary.frequency(each))}
        found = {each: _beside(each, lower, rarest, vocabulary) for each in known} if rarest else known
        likely = max(found, key=lambda each: (found[each], known[each], each), default=None)
        if likely and found[likely]:
            return likely.capitalize() if word[0].isupper() else likely
    return word


def _affixes(word: str) -> int:
    """How many letters the Indonesian stemmer takes off."""
    return len(word) - len(stem(word, "id"))


def _beside(candidate: str, word: str, rarest: Sequence[str], vocabulary: Vocabulary) -> int:
    likely = len(candidate) > len(word) or sorted(candidate) == sorted(word)
    return vocabulary.together(candidate, rarest if likely else rarest[:NEAREST], BESIDE)


def _one_slip(word: str) -> set[str]:
    """Every word that is one slip away. The first letter stays, since it is nearly always right."""
    cuts = [(word[:place], word[place:]) for place in range(1, len(word) + 1)]
    found = {before + after[1:] for before, after in cuts if after}
    found |= {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
    found |= {before + letter + after[1:] for before, after in cuts if after for letter in _LETTERS}
    found |= {before + letter + after for before, after in cuts for letter in _LETTERS}
    return found - {word}


def _two_slips(word: str, vocabulary: Vocabulary) -> Iterator[str]:
    if len(word) <= LONG:
        return
    for other in vocabulary.beginning(word[:_COMMON_START]):
        if abs(len(other) - len(word)) <= 2 and len(other) > LONG - 2 and _slips(word, other) <= 2:
            yield other


def _slips(word: str, other: str) -> int:
    """The fewest slips that make one word of the other (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(word, start=1):
        last, before, row = before, row, [place]
        for at, wanted in enumerate(other, start=1):
            cost = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != wanted))
            if place > 1 and at > 1 and letter == other[at - 2] and word[place - 2] == wanted:
                cost = min(cost, last[at - 2] + 1)
            row.append(cost)
    return row[-1]


def as_typed(question: str, language: Language) -> Understood:
    """The question as it is."""
    return Understood(question)
