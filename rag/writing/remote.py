"""A chat model behind an OpenAI-compatible server: llama.cpp's, vLLM, or any other.

The server is asked to hold the model to the citation grammar under its own name for that: `grammar` for
llama.cpp's server and llama-cpp-python's, `structured_outputs` for vLLM (from its documentation; not run
here). Another server gets none, and its output is checked in the same way: what cites wrongly is dropped.

Nothing that a server sends is trusted: anything but a proper reply, in time and of a sensible size, is
NoReply.
"""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from time import monotonic
from typing import Any

import httpx

from rag.deadline import Deadline
from rag.errors import NoReply
from rag.text.encoding import encoding
from rag.writing.exchange import CONNECT, Interrupted, Reply, client, exchange
from rag.writing.grammar import Grammar
from rag.writing.writer import Prompt

CONTEXT = 4096
"""Tokens of a server's context, if it does not say."""
TRIES = 4
"""How often a reply is asked for."""
PAUSE = 0.5
"""Seconds before the second try, on average; twice as long before each next one."""
_REMEMBERED = 3.0
"""Seconds before a server that did not describe itself is asked again, since one question needs that
often."""
_LIST, _REPLY, _ERROR = 1 << 20, 1 << 22, 1 << 12
"""Bytes that are read of a list of models, a reply, and an error."""
_LETTERS = 24
"""Characters of a token at most, on average over a reply: words have four, a run of spaces more."""
_CONTEXTS = range(512, 1 << 24)
"""Contexts, in tokens, that are believed."""
_ROOM = 1.3
"""How many more tokens another vocabulary may need than the shipped encoding."""
_GRAMMAR = {"llamacpp": "grammar", "me": "grammar", "vllm": "structured_outputs"}
"""The field for a grammar, by the owner that a server names for its models."""


@dataclass(frozen=True, slots=True)
class _Server:
    model: str
    grammar: str | None
    context: int


class _Again(Exception):
    """This try failed, and another may succeed; `after` is the pause, in seconds, that the server asked
    for."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


class RemoteModel:
    """Implements `rag.types.Writer`. `url` is the address up to `/chat/completions`, such as `…/v1`.

    `seconds` is how long a whole reply may take; what the server says about itself gets a part of it.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        model: str | None = None,
        context: int | None = None,
        seconds: float | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        # Without what may stand before an @, which is a password.
        self._place = re.sub(r"//[^/@]*@", "//", self._url)
        self._model, self._context = model, context
        self._describing = min(CONNECT, seconds or CONNECT)
        self._client = client({"Authorization": f"Bearer {key}"} if key else {})
        self._known: _Server | None = None
        self._failed: tuple[float, NoReply] | None = None

    @property
    def name(self) -> str:
        """The model's name as the server has it, without the folders of a file; else the server's address."""
        try:
            name = PurePosixPath(self._server.model).name.removesuffix(".gguf")
        except NoReply:
            name = self._model or ""
        return _shown(name).strip()[:80] or self._place.partition("//")[2].partition("/")[0]

    @property
    def context(self) -> int:
        """Tokens of a prompt and its reply together, as the server says. Raises NoReply."""
        return self._context or self._server.context

    def count(self, text: str) -> int:
        """An estimate: the server's vocabulary is not known here."""
        return int(len(encoding().encode_ordinary(text)) * _ROOM) + 1

    def write(self, prompt: Prompt, grammar: Grammar, most: int, deadline: Deadline) -> Iterator[str]:
        """The reply in pieces. A failure before the first piece is tried again while there is time.

        Raises NoReply where the server does not answer, breaks off, or sends what is no reply; Cancelled.
        """
        held = True
        for number in range(1, TRIES + 1):
            begun = False
            try:
                for piece in self._pieces(
                    self._body(prompt, grammar if held else None, most), most, deadline
                ):
                    begun = True
                    yield piece
                return
            except NoReply as error:
                raise self._no_reply(error.message) from error
            except (_Again, Interrupted) as error:
                deadline.check()
                after = error.after if isinstance(error, _Again) else 0.0
                if begun or number == TRIES or after >= deadline.left or deadline.left <= 0:
                    raise self._no_reply(str(error)) from error
                if "grammar" in str(error):
                    # Some builds refuse the field; the output is checked all the same.
                    held = False
                pause = PAUSE * 2 ** (number - 1) * random.uniform(0.5, 1.5)
                deadline.wait(max(pause, after))

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    # What the server is

    @property
    def _server(self) -> _Server:
        if self._known is None:
            if self._failed is not None and monotonic() < self._failed[0]:
                raise self._failed[1]
            try:
                self._known = self._described()
            except NoReply as error:
                self._failed = monotonic() + _REMEMBERED, error
                raise
        return self._known

    def _described(self) -> _Server:
        try:
            with exchange(self._client, "GET", f"{self._url}/models", Deadline(self._describing)) as reply:
                status, text = reply.status, reply.read(_LIST) if reply.status == httpx.codes.OK else b""
        except (NoReply, Interrupted) as error:
            why = error.message if isinstance(error, NoReply) else str(error)
            raise self._no_reply(f"it does not answer as a model's server: {why}") from error
        if status == httpx.codes.NOT_FOUND and self._model:
            # A server without a list of models is asked for the one by name.
            return _Server(self._model, None, CONTEXT)
        if status != httpx.codes.OK:
            raise self._no_reply(f"it answers {status} where its list of models should be")
        said = _json(text)
        listed = said.get("data") if isinstance(said, dict) else None
        models = [m for m in listed if _is_model(m)] if isinstance(listed, list) else []
        if not models:
            raise self._no_reply("it does not answer as a model's server: it lists no model")
        found = next((m for m in models if m["id"] == self._model), models[0])
        meta = found.get("meta")
        given = found.get("max_model_len"), meta.get("n_ctx") if isinstance(meta, dict) else None
        context = next((n for n in given if type(n) is int and n in _CONTEXTS), CONTEXT)
        return _Server(self._model or found["id"], _GRAMMAR.get(str(found.get("owned_by"))), context)

    # One reply

    def _body(self, prompt: Prompt, grammar: Grammar | None, most: int) -> bytes:
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
        return json.dumps(body).encode()

    def _pieces(self, body: bytes, most: int, deadline: Deadline) -> Iterator[str]:
        """One try. Raises _Again, Interrupted, NoReply, Cancelled."""
        written = 0
        with exchange(self._client, "POST", f"{self._url}/chat/completions", deadline, body) as reply:
            _check(reply)
            for line in reply.lines(_REPLY):
                piece = _content(line)
                written += len(piece)
                if written > most * _LETTERS:
                    raise NoReply("it writes far more than it was asked for")
                if piece:
                    yield piece
                    deadline.check()
                    if deadline.passed:
                        return
        if not written:
            raise NoReply("what it sends is no reply")

    def _no_reply(self, why: str) -> NoReply:
        return NoReply(why if why.startswith(self._place) else f"{self._place}: {_line(why)}")


