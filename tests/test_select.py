from __future__ import annotations

import pytest

from rag.reading.select import (
    ALONE,
    BELONGS,
    MOST_CITATIONS,
    RULES,
    Rule,
    answers,
    chosen_for,
    ranked,
    related,
)
from rag.text.sentences import split
from rag.types import Article, Evidence, Kind, Passage

SURE = Rule(3, 0.25, 0.3)
TEXT = (
    "Gempa mengguncang Palu pada pagi hari. Sebanyak 12 rumah di pesisir rusak berat. "
    "Warga berlari ke bukit karena takut tsunami. Kantor gubernur menyalurkan tenda dan air bersih. "
    "Sekolah diliburkan sampai Jumat. Bandara tetap beroperasi seperti biasa. "
    "Listrik padam di enam kecamatan. Sebanyak 12 rumah rusak berat di pesisir."
)


def read(*belongs: float, published: str | None = None, id: str = "a") -> list[Evidence]:
    article = Article(id, None, "Gempa di Palu", published, "id", TEXT)
    passage = Passage(1, article, tuple(split(TEXT, id)), 1.0)
    return [
        Evidence(passage, sentence, 0.5 * value, None, value)
        for sentence, value in zip(passage.sentences, belongs, strict=False)
    ]


def indexes(items: list[Evidence]) -> list[int]:
    return [item.sentence.index for item in items]


def test_what_belongs_follows_the_likeliest_and_what_does_not_stays_out() -> None:
    evidence = ranked("why", read(0.1, 0.2, 0.9, 0.7, 0.05))
    assert indexes(chosen_for("why", evidence, 0.4, SURE)) == [2, 3]


def test_what_was_said_already_is_left_out() -> None:
    evidence = ranked("list", read(0.1, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.89))
    assert indexes(chosen_for("list", evidence, 0.4)) == [1]


@pytest.mark.parametrize("kind", list(RULES))
def test_an_answer_never_has_more_sentences_than_its_kind_may(kind: Kind) -> None:
    chosen = chosen_for(kind, ranked(kind, read(*[0.9] * 7)), 0.4)
    assert 1 <= len(chosen) <= RULES[kind].most <= MOST_CITATIONS


def test_a_fact_opens_with_what_answers_alone_and_other_kinds_with_what_belongs() -> None:
    one, two = read(0.4, 0.9)
    alone = [Evidence(one.passage, one.sentence, 0.9, None, 0.4), two]
    assert indexes(ranked("fact", alone)) == [0, 1]
    assert indexes(ranked("how", alone)) == [1, 0]


def test_an_engine_that_does_not_tell_what_belongs_is_chosen_from_by_its_one_probability() -> None:
    evidence = [Evidence(each.passage, each.sentence, each.belongs or 0.0) for each in read(0.2, 0.9, 0.8)]
    assert indexes(chosen_for("why", ranked("why", evidence), 0.4, SURE)) == [1, 2]


def test_nothing_read_gives_nothing() -> None:
    assert chosen_for("summary", [], 0.4) == []
    assert not answers([], 0.5)


def test_an_answer_opens_by_either_probability_or_by_a_users_threshold() -> None:
    assert answers(read(BELONGS + 0.01), 0.9)
    assert not answers(read(BELONGS - 0.1), 0.9)
    surer = [Evidence(each.passage, each.sentence, ALONE, None, 0.1) for each in read(0.1)]
    assert answers(surer, 0.9)
    alone = [Evidence(each.passage, each.sentence, 0.3) for each in read(0.1)]
    assert answers(alone, 0.3)
    assert not answers(alone, 0.31)
    assert not answers(read(BELONGS + 0.01), 0.1, threshold=0.99)
    assert answers(read(0.3), 0.9, threshold=0.2)


def test_what_is_not_related_is_not_shown_as_related() -> None:
    assert indexes(related(read(0.3, 0.0, 0.2, 0.2))) == [0, 2]
    assert related(read(0.0, 0.001)) == []
