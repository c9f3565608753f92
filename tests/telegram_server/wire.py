"""HTTP: reading calls in the four forms that Telegram takes, long polling, files, and faults carried out.

Sources: https://core.telegram.org/bots/api#making-requests, #getupdates, #file.
"""

from __future__ import annotations

import json
import mimetypes
import socket
import sys
import time
from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.telegram_server.errors import Refused, broken, forbidden
from tests.telegram_server.faults import Fault
from tests.telegram_server.fields import METHODS, Parameters, checked
from tests.telegram_server.methods import MOST_DOWNLOAD
from tests.telegram_server.state import File, Json

if TYPE_CHECKING:
    from tests.telegram_server.server import TelegramServer

LONGEST_POLL = 50
"""Seconds; a longer timeout is cut to this by the server, silently."""
_GATEWAY = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"


class Wire(ThreadingHTTPServer):
    """The socket, with a thread a connection."""

    daemon_threads = True
    request_queue_size = 512
    block_on_close = False

    def __init__(self, server: TelegramServer, host: str, port: int) -> None:
        super().__init__((host, port), Handler)
        self.telegram = server

    def handle_error(self, request: object, client_address: object) -> None:
        # A bot that was killed leaves connections broken; that is no news. Anything else is a bug here.
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            self.telegram.crashes.append(repr(sys.exception()))
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive as Telegram's are."""

    protocol_version = "HTTP/1.1"
    server: Wire
    disable_nagle_algorithm = True
    wbufsize = 65536

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_GET  # noqa: N815  the name that http.server looks for

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            # A bot that was killed while it wrote: that is no call.
            self.close_connection = True
            return
        url = urlsplit(self.path)
        parts = unquote(url.path).strip("/").split("/", 2)
        telegram = self.server.telegram
        if parts[0] == "file" and len(parts) == 3:
            self._download(parts[1], parts[2])
        elif parts[0] == "control" and telegram.control is not None and len(parts) == 2:
            self._control(telegram.control, parts[1], body)
        elif parts[0].startswith("bot") and len(parts) == 2:
            self._method(parts[0].removeprefix("bot"), parts[1], url.query, body)
        else:
            self._refuse(Refused(404, "Not Found", "making-requests"))

    # Calls

    def _method(self, token: str, name: str, query: str, body: bytes) -> None:
        telegram = self.server.telegram
        if token != telegram.token:
            # Telegram tells a token that it does not know (401) from what cannot be one (404).
            whole = token.partition(":")[0].isdigit() and len(token.partition(":")[2]) >= 30
            code, what = (401, "Unauthorized") if whole else (404, "Not Found")
            self._refuse(Refused(code, what, "authorizing-your-bot", broken=False))
            return
        try:
            given, uploads = read(self.headers.get("Content-Type") or "", query, body)
        except Refused as refused:
            telegram.record(name, {}, refused)
            self._refuse(refused)
            return
        fault = telegram.struck(name, given)
        if fault is not None and not self._before(fault):
            telegram.record(name, given, fault=fault)
            return
        try:
            if fault is not None and fault.kind in ("flood", "error"):
                raise fault.refusal
            if name.lower() == "getupdates":
                result: Any = self._updates(given)
            else:
                with telegram.state.changed:
                    telegram.limit(name, given)
                    result = telegram.methods.call(name, given, uploads)
        except Refused as refused:
            telegram.record(name, given, refused, fault)
            self._refuse(refused)
            return
        telegram.record(name, given, None, fault)
        if fault is not None and fault.kind in ("cut after", "hang after"):
            time.sleep(fault.seconds)
            self._cut()
            return
        self._json(200, {"ok": True, "result": result})

    def _before(self, fault: Fault) -> bool:
        """What a fault does before the call; whether the call goes on."""
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        elif fault.kind == "html":
            self._send(502, "text/html", _GATEWAY)
            return False
        elif fault.kind in ("cut", "hang"):
            time.sleep(fault.seconds)
            self._cut()
            return False
        return True

    def _updates(self, given: Parameters) -> list[Json]:
        telegram = self.server.telegram
        state = telegram.state
        p = checked(METHODS["getupdates"], given, {})
        if not 1 <= p.get("limit", 100) <= 100:
            raise broken("limit is not of 1-100", "getupdates")
        if p.get("timeout", 0) < 0:
            raise broken("timeout is negative", "getupdates")
        with state.changed:
            if state.webhook["url"]:
                raise forbidden(
                    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
                    "webhook first",
                    "getupdates",
                    409,
                )
            telegram.methods.allow(p, "getupdates")
            state.poll += 1
            mine = state.poll
            state.changed.notify_all()
            if "offset" in p:
                state.confirm(p["offset"])
            end = time.monotonic() + min(p.get("timeout", 0), LONGEST_POLL)
            while not state.updates and state.poll == mine and not telegram.closing:
                left = end - time.monotonic()
                if left <= 0:
                    break
                # A bot that was killed is noticed, as Telegram notices a connection that ends.
                if not state.changed.wait(min(left, 0.5)) and self._left():
                    raise ConnectionAbortedError
            if state.poll != mine:
                raise forbidden(
                    "terminated by other getUpdates request; make sure that only one bot instance is running",
                    "getupdates",
                    409,
                )
            handed = list(state.updates)[: p.get("limit", 100)]
            now = time.monotonic()
            for update in handed:
                state.delivered.setdefault(update["update_id"], []).append(now)
            return handed

    def _left(self) -> bool:
        try:
            return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _download(self, bot: str, path: str) -> None:
        state = self.server.telegram.state
        file = next((f for f in state.files.values() if f.path == path), None)
        if bot != f"bot{state.token}" or file is None or len(file.content) > MOST_DOWNLOAD:
            self._refuse(Refused(404, "Not Found", "file"))
            return
        fault = self.server.telegram.struck("download", {})
        if fault is not None:
            if not self._before(fault):
                return
            if fault.kind in ("flood", "error"):
                self._refuse(fault.refusal)
                return
        self._send(200, "application/octet-stream", file.content)

    def _control(self, control: Callable[[str, Json], Any], name: str, body: bytes) -> None:
        try:
            self._json(200, {"ok": True, "result": control(name, json.loads(body or b"{}"))})
        except (KeyError, TypeError, ValueError) as error:
            self._json(400, {"ok": False, "description": f"{type(error).__name__}: {error}"})

    # Answers

    def _refuse(self, refused: Refused) -> None:
        answer: Json = {"ok": False, "error_code": refused.code, "description": refused.description}
        if refused.parameters:
            answer["parameters"] = dict(refused.parameters)
        self._json(refused.code, answer)

    def _json(self, code: int, answer: Json) -> None:
        self._send(code, "application/json", json.dumps(answer).encode())

    def _send(self, code: int, kind: str, content: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the calls are recorded."""


def read(kind: str, query: str, body: bytes) -> tuple[Parameters, dict[str, File]]:
    """The parameters and files of a call: in the address, as a form, as JSON, or as parts.

    Raises:
        Refused: for a body in another form.
    """
    rule = "making-requests"
    given: Parameters = dict(parse_qsl(query, keep_blank_values=True))
    files: dict[str, File] = {}
    form = kind.partition(";")[0].strip().lower()
    if not body:
        return given, files
    try:
        if form == "application/x-www-form-urlencoded":
            given |= dict(
                parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=200)
            )
        elif form == "application/json":
            value = json.loads(body)
            if not isinstance(value, dict):
                raise broken("can't parse request: a JSON object is expected", rule)
            given |= value
        elif form == "multipart/form-data":
            _parts(kind, body, given, files)
        else:
            raise broken(f"can't parse request of content type {kind!r}", rule)
    except UnicodeDecodeError:
        raise broken("strings must be encoded in UTF-8", rule) from None
    except ValueError as error:
        raise broken(f"can't parse request: {error}", rule) from None
    return given, files


def _parts(kind: str, body: bytes, given: Parameters, files: dict[str, File]) -> None:
    head = b"Content-Type: " + kind.encode() + b"\r\nMIME-Version: 1.0\r\n\r\n"
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise broken("can't parse request: a part without a name", "making-requests")
        file_name = part.get_filename()
        if file_name is None:
            given[name] = content.decode()
        else:
            files[name] = stored(content, file_name, part.get_content_type())


_COUNT = iter(range(10**9))


def stored(content: bytes, name: str | None, mime: str | None = None) -> File:
    """A file with an identifier and a path of its own."""
    number = next(_COUNT)
    ending = f".{name.rpartition('.')[2]}" if name and "." in name else ""
    if mime in (None, "application/octet-stream") and name:
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return File(f"BQACAgUAAxkBAAI{number:012d}", f"documents/file_{number}{ending}", content, name, mime)
