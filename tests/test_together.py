"""A chat model's statements and the reader's sentences as one answer."""

from __future__ import annotations

import pytest

from bot.phrases import Phrases
from rag.reading.compose import Chosen
from rag.reading.select import MOST_CITATIONS
from rag.text.sentences import split
from rag.types import Article, Claim, Evidence, Kind, Passage
from rag.writing.prompt import Shown
from rag.writing.together import ALONE, BESIDE, Together, together
from rag.writing.write import Written

TEXT = (
    "Banjir melanda Demak. Tanggul jebol karena hujan deras. Dapur umum dibuka di masjid. "
    "Warga mulai pulang. Sekolah libur dua hari. Jalan pantura ditutup. Air surut pada Rabu. Beras dibagikan."
)
ARTICLE = Article("a", None, "T", "2024-03-11", "id", TEXT)
PLACE = Passage(1, ARTICLE, tuple(split(TEXT, "a")), 1.0)
QUESTION = "Kenapa tanggul di Demak jebol?"


def likely(*chances: float) -> list[Evidence]:
    return [Evidence(PLACE, s, 0.0, None, c) for s, c in zip(PLACE.sentences, chances, strict=False)]


def shown(index: int) -> Shown:
    return Shown(index + 1, PLACE, PLACE.sentences[index])


def wrote(*claims: tuple[str, int], pointed: tuple[int, ...] = ()) -> Written:
    """Each claim with the index of the sentence that it cites."""
    numbered = tuple(Claim(text, (number,)) for number, (text, _) in enumerate(claims, start=1))
    cited = tuple(shown(index) for _, index in claims)
    return Written(numbered, cited, 0, tuple(map(shown, pointed)))


def both(
    written: Written, chosen: tuple[Evidence, ...], evidence: list[Evidence], kind: Kind = "why"
) -> Together | None:
    own = Chosen(kind, chosen) if chosen else None
    return together(written, own, evidence, QUESTION, kind, "id", Phrases())


def test_statements_stand_above_the_sentences_that_none_of_them_cites() -> None:
    evidence = likely(0.1, 0.8, 0.6)
    done = both(wrote(("Hujan deras menjebol tanggul.", 1)), (evidence[1], evidence[2]), evidence)
    assert done is not None
    assert done.in_prose
    assert done.said.text == "Hujan deras menjebol tanggul. [1]\n“Dapur umum dibuka di masjid.” [2]"
    assert [citation.quote for citation in done.said.citations] == [evidence[1].quote, evidence[2].quote]
    assert [claim.citations for claim in done.said.claims] == [(1,), (2,)]


def test_the_readers_sentences_keep_their_numbers_whatever_the_model_cites_first() -> None:
    evidence = likely(0.3, 0.8, 0.6)
    done = both(wrote(("Banjir melanda Demak kemarin.", 0)), (evidence[1], evidence[2]), evidence)
    assert done is not None
    assert done.said.text.startswith("Banjir melanda Demak kemarin. [3]\n")
    assert [citation.quote for citation in done.said.citations] == [
        evidence[1].quote,
        evidence[2].quote,
        evidence[0].quote,
    ]


@pytest.mark.parametrize(("chance", "there"), [(BESIDE / 2, False), (BESIDE, True)])
def test_a_statement_about_something_else_is_not_shown(chance: float, there: bool) -> None:
    evidence = likely(0.1, 0.8, chance)
    done = both(wrote(("Dapur umum ada di masjid.", 2)), (evidence[1],), evidence)
    assert done is not None
    assert ("masjid" in done.said.text, done.in_prose) == (there, there)
    assert "Tanggul jebol" in done.said.text


@pytest.mark.parametrize("alone", [False, True])
def test_a_statement_in_the_language_of_its_sentence_alone_is_shown_as_that_sentence(alone: bool) -> None:
    evidence = likely(0.1, 0.8, 0.6)
    said = wrote(("Dapur umum dibuka di masjid itu.", 2), ("The dyke broke.", 1))
    own = None if alone else Chosen("why", (evidence[1],))
    done = together(said, own, evidence, "Why did the dyke break?", "why", "en", Phrases())
    assert done is not None
    assert done.in_prose
    assert done.said.text.startswith("The dyke broke. [")
    assert "masjid itu" not in done.said.text
    assert evidence[2].quote in [citation.quote for citation in done.said.citations]
    only = together(wrote((evidence[2].quote, 2)), None, evidence, "Where?", "how", "en", Phrases())
    assert only is not None
    assert not only.in_prose
    assert [citation.quote for citation in only.said.citations] == [evidence[2].quote]


@pytest.mark.parametrize(("chance", "there"), [(BESIDE / 2, False), (BESIDE, True)])
def test_a_sentence_that_the_model_cites_is_added_as_it_is_stored(chance: float, there: bool) -> None:
    evidence = likely(0.1, 0.8, chance)
    done = both(wrote(pointed=(2,)), (evidence[1],), evidence)
    assert done is not None
    assert not done.in_prose
    assert done.said.text == "\n".join(
        f"{quote} [{number}]"
        for number, quote in enumerate([evidence[1].quote, evidence[2].quote][: 1 + there], 1)
    )


@pytest.mark.parametrize(("chance", "there"), [(ALONE / 2, False), (ALONE, True)])
def test_where_the_reader_has_no_answer_a_statement_needs_a_likelier_sentence(
    chance: float, there: bool
) -> None:
    evidence = likely(0.1, chance, 0.3)
    done = both(wrote(("Hujan deras menjebol tanggul.", 1), pointed=(2,)), (), evidence)
    assert (done is not None) is there
    # What it only points at is no answer.
    assert done is None or done.said.text == "Hujan deras menjebol tanggul. [1]"


def test_a_statement_that_only_says_the_question_again_is_none() -> None:
    evidence = likely(0.1, 0.8)
    echo = wrote(("Tanggul di Demak jebol.", 1))
    done = both(echo, (evidence[1],), evidence)
    assert done is not None
    assert not done.in_prose
    # A question of yes or no may be answered so.
    done = both(echo, (evidence[1],), evidence, "yesno")
    assert done is not None
    assert done.in_prose


def test_no_answer_has_more_citations_than_fit() -> None:
    evidence = likely(*[0.8] * 8)
    written = wrote(("Air surut hari Rabu.", 6), pointed=(7,))
    done = both(written, tuple(evidence[:MOST_CITATIONS]), evidence, "summary")
    assert done is not None
    assert len(done.said.citations) == MOST_CITATIONS
    assert "hari Rabu" not in done.said.text
    assert not done.in_prose


def test_a_summary_keeps_its_days_below_what_the_model_says() -> None:
    evidence = likely(0.8, 0.8, 0.5)
    done = both(wrote(("Tanggul jebol oleh hujan.", 1)), tuple(evidence), evidence, "summary")
    assert done is not None
    assert done.said.text.split("\n") == [
        "Tanggul jebol oleh hujan. [2]",
        "11 Maret 2024:",
        "• Banjir melanda Demak. [1]",
        "• Dapur umum dibuka di masjid. [3]",
    ]


def test_yes_or_no_opens_the_answer_whoever_says_the_rest() -> None:
    evidence = likely(0.1, 0.8)
    own = Chosen("yesno", (evidence[1],), verdict=True)
    written = wrote(("Tanggul jebol karena hujan.", 1))
    done = together(written, own, evidence, "Apa tanggul jebol?", "yesno", "id", Phrases())
    assert done is not None
    assert (done.said.text, done.said.short) == ("Ya. Tanggul jebol karena hujan. [1]", "ya")
