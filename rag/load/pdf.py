"""PDF files: the text in them, by pypdf. A page that was only scanned has none."""

from __future__ import annotations

import re
from io import BytesIO
from itertools import pairwise
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from rag.errors import InputError

MOST_PAGES = 500
_ENDS = re.compile(r"[.!?:;…\"”’')\]]$")
_BREAK = re.compile(r"(\w+)-$")


def parse(data: bytes, url: str | None = None) -> dict[str, Any]:
    """Its text and the title, author and date that it says it has. Raises InputError."""
    if b"%PDF-" not in data[:1024]:
        raise InputError("not a PDF file")
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError("it is encrypted; save it without a password")
        if len(reader.pages) > MOST_PAGES:
            raise InputError(f"it has more than {MOST_PAGES} pages; that is a book")
        pages = [page.extract_text() for page in reader.pages]
        known = reader.metadata
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"a damaged PDF file ({type(error).__name__})") from error
    lines = [line for page in pages for line in (*page.splitlines(), "")]
    text = paragraphs(lines)
    if not text:
        raise InputError("there is no text in it: its pages are pictures, which are not read")
    fields: dict[str, Any] = {"text": text}
    if known is not None:
        fields["title"] = _plain(known.get("/Title"))
        fields["author"] = _plain(known.get("/Author"))
        stamp = re.match(r"(?:D:)?(\d{4})(\d{2})(\d{2})", _plain(known.get("/CreationDate")) or "")
        fields["published"] = "-".join(stamp.groups()) if stamp else None
    return fields


def paragraphs(lines: list[str]) -> str:
    """Lines as they were set -> paragraphs: a full line goes on in the next, a word cut at its end too.

    A line is full when it is near as long as long lines are. What ends short, ends its paragraph.
    """
    lines = [" ".join(line.split()) for line in lines]
    lengths = sorted(len(line) for line in lines if line)
    full = 0.8 * lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0
    made: list[str] = []
    going = False
    for line, after in pairwise([*lines, ""]):
        if not line:
            # An empty line between two pages does not end a sentence that goes on.
            going = going and bool(made) and not _ENDS.search(made[-1]) and after[:1].islower()
            continue
        if going:
            made[-1] = _join(made[-1], line)
        else:
            made.append(line)
        going = len(line) >= full or (not _ENDS.search(line) and after[:1].islower())
    return "\n\n".join(made)


def _join(before: str, after: str) -> str:
    cut = _BREAK.search(before)
    if cut is None:
        return f"{before} {after}"
    # kata-/kata is one word said twice, and keeps its hyphen.
    twice = after.lower().startswith(cut[1].lower())
    return before + after if twice or not after[:1].islower() else before[:-1] + after


def _plain(value: object) -> str | None:
    return " ".join(str(value).split())[:300] or None if value is not None else None
