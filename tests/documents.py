"""Word and PDF files made in memory, as programs make them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_MARKUP = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_SHAPE = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"


def run(text: str, *marks: str, tag: str = "t") -> str:
    """A run of text; a mark is an element's name, with its value after an equals sign if it has one."""
    made = ""
    for mark in marks:
        name, _, value = mark.partition("=")
        made += f'<w:{name} w:val="{value}"/>' if value else f"<w:{name}/>"
    return f'<w:r><w:rPr>{made}</w:rPr><w:{tag} xml:space="preserve">{text}</w:{tag}></w:r>'


def paragraph(*runs: str, style: str = "") -> str:
    """A paragraph of runs, or of plain texts."""
    inner = "".join(each if each.startswith("<") else run(each) for each in runs)
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}{inner}</w:p>"


def table(*rows: Sequence[str]) -> str:
    """A table whose cells hold one paragraph each."""
    made = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in made)}</w:tbl>"


def word(
    *blocks: str,
    space: str = WORD,
    core: str = "",
    main: str = "word/document.xml",
    related: bool = True,
    styles: str = "",
) -> bytes:
    """A .docx of blocks; `core` is what it says of itself, `styles` are its styles."""
    spaces = f'xmlns:w="{space}" xmlns:m="{MATH}" xmlns:mc="{_MARKUP}" xmlns:wps="{_SHAPE}"'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        if related:
            archive.writestr(
                "_rels/.rels",
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                f'<Relationship Id="rId1" Type="{kind}" Target="/{main}"/></Relationships>',
            )
        body = "".join(blocks)
        archive.writestr(main, f"<w:document {spaces}><w:body>{body}</w:body></w:document>")
        if styles:
            archive.writestr("word/styles.xml", f'<w:styles xmlns:w="{space}">{styles}</w:styles>')
        if core:
            archive.writestr(
                "docProps/core.xml",
                '<p xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
                f"{core}</p>",
            )
    return data.getvalue()


def style(id: str, *marks: str, based: str = "", kind: str = "character") -> str:
    """A style with these marks, as `run` has them."""
    made = run("", *marks).partition("<w:rPr>")[2].partition("</w:rPr>")[0]
    on = f'<w:basedOn w:val="{based}"/>' if based else ""
    return f'<w:style w:type="{kind}" w:styleId="{id}">{on}<w:rPr>{made}</w:rPr></w:style>'


Piece = tuple[float, float, float, str]
"""Where a piece stands, across and up, the size of its letters, and its text."""


def set_pdf(*pages: Sequence[Piece], info: str = "", drawn: Sequence[int] = ()) -> bytes:
    """A PDF that sets each piece where it is told; pages whose number is in `drawn` hold a picture too."""
    font = 3 + 2 * len(pages)
    picture = font + 1
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>"
        % (b" ".join(b"%d 0 R" % (3 + 2 * number) for number in range(len(pages))), len(pages)),
    ]
    for number, pieces in enumerate(pages):
        shown = "".join(
            f"/F1 {size} Tf 1 0 0 1 {across} {up} Tm ({text}) Tj " for across, up, size, text in pieces
        )
        stream = f"BT {shown} ET".encode("latin-1")
        things = b"/XObject << /I %d 0 R >>" % picture if number + 1 in drawn else b""
        parts.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources "
            b"<< /Font << /F1 %d 0 R >> %s >> >>" % (4 + 2 * number, font, things)
        )
        parts.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    parts.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    parts.append(
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 "
        b"/Length 1 >>\nstream\n0\nendstream"
    )
    parts.append(f"<< {info} >>".encode("latin-1"))
    return _numbered(parts, b"/Info %d 0 R " % len(parts))


def column(*lines: str, across: float = 60, top: float = 760, size: float = 12) -> list[Piece]:
    """Lines one below the other."""
    return [(across, top - 16 * number, size, line) for number, line in enumerate(lines)]


def drawn_pdf(commands: str, notes: str = "", picture: bool = False) -> bytes:
    """A PDF of one page that is made by these commands, with what is noted on it, and with a picture."""
    stream = commands.encode("latin-1")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [%s] "
        b"/Resources << /Font << /F1 5 0 R >> %s >> >>"
        % (notes.encode("latin-1"), b"/XObject << /I 6 0 R >>" if picture else b""),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 "
        b"/Length 1 >>\nstream\n0\nendstream",
    ]
    return _numbered(parts, b"")


def _numbered(parts: Sequence[bytes], more: bytes) -> bytes:
    """A PDF of these objects, the first of which is its root."""
    data = bytearray(b"%PDF-1.4\n")
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer << /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF" % (len(parts) + 1, more, start)
    return bytes(data)
