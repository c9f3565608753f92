"""What admins do beyond adding articles: let people in, look through the list, watch feeds, read a report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.telegram.phrases import say
from rag.store.archive import Archive
from tests.telegram_quick import put, start
from tests.telegram_server import TelegramServer, User
from tests.test_telegram_bot import ADMIN, PATIENCE, Hand, Running, asked, eventually, labels, reply

Json = dict[str, Any]
TOWER = "Berapa tinggi Menara Dahlia?"


@pytest.fixture(scope="module")
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, telegram: TelegramServer) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("admins") / "home"
    allowed = {"telegram_admins": (ADMIN,), "telegram_allowed": (1,)}
    with start(home, telegram, Hand(), **allowed) as worker:
        archive = Archive(worker.settings.archive)
        put(archive, "lama", "Berita lama", "Berita lama sekali.", "2020-01-01")
        put(archive, "baru", "Berita terbaru", "Berita terbaru hari ini.", "2026-11-29")
        archive.close()
        yield worker


@pytest.fixture
def admin(telegram: TelegramServer, running: Running) -> Iterator[User]:
    yield telegram.user("Redaktur", id=ADMIN)
    telegram.assert_clean()


def after(telegram: TelegramServer, who: User, message: Json, press: str, begins: str) -> Json:
    """The message once a button was pressed and it says what it should."""
    who.presses(message, press)
    here = telegram.state.chats[message["chat"]["id"]].messages
    telegram.wait_for(lambda: here[message["message_id"]]["text"].startswith(begins), PATIENCE)
    shown: Json = here[message["message_id"]]
    return shown


def test_somebody_who_asks_is_let_in_by_a_button_and_put_out_again(
    telegram: TelegramServer, admin: User, running: Running
) -> None:
    asked(telegram, admin, "/start")
    ani = telegram.user("Ani", username="ani_baru")
    refused = asked(telegram, ani, TOWER)
    assert refused["text"] == say("not_allowed", "id")
    press = ani.presses(refused, "Minta akses")
    telegram.wait_for(lambda: bool(press.answers), PATIENCE)
    assert press.answers[0]["text"] == say("knocked", "id")
    name = f"Ani @ani_baru ({ani.id})"
    knocks = next(each for each in admin.answers if each["text"] == f"{name} ingin memakai bot ini.")
    # Asked once: there is no second button, and a made-up press changes nothing.
    assert "reply_markup" not in asked(telegram, ani, TOWER)
    again = ani.presses_data(refused, "n")
    forged = ani.presses_data(refused, f"i:{ani.id}:1")
    telegram.wait_for(lambda: bool(again.answers and forged.answers), PATIENCE)
    assert sum(name in each["text"] for each in admin.answers) == 1
    assert asked(telegram, ani, TOWER)["text"] == say("not_allowed", "id")

    after(telegram, admin, knocks, "Izinkan", f"{name} boleh memakai")
    telegram.wait_for(lambda: any(e["text"] == say("you_are_in", "id") for e in ani.answers), PATIENCE)
    assert asked(telegram, ani, TOWER)["text"].startswith("Menara")
    listed = asked(telegram, admin, "/pengguna")
    assert f"• {name} – diizinkan" in listed["text"]
    after(telegram, admin, listed, "Keluarkan", f"{name} tidak boleh memakai")
    assert asked(telegram, ani, TOWER)["text"] == say("not_allowed", "id")
    actions = running.rows(f"SELECT action FROM audit WHERE subject = '{ani.id}' ORDER BY id")
    assert actions == [("let in",), ("put out",)]


def test_the_list_is_sorted_by_the_articles_dates_and_can_be_searched(
    telegram: TelegramServer, admin: User
) -> None:
    page = asked(telegram, admin, "/artikel")
    lines = [line for line in page["text"].splitlines() if line[:1].isdigit() and ". " in line[:4]]
    assert lines[0] == "1. Berita terbaru · 29 November 2026"
    assert lines[-1] == "5. Berita lama · 1 Januari 2020"
    found = asked(telegram, admin, "/artikel BERITA")
    assert found["text"].startswith("2 artikel")
    shown = after(telegram, admin, found, "2", "Berita lama\n")
    back = after(telegram, admin, shown, "‹ Daftar", "2 artikel")
    assert "Menara" not in back["text"]
    assert (
        asked(telegram, admin, "/artikel tidak ada")["text"]
        == "Tidak ada artikel yang judul atau alamatnya memuat “tidak ada”."
    )
    long = asked(telegram, admin, "/artikel " + "é" * 200)
    assert "Tidak ada artikel" in long["text"]


def test_a_feed_is_watched_and_left_by_a_command(
    telegram: TelegramServer, admin: User, running: Running
) -> None:
    assert asked(telegram, admin, "/pantau")["text"] == say("feeds_none", "id")
    assert asked(telegram, admin, "/pantau bukan alamat")["text"] == say("watch_what", "id")
    assert "Gagal ditambahkan" in asked(telegram, admin, "/pantau https://a@b.example/")["text"]
    listed = asked(telegram, admin, "/pantau www.berita.invalid/rss")
    assert "• https://www.berita.invalid/rss" in listed["text"]
    assert running.rows("SELECT url FROM watched_feed") == [("https://www.berita.invalid/rss",)]
    after(telegram, admin, listed, "Berhenti memantau", say("feeds_none", "id"))
    assert running.rows("SELECT url FROM watched_feed") == []


def test_a_report_says_what_was_asked_in_vain_and_what_was_wrong_and_names_nobody(
    telegram: TelegramServer, admin: User, running: Running
) -> None:
    for question in ("Resep rendang?", "Resep rendang?", TOWER):
        answer = asked(telegram, admin, question)
    admin.presses(answer, "👎")
    which = telegram.state.chats[ADMIN].messages[answer["message_id"]]
    telegram.wait_for(
        lambda: any(
            "[1]" in each for each in labels(telegram.state.chats[ADMIN].messages[answer["message_id"]])
        ),
        PATIENCE,
    )
    telegram.wait_for(
        lambda: "👎 Kutipan [1]" in labels(telegram.state.chats[ADMIN].messages[answer["message_id"]]),
        PATIENCE,
    )
    admin.presses(which, "👎 Kutipan [1]")
    eventually(lambda: running.rows("SELECT count(*) FROM feedback") == [(1,)])
    said = asked(telegram, admin, "/laporan")
    assert "• Resep rendang? (2×)" in said["text"]
    assert f"• {TOWER}\nMenara Dahlia setinggi 48 meter." in said["text"]
    assert "Tidak terjawab: 2" in said["text"]
    assert str(ADMIN) not in json.dumps(said["text"])
    admin.presses(said, "Kirim tiap hari")
    eventually(lambda: running.rows("SELECT admin FROM report") == [(ADMIN,)])
    here = telegram.state.chats[ADMIN].messages
    telegram.wait_for(lambda: "Jangan kirim tiap hari" in labels(here[said["message_id"]]), PATIENCE)
    admin.presses(said, "Jangan kirim")
    eventually(lambda: running.rows("SELECT admin FROM report") == [])


def test_admins_commands_are_unknown_to_others(
    telegram: TelegramServer, admin: User, running: Running
) -> None:
    dewi = telegram.user("Dewi")
    running_rows = running.rows("SELECT count(*) FROM visitor")
    for command in ("/pantau", "/pengguna", "/laporan"):
        assert asked(telegram, dewi, command)["text"] == say("not_allowed", "id")
    assert running.rows("SELECT count(*) FROM visitor") == running_rows
    assert reply(telegram, admin, admin.says("/bantuan"))["text"].count("/pantau") == 1
