"""The strict Telegram itself, tried with a bare python-telegram-bot Bot and with plain HTTP.

Each test holds the server to a section of https://core.telegram.org/bots/api, so that a bot that passes
against it has been tried against the documentation.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
)
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from tests.telegram_server import TOKEN, Fault, Limits, TelegramServer, User
from tests.telegram_server.text import cleaned, detected, slice_units, units

Use = Callable[[Bot], Awaitable[Any]]
HTTP = httpx.Client(timeout=10, trust_env=False)


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server
        assert not server.crashes


@pytest.fixture
def ani(telegram: TelegramServer) -> User:
    return telegram.user("Ani", language_code="id")


def with_bot(telegram: TelegramServer, use: Use) -> Any:
    """What `use` gives with a bot at this server."""

    async def run() -> Any:
        bot = Bot(telegram.token, base_url=telegram.base_url, base_file_url=telegram.base_file_url)
        async with bot:
            return await use(bot)

    return asyncio.run(run())


def post(telegram: TelegramServer, method: str, **fields: Any) -> dict[str, Any]:
    """A call as JSON, past what python-telegram-bot would let through."""
    url = f"{telegram.base_url}{telegram.token}/{method}"
    # Written here, since a lone surrogate is JSON, too.
    answer = HTTP.post(url, content=json.dumps(fields), headers={"Content-Type": "application/json"})
    body: dict[str, Any] = answer.json()
    assert answer.status_code == body.get("error_code", 200)
    return body


def refusal(telegram: TelegramServer, method: str, **fields: Any) -> str:
    """Why a call was refused; it must have been, as a violation."""
    before = len(telegram.violations)
    body = post(telegram, method, **fields)
    assert not body["ok"]
    assert len(telegram.violations) == before + 1
    return str(body["description"])


# Making requests


def test_getme_says_who_the_bot_is(telegram: TelegramServer) -> None:
    me = with_bot(telegram, Bot.get_me)
    assert (me.username, me.is_bot, me.id) == ("kutip_bot", True, int(TOKEN.split(":")[0]))


def test_all_four_ways_of_passing_parameters_are_taken(telegram: TelegramServer, ani: User) -> None:
    url = f"{telegram.base_url}{telegram.token}/sendMessage"
    fields = {"chat_id": str(ani.id), "text": "halo"}
    answers = [
        HTTP.get(url, params=fields),
        HTTP.post(url, data=fields),
        HTTP.post(url, json={"chat_id": ani.id, "text": "halo"}),
        HTTP.post(url, files={name: (None, value) for name, value in fields.items()}),
    ]
    assert [answer.json()["result"]["text"] for answer in answers] == ["halo"] * 4


def test_method_names_are_case_insensitive(telegram: TelegramServer) -> None:
    assert post(telegram, "GETME")["ok"]


@pytest.mark.parametrize(("token", "code"), [("1:x", 404), ("1:" + "x" * 35, 401)])
def test_a_wrong_token_is_refused(telegram: TelegramServer, token: str, code: int) -> None:
    assert HTTP.get(f"{telegram.base_url}{token}/getMe").status_code == code


def test_a_wrong_token_is_an_invalid_token_to_the_library(telegram: TelegramServer) -> None:
    telegram.token = "2" + TOKEN

    async def start() -> None:
        async with Bot(TOKEN, base_url=telegram.base_url):
            pass

    with pytest.raises(InvalidToken):
        asyncio.run(start())


def test_an_unknown_method_or_field_is_a_violation(telegram: TelegramServer, ani: User) -> None:
    assert post(telegram, "sendMesage")["error_code"] == 404
    assert "parse_modus" in refusal(telegram, "sendMessage", chat_id=ani.id, text="a", parse_modus="HTML")
    assert [call.method for call in telegram.violations] == ["sendMesage", "sendMessage"]
    with pytest.raises(AssertionError, match="parse_modus"):
        telegram.assert_clean()


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "a"},
        {"chat_id": 7},
        {"chat_id": "tujuh", "text": "a"},
        {"chat_id": True, "text": "a"},
        {"chat_id": 7, "text": 8},
        {"chat_id": 7, "text": "a", "entities": {}},
        {"chat_id": 7, "text": "a", "reply_markup": []},
        {"chat_id": 7, "text": "a", "protect_content": "mungkin"},
    ],
    ids=json.dumps,
)
def test_a_missing_field_or_one_of_another_type_is_a_violation(
    telegram: TelegramServer, fields: dict[str, Any]
) -> None:
    refusal(telegram, "sendMessage", **fields)


def test_a_request_that_never_came_whole_is_no_call(telegram: TelegramServer) -> None:
    port = int(telegram.url.rpartition(":")[2])
    for sent in (
        b"POST /bot%b/editMessageText HTTP/1.1\r\nContent-Length: 90\r\n\r\nchat_id=7",
        b"POST /bot%b/ge",
    ):
        with socket.create_connection(("127.0.0.1", port)) as bot:
            bot.sendall(sent % TOKEN.encode() if b"%b" in sent else sent)
            bot.shutdown(socket.SHUT_WR)
            bot.settimeout(10)
            while bot.recv(4096):
                pass
    assert post(telegram, "getMe")["ok"]
    assert [call.method for call in telegram.calls] == ["getMe"]


# Getting updates


def test_updates_come_until_they_are_confirmed(telegram: TelegramServer, ani: User) -> None:
    for text in ("satu", "dua", "tiga"):
        ani.says(text)

    async def use(bot: Bot) -> None:
        first = await bot.get_updates(limit=2)
        assert [update.message.text for update in first if update.message] == ["satu", "dua"]
        again = await bot.get_updates()
        assert [update.update_id for update in again][:2] == [update.update_id for update in first]
        assert len(again) == 3
        rest = await bot.get_updates(offset=first[-1].update_id + 1)
        assert [update.message.text for update in rest if update.message] == ["tiga"]
        assert await bot.get_updates(offset=rest[-1].update_id + 1) == ()
        assert await bot.get_updates() == ()

    with_bot(telegram, use)
    assert telegram.state.confirmed == list(telegram.state.delivered)[-1] + 1


def test_a_negative_offset_forgets_all_but_the_last(telegram: TelegramServer, ani: User) -> None:
    for text in ("satu", "dua", "tiga"):
        ani.says(text)
    assert [u["message"]["text"] for u in post(telegram, "getUpdates", offset=-1)["result"]] == ["tiga"]


def test_long_polling_waits_for_an_update(telegram: TelegramServer, ani: User) -> None:
    threading.Timer(0.2, ani.says, ["halo"]).start()
    start = time.monotonic()
    assert len(with_bot(telegram, lambda bot: bot.get_updates(timeout=30))) == 1
    assert 0.1 < time.monotonic() - start < 10


def test_a_second_poller_ends_the_first_with_a_conflict(telegram: TelegramServer) -> None:
    async def run() -> None:
        async with Bot(telegram.token, base_url=telegram.base_url) as bot:
            other = Bot(telegram.token, base_url=telegram.base_url)
            async with other:
                first = asyncio.create_task(bot.get_updates(timeout=30))
                while telegram.state.poll < 1:
                    await asyncio.sleep(0.01)
                await other.get_updates(timeout=0)
                with pytest.raises(Conflict, match="terminated by other getUpdates request"):
                    await first

    asyncio.run(run())
    assert not telegram.violations


def test_kinds_of_updates_are_those_allowed_when_they_arise(telegram: TelegramServer, ani: User) -> None:
    post(telegram, "getUpdates", allowed_updates=["callback_query"])
    ani.says("tidak terkirim")
    post(telegram, "getUpdates", allowed_updates=["message"])
    assert post(telegram, "getUpdates")["result"] == []
    ani.says("terkirim")
    assert len(post(telegram, "getUpdates")["result"]) == 1
    assert "mesage" in refusal(telegram, "getUpdates", allowed_updates=["mesage"])


@pytest.mark.parametrize("fields", [{"limit": 0}, {"limit": 101}, {"timeout": -1}, {"limit": "x"}])
def test_getupdates_keeps_its_ranges(telegram: TelegramServer, fields: dict[str, Any]) -> None:
    refusal(telegram, "getUpdates", **fields)


def test_a_webhook_is_posted_each_update_with_its_secret(telegram: TelegramServer, ani: User) -> None:
    got: list[tuple[str | None, Any]] = []
    statuses = iter([500, 200, 200])

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], body["message"]["text"]))
            self.send_response(next(statuses))
            call = json.dumps({"method": "sendMessage", "chat_id": ani.id, "text": "terima"}).encode()
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(call)))
            self.end_headers()
            self.wfile.write(call)

        def log_message(self, format: str, *args: object) -> None: ...

    hook = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{hook.server_address[1]}/hook"
    with_bot(telegram, lambda bot: bot.set_webhook(url, secret_token="rahasia_1"))
    ani.says("satu")
    ani.says("dua")
    telegram.wait_for(lambda: not telegram.state.updates and len(ani.answers) == 2)
    hook.shutdown()
    hook.server_close()
    # The first was answered with 500, and posted again before the next.
    assert got == [("rahasia_1", "satu"), ("rahasia_1", "satu"), ("rahasia_1", "dua")]
    info = with_bot(telegram, Bot.get_webhook_info)
    assert "500" in info.last_error_message
    conflict = post(telegram, "getUpdates")
    assert conflict["error_code"] == 409
    with_bot(telegram, Bot.delete_webhook)
    assert post(telegram, "getUpdates")["ok"]


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "http://example.org/hook"},
        {"url": "ftp://127.0.0.1/"},
        {"url": "https://example.org/", "secret_token": "tanda seru!"},
        {"url": "https://example.org/", "max_connections": 101},
    ],
)
def test_setwebhook_keeps_its_rules(telegram: TelegramServer, fields: dict[str, Any]) -> None:
    refusal(telegram, "setWebhook", **fields)


# Texts and entities


def test_entities_are_in_utf_16_units(telegram: TelegramServer, ani: User) -> None:
    text = "👨‍👩‍👧 Kata menteri"
    start = units("👨‍👩‍👧 ")
    bold = MessageEntity(MessageEntity.BOLD, start, 4)
    sent = with_bot(telegram, lambda bot: bot.send_message(ani.id, text, entities=[bold]))
    assert sent.parse_entities() == {bold: "Kata"}
    telegram.assert_clean()


@pytest.mark.parametrize(
    ("text", "entities", "why"),
    [
        ("halo", [("bold", 0, 5)], "ends after the end"),
        ("😀 halo", [("bold", 1, 3)], "inside a symbol"),
        ("😀 halo", [("bold", 0, 1)], "inside a symbol"),
        ("halo", [("bold", -1, 2)], "negative offset"),
        ("halo", [("bold", 0, 0)], "no length"),
        ("halo", [("tebal", 0, 2)], "unsupported type"),
        ("halo dunia", [("bold", 0, 6), ("italic", 3, 6)], "overlap"),
        ("halo dunia", [("code", 0, 6), ("bold", 1, 2)], "nested"),
        (
            "halo dunia",
            [("blockquote", 0, 10), ("expandable_blockquote", 0, 4)],
            "blockquotes can't be nested",
        ),
        ("halo dunia", [("bold", 0, 10), ("bold", 0, 4)], "bold within bold"),
        ("halo", [("text_link", 0, 4)], "needs url"),
        ("halo", [("text_link", 0, 4, {"url": "bukan url"})], "invalid"),
        ("halo", [("bold", 0, 4, {"url": "https://example.org"})], "has no url"),
        ("a" * 200, [("bold", n, 1) for n in range(101)], "101 entities"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_entities_that_telegram_would_not_take_are_violations(
    telegram: TelegramServer, ani: User, text: str, entities: list[Any], why: str
) -> None:
    made = [
        {"type": kind, "offset": offset, "length": length, **(more[0] if more else {})}
        for kind, offset, length, *more in entities
    ]
    assert why in refusal(telegram, "sendMessage", chat_id=ani.id, text=text, entities=made)
    assert not ani.answers


@pytest.mark.parametrize(
    "entities",
    [
        [
            ("bold", 0, 10),
            ("italic", 0, 10),
            ("text_link", 5, 5, {"url": "https://example.org/a?b#:~:text=c%20d"}),
        ],
        [("blockquote", 0, 10), ("bold", 0, 4), ("code", 5, 5)],
        [("expandable_blockquote", 0, 4), ("blockquote", 5, 5)],
        [("pre", 0, 10, {"language": "python"})],
        [("bold", 0, 4), ("bold", 4, 4)],
        [("url", 0, 4), ("mention", 2, 4)],
    ],
    ids=lambda value: str(value)[:40],
)
def test_entities_that_nest_as_documented_are_taken(
    telegram: TelegramServer, ani: User, entities: list[Any]
) -> None:
    made = [
        {"type": kind, "offset": offset, "length": length, **(more[0] if more else {})}
        for kind, offset, length, *more in entities
    ]
    assert post(telegram, "sendMessage", chat_id=ani.id, text="halo dunia", entities=made)["ok"]


@pytest.mark.parametrize("text", ["a" * 4097, "", " \n ", "\u200b\u200d", "\x00\x01", "a\ud800"], ids=ascii)
def test_a_text_has_1_to_4096_characters(telegram: TelegramServer, ani: User, text: str) -> None:
    refusal(telegram, "sendMessage", chat_id=ani.id, text=text)


def test_lengths_count_code_points(telegram: TelegramServer, ani: User) -> None:
    assert post(telegram, "sendMessage", chat_id=ani.id, text="😀" * 4096)["ok"]
    refusal(telegram, "sendMessage", chat_id=ani.id, text="😀" * 4097)


def test_a_text_is_kept_as_telegram_keeps_it(telegram: TelegramServer, ani: User) -> None:
    given = "  \nsatu\r\n\u202edua\u2028\x07 tiga \n"
    bold = {"type": "bold", "offset": given.index("tiga"), "length": 6}
    sent = post(telegram, "sendMessage", chat_id=ani.id, text=given, entities=[bold])["result"]
    assert sent["text"] == "satu\ndua  tiga"
    assert sent["entities"] == [{"type": "bold", "offset": 10, "length": 4}]


@given(st.text(max_size=40), st.integers(0, 40), st.integers(1, 40))
def test_an_entity_stays_on_its_words_when_the_text_is_cleaned(text: str, offset: int, length: int) -> None:
    borders = [0]
    for character in text:
        borders.append(borders[-1] + units(character))
    start, end = min(offset, len(text)), min(offset + length, len(text))
    entity = {"type": "bold", "offset": borders[start], "length": borders[end] - borders[start]}
    kept, moved = cleaned(text, [entity] if entity["length"] else [])
    for each in moved:
        said = slice_units(kept, each["offset"], each["offset"] + each["length"])
        assert said.strip() == cleaned(text[start:end])[0].strip()


def test_the_server_finds_commands_mentions_and_links_itself() -> None:
    text = "/tanya@kutip_bot 😀 @kutip_bot a/b https://example.org/x #berita 1/2"
    found = {slice_units(text, e["offset"], e["offset"] + e["length"]): e["type"] for e in detected(text)}
    assert found == {
        "/tanya@kutip_bot": "bot_command",
        "@kutip_bot": "mention",
        "https://example.org/x": "url",
        "#berita": "hashtag",
    }


# Buttons


@pytest.mark.parametrize(
    "button",
    [
        {"text": "a", "callback_data": "x" * 65},
        {"text": "a", "callback_data": "é" * 33},
        {"text": "a", "callback_data": ""},
        {"text": "a"},
        {"text": "", "callback_data": "x"},
        {"callback_data": "x"},
        {"text": "a", "callback_data": "x", "url": "https://example.org"},
        {"text": "a", "url": "bukan url"},
        {"text": "a", "callback_data": "x", "colour": "red"},
        {"text": "a", "callback_data": "x", "style": "red"},
        {"text": "a", "copy_text": {"text": "x" * 257}},
    ],
    ids=lambda button: json.dumps(button)[:50],
)
def test_a_button_that_telegram_would_not_take_is_a_violation(
    telegram: TelegramServer, ani: User, button: dict[str, Any]
) -> None:
    refusal(telegram, "sendMessage", chat_id=ani.id, text="a", reply_markup={"inline_keyboard": [[button]]})


def test_buttons_at_their_limits_are_taken(telegram: TelegramServer, ani: User) -> None:
    rows = [[{"text": "a", "callback_data": "é" * 32}] * 8 for _ in range(12)]
    assert post(telegram, "sendMessage", chat_id=ani.id, text="a", reply_markup={"inline_keyboard": rows})[
        "ok"
    ]
    many = {"inline_keyboard": [[{"text": "a", "callback_data": "x"}]] * 101}
    assert "100 buttons" in refusal(telegram, "sendMessage", chat_id=ani.id, text="a", reply_markup=many)


def test_a_press_is_an_update_and_is_answered(telegram: TelegramServer, ani: User) -> None:
    async def use(bot: Bot) -> None:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Batal", callback_data="batal:1")]])
        sent = await bot.send_message(ani.id, "Mencari…", reply_markup=keyboard)
        press = ani.presses(ani.answers[-1], "Batal")
        (update,) = await bot.get_updates()
        query = update.callback_query
        assert query is not None
        assert (query.data, query.from_user.id, query.message) == ("batal:1", ani.id, sent)
        assert telegram.unanswered == [press]
        await query.answer("Dibatalkan")
        assert press.answers == [{"text": "Dibatalkan"}]
        assert not telegram.unanswered
        with pytest.raises(BadRequest, match="query id is invalid"):
            await bot.answer_callback_query("999")
        with pytest.raises(BadRequest):
            await query.answer("a" * 201)
        with pytest.raises(BadRequest, match=r"(?i)url_invalid"):
            await query.answer(url="https://example.org")

    with_bot(telegram, use)
    with pytest.raises(ValueError, match="is not one of"):
        ani.presses(ani.answers[-1], "Lanjut")


def test_pressing_a_button_of_a_deleted_message_gives_no_text(telegram: TelegramServer, ani: User) -> None:
    async def use(bot: Bot) -> None:
        sent = await bot.send_message(ani.id, "a")
        message = ani.answers[-1]
        await sent.delete()
        ani.presses_data(message, "apa saja")
        (update,) = await bot.get_updates()
        assert update.callback_query is not None
        assert update.callback_query.message is not None
        assert not update.callback_query.message.is_accessible

    with_bot(telegram, use)


# Editing and deleting


def test_an_edit_changes_the_message_and_its_buttons(telegram: TelegramServer, ani: User) -> None:
    async def use(bot: Bot) -> None:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Batal", callback_data="x")]])
        sent = await bot.send_message(ani.id, "satu", reply_markup=keyboard)
        with pytest.raises(BadRequest, match="Message is not modified"):
            await sent.edit_text("satu", reply_markup=keyboard)
        # Left out, the buttons go.
        await sent.edit_text("satu")
        assert "reply_markup" not in ani.answers[-1]
        await sent.edit_reply_markup(keyboard)
        with pytest.raises(BadRequest, match="Message is not modified"):
            await sent.edit_reply_markup(keyboard)
        await sent.edit_text("dua", entities=[MessageEntity("bold", 0, 3)])
        with pytest.raises(BadRequest, match="Message is not modified"):
            await sent.edit_text("dua ", entities=[MessageEntity("bold", 0, 3)])
        await sent.delete()
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await sent.edit_text("tiga")
        with pytest.raises(BadRequest, match="Message to delete not found"):
            await sent.delete()

    with_bot(telegram, use)
    kinds = [event.kind for event in telegram.transcript(ani)]
    assert kinds == ["message", "edit", "buttons", "edit", "delete"]
    telegram.assert_clean()


def test_only_own_messages_can_be_edited(telegram: TelegramServer, ani: User) -> None:
    asked = ani.says("halo")
    why = refusal(telegram, "editMessageText", chat_id=ani.id, message_id=asked["message_id"], text="a")
    assert "can't be edited" in why


def test_a_bot_deletes_what_others_wrote_in_private_only(telegram: TelegramServer, ani: User) -> None:
    group = telegram.group("Redaksi", ani)
    here, there = ani.says("halo"), ani.says("halo", to=group)
    assert post(telegram, "deleteMessage", chat_id=ani.id, message_id=here["message_id"])["ok"]
    assert not post(telegram, "deleteMessage", chat_id=group.id, message_id=there["message_id"])["ok"]
    assert post(telegram, "deleteMessages", chat_id=ani.id, message_ids=[1, 2])["ok"]
    refusal(telegram, "deleteMessages", chat_id=ani.id, message_ids=[])


# Drafts


def test_a_draft_is_shown_until_the_message_comes(telegram: TelegramServer, ani: User) -> None:
    async def use(bot: Bot) -> None:
        await bot.send_message_draft(ani.id, 5, "Menteri")
        await bot.send_message_draft(ani.id, 5, "Menteri Pertahanan")
        assert ani.draft == "Menteri Pertahanan"
        assert ani.answers == []
        await bot.send_message(ani.id, "Menteri Pertahanan Rusia")
        assert ani.draft is None

    with_bot(telegram, use)
    assert len(telegram.transcript(ani, ["draft"])) == 2


def test_a_draft_may_be_empty_and_is_for_private_chats(telegram: TelegramServer, ani: User) -> None:
    group = telegram.group("Redaksi", ani)
    assert post(telegram, "sendMessageDraft", chat_id=ani.id, draft_id=1)["ok"]
    assert "non-zero" in refusal(telegram, "sendMessageDraft", chat_id=ani.id, draft_id=0, text="a")
    assert "PEER_INVALID" in refusal(telegram, "sendMessageDraft", chat_id=group.id, draft_id=1, text="a")
    refusal(telegram, "sendMessageDraft", chat_id=ani.id, draft_id=1, text="a" * 4097)
    refusal(telegram, "sendMessageDraft", chat_id=ani.id, draft_id=1, text="a", reply_markup={})


# Replies


def test_a_quote_is_an_exact_part_of_the_message(telegram: TelegramServer, ani: User) -> None:
    asked = ani.says("😀 Siapa Menteri Pertahanan? Siapa?")

    async def use(bot: Bot) -> None:
        def reply(quote: str, **more: Any) -> ReplyParameters:
            return ReplyParameters(asked["message_id"], quote=quote, **more)

        sent = await bot.send_message(ani.id, "a", reply_parameters=reply("Siapa"))
        assert (sent.quote.text, sent.quote.position) == ("Siapa", 3)
        sent = await bot.send_message(ani.id, "a", reply_parameters=reply("Siapa", quote_position=29))
        assert sent.quote.position == units("😀 Siapa Menteri Pertahanan? ")
        for quote in ("siapa", "Siapa  Menteri", "a" * 1025):
            with pytest.raises(BadRequest):
                await bot.send_message(ani.id, "a", reply_parameters=reply(quote))
        bold = [MessageEntity("bold", 0, 5)]
        with pytest.raises(BadRequest, match=r"(?i)quote_text_invalid"):
            await bot.send_message(ani.id, "a", reply_parameters=reply("Siapa", quote_entities=bold))

    with_bot(telegram, use)


def test_a_reply_to_what_is_gone_fails_unless_it_may_go_without(telegram: TelegramServer, ani: User) -> None:
    asked = ani.says("halo")
    ani.deletes(asked)
    number = asked["message_id"]
    body = post(telegram, "sendMessage", chat_id=ani.id, text="a", reply_parameters={"message_id": number})
    assert body["description"] == "Bad Request: message to be replied not found"
    anyway = {"message_id": number, "allow_sending_without_reply": True}
    sent = post(telegram, "sendMessage", chat_id=ani.id, text="a", reply_parameters=anyway)["result"]
    assert "reply_to_message" not in sent
    telegram.assert_clean()


# Files


def test_a_file_goes_both_ways(telegram: TelegramServer, ani: User) -> None:
    content = bytes(range(256)) * 100

    async def use(bot: Bot) -> None:
        ani.sends_document("berita.pdf", content, caption="ini")
        (update,) = await bot.get_updates()
        assert update.message is not None
        document = update.message.document
        assert document is not None
        assert (document.file_name, document.mime_type) == ("berita.pdf", "application/pdf")
        file = await bot.get_file(document.file_id)
        assert bytes(await file.download_as_bytearray()) == content
        back = await bot.send_document(ani.id, content, filename="hasil.json", caption="hasil")
        assert back.document is not None
        assert (back.document.file_name, back.document.file_size) == ("hasil.json", len(content))
        again = await bot.send_document(ani.id, back.document.file_id)
        assert again.document == back.document
        photo = await bot.send_photo(ani.id, content)
        assert photo.photo
        with pytest.raises(BadRequest):
            await bot.send_document(ani.id, "tidak-ada")
        with pytest.raises(BadRequest):
            await bot.send_document(ani.id, content, caption="a" * 1025)

    with_bot(telegram, use)


def test_files_are_fetched_up_to_20_mb(telegram: TelegramServer, ani: User) -> None:
    most = 20 * 1024 * 1024

    async def use(bot: Bot) -> None:
        for size in (most, most + 1):
            ani.sends_document("besar.txt", b"a" * size)
        small, large = [update.message.document for update in await bot.get_updates() if update.message]
        assert small is not None
        assert large is not None
        assert len(await (await bot.get_file(small)).download_as_bytearray()) == most
        with pytest.raises(BadRequest, match="File is too big"):
            await bot.get_file(large)

    with_bot(telegram, use)


# Chats


def test_a_bot_cannot_write_where_it_may_not(telegram: TelegramServer, ani: User) -> None:
    stranger = telegram.user("Budi", started=False)
    group = telegram.group("Redaksi", ani)

    async def use(bot: Bot) -> None:
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(12345, "a")
        with pytest.raises(Forbidden, match="can't initiate conversation"):
            await bot.send_message(stranger.id, "a")
        ani.blocks()
        with pytest.raises(Forbidden, match="blocked by the user"):
            await bot.send_message(ani.id, "a")
        ani.unblocks()
        await bot.send_message(ani.id, "a")
        group.removes_bot()
        with pytest.raises(Forbidden, match="kicked"):
            await bot.send_message(group.id, "a")
        kinds = [update.my_chat_member.new_chat_member.status for update in await bot.get_updates()]  # type: ignore[union-attr]
        assert kinds == ["kicked", "member", "left"]

    with_bot(telegram, use)
    telegram.assert_clean()


def test_in_a_group_the_bot_gets_what_is_meant_for_it(telegram: TelegramServer, ani: User) -> None:
    group = telegram.group("Redaksi", ani)
    sent = post(telegram, "sendMessage", chat_id=group.id, text="halo semua")["result"]
    for text in (
        "di antara kami",
        "/tanya siapa?",
        "/tanya@lain_bot siapa?",
        "hai @kutip_bot",
        "@lain_bot hai",
    ):
        ani.says(text, to=group)
    ani.says("siapa lagi?", to=group, reply_to=sent)
    got = [update["message"]["text"] for update in post(telegram, "getUpdates")["result"]]
    assert got == ["/tanya siapa?", "hai @kutip_bot", "siapa lagi?"]


def test_a_forwarded_post_carries_its_origin(telegram: TelegramServer, ani: User) -> None:
    ani.forwards(telegram.channel("Berita", "berita_hari_ini").posts("Beras naik."))
    (update,) = with_bot(telegram, Bot.get_updates)
    origin = update.message.forward_origin
    assert (origin.type, origin.chat.username, update.message.text) == (
        "channel",
        "berita_hari_ini",
        "Beras naik.",
    )


def test_users_send_what_users_send(telegram: TelegramServer, ani: User) -> None:
    asked = ani.says("Siapa?")
    ani.edits(asked, "Siapa dia?")
    ani.sends_photo(b"jpeg", caption="foto #berita")
    ani.sends_sticker("👍")
    ani.starts("kutip-1")
    assert [message["text"] for message in ani.says_long("a" * 5000)] == ["a" * 4096, "a" * 904]
    got = with_bot(telegram, lambda bot: bot.get_updates())
    assert got[1].edited_message.text == "Siapa dia?"
    assert [size.width for size in got[2].message.photo] == [90, 320, 1280]
    assert got[2].message.parse_caption_entities() == {got[2].message.caption_entities[0]: "#berita"}
    assert got[3].message.sticker.emoji == "👍"
    assert got[4].message.parse_entities(["bot_command"]) == {got[4].message.entities[0]: "/start"}
    for send in (lambda: ani.says(" \n"), lambda: ani.says("a" * 4097), lambda: ani.starts("bukan payload")):
        with pytest.raises(ValueError, match=r"send|characters"):
            send()


def test_a_group_that_became_a_supergroup_says_where_it_went(telegram: TelegramServer, ani: User) -> None:
    group = telegram.group("Redaksi", ani, kind="group")
    new = group.moves_to_supergroup()
    body = post(telegram, "sendMessage", chat_id=group.id, text="a")
    assert body["parameters"] == {"migrate_to_chat_id": new.id}


# Commands and descriptions


def test_commands_are_kept_by_scope_and_language(telegram: TelegramServer) -> None:
    async def use(bot: Bot) -> None:
        commands = [BotCommand("tanya", "Tanyakan sesuatu")]
        scope = BotCommandScopeAllPrivateChats()
        await bot.set_my_commands(commands, scope=scope, language_code="id")
        assert list(await bot.get_my_commands(scope=scope, language_code="id")) == commands
        assert await bot.get_my_commands() == ()
        await bot.delete_my_commands(scope=scope, language_code="id")
        assert await bot.get_my_commands(scope=scope, language_code="id") == ()
        await bot.set_my_description("Menjawab dengan kutipan", language_code="id")
        assert (await bot.get_my_description("id")).description == "Menjawab dengan kutipan"

    with_bot(telegram, use)
    telegram.assert_clean()


@pytest.mark.parametrize(
    "command",
    [
        {"command": "Tanya", "description": "a"},
        {"command": "/tanya", "description": "a"},
        {"command": "a" * 33, "description": "a"},
        {"command": "tanya", "description": ""},
        {"command": "tanya", "description": "a" * 257},
        {"command": "tanya"},
    ],
    ids=lambda command: json.dumps(command)[:40],
)
def test_a_command_keeps_its_rules(telegram: TelegramServer, command: dict[str, str]) -> None:
    refusal(telegram, "setMyCommands", commands=[command])


def test_what_is_left_keeps_its_rules(telegram: TelegramServer, ani: User) -> None:
    refusal(telegram, "sendChatAction", chat_id=ani.id, action="mengetik")
    refusal(telegram, "setMyShortDescription", short_description="a" * 121)
    refusal(telegram, "setMyCommands", commands=[], language_code="ind")
    refusal(telegram, "sendMessage", chat_id=ani.id, text="a", parse_mode="HTML")
    assert post(telegram, "sendMessage", chat_id=ani.id, text="a", reply_markup=ForceReply().to_dict())["ok"]
    assert telegram.violations[0].refused is not None
    assert telegram.violations[0].refused.rule == "sendchataction"


# Faults and limits


def test_a_flood_says_when_to_come_again(
    telegram: TelegramServer, ani: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    telegram.faults.append(Fault("flood", times=1, retry_after=7))

    async def use(bot: Bot) -> None:
        with pytest.raises(RetryAfter) as error:
            await bot.send_message(ani.id, "a")
        assert error.value.retry_after == timedelta(seconds=7)
        await bot.send_message(ani.id, "a")

    with_bot(telegram, use)
    assert len(ani.answers) == 1
    telegram.assert_clean()


@pytest.mark.parametrize(
    ("kind", "done"),
    [("error", 0), ("html", 0), ("cut", 0), ("hang", 0), ("cut after", 1), ("hang after", 1)],
)
def test_a_call_fails_before_it_is_done_or_after(
    telegram: TelegramServer, ani: User, kind: Any, done: int
) -> None:
    telegram.faults.append(Fault(kind, times=1, seconds=0.1))

    async def use(bot: Bot) -> None:
        with pytest.raises(NetworkError):
            await bot.send_message(ani.id, "a")
        await bot.send_message(ani.id, "b")

    with_bot(telegram, use)
    assert len(ani.answers) == 1 + done
    telegram.assert_clean()


def test_faults_strike_where_they_are_told_to(telegram: TelegramServer, ani: User) -> None:
    budi = telegram.user("Budi")
    telegram.faults.append(Fault("error", methods=("sendMessage",), chats=(budi.id,)))
    assert post(telegram, "sendMessage", chat_id=ani.id, text="a")["ok"]
    assert not post(telegram, "sendMessage", chat_id=budi.id, text="a")["ok"]
    assert post(telegram, "sendChatAction", chat_id=budi.id, action="typing")["ok"]


def test_with_limits_a_chat_gets_a_burst_and_then_waits() -> None:
    with TelegramServer(limits=Limits(burst=3)) as telegram:
        ani, budi = telegram.user("Ani"), telegram.user("Budi")
        answers = [post(telegram, "sendMessage", chat_id=ani.id, text="a") for _ in range(4)]
        assert [answer["ok"] for answer in answers] == [True, True, True, False]
        assert answers[-1]["parameters"]["retry_after"] == 1
        assert post(telegram, "sendMessage", chat_id=budi.id, text="a")["ok"]
        telegram.assert_clean()


# The transcript


def test_a_chat_is_shown_as_its_members_see_it(telegram: TelegramServer, ani: User) -> None:
    ani.says("Siapa?")

    async def use(bot: Bot) -> None:
        await bot.send_chat_action(ani.id, "typing")
        status = await bot.send_message(ani.id, "Mencari…")
        await bot.send_message_draft(ani.id, 9, "Sergei")
        assert [message["text"] for message in telegram.state.shown(ani.chat)] == [
            "Siapa?",
            "Mencari…",
            "Sergei",
        ]
        await status.delete()
        await bot.send_message(ani.id, "Sergei Shoigu")

    with_bot(telegram, use)
    assert [message["text"] for message in telegram.state.shown(ani.chat)] == ["Siapa?", "Sergei Shoigu"]
    assert [(event.kind, event.text) for event in telegram.transcript(ani)] == [
        ("message", "Siapa?"),
        ("action", "typing"),
        ("message", "Mencari…"),
        ("draft", "Sergei"),
        ("delete", "Mencari…"),
        ("message", "Sergei Shoigu"),
    ]


def test_the_server_runs_as_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "tests.telegram_server"]
    root = Path(__file__).resolve().parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None
            given = dict(process.stdout.readline().split() for _ in range(3))
            control = given["base_url"].removesuffix("bot") + "control"
            HTTP.post(f"{control}/say", json={"user": 7, "text": "Siapa?"})
            updates = HTTP.get(f"{given['base_url']}{given['token']}/getUpdates").json()["result"]
            assert [update["message"]["text"] for update in updates] == ["Siapa?"]
            HTTP.post(f"{control}/fault", json={"kind": "error", "times": 1})
            reply = {"chat_id": 7, "text": "Sergei Shoigu"}
            answers = [
                HTTP.post(f"{given['base_url']}{given['token']}/sendMessage", json=reply) for _ in "12"
            ]
            assert [answer.status_code for answer in answers] == [500, 200]
            events = HTTP.post(f"{control}/transcript", json={"user": 7}).json()["result"]
            assert [event["text"] for event in events] == ["Siapa?", "Sergei Shoigu"]
            assert HTTP.post(f"{control}/violations").json()["result"] == []
            assert HTTP.post(f"{control}/nothing").status_code == 400
        finally:
            process.kill()
