"""Which day an article has: decided by its input, believed or left out, never a reason to refuse."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rag.load import dates as module
from rag.load import sources
from rag.load.dates import Dates
from rag.types import Refusal, Source
from tests.test_forms import CERTAIN, NONE

TODAY = date(2026, 11, 30)


def batch(*days: object) -> list[Source]:
    """The articles of a JSON-lines input with these dates."""
    rows = [{"id": str(number), "text": "Hujan turun.", "published": day} for number, day in enumerate(days)]
    data = "".join(json.dumps(row, default=str) + "\n" for row in rows).encode()
    found = list(sources(["-"], io.BytesIO(data)))
    assert [each.id for each in found] == [str(number) for number in range(len(days))]
    assert not [each for each in found if isinstance(each, Refusal)]
    return [each for each in found if isinstance(each, Source)]


def days(found: Iterable[Source]) -> list[str | None]:
    return [each.published and each.published[:10] for each in found]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["10/3/2024", "10/21/2025 20:43"], ["2024-10-03", "2025-10-21"]),
        (["10/3/2024", "21/10/2025 20:43"], ["2024-03-10", "2025-10-21"]),
        (["10/21/2025", "10/3/2024", "1/2/2024"], ["2025-10-21", "2024-10-03", "2024-01-02"]),
        (["10-3-2024", "21/10/25"], ["2024-03-10", "2025-10-21"]),
        # Both orders in one input, or neither: nobody knows.
        (["10/3/2024", "10/21/2025", "21/10/2025"], [None, "2025-10-21", "2025-10-21"]),
        (["10/3/2024", "2024-03-12"], [None, "2024-03-12"]),
        (["10/3/2024"], [None]),
    ],
)
def test_the_other_dates_of_an_input_decide(written: list[str], meant: list[str | None]) -> None:
    assert days(batch(*written)) == meant


def test_a_newsrooms_export_keeps_every_article_and_reads_every_date() -> None:
    start = datetime(2025, 1, 1, 20, 43)
    moments = [start + timedelta(days=number) for number in range(300)]
    found = batch(*(f"{each.month}/{each.day}/{each.year} {each:%H:%M}" for each in moments))
    assert [each.published for each in found] == [each.isoformat() for each in moments]
    assert not [each.note for each in found if each.note]


def test_a_date_that_stays_uncertain_is_left_out_and_told_in_one_line() -> None:
    (found,) = batch("10/3/2024")
    assert found.published is None
    assert "10/3/2024" in (found.note or "")
    assert "two days" in (found.note or "")


def test_what_waits_for_a_later_date_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_HELD", 3)
    assert days(batch("1/2/2024", *["2024-05-05"] * 9, "21/10/2025")) == [
        None,
        *["2024-05-05"] * 9,
        "2025-10-21",
    ]


def test_one_folder_is_one_input(tmp_path: Path) -> None:
    for name, day in (("a", "10/3/2024"), ("b", "10/21/2025")):
        (tmp_path / f"{name}.md").write_text(f"---\ndate: {day}\n---\nHujan turun.", encoding="utf-8")
    found = [each for each in sources([str(tmp_path)]) if isinstance(each, Source)]
    assert days(found) == ["2024-10-03", "2025-10-21"]


def test_two_inputs_do_not_decide_for_each_other(tmp_path: Path) -> None:
    for name, day in (("a", "10/3/2024"), ("b", "10/21/2025")):
        (tmp_path / f"{name}.md").write_text(f"---\ndate: {day}\n---\nHujan turun.", encoding="utf-8")
    found = [
        each for each in sources([str(tmp_path / "a.md"), str(tmp_path / "b.md")]) if isinstance(each, Source)
    ]
    assert days(found) == [None, "2025-10-21"]


@pytest.mark.parametrize(
    ("day", "text", "kept"),
    [
        ("2026-12-01", "Hujan.", True),  # somewhere it is tomorrow
        ("2026-12-02", "Hujan.", False),
        ("2030-01-01T00:00:00Z", "Hujan.", False),
        ("9999-12-31", "Hujan.", False),
        ("1990-01-01", "Hujan.", True),
        ("1989-12-31", "Hujan.", False),
        ("1970-01-01T00:00:00Z", "Hujan.", False),
        ("0001-01-01", "Hujan.", False),
        ("1945-08-17", "Proklamasi dibacakan pada 17 Agustus 1945.", True),
        ("1945-08-17", "Kode 219450 dibacakan.", False),
    ],
)
def test_a_day_that_cannot_be_is_not_believed(day: str, text: str, kept: bool) -> None:
    found = Dates(TODAY).dated(Source("x", text), [day])
    assert isinstance(found, Source)
    assert (found.published == day) is kept
    assert (found.note is None) is kept


def test_a_day_is_one_of_the_publishers_time_zone() -> None:
    found = batch(
        "Selasa, 12 Maret 2024 00:30 WIB", "Tue, 12 Mar 2024 00:30:00 +0900", "2024-03-12T00:30:00+08:00"
    )
    assert days(found) == ["2024-03-12"] * 3
    assert [each.published and each.published[-6:] for each in found] == ["+07:00", "+09:00", "+08:00"]


FRONT = [written for written, _ in CERTAIN if isinstance(written, str)]


def test_no_article_is_refused_for_a_date_and_none_gets_a_wrong_one(tmp_path: Path) -> None:
    """Every form, in JSON lines and in front matter."""
    forms = [written for written, _ in CERTAIN if not isinstance(written, (date, datetime))]
    for written, meant in zip(forms, [meant for written, meant in CERTAIN if written in forms], strict=True):
        (found,) = batch(written)
        assert (found.published, found.note) == (meant, None), written
    for number, written in enumerate(FRONT):
        path = tmp_path / f"{number}.md"
        path.write_text(
            f"---\ntitle: Hujan\ndate: {json.dumps(written)}\n---\nHujan turun.", encoding="utf-8"
        )
    found = [each for each in sources([str(tmp_path)]) if isinstance(each, Source)]
    meant_by = dict(pair for pair in CERTAIN if isinstance(pair[0], str))
    assert len(found) == len(FRONT) >= 90
    for each in found:
        assert each.published == meant_by[FRONT[int(each.id or "")]], FRONT[int(each.id or "")]


def test_what_is_no_date_costs_the_date_only() -> None:
    usable = [each for each in NONE if each is None or isinstance(each, (str, bool, int, list, dict))]
    found = batch(*usable)
    assert days(found) == [None] * len(usable)
    assert all("\n" not in (each.note or "") for each in found)


def test_the_clock_is_this_machines_unless_it_is_given() -> None:
    tomorrow = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()
    assert batch(tomorrow)[0].published is None
