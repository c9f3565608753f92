"""Marks keep their meaning in every format: no figure is read that nobody wrote."""

from __future__ import annotations

import io
from typing import cast

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from rag.cutting.clean import normalise
from rag.load import feed, page
from rag.load.documents import docx, pdf
from rag.load.marks import fraction, lowered, raised, shown
from rag.load.text import markdown
from tests.documents import MATH, STRICT, Piece, drawn_pdf, paragraph, run, set_pdf, style, word
from tests.documents import WORD as WORD_SPACE
from tests.web_server import page as html_page

FIRST = "Banjir setinggi dua meter merendam enam desa di Kecamatan Wanareja sejak Senin malam, kata petugas."
LAST = (
    "Kepala BPBD Wanareja Rudi Hartawan mengatakan ratusan warga mengungsi ke balai desa dan sekolah dasar."
)

# What stands in HTML, and the line that a reader sees.
HTML = {
    "a power": ("Lahan 120 m<sup>2</sup> ditanami 10<sup>6</sup> bibit.", "Lahan 120 m² ditanami 10⁶ bibit."),
    "a note's mark after a figure": ("Korban 17<sup>2</sup> orang.", "Korban 17² orang."),
    "a note's mark that leads to the note": (
        'Korban 17<sup><a href="#fn2">2</a></sup> orang.',
        "Korban 17 orang.",
    ),
    "a note's mark in brackets": ("Korban 17<sup>[2]</sup> orang.", "Korban 17 orang."),
    "a star": ("Korban 17<sup>*</sup> orang.", "Korban 17 orang."),
    "a negative power": ("Kadar 10<sup>-3</sup> mol.", "Kadar 10⁻³ mol."),
    "a power of letters": ("Rumus x<sup>n+k</sup> dipakai.", "Rumus x^(n+k) dipakai."),
    "an ordinal": ("The 5<sup>th</sup> time.", "The 5th time."),
    "an index": ("Kadar CO<sub>2</sub> dan PM<sub>2.5</sub> naik.", "Kadar CO₂ dan PM_(2.5) naik."),
    "a fraction of small numbers": ("Takaran 3<sup>1</sup>/<sub>2</sub> liter.", "Takaran 3¹/₂ liter."),
    "a fraction of MathML": (
        "Takaran 3<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math> liter.",
        "Takaran 3 1/2 liter.",
    ),
    "a power of MathML": ("Luas <math><msup><mn>10</mn><mn>6</mn></msup></math> m.", "Luas 10⁶ m."),
    "a fraction of one character": ("Takaran 3½ liter.", "Takaran 3½ liter."),
    "struck out": ("Korban <del>12</del> 17 orang.", "Korban 17 orang."),
    "struck out, the old way": ("Korban <s>12</s> <strike>15</strike> 17 orang.", "Korban 17 orang."),
    "struck out by style": (
        'Korban <span style="text-decoration: line-through">12</span> 17 orang.',
        "Korban 17 orang.",
    ),
    "inserted": ("Korban <ins>17</ins> orang.", "Korban 17 orang."),
    "hidden": ("Korban 17<span hidden>0</span> orang.", "Korban 17 orang."),
    "for screen readers": ('Korban 17<span class="sr-only"> baru</span> orang.', "Korban 17 orang."),
    "hidden by style": ('Korban 17<span style="display: none">0</span> orang.', "Korban 17 orang."),
    "a short quotation": ("Ia berkata <q>siap</q> lagi.", "Ia berkata “siap” lagi."),
    "a hyphen that does not break": ("Libur 10&#8209;14 hari.", "Libur 10-14 hari."),
    "a soft hyphen": ("Ke&shy;camatan itu libur 10&shy;14 hari.", "Kecamatan itu libur 10-14 hari."),
    "a note's mark with a bracket": ("Korban 17<sup>2)</sup> orang.", "Korban 17 orang."),
    "a power by style": (
        'Lahan 10<span style="vertical-align: super; font-size: 60%">6</span> bibit.',
        "Lahan 10⁶ bibit.",
    ),
    "a power by class": ('Lahan 10<span class="superscript">6</span> bibit.', "Lahan 10⁶ bibit."),
    "an index by style": ('Kadar CO<span style="vertical-align:sub">2</span> naik.', "Kadar CO₂ naik."),
    "a power in bold letters": ("Lahan 10<sup><b>6</b></sup> bibit.", "Lahan 10⁶ bibit."),
    "a root": ("Nilai <math><msqrt><mn>16</mn></msqrt></math> itu.", "Nilai √16 itu."),
    "a root of a sum": (
        "Nilai <math><mroot><mrow><mn>1</mn><mo>+</mo><mn>7</mn></mrow><mn>3</mn></mroot></math> itu.",
        "Nilai ³√(1+7) itu.",
    ),
    "an index with a power": (
        "Nilai <math><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></math> itu.",
        "Nilai x₁² itu.",
    ),
    "a formula for programs and drawn": (
        'Luas <span class="katex"><span class="katex-mathml"><math><msup><mn>10</mn><mn>6</mn></msup></math>'
        '</span><span class="katex-html" aria-hidden="true"><span>10</span><span>6</span></span></span> m.',
        "Luas 10⁶ m.",
    ),
    "struck out by class": (
        'Korban <span class="strike">12</span> <span class="text-strike">13</span> 17 orang.',
        "Korban 17 orang.",
    ),
    "struck out by letters": ("Korban 1\u03362\u0336 17 orang.", "Korban 17 orang."),
    "off the page": (
        'Korban 17<span style="position:absolute;left:-9999px">0</span> orang.',
        "Korban 17 orang.",
    ),
    "cut to nothing": (
        'Korban 17<span style="clip:rect(0,0,0,0);position:absolute">0</span> orang.',
        "Korban 17 orang.",
    ),
    "without size": ('Korban 17<span style="font-size:0">0</span> orang.', "Korban 17 orang."),
    "clear as glass": ('Korban 17<span style="opacity: 0">0</span> orang.', "Korban 17 orang."),
    "hidden against all other rules": (
        'Korban 17<span style="color:red;display:none !important">0</span> orang.',
        "Korban 17 orang.",
    ),
    "a template": ("Korban 17<template>0</template> orang.", "Korban 17 orang."),
    "a figure for eyes and its words for screen readers": (
        'Ada <span aria-hidden="true">1.234</span><span class="sr-only">seribu lebih</span> orang.',
        "Ada 1.234 orang.",
    ),
    "a space that does not break": ("Sebanyak 17&nbsp;000 orang.", "Sebanyak 17 000 orang."),
}


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in normalise(text).split("\n") if line.strip()]


