"""Answers where the bot is not: inline, as a guest, by links; and what can be shared and copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.telegram import visiting
from bot.telegram.links import AgainLink, Links, QuoteLink
from bot.telegram.phrases import say
from tests.telegram_quick import start
from tests.telegram_server import TelegramServer, User
from tests.test_telegram_bot import ADMIN, PATIENCE, Hand, Running, answered, asked, eventually, marked, reply

Json = dict[str, Any]
TOWER = "Berapa tinggi Menara Dahlia?"
TALL = "Menara Dahlia setinggi 48 meter."


@pytest.fixture(scope="module")
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer(inline=True) as server:
        yield server


@pytest.fixture(scope="module")
def hand() -> Hand:
    return Hand()


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, telegram: TelegramServer, hand: Hand
) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visiting, "PAUSE", 0.05)
        with start(tmp_path_factory.mktemp("visiting") / "home", telegram, hand) as worker:
            yield worker


@pytest.fixture
def ani(telegram: TelegramServer, running: Running) -> Iterator[User]:
    yield telegram.user("Ani")
    telegram.assert_clean()


def buttons(message: Json) -> list[Json]:
    return [each for row in message["reply_markup"]["inline_keyboard"] for each in row]


# Inline


def test_inline_offers_the_answer_to_be_sent_with_its_quote_and_source(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    before = running.rows("SELECT count(*) FROM answer")
    query = ani.types(TOWER)
    telegram.wait_for(lambda: query.results is not None, PATIENCE)
    sent = ani.chooses(query, telegram.user("Budi"))
    assert marked(sent, "blockquote")[0] == TALL
    assert "[1] Menara Dahlia · berita.example · 20 November 2026" in sent["text"]
    assert buttons(sent)[0]["url"].startswith("https://www.berita.example/menara#:~:text=")
    assert query.button == {"text": "Tanya langsung ke bot", "start_parameter": "tanya"}
    # Nothing of it is kept.
    eventually(lambda: running.rows("SELECT count(*) FROM inbox WHERE data IS NOT NULL") == [(0,)])
    assert running.rows("SELECT count(*) FROM answer") == before
    assert asked(telegram, ani, "/start tanya")["text"].startswith("Halo!")


def test_only_the_last_of_what_is_typed_is_answered(telegram: TelegramServer, ani: User, hand: Hand) -> None:
    before = len(hand.said)
    typed = [ani.types(TOWER[:length]) for length in range(4, len(TOWER) + 1, 6)]
    last = ani.types(TOWER)
    telegram.wait_for(lambda: last.results is not None, PATIENCE)
    assert all(query.results is None for query in typed)
    assert len(hand.said) - before == 1


@pytest.mark.parametrize("text", ["", "  ", "siapa", "apa kabar router?"])
def test_where_nothing_answers_inline_there_is_the_way_to_the_bot(
    telegram: TelegramServer, ani: User, text: str
) -> None:
    query = ani.types(text)
    telegram.wait_for(lambda: query.results is not None, PATIENCE)
    assert query.results == []
    assert query.button is not None


def test_an_answer_that_somebody_shares_with_the_bot_is_not_answered(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    query = ani.types(TOWER)
    telegram.wait_for(lambda: query.results is not None, PATIENCE)
    ani.chooses(query, ani)
    eventually(lambda: running.rows("SELECT count(*) FROM inbox WHERE state = 'open'") == [(0,)])
    assert answered(ani) == []


# Guest mode


def test_a_guest_answers_once_with_quotes(telegram: TelegramServer, ani: User, running: Running) -> None:
    group = telegram.group("Lain", ani)
    group.chat.members.discard(telegram.state.bot["id"])
    guest = ani.summons(f"@kutip_bot {TOWER}", group)
    telegram.wait_for(lambda: guest.answer is not None, PATIENCE)
    assert guest.answer is not None
    assert marked(guest.answer, "blockquote")[0] == TALL
    assert all("callback_data" not in button for button in buttons(guest.answer))
    bare = ani.summons("@kutip_bot", group)
    telegram.wait_for(lambda: bare.answer is not None, PATIENCE)
    assert bare.answer is not None
    such = ", misalnya: @kutip_bot Apa yang terjadi: "
    assert bare.answer["text"].startswith(say("ask_what_guest", "id", bot="kutip_bot", such=such))
    eventually(lambda: running.rows("SELECT count(*) FROM inbox WHERE state = 'open'") == [(0,)])
    assert running.rows(f"SELECT count(*) FROM answer WHERE chat = {group.id}") == [(0,)]


def test_what_somebody_types_does_not_end_what_they_asked_a_guest(
    telegram: TelegramServer, ani: User, hand: Hand
) -> None:
    group = telegram.group("Lain", ani)
    group.chat.members.discard(telegram.state.bot["id"])
    before = len(hand.said)
    with hand:
        guest = ani.summons(f"@kutip_bot {TOWER}", group)
        eventually(lambda: len(hand.said) > before)
        query = ani.types("Siapa kiper Persibaru?")
        eventually(lambda: not telegram.state.updates)
    telegram.wait_for(lambda: guest.answer is not None and query.results is not None, PATIENCE)
    assert guest.answer is not None
    assert marked(guest.answer, "blockquote")[0] == TALL


# Sharing, copying, links


def test_an_answer_is_shared_by_its_question_and_its_quotes_are_copied(
    telegram: TelegramServer, ani: User
) -> None:
    found = buttons(asked(telegram, ani, TOWER))
    share = next(each["switch_inline_query_chosen_chat"] for each in found if "Bagikan" in each["text"])
    assert share["query"] == TOWER
    assert share["allow_user_chats"]
    assert share["allow_group_chats"]
    assert next(each["copy_text"]["text"] for each in found if "copy_text" in each) == TALL


def test_links_open_a_sentence_and_ask_again_and_nobody_can_make_one_up(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    links = Links(telegram.token, "kutip_bot")
    asked(telegram, ani, TOWER)
    id = running.rows(f"SELECT id FROM answer WHERE chat = {ani.id}")[0][0]
    key, version = running.rows("SELECT a.rowid, a.version FROM article a WHERE a.id = 'menara'")[0]
    budi = telegram.user("Budi")
    again, quote = links.again(id), links.quote(key, "menara", version, 0)
    for address in (again, quote):
        assert len(address.partition("?start=")[2]) <= 64
    sent = budi.starts(again.partition("?start=")[2])
    assert reply(telegram, budi, sent)["text"] == f"Pertanyaan: {TOWER}"
    # In a private chat only the first of several messages is a reply.
    telegram.wait_for(lambda: any(each["text"].startswith(TALL) for each in budi.answers), PATIENCE)
    shown = reply(telegram, budi, budi.starts(quote.partition("?start=")[2]))
    assert marked(shown, "bold") == [TALL]
    assert buttons(shown)[0]["url"].startswith("https://www.berita.example/menara")
    for made_up in (
        again.partition("?start=")[2][:-1] + "A",
        Links("1:other", "kutip_bot").again(id).partition("?start=")[2],
        "a" + "A" * 27,
        "tanya",
        "q",
        "-",
    ):
        said = reply(telegram, budi, budi.starts(made_up))["text"]
        assert said.startswith("Halo!")
    for gone in (
        links.again(999_999),
        links.quote(key, "lain", version, 0),
        links.quote(key, "menara", 9, 0),
    ):
        said = reply(telegram, budi, budi.starts(gone.partition("?start=")[2]))["text"]
        assert said == say("link_gone", "id")


def test_a_payload_is_read_as_it_was_made() -> None:
    links = Links("1:a", "kutip_bot")
    for made in (links.quote(2**40, "id", 65_535, 2**31), links.quote(1, "", 1, 0)):
        read = links.read(made.partition("?start=")[2])
        assert isinstance(read, QuoteLink)
    assert read.means("")
    assert not read.means("id")
    assert links.read(links.again(7).partition("?start=")[2]) == AgainLink(7)
    assert links.read("") is None
    assert links.read("é") is None


def test_where_inline_mode_is_off_a_link_is_shared(tmp_path: Any, hand: Hand) -> None:
    with (
        TelegramServer() as telegram,
        start(tmp_path / "home", telegram, hand, telegram_allowed=(1,), telegram_admins=(ADMIN,)),
    ):
        admin = telegram.user("Redaktur", id=ADMIN)
        share = next(e for e in buttons(asked(telegram, admin, TOWER)) if "Bagikan" in e["text"])
        assert share["url"].startswith(
            "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fkutip_bot%3Fstart%3Da"
        )
        # And whoever may not ask is offered nothing inline, or as a guest's caller.
        ani = telegram.user("Ani")
        query = ani.types(TOWER)
        group = telegram.group("Lain", ani)
        guest = ani.summons(f"@kutip_bot {TOWER}", group)
        telegram.wait_for(lambda: query.results is not None and guest.answer is not None, PATIENCE)
        assert query.results == []
        assert guest.answer is not None
        assert guest.answer["text"] == say("not_allowed", "id")
        telegram.assert_clean()
