"""Several questions in hand: whose turn it is, and who reads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from bot import turns as module
from bot.turns import MANY, SharedReader, Turns
from rag.errors import NoReader

PATIENCE = 60.0
"""Seconds; a busy machine takes long to let a thread run."""


class Pool:
    """A pool that says who reads."""

    def __init__(self, number: int, say: Callable[[str], None]) -> None:
        self.number, self.ready, self.begun, self.closed = number, False, 0, 0
        self.error: Exception | None = None

    def begin(self) -> None:
        self.begun += 1

    def read(self, *given: object) -> str:
        if self.error is not None:
            raise self.error
        return "a process"

    entails = read

    def close(self) -> None:
        self.closed += 1
        self.ready = False


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> list[Pool]:
    """The pools that were made."""
    made: list[Pool] = []

    def make(number: int, say: Callable[[str], None]) -> Pool:
        made.append(Pool(number, say))
        return made[-1]

    monkeypatch.setattr("rag.reading.pool.Pool", make)
    return made


def shared(turns: Turns, wanted: int | None = 2, threads: int | None = None) -> Any:
    own = SimpleNamespace(name="reader", threshold=0.5, read=lambda *g: "itself", entails=lambda *g: "itself")
    return SharedReader(lambda: own, turns, wanted, threads)  # type: ignore[arg-type, return-value]


def test_one_question_at_a_time_has_its_turn_and_others_have_it_while_it_is_given_up() -> None:
    turns, order, given_up, back = Turns(), list[str](), threading.Event(), threading.Event()

    def other() -> None:
        assert given_up.wait(PATIENCE)
        with turns.turn():
            order.append("other")
            assert not turns.alone
        back.set()

    thread = threading.Thread(target=other)
    thread.start()
    with turns.turn():
        order.append("first")
        with turns.given_up():
            given_up.set()
            assert back.wait(PATIENCE)
        order.append("first again")
    thread.join(PATIENCE)
    assert order == ["first", "other", "first again"]
    assert turns.alone


def test_a_turn_is_over_and_counted_off_whatever_is_raised() -> None:
    turns = Turns()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), turns.turn(), turns.given_up():
            raise ZeroDivisionError
    with turns.turn():
        assert turns.alone


def test_who_does_not_have_the_turn_gives_up_nothing() -> None:
    turns = Turns()
    with turns.given_up():
        pass
    with turns.turn():
        thread = threading.Thread(target=lambda: turns.given_up().__enter__())
        thread.start()
        thread.join(PATIENCE)
        assert turns._turn.locked()


@pytest.mark.parametrize("what", ["read", "entails"])
def test_a_question_that_is_alone_is_read_here_and_several_by_the_readers(
    pool: list[Pool], what: str
) -> None:
    turns = Turns()
    reader = shared(turns)
    reader.at_once(1)
    pool[0].ready = True
    read = getattr(reader, what)
    with turns.turn():
        assert read("?", "id", []) == "itself"
        with turns.given_up(), turns.turn():
            assert read("?", "id", []) == "a process"
            pool[0].error = NoReader("killed again and again")
            assert read("?", "id", []) == "itself"
            assert turns._turn.locked()


def test_readers_are_started_only_where_many_wait(pool: list[Pool]) -> None:
    reader = shared(Turns(), 3)
    assert pool == []
    assert [reader.at_once(waiting) for waiting in (0, 1, MANY - 1)] == [1, 1, 1]
    assert pool[0].begun == 0
    assert reader.at_once(MANY) == 1
    assert pool[0].begun == 1
    pool[0].ready = True
    assert reader.at_once(0) == 4


@pytest.mark.parametrize("wanted", [0, 1])
def test_without_readers_one_question_is_in_hand_at_a_time(pool: list[Pool], wanted: int) -> None:
    assert shared(Turns(), wanted).at_once(1_000) == 1
    assert [each.begun for each in pool] == [0]


@pytest.mark.parametrize(
    ("wanted", "threads", "cores", "readers"),
    [(None, None, 7, 7), (None, None, 96, 16), (None, 3, 7, 3), (None, 500, 7, 16), (40, 3, 7, 40)],
)
def test_there_are_as_many_readers_as_cores_unless_a_setting_says_otherwise(
    pool: list[Pool],
    monkeypatch: pytest.MonkeyPatch,
    wanted: int | None,
    threads: int | None,
    cores: int,
    readers: int,
) -> None:
    monkeypatch.setattr(module, "cores", lambda: cores)
    shared(Turns(), wanted, threads).at_once(1)
    assert pool[0].number == readers


def test_readers_that_nobody_needs_for_long_are_ended(
    pool: list[Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns()
    reader = shared(turns)
    reader.rest()
    reader.at_once(1)
    pool[0].ready = True
    reader.rest()
    assert pool[0].closed == 0
    monkeypatch.setattr(module, "IDLE_SECONDS", -1.0)
    reader.rest()
    assert pool[0].closed == 1
    assert reader.at_once(MANY) == 1
    assert pool[0].begun == 1