@pytest.mark.parametrize("name", HTML)
def test_a_page_keeps_the_meaning_of_its_marks(name: str) -> None:
    html, line = HTML[name]
    assert lines(page.parse(html_page("Judul", FIRST, html, LAST).encode())["text"]) == [FIRST, line, LAST]


@pytest.mark.parametrize("name", HTML)
def test_an_entry_of_a_feed_keeps_the_meaning_of_its_marks(name: str) -> None:
    html, line = HTML[name]
    body = "".join(f"<p>{each}</p>" for each in (FIRST, LAST, FIRST, LAST, html, FIRST, LAST))
    data = (
        "<rss version='2.0'><channel><title>S</title><item><guid>1</guid><title>Judul</title>"
        f"<description><![CDATA[{body}]]></description></item></channel></rss>"
    )
    (entry,) = feed.parse(data.encode())["entries"]
    assert line in lines(entry["text"])


@pytest.mark.parametrize("name", HTML)
def test_markdown_keeps_the_meaning_of_its_html(name: str) -> None:
    html, line = HTML[name]
    assert lines(markdown(f"{FIRST}\n\n{html}\n\n{LAST}")[1]) == [FIRST, line, LAST]
    assert lines(markdown(f"{FIRST}\n\n<div>\n{html}\n</div>\n\n{LAST}")[1]) == [FIRST, line, LAST]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Korban ~~12~~ 17 orang.", "Korban 17 orang."),
        ("Korban 17[^2] orang.", "Korban 17 orang."),
        ("Harga 5 < 7 & 8 > 6.", "Harga 5 < 7 & 8 > 6."),
        ("Lahan 10^6^ bibit, H~2~O, 120 m^2^.", "Lahan 10⁶ bibit, H₂O, 120 m²."),
        ("Korban {--12--}{++17++} orang, {~~lima~>enam~~} desa.{>>cek<<}", "Korban 17 orang, enam desa."),
        ("Korban {==17==} orang {{< br >}}di {% raw %}sini.", "Korban 17 orang di sini."),
        ("Harga {-- 5 dan { 6.", "Harga {-- 5 dan { 6."),
        ("Kata `a<b>` tetap, ~~bukan~~.", "Kata a<b> tetap, ."),
    ],
)
def test_markdown_keeps_the_meaning_of_its_own_marks(text: str, line: str) -> None:
    assert lines(markdown(text)[1]) == [line]


