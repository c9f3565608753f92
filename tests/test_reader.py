"""The shipped reader, run as a user runs it."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelError
from rag.reading.reader import FEW, FIRST, PATH, Reader
from rag.search.lexicon import Lexicon
from rag.text.sentences import split
from rag.text.wordpiece import PASSAGE_TOKENS
from rag.types import Article, Passage


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    opened = Reader(Lexicon.load())
    yield opened
    opened.close()


def passage(text: str, key: int = 0, score: float = 1.0) -> Passage:
    article = Article(f"a{key}", None, None, None, "id", text)
    return Passage(key, article, tuple(split(text)), score)


SHOIGU = passage(
    "Rusia membahas latihan militer bersama Korea Utara. Menteri Pertahanan Rusia, Sergei Shoigu, "
    "berpendapat bahwa kerja sama itu wajar. Pernyataan ini dikutip Interfax pada 4 September 2023."
)
RICE = passage("Harga beras naik sejak Februari. Petani tidak menikmati kenaikan itu.", 1, 0.2)


@pytest.mark.parametrize(
    ("question", "language"),
    [("Siapa Menteri Pertahanan Rusia?", "id"), ("Who is Russia's defence minister?", "en")],
)
def test_the_sentence_and_the_span_are_found_in_both_languages(
    reader: Reader, question: str, language: str
) -> None:
    best = reader.read(question, language, [RICE, SHOIGU])[0]  # type: ignore[arg-type]
    assert best.passage == SHOIGU
    text = SHOIGU.article.text
    assert text[best.sentence.start : best.sentence.end].startswith("Menteri Pertahanan Rusia")
    assert best.span is not None
    assert "Shoigu" in text[slice(*best.span)]


def test_a_span_lies_in_its_sentence_and_scores_are_probabilities(reader: Reader) -> None:
    found = reader.read("Kapan pernyataan itu dikutip?", "id", [SHOIGU, RICE])
    assert len(found) == 5
    assert [e.score for e in found] == sorted((e.score for e in found), reverse=True)
    for each in found:
        assert 0 <= each.score <= 1
        assert each.span is not None
        assert each.sentence.start <= each.span[0] < each.span[1] <= each.sentence.end


def test_no_passages_no_evidence(reader: Reader) -> None:
    assert reader.read("Siapa?", "id", []) == []


@pytest.mark.parametrize("question", ["", "?", "👩‍👩‍👧", "x" * 10_000, "apa " * 3_000])
def test_odd_questions_are_read(reader: Reader, question: str) -> None:
    assert len(reader.read(question, "id", [SHOIGU])) == 3


def test_what_lies_beyond_the_window_is_not_read_and_does_no_harm(reader: Reader) -> None:
    long = passage("Hujan turun di kota itu lagi. " * 100)
    found = reader.read("Apa yang turun?", "id", [long])
    assert 0 < len(found) < 100
    assert reader.pieces.count(long.text) > PASSAGE_TOKENS


def test_an_order_of_passages_does_not_change_the_probabilities(reader: Reader) -> None:
    one = {e.sentence: e.score for e in reader.read("Siapa menteri?", "id", [SHOIGU, RICE])}
    two = {e.sentence: e.score for e in reader.read("Siapa menteri?", "id", [RICE, SHOIGU])}
    assert one == pytest.approx(two, abs=0.02)


def test_the_rest_is_read_only_where_the_first_passages_do_not_answer(reader: Reader) -> None:
    others = [passage(f"Warung Rusia nomor {n} buka setiap pagi.", n, 0.1) for n in range(2, 2 + FIRST)]

    def read(passages: list[Passage], enough: float | None = None) -> set[int]:
        found = reader.read("Bagaimana pendapat Menteri Pertahanan Rusia?", "id", passages, enough)
        assert (found[0].passage == SHOIGU) == (SHOIGU in passages)
        return {passages.index(each.passage) for each in found}

    assert read([SHOIGU, *others]) == set(range(FIRST))
    assert read([SHOIGU, *others], math.inf) == set(range(FIRST + 1))
    assert read([*others, SHOIGU]) == set(range(FIRST + 1))
    assert read(others) == set(range(FIRST))


def test_articles_without_the_questions_names_are_passed_over(reader: Reader) -> None:
    unnamed = [passage(f"Warung nomor {n} buka setiap pagi.", n, 0.1) for n in range(2, 2 + FIRST)]
    asked = "Siapa Menteri Pertahanan Rusia?"

    def read(passages: list[Passage], enough: float | None = None) -> set[int]:
        found = reader.read(asked, "id", passages, enough)
        assert found[0].passage == SHOIGU
        return {passages.index(each.passage) for each in found}

    assert read([*unnamed[:3], SHOIGU, unnamed[3]]) == {3}
    assert read([unnamed[0], SHOIGU, *unnamed[1:]], math.inf) == set(range(FIRST + 1))
    # What is passed over changes the probability of the other by little.
    alone, beside = (reader.read(asked, "id", each)[0] for each in ([SHOIGU], [SHOIGU, *unnamed[:3]]))
    assert alone.score == pytest.approx(beside.score, abs=0.02)


def test_where_nothing_is_near_only_those_that_say_most_of_the_question_are_read(reader: Reader) -> None:
    first = [passage(f"Warung nomor {n} buka setiap pagi.", n, 0.1) for n in range(2, 2 + FIRST)]
    rest = [passage(f"Rusia membeli beras dari {n} negara.", n, 0.1) for n in range(20, 30)]
    asked = "Bagaimana pendapat Menteri Pertahanan Rusia?"

    def read(passages: list[Passage], enough: float | None = None) -> set[int]:
        return {passages.index(each.passage) for each in reader.read(asked, "id", passages, enough)}

    far = [*first, *rest[:7], SHOIGU, *rest[7:]]
    assert reader.read(asked, "id", far)[0].passage == SHOIGU
    # The one that says most of it, and as many more as are read together.
    assert read(far) == {*range(FIRST), far.index(SHOIGU), *range(FIRST, FIRST + FEW - 1)}
    assert read([*first, *rest]) == set(range(FIRST + FEW))
    # As long as what is read is near, more is read.
    near = [
        passage(f"Menteri Pertahanan Rusia, Sergei Shoigu, berpendapat begitu {n} kali.", n, 0.1)
        for n in range(60, 70)
    ]
    assert read([*first, *near], 1.0) == set(range(FIRST + len(near)))
    # Articles without the name cannot answer.
    unnamed = [passage(f"Toko nomor {n} tutup sore.", n, 0.1) for n in range(40, 44)]
    assert read([*first, *unnamed]) == set(range(FIRST))
    # Whoever wants all of them gets all.
    assert read(far, math.inf) == set(range(len(far)))


def test_where_no_article_has_a_name_what_comes_nearest_is_first(reader: Reader) -> None:
    found = reader.read("Siapa menteri pertahanan di Zembla?", "id", [RICE, SHOIGU])
    assert [each.score for each in found] == [0.0] * 5
    assert found[0].passage == SHOIGU


def test_the_vocabulary_beside_the_model_is_the_models_own(reader: Reader) -> None:
    """Arrays without one are of an earlier Kutip; then the model is asked."""
    assert reader.pieces.vocabulary == tuple(reader.encoder.vocabulary())


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    for suffix in (".gguf", ".npz"):
        shutil.copy(PATH.with_suffix(suffix), tmp_path)
    path = tmp_path / PATH.name
    with path.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\xff" * 8)
    with pytest.raises(ModelError, match="SHA-256"):
        Reader(Lexicon.load(), path)


@pytest.mark.parametrize("content", [b"", b"not a zip", None])
def test_a_head_that_is_missing_or_broken_is_refused(tmp_path: Path, content: bytes | None) -> None:
    shutil.copy(PATH, tmp_path)
    if content is not None:
        (tmp_path / PATH.name).with_suffix(".npz").write_bytes(content)
    with pytest.raises(ModelError):
        Reader(Lexicon.load(), tmp_path / PATH.name)


def test_the_file_is_small_and_named_by_its_head() -> None:
    assert PATH.stat().st_size <= 35_000_000
    with np.load(PATH.with_suffix(".npz")) as head:
        assert {"weight", "bias", "calibration", "threshold", "sha256"} <= set(head.files)


def test_a_title_says_what_its_passage_is_about(reader: Reader) -> None:
    def flood(key: int, title: str, number: str) -> Passage:
        found = passage(f"Sebanyak {number} warga mengungsi sejak Senin malam.", key)
        return replace(found, article=replace(found.article, title=title))

    passages = [flood(0, "Banjir Melanda Demak", "300"), flood(1, "Banjir Melanda Kudus", "1.250")]
    for place, town in enumerate(("Demak", "Kudus")):
        best = reader.read(f"Berapa warga yang mengungsi akibat banjir di {town}?", "id", passages)[0]
        assert best.passage == passages[place]
