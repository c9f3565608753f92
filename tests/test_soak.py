"""The soak's own counting; the soak itself is `make soak`."""

from __future__ import annotations

from random import Random

from bot.telegram.phrases import say
from lab.faults.articles import Draft, draft
from lab.soak.readers import Reader, Readers, Tally
from lab.soak.weather import Weather
from tests.telegram_server import TelegramServer


def answer(reader: Reader, number: int, text: str | None = None) -> None:
    """The bot's reply to the `number`th question."""
    state, chat = reader.user.state, reader.user.chat
    above = list(reader.asked)[number]
    reply = {"from": state.bot, "reply_to_message": {"message_id": above}}
    with state.changed:
        state.put(chat, {**reply, "text": text or reader.asked[above].draft.marker}, by_bot=True)


def tally(reader: Reader) -> Tally:
    made = Tally()
    reader.count(made, lambda draft: True)
    return made


def asking(count: int) -> tuple[Reader, list[Draft]]:
    reader, drafts = Reader(TelegramServer().user("Ani")), [draft(1, number, 1, 3) for number in range(count)]
    for each in drafts:
        reader.ask(each)
    return reader, drafts


def test_what_is_answered_in_order_is_well() -> None:
    reader, _ = asking(2)
    answer(reader, 0)
    assert (tally(reader).answered, tally(reader).waiting, reader.waiting()) == (1, 1, 1)
    answer(reader, 1)
    made = tally(reader)
    assert (made.sent, made.answered, made.waiting) == (2, 2, 0)
    assert (made.twice, made.mixed, made.refused, made.elsewhere) == (0, 0, 0, 0)


def test_what_comes_twice_late_wrong_or_not_is_counted() -> None:
    reader, _ = asking(4)
    answer(reader, 1)
    answer(reader, 0, "Jawaban dari artikel lain.")
    answer(reader, 1)
    answer(reader, 2, say("failed", "id"))
    made = tally(reader)
    assert (made.sent, made.answered, made.refused, made.waiting) == (4, 2, 1, 1)
    assert (made.twice, made.mixed, made.elsewhere) == (1, 1, 1)


def test_a_chat_asks_no_more_than_may_wait_and_weather_counts_what_it_struck() -> None:
    server = TelegramServer()
    readers = Readers(server, 1, Random(1))
    assert [readers.ask([draft(1, 1, 1)]) for _ in range(4)] == [True, True, True, False]
    weather = Weather(server, Random(1))
    while weather.name != "away":
        weather.turn()
    assert server.struck("sendMessage", {}) is not None
    weather.clear()
    assert server.struck("sendMessage", {}) is None
    assert weather.struck["cut"] == 1
