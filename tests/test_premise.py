from __future__ import annotations

import pytest

from rag.reading.premise import founded
from rag.search.lexicon import Lexicon
from rag.types import Article, Kind, Language

LEXICON = Lexicon.load()
ARTICLE = Article(
    "a",
    None,
    "Lestari Widjaja menang tipis",
    "2024-12-05",
    "id",
    "Wali kota terpilih Lestari Widjaja unggul di Jawa Barat. Presiden Joko Widodo mengirim ucapan selamat. "
    "Penjara di Kota Muara Sintuk terbakar dan pemain Indonesia berlatih di tepi batang kali.",
)


@pytest.mark.parametrize(
    ("question", "language", "right"),
    [
        ("Apa yang dikirim Jokowi ke Lestari Widjaja?", "id", True),
        ("Berapa pemilih di Jawa Timur yang unggul?", "id", False),
        ("Siapa yang unggul di Bandung?", "id", False),
        ("Siapa yang menang di Lapas Cipinang?", "id", False),
        ("Kenapa Lestari Widjaja mundur?", "id", False),
        ("Why did Lestari Widjaja resign?", "en", False),
        ("Kapan Lestari Widjaja menang?", "id", True),
        ("Did Lestari Widjaja win in Japan?", "en", False),
        ("Did Indonesian players train?", "en", True),
        ("Siapa yang unggul pada Desember 2024?", "id", True),
        ("Apa kata KPU soal yang unggul?", "id", True),
        ("siapa yang menang di bandung", "id", True),
        ("Siapa yang menang? Tolong jawab.", "id", True),
        ("Siapa yang menang di Batang Hilir?", "id", False),
        ("Berapa umur Lestari Widjaja?", "id", True),
        ("How old is Lestari Widjaja?", "en", True),
    ],
)
def test_an_article_must_say_the_names_and_something_of_the_rest(
    question: str, language: Language, right: bool
) -> None:
    assert founded(question, language, "fact", ARTICLE, LEXICON) is right


@pytest.mark.parametrize("kind", ["summary", "news", "person", "define"])
def test_a_story_needs_the_names_alone(kind: Kind) -> None:
    assert founded("Rangkum kisah Lestari Widjaja", "id", kind, ARTICLE, LEXICON)
    assert not founded("Rangkum kisah di Bandung", "id", kind, ARTICLE, LEXICON)
