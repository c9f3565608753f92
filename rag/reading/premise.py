"""Whether an article can answer a question at all: it must say what the question takes for granted. Pure.

"Berapa pemain judi online di Jawa Timur?" is near an article about Jawa Barat, and "Why did Lestari resign?"
near one in which she wins; neither answers. An article that says nothing of a whole name in the question, or
none of its other words, is about something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rag.asking.follow import named_in
from rag.search.overlap import names
from rag.search.query import STOP_WORDS, Translations, concept, content_words
from rag.text.calendar import MONTHS, WEEKDAYS
from rag.text.stems import stem, stems, words
from rag.types import Article, Kind, Language

LONGEST = 50_000
"""Code points of an article that are searched: longer texts are reports, and names come early."""
_ENDS = re.compile(r"(?<=[.?!:])\s+")
"""Where a sentence ends: the capital behind it is no name's."""
LEAST = 0.15
"""The weight from which a translation says a word."""
_CAPITAL = re.compile(r"\b[A-Z][\w'’-]*")
"""Words of a text that may be of a name: "Muara Sintuk" is not at the mouth ("muara") of a river."""
_SIDES = frozenset(
    """
    barat timur utara selatan tengah tenggara west western east eastern north northern south southern
    central
    """.split()
)
"""Words that make another place of a name, so that they must be there themselves."""
_KINDS = frozenset(
    """
    lapas rutan kota kabupaten provinsi kecamatan desa kampung kelurahan gunung sungai pulau danau jalan rs
    rsud rumah sakit bandara stasiun terminal pelabuhan stadion pasar masjid gereja universitas kampus sekolah
    hotel jembatan gedung taman pt cv bupati wali walikota gubernur presiden menteri kapolda kapolres kapolri
    hakim ketua direktur pak bu ibu bapak mount mt lake river island city district province regency
    airport port station hospital university school market bridge president minister governor mayor
    regent judge chief mr mrs ms dr prof general king queen prince the st
    """.split()
)
"""Words that stand in many names and tell none from another."""
_MEASURES = frozenset(
    """
    tinggi ketinggian panjang lebar luas dalam kedalaman berat bobot jarak jauh lama durasi umur usia
    tua besar jumlah banyak total skor hasil nilai harga biaya tarif kecepatan cepat suhu kekuatan nama
    tempat lokasi tanggal waktu jam hari tahun tall high height long length wide width large area deep
    depth heavy weight far distance old age big many much number total score result price cost fast
    speed hot temperature strong strength name place location date time day year
    """.split()
)
"""Words that ask for a measure, which an article gives without them: "48 meter" is how tall something is."""
_ALIKE: Mapping[str, str] = {
    **{"jokowi": "joko widodo", "sby": "susilo bambang yudhoyono", "bamsoet": "bambang soesatyo"},
    **dict.fromkeys(("covid", "corona", "korona"), "covid corona korona coronavirus"),
    **{"ahok": "basuki tjahaja", "gibran": "rakabuming", "cak imin": "muhaimin"},
}
"""Other names of the same."""


def founded(question: str, language: Language, kind: Kind, article: Article, lexicon: Translations) -> bool:
    """Whether an article says every name in the question and some of its other words."""
    text = article.titled(LONGEST)
    names_there = " ".join(_CAPITAL.findall(text))
    named = set(stems(names_there, article.language)) | set(words(names_there))
    for name in _names(question):
        if not _said(name, language, article.language, named, lexicon):
            return False
    if kind in ("summary", "news", "compare", "define", "person"):
        return True
    own = names(question)
    plain = [
        word
        for word in content_words(question, language)
        if word not in own and len(word) > 2 and word not in _MEASURES
    ]
    if not own or not plain:
        return True
    there = set(stems(text, article.language)) | set(words(text))
    return any(_says(word, language, article.language, there, lexicon) for word in plain)


def _names(question: str) -> Iterator[list[str]]:
    """The words of each name that tell it from others; times and abbreviations are none."""
    for name in (name for said in _ENDS.split(question) for name in named_in(said)):
        parts = [part for part in re.findall(r"[\w'’-]+", name) if part[:1].isupper()]
        if any(
            (len(part) > 1 and part.isupper()) or (part[:-1].isupper() and len(part) > 2) for part in parts
        ):
            continue
        own = [word for part in parts for word in words(part)]
        own = [word for word in own if word not in MONTHS and word not in WEEKDAYS and len(word) > 2]
        if any(word not in _KINDS for word in own):
            yield [word for word in own if word not in _KINDS]


def _said(
    name: list[str], language: Language, spoken: Language, there: set[str], lexicon: Translations
) -> bool:
    for word in name:
        if word in _SIDES and not _says(word, language, spoken, there, lexicon):
            return False
    own = [word for word in name if word not in _SIDES] or name
    return any(_says(word, language, spoken, there, lexicon) for word in own) or any(
        # What the lexicon does not know may have another name in the other language.
        language != spoken and not lexicon.translations(stem(word, language), language)
        for word in own
    )


def _says(word: str, language: Language, spoken: Language, there: set[str], lexicon: Translations) -> bool:
    if any(part in there for part in (word, *_ALIKE.get(word, "").split())):
        return True
    if word in STOP_WORDS[language]:
        return True
    meant = [term.stem for term in concept(word, language, spoken, lexicon) if term.weight > LEAST]
    # "Mengirim" swallows the first letter of "kirim".
    tails = {each[1:] for each in meant if spoken == "id" and each[0] in "kpst" and len(each) > 4}
    return any(each in there for each in meant) or not tails.isdisjoint(there)
