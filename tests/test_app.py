from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from rag.errors import Cancelled, StoreBusy


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
    from rag.reader import PASSAGE_TOKENS

    odd = "1 2 3 ! ? 北京 " * 600 + "." + "\n" + "a" * 5_000 + "\n" + "Ini kalimat biasa. " * 300
    list(app.ingest([write(tmp_path, "odd.txt", odd)]))
    keys = sorted(app.archive.keys_until(app.archive.change()))
    passages = app.archive.passages(keys)
    assert len(passages) > 5
    assert max(app._reader.pieces.count(passage.text) for passage in passages) <= PASSAGE_TOKENS


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