def test_a_table_in_markdowns_html_keeps_its_rows() -> None:
    html = "<table><tr><th>Kecamatan</th><th>Korban</th></tr><tr><td>Cimanggu</td><td>3</td></tr></table>"
    assert lines(markdown(html)[1]) == ["Kecamatan | Korban", "Cimanggu | 3"]


def formula(inner: str) -> str:
    return f'<m:oMath xmlns:m="{MATH}">{inner}</m:oMath>'


WORD = {
    "a power by its height": ([run("Lahan 10"), run("6", "position=6"), run(" bibit.")], "Lahan 10⁶ bibit."),
    "an index by its height": ([run("Kadar CO"), run("2", "position=-6"), run(" naik.")], "Kadar CO₂ naik."),
    "words a little higher": ([run("Korban "), run("tewas", "position=2"), run(" 17.")], "Korban tewas 17."),
    "a soft hyphen between digits": (
        ["<w:r><w:t>Libur 10</w:t><w:softHyphen/><w:t>14 hari ke</w:t><w:softHyphen/><w:t>dua.</w:t></w:r>"],
        "Libur 10-14 hari kedua.",
    ),
    "a form's field that nobody filled": (
        [
            "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
            f"{run('Klik di sini. ')}</w:sdtContent></w:sdt>",
            run("Korban 17 orang."),
        ],
        "Korban 17 orang.",
    ),
    "a root and brackets": (
        [
            run("Nilai "),
            "<m:oMath><m:rad><m:deg/><m:e><m:r><m:t>16</m:t></m:r></m:e></m:rad></m:oMath>",
            run(" dan "),
            "<m:oMath><m:d><m:e><m:r><m:t>a+b</m:t></m:r></m:e></m:d></m:oMath>",
            run(" itu."),
        ],
        "Nilai √16 dan (a+b) itu.",
    ),
    "a power": ([run("Lahan 120 m"), run("2", "vertAlign=superscript"), run(" luas.")], "Lahan 120 m² luas."),
    "an index": ([run("Kadar CO"), run("2", "vertAlign=subscript"), run(" naik.")], "Kadar CO₂ naik."),
    "struck out": ([run("Korban "), run("12 ", "strike"), run("17 orang.")], "Korban 17 orang."),
    "struck out twice": ([run("Korban "), run("12 ", "dstrike"), run("17 orang.")], "Korban 17 orang."),
    "no longer struck out": ([run("Korban "), run("17 orang.", "strike=0")], "Korban 17 orang."),
    "hidden": ([run("Korban 17"), run("0", "vanish"), run(" orang.")], "Korban 17 orang."),
    "a tracked change": (
        [
            run("Korban "),
            f"<w:del>{run('12', tag='delText')}</w:del>",
            f"<w:ins>{run('17')}</w:ins>",
            run(" orang."),
        ],
        "Korban 17 orang.",
    ),
    "moved": (
        [
            run("Korban "),
            f"<w:moveFrom>{run('12')}</w:moveFrom>",
            f"<w:moveTo>{run('17')}</w:moveTo>",
            run(" orang."),
        ],
        "Korban 17 orang.",
    ),
    "a hyphen that does not break": (
        [run("Libur 10"), "<w:r><w:noBreakHyphen/></w:r>", run("14 hari.")],
        "Libur 10-14 hari.",
    ),
    "a soft hyphen": ([run("Ke"), "<w:r><w:softHyphen/></w:r>", run("camatan.")], "Kecamatan."),
    "a tab": ([run("Cimanggu"), "<w:r><w:tab/></w:r>", run("3")], "Cimanggu 3"),
    "a symbol": (
        [run("Suhu 30"), '<w:r><w:sym w:font="Symbol" w:char="F0B0"/></w:r>', run("C.")],
        "Suhu 30°C.",
    ),
    "a symbol that is not known": (
        [run("Pasal 10"), '<w:r><w:sym w:font="Wingdings" w:char="F04A"/></w:r>', run("14.")],
        "Pasal 10 14.",
    ),
    "a note": (
        [run("Korban 17"), '<w:r><w:footnoteReference w:id="2"/></w:r>', run(" orang.")],
        "Korban 17 orang.",
    ),
    "a fraction": (
        [
            run("Takaran 3"),
            formula(
                "<m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
            ),
            run(" liter."),
        ],
        "Takaran 3 1/2 liter.",
    ),
    "a power in a formula": (
        [
            run("Luas "),
            formula(
                "<m:sSup><m:e><m:r><m:t>10</m:t></m:r></m:e><m:sup><m:r><m:t>6</m:t></m:r></m:sup></m:sSup>"
            ),
        ],
        "Luas 10⁶",
    ),
    "a field": (
        [run("Korban "), run("17", tag="instrText"), run("18"), run(" orang.")],
        "Korban 18 orang.",
    ),
}


