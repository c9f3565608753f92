"""Why an article was refused, in the admin's language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.telegram.reasons import reason_in

ROOT = Path(__file__).resolve().parents[1]


def reasons() -> Iterator[str]:
    """The reasons that loaders spell out where they refuse; what differs in one is an `x`."""
    for path in sorted((ROOT / "rag" / "load").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            refuses = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Refusal", "InputError")
            for given in node.args if refuses and isinstance(node, ast.Call) else ():
                text = ""
                if isinstance(given, ast.JoinedStr):
                    text = "".join(str(p.value) if isinstance(p, ast.Constant) else "x" for p in given.values)
                elif isinstance(given, ast.Constant) and isinstance(given.value, str):
                    text = given.value
                if " " in text:
                    yield text


@pytest.mark.parametrize("reason", sorted(set(reasons())))
def test_every_reason_of_the_loaders_is_said_in_indonesian(reason: str) -> None:
    assert reason_in(reason, "id") != reason or reason == "x (status x)"
    assert reason_in(reason, "en") == reason


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            "foto.exe: files of this kind are not read; these are: .txt, .md",
            "foto.exe: jenis file ini tidak bisa dibaca; yang bisa: .txt, .md",
        ),
        (
            "https://a.example/x: there is no such page (status 404)",
            "https://a.example/x: halaman itu tidak ada (status 404)",
        ),
        (
            "a.json: not valid JSON: Expecting value (column 3)",
            "a.json: JSON tidak valid: Expecting value (kolom 3)",
        ),
        (
            "a.txt: not UTF-8 text (byte 7); save it as UTF-8",
            "a.txt: bukan teks UTF-8 (bita 7); simpan sebagai UTF-8",
        ),
        ("something that nobody has said", "something that nobody has said"),
    ],
)
def test_a_reason_keeps_what_it_names(reason: str, said: str) -> None:
    assert reason_in(reason, "id") == said


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (
            "the front matter's `x` (line 3) cannot be read and is left out: a tab",
            "bagian depannya: `x` (baris 3) tidak bisa dibaca, jadi diabaikan: a tab",
        ),
        (
            "the front matter's fields are left out: no second `---` ends them, so they are part of the text",
            "bagian depannya: isiannya diabaikan karena tidak ditutup dengan `---` kedua, "
            "jadi ikut menjadi teks",
        ),
        (
            "`published` cannot be read as a date: besok; it is left out",
            "`published` tidak bisa dibaca sebagai tanggal: besok; diabaikan",
        ),
        (
            "`published` may be two days: 3/4/2024; it is left out",
            "`published` bisa berarti dua tanggal: 3/4/2024; diabaikan",
        ),
        (
            "`published` is the day on which the file was made: 2024-03-12",
            "`published` diambil dari tanggal file dibuat: 2024-03-12",
        ),
        (
            "a page is a picture and is not read: 2, 5 of 9",
            "ada halaman berupa gambar yang tidak bisa dibaca: 2, 5 dari 9",
        ),
        ("over 20 MB, the most that one article may have", "lebih dari 20 MB, batas untuk satu artikel"),
    ],
)
def test_what_was_left_out_of_an_article_is_said_in_indonesian(note: str, said: str) -> None:
    assert reason_in(note, "id") == said