def _check(reply: Reply) -> None:
    """Raises _Again for what may pass (429, 5xx, a field that is not known), NoReply for the rest."""
    status = reply.status
    if status == httpx.codes.OK:
        return
    if 300 <= status < 400:
        raise NoReply(f"it answers {status}, a redirect, which is not followed")
    text = reply.start(_ERROR).decode("utf-8", "replace")
    reason = f"it answers {status} ({_line(text)})"
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:
        # In seconds, and no date: RFC 9110, 10.2.3.
        after = re.fullmatch(r"[0-9]{1,9}", reply.headers.get("retry-after", ""))
        raise _Again(reason, float(after[0]) if after else 0.0)
    if status in (400, 422) and ("grammar" in text or "structured_outputs" in text):
        raise _Again(f"no grammar: {reason}")
    raise NoReply(reason)


def _content(line: str) -> str:
    """The text in a line of server-sent events. Raises _Again for an error in place of one."""
    if not line.startswith("data:") or line[5:].strip() == "[DONE]":
        return ""
    event = _json(line[5:])
    if event is None:
        raise _Again("it sends what is not JSON")
    if not isinstance(event, dict):
        return ""
    if event.get("error"):
        raise _Again(f"it says {_line(event['error'])}")
    # Usage figures and the like have no choices, or none with text.
    choices = event.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    delta = first.get("delta") if isinstance(first, dict) else None
    content = delta.get("content") if isinstance(delta, dict) else None
    return _shown(content) if isinstance(content, str) else ""


def _json(text: str | bytes) -> Any:
    """The value; None if it is not JSON, or is nested too deep."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_model(given: object) -> bool:
    return isinstance(given, Mapping) and isinstance(given.get("id"), str) and bool(given["id"])


def _shown(text: str) -> str:
    """Text without control characters and without halves of surrogate pairs."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def _line(what: object) -> str:
    return _shown(" ".join(str(what)[:400].split()))[:200] or type(what).__name__
