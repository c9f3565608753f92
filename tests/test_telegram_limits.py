"""How much a user may ask."""

from __future__ import annotations

from time import time

import pytest

from bot.telegram.limits import Limits


def test_each_limit_is_named_when_it_is_reached() -> None:
    limits = Limits(per_minute=2, per_day=9, queue=3, asked=[])
    assert limits.refusal(1, waiting=3) == ("queue_full", 3)
    assert [limits.refusal(1, 0) for _ in range(3)] == [None, None, ("too_fast", 2)]
    assert limits.refusal(2, 0) is None


def test_a_days_questions_are_counted_through_a_restart() -> None:
    now = time()
    asked = [(1, now - 90_000), *((1, now - 3600.0) for _ in range(3))]
    limits = Limits(per_minute=9, per_day=4, queue=9, asked=asked)
    assert [limits.refusal(1, 0) for _ in range(2)] == [None, ("too_many_today", 4)]


def test_users_who_have_not_asked_for_a_day_are_let_go() -> None:
    limits = Limits(9, 9, 9, [(1, time() - 90_000), (2, time())])
    limits.prune()
    assert set(limits._asked) == {2}


@pytest.mark.parametrize("back", [3600.0, 86_400.0 * 365])
def test_a_clock_that_is_set_back_locks_nobody_out(back: float, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(per_minute=2, per_day=4, queue=9, asked=[])
    assert [limits.refusal(1, 0) for _ in range(3)] == [None, None, ("too_fast", 2)]
    now = time()
    monkeypatch.setattr("bot.telegram.limits.time", lambda: now - back)
    # Kept with the time that the clock showed before.
    started = Limits(per_minute=2, per_day=4, queue=9, asked=[(1, now)] * 9)
    assert [started.refusal(1, 0) for _ in range(3)] == [None, None, ("too_fast", 2)]
