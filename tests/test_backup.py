from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from rag.errors import InputError, SchemaTooNew, StoreBusy
from rag.store.backup import verify
from rag.store.schema import BOT, CONVERSATIONS


@pytest.fixture
def app(home: Path) -> Iterator[App]:
    opened = App(Settings.read())
    yield opened
    opened.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[App]:
    opened = App(Settings(home=tmp_path / "other", _env_file=None))
    yield opened
    opened.close()


def add(app: App, folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    assert [done.status for done in app.ingest([str(path)])] in (["added"], ["updated"])


def test_a_backup_restored_elsewhere_answers_as_the_first_store_did(
    app: App, other: App, tmp_path: Path
) -> None:
    add(app, tmp_path, "a", "Bupati Demak ialah Siti Lestari.")
    add(app, tmp_path, "a", "Bupati Demak ialah Joko Purnomo.")
    assert app.backup(tmp_path / "b" / "kutip.db") == (1, 1)
    assert other.restore(tmp_path / "b" / "kutip.db") == (1, 1)
    asked = "Siapa Bupati Demak?"
    assert other.ask(asked).citations == app.ask(asked).citations
    old = other.archive.article("a", 1)
    assert old is not None
    assert "Siti Lestari" in old.text
    assert not list(tmp_path.glob("**/*.part"))


def test_nothing_is_overwritten_without_being_told_to(app: App, other: App, tmp_path: Path) -> None:
    add(app, tmp_path, "a", "Bupati Demak ialah Siti Lestari.")
    add(other, tmp_path, "b", "Pasar Gede dibuka kembali oleh Joko Purnomo.")
    other.ask("Siapa Bupati Demak?")
    file = tmp_path / "kutip.db"
    app.backup(file)
    with pytest.raises(InputError, match="--force"):
        app.backup(file)
    with pytest.raises(InputError, match="--force"):
        other.restore(file)
    app.backup(file, replace=True)
    other.restore(file, replace=True)
    assert [article.id for article in other.archive.articles()] == ["a"]
    assert other.ask("Siapa Bupati Demak?").citations[0].article == "a"
    assert other.projections.lexical.keys() == other.projections.vectors.keys() == {1}


def test_a_crash_after_the_old_indexes_were_given_up_leaves_the_new_articles_found(
    app: App, other: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(app, tmp_path, "a", "Bupati Demak ialah Siti Lestari.")
    app.backup(tmp_path / "kutip.db")
    add(other, tmp_path, "b", "Pasar Gede dibuka kembali oleh Joko Purnomo.")

    def crash(progress: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(other.projections, "_catch_up", crash)
    with pytest.raises(KeyboardInterrupt):
        other.restore(tmp_path / "kutip.db", replace=True)
    other.close()
    assert other.ask("Siapa Bupati Demak?").citations[0].article == "a"


def test_a_store_that_another_process_answers_from_is_not_restored(
    app: App, other: App, tmp_path: Path
) -> None:
    add(app, tmp_path, "a", "Bupati Demak ialah Siti Lestari.")
    app.backup(tmp_path / "kutip.db")
    other.ask("Siapa?")
    second = App(other.settings)
    with pytest.raises(StoreBusy):
        second.restore(tmp_path / "kutip.db")
    second.close()


def test_a_backup_made_while_articles_come_in_is_whole(app: App, tmp_path: Path) -> None:
    for number in range(5):
        add(app, tmp_path, str(number), f"Bupati nomor {number} ialah Siti Lestari.")
    ended = threading.Event()
    writer = App(app.settings)

    def write() -> None:
        for number in range(5, 200):
            if ended.is_set():
                return
            add(writer, tmp_path, str(number), f"Bupati nomor {number} ialah Siti Lestari.")

    thread = threading.Thread(target=write)
    thread.start()
    counts = [app.backup(tmp_path / f"{number}.db")[0] for number in range(3)]
    ended.set()
    thread.join()
    writer.close()
    assert 5 <= counts[0] <= counts[1] <= counts[2]


def test_what_is_no_backup_is_one_line(app: App, tmp_path: Path) -> None:
    junk = tmp_path / "junk"
    junk.write_bytes(b"x" * 5_000)
    for path, reason in (
        (junk, "no backup"),
        (tmp_path / "none", "no file"),
        (tmp_path, "no file"),
    ):
        with pytest.raises(InputError, match=reason):
            app.restore(path)
    add(app, tmp_path, "a", "Bupati Demak ialah Siti Lestari.")
    app.backup(tmp_path / "new.db")
    with closing(sqlite3.connect(tmp_path / "new.db")) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(SchemaTooNew):
        verify(tmp_path / "new.db")
    data = bytearray((tmp_path / "new.db").read_bytes())
    data[8192:12288] = bytes(4096)
    (tmp_path / "new.db").write_bytes(data)
    with pytest.raises((InputError, SchemaTooNew)):
        verify(tmp_path / "new.db")


# What a backup and a restore do not bring back

SECRET = "Apakah tetangga saya pernah dipenjara?"


def converse(path: Path, update_id: int, question: str) -> None:
    """A conversation with the bot, a question that waits for its answer, and what an admin did."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "INSERT INTO inbox (bot, update_id, received_at, data) VALUES (1, ?, 1.0, ?)",
            (update_id, json.dumps({"update_id": update_id, "text": question})),
        )
        db.execute(
            "INSERT INTO answer (chat, thread, user, answered_at, data) VALUES (7, 0, 7, 1.0, ?)",
            (json.dumps({"question": question}),),
        )
        db.execute("INSERT OR REPLACE INTO reader VALUES (7, 'id')")
        db.execute(
            "INSERT INTO audit (at, admin, action, subject, detail) VALUES (1.0, 1, 'add', ?, '')", "a"
        )


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def test_a_backup_holds_no_conversation(app: App, tmp_path: Path) -> None:
    add(app, tmp_path, "a", "Bupati Demak ialah Siti Lestari.")
    converse(app.archive.place, 5, SECRET)
    app.backup(tmp_path / "kutip.db")
    assert SECRET.encode() not in (tmp_path / "kutip.db").read_bytes()
    for table in CONVERSATIONS:
        assert rows(tmp_path / "kutip.db", f"SELECT count(*) FROM {table}") == [(0,)]
    assert rows(tmp_path / "kutip.db", "SELECT subject FROM audit") == [("a",)]
    # In use, nothing has changed.
    assert rows(app.archive.place, "SELECT update_id FROM inbox") == [(5,)]


def test_a_backup_with_a_conversation_brings_none_back_and_answers_nothing_old(
    app: App, other: App, tmp_path: Path
) -> None:
    add(app, tmp_path, "a", "Bupati Demak ialah Siti Lestari.")
    converse(app.archive.place, 5, SECRET)
    app.close()
    # As a Kutip of before would have made it.
    with closing(sqlite3.connect(app.settings.archive)) as db:
        db.execute("VACUUM INTO ?", (str(tmp_path / "old.db"),))
    assert other.restore(tmp_path / "old.db") == (1, 1)
    for table in CONVERSATIONS:
        assert rows(other.settings.archive, f"SELECT count(*) FROM {table}") == [(0,)]
    assert rows(other.settings.archive, "SELECT subject FROM audit") == [("a",)]
    other.close()
    assert SECRET.encode() not in other.settings.archive.read_bytes()
    assert sorted(path.name for path in other.settings.home.glob("archive*")) == ["archive.db"]


def test_what_waits_for_an_answer_here_outlives_a_restore(app: App, other: App, tmp_path: Path) -> None:
    add(app, tmp_path, "a", "Bupati Demak ialah Siti Lestari.")
    app.backup(tmp_path / "kutip.db")
    add(other, tmp_path, "b", "Pasar Gede dibuka kembali oleh Joko Purnomo.")
    converse(other.settings.archive, 9, "Siapa Bupati Demak?")
    other.restore(tmp_path / "kutip.db", replace=True)
    assert rows(other.settings.archive, "SELECT update_id, state FROM inbox") == [(9, "open")]
    assert rows(other.settings.archive, "SELECT count(*) FROM answer") == [(1,)]
    assert [article.id for article in other.archive.articles()] == ["a"]


def test_every_table_belongs_to_the_articles_or_to_the_bot(app: App) -> None:
    """A new table of the bot is one that a restore does not bring back, until somebody says otherwise."""
    articles = {"change", "meta", "article", "version", "sentence", "chunk", "vector", "new_vector", "gone"}
    tables = rows(app.archive.place, "SELECT name FROM sqlite_master WHERE type = 'table'")
    assert {str(name) for (name,) in tables} - {"sqlite_sequence"} == articles | {"feed", "feed_entry"} | set(
        BOT
    )


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_archive_and_backups_are_for_their_owner_alone(app: App, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        add(app, tmp_path, "a", "Bupati Demak ialah Siti Lestari.")
        app.backup(tmp_path / "b" / "kutip.db")
        home = app.settings.home
        files = [*home.glob("archive.db*"), tmp_path / "b" / "kutip.db"]
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
        folders = [home, app.settings.projections, tmp_path / "b"]
        assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
        # One that others could read, as an earlier Kutip made it.
        app.close()
        app.settings.archive.chmod(0o644)
        assert app.archive.counts() == (1, 1)
        assert app.settings.archive.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_a_purged_article_stands_in_no_file_of_the_archive(app: App, tmp_path: Path) -> None:
    add(app, tmp_path, "a", f"{SECRET} Bupati Demak ialah Siti Lestari.")
    add(app, tmp_path, "b", "Pasar Gede dibuka kembali oleh Joko Purnomo.")
    id = next(article.id for article in app.archive.articles() if SECRET in article.text)
    assert app.archive.remove(id, purge=True)
    for path in app.settings.home.glob("archive.db*"):
        assert SECRET.encode() not in path.read_bytes()


def test_what_a_killed_restore_has_left_is_deleted(app: App, tmp_path: Path) -> None:
    add(app, tmp_path, "a", "Bupati Demak ialah Siti Lestari.")
    app.close()
    for end in (".restored", ".restored-wal"):
        app.settings.archive.with_name(f"archive.db{end}").write_bytes(b"x")
    app.ask("Siapa Bupati Demak?")
    assert not list(app.settings.home.glob("*.restored*"))
