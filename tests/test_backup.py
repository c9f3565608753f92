from __future__ import annotations

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
