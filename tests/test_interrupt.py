"""Ctrl-C: in this process, and at the command as it is installed, while a model's server says nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import interrupt
from bot.demo import ARTICLES
from bot.interrupt import still_going, stoppable

ENDLESS = 60.0
"""Seconds that work takes which nobody stops: far more than a test may."""


def pressed_soon() -> None:
    threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()


def test_work_gives_what_it_returns_and_raises() -> None:
    assert stoppable(lambda stop: 1) == 1
    with pytest.raises(ZeroDivisionError):
        stoppable(lambda stop: 1 // 0)
    assert not still_going()


def test_ctrl_c_ends_work_that_listens() -> None:
    pressed_soon()
    with pytest.raises(KeyboardInterrupt):
        stoppable(lambda stop: stop.wait(ENDLESS))
    assert not still_going()


def test_ctrl_c_leaves_work_that_does_not_listen_and_the_next_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interrupt, "PATIENCE", 0.05)
    done, order = threading.Event(), list[str]()

    def deaf(stop: threading.Event) -> None:
        done.wait(ENDLESS)
        order.append("first")

    pressed_soon()
    with pytest.raises(KeyboardInterrupt):
        stoppable(deaf)
    assert still_going()
    threading.Timer(0.1, done.set).start()
    stoppable(lambda stop: order.append("second"))
    assert order == ["first", "second"]


@pytest.fixture
def silent() -> Iterator[tuple[str, threading.Event]]:
    """A model's server that takes a question and says nothing; the event is set once it was asked one."""
    asked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            kept = []
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                kept.append(connection)
                if b"GET" in (head := connection.recv(65_536)):
                    body = b'{"data": [{"id": "m"}]}'
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                elif head:
                    asked.set()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1", asked


@pytest.mark.parametrize(
    "words", [("ask", "Siapa kiper Bahari?"), ("ask", "--json", "--batch", "-"), ("chat",)]
)
def test_ctrl_c_ends_an_answer_while_a_model_is_silent(
    words: tuple[str, ...], silent: tuple[str, threading.Event], home: Path
) -> None:
    url, asked = silent
    started = {**os.environ, "KUTIP_MODEL_URL": url, "KUTIP_MODEL_SECONDS": str(ENDLESS)}
    # The reader is sure of this one, and the model would not be asked.
    started["KUTIP_MODEL_WHEN"] = "always"
    kutip = [sys.executable, "-P", "-c", "from bot.cli import main; main()"]
    subprocess.run([*kutip, "ingest", str(ARTICLES)], check=True, capture_output=True, env=started)
    pipe = subprocess.PIPE
    process = subprocess.Popen([*kutip, *words], stdin=pipe, stdout=pipe, stderr=pipe, env=started)
    assert process.stdin is not None
    line = b"Siapa kiper Bahari?" if words == ("chat",) else b'{"question": "Siapa kiper Bahari?"}'
    process.stdin.write(line + b"\n")
    process.stdin.flush()
    assert asked.wait(ENDLESS)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=ENDLESS / 2)
    assert time.monotonic() - began < ENDLESS / 4
    assert b"stopped" in out + err
    assert b"Traceback" not in out + err
    # The chat goes on, and ends as its input does.
    assert process.returncode == (0 if words == ("chat",) else 130)
