"""What a PDF's page draws over its words, or sets without ink: struck text and hidden text, taken out.

A PDF knows no struck text: there is a line, or a thin box, at half the height of the letters (ISO 32000-1,
8.5 and 9.4), or a reader's mark (12.5.6.10). So each letter is given its place, and those under such a
line are left out of the page's own commands before its text is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pypdf import PageObject
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, ByteStringObject, ContentStream, FloatObject, NameObject
from pypdf.generic._font import Font

MOST_LINES = 5_000
"""Lines of a page that are looked at; a page with more of them is a drawing."""
_THIN = 3.0
"""Points: a box that is no higher is a line."""
_LOW, _HIGH = 0.12, 0.55
"""Where a line goes through letters: above their foot, as a share of their size."""
_COVERED = 0.6
"""The share of a line that has letters under it: a table's or a chart's line has few."""
_SHORT = 2.0
"""Points: what is shorter is a dot or a dash."""
_STROKES = frozenset((b"S", b"s", b"B", b"B*", b"b", b"b*"))
"""Commands that draw the lines of a path."""
_FILLS = frozenset((b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"))
"""Commands that fill a path."""
_ENDS = _STROKES | _FILLS | {b"n"}
"""Commands that end a path."""
_INVISIBLE = 3
"""The mode in which letters are set without ink."""
_ERRORS = (TypeError, ValueError, IndexError, KeyError, AttributeError, ZeroDivisionError, OverflowError)
"""What a command with the wrong operands raises here."""

Matrix = tuple[float, float, float, float, float, float]
"""A transformation (ISO 32000-1, 8.3.3)."""
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
"""Changes nothing."""
Operation = tuple[Any, bytes]
"""A command of a page: its operands, and its name."""


@dataclass(slots=True)
class Line:
    """A horizontal line on the page, in points; `covered` is how much of it has letters under it."""

    left: float
    right: float
    height: float
    covered: float = 0.0

    @property
    def strikes(self) -> bool:
        """Whether it goes through words for all of its length."""
        return self.covered >= _COVERED * (self.right - self.left)


@dataclass(slots=True)
class _State:
    """What the graphics state holds of a letter's place (ISO 32000-1, 9.3)."""

    at: Matrix = _SAME
    font: Font | None = None
    size: float = 0.0
    between: float = 0.0
    space: float = 0.0
    wide: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0


@dataclass(frozen=True, slots=True)
class _Letter:
    """One letter: in which command, in which of its strings, which bytes; what strikes it, and its width as
    the commands count it, in thousandths of the letters' size."""

    command: int
    string: int
    start: int
    end: int
    width: float
    lines: tuple[Line, ...]
    visible: bool
    blank: bool


@dataclass(slots=True)
class _Walk:
    """Goes through a page's commands and finds where its letters are."""

    fonts: dict[str, Font | None]
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    line: Matrix = _SAME
    pen: Matrix = _SAME

    def step(self, operands: Any, operator: bytes) -> None:
        """A command that shows nothing."""
        state = self.state
        match operator:
            case b"q":
                if len(self.stack) < 200:
                    self.stack.append(replace(state))
            case b"Q":
                self.state = self.stack.pop() if self.stack else _State()
            case b"cm":
                state.at = _times(_matrix(operands), state.at)
            case b"BT":
                self.line = self.pen = _SAME
            case b"Tf":
                state.font, state.size = self.fonts.get(str(operands[0])), float(operands[1])
            case b"Tc":
                state.between = float(operands[0])
            case b"Tw":
                state.space = float(operands[0])
            case b"Tz":
                state.wide = float(operands[0]) / 100
            case b"TL":
                state.leading = float(operands[0])
            case b"Ts":
                state.rise = float(operands[0])
            case b"Tr":
                state.mode = int(operands[0])
            case b"Tm":
                self.line = self.pen = _matrix(operands)
            case b"Td" | b"TD":
                if operator == b"TD":
                    state.leading = -float(operands[1])
                self._move(float(operands[0]), float(operands[1]))
            case b"T*" | b"'" | b'"':
                if operator == b'"':
                    state.space, state.between = float(operands[0]), float(operands[1])
                self._move(0.0, -state.leading)

    def _move(self, across: float, up: float) -> None:
        self.line = self.pen = _times((1.0, 0.0, 0.0, 1.0, across, up), self.line)

    def letters(self, operands: Any, operator: bytes, number: int, lines: Lines) -> Iterator[_Letter]:
        """The letters of a command that shows some, whose place is worked out as they come."""
        state = self.state
        parts = operands[0] if operator == b"TJ" else [operands[-1]]
        for at, part in enumerate(parts):
            if isinstance(part, (int, float)):
                self._advance(-float(part) / 1000 * state.size * state.wide)
            elif isinstance(part, bytes) and state.font is not None:
                for start, end, char in _units(part, state.font):
                    yield self._letter(number, at, (start, end), char, lines)

    def _letter(self, number: int, at: int, place: tuple[int, int], char: str, lines: Lines) -> _Letter:
        state = self.state
        assert state.font is not None
        blank = char == state.font.space_char
        width = state.font.space_width if blank else state.font.get_text_width(char)
        moved = (
            width / 1000 * state.size + state.between + (state.space if char == " " else 0.0)
        ) * state.wide
        whole = _times(self.pen, state.at)
        across = moved * whole[0]
        upright = abs(whole[1]) + abs(whole[2]) < 0.01 * (abs(whole[0]) + abs(whole[3])) and whole[0] > 0
        size = state.size * abs(whole[3])
        foot = whole[5] + state.rise * whole[3]
        through = lines.through(whole[4], whole[4] + across, foot, size) if upright and lines else ()
        self._advance(moved)
        unit = state.size * state.wide
        return _Letter(
            number, at, *place, 1000 * moved / unit if unit else 0.0, through, state.mode != _INVISIBLE, blank
        )

    def _advance(self, across: float) -> None:
        a, b, c, d, e, f = self.pen
        self.pen = (a, b, c, d, e + across * a, f + across * b)


