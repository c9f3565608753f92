"""A remote model: llama-cpp-python's own server with a tiny model, behind a line that is slow and breaks."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

import httpx

from tests.tiny_gguf import write_chat

START = 120.0
"""Seconds in which the server must be there."""


class SlowModel(ThreadingHTTPServer):
    """The line in front of the server; use as a context manager. `url` is what KUTIP_MODEL_URL wants.

    Each reply waits for up to `seconds` before its first piece and as long again over the others; of ten, one
    is refused and one breaks off.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.random = Random(seed)
        self.seconds = 3.0
        self.asked = self.refused = self.broken = 0
        self._model = write_chat(folder / "tiny.gguf", vocabulary=1_500, context=4_096)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def behind(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        options = {
            "model": self._model,
            "host": "127.0.0.1",
            "port": self._port,
            "n_ctx": 4096,
            "n_threads": 1,
        }
        words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "llama_cpp.server", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + START
        while not self._there():
            assert time.monotonic() < end, "the model's server did not start"
            assert self._process.poll() is None, "the model's server ended"
            time.sleep(0.2)
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
        self._process.kill()
        self._process.wait()

    def _there(self) -> bool:
        try:
            return httpx.get(f"{self.behind}/v1/models", timeout=2.0).is_success
        except httpx.HTTPError:
            return False

    def handle_error(self, request: object, client_address: object) -> None:
        """A bot that was killed, or waited long enough, leaves the line."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    server: SlowModel

    def do_GET(self) -> None:
        answer = httpx.get(self.server.behind + self.path, timeout=10.0)
        self._begin(answer)
        self.wfile.write(answer.content)

    def do_POST(self) -> None:
        line = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        line.asked += 1
        luck, wait = line.random.random(), line.random.uniform(0, line.seconds)
        time.sleep(wait)
        if luck < 0.1:
            line.refused += 1
            self.send_error(503)
            return
        kind = {"Content-Type": "application/json"}
        with httpx.stream(
            "POST", line.behind + self.path, content=body, headers=kind, timeout=60.0
        ) as answer:
            self._begin(answer)
            for number, piece in enumerate(answer.iter_raw()):
                if luck < 0.2 and number == 3:
                    line.broken += 1
                    return
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(wait / 20)

    def _begin(self, answer: httpx.Response) -> None:
        # HTTP/1.0: the end of the connection ends the body.
        self.send_response(answer.status_code)
        self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""
