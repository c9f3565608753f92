from __future__ import annotations

from datetime import date

import pytest

from rag.asking.times import Period, days_in, period
from rag.reading.timely import chosen, in_time
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


DAY = date(2025, 6, 18)  # a Wednesday


@pytest.mark.parametrize(
    ("question", "first", "last", "rest"),
    [
        ("Berapa harga telur tiga bulan lalu?", "2025-03-01", "2025-03-31", "Berapa harga telur?"),
        ("Berapa harga telur sebulan yang lalu?", "2025-05-01", "2025-05-31", "Berapa harga telur?"),
        ("How many came 14 months ago?", "2024-04-01", "2024-04-30", "How many came?"),
        ("Siapa juaranya dua tahun lalu?", "2023-01-01", "2023-12-31", "Siapa juaranya?"),
        ("Siapa juaranya setahun silam?", "2024-01-01", "2024-12-31", "Siapa juaranya?"),
        ("Who won a year ago?", "2024-01-01", "2024-12-31", "Who won?"),
        ("Who won ten years ago?", "2015-01-01", "2015-12-31", "Who won?"),
        ("Apa katanya seminggu lalu?", "2025-06-09", "2025-06-15", "Apa katanya?"),
        ("Apa katanya sehari lalu?", "2025-06-17", "2025-06-17", "Apa katanya?"),
        ("Berapa korban dalam tiga hari terakhir?", "2025-06-15", "2025-06-18", "Berapa korban?"),
        ("What happened in the last two weeks?", "2025-06-04", "2025-06-18", "What happened?"),
        ("Berapa penumpang sebelum Mei 2025?", "0001-01-01", "2025-04-30", "Berapa penumpang?"),
        ("Berapa kasus sebelum 1 Maret 2025?", "0001-01-01", "2025-02-28", "Berapa kasus?"),
        ("How many beds were there before April?", "0001-01-01", "2025-03-31", "How many beds were there?"),
        (
            "Siapa ketuanya sebelum tahun 2020?",
            "0001-01-01",
            "2019-12-31",
            "Siapa ketuanya sebelum tahun 2020?",
        ),
        ("Berapa kasus sejak Juni?", "2025-06-01", "2025-06-30", "Berapa kasus?"),
        ("Berapa kasus sejak 1 Mei 2025?", "2025-05-01", "2025-06-18", "Berapa kasus?"),
        ("What was opened since Monday?", "2025-06-16", "2025-06-18", "What was opened?"),
        ("Berapa harganya setelah 1 Mei 2025?", "2025-05-02", "2025-06-18", "Berapa harganya?"),
        ("What was said after April 2025?", "2025-05-01", "2025-06-18", "What was said?"),
        ("Apa yang buka sampai 5 Juni?", "2025-06-05", "2025-06-05", "Apa yang buka?"),
        ("Apa yang digelar pada 10-12 Maret 2025?", "2025-03-10", "2025-03-12", "Apa yang digelar?"),
        ("Apa yang digelar 10–12 Maret?", "2025-03-10", "2025-03-12", "Apa yang digelar?"),
        ("Apa yang digelar 30 Mei - 2 Juni?", "2025-05-30", "2025-06-02", "Apa yang digelar?"),
        ("What was held on June 3-5, 2024?", "2024-06-03", "2024-06-05", "What was held?"),
        ("What was held from 3 to 5 June?", "2025-06-03", "2025-06-05", "What was held?"),
        ("Apa isinya antara 15 dan 25 April 2025?", "2025-04-15", "2025-04-25", "Apa isinya?"),
        ("Apa isinya antara Mei dan Juni 2025?", "2025-05-01", "2025-06-30", "Apa isinya?"),
        ("Apa isinya dari Desember sampai Februari?", "2024-12-01", "2025-02-28", "Apa isinya?"),
        (
            "Siapa juara antara 2020 dan 2022?",
            "2020-01-01",
            "2022-12-31",
            "Siapa juara antara 2020 dan 2022?",
        ),
        ("What did he open between 2 and 6 June?", "2025-06-02", "2025-06-06", "What did he open?"),
        ("Apa isinya antara 1/3/2025 dan 5/3/2025?", "2025-03-01", "2025-03-05", "Apa isinya?"),
        ("Siapa yang dilantik Senin?", "2025-06-16", "2025-06-16", "Siapa yang dilantik?"),
        ("Siapa yang dilantik Rabu?", "2025-06-18", "2025-06-18", "Siapa yang dilantik?"),
        ("Siapa yang dilantik Rabu lalu?", "2025-06-11", "2025-06-11", "Siapa yang dilantik?"),
        ("Siapa yang dilantik Kamis pekan lalu?", "2025-06-12", "2025-06-12", "Siapa yang dilantik?"),
        ("Siapa yang dilantik Selasa minggu ini?", "2025-06-17", "2025-06-17", "Siapa yang dilantik?"),
        ("Siapa yang dilantik pada Minggu?", "2025-06-15", "2025-06-15", "Siapa yang dilantik?"),
        ("Siapa yang dilantik pada Jumat (6/6)?", "2025-06-06", "2025-06-06", "Siapa yang dilantik?"),
        ("Siapa yang dilantik hari Jum'at?", "2025-06-13", "2025-06-13", "Siapa yang dilantik?"),
        ("Siapa yang dilantik hari Ahad?", "2025-06-15", "2025-06-15", "Siapa yang dilantik?"),
        ("Who resigned last Wednesday?", "2025-06-11", "2025-06-11", "Who resigned?"),
        ("Who resigned Thursday last week?", "2025-06-12", "2025-06-12", "Who resigned?"),
        ("Berapa ekspornya pada 12/3/24?", "2024-03-12", "2024-03-12", "Berapa ekspornya?"),
        ("Berapa ekspornya per 12-3-25?", "2025-03-12", "2025-03-12", "Berapa ekspornya?"),
        ("Berapa ekspornya pada 12/3/98?", "1998-03-12", "1998-03-12", "Berapa ekspornya?"),
        ("How much was it on 3/25/2024?", "2024-03-25", "2024-03-25", "How much was it?"),
        ("Berapa ekspornya pada 2025-03-12?", "2025-03-12", "2025-03-12", "Berapa ekspornya?"),
        ("Berapa ekspornya pada 17 Agt 2024?", "2024-08-17", "2024-08-17", "Berapa ekspornya?"),
        ("Berapa ekspornya pada 3 Nop 2024?", "2024-11-03", "2024-11-03", "Berapa ekspornya?"),
        ("Berapa ekspornya pada 4 September tahun lalu?", "2024-09-04", "2024-09-04", "Berapa ekspornya?"),
        ("Berapa ekspornya pada Maret tahun lalu?", "2024-03-01", "2024-03-31", "Berapa ekspornya?"),
        ("What did he open on the 12th of March?", "2025-03-12", "2025-03-12", "What did he open?"),
        ("What did he open in early June?", "2025-06-01", "2025-06-30", "What did he open?"),
        ("What did he open a few days ago?", "2025-06-11", "2025-06-17", "What did he open?"),
    ],
)
def test_a_question_names_its_time_in_many_ways(question: str, first: str, last: str, rest: str) -> None:
    found = period(question, DAY)
    assert found == Period(date.fromisoformat(first), date.fromisoformat(last), rest)


