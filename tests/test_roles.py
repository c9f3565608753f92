from __future__ import annotations

import pytest

from rag.reading.roles import miscounted, overtaken, placed, tells_who
from rag.text.sentences import split
from rag.types import Article, Evidence, Language, Passage


def found(sentence: str, span: str | None = None, language: Language = "id") -> Evidence:
    article = Article("a", None, None, None, language, sentence)
    passage = Passage(1, article, tuple(split(sentence, "a")), 1.0)
    start = sentence.index(span) if span else 0
    return Evidence(passage, passage.sentences[0], 0.9, (start, start + len(span)) if span else None)


@pytest.mark.parametrize(
    ("sentence", "won", "lost"),
    [
        ("Garuda Pesisir mengalahkan Elang Timur 3-2.", "Garuda Pesisir", "Elang Timur"),
        ("Elang Timur dikalahkan Garuda Pesisir 2-3.", "Garuda Pesisir", "Elang Timur"),
        ("Elang Timur takluk dari Garuda Pesisir.", "Garuda Pesisir", "Elang Timur"),
        ("Garuda Pesisir menang tipis atas Elang Timur.", "Garuda Pesisir", "Elang Timur"),
        ("Northgate Rovers beat Harbour City 2-1.", "Northgate Rovers", "Harbour City"),
        ("Harbour City were beaten by Northgate Rovers.", "Northgate Rovers", "Harbour City"),
        ("Clara Whitlock lost to Devon Ashby by 212 votes.", "Devon Ashby", "Clara Whitlock"),
        ("Rian Ardika menyerah dari petinju Denmark, Olaf Bruun.", "Olaf Bruun", "Rian Ardika"),
    ],
)
@pytest.mark.parametrize("asks", [("Siapa yang menang?", "Siapa yang kalah?"), ("Who won?", "Who lost?")])
def test_a_winner_is_who_won(sentence: str, won: str, lost: str, asks: tuple[str, str]) -> None:
    for wrong in (won, lost):
        assert placed(asks[0], found(sentence, wrong)).short == won
        assert placed(asks[1], found(sentence, wrong)).short == lost


@pytest.mark.parametrize(
    ("question", "sentence", "span", "right"),
    [
        ("Siapa yang membeli pabrik itu?", "PT Manis membeli pabrik dari PT Tebu.", "PT Tebu", "PT Manis"),
        ("Siapa yang menjual pabrik itu?", "PT Manis membeli pabrik dari PT Tebu.", "PT Manis", "PT Tebu"),
        ("Who bought Paperlane?", "Paperlane was sold by Ann Dorsett to Quill Ltd.", "Ann", "Quill Ltd"),
        ("Who sold Paperlane?", "Paperlane was sold by Ann Dorsett to Quill Ltd.", "Quill", "Ann Dorsett"),
        (
            "Siapa pelatih baru Rajawali?",
            "Hendra Saputra menggantikan Slamet Riyono.",
            "Slamet",
            "Hendra Saputra",
        ),
        ("Who was replaced?", "Lena Hofmann was replaced by Samuel Okoye.", "Samuel", "Lena Hofmann"),
        (
            "Harga kopi turun menjadi berapa?",
            "Harga turun dari Rp78.000 ke Rp61.000.",
            "Rp78.000",
            "Rp61.000",
        ),
        (
            "Berapa harga kopi sebelum turun?",
            "Harga turun dari Rp78.000 ke Rp61.000.",
            "Rp61.000",
            "Rp78.000",
        ),
        (
            "Berapa yang tewas?",
            "Ada 49 orang selamat, 11 orang tewas.",
            "49 orang selamat, 11 orang",
            "11 orang",
        ),
        ("Berapa yang luka?", "Gempa melukai 64 warga dan menewaskan 5 orang.", "5 orang", "64 warga"),
        ("How many were killed?", "Of 140 people, 118 survived and nine were killed.", "118", "nine"),
    ],
)
def test_the_span_is_the_one_that_is_asked_for(question: str, sentence: str, span: str, right: str) -> None:
    assert placed(question, found(sentence, span)).short == right


@pytest.mark.parametrize(
    ("question", "sentence", "span"),
    [
        ("Siapa yang menang?", "Sebanyak 900 orang menonton.", "900 orang"),
        ("Siapa Bupati Demak?", "Garuda mengalahkan Elang.", "Elang"),
        ("Siapa yang menang?", "Ia unggul tipis atas Ridwan Pamungkas.", "Ridwan"),
        ("Berapa harga kopi?", "Harga turun dari Rp78.000 ke Rp61.000.", "Rp61.000"),
        ("Berapa yang tewas?", "Ada 12 korban.", "12"),
    ],
)
def test_where_nothing_is_plain_the_span_stays(question: str, sentence: str, span: str) -> None:
    assert placed(question, found(sentence, span)).short == span


@pytest.mark.parametrize(
    ("question", "sentence", "span", "other"),
    [
        ("Berapa penduduk Bandar Seloka?", "Demam berdarah menjangkiti 2.874 orang.", "2.874 orang", True),
        ("Berapa penduduk Bandar Seloka?", "Penduduk Bandar Seloka 91.000 jiwa.", "91.000", False),
        ("How many people live in Seloka?", "Dengue has infected 2,874 people.", "2,874", True),
        ("Berapa yang tewas?", "Sebanyak 23 orang luka-luka.", "23 orang", True),
        ("Berapa yang tewas?", "Jumlahnya menjadi 17 orang.", "17 orang", False),
        ("Gazalba divonis berapa tahun?", "Jaksa menuntut Gazalba 15 tahun penjara.", "15 tahun", True),
        ("Berapa rumah yang rusak?", "Sebanyak 23 orang luka-luka.", "23 orang", False),
        ("Siapa yang tewas?", "Sebanyak 23 orang luka-luka.", "23 orang", False),
    ],
)
def test_a_figure_of_something_else_is_told(question: str, sentence: str, span: str, other: bool) -> None:
    assert miscounted(question, found(sentence, span, "en" if "has" in sentence else "id")) is other


def test_it_is_told_whether_a_sentence_plainly_says_who() -> None:
    assert tells_who("Siapa yang menang?", found("Garuda mengalahkan Elang."))
    assert not tells_who("Siapa yang menang?", found("Garuda bertemu Elang."))
    assert not tells_who("Siapa Bupati Demak?", found("Garuda mengalahkan Elang."))


@pytest.mark.parametrize(
    ("question", "sentence", "span", "changed"),
    [
        (
            "When does the airport reopen?",
            "The airport, which had been due to reopen at noon on Tuesday, will stay shut.",
            "noon on Tuesday",
            True,
        ),
        ("Kapan jembatan dibuka?", "Jembatan semula dijadwalkan dibuka Senin, tetapi batal.", "Senin", True),
        ("Kapan konser digelar?", "Konser sedianya digelar Sabtu, lalu ditunda ke Minggu.", "Sabtu", True),
        ("Kapan konser digelar?", "Konser sedianya digelar Sabtu, lalu ditunda ke Minggu.", "Minggu", False),
        ("When was it due to reopen?", "It had been due to reopen at noon, officials said.", "noon", False),
        ("When does it reopen?", "The airport will reopen at noon.", "noon", False),
    ],
)
def test_a_plan_that_came_to_nothing_is_no_short_answer(
    question: str, sentence: str, span: str, changed: bool
) -> None:
    assert overtaken(question, found(sentence, span)) is changed
