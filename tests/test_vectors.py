from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings

from rag.errors import StoreError
from rag.store.soundness import search
from rag.store.vectors import _GRAPH, VectorIndex


@pytest.fixture
def index(tmp_path: Path) -> Iterator[VectorIndex]:
    opened = VectorIndex(tmp_path / "chroma", "kutip-test")
    yield opened
    opened.close()


def unit(*rows: list[float]) -> np.ndarray:
    values = np.asarray(rows, np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def test_the_nearest_come_first_with_their_cosine(index: VectorIndex) -> None:
    vectors = unit([1, 0, 0], [1, 1, 0], [0, 0, 1])
    index.apply([], [7, 8, 9], vectors)
    found = index.query(vectors[0], 3)
    assert [key for key, _ in found] == [7, 8, 9]
    assert [score for _, score in found] == pytest.approx([1, 2**-0.5, 0], abs=1e-6)


def test_applying_twice_changes_nothing_and_a_key_can_be_replaced(index: VectorIndex) -> None:
    vectors = unit([1, 0, 0], [0, 1, 0])
    for _ in range(2):
        index.apply([5], [1, 2], vectors)
    index.apply([], [1], vectors[1:])
    assert index.keys() == {1, 2}
    assert index.query(vectors[1], 2)[0][1] == pytest.approx(1, abs=1e-6)
    index.apply([1], [], np.empty((0, 3), np.float32))
    assert index.count() == 1


def test_a_search_finds_nothing_in_an_empty_index_and_nothing_for_no_words(index: VectorIndex) -> None:
    assert index.query(unit([1, 0])[0], 5) == []
    assert index.query(np.zeros(2, np.float32), 5) == []


def test_what_was_applied_is_there_when_opened_again(tmp_path: Path) -> None:
    vectors = unit(*np.random.default_rng(0).normal(size=(300, 8)).tolist())
    index = VectorIndex(tmp_path / "c", "kutip-test")
    index.apply([], list(range(300)), vectors)
    index.close()
    index = VectorIndex(tmp_path / "c", "kutip-test")
    assert index.keys() == set(range(300))
    assert all(np.allclose(vectors[key], vector, atol=1e-6) for key, vector in index.vectors())
    index.close()


def test_the_core_alone_and_chromas_own_client_read_and_write_the_same_files(tmp_path: Path) -> None:
    vectors = unit(*np.random.default_rng(0).normal(size=(200, 8)).tolist())
    index = VectorIndex(tmp_path / "c", "kutip-test")
    index.apply([], list(range(100)), vectors[:100])
    index.close()
    settings = Settings(_env_file=None, anonymized_telemetry=False)
    client: Any = chromadb.PersistentClient(str(tmp_path / "c"), settings)
    collection = client.get_collection("kutip-test", embedding_function=None)
    assert collection.configuration["hnsw"]["space"] == "cosine"
    assert collection.configuration["hnsw"]["ef_search"] == 200
    collection.add([str(key) for key in range(100, 200)], vectors[100:])
    found = collection.query(vectors[:1], n_results=5, include=["distances"])
    client.close()
    index = VectorIndex(tmp_path / "c", "kutip-test")
    assert index.keys() == set(range(200))
    nearest = index.query(vectors[0], 5)
    assert [key for key, _ in nearest] == np.argsort(-(vectors @ vectors[0]))[:5].tolist()
    index.close()
    assert [int(key) for key in found["ids"][0]] == [key for key, _ in nearest]


def waiting(folder: Path) -> int:
    """Records in Chroma's log, which are put into the graph each time that it is opened."""
    with closing(sqlite3.connect(folder / "chroma.sqlite3")) as files:
        last = files.execute("SELECT max(seq_id) FROM embeddings_queue").fetchone()[0]
        written = files.execute(
            "SELECT seq_id FROM max_seq_id JOIN segments ON id = segment_id WHERE scope = 'VECTOR'"
        ).fetchone()
    return int(last or 0) - int(written[0] if written else 0)


def test_few_vectors_wait_in_chromas_log_for_the_next_start(tmp_path: Path) -> None:
    vectors = unit(*np.random.default_rng(0).normal(size=(400, 8)).tolist())
    index = VectorIndex(tmp_path / "c", "kutip-test")
    for start in range(0, 400, 80):
        index.apply([], list(range(start, start + 80)), vectors[start : start + 80])
        assert waiting(tmp_path / "c") <= 100
    index.close()


def test_what_an_earlier_kutip_left_in_chromas_log_is_written_at_the_next_query(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = unit(*np.random.default_rng(0).normal(size=(400, 8)).tolist())
    with monkeypatch.context() as before:
        before.setattr("rag.store.vectors._LOG", 1_000)
        before.setitem(_GRAPH["hnsw"], "sync_threshold", 1_000)
        index = VectorIndex(tmp_path / "c", "kutip-test")
        index.apply([], list(range(400)), vectors)
        index.close()
    assert waiting(tmp_path / "c") == 400
    for _ in range(2):
        index = VectorIndex(tmp_path / "c", "kutip-test")
        assert [key for key, _ in index.query(vectors[7], 1)] == [7]
        assert index.count() == 400
        index.close()
        assert waiting(tmp_path / "c") == 0


def test_more_than_one_call_of_chroma_takes_is_applied_in_parts(index: VectorIndex) -> None:
    number = 6_000
    index.apply([], list(range(number)), np.random.default_rng(0).normal(size=(number, 4)).astype(np.float32))
    assert index.count() == number
    index.apply(list(range(number)), [], np.empty((0, 4), np.float32))
    assert index.count() == 0


def test_a_dotenv_of_the_working_folder_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("CHROMA_API_IMPL=nonsense\nANYTHING=else\n")
    monkeypatch.chdir(tmp_path)
    VectorIndex(tmp_path / "c", "kutip-test").close()


def test_a_server_that_is_not_there_is_one_line() -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        VectorIndex("http://127.0.0.1:9", "kutip-test")


@pytest.mark.parametrize(
    ("held", "lacking", "sound"), [(2_000, 0, True), (2_000, 1, False), (8_100, 20, True), (8_100, 21, False)]
)
def test_a_large_graph_may_miss_a_few_chunks_and_a_small_one_none(
    index: VectorIndex, held: int, lacking: int, sound: bool
) -> None:
    rows = np.random.default_rng(0).normal(size=(held + lacking, 16)).astype(np.float32)
    index.apply([], range(held), rows[:held])
    asked = {key: rows[key] for key in range(held + lacking - 1_000, held + lacking)}
    with nullcontext() if sound else pytest.raises(StoreError, match="does not find"):
        search(index, asked)
