from __future__ import annotations

import gguf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reading.llama import TokenEncoder
from rag.text.wordpiece import SPECIAL, WordPiece
from tests.tiny_gguf import write_embedder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> TokenEncoder:
    path = tmp_path_factory.mktemp("tiny") / "tiny.gguf"
    return TokenEncoder(write_embedder(path, pooling=gguf.PoolingType.NONE))


@pytest.fixture(scope="module")
def pieces(encoder: TokenEncoder) -> WordPiece:
    return WordPiece(encoder.vocabulary())


def llama_ids(encoder: TokenEncoder, text: str) -> list[int]:
    """llama.cpp's own tokens."""
    raw = text.encode()
    room = (encoder._llama.llama_token * (len(raw) + 8))()
    count = encoder._llama.llama_tokenize(encoder._vocabulary, raw, len(raw), room, len(room), False, False)
    return list(room[:count])


@pytest.mark.parametrize(
    "text",
    [
        "Siapa Menteri Pertahanan Rusia?",
        "Rp1.500.000 pada 22/10/2025, pukul 07.30",
        "“Ya,” kata Café Müller…",
        "Jokowi–Ma'ruf (2019)",
        "北京 dan 東京",
        "a\u0301 e\u0308 \u200b x\u00a0y",
        "emoji 👩‍👩‍👧 tidak dikenal",
        "",
    ],
)
def test_the_tokens_are_llama_cpps(encoder: TokenEncoder, pieces: WordPiece, text: str) -> None:
    assert pieces.encode(text).ids == llama_ids(encoder, text)


@given(text=st.text(max_size=80))
def test_every_token_has_its_place_in_the_text(text: str) -> None:
    found = WordPiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b"]).encode(text)
    assert len(found.ids) == len(found.starts) == len(found.ends)
    assert all(0 <= a < b <= len(text) for a, b in zip(found.starts, found.ends, strict=True))
    assert found.starts == sorted(found.starts)


def test_places_point_at_the_words(pieces: WordPiece) -> None:
    text = "Siapa  MENTERI?"
    found = pieces.encode(text)
    assert text[found.starts[1] : found.ends[1]] == "MENTERI"
    assert text[found.starts[-1] : found.ends[-1]] == "?"


def test_several_sequences_in_a_batch_are_what_each_is_alone(
    encoder: TokenEncoder, pieces: WordPiece
) -> None:
    texts = [f"siapa menteri rusia {n} ?" * (n % 7 + 1) for n in range(70)]
    ids = [pieces.encode(text).ids for text in texts]
    together = encoder.encode(ids)
    assert [vectors.shape for vectors in together] == [(len(each), encoder.width) for each in ids]
    for place in (0, 13, 69):
        assert together[place] == pytest.approx(encoder.encode([ids[place]])[0], abs=1e-2)


def test_a_sequence_that_is_too_long_is_refused(encoder: TokenEncoder) -> None:
    with pytest.raises(ValueError, match="512"):
        encoder.encode([[5] * 513])


@given(st.text())
def test_counting_gives_as_many_as_encoding(text: str) -> None:
    pieces = WordPiece([*SPECIAL, *"abcdefghij.,", "##a", "##b", "kucing"])
    assert pieces.count(text) == len(pieces.encode(text).ids)
