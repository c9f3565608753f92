from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelError
from rag.search.lexicon import PATH, Lexicon
from rag.text.stems import stem
from rag.types import Language


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        ("weapons", "senjata"),
        ("minister", "menteri"),
        ("defence", "pertahanan"),
        ("Russia", "Rusia"),
        ("earthquake", "gempa"),
        ("Japan", "Jepang"),
        ("president", "presiden"),
    ],
)
def test_common_words_are_translated_both_ways(lexicon: Lexicon, english: str, indonesian: str) -> None:
    en, id_ = stem(english.lower(), "en"), stem(indonesian.lower(), "id")
    assert id_ in dict(lexicon.translations(en, "en"))
    assert en in dict(lexicon.translations(id_, "id"))


def test_probabilities_descend_and_sum_to_one_at_most(lexicon: Lexicon) -> None:
    sides: tuple[tuple[Language, str], ...] = (
        ("en", "use"),
        ("en", "state"),
        ("id", "besar"),
        ("id", "buat"),
    )
    for language, term in sides:
        weights = [weight for _, weight in lexicon.translations(term, language)]
        assert weights
        assert weights == sorted(weights, reverse=True)
        assert all(weight > 0.02 for weight in weights)
        assert sum(weights) <= 1.02  # each is rounded to 1/255


@pytest.mark.parametrize("term", ["", "shoigu-zzz", "the", "who"])
def test_unknown_and_english_function_words_have_no_translation(lexicon: Lexicon, term: str) -> None:
    assert tuple(lexicon.translations(term, "en")) == ()


@pytest.mark.parametrize("term", ["", "shoigu-zzz", "yang", "siapa"])
def test_unknown_and_indonesian_function_words_have_no_translation(lexicon: Lexicon, term: str) -> None:
    assert tuple(lexicon.translations(term, "id")) == ()


def test_the_shipped_file_is_small() -> None:
    assert PATH.stat().st_size < 3_000_000


def test_a_broken_or_missing_file_is_a_model_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    for content in (b"", b"PK\x03\x04 not really", b"garbage" * 100):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="broken"):
            Lexicon.load(path)
    np.savez(path, other=np.zeros(3))
    with pytest.raises(ModelError, match="broken"):
        Lexicon.load(path)
    with pytest.raises(ModelError, match="absent"):
        Lexicon.load(tmp_path / "absent.npz")
