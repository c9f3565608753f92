"""What every test gets: its own KUTIP_HOME, no outside settings, and no connection beyond this machine."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from rag.cutting.article import Window
from rag.store.archive import Archive
from rag.store.database.place import Place
from rag.types import Source, Vectors
from tests.offline import sitecustomize
from tests.postgres import Cluster, programs, running
from tests.tiny_gguf import write_chat

NO_POSTGRES = "PostgreSQL 15 or newer was not found"
"""The line that a test is skipped with."""

# No test depends on speed: a busy machine may make examples slowly, and run them slowly.
settings.register_profile("kutip", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kutip")


@pytest.fixture(autouse=True, scope="session")
def interruptible() -> None:
    """Interrupts reach the processes that a test starts, even where the suite was told to ignore them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh KUTIP_HOME; the working folder is empty too, so that no `.env` is read."""
    for name in [name for name in os.environ if name.startswith("KUTIP_")]:
        monkeypatch.delenv(name)
    # python-telegram-bot warns at each use of a time until it returns times as timedelta; this opts in.
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    folder = tmp_path / "home"
    monkeypatch.setenv("KUTIP_HOME", str(folder))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return folder


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuses every socket that would leave this machine, in the processes that a test starts as well."""
    monkeypatch.setenv("PYTHONPATH", str(Path(sitecustomize.__file__).parent), prepend=os.pathsep)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of a module that says `BOTH = True` run on SQLite and on PostgreSQL, unless they are marked."""
    if "place" in metafunc.fixturenames and getattr(metafunc.module, "BOTH", False):
        one = metafunc.definition.get_closest_marker("on")
        metafunc.parametrize("place", one.args if one else ("sqlite", "postgresql"), indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server, started once; tests that need it are skipped where there is none."""
    if programs() is None:
        pytest.skip(NO_POSTGRES)
    with running() as cluster:
        yield cluster


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says so where a part of the suite could not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    number = sum(NO_POSTGRES in str(report.longrepr) for report in skipped)
    if number:
        terminalreporter.write_line(f"{NO_POSTGRES}: {number} tests did not run", yellow=True)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where the test's archive is: a new file, or a new schema of PostgreSQL's."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return tmp_path / "archive.db"
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.server()


@pytest.fixture
def archive(place: Place) -> Iterator[Archive]:
    opened = Archive(place)
    yield opened
    opened.close()


class HashEmbedder:
    """Words to vectors by their hash: real numbers, no model. Equal words, equal vectors."""

    dimensions = 32

    def __init__(self, id: str = "hash-32") -> None:
        self.id = id
        self.embedded = 0

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        return np.stack([self.question(text) for text in texts]) if texts else np.empty((0, 32), np.float32)

    def question(self, text: str) -> Vectors:
        total = np.zeros(self.dimensions, np.float32)
        for word in text.lower().split():
            seed = int.from_bytes(hashlib.sha256((self.id + word).encode()).digest()[:4], "little")
            total += np.random.default_rng(seed).normal(size=self.dimensions).astype(np.float32)
        length = float(np.linalg.norm(total))
        return total / length if length else total


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
def window() -> Window:
    """Words for tokens: the pure steps do not care."""
    return Window(lambda text: len(text.split()), 40)


@pytest.fixture(scope="session")
def chat_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny chat model, written once for the whole run."""
    return write_chat(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """llama-cpp-python's server on loopback, with a tiny chat model.

    One that writes whole characters: after a broken one the server holds all that follows back, and tries
    all of it again at each token.
    """
    chat_gguf = write_chat(tmp_path_factory.mktemp("served") / "tiny.gguf", whole=True)
    import uvicorn
    from llama_cpp.server.app import create_app
    from llama_cpp.server.settings import ModelSettings, ServerSettings

    model = ModelSettings(model=str(chat_gguf), n_ctx=4096, n_threads=1, n_threads_batch=1, verbose=False)
    app = create_app(server_settings=ServerSettings(), model_settings=[model])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/v1"
    server.should_exit = True
    thread.join(10)


def source(text: str, id: str | None = None, place: str | None = None, **fields: str) -> Source:
    """A source as a loader would give it."""
    return Source(place=place or f"{id or 'a'}.txt", text=text, id=id, **fields)
