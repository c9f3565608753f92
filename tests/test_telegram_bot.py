"""The bot against a strict Telegram over HTTP, with the shipped models and the sample articles."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Self

import pytest

from bot.app import App
from bot.demo import ARTICLES
from bot.settings import Settings
from bot.telegram.worker import Worker
from rag.types import Answer, Turn
from tests.telegram_server import Fault, Group, TelegramServer, User

Json = dict[str, Any]
DEFENCE = "Siapa Menteri Pertahanan Rusia?"
QUOTE = "Menteri Pertahanan Rusia, Sergei Shoigu, berpendapat"
ADMIN = 4242
PATIENCE = 120.0
"""Seconds; a busy machine takes long to load the models."""


class Hand:
    """Holds the engine back while a test looks at what waits."""

    def __init__(self) -> None:
        self.off = threading.Event()
        self.off.set()
        self.free = threading.Event()
        self.free.set()
        self.said: list[str] = []
        self.followed: list[str] = []

    def __enter__(self) -> Hand:
        self.off.clear()
        return self

    def __exit__(self, *error: object) -> None:
        self.off.set()
        # Whoever is held has seen it, before another test holds again.
        assert self.free.wait(PATIENCE)


class HeldApp(App):
    """The real one, which waits for a test before it answers, and says first that it writes."""

    hand: Hand

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        partial: Callable[[Answer], None] = lambda answer: None,
        stop: threading.Event | None = None,
    ) -> Answer:
        self.hand.said.append(f"{len(history)} {question}")
        if not self.hand.off.is_set():
            self.hand.free.clear()
            said = super().ask(question, history, partial, None)
            partial(replace(said, text="Sergei", citations=()))
            while not self.hand.off.wait(0.01) and not (stop and stop.is_set()):
                pass
            self.hand.free.set()
        return super().ask(question, history, partial, stop)


class Running:
    """A worker in a thread of its own."""

    def __init__(
        self,
        settings: Settings,
        telegram: TelegramServer,
        hand: Hand,
        allow_local: bool = False,
        kind: type[HeldApp] = HeldApp,
    ) -> None:
        self.settings = settings

        def open_app() -> App:
            app = kind(settings)
            app.hand = hand
            return app

        self._worker = Worker(settings, telegram.token, allow_local=allow_local, open_app=open_app)
        self._loop = asyncio.new_event_loop()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        if self._thread.is_alive():
            self.tell()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def tell(self) -> None:
        """Tells it to stop, without waiting."""
        self._loop.call_soon_threadsafe(self._worker.stop)

    @property
    def closing(self) -> bool:
        """Whether it takes no more questions up."""
        return self._worker.draining

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._worker.run())
        except BaseException as error:
            self.error = error
        finally:
            self._loop.close()

    def metric(self, name: str) -> int:
        """A figure of /metrics that has no label."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.settings.telegram_metrics_port}/metrics"
        ) as page:
            lines = page.read().decode().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name} "))

    def write(self, statement: str) -> None:
        db = sqlite3.connect(self.settings.archive)
        with db:
            assert db.execute(statement).rowcount == 1
        db.close()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        db = sqlite3.connect(self.settings.archive)
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, telegram: TelegramServer) -> Settings:
    made = Settings(
        home=tmp_path_factory.mktemp("bot") / "home",
        telegram_url=telegram.url,
        telegram_admins=(ADMIN,),
        telegram_per_minute=1000,
        telegram_queue=4,
        telegram_metrics_port=free_port(),
    )
    app = App(made)
    extra = made.home.parent / "berita.jsonl"
    extra.write_text(json.dumps(ARTICLE), encoding="utf-8")
    assert all(done.status == "added" for done in app.ingest([str(ARTICLES), str(extra)]))
    app.close()
    return made


ARTICLE = {
    "id": "kucing",
    "url": "https://www.berita.example/kucing-balai-kota",
    "title": "Kucing balai kota",
    "published": "2024-05-06",
    "text": "Balai Kota Sungai Pinang punya penghuni baru. Kucing balai kota Sungai Pinang bernama Mentimun. "
    "Ia tidur di meja wali kota setiap siang. Warga menyukainya. Ia berwarna abu-abu.",
}


