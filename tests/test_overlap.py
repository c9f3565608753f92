from __future__ import annotations

import pytest

from rag.lexicon import Lexicon
from rag.overlap import Overlap


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


def test_a_question_without_words_has_no_share(lexicon: Lexicon) -> None:
    assert Overlap("", "id", lexicon).share("Hujan turun.", "id") == 0
