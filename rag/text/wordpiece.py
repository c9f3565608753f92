"""Text to WordPiece tokens with their places in the text, exactly as llama.cpp splits it. Pure.

Follows llama.cpp's WPM tokeniser: every character becomes the first of its canonical decomposition and
lower case, marks and control characters go, white space parts words, punctuation, ASCII symbols and
Chinese characters stand alone, and each word is the longest known pieces from its left (Wu et al. 2016,
"Google's Neural Machine Translation System", section 4.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""The special tokens of BERT's vocabularies, in their places."""
PAD, UNK, CLS, SEP, MASK = range(5)
"""The ids of the special tokens."""
PASSAGE_TOKENS = 300
"""The most tokens of a passage; ingest cuts chunks so that they fit."""
_BLOB = re.compile("[^\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
"""A run of characters without white space. The set is Unicode's White_Space; Python's \\s also has U+001C to
U+001F."""
_PLAIN = re.compile("[\t-\r -~]*")
"""Printable ASCII and white space."""
_PLAIN_WORD = re.compile(r"[A-Za-z0-9]+|[^A-Za-z0-9\s]")
"""A word of ASCII text, or a sign that stands alone."""
_CHINESE = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
"""The blocks of Chinese characters, from first to last code point."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Token ids and, for each, its first and past-the-last character in the text."""

    ids: list[int]
    starts: list[int]
    ends: list[int]


@lru_cache(maxsize=1 << 14)
def folded(char: str) -> tuple[str, bool]:
    """(the character as a token spells it, or nothing; whether it is a word of its own)."""
    base = unicodedata.normalize("NFD", char)[0]
    category = unicodedata.category(base)
    if base == "\ufffd" or category[0] == "M" or category in ("Cc", "Cf", "Co", "Cs"):
        return "", False
    code = ord(base)
    alone = (
        category[0] == "P"
        or (code < 0x7F and category[0] == "S")
        or any(low <= code <= high for low, high in _CHINESE)
    )
    return base.lower()[0], alone


def words(blob: str) -> Iterator[tuple[str, list[int]]]:
    """The words of a stretch without white space, each with the places of its characters."""
    letters, places = "", list[int]()
    for place, char in enumerate(blob):
        letter, alone = folded(char)
        if not letter:
            continue
        if alone:
            if letters:
                yield letters, places
            yield letter, [place]
            letters, places = "", []
        else:
            letters += letter
            places.append(place)
    if letters:
        yield letters, places


class WordPiece:
    """A vocabulary in BERT's spelling (`##` before a piece inside a word); ids are places in it."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self.vocabulary = tuple(vocabulary)
        self.ids = {token: index for index, token in enumerate(vocabulary)}
        self.longest = max(map(len, vocabulary))
        self._known: dict[str, tuple[tuple[int, int, int], ...]] = {}
        self._length = lru_cache(maxsize=1 << 16)(lambda word: len(self.word(word.lower())))

    def word(self, letters: str) -> list[tuple[int, int, int]]:
        """(id, start, end) of a word's pieces; one unknown token if a part of it is not known."""
        found, start = [], 0
        while start < len(letters):
            mark = "##" if start else ""
            for end in range(min(len(letters), start + self.longest), start, -1):
                token = self.ids.get(mark + letters[start:end])
                if token is not None:
                    found.append((token, start, end))
                    start = end
                    break
            else:
                return [(UNK, 0, len(letters))]
        return found

    def _blob(self, blob: str) -> tuple[tuple[int, int, int], ...]:
        known = self._known.get(blob)
        if known is None:
            known = tuple(
                (token, places[start], places[end - 1] + 1)
                for letters, places in words(blob)
                for token, start, end in self.word(letters)
            )
            if len(self._known) < 1 << 18:
                self._known[blob] = known
        return known

    def count(self, text: str) -> int:
        """How many tokens `encode` would give."""
        # Plain ASCII needs no folding, and its words are fewer than its blobs, so most are known.
        if _PLAIN.fullmatch(text):
            return sum(map(self._length, _PLAIN_WORD.findall(text)))
        return sum(
            self.count(blob) if _PLAIN.fullmatch(blob) else len(self._blob(blob))
            for blob in _BLOB.findall(text)
        )

    def encode(self, text: str) -> Pieces:
        """The tokens of a text, without `[CLS]` and `[SEP]`."""
        pieces = Pieces([], [], [])
        for match in _BLOB.finditer(text):
            place = match.start()
            for token, start, end in self._blob(match.group()):
                pieces.ids.append(token)
                pieces.starts.append(place + start)
                pieces.ends.append(place + end)
        return pieces