@pytest.fixture(scope="module")
def hand() -> Hand:
    return Hand()


@pytest.fixture(scope="module")
def running(settings: Settings, telegram: TelegramServer, hand: Hand) -> Iterator[Running]:
    with Running(settings, telegram, hand) as worker:
        yield worker


@pytest.fixture
def ani(telegram: TelegramServer, running: Running) -> Iterator[User]:
    """A user of its own for each test; at its end Telegram has refused nothing."""
    yield telegram.user("Ani", language_code="id")
    telegram.assert_clean()


@pytest.fixture
def ben(telegram: TelegramServer, running: Running) -> User:
    return telegram.user("Ben", language_code="en")


@pytest.fixture
def admin(telegram: TelegramServer, running: Running, ani: User) -> User:
    return telegram.user("Redaktur", id=ADMIN)


def reply(telegram: TelegramServer, who: User, message: Json, number: int = 1) -> Json:
    """What the bot answered to a message; its `number`th reply."""

    def replies() -> list[Json]:
        chat = telegram.state.chats[message["chat"]["id"]]
        return [
            each
            for _, each in sorted(chat.messages.items())
            if each.get("reply_to_message", {}).get("message_id") == message["message_id"]
            and each["from"]["id"] == telegram.state.bot["id"]
        ]

    telegram.wait_for(lambda: len(replies()) >= number, PATIENCE)
    return replies()[number - 1]


def asked(telegram: TelegramServer, who: User, text: str, **where: Any) -> Json:
    return reply(telegram, who, who.says(text, **where))


def answered(place: User | Group) -> list[Json]:
    """The bot's replies, without the status messages that come and go."""
    return [message for message in place.answers if "reply_to_message" in message]


def order(place: User | Group) -> list[int]:
    """Which messages were replied to, in the order of the replies."""
    return [message["reply_to_message"]["message_id"] for message in answered(place)]


