"""What the admins' commands and buttons do. Each act is in the audit."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

from telegram import CallbackQuery, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden

from bot.telegram.admin_phrases import FIGURES, lasting
from bot.telegram.callbacks import Act, Pressed, button
from bot.telegram.digest import read
from bot.telegram.feeds import short
from bot.telegram.inbox import Row
from bot.telegram.listing import clipped
from bot.telegram.messages import Builder, Marked, plain, split
from bot.telegram.parts import Call, Parts
from bot.telegram.phrases import say
from bot.telegram.reasons import reason_in
from bot.telegram.report import report
from bot.telegram.updates import addresses_in, clean
from rag.errors import KutipError
from rag.load.addresses import address
from rag.types import Language

MOST_VISITORS = 20
"""The most users and groups that a list shows."""
REPORT_HOUR = 7
"""The hour of the day at which daily reports come, by the offset in the settings."""


async def articles(parts: Parts, call: Call) -> None:
    """Lists the articles, with buttons to show and remove them."""
    await _record(parts, call)
    text, keyboard = parts.listing.page(0, call.language, clipped(call.rest))
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


async def users(parts: Parts, call: Call) -> None:
    """Lists those who were let in or have asked, with buttons to decide."""
    await _record(parts, call)
    known = parts.access.known()
    if not known:
        key = "visitors_none" if parts.settings.telegram_allowed else "visitors_open"
        await parts.say(call.row, call.message, key)
        return
    text = Builder().add(say("visitors", call.language), "bold")
    rows = []
    for each in known[:MOST_VISITORS]:
        state = say(f"visitor_{each.standing}", call.language)
        text.add(f"\n• {each.name} – {state}")
        act, label = (0, "put_out") if each.standing == "in" else (1, "let_in")
        rows.append([button(f"{say(label, call.language)}: {each.name[:30]}", Act.ADMIT, each.id, act)])
    await parts.send(call.row, call.message, text.marked(), InlineKeyboardMarkup(rows))


async def watch(parts: Parts, call: Call) -> None:
    """Watches a feed; without an address, lists those that are watched, with buttons to leave them."""
    await _record(parts, call)
    found = addresses_in(call.rest)
    if call.rest and not found:
        await parts.say(call.row, call.message, "watch_what")
        return
    for url in found:
        try:
            address(url)
        except KutipError as error:
            reason = reason_in(str(error), call.language)
            await parts.send(call.row, call.message, plain(say("add_failed", call.language, error=reason)))
            return
    new = [url for url in found if await asyncio.to_thread(parts.feeds.watch, url, call.user)]
    if new:
        parts.feeds.changed.set()
    text, keyboard = _feeds(parts, call.language)
    await parts.send(call.row, call.message, text, keyboard)


def _feeds(parts: Parts, language: Language) -> tuple[Marked, InlineKeyboardMarkup | None]:
    added = parts.feeds.added()
    text = Builder().add(say("feeds" if parts.feeds.all() else "feeds_none", language), "bold")
    for url in parts.feeds.fixed:
        text.add(f"\n• {url} ").add(say("feed_fixed", language), "italic")
    for url in added:
        text.add(f"\n• {url}")
    rows = [[button(say("leave", language, feed=url[-40:]), Act.LEAVE, short(url))] for url in added]
    return text.marked(), InlineKeyboardMarkup(rows[:50]) if rows else None


async def daily(parts: Parts, call: Call) -> None:
    """Shows the report of the last 24 hours, and offers it every day."""
    await _record(parts, call)
    data = await asyncio.to_thread(report, parts.journal, parts.memory, call.language)
    _, text, _ = read(data)
    wanted = any(admin == call.user for admin, _, _ in parts.following.reporting())
    await parts.send(call.row, call.message, text, report_buttons(wanted, call.language))


def report_buttons(wanted: bool, language: Language) -> InlineKeyboardMarkup:
    """The button that asks for a report every day, or for none."""
    label = say("report_off" if wanted else "report_on", language, hour=REPORT_HOUR)
    return InlineKeyboardMarkup([[button(label, Act.REPORT, int(not wanted))]])


async def decide(parts: Parts, row: Row, query: CallbackQuery, what: Pressed, language: Language) -> None:
    """Lets somebody in or puts them out, and tells them."""
    id, admit = _signed(what.rest.partition(":")[0]), what.last == "1"
    admin = query.from_user.id
    known = await asyncio.to_thread(parts.access.decide, id, admin, admit) if id is not None else None
    if known is None:
        await parts.toast(row, query, say("over", language))
        return
    await asyncio.to_thread(
        parts.journal.record, admin, "let in" if admit else "put out", str(known.id), known.name
    )
    await parts.sender.aside(query.answer)
    label = button(say("put_out" if admit else "let_in", language), Act.ADMIT, known.id, int(not admit))
    text = plain(say("is_in" if admit else "is_out", language, name=known.name))
    await parts.sender.rewrite(query, text, InlineKeyboardMarkup([[label]]))
    if admit:
        theirs = parts.memory.language(known.id) or language
        await parts.sender.aside(lambda: parts.sender.bot.send_message(known.id, say("you_are_in", theirs)))
    await parts.done(row)


async def leave(parts: Parts, row: Row, query: CallbackQuery, what: Pressed, language: Language) -> None:
    """Stops watching a feed."""
    url = await asyncio.to_thread(parts.feeds.leave, what.rest)
    if url is not None:
        await asyncio.to_thread(parts.journal.record, query.from_user.id, "leave feed", url)
    await parts.sender.aside(query.answer)
    text, keyboard = _feeds(parts, language)
    await parts.sender.rewrite(query, text, keyboard)
    await parts.done(row)


async def set_report(parts: Parts, row: Row, query: CallbackQuery, what: Pressed, language: Language) -> None:
    """Sends a report every day, or none."""
    wanted = what.rest == "1"
    today = (datetime.now(UTC) + timedelta(hours=parts.settings.telegram_utc_offset)).date().isoformat()
    await asyncio.to_thread(
        parts.following.report, query.from_user.id, REPORT_HOUR if wanted else None, today
    )
    await parts.sender.rebutton(query, report_buttons(wanted, language))
    await parts.toast(
        row, query, say("report_is_on" if wanted else "report_is_off", language, hour=REPORT_HOUR)
    )


async def knock(parts: Parts, row: Row, query: CallbackQuery, language: Language) -> None:
    """Tells the admins, once, that somebody asks to be let in."""
    user = query.from_user
    name = " ".join(f"{user.full_name}{f' @{user.username}' if user.username else ''} ({user.id})".split())
    if await asyncio.to_thread(parts.access.ask, user.id, clean(name)) or row.replayed:
        for admin in parts.settings.telegram_admins:
            theirs = parts.memory.language(admin) or "id"
            keyboard = InlineKeyboardMarkup(
                [
                    [
                        button(say("let_in", theirs), Act.ADMIT, user.id, 1),
                        button(say("put_off", theirs), Act.ADMIT, user.id, 0),
                    ]
                ]
            )
            text = plain(say("knocks", theirs, name=clean(name)))
            try:
                await parts.sender.until_done(
                    lambda admin=admin, text=text, keyboard=keyboard: parts.sender.bot.send_message(  # type: ignore[misc]
                        admin, text.text, reply_markup=keyboard
                    )
                )
            except (Forbidden, BadRequest):
                continue  # an admin who never wrote to the bot
    await parts.sender.rebutton(query, None)
    await parts.toast(row, query, say("knocked", language))


def _signed(id: str) -> int | None:
    """The id of a user, or of a group, which is below 0."""
    return int(id) if re.fullmatch(r"-?[0-9]{1,17}", id) else None


async def _record(parts: Parts, call: Call) -> None:
    await asyncio.to_thread(parts.journal.record, call.user, "command", call.name)


def _lines(found: dict[str, object], language: Language) -> str:
    def shown(name: str, value: object) -> object:
        return lasting(value, language) if name == "uptime_seconds" and isinstance(value, int) else value

    return "\n".join(
        f"{FIGURES[language].get(name, name)}: {shown(name, value)}" for name, value in found.items()
    )
