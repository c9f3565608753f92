"""Both databases do the same; the one of many machines comes back after a restart, and keeps its secrets."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import (
    DatabaseAway,
    DatabaseBusy,
    Duplicate,
    SchemaTooNew,
    SettingsError,
    StoreError,
)
from rag.store.archive import CHANGED, Archive
from rag.store.database import postgres as adapter
from rag.store.database.copying import NUMBERED, TABLES
from rag.store.database.hearing import Listener
from rag.store.database.holding import Hold
from rag.store.database.opening import open_database
from rag.store.database.place import Place, Server, place_of
from rag.store.database.steps import POSTGRES_STEPS
from rag.store.schema import STEPS
from tests.postgres import Cluster
from tests.test_archive import entry, keys

BOTH = True


def cut(cluster: Cluster) -> None:
    """Ends every connection of Kutip's, as a restart does."""
    cluster.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kutip'")


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


# Both


def test_what_a_failed_transaction_did_is_not_there(archive: Archive) -> None:
    def fail() -> None:
        with archive.transaction() as db:
            db.execute("INSERT INTO feed (url) VALUES (?)", ("a",))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert archive.rows("SELECT url FROM feed") == []
    with archive.transaction() as db:
        db.executemany("INSERT INTO feed (url, etag) VALUES (?, ?)", [("a", "50%"), ("b", None)])
    assert archive.rows("SELECT url, etag FROM feed ORDER BY url") == [("a", "50%"), ("b", None)]


def test_a_row_that_is_there_already_is_told_as_such_and_the_connection_goes_on(archive: Archive) -> None:
    with archive.transaction() as db:
        db.execute("INSERT INTO feed (url) VALUES (?)", ("a",))
    with pytest.raises(Duplicate), archive.transaction() as db:
        db.execute("INSERT INTO feed (url) VALUES (?)", ("a",))
    assert archive.rows("SELECT count(*) FROM feed") == [(1,)]


def test_the_keys_of_what_was_inserted_come_in_its_order(place: Place) -> None:
    Archive(place).close()
    with closing(open_database(place)) as database:
        query = "INSERT INTO digest (chat, thread, made_at, data) VALUES (?, ?, ?, ?)"
        with database.transaction():
            first = database.inserted(query, "id", [(chat, 0, 0.5, "{}") for chat in range(3)])
            assert database.inserted(query, "id", []) == []
        rows = database.rows("SELECT id, chat, made_at FROM digest ORDER BY chat")
        assert rows == [(key, chat, 0.5) for chat, key in enumerate(first)]
        assert first == sorted(set(first))


def test_a_snapshot_sees_nothing_of_what_comes_meanwhile(place: Place) -> None:
    with closing(Archive(place)) as archive, closing(open_database(place)) as database:
        with database.snapshot():
            assert database.rows("SELECT number FROM change") == [(0,)]
            archive.put([entry("a")], "e")
            assert database.rows("SELECT number FROM change") == [(0,)]
        assert database.rows("SELECT number FROM change") == [(1,)]


def test_texts_are_ordered_by_their_bytes(archive: Archive) -> None:
    ids = ["a", "B", "_", "é", "z", "Z", "1", "日", "\U0001f600", "a b", "a-b"]
    archive.put([entry(id) for id in ids], "e")
    assert [article.id for article in archive.articles()] == sorted(ids)


def test_many_articles_are_looked_up_at_once(archive: Archive) -> None:
    archive.put([entry(f"a{n}", url=f"https://x/{n}") for n in range(40)], "e")
    found = archive.all_known([(f"a{n}", None) for n in range(12_000)])
    assert sum(known is not None for known in found) == 40
    assert len(archive.vectors(range(1, 20_000))) == 80


@pytest.mark.on("postgresql")
def test_both_schemas_have_the_same_tables_columns_and_keys(place: Place, tmp_path: Path) -> None:
    assert len(STEPS) == len(POSTGRES_STEPS)
    archive = Archive(place)
    columns = archive.rows(
        "SELECT table_name, column_name, is_nullable FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name != 'kutip_schema'"
    )
    archive.close()
    here = {(table, column) for table, column, _ in columns}
    Archive(tmp_path / "a.db").close()
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        names = [name for name in names if not name.startswith("sqlite_")]
        there = {(name, row[1]) for name in names for row in db.execute(f"PRAGMA table_info({name})")}
        primary = {
            name: tuple(
                r[1] for r in sorted(db.execute(f"PRAGMA table_info({name})"), key=lambda r: r[5]) if r[5]
            )
            for name in names
        }
    assert here == there | {("article", "rowid"), ("version", "rowid")}
    copied = {(table.name, column) for table in TABLES for column in (*table.key, *table.columns)}
    assert copied == {(table, column) for table, column in here if table not in ("change", "meta")}
    assert {table.name: table.key for table in TABLES} == {
        name: key for name, key in primary.items() if name not in ("change", "meta")
    }
    assert NUMBERED.keys() <= {table.name for table in TABLES}


