from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.text import kinds
from rag.text.kinds import KINDS, frame, kind_of
from rag.types import Kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Kapan gempa Cianjur terjadi?", "fact"),
        ("How many people died in the quake?", "fact"),
        ("kenapa harga cabai naik", "why"),
        ("Why did the price of chili rise?", "why"),
        ("gmn cara daftar CPNS", "how"),
        ("How do I register for the exam?", "how"),
        ("Apa saja syarat mendaftar CPNS?", "list"),
        ("Apakah Jokowi hadir di IKN?", "yesno"),
        ("Did Jokowi attend the ceremony?", "yesno"),
        ("Apa perbedaan UU lama dan UU baru?", "compare"),
        ("Apa itu biochar?", "define"),
        ("Siapa Ray Rangkuti?", "person"),
        ("Ringkas kasus korupsi timah", "summary"),
        ("What is the latest on the tin case?", "news"),
        ("knp harga cabe naik", "why"),
        ("Persib kalah, kenapa?", "why"),
        ("warga diem aja pas lahannya diambil pabrik knp", "why"),
        ("peti jenazah bisa jatuh dari ambulans kenapa sih?", "why"),
        ("the ferry stopped at noon why", "why"),
        ("motifnya apa?", "why"),
        ("Aset mana saja yang diambil balik dan kenapa?", "list"),
        ("brp harga cabe skrg", "fact"),
        ("Mana yang lebih mahal, cabai atau bawang?", "compare"),
        ("Were there more men or women on board?", "compare"),
        ("siapa aja yg ditangkap", "list"),
        ("udah ditangkap blm pelakunya", "yesno"),
        ("Who is the governor of Bali?", "fact"),
        ("Who is Ray Rangkuti?", "person"),
        ("halo", "talk"),
        ("Thanks!", "talk"),
    ],
)
def test_a_question_says_what_kind_of_answer_it_asks_for(question: str, kind: Kind) -> None:
    assert kind_of(question, "id") == kind


def test_a_question_word_is_the_same_in_every_language_and_spelling() -> None:
    frames = {tuple(frame(f"{why} harga beras naik?", ())) for why in ("Kenapa", "knp", "mengapa", "Why")}
    assert len(frames) == 1


def test_what_a_question_is_about_does_not_matter() -> None:
    assert frame("Siapa Sergei Shoigu?", ()) == frame("Siapa Ray Rangkuti?", ())


@given(st.text(max_size=300))
def test_any_text_has_a_kind(text: str) -> None:
    assert kind_of(text, "id") in (*KINDS, "talk")


@pytest.fixture
def other_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "kinds.npz"
    monkeypatch.setattr(kinds, "PATH", path)
    kinds._weights.cache_clear()
    yield path
    kinds._weights.cache_clear()


def test_broken_weights_are_a_model_error(other_weights: Path) -> None:
    other_weights.write_bytes(b"garbage")
    with pytest.raises(ModelError, match=r"kinds\.npz cannot be read"):
        kind_of("Siapa dia?", "id")


def test_missing_weights_are_a_model_error(other_weights: Path) -> None:
    with pytest.raises(ModelError, match="install Kutip again"):
        kind_of("Siapa dia?", "id")


def test_weights_of_other_kinds_are_a_model_error(other_weights: Path) -> None:
    words = np.frombuffer(b"a", np.uint8)
    np.savez(
        other_weights, words=words, hashes=np.zeros(2, np.uint32), weights=np.zeros((2, 3)), bias=np.zeros(3)
    )
    with pytest.raises(ModelError, match="do not fit"):
        kind_of("Siapa dia?", "id")
