from __future__ import annotations

import pytest

from rag.search.lexicon import Lexicon
from rag.writing.support import Cited, missing, names

SHOIGU = Cited(
    "Usulan ini diajukan saat Shoigu mengunjungi Korea Utara pada bulan Juli, dalam rangka memperingati 70 "
    "tahun berakhirnya Perang Korea.",
    "id",
    "2023-09-05",
)
RICE = Cited(
    "Harga beras medium di Pasar Induk Cempaka mencapai Rp 15.900 per kilogram pada Senin (19/2/2024).", "id"
)
DENGUE = Cited("Twenty-one patients have died since January, the city health office said.", "en")


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


@pytest.mark.parametrize(
    ("claim", "language", "cited"),
    [
        ("Shoigu mengunjungi Korea Utara pada Juli.", "id", SHOIGU),
        ("Shoigu visited North Korea in July.", "en", SHOIGU),
        ("The visit marked seventy years since the end of the Korean War.", "en", SHOIGU),
        ("Harga beras medium Rp15.900 per kilogram.", "id", RICE),
        ("Rice cost Rp 15,900 a kilogram on Monday, February 19, 2024.", "en", RICE),
        ("Sejak Januari 21 pasien meninggal.", "id", DENGUE),
        ("Dua puluh satu pasien meninggal sejak Januari.", "id", DENGUE),
    ],
)
def test_a_claim_that_its_sentence_says_stands(
    claim: str, language: str, cited: Cited, lexicon: Lexicon
) -> None:
    assert missing(claim, language, [cited], lexicon) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "language", "cited", "what"),
    [
        ("Shoigu mengunjungi Korea Utara pada Agustus.", "id", SHOIGU, "Agustus"),
        ("Putin mengunjungi Korea Utara pada Juli.", "id", SHOIGU, "Putin"),
        ("Shoigu visited South Korea in July.", "en", SHOIGU, "South"),
        ("Shoigu visited North Korea in June.", "en", SHOIGU, "June"),
        ("Peringatan itu menandai 75 tahun Perang Korea.", "id", SHOIGU, "75"),
        ("Rice cost Rp 15,600 a kilogram.", "en", RICE, "Rp 15,600"),
        ("Rice cost US$15,900 a kilogram.", "en", RICE, "US$15,900"),
        ("Harganya Rp 15.900 pada Selasa.", "id", RICE, "Selasa"),
        ("Twelve patients have died since January.", "en", DENGUE, "Twelve"),
        ("Pemerintah kota memberikan penghargaan kepada guru teladan.", "id", SHOIGU, "words"),
    ],
)
def test_what_its_sentence_does_not_say_is_named(
    claim: str, language: str, cited: Cited, what: str, lexicon: Lexicon
) -> None:
    assert missing(claim, language, [cited], lexicon) == what  # type: ignore[arg-type]


def test_facts_may_come_from_several_cited_sentences(lexicon: Lexicon) -> None:
    claim = "Shoigu mengunjungi Korea Utara pada Juli dan harga beras Rp 15.900."
    assert missing(claim, "id", [SHOIGU, RICE], lexicon) is None
    assert missing(claim, "id", [SHOIGU], lexicon) == "Rp 15.900"


def test_a_word_that_a_sentence_begins_with_is_a_name_only_where_it_must_be(lexicon: Lexicon) -> None:
    assert list(names("Pemerintah menaikkan harga.", "id", lexicon)) == []
    assert list(names("The government raised prices.", "en", lexicon)) == []
    assert list(names("Matsegora berpendapat lain.", "id", lexicon)) == ["Matsegora"]
    assert list(names("Kata Kim Jong-un kepada Dr. Priya.", "id", lexicon)) == ["Kim", "Jong", "Priya"]
