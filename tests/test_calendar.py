from __future__ import annotations

from datetime import date

import pytest

from rag.asking.times import period
from rag.text.calendar import MONTH_NAMES, MONTHS, SHORT_WEEKDAYS, WEEKDAYS, in_words, month, weekday
from rag.text.facts import facts


def test_every_full_name_is_a_spelling_of_its_number() -> None:
    assert [month(name) for name in MONTH_NAMES["id"]] == list(range(1, 13))
    assert [month(name) for name in MONTH_NAMES["en"]] == list(range(1, 13))


@pytest.mark.parametrize(
    ("spelling", "number"),
    [
        ("Agt", 8),
        ("AGU", 8),
        ("ags.", 8),
        ("Nop", 11),
        ("Nopember", 11),
        ("Pebruari", 2),
        ("Sept.", 9),
        ("Okt", 10),
    ],
)
def test_a_month_is_known_in_whatever_spelling(spelling: str, number: int) -> None:
    assert month(spelling) == number


@pytest.mark.parametrize(
    ("spelling", "number"),
    [("Ahad", 6), ("Jum'at", 4), ("Jum’at", 4), ("JUMAT", 4), ("Sel.", 1), ("Thurs", 3), ("minggu", 6)],
)
def test_a_weekday_is_known_in_whatever_spelling(spelling: str, number: int) -> None:
    assert weekday(spelling) == number


@pytest.mark.parametrize("word", ["", "lalu", "kemarin", "bulan", "5"])
def test_another_word_is_neither_a_month_nor_a_weekday(word: str) -> None:
    assert month(word) is None
    assert weekday(word) is None


@pytest.mark.parametrize("spelling", MONTHS)
def test_every_reader_of_dates_knows_every_spelling_of_a_month(spelling: str) -> None:
    number, written = MONTHS[spelling], f"12 {spelling.capitalize()} 2021"
    asked = period(f"Apa yang terjadi pada {written}?", date(2024, 9, 10))
    assert asked is not None
    assert asked.first == asked.last == date(2021, number, 12)
    assert {f"d:2021-{number}-12"} == {each for found in facts(written, "id") for each in found.readings}


@pytest.mark.parametrize("spelling", WEEKDAYS)
def test_every_reader_of_dates_knows_every_spelling_of_a_weekday(spelling: str) -> None:
    asked = period(f"Siapa yang menang hari {spelling} lalu?", date(2024, 9, 10))
    assert asked is not None
    assert asked.first.weekday() == WEEKDAYS[spelling]
    said = f"Ia pulang {spelling.capitalize()}."
    assert {f"w:{WEEKDAYS[spelling]}"} == {each for found in facts(said, "id") for each in found.readings}


def test_a_short_form_is_no_spelling_of_prose() -> None:
    assert not set(SHORT_WEEKDAYS) & set(WEEKDAYS)


def test_a_day_is_written_in_each_language() -> None:
    assert in_words(date(2023, 8, 4), "id") == "4 Agustus 2023"
    assert in_words(date(2023, 8, 4), "en") == "4 August 2023"
