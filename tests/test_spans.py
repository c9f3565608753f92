from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reading.spans import FEATURES, features, sentences, tidied


def scores(tokens: int, **at: tuple[float, float]) -> np.ndarray:
    values = np.full((tokens, 2), -8.0, np.float32)
    for place, pair in at.items():
        values[int(place[1:])] = pair
    return values


def test_the_best_span_starts_before_it_ends_and_stays_in_its_sentence() -> None:
    # [CLS] q [SEP] a b c | d e f [SEP]: a start in one sentence and an end in the other make no span.
    values = scores(10, t3=(0, 5), t5=(9, 0), t7=(8, 9))
    first, second = sentences(values, 3, [(0, 3), (3, 6)], 0)
    assert (first.first, first.last) == (2, 2)
    assert (second.first, second.last) == (4, 4)
    assert second.mass > first.mass


def test_many_middling_spans_outweigh_none() -> None:
    clause = scores(12, **{f"t{n}": (1.0, 1.0) for n in range(7, 11)})
    weak, strong = sentences(clause, 3, [(0, 4), (4, 8)], 0)
    assert strong.mass > weak.mass + 5


def test_the_no_answer_score_is_taken_off_the_margin() -> None:
    values = scores(6, t0=(3, 2), t4=(6, 6))
    (only,) = sentences(values, 3, [(0, 2)], 0)
    assert only.margin == pytest.approx(only.mass - 5)


def test_a_sentence_beyond_what_was_read_is_left_out() -> None:
    assert [f.sentence for f in sentences(scores(8), 3, [(0, 4), (4, 4)], 0)] == [0]


def test_features_compare_across_passages() -> None:
    found = sentences(scores(6, t4=(6, 6)), 3, [(0, 2)], 0) + sentences(scores(6, t4=(1, 1)), 3, [(0, 2)], 1)
    said = [(0.5, 1.0), (0.0, 0.25)]
    table = features(found, [4.0, 2.0], said)
    assert table.shape == (2, FEATURES)
    assert np.exp(table[0, 1]) == pytest.approx(1, abs=0.01)
    assert table[:, 2].tolist() == [1.0, 0.5]
    assert table[:, 3:].tolist() == [[0.5, 1.0, 1.0], [0.0, 0.25, 1.0]]
    assert features(found, [0.0, -2.0], said)[:, 2].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("sentence", "span", "tidy"),
    [
        ("Ia datang Senin (3/5) pagi.", "Senin (3/5", "Senin (3/5)"),
        ("Ia datang Senin (3/5) pagi.", "3/5) pagi", "(3/5) pagi"),
        ("Sejak 12 Agustus 2024 ia pergi.", "12 Agustus 202", "12 Agustus 2024"),
        ("Harganya Rp 3.150.000 per unit.", "Rp 3.150", "Rp 3.150.000"),
        ("Naik 187,5 milimeter.", "5 milimeter", "187,5 milimeter"),
        ("Film “Garam Ibu” menang.", "Garam Ibu”", "“Garam Ibu”"),
        ('Ia menulis "Dua Musim" dan "Laut".', '"Dua Musim', '"Dua Musim"'),
        ('Ia menulis "Dua Musim" dan "Laut".', 'Laut"', '"Laut"'),
        ('"Kami pulang," kata Rina dari Bone.', 'pulang," kata Rina', '"Kami pulang," kata Rina'),
        ('Kata Rina: "Kami pulang', 'Rina: "Kami pulang', "Kami pulang"),
        ("Qur’an dan Ma’ruf dibaca.", "Ma’ruf", "Ma’ruf"),
        ("Ada 12 orang.", "12 orang", "12 orang"),
        ("a) satu dan b) dua", "a) satu", "satu"),
        ("", "", ""),
    ],
)
def test_a_span_has_whole_words_and_both_marks_of_a_pair(sentence: str, span: str, tidy: str) -> None:
    first = sentence.index(span)
    begin, end = tidied(sentence, first, first + len(span))
    assert sentence[begin:end] == tidy


@given(st.text('ab12 .,()"“”', max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_a_tidied_span_lies_in_its_sentence_and_is_not_empty(sentence: str, one: int, other: int) -> None:
    first, last = sorted((min(one, len(sentence)), min(other, len(sentence))))
    begin, end = tidied(sentence, first, last)
    assert 0 <= begin <= end <= len(sentence)
    assert first == last or begin < end
