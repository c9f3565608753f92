from __future__ import annotations

import pytest

from rag.text.facts import facts, implied
from rag.types import Language


def readings(text: str, language: Language) -> set[str]:
    return {reading for mention in facts(text, language) for reading in mention.readings}


@pytest.mark.parametrize(
    ("indonesian", "english", "reading"),
    [
        ("1.800 orang", "1,800 people", "n:1800"),
        ("187,5 milimeter", "187.5 millimetres", "n:187.5"),
        ("tiga entitas", "three entities", "n:3"),
        ("dua belas ribu tiga ratus lima puluh", "twelve thousand three hundred and fifty", "n:12350"),
        ("dua puluh satu pasien", "Twenty-one patients", "n:21"),
        ("seratus dua puluh satu", "one hundred twenty-one", "n:121"),
        ("1,2 juta nyamuk", "1.2 million mosquitoes", "n:1200000"),
        ("Rp86,4 miliar", "Rp 86.4 billion", "m:IDR:86400000000"),
        ("US$480 juta", "480 million dollars", "m:USD:480000000"),
        ("lima juta dolar AS", "five million dollars", "m:USD:5000000"),
        ("pada Rabu (22/10/2025)", "on Wednesday, October 22, 2025", "d:2025-10-22"),
        ("pada Rabu (22/10/2025)", "on Wednesday, 22 Oct. 2025", "w:2"),
        ("4 September 2023", "September 4, 2023", "d:2023-9-4"),
        ("18 Maret", "March 18th", "d:-3-18"),
        ("10-12 Mei 2024", "10 to 12 May 2024", "d:2024-5-12"),
        ("pada bulan Juli", "in July", "d:-7-"),
        ("pukul 21.40 WIB", "at 9.40 p.m.", "t:2140"),
        ("pukul 13.52", "1:52 p.m. local time", "t:1352"),
        ("jam 10 pagi", "10:00 a.m.", "t:1000"),
        ("pukul 2 siang", "2 p.m.", "t:1400"),
        ("tigabelas tahun", "thirteen", "n:13"),
        ("3 hari 2 malam", "3 days and 2 nights", "n:2"),
        ("10 sampai 20 juta", "10 to 20 million", "n:10000000"),
        ("abad ke-19", "the 19th century", "n:19"),
    ],
)
def test_one_fact_has_one_reading_in_both_languages(indonesian: str, english: str, reading: str) -> None:
    assert reading in readings(indonesian, "id")
    assert reading in readings(english, "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Salah satu dari mereka", "id"),
        ("one of them, the second time", "en"),
        ("kedua negara itu", "id"),
        ("He may march in a moment", "en"),
        ("minggu lalu, jutaan orang", "id"),
    ],
)
def test_what_only_looks_like_a_fact_is_none(text: str, language: Language) -> None:
    assert facts(text, language) == []


def test_a_number_in_the_other_languages_way_has_both_readings() -> None:
    assert readings("2,874 kasus", "id") == {"n:2874", "n:2.874"}
    assert readings("2,874 cases", "en") == {"n:2874"}


def test_a_date_implies_its_month_and_year_and_money_its_number() -> None:
    text = "Pada 4 September 2023 harganya Rp 1.800."
    said = implied(text, facts(text, "id"))
    assert {"d:2023-9-4", "d:-9-4", "d:2023-9-", "d:-9-", "n:2023", "m:IDR:1800", "n:1800"} <= said
    assert not {"d:2024-9-4", "n:9", "m:USD:1800"} & said


def test_a_day_without_a_year_is_of_the_year_of_publication() -> None:
    text = "Peristiwa itu terjadi pada 4 September."
    assert "d:2023-9-4" in implied(text, facts(text, "id"), "2023-09-05")
    assert "d:2022-9-4" not in implied(text, facts(text, "id"), "2023-09-05")
