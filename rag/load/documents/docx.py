"""Read Word files (.docx, ECMA-376, the Strict form too).

A Word file is a zip of XML files. Existing libraries return the text of the runs and lose the elements that
they do not know, such as non-breaking hyphens and fractions. This module handles every element that stands
for characters.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

from rag.errors import InputError
from rag.load.documents.styles import Marks, Styles, is_on, marks_in, value_of
from rag.load.fields import author_of, title_of
from rag.load.forms import day_in
from rag.load.marks import fraction, joined, lowered, raised, root

LARGEST_PART = 20 * 1024 * 1024
"""Bytes, unpacked, that a part of the file may have."""
TEMPLATE_DAYS = 31
"""Days between creation and last saving. If there are more, the creation date is taken for a template's."""
_LAYOUT = 400
"""Characters in a cell. A table with a longer one is not a real table: it arranges an article on the page."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of an old .doc file and of an encrypted .docx file."""
_DC = "{http://purl.org/dc/elements/1.1/}"
"""The XML namespace of title and author."""
_TERMS = "{http://purl.org/dc/terms/}"
"""The XML namespace of the dates of creation and last saving."""
_SPACES = ("/wordprocessingml/", "/math}", "markup-compatibility/", "/wordprocessingml}")
"""Parts of the XML namespaces that Word's elements have, in both forms of the standard."""
_UNSEEN = frozenset(("del", "moveFrom", "Fallback", "delText", "instrText", "rt", "rPr", "pPr", "sectPr"))
"""Elements that show no text: deleted and moved text, fallbacks for old programs, field codes, pronunciation
and formatting."""
_CHARACTERS = {
    **{"noBreakHyphen": "-", "tab": " ", "ptab": " ", "br": " ", "cr": " ", "softHyphen": "\u00ad"},
    **{"dayShort": "", "footnoteReference": "", "endnoteReference": "", "annotationRef": ""},
}
"""Elements that stand for a character."""
_FORMULAS = frozenset(("f", "sSup", "sSub", "sSubSup", "rad", "d", "nary"))
"""Parts of a formula that are more than their characters."""
_SMALL = re.compile(r"[\d+−-]{1,4}")
"""What is a power or an index where it stands above or below its line."""
_SYMBOLS = {
    **{0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xA3: "≤", 0xB4: "×", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xA5: "∞"},
    **{0x6D: "µ", 0x44: "Δ", 0x57: "Ω", 0x61: "α", 0x62: "β", 0x67: "γ", 0x70: "π", 0x73: "σ", 0xA2: "′"},
    **{0xB2: "″", 0xD7: "·", 0xAE: "→", 0xB7: "•", 0x2D: "-", 0x25: "%", 0x2B: "+", 0x2F: "/", 0xD6: "√"},
}
"""Characters of the font "Symbol", by the low byte of the code in the file."""


def parse(data: bytes, url: str | None = None) -> dict[str, Any]:
    """Parse a Word file.

    Returns `text`, with an empty line between paragraphs; `title` and `author`; `dates`, the day in the
    document's first lines, if there is one; and `made`, the day on which the file was created. Raises
    InputError if there is no text in it, or if it is encrypted, damaged or no Word file.
    """
    if data.startswith(_OLE):
        raise InputError("an old .doc file or an encrypted one; save it as .docx without a password")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            body = _part(archive, _target(archive, "officeDocument") or "word/document.xml")
            if body is None:
                raise InputError("not a Word document: it has no main part")
            core = _part(archive, _target(archive, "core-properties") or "docProps/core.xml")
            styles = Styles(_styles(archive))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError) as error:
        raise InputError("not a Word document, or a damaged one") from error
    blocks = list(Body(styles).blocks(body))
    text = "\n\n".join(line for _, line in blocks)
    if not text.strip():
        raise InputError("there is no text in it")
    heading = blocks[0][1] if blocks[0][0] else None
    head = (day_in(line) for _, line in blocks[:4])
    fields: dict[str, Any] = {"text": text, "title": heading, "dates": [day for day in head if day][:1]}
    if core is not None:
        fields["title"] = title_of(core.findtext(f"{_DC}title")) or heading
        fields["author"] = author_of(core.findtext(f"{_DC}creator"))
        fields["made"] = _made(core)
    return fields


