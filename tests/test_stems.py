from __future__ import annotations

import pytest

from rag.text.stems import stems, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rp1.500.000 pada 22/10/2025", ["rp", "1.500.000", "pada", "22/10/2025"]),
        ("Russia's defence", ["russia", "defence"]),
        ("They’ve said it isn't", ["they", "said", "it", "isn"]),
        ("Ma'ruf Amin dan Qur’an", ["maruf", "amin", "dan", "quran"]),
        ("Café Müller", ["cafe", "muller"]),
        ("anak-anak", ["anak", "anak"]),
        ("pukul 07.30 WIB, 3,5 persen.", ["pukul", "07.30", "wib", "3,5", "persen"]),
        ("", []),
    ],
)
def test_words_are_lower_case_and_numbers_whole(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_each_language_has_its_own_stems() -> None:
    assert stems("mempertimbangkan pertahanan", "id") == stems("pertimbangan tahan", "id")
    assert stems("sanctions sanctioned", "en") == ["sanction", "sanction"]


def test_a_number_is_its_own_stem() -> None:
    assert stems("1.800", "id") == ["1.800"]
