"""Choosing, probing and pulling chat models: real files, real children, and a loopback Hugging Face."""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.models import MODELS, chosen, listed, open_writer, pull, use
from bot.settings import Settings
from rag.errors import DiskFull, InputError, ModelError
from rag.writing.decoder import ChatModel
from rag.writing.probe import probe
from tests.tiny_gguf import write_chat, write_embedder


def silent(done: int, total: int | None, what: str) -> None:
    pass


def test_a_chat_model_passes_and_is_not_tried_twice(
    chat_gguf: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.read()
    assert use(settings, str(chat_gguf)) == "tiny answers from now on"
    assert chosen(settings) == chat_gguf
    monkeypatch.setattr("rag.writing.probe.probe", lambda *_: pytest.fail("tried again"))
    writer = open_writer(settings.model_copy(update={"threads": 1}))
    assert isinstance(writer, ChatModel)
    assert writer.name == "tiny"
    writer.close()
    assert "the built-in reader" in use(settings, "reader")
    assert chosen(settings) is None
    assert open_writer(settings) is None


def broken(folder: Path, whole: bytes) -> Iterator[Path]:
    blocks = whole.index(b"llama.block_count") + len(b"llama.block_count") + 4
    for name, data in {
        "empty": b"",
        "text": b"no model",
        "head": whole[:64],
        "half": whole[: len(whole) // 2],
        "none": whole[:blocks] + (0).to_bytes(4, "little") + whole[blocks + 4 :],
        "many": whole[:blocks] + (513).to_bytes(4, "little") + whole[blocks + 4 :],
        "huge": whole[:8] + (1 << 60).to_bytes(8, "little") + whole[16:],
    }.items():
        path = folder / f"{name}.gguf"
        path.write_bytes(data)
        yield path


def test_every_broken_file_gets_its_line_and_this_process_lives(chat_gguf: Path, tmp_path: Path) -> None:
    embedder = write_embedder(tmp_path / "embedder.gguf")
    bare = write_chat(tmp_path / "bare.gguf", vocabulary=400, template=None)
    paths = [*broken(tmp_path, chat_gguf.read_bytes()), embedder, bare, tmp_path / "nowhere.gguf"]
    for path in paths:
        with pytest.raises(ModelError) as error:
            probe(path)
        assert "\n" not in str(error.value)
        assert path.name in str(error.value)


def test_a_model_that_is_not_there_is_one_line() -> None:
    with pytest.raises(ModelError, match="kutip model pull qwen3-4b"):
        use(Settings.read(), "qwen3-4b")
    with pytest.raises(ModelError, match="kutip model list"):
        use(Settings.read(), "nothing")


def test_the_list_has_models_of_one_to_nine_billion_weights_and_some_made_for_indonesian(
    home: Path, chat_gguf: Path
) -> None:
    settings = Settings.read()
    settings.models.mkdir(parents=True)
    shutil.copy(chat_gguf, settings.models / "own.gguf")
    lines = listed(settings)
    assert min(model.size for model in MODELS) < 2
    assert all(1 <= model.weights < 10 for model in MODELS)
    assert all(model.size < model.memory for model in MODELS)
    assert sum("made for" in line and "Indonesian" in line for line in lines) >= 2
    assert all("measured here" in line for line in lines[: len(MODELS)])
    assert any(line.startswith("own ") for line in lines)
    assert any("reader answers now" in line for line in lines)
    assert len({model.name for model in MODELS}) == len(MODELS)


class Hub(ThreadingHTTPServer):
    """As much of Hugging Face as a download needs: HEAD and GET with ranges. `cut` drops the connection."""

    daemon_threads = True

    def __init__(self, data: bytes, etag: str | None = None, size: int | None = None) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.data, self.cut = data, 0
        self.etag = etag or hashlib.sha256(data).hexdigest()
        self.size = len(data) if size is None else size
        self.ranges: list[str | None] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self._send(self.server.size)

    def do_GET(self) -> None:
        span = self.headers.get("Range")
        self.server.ranges.append(span)
        start = int((re.findall(r"\d+", span or "") or ["0"])[0])
        part = self.server.data[start:]
        self._send(len(part), start if span else None)
        if self.server.cut:
            part, self.server.cut = part[: self.server.cut], 0
            self.close_connection = True
        self.wfile.write(part)

    def _send(self, length: int, start: int | None = None) -> None:
        if "missing" in self.path:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200 if start is None else 206)
        self.send_header("ETag", f'"{self.server.etag}"')
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(length))
        if start is not None:
            total = len(self.server.data)
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        self.end_headers()

    def log_message(self, *values: object) -> None:
        pass


NAME = "owner/repo-GGUF/own.gguf"


def test_a_download_is_checked_and_can_then_be_used(chat_gguf: Path) -> None:
    hub, told = Hub(chat_gguf.read_bytes()), []
    path = pull(Settings.read(), NAME, lambda *step: told.append(step), hub.url)
    assert path.read_bytes() == chat_gguf.read_bytes()
    assert told[-1][:2] == (len(hub.data), len(hub.data))
    assert use(Settings.read(), "own").startswith("own answers")


def test_a_download_that_was_cut_short_goes_on_where_it_stopped(
    chat_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    # It keeps whole pieces of 10 MB, and the file here is smaller.
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 10_000)
    hub = Hub(chat_gguf.read_bytes())
    place = Settings.read().models / ".cache" / "huggingface" / "download"
    hub.cut = 100_000
    pull(Settings.read(), NAME, silent, hub.url)
    assert hub.ranges[0] is None
    assert hub.ranges[1] is not None
    assert int(re.findall(r"\d+", hub.ranges[1])[0]) > 0
    assert not list(place.rglob("*.incomplete"))


def test_a_file_that_arrives_damaged_is_deleted(chat_gguf: Path) -> None:
    hub = Hub(chat_gguf.read_bytes(), etag="ab" * 32)
    with pytest.raises(ModelError, match="damaged"):
        pull(Settings.read(), NAME, silent, hub.url)
    assert not (Settings.read().models / "own.gguf").exists()


def test_a_disk_without_room_is_said_before_the_download(chat_gguf: Path) -> None:
    hub = Hub(b"GGUF", size=1 << 60)
    with pytest.raises(DiskFull, match="make room"):
        pull(Settings.read(), NAME, silent, hub.url)
    assert hub.ranges == []


def test_a_name_that_is_not_there_is_one_line(chat_gguf: Path) -> None:
    hub = Hub(b"GGUF")
    with pytest.raises(InputError, match=r"missing\.gguf"):
        pull(Settings.read(), "owner/repo/missing.gguf", silent, hub.url)
    with pytest.raises(InputError, match="kutip model list"):
        pull(Settings.read(), "no-such-model", silent, hub.url)


def test_offline_is_one_clear_line() -> None:
    hub = Hub(b"GGUF")
    hub.shutdown()
    hub.server_close()
    with pytest.raises(ModelError, match="connection") as error:
        pull(Settings.read(), "qwen3-4b", silent, hub.url)
    assert "\n" not in str(error.value)
