"""A question that ends the process: `python -m lab.telegram.poison`

The real supervisor, worker and models; only the engine is made to die by SIGSEGV when it reads one
certain word, as native code does. The question must be set aside with an apology after the second time,
the questions of others must be answered, and nothing may be lost.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from bot.app import App
from bot.demo import ARTICLES
from bot.settings import Settings
from bot.supervisor import supervise
from rag.types import Answer
from tests.telegram_server import TOKEN, TelegramServer, User

WORD = "mematikan"
PATIENCE = 600.0


class Poisonable(App):
    def ask(self, question: str, *rest: Any, **more: Any) -> Answer:
        if WORD in question:
            os.kill(os.getpid(), signal.SIGSEGV)
        return super().ask(question, *rest, **more)


def worker(restarts: int, blame: bool) -> None:
    from bot.telegram.worker import Worker

    settings = Settings.read()

    async def run() -> None:
        made = Worker(settings, TOKEN, restarts, blame, open_app=lambda: Poisonable(settings))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, made.stop)
        await made.run()

    asyncio.run(run())


def main() -> int:
    if len(sys.argv) == 4 and sys.argv[1] == "worker":
        worker(int(sys.argv[2]), sys.argv[3] == "True")
        return 0
    with tempfile.TemporaryDirectory() as home, TelegramServer() as telegram:
        os.environ |= {"KUTIP_HOME": home, "KUTIP_TELEGRAM_URL": telegram.url}
        app = App(Settings(home=Path(home)))
        for _ in app.ingest([str(ARTICLES)]):
            pass
        app.close()
        ani, ben = telegram.user("Ani"), telegram.user("Ben")
        asked = [
            (ben, ben.says("Siapa Menteri Pertahanan Rusia?"), "Sergei Shoigu"),
            (ani, ani.says(f"Kalimat yang {WORD}"), "dua kali terhenti"),
            (ani, ani.says("Siapa Menteri Pertahanan Rusia?"), "Sergei Shoigu"),
            (ben, ben.says("Siapa Menteri Pertahanan Rusia? 2"), "Sergei Shoigu"),
        ]
        lines: list[str] = []
        done = threading.Event()

        def watch() -> None:
            try:
                telegram.wait_for(lambda: len(_replies(ani)) + len(_replies(ben)) >= len(asked), PATIENCE)
            finally:
                done.set()
                os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=watch, daemon=True).start()
        status = supervise(
            lambda restarts, blame: [
                sys.executable,
                "-m",
                "lab.telegram.poison",
                "worker",
                str(restarts),
                str(blame),
            ],
            lines.append,
        )
        for line in lines:
            print(line)
        right = [
            [m["text"] for m in _replies(who) if m["reply_to_message"]["message_id"] == message["message_id"]]
            for who, message, _ in asked
        ]
        for (_, message, wanted), got in zip(asked, right, strict=True):
            print(
                f"{message['text']!r}: {len(got)} reply, {got[0][:50] if got else None!r} (wanted {wanted!r})"
            )
        # A call that the death cut short may be looked at as an empty one, so violations are only printed.
        for call in telegram.violations:
            print(f"violation: {call.method} {call.parameters}: {call.refused}")
        good = all(
            len(got) == 1 and wanted in got[0] for (_, _, wanted), got in zip(asked, right, strict=True)
        )
        deaths = sum("SIGSEGV" in line for line in lines)
        print(f"deaths {deaths}, exit {status}, {'as it should be' if good and deaths == 2 else 'WRONG'}")
        return 0 if good and deaths == 2 else 1


def _replies(user: User) -> list[dict[str, Any]]:
    return [message for message in user.answers if "reply_to_message" in message]


if __name__ == "__main__":
    sys.exit(main())
