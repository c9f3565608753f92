from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from rag.cutting.article import Window
from rag.errors import StoreBusy, StoreError
from rag.ingest import ingest
from rag.search.query import Term
from rag.store import soundness
from rag.store.archive import Archive
from rag.store.projections import Projections
from rag.store.schema import STEPS, migrate
from rag.store.soundness import search
from tests.conftest import HashEmbedder, source


def add(
    archive: Archive, embedder: HashEmbedder, window: Window, *ids: str, text: str = "Kucing tidur."
) -> None:
    list(ingest([source(f"{text} Nomor {id}.", id) for id in ids], archive, embedder, window))


def held(projections: Projections) -> tuple[set[int], set[int]]:
    return projections.vectors.keys(), projections.lexical.keys()


def wanted(archive: Archive) -> set[int]:
    return archive.keys_until(archive.change())


def test_catching_up_takes_what_came_and_drops_what_went(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    projections = Projections(tmp_path / "p", archive)
    assert projections.catch_up() == 0
    add(archive, embedder, window, "a", "b", "c")
    projections.catch_up()
    assert held(projections) == (wanted(archive), wanted(archive))
    archive.remove("b")
    add(archive, embedder, window, "a", text="Anjing lari.")
    assert projections.lag() == 2
    projections.catch_up()
    assert projections.lag() == 0
    assert held(projections) == (wanted(archive), wanted(archive))
    projections.close()


def test_while_more_comes_in_each_index_waits_for_as_much_as_it_is_told(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    projections = Projections(tmp_path / "p", archive)
    add(archive, embedder, window, "a", "b")
    assert projections.catch_up(least={"vectors": 3, "lexical": 3}) == 0
    assert projections.catch_up(least={"vectors": 2, "lexical": 3}) == 2
    assert held(projections) == (wanted(archive), set())
    assert not projections.whole
    add(archive, embedder, window, "c")
    assert projections.catch_up(least={"vectors": 2, "lexical": 3}) == 3
    assert len(projections.vectors.keys()) == 2
    projections.catch_up()
    assert projections.whole
    assert held(projections) == (wanted(archive), wanted(archive))
    projections.close()


def test_what_one_thread_opened_another_closes_as_it_should_be(tmp_path: Path, archive: Archive) -> None:
    opened: list[Projections] = []
    thread = threading.Thread(target=lambda: opened.append(Projections(tmp_path / "p", archive)))
    thread.start()
    thread.join()
    opened[0].close()
    state = (tmp_path / "p" / (tmp_path / "p" / "current").read_text()).with_suffix(".json")
    assert '"clean": true' in state.read_text()
    Projections(tmp_path / "p", archive).close()


def test_what_was_committed_while_closed_is_taken_when_opened(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    add(archive, embedder, window, "a")
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    projections.close()
    add(archive, embedder, window, "b")
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    assert held(projections) == (wanted(archive), wanted(archive))
    projections.close()


@pytest.mark.parametrize("part", ["chroma", "lexical", "state", "."])
def test_projections_that_were_deleted_are_built_again_without_embedding(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, window: Window, part: str
) -> None:
    add(archive, embedder, window, "a", "b")
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    projections.close()
    embedded = embedder.embedded
    folder = tmp_path / "p" / (tmp_path / "p" / "current").read_text()
    target = folder.with_suffix(".json") if part == "state" else folder / part
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    said: list[str] = []
    projections = Projections(tmp_path / "p", archive, say=said.append)
    projections.catch_up()
    assert held(projections) == (wanted(archive), wanted(archive))
    stored = archive.vectors(sorted(wanted(archive)))
    assert all(np.allclose(vector, stored[key], atol=1e-6) for key, vector in projections.vectors.vectors())
    assert embedder.embedded == embedded
    assert len(said) == (part in ("chroma", "lexical"))
    projections.close()


def test_an_archive_of_the_first_schema_is_upgraded_and_its_chunks_found_by_their_words(
    tmp_path: Path, window: Window, embedder: HashEmbedder
) -> None:
    db = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    migrate(db, STEPS[:1])
    db.executescript(f"""
        INSERT INTO meta VALUES ('embedder', '{embedder.id}');
        INSERT INTO article (id, version) VALUES ('a', 1);
        INSERT INTO version VALUES ('a', 1, NULL, 'Kucing', '2023-09-05', 'id', 'Ia tidur.', '', '[]', '');
        INSERT INTO sentence VALUES ('a', 1, 0, 0, 9);
        INSERT INTO chunk VALUES (1, 'a', 1, 0, 0, 0, 1);
        INSERT INTO vector VALUES (1, x'{np.ones(32, np.float16).tobytes().hex()}');
        UPDATE change SET number = 1;
    """)
    db.close()
    archive = Archive(tmp_path / "old.db")
    add(archive, embedder, window, "b", text="Anjing lari.")
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    assert held(projections) == (wanted(archive), wanted(archive))
    for stem, key in (("kucing", 1), ("tidur", 1), ("september", 1), ("anjing", 2)):
        assert [found for found, _ in projections.lexical.search({"id": [(Term(stem),)]}, 5)] == [key]
    projections.close()
    archive.close()


def test_a_rebuild_leaves_one_generation(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    add(archive, embedder, window, "a")
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    steps: list[tuple[int, int]] = []
    projections.rebuild(lambda done, total: steps.append((done, total)))
    assert steps[-1] == (1, 1)
    assert held(projections) == (wanted(archive), wanted(archive))
    projections.close()
    assert len(list((tmp_path / "p").glob("g*"))) == 2  # its folder and its state


def _own(folder: Path, path: Path, ready: object, done: object) -> None:
    archive = Archive(path)
    projections = Projections(folder, archive)
    ready.set()  # type: ignore[attr-defined]
    done.wait()  # type: ignore[attr-defined]
    projections.close()


def test_a_second_process_is_told_who_owns_the_store(tmp_path: Path, archive: Archive) -> None:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    owner = context.Process(target=_own, args=(tmp_path / "p", archive.place, ready, done))
    owner.start()
    assert ready.wait(60)
    with pytest.raises(StoreBusy, match=f"process {owner.pid}"):
        Projections(tmp_path / "p", archive)
    done.set()
    owner.join(60)
    Projections(tmp_path / "p", archive).close()


GRAPH = 1_100
"""Chunks after which Chroma has written its graph."""


def left(folder: Path, archive: Archive, *, killed: bool) -> Path:
    """Projects the archive and closes, or leaves it as a kill does; the generation's folder."""
    projections = Projections(folder, archive)
    projections.catch_up()
    projections.close()
    generation = folder / (folder / "current").read_text()
    if killed:
        state = generation.with_suffix(".json")
        state.write_text(state.read_text().replace('"clean": true', '"clean": false'))
    return generation


def find_all(folder: Path, archive: Archive) -> None:
    """Projects the archive into a graph that finds each of its chunks: by chance Chroma's may not."""
    projections = Projections(folder, archive)
    projections.catch_up()
    stored = archive.vectors(sorted(wanted(archive)))
    while True:
        try:
            search(projections.vectors, stored)
            break
        except StoreError:
            projections.rebuild()
    projections.close()


def damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "noise":
        path.write_bytes(np.random.default_rng(0).bytes(len(data)))
    elif how == "zeroed":
        path.write_bytes(bytes(len(data)))
    else:
        path.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize("killed", [False, True], ids=["closed", "killed"])
@pytest.mark.parametrize("how", ["noise", "zeroed", "cut"])
@pytest.mark.parametrize("part", ["chroma/*/data_level0.bin", "chroma/chroma.sqlite3", "lexical/meta.json"])
def test_a_damaged_file_is_built_again_and_never_answers(
    tmp_path: Path,
    archive: Archive,
    embedder: HashEmbedder,
    window: Window,
    part: str,
    how: str,
    killed: bool,
) -> None:
    # The file of a graph that Chroma has not written yet may be zeros before it is damaged.
    add(archive, embedder, window, *map(str, range(GRAPH if part.endswith(".bin") else 120)))
    generation = left(tmp_path / "p", archive, killed=killed)
    paths = list(generation.glob(part))
    assert paths
    for path in paths:
        damage(path, how)
    said: list[str] = []
    projections = Projections(tmp_path / "p", archive, say=said.append)
    projections.catch_up()
    assert held(projections) == (wanted(archive), wanted(archive))
    stored = archive.vectors(sorted(wanted(archive)))
    assert all(np.allclose(vector, stored[key], atol=1e-6) for key, vector in projections.vectors.vectors())
    # After a kill Chroma may still have had all of it in its write-ahead log.
    assert len(said) == 1 or (killed and not said)
    projections.close()


def test_after_a_kill_a_vector_that_is_a_little_off_is_not_kept(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    add(archive, embedder, window, *map(str, range(GRAPH)))
    (path,) = left(tmp_path / "p", archive, killed=True).glob("chroma/*/data_level0.bin")
    key, stored = max(archive.vectors(sorted(wanted(archive))).items())
    content = bytearray(path.read_bytes())
    numbers = np.frombuffer(bytes(content[: len(content) // 4 * 4]), np.float32)
    # As it is, or scaled to length 1, which processors round differently.
    either = [each[np.abs(each).argmax()] for each in (stored, stored / np.linalg.norm(stored))]
    places = np.flatnonzero(np.isclose(numbers[:, None], either, rtol=1e-6, atol=0).any(1))
    assert len(places), f"the vector of chunk {key} is not in the graph's file"
    for place in places:
        # The last but one of the four bytes: a thousandth of the number, or less.
        content[4 * place + 1] ^= 8
    path.write_bytes(bytes(content))
    said: list[str] = []
    projections = Projections(tmp_path / "p", archive, say=said.append)
    projections.catch_up()
    assert said == ["The search index is rebuilt from the archive (it holds a wrong vector)."]
    projections.close()


@pytest.mark.parametrize(
    ("kept", "rebuilt"),
    [(48, True), (80, True), (100, False)],
    ids=["adding would end the process", "adding would lose it", "whole"],
)
def test_after_a_kill_a_graph_that_cannot_be_added_to_is_built_again(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, window: Window, kept: int, rebuilt: bool
) -> None:
    # Reading finds nothing wrong with such a header.
    add(archive, embedder, window, *map(str, range(GRAPH)))
    find_all(tmp_path / "p", archive)
    for path in left(tmp_path / "p", archive, killed=True).glob("chroma/*/header.bin"):
        os.truncate(path, kept)
    said: list[str] = []
    projections = Projections(tmp_path / "p", archive, say=said.append)
    add(archive, embedder, window, "one more")
    projections.catch_up()
    assert len(said) == rebuilt
    newest = max(wanted(archive))
    assert projections.vectors.query(archive.vectors([newest])[newest], 1)[0][0] == newest
    projections.close()
    assert not list((tmp_path / "p").glob("gtrial*"))


def test_files_that_were_copied_are_taken_as_they_are(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    add(archive, embedder, window, "a", "b")
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    projections.close()
    shutil.copytree(tmp_path / "p", tmp_path / "q", copy_function=shutil.copyfile)
    said: list[str] = []
    projections = Projections(tmp_path / "q", archive, say=said.append)
    assert (projections.catch_up(), said) == (0, [])
    projections.close()


def test_an_interrupt_ends_catching_up_after_the_batch_that_it_is_at(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.store.projections.BATCH", 1)
    add(archive, embedder, window, *map(str, range(40)))
    projections = Projections(tmp_path / "p", archive)
    interrupted = threading.Event()

    def interrupt(done: int, total: int) -> None:
        if not interrupted.is_set():
            interrupted.set()
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)

    # A shell that starts the suite in the background lets it ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            projections.catch_up(interrupt)
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(projections.lexical.keys()) < 40
    projections.catch_up()
    assert held(projections) == (wanted(archive), wanted(archive))
    projections.close()


# An index that is damaged without a change of size or time


def by_word(projections: Projections) -> set[int]:
    return {key for key, _ in projections.search({"id": [(Term("kucing"),)]}, 10)}


def zero_a_quarter(folder: Path, ending: str) -> None:
    """Zeroes a quarter of each such file in place; size and time stay."""
    paths = list(folder.rglob(f"*{ending}"))
    assert paths
    for path in paths:
        stat = path.stat()
        with path.open("r+b") as file:
            file.seek(stat.st_size // 4)
            file.write(bytes(max(1, stat.st_size // 4)))
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize("ending", [".idx", ".store", "data_level0.bin"])
@pytest.mark.parametrize("seen", [True, False], ids=["written by a program", "lost by the disk"])
def test_damage_that_keeps_size_and_time_heals_at_a_start(
    tmp_path: Path,
    archive: Archive,
    embedder: HashEmbedder,
    window: Window,
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
    seen: bool,
) -> None:
    if not seen:
        # The disk itself loses bytes: nothing tells, and the files are read again after a day.
        monkeypatch.setattr(soundness, "appearance", lambda path: [path.stat().st_size])
    add(archive, embedder, window, *"abcdefgh")
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    projections.close()
    zero_a_quarter(tmp_path / "p", ending)
    if not seen:
        monkeypatch.setattr(soundness, "CHECK_SECONDS", 0.0)
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    assert held(projections) == (wanted(archive), wanted(archive))
    assert by_word(projections) == wanted(archive)
    projections.close()


def test_an_index_that_fails_leaves_the_answer_to_the_other_and_is_built_again(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    add(archive, embedder, window, *"abcdefgh")
    said: list[str] = []
    projections = Projections(tmp_path / "p", archive, say=said.append)
    projections.catch_up()
    # While it is in use, what is damaged on the disk is damaged in memory too.
    zero_a_quarter(tmp_path / "p", ".store")
    assert by_word(projections) == set()
    assert not projections.sound
    assert projections.whole
    key, vector = next(iter(archive.vectors(sorted(wanted(archive))).items()))
    assert key in {found for found, _ in projections.query(vector, 8)}
    projections.catch_up()
    assert projections.sound
    assert by_word(projections) == wanted(archive)
    assert len(said) == 2
    projections.close()


class PanicException(BaseException):
    """As PyO3 makes it of a panic in Rust."""


PanicException.__module__ = "pyo3_runtime"


@pytest.mark.parametrize("name", ["query", "search"])
def test_a_panic_in_a_library_costs_one_search_and_no_more(
    tmp_path: Path,
    archive: Archive,
    embedder: HashEmbedder,
    window: Window,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    add(archive, embedder, window, "a", "b")
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    key, vector = next(iter(archive.vectors(sorted(wanted(archive))).items()))

    def panic(*given: object) -> None:
        raise PanicException("index out of bounds")

    with monkeypatch.context() as broken:
        if name == "query":
            broken.setattr(projections.vectors._collection, "query", panic)
            assert projections.query(vector, 1) == []
            assert not projections.whole
        else:
            broken.setattr(projections.lexical, "_hits", panic)
            assert by_word(projections) == set()
            assert projections.whole
    projections.catch_up()
    assert projections.whole
    assert projections.query(vector, 1)[0][0] == key
    assert by_word(projections) == wanted(archive)
    projections.close()


def test_what_a_search_has_failed_on_is_checked_at_the_next_start(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    add(archive, embedder, window, *"abcdefgh")
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    zero_a_quarter(tmp_path / "p", ".store")
    assert by_word(projections) == set()
    projections.close()
    said: list[str] = []
    projections = Projections(tmp_path / "p", archive, say=said.append)
    assert "rebuilt from the archive" in said[0]
    assert by_word(projections) == wanted(archive)
    projections.close()


def test_an_index_in_use_is_looked_at_once_a_day(
    tmp_path: Path,
    archive: Archive,
    embedder: HashEmbedder,
    window: Window,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add(archive, embedder, window, *"abcdefgh")
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    zero_a_quarter(tmp_path / "p", ".idx")
    monkeypatch.setattr(soundness, "CHECK_SECONDS", 0.0)
    projections.catch_up()
    assert by_word(projections) == wanted(archive)
    projections.close()
