from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search.spelling import as_typed, language_of, understood
from rag.store.lexical import Indexed, LexicalIndex
from rag.types import Language

ARTICLES = (
    "Perampokan toko emas di Banyuwangi: tiga orang merampas lima kilo emas, rampok itu ditangkap.",
    "Indra Bruggman menjalani operasi plastik di bagian mata.",
    "Maggie Smith meninggal dunia pada usia 89 tahun, kata putranya kepada media.",
    "Gunung Tarangga meletus; bandara Pattiraja ditutup karena abu vulkanik.",
    "Hanya orang dewasa yang boleh masuk.",
    "Banjir di Banyuwangi menjadi kejadian tahunan. Ibu menyusui minum air susu.",
    "Harga beras di pasar naik.",
    "Banjir melanda Tanah Rawang.",
    "Kabupaten Situbondo dipimpin Karna Suswandi. Ia ditahan KPK karena korupsi.",
)


class NoTranslations:
    def translations(self, stem: str, source: Language) -> Sequence[tuple[str, float]]:
        return ()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    index = LexicalIndex(tmp_path_factory.mktemp("lexical") / "index")
    index.apply([], [Indexed.of(key, "id", text) for key, text in enumerate(ARTICLES, start=1)])
    return index


@pytest.mark.parametrize(
    ("typed", "language", "read"),
    [
        ("knp indra brugman oplas", "id", "kenapa indra bruggman operasi plastik?"),
        ("rampok emas bnyuwangi dpt brp kilo", "id", "rampok emas banyuwangi dapat berapa kilo?"),
        ("gara2 apa bandara patiraja ditutup?", "id", "gara-gara apa bandara pattiraja ditutup?"),
        ("bandara ditutup krn gunung tarnagga", "id", "bandara ditutup karena gunung tarangga?"),
        ("Yg mana?", "id", "Yang mana?"),
        (
            "how old was magie smith when she died n where",
            "en",
            "how old was maggie smith when she died and where?",
        ),
        ("how old r u", "en", "how old are you?"),
        ("Siapa pemilik Toko Emas Banywangi?", "id", "Siapa pemilik Toko Emas Banyuwangi?"),
        ("bandara patirajja ditutup", "id", "bandara pattiraja ditutup?"),
        ("bnjir banyuwangi thunan", "id", "banjir banyuwangi tahunan?"),
        ("rmpk emas bnywangi", "id", "rampok emas banyuwangi?"),
        ("hrga brs brpa", "id", "harga beras berapa?"),
        ("knp hrga bras naik", "id", "kenapa harga beras naik?"),
        ("bnjr tnh rawang knp", "id", "banjir tanah rawang kenapa?"),
        ("gmn bnjirrr tanah rawang", "id", "bagaimana banjir tanah rawang?"),
        ("org2 rawang ngapain", "id", "orang-orang rawang mengapa?"),
        ("arak2an di tanah rawang", "id", "arak-arakan di tanah rawang?"),
        ("uangnya 40rb ap 2jt", "id", "uangnya 40 ribu apa 2 juta?"),
        ("temennya kt siapa", "id", "temannya kata siapa?"),
        ("how come the airport closed 4 the day", "en", "why the airport closed for the day?"),
        ("y did u go 2 the 2 islands", "en", "why did you go to the 2 islands?"),
        ("how'd they get 40k", "en", "how did they get 40 thousand?"),
        ("who is princess r n why", "en", "who is princess are and why?"),
        ("where is the prince w princess r", "en", "where is the prince with princess r?"),
    ],
)
def test_a_question_is_read_as_it_was_meant(
    index: LexicalIndex, typed: str, language: Language, read: str
) -> None:
    said = understood(typed, language, index, NoTranslations())
    assert (said.text, said.changed) == (read, True)


@pytest.mark.parametrize(
    "typed",
    [
        "Siapa yang merampok toko emas di Banyuwangi?",
        "Apakah Karna Suswandi ditahan KPK?",  # a name, and a chat spelling elsewhere
        "Kapan janda pelaut yang karam di dekat Pulau Dewata itu bersalin?",
        "Siapa yang diduga mengorupsi dana?",
        "Apa itu BS?",  # somebody's initials, not "bisa"
        "Bagaimana lika-liku kasus emas Banyuwangi?",
        "Siapa Zxqwv?",
        "Apa biang keladi banjir di Banyuwangi?",
        "Kapan pilot Susi Air dibebaskan?",
        "?",
    ],
)
def test_a_word_that_may_be_meant_as_it_is_stays(index: LexicalIndex, typed: str) -> None:
    said = understood(typed, "id", index, NoTranslations())
    assert (said.text, said.changed) == (typed, False)


