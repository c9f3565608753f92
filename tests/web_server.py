"""A web server on loopback that the tests tell what to say; it counts what it was asked."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Said = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing where a peer has hung up: the default prints a trace into what a test reads."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Site:
    """`pages`: a path to what it says, or to what makes it from the request's headers."""

    def __init__(self) -> None:
        self.pages: dict[str, Said | Callable[[Any], Said]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append(self.path)
                said = site.pages.get(self.path, (404, {}, b"nothing here"))
                status, headers, body = said(self.headers) if callable(said) else said
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    return

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def html(self, path: str, body: str, status: int = 200) -> str:
        self.pages[path] = (status, {"Content-Type": "text/html; charset=utf-8"}, body.encode())
        return self.url + path

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def page(title: str, *paragraphs: str, head: str = "") -> str:
    """A news page with what usually stands around an article."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang='id'><head><meta charset='utf-8'><title>{title} - Suara Lembah</title>"
        f"<meta property='og:title' content='{title}'><meta property='og:site_name' content='Suara Lembah'>"
        f"{head}</head><body><nav><a href='/'>Beranda</a> <a href='/politik'>Politik</a></nav>"
        f"<article><h1>{title}</h1>{body}</article>"
        f"<aside>Terpopuler: <a href='/9'>Resep nasi jagung</a></aside>"
        f"<footer>Hak cipta Suara Lembah</footer></body></html>"
    )
