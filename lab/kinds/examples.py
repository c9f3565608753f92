"""Questions with the kind of answer that each asks for, to learn from.

The written questions were marked for what their answers are; a few labels say little about the question
itself ("What did the minister promise?" as `news`). Those without a word that their kind needs are left out,
and who somebody is (`person`) is told from who did something (`fact`).
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lab import data
from lab.hard.written import stored as written
from rag.types import Kind, Language


class Example(NamedTuple):
    """`group` is what it is about: examples of a group are never on both sides of a test."""

    group: str
    language: Language
    kind: Kind
    question: str


MORE = Path(__file__).with_name("more.txt")
_NEEDS: dict[str, str] = {
    "how": r"\b(?:how|bagaimana\w*|gimana|gmn|gmna|gmana|cara\w*|kronologi\w*|modus\w*|proses\w*|dari mana"
    r"|in what way|by what|langkah\w*|steps?|seperti apa|kayak apa|ceritanya)\b",
    "news": r"\b(?:latest|new|news|update\w*|terbaru|terkini|perkembangan\w*|kelanjutan\w*|sampai mana"
    r"|sampe mana|kabar\w*|became|stand|progress|kemajuan|nasib\w*|status|sekarang|skrg|now)\b",
    "compare": r"\b(?:beda\w*|perbedaan\w*|banding\w*|dibanding\w*|\w*selisih\w*|versus|vs|lebih|differ\w*"
    r"|compar\w+|contrast\w*|than|or|atau|more|each|masing-masing|before|after|sebelum|sesudah|setelah|dulu"
    r"|then|now|dan|and|sama|previous)\b",
    "define": r"\b(?:itu (?:apa\w*|\w+ apa|maksudnya)|apa (?:itu|sih|arti\w*|yang dimaksud|kepanjangan"
    r"|singkatan)|artinya|maksud\w*|kepanjangan\w*|singkatan\w*|stands? for|means?|meant|defin\w+"
    r"|apa tuh|tuh apa)\b"
    r"|^what(?:'s| is| are| was) |^apa(?:kah)? ",
    "summary": r"\b(?:ringkas\w*|rangkum\w*|summar\w+|sum up|recap|overview|brief|short|gist|happened|terjadi"
    r"|ada apa|cerita\w*|story|account|garis besar|inti\w*|kronologi\w*|run through|about|kisah\w*|singkat\w*"
    r"|gimana|jelas\w*|outline|rundown|what)\b",
    "list": r"\b(?:saja|aja|sebut\w*|daftar|which|what|who|list|name|apa|siapa\w*|mana|syarat\w*|\w+s)\b",
    "person": r"\b(?:siapa\w*|who\w*|profil\w*|spa|sapa)\b",
}
_WHO_FIRST = re.compile(
    r"\W*(?:siapa(?:kah)?(?: (?:sih|itu|sebenarnya|tuh))*"
    r"|who(?:'s|s)?(?: exactly)?(?: (?:is|was|are))?(?: exactly)?(?: this)?)\s+(.*)",
    re.IGNORECASE,
)
_WHO_LAST = re.compile(r"\W*(.*?) (?:itu |tuh )?(?:siapa(?:kah)?)(?: (?:sih|ya|itu))*\W*", re.IGNORECASE)
_PARTS = frozenset("of bin binti van de al yang di in who".split())
_OFFICES = frozenset(
    """
    bupati gubernur ketua menteri wali walikota presiden raja sultan direktur dirut kapolri kapolda
    jaksa hakim wakil plt sekjen komandan panglima kepala juru ketum dubes camat lurah menag menkes
    menhan mendagri ceo minister president governor mayor king head chief the a an kapten pelatih kiper
    her his
    """.split()
)
_PUBLIC: dict[str, tuple[str, int]] = {
    "define": (
        r"^(?:apa(?:kah)? (?:itu|yang dimaksud|arti|pengertian)|what does .* (?:mean|stand for)\b"
        r"|what (?:is|are) (?!the\b|an? \w+ (?:of|in)\b|[A-Z][a-z]+['’]s)[\w -]{2,30}\?)",
        250,
    ),
    "why": (r"^(?:mengapa|kenapa|why)\b", 150),
    "how": (r"^(?:bagaimana(?:kah)?|how (?:do|does|did|is|was|can))\b", 150),
    "list": (r"\b(?:apa|siapa|mana)\b.*\bsaja\b", 150),
    "fact": (
        r"\b(?:kapan\w*|berapa\w*|di ?mana\w*|ke ?mana|siapa\w*|when|where|how (?:many|much|old|long|far|tall"
        r"|high)|which|what (?:year|day|date|city|country|is the (?:name|population|capital|age|date)))\b",
        700,
    ),
}
"""What public questions of a kind look like, and how many of each language are taken."""
_NOT_FACTS = r"\b(?:saja|aja|apakah|beda\w*|banding\w*|apa yang dimaksud|apa itu|difference|list)\b"
_SHORT: dict[str, str] = {
    "yang": "yg", "tidak": "ga gak tdk nggak", "kenapa": "knp knapa napa", "bagaimana": "gimana gmn bgmn",
    "gimana": "gmn gmna", "berapa": "brp brapa", "kapan": "kpn", "siapa": "sapa spa siapa", "apa": "ap apa",
    "saja": "aja aj", "sudah": "udah sdh udh", "belum": "blm", "dengan": "dgn sama", "dimana": "dmn",
    "mana": "mn mana", "karena": "krn gara2", "untuk": "utk buat", "juga": "jg", "bisa": "bs", "orang": "org",
    "are": "r", "you": "u", "please": "pls", "what": "wht wat", "why": "y why", "because": "cuz",
    "your": "ur",
    "sebutkan": "sebutin", "banyak": "byk", "lebih": "lbh", "tentang": "soal ttg", "jelaskan": "jelasin",
    "ringkas": "ringkasin", "rangkum": "rangkumin", "ceritakan": "ceritain", "benarkah": "beneran",
    "apakah": "apa emang",
}  # fmt: skip


def examples(held_out: set[str]) -> list[Example]:
    """Everything but the questions that are in `held_out` as `letters` has them."""
    found = [
        Example(str(row["id"]), row["language"], kind, row["question"])
        for row in written()
        if (kind := _kind(row["kind"], row["question"]))
    ]
    found += _public()
    lines = MORE.read_text(encoding="utf-8").splitlines()
    # Three times: forms of asking that the others lack.
    found += 3 * [
        Example(f"more-{number}", language, kind, question)  # type: ignore[arg-type]
        for number, (kind, language, question) in enumerate(line.split("|") for line in lines)
    ]
    return [each for each in found if letters(each.question) not in held_out]


def letters(question: str) -> str:
    return re.sub(r"\W+", " ", question.lower()).strip()


def everyday(question: str, chance: random.Random) -> str:
    """The question as it may be typed in a chat."""
    typed = []
    for spelled in question.rstrip(" ?").lower().split():
        word = spelled
        if word in _SHORT and chance.random() < 0.6:
            word = chance.choice(_SHORT[word].split())
        elif len(word) > 4 and chance.random() < 0.08:
            at = chance.randrange(1, len(word) - 1)
            swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            word = chance.choice([word[:at] + word[at + 1 :], swapped, word[: at + 1] + word[at:]])
        typed.append(word)
    if chance.random() < 0.3:
        typed.append(chance.choice(["ya", "sih", "dong", "?", "pls"]))
    return " ".join(typed)


def _kind(kind: str, question: str) -> Kind | None:
    """What the question asks for by its words; None where they do not say."""
    if kind in _NEEDS and not re.search(_NEEDS[kind], question, re.IGNORECASE):
        return None
    if kind == "person":
        return "person" if _is_person(question) else "fact"
    if kind == "join" or (kind == "fact" and _is_person(question)):
        return None
    return kind  # type: ignore[return-value]


def _is_person(question: str, names_only: bool = False) -> bool:
    """Whether it asks who somebody is, by name."""
    asked = _WHO_FIRST.fullmatch(question) or _WHO_LAST.fullmatch(question)
    spelled = re.findall(r"[^\W\d_]+", asked[1]) if asked else []
    if not asked or not spelled or re.search(r"[^\W\d_]['’]s\b", asked[1]):
        return False
    small = [word.lower() for word in spelled]
    if names_only and not all(word[0].isupper() or word in _PARTS for word in spelled):
        return False
    if names_only or re.search(r"\b[A-Z]", question[1:]):
        second = spelled[1] if len(spelled) > 1 else "Of"
        named = spelled[0][0].isupper() and (second[0].isupper() or second in _PARTS)
        return named and not _OFFICES & set(small[:3])
    return not {"yang", "yg"} & set(small[:3]) and not _OFFICES & set(small) and small[0] not in _common()


@cache
def _common() -> frozenset[str]:
    """Words that are written small more often than not."""
    small, large = Counter[str](), Counter[str]()
    texts = [str(row["text"]) for row in data.news()]
    texts += [text for _, *both in data.parallel() for text in both]
    for text in texts:
        for word in re.findall(r"(?<=[a-z,] )[A-Za-z]+", text):
            (small if word.islower() else large)[word.lower()] += 1
    return frozenset(word for word, count in small.items() if count >= 5 and count >= large[word])


def _public() -> Iterator[Example]:
    """Public questions whose form leaves no doubt."""
    chance, taken = random.Random(1), Counter[tuple[str, str]]()
    asked = sorted({(q.question.strip(), q.question_language) for q in data.questions() if q.part == "train"})
    chance.shuffle(asked)
    for number, (question, code) in enumerate(asked):
        language: Language = "en" if code == "en" else "id"
        kind = _form(question)
        most = 250 if kind == "person" else _PUBLIC[kind][1] if kind else 0
        if kind and taken[kind, language] < most and len(question) <= 160:
            taken[kind, language] += 1
            yield Example(f"public-{number}", language, kind, question)  # type: ignore[arg-type]


def _form(question: str) -> str | None:
    if _is_person(question):
        return "person" if _is_person(question, names_only=True) else None
    for kind, (form, _) in _PUBLIC.items():
        if re.search(form, question, re.IGNORECASE):
            return None if kind == "fact" and re.search(_NOT_FACTS, question, re.IGNORECASE) else kind
    return None
