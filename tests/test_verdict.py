from __future__ import annotations

import pytest

from rag.reading.verdict import denies, verdict
from rag.search.lexicon import Lexicon
from rag.types import Language

AROUND = "Jembatan Cipta di Selayan. Bupati Arman Wirya berbicara pada Senin."


def told(question: str, language: Language, sentence: str, lexicon: Lexicon | None = None) -> bool | None:
    return verdict(question, language, sentence, f"{AROUND} {sentence}", "id", lexicon)


@pytest.mark.parametrize(
    ("question", "sentence", "says"),
    [
        ("Apakah Jembatan Cipta ditutup?", "Jembatan Cipta ditutup sejak Senin.", True),
        ("Apakah Jembatan Cipta ditutup?", "Jembatan Cipta tidak ditutup.", False),
        ("Apakah Jembatan Cipta sudah dibuka?", "Jembatan Cipta belum dibuka untuk umum.", False),
        ("jembatan cipta ditutup gak?", "Jembatan Cipta tidak jadi ditutup.", False),
        ("Jembatan Cipta ditutup atau tidak?", "Jembatan Cipta ditutup.", True),
        ("Apakah Arman Wirya mundur?", "Arman Wirya bukan mundur, melainkan diganti.", False),
        ("Apakah panggung dipindahkan ke alun-alun?", "Panggung batal dipindahkan ke alun-alun.", False),
        ("Apakah Arman Wirya maju di pilkada?", "Arman Wirya gagal maju di pilkada.", False),
        ("Apakah Arman Wirya memberi komentar?", "Arman Wirya enggan memberi komentar.", False),
        ("ada korban jiwa ga waktu panggungnya ambruk?", "Panggung ambruk, tidak ada korban jiwa.", False),
        ("Apakah panggungnya ambruk?", "Kabar panggung ambruk itu sama sekali tidak benar.", False),
        (
            "Apakah pegawai memakai masker?",
            "Pegawai di sana sama sekali tidak ada yang mau memakai masker.",
            False,
        ),
    ],
)
def test_a_sentence_that_says_all_of_it_or_denies_its_verb_is_a_yes_or_a_no(
    question: str, sentence: str, says: bool
) -> None:
    assert told(question, "id", sentence) is says


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Apakah Jembatan Cipta ditutup?", "Jembatan Cipta akan diperbaiki."),
        ("Apakah Jembatan Cipta ditutup?", "Jembatan Cipta ditutup jika air naik."),
        ("Apakah Jembatan Cipta tidak ditutup?", "Jembatan Cipta tidak ditutup."),
        ("Apakah semua jembatan ditutup?", "Jembatan Cipta ditutup."),
        ("Apakah Jembatan Cipta ditutup?", "Jembatan Cipta diduga ditutup."),
        ("Apakah Jembatan Cipta ditutup?", "Bupati membantah Jembatan Cipta ditutup."),
        ("Apakah Jembatan Cipta ditutup?", "Jembatan Cipta ditutup, tetapi hanya semalam."),
        ("Apakah Arman Wirya ditahan di Bone?", "Arman Wirya ditahan."),
        ("Apakah ada 12 korban?", "Ada 21 korban."),
        ("Apakah Jembatan Cipta ditutup?", "Jembatan Cipta tidak rusak dan ditutup sementara."),
        ("Apakah Sulistyo mundur?", "Arman Wirya mundur."),
        ("Apakah hakim membebaskan terdakwa?", "Tak hanya membebaskan terdakwa, hakim memberi ganti rugi."),
        ("Apakah semua warga setuju?", "Warga di sana setuju."),
        ("arman wirya ga mundur?", "Arman Wirya tidak mundur."),
        ("Apakah Selayan setuju?", "Bupati Arman Wirya setuju."),
    ],
)
def test_all_else_is_left_open(question: str, sentence: str) -> None:
    assert told(question, "id", sentence) is None


@pytest.mark.parametrize(
    ("question", "sentence", "says"),
    [
        ("Was the bridge closed?", "Jembatan itu ditutup.", True),
        ("Was the bridge closed?", "Jembatan itu tidak ditutup.", False),
        ("Didn't they close the bridge?", "Jembatan itu tidak ditutup.", None),
    ],
)
def test_a_question_in_the_other_language_is_told_by_its_translations(
    question: str, sentence: str, says: bool | None
) -> None:
    assert told(question, "en", sentence, Lexicon.load()) is says


@pytest.mark.parametrize(
    ("question", "language", "sentence", "right_behind"),
    [
        ("Apakah Arman Wirya sudah ditahan?", "id", "Arman Wirya belum ditahan.", True),
        ("Has Arman Wirya been detained?", "en", "Arman Wirya belum ditahan.", True),
        ("Apakah Arman Wirya sudah ditahan?", "id", "Arman Wirya tidak hanya ditahan.", False),
        ("Apakah Arman Wirya sudah ditahan?", "id", "Arman Wirya ditahan, bukan diperiksa.", False),
        ("Apakah Arman Wirya sudah ditahan?", "id", "Bukan Arman Wirya yang ditahan.", False),
        ("", "id", "", False),
    ],
)
def test_a_word_of_the_question_right_behind_a_denial(
    question: str, language: Language, sentence: str, right_behind: bool
) -> None:
    assert denies(question, language, sentence, "id", Lexicon.load()) is right_behind
