from __future__ import annotations

import pytest

from rag.search.lexicon import Lexicon
from rag.search.overlap import Overlap


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


def test_a_text_that_says_everything_has_all_of_it(lexicon: Lexicon) -> None:
    overlap = Overlap("minister ministers 2023 Indonesia", "en", lexicon)
    assert overlap.share("The ministers of Indonesia met in 2023.", "en") == pytest.approx(1)
    assert 0 < overlap.share("The ministers met.", "en") < 0.6
    assert overlap.share("It rained.", "en") == 0


def test_translations_count_in_part(lexicon: Lexicon) -> None:
    overlap = Overlap("Who is the minister of defence?", "en", lexicon)
    assert 0.4 < overlap.share("Menteri Pertahanan itu setuju.", "id") <= 1
    assert overlap.share("Hujan turun.", "id") == 0


@pytest.mark.parametrize(
    ("question", "text", "mentioned"),
    [
        ("How many were killed in the brawl in Taiwan?", "Letusan itu menewaskan tujuh orang.", False),
        ("How many were killed in the brawl in Taiwan?", "Bentrok di Taiwan menewaskan satu orang.", True),
        ("Who is Russia's defence minister?", "Menteri Pertahanan Rusia setuju.", True),
        ("Why did “Shoigu” go to Pyongyang?", "Kata Shoigu, ia datang.", True),
        ("Apa kata Ma'ruf Amin?", "Maruf Amin setuju.", True),
        ("siapa menteri taiwan?", "Hujan turun.", True),
        ("Siapa dia?", "Hujan turun.", True),
    ],
)
def test_a_name_in_the_question_is_looked_for(
    lexicon: Lexicon, question: str, text: str, mentioned: bool
) -> None:
    language = "en" if question[:3] in ("How", "Who", "Why") else "id"
    assert Overlap(question, language, lexicon).mentions(text, "id") is mentioned  # type: ignore[arg-type]


def test_a_question_without_words_has_no_share(lexicon: Lexicon) -> None:
    assert Overlap("", "id", lexicon).share("Hujan turun.", "id") == 0
