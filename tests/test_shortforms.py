from __future__ import annotations

import pytest

from rag.search.lexicon import Lexicon
from rag.search.overlap import Overlap
from rag.search.query import query_terms
from rag.search.shortforms import PATH, long_forms, office, says, shortened, spelt_out
from rag.text.stems import words
from rag.writing.support import Cited, missing, unsaid


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


def test_every_line_of_the_list_has_its_three_parts_and_no_form_stands_twice() -> None:
    lines = [line for line in PATH.read_text("utf-8").splitlines() if not line.startswith("#")]
    forms = [line.split(" = ")[0].removesuffix("*") for line in lines]
    assert all(line.count(" = ") == 2 for line in lines)
    assert len(set(forms)) == len(forms) > 200
    assert all(words(form) == [form] for form in forms)
    for line in lines:
        assert all(words(phrase) for part in line.split(" = ")[1:] for phrase in part.split("/"))


@pytest.mark.parametrize(
    ("question", "language", "form"),
    [
        ("Who is the national police chief?", "en", "kapolri"),
        ("What did the Vice President say?", "en", "wapres"),
        ("Who won the presidential election?", "en", "pilpres"),
        ("Where in North Sumatra did it rain?", "en", "sumut"),
        ("Apa kata wakil presiden?", "id", "wapres"),
        ("Siapa calon wakil presiden itu?", "id", "cawapres"),
        ("Kapan pemilihan kepala daerah digelar?", "id", "pilkada"),
    ],
)
def test_the_short_form_of_what_is_asked_for_is_searched(
    question: str, language: str, form: str, lexicon: Lexicon
) -> None:
    terms = query_terms(question, language, lexicon)["id"]  # type: ignore[arg-type]
    said = {form, form.removesuffix("i")}
    assert any(term.stem in said for concept in terms for term in concept)


def test_the_longest_form_counts() -> None:
    found = shortened(words("calon wakil presiden dan wakil presiden"), "id")
    assert found["calon"] == ["cawapres"]
    assert found["presiden"] == ["cawapres", "wapres"]


@pytest.mark.parametrize("question", ["Siapa presiden?", "Who is the chief?", "the north", ""])
def test_a_part_of_a_long_form_is_not_it(question: str) -> None:
    assert shortened(words(question), "en") == {}


def test_a_text_with_the_short_form_says_the_long_one(lexicon: Lexicon) -> None:
    overlap = Overlap("Who is Indonesia's national police chief?", "en", lexicon)
    assert overlap.share("Kapolri Jenderal Listyo Sigit hadir.", "id") > 0.5
    assert overlap.share("Hujan turun di Medan.", "id") == 0


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("National Police Chief Listyo Sigit Prabowo attended.", "Kapolri Listyo Sigit Prabowo hadir."),
        (
            "Vice President Ma'ruf Amin thanked the volunteers.",
            "Wapres Ma'ruf Amin berterima kasih kepada relawan.",
        ),
        ("Bobby wants to win the North Sumatra election.", "Bobby ingin memenangkan pemilihan di Sumut."),
        ("Andi's hearing was held at the West Jakarta District Court.", "Sidang Andi digelar di PN Jakbar."),
    ],
)
def test_a_claim_may_spell_a_short_form_out(claim: str, quote: str, lexicon: Lexicon) -> None:
    assert missing(claim, "en", [Cited(quote, "id")], lexicon) is None
    assert unsaid(quote, "id", [Cited(claim, "en")], lexicon) is None


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("The South Sumatra governor attended.", "Gubernur Sumut hadir."),
        # Also a part of names.
        ("The State Intelligence Agency arrested him.", "Ahmad bin Ali ditangkap."),
    ],
)
def test_another_office_is_no_short_form_of_it(claim: str, quote: str, lexicon: Lexicon) -> None:
    assert missing(claim, "en", [Cited(quote, "id")], lexicon) is not None


def test_what_means_something_else_too_is_never_taken_for_its_long_form() -> None:
    assert not long_forms("bin", "en")
    assert not list(spelt_out(["bin", "ali"]))
    assert "disaster" in set(spelt_out(["bnpb"]))
    assert shortened(words("state intelligence agency"), "en")["state"] == ["bin"]


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        ("Who is the vice president?", "Wapres Gibran Rakabuming datang.", True),
        ("Who is the vice president?", "Wakil Presiden datang.", True),
        ("Who is the vice president?", "Presiden Prabowo Subianto dan wakilnya datang.", False),
        ("siapa wapres sekarang", "Vice President Gibran came.", True),
        ("Siapa nama menteri keuangan?", "Menteri Luar Negeri datang.", False),
        ("Siapa Menkeu?", "Menteri Keuangan datang.", True),
        ("Who is Indonesia's national police chief?", "Kapolda Jambi datang.", False),
        ("Who is the police chief of Medan?", "Kapolrestabes Medan datang.", True),
        ("wapres sekarang siapa?", "Presiden datang.", False),
        ("Siapakah Kapolri?", "Kepala Polri Listyo Sigit datang.", True),
        # Another thing than the holder of the office, or no office of the list, is asked for.
        ("Siapa yang menyerang wapres?", "Seorang pria datang.", True),
        ("Siapa calon wakil presiden?", "Cawapres datang.", True),
        ("Who is the vice president-elect?", "Gibran datang.", True),
        ("Who is the deputy governor candidate?", "Cawagub datang.", True),
        ("Siapa Menteri Dalam Negeri Inggris?", "The home secretary of Inggris came.", True),
        # Articles call these by other words than the list has.
        ("Who is the spokesman of the court?", "Humas pengadilan datang.", True),
        ("Who is the president director of Sentul?", "Presdir Sentul datang.", True),
        ("Who is the chairman of KPU?", "Ketua KPU datang.", True),
        ("Apa itu wapres?", "Cabai naik.", True),
        ("Siapa presiden?", "Cabai naik.", True),
        ("Siapa?", "Cabai naik.", True),
        ("", "Cabai naik.", True),
    ],
)
def test_an_article_that_does_not_say_the_office_asked_for_does_not_answer(
    question: str, text: str, said: bool, lexicon: Lexicon
) -> None:
    forms = office(question)
    assert (not forms or says(text, forms)) is said
    # In small letters the question has no names, which would decide as well.
    assert Overlap(question.lower(), "en", lexicon).mentions(text, "id") is said
