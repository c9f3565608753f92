"""The readers' commands."""

from __future__ import annotations

import asyncio

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.telegram.callbacks import Act, button
from bot.telegram.following import HOURS, LONGEST_TOPIC, Subscription
from bot.telegram.fragment import host, web
from bot.telegram.links import AgainLink, QuoteLink
from bot.telegram.messages import Builder, plain
from bot.telegram.parts import Call, Parts
from bot.telegram.phrases import say
from bot.telegram.reply import context, source_line
from bot.telegram.updates import thread
from rag.text.language import detect
from rag.types import Citation, Language


async def start(parts: Parts, call: Call) -> None:
    """Greets; with a link's payload, shows the sentence that the link is of."""
    link = parts.links.read(call.rest) if call.rest else None
    if isinstance(link, QuoteLink):
        await _show_quote(parts, call, link)
    elif isinstance(link, AgainLink):
        # Asked again before it comes here, where it is still known what was asked.
        await parts.say(call.row, call.message, "link_gone")
    else:
        await parts.say(call.row, call.message, "hello", such=await parts.such(call.language))


async def _show_quote(parts: Parts, call: Call, link: QuoteLink) -> None:
    id = parts.shelf.id_of(link.key, removed=True)
    article = parts.archive.article(id, link.version) if id and link.means(id) else None
    sentences = parts.archive.sentences(id, link.version) if id and article else []
    found = next((each for each in sentences if each.start == link.start), None)
    if article is None or found is None:
        await parts.say(call.row, call.message, "link_gone")
        return
    quote = article.text[found.start : found.end]
    cited = Citation(
        1,
        article.id,
        article.version,
        article.name,
        article.url,
        article.published,
        found.start,
        found.end,
        quote,
    )
    shown = context(cited, article, sentences, parts.archive.article(article.id), call.language)
    address = parts.opens(cited)
    label = say("open", call.language, number=1, host=host(article.url) or "")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(label, url=address)]]) if address else None
    await parts.send(call.row, call.message, shown, keyboard)


async def ask_what(parts: Parts, call: Call) -> None:
    """The command that asks, with no question behind it."""
    such = await parts.such(call.language, "/tanya " if call.language == "id" else "/ask ")
    await parts.say(call.row, call.message, "ask_what", such=such)


async def privacy(parts: Parts, call: Call) -> None:
    """Says what is stored, and for how long."""
    settings = parts.settings
    server = say("privacy_server", call.language) if settings.model_url else ""
    await parts.say(call.row, call.message, "privacy", days=settings.telegram_keep_days, server=server)


async def forget(parts: Parts, call: Call) -> None:
    """Deletes what the user asked in this chat."""
    number = await asyncio.to_thread(parts.memory.forget, call.message.chat.id, call.user)
    await parts.say(call.row, call.message, "forgotten" if number else "nothing_to_forget", number=number)


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
    marks: dict[tuple[str, int], str] = {}
    articles: dict[tuple[str, int], Citation] = {}
    for citation in parts.titled(kept.answer).citations:
        place = citation.article, citation.version
        marks[place] = f"{marks.get(place, '')}[{citation.number}] "
        articles.setdefault(place, citation)
    for place, citation in articles.items():
        line = source_line(citation, call.language).partition(" ")[2]
        text.add("\n\n").add(f"{marks[place]}{line}")
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


async def follow(parts: Parts, call: Call) -> None:
    """Follows a topic; without one, lists what the chat follows."""
    most, language = parts.settings.telegram_subscriptions, call.language
    topic = " ".join(call.rest.split())[:LONGEST_TOPIC].strip()
    chat = call.message.chat.id
    if not topic:
        await list_followed(parts, call)
        return
    made = await asyncio.to_thread(
        parts.following.add,
        chat,
        thread(call.message),
        call.user,
        topic,
        detect(topic),
        parts.shelf.last(),
        most,
    )
    if made is None:
        await parts.say(call.row, call.message, "too_many_followed", number=most)
    else:
        text = plain(say("followed", language, topic=topic, hours=hours_of(made, language)))
        await parts.send(call.row, call.message, text, hour_buttons(made, language))


async def list_followed(parts: Parts, call: Call) -> None:
    """Lists what the chat follows, each with a button that ends it."""
    followed = parts.following.of_chat(call.message.chat.id)
    if not followed:
        await parts.say(call.row, call.message, "follow_what")
        return
    text = Builder().add(say("following", call.language), "bold")
    rows = []
    for each in followed:
        text.add(f"\n• {each.topic} ({hours_of(each, call.language)})")
        rows.append([button(say("stop", call.language, topic=each.topic[:30]), Act.STOP, each.id, 0)])
    await parts.send(call.row, call.message, text.marked(), InlineKeyboardMarkup(rows))


async def unfollow(parts: Parts, call: Call) -> None:
    """Ends a subscription: the one that is named, or the only one; of several the user chooses."""
    followed = parts.following.of_chat(call.message.chat.id)
    sought = " ".join(call.rest.split()).casefold()
    named = [each for each in followed if each.topic.casefold() == sought] if sought else followed
    if len(named) == 1:
        await asyncio.to_thread(parts.following.stop, named[0].id)
        await parts.say(call.row, call.message, "unfollowed", topic=named[0].topic)
    elif followed:
        await list_followed(parts, call)
    else:
        await parts.say(call.row, call.message, "follow_nothing")


def hours_of(subscription: Subscription, language: Language) -> str:
    """The hours of a digest, in words."""
    times = [f"{hour:02}.00" if language == "id" else f"{hour}:00" for hour in subscription.hours]
    return ", ".join(times)


def hour_buttons(subscription: Subscription, language: Language) -> InlineKeyboardMarkup:
    """The hours at which a digest can come, those chosen ticked, and a button that ends it."""
    hours = [
        button(f"{'✓ ' if hour in subscription.hours else ''}{hour:02}.00", Act.HOUR, subscription.id, hour)
        for hour in HOURS
    ]
    stop = button(say("stop", language, topic=subscription.topic[:30]), Act.STOP, subscription.id, 0)
    return InlineKeyboardMarkup([hours[:3], hours[3:], [stop]])
