"""The threads that answer: what a question does to them, and what their end does to the bot."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from telegram import Update

from bot.telegram import handling
from bot.telegram.desk import Desk, PutOff, Ticket
from bot.telegram.ending import Ending
from bot.telegram.handling import Handling
from bot.telegram.inbox import CRASHES, Inbox, Row
from bot.telegram.memory import Memory
from bot.telegram.metrics import Metrics
from bot.telegram.store import Store
from rag.errors import Cancelled, DatabaseAway, DiskFull
from rag.store.archive import Archive
from rag.types import Answer
from tests.test_projections import PanicException
from tests.test_telegram_inbox import BOT, put, states

PATIENCE = 60.0
"""Seconds; a busy machine takes long to let a thread run."""
ANSWER = Answer("?", "id", "abstained", "Tidak ada.", None, (), (), "reader")


@pytest.fixture
def store(archive: Archive) -> Iterator[Store]:
    opened = Store(archive.place)
    yield opened
    opened.close()


class Scripted:
    """An app that does what it is told, question after question."""

    writing = None
    projections = SimpleNamespace(lag=lambda: 0)

    def __init__(self, *answers: Answer | BaseException, prepared: BaseException | None = None) -> None:
        self.answers, self.prepared = list(answers), prepared

    def prepare(self) -> None:
        if self.prepared is not None:
            raise self.prepared

    def project(self) -> None:
        pass

    def at_once(self, waiting: int) -> int:
        return 1

    def ask(self, *given: object) -> Answer:
        said = self.answers.pop(0)
        if isinstance(said, BaseException):
            raise said
        return said

    def close(self) -> None:
        pass


def asked(store: Store, app: Scripted, questions: int) -> tuple[list[Any], list[BaseException]]:
    """What became of the questions, and of what the thread has died."""

    async def ask() -> tuple[list[Any], list[BaseException]]:
        loop, died = asyncio.get_running_loop(), list[BaseException]()
        desk = Desk(lambda: app, Inbox(store, BOT, 1), Memory(store), Metrics(), died.append)  # type: ignore[arg-type, return-value]
        tickets = [
            Ticket(number, 7, 0, 7, True, "id", "?", loop.create_future())
            for number in range(1, questions + 1)
        ]
        desk.start()
        for ticket in tickets:
            desk.submit(ticket)
        waiting = asyncio.gather(*(ticket.result for ticket in tickets), return_exceptions=True)
        while not waiting.done() and not died:
            await asyncio.sleep(0.01)
        desk.close()
        await desk.ended()
        await asyncio.sleep(0)
        return (await waiting if waiting.done() else []), died

    return asyncio.run(ask())


def test_a_panic_in_a_library_fails_one_question_and_the_next_is_answered(store: Store) -> None:
    results, died = asked(store, Scripted(PanicException("index out of bounds"), ANSWER), 2)
    assert isinstance(results[0], Exception)
    assert results[1].answer == ANSWER
    assert died == []


@pytest.mark.parametrize("error", [PanicException("broken"), SystemExit(3), MemoryError()])
def test_a_thread_that_dies_ends_the_worker_so_that_it_is_started_again(
    store: Store, error: BaseException
) -> None:
    _, died = asked(store, Scripted(prepared=error), 1)
    assert died == [error]

    async def end() -> None:
        ending = Ending()
        ending.fail(died[0])
        assert ending.asked.is_set()
        with pytest.raises(RuntimeError):
            ending.raise_failure()

    asyncio.run(end())


def test_a_row_that_breaks_as_it_arrives_stops_no_other(store: Store) -> None:
    inbox = Inbox(store, BOT, 1)
    put(inbox, 5, 6, 7)
    rows = [inbox.get_nowait() for _ in range(3)]

    def arrive(row: Any) -> Any:
        if row is rows[0]:
            raise AttributeError("'NoneType' object has no attribute 'type'")
        if row is rows[1]:
            raise DiskFull("no room")
        return row

    async def take() -> list[Any]:
        taking = Handling(SimpleNamespace(inbox=inbox, metrics=Metrics()), Ending())  # type: ignore[arg-type]
        taking._conversation.arrive = arrive  # type: ignore[method-assign]
        return [await taking._arrived(row) for row in rows]

    assert asyncio.run(take()) == [None, None, rows[2]]
    assert states(store) == [(5, "aside", 2), (6, "open", 0), (7, "open", 0)]


def test_a_row_waits_as_it_arrives_while_the_database_is_away_and_those_behind_it_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handling, "ROOM_SECONDS", 0.0)
    inbox = Inbox(store, BOT, 1)
    put(inbox, 5, 6)
    seen, away = list[int](), [DatabaseAway("gone"), DatabaseAway("still gone")]

    def arrive(row: Row) -> None:
        seen.append(row.update.update_id)
        if away:
            raise away.pop()

    async def take() -> None:
        taking = Handling(SimpleNamespace(inbox=inbox, metrics=Metrics()), Ending())  # type: ignore[arg-type]
        taking._conversation.arrive = arrive  # type: ignore[assignment]
        for _ in range(2):
            await taking._arrived(await inbox.get())

    asyncio.run(take())
    assert seen == [5, 5, 5, 6]
    assert states(store) == [(5, "open", 0), (6, "open", 0)]


def test_a_row_of_which_the_process_died_twice_is_looked_at_no_more_and_its_writer_is_told(
    store: Store,
) -> None:
    inbox = Inbox(store, BOT, 1)
    put(inbox, 5)
    row = inbox.get_nowait()
    row.crashes = CRASHES
    press = Row(9, Update(9))
    press.crashes = CRASHES

    async def take() -> list[Any]:
        taking = Handling(SimpleNamespace(inbox=inbox, metrics=Metrics()), Ending())  # type: ignore[arg-type]
        taking._conversation.arrive = lambda row: pytest.fail("looked at again")  # type: ignore[method-assign]
        return [await taking._arrived(row), await taking._arrived(press)]

    came, nothing = asyncio.run(take())
    assert (came.what, came.message, came.query) == ("remark", row.update.message, None)
    assert nothing is None


def test_an_event_loop_that_stands_still_ends_the_process_without_a_trace(tmp_path: Path) -> None:
    code = (
        "import asyncio, re\n"
        "from bot.telegram import pulse\n"
        "pulse.STILL_SECONDS = 0.5\n"
        "async def work():\n"
        "    asyncio.get_running_loop().create_task(pulse.keep_alive())\n"
        "    await asyncio.sleep(0)\n"
        "    re.fullmatch('(a+)+b', 'a' * 60)\n"
        "asyncio.run(work())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


class Held(Scripted):
    """An app that answers several questions at once, each when it is told to."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.closed = most, False
        self.begun: list[str] = []
        self.free: dict[str, threading.Event] = {}
        self.error: BaseException | None = None

    def at_once(self, waiting: int) -> int:
        return self.most

    def ask(self, question: str, history: object = (), partial: object = None, stop: Any = None) -> Answer:
        self.begun.append(question)
        assert self.free.setdefault(question, threading.Event()).wait(PATIENCE)
        assert not self.closed
        if self.error is not None:
            raise self.error
        return replace(ANSWER, question=question)

    def let(self, *questions: str) -> None:
        """Lets these questions be answered."""
        for question in questions:
            self.free.setdefault(question, threading.Event()).set()

    def close(self) -> None:
        self.closed = True


