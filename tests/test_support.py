from __future__ import annotations

import pytest

from rag.search.lexicon import Lexicon
from rag.writing.support import Cited, borrowed, missing, names

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


VOLCANO = Cited(
    "Mount Kelam in Indonesia erupted for the first time, the president of the region said.", "en"
)


@pytest.mark.parametrize(
    ("claim", "language", "cited", "what"),
    [
        ("Presiden pertama Indonesia adalah Suharto.", "id", VOLCANO, "Suharto"),
        ("Presiden pertama Indonesia adalah Sukarno.", "id", VOLCANO, "Sukarno"),
        ("The harvest in Demak was 4.800 tons.", "en", Cited("Panen Demak 4.800 ton.", "id"), "4.800"),
        ("Panen di Demak 4,800 ton.", "id", Cited("The harvest in Demak was 4,800 tons.", "en"), "4,800"),
        ("Bupati Demak ialah Siti.", "id", Cited("Ia seorang guru.", "id", around="Bupati Demak"), "Siti"),
    ],
)
def test_every_name_and_every_figure_is_looked_for_as_the_claim_has_it(
    claim: str, language: str, cited: Cited, what: str, lexicon: Lexicon
) -> None:
    assert missing(claim, language, [cited], lexicon) == what  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "language", "cited"),
    [
        ("The harvest in Demak was 4,800 tons.", "en", Cited("Panen di Demak 4.800 ton.", "id")),
        ("The harvest was 4.800 tons.", "en", Cited("The harvest in Demak was 4.800 tons.", "en")),
        ("Rice cost Rp 15.900 a kilogram.", "en", RICE),
        ("The dam holds 4.8 million litres.", "en", Cited("Bendungan itu memuat 4,8 juta liter air.", "id")),
    ],
)
def test_a_figure_stands_as_the_claims_language_writes_it_or_as_its_sentence_does(
    claim: str, language: str, cited: Cited, lexicon: Lexicon
) -> None:
    assert missing(claim, language, [cited], lexicon) is None  # type: ignore[arg-type]


def test_a_name_may_stand_in_the_title_or_just_before_but_the_words_in_the_sentence(lexicon: Lexicon) -> None:
    quote, around = (
        "“A third eruption would not surprise me,” she added.",
        "Mount Kelam. Helen Marwick spoke.",
    )
    claim = "Helen Marwick expects a third eruption of Mount Kelam."
    assert missing(claim, "en", [Cited(quote, "en")], lexicon) == "Helen"
    assert missing(claim, "en", [Cited(quote, "en", around=around)], lexicon) is None
    other = "The chillies were sold at once."
    assert missing("Helen Marwick spoke.", "en", [Cited(other, "en", around=around)], lexicon) == "words"


def test_the_names_of_a_sentence_do_not_bear_out_what_is_said_of_them(lexicon: Lexicon) -> None:
    chair = Cited(
        "Ketua KPU, Salman Daulay, mempersilakan pihak itu menggugat.", "id", around="Ridwan Pamungkas."
    )
    claim = "Salman Daulay reported Ridwan Pamungkas for vote buying."
    assert missing(claim, "en", [chair], lexicon) == "words"
    assert missing("Salman Daulay melaporkan Ridwan Pamungkas ke polisi.", "id", [chair], lexicon) == "words"
    assert missing("Salman Daulay mempersilakan mereka menggugat.", "id", [chair], lexicon) is None


def test_a_word_that_a_sentence_begins_with_is_a_name_only_where_it_must_be(lexicon: Lexicon) -> None:
    assert list(names("Pemerintah menaikkan harga.", "id", lexicon)) == []
    assert list(names("The government raised prices.", "en", lexicon)) == []
    assert list(names("Matsegora berpendapat lain.", "id", lexicon)) == ["Matsegora"]
    assert list(names("Kata Kim Jong-un kepada Dr. Priya.", "id", lexicon)) == ["Kim", "Jong", "Priya"]


@pytest.mark.parametrize(
    ("question", "claim", "language", "cited", "expected"),
    [
        (
            "Mengapa harga cabai naik?",
            "Harga cabai naik karena panen mundur.",
            "id",
            "Kenaikan terjadi karena panen mundur.",
            True,
        ),
        (
            "Mengapa harga beras naik?",
            "Harga beras naik karena panen mundur.",
            "id",
            "Beras naik karena panen mundur.",
            False,
        ),
        (
            "What do the evacuees need?",
            "The evacuees need oralit.",
            "en",
            "Ia meminta tambahan oralit.",
            False,
        ),
        (
            "Who is Russia's defence minister?",
            "The defence minister is Sergei Shoigu.",
            "en",
            "Menteri Pertahanan Rusia, Sergei Shoigu, hadir.",
            False,
        ),
        ("Berapa lama?", "Rapat berlangsung dua jam.", "id", "Rapat itu dua jam.", False),
    ],
)
def test_what_a_claim_has_from_the_question_must_be_in_its_sentences(
    question: str, claim: str, language: str, cited: str, expected: bool, lexicon: Lexicon
) -> None:
    said = [Cited(cited, "id")]
    assert borrowed(question, claim, language, said, lexicon) is expected  # type: ignore[arg-type]


def test_it_may_stand_around_them(lexicon: Lexicon) -> None:
    quote = Cited("Kenaikan terjadi karena panen mundur.", "id", around="Harga cabai naik.")
    claim = "Harga cabai naik karena panen mundur."
    assert not borrowed("Mengapa harga cabai naik?", claim, "id", [quote], lexicon)


def test_what_is_only_about_the_same_thing_does_not_bear_a_claim_out(lexicon: Lexicon) -> None:
    claim = "The cost of a school meal in Brayfield has increased."
    cited = [Cited("All 14 schools in Brayfield now buy vegetables from local farms.", "en")]
    assert missing(claim, "en", cited, lexicon) == "words"
    assert missing("Schools in Brayfield buy from local farms.", "en", cited, lexicon) is None
