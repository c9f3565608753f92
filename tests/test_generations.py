from __future__ import annotations

from pathlib import Path

import pytest

from rag.store.generations import Generations, State
from rag.store.soundness import Mark


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "projections"
    made.mkdir()
    return made


@pytest.fixture
def generations(folder: Path) -> Generations:
    return Generations(folder)


def test_what_a_rebuild_made_becomes_the_one_in_use(generations: Generations) -> None:
    first, second = generations.begin("current"), generations.begin("next")
    generations.use(second)
    assert (generations.named("current"), generations.named("next")) == (second, None)
    generations.sweep()
    assert not generations.path(first).exists()
    assert generations.path(second).is_dir()


def test_what_no_pointer_names_is_swept_with_its_half_written_state(
    generations: Generations, folder: Path
) -> None:
    kept = generations.begin("current")
    lost = generations.begin("next")
    for name in (kept, lost):
        (folder / f"{name}.json.part").write_text("{")
    (folder / "next").unlink()
    generations.sweep()
    assert {path.name for path in folder.iterdir()} == {"current", kept, f"{kept}.json.part"}


@pytest.mark.parametrize("content", [b"", b"../..", b"g0123456789ab", b"\xff\xfe"])
def test_a_pointer_that_names_nothing_is_none(generations: Generations, folder: Path, content: bytes) -> None:
    (folder / "current").write_bytes(content)
    assert generations.named("current") is None


def test_a_state_comes_back_as_it_was_kept(generations: Generations) -> None:
    name = generations.begin("current")
    state = State(
        {"lexical": Mark(7), "vectors": Mark(3, 41)}, "static", clean=True, format=2, files={"a": [1, 2, "x"]}
    )
    generations.store(name, state)
    assert generations.state(name, format=9) == state


@pytest.mark.parametrize("content", ["", "[]", "null", '{"marks": {}}', '{"marks": {"lexical": 1}}', "\x00"])
def test_a_state_that_cannot_be_read_starts_again(
    generations: Generations, folder: Path, content: str
) -> None:
    name = generations.begin("current")
    assert generations.state(name, format=2).clean
    (generations.path(name) / "file").write_text("x")
    (folder / f"{name}.json").write_text(content)
    state = generations.state(name, format=2)
    assert state.marks == {"lexical": Mark(), "vectors": Mark()}
    assert not state.clean


def test_a_swap_that_was_cut_short_leaves_nothing_to_go_on_with(
    generations: Generations, folder: Path
) -> None:
    generations.begin("current")
    second = generations.begin("next")
    (folder / "current").write_text(second)
    assert (generations.named("current"), generations.named("next")) == (second, None)
