"""Tells Telegram which commands to show, in each language; to admins theirs too."""

from __future__ import annotations

from telegram import BotCommand, BotCommandScope, BotCommandScopeChat

from bot.settings import Settings
from bot.telegram.commands import menu
from bot.telegram.sending import Sender
from rag.types import Language

_LANGUAGES: tuple[tuple[str | None, Language], ...] = ((None, "en"), ("id", "id"))
"""Telegram's language codes, and ours; None is for everyone else."""


async def introduce(sender: Sender, settings: Settings) -> None:
    """Sets the menus. What Telegram refuses is left: a menu is a convenience."""

    async def offer(language: Language, code: str | None, scope: BotCommandScope | None, admin: bool) -> None:
        commands = [BotCommand(name, line) for name, line in menu(language, admin)]
        await sender.aside(lambda: sender.bot.set_my_commands(commands, scope, language_code=code))

    for code, language in _LANGUAGES:
        await offer(language, code, None, False)
        for admin in settings.telegram_admins:
            await offer(language, code, BotCommandScopeChat(admin), True)
