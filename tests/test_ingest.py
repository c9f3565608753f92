from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.cutting.article import Window, Workers, reading_window
from rag.errors import EmbedderMismatch
from rag.ingest import Ingested, ingest
from rag.load import Refusal
from rag.store.archive import Archive
from rag.text.wordpiece import SPECIAL, WordPiece
from rag.types import Source
from tests.conftest import HashEmbedder, source

BOTH = True
TEXT = "Rusia mengadakan latihan. BACA JUGA : Perkelahian di Taiwan\nKorea Utara setuju."


def run(
    archive: Archive, embedder: HashEmbedder, window: Window, *sources: Source | Refusal
) -> list[Ingested]:
    return list(ingest(sources, archive, embedder, window))


def test_added_then_unchanged_then_updated(archive: Archive, embedder: HashEmbedder, window: Window) -> None:
    first = run(archive, embedder, window, source(TEXT, "a"))[0]
    embedded, change = embedder.embedded, archive.change()
    again = run(archive, embedder, window, source(TEXT, "a"))[0]
    assert (first.status, first.version, again.status, again.version) == ("added", 1, "unchanged", 1)
    assert (again.sentences, again.chunks) == (first.sentences, first.chunks)
    assert (embedder.embedded, archive.change()) == (embedded, change)
    other = run(archive, embedder, window, source(TEXT + " Cina ikut.", "a"))[0]
    assert (other.status, other.version) == ("updated", 2)
    assert archive.article("a", 1) is not None


