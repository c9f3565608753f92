"""Yes or no by rule, where one sentence says all of a question or denies its verb. Pure.

The entailment model is sure of few questions. Two plain cases need none: the sentence has nearly every word
of the question and denies nothing ("Apakah Jembatan Cipta ditutup?", "Jembatan Cipta ditutup sejak Senin"),
or what it denies is a word of the question ("Jembatan Cipta tidak ditutup"). All else is left open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, takewhile

from rag.search.overlap import names
from rag.search.query import STOP_WORDS, Concept, Translations, concept, content_words
from rag.text.stems import stem, words
from rag.types import Language

DENIED, SAID = 0.2, 0.7
"""The shares of a question's words that a sentence must say for a no, where it denies one of them, and for a
yes. Chosen on 718 written questions beside their sentences (`lab/LOG.md`)."""
LEAST = 0.2
"""The weight from which a translation says a word."""
SCOPE, REACH = 4, 6
"""How many words of its own after a denial are denied, and within how many words."""

_NO: Mapping[Language, frozenset[str]] = {
    "id": frozenset(
        """
        tidak tak bukan belum tanpa batal gagal tiada enggak nggak gak ga ngga engga kagak tdk bukanlah
        tidaklah jangan
        gagal enggan ogah dilarang urung mustahil
        """.split()
    ),
    "en": frozenset(
        """
        not no never without failed nor neither none cannot dont didnt doesnt isnt wasnt arent werent wont
        cant hasnt havent
        """.split()
    ),
}
"""Words that deny what follows them."""
_ONLY = frozenset("hanya cuma sekadar sekedar saja only just merely".split())
"""Words that make a denial none: "not only"."""
_EVERY = frozenset("semua seluruh setiap tiap seluruhnya semuanya all every everyone each everybody".split())
"""Words of which the sentence must have one where the question has one."""
_HAPPENS = frozenset(
    "terjadi ada benar dilakukan jadi berlangsung happen happened true exist occur place".split()
)
"""Words that say of something that it is or was."""
_ENDS = frozenset(
    "dan tetapi tapi namun melainkan sehingga karena sebab lalu kemudian and but because so then".split()
)
"""Words that end what is denied."""
_REFUSE: Mapping[Language, frozenset[str]] = {
    "id": frozenset(
        """
        membantah bantah dibantah menampik menepis menyangkal menolak tolak ditolak ogah enggan urung mustahil
        hoaks hoax bohong mencabut dicabut kecuali
        """.split()
    ),
    "en": frozenset("denied denies deny refused refuses rejected rejects except unless".split()),
}
"""Words that may deny more than what follows them: a sentence with one says no plain yes."""
_OPEN: Mapping[Language, frozenset[str]] = {
    "id": frozenset(
        """
        jika kalau bila apabila seandainya diduga dugaan kemungkinan mungkin rencana rencananya berencana
        semestinya seharusnya sedianya awalnya semula sebelumnya hampir nyaris kabar rumor isu konon hanya
        tetapi tapi namun meski meskipun walau walaupun sebetulnya sebenarnya menunggu membutuhkan perlu
        """.split()
    ),
    "en": frozenset(
        """
        if may might would should could planned allegedly reportedly almost nearly initially originally
        only but however although though unless until waiting needs
        """.split()
    ),
}
"""Words that leave open whether something is so, or bound it; a yes needs the question to say them, too."""
_BOUNDS: Mapping[Language, frozenset[str]] = {
    "id": frozenset(
        """
        semua seluruh setiap bisa dapat boleh harus wajib masih sendiri sendirian hanya cuma selalu sering
        pertama langsung
        """.split()
    ),
    "en": frozenset(
        "all every everyone can must still alone only just always often first immediately one each".split()
    ),
}
"""Words of a question that bound what it states; a yes needs a sentence that says them."""
_ASKING: Mapping[Language, frozenset[str]] = {
    "id": frozenset(
        """
        apakah betulkah benarkah betul benar emang emangnya memang bener beneran masa sih ya gak ga nggak ngga
        tidak enggak belum kah udah sudah sdh udh dong kok kan kata menurut aja saja apa
        """.split()
    ),
    "en": frozenset("true right really according ever say says said already yet still".split()),
}
"""Words that make a question of yes or no and are no part of what it states."""
_SAYING = re.compile(r"[,\"”]\s*(?:kata|ujar|ucap|tutur|jelas|terang|ungkap|tegas|imbuh|said|says)\w*\s")
"""What stands before the name of the one who says it."""
_TAG = re.compile(
    r"(?i)[, ]+(?:(?:atau|apa) )?(?:tidak|tdk|belum|bukan|gak|ga|nggak|ngga|enggak|kan|or not)\b[\s?!.]*"
    r"(?:(?:sih|ya|menurut|kata)\b.*)?\Z"
)
"""What ends a question and denies nothing: "… atau tidak?", "… belum ya?"."""
_TAG_INSIDE = re.compile(
    r"(?i)\b(?:ga|gak|nggak|ngga|engga|enggak|kagak)\b(?=\s+(?:pas|saat|waktu|ketika|di|ke|dari|kalau|kalo|sama"
    r"|soal|buat|untuk|menurut|kata|dengan|habis|setelah|sebelum|gara|pada|selama)\b)"
)
"""The same inside a question, before a place, a time or a circumstance: "ada korban ga waktu ambruk"."""


def verdict(
    question: str,
    language: Language,
    sentence: str,
    article: str,
    spoken: Language,
    lexicon: Translations | None = None,
) -> bool | None:
    """Whether a sentence says yes or no to the question; None where neither is plain. `article` is the title
    and the text around the sentence, which may say the names in its place; both are in `spoken`."""
    text = _TAG_INSIDE.sub("", _TAG.sub("", question))
    if _has(text, language, _NO) or _has(text, language, _REFUSE):
        return None
    asked = _stated(text, language)
    named = names(text)
    concepts = {word: _concept(word, language, spoken, lexicon) for word in asked}
    plain = [word for word in asked if word not in named and not word.isdigit()]
    said = words(sentence)
    there = {stem(word, spoken) for word in said}
    around = there.union(stem(word, spoken) for word in words(article))
    if not plain or not all(_says(concepts[word], around) for word in asked if word not in plain):
        return None
    share = sum(map(_weight, (word for word in plain if _says(concepts[word], there))))
    share /= sum(map(_weight, plain))
    if share >= DENIED and any(
        _says(concepts[word], {each}) for each in _denied(said, spoken) for word in plain
    ):
        return False
    bounded = {word for word in said if word in _OPEN[spoken]}
    limits = [word for word in words(text) if word in _BOUNDS[language]]
    if (
        share < SAID
        or of_another(text, language, sentence, spoken, lexicon)
        or _has(sentence, spoken, _NO)
        or _has(sentence, spoken, _REFUSE)
        or any(not _asks(word, spoken, text, language, lexicon) for word in bounded)
        or any(not _says(_concept(w, language, spoken, lexicon), there) for w in limits)
        or (not _EVERY.isdisjoint(words(text)) and _EVERY.isdisjoint(said))
    ):
        return None
    return True


def denies(
    question: str, language: Language, sentence: str, spoken: Language, lexicon: Translations | None = None
) -> bool:
    """Whether a word of the question stands right behind a denial: "belum ditahan"."""
    named, said = names(question), words(sentence)
    concepts = [
        _concept(word, language, spoken, lexicon) for word in _stated(question, language) if word not in named
    ]
    return any(
        word in _NO[spoken] and any(_says(each, {stem(after, spoken)}) for each in concepts)
        for word, after in pairwise(said)
    )


def _stated(question: str, language: Language) -> list[str]:
    """The words of a question of yes or no that are part of what it states."""
    return [word for word in content_words(question, language) if word not in _ASKING[language]]


def of_another(
    question: str, language: Language, sentence: str, spoken: Language, lexicon: Translations | None = None
) -> bool:
    """Whether a sentence has names, and none of those in the question: it says nothing of these."""
    asked, others = names(question), names(_SAYING.split(sentence)[0])
    if not asked or not others:
        return False
    return not any(_says(_concept(word, language, spoken, lexicon), others) for word in asked)


def _denied(said: Sequence[str], language: Language) -> Iterator[str]:
    """The stems that follow a denial."""
    for place, word in enumerate(said):
        if word in _NO[language] and _ONLY.isdisjoint(said[place + 1 : place + 2]):
            after = list(takewhile(lambda each: each not in _ENDS, said[place + 1 : place + 1 + REACH]))
            own = [each for each in after if each not in STOP_WORDS[language]]
            yield from (stem(each, language) for each in own[:SCOPE])
            if not _HAPPENS.isdisjoint(after[:3]):
                # "The meeting did not take place": what stands before it is denied.
                yield from (stem(each, language) for each in said[max(0, place - REACH) : place])


def _asks(
    word: str, spoken: Language, question: str, language: Language, lexicon: Translations | None
) -> bool:
    """Whether the question has a word of the sentence, too."""
    own = {stem(each, language) for each in words(question)}
    return _says(_concept(word, spoken, language, lexicon), own)


def _has(text: str, language: Language, marked: Mapping[Language, frozenset[str]]) -> bool:
    return not marked[language].isdisjoint(words(text.replace("n't", "nt").replace("n’t", "nt")))


def _concept(word: str, language: Language, target: Language, lexicon: Translations | None) -> Concept:
    return concept(word, language, target, lexicon or _NoLexicon())


def _says(terms: Concept, there: set[str]) -> bool:
    return any(term.weight > LEAST and term.stem in there for term in terms)


def _weight(word: str) -> float:
    return min(len(word), 8) / 4


class _NoLexicon:
    def translations(self, stem: str, source: Language) -> Sequence[tuple[str, float]]:
        return ()
