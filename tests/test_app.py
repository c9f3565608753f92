from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from bot.app import App
from bot.render import InTerminal, as_json, in_plain
from bot.settings import Settings
from lab.scripted import Scripted
from rag.errors import Cancelled, StoreBusy
from rag.types import Answer, Turn
from rag.writing import remote
from rag.writing.prompt import instructions
from rag.writing.writer import Prompt


@pytest.fixture
def app(home: Path) -> Iterator[App]:
    opened = App(Settings.read())
    yield opened
    opened.close()


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_what_another_process_adds_is_found_by_the_next_question(app: App, tmp_path: Path) -> None:
    list(app.ingest([write(tmp_path, "a.txt", "Gempa mengguncang Cianjur pada Senin.")]))
    app.prepare()
    other = App(Settings.read())
    try:
        done = list(other.ingest([write(tmp_path, "b.txt", "Bupati Demak ialah Siti Lestari.")]))
        assert [item.status for item in done] == ["added"]
        with pytest.raises(StoreBusy, match="process"):
            other.ask("Siapa Bupati Demak?")
    finally:
        other.close()
    said = app.ask("Siapa Bupati Demak?")
    assert said.citations[0].quote == "Bupati Demak ialah Siti Lestari."


def test_a_question_that_is_no_longer_wanted_ends_and_the_next_is_answered(app: App, tmp_path: Path) -> None:
    list(app.ingest([write(tmp_path, "a.txt", "Bupati Demak ialah Siti Lestari.")]))
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        app.ask("Siapa Bupati Demak?", stop=stop)
    assert app.ask("Siapa Bupati Demak?").citations


def test_an_old_answers_citation_can_still_be_read_after_an_update(app: App, tmp_path: Path) -> None:
    list(app.ingest([write(tmp_path, "a.txt", "Bupati Demak ialah Siti Lestari.")]))
    old = app.ask("Siapa Bupati Demak?").citations[0]
    list(app.ingest([write(tmp_path, "a.txt", "Bupati Demak ialah Joko Purnomo.")]))
    new = app.ask("Siapa Bupati Demak?").citations[0]
    assert (old.version, new.version) == (1, 2)
    assert new.quote == "Bupati Demak ialah Joko Purnomo."
    article = app.archive.article(old.article, old.version)
    assert article is not None
    assert article.text[old.start : old.end] == old.quote


def test_the_projections_can_be_deleted_between_two_runs(app: App, tmp_path: Path, home: Path) -> None:
    import shutil

    list(app.ingest([write(tmp_path, "a.txt", "Bupati Demak ialah Siti Lestari.")]))
    before = app.ask("Siapa Bupati Demak?")
    app.close()
    shutil.rmtree(home / "projections")
    assert app.ask("Siapa Bupati Demak?").citations == before.citations


def test_a_chunk_fits_the_readers_window_whatever_the_text(app: App, tmp_path: Path) -> None:
    from rag.text.wordpiece import PASSAGE_TOKENS

    odd = "1 2 3 ! ? 北京 " * 600 + "." + "\n" + "a" * 5_000 + "\n" + "Ini kalimat biasa. " * 300
    list(app.ingest([write(tmp_path, "odd.txt", odd)]))
    keys = sorted(app.archive.keys_until(app.archive.change()))
    passages = app.archive.passages(keys)
    assert len(passages) > 5
    assert max(app._reader.pieces.count(passage.text) for passage in passages) <= PASSAGE_TOKENS


def with_model(home: Path, **settings: object) -> App:
    chosen = {"model_when": "always"} | settings
    return App(Settings(home=home, threads=1, **chosen), say=print)  # type: ignore[arg-type]


def says(monkeypatch: pytest.MonkeyPatch, script: Callable[[Prompt], str]) -> None:
    """GGUF chat models say what this says, as far as the grammar lets them."""
    monkeypatch.setattr("rag.writing.decoder.ChatModel", partial(Scripted, script=script))


FLOOD = (
    "Banjir menerjang Demak pada Senin (11/3/2024). Sedikitnya 12 orang meninggal. Bupati Demak ialah Siti."
)


def obliging(prompt: Prompt) -> str:
    """Answers with the second sentence shown; translates, and puts follow-ups anew."""
    if " [2]\n" in prompt.user:
        shown = prompt.user.split(" [2]\n")[0].rsplit("\n", 1)[1]
        if "Answer in English" in prompt.user:
            shown = "At least 12 people died."
        return f"{shown} [2]\nSukarno juga meninggal [1]\nBanjir itu menerjang Demak. [1]"
    return "Berapa orang meninggal di Demak?" if "percakapan" in prompt.system else "At least 12 people died."


