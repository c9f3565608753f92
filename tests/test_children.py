"""Processes of our own run our code alone, and those that parse strangers' files know no secret."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.telegram import launch
from rag import children
from rag.cutting.article import Workers
from rag.load.child import Parser
from rag.reading.reader import Reader
from rag.search.lexicon import Lexicon
from rag.types import Source
from rag.writing.probe import probe

ROOT = Path(__file__).resolve().parents[1]
PAGE = b"<html><body><article>" + b"<p>Presiden meresmikan jembatan baru di Demak.</p>" * 20
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """A file that is there once code in the working folder has run."""
    ran = tmp_path / "ran"
    for name in ("rag", "bot", "llama_cpp", "json", "multiprocessing"):
        folder = tmp_path / "work" / name
        folder.mkdir()
        (folder / "__init__.py").write_text(f"open({str(ran)!r}, 'w').close()\n", encoding="utf-8")
    return ran


def test_a_chat_model_is_tried_without_code_from_the_working_folder(ran: Path, chat_gguf: Path) -> None:
    probe(chat_gguf)
    assert not ran.exists()


def test_the_bot_runs_without_code_from_the_working_folder(
    ran: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUTIP_TELEGRAM_TOKEN", TOKEN)
    commands: list[Sequence[str]] = []

    def supervised(command: Callable[[int, bool], Sequence[str]], say: object) -> int:
        commands.append(command(0, False))
        return 0

    monkeypatch.setattr(launch, "supervise", supervised)
    launch.run(Settings.read(), debug=False)
    done = subprocess.run([*commands[0], "--help"], capture_output=True, check=False)
    assert done.returncode == 0
    assert not ran.exists()


def test_files_are_parsed_without_code_from_the_working_folder(ran: Path) -> None:
    parser = Parser()
    try:
        assert "text" in parser.parse("page", PAGE)
    finally:
        parser.close()
    assert not ran.exists()


def test_workers_that_cut_run_no_code_from_the_working_folder(ran: Path) -> None:
    reader = Reader(Lexicon.load())
    workers = Workers(lambda: reader.pieces, 200)
    try:
        cutting = workers.submit([Source("a.txt", "Halo dunia. Apa kabar?", "a")])
        assert cutting is not None
        assert len(cutting.result()) == 1
    finally:
        workers.close()
        reader.close()
    assert not ran.exists()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system does not show environments")
def test_a_parser_of_strangers_files_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUTIP_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    parser = Parser()
    try:
        parser.parse("page", PAGE)
        assert parser._child is not None
        seen = Path(f"/proc/{parser._child.pid}/environ").read_bytes()
    finally:
        parser.close()
    assert b"KUTIP_" not in seen
    assert b"hf_secret" not in seen
    assert b"PATH=" in seen


@pytest.mark.parametrize("name", ["KUTIP_HOME", "HF_TOKEN", "aws_secret_access_key", "OPENAI_API_KEY"])
def test_settings_and_secrets_are_left_out_of_a_parsers_environment(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "x")
    assert name not in children.environment()
    assert children.environment()["PATH"]


def test_python_is_started_in_one_place_only() -> None:
    for path in sorted([*ROOT.glob("rag/**/*.py"), *ROOT.glob("bot/**/*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Attribute) and node.attr == "executable"
            assert not named or path == ROOT / "rag" / "children.py", f"{path} starts a Python of its own"


def test_the_command_keeps_the_working_folder_out() -> None:
    assert children.command("rag.a", "1") == [sys.executable, "-P", "-m", "rag.a", "1"]
