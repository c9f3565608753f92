"""Fetch a web address from the public internet, and obey robots.txt and the site's pauses.

For each connection the host name is resolved once, all its IP addresses are checked, and the connection goes
to a checked one. A redirect is checked in the same way. Proxies, cookies and environment variables are not
used.
"""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpcore

from rag.errors import InputError
from rag.load.addresses import Address, address, is_public, joined
from rag.load.robots import FORBIDDEN, LIMIT, Robots, parse

AGENT = "Kutip"
"""The name under which we ask sites, and by which their robots.txt may address us."""
LARGEST = 20 * 1024 * 1024
"""Bytes that a body may have, both compressed and uncompressed."""
LARGEST_PAGE = 1024 * 1024
"""Bytes that an HTML body may have; see `rag.load.page.LARGEST`."""
SECONDS, CONNECT_SECONDS = 30.0, 10.0
"""Seconds that one address may take with all its redirects, and seconds for one connection."""
PAUSE = 1.0
"""Seconds between two requests to one host, so that no site is burdened."""
LONGEST_WAIT = 120.0
"""Seconds that a site may make us wait in one visit, in addition to our own pauses. More would hold up the
thread, which adds articles too."""
MOST_REDIRECTS = 5
"""Redirects that are followed; more are most likely a loop."""
_PIECE = 1 << 16
"""Bytes that are decompressed at a time."""

_SAID = {
    401: "the server wants a login",
    402: "the server wants to be paid",
    403: "the server does not let us read it",
    404: "there is no such page",
    410: "the page is gone",
    429: "the server asks to come back later",
    451: "the server may not show it for legal reasons",
    503: "the server asks to come back later",
}
"""What an HTTP status means, in the words of a refusal."""

