"""Text -> sentences with offsets; lossless: outside the sentences there is white space only.

Full stops, question and exclamation marks and ellipses are looked at one by one, each with the word before
and the word after it, so the time is linear in the text. Indonesian and English news share the rules; the
tables of abbreviations are in `rag/text/abbreviations.py`. Feeds lose the space between sentences
(`kasus ini.Menurut dia`): a stop between a word and a capitalised word ends a sentence there as well.

Line breaks. A blank line always ends a sentence, and so does a single one, since a line is a paragraph, a
heading or a list's item in most sources. Two cases are hard-wrapped text, where it counts as a space:
- a block of at least three lines, none over 100 characters, each of which but the last is full: the first
  word of the next line would not have fitted into the block's width;
- a line of 40 to 100 characters without an end mark, when the next one goes on with a lower-case letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rag.text.abbreviations import COUNTED, DOMAINS, STARTERS, begins, goes_on, known, last_word
from rag.text.overlong import parts, trimmed
from rag.types import Sentence

WIDEST = 100
"""Characters of the widest line that is taken for hard-wrapped text."""
_NARROWEST = 40
"""Characters of the shortest line that may continue in the next one."""
_BACK = 40
"""Characters before an end mark in which the words before it are looked for."""
_AHEAD = 60
"""Characters after an end mark in which the next word is looked for."""


def split(text: str, article_id: str = "", fits: Callable[[str], bool] | None = None) -> list[Sentence]:
    """The sentences in order, not overlapping, white space around them left out.

    Each has at most 1,000 characters and, where `fits` is given, fits (a single letter always does).
    """
    found: list[Sentence] = []
    for start, end in _paragraphs(text):
        for first, last in _whole(text, start, end):
            for begin, stop in parts(text, first, last, fits):
                found.append(Sentence(article_id, len(found), begin, stop))
    return found


# --- paragraphs ---------------------------------------------------------------------------------

_BULLET = re.compile(r"\s*(?:[-*•–—#>]|\d{1,3}[.)]\s|[a-zA-Z][.)]\s)")
"""A bullet, or the number or letter of a list's item, at the beginning of a line."""
_FIRST_WORD = re.compile(r"\S*")
"""The first word of a line."""
_END_MARKS = ".!?…:;"
"""Marks with which a line is complete."""
_CLOSERS = "\"”’'»)]"
"""Quotes and brackets that close with the sentence before them."""


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Stretches that no sentence crosses: blocks of lines, cut at every line break that is not a wrap."""
    block: list[tuple[int, int]] = []
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = end if end >= 0 else len(text)
        if start == end or text[start:end].isspace():
            yield from _unwrapped(text, block)
            block = []
        else:
            block.append((start, end))
        start = end + 1
    yield from _unwrapped(text, block)


def _unwrapped(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    if not lines:
        return
    stretches = [text[start : min(end, start + WIDEST + 1)].rstrip() for start, end in lines]
    width = max(map(len, stretches))
    openings = [_FIRST_WORD.match(stretch.lstrip()) for stretch in stretches[1:]]
    full = [
        len(stretch) + 1 + len(opening[0]) > width
        for stretch, opening in zip(stretches, openings, strict=False)
        if opening
    ]
    wrapped = len(lines) > 2 and _NARROWEST <= width <= WIDEST and all(full)
    first = lines[0][0]
    for at in range(len(lines) - 1):
        above, below = stretches[at], stretches[at + 1].lstrip()
        goes_on = (
            _NARROWEST <= len(above) <= WIDEST
            and below[:1].islower()
            and above.rstrip(_CLOSERS)[-1:] not in _END_MARKS
        )
        if _BULLET.match(below) or not (wrapped or goes_on):
            yield first, lines[at][1]
            first = lines[at + 1][0]
    yield first, lines[-1][1]


# --- sentences ----------------------------------------------------------------------------------

_MARK = re.compile(r"[.!?…]+|[\"“”]")
"""An end mark, or a quote mark."""
_LETTER = re.compile(r"[^\W_]")
"""A letter or a figure."""
_OPENERS = "\"“‘'«([¿¡"
"""Quotes and brackets that open with the sentence after them."""
_SPACES = re.compile(r"\s*")
"""White space."""


def _whole(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of one paragraph, of any length; marks without a word go with what is before them."""
    first, word = start, _word_from(text, start, end)
    for cut in _boundaries(text, start, end):
        if word >= cut:
            continue
        word = _word_from(text, cut, end)
        if word == end:
            break
        yield from trimmed(text, first, cut)
        first = cut
    yield from trimmed(text, first, end)