@pytest.mark.parametrize("name", WORD)
def test_a_word_file_keeps_the_meaning_of_its_marks(name: str) -> None:
    runs, line = WORD[name]
    found = docx.parse(word(paragraph(FIRST), paragraph(*runs), paragraph(LAST)))
    assert lines(found["text"]) == [FIRST, line, LAST]


STYLED = {
    "struck out": (
        paragraph(run("Korban "), run("12 ", "rStyle=Coret"), run("17 orang.")),
        "Korban 17 orang.",
    ),
    "no longer struck out": (
        paragraph(run("Korban "), run("17 orang.", "rStyle=Coret", "strike=0")),
        "Korban 17 orang.",
    ),
    "raised by what it is based on": (
        paragraph(run("Lahan 10"), run("6", "rStyle=Anak"), run(" bibit.")),
        "Lahan 10⁶ bibit.",
    ),
    "a style that is not there": (paragraph(run("Korban 17 orang.", "rStyle=Entah")), "Korban 17 orang."),
    "a circle of styles": (paragraph(run("Korban 17 orang.", "rStyle=Satu")), "Korban 17 orang."),
    "a hidden paragraph": (
        paragraph("Catatan redaksi: 80 orang.", style="Gaib") + paragraph("Korban 17 orang."),
        "Korban 17 orang.",
    ),
}


@pytest.mark.parametrize("space", [WORD_SPACE, STRICT])
@pytest.mark.parametrize("name", STYLED)
def test_a_word_files_styles_count(name: str, space: str) -> None:
    block, line = STYLED[name]
    styles = (
        style("Coret", "strike")
        + style("Pangkat", "vertAlign=superscript")
        + style("Anak", based="Pangkat")
        + style("Satu", based="Dua")
        + style("Dua", based="Satu")
        + style("Gaib", "vanish", kind="paragraph")
    )
    made = word(paragraph(FIRST), block, paragraph(LAST), styles=styles, space=space)
    assert lines(docx.parse(made)["text"]) == [FIRST, line, LAST]


def test_damaged_styles_cost_nothing_else() -> None:
    made = word(paragraph(FIRST), paragraph(run("Korban 17 orang.")), styles="<w:style>")
    assert lines(docx.parse(made)["text"]) == [FIRST, "Korban 17 orang."]


def raised_pieces(*small: tuple[str, float]) -> list[Piece]:
    """Lahan 120 m, then small pieces so far above or below the line, then the rest."""
    made: list[Piece] = [(60, 700, 12, "Korban tewas 17")]
    for number, (text, rise) in enumerate(small):
        made.append((150 + 5 * number, 700 + rise, 7, text))
    return [*made, (170, 700, 12, " orang."), (60, 684, 12, "Mereka dimakamkan.")]


@pytest.mark.parametrize(
    ("small", "line"),
    [
        ([("2", 5.0)], "Korban tewas 17² orang. Mereka dimakamkan."),
        ([("12", 5.0)], "Korban tewas 17¹² orang. Mereka dimakamkan."),
        ([("2", -3.0)], "Korban tewas 17₂ orang. Mereka dimakamkan."),
        ([], "Korban tewas 17 orang. Mereka dimakamkan."),
    ],
)
def test_a_pdf_keeps_small_numbers_apart(small: list[tuple[str, float]], line: str) -> None:
    assert pdf.parse(set_pdf(raised_pieces(*small)))["text"].replace("  ", " ") == line


