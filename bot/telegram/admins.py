"""What the admins' commands and buttons do. Each act is in the audit."""

from __future__ import annotations

import asyncio

from telegram import CallbackQuery

from bot.telegram.callbacks import Act, Pressed
from bot.telegram.inbox import Row
from bot.telegram.messages import plain, split
from bot.telegram.parts import Call, Parts
from bot.telegram.phrases import FIGURES, lasting
from rag.types import Language


async def articles(parts: Parts, call: Call) -> None:
    """Lists the articles, with buttons to show and remove them."""
    await _record(parts, call)
    text, keyboard = parts.listing.page(0, call.language)
    await parts.send(call.row, call.message, text, keyboard)


async def figures(parts: Parts, call: Call) -> None:
    """Says how much was asked, answered and marked."""
    await _record(parts, call)
    found = await asyncio.to_thread(parts.gauges.figures)
    await parts.send(call.row, call.message, plain(_lines(found, call.language)))


async def health(parts: Parts, call: Call) -> None:
    """Says how the bot is."""
    await _record(parts, call)
    await parts.send(call.row, call.message, plain(_lines(parts.gauges.health(), call.language)))


async def pressed(parts: Parts, row: Row, query: CallbackQuery, what: Pressed, language: Language) -> None:
    """Answers an admin's button."""
    if what.act is Act.UNDO:
        text, keyboard = await parts.listing.restore(query.from_user.id, what.rest, language)
    else:
        act, _, numbers = what.rest.partition(":")
        text, keyboard = await parts.listing.act(query.from_user.id, act, numbers, language)
    await parts.sender.aside(query.answer)
    await parts.sender.rewrite(query, split(text)[0], keyboard)
    await parts.done(row)


async def _record(parts: Parts, call: Call) -> None:
    await asyncio.to_thread(parts.journal.record, call.user, "command", call.name)


def _lines(found: dict[str, object], language: Language) -> str:
    def shown(name: str, value: object) -> object:
        return lasting(value, language) if name == "uptime_seconds" and isinstance(value, int) else value

    return "\n".join(
        f"{FIGURES[language].get(name, name)}: {shown(name, value)}" for name, value in found.items()
    )
