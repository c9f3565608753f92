from __future__ import annotations

import pytest

from rag.asking.headlines import all_news


@pytest.mark.parametrize(
    "question",
    [
        *("berita terbaru", "apa yang baru?", "What's new?", "what is the latest news?", "ada berita apa?"),
        *("any news?", "kabar terkini apa saja", "apa yang terjadi?", "top headlines please"),
    ],
)
def test_all_news_is_asked_for(question: str) -> None:
    assert all_news(question)


@pytest.mark.parametrize(
    "question",
    ["berita terbaru soal beras", "What's new about the flood?", "apa itu lurik?", "siapa dia?", "", "?"],
)
def test_news_of_something_is_not_all_news(question: str) -> None:
    assert not all_news(question)
