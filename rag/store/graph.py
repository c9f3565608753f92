"""Whether the files of Chroma's graph can be read without harm.

Chroma's core (hnswlib, as Chroma keeps it) follows every number that these files hold without a look at it,
and a number that is wrong can end the process. It writes them one after the other: the header, the elements,
the lengths, the upper levels' links. So a process that is killed meanwhile leaves a header that counts
elements that are not there, and a disk can lose bytes of any of them. What is read here is the structure, not
the vectors: an eighth of the bytes at 256 dimensions.

header.bin        14 numbers (`_HEADER`)
data_level0.bin   for each element: how many links, the links, the vector, the label
length.bin        for each element: the vector's length before it was scaled to 1
link_lists.bin    for each element: the size of its upper levels in bytes; for each level how many links, and
                  the links
"""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.errors import StoreError

Words = npt.NDArray[np.uint32]

_HEADER = struct.Struct("<i6QiI3QdQ")
_VERSION = 1
_WIDTH = 100
"""Candidates that are looked at for the links of a new element: Chroma's default, which Kutip keeps."""
_WORD = 4
"""Bytes of a link, of a number of links, and of a dimension."""
_LABEL = 8
"""Bytes of a label."""
_DELETED = 1 << 16
"""Added to the number of links of an element that was deleted."""
_NONE = 0xFFFF_FFFF
"""The entry point of an empty graph."""
_ROOM = 1 << 16
"""Elements for which there may be room, and labels, besides four times as many as there are elements: the
room grows to a power of two, and labels are counted from one."""


def check(folder: Path) -> None:
    """Raises StoreError where the graph of a Chroma in this folder is not whole, so that Chroma must not open
    it. A graph that Chroma has not written yet is."""
    for header in folder.glob("*/header.bin"):
        try:
            _check(header.parent)
        except (OSError, ValueError) as error:
            raise StoreError(f"its graph cannot be read ({error})") from error


def _check(folder: Path) -> None:
    header = (folder / "header.bin").read_bytes()
    # Chroma reads a header that is cut as if nothing were missing.
    _hold(len(header) == _HEADER.size, "header is cut")
    version, start, room, count, size, label, vector, top, entry, links, most, again, mult, width = (
        _HEADER.unpack(header)
    )
    _hold((version, start, again, width) == (_VERSION, 0, links, _WIDTH), "header is wrong")
    _hold(links > 1 and most == 2 * links and mult == 1 / math.log(links), "header is wrong")
    _hold(vector == _WORD * (1 + most) and size == label + _LABEL, "header is wrong")
    _hold(label > vector and (label - vector) % _WORD == 0, "header is wrong")
    _hold(count <= room <= _most(count), "header is wrong")
    if count == 0:
        _hold((top, entry) == (-1, _NONE), "header is wrong")
        return
    _hold(top >= 0 and entry < count, "entry point is wrong")
    _hold((folder / "length.bin").stat().st_size >= _WORD * count, "lengths are cut")
    _check_elements(folder / "data_level0.bin", count, size, label, most)
    levels = _check_upper(folder / "link_lists.bin", count, links, top)
    _hold(levels[entry] == top, "entry point is wrong")


def _check_elements(path: Path, count: int, size: int, label: int, most: int) -> None:
    """Checks the lowest level: `count` elements of `size` bytes, each with up to `most` links and, at
    `label`, its label."""
    _hold(path.stat().st_size >= count * size, "elements are cut")
    data = np.memmap(path, np.uint8, "r", shape=(count * size,))
    rows: Words = np.ndarray((count, 1 + most), np.uint32, data, strides=(size, _WORD))
    _hold(bool((rows[:, 0] & ~np.uint32(_DELETED) <= most).all()), "elements have too many links")
    # What is behind the last link is zero or a link of before.
    _hold(bool(rows[:, 1:].max() < count), "links lead nowhere")
    labels = np.ndarray((count,), np.uint64, data, label, strides=(size,))
    _hold(bool(labels.min() > 0 and labels.max() <= _most(count)), "labels are wrong")
    _hold(bool(np.bincount(labels.astype(np.intp)).max() == 1), "labels are wrong")


def _check_upper(path: Path, count: int, most: int, top: int) -> Words:
    """Checks the levels above the lowest, with up to `most` links each; returns the level of each element."""
    words: Words = np.fromfile(path, np.uint32)
    step = 1 + most
    starts, owners = _blocks(words, count, step * _WORD, top)
    levels: Words = np.zeros(count, np.uint32)
    levels[owners] = words[starts] // (step * _WORD)
    # One row for each level of each element.
    height = levels[owners].astype(np.intp)
    first = np.repeat(starts + 1, height)
    level = np.arange(len(first)) - np.repeat(np.cumsum(height) - height, height)
    rows = words[(first + level * step)[:, np.newaxis] + np.arange(step)]
    _hold(bool((rows[:, 0] <= most).all()), "elements have too many links")
    links = rows[:, 1:]
    _hold(bool((links < count).all()), "links lead nowhere")
    # An element that is not on this level has no memory for its links there.
    used = np.arange(most) < rows[:, :1]
    _hold(bool((~used | (levels[links] > level[:, np.newaxis])).all()), "links lead to a lower level")
    return levels


def _blocks(
    words: Words, count: int, level: int, top: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where the elements that have upper levels begin in the file, and which ones they are. `level`: bytes of
    one level."""
    end = len(words)
    # Most elements are one zero; `after` goes from any place to the next word that is not.
    filled = np.full(end + 1, end, np.uint32)
    here = np.flatnonzero(words)
    filled[here] = here
    after, sizes = np.minimum.accumulate(filled[::-1])[::-1].data, words.data
    starts, owners = [], []
    at = element = 0
    while at < end:
        begin = after[at]
        element += begin - at
        at = begin
        if element >= count or begin == end:
            break
        size = sizes[begin]
        _hold(size % level == 0 and size <= level * top, "levels are wrong")
        starts.append(begin)
        owners.append(element)
        element += 1
        at = begin + 1 + size // _WORD
    _hold(element >= count and at <= end, "upper levels are cut")
    return np.array(starts, np.intp), np.array(owners, np.intp)


def _most(count: int) -> int:
    return 4 * count + _ROOM


def _hold(true: bool, what: str) -> None:
    if not true:
        raise StoreError(f"its graph's {what}")
