"""Read the text of PDF files, with pypdf. Scanned pages have no text and are not read."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from typing import Any, NamedTuple

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ContentStream, NameObject, NumberObject

from rag.errors import InputError
from rag.load.documents.drawn import keep_what_is_read
from rag.load.fields import author_of, title_of
from rag.load.forms import day_in
from rag.load.marks import lowered, raised

MOST_PAGES = 500
"""Pages that a file may have; a longer one is a book."""
_ENDS = tuple(".!?:;…\"”’')]")
"""Characters that end a sentence or a line of speech."""
_EDGE = 3
"""Lines at the top and at the bottom of a page that may be a running header or footer."""
_NUMBER = re.compile(
    r"(?i)(?:(?:halaman|hal\.?|page|p\.|laman)\s*\d{1,4}(?:\s*(?:dari|of|/)\s*\d{1,4})?"
    r"|\d{1,4}\s*(?:dari|of|/)\s*\d{1,4}|[-–—]\s*\d{1,4}\s*[-–—])"
)
"""A page number alone on its line: "Halaman 3 dari 7", "- 3 -"."""
_LARGER, _SMALLER = 1.2, 0.8
"""Size of a headline's letters, at least, and of a superscript's, at most, relative to the letters around."""
_RISEN = 0.1
"""How far a superscript or subscript of letters that keep their size is moved, at least, as a share of their
size: a smaller move only sets letters of different fonts straight."""
_LONGEST_TITLE = 200
"""Characters that a headline may have."""
_MANY = 6
"""Lines that a page or column must have, so that the usual length of its lines can be told from it alone."""


class _Line(str):
    """A line with the size of its largest letters, in points; 0 if that is not known."""

    size = 0.0


@dataclass(slots=True)
class _Page:
    """A page's lines: one block, or one for each column."""

    blocks: list[list[str]]
    is_picture: bool = False


class _Piece(NamedTuple):
    """A piece of text: the size of its letters and its height on the page, in points, and whether the page
    raises or lowers it."""

    text: str
    size: float
    height: float
    moved: bool


@dataclass(slots=True)
class _Rise:
    """How far the page raises its letters (ISO 32000-1, 9.3.7), which pypdf does not tell."""

    now: float = 0.0
    saved: list[float] = field(default_factory=list)
    outside: list[tuple[float, list[float]]] = field(default_factory=list)

    def before(self, operator: bytes, operands: Any) -> None:
        """A command that is about to be carried out."""
        if operator == b"Ts":
            if operands and isinstance(operands[0], (int, float)) and math.isfinite(operands[0]):
                self.now = float(operands[0])
        elif operator == b"q":
            self.saved.append(self.now)
        elif operator == b"Q":
            self.now = self.saved.pop() if self.saved else self.now
        elif operator == b"Do":
            self.outside.append((self.now, self.saved))
            self.saved = []

    def after(self, operator: bytes) -> None:
        """A command that was carried out: what a form changes ends with it."""
        if operator == b"Do" and self.outside:
            self.now, self.saved = self.outside.pop()


def parse(data: bytes, url: str | None = None) -> dict[str, Any]:
    """Parse a PDF file.

    Returns `text`, with an empty line between paragraphs; `title` and `author`; `dates`, the day in the first
    lines, if there is one; `made`, the day on which the file was created; and a `note` if some pages are
    pictures. Raises InputError if it has no text, or is too long, encrypted, damaged or no PDF file.
    """
    if b"%PDF-" not in data[:1024]:
        raise InputError("not a PDF file")
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError("it is encrypted; save it without a password")
        if len(reader.pages) > MOST_PAGES:
            raise InputError(f"it has more than {MOST_PAGES} pages; that is a book")
        pages = [_page(page) for page in reader.pages]
        known = reader.metadata
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"a damaged PDF file ({type(error).__name__})") from error
    running = without_running([block for page in pages for block in page.blocks], len(pages))
    text = paragraphs([_apart(block) for page in pages for block in page.blocks])
    if not text:
        raise InputError("there is no text in it: its pages are pictures, which are not read")
    fields: dict[str, Any] = {"text": text, "title": _headline(pages, text) or next(iter(running), None)}
    pictures = [str(number) for number, page in enumerate(pages, start=1) if page.is_picture]
    if pictures:
        fields["note"] = f"a page is a picture and is not read: {', '.join(pictures[:20])} of {len(pages)}"
    head = [*running, *text[:1_000].split("\n\n")[:4]]
    fields["dates"] = [day for line in head if (day := day_in(line))][:1]
    if known is not None:
        fields["title"] = title_of(known.get("/Title")) or fields["title"]
        fields["author"] = author_of(known.get("/Author"))
        stamp = re.match(r"(?:D:)?(\d{4})(\d{2})(\d{2})", str(known.get("/CreationDate") or ""), re.ASCII)
        fields["made"] = "-".join(stamp.groups()) if stamp else None
    return fields


