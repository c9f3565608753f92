"""The parts of a question that asks for two things, each as a question that stands alone. Pure.

"Berapa korban di Bantul, dan siapa bupatinya?" asks twice; "Bantul atau Sleman yang lebih banyak?" asks the
same of two sides. One sentence seldom says both, so each part is read by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.asking.follow import carried, leans, named_in
from rag.search.query import STOP_WORDS
from rag.text.calendar import MONTHS, WEEKDAYS, alternatives
from rag.text.stems import words
from rag.types import Kind, Language, Turn

MOST = 3
"""Parts of a question that are read, since each takes as long as a question."""
FEW = 2
"""A part with no more words of its own than this beside its names also gets the names of the other parts."""
LONGEST = 400
"""Characters; a longer text is not taken apart."""

_ASKS: dict[Language, str] = {
    "id": r"\b(?:(?:siapa|berapa|kapan|mana|apa|mengapa|kenapa|bagaimana)(?:kah)?)\b",
    "en": r"\b(?:who|whom|whose|what|when|where|why|how|which)\b",
}
"""Words that ask."""
_BEFORE_EN = r"(?:from|to|in|on|at|by|of|for|with|since|until|about)"
_JOINS: dict[Language, re.Pattern[str]] = {
    "id": re.compile(
        r"\s*[,;]\s*(?:dan|serta|terus|lalu|kemudian|sedangkan|sementara|tapi|juga)\s+(?:juga\s+)?"
        r"|\s+(?:dan|serta|terus|lalu|kemudian|sedangkan|sementara|dibanding(?:kan)?)\s+(?:juga\s+)?|\s*[,;]\s+",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\s*[,;]?\s*\b(?:and|but|then|while)\s+(?:then\s+|also\s+)?"
        rf"(?=(?:{_BEFORE_EN}\s+)?(?:who|whom|whose|what|when|where|why|how|which)\b)"
        r"|\s+(?:versus|vs\.?|compared (?:with|to))\s+(?=how\b)",
        re.IGNORECASE,
    ),
}
"""What joins two questions."""
_ENDS = re.compile(r"\?\s+(?=\w)")
"""Where one question ends and another begins."""
_WHETHER = re.compile(
    r"\W*(?:apakah|betulkah|benarkah|do|does|did|is|are|was|were|has|have|had|can|could|will|would)\b",
    re.IGNORECASE,
)
"""How a question of yes or no begins."""
_TOPIC = re.compile(
    r"^(?:(?:di|dalam|pada|soal|tentang|menurut|untuk|setelah|usai|in|about|on|after|according to)\s"
    r"[^,:?]{4,160}?[,:]|[^,:?]{4,160}:)\s+",
    re.IGNORECASE,
)
"""What stands before both questions: "Dalam surat edaran Makassar, apa …"."""

_NAME = r"(?:[A-Z][\w.'’-]*+(?:\s++(?:[A-Z0-9][\w.'’-]*+|of\b|the\b|bin\b|binti\b))*+)"
_TIME = rf"(?:(?:(?:mid|early|late)[- ])?(?:\d{{1,2}} )?(?:(?:{alternatives(MONTHS)}) )?(?:19|20)\d\d)"
_OF = (
    r"(?:di|ke|dari|oleh|pada|tahun|menurut|versi|kata|pengamat|menteri"
    r"|by|in|at|on|from|according to|the|with|minister)"
)
"""Words that may stand before the second of two sides."""
_OR: dict[Language, str] = {
    "id": r"(?:atau|vs\.?|versus|dibanding(?:kan)?(?: dengan)?|ketimbang)",
    "en": r"(?:or|vs\.?|versus|than|compared (?:with|to))",
}
_AND: dict[Language, str] = {"id": "(?:dan|serta)", "en": "and"}
_SAYING = re.compile(
    r"\b(?:kata|menurut|versi|pendapat|sikap|tanggapan|reaksi|komentar|beda\w*|perbedaan\w*|masing-masing"
    r"|say|says|said|think|react|respond|opinions?|views?|differ\w*|each|both|respectively|compare\w*"
    r"|more|less|fewer|lebih|selisih\w*)\b",
    re.IGNORECASE,
)
"""What makes two names joined by "and" two sides and not a pair that acts together."""
_ACCORDING = re.compile(
    r"\b(?P<lead>menurut|versi|kata|according to)\s+(?P<one>[^,?]{2,50}?),?(?P<q>\s+apa)?,?\s+"
    r"(?:dan|serta|and)\s+(?:(?:menurut|versi|kata|according to)\s+)(?P<other>[^,?]{2,50}?)(?=[,?]|$)",
    re.IGNORECASE,
)

_PAIR = re.compile(r"\b(?:antara|between|bersama|beserta|together with)\s+\Z", re.IGNORECASE)
"""Words after which two names are one thing: "latihan bersama Cina dan Rusia"."""
_DIFFERENCE = re.compile(
    r"\b(?:beda|bedanya|perbedaan|perbedaannya)\s+(?:antara\s+)?|\b(?:the\s+)?differences?\s+(?:between|in)\s+",
    re.IGNORECASE,
)
"""Words that hold two sides against each other; each side is asked about without them."""
_MORE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(?:(?:mana\s+)?yang\s+)?lebih\s+(?:banyak|sedikit)\b(?:\s+mana\b)?", re.I), "berapa"),
    (
        re.compile(r"\b(?:mana\s+)?yang\s+lebih\s+([\w-]+)|\blebih\s+([\w-]+)\s+mana\b", re.I),
        r"berapa \1\2",
    ),
    (re.compile(r"\b(?:is|are|was|were)\s+there\s+(?:more|fewer)\b", re.I), "how many"),
)
"""Words that ask which is more, with those that ask how much each is."""
_SELF = re.compile(
    r"(?:dia|ia|beliau|dirinya|yang bersangkutan)(?:\s+sendiri)?|sendiri|he|she|him(?:self)?|her(?:self)?",
    re.IGNORECASE,
)
"""The one whom the question names, as a side of it."""
_RESPONDS = re.compile(
    r"\b(?:respon[ds]\w*|merespons?|react\w*|repl(?:y|ies|ied)|answer\w*|says?|said|thinks?|thought|comment\w*"
    r"|den(?:y|ies|ied)|do about it|kata|sikap|tanggapan\w*|menanggapi\w*|respons\w*|reaksi\w*|bereaksi"
    r"|komentar\w*|jawaban\w*|menjawab\w*|bantahan\w*|membantah\w*|pendapat\w*)\b",
    re.IGNORECASE,
)
"""A question for what somebody says to something, which another part may name."""
_TAIL = re.compile(
    r"\s(?:soal|tentang|mengenai|terkait|perihal|about|regarding|concerning)\s\S.{2,160}$", re.I
)
"""What the last of several questions is about, and so perhaps all of them."""
_OPENING = frozenset(
    """
    menurut versi kata sikap pendapat tanggapan reaksi respons komentar pandangan bantahan penjelasan alasan
    beda perbedaan jumlah harga nilai skor hasil nasib profil sosok according
    """.split()
)
"""Words that open a question before a name."""
_EITHER = re.compile(
    r"(?P<one>[a-z][\w-]+)\s+(?:atau|or)\s+(?P<other>[a-z][\w-]+(?:\s+(?!yang\b|lebih\b)[a-z][\w-]+)?)"
)
"""Two sides without names."""
_OPPOSITE = frozenset(
    """
    naik turun lebih kurang tidak bukan belum ya besar kecil tinggi rendah untung rugi menang kalah benar
    salah more less up down higher lower better worse not rise fall rose fell true false yes no won lost
    """.split()
)
"""Words that are two answers and no sides."""
_SPEAKERS = re.compile(
    r"\b(?:do|did|does)\s+(?P<one>(?:the\s+)?(?:[\w'’-]+\s+){0,4}[\w'’-]+?)\s+and\s+"
    r"(?P<other>(?:the\s+)?(?:[\w'’-]+\s+){0,4}?[\w'’-]+?)(?=\s+(?:say|think|react|respond|want|plan)\b)"
)
"""Two who say something, whether they are named or not: "What do the mayor and the army think?"."""


_ABOUT: dict[Language, str] = {"id": "tentang", "en": "about"}
"""A word that stands before names, as the first word of a question is none."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things that a question asks, as a question that stands alone. `side` are the words for the
    person, place or time that it asks about, where another part asks the same about another one; `own` is the
    question without what it takes from the other parts."""

    text: str
    side: frozenset[str] = frozenset()
    own: str = ""


def parts(question: str, language: Language, kind: Kind) -> list[Part]:
    """The parts of a question in their order; empty where it asks for one thing."""
    if len(question) > LONGEST or kind in ("summary", "news", "talk"):
        return []
    found = list(_questions(question, language))
    if len(found) < 2:
        return list(_sides(question, language, kind))
    every = []
    for own, text in found:
        sides = list(_sides(text, language, "fact"))
        every += sides or [Part(text, own=own)]
    return every[:MOST]


def _questions(question: str, language: Language) -> Iterator[tuple[str, str]]:
    """The questions that are joined, each as it stands there and with what it leaves out."""
    topic = ""
    body = question
    asks = re.compile(_ASKS[language], re.IGNORECASE)
    if (match := _TOPIC.match(question)) and not asks.search(match[0]) and asks.search(question, match.end()):
        topic, body = match[0], question[match.end() :]
    sentences = [each for each in _ENDS.split(body) if _says(each, language)]
    if any(not asks.search(each) and not _WHETHER.match(each) for each in sentences):
        # Words that stand behind a question are what it is about.
        yield question, question
        return
    pieces = [piece for each in sentences for piece in _cut(each, asks, language)]
    if len(pieces) < 2:
        yield question, question
        return
    tail = _TAIL.search(pieces[-1])
    for place, piece in enumerate(pieces):
        own = f"{topic}{piece}?" if topic else f"{piece[:1].upper()}{piece[1:]}?"
        if (
            tail
            and not topic
            and place < len(pieces) - 1
            and not _named(piece)
            and _says(piece, language) <= FEW
        ):
            yield own, f"{own[:-1]}{tail[0]}?"
        else:
            yield own, _alone(own, topic, pieces[:place], pieces[place + 1 :], language)


def _cut(body: str, asks: re.Pattern[str], language: Language) -> list[str]:
    """The text between the joints before each asking word; both sides of a joint must say something."""
    cuts, begin = [(0, 0)], 0
    asked = [match.start() for match in asks.finditer(body)]
    for one, other in pairwise(asked):
        joints = [
            m
            for m in _JOINS[language].finditer(body, max(one, begin))
            if m.start() > one and m.end() <= other
        ]
        if not joints:
            continue
        # "…, dan": the joint nearest to the second question.
        joint = joints[-1]
        if _says(body[begin : joint.start()], language) and _says(body[joint.end() :], language):
            cuts.append(joint.span())
            begin = joint.end()
    ends = [start for start, _ in cuts[1:]] + [len(body)]
    return [body[after:end].strip(" ,;?") for (_, after), end in zip(cuts, ends, strict=True)]


def _says(text: str, language: Language) -> int:
    """How many words of its own a text has."""
    return sum(word not in STOP_WORDS[language] for word in words(text))


def _alone(text: str, topic: str, before: Sequence[str], after: Sequence[str], language: Language) -> str:
    """A piece, which may begin with the topic, with what it leaves out: what it is said to, or the names of
    the other pieces."""
    names, piece = _named(text[len(topic) :]), text[len(topic) :]
    few = _says(piece, language) - len(words(" ".join(names))) <= FEW
    if before and few and not topic and _RESPONDS.search(piece) and not _TAIL.search(piece):
        return carried(text, language, [Turn(f"{before[-1]}?", "")], always=True)
    if topic and (names or not few):
        return text
    others = [*before, *([] if names else after)]
    told = [name for each in others for name in _named(each) if name not in text]
    if topic and not told:
        return text
    if not told:
        # Nothing is written with a capital: all that was said before, or comes after, may be the name.
        bare = few and not names
        subject = [*before[:1], *(after[:1] if bare else [])]
        return carried(text, language, [Turn(f"{subject[0]}?", "")], always=bare) if subject else text
    if names and not leans(text, language) and not few:
        return text
    return carried(text, language, [Turn(f"{_ABOUT[language]} {', '.join(told)}", "")], always=True)


def _named(text: str) -> list[str]:
    """The names in a question, without months and weekdays."""
    return [name for name in named_in(text) if not all(w in MONTHS or w in WEEKDAYS for w in words(name))]


def _sides(question: str, language: Language, kind: Kind) -> Iterator[Part]:
    """The question about one side, and about the other."""
    if match := _ACCORDING.search(question):
        begin, end = match.span()
        ask = match["q"] or ""
        for name in (match["one"], match["other"]):
            side = next(iter(_named(question)), name) if _SELF.fullmatch(name.strip()) else name
            text = f"{question[:begin]}{match['lead']} {side}{ask}{question[end:]}"
            yield Part(text, _words(side), text)
        return
    forms = [_OR[language]]
    if kind == "compare" or _SAYING.search(question):
        forms.append(_AND[language])
    asked = _DIFFERENCE.sub("", question) if kind == "compare" else question
    for match in _pairs(asked, kind, forms, language):
        for side, drop in (("one", "other"), ("other", "one")):
            text = asked[: match.start("one")] + match[side] + asked[match.end("other") :]
            for form, instead in _MORE if kind == "compare" else ():
                text = form.sub(instead, text)
            yield Part(text, _words(match[side]) - _words(match[drop]), text)
        return


def _pairs(question: str, kind: Kind, forms: Sequence[str], language: Language) -> Iterator[re.Match[str]]:
    """Where a question has two sides, likeliest first."""
    for name, form in ((name, form) for form in forms for name in (_NAME, _TIME)):
        pattern = rf"(?P<one>{name}),?\s+{form}\s+(?:{_OF}\s+){{0,3}}(?P<other>{name})"
        match = re.compile(pattern).search(question, _first_name(question)) or (
            _SPEAKERS.search(question) if form == _AND["en"] else None
        )
        if match and not _of_one_name(match) and not _PAIR.search(question, 0, match.start()):
            yield match
    if kind == "compare" and (match := _EITHER.search(question)) and not _of_one_name(match):
        told = {*words(match["one"]), *words(match["other"])}
        if not told & _OPPOSITE and not any(told & STOP_WORDS[each] for each in STOP_WORDS):
            yield match


def _first_name(question: str) -> int:
    """Where names may begin: behind a first word that is none, though it has a capital."""
    first = re.match(r"\W*(\w+)\s+", question)
    if first is None:
        return 0
    word = first[1].lower()
    return first.end() if word in _OPENING or any(word in STOP_WORDS[each] for each in STOP_WORDS) else 0


def _of_one_name(match: re.Match[str]) -> bool:
    """Whether nothing tells the sides apart: "Kementerian A dan A"."""
    return not (
        _words(match["one"]) - _words(match["other"]) and _words(match["other"]) - _words(match["one"])
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in words(text) if not any(word in STOP_WORDS[each] for each in STOP_WORDS))
