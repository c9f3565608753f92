from __future__ import annotations

import pytest

from bot.example import example_of
from rag.types import Article, Language

MINISTER = "Kabar dari Moskow. Menteri Pertahanan Rusia, Sergei Shoigu, mengusulkan latihan bersama."
FARMER = "One man died: Petrus Kase, a 58-year-old farmer who had gone back to feed his goats."


def article(text: str, language: Language = "id", title: str | None = "Banjir di Demak") -> Article:
    return Article("a", None, title, None, language, text)


@pytest.mark.parametrize(
    ("text", "own", "wanted", "question"),
    [
        (MINISTER, "id", None, "Siapa Menteri Pertahanan Rusia?"),
        (MINISTER, "id", "en", "Who is Sergei Shoigu?"),
        (FARMER, "en", None, "Who is Petrus Kase?"),
        (FARMER, "en", "id", "Siapa Petrus Kase?"),
        ("Air naik.", "id", None, "Apa yang terjadi: Banjir di Demak?"),
        ("Air naik.", "id", "en", "What happened: Banjir di Demak?"),
    ],
)
def test_an_example_asks_what_the_article_says(
    text: str, own: Language, wanted: Language | None, question: str
) -> None:
    assert example_of([article(text, own)], wanted) == question


def test_an_article_that_names_somebody_goes_before_a_newer_one() -> None:
    assert example_of([article("Air naik."), article(MINISTER)]) == "Siapa Menteri Pertahanan Rusia?"


def test_a_title_that_asks_gets_one_question_mark() -> None:
    assert example_of([article("Air naik.", title="Kenapa banjir?")]) == "Apa yang terjadi: Kenapa banjir?"


def test_without_an_article_there_is_no_example() -> None:
    assert example_of([]) is None
    assert example_of([article("Air naik.", title=None)]) is None
    assert example_of([article("Air naik.", title="kata " * 40)]) is None
