"""Articles made from a seed: Indonesian news-like text with one word in it that no other article has."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from rag.text.calendar import MONTH_NAMES

_CONSONANTS, _VOWELS = "bdfgjklmprstvz", "aeou"
_BASE = len(_CONSONANTS) * len(_VOWELS)
_VERSIONS = 100
_PLACES = "Demak Cianjur Garut Malang Sleman Padang Medan Ambon Kupang Bima Palu Manado Solo Tegal".split()
_NAMES = "Siti Lestari|Joko Purnomo|Rina Wulandari|Agus Salim|Dewi Anggraini|Budi Santoso|Maya Sari".split(
    "|"
)
_THINGS = "jembatan|pasar|sekolah|puskesmas|pelabuhan|irigasi|terminal|perpustakaan|bendungan".split("|")
_PLAIN = (
    "Warga {place} menyambut pembangunan {thing} itu pada {month} {year}.",
    "Pemerintah Kabupaten {place} menyiapkan anggaran Rp{number} miliar untuk {thing} baru.",
    "Menurut {name}, pekerjaan {thing} di {place} selesai dalam {number} bulan.",
    "Sebanyak {number} keluarga di {place} pindah karena banjir bulan {month}.",
    "Polisi memeriksa {number} saksi soal kebakaran {thing} di {place}.",
    "{name} mengatakan harga beras di {place} naik {number} persen.",
    "Hujan deras merusak {number} rumah dan satu {thing} di {place}.",
    "Para guru di {place} meminta {thing} yang rusak segera diperbaiki.",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is given to `kutip ingest`. Only the sentence with the answer to `question` holds `marker`."""

    id: str
    marker: str
    question: str
    title: str
    text: str
    url: str | None = None


def marker(number: int) -> str:
    """A capitalised word for a number, another one for every number, which no stemmer changes."""
    digits = [number // _BASE**place % _BASE for place in (3, 2, 1, 0)]
    parts = (_CONSONANTS[digit // len(_VOWELS)] + _VOWELS[digit % len(_VOWELS)] for digit in digits)
    return f"X{''.join(parts)}x"


def draft(seed: int, number: int, version: int, sentences: int = 16, url: str | None = None) -> Draft:
    """Article `number` in its `version`; the same arguments give the same article."""
    random = Random(f"{seed}/{number}/{version}")
    name = marker(number * _VERSIONS + version)
    person, place = random.choice(_NAMES), random.choice(_PLACES)
    body = [_sentence(random) for _ in range(sentences)]
    body.insert(random.randrange(len(body) + 1), f"Proyek {name} di {place} dipimpin oleh {person}.")
    paragraphs = [" ".join(body[at : at + 4]) for at in range(0, len(body), 4)]
    return Draft(
        id=f"article-{number:05}",
        marker=name,
        question=f"Siapa yang memimpin proyek {name}?",
        title=f"Kabar dari {place}",
        text="\n\n".join(paragraphs),
        url=url,
    )


def jsonl(drafts: Iterable[Draft]) -> str:
    """The drafts as `kutip ingest` reads them. An id that is the URL is left out: the URL is the id then."""
    lines = []
    for each in drafts:
        row = {"id": each.id if each.id != each.url else None, "url": each.url}
        row |= {"title": each.title, "text": each.text}
        given = {name: value for name, value in row.items() if value is not None}
        lines.append(json.dumps(given, ensure_ascii=False) + "\n")
    return "".join(lines)


def _sentence(random: Random) -> str:
    return random.choice(_PLAIN).format(
        place=random.choice(_PLACES),
        name=random.choice(_NAMES),
        thing=random.choice(_THINGS),
        month=random.choice(MONTH_NAMES["id"]),
        year=random.randrange(2015, 2026),
        number=random.randrange(2, 900),
    )
