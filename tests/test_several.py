"""Several things at once: the order of results, how many at once, and the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bot.several import AHEAD, Several
from rag.errors import Cancelled, InputError

PATIENCE = 60.0
"""Seconds; a busy machine takes long to let a thread run."""


def results(several: Several[Any, Any]) -> Iterator[Any]:
    while (made := several.next()) is not None:
        yield made


def wait_until(true: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_results_come_in_the_order_of_the_input_whoever_is_first() -> None:
    gates = [threading.Event() for _ in range(6)]

    def work(number: int, stop: threading.Event) -> int:
        assert gates[number].wait(PATIENCE)
        if number:
            gates[number - 1].set()
        return number

    gates[-1].set()
    assert list(results(Several(range(6), work, lambda waiting: 6))) == list(range(6))


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_are_worked_on_than_may_be(most: int) -> None:
    running, seen, lock = 0, list[int](), threading.Lock()

    def work(number: int, stop: threading.Event) -> int:
        nonlocal running
        with lock:
            running += 1
            seen.append(running)
        time.sleep(0.001)
        with lock:
            running -= 1
        return number

    assert len(list(results(Several(range(60), work, lambda waiting: most)))) == 60
    assert max(seen) <= most


def test_the_number_may_grow_while_it_works() -> None:
    both = threading.Barrier(2)

    def work(number: int, stop: threading.Event) -> int:
        if number:
            both.wait(PATIENCE)
        return number

    allowed = iter([1, 1, *[2] * 10_000])
    assert list(results(Several(range(3), work, lambda waiting: next(allowed)))) == [0, 1, 2]


def test_whoever_writes_one_thing_and_waits_for_its_result_gets_it() -> None:
    written = threading.Semaphore(0)

    def given() -> Iterator[int]:
        for number in range(3):
            assert written.acquire(timeout=PATIENCE)
            yield number

    several = Several(given(), lambda number, stop: number, lambda waiting: 4)
    for number in range(3):
        written.release()
        assert several.next() == number
    assert several.next() is None


def test_a_long_input_is_not_read_to_its_end_before_results_are_fetched() -> None:
    read: list[int] = []

    def given() -> Iterator[int]:
        for number in range(10 * AHEAD):
            read.append(number)
            yield number

    several = Several(given(), lambda number, stop: number, lambda waiting: 2)
    wait_until(lambda: len(read) > AHEAD)
    assert several.next() == 0
    assert len(read) <= AHEAD + 2
    several.close()


def test_what_the_work_or_the_input_raises_is_raised_in_its_place() -> None:
    def given() -> Iterator[int]:
        yield from (4, 0, 2)
        raise InputError("the rest cannot be read")

    several = Several(given(), lambda number, stop: 8 // number, lambda waiting: 2)
    assert several.next() == 2
    with pytest.raises(ZeroDivisionError):
        several.next()
    assert several.next() == 4
    with pytest.raises(InputError):
        several.next()
    assert several.next() is None


def test_stopping_ends_what_is_worked_on_and_begins_nothing_more() -> None:
    begun: list[int] = []

    def work(number: int, stop: threading.Event) -> int:
        begun.append(number)
        assert stop.wait(PATIENCE)
        return number

    several = Several(range(50), work, lambda waiting: 3)
    wait_until(lambda: len(begun) == 3)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        several.next(stop)
    assert sorted(begun) == [0, 1, 2]


def test_an_empty_input_has_no_result() -> None:
    assert Several([], lambda number, stop: number, lambda waiting: 2).next() is None
