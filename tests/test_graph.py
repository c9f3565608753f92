"""A graph of Chroma that is not whole is refused before Chroma reads it, since it could end the process."""

from __future__ import annotations

import math
import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag.cutting.article import Window
from rag.errors import StoreError
from rag.ingest import ingest
from rag.store import soundness
from rag.store.archive import Archive
from rag.store.graph import _HEADER, check
from rag.store.projections import Projections
from rag.store.vectors import VectorIndex
from tests.conftest import HashEmbedder, source

DIMENSIONS = 8
ELEMENT = 4 + 32 * 4 + DIMENSIONS * 4 + 8
LEVEL = 4 + 16 * 4
FIRST, SECOND = 260, 200
"""Vectors that are added at once: Chroma writes its graph after each of both."""


def vectors(number: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(number, DIMENSIONS)).astype(np.float32)


def grow(folder: Path, start: int, number: int, remove: range = range(0)) -> None:
    index = VectorIndex(folder, "kutip-test")
    index.apply(list(remove), list(range(start, start + number)), vectors(number, start))
    index.close()


def graph(folder: Path) -> Path:
    return next(folder.glob("*/header.bin")).parent


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same Chroma after the first vectors, and after the second."""
    folder = tmp_path_factory.mktemp("stages")
    grow(folder / "second", 0, FIRST)
    shutil.copytree(folder / "second", folder / "first")
    grow(folder / "second", FIRST, SECOND)
    return folder / "first", folder / "second"


@pytest.fixture
def whole(stages: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of the later one, to damage."""
    shutil.copytree(stages[1], tmp_path / "whole")
    return tmp_path / "whole"


def refused(folder: Path) -> bool:
    """Whether the graph is refused, both when it is checked and when the index is opened."""
    try:
        check(folder)
    except StoreError:
        with pytest.raises(StoreError, match="its graph"):
            VectorIndex(folder, "kutip-test")
        return True
    return False


# What is whole


def test_a_graph_that_chroma_wrote_is_taken_after_whatever_was_done_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    index = VectorIndex(folder, "kutip-test")
    check(folder)
    index.apply([], [0], vectors(1))
    check(folder)
    index.apply([], list(range(1, 150)), vectors(149, 1))
    check(folder)
    # Deleted ones stay in the graph; a key that comes back gets another place.
    index.apply(list(range(140)), list(range(60)), vectors(60, 2))
    index.query(vectors(1)[0], 5)
    check(folder)
    index.apply(list(range(150)), [], np.empty((0, DIMENSIONS), np.float32))
    index.query(vectors(1)[0], 5)
    index.close()
    check(folder)
    # More than it had room for.
    grow(folder, 1_000, 700)
    check(folder)
    index = VectorIndex(folder, "kutip-test")
    assert index.count() == 700
    index.close()


def test_one_that_holds_a_single_element_or_none_that_is_left_is_taken(tmp_path: Path) -> None:
    for number in (1, 100, 101):
        folder = tmp_path / str(number)
        grow(folder, 0, number)
        check(folder)
        grow(folder, 0, 0, range(number))
        check(folder)


# What a kill leaves: some files, or a part of one, of before, the others of after


FILES = ("header.bin", "data_level0.bin", "length.bin", "link_lists.bin")
"""In the order in which Chroma writes them."""


@pytest.mark.parametrize("written", range(1, len(FILES)))
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_graph_that_was_being_written_is_refused(
    stages: tuple[Path, Path], tmp_path: Path, written: int, share: float
) -> None:
    shutil.copytree(stages[0], tmp_path / "torn")
    new, torn = graph(stages[1]), graph(tmp_path / "torn")
    for name in FILES[:written]:
        shutil.copyfile(new / name, torn / name)
    # Of the next one only the beginning is new.
    data, old = (new / FILES[written]).read_bytes(), (torn / FILES[written]).read_bytes()
    kept = int(len(data) * share)
    (torn / FILES[written]).write_bytes(data[:kept] + old[kept:])
    assert refused(tmp_path / "torn")


@pytest.mark.parametrize("new", range(1, 15))
def test_no_mixture_of_two_graphs_ends_the_process(
    stages: tuple[Path, Path], tmp_path: Path, new: int
) -> None:
    shutil.copytree(stages[0], tmp_path / "mixed")
    for bit, name in enumerate(FILES):
        if new >> bit & 1:
            shutil.copyfile(graph(stages[1]) / name, graph(tmp_path / "mixed") / name)
    if not refused(tmp_path / "mixed"):
        index = VectorIndex(tmp_path / "mixed", "kutip-test")
        for vector in vectors(20, 5):
            index.query(vector, 50)
        index.close()


# What a disk loses


def patch(path: Path, place: int, form: str, *values: float) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(struct.pack(form, *values))


def header(**fields: float) -> Callable[[Path], None]:
    """Changes fields of the header."""
    names = "version start room count size label vector top entry links most again mult width".split()

    def damage(folder: Path) -> None:
        path = folder / "header.bin"
        values = dict(zip(names, _HEADER.unpack(path.read_bytes()), strict=True))
        path.write_bytes(_HEADER.pack(*(values | fields).values()))

    return damage


def cut(name: str, share: float) -> Callable[[Path], None]:
    return lambda folder: os.truncate(folder / name, int((folder / name).stat().st_size * share))


