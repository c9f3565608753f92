from __future__ import annotations

from decimal import Decimal

import pytest

from rag.reading.disagree import differing
from rag.text.figures import figures
from rag.types import Article, Evidence, Language, Passage, Sentence


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Sebanyak 1.350 warga mengungsi", "id", [("1350", "people")]),
        ("some 1,350 people fled", "en", [("1350", "people")]),
        ("ditaksir Rp86,4 miliar", "id", [("86400000000", "rp")]),
        ("worth $2.1 billion", "en", [("2100000000", "$")]),
        ("dua belas orang tewas", "id", [("12", "people")]),
        ("twenty-seven people", "en", [("27", "people")]),
        ("naik 50,7 persen", "id", [("50.7", "%")]),
        ("pada 10/3/2024 pukul 21.40", "id", [("21.40", None)]),
        ("5,2 ton per hektare", "id", [("5.2", "ton")]),
    ],
)
def test_a_figure_has_a_value_and_what_it_counts(
    text: str, language: Language, found: list[tuple[str, str | None]]
) -> None:
    assert [(each.value, each.unit) for each in figures(text, language)] == [
        (Decimal(value), unit) for value, unit in found
    ]


def read(*rows: tuple[str, str | None, str, float]) -> tuple[list[Evidence], list[Passage]]:
    """(text, date, span, score), a passage of one sentence each."""
    passages, evidence = [], []
    for at, (text, published, span, score) in enumerate(rows):
        article = Article(str(at), None, None, published, "id", text)
        sentence = Sentence(str(at), 0, 0, len(text))
        passages.append(Passage(at, article, (sentence,), 1.0))
        start = text.index(span)
        evidence.append(Evidence(passages[at], sentence, score, (start, start + len(span))))
    return evidence, passages


ASKED = "Berapa orang tewas akibat banjir di Kali Wening?"
OLD = ("Banjir di Kali Wening menewaskan 5 orang tewas.", "2024-01-14", "5 orang", 0.8)
NEW = ("Banjir di Kali Wening membuat 9 orang tewas.", "2024-01-16", "9", 0.6)


def test_two_figures_for_one_thing_are_both_shown_the_newest_first() -> None:
    evidence, _ = read(OLD, NEW)
    assert [item.passage.key for item in differing(ASKED, "id", evidence)] == [1, 0]


def test_a_word_that_only_links_need_not_be_in_both() -> None:
    old = ("Sebanyak 5 orang tewas, akibat banjir di Kali Wening.", "2024-01-14", "5 orang", 0.8)
    new = ("Korban banjir di Kali Wening bertambah, 9 orang tewas.", "2024-01-16", "9", 0.3)
    evidence, _ = read(old, new)
    assert [item.passage.key for item in differing(ASKED, "id", evidence)] == [1, 0]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (("Banjir di Kali Wening membuat 5 orang tewas.", "2024-01-16", "5", 0.6), "the same figure"),
        (("Banjir di Kali Wening membuat lima orang tewas.", "2024-01-16", "lima", 0.6), "the same in words"),
        (("Banjir di Kali Mati membuat 9 orang tewas.", "2024-01-16", "9", 0.6), "another place"),
        (("Banjir di Kali Wening membuat 9 rumah rusak.", "2024-01-16", "9", 0.6), "another thing"),
        (("Banjir di Kali Wening membuat 9 orang tewas.", None, "9", 0.6), "no date"),
        (("Banjir di Kali Wening membuat 9 orang tewas.", "2024-01-14", "9", 0.6), "the same day"),
        (("Banjir di Kali Wening membuat 9 orang tewas.", "2024-01-16", "9", 0.1), "hardly an answer"),
        (("Banjir di Kali Wening membuat banyak orang tewas.", "2024-01-16", "banyak", 0.6), "no figure"),
    ],
)
def test_no_difference_is_shown_where_there_is_none(
    other: tuple[str, str | None, str, float], why: str
) -> None:
    evidence, _ = read(OLD, other)
    assert differing(ASKED, "id", evidence) == [], why
