from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from rag.errors import Conflict, EmbedderMismatch, SchemaTooNew, StoreError
from rag.store.archive import Archive
from rag.store.moving import Move
from rag.store.rows import Prepared
from rag.store.schema import STEPS, migrate
from rag.types import Article, Chunk, Removed, Sentence

BOTH = True


def entry(id: str, text: str = "Satu. Dua.", version: int = 1, url: str | None = None) -> Prepared:
    half = text.index(".") + 1
    return Prepared(
        Article(id, url, f"Judul {id}", "2023-09-05", "id", text, version),
        digest=f"{text}",
        removed=(Removed("teaser", 3, "BACA JUGA: x"),),
        sentences=[Sentence(id, 0, 0, half), Sentence(id, 1, half + 1, len(text))],
        chunks=[Chunk(id, 0, 0, 0), Chunk(id, 1, 1, 1)],
        terms=["satu", "dua"],
        vectors=np.eye(2, 4, dtype=np.float32),
    )


def keys(archive: Archive, since: int = 0) -> list[int]:
    return [key for batch in archive.added_since(since, archive.change(), 100) for key in batch]


def test_what_was_put_is_read_back_to_the_letter(archive: Archive) -> None:
    text = "Ia berkata: “ya”.\u2028 Dua 👩‍👩‍👧."
    archive.put([entry("a", text, url="https://x/a")], "e")
    article = archive.article("a")
    assert article is not None
    assert article.text == text
    assert (article.version, article.url, article.language) == (1, "https://x/a", "id")
    assert archive.removed("a", 1) == (Removed("teaser", 3, "BACA JUGA: x"),)
    first, second = archive.passages(keys(archive))
    assert first.text + text[first.sentences[-1].end : second.start] + second.text == text
    assert archive.vectors(keys(archive))[keys(archive)[1]].tolist() == [0, 1, 0, 0]


def test_the_change_number_grows_with_every_commit(archive: Archive) -> None:
    seen = [archive.change()]
    archive.put([entry("a")], "e")
    seen.append(archive.change())
    archive.put([entry("b")], "e")
    seen.append(archive.change())
    archive.remove("a")
    seen.append(archive.change())
    assert seen == sorted(set(seen))


def test_a_new_version_replaces_the_chunks_and_keeps_the_old_sentences(archive: Archive) -> None:
    archive.put([entry("a")], "e")
    old, change = keys(archive), archive.change()
    archive.put([entry("a", "Tiga. Empat.", version=2)], "e")
    assert archive.gone_since(change) == old
    assert set(keys(archive, change)).isdisjoint(old)
    assert archive.passages(old) == []
    before, now = archive.article("a", 1), archive.article("a")
    assert before is not None
    assert now is not None
    assert (before.text, now.text) == ("Satu. Dua.", "Tiga. Empat.")
    quotes = [before.text[s.start : s.end] for s in archive.sentences("a", 1)]
    assert quotes == ["Satu.", "Dua."]


def test_a_removed_article_is_not_found_and_its_versions_stay_unless_purged(archive: Archive) -> None:
    archive.put([entry("a"), entry("b")], "e")
    assert archive.remove("a")
    assert not archive.remove("a")
    assert archive.article("a") is None
    assert archive.article("a", 1) is not None
    assert [article.id for article in archive.articles()] == ["b"]
    assert archive.counts() == (1, 2)
    assert archive.remove("a", purge=True)
    assert archive.article("a", 1) is None
    assert not archive.remove("nope")


def test_an_article_is_known_by_its_id_and_by_its_url(archive: Archive) -> None:
    archive.put([entry("a", url="https://x/a")], "e")
    for known in (archive.known("a", None), archive.known("other", "https://x/a")):
        assert known is not None
        assert (known.id, known.version) == ("a", 1)
    assert archive.known("other", None) is None
    assert archive.all_known([("a", None), ("other", None)]) == [archive.known("a", None), None]


def test_of_two_articles_with_one_url_the_first_is_known_by_it_while_it_is_there(archive: Archive) -> None:
    archive.put([entry("a", url="https://x/a"), entry("b")], "e")
    archive.put([entry("b", version=2, url="https://x/a")], "e")
    for there in ("a", "b"):
        known = archive.known("other", "https://x/a")
        assert known is not None
        assert (known.id, known.removed) == (there, False)
        archive.remove(there)


