"""The `kutip` command in forked children, which may die without harm to the one who watches.

What takes seconds to import is imported before the first fork. A child runs the command's own `main`, in a
process group of its own.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import TypeVar

Result = TypeVar("Result")

TRACES = ("Traceback", "this should not happen", "panicked at")
"""What a user must never see."""
PATIENCE = 600.0
"""Seconds after which a child counts as hung."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: `status` is its exit status, or minus the signal that ended it."""

    status: int
    out: str
    err: str

    def clean(self, what: str) -> list[str]:
        """Whatever of it a user should not have seen, as lines; none where all is well."""
        lines = []
        if self.status < 0:
            lines.append(f"{what} ended with signal {-self.status}")
        if any(trace in self.out + self.err for trace in TRACES):
            lines.append(f"{what} showed a trace: {self.err.strip()[-2000:]}")
        return lines

    def done(self, what: str) -> list[str]:
        """The same for a command that should have succeeded."""
        failed = [f"{what} gave status {self.status}: {self.err.strip()}"] if self.status > 0 else []
        return self.clean(what) + failed


class Child:
    """A running child; its output goes to files, so that what it printed before a kill is there."""

    def __init__(self, work: Callable[[], object], folder: Path, stdin: Path | int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._out, self._err = folder / "out", folder / "err"
        self._ended: Ended | None = None
        for path in (self._out, self._err):
            # Here, so that nobody reads what another child has left.
            path.write_bytes(b"")
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _become(work, self._out, self._err, stdin)

    def wait(self, seconds: float = PATIENCE) -> Ended | None:
        """How it ended; None if it has not within this time."""
        until = monotonic() + seconds
        while self._ended is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                self._ended = Ended(code, _text(self._out), _text(self._err))
            elif monotonic() > until:
                return None
            else:
                sleep(0.002)
        return self._ended

    def end(self) -> Ended:
        """How it ended; a child that hangs is killed, and that is its status."""
        if self.wait() is None:
            self.kill()
        ended = self.wait()
        assert ended is not None
        return ended

    def kill(self, group: bool = True) -> None:
        """SIGKILL to the child, and to those that it started."""
        if self._ended is None:
            (os.killpg if group else os.kill)(self.pid, signal.SIGKILL)

    def left(self, seconds: float = 20.0) -> bool:
        """Whether processes that it started outlive it by so long; they are killed then."""
        until = monotonic() + seconds
        try:
            while monotonic() < until:
                os.killpg(self.pid, 0)
                sleep(0.05)
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def printed(self) -> str:
        """Its standard output so far."""
        return _text(self._out)


def warm() -> None:
    """Imports what a child would take seconds to."""
    import chromadb
    import llama_cpp

    import bot.app

    _ = chromadb, llama_cpp, bot.app


def kutip(home: Path, folder: Path, *words: str, stdin: Path | int | None = None) -> Child:
    """Starts `kutip …` on the store in `home`; its output goes to `folder`."""

    def work() -> None:
        from bot import cli

        os.environ["KUTIP_HOME"] = str(home)
        sys.argv = ["kutip", *words]
        cli.main()

    return Child(work, folder, stdin)


def call(work: Callable[[], Result], seconds: float = PATIENCE) -> Result | Ended:
    """What `work` returns in a child, or how the child ended if it did not come to that."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "result"

        def write() -> None:
            path.write_bytes(pickle.dumps(work()))

        child = Child(write, Path(folder))
        if child.wait(seconds) is None:
            child.kill()
        ended = child.end()
        if ended.status != 0:
            return ended
        result: Result = pickle.loads(path.read_bytes())
        return result


def _become(work: Callable[[], object], out: Path, err: Path, stdin: Path | int | None) -> None:
    """The rest of the child's life."""
    status = 1
    try:
        os.setsid()
        source = stdin if isinstance(stdin, int) else os.open(stdin or os.devnull, os.O_RDONLY)
        os.dup2(source, 0)
        for path, number in ((out, 1), (err, 2)):
            os.dup2(os.open(path, os.O_WRONLY), number)
        # Not the ends of pipes that others wait for.
        os.closerange(3, 1_024)
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115  they live as long as the child
            for number, mode in ((0, "r"), (1, "w"), (2, "w"))
        )
        work()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Not sys.exit: what the parent would do at its end is not the child's to do.
        os._exit(status)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
