"""What the server refuses, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

API = "https://core.telegram.org/bots/api#"


@dataclass(slots=True)
class Refused(Exception):
    """A call that is not done.

    `rule` is the section of the Bot API's documentation that the call is held to, as the anchor of
    https://core.telegram.org/bots/api. `broken` tells a call that no state of the chats would have made
    right (a bug of the bot's) from one that the state forbids (blocked, deleted, already so).
    """

    code: int
    description: str
    rule: str
    broken: bool = True
    parameters: Mapping[str, int] | None = None

    def __str__(self) -> str:
        return f"{self.code} {self.description} ({API}{self.rule})"


def broken(description: str, rule: str, code: int = 400) -> Refused:
    """A rule of the documentation that the call does not keep."""
    prefix = "Bad Request: " if code == 400 else ""
    return Refused(code, prefix + description, rule)


def forbidden(description: str, rule: str, code: int = 400) -> Refused:
    """What the chats' state does not allow; a correct bot meets this, too."""
    prefix = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: "}.get(code, "")
    return Refused(code, prefix + description, rule, broken=False)
