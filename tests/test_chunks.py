from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.cutting.chunks import chunk
from rag.text.sentences import split
from rag.types import Chunk


def words(text: str) -> int:
    return len(text.split())


def stretches(text: str, chunks: list[Chunk]) -> list[str]:
    sentences = split(text)
    return [text[sentences[c.first_sentence].start : sentences[c.last_sentence].end] for c in chunks]


def test_an_empty_text_has_no_chunks() -> None:
    assert chunk("", [], words, 10) == []


def test_a_short_text_is_one_chunk() -> None:
    text = "Ia pulang. Ia makan.\n\nIa tidur."
    assert chunk(text, split(text, "a1"), words, 10) == [Chunk("a1", 0, 0, 2)]


def test_chunks_hold_whole_sentences_up_to_the_limit() -> None:
    text = "Satu dua tiga. Empat lima enam. Tujuh delapan sembilan. Sepuluh."
    assert stretches(text, chunk(text, split(text), words, 6)) == [
        "Satu dua tiga. Empat lima enam.",
        "Tujuh delapan sembilan. Sepuluh.",
    ]


def test_a_chunk_ends_with_its_paragraph_where_it_is_half_full() -> None:
    text = "Satu dua tiga. Empat lima enam.\n\nTujuh delapan. Sembilan sepuluh sebelas. Dua belas."
    assert stretches(text, chunk(text, split(text), words, 8)) == [
        "Satu dua tiga. Empat lima enam.",
        "Tujuh delapan. Sembilan sepuluh sebelas. Dua belas.",
    ]


def test_a_chunk_does_not_end_with_its_paragraph_where_it_is_nearly_empty() -> None:
    text = "Judul berita\n\nSatu dua tiga. Empat lima enam. Tujuh delapan. Sembilan sepuluh sebelas."
    assert (
        stretches(text, chunk(text, split(text), words, 8))[0]
        == "Judul berita\n\nSatu dua tiga. Empat lima enam."
    )


def test_a_sentence_over_the_limit_stands_alone() -> None:
    text = "Satu. Dua tiga empat lima enam. Tujuh."
    assert stretches(text, chunk(text, split(text), words, 3)) == [
        "Satu.",
        "Dua tiga empat lima enam.",
        "Tujuh.",
    ]


def test_the_joined_text_is_what_is_counted() -> None:
    # Tokens that exist only where sentences meet: each pair of sentences costs ten more.
    text = "Satu. Dua. Tiga. Empat."
    found = chunk(text, split(text), lambda part: len(part.split()) + 10 * part.count(". "), 12)
    assert [(c.first_sentence, c.last_sentence) for c in found] == [(0, 1), (2, 3)]


@given(
    st.lists(
        st.sampled_from(["Satu.", "Dua kata.", "Kata tiga di sini!", "\n\n", "\n", "Apa?", "x " * 30]),
        max_size=40,
    ),
    st.integers(1, 40),
)
def test_chunks_tile_the_sentences_and_keep_the_limit(parts: list[str], limit: int) -> None:
    text = " ".join(parts)
    sentences = split(text)
    chunks = chunk(text, sentences, words, limit)
    covered = [i for c in chunks for i in range(c.first_sentence, c.last_sentence + 1)]
    assert covered == list(range(len(sentences)))
    assert [c.index for c in chunks] == list(range(len(chunks)))
    for found, stretch in zip(chunks, stretches(text, chunks), strict=True):
        assert words(stretch) <= limit or found.first_sentence == found.last_sentence