@pytest.mark.parametrize(
    ("commands", "line"),
    [
        ("(Luas 10) Tj 5 Ts (6) Tj 0 Ts ( meter.) Tj", "Luas 10⁶ meter."),
        ("[(Luas 10)] TJ 5 Ts [(-) 20 (6)] TJ 0 Ts [( meter.)] TJ", "Luas 10⁻⁶ meter."),
        ("(Kadar CO) Tj -2 Ts (2) Tj 0 Ts ( naik.) Tj", "Kadar CO₂ naik."),
        ("(Nilai x) Tj 5 Ts (2) Tj -3 Ts (1) Tj 0 Ts ( naik.) Tj", "Nilai x²₁ naik."),
        # It goes on until it is taken back, in the next text object too, and on another line.
        ("(Luas 10) Tj 5 Ts ET BT 60 700 Td (6) Tj 0 Ts ( meter.) Tj", "Luas 10⁶ meter."),
        ("(Luas 10) Tj 5 Ts (6) Tj 0 -16 Td 0 Ts (17 orang.) Tj", "Luas 10⁶ 17 orang."),
        ("(Luas 10) Tj 5 Ts 0 Ts (6) Tj ( meter.) Tj", "Luas 106 meter."),
        # What is saved comes back.
        ("(Luas 10) Tj q 5 Ts (6) Tj Q ( meter, 17) Tj (2 orang.) Tj", "Luas 10⁶ meter, 172 orang."),
        ("(Luas 10) Tj 5 Ts q 0 Ts Q (6) Tj 0 Ts ( meter.) Tj", "Luas 10⁶ meter."),
        ("(Luas 10) Tj Q 5 Ts (6) Tj 0 Ts ( meter.) Tj", "Luas 10⁶ meter."),
        # Letters stay, and what follows them is not lowered.
        ("(Pada 4) Tj 5 Ts (th) Tj 0 Ts (17) Tj ( orang.) Tj", "Pada 4th17 orang."),
        ("(Nilai x) Tj -3 Ts (maks) Tj 0 Ts ( naik.) Tj", "Nilai xmaks naik."),
        # Smaller letters may be raised by it too, after a capital as well.
        ("(Nilai R) Tj 4 Ts /F1 7 Tf (2) Tj 0 Ts /F1 12 Tf ( naik.) Tj", "Nilai R² naik."),
        ("(Nilai x) Tj -3 Ts /F1 7 Tf (2) Tj 0 Ts /F1 12 Tf ( naik.) Tj", "Nilai x₂ naik."),
        # A whole line that is raised, a move that nobody sees, and a command that says nothing.
        ("5 Ts (Korban ) Tj /F1 12 Tf (17) Tj ( orang.) Tj", "Korban 17 orang."),
        ("(Korban ) Tj 0.5 Ts (17) Tj 0 Ts ( orang.) Tj", "Korban 17 orang."),
        ("(Korban ) Tj Ts (17) Tj /X Ts ( orang.) Tj", "Korban 17 orang."),
    ],
)
def test_a_pdf_keeps_raised_and_lowered_numbers_of_full_size_apart(commands: str, line: str) -> None:
    made = drawn_pdf(f"BT /F1 12 Tf 60 700 Td {commands} ET")
    assert " ".join(pdf.parse(made)["text"].split()) == line


def test_raised_numbers_do_not_move_words_to_a_column() -> None:
    rows = "".join(
        f"1 0 0 1 40 {700 - 14 * number} Tm (Kiri baris {name} luasnya itu 10) Tj "
        "5 Ts (6) Tj 0 Ts ( meter) Tj "
        f"1 0 0 1 320 {700 - 14 * number} Tm (kanan baris {name} dari kolom yang kanan) Tj "
        for number, name in enumerate("abcdefgh")
    )
    text = " ".join(pdf.parse(drawn_pdf(f"BT /F1 10 Tf {rows} ET"))["text"].split())
    assert text.startswith("Kiri baris a luasnya itu 10⁶ meter ")