@pytest.mark.parametrize(
    "question",
    [
        "Siapa yang mengerjakan renovasi Stadion 10 November?",
        "siapa yang merenovasi stadion 10 november?",
        "Berapa lampu di Jalan 17 Agustus?",
        "Berapa lampu di Jl. 17 Agustus 1945?",
        "Apa judul film tentang G30S?",
        "Apa judul film tentang G30S/PKI?",
        "Siapa rektor Universitas 17 Agustus 1945?",
        "Siapa rektor Universitas Sebelas Maret?",
        "Mengapa Jembatan 5 Mei ditutup?",
        "Siapa kepala SMA 11 Maret Sukodadi?",
        "Berapa pedagang di Pasar Minggu?",
        "Berapa pedagang di Pasar Minggu ini?",
        "Apa yang dijual saat Black Friday?",
        "Apa isi Undang-Undang Nomor 5 Tahun 1999?",
        "What album did the May Fourth Club release?",
        "Who repaired the July 4 Bridge?",
        "Berapa skor 3-1 itu?",
        "Siapa nomor 12-14 di kelas?",
        "Siapa yang datang Jumat Agung?",
    ],
)
def test_a_name_that_looks_like_a_time_is_none(question: str) -> None:
    assert period(question, DAY) is None


def test_a_name_that_the_store_knows_is_a_name_first() -> None:
    question = "Apa yang dilakukan Laskar 9 Mei?"
    assert period(question, DAY) is not None
    assert period(question, DAY, {"Laskar 9 Mei"}.__contains__) is None
    later = period("Apa yang dilakukan Laskar 9 Mei kemarin?", DAY, {"Laskar 9 Mei"}.__contains__)
    assert later == Period(date(2025, 6, 17), date(2025, 6, 17), "Apa yang dilakukan Laskar 9 Mei?")
    assert period("Who led the 9 May Brigade?", DAY, {"9 May Brigade"}.__contains__) is None


