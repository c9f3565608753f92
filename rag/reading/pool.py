"""Reader processes side by side, one a core: passages in, evidence out.

A reader that dies is replaced, and what it was asked is asked again. A question of which two have died of
themselves is not asked a third time; a reader that somebody killed blames nobody. `rag.reading.child` is what
runs in them.
"""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from time import monotonic

from rag.children import command, ended, environment, killed_for_memory
from rag.errors import ModelError, NoReader, ReaderCrashed
from rag.reading.child import Row, asked, heard, receive, send
from rag.types import Evidence, Language, Passage

CRASHES = 2
"""How many readers may die of a question."""
TIMES = 3
"""How often a question is asked where its readers are killed by somebody else."""
AGAIN_SECONDS = 60.0
"""Seconds until starting the readers is tried again where it failed."""
ENDING_SECONDS = 1.0
"""Seconds that a reader gets to end by itself."""


class _Ended(Exception):
    """A reader ended while it was asked; `blamed`: of what it was asked."""

    def __init__(self, status: int, blamed: bool) -> None:
        super().__init__(ended(status))
        self.blamed = blamed


class Pool:
    """Up to `number` reader processes, which `begin` starts. Safe to use from several threads.

    `say` gets a line for each reader that is replaced; `program` is what runs in them.
    """

    def __init__(
        self, number: int, say: Callable[[str], None] = lambda line: None, program: Sequence[str] = ()
    ) -> None:
        self.number = number
        self._say = say
        self._program = program or command("rag.reading.child")
        self._readers = [_Process(self._program) for _ in range(number)]
        self._free: SimpleQueue[_Process] = SimpleQueue()
        for each in self._readers:
            self._free.put(each)
        self._starting: threading.Thread | None = None
        self._closed = False
        self._failed = -AGAIN_SECONDS
        self.ready = False
        """Whether the readers have loaded their models."""

    def begin(self) -> None:
        """Starts the readers, if they do not run, and does not wait for them."""
        if self.ready or self._starting is not None or monotonic() - self._failed < AGAIN_SECONDS:
            return
        self._closed = False
        starting = threading.Thread(target=self._start, name="readers", daemon=True)
        self._starting = starting
        try:
            starting.start()
        except RuntimeError:
            # The system has no thread left; one question at a time goes on.
            self._starting, self._failed = None, monotonic()

    def read(
        self, question: str, language: Language, passages: Sequence[Passage], enough: float | None = None
    ) -> list[Evidence]:
        """What `rag.reading.reader.Reader.read` finds. Waits for a reader that is free.

        Raises ReaderCrashed where readers die of it, NoReader where it has to be read without them,
        ModelError.
        """
        row = self._ask(asked(question, language, passages, enough))
        return heard(row["found"], passages)

    def entails(
        self, statement: str, sentences: Sequence[str], title: str | None = None
    ) -> tuple[float, float]:
        """What `rag.reading.reader.Reader.entails` finds, and what `read` raises."""
        row = self._ask({"statements": [[statement, list(sentences), title]]})
        yes, no = row["chances"][0]
        return yes, no

    def close(self) -> None:
        """Ends the readers; what they are asked raises NoReader. `begin` starts them again."""
        self._closed, self.ready = True, False
        for each in self._readers:
            each.stop()
        if (starting := self._starting) is not None:
            starting.join()
        for each in self._readers:
            each.end()

    def _start(self) -> None:
        try:
            for start in (_Process.spawn, _Process.greet):
                for each in self._readers:
                    start(each)
                    if self._closed:
                        raise NoReader("the readers are closed")
            self.ready = True
        except NoReader as error:
            for each in self._readers:
                each.end()
            if not self._closed:
                self._failed = monotonic()
                self._say(f"the reader processes cannot be started ({error}); this process reads alone")
        finally:
            self._starting = None

    def _ask(self, row: Row) -> Row:
        crashes = 0
        for _ in range(TIMES):
            reader = self._free.get()
            try:
                if self._closed:
                    raise NoReader("the readers are closed")
                return _checked(reader.ask(row))
            except _Ended as death:
                if self._closed:
                    raise NoReader("the readers are closed") from death
                self._say(f"a reader {death}; it is replaced")
                crashes += death.blamed
                if crashes == CRASHES:
                    advice = "ask it in other words"
                    raise ReaderCrashed("two reader processes ended as they read it", advice) from death
            finally:
                self._free.put(reader)
        raise NoReader("readers are killed again and again")


class _Process:
    """One reader process at a time; the next one is started when it is needed. For one thread at a time, but
    for `stop`."""

    def __init__(self, program: Sequence[str]) -> None:
        self._program = program
        self._child: subprocess.Popen[bytes] | None = None
        self._greeted = False

    def spawn(self) -> None:
        """Starts it, without waiting until it is ready. Raises NoReader."""
        pipe = subprocess.PIPE
        try:
            self._child = subprocess.Popen(
                self._program,
                stdin=pipe,
                stdout=pipe,
                stderr=subprocess.DEVNULL,
                # llama.cpp would look for a debugger before it aborts, and was seen to wait for it for ever.
                env=environment() | {"GGML_NO_BACKTRACE": "1"},
                # Ctrl-C is for the parent alone.
                start_new_session=True,
            )
        except OSError as error:
            raise NoReader(str(error)) from error
        self._greeted = False

    def greet(self) -> None:
        """Waits until it has loaded its model. Raises NoReader."""
        assert self._child is not None
        assert self._child.stdout is not None
        try:
            receive(self._child.stdout)
        except (OSError, EOFError, ValueError) as error:
            raise NoReader(f"one {ended(self.end())} as it started") from error
        self._greeted = True

    def ask(self, row: Row) -> Row:
        """Its reply. Raises _Ended where it dies meanwhile, NoReader where none can be started."""
        if self._child is not None and self._child.poll() is not None:
            self.end()
        if self._child is None:
            self.spawn()
        if not self._greeted:
            self.greet()
        child = self._child
        assert child is not None
        assert child.stdin is not None
        assert child.stdout is not None
        before = killed_for_memory()
        try:
            send(child.stdin, row)
            return receive(child.stdout)
        except (OSError, EOFError, ValueError) as error:
            status = self.end()
            killed = status == -getattr(signal, "SIGKILL", 0) and killed_for_memory() == before
            raise _Ended(status, not killed) from error

    def stop(self) -> None:
        """Kills it where it is, from any thread: it holds nothing that is not its parent's too."""
        if (child := self._child) is not None:
            child.kill()

    def end(self) -> int:
        """Ends it, and returns its exit status; 0 where there is none."""
        child, self._child = self._child, None
        if child is None:
            return 0
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        try:
            return child.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()


def _checked(row: Row) -> Row:
    if "failed" in row:
        raise ModelError(row["failed"], row["advice"])
    if "broken" in row:
        raise RuntimeError(row["broken"])
    return row