def test_the_same_text_with_another_title_is_a_new_version(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    run(archive, embedder, window, source(TEXT, "a", title="Satu"))
    assert run(archive, embedder, window, source(TEXT, "a", title="Dua"))[0].status == "updated"


def test_the_same_url_is_the_same_article(archive: Archive, embedder: HashEmbedder, window: Window) -> None:
    run(archive, embedder, window, source(TEXT, "a", url="https://x/a"))
    done = run(archive, embedder, window, source(TEXT + " Lagi.", None, url="https://x/a"))[0]
    assert (done.id, done.status, done.version) == ("a", "updated", 2)


def test_a_removed_article_can_be_added_again(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    run(archive, embedder, window, source(TEXT, "a"))
    archive.remove("a")
    done = run(archive, embedder, window, source(TEXT, "a"))[0]
    assert (done.status, done.version) == ("added", 2)


@pytest.mark.parametrize("same", [{"id": "a"}, {"url": "https://x/a"}])
def test_of_two_with_one_id_or_url_in_one_input_the_second_is_refused_and_both_named(
    archive: Archive, embedder: HashEmbedder, window: Window, same: dict[str, str]
) -> None:
    ids = {"id": "one"} | same, {"id": "two"} | same
    first, second = (Source(f"f.jsonl:{n}", f"Teks nomor {n}.", **fields) for n, fields in enumerate(ids, 1))
    done = run(archive, embedder, window, first, second)
    assert [item.status for item in done] == ["added", "refused"]
    assert "f.jsonl:1" in (done[1].reason or "")
    assert "f.jsonl:2" in (done[1].reason or "")
    assert archive.counts()[0] == 1


def test_what_was_refused_does_not_refuse_others(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    done = run(
        archive,
        embedder,
        window,
        Source("f:1", "Satu.", id="1", url="u"),
        Source("f:2", "Dua.", id="2", url="u"),
        Source("f:3", "Tiga.", id="2"),
    )
    assert [item.status for item in done] == ["added", "refused", "added"]


def test_a_teaser_is_kept_beside_the_article_and_is_no_sentence(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    run(
        archive,
        embedder,
        window,
        source("Rusia latihan.\nBACA JUGA : Perkelahian di Taiwan\nKorea setuju.", "a"),
    )
    article = archive.article("a")
    assert article is not None
    assert "Taiwan" not in article.text
    assert any("Taiwan" in removed.text for removed in archive.removed("a", 1))


def test_what_was_exported_comes_back_unchanged(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    run(archive, embedder, window, source(TEXT, "a", title="T"))
    article = archive.article("a")
    assert article is not None
    assert article.text != TEXT
    assert run(archive, embedder, window, source(article.text, "a", title="T"))[0].status == "unchanged"


def test_an_article_that_is_all_furniture_is_refused(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    done = run(archive, embedder, window, source("ADVERTISEMENT\n", "a"))[0]
    assert (done.status, archive.counts()) == ("refused", (0, 0))


def test_what_could_not_be_read_is_reported_in_its_place(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    done = run(
        archive, embedder, window, source(TEXT, "a"), Refusal("f:2", "not JSON"), source(TEXT + " Z.", "b")
    )
    assert [(item.status, item.reason) for item in done] == [
        ("added", None),
        ("refused", "f:2: not JSON"),
        ("added", None),
    ]


def test_another_embedder_is_refused_before_anything_is_written(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    run(archive, embedder, window, source(TEXT, "a"))
    with pytest.raises(EmbedderMismatch, match="rebuild --embed"):
        run(archive, HashEmbedder("other"), window, source(TEXT + " Z.", "b"))


def test_an_article_that_another_process_commits_meanwhile_is_looked_at_again(
    archive: Archive, window: Window
) -> None:
    rival = Archive(archive.place)

    class Slow(HashEmbedder):
        def passages(self, texts):  # type: ignore[no-untyped-def]
            if not self.embedded:
                self.embedded = 1
                run(rival, HashEmbedder(), window, source(TEXT, "a"))
            return super().passages(texts)

    done = run(archive, Slow(), window, source(TEXT, "a"), source(TEXT + " Z.", "b"))
    assert [item.status for item in done] == ["unchanged", "added"]
    rival.close()


@pytest.mark.on("postgresql")
@pytest.mark.parametrize("when", ["SELECT max(version)", "COMMIT"])
def test_articles_whose_commit_loses_its_connection_are_there_once_and_reported_as_added(
    archive: Archive,
    embedder: HashEmbedder,
    window: Window,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    done, lost = [], []
    execute = psycopg.Connection.execute

    def cut(self, query, *rest, **named):  # type: ignore[no-untyped-def]
        answer = execute(self, query, *rest, **named)
        if str(query).startswith(when) and not lost:
            lost.append(query)
            # After a COMMIT the server has it, and its word does not come back.
            self.close()
            raise psycopg.OperationalError("the connection is lost")
        return answer

    monkeypatch.setattr(psycopg.Connection, "execute", cut)
    done = run(archive, embedder, window, source(TEXT, "a"), source(TEXT + " Z.", "b"))
    assert lost
    assert [(item.status, item.version) for item in done] == [("added", 1), ("added", 1)]
    assert archive.counts()[0] == 2


@pytest.mark.on("sqlite")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=600))
def test_every_sentence_of_arbitrary_text_is_stored_to_the_letter(
    archive: Archive, embedder: HashEmbedder, window: Window, text: str
) -> None:
    done = run(archive, embedder, window, source(text, "x"))[0]
    if done.status in ("added", "updated"):
        assert done.version is not None
        article = archive.article("x")
        assert article is not None
        sentences = archive.sentences("x", done.version)
        covered = "".join(article.text[s.start : s.end] for s in sentences)
        assert "".join(covered.split()) == "".join(article.text.split())
        for sentence in sentences:
            quote = article.text[sentence.start : sentence.end]
            assert quote == quote.strip()
            assert window.fits(quote)
            assert 0 < len(quote) <= 1000


def test_a_long_input_is_cut_by_workers_as_it_would_be_here(
    tmp_path: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.ingest.BATCH", 4)
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = WordPiece([*SPECIAL, *letters, ".", *(f"##{letter}" for letter in letters)])
    texts = [f"Jakarta - Kucing nomor {'x' * n} tidur. Anjing lari pagi ini. (abc/def)" for n in range(30)]
    items = [source(text, str(place)) for place, text in enumerate(texts)]
    items.insert(20, source("", "empty"))
    workers, window = Workers(lambda: pieces, 64), reading_window(pieces, 64)
    kept = []
    for name, helped in (("with", workers), ("without", None)):
        archive = Archive(tmp_path / f"{name}.db")
        done = list(ingest(items, archive, embedder, window, helped))
        assert [each.id for each in done] == [item.id for item in items]
        articles = list(archive.articles())
        keys = sorted(archive.keys_until(archive.change()))
        vectors = {key: vector.tobytes() for key, vector in archive.vectors(keys).items()}
        sentences = [archive.sentences(a.id, a.version) for a in articles]
        kept.append((done, articles, sentences, archive.terms(keys), vectors))
        archive.close()
    workers.close()
    assert kept[0] == kept[1]
    assert [each.status for each in kept[0][0]].count("added") == 30


@pytest.mark.on("sqlite")
def test_workers_that_are_killed_cost_no_article(
    tmp_path: Path, archive: Archive, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.ingest.BATCH", 4)
    pieces = WordPiece([*SPECIAL, *"abcdefghijklmnopqrstuvwxyz."])
    workers, window = Workers(lambda: pieces, 64), reading_window(pieces, 64)
    items = [source(f"Kucing nomor {'x' * n} tidur.", str(n)) for n in range(60)]
    done = []
    for each in ingest(items, archive, embedder, window, workers):
        done.append(each.status)
        if len(done) == 20:
            for process in multiprocessing.active_children():
                process.kill()
    workers.close()
    assert done == ["added"] * 60


KILLED = """
import os, signal, sys
from rag.cutting.article import Workers
from rag.types import Source
from rag.text.wordpiece import SPECIAL, WordPiece
if __name__ == "__main__":
    workers = Workers(lambda: WordPiece([*SPECIAL, *"abcdefghijklmnopqrstuvwxyz."]), 64)
    workers.submit([Source("1", "Kucing tidur.", "1")]).result()
    workers.submit([Source("2", "Anjing lari.", "2")])
    print(len(os.listdir(sys.argv[1])), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_workers_hand_over_is_taken_away_when_the_parent_is_killed(tmp_path: Path) -> None:
    script, folder = tmp_path / "script.py", tmp_path / "tmp"
    script.write_text(KILLED, encoding="utf-8")
    folder.mkdir()
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "TMPDIR": str(folder)}
    ended = subprocess.run(
        [sys.executable, script, folder], check=False, env=env, capture_output=True, text=True, timeout=60
    )
    assert ended.stdout == "1\n", ended.stderr
    until = time.monotonic() + 30
    while os.listdir(folder) and time.monotonic() < until:
        time.sleep(0.05)
    assert os.listdir(folder) == []


UNSTARTABLE = """
import sys
from pathlib import Path
if __name__ == "__mp_main__":
    sys.exit("not in a worker")
from rag.store.archive import Archive
from rag.cutting.article import Workers, reading_window
from rag.ingest import ingest
from rag.types import Source
from rag.text.wordpiece import SPECIAL, WordPiece
from tests.conftest import HashEmbedder
pieces = WordPiece([*SPECIAL, *"abcdefghijklmnopqrstuvwxyz.", *(f"word{n}" for n in range(40_000))])
workers, window = Workers(lambda: pieces, 64), reading_window(pieces, 64)
items = [Source(str(n), f"Kucing nomor {'x' * n} tidur.", str(n)) for n in range(400)]
archive = Archive(Path(sys.argv[1]))
print({each.status for each in ingest(items, archive, HashEmbedder(), window, workers)})
workers.close()
archive.close()
"""


def test_workers_that_die_before_they_have_read_what_they_are_given_hold_up_nothing(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(UNSTARTABLE, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, script, tmp_path / "archive.db"],
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.stdout == "{'added'}\n", ended.stderr