class Lines:
    """The lines of a page, found by their height."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._by_height: defaultdict[int, list[Line]] = defaultdict(list)
        for line in lines:
            self._by_height[int(line.height)].append(line)

    def __bool__(self) -> bool:
        return bool(self._by_height)

    def through(self, left: float, right: float, foot: float, size: float) -> tuple[Line, ...]:
        """The lines that go through a letter; each notes that it does."""
        low, high = foot + _LOW * size, foot + _HIGH * size
        middle = (left + right) / 2
        found = []
        for height in range(int(low), min(int(high), int(low) + 200) + 1):
            for line in self._by_height.get(height, ()):
                if low <= line.height <= high and line.left - 0.5 <= middle <= line.right + 0.5:
                    line.covered += right - left
                    found.append(line)
        return tuple(found)


def keep_what_is_read(page: PageObject, has_picture: bool) -> None:
    """Takes struck words out of a page's commands, and those set without ink, unless they are what a scanned
    page says: there is nothing else, or a picture under them. Changes `page`."""
    contents = page.get("/Contents")
    if contents is None:
        return
    content = ContentStream(contents.get_object(), page.pdf, "bytes")
    # What was read once is not read again for the text.
    page[NameObject("/Contents")] = content
    operations: Sequence[Operation] = content.operations
    found = [*drawn(operations), *_marked(page)]
    lines = Lines(found if len(found) <= MOST_LINES else ())
    if not lines and not any(operator == b"Tr" for _, operator in operations):
        return
    letters = list(_letters(page, operations, lines))
    hides = not has_picture and any(letter.visible and not letter.blank for letter in letters)
    gone: defaultdict[int, list[_Letter]] = defaultdict(list)
    for letter in letters:
        if any(line.strikes for line in letter.lines) or (hides and not letter.visible):
            gone[letter.command].append(letter)
    if gone:
        content.operations = [
            made
            for number, (operands, operator) in enumerate(operations)
            for made in (
                _without(operands, operator, gone[number]) if number in gone else ((operands, operator),)
            )
        ]


def drawn(operations: Sequence[Operation]) -> Iterator[Line]:
    """The horizontal lines that a page draws, thin boxes too."""
    at, stack = _SAME, list[Matrix]()
    path: list[tuple[bool, float, float, float, float]] = []
    pen = (0.0, 0.0)
    for operands, operator in operations:
        try:
            if operator == b"q" and len(stack) < 200:
                stack.append(at)
            elif operator == b"Q":
                at = stack.pop() if stack else _SAME
            elif operator == b"cm":
                at = _times(_matrix(operands), at)
            elif operator == b"m":
                pen = _place(at, float(operands[0]), float(operands[1]))
            elif operator == b"l":
                to = _place(at, float(operands[0]), float(operands[1]))
                path.append((False, *pen, *to))
                pen = to
            elif operator == b"re":
                x, y, width, height = map(float, operands[:4])
                path.append((True, *_place(at, x, y), *_place(at, x + width, y + height)))
            elif operator in _ENDS:
                for is_box, left, low, right, high in path[:MOST_LINES]:
                    paints = operator in (_FILLS if is_box else _STROKES)
                    if (
                        paints
                        and abs(high - low) <= (_THIN if is_box else 0.5)
                        and abs(right - left) > _SHORT
                    ):
                        yield Line(min(left, right), max(left, right), (low + high) / 2)
                path = []
        except _ERRORS:
            continue


def _marked(page: PageObject) -> Iterator[Line]:
    """Where a reader's mark strikes words out."""
    try:
        notes = page.get("/Annots")
        for each in (notes.get_object() if notes is not None else [])[:500]:
            note = each.get_object()
            if note.get("/Subtype") == "/StrikeOut":
                corners = [float(number) for number in note["/QuadPoints"][:800]]
                for at in range(0, len(corners) - 7, 8):
                    across, up = corners[at : at + 8 : 2], corners[at + 1 : at + 8 : 2]
                    # A mark is as high as the letters with what hangs below them.
                    height = min(up) + 0.45 * (max(up) - min(up))
                    yield Line(min(across), max(across), height)
    except (*_ERRORS, PyPdfError):
        return


