"""Updates that Telegram posts to the bot (https://core.telegram.org/bots/api#setwebhook).

A body that is too long is refused before it is read: python-telegram-bot's own server reads up to 100 MB of
whoever finds the port.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler

LONGEST_BODY = 1 << 20
"""Bytes of an update: one has a message of 4,096 characters, and perhaps another one that it replies to."""
LONGEST_HEAD = 16 << 10
"""Bytes of a request's head."""
BODY_SECONDS = 15.0
"""Seconds that a body may take to arrive."""
Take = Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]]
"""Commits updates as Telegram spells them."""


def secret_of(token: str) -> str:
    """What Telegram shows with each update: made of the bot's token, so that every worker knows it."""
    return hmac.new(token.encode(), b"kutip webhook", "sha256").hexdigest()


class Webhook:
    """Serves one path at an address of this machine. `take` commits an update before Telegram gets its
    answer."""

    def __init__(self, host: str, port: int, path: str, secret: str, take: Take) -> None:
        self._host, self._port = host, port
        given = {"secret": secret, "take": take}
        application = Application([(f"/{path}/?" if path else "/", _Posted, given)], log_function=_quiet)
        self._server = HTTPServer(
            application,
            max_body_size=LONGEST_BODY,
            max_buffer_size=LONGEST_BODY + LONGEST_HEAD,
            max_header_size=LONGEST_HEAD,
            body_timeout=BODY_SECONDS,
            idle_connection_timeout=300.0,
        )

    async def serve(self, until: asyncio.Event) -> None:
        """Serves until the event is set. Raises OSError where the port is taken."""
        self._server.listen(self._port, address=self._host)
        try:
            await until.wait()
        finally:
            self._server.stop()
            await self._server.close_all_connections()


class _Posted(RequestHandler):
    """One request."""

    SUPPORTED_METHODS = ("POST",)

    def initialize(self, secret: str, take: Take) -> None:
        self._secret, self._take = secret, take

    async def post(self) -> None:
        shown = self.request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(shown.encode(), self._secret.encode()):
            raise HTTPError(HTTPStatus.FORBIDDEN)
        try:
            update = json.loads(self.request.body)
        except (ValueError, RecursionError) as error:
            raise HTTPError(HTTPStatus.BAD_REQUEST) from error
        if not isinstance(update, dict) or type(update.get("update_id")) is not int:
            raise HTTPError(HTTPStatus.BAD_REQUEST)
        await self._take([update])
        self.set_status(HTTPStatus.OK)

    def log_exception(self, *error: object) -> None:
        """Logs nothing: Telegram sends again after an error, and other clients do not matter."""


def _quiet(handler: RequestHandler) -> None:
    """No line for each request."""
