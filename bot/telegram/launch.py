"""`kutip telegram`: checks the settings, then keeps a worker running."""

from __future__ import annotations

import re
import sys

from bot.settings import Settings
from bot.supervisor import supervise
from rag import children
from rag.errors import SettingsError


def run(settings: Settings, debug: bool, allow_local: bool = False) -> int:
    """Runs the bot until it is told to stop; its exit status. Raises SettingsError without a token.

    `allow_local` lets the addresses that admins send lead to this machine and its network.
    """
    token_of(settings)

    def command(restarts: int, blame: bool) -> list[str]:
        options = ["--supervised", "--restarts", str(restarts)]
        options += ["--blame"] if blame else []
        options += ["--debug"] if debug else []
        options += ["--allow-local"] if allow_local else []
        return children.command("bot.telegram", *options)

    return min(1, supervise(command, lambda line: print(f"kutip: {line}", file=sys.stderr, flush=True)))


def token_of(settings: Settings) -> str:
    """The bot's token. Raises SettingsError where there is none, or none that could be one."""
    if settings.telegram_token is None:
        raise SettingsError(
            "there is no bot token",
            "ask @BotFather in Telegram for one (/newbot) and set KUTIP_TELEGRAM_TOKEN to it",
        )
    token = settings.telegram_token.get_secret_value().strip()
    if not re.fullmatch(r"\d{1,18}:[A-Za-z0-9_-]+", token):
        raise SettingsError(
            "KUTIP_TELEGRAM_TOKEN is no bot token; one looks like 123456:AbC-dEf",
            "copy it from @BotFather in Telegram once more",
        )
    return token
