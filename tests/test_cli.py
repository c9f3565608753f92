"""The command line as other programs see it, on the shipped models and the sample articles."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot import cli
from bot.demo import ARTICLES

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `kutip …` in this process: its exit status and both outputs."""

    def kutip(*words: str | Path, stdin: bytes = b"") -> SimpleNamespace:
        monkeypatch.setattr(sys, "argv", ["kutip", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return SimpleNamespace(status=end.value.code or 0, out=out, err=err, lines=out.splitlines())

    return kutip


@pytest.fixture
def filled(run: Run) -> Run:
    assert run("ingest", ARTICLES).status == 0
    return run


def test_the_defence_minister_is_named_first_in_both_languages(filled: Run) -> None:
    for question, language in (
        ("Siapa Menteri Pertahanan Rusia?", "id"),
        ("Who is Russia's defence minister?", "en"),
    ):
        done = filled("ask", "--json", question)
        answer = json.loads(done.out)
        assert (done.status, answer["status"], answer["language"]) == (0, "answered", language)
        assert answer["citations"][0]["quote"].startswith("Menteri Pertahanan Rusia, Sergei Shoigu,")
        assert answer["citations"][0]["number"] == 1


def test_an_answer_has_the_fields_of_the_contract_and_exact_quotes(filled: Run) -> None:
    texts = {row["id"]: row["text"] for row in map(json.loads, filled("articles", "export").lines)}
    answer = json.loads(filled("ask", "--json", "Berapa orang meninggal akibat banjir bandang?").out)
    assert set(answer) == {
        *("id", "question", "language", "status", "text", "short", "claims"),
        *("citations", "engine", "kind", "dropped", "seconds"),
    }
    assert answer["engine"] == "reader"
    assert {"retrieve", "read", "total"} <= set(answer["seconds"])
    for citation in answer["citations"]:
        assert set(citation) == {
            *("number", "article", "version", "title", "url", "published", "start", "end", "quote")
        }
        assert texts[citation["article"]][citation["start"] : citation["end"]] == citation["quote"]
    for claim in answer["claims"]:
        assert set(claim["citations"]) <= {citation["number"] for citation in answer["citations"]}


def test_an_abstention_is_an_answer(filled: Run) -> None:
    done = filled("ask", "--json", "How do I reset my router password?")
    answer = json.loads(done.out)
    assert (done.status, answer["status"], answer["claims"], answer["short"]) == (0, "abstained", [], None)


def test_a_batch_answers_in_order_and_goes_on_after_a_bad_line(filled: Run, tmp_path: Path) -> None:
    batch = tmp_path / "q.jsonl"
    batch.write_text(
        '{"id": "x", "question": "Siapa Bupati Tanah Rawang?"}\n'
        "{broken\n"
        '{"id": "y", "question": 5}\n'
        '{"id": "w", "question": "   "}\n'
        '{"id": "z", "question": "Why?", "history": [{"question": "a", "answer": "b"}]}\n',
        encoding="utf-8",
    )
    done = filled("ask", "--batch", batch, "--json")
    answers = [json.loads(line) for line in done.lines]
    assert [answer["id"] for answer in answers] == ["x", "q2", "y", "w", "z"]
    assert [answer["status"] == "failed" for answer in answers] == [False, True, True, True, False]
    assert all(set(answer) == {"id", "status", "error"} for answer in answers[1:4])
    assert done.status == 1
    assert "3 of 5" in done.err


def test_a_question_is_answered_as_on_the_day_that_is_given(run: Run, tmp_path: Path) -> None:
    articles = tmp_path / "cabai.jsonl"
    articles.write_text(
        '{"id": "a", "published": "2024-09-02", "text": "Harga cabai di Pasar Wonosari Rp 48.500."}\n'
        '{"id": "b", "published": "2024-09-09", "text": "Harga cabai di Pasar Wonosari Rp 55.000."}\n',
        encoding="utf-8",
    )
    run("ingest", articles)
    question = "Berapa harga cabai di Pasar Wonosari kemarin?"
    for today, article in (("2024-09-03", "a"), ("2024-09-10", "b")):
        answer = json.loads(run("ask", question, "--today", today, "--json").out)
        assert answer["citations"][0]["article"] == article
    batch = tmp_path / "q.jsonl"
    rows = [
        {"question": question},
        {"question": question, "today": "2024-09-10"},
        {"question": question, "today": 5},
    ]
    batch.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    done = run("ask", "--batch", batch, "--today", "2024-09-03", "--json")
    first, second, third = map(json.loads, done.lines)
    assert [each["citations"][0]["article"] for each in (first, second)] == ["a", "b"]
    assert "today" in third["error"]


def test_a_batch_keeps_its_ids_and_a_line_that_is_too_long_is_one_answer(filled: Run, tmp_path: Path) -> None:
    batch = tmp_path / "q.jsonl"
    long = b'{"id": "long", "question": "' + b"x" * 25_000_000 + b'"}\n'
    batch.write_bytes(b'{"id": 0, "question": "Siapa Kartika?"}\n' + long + b'{"question": "Apa?"}\n')
    answers = [json.loads(line) for line in filled("ask", "--batch", batch, "--json").lines]
    assert [(answer["id"], answer["status"] == "failed") for answer in answers] == [
        ("0", False),
        ("q2", True),
        ("q3", False),
    ]


def test_ingest_reports_in_json_and_says_unchanged_the_second_time(run: Run) -> None:
    first = [json.loads(line) for line in run("ingest", "--json", ARTICLES).lines]
    assert len(first) >= 12
    assert {row["status"] for row in first} == {"added"}
    assert set(first[0]) == {"id", "title", "status", "version", "sentences", "chunks"}
    again = [json.loads(line) for line in run("ingest", "--json", ARTICLES).lines]
    assert {row["status"] for row in again} == {"unchanged"}


def test_a_broken_line_is_named_and_the_other_39_are_kept(run: Run, tmp_path: Path) -> None:
    lines = [json.dumps({"id": f"n{n}", "text": f"Warga menanam {n} pohon."}) for n in range(1, 41)]
    lines[16] = lines[16][:-3]
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    done = run("ingest", path)
    assert done.status == 1
    assert "news.jsonl:17" in done.err
    assert len(done.err.splitlines()) == 1
    assert len(run("articles", "list").lines) == 39


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("binary.txt", bytes(range(256)) * 8),
        ("latin.txt", "Ia berkata “ya” di Café.".encode("cp1252")),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(64)),
        ("line.jsonl", b'{"text": "' + b"a" * 50_000_000 + b'"}'),
    ],
)
def test_a_file_that_cannot_be_used_is_one_clear_line(
    run: Run, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = run("ingest", path)
    assert done.status == 1
    assert len(done.err.splitlines()) == 1
    assert name in done.err
    assert run("articles", "list").out == ""


def test_a_missing_file_is_one_clear_line_and_the_others_are_added(run: Run, tmp_path: Path) -> None:
    good = tmp_path / "baik.txt"
    good.write_text("Hujan turun di Bogor.", encoding="utf-8")
    done = run("ingest", tmp_path / "nowhere.txt", good)
    assert done.status == 1
    assert "nowhere.txt" in done.err
    assert len(done.err.splitlines()) == 1
    assert run("articles", "list").lines == ["baik              baik"]


@pytest.mark.parametrize(
    "words",
    [
        ("ask",),
        ("ask", "--nonsense", "x"),
        ("ask", "a", "--batch", "b", "--json"),
        ("ask", "a", "--today", "kemarin"),
        ("ask", "a", "--today", "2024-02-30"),
        ("nonsense",),
        ("ingest",),
        ("articles", "show"),
    ],
)
def test_wrong_usage_is_status_2_and_one_line(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.status == 2
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("ask", "   "),
        ("articles", "show", "x"),
        ("articles", "remove", "x"),
        ("ask", "--batch", "no.jsonl", "--json"),
    ],
)
def test_what_fails_is_status_1_and_one_line(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.status == 1
    assert len(done.err.splitlines()) == 1


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUTIP_PASSAGES", "many")
    done = run("ask", "Siapa?")
    assert (done.status, len(done.err.splitlines())) == (1, 1)
    assert "KUTIP_PASSAGES" in done.err


def test_articles_are_shown_with_what_was_removed_and_can_be_taken_out(filled: Run) -> None:
    shown = filled("articles", "show", "seed-1")
    assert "Taiwan" not in shown.out
    assert "BACA JUGA" in shown.err
    assert filled("articles", "remove", "seed-1").status == 0
    assert "seed-1" not in [line.split()[0] for line in filled("articles", "list").lines]
    answer = json.loads(filled("ask", "--json", "Siapa Menteri Pertahanan Rusia?").out)
    assert all(citation["article"] != "seed-1" for citation in answer["citations"])


def test_standard_input_is_read_once_named(run: Run) -> None:
    done = run("ingest", "-", stdin=b'{"id": "s1", "text": "Air naik di Demak."}\n')
    assert (done.status, run("articles", "list").lines[0].split()[0]) == (0, "s1")


def test_two_homes_do_not_touch_each_other(
    filled: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUTIP_HOME", str(tmp_path / "other"))
    assert filled("articles", "list").out == ""
    answer = json.loads(filled("ask", "--json", "Siapa Menteri Pertahanan Rusia?").out)
    assert (answer["status"], answer["citations"]) == ("abstained", [])


def test_copy_makes_a_whole_archive_and_says_what_is_wrong_in_one_line(
    filled: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = filled("copy", home / "archive.db", tmp_path / "other" / "archive.db")
    assert (done.status, done.err) == (0, "")
    assert "each equal to its source" in done.out
    for words, said in (
        (("copy", home / "archive.db", tmp_path / "other" / "archive.db"), "--force"),
        (("copy", tmp_path / "no.db", tmp_path / "x.db"), "no archive"),
        (("copy", home / "archive.db", "postgresql://ani:ra/hasia@db/kutip"), "%2F"),
    ):
        failed = filled(*words)
        assert failed.status == 1
        assert said in failed.err
        assert failed.err.count("\n") == 1
        assert "hasia" not in failed.err
    listed = filled("articles", "list").out
    monkeypatch.setenv("KUTIP_HOME", str(tmp_path / "other"))
    assert filled("articles", "list").out == listed


def test_doctor_lists_every_setting_also_while_one_is_wrong(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUTIP_PASSAGES", "many")
    monkeypatch.setenv("KUTIP_MODEL_KEY", "sekret")
    done = run("doctor", "--settings")
    assert "sekret" not in done.out
    assert f"KUTIP_HOME={home}" in done.lines
    assert "KUTIP_PASSAGES=many" in done.lines
    assert "default: 12" in done.out
    assert all(line.startswith(("KUTIP_", "    ")) for line in done.lines)


def test_a_settings_file_is_read_and_its_paths_expanded(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUTIP_HOME")
    monkeypatch.setenv("HOME", str(Path.cwd()))
    Path(".env").write_text("KUTIP_HOME=~/berita\n")
    assert run("articles", "list").status == 0
    assert Path("berita/archive.db").exists()
    Path(".env").write_bytes(b"KUTIP_HOME=\xff\n")
    assert run("articles", "list").status == 1


def test_what_an_article_brings_cannot_drive_the_terminal(run: Run, tmp_path: Path) -> None:
    title = "\x1b]0;pwn\x07Judul\x1b[2J \u202eterbalik\x9b"
    path = tmp_path / "d\x1b[31m\nz.jsonl"
    path.write_text(
        json.dumps({"id": "a\x1bb", "title": title, "url": "javascript:\x1b", "text": "Hujan\x1b[2J turun."})
        + "\n{",
        encoding="utf-8",
    )
    outputs = [
        run("ingest", path),
        run("articles", "list"),
        run("articles", "show", "ab"),
        run("ask", "Hujan?"),
    ]
    shown = "".join(done.out + done.err for done in outputs)
    assert "Judul" in shown
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}


def test_the_bar_leaves_standard_output_alone(tmp_path: Path, home: Path) -> None:
    """With a terminal for standard error and a file for output, as in `kutip ingest --json … > file`."""
    import pty

    code = (
        "import sys, bot.progress; bot.progress.PATIENCE = -1;"
        f"sys.argv = ['kutip', 'ingest', '--json', {str(ARTICLES)!r}];"
        "from bot.cli import main; main()"
    )
    leader, follower = pty.openpty()
    with (tmp_path / "out.jsonl").open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=out, stderr=follower)
        os.close(follower)
        seen = b""
        while chunk := _read(leader):
            seen += chunk
        assert process.wait(60) == 0
    os.close(leader)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(list(ARTICLES.iterdir()))
    assert b"articles" in seen


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side was closed
        return b""


def test_without_a_command_the_help_is_shown_as_it_is(run: Run) -> None:
    done = run()
    assert done.status == 2
    assert len(done.err.splitlines()) > 5


def test_rebuild_keeps_the_answers(filled: Run) -> None:
    before = json.loads(filled("ask", "--json", "Siapa Bupati Tanah Rawang?").out)
    assert filled("rebuild").status == 0
    after = json.loads(filled("ask", "--json", "Siapa Bupati Tanah Rawang?").out)
    assert after["citations"] == before["citations"]


def test_another_embedder_is_one_command_away(
    filled: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tiny_gguf import write_embedder

    monkeypatch.setenv("KUTIP_EMBEDDER", str(write_embedder(tmp_path / "tiny.gguf")))
    done = filled("ask", "Siapa Bupati Tanah Rawang?")
    assert done.status == 1
    assert "kutip rebuild --embed" in done.err
    assert filled("rebuild", "--embed").status == 0
    answer = json.loads(filled("ask", "--json", "Siapa Bupati Tanah Rawang?").out)
    assert answer["citations"][0]["article"] == "seed-3"


def test_the_demo_answers_in_both_languages(run: Run) -> None:
    done = run("demo")
    assert done.status == 0
    assert "Sergei Shoigu" in done.out
    assert run("demo").status == 0


def test_a_terminal_that_is_no_terminal_gets_the_chat_without_the_frills(filled: Run) -> None:
    typed = "/help\nSiapa Bupati Tanah Rawang?\n/sources\n/nonsense\n\n/quit\nnot read"
    done = filled("chat", stdin=typed.encode())
    assert done.status == 0
    assert "Nurhayati" in done.out
    assert "/nonsense" in done.out
    assert "seed-3" in done.out


def test_the_command_is_installed_and_starts_without_the_heavy_libraries() -> None:
    code = "import sys, bot.cli; print([m for m in ('chromadb', 'llama_cpp', 'tantivy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    kutip = Path(sys.executable).with_name("kutip")
    assert subprocess.run([kutip, "--help"], capture_output=True, check=True).stdout


def test_doctor_says_of_each_piece_whether_it_is_well(filled: Run, home: Path) -> None:
    done = filled("doctor")
    assert done.status == 0
    assert {line.split()[0] for line in done.lines} == {"ok"}
    assert any("14 articles" in line for line in done.lines)
    (home / "archive.db").write_bytes(b"x" * 5_000)
    for side in ("archive.db-wal", "archive.db-shm"):
        (home / side).unlink(missing_ok=True)
    done = filled("doctor")
    assert done.status == 1
    assert any(line.startswith("broken") and "kutip restore" in line for line in done.lines)


def test_a_backup_goes_from_one_home_to_another(
    filled: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = filled("articles", "export").out
    there = filled("backup", tmp_path / "kutip.db")
    assert (there.status, there.err) == (0, "")
    assert filled("backup", tmp_path / "kutip.db").status == 1
    made = filled("backup", tmp_path / "no" / "where" / "kutip.db")
    assert (made.status, made.err) == (0, f"{tmp_path / 'no' / 'where'} was not there and has been made\n")
    monkeypatch.setenv("KUTIP_HOME", str(tmp_path / "other"))
    assert filled("restore", tmp_path / "kutip.db").status == 0
    assert filled("articles", "export").out == exported


def test_an_export_is_read_by_another_machine_and_changes_nothing_here(
    filled: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text(filled("articles", "export").out, encoding="utf-8")
    assert filled("ingest", path).lines == ["14 unchanged"]
    monkeypatch.setenv("KUTIP_HOME", str(tmp_path / "other"))
    assert filled("ingest", path).lines[-1] == "14 added"
    assert filled("articles", "export").out == path.read_text(encoding="utf-8")


def test_watch_adds_what_is_new_and_an_address_within_is_allowed_by_a_flag_only(run: Run) -> None:
    from tests.test_load_web import feed
    from tests.web_server import Site

    site = Site()
    url = feed(site, "a")
    assert run("ingest", url).err.count("not on the public internet") == 1
    assert run("watch", url, "--once", "--allow-local").lines[0].startswith("added:")
    assert run("watch", url, "--once", "--allow-local").out == ""
    site.close()


@pytest.mark.parametrize("place", ["ftp://example.com/feed", "file:///etc/passwd", "feed.xml"])
def test_watch_ends_at_once_where_there_is_nothing_that_it_could_ever_fetch(run: Run, place: str) -> None:
    said = run("watch", place)
    assert (said.status, said.out) == (1, "")
    assert "only http and https addresses are fetched" in said.err


def test_doctor_sees_that_the_write_ahead_log_was_deleted(filled: Run, home: Path) -> None:
    for _ in range(2):
        assert {line.split()[0] for line in filled("doctor").lines} == {"ok"}
    with closing(sqlite3.connect(home / "archive.db")) as db, db:
        db.execute("INSERT INTO meta VALUES ('tried', '1')")
        db.commit()
        (home / "archive.db-wal").unlink()
        done = filled("doctor")
    assert done.status == 1
    assert any("archive.db-wal was deleted" in line for line in done.lines)


def test_doctor_sees_that_the_archive_lacks_what_the_indexes_have_taken(
    filled: Run, home: Path, tmp_path: Path
) -> None:
    before = (home / "archive.db").read_bytes()
    (tmp_path / "a.txt").write_text("Bupati Demak ialah Siti Lestari.", encoding="utf-8")
    assert filled("ingest", tmp_path / "a.txt").status == 0
    (home / "archive.db").write_bytes(before)
    done = filled("doctor")
    assert done.status == 1
    assert any("it lacks 1 commit that" in line for line in done.lines)


@pytest.mark.parametrize(
    "words", [("backup",), ("restore",), ("model", "use"), ("ingest",), ("ask", "--json", "--batch")]
)
@pytest.mark.parametrize("name", ["a" * 300, "a/" * 3000, "ベ" * 200])
def test_a_name_that_is_too_long_is_one_line(run: Run, words: tuple[str, ...], name: str) -> None:
    done = run(*words, name)
    assert done.status in (1, 2)
    assert len(done.err.splitlines()) == 1
    assert "should not happen" not in done.err
