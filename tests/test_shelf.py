"""`kutip articles list`: order, search and widths."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from bot.shelf import in_lines, rows
from rag.types import Article

LONG = "https://berita.example.co.id/nasional/2024/01/02/banjir-bandang-melanda-rawa.html"
ARTICLES = (
    Article("a", None, "Harga beras naik di semua pasar kota itu sejak awal bulan", "2024-01-02", "id", "x"),
    Article("seed-10", None, None, "2024-03-04T10:00:00", "id", "Banjir melanda Rawa.\nWarga mengungsi."),
    Article("z", LONG, "Tanpa tanggal", None, "id", "Isi.", publisher="Kabar Rawa"),
    Article("b", None, "Sama hari", "2024-01-02", "en", "y"),
)


def test_the_newest_comes_first_and_what_has_no_date_last() -> None:
    assert [row.id for row in rows(ARTICLES)] == ["seed-10", "a", "b", "z"]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["rawa"], ["seed-10", "z"]),
        (["RAWA", "mengungsi"], ["seed-10"]),
        (["rawa mengungsi"], ["seed-10"]),
        (["seed-10"], ["seed-10"]),
        (["example.co.id"], ["z"]),
        (["beras", "rawa"], []),
        ([" "], ["seed-10", "a", "b", "z"]),
    ],
)
def test_articles_are_found_that_hold_all_words(words: list[str], ids: list[str]) -> None:
    assert [row.id for row in rows(ARTICLES, words)] == ids


def test_without_a_terminal_columns_are_aligned_and_nothing_is_cut() -> None:
    lines = list(in_lines(rows(ARTICLES), None))
    assert lines == [
        "seed-10  2024-03-04  Banjir melanda Rawa. Warga mengungsi.",
        "a        2024-01-02  Harga beras naik di semua pasar kota itu sejak awal bulan",
        "b        2024-01-02  Sama hari",
        "z                    Tanpa tanggal",
    ]


@pytest.mark.parametrize("width", [40, 80, 140])
def test_in_a_terminal_titles_are_shortened_and_dates_never(width: int) -> None:
    found = rows(ARTICLES)
    lines = list(in_lines(found, width))
    assert all(cell_len(line) <= width for line in lines)
    assert sum("2024-01-02" in line for line in lines) == 2
    if width == 40:
        assert lines[2:4] == ["2024-01-02  Harga beras naik di semua p…", "  a"]
    else:
        starts = {line.index(row.name[:4]) for line, row in zip(lines, found, strict=True)}
        assert starts == {21}


def test_ids_that_are_long_stand_whole_on_a_line_of_their_own() -> None:
    found = rows([Article(LONG, LONG, "Banjir", "2024-01-02", "id", "x")])
    assert list(in_lines(found, 80)) == ["2024-01-02  Banjir", f"  {LONG}"]
    assert next(in_lines(found, 140)).startswith(LONG)
