from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag.store.link
import rag.store.projections
from bot.app import App
from bot.phrases import Phrases
from bot.settings import Settings
from rag.store.projections import Projections


class Server:
    """A real Chroma server on loopback that can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(self.folder)]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("chroma run does not listen")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server")
    yield server
    server.stop()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def app(tmp_path: Path, server: Server, said: list[str]) -> Iterator[App]:
    app = App(Settings(home=tmp_path / "home", chroma_url=server.url, _env_file=None), said.append)
    yield app
    app.close()


def add(app: App, folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    assert [done.status for done in app.ingest([str(path)])] == ["added"]


def all_there(app: App) -> bool:
    wanted = app.archive.keys_until(app.archive.change())
    return app.projections.vectors.keys() == app.projections.lexical.keys() == wanted != set()


NOTE = Phrases().by_words_alone("id")
FIRST = "Bendungan Jatiluhur diresmikan oleh Siti Lestari pada tahun 1967. Airnya mengairi sawah."
SECOND = "Pasar Gede dibuka kembali oleh Joko Purnomo pada hari Senin. Pedagang kembali berjualan."


def test_a_server_that_goes_away_leaves_answers_by_words_alone_and_catches_up_when_it_is_back(
    tmp_path: Path, server: Server, app: App, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(app, tmp_path, "a", FIRST)
    answer = app.ask("Siapa yang meresmikan Bendungan Jatiluhur?")
    assert answer.citations
    assert NOTE not in answer.text
    assert all_there(app)

    server.stop()
    answer = app.ask("Siapa yang meresmikan Bendungan Jatiluhur?")
    assert "Siti Lestari" in answer.citations[0].quote
    assert answer.text.endswith(NOTE)
    add(app, tmp_path, "b", SECOND)
    answer = app.ask("Siapa yang membuka kembali Pasar Gede?")
    assert "Joko Purnomo" in answer.citations[0].quote
    assert len([line for line in said if "by their words alone" in line]) == 1

    server.start()
    monkeypatch.setattr(rag.store.link, "RETRY_SECONDS", 0)
    assert NOTE not in app.ask("Siapa yang membuka kembali Pasar Gede?").text
    assert all_there(app)
    assert said[-1].endswith("answers again")


def test_a_server_that_was_restarted_between_two_questions_is_not_noticed(
    tmp_path: Path, server: Server, app: App, said: list[str]
) -> None:
    add(app, tmp_path, "a", FIRST)
    app.ask("Siapa yang meresmikan Bendungan Jatiluhur?")
    server.stop()
    server.start()
    answer = app.ask("Siapa yang meresmikan Bendungan Jatiluhur?")
    assert NOTE not in answer.text
    assert said == []


def test_a_server_that_comes_back_empty_is_filled_again(
    tmp_path: Path, server: Server, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.store.link, "RETRY_SECONDS", 0)
    add(app, tmp_path, "a", FIRST)
    app.ask("Siapa yang meresmikan Bendungan Jatiluhur?")
    server.stop()
    shutil.rmtree(server.folder)
    server.start()
    app.ask("Siapa yang meresmikan Bendungan Jatiluhur?")
    app.ask("Siapa yang meresmikan Bendungan Jatiluhur?")
    assert all_there(app)


def test_a_server_that_is_away_at_the_start_costs_a_line_and_no_answer(
    tmp_path: Path, server: Server, app: App
) -> None:
    add(app, tmp_path, "a", FIRST)
    app.close()
    server.stop()
    said: list[str] = []
    again = App(app.settings, said.append)
    assert again.ask("Siapa yang meresmikan Bendungan Jatiluhur?").text.endswith(NOTE)
    assert len(said) == 1
    again.close()


def test_stores_on_one_server_do_not_touch_and_a_rebuild_leaves_one_collection(
    tmp_path: Path, server: Server, app: App
) -> None:
    import chromadb

    other = App(Settings(home=tmp_path / "other", chroma_url=server.url, _env_file=None))
    add(app, tmp_path, "a", FIRST)
    add(other, tmp_path, "b", SECOND)
    app.rebuild()
    assert all_there(app)
    assert all_there(other)
    client = chromadb.HttpClient(host="127.0.0.1", port=server.port)
    assert len(client.list_collections()) == 2
    other.close()


def test_a_rebuild_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.store.projections, "BATCH", 1)
    for number in range(5):
        add(app, tmp_path, str(number), f"{FIRST} Nomor {number}.")
    app.project()

    def stop(done: int, total: int) -> None:
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        app.projections.rebuild(stop)
    app.close()
    again = App(app.settings)
    before = again.projections
    assert isinstance(before, Projections)
    steps: list[tuple[int, int]] = []
    before.rebuild(lambda done, total: steps.append((done, total)))
    assert steps[-1][1] < 5
    assert all_there(again)
    again.close()
