"""Word files (.docx, ECMA-376, also in its Strict form): a zip of XML, of which the body is read.

Ready-made readers give the text of runs and lose what they do not know, as a hyphen that may not break or a
fraction; here each element that stands for characters is named.
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
from rag.load.fields import author_of, title_of
from rag.load.forms import day_in
from rag.load.marks import fraction, joined, lowered, raised

LARGEST_PART = 20 * 1024 * 1024
"""Bytes that a part of the file may unpack to."""
TEMPLATE_DAYS = 31
"""Days between making and last saving from which the making is taken to be a template's."""
_LAYOUT = 400
"""Characters of a cell from which a table only arranges an article on the page."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_SPACES = ("/wordprocessingml/", "/math}", "markup-compatibility/", "/wordprocessingml}")
# Deleted and moved text, what only old programs show instead, field codes, notes on how a word is said.
_UNSEEN = frozenset(("del", "moveFrom", "Fallback", "delText", "instrText", "rt", "rPr", "pPr", "sectPr"))
_CHARACTERS = {
    **{"noBreakHyphen": "-", "tab": " ", "ptab": " ", "br": " ", "cr": " ", "softHyphen": ""},
    **{"dayShort": "", "footnoteReference": "", "endnoteReference": "", "annotationRef": ""},
}
# Of the font "Symbol", by the code that a file gives: its low byte.
_SYMBOLS = {
    **{0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xA3: "≤", 0xB4: "×", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xA5: "∞"},
    **{0x6D: "µ", 0x44: "Δ", 0x57: "Ω", 0x61: "α", 0x62: "β", 0x67: "γ", 0x70: "π", 0x73: "σ", 0xA2: "′"},
    **{0xB2: "″", 0xD7: "·", 0xAE: "→", 0xB7: "•", 0x2D: "-", 0x25: "%", 0x2B: "+", 0x2F: "/", 0xD6: "√"},
}


def parse(data: bytes, url: str | None = None) -> dict[str, Any]:
    """Its text, a paragraph a line, and the title, author and date that it says it has. Raises InputError."""
    if data.startswith(_OLE):
        raise InputError("an old .doc file or an encrypted one; save it as .docx without a password")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            body = _part(archive, _target(archive, "officeDocument") or "word/document.xml")
            if body is None:
                raise InputError("not a Word document: it has no main part")
            core = _part(archive, _target(archive, "core-properties") or "docProps/core.xml")
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError) as error:
        raise InputError("not a Word document, or a damaged one") from error
    blocks = list(_blocks(body))
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
    """The part that the file as a whole names as its main part, or as what tells of it."""
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
        # The size that a zip names is only what it says of itself.
        data = stream.read(LARGEST_PART + 1)
    if len(data) > LARGEST_PART:
        raise InputError(f"it unpacks to more than {LARGEST_PART // 1024**2} MB")
    # Word writes none; entities are what XML bombs are made of.
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data or b"<\0!\0D\0O\0C" in data[:4096]:
        raise InputError("its XML declares a document type, which Word's never does")
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise InputError(f"its {name} is damaged ({error})") from error


def _made(core: ElementTree.Element) -> str | None:
    """When the file was made, unless a template's day was taken over."""
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
    """An element's name where it is one of Word's, in either of its namespaces, else as it stands."""
    tag = element.tag if isinstance(element.tag, str) else ""
    space, _, name = tag.rpartition("}")
    return name if any(part in space + "}" for part in _SPACES) or "wordprocessingShape" in space else tag


def _blocks(element: ElementTree.Element) -> Iterator[tuple[bool, str]]:
    """Each paragraph and each row of a table, in one line, and whether it is a heading; in their order."""
    for each in element:
        name = _name(each)
        if name == "p":
            boxes: list[ElementTree.Element] = []
            line = " ".join(_shown(each, boxes).split())
            if line:
                yield _is_title(each), line
            # What stands in a box beside the paragraph is no part of its sentences.
            for box in boxes:
                yield from _blocks(box)
        elif name == "tbl":
            yield from ((False, line) for line in _rows(each))
        elif name not in _UNSEEN:
            yield from _blocks(each)


def _rows(table: ElementTree.Element) -> Iterator[str]:
    for row in _below(table, "tr"):
        cells = [[line for _, line in _blocks(cell)] for cell in _below(row, "tc")]
        if len(cells) == 1 or any(len(line) > _LAYOUT for cell in cells for line in cell):
            yield from (line for cell in cells for line in cell)
        elif any(cells):
            yield " | ".join(" ".join(cell) for cell in cells)


def _below(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """The nearest elements of a name, also within what only wraps them."""
    for each in element:
        if _name(each) == name:
            yield each
        elif _name(each) not in {"tbl", *_UNSEEN}:
            yield from _below(each, name)


def _is_title(paragraph: ElementTree.Element) -> bool:
    for each in paragraph:
        if _name(each) == "pPr":
            for style in each:
                value = next((v for k, v in style.attrib.items() if k.endswith("}val")), "")
                if _name(style) == "pStyle" and re.fullmatch(r"(?i)title|judul|heading ?1|judul ?1", value):
                    return True
    return False


# --- what a paragraph shows -------------------------------------------------------------------------------


def _shown(element: ElementTree.Element, boxes: list[ElementTree.Element]) -> str:
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
            parts.append(_run(each, boxes))
        elif name in {"f", "sSup", "sSub", "sSubSup"}:
            made = _formula(each, name, boxes)
            parts += joined("".join(parts[-1:]), made), made
        elif name not in _UNSEEN:
            made = _shown(each, boxes)
            parts += (joined("".join(parts[-1:]), made), made) if name.startswith("oMath") else (made,)
    return "".join(parts)


def _run(run: ElementTree.Element, boxes: list[ElementTree.Element]) -> str:
    marks = {}
    for properties in run:
        if _name(properties) == "rPr":
            for each in properties:
                marks[_name(each)] = next((v for k, v in each.attrib.items() if k.endswith("}val")), "")
    off = {"0", "false", "off", "none"}
    if any(mark in marks and marks[mark].lower() not in off for mark in ("strike", "dstrike", "vanish")):
        return ""
    text = _shown(run, boxes)
    if marks.get("vertAlign") == "superscript":
        return raised(text)
    return lowered(text) if marks.get("vertAlign") == "subscript" else text


def _formula(element: ElementTree.Element, name: str, boxes: list[ElementTree.Element]) -> str:
    def part(of: str) -> str:
        return "".join(_shown(each, boxes) for each in element if _name(each) == of)

    if name == "f":
        return fraction(part("num"), part("den"))
    return part("e") + lowered(part("sub")) + raised(part("sup"))


def _symbol(element: ElementTree.Element) -> str:
    """A character by its code in a font; one that is not known parts what stands around it."""
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