def _word_from(text: str, start: int, end: int) -> int:
    """Where the first letter or figure stands, or `end`."""
    letter = _LETTER.search(text, start, end)
    return letter.start() if letter else end


def _boundaries(text: str, start: int, end: int) -> Iterator[int]:
    """Where a sentence ends: after its mark and the quotes and brackets that close with it."""
    quoted = False
    mark_end = start  # quotes before this place were taken with the mark before them
    first, items = start, 0  # where the sentence starts, and the number of the list's last item
    for match in _MARK.finditer(text, start, end):
        at, after = match.span()
        if match[0] in '"“”':
            if at >= mark_end:
                quoted = _quoted(text, at, end, quoted)
            continue
        while after < end and text[after] in _CLOSERS:
            if text[after] == '"':
                if not _closes(text, after, end, quoted):
                    break
                quoted = False
            elif text[after] in "'’" and text[after + 1 : after + 2].isalpha():
                break
            after += 1
        mark_end = after
        if after == end:
            continue
        stop = _stop(text, (start, end), first, match.span(), after)
        number = _item(text, stop, items, end)
        if number is None:
            if _ends(text, stop, end):
                yield after
                first = after
            continue
        if 1 < number == items + 1 and _said(stop.before)[-1:] not in ("", ":", ";"):
            # "1. KTP asli 2. Kartu keluarga": an item ends where the next one's number stands.
            first = at - len(stop.own)
            yield first
        items = number or items


def _quoted(text: str, at: int, end: int, quoted: bool) -> bool:
    """Whether the text after the quote mark at `at` stands in quotes."""
    if text[at] != '"':
        return text[at] == "“"
    return not _closes(text, at, end, quoted)


def _closes(text: str, at: int, end: int, quoted: bool) -> bool:
    """Whether the straight quote mark at `at` closes: by the spaces around it, else by what is open."""
    spaced_before = at == 0 or text[at - 1].isspace() or text[at - 1] in "([“‘"
    spaced_after = at + 1 >= end or text[at + 1].isspace() or text[at + 1] in ".,;:!?)]”’"
    if spaced_before != spaced_after:
        return spaced_after
    # Both sides touch (`usai."Kami`) or neither does (`usai. " Kami`): then the one that is open closes.
    return quoted and not spaced_before


_TOKEN = re.compile(r"[^\s\"“”‘()\[\]]*\Z")
"""The word that an end mark touches."""
_NEXT = re.compile(r"[\"“‘'«(\[¿¡]*([^\W_]?)([\w'’.-]*)")
"""The next word, with what opens before it: its first letter, and the rest."""


@dataclass(frozen=True, slots=True)
class _Stop:
    """An end mark at `at:marked`, closed by quotes and brackets up to `after`, and the words around it.

    `follows` is where the next word starts, with what opens before it; `letter` and `rest` are that word;
    without a letter a sign follows. `token` touches the mark, and `own` is what of it this sentence has;
    `before` is the sentence before that, its last characters. `single` tells a full stop from other marks.
    """

    at: int
    marked: int
    after: int
    follows: int
    token: str
    own: str
    before: str
    letter: str
    rest: str
    single: bool

    @property
    def word(self) -> str:
        """The next word without the marks behind it."""
        return (self.letter + self.rest).rstrip(".-'’")

    @property
    def abbreviates(self) -> bool:
        """Whether the sentence goes on, since the stop is an abbreviation's."""
        return goes_on(self.own, self.word, self.before)


def _stop(text: str, paragraph: tuple[int, int], first: int, mark: tuple[int, int], after: int) -> _Stop:
    (start, end), (at, marked) = paragraph, mark
    space = _SPACES.match(text, after, min(end, after + 1000))
    follows = space.end() if space else after
    opening = _NEXT.match(text, follows, min(end, follows + _AHEAD))
    letter, rest = (opening[1], opening[2]) if opening else ("", "")
    token_match = _TOKEN.search(text, max(start, at - _BACK), at)
    token = token_match[0] if token_match else ""
    own = token[max(0, first - at + len(token)) :]
    before = text[max(first, at - _BACK) : at - len(own)]
    return _Stop(at, marked, after, follows, token, own, before, letter, rest, text[at:marked] == ".")