def _target(archive: zipfile.ZipFile, kind: str) -> str | None:
    """The name of the part that has this kind of relationship to the whole file; None if there is none."""
    found = _part(archive, "_rels/.rels")
    for each in found if found is not None else ():
        if each.get("Type", "").endswith(f"/{kind}") and each.get("TargetMode") != "External":
            return posixpath.normpath(each.get("Target", "").lstrip("/"))
    return None


def _part(archive: zipfile.ZipFile, name: str) -> ElementTree.Element | None:
    try:
        info = archive.getinfo(name)
    except KeyError:
        return None
    if info.flag_bits & 1:
        raise InputError("it is encrypted; save it without a password")
    with archive.open(info) as stream:
        # The size that is written in a zip may be wrong, so the limit counts what is really read.
        data = stream.read(LARGEST_PART + 1)
    if len(data) > LARGEST_PART:
        raise InputError(f"it unpacks to more than {LARGEST_PART // 1024**2} MB")
    # Word writes no entities, and XML bombs need them.
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data or b"<\0!\0D\0O\0C" in data[:4096]:
        raise InputError("its XML declares a document type, which Word's never does")
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise InputError(f"its {name} is damaged ({error})") from error


def _styles(archive: zipfile.ZipFile) -> ElementTree.Element | None:
    """The part that tells of styles; a file that has none, or a damaged one, is read without."""
    main = _target(archive, "officeDocument") or "word/document.xml"
    try:
        return _part(archive, posixpath.join(posixpath.dirname(main), "styles.xml"))
    except InputError:
        return None


def _made(core: ElementTree.Element) -> str | None:
    """The day on which the file was created; None if it is most likely the day of its template."""
    created, modified = (core.findtext(f"{_TERMS}{name}") for name in ("created", "modified"))
    if not created:
        return None
    try:
        days = [datetime.fromisoformat(each.strip()[:10]) for each in (created, modified or created)]
    except ValueError:
        return None
    return created.strip()[:10] if abs((days[1] - days[0]).days) <= TEMPLATE_DAYS else None


# --- blocks ---------------------------------------------------------------------------------------------


def _name(element: ElementTree.Element) -> str:
    """The local name of an element of Word's (in the namespaces of either form); any other tag in full."""
    tag = element.tag if isinstance(element.tag, str) else ""
    space, _, name = tag.rpartition("}")
    return name if any(part in space + "}" for part in _SPACES) or "wordprocessingShape" in space else tag