Resolve = Callable[[str, int], list[str]]
"""A host name and a port -> its IP addresses. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address returned. `url` is the address after redirects; `body` is None if nothing has changed
    since the last fetch."""

    url: str
    body: bytes | None
    type: str
    etag: str | None
    modified: str | None


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host, by the system's resolver, each once. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Fetcher:
    """Fetches one address after another.

    `allowed` decides whether an IP address may be connected to; with `allow_local`, all may, those of this
    machine and its network too. `pause` is the time in seconds between two requests to one host, and
    `seconds` the time for one address.
    """

    def __init__(
        self,
        allow_local: bool = False,
        *,
        resolve: Resolve = resolve,
        allowed: Callable[[str], bool] = is_public,
        pause: float = PAUSE,
        seconds: float = SECONDS,
    ) -> None:
        self._pause, self._seconds = pause, seconds
        self._network = _Network(resolve, (lambda number: True) if allow_local else allowed)
        self._pool = httpcore.ConnectionPool(network_backend=self._network, keepalive_expiry=10.0)
        self._robots: dict[str, Robots] = {}
        self._last: dict[str, float] = {}
        self._waited: dict[str, float] = {}

    def close(self) -> None:
        """Close the open connections."""
        self._pool.close()

    def begin(self) -> None:
        """Start a new visit: `LONGEST_WAIT` is counted from here again."""
        self._waited.clear()

    def fetch(self, url: str, etag: str | None = None, modified: str | None = None) -> Fetched:
        """Fetch one address. With `etag` or `modified` from the last time, only if it has changed.

        Raises Passing (an InputError) if trying again later may help, TooLarge if the body is over the limit,
        and InputError for every other reason why it cannot be read.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
        self._network.deadline = time.monotonic() + self._seconds
        at = address(url)
        for _ in range(MOST_REDIRECTS + 1):
            if not self._rules(at).allows(at.target):
                raise InputError("the site's robots.txt asks not to fetch it")
            with self._request(at, conditions) as response:
                headers = _headers(response)
                if response.status in {301, 302, 303, 307, 308} and "location" in headers:
                    at = address(joined(str(at), headers["location"]))
                    continue
                tags = headers.get("etag"), headers.get("last-modified")
                type = headers.get("content-type", "").partition(";")[0].strip().lower()
                if response.status == 304:
                    return Fetched(str(at), None, type, *tags)
                if response.status != 200:
                    reason = _SAID.get(response.status, "the server cannot give it")
                    kind = (
                        Passing
                        if response.status in {408, 425, 429} or response.status >= 500
                        else InputError
                    )
                    raise kind(f"{reason} (status {response.status})")
                return Fetched(str(at), self._body(response, headers, _most(type)), type, *tags)
        raise InputError(f"it redirects too often: more than {MOST_REDIRECTS} times")

    def _rules(self, at: Address) -> Robots:
        if at.origin not in self._robots:
            self._robots[at.origin] = self._asked(Address(at.scheme, at.host, at.port, "/robots.txt"))
        return self._robots[at.origin]

    def _asked(self, at: Address) -> Robots:
        for _ in range(MOST_REDIRECTS + 1):
            with self._request(at, {}) as response:
                headers = _headers(response)
                if response.status in {301, 302, 303, 307, 308} and "location" in headers:
                    at = address(joined(str(at), headers["location"]))
                    continue
                if response.status != 200:
                    # Without robots.txt all is allowed; while the server has trouble, nothing is.
                    return FORBIDDEN if response.status >= 500 else Robots()
                try:
                    body = self._body(response, headers, LIMIT)
                except TooLarge as large:
                    body = large.begun
                return parse(body.decode("utf-8", "replace"), AGENT)
        return Robots()

    @contextmanager
    def _request(self, at: Address, conditions: dict[str, str | None]) -> Iterator[httpcore.Response]:
        self._wait(at)
        headers = {
            "Host": at.origin.partition("://")[2],
            "User-Agent": f"{AGENT}/0.1 (news archive; obeys robots.txt)",
            "Accept": "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,*/*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
            **{name: value for name, value in conditions.items() if value},
        }
        times = dict.fromkeys(("connect", "read", "write", "pool"), CONNECT_SECONDS)
        url = httpcore.URL(scheme=at.scheme, host=at.host, port=at.port, target=at.target)
        encoded = [(name.encode(), value.encode("latin-1", "ignore")) for name, value in headers.items()]
        try:
            with self._pool.stream("GET", url, headers=encoded, extensions={"timeout": times}) as response:
                yield response
        except (httpcore.TimeoutException, TimeoutError) as error:
            raise Passing(f"{at.host} does not answer in time") from error
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
            ValueError,
        ) as error:
            what = " ".join(str(error).split()) or type(error).__name__
            raise Passing(f"{at.host} cannot be read ({what[:120]})") from error

    def _wait(self, at: Address) -> None:
        rules = self._robots.get(at.origin)
        pause = max(self._pause, (rules and rules.delay) or 0.0)
        left = self._last.get(at.host, -pause) + pause - time.monotonic()
        if left > 0:
            extra = max(0.0, left - self._pause)
            self._waited[at.host] = self._waited.get(at.host, 0.0) + extra
            if extra and self._waited[at.host] > LONGEST_WAIT:
                raise Passing(
                    f"{at.host} asks for {pause:.0f} s between two pages, too long for more of them now"
                )
            time.sleep(left)
            # Our own pause does not count against the time that the server has.
            self._network.deadline += left
        self._last[at.host] = time.monotonic()

    def _body(self, response: httpcore.Response, headers: dict[str, str], most: int) -> bytes:
        coding = headers.get("content-encoding", "identity").strip().lower()
        if coding not in {"identity", "", "gzip", "x-gzip", "deflate"}:
            raise InputError(f"its compression ({coding[:20]}) is not supported")
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:18]) > most:
            raise TooLarge(most, b"")
        parts = response.iter_stream()
        return _joined(parts if coding in {"identity", ""} else _unpacked(parts, coding, most), most)


class Passing(InputError):
    """A failure that may pass: the server does not answer, or asks to come back later."""


class TooLarge(InputError):
    """A body over the limit; `begun` is the beginning that was read."""

    def __init__(self, most: int, begun: bytes) -> None:
        super().__init__(f"over {most // 1024**2 or 1} MB, the most that is read of such an address")
        self.begun = begun


def _most(type: str) -> int:
    return LARGEST_PAGE if type in {"text/html", "application/xhtml+xml"} else LARGEST


def _joined(parts: Iterable[bytes], most: int) -> bytes:
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > most:
            raise TooLarge(most, bytes(body[:most]))
    return bytes(body)


def _unpacked(parts: Iterable[bytes], coding: str, most: int) -> Iterator[bytes]:
    """Decompress gzip or deflate piece by piece, so that a small body cannot fill the memory."""
    bits = 47 if coding != "deflate" else 15
    unpack = zlib.decompressobj(bits)
    first = True
    try:
        for part in parts:
            data = part
            if first and coding == "deflate" and data[:1] and data[0] & 0x0F != 8:
                unpack = zlib.decompressobj(-15)  # some servers send deflate without its header
            first = False
            piece = b""
            while (data or len(piece) == _PIECE) and not unpack.eof:
                yield (piece := unpack.decompress(data, _PIECE))
                data = unpack.unconsumed_tail
        if not unpack.eof:
            raise InputError("its compressed data is cut off")
    except zlib.error as error:
        raise InputError("its compressed data is damaged") from error


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


class _Network(httpcore.NetworkBackend):
    """Connects only to addresses that were checked, and ends every connection at the deadline."""

    def __init__(self, resolve: Resolve, allowed: Callable[[str], bool]) -> None:
        self._resolve, self._allowed = resolve, allowed
        self._sockets = httpcore.SyncBackend()
        self.deadline = 0.0

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            numbers = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Passing(f"{host} is not a host that can be found") from error
        for number in numbers:
            if not self._allowed(number):
                raise InputError(
                    f"{host} leads to {number}, which is not on the public internet",
                    "`kutip ingest --allow-local` would allow it",
                )
        failed: Exception = httpcore.ConnectError("it has no address")
        for number in numbers[:4]:
            try:
                stream = self._sockets.connect_tcp(number, port, self.left(timeout), local_address)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, self)
        raise failed

    def left(self, timeout: float | None) -> float:
        """Seconds that are left for a wait, at most `timeout`. Raises ReadTimeout if none are."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return min(left, CONNECT_SECONDS if timeout is None else timeout)


class _Stream(httpcore.NetworkStream):
    """A connection that ends at the network's deadline, however slowly the server sends."""

    def __init__(self, stream: httpcore.NetworkStream, network: _Network) -> None:
        self._stream, self._network = stream, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secure = self._stream.start_tls(ssl_context, server_hostname, self._network.left(timeout))
        return _Stream(secure, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
