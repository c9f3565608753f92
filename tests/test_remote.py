"""The remote engine against llama-cpp-python's own server, and against one that fails in every way."""

from __future__ import annotations

import json
import threading
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
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
        self.models: Callable[[BaseHTTPRequestHandler], None] | None = None
        self.asked = 0
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked += 1
        if self.server.models is not None:
            self.server.models(self)
            return
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
        assert "claim ::=" in str(body[field])


def test_a_server_that_refuses_the_grammar_is_asked_without() -> None:
    server = Server(respond(400, "unknown field: grammar"), stream("Ya."))
    assert "".join(RemoteModel(server.url).write(PROMPT, citing([1]), 8, Deadline())) == "Ya."
    assert ["grammar" in body for body in server.bodies] == [True, False]


def drip(handler: BaseHTTPRequestHandler) -> None:
    """The head of an answer, and then a letter now and then, without an end."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.02)


def drip_the_head(handler: BaseHTTPRequestHandler) -> None:
    with suppress(OSError):
        while True:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-A" if handler.close_connection is None else b"a")
            time.sleep(0.02)


def endless(piece: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    def step(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):
            while True:
                handler.wfile.write(piece * 4_096)

    return step


def listing(**fields: Any) -> str:
    return json.dumps({"data": [{"id": "m", "owned_by": "me", **fields}]})


DEEP = "[" * 100_000


@pytest.mark.parametrize("step", [drip, drip_the_head, hang, endless(b"a"), endless(b"a\n")])
@pytest.mark.parametrize("place", ["models", "reply"])
def test_a_server_that_drips_or_never_ends_is_left_in_time(
    step: Callable[[BaseHTTPRequestHandler], None], place: str
) -> None:
    server = Server(step)
    server.models = step if place == "models" else None
    began = time.monotonic()
    with pytest.raises(NoReply):
        list(RemoteModel(server.url, seconds=0.4).write(PROMPT, citing([1]), 8, Deadline(0.4)))
    assert time.monotonic() - began < 2.5
    while any(thread.name == "exchange" for thread in threading.enumerate()):
        assert time.monotonic() - began < 10, "the thread that reads goes on"
        time.sleep(0.02)


def test_an_endless_answer_is_not_kept_in_memory() -> None:
    server = Server(*[endless(b"a")] * 2)
    model = RemoteModel(server.url)
    assert model.name == "big"
    tracemalloc.start()
    with pytest.raises(NoReply, match="more than a reply"):
        list(model.write(PROMPT, citing([1]), 8, Deadline()))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 64 << 20


@pytest.mark.parametrize(
    "text",
    [
        *("", "null", "[]", "3", '"data"', "{}", DEEP, '{"data": ' + DEEP, "\x00", "{'data': []}"),
        *(f'{{"data": {given}}}' for given in ("null", "3", '"m"', "{}", "[]", "[null]", '["m"]', "[[]]")),
        *(f'{{"data": [{{"id": {given}}}]}}' for given in ("null", "3", '""', "[]", "{}")),
    ],
)
def test_a_list_of_models_that_is_none_is_no_reply_in_one_line(text: str) -> None:
    server = Server(stream("Ya."))
    server.models = respond(200, text)
    model = RemoteModel(server.url)
    with pytest.raises(NoReply) as error:
        list(model.write(PROMPT, citing([1]), 8, Deadline()))
    assert "\n" not in str(error.value)
    assert model.name == server.url.split("/")[2]


@pytest.mark.parametrize(
    "given", ["1e999", "-1e999", "NaN", "-1", "0", "1", '"4096"', "true", "[]", "{}", "null", "9" * 400]
)
@pytest.mark.parametrize("field", ['"max_model_len": %s', '"meta": {"n_ctx": %s}', '"meta": %s'])
def test_a_context_that_cannot_be_is_taken_for_none(given: str, field: str) -> None:
    server = Server(stream("Ya."))
    server.models = respond(200, '{"data": [{"id": "m", %s}]}' % (field % given))
    model = RemoteModel(server.url)
    assert model.context == remote.CONTEXT
    assert "".join(model.write(PROMPT, citing([1]), 8, Deadline())) == "Ya."


@pytest.mark.parametrize("status", [204, 206, 301, 302, 307, 308, 400])
def test_a_redirect_and_what_is_no_answer_are_no_reply(status: int) -> None:
    elsewhere = Server(stream("Ya."))
    headers = {"Location": elsewhere.url}
    for place in ("models", "reply"):
        server = Server(respond(status, "", **headers))
        server.models = respond(status, "", **headers) if place == "models" else None
        with pytest.raises(NoReply, match=str(status)):
            list(RemoteModel(server.url, key="secret").write(PROMPT, citing([1]), 8, Deadline()))
    assert not elsewhere.asked
    assert not elsewhere.bodies


@pytest.mark.parametrize("after", ["²", "-1", "1e3", "soon", "", "Wed, 21 Oct 2015 07:28:00 GMT", "\u0663"])
def test_a_wait_that_is_no_number_of_seconds_is_not_waited_for(after: str) -> None:
    busy = respond(429, "busy", Retry_After=after.encode().decode("latin-1"))
    server = Server(busy, stream("Ya."))
    assert "".join(RemoteModel(server.url).write(PROMPT, citing([1]), 8, Deadline(20))) == "Ya."


def test_a_wait_beyond_the_time_that_there_is_ends_at_once() -> None:
    server = Server(respond(503, "busy", Retry_After="999999999"), stream("Ya."))
    began = time.monotonic()
    with pytest.raises(NoReply, match="503"):
        list(RemoteModel(server.url).write(PROMPT, citing([1]), 8, Deadline(30)))
    assert time.monotonic() - began < 5


def event(content: str) -> str:
    return f'data: {{"choices": [{{"delta": {{"content": {content}}}}}]}}\n\n'


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        '{"choices": [{"message": {"content": "Ya."}}]}',
        *(f"data: {given}\n\n" for given in ("null", "3", '"Ya"', "[]", "{}", '{"choices": "Ya"}')),
        *(f'data: {{"choices": {given}}}\n\n' for given in ("null", "{}", "[]", "[null]", '["a"]', "[[]]")),
        *(f'data: {{"choices": [{{"delta": {given}}}]}}\n\n' for given in ("null", '"Ya"', "[]", "3")),
        *(event(given) for given in ("null", "3", "true", "[]", '["Ya"]', '{"text": "Ya"}')),
        event(json.dumps(" " * 400_000)),
        event('" "') * 40_000,
        f"data: {' ' * 400_000}\n\n",
        " " * 400_000,
    ],
)
def test_what_is_no_reply_is_called_none(body: str) -> None:
    server = Server(*[respond(200, body)] * remote.TRIES)
    model = RemoteModel(server.url)
    with pytest.raises(NoReply):
        "".join(model.write(PROMPT, citing([1]), 8, Deadline(20)))


@pytest.mark.parametrize("body", [f"data: {DEEP}\n\n", 'data: {"choices": ' + DEEP + "\n\n"])
def test_deep_json_is_tried_again_and_then_no_reply(body: str) -> None:
    server = Server(*[respond(200, body)] * remote.TRIES)
    with pytest.raises(NoReply, match="not JSON"):
        list(RemoteModel(server.url).write(PROMPT, citing([1]), 8, Deadline()))
    assert len(server.bodies) == remote.TRIES


def test_a_packed_answer_is_not_unpacked() -> None:
    server = Server(respond(200, "x", Content_Encoding="gzip"))
    with pytest.raises(NoReply, match="packed"):
        list(RemoteModel(server.url).write(PROMPT, citing([1]), 8, Deadline()))


def test_what_acts_on_a_terminal_stays_out_of_names_errors_and_replies() -> None:
    server = Server(stream("Y\x1b[2Ja\x9b \u00a0\x07."), respond(400, "no \x1b]0;x\x07"))
    server.models = respond(200, json.dumps({"data": [{"id": "m\x1b[31m\n\ud800", "owned_by": "me"}]}))
    model = RemoteModel(server.url)
    assert model.name == "m[31m"
    assert "".join(model.write(PROMPT, citing([1]), 8, Deadline())) == "Y[2Ja \u00a0."
    with pytest.raises(NoReply) as error:
        list(model.write(PROMPT, citing([1]), 8, Deadline()))
    assert str(error.value).isprintable()


def test_a_password_in_the_address_is_not_told() -> None:
    closed = Server()
    closed.shutdown()
    closed.server_close()
    model = RemoteModel(closed.url.replace("//", "//user:hush@"))
    with pytest.raises(NoReply) as error:
        list(model.write(PROMPT, citing([1]), 8, Deadline()))
    assert "hush" not in str(error.value) + model.name


@pytest.mark.parametrize(
    "url", ["http://[/v1", "http://127.0.0.1:99999/v1", "http://\x7f/v1", "http://a b/v1"]
)
def test_an_address_that_is_none_is_no_reply(url: str) -> None:
    model = RemoteModel(url)
    assert model.name
    with pytest.raises(NoReply):
        list(model.write(PROMPT, citing([1]), 8, Deadline()))


def test_a_server_that_did_not_describe_itself_is_not_asked_by_each_call_again() -> None:
    server = Server()
    server.models = respond(500, "")
    model = RemoteModel(server.url)
    assert model.name
    for _ in range(3):
        with pytest.raises(NoReply):
            _ = model.context
    assert server.asked == 1
