"""The server as a process of its own: python -m tests.telegram_server [--port 8081]

A bot is pointed at it by the address that it prints. It is driven by JSON posted to `/control/NAME`:

```
curl -d '{"user": 7, "text": "Siapa Menteri Pertahanan Rusia?"}' http://127.0.0.1:8081/control/say
curl -d '{"user": 7, "message_id": 102, "button": "Batal"}' http://127.0.0.1:8081/control/press
curl -d '{"kind": "flood", "times": 3, "retry_after": 2}' http://127.0.0.1:8081/control/fault
curl http://127.0.0.1:8081/control/transcript
```
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from typing import Any

from tests.telegram_server import Fault, TelegramServer, User


class Control:
    """What can be posted."""

    def __init__(self, server: TelegramServer) -> None:
        self.server = server

    def __call__(self, name: str, given: dict[str, Any]) -> Any:
        if name not in ("say", "press", "fault", "transcript", "violations"):
            raise KeyError(name)
        return getattr(self, name)(**given)

    def say(self, user: int, text: str, language_code: str = "id") -> Any:
        return self._user(user, language_code).says(text)

    def press(self, user: int, message_id: int, button: str) -> Any:
        who = self._user(user)
        return asdict(who.presses(who.chat.messages[message_id], button))

    def fault(self, **given: Any) -> int:
        self.server.faults.append(Fault(**given))
        return len(self.server.faults)

    def transcript(self, user: int | None = None) -> list[Any]:
        return [asdict(event) for event in self.server.transcript(user)]

    def violations(self) -> list[str]:
        return [f"{call.method}: {call.refused}" for call in self.server.violations]

    def _user(self, id: int, language_code: str = "id") -> User:
        if id in self.server.state.users:
            return User(self.server.state, id)
        return self.server.user(f"User {id}", id=id, language_code=language_code)


def main() -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m tests.telegram_server")
    parser.add_argument("--port", type=int, default=0)
    server = TelegramServer(port=parser.parse_args().port)
    server.control = Control(server)
    with server:
        print(
            f"token {server.token}\nbase_url {server.base_url}\nbase_file_url {server.base_file_url}",
            flush=True,
        )
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
