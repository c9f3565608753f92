from __future__ import annotations

import pytest

from rag.asking.follow import carried, follows
from rag.types import Language, Turn

SHOIGU = Turn("Siapa Menteri Pertahanan Rusia?", "Sergei Shoigu")
MINISTER = Turn("Who is Russia's defence minister?", "Sergei Shoigu")


@pytest.mark.parametrize(
    ("question", "language", "history", "put"),
    [
        ("Kapan dia ke sana?", "id", [SHOIGU], "Kapan Sergei Shoigu ke sana? Menteri Pertahanan Rusia"),
        ("Berapa umurnya?", "id", [SHOIGU], "Berapa umur Sergei Shoigu? Menteri Pertahanan Rusia"),
        ("And his age?", "en", [MINISTER], "Sergei Shoigu's age? Russia's defence minister"),
        (
            "Where?",
            "en",
            [Turn("When was Mount Tarangga measured?", "in 1994")],
            "Where? Mount Tarangga measured",
        ),
        ("Kapan dia ke sana?", "id", [], "Kapan dia ke sana?"),
        ("Siapa Bupati Demak?", "id", [SHOIGU], "Siapa Bupati Demak?"),
    ],
)
def test_what_a_follow_up_leaves_out_is_carried_over(
    question: str, language: Language, history: list[Turn], put: str
) -> None:
    assert carried(question, language, history) == put


@pytest.mark.parametrize(
    ("question", "language", "last", "put"),
    [
        (
            "Kalau di Kampung Nilam?",
            "id",
            "Berapa kasus demam berdarah di Bandar Seloka?",
            "Berapa kasus demam berdarah di Kampung Nilam?",
        ),
        ("Bagaimana dengan Bantul?", "id", "Siapa bupati Sleman?", "Siapa bupati Bantul?"),
        ("What about Sleman?", "en", "How many died in Bantul?", "How many died in Sleman?"),
        (
            "di sana ada berapa pengungsi?",
            "id",
            "Berapa orang meninggal akibat banjir bandang di Tanah Rawang?",
            "Di Tanah Rawang ada berapa pengungsi? banjir bandang",
        ),
        (
            "siapa bupatinya?",
            "id",
            "Siapa yang hilang di Tanah Rawang?",
            "Siapa bupati Tanah Rawang?",
        ),
    ],
)
def test_a_follow_up_asks_the_same_of_another_or_another_thing_of_the_same(
    question: str, language: Language, last: str, put: str
) -> None:
    assert carried(question, language, [Turn(last, "")]) == put


def test_the_one_who_was_asked_for_is_meant_two_turns_later() -> None:
    history = [SHOIGU, Turn("Kapan dia ke Korea Utara?", "pada bulan Juli")]
    assert carried("Kenapa dia pergi?", "id", history).startswith("Kenapa Sergei Shoigu pergi?")


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How much rain fell at Bukit Sialang?", "en"),
        ("Siapa kiper Bahari?", "id"),
        ("Apa ibu kota Provinsi Jawa Barat itu?", "id"),
        ("Berapa ongkos sekali berobat bagi yang tidak punya BPJS?", "id"),
        ("Siapa petani yang tewas karena kembali memberi makan kambingnya?", "id"),
        ("What happens to families that keep breeding mosquitoes at home?", "en"),
        ("siapa kiper bahari?", "id"),
        ("apa itu lurik?", "id"),
        ("lurik itu apa", "id"),
        ("what is biochar", "en"),
        ("siapa pendiri ladangku?", "id"),
        ("who founded ladangku?", "en"),
        ("Did Pope Francis sleep at a hotel or somewhere else while he was in Jakarta?", "en"),
    ],
)
def test_a_question_with_names_of_its_own_stands_alone(question: str, language: Language) -> None:
    assert not follows(question, language)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("berapa umurnya?", "id"),
        ("siapa pelatihnya?", "id"),
        ("siapa ketuanya?", "id"),
        ("apa katanya tentang itu?", "id"),
        ("berapa yang masih hilang?", "id"),
        ("kenapa?", "id"),
        ("sampai kapan?", "id"),
        ("who is he?", "en"),
        ("what is it about?", "en"),
        ("and why did he go to North Korea?", "en"),
        ("what is the cause?", "en"),
    ],
)
def test_a_question_in_small_letters_that_leans_on_another_is_a_follow_up(
    question: str, language: Language
) -> None:
    assert follows(question, language)
