from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.search.embed import BATCH, PATH, StaticEmbedder
from rag.types import Embedder


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder()


def test_it_is_an_embedder_that_names_its_size_and_file(embedder: StaticEmbedder) -> None:
    as_protocol: Embedder = embedder
    name, dimensions, digest = as_protocol.id.split("-")
    assert (name, int(dimensions), len(digest)) == ("static", embedder.dimensions, 12)


def test_vectors_have_length_one_and_an_empty_text_has_length_zero(embedder: StaticEmbedder) -> None:
    vectors = embedder.passages(["Gempa mengguncang Cianjur.", "", "A strong earthquake hit Cianjur."])
    assert vectors.shape == (3, embedder.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 1], abs=1e-5)
    assert embedder.passages([]).shape == (0, embedder.dimensions)


def test_a_translation_is_nearer_than_another_subject(embedder: StaticEmbedder) -> None:
    question = embedder.question("Who is Russia's defence minister?")
    near, far = embedder.passages(
        ["Menteri Pertahanan Rusia, Sergei Shoigu, berpendapat demikian.", "Harga cabai di pasar naik lagi."]
    )
    assert question @ near > question @ far + 0.2


def test_case_and_the_marks_around_a_word_do_not_matter_much(embedder: StaticEmbedder) -> None:
    plain, marked = embedder.passages(["anak rusia", '"Anak" (RUSIA)'])
    assert plain @ marked > 0.7


def test_the_end_of_a_long_text_counts(embedder: StaticEmbedder) -> None:
    long = "harga cabai naik " * (BATCH // 2)
    alone, followed = embedder.passages([long, long + "gempa bumi dan tsunami " * (BATCH // 2)])
    tsunami = embedder.question("gempa bumi dan tsunami")
    assert tsunami @ followed > tsunami @ alone + 0.3


@given(st.lists(st.text(max_size=40), max_size=12))
def test_a_text_has_the_same_vector_alone_and_among_others(
    embedder: StaticEmbedder, texts: list[str]
) -> None:
    together = embedder.passages(texts)
    alone = [embedder.question(text) for text in texts]
    assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(together, alone, strict=True))


def test_batches_do_not_change_the_vectors(embedder: StaticEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["satu dua tiga empat lima", "", "enam tujuh delapan", "nine ten eleven twelve"] * 5
    whole = embedder.passages(texts)
    monkeypatch.setattr("rag.search.embed.BATCH", 3)
    assert np.allclose(embedder.passages(texts), whole, atol=1e-5)


def test_the_id_is_the_files_digest_or_the_one_that_it_names(tmp_path: Path) -> None:
    """So that a file can be packed anew without making the vectors of every store useless."""
    with np.load(PATH) as arrays:
        parts = {name: arrays[name] for name in arrays.files}
    bare, named = tmp_path / "bare.npz", tmp_path / "named.npz"
    np.savez_compressed(bare, rows=parts["rows"], scales=parts["scales"])
    digest = hashlib.sha256(bare.read_bytes()).hexdigest()
    np.savez(named, rows=parts["rows"], scales=parts["scales"], digest=np.array(digest))
    assert StaticEmbedder(bare).id == StaticEmbedder(named).id == f"static-256-{digest[:12]}"


def test_the_shipped_file_is_small() -> None:
    assert PATH.stat().st_size < 20_000_000


def test_a_broken_missing_or_foreign_file_is_a_model_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(ModelError, match="broken"):
        StaticEmbedder(path)
    np.savez(path, rows=np.zeros((5, 4), np.int8), scales=np.ones(5, np.float16))
    with pytest.raises(ModelError, match="does not fit"):
        StaticEmbedder(path)
    with pytest.raises(ModelError, match="absent"):
        StaticEmbedder(tmp_path / "absent.npz")
