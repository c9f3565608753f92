"""Dates as newsrooms, programs and feeds write them; the forms are those of documentation and bug reports."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rag.load.forms import LONGEST, day_in, readings

TODAY = date(2026, 11, 30)
TIME = "2024-03-12T06:00:00"
CERTAIN: tuple[tuple[object, str], ...] = (
    # ISO 8601 and what is near it: Hugo, Jekyll, Atom, JSON Feed, exports
    ("2024-03-12", "2024-03-12"),
    ("2024-03-12T06:00:00Z", "2024-03-12T06:00:00Z"),
    ("2024-03-12T06:00", "2024-03-12T06:00"),
    ("2024-03-12 06:00:00", "2024-03-12 06:00:00"),
    ("2024-03-12T06:00:00.123+07:00", "2024-03-12T06:00:00.123+07:00"),
    ("2024-03-12T06:00:00.1234567Z", f"{TIME}+00:00"),
    ("2024-03-12T06:00:00+0700", f"{TIME}+07:00"),
    ("2024-03-12 06:00:00 +0700", f"{TIME}+07:00"),
    ("2024-03-12 6:00:00 +07:00", f"{TIME}+07:00"),
    ("2024-03-12 06:00:00 UTC", f"{TIME}+00:00"),
    ("2024-03-12 06:00:00 Asia/Makassar", f"{TIME}+08:00"),
    ("2024-03-12T06:00+07:00[Asia/Jakarta]", f"{TIME}+07:00"),
    ("2024-03-12T06Z", f"{TIME}+00:00"),
    ("2024-03-12T06:00:00-0000", f"{TIME}+00:00"),
    ("2024-03-12 at 6:00 AM", TIME),
    ("2024-03-12, 06:00", TIME),
    ("2024-3-5", "2024-03-05"),
    ("2024/03/12", "2024-03-12"),
    ("2024/3/12 06:00", TIME),
    ("2024.03.12", "2024-03-12"),
    ("20240312", "2024-03-12"),
    ("20240312060000", TIME),
    ("20240312T060000Z", f"{TIME}+00:00"),
    ("20240312T0600", TIME),
    ("2024-W11-2", "2024-03-12"),
    ("<2024-03-12 Tue>", "2024-03-12"),
    ("<2024-03-12 Tue 06:00>", TIME),
    ("[2024-03-12]", "2024-03-12"),
    ("'2024-03-12'", "2024-03-12"),
    (" 2024-03-12 ", "2024-03-12"),
    # RFC 822 and 2822, with what feeds make of them
    ("Tue, 12 Mar 2024 06:00:00 +0700", f"{TIME}+07:00"),
    ("Tue, 12 Mar 2024 06:00:00 WIB", f"{TIME}+07:00"),
    ("Tue, 12 Mar 2024 06:00:00 GMT", f"{TIME}+00:00"),
    ("Tue, 12 Mar 24 06:00:00 EST", f"{TIME}-05:00"),
    ("Tue, 12 Mar 2024 06:00 Z", f"{TIME}+00:00"),
    ("12 Mar 2024 06:00:00 +0700", f"{TIME}+07:00"),
    ("Tue, 18 Sept 2018 15:53:56 +0300", "2018-09-18T15:53:56+03:00"),
    ("Fri, 14 Aug 2020", "2020-08-14"),
    ("Tuesday, 12-Mar-24 06:00:00 UTC", f"{TIME}+00:00"),
    ("Tue, 2 Jul 2024 6:00:00 +0700", "2024-07-02T06:00:00+07:00"),
    ("Sel, 12 Mar 2024 06:00:00 +0700", f"{TIME}+07:00"),
    ("Rab, 13 Mei 2026 06:00:00 +0700", "2026-05-13T06:00:00+07:00"),
    # C, Unix and JavaScript
    ("Tue Mar 12 06:00:00 2024", TIME),
    ("Tue Mar 12 06:00:00 WIB 2024", f"{TIME}+07:00"),
    ("Tue Mar 12 06:00:00 +0000 2024", f"{TIME}+00:00"),
    ("Tue Mar 12 2024 06:00:00 GMT+0700 (Western Indonesia Time)", f"{TIME}+07:00"),
    ("Tue Mar 12 2024", "2024-03-12"),
    # Indonesian
    ("12 Maret 2024", "2024-03-12"),
    ("Selasa, 12 Maret 2024", "2024-03-12"),
    ("Selasa 12 Maret 2024", "2024-03-12"),
    ("hari Selasa, 12 Maret 2024", "2024-03-12"),
    ("Selasa, 12 Maret 2024 06:00 WIB", f"{TIME}+07:00"),
    ("Selasa, 12 Maret 2024 | 06:00 WIB", f"{TIME}+07:00"),
    ("Selasa, 12/03/2024 06:00 WIB", f"{TIME}+07:00"),
    ("Selasa (12/3/2024)", "2024-03-12"),
    ("Selasa (12/3/2024) 06:00 WITA", f"{TIME}+08:00"),
    ("12 Maret 2024 pukul 06.00 WIT", f"{TIME}+09:00"),
    ("12 Maret 2024, pkl. 06.00 WIB", f"{TIME}+07:00"),
    ("12 Maret 2024 jam 6.00", TIME),
    ("12 Mar 2024 - 06:00 WIB", f"{TIME}+07:00"),
    ("12/03/2024, 06:00 WIB", f"{TIME}+07:00"),
    ("06:00 WIB, 12 Maret 2024", f"{TIME}+07:00"),
    ("18:30, Selasa 12 Maret 2024", "2024-03-12T18:30:00"),
    ("Diterbitkan: 12 Maret 2024", "2024-03-12"),
    ("Tanggal 12/03/2024", "2024-03-12"),
    ("Jumat, 15 Maret 2024", "2024-03-15"),
    ("Jum'at, 15 Maret 2024", "2024-03-15"),
    ("Jum’at, 15 Maret 2024 - 10:30 WIB", "2024-03-15T10:30:00+07:00"),
    ("Ahad, 17 Maret 2024", "2024-03-17"),
    ("12 Agt 2024", "2024-08-12"),
    ("12 Agu 2024", "2024-08-12"),
    ("12 Ags 2024", "2024-08-12"),
    ("12 Okt 2024", "2024-10-12"),
    ("12 Nopember 2024", "2024-11-12"),
    ("12 Nop 2024 06:00", "2024-11-12T06:00:00"),
    ("12 Pebruari 2024", "2024-02-12"),
    ("12 Des '24", "2024-12-12"),
    ("1 Mei 2024", "2024-05-01"),
    ("12 Maret 2024 06:00 WIB (diperbarui)", f"{TIME}+07:00"),
    # English
    ("March 12, 2024", "2024-03-12"),
    ("Mar 12, 2024, 6:00 AM", TIME),
    ("March 12, 2024 6:00 PM", "2024-03-12T18:00:00"),
    ("March 12, 2024, 6 p.m. EST", "2024-03-12T18:00:00-05:00"),
    ("March 12th, 2024", "2024-03-12"),
    ("12th March 2024", "2024-03-12"),
    ("1st of March 2024", "2024-03-01"),
    ("Published on March 12, 2024 at 6:00 am", TIME),
    ("12-Mar-2024", "2024-03-12"),
    ("12-MAR-24", "2024-03-12"),
    ("2024-Mar-12", "2024-03-12"),
    ("12 March 2024 - 10:00 (UTC+7)", "2024-03-12T10:00:00+07:00"),
    # Numbers alone where they have one meaning
    ("10/21/2025 20:43", "2025-10-21T20:43:00"),
    ("21/10/2025 20:43", "2025-10-21T20:43:00"),
    ("10/21/2025, 8:43:00\u202fPM", "2025-10-21T20:43:00"),
    ("5/5/2024", "2024-05-05"),
    ("12.03.2024", "2024-03-12"),
    ("12.03.24", "2024-03-12"),
    ("31-12-2024", "2024-12-31"),
    # Counted from 1970, and objects
    (1710201600, "2024-03-12T00:00:00+00:00"),
    ("1710201600", "2024-03-12T00:00:00+00:00"),
    (1710201600.5, "2024-03-12T00:00:00+00:00"),
    (1710201600000, "2024-03-12T00:00:00+00:00"),
    ("1710201600000000", "2024-03-12T00:00:00+00:00"),
    ("/Date(1710201600000+0700)/", "2024-03-12T00:00:00+00:00"),
    ("\\/Date(1710201600000)\\/", "2024-03-12T00:00:00+00:00"),
    ({"$date": "2024-03-12T06:00:00Z"}, "2024-03-12T06:00:00Z"),
    ({"$date": {"$numberLong": "1710201600000"}}, "2024-03-12T00:00:00+00:00"),
    ({"_seconds": 1710201600, "_nanoseconds": 0}, "2024-03-12T00:00:00+00:00"),
    (
        {"date": "2024-03-12 06:00:00.000000", "timezone_type": 3, "timezone": "Asia/Jakarta"},
        f"{TIME}+07:00",
    ),
    ([2024, 3, 12, 6, 0], TIME),
    ([2024, 3, 12], "2024-03-12"),
    (["2024-03-12"], "2024-03-12"),
    (date(2024, 3, 12), "2024-03-12"),
    (datetime(2024, 3, 12, 6, tzinfo=UTC), f"{TIME}+00:00"),
    ("D:20240312060000+07'00'", f"{TIME}+07:00"),
)
NONE: tuple[object, ...] = (
    *(
        "",
        "kemarin",
        "3 jam lalu",
        "yesterday",
        "12 Maret",
        "Maret 2024",
        "2024",
        "2024-03",
        "45363",
        2023,
        45363.5,
    ),
    *("2024-13-45", "2024-02-30", "31/31/2024", "32 Maret 2024", "12032024", "2023-02-010T17:46:51-06:00"),
    *(
        "0000-00-00 00:00:00",
        "12 Foo 2024",
        "Foosday, 12 Maret 2024",
        "25:61 12 Maret 2024",
        "2024-03-12T25:00",
    ),
    *(
        "12 Maret 2024 dan 13 Maret 2024",
        "Diperbarui 12 Maret 2024",
        "10.000",
        "17 orang",
        "1.2.3",
        "versi 2.0.1",
    ),
    *(
        True,
        None,
        [],
        [1, 2],
        {},
        {"a": 1},
        float("nan"),
        float("inf"),
        10**30,
        [[["2024-03-12"]]],
        "9" * 400,
    ),
    *("12/03/2024 " * 50, "a" * 10_000),
)


MORE = {
    "1 Agst 2024": "2024-08-01",
    "12/Mar/2024:06:00:00 +0700": "2024-03-12T06:00:00+07:00",
    "2024年3月12日": "2024-03-12",
    "2024-03-12 06:00:00 +0700 WIB": "2024-03-12T06:00:00+07:00",
    "12 Maret 2024, 06:00 | Diperbarui 13 Maret 2024": "2024-03-12T06:00:00",
    "12 Maret 2024 (updated 13 Maret 2024)": "2024-03-12",
    "Selasa, 12 Maret 2024 / 2 Ramadan 1445 H": "2024-03-12",
    "12Maret2024": "2024-03-12",
    "12 Maret 2024 M": "2024-03-12",
    "Minggu Pon, 12 Mei 2024": "2024-05-12",
    "Posted on 12 March 2024 by Ani Lestari": "2024-03-12",
    "2024-072": "2024-03-12",
    "2024.03.12.": "2024-03-12",
    "\u200e12\u200f Maret \u200e2024": "2024-03-12",
}


@pytest.mark.parametrize("written", MORE)
def test_what_stands_around_a_date_does_not_keep_it_from_being_read(written: str) -> None:
    assert set(readings(written, TODAY).values()) == {MORE[written]}


@pytest.mark.parametrize("written", ["2024-03", "2024-72", "Diperbarui 12 Maret 2024", "2024-03-1x"])
def test_a_part_of_a_date_and_the_day_of_an_update_are_no_date(written: str) -> None:
    assert readings(written, TODAY) == {}


@pytest.mark.parametrize(("written", "meant"), CERTAIN, ids=lambda value: str(value)[:60])
def test_a_date_that_has_one_meaning_is_read(written: object, meant: str) -> None:
    assert set(readings(written, TODAY).values()) == {meant}
    datetime.fromisoformat(meant)


@pytest.mark.parametrize("written", NONE, ids=lambda value: str(value)[:30])
def test_what_is_no_date_is_not_read_as_one(written: object) -> None:
    assert readings(written, TODAY) == {}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("05/03/2024", {"dmy": "2024-03-05", "mdy": "2024-05-03"}),
        ("5-3-2024 10:00", {"dmy": "2024-03-05T10:00:00", "mdy": "2024-05-03T10:00:00"}),
        ("12/3/24", {"dmy": "2024-03-12", "mdy": "2024-12-03"}),
        ("24-03-12", {"dmy": "2012-03-24", "ymd": "2024-03-12"}),
        ("31-03-12", {"dmy": "2012-03-31"}),
        ("21/10/25", {"dmy": "2025-10-21"}),
        ("10/21/25", {"mdy": "2025-10-21"}),
        # A weekday that fits one of two days decides.
        ("Tuesday, 05/03/2024", {"dmy": "2024-03-05"}),
        ("Friday, 05/03/2024", {"mdy": "2024-05-03"}),
        # Where nobody writes the month first, it does not stand first.
        ("Kamis, 05/03/2024", {"dmy": "2024-03-05"}),
        ("05/03/2024 pukul 10.00", {"dmy": "2024-03-05T10:00:00"}),
    ],
)
def test_numbers_that_may_be_two_days_give_both(written: str, meant: dict[str, str]) -> None:
    assert readings(written, TODAY) == meant


def test_a_year_of_two_digits_is_never_ahead() -> None:
    assert set(readings("12-Mar-27", TODAY).values()) == {"2027-03-12"}
    assert set(readings("12-Mar-28", TODAY).values()) == {"1928-03-12"}
    assert set(readings("12 Mei 98", TODAY).values()) == {"1998-05-12"}


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Laporan Situasi - Edisi 12 Maret 2024", "12 maret 2024"),
        ("Wanareja, 3 Juni 2023", "3 juni 2023"),
        ("Selasa, 12 Maret 2024", "12 maret 2024"),
        ("Wanareja, Selasa, 12 Maret 2024 10:00 WIB", "12 maret 2024"),
        ("12 March 2024", "12 march 2024"),
        ("12 Maret 2024 sampai 13 Maret 2024", None),
        ("Nomor 12 Tahun 2024", None),
        ("Mengenang Tsunami Aceh, 26 Desember 2004", None),
        ("Proklamasi 17 Agustus 1945", None),
        ("Korban meninggal pada 12 Maret 2024.", None),
    ],
)
def test_the_day_in_a_letters_head_is_found(line: str, day: str | None) -> None:
    assert day_in(line) == day


def test_a_long_text_is_no_date_and_costs_nothing() -> None:
    assert readings("12 Maret 2024" + " " * LONGEST + ".", TODAY) == {}
