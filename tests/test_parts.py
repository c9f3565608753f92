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
            [
                "Did the camp of Moel register the results?",
                "What does Andi Arief say? camp Moel register results",
            ],
        ),
        (
            "What did the MPR do about the decree and how did Guntur Romli respond?",
            "en",
            ["What did the MPR do about the decree?", "How did Guntur Romli respond? MPR decree"],
        ),
        (
            "Apa keputusan Bawaslu soal baliho Darmo dan apa tanggapan Sekar?",
            "id",
            [
                "Apa keputusan Bawaslu soal baliho Darmo?",
                "Apa tanggapan Sekar? keputusan Bawaslu soal baliho Darmo",
            ],
        ),
        (
            "Apa tuduhan Sekar soal beras dan apa bantahan Bulog tentang gudang?",
            "id",
            ["Apa tuduhan Sekar soal beras?", "Apa bantahan Bulog tentang gudang? Sekar"],
        ),
        (
            "Apa kata polisi dan apa kata sekolah soal perundungan di SMA Kenari?",
            "id",
            [
                "Apa kata polisi soal perundungan di SMA Kenari?",
                "Apa kata sekolah soal perundungan di SMA Kenari?",
            ],
        ),
        (
            "how old was the singer when she died and who told the news?",
            "en",
            ["How old was the singer when she died?", "Who told the news? old singer died"],
        ),
        (
            "how many hurt and how many houses hit in the quake?",
            "en",
            ["How many hurt? houses hit quake", "How many houses hit in the quake?"],
        ),
        (
            "Sejak kapan Bank Wira ditutup, dan sampai 20 Januari 2021 ada berapa nasabah?",
            "id",
            ["Sejak kapan Bank Wira ditutup?", "Sampai 20 Januari 2021 ada berapa nasabah? Bank Wira"],
        ),
        (
            "After Darmo quit, who became head of Perindo and who is the head now?",
            "en",
            [
                "After Darmo quit, who became head of Perindo?",
                "After Darmo quit, who is the head now? Perindo",
            ],
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
            ["Kasus baru di Bantul berapa?", "Kasus baru di Sleman berapa?"],
        ),
        (
            "Ruas mana yang lebih panjang, Arum atau Bukit Sari?",
            "id",
            "compare",
            ["Ruas berapa panjang, Arum?", "Ruas berapa panjang, Bukit Sari?"],
        ),
        (
            "Lebih tinggi mana, Gunung Arum atau Gunung Sari?",
            "id",
            "compare",
            ["berapa tinggi, Gunung Arum?", "berapa tinggi, Gunung Sari?"],
        ),
        (
            "On the ferry, were there more Chinese or Indonesian passengers?",
            "en",
            "compare",
            ["On the ferry, how many Chinese passengers?", "On the ferry, how many Indonesian passengers?"],
        ),
        (
            "Apa beda pendapat Darmo dan Sekar soal beras?",
            "id",
            "compare",
            ["Apa pendapat Darmo soal beras?", "Apa pendapat Sekar soal beras?"],
        ),
        (
            "What is the difference between Plan Arum and Plan Sari?",
            "en",
            "compare",
            ["What is Plan Arum?", "What is Plan Sari?"],
        ),
        (
            "Warga lebih puas pada pemprov atau pemerintah pusat?",
            "id",
            "compare",
            ["Warga lebih puas pada pemprov?", "Warga lebih puas pada pemerintah pusat?"],
        ),
        (
            "Menurut Darmo dan Sekar, apa alasan kabinet berubah?",
            "id",
            "why",
            ["Menurut Darmo, apa alasan kabinet berubah?", "Menurut Sekar, apa alasan kabinet berubah?"],
        ),
        (
            "Sikap Darmo dan Sekar soal waduk apa?",
            "id",
            "compare",
            ["Sikap Darmo soal waduk apa?", "Sikap Sekar soal waduk apa?"],
        ),
        (
            "Alasan Darmo mundur menurut dia sendiri apa, dan menurut pengamat Sekar?",
            "id",
            "why",
            ["Alasan Darmo mundur menurut Darmo apa?", "Alasan Darmo mundur menurut pengamat Sekar apa?"],
        ),
        (
            "What do the mayor and the army chief think about the bridge?",
            "en",
            "compare",
            [
                "What do the mayor think about the bridge?",
                "What do the army chief think about the bridge?",
            ],
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
        ("Apa pendapat Matsegora soal latihan bersama Cina dan Rusia?", "id", "fact"),
        ("Kenapa Bima pergi beserta Rangga dan Sekar?", "id", "why"),
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


@pytest.mark.parametrize(
    "question",
    [
        "Penumpang kereta tahun ini naik atau turun?",
        "Is the number of visitors higher or lower than before?",
        "Itu benar atau salah?",
    ],
)
def test_two_answers_are_no_sides(question: str) -> None:
    language: Language = "en" if question.startswith("Is") else "id"
    assert texts(question, language, "compare") == []


def test_what_a_part_takes_from_another_is_not_its_own() -> None:
    question = "Apa keputusan Bawaslu soal baliho Darmo dan apa tanggapan Sekar?"
    assert [part.own for part in parts(question, "id", "fact")] == [
        "Apa keputusan Bawaslu soal baliho Darmo?",
        "Apa tanggapan Sekar?",
    ]
