"""The text of digests: quotes, their sources and topics. Nothing is made up. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from telegram import InlineKeyboardMarkup

from bot.phrases import dated
from bot.telegram.callbacks import Act, button
from bot.telegram.following import Subscription
from bot.telegram.fragment import at_sentence, host
from bot.telegram.messages import Builder, Mark, Marked, split
from bot.telegram.phrases import say
from bot.telegram.topics import Match
from rag.types import Language, first_words

MOST_QUOTES, MOST_OF_TOPIC = 10, 4
"""The most quotes of a digest, and of a topic in it: nobody reads a longer list."""
LONGEST_LABEL = 30
"""Characters of a topic on a button."""


def digest(
    chosen: Mapping[Subscription, Sequence[Match]], more: Mapping[int, int], language: Language
) -> dict[str, Any]:
    """What is stored of a digest: its heading, its text with marks, and the subscriptions that it is of.

    `more` says how many articles of a subscription are not quoted.
    """
    topics = ", ".join(each.topic for each in chosen)
    heading = say("digest", language, topics=topics)
    text = Builder().add(heading, "bold")
    for subscription, found in chosen.items():
        text.add("\n\n")
        if len(chosen) > 1:
            text.add(subscription.topic, "bold").add("\n")
        for place, match in enumerate(found):
            text.add("\n\n" if place else "")
            _quoted(text, match, language)
        if number := more.get(subscription.id, 0):
            text.add("\n").add(say("digest_more", language, number=number), "italic")
    stops = [[each.id, each.topic] for each in chosen]
    return stored(heading, text.marked(), language) | {"stops": stops}


def stored(heading: str, text: Marked, language: Language) -> dict[str, Any]:
    """A message in the form in which it is stored until it is shown."""
    marks = [[mark.kind, mark.start, mark.end, mark.url] for mark in text.marks]
    return {"heading": heading, "text": text.text, "marks": marks, "language": language}


def read(data: Mapping[str, Any]) -> tuple[str, Marked, InlineKeyboardMarkup | None]:
    """The heading, the message, and its buttons."""
    marked = Marked(data["text"], tuple(Mark(*mark) for mark in data["marks"]))
    language: Language = data["language"]
    rows = [
        [button(say("stop", language, topic=_short(topic)), Act.STOP, id, 1)]
        for id, topic in data.get("stops", ())[:5]
    ]
    return data["heading"], split(marked)[0], InlineKeyboardMarkup(rows) if rows else None


def _quoted(text: Builder, match: Match, language: Language) -> None:
    arrival = match.arrival
    name = " ".join((arrival.title or first_words(" ".join(arrival.sentences))).split())
    if name and name in " ".join(match.quote.split()):
        # A post without a title is called by its first sentence: that is not said twice.
        name = ""
    parts = (name, host(arrival.url), dated(arrival.published, language))
    line = " · ".join(" ".join(part.split()) for part in parts if part)[:300] or arrival.id
    place = arrival.places[match.sentence]
    # Only the sentence goes into the address, since its context is not stored.
    address = at_sentence(arrival.url or "", " " * place + match.quote, place, place + len(match.quote))
    text.add(line, "italic", url=address).add("\n").add(match.quote, "blockquote")


def _short(topic: str) -> str:
    return topic if len(topic) <= LONGEST_LABEL else topic[: LONGEST_LABEL - 1].rstrip() + "…"
