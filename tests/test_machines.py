"""Several workers with one database: each with its own home and its own indexes."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import doctor
from bot.app import App
from bot.keeping_up import keeping_up
from bot.settings import Settings
from bot.telegram.hearing import hear
from rag.errors import DatabaseAway, InputError, SettingsError
from rag.store.archive import Archive
from rag.store.database.copying import copy_archive
from rag.store.database.place import Server
from rag.store.soundness import Mark, inspect_files
from tests.postgres import Cluster
from tests.test_archive import entry


@pytest.fixture
def server(postgres: Cluster) -> Server:
    return postgres.server()


def opened(server: Server, home: Path) -> App:
    return App(Settings(home=home, database_url=SecretStr(server.url)))


@pytest.fixture
def apps(server: Server, tmp_path: Path) -> Iterator[tuple[App, App]]:
    one, other = opened(server, tmp_path / "one"), opened(server, tmp_path / "other")
    yield one, other
    one.close()
    other.close()


def add(app: App, folder: Path, id: str, text: str) -> None:
    file = folder / "given.jsonl"
    file.write_text(json.dumps({"id": id, "text": text}), encoding="utf-8")
    assert [done.status for done in app.ingest([str(file)])] == ["added"]


def test_what_one_worker_adds_or_removes_the_next_question_on_another_knows(
    apps: tuple[App, App], tmp_path: Path
) -> None:
    one, other = apps
    add(one, tmp_path, "a", "Bupati Demak ialah Siti Lestari.")
    assert other.ask("Siapa Bupati Demak?").citations[0].article == "a"
    add(one, tmp_path, "b", "Bupati Garut ialah Joko Purnomo.")
    assert other.ask("Siapa Bupati Garut?").citations[0].article == "b"
    other.archive.remove("b")
    assert one.ask("Siapa Bupati Garut?").status == "abstained"
    assert not (tmp_path / "one" / "archive.db").exists()


def test_indexes_wait_for_a_database_that_is_away_and_are_not_built_again(
    apps: tuple[App, App], tmp_path: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = apps
    one.archive.put([entry("a")], one.embedder.id)
    one.project()
    built = one.projections._generation
    monkeypatch.setattr(one.archive._db, "_patience", 0.0)
    postgres.stop()
    try:
        with pytest.raises(DatabaseAway):
            one.projections.catch_up()
        with pytest.raises(DatabaseAway):
            one.projections.catch_up()
    finally:
        postgres.start()
    other.archive.put([entry("b")], one.embedder.id)
    assert one.projections.catch_up() == 2
    assert (one.projections._generation, one.projections.count()) == (built, 4)


def test_a_store_that_was_not_closed_is_checked_against_the_database(
    server: Server, tmp_path: Path, postgres: Cluster
) -> None:
    app = opened(server, tmp_path / "home")
    app.archive.put([entry("a")], app.embedder.id)
    app.project()
    generation = app.projections._generation
    folder, name = app.settings.projections / generation, app.projections._collection(generation)
    probed = folder, server, name, Mark(), Mark()
    app.projections._failed = True  # as after a kill: nothing says that the files are sound
    app.close()
    said: list[str] = []
    postgres.stop()
    try:
        with pytest.raises(DatabaseAway):
            inspect_files(*probed)
    finally:
        postgres.start()
    again = App(app.settings, say=said.append)
    assert again.projections.count() == 2
    assert said == []
    again.close()


def test_indexes_of_another_archive_in_the_same_home_are_built_again(server: Server, tmp_path: Path) -> None:
    file = App(Settings(home=tmp_path / "home"))
    file.archive.put([entry("a")], file.embedder.id)
    file.project()
    file.close()
    said: list[str] = []
    app = App(Settings(home=tmp_path / "home", database_url=SecretStr(server.url)), say=said.append)
    app.archive.put([entry("b")], app.embedder.id)
    app.archive.put([entry("c")], app.embedder.id)
    app.project()
    assert ["another archive" in line for line in said] == [True]
    assert app.projections.lexical.keys() == app.archive.keys_until(2)
    assert app.projections.vectors.count() == 4
    app.close()


def test_a_copied_archive_keeps_the_indexes_that_are_there(server: Server, tmp_path: Path) -> None:
    file = App(Settings(home=tmp_path / "home"))
    file.archive.put([entry("a")], file.embedder.id)
    file.project()
    built = file.projections._generation
    file.close()
    copy_archive(file.settings.archive, server)
    app = App(Settings(home=tmp_path / "home", database_url=SecretStr(server.url)))
    assert (app.projections._generation, app.projections.lag()) == (built, 0)
    app.close()


def test_whoever_hears_of_articles_looks(server: Server) -> None:
    looked = asyncio.Event()

    async def listen() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(hear(server, looked.set))
        await asyncio.wait_for(looked.wait(), 60)  # at the beginning: something may have come before
        looked.clear()
        with closing(Archive(server)) as archive:
            await loop.run_in_executor(None, archive.put, [entry("a")], "e")
        await asyncio.wait_for(looked.wait(), 60)
        task.cancel()

    asyncio.run(listen())


def test_indexes_that_follow_a_long_input_try_again_where_the_database_was_away() -> None:
    tried: list[int] = []
    again = threading.Event()

    class Indexes:
        def catch_up(self, least: object) -> None:
            tried.append(1)
            if len(tried) == 1:
                raise DatabaseAway("away")
            again.set()

    with keeping_up(Indexes):  # type: ignore[arg-type]
        assert again.wait(60)


def test_nobody_listens_to_a_file(tmp_path: Path) -> None:
    asyncio.run(hear(tmp_path / "archive.db", lambda: pytest.fail("nothing can be heard")))


def test_the_doctor_names_the_worker_and_checks_the_database_without_its_password(
    server: Server, monkeypatch: pytest.MonkeyPatch, postgres: Cluster
) -> None:
    monkeypatch.setenv("KUTIP_DATABASE_URL", server.url)
    monkeypatch.setenv("KUTIP_WORKER", "redaksi-2")
    lines = list(doctor.examine())
    assert ("ok", "worker: redaksi-2; KUTIP_WORKER names it") in lines
    assert any(state == "warning" and "there is none in the database yet" in what for state, what in lines)
    with closing(Archive(server)) as archive:
        archive.put([entry("a")], "e")
    lines = list(doctor.examine())
    assert any(what.startswith("database: postgresql://kutip@/postgres, PostgreSQL 1") for _, what in lines)
    assert any("power cut may lose commits" in what for state, what in lines if state == "warning")
    assert ("ok", "archive: 1 article, 2 chunks") in lines
    assert not [line for line in lines if line[0] == "broken"]
    for _, value, *_ in Settings.listed():
        assert "not-to-be-seen" not in value
    postgres.stop()
    try:
        lines = list(doctor.examine())
    finally:
        postgres.start()
    assert [state for state, what in lines if what.startswith("database: ")] == ["broken"]
    assert not any("not-to-be-seen" in what for _, what in lines)


def test_a_backup_names_the_tools_of_postgresql_and_changes_nothing(
    server: Server, tmp_path: Path, postgres: Cluster
) -> None:
    app = opened(server, tmp_path / "home")
    app.archive.put([entry("a")], app.embedder.id)
    app.project()
    generation = app.projections._generation
    for work in (lambda: app.backup(tmp_path / "b.db"), lambda: app.restore(tmp_path / "b.db", replace=True)):
        with pytest.raises(InputError, match="pg_dump") as refused:
            work()
        assert "\n" not in str(refused.value)
    assert app.projections._generation == generation
    app.close()
    assert not (tmp_path / "b.db").exists()


def test_a_wrong_address_is_one_line_that_shows_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUTIP_DATABASE_URL", "postgresql://ani:ra/hasia@db/kutip")
    with pytest.raises(SettingsError, match="KUTIP_DATABASE_URL") as refused:
        Settings.read()
    assert "hasia" not in str(refused.value)
