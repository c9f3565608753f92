"""What the readers' commands do."""

from __future__ import annotations

import asyncio

from telegram import InlineKeyboardMarkup

from bot.telegram.callbacks import Act, button
from bot.telegram.fragment import web
from bot.telegram.messages import Builder, plain
from bot.telegram.parts import Call, Parts
from bot.telegram.phrases import say
from bot.telegram.reply import source_line
from bot.telegram.updates import thread


async def start(parts: Parts, call: Call) -> None:
    """Greets."""
    await parts.say(call.row, call.message, "hello")


async def ask_what(parts: Parts, call: Call) -> None:
    """The command that asks, with no question behind it."""
    await parts.say(call.row, call.message, "ask_what")


async def privacy(parts: Parts, call: Call) -> None:
    """Says what is stored, and for how long."""
    settings = parts.settings
    server = say("privacy_server", call.language) if settings.model_url else ""
    await parts.say(call.row, call.message, "privacy", days=settings.telegram_keep_days, server=server)


async def forget(parts: Parts, call: Call) -> None:
    """Deletes what the user asked in this chat."""
    number = await asyncio.to_thread(parts.memory.forget, call.message.chat.id, call.user)
    await parts.say(call.row, call.message, "forgotten", number=number)


async def cancel(parts: Parts, call: Call) -> None:
    """Cancels the user's questions that wait in this chat."""
    tickets = [t for t in parts.desk.of_chat(call.message.chat.id) if t.user == call.user]
    number = sum(parts.desk.cancel(ticket, quietly=True) for ticket in tickets)
    if number:
        await parts.say(call.row, call.message, "cancelled_all", number=number)
    else:
        await parts.say(call.row, call.message, "nothing_to_cancel")


async def sources(parts: Parts, call: Call) -> None:
    """Lists the articles of the last answer, with their addresses."""
    kept = parts.memory.last(call.message.chat.id, thread(call.message))
    if kept is None or not kept.answer.citations:
        await parts.say(call.row, call.message, "no_sources")
        return
    text = Builder().add(say("sources", call.language), "bold")
    for citation in kept.answer.citations:
        text.add("\n\n").add(source_line(citation, call.language))
        if address := web(citation.url):
            text.add("\n").add(address)
    await parts.send(call.row, call.message, text.marked())


async def choose_language(parts: Parts, call: Call) -> None:
    """Offers the languages that the bot speaks."""
    keyboard = InlineKeyboardMarkup(
        [
            [
                button("Bahasa Indonesia", Act.LANGUAGE, "id"),
                button("English", Act.LANGUAGE, "en"),
            ],
            [button(say("auto", call.language), Act.LANGUAGE, "auto")],
        ]
    )
    await parts.send(call.row, call.message, plain(say("choose_language", call.language)), keyboard)
