from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search.embed import StaticEmbedder
from rag.search.fusion import MATCHED, UNMATCHED, Search, fuse, matched
from rag.search.lexicon import Lexicon
from rag.search.query import OWN_WORD, Term, content_words, query_terms
from rag.store.lexical import Indexed, LexicalIndex
from rag.types import Language, Vectors


class Dictionary:
    """A lexicon of a few words."""

    def __init__(self, entries: Mapping[str, list[tuple[str, float]]]) -> None:
        self._entries = entries

    def translations(self, stem: str, source: Language) -> Sequence[tuple[str, float]]:
        return self._entries.get(stem, [])


def none(keys: Sequence[int]) -> dict[int, float]:
    return dict.fromkeys(keys, 0.0)


# The question as terms


def test_question_words_and_function_words_stay_out() -> None:
    assert content_words("Siapa yang menjadi Menteri Pertahanan Rusia?", "id") == [
        "menteri",
        "pertahanan",
        "rusia",
    ]
    assert content_words("Who is the Russian defence minister?", "en") == ["russian", "defence", "minister"]


def test_a_question_of_function_words_alone_keeps_them() -> None:
    assert content_words("Apa itu?", "id") == ["apa", "itu"]
    assert content_words("?!", "id") == []


def test_a_repeated_word_is_one_concept() -> None:
    query = query_terms("bank bank BANK", "id", Dictionary({}))
    assert query["id"] == [(Term("bank"),)]


def test_names_count_in_both_languages() -> None:
    query = query_terms("Where is Shoigu?", "en", Dictionary({}))
    assert query["id"] == [(Term("shoigu"),)]
    assert query["en"] == [(Term("shoigu"),)]


def test_translations_count_by_the_root_of_their_probability_beside_the_word_itself() -> None:
    query = query_terms("minister", "en", Dictionary({"minist": [("menteri", 0.81), ("pendeta", 0.04)]}))
    assert query["en"] == [(Term("minist"),)]
    (concept,) = query["id"]
    assert {term.stem: round(term.weight, 3) for term in concept} == {
        "menteri": 0.9,
        "pendeta": 0.2,
        "minister": OWN_WORD,
    }


def test_a_word_that_is_its_own_translation_is_one_term() -> None:
    query = query_terms("bank", "en", Dictionary({"bank": [("bank", 0.9)]}))
    (concept,) = query["id"]
    assert [term.stem for term in concept] == ["bank"]
    assert concept[0].weight == pytest.approx(0.9**0.5)


# Two lists as one


def test_nothing_found_is_an_empty_list() -> None:
    assert fuse([], [], 10, none) == []


def test_a_chunk_that_both_lists_rank_first_is_first() -> None:
    hits = fuse([(1, 9.0), (2, 3.0), (3, 1.0)], [(1, 0.9), (3, 0.2), (2, 0.1)], 10, none)
    assert hits[0].key == 1
    assert hits[0].sources == {"lexical": 9.0, "dense": 0.9}


def test_one_list_alone_keeps_its_order() -> None:
    assert [hit.key for hit in fuse([(4, 2.0), (5, 1.0)], [], 10, none)] == [4, 5]
    assert [hit.key for hit in fuse([], [(4, 0.5), (5, 0.4)], 10, none)] == [4, 5]


def test_what_only_the_words_found_gets_its_exact_cosine() -> None:
    asked: list[int] = []

    def cosines(keys: Sequence[int]) -> dict[int, float]:
        asked.extend(keys)
        return dict.fromkeys(keys, 0.25)

    hits = fuse([(1, 2.0), (2, 1.0)], [(2, 0.5)], 10, cosines)
    assert asked == [1]
    assert {hit.key: hit.sources["dense"] for hit in hits} == {1: 0.25, 2: 0.5}


def test_what_only_the_meaning_found_scores_nothing_by_words_unless_the_list_was_cut() -> None:
    def lexical_score(depth: int) -> float:
        hits = fuse([(1, 8.0), (2, 6.0)], [(3, 0.9)], depth, none)
        return next(hit.sources["lexical"] for hit in hits if hit.key == 3)

    assert lexical_score(depth=10) == 0.0
    assert lexical_score(depth=2) == 6.0


@given(
    lexical=st.dictionaries(st.integers(0, 40), st.floats(0, 100)),
    dense=st.dictionaries(st.integers(0, 40), st.floats(-1, 1)),
)
def test_every_chunk_of_either_list_comes_back_once_best_first(
    lexical: dict[int, float], dense: dict[int, float]
) -> None:
    hits = fuse(list(lexical.items()), list(dense.items()), 20, none)
    assert sorted(hit.key for hit in hits) == sorted(lexical.keys() | dense.keys())
    assert all(np.isfinite(hit.score) for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


# Searching


class Nearest:
    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def query(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        cosines = self._vectors @ vector
        return [(int(key), float(cosines[key])) for key in np.argsort(-cosines)[:limit]]


TEXTS = [
    "Menteri Pertahanan Rusia Sergei Shoigu mengunjungi Pyongyang.",
    "Petani Karawang memanen padi lebih awal.",
    "Harga beras naik di pasar tradisional.",
]


@pytest.fixture
def search(tmp_path: Path) -> Search:
    index = LexicalIndex(tmp_path / "lexical")
    index.apply([], [Indexed.of(key, "id", text) for key, text in enumerate(TEXTS)])
    embedder = StaticEmbedder()
    vectors = embedder.passages(TEXTS)

    def stored(keys: Sequence[int]) -> dict[int, Vectors]:
        return {key: vectors[key] for key in keys}

    return Search(index, Nearest(vectors), embedder, Lexicon.load(), stored)


@pytest.mark.parametrize(
    ("question", "language", "best"),
    [
        ("Siapa Menteri Pertahanan Rusia?", "id", 0),
        ("Who is Russia's defence minister?", "en", 0),
        ("Who harvested rice early?", "en", 1),
        ("Berapa harga beras?", "id", 2),
    ],
)
def test_a_question_in_either_language_finds_the_indonesian_chunk(
    search: Search, question: str, language: Language, best: int
) -> None:
    hits = search.search(question, language, 2)
    assert hits[0].key == best
    assert len(hits) == 2
    assert set(hits[0].sources) == {"lexical", "dense"}


@pytest.mark.parametrize("question", ["", "?", "\ud800", "x" * 10_000, "kata " * 3_000])
def test_any_question_is_searched(search: Search, question: str) -> None:
    assert len(search.search(question, "id", 5)) <= 5


def test_the_fewer_of_the_questions_words_any_chunk_has_the_more_meaning_counts() -> None:
    lexical, dense = [(1, 9.0), (2, 3.0), (3, 2.9)], [(3, 0.9), (1, 0.5), (2, 0.1)]
    assert fuse(lexical, dense, 10, none, share=MATCHED)[0].key == 1
    assert fuse(lexical, dense, 10, none, share=UNMATCHED)[0].key == 3
    weights = [
        next(hit.score for hit in fuse(lexical, dense, 10, none, share=share) if hit.key == 3)
        for share in (0.0, UNMATCHED, 0.3, 0.4, MATCHED, 2.0)
    ]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == weights[1]
    assert weights[4] == weights[5]


def test_a_chunk_with_every_rare_word_matches_whole_and_nothing_found_matches_nothing() -> None:
    assert matched([], 3, 100) == matched([], 0, 0) == 0.0
    assert matched([(1, 3 * np.log(102))], 3, 100) == pytest.approx(1.0)
    assert matched([(1, 2.0), (2, 8.0)], 4, 1000) < matched([(1, 2.0), (2, 8.0)], 4, 10)
