"""The threads that answer, and the queue before them.

As long as few questions wait one thread answers, one question after the other. Where many wait it gets others
beside it, as many as `App.at_once` says. Questions are taken in the order in which they arrived, so the place
in the queue that a user is told is the true one; but a chat's next question waits for its last one, and one
that was in hand when the process died is answered alone, so that another death is blamed on nobody else.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from bot.app import App
from bot.telegram.inbox import Inbox
from bot.telegram.memory import Kept, Memory
from bot.telegram.metrics import Metrics
from bot.telegram.store import PASSING, ROOM_SECONDS
from rag.errors import Cancelled, KutipError, StoreBusy, panicked
from rag.types import Answer, Language

IDLE_SECONDS = 2.0
"""Seconds without a question after which the indexes take in what was added."""
BUSY_SECONDS = 20.0
"""Seconds to wait at the start for another owner of the indexes, such as a worker that is ending."""

log = logging.getLogger("kutip.desk")


class PutOff(Exception):
    """The process ends before the question's turn; it stays in the inbox."""


@dataclass(slots=True, eq=False)
class Ticket:
    """A question in the queue. `partial` is the answer as far as it is written.

    `user` is who asks it: a user, or a chat. `message` is the message that asks; `follows` is the id of the
    answer that it follows, None for the conversation's last one. If `of` is set, translate that answer's
    quotes. If not `keeps`, the answer is not stored, and follows no other. If `alone`, nothing else is
    answered meanwhile.
    """

    number: int
    chat: int
    thread: int
    user: int
    private: bool
    language: Language
    question: str
    result: asyncio.Future[Kept]
    arrived: float = field(default_factory=monotonic)
    stop: threading.Event = field(default_factory=threading.Event)
    partial: Answer | None = None
    begun: bool = False
    quietly: bool = False
    of: Kept | None = None
    message: int | None = None
    follows: int | None = None
    keeps: bool = True
    alone: bool = False