def _letters(page: PageObject, operations: Sequence[Operation], lines: Lines) -> Iterator[_Letter]:
    walk = _Walk(_fonts(page))
    for number, (operands, operator) in enumerate(operations):
        try:
            walk.step(operands, operator)
            if operator in {b"Tj", b"TJ", b"'", b'"'}:
                yield from walk.letters(operands, operator, number, lines)
        except _ERRORS:
            continue


def _fonts(page: PageObject) -> dict[str, Font | None]:
    fonts: dict[str, Font | None] = {}
    try:
        named = page["/Resources"]["/Font"].get_object()  # type: ignore[index]
        for name in named:
            try:
                fonts[str(name)] = Font.from_font_resource(named[name].get_object())
            except (*_ERRORS, PyPdfError):
                fonts[str(name)] = None
    except _ERRORS:
        pass
    return fonts


def _units(string: bytes, font: Font) -> Iterator[tuple[int, int, str]]:
    """Each letter's bytes in a string, and the character by which its font knows its width."""
    if not isinstance(font.encoding, str):
        yield from ((at, at + 1, chr(byte)) for at, byte in enumerate(string))
        return
    text = string.decode(font.encoding, "replace")
    each, rest = divmod(len(string), len(text)) if text else (1, 0)
    if not rest:
        yield from ((at * each, (at + 1) * each, char) for at, char in enumerate(text))


def _without(operands: Any, operator: bytes, gone: Sequence[_Letter]) -> Iterator[Operation]:
    """A command that shows letters without some of them, which leave a gap as wide as they were."""
    if operator in {b"'", b'"'}:
        if operator == b'"':
            yield [operands[0]], b"Tw"
            yield [operands[1]], b"Tc"
        yield [], b"T*"
    parts = operands[0] if operator == b"TJ" else [operands[-1]]
    by_string: defaultdict[int, list[_Letter]] = defaultdict(list)
    for letter in gone:
        by_string[letter.string].append(letter)
    made: list[Any] = []
    for number, part in enumerate(parts):
        at = 0
        for letter in by_string.get(number, ()):
            if letter.start > at:
                made.append(ByteStringObject(part[at : letter.start]))
            made.append(FloatObject(-letter.width))
            at = letter.end
        rest = part[at:] if isinstance(part, bytes) else part
        if not isinstance(rest, bytes) or rest:
            made.append(ByteStringObject(rest) if isinstance(rest, bytes) else rest)
    yield [ArrayObject(made)], b"TJ"


def _matrix(operands: Any) -> Matrix:
    a, b, c, d, e, f = map(float, operands[:6])
    return a, b, c, d, e, f


def _times(one: Matrix, two: Matrix) -> Matrix:
    return (
        one[0] * two[0] + one[1] * two[2],
        one[0] * two[1] + one[1] * two[3],
        one[2] * two[0] + one[3] * two[2],
        one[2] * two[1] + one[3] * two[3],
        one[4] * two[0] + one[5] * two[2] + two[4],
        one[4] * two[1] + one[5] * two[3] + two[5],
    )


def _place(at: Matrix, x: float, y: float) -> tuple[float, float]:
    return x * at[0] + y * at[2] + at[4], x * at[1] + y * at[3] + at[5]
