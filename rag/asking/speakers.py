"""Whose words a sentence gives, for questions that ask what somebody says or thinks. Pure.

"Menurut polisi" is answered by what the police say, and not by what a professor says in the same article.
Only plain attributions count: a name or an office before a verb of saying, or behind one. Where a sentence
names nobody, or "he", nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from rag.text.stems import stems, words
from rag.types import Evidence

LONGEST = 1_000
"""Characters of a sentence that are looked at: longer ones are lists and tables."""
MOST_WORDS = 14
"""Words before a verb of saying, or behind one, in which the speaker's name and office stand."""

_SAYS = (
    "mengatakan|menyebut|menyebutkan|menilai|menyatakan|mengungkap|mengungkapkan|menjelaskan|menegaskan"
    "|menuturkan|mengaku|mengakui|meyakini|berpandangan|berpendapat|membantah|menambahkan|menyampaikan"
    "|memastikan|mengklaim|membeberkan|merespons|menanggapi|meragukan|menuding|mengkritik|mempertanyakan"
    "|berharap|mengimbau|menyayangkan|menduga|menepis|mengkonfirmasi|mengonfirmasi"
    "|says?|said|thinks?|believes?|told|denied|denies|claims?|claimed|argued|argues|stated|added|insisted"
)
_BEHIND = (
    "kata|ujar|ucap|tutur|jelas|terang|ungkap|tegas|imbuh|sambung|papar|beber|sebut|cetus|cuit|tulis|menurut"
    "|according to|said|says"
)
_BEFORE_VERB = re.compile(rf"^(?P<who>[^.;:!?“”\"]*?\b[A-Z][^.;:!?“”\"]*?),?\s+(?:{_SAYS})\b")
_BEHIND_VERB = re.compile(
    rf"(?:^|[,“”\"]\s*)(?i:{_BEHIND})\s+(?P<who>[A-Z][^,.;:!?“”\"]*(?:,[^,.;:!?“”\"]*)?)"
)
_PRONOUNS = frozenset("Ia Dia Beliau Mereka Kami Saya He She They We It I".split())
"""Words with a capital that name nobody."""
_PERSON = re.compile(r"\b[A-Z][a-z][\w'’-]*")
"""A word of a person's name or office; an abbreviation is a body's."""
_VIEW = re.compile(
    r"\b(?:menurut|versi|kata|pendapat|sikap|tanggapan|reaksi|respons?|komentar|pandangan|bantahan|penjelasan"
    r"|according to|(?:views?|opinions?|response|reaction) of)(?P<behind>(?:\s+[\w'’-]+){1,4})"
    r"|(?P<before>(?:\b[\w'’-]+\s+){1,4})(?:says?|thinks?|react|respond|answer|reply)\b",
    re.IGNORECASE,
)
"""Words of a question for what somebody says or thinks, and those beside them, which name who."""


def asks_view(question: str, side: Collection[str]) -> bool:
    """Whether a question asks what this person says or thinks, given as words in small letters. For police or
    a school somebody speaks whose name says nothing of it."""
    beside = [match["behind"] or match["before"] for match in _VIEW.finditer(question[:LONGEST])]
    return any(not set(side).isdisjoint(words(" ".join(_PERSON.findall(text)))) for text in beside)


def speaks(item: Evidence, side: Collection[str]) -> bool | None:
    """Whether a sentence gives the words of this side, as stems of its language; None where it names nobody
    who speaks."""
    quote = item.quote
    if len(quote) > LONGEST:
        return None
    found = [match["who"].split() for form in (_BEFORE_VERB, _BEHIND_VERB) if (match := form.search(quote))]
    named = [
        stems(" ".join(who[:MOST_WORDS]), item.article.language) for who in found if who[0] not in _PRONOUNS
    ]
    if not any(named):
        return None
    return any(not set(side).isdisjoint(each) for each in named)