def test_after_a_place_a_date_with_a_year_is_a_date() -> None:
    found = period("Siapa yang menang di Stadion Arum 10 November 2024?", DAY)
    assert found is not None
    assert found.first == found.last == date(2024, 11, 10)


@pytest.mark.parametrize("today", [date.min, date(1, 3, 1), DAY, date(9999, 12, 31)])
@pytest.mark.parametrize(
    "question",
    [
        "Apa yang terjadi pada 31 Desember 9999?",
        "Apa yang terjadi setelah 31 Desember 9999?",
        "Apa yang terjadi sebelum 1 Januari 0001?",
        "Apa yang terjadi pada 29 Februari 2023?",
        "Apa yang terjadi pada 0 Januari 0000?",
        "Apa yang terjadi pada 00/00/0000 dan 99/99/99?",
        "Apa yang terjadi 9999 tahun lalu?",
        "What happened 9999 months ago?",
        "What happened in the last 9999 years?",
        "Apa yang terjadi 5000 minggu yang lalu?",
        "Apa yang terjadi antara 31 Februari dan 40 Maret?",
        "Apa yang terjadi antara 0000 dan 9999?",
        "Apa yang terjadi 12-10 Maret?",
        "Apa yang terjadi kemarin lusa?",
        "Apa yang terjadi Desember tahun lalu?",
        "Apa yang terjadi pada Desember 9999?",
        "Apa yang terjadi tahun lalu?",
        "Apa yang terjadi minggu lalu?",
        "Apa yang terjadi Senin pekan lalu?",
        "Apa yang terjadi sejak ²/³/2024?",
        "Apa yang terjadi pada ٣ Maret ٢٠٢٤?",
    ],
)
def test_no_time_ends_in_a_trace(question: str, today: date) -> None:
    when = period(question, today)
    passages = [
        passage(0, question, "9999-12-31"),
        passage(1, question, "0001-01-01"),
        passage(2, question, None),
    ]
    assert len(chosen(passages, when, 3)) <= 3
    in_time([Evidence(each, each.sentences[0], 0.5) for each in passages], when)


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


def test_a_long_time_leaves_room_for_what_is_told_later() -> None:
    passages = [
        *(passage(number, "Kereta itu tiba.", "2008-01-01") for number in range(8)),
        passage(8, "Sebelum tahun 2010 kereta itu tidak berpendingin.", "2020-05-05"),
        passage(9, "Kereta itu baru.", "2020-05-05"),
    ]
    when = period("Apa yang tidak ada di kereta sebelum tahun 2010?", DAY)
    assert [each.key for each in chosen(passages, when, 8)] == [0, 1, 2, 3, 4, 5, 6, 9]
    assert 8 in [each.key for each in chosen([passages[8], *passages[:8]], when, 8)]


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