def test_what_the_lexicon_knows_stays(index: LexicalIndex) -> None:
    class Knows:
        def translations(self, stem: str, source: Language) -> Sequence[tuple[str, float]]:
            return (("x", 1.0),) if stem == "brugman" else ()

    assert "brugman" in understood("indra brugman", "id", index, Knows()).text


class Words:
    """A lexicon that has these stems, and the same word for a name."""

    def __init__(self, *known: str) -> None:
        self.known = known

    def translations(self, stem: str, source: Language) -> Sequence[tuple[str, float]]:
        names = ("tarangga",)
        if stem in names:
            return ((stem, 1.0),)
        return (("x", 1.0),) if stem in self.known else ()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("rampok ngrampas emas banyuwangi", "rampok merampas emas banyuwangi?"),
        ("emas banyuwangi siapa yang ngerampas", "emas banyuwangi siapa yang merampas?"),
        ("toko emas banyuwangi dirampasin siapa", "toko emas banyuwangi dirampaskan siapa?"),
        ("beras di pasar kerampas", "beras di pasar kerampas?"),  # nothing beside the question's words has it
        ("tarangga meletus", "tarangga meletus?"),
    ],
)
def test_what_is_said_is_read_as_it_is_printed(index: LexicalIndex, typed: str, read: str) -> None:
    assert understood(typed, "id", index, Words("rampas")).text == read


def test_what_the_articles_say_stays_though_it_is_not_print(tmp_path: Path) -> None:
    said = LexicalIndex(tmp_path / "index")
    said.apply([], [Indexed.of(1, "id", "Dia ngerampas emas, katanya. Emas dirampas.")])
    assert understood("siapa ngerampas emas", "id", said, Words("rampas")).text == "siapa ngerampas emas?"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("who is minin gold", "who is mining gold?"),
        ("who is tarangga friend", "who is tarangga friend?"),
        ("is bruggmans eye ok", "is bruggman's eye ok?"),
        ("which hotels are there", "which hotels are there?"),
        ("five bilion for cofee", "five billion for coffee?"),
        ("acording to whom", "according to whom?"),
    ],
)
def test_english_words_get_the_letter_that_was_left_out(index: LexicalIndex, typed: str, read: str) -> None:
    lexicon = Words("mine", "billion", "coffe", "accord", "hotel", "friend", "gold", "eye")
    assert understood(typed, "en", index, lexicon).text == read


def test_a_correction_stands_beside_a_word_of_the_question(index: LexicalIndex) -> None:
    assert "bnyuwangi" in understood("gunung di bnyuwangi", "id", index, NoTranslations()).text


def test_a_question_mark_alone_is_no_change(index: LexicalIndex) -> None:
    said = understood("siapa indra bruggman", "id", index, NoTranslations())
    assert (said.text, said.changed) == ("siapa indra bruggman?", False)


def test_an_empty_store_corrects_nothing(tmp_path: Path) -> None:
    empty = LexicalIndex(tmp_path / "index")
    assert understood("siapa indra brugman", "id", empty, NoTranslations()).text == "siapa indra brugman?"


@given(st.text(max_size=60), st.sampled_from(["id", "en"]))
def test_any_text_can_be_read(index: LexicalIndex, text: str, language: Language) -> None:
    assert understood(text, language, index, NoTranslations()) == understood(
        text, language, index, NoTranslations()
    )


def test_a_long_text_is_looked_at_in_little_time(index: LexicalIndex) -> None:
    looked: list[str] = []

    class Counting:
        frequency, beginning = index.frequency, index.beginning

        def together(self, word: str, others: Sequence[str], most: int) -> int:
            looked.append(word)
            return 0

    words = " ".join(f"qzx{chr(97 + n // 26)}{chr(97 + n % 26)}vw" for n in range(600))
    understood(words, "id", Counting(), NoTranslations())
    assert len(looked) < 100


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("rampok emas bnyuwangi dpt brp kilo trus sapa aja yg ketangkep", "id"),
        ("knapa aaliyah ngambek sm thoriq gara2 first class", "id"),
        ("rian pembunuh brantai bogor nyari korbannya lwt mn", "id"),
        ("how much r they sellin the leaked npwp data for", "en"),
        ("who won n where pls", "en"),
    ],
)
def test_chat_spellings_tell_a_language(question: str, language: Language) -> None:
    assert language_of(question) == language


def test_as_typed_is_as_typed() -> None:
    assert as_typed("knp", "id").text == "knp"
