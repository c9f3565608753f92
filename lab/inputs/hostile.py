"""Hostile addresses, with listening sockets that count who connects: `python -m lab.inputs.hostile`.

Some 60: this machine in every spelling, other protocols, redirects and names that lead within, and bodies
without an end. For the last two, 127.0.0.1 plays the public internet, where a server answers, and 127.0.0.2
the forbidden network.
"""

from __future__ import annotations

import gzip
import socket
import tempfile
import threading
import time
from itertools import cycle
from pathlib import Path

from rag.load import Refusal, sources
from rag.load.fetch import Fetcher
from rag.load.web import Web
from rag.store.archive import Archive
from tests.test_load_web import HOSTILE, Trap, docx
from tests.web_server import Site

HTML = {"Content-Type": "text/html"}
WITHIN = (
    *("http://127.0.0.2:{port}/", "http://127.0.2:{port}/", "http://2130706434:{port}/"),
    *("http://0x7f.0.0.2:{port}/", "http://0177.0.0.2:{port}/", "http://[::ffff:127.0.0.2]:{port}/"),
    *("//127.0.0.2:{port}/", "http://[::1]:{port}/", "file:///etc/passwd", "gopher://127.0.0.2:{port}/"),
)


class Guard(Trap):
    """The same on the forbidden address."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.2", 0))
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._count, daemon=True).start()


class Dripping:
    """Accepts, and sends a byte now and then, for ever."""

    def __init__(self, first: bytes, more: bytes, seconds: float) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self._say = first, more, seconds
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            client, _ = self._socket.accept()
            threading.Thread(target=self._drip, args=(client,), daemon=True).start()

    def _drip(self, client: socket.socket) -> None:
        first, more, seconds = self._say
        try:
            asked = client.recv(65536)
            if b"/robots.txt HTTP" in asked:
                client.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                client.close()
                return
            client.sendall(first)
            while True:
                client.sendall(more)
                time.sleep(seconds)
        except OSError:
            return


def main() -> None:
    site, trap, guard = Site(), Trap(), Guard()
    said: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder) / "archive.db")

        def ask(what: str, url: str, fetcher: Fetcher) -> None:
            web = Web(fetcher, archive)
            began = time.monotonic()
            found = list(sources([url], None, web))
            web.close()
            assert len(found) == 1, (what, found)
            assert isinstance(found[0], Refusal), (what, found)
            assert "\n" not in found[0].reason
            said.append((f"{what} ({time.monotonic() - began:.1f} s)", found[0].reason))

        for url in HOSTILE:
            ask(url, url.format(port=trap.port), Fetcher(pause=0, seconds=4))
        for number, link in enumerate(WITHIN):
            site.pages[f"/{number}"] = (302, {"Location": link.format(port=guard.port)}, b"")
            fetcher = Fetcher(pause=0, seconds=4, allowed=lambda each: each == "127.0.0.1")
            ask(f"redirect to {link}", f"{site.url}/{number}", fetcher)
        answers = cycle((["127.0.0.1"], ["127.0.0.2"]))
        port = site.url.rpartition(":")[2]
        site.pages["/named"] = (
            302,
            {"Location": f"http://b.example:{guard.port}/", "Connection": "close"},
            b"",
        )
        for name in ("changes its answer", "has a good and a bad address"):
            both = name.startswith("has")
            fetcher = Fetcher(
                pause=0,
                seconds=4,
                resolve=lambda host, at: ["127.0.0.1", "127.0.0.2"] if both else next(answers),  # noqa: B023
                allowed=lambda each: each == "127.0.0.1",
            )
            ask(f"a name that {name}", f"http://a.example:{port}/named", fetcher)
        bomb = gzip.compress(bytes(200_000_000))
        endless = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        chunked = endless[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"
        site.pages["/gzip"] = (200, HTML | {"Content-Encoding": "gzip"}, bomb)
        site.pages["/twice"] = (200, HTML | {"Content-Encoding": "gzip, gzip"}, gzip.compress(bomb))
        site.pages["/docx"] = (200, {"Content-Type": "application/octet-stream"}, docx("a" * 100_000_000))
        site.pages["/large"] = (200, HTML, b"<p>" + bytes(2_000_000))
        site.pages["/says"] = (200, HTML | {"Content-Length": "9" * 15}, b"")
        site.pages["/round"] = (302, {"Location": "/round"}, b"")
        for path in ("/gzip", "/twice", "/docx", "/large", "/says", "/round"):
            ask(path, site.url + path, Fetcher(True, pause=0, seconds=4))
        for what, first, more, pause in (
            ("an endless body", endless, b"<p>" * 20_000, 0.0),
            ("a dripping body", endless, b"<", 0.2),
            ("dripping headers", b"HTTP/1.1 200 OK\r\nA: ", b"a", 0.2),
            ("endless headers", b"HTTP/1.1 200 OK\r\n", b"A: " + b"a" * 5_000 + b"\r\n", 0.0),
            ("endless chunks", chunked, b"5\r\n<p>a \r\n" * 5_000, 0.0),
            ("silence", b"", b"", 0.5),
        ):
            ask(what, Dripping(first, more, pause).url, Fetcher(True, pause=0, seconds=4))
        archive.close()
    for what, reason in said:
        print(f"{what}\n    {reason}")
    print(f"{len(said)} refused, {trap.connections + guard.connections} connections to a forbidden address")


if __name__ == "__main__":
    main()