class Body:
    """The main part's blocks and runs, read with the file's styles."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._of_paragraph: Marks = {}

    def blocks(self, element: ElementTree.Element) -> Iterator[tuple[bool, str]]:
        """Each paragraph and each row of a table, in one line and in order, and whether it is a heading."""
        for each in element:
            name = _name(each)
            if name == "p":
                boxes: list[ElementTree.Element] = []
                self._of_paragraph = self._styles.marks(_style(each))
                line = " ".join(self._shown(each, boxes).split())
                if line:
                    yield _is_title(each), line
                # What stands in a box beside the paragraph is no part of its sentences.
                for box in boxes:
                    yield from self.blocks(box)
            elif name == "tbl":
                yield from ((False, line) for line in self._rows(each))
            elif name not in _UNSEEN and not _is_placeholder(each):
                yield from self.blocks(each)

    def _rows(self, table: ElementTree.Element) -> Iterator[str]:
        for row in _below(table, "tr"):
            cells = [[line for _, line in self.blocks(cell)] for cell in _below(row, "tc")]
            if len(cells) == 1 or any(len(line) > _LAYOUT for cell in cells for line in cell):
                yield from (line for cell in cells for line in cell)
            elif any(cells):
                yield " | ".join(" ".join(cell) for cell in cells)

    def _shown(self, element: ElementTree.Element, boxes: list[ElementTree.Element]) -> str:
        """The characters of an element; text boxes in it are put into `boxes`."""
        parts: list[str] = []
        for each in element:
            name = _name(each)
            if name == "t":
                parts.append(each.text or "")
            elif name in _CHARACTERS:
                parts.append(_CHARACTERS[name])
            elif name == "sym":
                parts.append(_symbol(each))
            elif name == "txbxContent":
                boxes.append(each)
            elif name == "r":
                parts.append(self._run(each, boxes))
            elif name in _FORMULAS:
                made = self._formula(each, name, boxes)
                parts += joined("".join(parts[-1:]), made), made
            elif name not in _UNSEEN and not _is_placeholder(each):
                made = self._shown(each, boxes)
                parts += (joined("".join(parts[-1:]), made), made) if name.startswith("oMath") else (made,)
        return "".join(parts)

    def _run(self, run: ElementTree.Element, boxes: list[ElementTree.Element]) -> str:
        marks = dict(self._of_paragraph)
        for properties in run:
            if _name(properties) == "rPr":
                style = next((value_of(each) for each in properties if _name(each) == "rStyle"), "")
                marks |= self._styles.marks(style) | marks_in(properties)
        if is_on(marks, "strike", "dstrike", "vanish"):
            return ""
        text = self._shown(run, boxes)
        match marks.get("vertAlign"), _height(marks) if _SMALL.fullmatch(text.strip()) else 0:
            case ("superscript", _):
                return raised(text)
            case ("subscript", _):
                return lowered(text)
            case (_, height) if height:
                return raised(text) if height > 0 else lowered(text)
        return text

    def _formula(self, element: ElementTree.Element, name: str, boxes: list[ElementTree.Element]) -> str:
        def part(of: str, between: str = "") -> str:
            return between.join(self._shown(each, boxes) for each in element if _name(each) == of)

        if name == "f":
            return fraction(part("num"), part("den"))
        if name == "rad":
            return root(part("e"), part("deg"))
        said = {_name(each): value_of(each) for properties in element for each in properties}
        if name == "d":
            inner = part("e", said.get("sepChr", "|"))
            return f"{said.get('begChr', '(')}{inner}{said.get('endChr', ')')}"
        if name == "nary":
            return said.get("chr", "∫") + lowered(part("sub")) + raised(part("sup")) + part("e")
        return part("e") + lowered(part("sub")) + raised(part("sup"))


def _below(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Yield the nearest descendants with this name; tables within are not searched."""
    for each in element:
        if _name(each) == name:
            yield each
        elif _name(each) not in {"tbl", *_UNSEEN}:
            yield from _below(each, name)


def _style(paragraph: ElementTree.Element) -> str:
    """The id of a paragraph's style, nothing where it has the usual one."""
    properties = (style for each in paragraph if _name(each) == "pPr" for style in each)
    return next((value_of(style) for style in properties if _name(style) == "pStyle"), "")


def _is_title(paragraph: ElementTree.Element) -> bool:
    return re.fullmatch(r"(?i)title|judul|heading ?1|judul ?1", _style(paragraph)) is not None


def _is_placeholder(control: ElementTree.Element) -> bool:
    """Whether it is a field of a form that still shows what to write there."""
    if _name(control) != "sdt":
        return False
    shown = (each for part in control if _name(part) == "sdtPr" for each in part)
    return any(_name(each) == "showingPlcHdr" and is_on({"": value_of(each)}, "") for each in shown)


def _height(marks: Marks) -> int:
    """Half points above the line, below zero under it."""
    try:
        return int(marks.get("position", "0"))
    except ValueError:
        return 0


def _symbol(element: ElementTree.Element) -> str:
    """The character for a code of a symbol font; a space if the character is not known."""
    given = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
    try:
        code = int(given.get("char", ""), 16)
    except ValueError:
        return " "
    if given.get("font", "").lower() == "symbol":
        return _SYMBOLS.get(code & 0xFF, " ")
    return (
        " "
        if 0xE000 <= code <= 0xF8FF or code < 32 or code > 0x10FFFF or 0xD800 <= code < 0xE000
        else chr(code)
    )
