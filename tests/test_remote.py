"""The remote engine against llama-cpp-python's own server, and against one that fails in every way."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rag.deadline import Deadline
from rag.errors import Cancelled, NoReply
from rag.writing import remote
from rag.writing.grammar import LINE, citing
from rag.writing.remote import RemoteModel
from rag.writing.writer import Prompt

PROMPT = Prompt("Anda menjawab.", "Siapa?")


def test_a_real_server_streams_and_is_held_to_the_grammar(llama_server: str) -> None:
    model = RemoteModel(llama_server)
    assert model.name == "tiny"
    pieces = list(model.write(PROMPT, LINE, 24, Deadline()))
    assert len(pieces) > 1
    said = "".join(pieces).rstrip("\n")
    assert said
    assert not {"\n", "[", "]"} & set(said)
    model.close()


def test_a_real_server_can_be_left_and_asked_again(llama_server: str) -> None:
    model, stop = RemoteModel(llama_server), threading.Event()
    pieces = model.write(PROMPT, citing([1]), 400, Deadline(stop=stop))
    next(pieces)
    stop.set()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        list(pieces)
    assert time.monotonic() - began < 5
    assert list(model.write(PROMPT, citing([1]), 8, Deadline()))
    model.close()


class Server(ThreadingHTTPServer):
    """Answers each request for a reply with the next step of a plan, and remembers what it was sent."""

    daemon_threads = True

    def __init__(self, *plan: Callable[[BaseHTTPRequestHandler], None], owner: str = "llamacpp") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan, self.owner = list(plan), owner
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        models = {"data": [{"id": "/m/big.gguf", "owned_by": self.server.owner, "meta": {"n_ctx": 2048}}]}
        respond(200, json.dumps(models))(self)

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.server.bodies.append(json.loads(self.rfile.read(size)))
        self.server.keys.append(self.headers.get("Authorization"))
        self.server.plan.pop(0)(self)

    def log_message(self, *values: object) -> None:
        pass


def respond(status: int, body: str, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def step(handler: BaseHTTPRequestHandler) -> None:
        data = body.encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return step


def stream(*pieces: str, ends: bool = True) -> Callable[[BaseHTTPRequestHandler], None]:
    def step(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Content-Length" if not ends else "Connection", "9999" if not ends else "close")
        handler.end_headers()
        for piece in pieces:
            event = json.dumps({"choices": [{"delta": {"content": piece}}]})
            handler.wfile.write(f"data: {event}\n\n".encode())
        if ends:
            handler.wfile.write(b'data: {"choices": [], "usage": {}}\n\ndata: [DONE]\n\n')
        handler.close_connection = True

    return step


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PAUSE", 0.01)


@pytest.mark.parametrize(
    "failure",
    [
        respond(500, "oops"),
        respond(503, '{"error": "loading model"}'),
        respond(429, "slow down", Retry_After="0"),
        stream(ends=False),
        respond(200, "data: {broken\n\n"),
        respond(200, 'data: {"error": {"message": "out of memory"}}\n\n'),
    ],
)
def test_what_may_pass_is_tried_again(failure: Callable[[BaseHTTPRequestHandler], None]) -> None:
    server = Server(failure, stream("Ya ", "[1]."))
    model = RemoteModel(server.url, key="secret")
    assert "".join(model.write(PROMPT, citing([1]), 8, Deadline())) == "Ya [1]."
    assert (model.name, model.context) == ("big", 2048)
    assert server.keys == ["Bearer secret"] * 2


def test_a_server_that_keeps_failing_gives_no_reply_in_one_line() -> None:
    server = Server(*[respond(500, "oops\noops")] * 9)
    with pytest.raises(NoReply) as error:
        list(RemoteModel(server.url).write(PROMPT, citing([1]), 8, Deadline()))
    assert len(server.bodies) == remote.TRIES
    assert "\n" not in str(error.value)
    assert "500" in str(error.value)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_will_not_pass_is_not_tried_again(status: int) -> None:
    server = Server(respond(status, "no"))
    with pytest.raises(NoReply, match=str(status)):
        list(RemoteModel(server.url, key="secret").write(PROMPT, citing([1]), 8, Deadline()))
    assert len(server.bodies) == 1


def test_a_reply_that_breaks_off_is_not_begun_again() -> None:
    server = Server(stream("Ya ", ends=False), stream("Tidak."))
    with pytest.raises(NoReply):
        list(RemoteModel(server.url).write(PROMPT, citing([1]), 8, Deadline()))
    assert len(server.bodies) == 1


def test_no_server_at_all_is_no_reply() -> None:
    closed = Server()
    closed.shutdown()
    closed.server_close()
    model = RemoteModel(closed.url)
    with pytest.raises(NoReply, match="does not answer"):
        list(model.write(PROMPT, citing([1]), 8, Deadline()))
    assert model.name.startswith("127.0.0.1:")


def test_a_server_that_says_nothing_is_left_when_time_is_over_or_the_question_cancelled() -> None:
    server = Server(hang, hang)
    model = RemoteModel(server.url)
    assert model.name == "big"
    began = time.monotonic()
    with pytest.raises(NoReply, match="time was over"):
        list(model.write(PROMPT, citing([1]), 8, Deadline(0.3)))
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(Cancelled):
        list(model.write(PROMPT, citing([1]), 8, Deadline(stop=stop)))
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("owner", "field"), [("llamacpp", "grammar"), ("vllm", "structured_outputs"), ("somebody", None)]
)
def test_the_grammar_goes_under_the_servers_own_name(owner: str, field: str | None) -> None:
    server = Server(stream("Ya."), owner=owner)
    list(RemoteModel(server.url).write(PROMPT, citing([1, 2]), 8, Deadline()))
    (body,) = server.bodies
    assert {"grammar", "structured_outputs"} & body.keys() == ({field} if field else set())
    assert body["max_tokens"] == 8
    if field:
        assert "cite" in str(body[field])


def test_a_server_that_refuses_the_grammar_is_asked_without() -> None:
    server = Server(respond(400, "unknown field: grammar"), stream("Ya."))
    assert "".join(RemoteModel(server.url).write(PROMPT, citing([1]), 8, Deadline())) == "Ya."
    assert ["grammar" in body for body in server.bodies] == [True, False]
