"""Word files (.docx, ECMA-376): a zip of XML, of which the body's paragraphs are read.

python-docx would build the whole document for what is ten lines here.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

from rag.errors import InputError

LARGEST_PART = 20 * 1024 * 1024
"""Bytes that a part of the file may unpack to."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def parse(data: bytes, url: str | None = None) -> dict[str, Any]:
    """Its text, a paragraph a line, and the title, author and date that it says it has. Raises InputError."""
    if data.startswith(_OLE):
        raise InputError("an old .doc file or an encrypted one; save it as .docx without a password")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            body = _part(archive, "word/document.xml")
            if body is None:
                raise InputError("not a Word document: it has no word/document.xml")
            core = _part(archive, "docProps/core.xml")
            text = "\n\n".join(filter(None, map(_line, body.iter(f"{_W}p"))))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError) as error:
        raise InputError("not a Word document, or a damaged one") from error
    if not text.strip():
        raise InputError("there is no text in it")
    fields: dict[str, Any] = {"text": text}
    if core is not None:
        fields["title"] = core.findtext(f"{_DC}title")
        fields["author"] = core.findtext(f"{_DC}creator")
        fields["published"] = (core.findtext(f"{_TERMS}created") or "")[:10]
    return fields


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


def _line(paragraph: ElementTree.Element) -> str:
    parts = []
    for each in paragraph.iter():
        if each.tag == f"{_W}t":
            parts.append(each.text or "")
        elif each.tag in {f"{_W}tab", f"{_W}br", f"{_W}cr"}:
            parts.append(" ")
    return " ".join("".join(parts).split())
