"""The command line with a GGUF chat model, and with one behind a real server on loopback."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot import cli, trial
from bot.app import App
from bot.evaluation.cases import Case, Quote
from bot.settings import Settings
from bot.trial import Material
from lab.scripted import Scripted
from rag.types import Answer, Turn
from rag.writing.writer import Prompt

Run = Callable[..., SimpleNamespace]
FLOOD = "Banjir menerjang Demak pada Senin. Sedikitnya 12 orang meninggal. Bupati Demak ialah Siti."
DEATHS = "Berapa orang meninggal akibat banjir di Demak?"
FIELDS = {
    *("id", "question", "language", "status", "text", "short", "claims"),
    *("citations", "engine", "kind", "dropped", "seconds"),
}
CITED = {"number", "article", "version", "title", "url", "published", "start", "end", "quote"}


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs `kutip …` in this process, on a store with one article."""

    def kutip(*words: str | Path, stdin: str = "") -> SimpleNamespace:
        monkeypatch.setattr(sys, "argv", ["kutip", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return SimpleNamespace(status=end.value.code or 0, out=out, err=err)

    # The chat model is what is tested here.
    monkeypatch.setenv("KUTIP_MODEL_WHEN", "always")
    article = tmp_path / "banjir.txt"
    article.write_text(FLOOD, encoding="utf-8")
    assert kutip("ingest", article).status == 0
    return kutip


@pytest.fixture(params=["gguf", "remote"])
def engine(request: pytest.FixtureRequest, chat_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A chat model of random weights is set, here or behind llama-cpp-python's own server."""
    if request.param == "gguf":
        monkeypatch.setenv("KUTIP_MODEL", str(chat_gguf))
        monkeypatch.setenv("KUTIP_THREADS", "1")
    else:
        monkeypatch.setenv("KUTIP_MODEL_URL", request.getfixturevalue("llama_server"))
        # The server runs in this process and prints to its standard output when a client hangs up.
        app = import_module("llama_cpp.server.app")
        monkeypatch.setattr(app, "print", lambda *said: None, raising=False)
    return str(request.param)


def check(answer: dict[str, Any]) -> None:
    """The contract's fields and promises, whatever a model of random weights has written."""
    assert set(answer) == FIELDS
    # Where nothing that it wrote stands, the reader answers; it was asked all the same.
    assert answer["engine"] in ("tiny", "reader")
    assert answer["language"] == "id"
    assert {"retrieve", "read", "write", "total"} <= set(answer["seconds"])
    assert (answer["status"] == "answered") == bool(answer["claims"])
    numbers = {citation["number"] for citation in answer["citations"]}
    for citation in answer["citations"]:
        assert set(citation) == CITED
        assert FLOOD[citation["start"] : citation["end"]] == citation["quote"]
    for claim in answer["claims"]:
        assert claim["citations"]
        assert set(claim["citations"]) <= numbers


def test_ask_and_batch_give_the_contracts_answers(run: Run, engine: str) -> None:
    done = run("ask", "--json", DEATHS)
    answer = json.loads(done.out)
    assert (done.status, answer["id"], answer["question"]) == (0, "q1", DEATHS)
    check(answer)
    turns = [{"question": "Siapa Bupati Demak?", "answer": "Siti"}]
    rows: list[dict[str, Any]] = [
        {"id": "x", "question": "Berapa orang meninggal di sana?", "history": turns}
    ]
    rows += [{"id": "y", "question": " "}, {"id": "z", "question": DEATHS}]
    done = run("ask", "--batch", "-", "--json", stdin="".join(json.dumps(row) + "\n" for row in rows))
    first, failed, last = map(json.loads, done.out.splitlines())
    assert [first["id"], failed["id"], last["id"], failed["status"]] == ["x", "y", "z", "failed"]
    assert first["question"] == "Berapa orang meninggal di sana?"
    for each in (first, last):
        check(each)


def test_chat_answers_and_goes_on(run: Run, engine: str) -> None:
    done = run("chat", stdin=f"{DEATHS}\n/sources\n/quit\n")
    assert done.status == 0
    # Answered or declined, the article is what both rest on.
    assert "banjir, version 1" in done.out
    assert "tidak menjawab" not in done.out


def test_a_real_server_is_asked_by_the_app_and_streams_what_passed(
    run: Run, home: Path, llama_server: str
) -> None:
    app, parts = App(Settings(home=home, model_url=llama_server)), list[Answer]()
    said = app.ask(DEATHS, [Turn("Siapa Bupati Demak?", "Siti")], partial=parts.append)
    app.close()
    assert "write" in said.seconds
    assert "tidak menjawab" not in said.text
    assert all(part.claims == said.claims[: len(part.claims)] for part in parts)
    assert {c.quote for c in said.citations} <= {f"{sentence.strip('.')}." for sentence in FLOOD.split(". ")}


@pytest.fixture
def scripted(chat_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A GGUF that answers with the sentence about deaths, and adds one that is made up."""

    def script(prompt: Prompt) -> str:
        number = prompt.user.split("Sedikitnya 12")[1].split("[", 1)[1].split("]")[0]
        return f"Sedikitnya 12 orang meninggal. [{number}]\nSukarno membeli 99 kapal. [1]"

    monkeypatch.setattr("rag.writing.decoder.ChatModel", partial(Scripted, script=script))
    return chat_gguf


def test_a_model_that_was_chosen_answers_in_every_command(run: Run, scripted: Path) -> None:
    assert run("model", "use", "--no-trial", scripted).status == 0
    answer = json.loads(run("ask", "--json", DEATHS).out)
    check(answer)
    assert answer["engine"] == "tiny"
    assert (answer["status"], answer["dropped"], answer["short"]) == ("answered", 1, None)
    assert answer["claims"] == [{"text": "Sedikitnya 12 orang meninggal.", "citations": [1]}]
    assert answer["citations"][0]["quote"] == "Sedikitnya 12 orang meninggal."
    shown = run("chat", stdin=f"{DEATHS}\n").out
    assert "Sedikitnya 12 orang meninggal. [1]" in shown
    assert "Sukarno" not in shown


def test_a_trial_says_what_a_model_is_used_for(
    run: Run, scripted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = (Quote("banjir", "Sedikitnya 12 orang meninggal."),)
    cases = [Case("a", DEATHS, "id", gold=gold)]
    small = Material(cases, (), (), tmp_path / "banjir.txt")
    monkeypatch.setattr(trial, "material", lambda: small)
    done = run("model", "use", scripted)
    assert done.status == 0
    first, follow_ups, overrule, last = done.out.splitlines()
    assert first.startswith("answers: 1 of 1 right, 0 wrong")
    assert follow_ups == "follow-ups: 0 of 0 right, 0 wrong. It is not used for them."
    assert "KUTIP_GLOSS" in overrule
    assert last == "tiny answers from now on"


def test_an_evaluation_judges_a_gguf_in_one_command(run: Run, scripted: Path, tmp_path: Path) -> None:
    gold = [{"article": "banjir", "quote": "Sedikitnya 12 orang meninggal."}]
    questions, out = tmp_path / "q.jsonl", tmp_path / "report"
    questions.write_text(json.dumps({"id": "a", "question": DEATHS, "gold": gold}), encoding="utf-8")
    done = run(
        *("eval", "--model", scripted, "--questions", questions),
        *("--articles", tmp_path / "banjir.txt", "--out", out, "--json"),
    )
    assert done.status == 0, done.err
    report = json.loads(done.out)
    (case,) = report["cases"]
    assert (case["engine"], case["status"], case["measures"]["first_right"]) == ("tiny", "answered", 1)
    assert report["figures"]["quotes_exact"]["mean"] == 1
    assert (out / "report.html").exists()
    # Beside the built-in reader, which is asked the same.
    assert "engine reader" in (out / "report.md").read_text(encoding="utf-8")
