from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import StoreError
from rag.search.query import Query, Term
from rag.store.bm25 import Collection, Scorer
from rag.store.lexical import Indexed, LexicalIndex, verify

QUAKE = Indexed.of(1, "id", "Gempa bumi mengguncang Aceh pada Senin pagi. Warga berlarian ke luar rumah.")
HARVEST = Indexed.of(2, "id", "Petani di Karawang memanen padi lebih awal karena kemarau.")
MARKET = Indexed.of(3, "en", "Traders in Aceh reopened the market a week after the earthquake.")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[LexicalIndex]:
    index = LexicalIndex(tmp_path / "lexical")
    index.apply([], [QUAKE, HARVEST, MARKET])
    yield index
    index.close()


def about(*stems: str, language: str = "id") -> Query:
    return {"en" if language == "en" else "id": [(Term(stem),) for stem in stems]}


def found(index: LexicalIndex, query: Query, limit: int = 10) -> list[int]:
    return [key for key, _ in index.search(query, limit)]


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "new")
    assert index.count() == 0
    assert index.keys() == set()
    assert index.search(about("gempa"), 5) == []


def test_a_chunk_is_found_by_its_stem_in_its_language(index: LexicalIndex) -> None:
    assert found(index, about("panen")) == [2]
    assert found(index, about("market", language="en")) == [3]
    assert found(index, about("market")) == []


def test_both_languages_are_one_list(index: LexicalIndex) -> None:
    hits = index.search({"id": [(Term("aceh"),)], "en": [(Term("aceh"),)]}, 10)
    assert {key for key, _ in hits} == {1, 3}
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)


def test_the_title_counts(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "lexical")
    index.apply(
        [],
        [
            Indexed.of(1, "id", "Harganya turun."),
            Indexed.of(2, "id", "Harganya turun.", title="Beras"),
        ],
    )
    assert found(index, about("beras")) == [2]


def test_the_day_of_publication_counts(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "lexical")
    index.apply([], [Indexed.of(1, "id", "Harganya turun.", published="2023-08-05T10:00:00+07:00")])
    index.apply(
        [],
        [
            Indexed.of(2, "en", "Prices fell.", published="2023-13-05"),
            Indexed.of(3, "en", "Up.", published="?"),
        ],
    )
    assert found(index, about("agustus", "2023")) == [1]
    assert found(index, about("2023", language="en")) == []


def test_no_more_than_the_limit_comes_back_and_the_best_come_first(index: LexicalIndex) -> None:
    assert found(index, about("aceh", "gempa", "karawang"), limit=1) == [1]


def test_it_is_all_there_after_reopening(index: LexicalIndex, tmp_path: Path) -> None:
    before = index.search(about("aceh", "padi"), 10)
    index.close()
    again = LexicalIndex(tmp_path / "lexical")
    assert again.keys() == {1, 2, 3}
    assert again.search(about("aceh", "padi"), 10) == before


def test_the_same_key_replaces_and_the_same_call_changes_nothing(index: LexicalIndex) -> None:
    for _ in range(2):
        index.apply([2], [Indexed.of(1, "id", "Banjir surut di Demak.")])
        assert index.keys() == {1, 3}
        assert index.count() == 2
        assert found(index, about("gempa")) == []
        assert found(index, about("banjir")) == [1]


def test_removing_what_is_not_there_changes_nothing(index: LexicalIndex) -> None:
    index.apply([77], [])
    assert index.keys() == {1, 2, 3}


def test_a_failure_while_adding_applies_nothing(index: LexicalIndex) -> None:
    def broken() -> Iterator[Indexed]:
        yield Indexed.of(4, "id", "Baru")
        raise KeyError("the archive went away")

    with pytest.raises(KeyError):
        index.apply([1], broken())
    index.apply([], [Indexed.of(5, "id", "Lain")])
    assert index.keys() == {1, 2, 3, 5}


def test_a_rarer_word_weighs_more(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "lexical")
    common = [Indexed.of(key, "id", f"harga naik di pasar {key}") for key in range(50)]
    index.apply([], [*common, Indexed.of(100, "id", "garam naik di gudang seratus")])
    assert found(index, about("harga", "garam"))[0] == 100


def test_a_word_with_many_translations_weighs_no_more_than_a_word_with_one() -> None:
    collection = Collection(1000, 10.0)
    spread = dict.fromkeys(("a", "b", "c", "d"), 10)
    one = Scorer([(Term("a"),), (Term("d"),)], spread, collection)
    many = Scorer([(Term("a"), Term("b"), Term("c")), (Term("d"),)], spread, collection)
    text = ["d", "x", "a", "x", "b", "x", "c", "x", "x", "x"]
    assert many.score(["x", "x", "b"]) > 0 == one.score(["x", "x", "b"])
    assert many.score(text) < 1.5 * one.score(text)


