"""The server as tests see it: started, driven, looked at."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from types import TracebackType
from typing import Any, Self

from tests.telegram_server.actors import Channel, Group, User
from tests.telegram_server.errors import Refused
from tests.telegram_server.faults import NOT_CHAT, Fault, Limits
from tests.telegram_server.methods import Methods
from tests.telegram_server.state import Chat, Event, Json, Press, State
from tests.telegram_server.webhook import Webhook
from tests.telegram_server.wire import Wire

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
"""Of the form that BotFather gives; of no bot."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the bot's. `fault` is what was injected into it; `refused` why it was not done."""

    at: float
    method: str
    parameters: Json
    refused: Refused | None = None
    fault: Fault | None = None

    @property
    def done(self) -> bool:
        return self.refused is None and (
            self.fault is None or self.fault.kind in ("cut after", "hang after", "slow")
        )


class TelegramServer:
    """Telegram's Bot API on a port of `host`, an address of this machine, for one bot.

    Use as a context manager. `base_url` and `base_file_url` are python-telegram-bot's. With `limits` the
    rates of Telegram's FAQ are enforced; `seed` is for the faults that strike by chance.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "kutip_bot",
        limits: Limits | None = None,
        seed: int = 0,
        host: str = "127.0.0.1",
        port: int = 0,
        can_read_all_group_messages: bool = False,
        inline: bool = False,
        rich: bool = False,
    ) -> None:
        self.token = token
        self.limits = limits
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.crashes: list[str] = []
        self.closing = False
        self.control: Callable[[str, Json], Any] | None = None
        self.state = State(
            token,
            username,
            can_read_all_group_messages=can_read_all_group_messages,
            inline=inline,
            rich=rich,
        )
        self.methods = Methods(self.state)
        self._random = Random(seed)
        self._wire = Wire(self, host, port)
        self._webhook = Webhook(self)

    # Running

    def __enter__(self) -> Self:
        serve = threading.Thread(target=self._wire.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        serve.start()
        self._webhook.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self.state.changed:
            self.closing = True
            self.state.changed.notify_all()
        self._wire.shutdown()
        self._wire.server_close()

    @property
    def url(self) -> str:
        return f"http://{self._wire.server_address[0]!s}:{self._wire.server_address[1]}"

    @property
    def base_url(self) -> str:
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        return f"{self.url}/file/bot"

    # Who is there

    def user(
        self,
        first_name: str = "Ani",
        *,
        id: int | None = None,
        username: str | None = None,
        language_code: str | None = "id",
        started: bool = True,
    ) -> User:
        """A user; `started` is whether they pressed Start, without which the bot may not write to them."""
        with self.state.changed:
            number = id if id is not None else 700_000 + self.state.next_id()
            info: Json = {"id": number, "is_bot": False, "first_name": first_name}
            if username:
                info["username"] = username
            if language_code:
                info["language_code"] = language_code
            self.state.users[number] = info
            private = {"id": number, "type": "private", "first_name": first_name}
            if username:
                private["username"] = username
            members = {number, self.state.bot["id"]}
            self.state.chats[number] = Chat(private, members, started=started)
            return User(self.state, number)

    def group(self, title: str = "Redaksi", *members: User, kind: str = "supergroup") -> Group:
        """A group with the bot and these users in it."""
        with self.state.changed:
            number = -(1_002_000_000_000 + self.state.next_id())
            if kind == "group":
                number = -(4_000_000 + self.state.next_id())
            info = {"id": number, "type": kind, "title": title}
            self.state.chats[number] = Chat(info, {self.state.bot["id"], *(member.id for member in members)})
            return Group(self.state, number)

    def forum(self, title: str = "Redaksi", *members: User) -> Group:
        """A supergroup with topics."""
        group = self.group(title, *members)
        with self.state.changed:
            group.chat.info["is_forum"] = True
        return group

    def channel(self, title: str = "Berita", username: str | None = None) -> Channel:
        """A channel in which the bot is not."""
        with self.state.changed:
            info: Json = {
                "id": -(1_001_000_000_000 + self.state.next_id()),
                "type": "channel",
                "title": title,
            }
            if username:
                info["username"] = username
            self.state.chats[info["id"]] = Chat(info)
            return Channel(self.state, info["id"])

    # What happened

    @property
    def violations(self) -> list[Call]:
        """The calls that broke a rule: bugs of the bot's."""
        return [call for call in list(self.calls) if call.refused is not None and call.refused.broken]

    @property
    def refusals(self) -> list[Call]:
        """The calls that the state of the chats did not allow, or a fault or a limit refused."""
        return [call for call in list(self.calls) if call.refused is not None and not call.refused.broken]

    @property
    def unanswered(self) -> list[Press]:
        """The presses of buttons that the bot did not answer: their users see a button that goes on waiting.

        "It is necessary to react by calling answerCallbackQuery even if no notification to the user is
        needed" (#callbackquery).
        """
        with self.state.changed:
            return [press for press in self.state.presses.values() if not press.answers]

    def assert_clean(self) -> None:
        """Fails where the bot broke a rule, or this server did not work."""
        assert not self.crashes, self.crashes
        assert not self.violations, "\n".join(
            f"{call.method} {call.parameters}: {call.refused}" for call in self.violations
        )

    def called(self, method: str) -> list[Call]:
        """The calls of a method, oldest first."""
        return [call for call in list(self.calls) if call.method.lower() == method.lower()]

    def transcript(self, chat: User | Group | int | None = None, kinds: Sequence[str] = ()) -> list[Event]:
        """What happened, in one chat or in all."""
        number = chat if isinstance(chat, int) or chat is None else chat.id
        with self.state.changed:
            return [
                event
                for event in self.state.events
                if (number is None or event.chat == number) and (not kinds or event.kind in kinds)
            ]

    def wait_for(self, condition: Callable[[], Any], seconds: float = 10.0) -> None:
        """Waits until the condition holds; it is looked at whenever something happens.

        Raises:
            AssertionError: with the last calls, when it did not come.
        """
        if not self.state.wait(lambda: bool(condition()), seconds):
            last = "\n".join(
                f"  {call.method} {call.parameters} {call.refused or ''}" for call in self.calls[-8:]
            )
            raise AssertionError(f"waited {seconds} s in vain; the bot's last calls:\n{last}")

    # For the wire

    def record(
        self, method: str, parameters: Json, refused: Refused | None = None, fault: Fault | None = None
    ) -> None:
        """Writes a call down."""
        with self.state.changed:
            self.calls.append(Call(time.monotonic(), method, parameters, refused, fault))
            self.state.changed.notify_all()

    def struck(self, method: str, parameters: Json) -> Fault | None:
        """The fault that strikes a call, if any."""
        with self.state.changed:
            for fault in self.faults:
                if fault.strikes(method, parameters, self._random):
                    return fault
        return None

    def limit(self, method: str, parameters: Json) -> None:
        """Counts a call against the limits.

        Raises:
            Refused: 429, when it is one too many.
        """
        if self.limits is not None and method.lower() not in NOT_CHAT and "chat_id" in parameters:
            chat = str(parameters["chat_id"])
            if chat.lstrip("-").isdigit():
                self.limits.take(method, int(chat))