def noise(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / name
        path.write_bytes(np.random.default_rng(0).bytes(path.stat().st_size))

    return damage


def element(number: int, place: int, form: str, value: int) -> Callable[[Path], None]:
    """Changes a number in an element of the lowest level."""
    return lambda folder: patch(folder / "data_level0.bin", number * ELEMENT + place, form, value)


def upper(change: Callable[[Path, int, int], None]) -> Callable[[Path], None]:
    """Changes the links of the first element that has upper levels: given the file, its place and level."""

    def damage(folder: Path) -> None:
        path = folder / "link_lists.bin"
        data = path.read_bytes()
        at = 0
        while not (size := struct.unpack_from("<I", data, at)[0]) or not data[at + 4]:
            at += 4 + size
        change(path, at, size // LEVEL)

    return damage


def to_the_lowest(path: Path, at: int, level: int) -> None:
    """A link to an element that is there, and not on this level."""
    data = path.read_bytes()
    place = element = 0
    while size := struct.unpack_from("<I", data, place)[0]:
        place += 4 + size
        element += 1
    patch(path, at + 8, "<I", element)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "another version": header(version=2),
    "more elements than there are": header(count=FIRST + SECOND + 1),
    "far more elements than there are": header(count=1 << 40, room=1 << 41),
    "more elements than there is room for": header(room=FIRST),
    "room for more than any memory": header(room=1 << 33),
    "no element, and an entry point": header(count=0),
    "larger elements": header(size=ELEMENT + 4),
    "smaller vectors": header(size=ELEMENT - 16, label=ELEMENT - 24),
    "an entry point that is not there": header(entry=FIRST + SECOND),
    "an entry point that is far away": header(entry=0xFFFF_FFFE),
    "a level above the entry point's": header(top=9),
    "no level": header(top=-1),
    "more links": header(links=17),
    "fewer links, and all that follows from it": header(
        links=8, again=8, most=16, mult=1 / math.log(8), vector=68
    ),
    "another chance of a level": header(mult=1e9),
    "no candidates": header(width=0),
    "header cut": cut("header.bin", 0.8),
    "header empty": cut("header.bin", 0),
    "elements cut": cut("data_level0.bin", 0.9),
    "lengths cut": cut("length.bin", 0.5),
    "upper levels cut": cut("link_lists.bin", 0.97),
    "upper levels gone": cut("link_lists.bin", 0),
    "elements are noise": noise("data_level0.bin"),
    "upper levels are noise": noise("link_lists.bin"),
    "header is noise": noise("header.bin"),
    "a link out of range": element(100, 4, "<I", FIRST + SECOND),
    "a link far out of range": element(7, 8, "<I", 0xFFFF_FFF0),
    "too many links": element(100, 0, "<H", 33),
    "far too many links": element(459, 0, "<H", 0xFFFF),
    "an unknown mark": element(100, 2, "<H", 0x8000),
    "a label of zero": element(100, ELEMENT - 8, "<Q", 0),
    "a label of another": element(100, ELEMENT - 8, "<Q", 7),
    "a label out of range": element(100, ELEMENT - 8, "<Q", 1 << 40),
    "an upper link out of range": upper(lambda path, at, _: patch(path, at + 8, "<I", FIRST + SECOND)),
    "an upper link to a lower level": upper(to_the_lowest),
    "too many upper links": upper(lambda path, at, _: patch(path, at + 4, "<I", 17)),
    "an element without its upper levels": upper(lambda path, at, _: patch(path, at, "<I", 0)),
    "an element with more upper levels": upper(lambda path, at, level: patch(path, at, "<I", 70 * LEVEL)),
    "an element with half a level": upper(lambda path, at, _: patch(path, at, "<I", LEVEL // 2)),
    "a folder in a file's place": lambda folder: (
        (folder / "link_lists.bin").unlink(),
        (folder / "link_lists.bin").mkdir(),
    )[0],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_graph_that_leads_out_of_its_memory_is_refused(whole: Path, damage: Callable[[Path], None]) -> None:
    damage(graph(whole))
    assert refused(whole)


@pytest.mark.parametrize("damage", ["elements are noise", "upper levels gone", "header is noise"])
def test_a_disk_that_loses_bytes_of_a_graph_costs_no_question_and_no_process(
    tmp_path: Path,
    archive: Archive,
    embedder: HashEmbedder,
    window: Window,
    monkeypatch: pytest.MonkeyPatch,
    damage: str,
) -> None:
    # Nothing tells of it: size and times stay, and the files are not due to be read.
    monkeypatch.setattr(soundness, "appearance", lambda path: [path.stat().st_mtime_ns])
    list(ingest([source(f"Kucing tidur. Nomor {n}.", str(n)) for n in range(260)], archive, embedder, window))
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    projections.close()
    for path in (tmp_path / "p").glob("g*/chroma/*/header.bin"):
        times = {each: each.stat().st_mtime_ns for each in path.parent.iterdir()}
        DAMAGES[damage](path.parent)
        for each, time in times.items():
            os.utime(each, ns=(time, time))
    said: list[str] = []
    projections = Projections(tmp_path / "p", archive, say=said.append)
    projections.catch_up()
    key, vector = next(iter(archive.vectors([7]).items()))
    assert key in {found for found, _ in projections.query(vector, 10)}
    assert len(said) == 1
    assert "its graph" in said[0]
    projections.close()


def test_a_key_that_a_disk_has_spoiled_is_an_error_of_the_store(whole: Path) -> None:
    record = graph(whole) / "index_metadata.pickle"
    data = record.read_bytes()
    for key in range(100, 200):
        data = data.replace(b"\x03\x00\x00\x00%d" % key, b"\x03\x00\x00\x00x%02d" % (key - 100))
    record.write_bytes(data)
    index = VectorIndex(whole, "kutip-test")
    with pytest.raises(StoreError, match="searched"):
        index.query(vectors(1)[0], 200)
    index.close()
