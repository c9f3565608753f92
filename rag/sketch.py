"""A text's sketch: how alike two articles are, told without comparing their words. Pure.

MinHash (Broder, "On the resemblance and containment of documents", 1997) over runs of three words: the
share of equal minima estimates the share of runs that two texts have in common. Bands of two minima
find the texts that are worth comparing among very many (Leskovec et al., "Mining of Massive Datasets",
chapter 3). datasketch does the same, but brings scipy, which is larger than all the rest.
"""

from __future__ import annotations

import re
import zlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

RUN = 3
MINIMA, BAND = 96, 2
ALIKE = 0.3
"""The least likeness of copies. One word in ten changed leaves 0.57; two reports of one event by different
hands have under 0.15."""
_BLOCK = 4_096
_WORD = re.compile(r"\w+")


def sketch(text: str) -> bytes:
    """`MINIMA` numbers of 32 bits, little-endian; empty for a text without words."""
    words = _WORD.findall(text.lower())
    runs = [" ".join(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))] if words else []
    if not runs:
        return b""
    hashes = np.fromiter((zlib.crc32(run.encode()) for run in runs), np.uint64, len(runs))
    least = np.full(MINIMA, 0xFFFFFFFF, np.uint32)
    for at in range(0, len(hashes), _BLOCK):
        mixed = _mixed(hashes[at : at + _BLOCK, None] ^ _seeds()[None, :])
        np.minimum(least, (mixed >> np.uint64(32)).astype(np.uint32).min(axis=0), out=least)
    return least.astype("<u4").tobytes()


def bands(data: bytes) -> list[int]:
    """Texts that share one of these may be copies: of pairs with likeness 0.4 that is 0.9998, with 0.3
    0.99, with 0.02 0.02. Signed 64-bit numbers."""
    minima = np.frombuffer(data, "<u4").astype(np.uint64).reshape(-1, BAND)
    mixed = np.arange(len(minima), dtype=np.uint64)
    for column in minima.T:
        mixed = _mixed(mixed ^ column)
    return [int(number) for number in mixed.view(np.int64)]


def likeness(one: bytes, other: bytes) -> float:
    """The share of runs of words that two texts have in common, 0 to 1, give or take 0.05."""
    if not one or not other:
        return 0.0
    return float((np.frombuffer(one, "<u4") == np.frombuffer(other, "<u4")).mean())


@cache
def _seeds() -> NDArray[np.uint64]:
    return _mixed(np.arange(1, MINIMA + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finisher (Steele et al., 2014): every bit depends on all."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
