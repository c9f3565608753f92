"""Posting updates to a webhook.

Source: https://core.telegram.org/bots/api#setwebhook. "In case of an unsuccessful request (a request with
response HTTP status code different from 2XY), we will repeat the request and give up after a reasonable
amount of attempts." Updates are posted one at a time here, in order.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import httpx

from tests.telegram_server.errors import Refused

if TYPE_CHECKING:
    from tests.telegram_server.server import TelegramServer

_PAUSE = 0.1
"""Seconds before a post is repeated; Telegram's own pauses are longer."""


class Webhook:
    """A thread that posts what waits, while there is a webhook."""

    def __init__(self, server: TelegramServer) -> None:
        self.server = server

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        server, state = self.server, self.server.state
        while True:
            with state.changed:
                state.changed.wait_for(lambda: server.closing or (state.webhook["url"] and state.updates))
                if server.closing:
                    return
                update, hook = state.updates[0], dict(state.webhook)
            problem = self._post(hook, update)
            with state.changed:
                if problem is None:
                    # Posted: gone, unless deleteWebhook has dropped it meanwhile.
                    if state.updates and state.updates[0] is update:
                        state.confirm(update["update_id"] + 1)
                elif state.webhook["url"] == hook["url"]:
                    state.webhook |= {"last_error_date": int(time.time()), "last_error_message": problem}
                    state.changed.notify_all()
            if problem is not None:
                time.sleep(_PAUSE)

    def _post(self, hook: dict[str, str], update: dict[str, object]) -> str | None:
        """Posts one update; what went wrong."""
        secret = hook.get("secret_token")
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        now = time.monotonic()
        try:
            answer = httpx.post(hook["url"], json=update, headers=headers, timeout=10, trust_env=False)
        except httpx.HTTPError as error:
            return f"Connection failed: {type(error).__name__}"
        self.server.state.delivered.setdefault(int(str(update["update_id"])), []).append(now)
        if not answer.is_success:
            return f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
        if answer.headers.get("Content-Type", "").startswith("application/json"):
            self._done_in_reply(answer.json())
        return None

    def _done_in_reply(self, call: Any) -> None:
        """A method may be called in the answer to a post; "it's not possible to know that such a request was
        successful" (#making-requests-when-getting-updates)."""
        if not isinstance(call, dict) or "method" not in call:
            return
        given = {name: value for name, value in call.items() if name != "method"}
        try:
            self.server.methods.call(str(call["method"]), given, {})
            self.server.record(str(call["method"]), given)
        except Refused as refused:
            self.server.record(str(call["method"]), given, refused)
