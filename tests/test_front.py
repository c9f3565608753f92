"""What stands above a text: YAML, TOML and JSON, whole and broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.load import sources
from rag.load.front import front_matter
from rag.types import Source


def read(tmp_path: Path, text: str, name: str = "x.md") -> Source:
    (tmp_path / name).write_text(text, encoding="utf-8")
    (found,) = sources([str(tmp_path / name)])
    assert isinstance(found, Source), found
    return found


@pytest.mark.parametrize(
    "front",
    [
        "---\ntitle: Banjir\ndate: 2024-03-12\nauthor: Ani\n---\nIsi.",
        '---\nTitle: "Banjir"\nDate: 2024-03-12\nAuthors: [Ani]\n...\nIsi.',
        '+++\ntitle = "Banjir"\ndate = 2024-03-12\nauthor = "Ani"\n+++\nIsi.',
        "+++\ntitle = 'Banjir'\ndate = \"2024-03-12\"\nauthors = ['Ani']\n[params]\na = 1\n+++\nIsi.",
        '{"title": "Banjir", "date": "2024-03-12", "author": "Ani"}\nIsi.',
        '{\n  "title": "Banjir",\n  "date": "2024-03-12",\n  "author": {"name": "Ani"}\n}\n\nIsi.',
        "---\r\ntitle: Banjir\r\ndate: 2024-03-12\r\nauthor: Ani\r\n---\r\nIsi.",
    ],
    ids=["yaml", "yaml with dots", "toml", "toml with a table", "json", "json over lines", "windows"],
)
def test_every_kind_of_front_matter_is_read(tmp_path: Path, front: str) -> None:
    found = read(tmp_path, front)
    assert (found.title, found.published, found.author, found.text.strip(), found.note) == (
        *("Banjir", "2024-03-12", "Ani", "Isi."),
        None,
    )


@pytest.mark.parametrize(
    ("front", "published"),
    [
        ("published: true\ndate: 2024-03-12", "2024-03-12"),
        ("published: false\ndate: 2024-03-12", "2024-03-12"),
        ("published:\ndate: 2024-03-12", "2024-03-12"),
        ("published: null\ndate: 2024-03-12", "2024-03-12"),
        ("published: ~\ntanggal: 12 Maret 2024", "2024-03-12"),
        ("published: 2024-03-11\ndate: 2024-03-12", "2024-03-11"),
        ("published: besok\ndate: 2024-03-12", "2024-03-12"),
        ("pubDate: 2024-03-12", "2024-03-12"),
        ("publishDate: 2024-03-12T10:00:00+07:00", "2024-03-12T10:00:00+07:00"),
        ("date: null", None),
        ("published: true", None),
    ],
)
def test_the_day_is_found_under_the_names_that_it_has(
    tmp_path: Path, front: str, published: str | None
) -> None:
    found = read(tmp_path, f"---\n{front}\n---\nIsi.")
    assert (found.published, found.note) == (published, None)


@pytest.mark.parametrize(
    ("front", "author"),
    [
        ("author: [Ani, Budi]", "Ani, Budi"),
        ("author:\n  - Ani\n  - Budi", "Ani, Budi"),
        ("author:\n- Ani\n- Budi", "Ani, Budi"),
        ("authors:\n  - name: Ani\n    url: x\n  - name: Budi", "Ani, Budi"),
        ("author: {name: Ani, email: a@b}", "Ani"),
        ("penulis: Ani", "Ani"),
        ("author: null", None),
        ("author: []", None),
    ],
)
def test_authors_are_authors_however_they_are_listed(tmp_path: Path, front: str, author: str | None) -> None:
    found = read(tmp_path, f"---\n{front}\n---\nIsi.")
    assert (found.author, found.note) == (author, None)


def test_null_is_nothing_and_a_quoted_null_is_a_word(tmp_path: Path) -> None:
    found = read(tmp_path, "---\nid: null\ntitle: ~\nurl: Null\n---\nIsi.", "berita.md")
    assert (found.id, found.title, found.url) == ("berita", "berita", None)
    assert read(tmp_path, '---\ntitle: "null"\n---\nIsi.').title == "null"


@pytest.mark.parametrize(
    ("front", "named"),
    [
        ("title: Jembatan: yang baru\ndate: 2024-03-12", "`title` (line 2)"),
        ("date: 2024-03-12\ntitle: Jembatan: yang baru", "`title` (line 3)"),
        ('date: 2024-03-12\ntitle: "Jembatan" yang baru', "`title` (line 3)"),
        ("title: [a\ndate: 2024-03-12", "`title` (line 2)"),
        ("date: 2024-03-12\nsummary: 'a\ntags:\n\t- x", "`summary` (line 3)"),
        ("date: 2024-03-12\ntitle: @a", "`title` (line 3)"),
        ("title: *a\ndate: 2024-03-12", "`title` (line 2)"),
    ],
)
def test_broken_yaml_costs_the_broken_field_only(tmp_path: Path, front: str, named: str) -> None:
    found = read(tmp_path, f"---\n{front}\n---\nIsi.")
    assert (found.published, found.text) == ("2024-03-12", "Isi.")
    assert named in (found.note or "")
    assert "\n" not in (found.note or "")


def test_broken_toml_costs_the_broken_field_only(tmp_path: Path) -> None:
    found = read(tmp_path, '+++\ntitle = Jembatan baru\ndate = 2024-03-12\nauthor = "Ani"\n+++\nIsi.')
    assert (found.published, found.author, found.title) == ("2024-03-12", "Ani", "x")
    assert "`title` (line 2)" in (found.note or "")


@pytest.mark.parametrize(
    "text",
    [
        "---\nIsi yang biasa.\n---\nLagi.",
        '---\nIsi yang "biasa.\n---\nLagi.',
        "---\n\n---\nLagi.",
        "--- Isi.\nx: y\n---\n",
        "+++ tiga tambah\nIsi.",
        "{kurung} Isi yang biasa.",
        '{"a": 1}',
        '{"a": 1} lalu isi.',
        "[1]\nIsi.",
        "---\n" + "a: b\n" * 300 + "---\nIsi.",
        "---\na: " + "b" * 70_000 + "\n---\nIsi.",
    ],
    ids=lambda text: text[:20],
)
def test_what_only_begins_like_front_matter_is_text(text: str) -> None:
    fields, rest, notes = front_matter(text)
    assert fields == {}
    assert notes == []
    assert rest == text or text.startswith("---\n\n")


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "block", [BOMB, "a: &a [*a]\n", "a: " + "[" * 3_000 + "\n", "a: " + "{b: " * 40 + "\n", "? [a]\n: b\n"]
)
def test_yaml_that_is_made_to_do_harm_costs_little(block: str) -> None:
    fields: dict[str, Any]
    fields, rest, _ = front_matter(f"---\n{block}date: 2024-03-12\n---\nIsi.")
    assert fields.get("date") == "2024-03-12" or rest.startswith("---")


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: Banjir\ndate: 2024-03-12\n\nAir naik.",
        "---\njudul: Banjir\nAir naik sejak pagi.",
        "---\r\nTitle: Banjir\r\n\r\nAir naik.",
        "+++\ntitle = 'Banjir'\n\nAir naik.",
    ],
    ids=["yaml", "yaml without an empty line", "windows", "toml"],
)
def test_fields_that_no_second_rule_ends_stay_in_the_text_and_one_line_says_so(
    tmp_path: Path, text: str
) -> None:
    found = read(tmp_path, text, "x.txt")
    assert "Banjir" in found.text
    said = f"fields are left out: no second `{text[:3]}` ends them, so they are part of the text"
    assert found.note == f"the front matter's {said}"


@pytest.mark.parametrize(
    "text",
    [
        "---\nAir naik sejak pagi.",
        "---\nJakarta: hujan turun sejak pagi.\n\nAir naik.",
        "---\n\ntitle: Banjir",
    ],
)
def test_a_text_that_begins_with_a_rule_is_no_broken_front_matter(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text, "x.txt")
    assert (found.text.strip(), found.note) == (text, None)
