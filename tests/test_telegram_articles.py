"""Articles from the web through the bot, what comes from watched feeds, and feedback as cases: all of it on
loopback, before the strict Telegram."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from rag.load.fetch import Fetcher
from rag.store.archive import Archive
from tests.telegram_server import TelegramServer, User
from tests.test_eval_command import kutip
from tests.test_load_web import feed
from tests.test_telegram_bot import ADMIN, PATIENCE, Hand, Running, asked, eventually, marked, reply
from tests.web_server import Site, page

SECOND = "Jembatan itu dibangun selama dua tahun dan menghubungkan dua desa yang selama ini terpisah sungai."
THIRD = "Warga menyambut peresmian itu dengan arak-arakan perahu hias dari hulu sampai ke muara sungai."


@pytest.fixture(scope="module")
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    opened = Site()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, telegram: TelegramServer) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("bot") / "home"
    settings = Settings(home=home, telegram_url=telegram.url, telegram_admins=(ADMIN,))
    with pytest.MonkeyPatch.context() as patch:
        # The second between two requests spares other people's servers.
        patch.setitem(Fetcher.__init__.__kwdefaults__, "pause", 0.0)
        with Running(settings, telegram, Hand(), allow_local=True) as worker:
            yield worker


@pytest.fixture
def admin(telegram: TelegramServer, running: Running) -> Iterator[User]:
    yield telegram.user("Redaktur", id=ADMIN)
    telegram.assert_clean()


def test_an_admin_adds_a_page_by_its_address_and_it_is_quoted(
    telegram: TelegramServer, admin: User, running: Running, site: Site
) -> None:
    first = "Jembatan Kenanga diresmikan oleh Bupati Laksmi Hapsari pada Senin pagi di Desa Sumber Arum."
    url = site.html("/jembatan", page("Jembatan Kenanga dibuka", first, SECOND, THIRD))
    assert reply(telegram, admin, admin.says(url))["text"] == (
        "1 ditambahkan\n• ditambahkan: Jembatan Kenanga dibuka"
    )
    answer = asked(telegram, admin, "Siapa yang meresmikan Jembatan Kenanga?")
    assert marked(answer, "blockquote")[0] == first
    assert "Suara Lembah" in answer["text"]
    assert reply(telegram, admin, admin.says(url))["text"].startswith("1 tidak berubah")
    assert running.rows("SELECT subject FROM audit WHERE action = 'add'") == [(url,)] * 2


def test_an_admin_adds_a_feed_and_hears_of_each_entry(
    telegram: TelegramServer, admin: User, site: Site
) -> None:
    url = feed(site, "waduk", "sawah")
    report = reply(telegram, admin, admin.says(url))["text"]
    assert sorted(report.splitlines()) == [
        "2 ditambahkan",
        "• ditambahkan: Berita sawah",
        "• ditambahkan: Berita waduk",
    ]
    assert reply(telegram, admin, admin.says(url))["text"] == "Tidak ada yang baru untuk ditambahkan."


def test_what_a_watched_feed_brings_is_answered_by_the_bot_that_runs(
    telegram: TelegramServer,
    admin: User,
    running: Running,
    site: Site,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUTIP_HOME", str(running.settings.home))
    url = feed(site, "kebun")
    first = "Taman Kebun Cendana dibuka oleh Wali Kota Arya Permadi pada Selasa sore di tepi danau kota."
    site.html("/kebun", page("Berita kebun", first, SECOND, THIRD))
    done = kutip(capfd, "watch", url, "--once", "--allow-local")
    assert (done.status, done.out.count("added:")) == (0, 1)
    answer = asked(telegram, admin, "Siapa yang membuka Taman Kebun Cendana?")
    assert marked(answer, "blockquote")[0] == first


def test_the_bot_watches_feeds_of_its_own(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Fetcher.__init__.__kwdefaults__, "pause", 0.0)
    feeds = (f"{site.url}/tidak-ada.xml", feed(site, "telaga"))
    first = "Telaga Biru dibersihkan oleh Komunitas Tirta Bening pada Minggu pagi bersama warga sekitar."
    site.html("/telaga", page("Berita telaga", first, SECOND, THIRD))
    with TelegramServer() as telegram:
        settings = Settings(home=tmp_path / "home", telegram_url=telegram.url, telegram_feeds=feeds)
        archive = Archive(settings.archive)
        with closing(archive), Running(settings, telegram, Hand(), allow_local=True) as worker:
            eventually(lambda: archive.counts()[0] == 1)
            answer = asked(telegram, telegram.user("Pembaca"), "Siapa yang membersihkan Telaga Biru?")
            assert marked(answer, "blockquote")[0] == first
        assert worker.error is None
        telegram.assert_clean()


def test_a_page_that_cannot_be_had_is_refused_with_the_reason(
    telegram: TelegramServer, admin: User, site: Site
) -> None:
    said = reply(telegram, admin, admin.says(f"{site.url}/tidak-ada"))["text"]
    assert said.startswith("1 ditolak\n• ditolak: ")
    assert "status 404" in said


def test_a_removal_cannot_be_undone_after_a_day(
    telegram: TelegramServer, admin: User, running: Running
) -> None:
    reply(
        telegram, admin, admin.sends_document("tugu.txt", b"Tugu Melati setinggi 12 meter. Tugu itu putih.")
    )
    page = asked(telegram, admin, "/artikel")
    here = telegram.state.chats[admin.id].messages

    def after(press: str, begins: str) -> dict[str, Any]:
        admin.presses(page, press)
        telegram.wait_for(lambda: here[page["message_id"]]["text"].startswith(begins), PATIENCE)
        shown: dict[str, Any] = here[page["message_id"]]
        return shown

    after("1", "tugu\n")
    after("Hapus", "tugu\n\nHapus artikel ini?")
    after("Ya, hapus", "Dihapus: tugu.")
    running.write("UPDATE audit SET at = at - 86401 WHERE action = 'remove'")
    gone = after("Pulihkan", "Sudah lewat 24 jam; tambahkan lagi artikelnya.")
    assert "reply_markup" not in gone
    assert running.rows("SELECT count(*) FROM audit WHERE action = 'restore'") == [(0,)]
    assert running.rows("SELECT removed_at IS NOT NULL FROM article WHERE id = 'tugu'") == [(1,)]


def test_a_quote_marked_as_wrong_is_a_case_that_an_evaluation_takes(
    telegram: TelegramServer,
    admin: User,
    running: Running,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUTIP_HOME", str(running.settings.home))
    question = "Berapa tinggi Menara Dahlia?"
    text = b"Menara Dahlia setinggi 48 meter. Menara itu dicat merah."
    reply(telegram, admin, admin.sends_document("menara.txt", text))
    answer = asked(telegram, admin, question)
    admin.presses(answer, "👎")
    eventually(lambda: running.rows("SELECT count(*) FROM feedback") == [(1,)])
    done = kutip(capfd, "feedback")
    assert done.status == 0
    (case,) = map(json.loads, done.out.splitlines())
    assert case["wrong"] == [{"article": "menara", "quote": "Menara Dahlia setinggi 48 meter."}]
    assert (case["question"], case["language"], case["engine"]) == (question, "id", "reader")
    cases, articles = tmp_path / "wrong.jsonl", tmp_path / "all.jsonl"
    cases.write_text(done.out, encoding="utf-8")
    articles.write_text(kutip(capfd, "articles", "export").out, encoding="utf-8")
    judged = kutip(capfd, "eval", "--questions", cases, "--articles", articles, "--json")
    assert judged.status == 0, judged.err
    again = json.loads(judged.out)["figures"]["wrong_again"]
    assert (again["count"], again["mean"]) == (1, 1)
