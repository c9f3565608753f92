"""What an evaluation counts, on answers made by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evaluation.cases import Case, Quote, read_cases
from bot.evaluation.charts import Mark, dots, growth, round_up
from bot.evaluation.drawing import Drawing, Text, png, svg
from bot.evaluation.figures import Scored, differences, figures, verdict
from bot.evaluation.intervals import estimate
from bot.evaluation.measures import MEASURES, measured, question_word
from bot.evaluation.short import exact_match, f1
from rag.errors import InputError
from rag.types import Answer, Citation, Claim

TEXT = "Hujan turun. Banjir datang. Warga pindah."
TEXTS = {("a", 1): TEXT}


def cited(quote: str, number: int = 1, article: str = "a") -> Citation:
    start = TEXT.index(quote)
    return Citation(number, article, 1, None, None, None, start, start + len(quote), quote)


def answer(*citations: Citation, claims: tuple[Claim, ...] | None = None, short: str | None = None) -> Answer:
    """Answered with one claim that rests on all citations, unless `claims` says otherwise; () abstains."""
    rest = Claim(short or "x", tuple(c.number for c in citations))
    claims = (rest,) if claims is None else claims
    status = "answered" if claims else "abstained"
    return Answer("?", "id", status, "x", short, claims, citations, "reader", 0, {"total": 0.1})


GOLD = Case("q", "?", "id", gold=(Quote("a", "Banjir  datang."),))


# Cases


def test_a_case_says_what_is_known_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"id": "f1", "question": "Siapa?", "language": "id", "wrong": [{"article": "a", "quote": "I"}]}\n\n'
        '{"question": "Who?", "gold": [], "history": [{"question": "a", "answer": "b"}], "more": 1}\n',
        encoding="utf-8",
    )
    feedback, declining = read_cases(path)
    assert (feedback.gold, feedback.wrong) == (None, (Quote("a", "I"),))
    assert (declining.id, declining.gold, declining.history[0].answer) == ("q3", (), "b")


@pytest.mark.parametrize(
    "line",
    [
        "{broken",
        "[]",
        '{"question": 5}',
        '{"question": "a", "language": "fr"}',
        '{"question": "a", "gold": "b"}',
        '{"question": "a", "gold": [{"article": "b"}]}',
        '{"question": "a", "answers": [5]}',
        '{"question": "a", "facts": [[]]}',
        '{"question": "a", "facts": [{"article": "b", "quote": "c"}]}',
        '{"question": "a", "facts": [[{"article": "b", "quote": "c"}]], "need": 2}',
        '{"question": "a", "facts": [[{"article": "b", "quote": "c"}]], "need": 0}',
        '{"question": "a", "facts": [], "need": 1}',
        '{"question": "a", "says": "ya"}',
        '{"question": "a", "kind": 5}',
        '{"question": "a", "full": []}',
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "Siapa?"}\n' + line, encoding="utf-8")
    with pytest.raises(InputError, match=r"q\.jsonl:2"):
        read_cases(path)


@pytest.mark.parametrize("content", ["", "\n", '{"id": 1, "question": "a"}\n{"id": "1", "question": "b"}'])
def test_a_file_without_questions_or_with_an_id_twice_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(content)
    with pytest.raises(InputError):
        read_cases(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_cases(tmp_path / "none.jsonl")


def test_facts_name_the_sentences_and_how_many_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"question": "Why?", "kind": "why", "full": "Why so?", "says": "no", "facts": '
        '[[{"article": "a", "quote": "I"}, {"article": "b", "quote": "J"}], '
        '[{"article": "a", "quote": "I"}]]}\n'
        '{"question": "Who?", "kind": "none", "facts": [], "need": 0}\n',
        encoding="utf-8",
    )
    case, none = read_cases(path)
    first, second = Quote("a", "I"), Quote("b", "J")
    assert (case.facts, case.gold, case.need) == (((first, second), (first,)), (first, second), 2)
    assert (case.kind, case.full, case.says) == ("why", "Why so?", "no")
    assert (none.facts, none.gold, none.need) == ((), (), 0)


# Short answers


@pytest.mark.parametrize(
    ("said", "gold", "exact", "shared"),
    [
        ("Sergei Shoigu", "sergei shoigu.", 1, 1),
        ("the president", "President", 1, 1),
        ("presidennya", "sang Presiden", 1, 1),
        ("1.300 orang", "1,300 orang", 1, 1),
        ("“tiga” hari", "tiga hari", 1, 1),
        ("pada 5 September", "5 September", 0, 0.8),
        ("Bogor", "Depok", 0, 0),
        ("", "Depok", 0, 0),
        ("buku", "buku", 1, 1),
    ],
)
def test_a_short_answer_is_compared_by_its_words(said: str, gold: str, exact: int, shared: float) -> None:
    assert exact_match(said, [gold, "something else"]) == exact
    assert math.isclose(f1(said, ["something else", gold]), shared)


# Measures


def test_a_right_answer_counts_as_one() -> None:
    found = measured(GOLD, answer(cited("Banjir datang.")), TEXTS)
    assert found == {
        **{"quotes_exact": 1, "first_right": 1, "any_right": 1, "right_answer": 1, "wrong_answer": 0},
        **{"declined_wrongly": 0, "claim_recall": 1, "claim_precision": 1, "language": 1},
    }


def test_recall_and_precision_are_those_of_the_claims_citations() -> None:
    first, second, third = (
        cited("Hujan turun.", 1),
        cited("Banjir datang.", 2),
        cited("Warga pindah.", 3),
    )
    claims = (Claim("x", (1, 2)), Claim("y", (3,)))
    found = measured(GOLD, answer(first, second, third, claims=claims), TEXTS)
    assert (found["claim_recall"], math.isclose(found["claim_precision"], 1 / 3)) == (0.5, True)
    assert (found["first_right"], found["any_right"], found["wrong_answer"]) == (0, 1, 1)


def test_related_reading_counts_as_declined_with_its_first_sentence_right() -> None:
    found = measured(GOLD, answer(cited("Banjir datang."), claims=()), TEXTS)
    assert (found["first_right"], found["right_answer"], found["declined_wrongly"]) == (1, 0, 1)
    assert "claim_recall" not in found


def test_a_question_that_nothing_answers_is_to_be_declined() -> None:
    case = Case("q", "?", gold=())
    assert measured(case, answer(claims=()), TEXTS) == {"declined_rightly": 1}
    assert measured(case, answer(cited("Hujan turun.")), TEXTS)["declined_rightly"] == 0
    assert measured(case, None, TEXTS) == {"declined_rightly": 0}


def test_feedback_without_a_gold_sentence_counts_what_is_cited_again() -> None:
    case = Case("q", "?", wrong=(Quote("a", "Hujan turun."),))
    assert measured(case, answer(cited("Hujan turun.")), TEXTS)["wrong_again"] == 1
    assert measured(case, answer(cited("Warga pindah.")), TEXTS) == {"quotes_exact": 1, "wrong_again": 0}


def test_a_quote_that_is_not_the_text_at_its_place_is_counted() -> None:
    moved = Citation(1, "a", 1, None, None, None, 1, 13, "Hujan turun.")
    assert measured(GOLD, answer(moved, cited("Banjir datang.", 2)), TEXTS)["quotes_exact"] == 0.5


def test_the_same_words_in_another_article_are_not_the_gold_sentence() -> None:
    assert measured(GOLD, answer(cited("Banjir datang.", article="b")), TEXTS)["first_right"] == 0


def test_a_question_that_failed_has_nothing_right() -> None:
    found = measured(Case("q", "?", "id", ("x",), (Quote("a", "Hujan turun."),)), None, TEXTS)
    assert {name for name, value in found.items() if value} == {"declined_wrongly"}


FACTS = (
    (Quote("a", "Hujan turun."), Quote("b", "It rained.")),
    (Quote("a", "Banjir datang."),),
)
ASKED = Case("q", "?", gold=tuple(q for fact in FACTS for q in fact), kind="why", facts=FACTS, need=2)


def test_an_answer_is_complete_with_as_many_facts_as_the_question_needs() -> None:
    rain, flood, moved = cited("Hujan turun.", 1), cited("Banjir datang.", 2), cited("Warga pindah.", 3)
    whole = measured(ASKED, answer(rain, flood, moved), TEXTS)
    assert (whole["complete"], whole["no_fact"], round(whole["belonging"], 2)) == (1, 0, 0.67)
    assert measured(ASKED, answer(rain), TEXTS)["complete"] == 0
    assert measured(replace(ASKED, need=1), answer(rain), TEXTS)["complete"] == 1


def test_two_sentences_that_state_one_fact_are_one_fact() -> None:
    sentence = cited("Hujan turun.")
    again = Citation(2, "b", 1, None, None, None, 0, 10, "It rained.")
    found = measured(ASKED, answer(sentence, again), TEXTS)
    assert (found["complete"], found["belonging"]) == (0, 1)


def test_a_sentence_of_several_facts_states_each_of_them() -> None:
    assert measured(ASKED, answer(cited("Hujan turun. Banjir datang.")), TEXTS)["complete"] == 1


def test_an_answer_without_a_fact_is_wrong_and_a_declined_one_is_not() -> None:
    wrong = measured(ASKED, answer(cited("Warga pindah.")), TEXTS)
    assert (wrong["no_fact"], wrong["complete"], wrong["belonging"]) == (1, 0, 0)
    for declined in (answer(cited("Hujan turun."), claims=()), None):
        found = measured(ASKED, declined, TEXTS)
        assert (found["no_fact"], found["complete"], found["declined_wrongly"]) == (0, 0, 1)
        assert "belonging" not in found


def test_any_answer_to_a_question_that_nothing_answers_is_wrong() -> None:
    case = Case("q", "?", gold=(), kind="none", facts=())
    answered = measured(case, answer(cited("Warga pindah.")), TEXTS)
    assert (answered["no_fact"], answered["declined_rightly"]) == (1, 0)
    assert "complete" not in answered
    assert measured(case, answer(claims=()), TEXTS) == {"no_fact": 0, "declined_rightly": 1}


@pytest.mark.parametrize(
    ("short", "right", "wrong"),
    [("ya", 1, 0), ("Yes", 1, 0), ("tidak", 0, 1), ("no", 0, 1), (None, 0, 0), ("12 orang", 0, 0)],
)
def test_yes_and_no_are_right_opposite_or_not_said(short: str | None, right: int, wrong: int) -> None:
    case = replace(ASKED, says="yes")
    found = measured(case, answer(cited("Hujan turun."), short=short), TEXTS)
    assert (found["says_right"], found["says_wrong"]) == (right, wrong)


def test_the_full_spelling_has_figures_of_its_own() -> None:
    case = replace(ASKED, full="Mengapa?", need=1)
    found = measured(case, answer(claims=()), TEXTS, answer(cited("Hujan turun.")))
    assert (found["complete"], found["full_complete"], found["full_first_right"]) == (0, 1, 1)
    assert measured(case, answer(claims=()), TEXTS, None)["full_complete"] == 0


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Siapa Menteri Pertahanan Rusia?", "who"),
        ("How many people died?", "how many"),
        ("Pukul berapa kereta berangkat?", "when"),
        ("Berapakah harganya?", "how many"),
        ("Di mana banjir terjadi?", "where"),
        ("Dalam rangka apa ia datang?", "what"),
        ("Kenapa harga naik?", "why"),
        ("Bagaimana cara membuat rendang?", "how"),
        ("In what year did he die?", "when"),
        ("Sebutkan nama bupati.", "other"),
    ],
)
def test_the_question_word_says_what_is_asked_for(question: str, word: str) -> None:
    assert question_word(question) == word


# Figures


@settings(deadline=None)  # a busy machine is slow
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 5)), min_size=1, max_size=30),
)
def test_an_interval_lies_within_the_values(rows: list[tuple[float, int]]) -> None:
    values = [value for value, _ in rows]
    found = estimate(values, [group for _, group in rows])
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert found.count == len(values)


def test_a_share_of_sentences_weighs_each_answer_by_what_it_cites() -> None:
    found = estimate([1.0, 0.0], ["a", "b"], [1, 3])
    assert (found.mean, found.low, found.high, found.count) == (0.25, 0, 1, 2)
    common = ("?", "id", "why", "a", "id")
    rows = [
        Scored("p", *common, {"belonging": 1.0, "complete": 1.0}, {}, "why", 1),
        Scored("q", *common, {"belonging": 0.0, "complete": 0.0}, {}, "why", 3),
    ]
    assert figures(rows)["belonging"].mean == 0.25
    assert figures(rows)["complete"].mean == 0.5


@pytest.mark.parametrize("label", ["why", "a label of as many words as a question word ever has"])
def test_a_drawing_has_a_narrow_twin_that_holds_the_same_within_a_telephones_width(label: str) -> None:
    rows = [(label, [Mark(0, 0.5, 0.4, 0.6), Mark(1, 0.2, 0.1, 0.3)]), ("how", [Mark(0, 1, 1, 1)])]
    ticks = [(0, "0%"), (1, "100%")]
    broad = dots(rows, ["first citation right", "complete"], (0, 1), ticks, "says")
    narrow = broad.narrow
    assert narrow is not None
    assert narrow.width == 360
    for drawing in (broad, narrow):
        texts = [shape for shape in drawing.shapes if isinstance(shape, Text)]
        assert sorted(text.text for text in texts) == sorted(
            ["0%", "100%", label, "how", "first citation right", "complete"]
        )
        assert all(0 <= text.y <= drawing.height for text in texts)
    starts = [shape for shape in narrow.shapes if isinstance(shape, Text) and shape.anchor == "start"]
    assert all(text.x + 7 * len(text.text) <= narrow.width for text in starts if len(text.text) < 45)


def test_questions_about_one_article_are_drawn_together() -> None:
    values = [1.0] * 50 + [0.0] * 50
    together = estimate(values, ["a"] * 50 + ["b"] * 50)
    apart = estimate(values, list(range(100)))
    assert (together.low, together.high) == (0, 1)
    assert apart.high - apart.low < 0.3


def scored(id: str, value: float, article: str | None = None) -> Scored:
    return Scored(id, f"{id}?", "id", "who", article, "id", {"first_right": value}, {"total": 1.0})


def test_a_comparison_holds_each_question_against_itself() -> None:
    before = [scored(str(n), 0.0) for n in range(20)]
    now = [scored(str(n), float(n % 4 > 0)) for n in range(20)] + [scored("new", 1.0)]
    gain = differences(now, before)["first_right"]
    assert (gain.mean, gain.count) == (0.75, 20)
    measure = next(m for m in MEASURES if m.name == "first_right")
    assert verdict(measure, gain) == "better"
    assert verdict(measure, differences(before, now)["first_right"]) == "worse"
    assert verdict(measure, differences(now, now)["first_right"]) == "within chance"
    assert figures(before)["first_right"].mean == 0


# Drawings


def test_a_drawing_is_the_same_as_svg_and_as_png() -> None:
    chart = dots([("a <b> row", [Mark(0, 0.5, 0.25, 0.75)])], ["one", "two"], (0, 1), [(0, "0")], "x & y")
    assert "a &lt;b&gt; row" in svg(chart)
    assert 'aria-label="x &amp; y"' in svg(chart)
    assert png(chart).startswith(b"\x89PNG\r\n")


@pytest.mark.parametrize(("value", "end"), [(0.37, 0.4), (10.0, 10), (10.1, 20), (0.006, 0.006), (990, 1000)])
def test_an_axis_ends_at_a_round_number(value: float, end: float) -> None:
    assert math.isclose(round_up(value), end)


def test_what_grows_is_drawn_over_whole_decades() -> None:
    chart = growth([("a", [(1_000, 3.0), (100_000, 40.0)])], "chunks", "ms", "growth")
    labels = {shape.text for shape in chart.shapes if isinstance(shape, Text)}
    assert {"1,000", "10,000", "100,000", "1", "10", "100"} <= labels
    assert isinstance(chart, Drawing)