class Desks:
    """A desk whose tickets are questions of one letter each, in chats by number."""

    def __init__(self, store: Store, app: Held) -> None:
        self.app, self.died = app, list[BaseException]()
        self.desk = Desk(lambda: app, Inbox(store, BOT, 1), Memory(store), Metrics(), self.died.append)  # type: ignore[arg-type, return-value]
        self.tickets: dict[str, Ticket] = {}
        self.desk.start()

    def ask(self, chat: int, question: str, **more: Any) -> Ticket:
        future = asyncio.get_running_loop().create_future()
        number = len(self.tickets) + 1
        ticket = Ticket(number, chat, 0, chat, True, "id", question, future, **more)
        self.tickets[question] = ticket
        self.desk.submit(ticket)
        return ticket

    async def begun(self, *questions: str) -> None:
        """Waits until these questions, and no others, have been begun."""
        end = monotonic() + PATIENCE
        while len(self.app.begun) < len(questions):
            assert monotonic() < end, self.app.begun
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)
        assert sorted(self.app.begun) == sorted(questions)

    async def close(self) -> None:
        self.app.let(*self.tickets)
        self.desk.close()
        await self.desk.ended()
        assert self.app.closed


def at_desk(store: Store, most: int, work: Callable[[Desks], Awaitable[None]]) -> Desks:
    """Runs `work` at a desk that answers up to `most` questions at once."""

    async def run() -> Desks:
        desks = Desks(store, Held(most))
        try:
            await work(desks)
        finally:
            await desks.close()
        return desks

    return asyncio.run(run())