def test_a_gguf_answers_claim_by_claim_and_what_it_made_up_is_counted(
    home: Path, tmp_path: Path, chat_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, obliging)
    app = with_model(home, model=str(chat_gguf))
    list(app.ingest([write(tmp_path, "a.txt", FLOOD)]))
    parts: list[Answer] = []
    said = app.ask("Berapa orang meninggal akibat banjir di Demak?", partial=parts.append)
    assert (said.status, said.engine, said.dropped, said.short) == ("answered", "tiny", 1, None)
    # That the flood hit Demak is true, and no answer.
    assert said.text == "Sedikitnya 12 orang meninggal. [1]"
    assert [citation.quote for citation in said.citations] == ["Sedikitnya 12 orang meninggal."]
    # What the reader found is there before the model begins.
    assert [part.text for part in parts[:2]] == ["12 orang [1]", "Sedikitnya 12 orang meninggal. [1]"]
    assert [part.engine for part in parts[:2]] == ["reader", "tiny"]
    assert {"retrieve", "read", "write", "total"} == set(said.seconds)
    app.close()


def test_a_quote_in_the_other_language_gets_a_translation_that_is_no_quote(
    home: Path, tmp_path: Path, chat_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, obliging)
    app = with_model(home, model=str(chat_gguf))
    list(app.ingest([write(tmp_path, "a.txt", FLOOD)]))
    said = app.ask("How many people died in the flood in Demak?")
    first = said.citations[0]
    assert (first.quote, first.gloss) == ("Sedikitnya 12 orang meninggal.", "At least 12 people died.")
    assert as_json(said, "q")["citations"][0]["gloss"] == first.gloss
    console = Console(width=90, record=True, file=io.StringIO())
    console.print(InTerminal(said, {}))
    assert "machine translation, not a quote: At least 12" in console.export_text()
    app.close()
    silent = with_model(home, model=str(chat_gguf), gloss="never")
    plain = silent.ask("How many people died in the flood in Demak?")
    assert plain.citations[0].gloss is None
    assert "gloss" not in as_json(plain, "q")["citations"][0]
    assert silent.gloss(plain).citations[0].gloss == "At least 12 people died."
    silent.close()


def test_a_follow_up_is_put_anew_by_a_chat_model_and_carried_over_by_the_reader(
    home: Path, tmp_path: Path, chat_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, obliging)
    history = [Turn("Siapa Bupati Demak?", "Siti")]
    for model in (str(chat_gguf), "reader"):
        app = with_model(home, model=model)
        list(app.ingest([write(tmp_path, "a.txt", FLOOD)]))
        said = app.ask("Berapa orang meninggal di sana?", history)
        assert said.question == "Berapa orang meninggal di sana?"
        assert said.citations[0].quote == "Sedikitnya 12 orang meninggal."
        assert "understand" in said.seconds
        app.close()


def test_what_an_answer_is_at_is_told(
    home: Path, tmp_path: Path, chat_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, obliging)
    app, steps = with_model(home, model=str(chat_gguf)), list[str]()
    list(app.ingest([write(tmp_path, "a.txt", FLOOD)]))
    app.ask("How many people died in the flood in Demak?", step=steps.append)
    assert steps == ["understand", "search", "read", "ask", "write", "translate"]
    steps.clear()
    app.settings = app.settings.model_copy(update={"model_when": "never", "gloss": "never"})
    app.ask("How many people died in the flood in Demak?", step=steps.append)
    assert steps == ["understand", "search", "read"]
    app.close()