# PostgreSQL alone


@pytest.mark.on("postgresql")
def test_an_archive_of_a_later_kutip_is_refused_there_too(place: Place) -> None:
    Archive(place).close()
    with closing(open_database(place)) as database, database.transaction() as db:
        db.execute("UPDATE kutip_schema SET number = 999")
    with pytest.raises(SchemaTooNew, match="999"):
        Archive(place)


@pytest.mark.on("postgresql")
def test_an_older_schema_is_brought_up_to_date_with_its_rows(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "POSTGRES_STEPS", POSTGRES_STEPS[:2])
    with closing(open_database(place)) as database:
        database.migrate()
        with database.transaction() as db:
            db.execute("INSERT INTO article (id, version) VALUES ('a', 1)")
    later = (*POSTGRES_STEPS, "ALTER TABLE article ADD COLUMN seen TEXT; UPDATE article SET seen = 'ya;';")
    monkeypatch.setattr(adapter, "POSTGRES_STEPS", later)
    with closing(open_database(place)) as database:
        database.migrate()
        assert database.rows("SELECT id, seen FROM article") == [("a", "ya;")]
        monkeypatch.setattr(adapter, "POSTGRES_STEPS", (*later, "CREATE TABLE extra (x INT); SELECT 1 / 0;"))
        with pytest.raises(StoreError):
            database.migrate()
        assert database.rows("SELECT number FROM kutip_schema") == [(len(later),)]
        assert database.rows("SELECT to_regclass('extra')") == [(None,)]


