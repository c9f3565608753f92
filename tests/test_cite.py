from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.writing.cite import Cutter, Draft


def cut(text: str, step: int = 1) -> list[Draft]:
    cutter = Cutter()
    drafts = []
    for start in range(0, len(text), step):
        drafts += cutter.feed(text[start : start + step])
    return drafts + cutter.close()


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Shoigu datang pada Juli [3].", [("Shoigu datang pada Juli.", (3,))]),
        ("Shoigu datang. [3] Ia pergi. [4][5]", [("Shoigu datang.", (3,)), ("Ia pergi.", (4, 5))]),
        ("Tanpa nomor. Dengan nomor [2].", [("Tanpa nomor.", ()), ("Dengan nomor.", (2,))]),
        ("Dr. Priya menyebut Rp 1.500 [1]. Lalu?", [("Dr. Priya menyebut Rp 1.500.", (1,)), ("Lalu?", ())]),
        ("- Satu [1]\n- Dua [2, 3]\n", [("Satu", (1,)), ("Dua", (2, 3))]),
        ("[1] Mulai. Berikutnya [2]", [("Mulai.", (1,)), ("Berikutnya", (2,))]),
        ("[3] Ia datang. [5] Ia pergi.", [("Ia datang.", (3,)), ("Ia pergi.", (5,))]),
        ("[3][4] Ia datang. Tanpa. [5] Lalu?", [("Ia datang.", (3, 4)), ("Tanpa.", ()), ("Lalu?", (5,))]),
        ("[3] Ia datang [4]. [5] Ia pergi.", [("Ia datang.", (3, 4)), ("Ia pergi.", (5,))]),
        (
            "Ia datang. [1]\n[3] Ia pergi. [5] Lalu?",
            [("Ia datang.", (1,)), ("Ia pergi.", (3,)), ("Lalu?", (5,))],
        ),
        ("- [3] Ia datang.\n- [5] Ia pergi.", [("Ia datang.", (3,)), ("Ia pergi.", (5,))]),
        ("Ia datang.\n[3]\nIa pergi.\n[5]", [("Ia datang.", (3,)), ("Ia pergi.", (5,))]),
        ("Ia datang [1]\nlalu pergi [2]", [("Ia datang", (1,)), ("lalu pergi", (2,))]),
        ("<think>mungkin [1]. ya</think> Benar [2].", [("Benar.", (2,))]),
        ("**Tebal** sekali [1][1].", [("Tebal sekali.", (1,))]),
        ("-", []),
        ("", []),
    ],
)
def test_an_output_is_cut_into_sentences_with_their_numbers_however_it_arrives(
    text: str, claims: list[tuple[str, tuple[int, ...]]], step: int
) -> None:
    assert [(draft.text, draft.numbers) for draft in cut(text, step)] == claims
    assert all(draft.whole for draft in cut(text, step))


@pytest.mark.parametrize("text", ["Lihat [a].", "Lihat [3", "Lihat ]3[ itu.", "Lihat [[3]]."])
def test_brackets_that_are_no_citation_spoil_the_claim(text: str) -> None:
    assert not all(draft.whole for draft in cut(text))


def test_a_claim_comes_as_soon_as_the_next_one_has_begun() -> None:
    cutter = Cutter()
    assert cutter.feed("Harga naik [1]. ") == []
    assert [draft.text for draft in cutter.feed("Lalu harga turun ")] == ["Harga naik."]


@given(st.text(alphabet="ab A.?![]123 \n,", max_size=80), st.integers(1, 9))
def test_nothing_a_model_writes_breaks_the_cutter(text: str, step: int) -> None:
    for draft in cut(text, step):
        assert draft.text.strip()
        assert draft.whole == ("[" not in draft.text and "]" not in draft.text)
