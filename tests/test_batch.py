"""A batch with reader processes: the same answers as without, and each as soon as it is there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot import turns
from bot.app import App
from bot.batch import answer_all
from bot.settings import Settings
from rag.errors import Cancelled, InputError, ReaderCrashed, SettingsError
from rag.reading.pool import Pool
from rag.types import Answer

ARTICLES = (
    {"id": "a", "title": "Tamu dari Moskow", "published": "2024-09-03"}
    | {"text": "Menteri Pertahanan Rusia, Sergei Shoigu, tiba di Jakarta. Ia bertemu Presiden."},
    {"id": "b", "title": "Harga cabai", "published": "2024-09-04"}
    | {"text": "Harga cabai naik menjadi Rp38.000 per kilogram. Pedagang mengeluh di Pasar Wonosari."},
    {"id": "c", "title": "Banjir", "published": "2024-09-05"}
    | {"text": "Hujan turun di Demak pada pagi hari. Sebanyak 40 warga mengungsi ke sekolah."},
)
QUESTIONS = (
    "Siapa Menteri Pertahanan Rusia?",
    "How much is chili?",
    "Apakah Sergei Shoigu Menteri Pertahanan Rusia?",
    "How do I reset my router password?",
    "Apa yang baru?",
    "Berapa warga yang mengungsi, dan berapa harga cabai?",
)


def batch(folder: Path, questions: Sequence[str]) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps({"question": each}) + "\n" for each in questions), encoding="utf-8")
    return path


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    articles = tmp_path / "articles.jsonl"
    articles.write_text("".join(json.dumps(each) + "\n" for each in ARTICLES), encoding="utf-8")
    opened = App(Settings.read().model_copy(update={"readers": 2}))
    for _ in opened.ingest([str(articles)]):
        pass
    yield opened
    opened.close()


def test_answers_are_the_same_whoever_reads(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Pool.read
    shared: list[str] = []

    def counted(pool: Pool, question: str, *given: Any) -> Any:
        shared.append(question)
        return read(pool, question, *given)

    def begun(pool: Pool) -> None:
        pool._start()

    monkeypatch.setattr(Pool, "read", counted)
    monkeypatch.setattr(Pool, "begin", begun)
    monkeypatch.setattr(turns, "MANY", 1_000_000)
    path = batch(tmp_path, QUESTIONS)
    alone = list(answer_all(app, path, None, pytest.fail))
    assert not shared
    monkeypatch.setattr(turns, "MANY", 1)
    beside = list(answer_all(app, path, None, pytest.fail))
    assert len(shared) > 2
    for row in (*alone, *beside):
        assert "total" in row.pop("seconds")  # type: ignore[operator]
    assert json.dumps(beside) == json.dumps(alone)
    assert {row["status"] for row in alone} == {"answered", "abstained"}


class Scripted:
    """An app that fails as the question says."""

    def __init__(self, at_once: int = 1) -> None:
        self.at_once = lambda waiting: at_once

    def ask(self, question: str, history: object, today: object, stop: threading.Event) -> Answer:
        if question == "crash":
            raise ReaderCrashed("two reader processes ended as they read it", "ask it in other words")
        if question == "wait":
            assert stop.wait(60)
            raise Cancelled("the question was cancelled")
        return Answer(question, "id", "abstained", "Tidak ada.", None, (), (), "reader")


def test_a_question_of_which_readers_die_is_one_failed_line_among_answers(tmp_path: Path) -> None:
    rows, failed = list[dict[str, object]](), list[Exception]()
    with pytest.raises(InputError, match="1 of 3"):
        rows.extend(answer_all(Scripted(2), batch(tmp_path, ("a", "crash", "b")), None, failed.append))  # type: ignore[arg-type]
    assert rows[1] == {
        "id": "q2",
        "status": "failed",
        "error": "two reader processes ended as they read it: ask it in other words",
    }
    assert [type(each) for each in failed] == [ReaderCrashed]
    assert [row["id"] for row in rows] == ["q1", "q2", "q3"]


def test_whoever_reads_no_more_answers_ends_the_others(tmp_path: Path) -> None:
    rows = answer_all(Scripted(3), batch(tmp_path, ("a", "wait", "wait")), None, pytest.fail)  # type: ignore[arg-type]
    assert next(rows)["id"] == "q1"
    rows.close()


@pytest.mark.parametrize("value", ["-1", "65", "two", "1.5", "nan"])
def test_a_wrong_number_of_readers_is_one_clear_line(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUTIP_READERS", value)
    with pytest.raises(SettingsError) as error:
        Settings.read()
    assert str(error.value).startswith(f"KUTIP_READERS is {value!r}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("value", "wanted"), [("0", 0), ("1", 1), ("2", 2), ("64", 64), ("", None)])
def test_a_number_of_readers_is_taken(
    value: str, wanted: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUTIP_READERS", value)
    assert Settings.read().readers == wanted


def test_each_line_that_a_program_writes_is_answered_before_the_next(home: Path) -> None:
    code = (
        "from tests.test_batch import Scripted\n"
        "from bot import app\n"
        "class Opened(Scripted):\n"
        "    def __init__(self, *given, **more): super().__init__(2)\n"
        "    def close(self, ending=False): pass\n"
        "app.App = Opened\n"
        "from bot.cli import main\n"
        "main()\n"
    )
    words = ["ask", "--json", "--batch", "-"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        cwd=Path(__file__).resolve().parents[1],
        env={**os.environ, "KUTIP_HOME": str(home)},
    )
    talk = SimpleNamespace(to=process.stdin, out=process.stdout)
    for number in (1, 2):
        talk.to.write(b'{"question": "Apa?"}\n')
        talk.to.flush()
        assert json.loads(talk.out.readline())["id"] == f"q{number}"
    # While it waits for the next line.
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert err == b"kutip: stopped; what was reported as done is kept\n"
