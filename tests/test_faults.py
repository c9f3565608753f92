"""The store under faults, a few of each; `lab/faults` has the full counts."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from bot.app import App
from bot.settings import Settings
from lab.faults.articles import draft, jsonl, marker
from lab.faults.checker import State, examine
from rag.text.stems import stem

ROOT = Path(__file__).resolve().parents[1]


def faults(part: str, *options: str) -> str:
    """Runs a part of the harness in a process of its own: it forks, and this one has threads."""
    done = subprocess.run(
        [sys.executable, "-m", f"lab.faults.{part}", *options],
        capture_output=True,
        check=False,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_store_is_whole_after_a_kill_at_any_moment() -> None:
    assert "2 kills" in faults("kill", "--count", "2")


def test_damaged_files_are_answered_from_or_built_again() -> None:
    assert "3 damaged stores" in faults("damage", "--count", "3")


def test_what_one_process_adds_another_finds_and_two_add_nothing_twice() -> None:
    assert "0 failed" in faults("processes", "--minutes", "0.05", "--rounds", "1")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_costs_one_line_and_nothing_that_was_acknowledged() -> None:
    said = faults("disk", "--rounds", "1")
    assert "1 full disks" in said or "skipped" in said


def test_no_two_articles_share_a_marker_and_no_stemmer_changes_one() -> None:
    names = [marker(number) for number in range(0, 500_000, 97)]
    assert len(set(names)) == len(names)
    assert all(stem(name.lower(), "id") == name.lower() for name in names[:500])
    assert draft(1, 2, 1) == draft(1, 2, 1)
    assert draft(1, 2, 1).marker != draft(1, 2, 2).marker


def test_the_checker_finds_what_is_missing_or_half_there(home: Path, tmp_path: Path) -> None:
    drafts = [draft(1, number, 1, 5) for number in range(3)]
    (tmp_path / "a.jsonl").write_text(jsonl(drafts[:2]), encoding="utf-8")
    app = App(Settings.read())
    list(app.ingest([str(tmp_path / "a.jsonl")]))
    app.close()
    allowed = {each.id: [State(each, 1)] for each in drafts}
    missing = "article-00002 is missing, and should be version 1 with its own text"
    assert examine(home, allowed, Random(0)).problems == [missing]
    with closing(sqlite3.connect(home / "archive.db")) as db, db:
        db.execute("DELETE FROM sentence WHERE article = 'article-00000' AND number = 2")
        db.execute("UPDATE vector SET data = zeroblob(length(data)) WHERE chunk = 1")
        db.execute("UPDATE chunk SET terms = 'lain' WHERE key = 2")
    problems = "\n".join(examine(home, allowed, Random(0)).problems)
    assert "article-00000: its sentences leave text out" in problems
    assert "the archive holds 1 wrong vectors" in problems
    assert "the archive holds 1 wrong terms: those of chunks [2]" in problems
    assert "Chroma holds 1 wrong vectors" in problems
