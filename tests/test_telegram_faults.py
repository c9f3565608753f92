"""The real bot under faults, a little of each; `lab/telegram` has the full counts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab.telegram import fuzz, kill, load
from lab.telegram.running import BRISK, Question, prepare

Prepared = tuple[Path, list[Question]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    home = tmp_path_factory.mktemp("telegram") / "home"
    return home, prepare(home, BRISK, 24)


@pytest.fixture
def store(prepared: Prepared, tmp_path: Path) -> Prepared:
    """The sample articles, and questions with what their answers quote; a copy of one's own."""
    home, questions = prepared
    shutil.copytree(home, tmp_path / "copy")
    return tmp_path / "copy", questions


def test_no_question_is_lost_to_kills(store: Prepared) -> None:
    rounds = kill.run(2, 1, *store, "whole")
    assert [each.problems for each in rounds if each.problems] == []
    assert sum(each.kills for each in rounds) == 2


def test_many_chats_are_answered_once_and_in_order_while_calls_fail(store: Prepared) -> None:
    assert load.run(5, 3, 1, *store) == []


def test_messages_of_every_kind_get_a_well_formed_reply(store: Prepared) -> None:
    assert fuzz.run(12, 3, store[0], users=3) == []
