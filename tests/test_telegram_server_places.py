"""The strict Telegram on topics, inline and guest queries, moved groups and rich messages, each held to a
section of https://core.telegram.org/bots/api."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.telegram_server import TelegramServer, User
from tests.test_telegram_server import post

Json = dict[str, Any]


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer(inline=True, rich=True) as server:
        yield server
        assert not server.crashes


@pytest.fixture
def ani(telegram: TelegramServer) -> User:
    return telegram.user("Ani", language_code="id")


def article(id: str = "1", **more: Any) -> Json:
    return {
        "type": "article",
        "id": id,
        "title": "Judul",
        "input_message_content": {"message_text": "Isi"},
    } | more


def test_a_message_goes_to_the_topic_that_is_named_or_replied_to_else_to_general(
    telegram: TelegramServer, ani: User
) -> None:
    """#sendmessage, `message_thread_id`"""
    forum = telegram.forum("Forum", ani)
    topic = forum.opens_topic()
    asked = ani.says("Halo", to=forum, topic=topic)
    reply = {"message_id": asked["message_id"], "allow_sending_without_reply": True}
    named = post(telegram, "sendMessage", chat_id=forum.id, text="a", message_thread_id=topic)["result"]
    replied = post(telegram, "sendMessage", chat_id=forum.id, text="b", reply_parameters=reply)["result"]
    assert named["message_thread_id"] == replied["message_thread_id"] == topic
    ani.deletes(asked)
    stray = post(telegram, "sendMessage", chat_id=forum.id, text="c", reply_parameters=reply)["result"]
    assert "message_thread_id" not in stray
    forum.closes_topic(topic)
    closed = post(telegram, "sendMessage", chat_id=forum.id, text="d", message_thread_id=topic)
    assert "TOPIC_CLOSED" in closed["description"]
    forum.deletes_topic(topic)
    gone = post(telegram, "sendMessage", chat_id=forum.id, text="e", message_thread_id=topic)
    assert "message thread not found" in gone["description"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article(str(n)) for n in range(51)]}, "no more than 50"),
        ({"results": [article(id="x" * 65)]}, "RESULT_ID_INVALID"),
        ({"results": [article(title=" ")]}, "a title is needed"),
        ({"results": [article(input_message_content={"message_text": ""})]}, "empty"),
        ({"results": [article(reply_markup={"force_reply": True})]}, "inline keyboard expected"),
        ({"results": [], "button": {"text": "x"}}, "exactly one"),
        ({"results": [], "button": {"text": "x", "start_parameter": "a b"}}, "START_PARAM_INVALID"),
    ],
)
def test_results_are_what_the_documentation_says(
    telegram: TelegramServer, ani: User, fields: Json, said: str
) -> None:
    """#answerinlinequery, #inlinequeryresultarticle, #inlinequeryresultsbutton"""
    query = ani.types("siapa")
    refused = post(telegram, "answerInlineQuery", inline_query_id=query.id, **fields)
    assert said in refused["description"]
    assert query.results is None
    assert telegram.violations


def test_a_query_is_answered_and_its_result_sent_by_the_user(telegram: TelegramServer, ani: User) -> None:
    """#inlinequery"""
    query = ani.types("siapa")
    assert post(telegram, "answerInlineQuery", inline_query_id=query.id, results=[article()])["result"]
    sent = ani.chooses(query, telegram.user("Budi"))
    assert (sent["text"], sent["via_bot"]["username"], sent["from"]["id"]) == ("Isi", "kutip_bot", ani.id)
    unknown = post(telegram, "answerInlineQuery", inline_query_id="5", results=[])
    assert "query is too old" in unknown["description"]


def test_a_guest_is_answered_once(telegram: TelegramServer, ani: User) -> None:
    """#answerguestquery"""
    group = telegram.group("Lain", ani)
    group.chat.members.discard(telegram.state.bot["id"])
    guest = ani.summons("@kutip_bot siapa?", group)
    update = telegram.state.updates[-1]["guest_message"]
    assert update["guest_query_id"] == guest.id
    first = post(telegram, "answerGuestQuery", guest_query_id=guest.id, result=article())
    assert set(first["result"]) == {"inline_message_id"}
    again = post(telegram, "answerGuestQuery", guest_query_id=guest.id, result=article())
    assert "query is too old" in again["description"]
    assert [each["text"] for each in group.answers] == ["Isi"]


def test_rich_messages_are_of_later_servers_and_their_marks_lead_somewhere(
    telegram: TelegramServer, ani: User
) -> None:
    """#sendrichmessage, #richtextreferencelink"""
    link = {"type": "reference_link", "text": "[1]", "reference_name": "q1"}
    reference = {"type": "reference", "text": "Judul", "name": "q1"}
    paragraphs = [{"type": "paragraph", "text": ["a", link]}, {"type": "paragraph", "text": reference}]
    ani.says("Halo")
    assert post(telegram, "sendRichMessage", chat_id=ani.id, rich_message={"blocks": paragraphs})["ok"]
    stray = post(telegram, "sendRichMessage", chat_id=ani.id, rich_message={"blocks": paragraphs[:1]})
    assert "not there" in stray["description"]
    telegram.state.rich = False
    unknown = post(telegram, "sendRichMessage", chat_id=ani.id, rich_message={"blocks": paragraphs})
    assert unknown["error_code"] == 404


def test_a_group_that_moves_says_so_in_both_and_takes_no_messages(
    telegram: TelegramServer, ani: User
) -> None:
    """#message, `migrate_to_chat_id`; #responseparameters"""
    group = telegram.group("Grup", ani, kind="group")
    moved = group.moves_to_supergroup()
    told = [each["message"] for each in telegram.state.updates if "message" in each]
    assert told[-2]["migrate_to_chat_id"] == moved.id
    assert told[-1]["migrate_from_chat_id"] == group.id
    refused = post(telegram, "sendMessage", chat_id=group.id, text="a")
    assert refused["parameters"] == {"migrate_to_chat_id": moved.id}
