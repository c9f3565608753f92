from __future__ import annotations

import re
from typing import get_args

import pytest

from bot.phrases import Phrases
from rag.reading.compose import Chosen, abstained, composed
from rag.text.sentences import split
from rag.types import Article, Evidence, Kind, Language, Passage

OLD = (
    "Banjir melanda Demak. Korban tewas mencapai 9 orang. "
    "Dapur umum dibuka di balai desa, masjid, dan sekolah."
)
NEW = "Banjir di Demak surut. Korban tewas menjadi 12 orang. Warga mulai pulang karena air sudah surut."


def passage(id: str, text: str, published: str | None) -> Passage:
    article = Article(id, None, "T", published, "id", text)
    return Passage(len(text), article, tuple(split(text, id)), 1.0)


FIRST, SECOND = passage("old", OLD, "2024-03-11"), passage("new", NEW, "2024-03-13")


def found(place: Passage, index: int, short: str | None = None) -> Evidence:
    sentence = place.sentences[index]
    if short is None:
        return Evidence(place, sentence, 0.9)
    start = place.article.text.index(short, sentence.start)
    return Evidence(place, sentence, 0.9, (start, start + len(short)))


def said(kind: Kind, *items: Evidence, language: Language = "id", verdict: bool | None = None) -> str:
    return composed(Chosen(kind, items, verdict), language, Phrases()).text


def test_a_fact_is_the_span_with_every_sentence_that_says_it() -> None:
    assert said("fact", found(SECOND, 1, "12 orang")) == "12 orang [1]"


def test_a_short_answer_is_put_into_the_readers_language_where_nothing_is_uncertain() -> None:
    place = passage("hari", "Jalan itu ditutup selama tiga hari. Ada tiga entitas.", None)
    assert said("fact", found(place, 0, "tiga hari"), language="en") == "three days [1]"
    assert said("fact", found(place, 1, "tiga entitas"), language="en") == "tiga entitas [1]"
    assert said("fact", found(place, 0, "tiga hari")) == "tiga hari [1]"


def test_what_else_belongs_to_a_fact_follows_as_the_sentence_itself() -> None:
    text = said("fact", found(SECOND, 1, "12 orang"), found(SECOND, 0))
    assert text == "12 orang [1]\n“Banjir di Demak surut.” [2]"


def test_a_reason_is_the_sentences_themselves() -> None:
    assert said("why", found(SECOND, 2)) == "Warga mulai pulang karena air sudah surut. [1]"


def test_a_list_is_its_items_unless_they_were_cut_short() -> None:
    items = "balai desa, masjid, dan sekolah"
    assert said("list", found(FIRST, 2, items)) == f"{items} [1]"
    cut = said("list", found(FIRST, 2, "balai desa, masjid"))
    assert cut == "Dapur umum dibuka di balai desa, masjid, dan sekolah. [1]"


@pytest.mark.parametrize(
    ("verdict", "language", "opening"),
    [
        (True, "id", "Ya. "),
        (False, "id", "Tidak. "),
        (None, "id", "Menurut artikel: "),
        (True, "en", "Yes. "),
        (False, "en", "No. "),
        (None, "en", "The article says: "),
    ],
)
def test_yes_or_no_is_said_only_where_it_is_sure(
    verdict: bool | None, language: Language, opening: str
) -> None:
    done = composed(Chosen("yesno", (found(SECOND, 0),), verdict), language, Phrases())
    assert done.text == f"{opening}Banjir di Demak surut. [1]"
    assert done.short == (None if verdict is None else opening.strip(" .").lower())


def test_a_comparison_says_which_is_more_only_of_one_unit() -> None:
    both = said("compare", found(FIRST, 1, "9 orang"), found(SECOND, 1, "12 orang"))
    assert both.endswith("\nLebih besar: 12 orang [2]")
    assert "Lebih besar" not in said("compare", found(FIRST, 1, "9 orang"), found(SECOND, 2))


def test_a_story_is_told_the_newest_first_under_its_dates() -> None:
    text = said("summary", found(FIRST, 1), found(SECOND, 2), found(SECOND, 0))
    assert text.splitlines() == [
        "13 Maret 2024:",
        "• Banjir di Demak surut. [3]",
        "• Warga mulai pulang karena air sudah surut. [2]",
        "11 Maret 2024:",
        "• Korban tewas mencapai 9 orang. [1]",
    ]


def test_figures_that_differ_are_said_the_newest_first_with_their_dates() -> None:
    done = composed(
        Chosen("fact", (found(SECOND, 1, "12"), found(FIRST, 1, "9")), differ=True), "id", Phrases()
    )
    assert done.short == "12"
    assert done.text.endswith("12 [1] (13 Maret 2024); 9 [2] (11 Maret 2024)")


KINDS = [kind for kind in get_args(Kind) if kind != "talk"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_claim_is_covered_by_its_citations_and_every_mark_has_one(
    kind: Kind, language: Language
) -> None:
    items = [found(SECOND, 1, "12 orang"), found(FIRST, 1, "9 orang"), found(SECOND, 2), found(FIRST, 2)]
    done = composed(Chosen(kind, items), language, Phrases())
    quotes = {citation.number: citation.quote for citation in done.citations}
    assert [citation.quote for citation in done.citations] == [item.quote for item in items]
    assert done.claims
    for claim in done.claims:
        assert claim.citations
        assert all(claim.text in quotes[number] for number in claim.citations)
        assert claim.text in done.text or (done.short and done.short in done.text)
    assert {int(number) for number in re.findall(r"\[(\d+)\]", done.text)} <= quotes.keys()


def test_an_abstention_has_no_claims_and_says_that_what_it_shows_is_related() -> None:
    done = abstained([found(FIRST, 0)], True, "en", Phrases())
    assert done.claims == ()
    assert "[1]" in done.text