def _ends(text: str, stop: _Stop, end: int) -> bool:
    """Whether a sentence ends with this mark."""
    glued = stop.follows == stop.after
    if not stop.letter:
        # A dash, an emoji, a symbol: of the next sentence where there is a space, of this one where not.
        return not glued and stop.after < end
    if glued:
        return _ends_without_space(text, stop)
    if stop.letter.islower() and not _LABEL.match(text, stop.follows, end):
        # `kode etik. nah itu bertentangan`, but not `"Siap?" tanya dia` or `dll. dan`.
        plain = stop.single and stop.after == stop.marked and stop.token.isalpha() and len(stop.token) > 3
        return plain and not stop.abbreviates
    if not stop.single:
        return True
    if stop.after > stop.marked:
        return not _in_brackets(text, stop)
    return not stop.abbreviates


def _in_brackets(text: str, stop: _Stop) -> bool:
    """Whether an abbreviation ends in brackets in the midst of a sentence: `Brigjen (Purn.) Harun`."""
    if text[stop.marked : stop.after].strip(")]") or begins(stop.word):
        return False
    opened = max(stop.before.rfind("("), stop.before.rfind("["))
    return opened > 0 and known(stop.own, stop.before)


def _ends_without_space(text: str, stop: _Stop) -> bool:
    """Whether a sentence ends with a mark that the next word touches: `kasus ini.Menurut`, but not
    `GELORA.CO`, `M.Si` or `1.500`."""
    letter, rest, token, follows = stop.letter, stop.rest, stop.token, stop.follows
    word = letter + rest
    before = text[stop.at - 1 : stop.at]
    closed = before in {")", "]", '"', "”", "’", "'", "%"}
    if letter.isdigit():
        return closed and word.isdigit()
    if not letter.isupper() or goes_on(stop.own, word, stop.before):
        return False
    if stop.marked < follows or text[follows] in _OPENERS:
        return bool(token) or closed
    if word.lower() in DOMAINS and not text[follows + len(word) : follows + len(word) + 1].isspace():
        return False
    capitalised = rest[:1].islower() and (len(rest) > 1 or word.lower() in STARTERS)
    if not stop.single:
        return capitalised
    if ("." in token and "/" in token) or "@" in token[1:] or token.lower().startswith("www"):
        return False
    if capitalised:
        return closed or before.isdigit() or len(token.strip(".-")) > 1
    # `tersebut.PT Bumi`, `he said.I was`: capitals begin a sentence after a plain word only.
    shouted = word.isupper() and (len(word) > 1 or word in {"A", "I"})
    return shouted and token[-3:].islower() and word.lower() not in DOMAINS


# --- lists inside a line --------------------------------------------------------------------------

_ITEM = re.compile(r"\d{1,3}|[a-zA-Z]|[ivx]{1,4}")
"""The number or letter of a list's item."""
_LABEL = re.compile(r"(?:[a-z]|[ivx]{1,4})[.)]\s{1,3}[^\W\da-z_]")
"""A letter or Roman number that begins an item."""
_SECOND = re.compile(r"\s2\.\s{1,3}[^\W\d_]")
"""The second item of a list."""
_FAR = 400
"""Characters after a first item within which a second one must stand to make a list of them."""


def _item(text: str, stop: _Stop, items: int, end: int) -> int | None:
    """The number of a list's item whose mark this is, `1. Siapkan …`, 0 for a letter; None for other marks.

    A number is an item's at the start of a sentence and after a colon. In the midst of one it is the item's
    that comes after `items`, the last one, or the first if a second follows.
    """
    number = stop.own.rsplit(":", 1)[-1]
    if stop.own[: -len(number) - 1][-1:].isdigit():
        return None  # 07:30 and 3:2
    if not (stop.single and stop.after == stop.marked and stop.letter and _ITEM.fullmatch(number)):
        return None
    value = int(number) if number.isdecimal() else 0
    if number != stop.own or _said(stop.before)[-1:] in ("", ":", ";"):
        return None if stop.follows == stop.after and not value else value
    if not (value and stop.letter.isupper() and stop.follows > stop.after):
        return None
    listed = (
        value == items + 1 if items else value == 1 and _SECOND.search(text, stop.after, stop.after + _FAR)
    )
    return value if listed and last_word(stop.before).lower() not in COUNTED else None


def _said(before: str) -> str:
    """The text of a sentence before an item's number, without bullets and opening marks."""
    return before.rstrip(' \t\n*•-–—("“‘«')
