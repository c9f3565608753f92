from __future__ import annotations

from datetime import date

import pytest

from rag.reading.dates import Period, chosen, days_in, in_time, period
from rag.types import Article, Evidence, Passage, Sentence

TODAY = date(2024, 9, 10)  # a Tuesday


@pytest.mark.parametrize(
    ("question", "first", "last", "rest"),
    [
        ("Berapa harga cabai kemarin?", "2024-09-09", "2024-09-09", "Berapa harga cabai?"),
        ("Siapa yang menang kemarin lusa?", "2024-09-08", "2024-09-08", "Siapa yang menang?"),
        ("What happened yesterday?", "2024-09-09", "2024-09-09", "What happened?"),
        ("Apa yang terjadi hari ini di Demak?", "2024-09-10", "2024-09-10", "Apa yang terjadi di Demak?"),
        ("Apa yang terjadi minggu ini?", "2024-09-09", "2024-09-15", "Apa yang terjadi?"),
        ("Apa yang terjadi minggu lalu?", "2024-09-02", "2024-09-08", "Apa yang terjadi?"),
        ("Apa yang terjadi pekan kemarin?", "2024-09-02", "2024-09-08", "Apa yang terjadi?"),
        ("Apa yang terjadi pada hari Minggu lalu?", "2024-09-08", "2024-09-08", "Apa yang terjadi?"),
        ("Siapa yang tewas Senin lalu?", "2024-09-09", "2024-09-09", "Siapa yang tewas?"),
        ("Who won on Friday?", "2024-09-06", "2024-09-06", "Who won?"),
        ("Apa hasilnya tiga hari yang lalu?", "2024-09-07", "2024-09-07", "Apa hasilnya?"),
        ("What was said 2 weeks ago?", "2024-08-26", "2024-09-01", "What was said?"),
        ("Berapa inflasi bulan lalu?", "2024-08-01", "2024-08-31", "Berapa inflasi?"),
        ("Who won last year?", "2023-01-01", "2023-12-31", "Who won?"),
        ("Apa kata Shoigu pada 4 September 2023?", "2023-09-04", "2023-09-04", "Apa kata Shoigu?"),
        ("What did he say on September 4, 2023?", "2023-09-04", "2023-09-04", "What did he say?"),
        ("What did he say on the 4th of September?", "2024-09-04", "2024-09-04", "What did he say?"),
        ("Siapa tewas pada 12 Desember?", "2023-12-12", "2023-12-12", "Siapa tewas?"),
        ("Siapa tewas pada 10/3/2024?", "2024-03-10", "2024-03-10", "Siapa tewas?"),
        ("Apa statusnya pada akhir Agustus 2024?", "2024-08-01", "2024-08-31", "Apa statusnya?"),
        ("Apa statusnya pada bulan Oktober?", "2023-10-01", "2023-10-31", "Apa statusnya?"),
        ("Berapa laba pada 2022?", "2022-01-01", "2022-12-31", "Berapa laba pada 2022?"),
    ],
)
def test_a_question_names_its_time(question: str, first: str, last: str, rest: str) -> None:
    found = period(question, TODAY)
    assert found == Period(date.fromisoformat(first), date.fromisoformat(last), rest)


@pytest.mark.parametrize("question", ["Berapa harga terbaru?", "What is the latest price?", "Kabar terkini?"])
def test_a_question_may_ask_for_the_newest(question: str) -> None:
    found = period(question, TODAY)
    assert found is not None
    assert found.newest


@pytest.mark.parametrize(
    "question",
    [
        "Siapa Menteri Pertahanan Rusia?",
        "What may happen?",
        "Berapa 32 September?",
        "Siapa juara 2024?",
        "Berapa anggota tim itu?",
    ],
)
def test_most_questions_name_none(question: str) -> None:
    assert period(question, TODAY) is None


def test_days_in_a_text() -> None:
    text = "Pada Minggu (10/3/2024), lalu 12 Maret, dan May 6."
    assert days_in(text, 2024) == {date(2024, 3, 10), date(2024, 3, 12), date(2024, 5, 6)}


def passage(key: int, text: str, published: str | None) -> Passage:
    article = Article(str(key), None, None, published, "id", text)
    return Passage(key, article, (Sentence(str(key), 0, 0, len(text)),), 1.0 / (key + 1))


def test_the_passages_of_the_time_are_read_and_the_rest_where_there_are_none() -> None:
    passages = [
        passage(0, "Harga naik.", "2024-09-02"),
        passage(1, "Harga turun.", "2024-09-09"),
        passage(2, "Harga pada Senin (9/9/2024) tetap.", "2024-09-10"),
        passage(3, "Harga apa?", None),
    ]
    assert [each.key for each in chosen(passages, period("Berapa kemarin?", TODAY), 3)] == [1, 2]
    assert [each.key for each in chosen(passages, period("Berapa pada 1 September?", TODAY), 3)] == [0]
    assert [each.key for each in chosen(passages, period("Berapa bulan lalu?", TODAY), 3)] == [0, 1, 2]
    assert [each.key for each in chosen(passages, period("Berapa terbaru?", TODAY), 2)] == [0, 2]
    assert [each.key for each in chosen(passages, None, 2)] == [0, 1]


def test_a_month_that_a_text_names_counts_as_its_days_do() -> None:
    passages = [
        passage(0, "Ia datang pada bulan Juli, kata kantor berita.", None),
        passage(1, "Ia datang pada Juli 2019.", None),
        passage(2, "Ia datang.", "2024-07-03"),
        passage(3, "Ia datang.", "2024-08-03"),
    ]
    assert [each.key for each in chosen(passages, period("Apa yang ia bawa pada Juli?", TODAY), 4)] == [0, 2]


def test_the_newest_sentence_goes_first_if_it_is_likely_enough() -> None:
    passages = [
        passage(0, "Satu.", "2024-09-02"),
        passage(1, "Dua.", "2024-09-09"),
        passage(2, "Tiga.", "2024-09-10"),
    ]
    evidence = [
        Evidence(each, each.sentences[0], score)
        for each, score in zip(passages, (0.8, 0.7, 0.01), strict=True)
    ]
    newest = period("Berapa terbaru?", TODAY)
    assert [item.passage.key for item in in_time(evidence, newest)] == [1, 0, 2]
    assert in_time(evidence, None) == evidence
