"""One HTTP request to a server that may be slow, endless, or away, with limits on time and size.

A thread of its own makes the request, so that a server that says nothing, or sends a letter a minute, can be
left at any moment. Every request has its own connection, which can be cut.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from rag.deadline import Deadline
from rag.errors import NoReply

CONNECT, SILENCE = 5.0, 60.0
"""Seconds to wait for a connection, and for the next piece of an answer."""
LINE = 1 << 18
"""Bytes of a line: an event with one token has a few hundred."""
_POLL = 0.1
"""Seconds between two checks of the deadline."""


class Interrupted(Exception):
    """The connection failed or broke off, which may not happen again at the next try."""


class Reply:
    """An answer whose status and headers have arrived, and whose body is still to come."""

    def __init__(self, status: int, headers: Mapping[str, str], rest: _Incoming) -> None:
        self.status = status
        self.headers = headers
        self._rest = rest

    def read(self, most: int) -> bytes:
        """The whole rest. Raises as `lines` does, and NoReply where it has over `most` bytes."""
        found = bytearray()
        for piece in self._rest:
            found += piece
            if len(found) > most:
                raise NoReply("it sends far more than a reply")
        return bytes(found)

    def start(self, most: int) -> bytes:
        """The first bytes, at least `most` if there are that many: the text of an error."""
        found = bytearray()
        with suppress(Interrupted):
            for piece in self._rest:
                found += piece
                if len(found) >= most:
                    break
        return bytes(found)

    def lines(self, most: int) -> Iterator[str]:
        """The rest line by line, as UTF-8.

        Raises Interrupted where the connection breaks off, NoReply where there are over `most` bytes, a line
        has over `LINE`, or the deadline passes, and Cancelled.
        """
        buffer, total = b"", 0
        for piece in self._rest:
            total += len(piece)
            *whole, buffer = (buffer + piece).split(b"\n")
            if total > most or any(len(line) > LINE for line in (*whole, buffer)):
                raise NoReply("it sends far more than a reply")
            for line in whole:
                yield line.decode("utf-8", "replace").rstrip("\r")
        yield buffer.decode("utf-8", "replace")


def client(headers: Mapping[str, str]) -> httpx.Client:
    """The client for `exchange`. It follows no redirect and unpacks nothing."""
    return httpx.Client(
        headers={**headers, "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(SILENCE, connect=CONNECT),
        limits=httpx.Limits(max_keepalive_connections=0),
        follow_redirects=False,
    )


@contextmanager
def exchange(
    by: httpx.Client, method: str, url: str, deadline: Deadline, content: bytes | None = None
) -> Iterator[Reply]:
    """Makes the request and gives its answer; the connection is cut at the end of the `with`.

    Raises Interrupted, NoReply and Cancelled, as `Reply.lines` does.
    """
    incoming = _Incoming(deadline)
    headers = {"Content-Type": "application/json"} if content is not None else {}
    threading.Thread(
        target=incoming.receive, args=(by, method, url, headers, content), daemon=True, name="exchange"
    ).start()
    try:
        status, found = incoming.head()
        if found.get("content-encoding", "identity") != "identity":
            raise NoReply("it sends a packed answer, which was not asked for")
        yield Reply(status, found, incoming)
    finally:
        incoming.cut()


class _Incoming:
    """Hands over what the thread receives, piece by piece."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        # A few pieces: a server that is faster than its reader has to wait.
        self._pieces: queue.Queue[Any] = queue.Queue(16)
        self._sockets: list[socket.socket] = []
        self._over = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        while (piece := self._next()) is not None:
            yield piece

    def head(self) -> tuple[int, Mapping[str, str]]:
        found: tuple[int, Mapping[str, str]] = self._next()
        return found

    def _next(self) -> Any:
        while True:
            self._deadline.check()
            if self._deadline.passed:
                raise NoReply("it had not answered when its time was over")
            try:
                piece = self._pieces.get(timeout=max(0.0, min(_POLL, self._deadline.left)))
            except queue.Empty:
                continue
            if isinstance(piece, httpx.HTTPError):
                raise Interrupted(f"{type(piece).__name__} {piece}") from piece
            if isinstance(piece, Exception):
                raise NoReply(f"it cannot be asked ({type(piece).__name__} {piece})") from piece
            return piece

    # In the thread

    def receive(
        self, by: httpx.Client, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> None:
        try:
            extensions = {"trace": self._connected}
            with by.stream(method, url, headers=headers, content=content, extensions=extensions) as answer:
                self._put((answer.status_code, answer.headers))
                for piece in answer.iter_raw():
                    self._put(piece)
                    if self._over.is_set():
                        return
            self._put(None)
        except Exception as error:
            self._put(error)

    def _put(self, piece: object) -> None:
        while not self._over.is_set():
            with suppress(queue.Full):
                self._pieces.put(piece, timeout=_POLL)
                return

    def _connected(self, event: str, about: Mapping[str, Any]) -> None:
        """httpcore calls this at each step; it keeps a new connection, so that it can be cut."""
        stream = about.get("return_value")
        if not event.endswith((".connect_tcp.complete", ".start_tls.complete")) or stream is None:
            return
        if (own := stream.get_extra_info("socket")) is not None:
            self._sockets.append(own)
            if self._over.is_set():
                self.cut()

    def cut(self) -> None:
        self._over.set()
        for each in self._sockets:
            # Closing alone would not wake the thread that waits on it.
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