def test_a_commit_is_all_or_nothing(archive: Archive) -> None:
    change = archive.change()
    with pytest.raises(Conflict):
        archive.put([entry("a"), entry("b", version=2)], "e")
    assert archive.article("a") is None
    assert archive.change() == change


def test_vectors_of_two_embedders_never_mix(archive: Archive) -> None:
    archive.put([entry("a")], "one")
    with pytest.raises(EmbedderMismatch):
        archive.put([entry("b")], "two")


def test_moving_to_another_embedder_goes_on_where_it_stopped(archive: Archive) -> None:
    archive.put([entry("a"), entry("b")], "one")
    all_keys, change = keys(archive), archive.change()
    move = Move(archive, "two")
    first = next(move.missing(3))
    move.put(first, np.ones((3, 8), np.float32))
    assert not move.finish()
    left = next(move.missing(3))
    assert sorted(first + left) == sorted(all_keys)
    move.put(left, np.ones((1, 8), np.float32))
    assert move.finish()
    assert archive.embedder() == "two"
    assert keys(archive, change) == all_keys
    assert all(vector.shape == (8,) for vector in archive.vectors(all_keys).values())


def test_another_process_sees_what_was_committed(archive: Archive) -> None:
    other = Archive(archive.place)
    archive.put([entry("a")], "e")
    assert other.article("a") == archive.article("a")
    other.close()


def test_threads_that_write_at_once_lose_nothing(archive: Archive) -> None:
    threads = [
        threading.Thread(target=lambda n=n: archive.put([entry(f"{n}-{i}") for i in range(5)], "e"))  # type: ignore[misc]
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert archive.counts() == (40, 80)


def test_a_new_archive_waits_for_another_process_that_makes_it_too(tmp_path: Path) -> None:
    # SQLite does not wait where the write-ahead log is to be turned on while another has begun to write.
    path = tmp_path / "archive.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    ends = threading.Timer(0.2, lambda: other.execute("COMMIT"))
    ends.start()
    archive = Archive(path)
    assert archive.counts() == (0, 0)
    archive.close()
    ends.join()
    other.close()


def test_an_older_archive_is_brought_up_to_date_with_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    db = sqlite3.connect(path, isolation_level=None)
    migrate(db, STEPS[:1])
    db.execute("INSERT INTO article (id, version) VALUES ('a', 1)")
    db.execute("INSERT INTO version VALUES ('a', 1, NULL, 'T', NULL, 'id', 'Satu.', 'd', '[]', '2026-01-01')")
    later = (*STEPS, "ALTER TABLE article ADD COLUMN seen TEXT; UPDATE article SET seen = 'ya;';")
    migrate(db, later)
    assert db.execute("PRAGMA user_version").fetchone()[0] == len(later)
    assert db.execute("SELECT id, seen FROM article").fetchall() == [("a", "ya;")]
    db.close()
    copy = sqlite3.connect(tmp_path / "old.db.schema-1")
    assert copy.execute("SELECT article, title FROM version").fetchall() == [("a", "T")]
    assert copy.execute("PRAGMA user_version").fetchone()[0] == 1
    copy.close()
    assert not list(tmp_path.glob("*.part"))


def test_a_step_that_fails_leaves_the_archive_as_it_was(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    migrate(db)
    with pytest.raises(sqlite3.OperationalError):
        migrate(db, (*STEPS, "CREATE TABLE extra (x); CREATE TABLE article (x);"))
    assert db.execute("PRAGMA user_version").fetchone()[0] == len(STEPS)
    assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'extra'").fetchall()
    db.close()


def test_an_archive_of_a_later_kutip_is_refused_with_one_line(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "new.db")
    db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(SchemaTooNew, match="999"):
        Archive(tmp_path / "new.db")


def test_a_file_that_is_no_archive_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_bytes(b"Dear Sir or Madam, " * 100)
    with pytest.raises(StoreError):
        Archive(path)
    assert path.read_bytes() == b"Dear Sir or Madam, " * 100


def test_articles_are_listed_by_page_the_latest_first(archive: Archive) -> None:
    for number in range(5):
        archive.put([entry(f"a{number}")], "e")
    archive.remove("a3")
    assert [item.id for item in archive.listed(0, 2)] == ["a4", "a2"]
    assert [item.id for item in archive.listed(2, 9)] == ["a1", "a0"]
    first = archive.listed(0, 1)[0]
    assert archive.id_of(first.key) == "a4"
    archive.remove("a4")
    assert archive.id_of(first.key) is None
