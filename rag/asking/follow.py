"""Rewrites a follow-up question so that it stands alone, without a chat model: it adds what the last turns
were about. Pure.

"Kapan dia ke sana?" after "Siapa Menteri Pertahanan Rusia?" and "Sergei Shoigu" becomes "Kapan Sergei Shoigu
ke sana? Menteri Pertahanan Rusia": the name takes the pronoun's place, where a reader looks for it, and the
rest of the subject follows, where a search finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.search.query import STOP_WORDS, content_words
from rag.text.encoding import encoding
from rag.text.stems import stem, words
from rag.types import Language, Turn

TURNS = 2
"""How many earlier turns are searched for a subject."""
SHORT = 2
"""A question with no more words of its own than this, and no name, says too little to stand alone."""
LONGEST = 12
"""Words of an answer; a longer one is no name for anything."""

LONGEST_SWAPPED = 400
"""Characters of a question in which another name can take the place of one."""
FULL = 4
"""A question with more words of its own than this contains what its "-nya" or "that" means."""

_CLITIC = r"(?<=[a-z])(?<!\bpu)(?<!\bha)(?<!\bta)(?<!\bberta)nya\b"
"""-nya, his or its; not the end of punya, hanya, tanya, bertanya."""
_PEOPLE: dict[Language, str] = {
    "id": rf"\b(?:dia|ia|beliau)\b|{_CLITIC}",
    "en": r"\b(?:he|she|him|her|his|hers)\b",
}
"""Pronouns for people."""
_THINGS: dict[Language, str] = {
    "id": r"\b(?:mereka|itu|tersebut|di sana|ke sana|dari sana|di situ)\b",
    "en": r"\b(?:it|its|they|them|their|theirs|there|then|this|that|these|those)\b",
}
"""Pronouns for things and places."""
_OPENS: dict[Language, str] = {
    "id": r"^(?:dan|lalu|terus|kalau|bagaimana dengan|sedangkan|sampai kapan|berapa yang)\b",
    "en": r"^(?:and|but|then|so|what about|how about|or)\b",
}
"""How a question begins that goes on from the last one."""
_WHOLE: dict[Language, str] = {
    "id": r"^\W*(?:apa(?:kah)? (?:itu|sih|arti\w*|maksud\w*|yang dimaksud)"
    r"|\w.* (?:itu|tuh) (?:apa|siapa)\w*\W*$)",
    "en": r"^\W*(?:what(?:'s| is| are) (?!the\b|his\b|her\b|their\b|its\b)|what does .* (?:mean|stand for))",
}
"""What something is: the question names it, however few its words are."""
_INFLECTED = re.compile(r"(?:me|di|ber|ter|pe|ke|se)\w+|\w+(?:kan|nya|an|i)")
"""Indonesian words with affixes, which are no names."""
_ASKED = tuple(
    re.compile(rf"\b(?:{form})\b", re.IGNORECASE)
    for form in ("berapa|how (?:many|much)", "siapa|who", "kapan|when", "mana|where")
)
"""What a question asks for, as words of both languages."""
_EVENT = re.compile(
    r"\b(?:akibat|karena|dalam|saat|soal|kasus|insiden|after|during|in the|of the)\s+"
    r"((?:[a-z-]{3,20}\s){0,1}[a-z-]{3,20})"
)
"""What happened, as a question says it: "akibat banjir bandang"."""
_SWAP = re.compile(
    r"^\W*(?i:(?:bagaimana|gimana) dengan|kalau|kalo|lalu|terus|dan|what about|how about|and)\s+"
    r"(?P<place>(?:yang )?(?:di|in|at)\s+)?(?:untuk |for |the )?"
    r"(?P<name>[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,4})\W*\Z"
)
"""A follow-up that only names another one: "Kalau di Kampung Nilam?", "What about Bantul?"."""
_LEADING = re.compile(r"^(?:dan|lalu|terus|and|but|then|so)\s*,?\s+", re.IGNORECASE)
"""A word at the beginning that links to the last question."""
_NAME = re.compile(r"[A-Z][\w.'’-]*+(?:\s++(?:[A-Z][\w.'’-]*+|of|the|bin|binti|van|de))*+")
"""A name: words with capitals."""
_PLACE = re.compile(r"\b(?:di|ke|dari|in|at|near)\s+(?P<name>[A-Z][\w.'’-]*+(?:\s++[A-Z][\w.'’-]*+)*)")
"""A name after a word for a place."""
_WHO = re.compile(r"^\W*(?:siapa\w*|who|whose|whom)\b", re.IGNORECASE)
"""A question for a person."""


def carried(question: str, language: Language, history: Sequence[Turn], always: bool = False) -> str:
    """The question, with the subject and the names of the last turns if it needs them, or `always`."""
    turns = list(history[-TURNS:])
    if not turns or not (always or follows(question, language)):
        return question
    last = turns[-1]
    if swapped := _swapped(question, last.question):
        return swapped
    person = _person(turns)
    text = _there(_LEADING.sub("", question), last.question)
    if person:
        text = _in_place(text, person, language)
    said = {stem(word, language) for word in words(text)}
    subject = [last.question, *(turn.question for turn in turns[:-1] if not named_in(last.question))]
    if _asks_alike(question, last.question, language) and named_in(last.question):
        # "Berapa pengungsi di sana?" after "Berapa yang tewas di X?": the dead are not what is asked.
        subject = [" ".join([*named_in(last.question), *_EVENT.findall(last.question)])]
    extra = list(_new(subject, said, language))
    if not person and _short(last.answer):
        extra += list(_new([last.answer], said, language))
    text = text[:1].upper() + text[1:]
    return f"{text} {' '.join(extra)}".strip()


def follows(question: str, language: Language) -> bool:
    """Whether a question depends on the turns before it."""
    lowered = question.strip().lower()
    own = [word for word in content_words(question, language) if word not in STOP_WORDS[language]]
    named, full = (
        bool(named_in(question)) or _names_in_small_letters(question, own, language),
        len(own) > FULL,
    )
    if re.search(_OPENS[language], lowered):
        return True
    if found := re.search(_PEOPLE[language], lowered):
        # In a long question with a name, "he" is that person.
        return not (named or full) if found[0] == "nya" else not (named and full)
    if named:
        return False
    return len(own) <= SHORT or (not full and bool(re.search(_THINGS[language], lowered)))


def swaps(question: str, history: Sequence[Turn]) -> bool:
    """Whether a follow-up asks the same as the last question of another name: "Kalau di Bantul?"."""
    return bool(history) and _swapped(question, history[-1].question) is not None


def _swapped(question: str, last: str) -> str | None:
    """The last question with the name of the follow-up in the place of its own last one."""
    match = _SWAP.match(question)
    first = re.match(r"\W*\w+", last)
    if not match or not first or len(last) > LONGEST_SWAPPED:
        return None
    found = list(_NAME.finditer(last, first.end()))
    place = [each for each in found if re.search(r"\b(?:di|in|at)\s+\Z", last[: each.start()])]
    if not found:
        return None
    old = (place if match["place"] and place else found)[-1]
    return last[: old.start()] + match["name"] + last[old.end() :]


def _there(text: str, last: str) -> str:
    """The question with the place of the last one for "di sana" and "there"."""
    place = [match for match in _PLACE.finditer(last) if match["name"]]
    if not place:
        return text
    name = place[-1]["name"]
    text = re.sub(r"\b(di|ke|dari) (?:sana|situ)\b", lambda match: f"{match[1]} {name}", text)
    return re.sub(r"(?<=\w )there\b(?! (?:is|are|was|were|be|been)\b)", f"in {name}", text)


def _asks_alike(question: str, last: str, language: Language) -> bool:
    """Whether both questions ask for a number, a person, a time or a place, and this one says of what."""
    own = [word for word in content_words(question, language) if word not in STOP_WORDS[language]]
    same = any(form.search(question) and form.search(last) for form in _ASKED)
    return same and bool(own)


def leans(question: str, language: Language) -> bool:
    """Whether a question has a word that stands for what was said before it."""
    lowered = question.lower()
    return any(re.search(form[language], lowered) for form in (_PEOPLE, _THINGS))


def _names_in_small_letters(question: str, own: Sequence[str], language: Language) -> bool:
    """Whether a question without capitals says what it is about: it asks what something is or who holds an
    office, or has a word that is so rare that it names something."""
    if re.search(_WHOLE[language], question, re.IGNORECASE) and own:
        return True
    if _WHO.match(question) and len(own) >= SHORT:
        return True
    return any(_rare(word, language) for word in own)


def _rare(word: str, language: Language) -> bool:
    if len(word) < 4 or not word.isalpha() or (language == "id" and _INFLECTED.fullmatch(word)):
        return False
    return len(encoding().encode_ordinary(" " + word)) > 1


def _person(turns: Sequence[Turn]) -> str | None:
    """The person that "he" and "she" mean: the last one asked for, else the name in the last question."""
    for turn in reversed(turns):
        if _WHO.match(turn.question) and _short(turn.answer) and (found := _NAME.search(turn.answer)):
            return found[0].rstrip(".,")
    names = named_in(turns[-1].question)
    return names[0] if names else None


def _in_place(text: str, person: str, language: Language) -> str:
    """Puts the name in the place of the first pronoun; for Indonesian's -nya, after the word."""
    form = re.compile(_PEOPLE[language], re.IGNORECASE)
    if not (match := form.search(text)):
        return text
    possessive = match[0].lower() in ("his", "her", "hers") and re.match(r"\s+\w", text[match.end() :])
    name = f"{person}'s" if possessive else person
    space = " " if match[0].lower() == "nya" else ""
    return text[: match.start()] + space + name + text[match.end() :]


def named_in(text: str) -> list[str]:
    """The names in a question, which begins with a capital of its own."""
    first = re.match(r"\W*\w+", text)
    return [match[0] for match in _NAME.finditer(text, first.end() if first else 0)]


def _short(answer: str) -> bool:
    return 0 < len(answer.split()) <= LONGEST


def _new(texts: Iterable[str], said: set[str], language: Language) -> Iterable[str]:
    """The words of these texts that are not said yet, as they are written, without function words."""
    for text in texts:
        for word in re.findall(r"[\w][\w.,'’/-]*[\w]|\w", text):
            plain = words(word)
            if plain and plain[0] not in STOP_WORDS[language] and stem(plain[0], language) not in said:
                said.add(stem(plain[0], language))
                yield word
