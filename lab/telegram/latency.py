"""How soon the bot shows that it works, and how soon it stops: python -m lab.telegram.latency --count 50

`--everything` has rich messages on, and digests, guests and inline questions under way.

Both as a user sees them, at the strict Telegram on this machine: from the update's delivery to the first
typing, draft or message in the chat; and from the press of Cancel to its confirmation, while other chats'
questions are before it in the queue.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from bot.settings import Settings
from lab.telegram.fuzz import is_status
from lab.telegram.promises import Promises
from lab.telegram.running import Running, prepare
from tests.telegram_server import TelegramServer, User

FIRST_SIGN, CANCELLED = 0.3, 1.0
"""Seconds, wanted of every one."""
BEFORE = 6
"""Questions of others before the one that is cancelled."""


def first_signs(
    server: TelegramServer, user: User, questions: list[str], besides: Callable[[], None]
) -> list[float]:
    """Seconds from an update's delivery to the first sign in the chat, a question after the other."""
    found = []
    for text in questions:
        besides()
        seen = len(server.transcript(user))
        before = len(user.answers)
        user.says(text)
        server.wait_for(lambda seen=seen: any(e.by_bot for e in server.transcript(user)[seen:]), 30)  # type: ignore[misc]
        sign = next(event for event in server.transcript(user)[seen:] if event.by_bot)
        # The user's message is the last update that there is.
        delivered = server.state.delivered[max(server.state.delivered)][0]
        found.append(sign.at - delivered)
        server.wait_for(
            lambda before=before: sum(not is_status(m) for m in user.answers) > before,  # type: ignore[misc]
            60,
        )
        sleep(0.2)
    return found


def cancels(
    server: TelegramServer,
    user: User,
    others: list[User],
    questions: list[str],
    besides: Callable[[], None],
) -> list[float]:
    """Seconds from the press of Cancel to the first confirmation in the chat."""
    found = []
    for place, text in enumerate(questions):
        besides()
        for number in range(BEFORE):
            others[number % len(others)].says(questions[(place + number) % len(questions)])
        user.says(text)
        server.wait_for(lambda: any(is_status(message) for message in user.answers), 30)
        status = next(message for message in user.answers if is_status(message))
        seen = len(server.transcript(user))
        button = status["reply_markup"]["inline_keyboard"][0][0]
        pressed = monotonic()
        user.presses_data(status, button["callback_data"])

        def confirmed(seen: int = seen) -> float | None:
            kinds = ("notice", "edit", "delete", "message")
            return next((e.at for e in server.transcript(user)[seen:] if e.by_bot and e.kind in kinds), None)

        server.wait_for(confirmed, 30)
        found.append((confirmed() or 0.0) - pressed)
        server.wait_for(lambda: not any(is_status(m) for other in others for m in other.answers), 120)
        sleep(0.2)
    return found


def run(count: int, everything: bool, folder: Path) -> list[str]:
    """What was slower than wanted; the figures are printed."""
    home = folder / "home"
    prepared = prepare(home, {})
    asked = [prepared[number % len(prepared)].text for number in range(count)]
    problems = []
    settings = {"KUTIP_TELEGRAM_RICH": "true"} if everything else {}
    with (
        TelegramServer(inline=everything, rich=everything) as server,
        Promises(server, Settings(home=home), indexes=False) as promises,
        Running(home, server, settings) as bot,
    ):
        bot.wait_until_up()
        user, others = server.user("Ani"), [server.user(f"Pembaca {number}") for number in range(3)]
        first_signs(server, user, asked[:1], lambda: None)

        def besides() -> None:
            if everything:
                promises.make(prepared)

        for what, seconds, most in (
            ("first sign", first_signs(server, user, asked, besides), FIRST_SIGN),
            ("cancel", cancels(server, user, others, asked, besides), CANCELLED),
        ):
            cuts = quantiles([*seconds, *seconds], n=20)
            median, p95, longest = (round(1000 * each) for each in (cuts[9], cuts[18], max(seconds)))
            print(f"{what}, {len(seconds)} times: median {median}, p95 {p95}, most {longest} ms")
            late = sum(each > most for each in seconds)
            if late:
                problems.append(f"{what}: {late} of {len(seconds)} took more than {most} s")
        if everything:
            server.wait_for(lambda: promises.open() == 0, 120)
            print(f"besides: {len(promises.guests)} guests, {3 * len(promises.quotes)} digests")
            if not server.called("sendRichMessage"):
                problems.append("no rich message was sent")
        problems += [
            *bot.unclean(),
            *server.crashes,
            *(f"{c.method}: {c.refused}" for c in server.violations),
        ]
    return problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--everything", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        problems = run(options.count, options.everything, Path(folder))
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
