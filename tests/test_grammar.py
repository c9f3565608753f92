from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.writing.decoder import ChatModel
from rag.writing.grammar import LINE, LONGEST, MOST, Grammar, citing


@pytest.fixture(scope="module")
def model(chat_gguf: Path) -> Iterator[ChatModel]:
    opened = ChatModel(chat_gguf, threads=1, context=1024)
    yield opened
    opened.close()


def accepts(model: ChatModel, grammar: Grammar, text: str) -> bool:
    """Whether llama.cpp, under this grammar, would let the text be written, byte for byte, and end."""
    with model._sampler(grammar) as (_, held):
        letters = [token for letter in text for token in model._tokens(letter, special=False)]
        for token in [*letters, model._llama.llama_vocab_eos(model._vocabulary)]:
            model._one[0] = model._llama.llama_token_data(token, 1.0, 0.0)
            model._apply(held, model._one, 1)
            if model._one[0].logit == float("-inf"):
                return False
            model._llama.llama_sampler_accept(held, token)
        return True


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("Harga naik [3]", True),
        ("Harga naik 1.800 rupiah.[3][12]", True),
        ("Harga naik [3]\nLalu turun [12][3]\nLalu naik [3]", True),
        ("北京 “kutip” <b> \\ [3]", True),
        ("-", True),
        ("- Harga naik [3]", True),
        ("", False),
        ("Harga naik", False),
        ("Harga naik\n[3]", False),
        ("Harga naik [3] dan turun", False),
        ("Harga naik [3][3][3][12]", False),
        ("Naik [3]\nTurun [3]\nNaik [3]\nTurun [3]", False),
        ("[3] Harga naik", False),
        ("[3]", False),
        (" [3]", False),
        ("=== 0123 [3]", False),
        ("4" * LONGEST + "[3]", True),
        ("4" * (LONGEST + 1) + "[3]", False),
        ("Dr. Budi dan Sdr. Ani membeli Rp. 5.000 di PT. Maju. [3]", True),
        ("“Naik!” kata Prof Budi, St. Louis, U.S. [3]", True),
        ("Prof. Bimo di RSUD R.A. Kartika, K.H. Ali, M.T., pada pukul 9 a.m. Senin. [3]", True),
        ("The U.S. Army met Sgt. Lee vs. others, and A. B. Yehoshua. [3]", True),
        ("Harga naik. Lalu turun [3]", False),
        ("Ia datang pada 2024. Lalu pergi [3]", False),
        ("Harga naik! Lalu turun [3]", False),
        ("Mengapa naik? Karena hujan [3]", False),
        ("Harga naik... [3]", True),
        ("Naik [1]", False),
        ("Naik [123]", False),
        ("Naik []", False),
        ("Naik [3", False),
        ("Naik [a]", False),
        ("Naik 3]", False),
        ("Naik [ 3]", False),
        ("Naik [[3]]", False),
    ],
)
def test_a_claim_is_text_and_then_one_to_three_of_the_numbers_shown(
    model: ChatModel, text: str, allowed: bool
) -> None:
    assert accepts(model, citing([3, 12]), text) is allowed


def test_without_sentences_there_are_no_brackets(model: ChatModel) -> None:
    assert accepts(model, citing([]), "Tidak ada.")
    assert not accepts(model, citing([]), "Ada [1].")


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, MOST), min_size=1, max_size=60), st.integers(0, 2 * MOST))
def test_every_set_of_numbers_is_a_grammar_that_llama_cpp_takes(
    model: ChatModel, numbers: set[int], other: int
) -> None:
    grammar = citing(numbers)
    assert all(accepts(model, grammar, f"a[{number}]") for number in sorted(numbers)[:5])
    assert accepts(model, grammar, f"a[{other}]") is (other in numbers)


@pytest.mark.parametrize("number", [0, -1, MOST + 1])
def test_a_number_out_of_range_makes_no_grammar(number: int) -> None:
    with pytest.raises(ValueError, match="number"):
        citing([1, number])


def test_a_line_has_no_brackets_and_one_end(model: ChatModel) -> None:
    assert accepts(model, LINE, "Kapan Shoigu ke sana?\n")
    assert not accepts(model, LINE, "a\nb")
    assert not accepts(model, LINE, "a [1]")
    assert not accepts(model, LINE, "")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("-", True),
        ("Harga naik [3]", False),
        ("Harga naik [3]\nLalu turun [12]", True),
        ("Harga naik [3]\nLalu turun [12]\nLalu naik [3]", True),
        ("Harga naik [3]\n-", False),
    ],
)
def test_two_lines_at_least_where_two_are_wanted(model: ChatModel, text: str, allowed: bool) -> None:
    assert accepts(model, citing([3, 12], 2), text) is allowed