def test_what_a_pdfs_form_raises_ends_with_the_form() -> None:
    # The first word is not raised; had the form's rise stayed, the number after it would be.
    shown = "/X Do BT /F1 12 Tf 60 700 Td q 0 Ts (Luas 10) Tj Q /F1 12 Tf (6) Tj /F1 12 Tf ( meter.) Tj ET"
    writer = PdfWriter(clone_from=io.BytesIO(drawn_pdf(shown)))
    form = StreamObject()
    form.set_data(b"5 Ts")
    form.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form")})
    resources = cast(DictionaryObject, writer.pages[0]["/Resources"])
    form[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): resources["/Font"]})
    resources[NameObject("/XObject")] = DictionaryObject({NameObject("/X"): writer._add_object(form)})
    out = io.BytesIO()
    writer.write(out)
    assert " ".join(pdf.parse(out.getvalue())["text"].split()) == "Luas 106 meter."


def test_what_has_no_small_letter_is_written_out() -> None:
    assert [raised(each) for each in ("2", "-12", "n", "x", "n+1", "[3]", "TM", "")] == [
        *("²", "⁻¹²", "ⁿ", "^x", "ⁿ⁺¹", "", "TM", ""),
    ]
    assert [lowered(each) for each in ("2", "max", "2.5", "")] == ["₂", "_max", "_(2.5)", ""]
    assert [fraction("1", "2"), fraction("a + b", "c")] == ["1/2", "(a + b)/c"]
    assert shown("<p>Satu</p><p>Dua<script>x</script></p><!-- tiga").split() == ["Satu", "Dua"]


def test_what_most_of_a_page_is_is_not_hidden() -> None:
    html = html_page("Judul", FIRST, LAST).replace(
        "<article>", "<article class='hidden' style='display:none'>"
    )
    body = html.replace("<article", "<div aria-hidden='true'><article").replace(
        "</article>", "</article></div>"
    )
    assert lines(page.parse(body.encode())["text"]) == [FIRST, LAST]


def test_what_readers_say_below_is_not_the_article() -> None:
    said = f"<section id='comments'><p>Korban 99 orang kata saya. {LAST}</p></section>"
    html = html_page("Judul", FIRST, LAST).replace("</article>", f"{said}</article>")
    assert lines(page.parse(html.encode())["text"]) == [FIRST, LAST]


def test_a_row_of_a_pages_table_stays_a_row() -> None:
    rows = "<tr><th>Kecamatan</th><th>Korban</th></tr><tr><td><p>Cimanggu</p></td><td>3</td></tr>"
    html = html_page("Judul", FIRST, LAST).replace(
        "</article>", f"<table>{rows}</table><p>{FIRST}</p></article>"
    )
    found = lines(page.parse(html.encode())["text"])
    assert found[2:4] == ["Kecamatan | Korban", "Cimanggu | 3"]
    assert not [line for line in found if "---" in line]


@pytest.mark.parametrize(
    "bad", ["\x0b", "\x00", "\x1b", "\ufffe", "\ud800", "&#11;", "&#x1b;", "&#xfffe;", "&#0;"]
)
def test_characters_that_xml_has_not_cost_nothing_else(bad: str) -> None:
    struck = f"<del>{bad}</del></p>{bad}<p>Dua{bad}"
    html = f"<p>Korban 17<sup>2{bad}</sup>{bad} orang, <q>si{bad}ap</q>{bad}.{bad}{struck}</p>"
    for text in (
        shown(html),
        page.parse(html_page("Judul", FIRST, html, LAST).encode("utf-8", "replace"))["text"],
    ):
        plain = normalise(text)
        assert "Korban 17" in plain
        assert "172" not in plain
        assert "Dua" in plain


STYLES = """<style>@media print { .layar { display: none } }
.coret, p.batal { text-decoration: line-through } /* .layar { display: none } */
.gaib{display:none!important} .pangkat { vertical-align: super; } .selengkapnya { display: none }</style>"""
RULED = {
    "struck out": ('Korban <span class="coret">12</span> 17 orang.', "Korban 17 orang."),
    "hidden": ('Korban 17<span class="gaib">0</span> orang.', "Korban 17 orang."),
    "raised": ('Lahan 10<b class="x pangkat">6</b> bibit.', "Lahan 10⁶ bibit."),
    "hidden in print only": ('Korban <i class="layar">17</i> orang.', "Korban 17 orang."),
    "shown by a click": (
        'Korban 17 orang <span class="selengkapnya">dan 3 luka</span>.',
        "Korban 17 orang dan 3 luka.",
    ),
}


