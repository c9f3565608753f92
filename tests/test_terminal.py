"""What a person at a terminal meets: words without quotation marks, lists, names, folders, feeds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_cli import Run, run

__all__ = ["run"]

LONG = "https://berita.example.co.id/nasional/2024/01/02/banjir-bandang-melanda-rawa.html"


def write(path: Path, *rows: dict[str, str]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def some(run: Run, tmp_path: Path) -> Run:
    rows = (
        {"id": "n1", "title": "Banjir Rawa", "published": "2024-01-02"}
        | {"text": "Bupati Rawa Nurhayati meninjau banjir. Warga mengungsi ke sekolah."},
        {"id": "n2", "published": "2024-03-04", "text": "Kiper Bahari adalah Rangga Putra. Ia cedera."},
        {"id": LONG, "url": LONG, "title": "Tanpa tanggal", "text": "Harga beras naik di pasar."},
    )
    assert run("ingest", write(tmp_path / "news.jsonl", *rows)).status == 0
    return run


def test_a_question_needs_no_quotation_marks(some: Run) -> None:
    done = some("ask", "Siapa", "kiper", "Bahari", "--json")
    answer = json.loads(done.out)
    assert (answer["question"], answer["short"]) == ("Siapa kiper Bahari", "Rangga Putra")
    assert some("ask", "--json", "Siapa kiper Bahari").out.startswith(done.out.partition('"seconds"')[0])


@pytest.mark.parametrize(
    "words", [("ask", "a", "b", "--batch", "f", "--json"), ("ask", "--today", "2024-01-01")]
)
def test_words_and_a_batch_do_not_go_together(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.status, len(done.err.splitlines())) == (2, 1)


def test_a_piped_answer_has_no_frames(some: Run) -> None:
    done = some("ask", "Siapa kiper Bahari?")
    assert not set("╭╰│") & set(done.out)
    assert "“Kiper Bahari adalah Rangga Putra.”" in done.lines[2]
    # An untitled article is called by its first words.
    assert done.lines[3] == "    Kiper Bahari adalah Rangga Putra. Ia cedera. · 4 Maret 2024 · n2"


def test_articles_are_listed_by_their_date_aligned_and_can_be_searched(some: Run) -> None:
    lines = some("articles", "list").lines
    pad = " " * (len(LONG) - 2)
    assert lines == [
        f"n2{pad}  2024-03-04  Kiper Bahari adalah Rangga Putra. Ia cedera.",
        f"n1{pad}  2024-01-02  Banjir Rawa",
        f"{LONG}              Tanpa tanggal",
    ]
    assert [json.loads(line)["id"] for line in some("articles", "list", "--json").lines] == ["n2", "n1", LONG]
    found = some("articles", "list", "rawa", "Warga", "--json")
    assert [json.loads(line)["id"] for line in found.lines] == ["n1"]
    assert json.loads(found.lines[0])["title"] == "Banjir Rawa"
    none = some("articles", "list", "gempa")
    assert (none.status, none.out, none.err) == (0, "", "no article holds these words\n")


def test_an_articles_sentences_can_be_seen(some: Run) -> None:
    lines = some("articles", "show", "n1", "--sentences").lines
    assert lines[-2:] == ["1  Bupati Rawa Nurhayati meninjau banjir.", "2  Warga mengungsi ke sekolah."]
    assert some("articles", "show", "n1").lines[-1].endswith("banjir. Warga mengungsi ke sekolah.")


def test_one_sentence_is_one_sentence_and_what_was_added_has_a_name(run: Run) -> None:
    done = run("ingest", "-", stdin=b"Hujan turun di Bogor sejak pagi.")
    assert done.lines[0].endswith("(1 sentence, 1 chunk) Hujan turun di Bogor sejak pagi.")
    assert run("rebuild").out == "rebuilt: 1 article, 1 chunk\n"
    assert "1 article ·" in run("chat", stdin=b"/quit\n").out


def test_a_setting_without_a_value_reads_as_one_phrase(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUTIP_PASSAGES", "3")
    lines = run("doctor", "--settings").lines
    assert "KUTIP_MODEL_KEY is not set" in lines
    assert lines[lines.index("KUTIP_MODEL_KEY is not set") + 1] == "    that server's API key"
    assert lines[lines.index("KUTIP_PASSAGES=3") + 1].endswith(" (default: 16)")
    assert not any("none)" in line and "default: none" in line for line in lines)


@pytest.mark.parametrize("content", ["x", "7", " . ", "a b c", "2024-01-02"])
def test_a_file_without_a_word_is_no_article(run: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "a.txt").write_text(content, encoding="utf-8")
    done = run("ingest", tmp_path / "a.txt")
    assert (done.status, done.lines) == (1, ["1 refused"])
    assert "no article text in it" in done.err
    assert run("articles", "list").out == ""


def homes(tmp_path: Path) -> list[Path]:
    file = tmp_path / "file"
    file.write_text("x")
    return [Path("/proc/kutip"), Path("/sys/kutip"), file / "below", tmp_path / ("n" * 300), file]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc and /sys are Linux's")
@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("command", [("articles", "list"), ("ask", "Siapa?"), ("demo",)])
def test_a_home_that_cannot_be_made_is_said_to_be_that_and_not_a_full_disk(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int, command: tuple[str, ...]
) -> None:
    home = homes(tmp_path)[place]
    monkeypatch.setenv("KUTIP_HOME", str(home))
    done = run(*command)
    assert (done.status, len(done.err.splitlines())) == (1, 1)
    assert "full" not in done.err
    assert "should not happen" not in done.err
    assert "KUTIP_HOME" in done.err
    assert str(home) in done.err


@pytest.mark.skipif(sys.platform != "linux", reason="/proc and /sys are Linux's")
@pytest.mark.parametrize("place", range(5))
def test_doctor_names_a_home_that_cannot_be_made(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    home = homes(tmp_path)[place]
    monkeypatch.setenv("KUTIP_HOME", str(home))
    lines = run("doctor").lines
    # A name that is too long is known only once a folder is made.
    said = f"broken   home: {home} cannot be written; set KUTIP_HOME to a folder that can"
    assert said in lines or len(home.name) > 255
    assert not any(line.startswith("warning  disk") for line in lines)


def test_a_home_of_a_user_who_is_not_there_is_a_wrong_setting(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUTIP_HOME", "~nobody-of-that-name/kutip")
    done = run("articles", "list")
    assert (done.status, len(done.err.splitlines())) == (1, 1)
    assert "KUTIP_HOME" in done.err
    assert "should not happen" not in done.err


def test_a_dead_feed_ends_a_single_look_with_1_every_time(run: Run) -> None:
    from tests.test_load_web import feed
    from tests.web_server import Site

    site = Site()
    url = feed(site, "a")
    assert run("watch", url, "--once", "--allow-local").status == 0
    site.pages["/feed"] = site.pages[url.removeprefix(site.url)] = (503, {}, b"")
    for _ in range(2):
        done = run("watch", url, "--once", "--allow-local")
        assert (done.status, done.out) == (1, "")
        assert "503" in done.err
    site.close()
    assert run("watch", url, "--once", "--allow-local").status == 1


def test_completion_is_installed_for_the_shell_that_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("kutip"), "--install-completion", "bash"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    )
    assert "bash completion installed" in done.stdout
    assert "kutip" in (tmp_path / ".bashrc").read_text(encoding="utf-8")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_can_complete_commands_and_names(shell: str, home: Path) -> None:
    kutip = Path(sys.executable).with_name("kutip")
    script = subprocess.run(
        [kutip, "--show-completion", shell],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    ).stdout
    assert "_KUTIP_COMPLETE" in script
    completed = subprocess.run(
        [kutip],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"_KUTIP_COMPLETE": "complete_bash", "COMP_WORDS": "kutip re", "COMP_CWORD": "1"},
    )
    assert completed.stdout.split() == ["rebuild", "restore"]
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        (["ask", "Siapa?"], False),
        (["--plain", "chat"], False),
        ([], False),
        (["--debug", "ask", "Siapa?"], True),
        (["telegram"], True),
        (["--lan", "telegram", "check"], True),
    ],
)
def test_what_libraries_write_to_standard_error_is_dropped_and_ours_is_not(
    arguments: list[str], kept: bool
) -> None:
    program = (
        "import os, subprocess, sys\n"
        "from bot.terminal import ERR, without_noise_of_libraries\n"
        f"without_noise_of_libraries({arguments!r})\n"
        "os.write(2, b\"thread 'main' panicked at src/lib.rs\\n\")\n"
        "print('ours é', file=sys.stderr)\n"
        "ERR.print('told')\n"
        "subprocess.run([sys.executable, '-c', 'import sys; print(1, file=sys.stderr)'], stderr=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert ("panicked" in done.stderr) == kept
    assert [line for line in done.stderr.splitlines() if "panicked" not in line] == ["ours é", "told", "1"]
    assert done.stdout == ""


def test_without_standard_error_nothing_is_dropped_and_nothing_fails() -> None:
    program = (
        "import os\nos.close(2)\nfrom bot.terminal import without_noise_of_libraries\n"
        "without_noise_of_libraries(['ask'])\nprint('here')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "here\n"