def without_running(pages: Sequence[list[str]], number: int) -> list[str]:
    """Remove running headers, footers, page numbers and watermarks from `pages`, a list of lines for each
    block of the file's `number` pages. Changes `pages`.

    Returns the headers in the order of their first use: one is often the best title that a file has.
    """
    found: list[str] = []
    at_edges = Counter(key for at, page in enumerate(pages) for key in _edge_keys(page, at))
    often = {key for key, count in at_edges.items() if count >= max(2, number / 2)}
    whole = Counter(line for page in pages for line in {" ".join(line.split()) for line in page})
    for at, page in enumerate(pages):
        for end in (0, -1):
            for _ in range(_EDGE):
                while page and not page[end].strip():
                    page.pop(end)
                if len(page) < 2 or not (
                    _NUMBER.fullmatch(page[end].strip()) or often & _keys(page[end], at)
                ):
                    break
                line = " ".join(page.pop(end).split())
                if end == 0 and line not in found and not _NUMBER.fullmatch(line) and len(line) > 8:
                    found.append(line)
        page[:] = [line for line in page if not _is_watermark(" ".join(line.split()), whole, number)]
    return found


def paragraphs(blocks: Sequence[Sequence[str]]) -> str:
    """Join the lines of blocks (pages or columns) to paragraphs, with an empty line between them.

    A full line continues in the next one; a hyphenated word is joined. A line is full if it is nearly as long
    as the long lines of its block, or of all blocks if its own has few lines. A shorter line ends its
    paragraph.
    """
    cleaned = [[" ".join(line.split()) for line in block] for block in blocks]
    usual = _full([line for block in cleaned for line in block])
    made: list[list[str]] = []
    going = False
    for block, beyond in pairwise([*(block for block in cleaned if any(block)), []]):
        full = _full(block) if sum(map(bool, block)) >= _MANY else usual
        for line, after in pairwise([*block, ""]):
            if not line:
                # An empty line does not end a paragraph in the middle of a sentence.
                going = going and not made[-1][-1].endswith(_ENDS) and after[:1].islower()
                continue
            if going:
                made[-1] += _joined(made[-1].pop(), line)
            else:
                made.append([line])
            going = len(line) >= full or (not line.endswith(_ENDS) and after[:1].islower())
        # A sentence may continue on the next page.
        going = not made[-1][-1].endswith(_ENDS) and next(filter(None, beyond), "")[:1].islower()
    return "\n\n".join("".join(parts) for parts in made)


def _full(lines: Sequence[str]) -> float:
    lengths = sorted(len(line) for line in lines if line)
    return 0.8 * lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0.0


def _joined(before: str, after: str) -> tuple[str, str]:
    if not before.endswith("-"):
        return before, f" {after}"
    word = re.search(r"\w*\Z", before[-60:-1])
    if not word or not word[0]:
        return before, f" {after}"
    # A doubled word that is split at its hyphen (kata-/kata) keeps the hyphen.
    twice = after.lower().startswith(word[0].lower())
    return (before, after) if twice or not after[:1].islower() else (before[:-1], after)


# --- lines of a page --------------------------------------------------------------------------------------


