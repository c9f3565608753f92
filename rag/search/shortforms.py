"""The short forms of Indonesian news, and what they stand for in both languages.

Newspapers write Kapolri, Wapres and Sumut; people ask about the national police chief, the vice president
and North Sumatra. Hardly any parallel text has these words, so the lexicon does not know them.
`shortforms.txt` lists them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from rag.text.stems import words
from rag.types import Language

PATH = Path(__file__).with_suffix(".txt")
"""The list, which says how it is written."""
Phrase = tuple[str, ...]
LONGEST = 8
"""Words of a long form, at most."""
_OFFICES = (
    *("menteri", "panglima", "kepala kepolisian"),
    *("wakil presiden", "wakil menteri", "wakil gubernur", "wakil bupati", "wakil wali kota"),
)
"""What the Indonesian name of an office begins with that articles always call so. (For a spokesman, a
chairman or a chief executive they have other words than the list, and a tenth of such answers was lost.)"""
_WHO = frozenset("siapa siapakah who whos".split())
_BEFORE = frozenset(
    """adalah baru itu jadi kah menjabat menjadi nama namanya sebagai sekarang yang
    a current currently indonesia indonesian indonesias is its new now our s serves the was""".split()
)
"""What may stand between "who" and the office."""
_SOUGHT = frozenset("candidate candidates elect terpilih".split())


@cache
def _forms() -> dict[str, dict[Language, list[Phrase]]]:
    """Short form -> its long forms in each language, as words."""
    found: dict[str, dict[Language, list[Phrase]]] = {}
    for line in PATH.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            short, indonesian, english = (each.strip() for each in line.split("="))
            found[short] = {"id": _phrases(indonesian), "en": _phrases(english)}
    return found


def _phrases(listed: str) -> list[Phrase]:
    return [tuple(words(each)) for each in listed.split("/")]


@cache
def _by_phrase(language: Language) -> Mapping[Phrase, tuple[str, ...]]:
    found: dict[Phrase, tuple[str, ...]] = {}
    for short, forms in _forms().items():
        for phrase in forms[language]:
            found[phrase] = (*found.get(phrase, ()), short.removesuffix("*"))
    return found


def shortened(said: Sequence[str], language: Language) -> dict[str, list[str]]:
    """For the words of a question that are part of a long form in this language: the Indonesian short forms
    that say it. The longest form that stands there counts."""
    found: dict[str, list[str]] = {}
    table, place = _by_phrase(language), 0
    while place < len(said):
        phrase = _longest(said, place, table)
        for word in phrase:
            found.setdefault(word, []).extend(table[phrase])
        place += len(phrase) or 1
    return found


def _longest(said: Sequence[str], place: int, table: Mapping[Phrase, object]) -> Phrase:
    """The longest phrase of a table that stands at a place; an empty one where none does."""
    for length in range(min(LONGEST, len(said) - place), 0, -1):
        if (phrase := tuple(said[place : place + length])) in table:
            return phrase
    return ()


def office(question: str) -> frozenset[Phrase]:
    """All ways, in both languages, to say the office whose holder a question asks for: "who is the vice
    president?". Nothing for another question, or an office that the list does not have."""
    said = words(question)
    place = next((number for number, word in enumerate(said, start=1) if word in _WHO), len(said))
    if place == len(said) and said and said[-1] in _WHO:
        place = 0  # "wapres sekarang siapa?"
    while place < len(said) and said[place] in _BEFORE:
        place += 1
    phrase = _longest(said, place, _offices())
    # A candidate for an office is another thing.
    if not phrase or not _SOUGHT.isdisjoint(said[place + len(phrase) :]):
        return frozenset()
    return _offices()[phrase]


def says(text: str, forms: frozenset[Phrase]) -> bool:
    """Whether a text has one of these ways to say something; the last word may go on, as in Kapolrestabes."""
    spaced = f" {' '.join(words(text))}"
    return any(f" {' '.join(phrase)}" in spaced for phrase in forms)


@cache
def _offices() -> Mapping[Phrase, frozenset[Phrase]]:
    """Each way to say an office -> all ways."""
    found: dict[Phrase, frozenset[Phrase]] = {}
    for short, forms in _forms().items():
        every = frozenset({(short.removesuffix("*"),), *forms["id"], *forms["en"]})
        if any(" ".join(phrase).startswith(_OFFICES) for phrase in forms["id"]):
            # "Police chief" is several offices: whoever asks for it may mean each.
            found |= {phrase: found.get(phrase, frozenset()) | every for phrase in every}
    return found


def long_forms(word: str, language: Language) -> Sequence[Phrase]:
    """What an Indonesian short form stands for, in this language; none for another word."""
    return _forms()[word][language] if word in _forms() else ()


def spelt_out(said: Sequence[str]) -> Iterator[str]:
    """The words of all long forms, in both languages, of the short forms among an Indonesian text's words."""
    for word in dict.fromkeys(said):
        for language in ("id", "en"):
            for phrase in long_forms(word, language):
                yield from phrase