@pytest.mark.on("postgresql")
def test_workers_that_open_a_new_archive_at_once_make_it_once(place: Place) -> None:
    opened: list[Archive] = []
    threads = [threading.Thread(target=lambda: opened.append(Archive(place))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({archive.id() for archive in opened}) == 1
    for archive in opened:
        archive.close()


@pytest.mark.on("postgresql")
def test_articles_from_several_workers_take_numbers_in_the_order_of_their_commits(place: Place) -> None:
    workers = [Archive(place) for _ in range(4)]

    def add(number: int) -> None:
        for each in range(10):
            workers[number].put([entry(f"{number}-{each}")], "e")

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = workers[0].rows("SELECT key, change FROM chunk ORDER BY key")
    assert [change for _, change in rows] == sorted(change for _, change in rows)
    assert (workers[0].change(), len(rows)) == (40, 80)
    for worker in workers:
        worker.close()


@pytest.mark.on("postgresql")
def test_a_nul_becomes_a_sign_of_the_same_length(archive: Archive) -> None:
    with archive.transaction() as db:
        db.execute("INSERT INTO feed (url, etag) VALUES (?, ?)", ("a", "x\0y"))
    assert archive.rows("SELECT etag FROM feed WHERE url = ?", ("a",)) == [("x\ufffdy",)]


@pytest.mark.on("postgresql")
def test_a_worker_is_back_by_itself_after_the_database_was_started_again(
    archive: Archive, postgres: Cluster
) -> None:
    archive.put([entry("a")], "e")
    cut(postgres)
    assert archive.counts() == (1, 2)
    cut(postgres)
    archive.put([entry("b")], "e")
    postgres.stop()
    starts = threading.Timer(0.5, postgres.start)
    starts.start()
    assert archive.counts() == (2, 4)
    starts.join()
    postgres.stop(signal.SIGQUIT)
    starts = threading.Timer(0.5, postgres.start)
    starts.start()
    archive.put([entry("c")], "e")
    starts.join()
    assert archive.counts() == (3, 6)


@pytest.mark.on("postgresql")
def test_what_a_transaction_had_begun_is_not_done_twice(archive: Archive, postgres: Cluster) -> None:
    def add(again: bool) -> None:
        with archive.transaction() as db:
            db.execute("INSERT INTO feed (url) VALUES ('a')")
            cut(postgres)
            if again:
                db.execute("INSERT INTO feed (url) VALUES ('b')")

    with pytest.raises(DatabaseAway) as lost:
        add(again=True)
    assert not lost.value.unknown
    assert archive.rows("SELECT url FROM feed") == []
    with pytest.raises(DatabaseAway) as lost:
        add(again=False)
    assert lost.value.unknown, "it may have been committed"


@pytest.mark.on("postgresql")
def test_a_database_that_is_away_is_one_line_without_its_password(
    place: Server, postgres: Cluster, capfd: pytest.CaptureFixture[str]
) -> None:
    gone = Server(place.url.replace("postgres?", "no-such-database?"))
    with pytest.raises(DatabaseAway, match="no-such-database") as refused:
        Archive(gone)
    nobody = Server("postgresql://kutip:not-to-be-seen@127.0.0.1:9/kutip?password=neither%40this")
    with pytest.raises(DatabaseAway, match=r"127\.0\.0\.1:9") as away:
        Archive(nobody)
    for error in (refused.value, away.value):
        assert "\n" not in str(error)
        for secret in ("not-to-be-seen", "neither"):
            assert secret not in f"{error} {error!r} {gone} {nobody!r}"


@pytest.mark.on("postgresql")
def test_whoever_waits_too_long_for_another_is_told_that_it_is_busy(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "_SESSION", "SET lock_timeout = '100ms'")
    with closing(Archive(place)) as one, closing(Archive(place)) as other:
        with one.writing(), pytest.raises(DatabaseBusy), other.writing():
            pass
        other.put([entry("a")], "e")
        assert (one.change(), one.counts()) == (2, (1, 2))


@pytest.mark.on("postgresql")
def test_transactions_of_one_name_wait_for_each_other_on_every_worker(place: Place) -> None:
    Archive(place).close()
    order: list[str] = []
    with closing(open_database(place)) as one, closing(open_database(place)) as other:
        begun = threading.Event()

        def second() -> None:
            begun.set()
            with other.transaction("chat 7"):
                order.append("second")

        with one.transaction("chat 7"), other.transaction("chat 8"):
            pass
        with one.transaction("chat 7"):
            thread = threading.Thread(target=second)
            thread.start()
            begun.wait()
            thread.join(0.2)
            order.append("first")
        thread.join()
    assert order == ["first", "second"]


@pytest.mark.on("postgresql")
def test_a_name_is_held_by_one_worker_until_it_lets_go_or_its_connection_ends(
    place: Place, postgres: Cluster
) -> None:
    Archive(place).close()
    one, other = Hold(place, "polling"), Hold(place, "polling")
    assert one.take()
    assert one.take()
    assert not other.take()
    assert Hold(postgres.server(), "polling").take(), "another archive in the same database"
    one.release()
    assert other.take()
    cut(postgres)
    eventually(one.take)
    assert not other.take()
    one.release()


@pytest.mark.on("postgresql")
def test_who_listens_hears_of_a_commit_on_another_worker(place: Place, postgres: Cluster) -> None:
    with closing(Archive(place)) as archive, closing(Listener(place, [CHANGED])) as listener:
        assert listener.wait(0.0) == {CHANGED}, "whoever comes new must look"
        assert listener.wait(0.0) == frozenset()
        archive.put([entry("a")], "e")
        assert listener.wait(30.0) == {CHANGED}
        cut(postgres)
        eventually(lambda: listener.wait(0.0) == {CHANGED})


def test_with_a_file_nobody_is_heard_and_every_name_is_held(tmp_path: Path) -> None:
    assert Listener(tmp_path / "a.db", [CHANGED]).wait(0.0) == frozenset()
    assert Hold(tmp_path / "a.db", "polling").take()


# Addresses


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "postgresql://ani:rahasia@db.example:5433/kutip?sslmode=require",
            "postgresql://ani@db.example:5433/kutip",
        ),
        ("postgres://ani@/kutip?host=/run/postgresql&password=rahasia", "postgresql://ani@/kutip"),
        ("postgresql://db/kutip", "postgresql://db/kutip"),
        ("postgresql://ani:ra%2Fhasia@[::1]:5432,b:1/kutip", "postgresql://ani@[::1]:5432,b:1/kutip"),
        ("postgresql:///kutip", "postgresql:///kutip"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    server = place_of(url)
    assert isinstance(server, Server)
    assert str(server) == shown
    said = server.hidden(f"could not use {url}")
    assert "hasia" not in f"{server} {server!r} {said}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ani:ra/hasia@db/kutip",
        "postgresql://ani:ra?hasia@db/kutip",
        "postgresql://ani:rahasia",
        "postgresql://ani:12?rahasia@db/kutip",
        "mysql://ani:rahasia@db/kutip",
        "postgresql://ani:rahasia@db:port/kutip",
    ],
)
def test_what_is_no_address_is_refused_and_nothing_of_it_is_shown(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Server(url)
    assert "hasia" not in str(refused.value)


def test_without_psycopg_one_line_says_what_to_install() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.modules['psycopg'] = None\n"
            "from rag.store.archive import Archive; from rag.store.database.place import Server\n"
            "from rag.errors import KutipError\n"
            "try: Archive(Server('postgresql://ani:rahasia@db/kutip'))\n"
            "except KutipError as error: print(error)",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    assert "kutip[postgres]" in said.stdout
    assert "rahasia" not in said.stdout + said.stderr


def test_keys_of_chunks_are_read_in_order_page_by_page(archive: Archive) -> None:
    archive.put([entry(f"a{n}") for n in range(6)], "e")
    pages = list(archive.added_since(0, archive.change(), 5))
    assert [len(page) for page in pages] == [5, 5, 2]
    assert [key for page in pages for key in page] == sorted(keys(archive))