def _page(page: PageObject) -> _Page:
    pieces: list[_Piece] = []
    places: list[tuple[float, float]] = []
    rise = _Rise()

    def take(text: str, at: Any, matrix: Any, font: Any, size: float) -> None:
        scale = math.hypot(matrix[0], matrix[1]) * math.hypot(at[0], at[1])
        # Text at an angle is a watermark.
        if min(abs(matrix[0]), abs(matrix[1])) < 0.1 * max(abs(matrix[0]), abs(matrix[1]), 1e-9):
            large, lift = abs(size) * (scale or 1.0), rise.now * (scale or 1.0)
            pieces.append(_Piece(text, large, matrix[5] + lift, lift != 0))

    def see(operator: bytes, operands: Any, at: Any, matrix: Any) -> None:
        if operator in {b"Tj", b"TJ"}:
            places.append((matrix[4], matrix[5]))
        rise.before(operator, operands)

    def leave(operator: bytes, operands: Any, at: Any, matrix: Any) -> None:
        rise.after(operator)

    has_picture = _has_picture(page)
    keep_what_is_read(page, has_picture)
    content = page.get("/Contents")
    if isinstance(content, ContentStream):
        page[NameObject("/Contents")] = _parted(content, page)
    page.extract_text(visitor_text=take, visitor_operand_before=see, visitor_operand_after=leave)
    if content is not None:
        page[NameObject("/Contents")] = content
    if _in_columns(places) and (columns := _columns(page)):
        return _Page(columns)
    lines = _lines(pieces)
    return _Page([lines], is_picture=not any(line.strip() for line in lines) and has_picture)


def _parted(content: ContentStream, page: PageObject) -> ContentStream:
    """The page's content with a piece's end where letters begin or cease to be raised. pypdf ends a piece at
    each change of the page's matrix, even at one that changes nothing."""
    if not any(operator == b"Ts" for _, operator in content.operations):
        return content
    end = ([NumberObject(number) for number in (1, 0, 0, 1, 0, 0)], b"cm")
    pairs = ((end, each) if each[1] in {b"Ts", b"Q"} else (each,) for each in content.operations)
    parted = ContentStream(None, page.pdf)
    parted.operations = [each for pair in pairs for each in pair]
    return parted


def _lines(pieces: Sequence[_Piece]) -> list[str]:
    """Join pieces of text to lines."""
    lines: list[str] = []
    parts: list[str] = []
    largest = 0.0
    before = (0.0, 0.0)
    last = ""
    for piece in pieces:
        text, size, height, _ = piece
        shown = _marked(piece, before, last)
        if shown == text and text.strip():
            before = (size, height)
        for number, part in enumerate(shown.split("\n")):
            if number:
                lines.append(_sized("".join(parts), largest))
                parts, largest = [], 0.0
            if part.strip():
                largest = max(largest, size)
            parts.append(part)
            last = part or ("" if number else last)
    lines.append(_sized("".join(parts), largest))
    return lines


def _sized(text: str, size: float) -> _Line:
    line = _Line(text)
    line.size = size
    return line


