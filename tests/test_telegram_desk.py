"""The thread that answers: what a question does to it, and what its end does to the bot."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from telegram import Update

from bot.telegram import handling
from bot.telegram.desk import Desk, Ticket
from bot.telegram.ending import Ending
from bot.telegram.handling import Handling
from bot.telegram.inbox import CRASHES, Inbox, Row
from bot.telegram.memory import Memory
from bot.telegram.metrics import Metrics
from bot.telegram.store import Store
from rag.errors import DatabaseAway, DiskFull
from rag.store.archive import Archive
from rag.types import Answer
from tests.test_projections import PanicException
from tests.test_telegram_inbox import BOT, put, states

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
