"""Turns text into the terms that the lexical index, the lexicon and overlap scores share.

Source: Snowball's Indonesian (Tala 2003) and English (Porter 2) stemmers.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

from Stemmer import Stemmer

from rag.types import Language

_WORD = re.compile(r"\d++(?:[.,/:]\d++)*+|[^\W\d_]+(?:['’][^\W\d_]+)?|\d+[^\W_]*")
"""A word or a number. A number keeps its inner marks (1.800, 22/10/2025, 3,5), so that an amount or a date
is one term."""
_CLITIC = re.compile(r"['’](?:s|t|re|ve|ll|d|m)$")
"""An ending that a word loses: Russia's, they've."""
_APOSTROPHE = re.compile(r"['’]")
"""An apostrophe, which a word loses: Ma'ruf and Qur'an are written with and without it."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
"""A run of characters that may need folding."""

_NAMES: dict[Language, str] = {"id": "indonesian", "en": "english"}
"""Snowball's names of the languages."""
_local = threading.local()
"""Each thread's own stemmers, since a stemmer has a cursor inside."""


def words(text: str) -> list[str]:
    """The words and numbers of a text, lower-cased, accents folded, in order."""
    # A character is folded by itself, so that ASCII, which is most of a text, can be left as it is.
    plain = _NOT_ASCII.sub(lambda match: _folded(match[0]), text.lower())
    return [_marks_off(word) if "'" in word or "’" in word else word for word in _WORD.findall(plain)]


@lru_cache(maxsize=1 << 14)
def _folded(run: str) -> str:
    """Removes accents, and replaces compatibility characters by what they stand for."""
    return "".join(c for c in unicodedata.normalize("NFKD", run) if not unicodedata.combining(c))


def _marks_off(word: str) -> str:
    return _APOSTROPHE.sub("", _CLITIC.sub("", word))


@lru_cache(maxsize=1 << 17)
def stem(word: str, language: Language) -> str:
    """The stem of one lower-case word; a number stays as it is."""
    if not word.isalpha():
        return word
    stemmers = _local.__dict__.setdefault("stemmers", {})
    if language not in stemmers:
        # Without its own cache: this function has one.
        stemmers[language] = Stemmer(_NAMES[language], 0)
    return str(stemmers[language].stemWord(word))


def stems(text: str, language: Language) -> list[str]:
    """The terms of a text, in order, stop words included."""
    return [stem(word, language) for word in words(text)]