def _usual(lines: Sequence[str]) -> float:
    sizes = sorted(getattr(line, "size", 0.0) for line in lines if line.strip())
    return sizes[len(sizes) // 2] if sizes else 0.0


def _apart(block: Sequence[str]) -> list[str]:
    """`block` with an empty line between headlines and text, that is, where the letters change their size."""
    made: list[str] = []
    usual = _usual(block)
    for line in block:
        large = getattr(line, "size", 0.0) >= _LARGER * usual > 0
        if made and made[-1] and large != (getattr(made[-1], "size", 0.0) >= _LARGER * usual > 0):
            made.append("")
        made.append(line)
    return made


def _marked(piece: _Piece, before: tuple[float, float], line: str) -> str:
    """A piece of a line; digits that are smaller than the letters before, or that the page raises above them
    or lowers below them, become superscripts or subscripts."""
    text, size, height, moved = piece
    size_before, height_before = before
    stripped = text.strip()
    smaller = 0 < size < _SMALLER * size_before
    apart = moved and abs(height - height_before) >= _RISEN * size_before > 0
    if not (0 < len(stripped) <= 4 and line.strip() and (smaller or apart)):
        return text
    if not re.fullmatch(r"[\d+−-]+", stripped) or abs(height - height_before) > size_before:
        return text
    lower = height < height_before - 0.05 * size_before
    if lower or (height == height_before and line[-1:].isupper()):
        return text.replace(stripped, lowered(stripped))
    return text.replace(stripped, raised(stripped))


def _has_picture(page: PageObject) -> bool:
    try:
        things = page["/Resources"]["/XObject"].get_object()  # type: ignore[index]
        return any(each.get_object().get("/Subtype") == "/Image" for each in things.values())
    except (KeyError, AttributeError, TypeError, PyPdfError):
        return False


# --- columns ----------------------------------------------------------------------------------------------


def _in_columns(places: Sequence[tuple[float, float]]) -> bool:
    """Whether a page has columns: at most heights, a second piece of text starts at the same distance from
    the left. `places` are the pieces' positions (across, up), in points."""
    rows: dict[int, set[int]] = {}
    for across, up in places:
        rows.setdefault(round(up), set()).add(round(across / 4))
    starts = Counter(start for row in rows.values() if len(row) > 1 for start in row)
    common = [start for start, count in starts.items() if count >= max(5, 0.5 * len(rows))]
    return len(common) > 1 and max(common) - min(common) > 30


def _columns(page: PageObject) -> list[list[str]]:
    """The lines of two columns, the left one first; empty if the gap is more likely that of a table."""
    laid = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
    lines = [line.rstrip() for line in laid.split("\n") if line.strip()]
    gaps = Counter(
        match.end() for line in lines for match in re.finditer(r"(?<=\S) {2,200}(?=\S)", line[:400])
    )
    if not gaps:
        return []
    at, count = gaps.most_common(1)[0]
    sides = [(line[: at - 1].strip(), line[at:].strip()) for line in lines if line[at - 2 : at] in {"", "  "}]
    both = [pair for pair in sides if all(pair)]
    if count < max(5, 0.5 * len(lines)) or len(sides) < 0.9 * len(lines) or not both:
        return []
    if min(sum(len(pair[side]) for pair in both) / len(both) for side in (0, 1)) < 18:
        return []
    return [[left for left, _ in sides if left], [right for _, right in sides if right]]


# --- headers, footers, headline ---------------------------------------------------------------------------


def _edge_keys(page: list[str], at: int) -> set[str]:
    lines = [line for line in page if line.strip()]
    edges = lines if len(lines) <= 2 * _EDGE else [*lines[:_EDGE], *lines[-_EDGE:]]
    return {key for line in edges for key in _keys(line, at)}


def _keys(line: str, at: int) -> set[str]:
    """Keys that a running line shares with its likes on other pages: the line itself, and the line with its
    numbers relative to `at`, the page's own, since page numbers grow from page to page."""
    line = " ".join(line.split())
    parts = re.split(r"(\d{1,9})", line)
    if len(parts) > 2 * _EDGE + 1:
        return {line}
    keys = {""}
    for number, part in enumerate(parts):
        forms = [part, f"#{int(part) - at}#"] if number % 2 else [part]
        keys = {key + form for key in keys for form in forms}
    return keys


def _is_watermark(line: str, whole: Counter[str], pages: int) -> bool:
    if not line or len(line) > 60 or whole[line] < pages:
        return False
    return pages >= 3 or (pages == 2 and line.isupper())


def _headline(pages: Sequence[_Page], text: str) -> str | None:
    """The lines in the largest letters on the first page with text, else a short first paragraph or None."""
    lines = next((block for page in pages for block in page.blocks if any(map(str.strip, block))), [])
    most = max((getattr(line, "size", 0.0) for line in lines), default=0.0)
    if most >= _LARGER * _usual(lines) > 0:
        large = (line for line in lines if getattr(line, "size", 0.0) >= 0.95 * most)
        headline = " ".join(" ".join(large).split())
        return headline if 3 < len(headline) <= _LONGEST_TITLE else None
    first, _, rest = text.partition("\n\n")
    return first if rest and 3 < len(first) <= 120 and not first.endswith(_ENDS) else None
