from __future__ import annotations

import pytest

from rag.asking.parts import LONGEST, parts
from rag.types import Kind, Language


def texts(question: str, language: Language = "id", kind: Kind = "fact") -> list[str]:
    return [part.text for part in parts(question, language, kind)]


@pytest.mark.parametrize(
    ("question", "language", "found"),
    [
        (
            "Berapa korban di Bantul, dan siapa bupati Sleman sekarang?",
            "id",
            ["Berapa korban di Bantul?", "Siapa bupati Sleman sekarang? Bantul"],
        ),
        (
            "Berapa uang suap Ardian Wira ke Juli Batu dan dia divonis berapa tahun?",
            "id",
            ["Berapa uang suap Ardian Wira ke Juli Batu?", "Ardian Wira divonis berapa tahun? Juli Batu"],
        ),
        (
            "Di kasus suap Nurdin, siapa penerimanya dan siapa penyuapnya?",
            "id",
            ["Di kasus suap Nurdin, siapa penerimanya?", "Di kasus suap Nurdin, siapa penyuapnya?"],
        ),
        (
            "Who replaced Arsjad Rasjid as chairman and when was the Kadin congress held?",
            "en",
            ["Who replaced Arsjad Rasjid as chairman?", "When was the Kadin congress held? Arsjad Rasjid"],
        ),
        (
            "Did the camp of Moel register the results? What does Andi Arief say?",
            "en",
            ["Did the camp of Moel register the results?", "What does Andi Arief say? Moel"],
        ),
    ],
)
def test_two_questions_in_one_are_two_that_stand_alone(
    question: str, language: Language, found: list[str]
) -> None:
    assert texts(question, language) == found


@pytest.mark.parametrize(
    ("question", "language", "kind", "found"),
    [
        (
            "Kasus baru di Bantul atau di Sleman yang lebih banyak?",
            "id",
            "compare",
            ["Kasus baru di Bantul yang lebih banyak?", "Kasus baru di Sleman yang lebih banyak?"],
        ),
        (
            "Suara ledakan itu apa, menurut polisi dan menurut LAPAN?",
            "id",
            "fact",
            ["Suara ledakan itu apa, menurut polisi?", "Suara ledakan itu apa, menurut LAPAN?"],
        ),
        (
            "How did Rizal Ramli and Jimly Ash react to the plan?",
            "en",
            "how",
            ["How did Rizal Ramli react to the plan?", "How did Jimly Ash react to the plan?"],
        ),
        (
            "How many customers did PLN have in 2020 compared with 2024?",
            "en",
            "compare",
            ["How many customers did PLN have in 2020?", "How many customers did PLN have in 2024?"],
        ),
    ],
)
def test_what_is_asked_of_two_sides_is_asked_of_each(
    question: str, language: Language, kind: Kind, found: list[str]
) -> None:
    assert texts(question, language, kind) == found
    one, other = parts(question, language, kind)
    assert one.side
    assert other.side
    assert not one.side & other.side


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("Siapa Menteri Pertahanan Rusia?", "id", "fact"),
        ("Kapan Al Ghazali dan Alyssa Daguise menikah?", "id", "fact"),
        ("Siapa yang membakar sekolah dan puskesmas di Ilaga?", "id", "fact"),
        ("When and where was the congress held?", "en", "fact"),
        ("Apa yang terjadi antara Rusia dan Ukraina?", "id", "compare"),
        ("What happened between Russia and Ukraine?", "en", "compare"),
        ("What did the mayor say when he opened the bridge?", "en", "fact"),
        ("Rangkum kasus Jessica, dan siapa pelakunya?", "id", "summary"),
        ("Kenapa? Kapan?", "id", "why"),
        ("Berapa korbannya? Tanah Rawang banjir bandang", "id", "fact"),
        ("Siapa yang menang? Tolong jawab cepat.", "id", "fact"),
        ("", "id", "fact"),
    ],
)
def test_a_question_for_one_thing_has_no_parts(question: str, language: Language, kind: Kind) -> None:
    assert texts(question, language, kind) == []


def test_a_long_text_is_not_taken_apart() -> None:
    assert texts("siapa a dan siapa b? " * LONGEST) == []
