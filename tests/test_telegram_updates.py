"""What a message is: a command, a question, or neither."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Bot, Message

from bot.telegram.incoming import for_others, question
from bot.telegram.updates import Me, addresses, command, language_of

ME = Me(1, "kutip_bot")


def message(text: str | None, kind: str = "private", **more: Any) -> Message:
    data = {"message_id": 5, "date": 1_700_000_000, "chat": {"id": 7, "type": kind}, "text": text, **more}
    made = Message.de_json(data, Bot("1:a"))
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("/tanya Siapa?", "tanya", "Siapa?"),
        ("/ASK@kutip_bot\nWho?\nWhy?", "ask", "Who?\nWhy?"),
        ("/help", "help", ""),
        ("/help  ", "help", ""),
    ],
)
def test_a_command_is_told_from_its_rest(text: str, name: str, rest: str) -> None:
    found = command(message(text))
    assert found is not None
    assert (found.name, found.rest) == (name, rest)


@pytest.mark.parametrize("text", ["/", "/ tanya", "／tanya", "/таnya x", "a /tanya", "//", "/tanya!", None])
def test_what_looks_like_a_command_is_none(text: str | None) -> None:
    assert command(message(text)) is None


@pytest.mark.parametrize(
    ("text", "kind", "asked"),
    [
        ("Siapa?", "private", "Siapa?"),
        ("/tanya Siapa?", "private", "Siapa?"),
        ("/tanya", "private", None),
        ("/start", "private", None),
        ("/ apa", "private", "/ apa"),
        ("Siapa?", "group", None),
        ("Siapa, @Kutip_Bot?", "supergroup", "Siapa,  ?"),
        ("@kutip_bots siapa?", "group", None),
        ("/tanya Siapa?", "group", "Siapa?"),
        ("/tanya@other_bot Siapa?", "group", None),
    ],
)
def test_what_is_asked(text: str, kind: str, asked: str | None) -> None:
    assert question(message(text, kind), ME) == asked


def test_a_reply_to_the_bot_asks_it() -> None:
    answered = {
        "message_id": 4,
        "date": 1_700_000_000,
        "chat": {"id": 7, "type": "group"},
        "from": {"id": 1, "is_bot": True, "first_name": "Kutip"},
    }
    assert question(message("Kenapa?", "group", reply_to_message=answered), ME) == "Kenapa?"


def test_an_unknown_command_in_a_group_is_for_others_unless_the_bot_is_named() -> None:
    assert not for_others(message("/start", "private"), ME)
    assert for_others(message("/tidakada", "group"), ME)
    assert not for_others(message("/tidakada@kutip_bot", "group"), ME)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://a.example/x", ["https://a.example/x"]),
        (" https://a.example/x\nhttp://b.example ", ["https://a.example/x", "http://b.example"]),
        ("lihat https://a.example/x", []),
        ("Https://a.example/X HTTP://b.example", ["https://a.example/X", "http://b.example"]),
        ("www.a.example/x", ["https://www.a.example/x"]),
        ("add https://a.example", ["https://a.example"]),
        ("Tambahkan: www.a.example", ["https://www.a.example"]),
        ("tambah", []),
        ("add", []),
        ("ftp://a.example", []),
        (None, []),
    ],
)
def test_a_message_of_addresses_alone_is_for_adding(text: str | None, found: list[str]) -> None:
    assert addresses(message(text)) == found


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("id", "id"),
        ("in", "id"),
        ("id-ID", "id"),
        ("id_ID", "id"),
        ("ms", "id"),
        ("in-ID", "id"),
        ("en-GB", "en"),
        ("de", "en"),
        (None, "en"),
    ],
)
def test_telegrams_language_becomes_one_of_ours(code: str | None, language: str) -> None:
    assert language_of(code) == language


def test_what_telegram_takes_for_an_address_is_one() -> None:
    marked = [{"type": "url", "offset": 0, "length": 15}]
    assert addresses(message("berita.example/", entities=marked)) == ["https://berita.example/"]
    assert addresses(message("berita.example/")) == []
