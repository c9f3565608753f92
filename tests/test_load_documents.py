"""Word and PDF files as newsrooms have them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfWriter

from rag.load.child import Parser
from rag.load.documents import docx, pdf
from rag.load.fields import author_of, title_of
from rag.load.file import load
from rag.types import Source
from tests.documents import STRICT, column, paragraph, run, set_pdf, table, word
from tests.test_load_web import pdf as one_page

CORE = (
    "<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>"
    "<dcterms:created>{created}T08:00:00Z</dcterms:created><dcterms:modified>{modified}T08:00:00Z</dcterms:modified>"
)


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    opened = Parser()
    yield opened
    opened.close()


def one(path: Path, data: bytes, parser: Parser) -> Source:
    path.write_bytes(data)
    (found,) = load(path, parser)
    assert isinstance(found, Source), found
    return found


# --- Word ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        word(paragraph("Hujan turun."), space=STRICT),
        word(paragraph("Hujan turun."), main="word/document2.xml"),
        word(paragraph("Hujan turun."), main="isi/utama.xml"),
        word(paragraph("Hujan turun."), related=False),
        word(f"<w:sdt><w:sdtContent>{paragraph('Hujan turun.')}</w:sdtContent></w:sdt>"),
    ],
    ids=["strict", "another name", "another folder", "no relationships", "a content control"],
)
def test_the_main_part_is_found_in_every_form(data: bytes) -> None:
    assert docx.parse(data)["text"] == "Hujan turun."


def box(*texts: str) -> str:
    """A text box as Word writes one: twice, the second time for programs that do not know the first."""
    inner = f"<w:txbxContent>{''.join(map(paragraph, texts))}</w:txbxContent>"
    choice = f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{inner}</wps:txbx></w:drawing></mc:Choice>'
    fallback = f"<mc:Fallback><w:pict>{inner}</w:pict></mc:Fallback>"
    return f"<w:r><mc:AlternateContent>{choice}{fallback}</mc:AlternateContent></w:r>"


def test_a_text_box_is_read_once_and_after_the_paragraph_that_holds_it() -> None:
    data = word(
        paragraph("Bupati datang.", box("Korban 17 orang.", "Luka 3 orang."), "Ia pulang."),
        paragraph("Lalu."),
    )
    assert docx.parse(data)["text"].split("\n\n") == [
        "Bupati datang.Ia pulang.",
        "Korban 17 orang.",
        "Luka 3 orang.",
        "Lalu.",
    ]


def test_a_row_of_a_table_stays_a_row() -> None:
    data = word(
        paragraph("Data."), table(("Desa", "Korban"), ("Cimanggu", "3"), ("", "")), paragraph("Sekian.")
    )
    assert docx.parse(data)["text"].split("\n\n") == ["Data.", "Desa | Korban", "Cimanggu | 3", "Sekian."]


def test_a_table_that_only_arranges_the_page_is_no_table() -> None:
    long = "Hujan turun di desa itu. " * 20
    data = word(table(("Kepala",)), table((long, "Samping")))
    assert docx.parse(data)["text"].split("\n\n") == ["Kepala", long.strip(), "Samping"]


@pytest.mark.parametrize(
    ("created", "modified", "made"),
    [
        ("2024-03-11", "2024-03-12", "2024-03-11"),
        ("2013-12-23", "2024-03-12", None),  # python-docx's own template
        ("2006-09-16", "2024-03-12", None),  # another program's
        ("2024-03-11", "2024-03-11", "2024-03-11"),
        ("bukan-hari", "2024-03-12", None),
    ],
)
def test_a_templates_day_dates_no_article(created: str, modified: str, made: str | None) -> None:
    core = CORE.format(title="", author="python-docx", created=created, modified=modified)
    found = docx.parse(word(paragraph("Hujan turun."), core=core))
    assert (found["made"], found["author"]) == (made, None)


def test_the_day_of_the_files_making_is_marked_as_such(tmp_path: Path, parser: Parser) -> None:
    core = CORE.format(title="Banjir", author="Rini", created="2024-03-11", modified="2024-03-11")
    data = word(paragraph("Hujan turun."), core=core)
    found = one(tmp_path / "a.docx", data, parser)
    assert (found.published, found.author) == ("2024-03-11", "Rini")
    assert "file was made" in (found.note or "")
    dated = one(tmp_path / "2024-02-01 banjir.docx", data, parser)
    assert (dated.published, dated.note) == ("2024-02-01", None)
    ahead = one(
        tmp_path / "b.docx", word(paragraph("Ya."), core=core.replace("2024-03-11", "2999-03-11")), parser
    )
    assert ahead.published is None


def test_a_word_files_heading_is_its_title_where_it_has_no_other() -> None:
    heading = paragraph("Banjir Besar", style="Title")
    assert docx.parse(word(heading, paragraph("Hujan turun.")))["title"] == "Banjir Besar"
    assert docx.parse(word(paragraph("Hujan turun."), paragraph("Ya.", style="Heading1")))["title"] is None


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("untitled", None),
        ("Word Document", None),
        ("Microsoft Word - rilis final.doc", None),
        ("rilis_final.docx", None),
        ("Dokumen1", None),
        ("Banjir Dokumen Negara", "Banjir Dokumen Negara"),
        (None, None),
    ],
)
def test_a_programs_title_is_none(said: str | None, title: str | None) -> None:
    assert title_of(said) == title


def test_a_programs_author_is_none() -> None:
    for name in (
        "python-docx",
        "Microsoft Office User",
        "anonymous",
        "USER",
        "DESKTOP-PC",
        "ismail - [2010]",
        "",
    ):
        assert author_of(name) is None, name
    assert author_of("Rini Sari") == "Rini Sari"


# --- PDF ------------------------------------------------------------------------------------------

LINES = (
    "Banjir setinggi dua meter merendam enam desa di Kecamatan Wanareja sejak Senin",
    "malam, dan ratusan warga mengungsi ke balai desa dan sekolah dasar yang berada",
    "di tempat lebih tinggi menurut petugas yang datang ke sana pada hari berikutnya",
)


def paged(*bodies: tuple[str, ...]) -> bytes:
    """Pages with a running header and a footer that counts."""
    return set_pdf(
        *(
            [
                (60, 810, 9, "Laporan Situasi BPBD - Edisi 12 Maret 2024"),
                *column(*lines),
                (60, 40, 9, f"Halaman {number} dari {len(bodies)}"),
            ]
            for number, lines in enumerate(bodies, start=1)
        ),
        info="/Title (untitled) /Author (anonymous) /CreationDate (D:20200101000000)",
    )


def test_running_headers_and_footers_do_not_part_a_sentence(tmp_path: Path, parser: Parser) -> None:
    found = one(tmp_path / "a.pdf", paged(LINES, ("yang lalu, kata Rudi.",), ("Warga pulang.",)), parser)
    assert found.text == f"{' '.join(LINES)} yang lalu, kata Rudi.\n\nWarga pulang."
    assert found.title == "Laporan Situasi BPBD - Edisi 12 Maret 2024"
    # The header's day counts before that of the file's making.
    assert (found.published, found.author, found.note) == ("2024-03-12", None, None)


@pytest.mark.parametrize("mark", ["SALINAN", "RAHASIA", "Draf 3"])
def test_a_watermark_is_no_text(mark: str) -> None:
    pages = ([(200, 400, 40, mark), *column(f"Bagian {name} dari laporan itu selesai.")] for name in "ABC")
    assert mark not in pdf.parse(set_pdf(*pages))["text"]


def test_numbers_at_a_pages_foot_go_and_numbers_in_the_text_stay() -> None:
    pages = (
        [
            *column(f"Korban {dead} orang."),
            (300, 30, 9, str(number)),
            (300, 18, 9, f"Edisi 3 - hal {number}"),
        ]
        for number, dead in ((4, 12), (5, 240), (6, 8))
    )
    text = pdf.parse(set_pdf(*pages))["text"]
    assert text.split("\n\n") == ["Korban 12 orang.", "Korban 240 orang.", "Korban 8 orang."]


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [f"Kiri baris {name} dari kolom yang kiri" for name in "abcdefgh"]
    right = [f"kanan baris {name} dari kolom yang kanan" for name in "abcdefgh"]
    pieces = []
    for number, (one_line, other) in enumerate(zip(left, right, strict=True)):
        pieces += [(40, 700 - 14 * number, 10, one_line), (320, 700 - 14 * number, 10, other)]
    text = " ".join(pdf.parse(set_pdf(pieces))["text"].split())
    assert text.index(left[-1]) < text.index(right[0])


def test_a_pdfs_table_keeps_its_rows() -> None:
    rows = [
        ("Wanareja", "17", "240"),
        ("Cimanggu", "3", "55"),
        ("Majenang", "8", "91"),
        ("Dayeuhluhur", "2", "14"),
    ]
    pieces = [
        (60 + 150 * at, 700 - 16 * row, 11, cell)
        for row, cells in enumerate(rows)
        for at, cell in enumerate(cells)
    ]
    lines = pdf.parse(set_pdf(pieces))["text"]
    for row in rows:
        assert " ".join(row) in " ".join(lines.split())


def test_pages_that_are_pictures_are_told(tmp_path: Path, parser: Parser) -> None:
    found = one(tmp_path / "a.pdf", set_pdf(column("Hujan turun."), [], [], drawn=(2,)), parser)
    assert found.text == "Hujan turun."
    assert found.note == "a page is a picture and is not read: 2 of 3"


def test_a_headline_in_large_letters_is_the_title() -> None:
    data = set_pdf(
        [(60, 780, 20, "Banjir Besar Melanda"), (60, 756, 20, "Wanareja"), *column(*LINES, top=720)]
    )
    found = pdf.parse(data)
    assert found["title"] == "Banjir Besar Melanda Wanareja"
    assert found["text"].split("\n\n") == ["Banjir Besar Melanda Wanareja", " ".join(LINES)] or found[
        "text"
    ].endswith("\n\n" + " ".join(LINES))


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256", "AES-256-R5"])
def test_a_pdf_that_is_encrypted_without_a_password_is_read(algorithm: str) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(one_page("Hujan turun.")))
    writer.encrypt("", "rahasia", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    assert pdf.parse(out.getvalue())["text"] == "Hujan turun."


def test_a_pdf_without_a_better_day_has_that_of_its_making_and_says_so(
    tmp_path: Path, parser: Parser
) -> None:
    found = one(tmp_path / "a.pdf", one_page("Hujan turun."), parser)
    assert found.published == "2024-03-11"
    assert "file was made" in (found.note or "")
    old = set_pdf(column("Hujan turun."), info="/CreationDate (D:19700101000000)")
    assert one(tmp_path / "b.pdf", old, parser).published is None


def test_a_run_of_text_is_not_lost_where_its_marks_are_odd() -> None:
    odd = run("Hujan", "vertAlign=lain") + "<w:r><w:tidakdikenal/><w:t> turun.</w:t></w:r>"
    assert docx.parse(word(f"<w:p>{odd}</w:p>"))["text"] == "Hujan turun."
