from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.numerals import currency, in_words, numbers, spelled, values
from rag.types import Language


@pytest.mark.parametrize(
    ("digits", "language", "found"),
    [
        ("1.800", "id", ["1800"]),
        ("1,800", "id", ["1.8", "1800"]),
        ("1,800", "en", ["1800"]),
        ("1.800", "en", ["1.8", "1800"]),
        ("187,5", "id", ["187.5"]),
        ("3.5", "id", ["3.5"]),
        ("1.234.567,8", "id", ["1234567.8"]),
        ("1,234,567.8", "en", ["1234567.8"]),
        ("0.500", "id", ["0.5"]),
        ("2024", "id", ["2024"]),
        ("4.0.1", "id", []),
        ("1.2,3.4", "id", []),
        ("12.34,5", "id", []),
    ],
)
def test_digits_are_read_as_their_language_writes_them(
    digits: str, language: Language, found: list[str]
) -> None:
    assert list(values(digits, language)) == [Decimal(each) for each in found]


def test_a_number_has_its_place_its_scale_and_its_currency() -> None:
    (number,) = numbers("Harganya Rp 2,5 miliar kini", "id")
    assert (number.values, number.currency) == ((Decimal(2_500_000_000),), "IDR")
    assert (number.start, number.first, number.last, number.end) == (9, 12, 22, 22)


def test_of_two_numbers_the_first_may_share_the_scale() -> None:
    first, second = numbers("2 sampai 3 juta orang", "id")
    assert first.values == (Decimal(2), Decimal(2_000_000))
    assert second.values == (Decimal(3_000_000),)


def test_what_is_no_currency_is_none() -> None:
    assert currency("Rp.") == "IDR"
    assert currency("dolar AS") == "USD"
    assert currency("") is None
    assert currency("kilo") is None


@pytest.mark.parametrize(
    ("number", "indonesian", "english"),
    [
        (0, "nol", "zero"),
        (10, "sepuluh", "ten"),
        (11, "sebelas", "eleven"),
        (15, "lima belas", "fifteen"),
        (40, "empat puluh", "forty"),
        (100, "seratus", "one hundred"),
        (101, "seratus satu", "one hundred and one"),
        (1000, "seribu", "one thousand"),
        (1945, "seribu sembilan ratus empat puluh lima", "one thousand nine hundred and forty-five"),
        (2_000_003, "dua juta tiga", "two million and three"),
        (11_000, "sebelas ribu", "eleven thousand"),
    ],
)
def test_a_number_is_put_in_words(number: int, indonesian: str, english: str) -> None:
    assert in_words(number, "id") == indonesian
    assert in_words(number, "en") == english


@given(st.integers(2, 10**15 - 1), st.sampled_from(["id", "en"]))
def test_what_is_put_in_words_is_read_as_the_same_number(number: int, language: Language) -> None:
    assert [each.value for each in spelled(in_words(number, language))] == [number]


@pytest.mark.parametrize("number", [-1, 10**15])
def test_a_number_that_is_too_large_has_no_words(number: int) -> None:
    with pytest.raises(ValueError, match="is not from 0"):
        in_words(number, "id")