def test_several_chats_are_answered_at_once_and_each_in_its_order(store: Store) -> None:
    async def work(desks: Desks) -> None:
        for question in ("a1", "a2", "a3", "b1", "b2", "c1", "d1"):
            desks.ask(ord(question[0]), question)
        await desks.begun("a1", "b1", "c1")
        desks.app.let("b1")
        # The oldest question whose chat waits for nothing: not a2.
        await desks.begun("a1", "b1", "c1", "b2")
        desks.app.let("a1", "b2", "c1")
        await desks.begun("a1", "b1", "c1", "b2", "a2", "d1")
        assert (await desks.tickets["a1"].result).answer.question == "a1"
        desks.app.let("a2")
        await desks.begun("a1", "b1", "c1", "b2", "a2", "d1", "a3")

    at_desk(store, 3, work)


def test_what_keeps_no_answer_waits_for_no_other_of_its_kind(store: Store) -> None:
    async def work(desks: Desks) -> None:
        for question in ("a", "b", "c"):
            desks.ask(0, question, keeps=False)
        await desks.begun("a", "b")

    at_desk(store, 2, work)


def test_a_place_is_how_many_came_before_and_have_no_answer_yet(store: Store) -> None:
    async def work(desks: Desks) -> None:
        for chat, question in ((1, "a1"), (1, "a2"), (2, "b"), (3, "c"), (4, "d")):
            desks.ask(chat, question)
        await desks.begun("a1", "b")
        places = {question: desks.desk.place(ticket) for question, ticket in desks.tickets.items()}
        assert places == {"a1": 0, "b": 0, "a2": 2, "c": 3, "d": 4}
        assert desks.desk.depth() == 5
        assert [each.question for each in desks.desk.of_chat(1)] == ["a1", "a2"]
        desks.app.let("a1")
        await desks.tickets["a1"].result
        await desks.begun("a1", "b", "a2")
        assert [desks.desk.place(desks.tickets[each]) for each in ("a2", "b", "c", "d")] == [0, 0, 2, 3]

    at_desk(store, 2, work)


def test_cancelling_ends_one_question_and_no_other(store: Store) -> None:
    async def work(desks: Desks) -> None:
        for chat, question in ((1, "a"), (2, "b"), (3, "c"), (4, "d")):
            desks.ask(chat, question)
        await desks.begun("a", "b")
        assert desks.desk.cancel(desks.tickets["b"])
        assert desks.desk.cancel(desks.tickets["c"])
        assert not desks.desk.cancel(desks.tickets["c"])
        for question in ("b", "c"):
            with pytest.raises(Cancelled):
                await desks.tickets[question].result
        assert not desks.tickets["a"].stop.is_set()
        desks.app.let("a", "b", "d")
        assert (await desks.tickets["a"].result).answer.question == "a"
        assert (await desks.tickets["d"].result).answer.question == "d"
        assert "c" not in desks.app.begun

    at_desk(store, 2, work)


def test_a_question_of_which_the_process_may_have_died_is_answered_alone(store: Store) -> None:
    async def work(desks: Desks) -> None:
        desks.ask(1, "a")
        desks.ask(2, "b", alone=True)
        desks.ask(3, "c")
        await desks.begun("a")
        desks.app.let("a")
        await desks.begun("a", "b")
        desks.app.let("b")
        await desks.begun("a", "b", "c")

    at_desk(store, 3, work)


def test_closing_finishes_what_is_in_hand_and_puts_off_the_rest(store: Store) -> None:
    async def work(desks: Desks) -> None:
        for chat, question in ((1, "a"), (2, "b"), (3, "c")):
            desks.ask(chat, question)
        await desks.begun("a", "b")
        desks.desk.close()
        with pytest.raises(PutOff):
            await desks.tickets["c"].result
        assert not desks.app.closed
        desks.app.let("a", "b")
        for question in ("a", "b"):
            assert (await desks.tickets[question].result).answer.question == question
        with pytest.raises(PutOff):
            await desks.ask(9, "late").result

    assert at_desk(store, 2, work).died == []


def test_another_thread_that_dies_ends_the_worker_too(store: Store) -> None:
    async def work(desks: Desks) -> None:
        desks.ask(1, "a")
        desks.ask(2, "b")
        await desks.begun("a", "b")
        desks.app.error = SystemExit(3)
        desks.app.let("a", "b")
        while not desks.died:
            await asyncio.sleep(0.005)

    assert isinstance(at_desk(store, 2, work).died[0], SystemExit)


def test_fewer_may_be_in_hand_again_when_the_readers_have_ended(store: Store) -> None:
    async def work(desks: Desks) -> None:
        for chat, question in ((1, "a"), (2, "b"), (3, "c"), (4, "d")):
            desks.ask(chat, question)
        await desks.begun("a", "b")
        desks.app.most = 1
        desks.app.let("a")
        await desks.begun("a", "b")
        desks.app.let("b")
        await desks.begun("a", "b", "c")

    at_desk(store, 2, work)
