"""An archive moves from a file to PostgreSQL and back, row by row, however often that is stopped."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.telegram.journal import Journal
from bot.telegram.memory import Memory
from bot.telegram.store import Store
from rag.errors import InputError, StoreError
from rag.store.archive import Archive
from rag.store.database import copying
from rag.store.database.copying import NUMBERED, TABLES, Table, copy_archive
from rag.store.database.opening import open_database
from rag.store.database.place import Place
from rag.store.feeds import Feed, Feeds
from rag.types import Answer
from tests.test_archive import entry

BOTH = True


class Stopped(Exception):
    pass


def fill(place: Place, articles: int = 9) -> None:
    with closing(Archive(place)) as archive:
        for number in range(articles):
            archive.put([entry(f"a{number}", url=f"https://x/{number}")], "e")
        archive.put([entry("a0", "Tiga. Empat.", version=2)], "e")
        archive.remove("a1")
        archive.remove("a2", purge=True)
        feeds = Feeds(archive)
        feeds.keep_feed(Feed("https://x/rss", etag='W/"1"'))
        feeds.keep_entry("https://x/rss", "1", "s")
    with closing(Store(place)) as store:
        memory = Memory(store)
        for number in range(3):
            answer = Answer(
                f"Siapa {number}?", "id", "abstained", "Tidak ada.", None, (), (), "reader", 0, {}
            )
            kept = memory.keep(number, 7, 0, 7, answer)
            Journal(store).judge(kept, "helpful", 0)
            Journal(store).record(1, "remove", f"a{number}")
        memory.choose(7, "en")
        memory.move(7, 8)


def content(place: Place) -> dict[str, list[tuple[object, ...]]]:
    with closing(open_database(place)) as db:
        rows = {
            t.name: db.rows(f"SELECT {t.all} FROM {t.name} ORDER BY {', '.join(_key(t))}") for t in TABLES
        }
        rows["meta"] = db.rows("SELECT name, value FROM meta ORDER BY name")
        rows["change"] = db.rows("SELECT number FROM change")
        numbers = db.last_numbers(NUMBERED)
        return rows | {"numbers": sorted(numbers.items())}


def _key(table: Table) -> list[str]:
    return [f'"{column}"' for column in table.key]


def test_a_copy_there_and_back_is_equal_row_by_row_and_goes_on_numbering(
    place: Place, tmp_path: Path
) -> None:
    here, back = tmp_path / "here.db", tmp_path / "back.db"
    fill(here)
    number = copy_archive(here, place)
    assert number == sum(len(rows) for name, rows in content(here).items() if name != "numbers")
    assert content(place) == content(here)
    copy_archive(place, back)
    assert content(back) == content(here)
    for each in (here, back):
        with closing(sqlite3.connect(each)) as db:
            assert dict(db.execute("SELECT * FROM sqlite_sequence")) == {"chunk": 20, "answer": 3, "audit": 3}
    for each in (here, place, back):
        with closing(Archive(each)) as archive:
            archive.put([entry("new")], "e")
            assert {row[0] for row in archive.rows("SELECT key FROM gone")}.isdisjoint(archive.keys_until(99))
    assert content(place)["chunk"] == content(here)["chunk"] == content(back)["chunk"]


def test_a_copy_that_is_stopped_at_any_page_goes_on_and_nobody_uses_it_meanwhile(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source.db"
    fill(source)
    small = tuple(Table(table.name, table.key, table.columns, 3) for table in TABLES)
    monkeypatch.setattr(copying, "TABLES", small)
    steps = 0

    def count(done: int, total: int, what: str) -> None:
        nonlocal steps
        steps += 1

    copy_archive(source, tmp_path / "whole.db", progress=count)
    for last in range(1, steps, 4):
        left = iter(range(last))

        def stop(done: int, total: int, what: str, left: object = left) -> None:
            if next(left, None) is None:  # type: ignore[call-overload]
                raise Stopped

        with pytest.raises(Stopped):
            copy_archive(source, place, progress=stop)
        with pytest.raises(StoreError, match="not finished"):
            Archive(place)
    copy_archive(source, place)
    assert content(place) == content(source)


def test_what_the_source_lost_or_changed_while_a_copy_was_stopped_is_taken_over(
    place: Place, tmp_path: Path
) -> None:
    source = tmp_path / "source.db"
    fill(source)

    def stop(done: int, total: int, what: str) -> None:
        if what == "copying: feed":
            raise Stopped

    with pytest.raises(Stopped):
        copy_archive(source, place, progress=stop)
    with closing(Archive(source)) as archive:
        archive.remove("a4", purge=True)
        archive.put([entry("a5", "Lima. Enam.", version=2), entry("b")], "e")
    copy_archive(source, place)
    assert content(place) == content(source)


def test_a_finished_copy_is_brought_up_to_date_only_where_that_is_said(place: Place, tmp_path: Path) -> None:
    source = tmp_path / "source.db"
    fill(source, 4)
    copy_archive(source, place)
    with closing(Archive(source)) as archive:
        archive.put([entry("b")], "e")
    with pytest.raises(InputError, match="--force"):
        copy_archive(source, place)
    copy_archive(source, place, replace=True)
    assert content(place) == content(source)


def test_another_archive_is_never_written_over(place: Place, tmp_path: Path) -> None:
    fill(place, 3)
    source = tmp_path / "source.db"
    fill(source, 4)
    before = content(place)
    for replace in (False, True):
        with pytest.raises(InputError, match="another archive"):
            copy_archive(source, place, replace)
    assert content(place) == before


def test_a_source_that_is_not_there_is_one_line_and_nothing_is_made(place: Place, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no archive"):
        copy_archive(tmp_path / "no.db", place)
    assert not (tmp_path / "no.db").exists()
    fill(tmp_path / "a.db", 3)
    with pytest.raises(InputError, match="itself"):
        copy_archive(tmp_path / "a.db", tmp_path / "a.db")


def test_a_row_that_somebody_changes_in_the_copy_is_found(place: Place, tmp_path: Path) -> None:
    source = tmp_path / "source.db"
    fill(source, 4)

    def spoil(done: int, total: int, what: str) -> None:
        if what == "checking: article":
            with closing(open_database(place)) as db, db.transaction() as changed:
                changed.execute("UPDATE sentence SET stop = stop + 1 WHERE article = 'a3'")

    with pytest.raises(StoreError, match="sentence differs"):
        copy_archive(source, place, progress=spoil)
    copy_archive(source, place)
    assert content(place) == content(source)