@pytest.mark.parametrize("name", RULED)
def test_a_pages_own_rules_for_a_class_count(name: str) -> None:
    html, line = RULED[name]
    made = html_page("Judul", FIRST, html, LAST, head=STYLES).encode()
    assert lines(page.parse(made)["text"]) == [FIRST, line, LAST]
    assert lines(page.fragment(f"{STYLES}<p>{FIRST}</p><p>{html}</p><p>{LAST}</p>")) == [FIRST, line, LAST]
    assert lines(markdown(f"<div>{STYLES}\n<p>{FIRST}</p><p>{html}</p></div>")[1]) == [FIRST, line]


def test_a_block_that_appears_slowly_is_text() -> None:
    made = html_page("Judul", FIRST, "Korban 17 orang.", LAST).replace(
        "<p>Korban", '<p style="opacity:0">Korban'
    )
    assert "Korban 17 orang." in page.parse(made.encode())["text"]


def test_many_hidden_places_are_all_hidden() -> None:
    hidden = "".join(f"Desa {n} kena<i hidden><b>rahasia</b></i>. " for n in range(30))
    text = page.parse(html_page("Judul", FIRST, hidden, LAST).encode())["text"]
    assert "rahasia" not in text
    assert "Desa 29 kena." in text


def test_a_page_that_its_script_shows_is_read_though_its_scripts_are_long() -> None:
    made = html_page("Judul", FIRST, "Korban 17 orang.", LAST)
    made = made.replace("<article>", '<div style="visibility:hidden"><article>').replace(
        "</article>", "</article></div>"
    )
    made = made.replace("</head>", f"<script>{'x = 1;' * 5000}</script></head>")
    assert "Korban 17 orang." in page.parse(made.encode())["text"]


CAPTIONS = {
    "a figure": "<figure><img src='a'><figcaption>Warga Cimanggu berjalan di tanggul 10<sup>2</sup> meter."
    "</figcaption></figure>",
    "WordPress": "<div class='wp-caption'><img src='a'><p class='wp-caption-text'>Warga Cimanggu berjalan di "
    "tanggul 10<sup>2</sup> meter.</p></div>",
    "a class": "<div class='photo'><img src='a'><div class='photo__caption'>Warga Cimanggu berjalan di "
    "tanggul 10<sup>2</sup> meter. (Foto: Antara/Budi Santoso)</div></div>",
    "with its credit": "<figure><figcaption>Warga Cimanggu berjalan di tanggul 10<sup>2</sup> meter. "
    "<small>Foto: Antara</small></figcaption></figure>",
}


@pytest.mark.parametrize("name", CAPTIONS)
def test_a_caption_is_a_line_of_its_own(name: str) -> None:
    wanted = [FIRST, "Warga Cimanggu berjalan di tanggul 10² meter.", LAST]
    blocks = f"<p>{FIRST}</p>{CAPTIONS[name]}<p>{LAST}</p>"
    made = html_page("Judul", "x").replace("<p>x</p>", blocks)
    assert lines(page.parse(made.encode())["text"]) == wanted
    assert lines(page.fragment(blocks)) == wanted
    assert lines(markdown(blocks.replace("</p><", "</p>\n\n<").replace("><p>", ">\n\n<p>"))[1]) == wanted


@pytest.mark.parametrize(
    "figure",
    [
        "<figure><img src='a'><figcaption>Foto: Antara/Budi Santoso dari Cimanggu</figcaption></figure>",
        "<figure><a href='/9'><img src='a'><figcaption>Resep nasi jagung khas desa itu</figcaption></a>"
        "</figure>",
        "<div class='related'><figure><figcaption>Resep nasi jagung khas desa itu</figcaption></figure>"
        "</div>",
        "<figure><figcaption>Ilustrasi banjir</figcaption></figure>",
    ],
)
def test_what_leads_elsewhere_or_only_names_a_picture_is_no_caption(figure: str) -> None:
    made = html_page("Judul", "x").replace("<p>x</p>", f"<p>{FIRST}</p>{figure}<p>{LAST}</p>")
    assert lines(page.parse(made.encode())["text"]) == [FIRST, LAST]