def eventually(condition: Callable[[], bool]) -> None:
    """Waits for something that Telegram does not see."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def labels(message: Json) -> list[str]:
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in keyboard for button in row]


def marked(message: Json, kind: str) -> list[str]:
    units = message["text"].encode("utf-16-le")
    return [
        units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
        for e in message["entities"]
        if e["type"] == kind
    ]


# Asking


def test_an_answer_comes_as_a_reply_with_its_quote_in_a_block(telegram: TelegramServer, ani: User) -> None:
    answer = asked(telegram, ani, DEFENCE)
    assert answer["text"].startswith("Sergei Shoigu [1]")
    assert marked(answer, "bold")[0] == "Sergei Shoigu"
    assert marked(answer, "blockquote")[0].startswith(QUOTE)
    assert labels(answer) == ["Konteks [1]", "Salin [1]", "↪ Bagikan", "👍 Membantu", "👎 Kutipan salah"]


def test_bot_and_buttons_speak_the_language_of_the_user_and_the_answer(
    telegram: TelegramServer, ani: User, ben: User
) -> None:
    assert asked(telegram, ani, "/start")["text"].startswith("Halo!")
    assert asked(telegram, ben, "/start")["text"].startswith("Hello!")
    assert labels(asked(telegram, ben, DEFENCE))[0] == "Konteks [1]"
    # Without a chat model nothing offers to translate the Indonesian quote.
    assert labels(asked(telegram, ben, "Who is Russia's defence minister?")) == [
        *("Context [1]", "Copy [1]", "↪ Share", "👍 Helpful", "👎 Wrong quote")
    ]


def test_an_article_with_an_address_opens_at_the_sentence(telegram: TelegramServer, ani: User) -> None:
    answer = asked(telegram, ani, "Siapa nama kucing balai kota Sungai Pinang?")
    opens, *_ = answer["reply_markup"]["inline_keyboard"][0]
    assert opens["text"] == "↗ Buka [1] berita.example"
    assert opens["url"].startswith("https://www.berita.example/kucing-balai-kota#:~:text=Kucing%20balai")
    assert "[1] Kucing balai kota · berita.example · 6 Mei 2024" in answer["text"]


def test_a_question_that_nothing_answers_is_declined_in_its_language(
    telegram: TelegramServer, ani: User
) -> None:
    answer = asked(telegram, ani, "How do I reset my router password?")
    assert answer["text"].startswith("I did not find the answer")
    assert "👍 Helpful" not in labels(answer)


def test_questions_of_one_chat_are_answered_in_their_order(telegram: TelegramServer, ani: User) -> None:
    sent = [ani.says(f"Siapa Bupati Tanah Rawang? {number}") for number in range(4)]
    for message in sent:
        reply(telegram, ani, message)
    assert order(ani) == [message["message_id"] for message in sent]


def test_a_follow_up_takes_the_conversation_along_until_it_is_forgotten(
    telegram: TelegramServer, ani: User, hand: Hand, running: Running
) -> None:
    asked(telegram, ani, DEFENCE)
    asked(telegram, ani, "Apa pendapatnya?")
    assert hand.said[-1] == "1 Apa pendapatnya?"
    assert asked(telegram, ani, "/lupa")["text"] == "2 pertanyaan dan jawaban di obrolan ini sudah dihapus."
    assert running.rows(f"SELECT count(*) FROM answer WHERE user = {ani.id}") == [(0,)]
    asked(telegram, ani, "Apa pendapatnya?")
    assert hand.said[-1] == "0 Apa pendapatnya?"


@pytest.mark.parametrize(
    "text",
    [
        "/tidakada",
        "/artikel",
        "/statistik",
        "/kesehatan",
        "/start@other_bot",
        "/",
        "/ apa",
        "／start",
        "/START",
    ],
)
def test_every_message_gets_a_reply(telegram: TelegramServer, ani: User, text: str) -> None:
    assert asked(telegram, ani, text)["text"]


def test_what_is_not_for_readers_is_as_unknown_as_what_does_not_exist(
    telegram: TelegramServer, ani: User
) -> None:
    unknown = asked(telegram, ani, "/tidakada")["text"]
    assert asked(telegram, ani, "/artikel")["text"] == unknown
    assert "hanya admin" in reply(telegram, ani, ani.sends_document("a.txt", b"Berita baru."))["text"]


# Waiting


def test_a_question_that_waits_shows_its_true_place_and_can_be_cancelled(
    telegram: TelegramServer, ani: User, ben: User, hand: Hand
) -> None:
    with hand:
        first = ben.says(DEFENCE)
        telegram.wait_for(lambda: any("Reading" in each["text"] for each in ben.answers), PATIENCE)
        mine = ani.says(DEFENCE)
        telegram.wait_for(lambda: bool(ani.answers), PATIENCE)
        status = ani.answers[0]
        assert status["text"] == "⏳ Ada satu pertanyaan sebelum giliran Anda."
        press = ani.presses(status, "Batal")
        assert reply(telegram, ani, mine)["text"] == "Dibatalkan."
        assert not answered(ben)
        telegram.wait_for(lambda: bool(press.answers), PATIENCE)
    assert reply(telegram, ben, first)["text"].startswith("Sergei Shoigu")
    telegram.wait_for(lambda: len(ben.answers) == len(ani.answers) == 1, PATIENCE)


def test_what_is_being_answered_can_be_cancelled_by_command(
    telegram: TelegramServer, ani: User, hand: Hand
) -> None:
    with hand:
        ani.says(DEFENCE)
        ani.says("Apa kabar?")
        telegram.wait_for(lambda: bool(ani.answers), PATIENCE)
        assert asked(telegram, ani, "/batal")["text"] == "2 pertanyaan dibatalkan."
    assert asked(telegram, ani, "/batal")["text"] == "Tidak ada pertanyaan yang menunggu."


def test_an_answer_grows_as_a_draft_where_it_may_and_in_a_message_elsewhere(
    telegram: TelegramServer, ani: User, hand: Hand
) -> None:
    group = telegram.group("Redaksi", ani)
    with hand:
        mine = ani.says(DEFENCE)
        telegram.wait_for(lambda: ani.draft == "Sergei …", PATIENCE)
    reply(telegram, ani, mine)
    with hand:
        there = ani.says(f"@kutip_bot {DEFENCE}", to=group)
        telegram.wait_for(lambda: any(m["text"] == "Sergei …" for m in group.answers), PATIENCE)
    assert reply(telegram, ani, there)["text"].startswith("Sergei Shoigu")
    telegram.wait_for(lambda: len(group.answers) == 1, PATIENCE)


def test_limits_are_refused_politely(telegram: TelegramServer, ani: User, hand: Hand) -> None:
    with hand:
        sent = [ani.says(f"{DEFENCE} {number}") for number in range(6)]
    assert "masih menunggu" in reply(telegram, ani, sent[-1])["text"]


# Buttons


def test_context_shows_the_sentence_among_its_neighbours(telegram: TelegramServer, ani: User) -> None:
    answer = asked(telegram, ani, DEFENCE)
    ani.presses(answer, "Konteks")
    shown = reply(telegram, ani, answer)
    assert marked(shown, "bold")[0].startswith(QUOTE)
    assert "Ia mengutip pepatah kuno Rusia" in shown["text"]


def test_a_verdict_is_kept_as_a_case_without_the_user(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    answer = asked(telegram, ani, DEFENCE)
    ani.presses(answer, "👎")
    query = "SELECT question, engine, verdict, cited FROM feedback ORDER BY given_at DESC LIMIT 1"
    eventually(lambda: bool(running.rows(query)))
    question, engine, verdict, cited = running.rows(query)[0]
    assert (question, engine, verdict) == (DEFENCE, "reader", "wrong")
    assert json.loads(cited)[0]["quote"].startswith(QUOTE)


def test_a_button_that_a_client_made_up_harms_nothing(
    telegram: TelegramServer, ani: User, ben: User, running: Running
) -> None:
    answer = asked(telegram, ani, DEFENCE)
    theirs = asked(telegram, ben, "/start")
    id = answer["reply_markup"]["inline_keyboard"][0][0]["callback_data"].split(":")[1]
    made_up = [
        "",
        "x",
        "k:1",
        "k::",
        f"k:{id}:99",
        "k:99999999999999999999:1",
        "u:1",
        "a:remove:1:0",
        "l:xx",
        "f:ß:²",
        f"f:{id}:99",
    ]
    marked_before = running.rows("SELECT count(*) FROM feedback")
    presses = [ani.presses_data(answer, data or "?") for data in made_up]
    # Another's answer is not shown in one's own chat.
    presses.append(ben.presses_data(theirs, f"k:{id}:1"))
    telegram.wait_for(lambda: all(press.answers for press in presses), PATIENCE)
    assert len(answered(ben)) == 1
    assert running.rows("SELECT count(*) FROM feedback") == marked_before


def test_a_button_of_a_message_that_is_gone_harms_nothing(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    choice, answer = asked(telegram, ani, "/bahasa"), asked(telegram, ani, DEFENCE)
    id = answer["reply_markup"]["inline_keyboard"][0][0]["callback_data"].split(":")[1]
    for message in (choice, answer):
        ani.deletes(message)
    presses = [ani.presses_data(choice, "l:id"), ani.presses_data(answer, f"g:{id}:0")]
    telegram.wait_for(lambda: all(press.answers for press in presses), PATIENCE)
    eventually(lambda: running.rows("SELECT count(*) FROM inbox WHERE state = 'open'") == [(0,)])
    assert running.metric("kutip_failures_total") == 0


def test_the_language_can_be_chosen(telegram: TelegramServer, ani: User) -> None:
    choice = asked(telegram, ani, "/bahasa")
    ani.presses(choice, "English")
    telegram.wait_for(
        lambda: answered(ani)[0]["text"] == "All right, the bot's messages are in English now.", PATIENCE
    )
    assert asked(telegram, ani, "/bantuan")["text"].startswith("Ask in Indonesian or English")


# Groups


def test_in_a_group_the_bot_speaks_only_when_it_is_meant(telegram: TelegramServer, ani: User) -> None:
    group = telegram.group("Redaksi", ani)
    ani.says("Halo semua", to=group)
    ani.says("/tidakada", to=group)
    asked(telegram, ani, f"/tanya {DEFENCE}", to=group)
    answer = asked(telegram, ani, f"{DEFENCE} @kutip_bot", to=group)
    asked(telegram, ani, DEFENCE, to=group, reply_to=answer)
    assert [each["text"][:13] for each in answered(group)] == ["Sergei Shoigu"] * 3


# Admins


def test_an_admin_adds_a_file_and_asks_about_it(
    telegram: TelegramServer, admin: User, running: Running
) -> None:
    text = "Sekolah Laut Biru dibuka di Teluk Kenari. Kepala Sekolah Laut Biru ialah Ratna Wibisono."
    report = reply(telegram, admin, admin.sends_document("sekolah.txt", text.encode()))
    assert report["text"].splitlines() == ["1 ditambahkan", "• ditambahkan: sekolah"]
    assert "Ratna Wibisono" in asked(telegram, admin, "Siapa Kepala Sekolah Laut Biru?")["text"]
    refused = reply(telegram, admin, admin.sends_document("foto.exe", b"MZ"))["text"]
    assert refused.startswith("1 ditolak\n• ditolak: foto.exe: jenis file ini tidak bisa dibaca")
    audit = running.rows("SELECT admin, action, subject FROM audit ORDER BY id")
    assert audit[-2:] == [(ADMIN, "add", "sekolah.txt"), (ADMIN, "add", "foto.exe")]


def test_figures_and_health_are_named_in_the_admins_language(
    telegram: TelegramServer, admin: User, running: Running
) -> None:
    figures = asked(telegram, admin, "/statistik")["text"]
    assert "jawaban dalam 24 jam terakhir: " in figures
    health = asked(telegram, admin, "/kesehatan")["text"]
    assert "status: ok\npertanyaan dalam antrean: 0" in health
    assert "_" not in figures + health


def test_an_admin_adds_a_channel_post(telegram: TelegramServer, admin: User) -> None:
    channel = telegram.channel("Kabar", username="kabar_kota")
    post = channel.posts("Jembatan Kuning dibuka.\nJembatan Kuning diresmikan oleh Wali Kota Darma Putra.")
    assert "1 ditambahkan" in reply(telegram, admin, admin.forwards(post))["text"]
    answer = asked(telegram, admin, "Siapa yang meresmikan Jembatan Kuning?")
    assert f"t.me/kabar_kota/{post['message_id']}" in json.dumps(answer["reply_markup"])


def test_an_article_is_removed_after_a_question_and_brought_back(
    telegram: TelegramServer, admin: User, running: Running
) -> None:
    question = "Apa warna kereta gantung Bukit Perak?"
    text = "Kereta gantung Bukit Perak berwarna ungu. Tiketnya lima ribu rupiah."
    reply(telegram, admin, admin.sends_document("kereta.txt", text.encode()))
    answer = asked(telegram, admin, question)
    page = asked(telegram, admin, "/artikel")
    assert page["text"].splitlines()[2] == "1. kereta"

    def after(press: str, begins: str) -> Json:
        admin.presses(page, press)
        here = telegram.state.chats[admin.id].messages
        telegram.wait_for(lambda: here[page["message_id"]]["text"].startswith(begins), PATIENCE)
        shown: Json = here[page["message_id"]]
        return shown

    assert "berwarna ungu" in after("1", "kereta\n")["text"]
    after("Hapus", "kereta\n\nHapus artikel ini?")
    after("Ya, hapus", "Dihapus: kereta.")
    assert "ungu" not in asked(telegram, admin, question)["text"]
    admin.presses(answer, "Konteks")
    assert "sudah tidak ada di arsip" in reply(telegram, admin, answer)["text"]
    after("Pulihkan", "Dipulihkan: kereta")
    assert "ungu" in asked(telegram, admin, question)["text"]
    actions = [
        row[0] for row in running.rows("SELECT action FROM audit WHERE subject LIKE 'kereta%' ORDER BY id")
    ]
    assert actions == ["add", "show", "remove", "restore"]


def test_a_quote_whose_article_has_changed_is_shown_as_it_was(telegram: TelegramServer, admin: User) -> None:
    def add(text: str) -> None:
        reply(telegram, admin, admin.sends_document("pasar.txt", text.encode()))

    add("Pasar Hijau dibuka. Pengelola Pasar Hijau bernama Sinta Maharani. Pasar itu ramai.")
    answer = asked(telegram, admin, "Siapa pengelola Pasar Hijau?")
    add("Pasar Hijau dibuka. Pengelola Pasar Hijau bernama Bayu Saputra. Pasar itu sepi.")
    admin.presses(answer, "Konteks")
    shown = reply(telegram, admin, answer)["text"]
    assert "sudah berubah" in shown
    assert "Sinta Maharani" in shown
    assert "Bayu" not in shown


# When something goes wrong


@pytest.mark.parametrize(
    "fault",
    [
        Fault("flood", ("sendMessage",), times=2, retry_after=1),
        Fault("error", ("sendMessage",), times=2),
        Fault("html", ("sendMessage",), times=2),
        Fault("cut", ("sendMessage",), times=2),
    ],
)
def test_a_reply_is_sent_until_telegram_takes_it(telegram: TelegramServer, ani: User, fault: Fault) -> None:
    telegram.faults.append(replace(fault, chats=(ani.id,)))
    message = ani.says(DEFENCE)
    assert reply(telegram, ani, message)["text"].startswith("Sergei Shoigu")
    assert len(answered(ani)) == 1


def test_a_user_who_blocked_the_bot_ends_quietly(
    telegram: TelegramServer, ani: User, hand: Hand, running: Running
) -> None:
    with hand:
        ani.says(DEFENCE)
        ani.blocks()
    eventually(lambda: running.rows("SELECT count(*) FROM inbox WHERE state = 'open'") == [(0,)])


def test_health_and_metrics_are_served_to_this_machine(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    asked(telegram, ani, DEFENCE)
    at = f"http://127.0.0.1:{running.settings.telegram_metrics_port}"
    with urllib.request.urlopen(f"{at}/health") as answer:
        health = json.load(answer)
    assert (health["status"], health["queue"]) == ("ok", 0)
    with urllib.request.urlopen(f"{at}/metrics") as answer:
        text = answer.read().decode()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert values["kutip_queue_depth"] == "0"
    assert int(values['kutip_answers_total{status="answered"}']) > 0
    assert int(values['kutip_answer_seconds_bucket{stage="read",le="+Inf"}']) > 0
    assert {"kutip_restarts_total", "kutip_projection_lag", "kutip_dropped_claims_total"} <= set(values)


def test_what_waits_at_the_end_is_answered_after_the_next_start_unless_the_process_died_of_it(
    telegram: TelegramServer, running: Running, hand: Hand
) -> None:
    cici = telegram.user("Cici")
    with hand:
        sent = [cici.says(f"{DEFENCE} {number}") for number in range(3)]
        telegram.wait_for(lambda: bool(cici.answers), PATIENCE)
        running.tell()
        eventually(lambda: running.closing)
    running.stop()
    # What was being answered is sent, where the grace was enough for it; the others wait.
    before = order(cici)
    assert before in ([], [sent[0]["message_id"]])
    running.write("UPDATE inbox SET crashes = 2 WHERE number = (SELECT max(number) FROM inbox)")
    again = Running(running.settings, telegram, hand)
    try:
        assert reply(telegram, cici, sent[1])["text"].startswith("Sergei Shoigu")
        assert "dua kali terhenti" in reply(telegram, cici, sent[2])["text"]
        assert order(cici) == [message["message_id"] for message in sent]
    finally:
        again.stop()
    telegram.assert_clean()


def test_by_webhook_and_for_the_allowed_alone(
    telegram: TelegramServer, running: Running, settings: Settings, hand: Hand
) -> None:
    running.stop()
    dedi, eva = telegram.user("Dedi"), telegram.user("Eva", language_code="en")
    port = free_port()
    hooked = {
        "telegram_webhook": f"http://127.0.0.1:{port}/telegram",
        "telegram_webhook_port": port,
        "telegram_allowed": (dedi.id,),
    }
    worker = Running(settings.model_copy(update=hooked), telegram, hand)
    try:
        assert asked(telegram, dedi, "/start")["text"].startswith("Halo!")
        assert asked(telegram, eva, DEFENCE)["text"].startswith("Sorry, this bot is for registered users")
    finally:
        worker.stop()
    assert worker.error is None
    telegram.assert_clean()