def test_a_model_is_asked_about_a_follow_up_only_where_the_question_leans_on_another(
    home: Path, tmp_path: Path, chat_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def script(prompt: Prompt) -> str:
        asked.append(prompt.system)
        return obliging(prompt)

    says(monkeypatch, script)
    app, history = with_model(home, model=str(chat_gguf)), [Turn("Siapa Bupati Demak?", "Siti")]
    list(app.ingest([write(tmp_path, "a.txt", FLOOD)]))
    rewriting = instructions("rewrite", "id")
    app.ask("Berapa orang meninggal di sana?", history)
    assert asked.count(rewriting) == 1
    app.ask("Berapa orang meninggal akibat banjir di Demak?", history)
    assert asked.count(rewriting) == 1
    app.close()


@pytest.mark.parametrize(
    ("when", "question", "engine"),
    [
        ("needed", "Berapa orang meninggal akibat banjir di Demak?", "reader"),
        ("needed", "How many people died in the flood in Demak?", "tiny"),
        ("needed", "Ceritakan tentang banjir di Demak.", "tiny"),
        ("always", "Berapa orang meninggal akibat banjir di Demak?", "tiny"),
        ("never", "Ceritakan tentang banjir di Demak.", "reader"),
    ],
)
def test_a_setting_says_which_questions_the_chat_model_answers(
    home: Path,
    tmp_path: Path,
    chat_gguf: Path,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
    question: str,
    engine: str,
) -> None:
    says(monkeypatch, obliging)
    app = with_model(home, model=str(chat_gguf), model_when=when)
    list(app.ingest([write(tmp_path, "a.txt", FLOOD)]))
    said = app.ask(question)
    assert (said.engine, said.status) == (engine, "answered")
    app.close()


@pytest.mark.parametrize(
    ("says_what", "dropped"), [("Presiden Sukarno membelinya [1]", 1), ("-", 0)], ids=["a lie", "nothing"]
)
def test_where_nothing_of_a_chat_model_stands_the_reader_answers(
    home: Path,
    tmp_path: Path,
    chat_gguf: Path,
    monkeypatch: pytest.MonkeyPatch,
    says_what: str,
    dropped: int,
) -> None:
    says(monkeypatch, lambda prompt: says_what)
    app = with_model(home, model=str(chat_gguf))
    list(app.ingest([write(tmp_path, "a.txt", FLOOD)]))
    parts: list[Answer] = []
    said = app.ask("Berapa orang meninggal akibat banjir di Demak?", partial=parts.append)
    assert (said.status, said.short, said.dropped, said.engine) == ("answered", "12 orang", dropped, "reader")
    assert said.citations[0].quote == "Sedikitnya 12 orang meninggal."
    assert {(part.text, part.engine) for part in parts} == {("12 orang [1]", "reader")}
    # How many claims were held back is said, but not as loudly as the answer.
    assert ("tidak didukung kutipannya: 1" in in_plain(said, {})) is bool(dropped)
    assert "pernyataan" not in said.text
    said = app.ask("Siapa presiden pertama Perancis?")
    assert (said.status, said.claims, said.engine) == ("abstained", (), "reader")
    app.close()


def test_a_model_that_cannot_be_used_is_a_line_and_the_reader_answers(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    app = with_model(home, model=str(broken))
    list(app.ingest([write(tmp_path, "a.txt", FLOOD)]))
    assert app.ask("Berapa orang meninggal akibat banjir di Demak?").engine == "reader"
    assert capsys.readouterr().out.count("the built-in reader answers") == 1
    app.close()


@pytest.mark.parametrize("seconds", [0.001, 120])
def test_a_server_that_does_not_answer_leaves_it_to_the_reader_which_says_so(
    home: Path, tmp_path: Path, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "PAUSE", 0.01)
    app = with_model(home, model_url="http://127.0.0.1:9/v1", model_seconds=seconds)
    list(app.ingest([write(tmp_path, "a.txt", FLOOD)]))
    said = app.ask("Berapa orang meninggal akibat banjir di Demak?", [Turn("Siapa Bupati Demak?", "Siti")])
    assert said.engine == "reader"
    assert "127.0.0.1:9 tidak menjawab" in said.text
    assert said.citations[0].quote == "Sedikitnya 12 orang meninggal."
    app.close()


def test_a_question_that_is_cancelled_while_a_model_writes_ends_and_the_next_is_answered(
    home: Path, tmp_path: Path, chat_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, obliging)
    app = with_model(home, model=str(chat_gguf))
    list(app.ingest([write(tmp_path, "a.txt", FLOOD)]))
    stop = threading.Event()
    question = "Berapa orang meninggal akibat banjir di Demak?"
    with pytest.raises(Cancelled):
        app.ask(question, partial=lambda said: stop.set(), stop=stop)
    assert app.ask(question).text.startswith("Sedikitnya 12 orang meninggal. [1]")
    app.close()


def test_a_removed_article_is_brought_back_as_a_new_version_with_the_same_text(
    app: App, tmp_path: Path
) -> None:
    list(app.ingest([write(tmp_path, "a.txt", "Bupati Demak ialah Siti Lestari.")]))
    first = app.archive.article("a")
    assert app.archive.remove("a")
    assert app.ask("Siapa Bupati Demak?").citations == ()
    assert app.bring_back("a")
    assert app.bring_back("a")
    again = app.archive.article("a")
    assert first is not None
    assert again == replace(first, version=2)
    assert app.ask("Siapa Bupati Demak?").citations[0].version == 2
    assert not app.bring_back("b")
