from __future__ import annotations

import pytest

from rag.text.kinds import kind_of
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
        ("halo", "talk"),
        ("Thanks!", "talk"),
    ],
)
def test_a_question_says_what_kind_of_answer_it_asks_for(question: str, kind: Kind) -> None:
    assert kind_of(question, "id") == kind
