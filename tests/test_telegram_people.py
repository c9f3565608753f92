"""What people send to the bot, and where they are: everything gets something that fits it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.telegram.phrases import Wording, say
from rag.errors import ReaderCrashed
from rag.store.archive import Archive
from rag.types import Answer
from tests.telegram_quick import Quick, put, start
from tests.telegram_server import TelegramServer, User
from tests.test_telegram_bot import ADMIN, PATIENCE, Hand, Running, answered, asked, eventually, labels, reply

Json = dict[str, Any]
TOWER = "Berapa tinggi Menara Dahlia?"
TALL = "Menara Dahlia setinggi 48 meter. [1]"
KEEPER = "Siapa kiper Persibaru?"


@pytest.fixture(scope="module")
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer(can_read_all_group_messages=True) as server:
        yield server


@pytest.fixture(scope="module")
def hand() -> Hand:
    return Hand()


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, telegram: TelegramServer, hand: Hand
) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("people") / "home"
    with start(home, telegram, hand, telegram_admins=(ADMIN,)) as worker:
        yield worker


@pytest.fixture
def ani(telegram: TelegramServer, running: Running) -> Iterator[User]:
    yield telegram.user("Ani")
    telegram.assert_clean()


def nothing_is_open(running: Running) -> bool:
    return running.rows("SELECT count(*) FROM inbox WHERE state = 'open'") == [(0,)]


def quiet(running: Running, chat: Any, before: int) -> None:
    """Everything was handled, and nobody was written to."""
    eventually(lambda: nothing_is_open(running))
    assert len(answered(chat)) == before


# What people send


@pytest.mark.parametrize("kind", ["photo", "document", "video", "animation", "voice", "audio"])
def test_a_caption_is_a_question(telegram: TelegramServer, ani: User, kind: str) -> None:
    group = telegram.group("Redaksi", ani)
    for place, caption in ((None, TOWER), (group, f"@kutip_bot {TOWER}"), (group, f"/tanya {TOWER}")):
        if kind == "photo":
            sent = ani.sends_photo(b"x", caption=caption, to=place)
        elif kind == "document":
            sent = ani.sends_document("a.txt", b"x", caption=caption, to=place)
        else:
            sent = ani.sends(kind, caption=caption, to=place)
        assert reply(telegram, ani, sent)["text"].startswith(TALL)


@pytest.mark.parametrize(
    ("kind", "phrase"),
    [
        *((kind, "not_heard") for kind in ("voice", "audio", "video_note")),
        *((kind, "sticker") for kind in ("sticker", "animation", "dice", "game")),
        *((kind, "not_seen") for kind in ("photo", "video", "story")),
        *((kind, "not_read") for kind in ("contact", "location", "venue", "poll")),
        ("document", "only_admins"),
    ],
)
def test_what_has_no_words_gets_a_sentence_that_fits_it(
    telegram: TelegramServer, ani: User, kind: str, phrase: str
) -> None:
    if kind == "sticker":
        sent = ani.sends_sticker()
    elif kind == "photo":
        sent = ani.sends_photo(b"x")
    elif kind == "document":
        sent = ani.sends_document("a.txt", b"x")
    else:
        sent = ani.sends(kind)
    assert reply(telegram, ani, sent)["text"] == say(phrase, "id")


def test_what_has_no_words_is_left_alone_among_others(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    group = telegram.group("Redaksi", ani)
    for sent in ("voice", "video", "contact", "dice"):
        ani.sends(sent, to=group)
    ani.sends_photo(b"x", caption="Lucu, ya?", to=group)
    quiet(running, group, 0)
    mine = asked(telegram, ani, f"/tanya {TOWER}", to=group)
    heard = reply(telegram, ani, ani.sends("voice", to=group, reply_to=mine))
    assert heard["text"] == say("not_heard", "id")


@pytest.mark.parametrize(
    "text", ["https://berita.example/a", "Https://berita.example/a", "www.berita.example/a https://b.example"]
)
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_link_of_somebody_who_is_no_admin_is_told_that_only_admins_add_links(
    telegram: TelegramServer, ani: User, text: str, language: str
) -> None:
    reader = telegram.user("Cici", language_code=language)
    said = asked(telegram, reader, text)["text"]
    assert said == say("only_admins", "id" if language == "id" else "en")
    assert reply(telegram, ani, ani.says(f"Apa isi {text} tentang Menara?"))["text"].startswith("Menara")


def test_an_edited_question_is_answered_anew_and_once(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    sent = ani.says("Siapa kiper Persibaru?")
    assert "Bahari" in reply(telegram, ani, sent)["text"]
    ani.edits(sent, TOWER)
    assert reply(telegram, ani, sent, 2)["text"].startswith(TALL)
    # Telegram also tells of an edit where only a field changed that nobody sees.
    ani.edits(sent, TOWER)
    ani.edits(sent, TOWER)
    quiet(running, ani, 2)


def test_a_question_that_is_edited_while_it_waits_is_answered_as_it_is_now(
    telegram: TelegramServer, ani: User, hand: Hand, running: Running
) -> None:
    with hand:
        first = ani.says("Apa kabar cabai?")
        telegram.wait_for(lambda: bool(ani.answers), PATIENCE)
        second = ani.says("Siapa kiper Persibaru?")
        ani.edits(second, TOWER)
        eventually(lambda: running.rows(OPEN) == [(3,)])
    assert reply(telegram, ani, second)["text"].startswith(TALL)
    reply(telegram, ani, first)
    quiet(running, ani, 2)


def test_an_edit_in_a_group_counts_where_the_bot_is_meant(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    group = telegram.group("Redaksi", ani)
    sent = ani.says("Halo semua", to=group)
    ani.edits(sent, f"@kutip_bot {TOWER}")
    assert reply(telegram, ani, sent)["text"].startswith(TALL)
    ani.edits(sent, "sudah, terima kasih")
    photo = ani.sends_photo(b"x", caption="lihat", to=group)
    ani.edits(photo, f"@kutip_bot {KEEPER}")
    assert "Bahari" in reply(telegram, ani, photo)["text"]
    quiet(running, group, 2)


def test_an_album_is_one_thing(telegram: TelegramServer, ani: User, running: Running) -> None:
    first, *_ = ani.sends_album(b"1", b"2", b"3", caption=TOWER)
    assert reply(telegram, ani, first)["text"].startswith(TALL)
    bare, *_ = ani.sends_album(b"1", b"2", b"3")
    assert reply(telegram, ani, bare)["text"] == say("not_seen", "id")
    quiet(running, ani, 2)


def test_an_album_of_files_is_added_as_one_thing(tmp_path: Path, hand: Hand) -> None:
    with (
        TelegramServer() as server,
        start(tmp_path / "home", server, hand, told=False, telegram_admins=(ADMIN,)) as running,
    ):
        admin = server.user("Redaktur", id=ADMIN)
        sent = [
            admin.sends_document(f"kabar{n}.txt", f"Kabar ke-{n} dari Bogor.".encode(), album="7")
            for n in range(3)
        ]
        report = reply(server, admin, sent[0])["text"]
        assert report.splitlines()[0] == "3 ditambahkan"
        quiet(running, admin, 1)
        assert running.rows("SELECT count(*) FROM article") == [(3,)]
        server.assert_clean()


def test_ones_own_shared_answer_and_other_bots_are_not_answered(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    shared = {"text": TOWER, "via_bot": telegram.state.bot, "from": ani.info}
    robot = {"text": TOWER, "from": {"id": 99, "is_bot": True, "first_name": "Robot"}}
    for content in (shared, robot, {"new_chat_title": "Baru", "from": ani.info}):
        with telegram.state.changed:
            telegram.state.update("message", telegram.state.put(ani.chat, content, by_bot=False))
    quiet(running, ani, 0)


# Where they are


def test_an_answer_stays_in_its_topic_or_goes_nowhere(
    telegram: TelegramServer, ani: User, hand: Hand, running: Running
) -> None:
    forum = telegram.forum("Forum", ani)
    open_, closed, gone = forum.opens_topic(), forum.opens_topic(), forum.opens_topic()
    with hand:
        first = ani.says(f"@kutip_bot {TOWER}", to=forum, topic=open_)
        for topic in (closed, gone):
            ani.says(f"@kutip_bot {TOWER}", to=forum, topic=topic)
        eventually(lambda: len(hand.said) > 0 and running.rows(OPEN) == [(3,)])
        ani.deletes(first)
        forum.closes_topic(closed)
        forum.deletes_topic(gone)
    eventually(lambda: nothing_is_open(running))
    answers = [each for each in forum.answers if each["text"].startswith(TALL)]
    assert [forum.topic_of(each) for each in answers] == [open_]
    assert all(forum.topic_of(each) for each in forum.answers)


OPEN = "SELECT count(*) FROM inbox WHERE state = 'open'"


def test_buttons_under_an_answer_in_a_topic_answer_there(telegram: TelegramServer, ani: User) -> None:
    forum = telegram.forum("Forum", ani)
    topic = forum.opens_topic()
    answer = asked(telegram, ani, f"@kutip_bot {TOWER}", to=forum, topic=topic)
    ani.presses(answer, "Konteks [1]")
    assert forum.topic_of(reply(telegram, ani, answer)) == topic


def test_a_reply_to_an_older_answer_follows_that_one(telegram: TelegramServer, ani: User, hand: Hand) -> None:
    group = telegram.group("Redaksi", ani)
    older = asked(telegram, ani, f"/tanya {TOWER}", to=group)
    asked(telegram, telegram.user("Budi"), f"/tanya {KEEPER}", to=group)
    asked(telegram, ani, "Dicat warna apa menara?", to=group, reply_to=older)
    assert hand.followed[-1] == TOWER
    asked(telegram, ani, "/tanya Dicat warna apa menara?", to=group)
    assert hand.followed[-1] == "Dicat warna apa menara?"


@pytest.mark.parametrize("told", [True, False])
def test_a_group_that_becomes_a_supergroup_keeps_its_answers(
    telegram: TelegramServer, ani: User, running: Running, hand: Hand, told: bool
) -> None:
    group = telegram.group("Redaksi", ani, kind="group")
    answer = asked(telegram, ani, f"/tanya {TOWER}", to=group)
    with hand:
        if not told:
            # Only the refusal of a message says so.
            ani.says(f"/tanya {KEEPER}", to=group)
            eventually(lambda: running.rows(OPEN) == [(1,)])
        moved = group.moves_to_supergroup(told=told)
    query = f"SELECT count(*) FROM answer WHERE chat = {moved.id}"
    eventually(lambda: running.rows(query)[0][0] >= 1 and nothing_is_open(running))
    assert running.rows(f"SELECT count(*) FROM answer WHERE chat = {group.id}") == [(0,)]
    shown = {**answer, "chat": moved.chat.info, "message_id": 900}
    with telegram.state.changed:
        moved.chat.messages[900] = shown
    ani.presses(shown, "Konteks [1]")
    assert "Menara" in reply(telegram, ani, shown)["text"]


def test_those_who_write_in_a_chats_name_have_limits_of_their_own_and_can_cancel(
    telegram: TelegramServer, ani: User, hand: Hand, running: Running
) -> None:
    one, other = telegram.group("Satu", ani), telegram.group("Dua", ani)
    channel = telegram.channel("Kabar")
    one.chat.admins.add(ani.id)
    with hand:
        hidden = ani.says(f"@kutip_bot {TOWER}", to=one, name=one)
        for number in range(9):
            ani.says(f"@kutip_bot {TOWER} {number}", to=other, name=other)
        named = ani.says(f"@kutip_bot {KEEPER}", to=one, name=channel)
        telegram.wait_for(lambda: bool(one.answers), PATIENCE)
        stranger = telegram.user("Budi").presses(one.answers[0], "Cancel")
        telegram.wait_for(lambda: bool(stranger.answers), PATIENCE)
        assert stranger.answers[0]["text"] in (say("not_yours", "id"), say("not_yours", "en"))
        ani.presses(one.answers[0], "Cancel")
        assert reply(telegram, ani, hidden)["text"] in ("Dibatalkan.", "Cancelled.")
    assert "Bahari" in reply(telegram, ani, named)["text"]
    telegram.wait_for(lambda: sum(TALL in each["text"] for each in other.answers) == 9, PATIENCE)


@pytest.mark.parametrize("id", ["0123456789abcdef", "catatan-danau"])
def test_an_article_without_a_title_is_called_by_its_first_words(
    telegram: TelegramServer, ani: User, running: Running, id: str
) -> None:
    archive = Archive(running.settings.archive)
    put(archive, id, "", "Danau Kelimutu berwarna hijau. Airnya tenang.")
    answer = asked(telegram, ani, "Warna Danau Kelimutu?")
    assert "[1] Danau Kelimutu berwarna hijau. Airnya tenang." in answer["text"]
    admin = telegram.user("Redaktur", id=ADMIN)
    listed = asked(telegram, admin, "/artikel")["text"]
    assert ". Danau Kelimutu berwarna hijau. Airnya tenang." in listed
    assert id not in listed
    archive.remove(id)
    archive.close()


# What the bot suggests


@pytest.mark.parametrize("command", ["/start", "/bantuan", "/tanya"])
@pytest.mark.parametrize(("code", "such"), [("id", "misalnya: "), ("en", "for example: ")])
def test_the_question_that_is_suggested_is_one_that_the_articles_answer(
    telegram: TelegramServer, running: Running, command: str, code: str, such: str
) -> None:
    citra = telegram.user("Citra", language_code=code)
    shown = asked(telegram, citra, command)["text"]
    example = shown.partition(such)[2].partition("\n")[0].removeprefix("/tanya ").removeprefix("/ask ")
    assert example.endswith("?")
    answer = asked(telegram, citra, example)
    assert "Konteks [1]" in labels(answer)
    assert "Shoigu" not in shown
    telegram.assert_clean()


def test_without_articles_nothing_is_suggested_and_no_command_of_a_terminal_is_named(tmp_path: Path) -> None:
    with (
        TelegramServer() as telegram,
        start(tmp_path / "home", telegram, Hand(), told=False),
    ):
        ani = telegram.user("Ani")
        assert "Tulis saja pertanyaan Anda.\n" in asked(telegram, ani, "/start")["text"]
        assert asked(telegram, ani, "/tanya")["text"] == "Tulis pertanyaan setelah perintahnya."
        telegram.assert_clean()
    for language in ("id", "en"):
        assert "kutip" not in Wording().empty(language)  # type: ignore[arg-type]


def test_sources_name_each_article_once_and_nothing_is_forgotten_twice(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    eka = telegram.user("Eka")
    answer = asked(telegram, eka, TOWER)
    assert "Konteks [2]" in labels(answer)
    listed = asked(telegram, eka, "/sumber")["text"]
    assert listed.count("Menara Dahlia") == 1
    assert "[1] [2] Menara Dahlia" in listed
    assert asked(telegram, eka, "/lupa")["text"].startswith("1 pertanyaan")
    assert asked(telegram, eka, "/lupa")["text"] == say("nothing_to_forget", "id")


# Buttons


def test_a_verdict_shows_and_can_be_changed_and_taken_back(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    answer = asked(telegram, ani, KEEPER)
    here = telegram.state.chats[ani.id].messages

    def after(button: str, shows: str) -> None:
        ani.presses(answer, button)
        telegram.wait_for(lambda: shows in labels(here[answer["message_id"]]), PATIENCE)

    def verdicts() -> list[tuple[str]]:
        return running.rows("SELECT verdict FROM feedback ORDER BY given_at")

    after("👍", "✓ 👍 Membantu")
    after("👎", "✓ 👎 Kutipan salah")
    assert "👍 Membantu" in labels(here[answer["message_id"]])
    assert verdicts() == [("wrong",)]
    after("👎", "👎 Kutipan salah")
    assert verdicts() == []


def test_one_of_several_quotes_is_marked(telegram: TelegramServer, ani: User, running: Running) -> None:
    answer = asked(telegram, ani, "Menara, warna merah, tinggi?")
    here = telegram.state.chats[ani.id].messages
    ani.presses(answer, "👎")
    telegram.wait_for(lambda: "👎 Kutipan [2]" in labels(here[answer["message_id"]]), PATIENCE)
    ani.presses(answer, "👎 Kutipan [2]")
    telegram.wait_for(lambda: "✓ 👎 Kutipan salah" in labels(here[answer["message_id"]]), PATIENCE)
    ani.presses(answer, "👎")
    telegram.wait_for(lambda: "✓ 👎 Kutipan [2]" in labels(here[answer["message_id"]]), PATIENCE)


def test_the_buttons_of_an_old_answer_work_after_a_restart_or_say_why_not(
    telegram: TelegramServer, ani: User, running: Running, hand: Hand
) -> None:
    answer, forgotten = asked(telegram, ani, TOWER), asked(telegram, ani, KEEPER)
    running.stop()
    running.write(f"DELETE FROM answer WHERE data LIKE '%kiper%' AND chat = {ani.id}")
    home = running.settings.home
    with start(home, telegram, hand, telegram_admins=(ADMIN,)):
        ani.presses(answer, "Konteks [1]")
        assert "Menara" in reply(telegram, ani, answer)["text"]
        press = ani.presses(forgotten, "Konteks [1]")
        telegram.wait_for(lambda: bool(press.answers), PATIENCE)
        assert press.answers[0]["text"] == say("gone", "id")


def test_a_question_of_which_readers_die_is_set_aside_and_its_writer_is_told(tmp_path: Path) -> None:
    class Crashing(Quick):
        def ask(self, question: str, *given: Any, **more: Any) -> Answer:
            if "Menara" in question:
                raise ReaderCrashed("two reader processes ended as they read it", "ask it in other words")
            return super().ask(question, *given, **more)

    with TelegramServer() as own, start(tmp_path / "home", own, Hand(), kind=Crashing) as worker:
        budi = own.user("Budi")
        assert reply(own, budi, budi.says(TOWER))["text"] == say("aside", "id")
        assert reply(own, budi, budi.says(KEEPER))["text"].startswith("Kiper Persibaru")
        eventually(lambda: nothing_is_open(worker))
        assert worker.rows("SELECT state FROM inbox ORDER BY number") == [("aside",), ("done",)]
