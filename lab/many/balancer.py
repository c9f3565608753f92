"""The address that Telegram knows, before several workers: an update goes to one of them by chance, and to
another where that one does not take it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from types import TracebackType
from typing import Self

import httpx

PATIENCE = 2.0
"""Seconds that a worker has to take an update, before another one is asked."""


class Balancer(ThreadingHTTPServer):
    """Passes posts on. Use as a context manager; `taken` counts who took how many."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, workers: Sequence[str], seed: int = 0) -> None:
        super().__init__((host, 0), _Handler)
        self.workers, self.taken, self.refused = list(workers), Counter[str](), Counter[str]()
        self._random = Random(seed)
        self._client = httpx.Client(timeout=PATIENCE, trust_env=False)

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}/hook"

    def pass_on(self, body: bytes, secret: str) -> int:
        """Gives an update to one worker after the other; the status of the answer."""
        head = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
        for worker in self._random.sample(self.workers, len(self.workers)):
            try:
                if self._client.post(worker, content=body, headers=head).is_success:
                    self.taken[worker] += 1
                    return 200
            except httpx.HTTPError:
                pass
            self.refused[worker] += 1
        return 502

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
        self._client.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked has gone."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Balancer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = self.server.pass_on(body, self.headers.get("X-Telegram-Bot-Api-Secret-Token") or "")
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *values: object) -> None:
        pass