class Desk:
    """The queue, and the threads that work it off. Its methods are for the event loop's thread."""

    def __init__(
        self,
        open_app: Callable[[], App],
        inbox: Inbox,
        memory: Memory,
        metrics: Metrics,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._open_app, self._inbox, self._memory = open_app, inbox, memory
        self._metrics, self._failed = metrics, failed
        self._loop = asyncio.get_running_loop()
        self._queue: deque[Ticket] = deque()
        self._in_hand: list[Ticket] = []
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._others: list[threading.Thread] = []
        self.ready = False
        self.translates = False
        self.lag = 0

    def start(self) -> None:
        self._thread.start()

    def submit(self, ticket: Ticket) -> None:
        """Puts a question at the end of the queue."""
        with self._changed:
            if self._closing:
                _resolve(ticket, None, PutOff())
                return
            self._queue.append(ticket)
            self._changed.notify()

    def look(self) -> None:
        """Lets the indexes take in what was added, where no question waits. For any thread."""
        with self._changed:
            self._changed.notify_all()

    def place(self, ticket: Ticket) -> int:
        """How many questions that came before this one have no answer yet; 0 for one that is being
        answered."""
        with self._changed:
            try:
                return self._queue.index(ticket) + len(self._in_hand)
            except ValueError:
                return 0

    def of_chat(self, chat: int) -> list[Ticket]:
        """A chat's questions that are not answered yet, the oldest first."""
        with self._changed:
            tickets = [*self._in_hand, *self._queue]
        return [t for t in tickets if t.chat == chat and not t.result.done()]

    def of_user(self, user: int) -> int:
        """How many questions of a user wait."""
        with self._changed:
            return sum(ticket.user == user for ticket in self._queue)

    def depth(self) -> int:
        """How many questions wait or are being answered."""
        with self._changed:
            return len(self._queue) + len(self._in_hand)

    def cancel(self, ticket: Ticket, quietly: bool = False) -> bool:
        """Ends a question at once; False if it was answered already. The engine stops soon, and nobody waits
        for that.
        """
        if ticket.result.done():
            return False
        ticket.quietly = quietly
        ticket.stop.set()
        with self._changed:
            if ticket in self._queue:
                self._queue.remove(ticket)
        _resolve(ticket, None, Cancelled("the question was cancelled"))
        return True

    def close(self) -> None:
        """Takes no more questions. It puts off those that wait, and finishes those in hand."""
        with self._changed:
            self._closing = True
            waiting = list(self._queue)
            self._queue.clear()
            self._changed.notify_all()
        for ticket in waiting:
            _resolve(ticket, None, PutOff())

    async def ended(self) -> None:
        """Returns once the threads have ended and the store is closed."""
        while self._thread.is_alive():
            await asyncio.sleep(0.02)

    # In the threads

    def _run(self) -> None:
        try:
            app = self._open_app()
            try:
                self._prepare(app)
                self.translates = app.writing is not None
                self.ready = True
                self._work(app)
            finally:
                self._end_others()
                app.close()
        except BaseException as error:
            # Any failure of this thread ends the worker: without it the bot would run and answer nobody.
            self._loop.call_soon_threadsafe(self._failed, error)

    def _run_beside(self, app: App) -> None:
        """Another thread that answers. Its failure ends the worker, too."""
        try:
            self._work(app, first=False)
        except BaseException as error:
            self._loop.call_soon_threadsafe(self._failed, error)

    def _work(self, app: App, first: bool = True) -> None:
        """Answers until the desk is closed. The `first` thread also lets the indexes follow."""
        while (ticket := self._next(app, first)) is not None:
            try:
                self._answer(app, ticket)
            finally:
                with self._changed:
                    self._in_hand.remove(ticket)
                    self._changed.notify_all()

    def _end_others(self) -> None:
        """Waits until no other thread uses the store."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._others:
            thread.join()

    def _prepare(self, app: App) -> None:
        until = monotonic() + BUSY_SECONDS
        while True:
            try:
                app.prepare()
                return
            except StoreBusy:
                if monotonic() > until or self._closing:
                    raise
                threading.Event().wait(0.2)

    def _next(self, app: App, first: bool) -> Ticket | None:
        while True:
            with self._changed:
                ticket = self._taken(app)
                if ticket is None and not self._closing:
                    self._changed.wait(IDLE_SECONDS)
                    ticket = self._taken(app)
                if ticket is not None:
                    return ticket
                if self._closing:
                    return None
                idle = not self._in_hand and not self._queue
            if first and idle:
                self._follow(app)

    def _taken(self, app: App) -> Ticket | None:
        """Takes the first question whose turn it is, and sees to it that enough threads take the others; None
        where there is none. Called with the lock."""
        if not self._queue or self._closing:
            return None
        most = app.at_once(len(self._queue))
        while len(self._others) + 1 < most:
            thread = threading.Thread(target=self._run_beside, args=(app,), name="desk", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                break  # the system has no thread left; those that there are go on
            self._others.append(thread)
        if len(self._in_hand) >= most or any(ticket.alone for ticket in self._in_hand):
            return None
        chats = {ticket.chat for ticket in self._in_hand if ticket.keeps}
        for ticket in self._queue:
            if ticket.alone and self._in_hand:
                return None
            if not (ticket.keeps and ticket.chat in chats):
                self._queue.remove(ticket)
                self._in_hand.append(ticket)
                ticket.begun = True
                return ticket
        return None

    def _follow(self, app: App) -> None:
        """Lets the indexes take in, while no question waits, what others have added."""
        try:
            app.project()
            self.lag = app.projections.lag()
        except KutipError as error:
            log.warning("the indexes could not follow: %s", error)

    def _answer(self, app: App, ticket: Ticket) -> None:
        """Answers a question. While the disk is full, or the database away, the question waits."""
        told = False
        while True:
            try:
                kept = self._ask(app, ticket)
            except PASSING as error:
                if not told:
                    log.warning("%s; what was asked waits", error)
                    told = True
                if ticket.stop.wait(ROOM_SECONDS):
                    return
                if self._closing:
                    self._loop.call_soon_threadsafe(_resolve, ticket, None, PutOff())
                    return
            except BaseException as error:
                # No failure keeps the next question from being answered; a panic in Rust is no Exception.
                if not isinstance(error, Exception) and not panicked(error):
                    raise
                if not isinstance(error, KutipError):
                    log.exception("a question could not be answered")
                self._loop.call_soon_threadsafe(_resolve, ticket, None, error)
                return
            else:
                if kept is not None:
                    self._loop.call_soon_threadsafe(_resolve, ticket, kept, None)
                return

    def _ask(self, app: App, ticket: Ticket) -> Kept | None:
        """Answers, and stores the answer; None if nobody wants it any more."""

        def partial(answer: Answer) -> None:
            ticket.partial = answer

        self._inbox.asking(ticket.number)
        if ticket.of is not None:
            glossed = app.gloss(ticket.of.answer, ticket.stop)
            return self._memory.gloss(ticket.number, ticket.of, glossed, ticket.of.glossed)
        history = self._memory.turns(ticket.chat, ticket.thread, ticket.follows) if ticket.keeps else []
        answer = app.ask(ticket.question, history, partial, ticket.stop)
        if ticket.stop.is_set():
            return None
        kept = (
            self._memory.keep(ticket.number, ticket.chat, ticket.thread, ticket.user, answer, ticket.message)
            if ticket.keeps
            else Kept(0, ticket.chat, ticket.user, answer)
        )
        self._metrics.answered(answer, monotonic() - ticket.arrived)
        return kept


def _resolve(ticket: Ticket, kept: Kept | None, error: BaseException | None) -> None:
    if ticket.result.done():
        return
    if kept is not None:
        ticket.result.set_result(kept)
    elif error is not None:
        # What is no Exception would end the event loop's task that waits for it.
        ticket.result.set_exception(error if isinstance(error, Exception) else RuntimeError(str(error)))
        ticket.result.exception()  # looked at, so that asyncio does not complain where nobody waits
