from __future__ import annotations

import base64
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.text.encoding import encoding, read_ranks


def pieces(text: str) -> list[str]:
    tokens = encoding()
    return [tokens.decode([token]) for token in tokens.encode_ordinary(text)]


@given(st.text())
def test_any_text_survives_the_round_trip(text: str) -> None:
    tokens = encoding()
    assert tokens.decode(tokens.encode_ordinary(text)) == text


def test_both_halves_of_a_reduplication_are_the_same_token() -> None:
    assert pieces("anak-anak") == ["anak", "-", "anak"]


def test_a_year_is_one_token_and_an_amount_keeps_its_marks_apart() -> None:
    assert pieces("pada 2023") == ["pada", " 2023"]
    assert pieces("Rp1.800") == ["Rp", "1", ".", "800"]


def test_frequent_words_of_both_languages_are_one_token() -> None:
    for word in (" pemerintah", " Indonesia", " government", " perusahaan"):
        assert pieces(word) == [word]


def test_a_control_token_in_a_text_is_text() -> None:
    assert len(pieces("<|endoftext|>")) > 1
    assert encoding().special_tokens_set == set()


@pytest.mark.parametrize("text", [" ", "\n", "a", "!", "\u0301", "1"])
def test_a_run_of_a_million_characters_is_encoded(text: str) -> None:
    tokens = encoding()
    assert tokens.decode(tokens.encode_ordinary(text * 1_000_000)) == text * 1_000_000


def test_the_encoding_is_read_once() -> None:
    assert encoding() is encoding()


@pytest.mark.parametrize(
    "content",
    [
        b"not gzip",
        gzip.compress(b"YQ== 0\nYg=="),
        gzip.compress(b"YQ== zero\n"),
        gzip.compress(b"YQ== 0\n"),
        gzip.compress(b"\n".join(base64.b64encode(bytes([b])) + b" 7" for b in range(256))),
    ],
)
def test_a_broken_file_is_a_model_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.gz"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="broken"):
        read_ranks(path)


def test_a_missing_file_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="absent"):
        read_ranks(tmp_path / "absent")