def test_a_language_that_is_rare_in_the_archive_is_not_favoured(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "lexical")
    index.apply([], [Indexed.of(key, "id", f"Presiden berbicara tentang hal {key}") for key in range(200)])
    index.apply([], [Indexed.of(1000 + key, "en", f"The minister spoke of item {key}") for key in range(3)])
    index.apply([], [Indexed.of(2000, "id", "Widodo tiba"), Indexed.of(2001, "en", "Widodo spoke")])
    hits = dict(index.search({"id": [(Term("widodo"),)], "en": [(Term("widodo"),)]}, 10))
    assert hits[2000] > hits[2001]


def test_five_thousand_terms_are_asked_at_once(index: LexicalIndex) -> None:
    concepts = [(Term(f"kata{number}"), Term("gempa", 0.01)) for number in range(5_000)]
    assert found(index, {"id": concepts}) == [1]


def test_a_second_writer_is_one_clear_error(index: LexicalIndex, tmp_path: Path) -> None:
    program = (
        "import sys, tantivy\n"
        "writer = tantivy.Index.open(sys.argv[1]).writer(20_000_000, 1)\n"
        "print('holding', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "lexical")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "holding\n"
        with pytest.raises(StoreError):
            index.apply([1], [])
        other.communicate()
    index.apply([1], [])
    assert index.keys() == {2, 3}


def test_kills_while_adding_leave_whole_batches(tmp_path: Path) -> None:
    folder = tmp_path / "lexical"
    program = (
        "import sys; from pathlib import Path; from rag.store.lexical import *\n"
        "index = LexicalIndex(Path(sys.argv[1]))\n"
        "for batch in range(1000):\n"
        "    keys = range(batch * 10, batch * 10 + 10)\n"
        "    index.apply([], [Indexed.of(key, 'id', f'artikel nomor {key}') for key in keys])\n"
        "    print(batch, flush=True)\n"
    )
    for upto in (3, 7):
        command = [sys.executable, "-c", program, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if int(line) == upto:
                    os.kill(child.pid, signal.SIGKILL)
                    break
        index = LexicalIndex(folder)
        keys = index.keys()
        assert keys >= set(range((upto + 1) * 10))
        assert len(keys) == index.count()
        assert len(keys) % 10 == 0
        index.close()


@pytest.mark.parametrize("damage", ["meta.json", "*.store", "*.idx"])
def test_a_damaged_index_is_one_clear_error(index: LexicalIndex, tmp_path: Path, damage: str) -> None:
    index.close()
    for path in (tmp_path / "lexical").glob(damage):
        path.write_bytes(b"?")
    with pytest.raises(StoreError, match="kutip rebuild"):
        LexicalIndex(tmp_path / "lexical").search(about("gempa"), 5)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=400), word=st.text(max_size=30))
def test_any_text_is_taken_and_any_term_is_asked(index: LexicalIndex, text: str, word: str) -> None:
    index.apply([], [Indexed.of(9, "id", text, title=text[:50])])
    assert index.keys() == {1, 2, 3, 9}
    assert all(score >= 0 for _, score in index.search(about(word or "?", "gempa"), 10))


@pytest.mark.parametrize(
    "text", ["", "\x00", "a" * 100_000, "\ud800 lone", "١٢٣ १२३", "👩‍👩‍👧 gempa\u2028aceh"]
)
def test_weird_text_is_taken(index: LexicalIndex, text: str) -> None:
    index.apply([], [Indexed.of(9, "id", text)])
    assert index.count() == 4


def test_a_changed_byte_in_any_file_is_found(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path)
    index.apply([], [Indexed.of(key, "id", f"Kucing nomor {key} tidur.") for key in range(1, 40)])
    index.apply([3], [])
    index.close()
    verify(tmp_path)
    segments = json.loads((tmp_path / "meta.json").read_text(encoding="utf-8"))["segments"]
    names = {segment["segment_id"].replace("-", "") for segment in segments}
    files = [path for path in tmp_path.iterdir() if path.name.split(".")[0] in names]
    assert {".term", ".idx", ".store", ".fast"} <= {path.suffix for path in files}
    for path in files:
        data = path.read_bytes()
        body = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
        for place in (0, body // 2, body - 1):
            path.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
            with pytest.raises(StoreError):
                verify(tmp_path)
        path.write_bytes(data)
    (tmp_path / "0123456789abcdef0123456789abcdef.term").write_bytes(b"cut short")
    verify(tmp_path)
