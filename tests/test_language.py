from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.text import language
from rag.text.language import detect


@pytest.mark.parametrize(
    "text",
    [
        "Siapa Menteri Pertahanan Rusia?",
        "Siapa Sergei Shoigu?",
        "Apa itu Bitcoin?",
        "Kapan Tesla berdiri?",
        "Di mana Eiffel Tower?",
        "Presiden RI?",
        "Siapa pemeran utama The Dark Knight Rises?",
        "Apa makna lagu Let It Be dari The Beatles?",
        "Apakah Manchester United menang lawan Real Madrid?",
        "siapa yg menang di Premier League 2023?",
    ],
)
def test_indonesian_questions_are_indonesian(text: str) -> None:
    assert detect(text) == "id"


@pytest.mark.parametrize(
    "text",
    [
        "Who is Russia's defence minister?",
        "Who is Prabowo?",
        "What is IKN?",
        "When was Gojek founded?",
        "How much is Pertamax?",
        "Who wrote Laskar Pelangi?",
        "Did Persib Bandung win against Persija Jakarta?",
        "What does Gerakan Nasional Pengawal Fatwa stand for?",
    ],
)
def test_english_questions_are_english(text: str) -> None:
    assert detect(text) == "en"


@pytest.mark.parametrize("text", ["", " \n", "?!", "…"])
def test_text_without_evidence_is_taken_to_be_indonesian(text: str) -> None:
    assert detect(text) == "id"


@given(st.text())
def test_any_text_has_a_language(text: str) -> None:
    assert detect(text) in {"id", "en"}


def test_broken_weights_are_a_model_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "broken.npy"
    path.write_bytes(b"garbage")
    monkeypatch.setattr(language, "PATH", path)
    language._weights.cache_clear()
    with pytest.raises(ModelError, match="broken"):
        detect("Siapa?")
    language._weights.cache_clear()
