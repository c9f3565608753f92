"""Parse untrusted files in a separate process with limits on time and memory.

Large libraries read HTML, PDF and the other formats. A malicious file can keep them busy for minutes or use
up the memory (trafilatura took 27 s for 10 MB of `<p>`). Such a file ends only the child process, which is
started again for the next file. The child gets bytes and answers with JSON, which cannot run anything.
"""

from __future__ import annotations

import json
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Literal

from rag.children import command, environment
from rag.errors import InputError

Kind = Literal["page", "feed", "pdf", "docx"]
"""Which parser a file needs; each is a module of this package."""
Row = dict[str, Any]
"""What a parser found: the fields of `rag.types.Source`, or a feed's `entries`."""

CPU_SECONDS = 5.0
"""Seconds of processor time for one file. Waiting does not count, so that a busy machine refuses no more
files than an idle one."""
WALL_SECONDS = 60.0
"""Seconds on the clock for one file, in case the child waits for something for ever."""
MEMORY = 384 * 1024 * 1024
"""Bytes that one file may use in addition to what the libraries use."""
_HEAD = struct.Struct(">II")
"""What comes before each message: the lengths, in bytes, of its JSON and of the file."""


class Parser:
    """The child process; it starts with the first file."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def parse(self, kind: Kind, data: bytes, url: str | None = None) -> Row:
        """Parse one file. `url` is where it was found; a page's relative links are resolved against it.

        Raises InputError if the file cannot be read, or if reading it takes too much time or memory.
        """
        child = self._started()
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(WALL_SECONDS, end)
        timer.start()
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            _send(child.stdin, json.dumps({"kind": kind, "url": url}).encode(), data)
            head, _ = _receive(child.stdout)
            row: Row = json.loads(head)
        except (OSError, EOFError) as error:
            status = self._end()
            if late.is_set() or status == -getattr(signal, "SIGPROF", 0):
                raise InputError("reading it takes too long") from error
            raise InputError("it cannot be read: the program that reads it crashed") from error
        finally:
            timer.cancel()
        if row.pop("full", False):
            self._end()
            raise InputError("reading it takes too much memory")
        if "refused" in row:
            raise InputError(str(row["refused"]))
        return row

    def close(self) -> None:
        """End the child process."""
        self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            pipe = subprocess.PIPE
            self._child = subprocess.Popen(
                command("rag.load.child"),
                stdin=pipe,
                stdout=pipe,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
        return self._child

    def _end(self) -> int | None:
        child, self._child = self._child, None
        if child is None:
            return None
        if child.poll() is None:
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    try:
                        stream.close()
                    except OSError:
                        continue
            try:
                child.wait(1.0)
            except subprocess.TimeoutExpired:
                child.kill()
        return child.wait()


def _send(stream: IO[bytes], head: bytes, data: bytes = b"") -> None:
    stream.write(_HEAD.pack(len(head), len(data)) + head + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> tuple[bytes, bytes]:
    sizes = stream.read(_HEAD.size)
    if len(sizes) < _HEAD.size:
        raise EOFError
    first, second = _HEAD.unpack(sizes)
    head, data = stream.read(first), stream.read(second)
    if len(head) < first or len(data) < second:
        raise EOFError
    return head, data


# --- in the child ---------------------------------------------------------------------------------------


def _parsers() -> dict[str, Callable[[bytes, str | None], Row]]:
    from rag.load import feed, page
    from rag.load.documents import docx, pdf

    return {"page": page.parse, "feed": feed.parse, "pdf": pdf.parse, "docx": docx.parse}


def _answer(parse: Callable[[bytes, str | None], Row], data: bytes, url: str | None) -> Row:
    try:
        return parse(data, url)
    except InputError as error:
        return {"refused": error.message}
    except MemoryError:
        return {"full": True}
    except RecursionError:
        return {"refused": "its parts are nested too deep"}
    except Exception as error:
        # Libraries raise exceptions of every kind for a damaged file.
        return {"refused": f"it is damaged ({type(error).__name__})"}


def _limit_memory() -> None:
    """Limit the memory of this process, if the system can: Linux does; some systems ignore the limit."""
    try:
        import resource
    except ImportError:
        return
    pages = Path("/proc/self/statm")
    now = int(pages.read_text().split()[0]) * resource.getpagesize() if pages.exists() else 0
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Read files from standard input until it ends, and write what was found in each to standard output."""
    # The parent handles Ctrl-C and closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setrecursionlimit(3_000)
    out, sys.stdout = sys.stdout.buffer, sys.stderr
    parsers = _parsers()
    _limit_memory()
    while True:
        try:
            head, data = _receive(sys.stdin.buffer)
        except (EOFError, OSError):
            return
        asked = json.loads(head)
        if hasattr(signal, "setitimer"):
            # The signal is not handled, so it ends the process even within a library's C code.
            signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        row = _answer(parsers[asked["kind"]], data, asked["url"])
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, 0)
        _send(out, json.dumps(row).encode())


if __name__ == "__main__":
    main()
