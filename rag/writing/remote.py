"""A chat model behind an OpenAI-compatible server: llama.cpp's, vLLM, or any other.

The server is asked to hold the model to the citation grammar under its own name for that: `grammar` for
llama.cpp's server and llama-cpp-python's, `structured_outputs` for vLLM (from its documentation; not run
here). Another server gets none, and its output is checked in the same way: what cites wrongly is dropped.
"""

from __future__ import annotations

import json
import queue
import random
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import httpx

from rag.deadline import Deadline
from rag.errors import NoReply
from rag.text.encoding import encoding
from rag.writing.grammar import Grammar
from rag.writing.writer import Prompt

CONTEXT = 4096
"""Tokens that a server is taken to have where it does not say."""
TRIES = 4
PAUSE = 0.5
"""Seconds before the second try, on average; twice as long before each next one."""
_CONNECT, _SILENCE = 5.0, 60.0
"""Seconds to wait for a connection, and for the next piece."""
_POLL = 0.1
_ROOM = 1.3
"""How many more tokens another vocabulary may need than the shipped encoding."""
_GRAMMAR = {"llamacpp": "grammar", "me": "grammar", "vllm": "structured_outputs"}
"""The field for a grammar, by who a server says owns its models."""


@dataclass(frozen=True, slots=True)
class _Server:
    model: str
    grammar: str | None
    context: int


class _Again(Exception):
    """This try failed and another may not; `after`, in seconds, is what the server asked for."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


class RemoteModel:
    """Implements `rag.types.Writer`. `url` is the address up to `/chat/completions`, such as `…/v1`."""

    def __init__(
        self, url: str, key: str | None = None, model: str | None = None, context: int | None = None
    ) -> None:
        self._url = url.rstrip("/")
        self._model, self._context = model, context
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(_SILENCE, connect=_CONNECT),
        )

    @property
    def name(self) -> str:
        """The model's name as the server has it, without the folders of a file; else the server's address."""
        try:
            return PurePosixPath(self._server.model).name.removesuffix(".gguf")
        except NoReply:
            return self._model or httpx.URL(self._url).netloc.decode()

    @property
    def context(self) -> int:
        """Tokens of a prompt and its reply together, as the server says. Raises NoReply."""
        return self._context or self._server.context

    def count(self, text: str) -> int:
        """An estimate: the server's vocabulary is not known here."""
        return int(len(encoding().encode_ordinary(text)) * _ROOM) + 1

    def write(self, prompt: Prompt, grammar: Grammar, most: int, deadline: Deadline) -> Iterator[str]:
        """The reply in pieces. What fails before the first of them is tried again while there is time.

        Raises NoReply where the server does not answer or breaks off, Cancelled.
        """
        held = True
        for number in range(1, TRIES + 1):
            begun = False
            try:
                for piece in self._pieces(self._body(prompt, grammar if held else None, most), deadline):
                    begun = True
                    yield piece
                return
            except _Again as error:
                deadline.check()
                if begun or number == TRIES or deadline.left <= 0:
                    raise NoReply(f"{self._url}: {error}") from error
                if "grammar" in str(error):
                    # Some builds refuse the field; the output is checked all the same.
                    held = False
                pause = PAUSE * 2 ** (number - 1) * random.uniform(0.5, 1.5)
                deadline.wait(max(pause, error.after))

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    @cached_property
    def _server(self) -> _Server:
        try:
            answer = self._client.get(f"{self._url}/models", timeout=httpx.Timeout(_CONNECT))
            answer.raise_for_status()
            models = answer.json()["data"]
            found = next((m for m in models if m.get("id") == self._model), models[0])
            meta = found.get("meta") or {}
            context = found.get("max_model_len") or meta.get("n_ctx") or CONTEXT
            return _Server(
                self._model or str(found["id"]), _GRAMMAR.get(str(found.get("owned_by"))), int(context)
            )
        except httpx.HTTPStatusError as error:
            if self._model and error.response.status_code == httpx.codes.NOT_FOUND:
                # A server without a list of models is asked for the one by name.
                return _Server(self._model, None, CONTEXT)
            raise NoReply(f"{self._url} answers {error.response.status_code}") from error
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
        ) as error:
            raise NoReply(f"{self._url} does not answer as a model's server ({_line(error)})") from error

    def _body(self, prompt: Prompt, grammar: Grammar | None, most: int) -> dict[str, Any]:
        server = self._server
        body: dict[str, Any] = {
            "model": server.model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "stream": True,
            "temperature": 0.2,
            "max_tokens": most,
        }
        if grammar is not None and server.grammar == "grammar":
            body["grammar"] = grammar.text
        elif grammar is not None and server.grammar == "structured_outputs":
            body["structured_outputs"] = {"grammar": grammar.text}
        return body

    def _pieces(self, body: Mapping[str, Any], deadline: Deadline) -> Iterator[str]:
        """One try. A thread reads, so that a server that says nothing can be left at once."""
        said: queue.Queue[str | Exception | None] = queue.Queue()
        connection: list[socket.socket] = []

        def read() -> None:
            try:
                with self._client.stream("POST", f"{self._url}/chat/completions", json=body) as answer:
                    stream = answer.extensions.get("network_stream")
                    if stream is not None and (own := stream.get_extra_info("socket")) is not None:
                        connection.append(own)
                    _check(answer)
                    for line in answer.iter_lines():
                        if piece := _content(line):
                            said.put(piece)
                said.put(None)
            except Exception as error:
                said.put(error)

        threading.Thread(target=read, daemon=True).start()
        try:
            while True:
                try:
                    piece = said.get(timeout=max(0.0, min(_POLL, deadline.left)))
                except queue.Empty:
                    deadline.check()
                    if deadline.passed:
                        raise NoReply(f"{self._url} had not answered when its time was over") from None
                    continue
                deadline.check()
                if piece is None:
                    return
                if isinstance(piece, httpx.HTTPError):
                    raise _Again(_line(piece))
                if isinstance(piece, Exception):
                    raise piece
                yield piece
                deadline.check()
                if deadline.passed:
                    return
        finally:
            for each in connection:
                # Closing alone would not wake the thread that waits on it.
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


def _check(answer: httpx.Response) -> None:
    """Raises _Again for what may pass (429, 5xx, a field that is not known), NoReply for the rest."""
    status = answer.status_code
    if status < 400:
        return
    text = answer.read().decode("utf-8", "replace")[:300]
    reason = f"it answers {status} ({_line(text)})"
    if status == 429 or status >= 500:
        after = answer.headers.get("retry-after", "")
        raise _Again(reason, float(after) if after.isdigit() else 0.0)
    if status in (400, 422) and ("grammar" in text or "structured_outputs" in text):
        raise _Again(f"no grammar: {reason}")
    raise NoReply(reason)


def _content(line: str) -> str:
    """The text in a line of server-sent events. Raises _Again for an error in place of one."""
    if not line.startswith("data:") or line[5:].strip() == "[DONE]":
        return ""
    try:
        event = json.loads(line[5:])
    except ValueError as error:
        raise _Again("it sends what is not JSON") from error
    if isinstance(event, dict) and event.get("error"):
        raise _Again(f"it says {_line(event['error'])}")
    try:
        return str(event["choices"][0]["delta"].get("content") or "")
    except (LookupError, TypeError, AttributeError):
        # Usage figures and the like.
        return ""


def _line(what: object) -> str:
    return " ".join(str(what).split())[:200] or type(what).__name__
