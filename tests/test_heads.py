"""What is read off the reader's vectors beside spans: what belongs, and what follows from a sentence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import numpy as np
import pytest

from rag.reading.heads import SURFACE, Entailment, Network, belonging_features
from rag.reading.reader import PATH, Reader
from rag.reading.spans import Found
from rag.search.lexicon import Lexicon
from rag.text.sentences import split
from rag.text.wordpiece import SEP
from rag.types import Article, Passage

TEXT = (
    "Jembatan gantung di Desa Sukamaju putus pada Senin malam. Jembatan itu putus karena tali bajanya "
    "berkarat. Sebanyak 12 warga jatuh ke sungai. Bupati meninjau lokasi pada hari Selasa."
)
PASSAGE = Passage(0, Article("a", None, "Jembatan Sukamaju putus", None, "id", TEXT), tuple(split(TEXT)), 1.0)
SAID = "Sebanyak 12 warga jatuh ke sungai."


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    opened = Reader(Lexicon.load())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The shipped reader as it was before it had these networks."""
    path = tmp_path_factory.mktemp("older") / "reader.gguf"
    shutil.copy(PATH, path)
    with np.load(PATH.with_suffix(".npz")) as arrays:
        kept = {n: arrays[n] for n in arrays.files if not n.startswith(("belonging", "entailing"))}
    np.savez(path.with_suffix(".npz"), **kept)
    opened = Reader(Lexicon.load(), path)
    yield opened
    opened.close()


def test_each_sentence_has_a_probability_that_it_belongs(reader: Reader) -> None:
    found = reader.read("Mengapa jembatan di Sukamaju putus?", "id", [PASSAGE])
    assert len(found) == 4
    assert all(each.belongs is not None and 0 <= each.belongs <= 1 for each in found)
    best = max(found, key=lambda each: each.belongs or 0.0)
    assert "berkarat" in best.quote


def test_an_article_without_the_questions_names_has_nothing_that_belongs(reader: Reader) -> None:
    found = reader.read("Mengapa jembatan di Cikarang putus?", "id", [PASSAGE])
    assert found
    assert {each.belongs for each in found} == {0.0}


def test_files_without_the_networks_read_as_before(reader: Reader, older: Reader) -> None:
    asked = "Berapa warga yang jatuh ke sungai?"
    now, before = reader.read(asked, "id", [PASSAGE]), older.read(asked, "id", [PASSAGE])
    assert [(each.place, each.score, each.span) for each in now] == [
        (each.place, each.score, each.span) for each in before
    ]
    assert {each.belongs for each in before} == {None}
    assert older.entails(SAID, [SAID]) == (0.0, 0.0)


def test_a_sentence_entails_itself_and_not_the_same_with_another_figure(reader: Reader) -> None:
    same, changed = (reader.entails(said, [SAID]) for said in (SAID, SAID.replace("12", "47")))
    for entailed, contradicted in (same, changed):
        assert 0 <= entailed + contradicted <= 1 + 1e-9
    assert same[0] > 0.5 > changed[0]


def test_an_english_statement_follows_from_an_indonesian_sentence(reader: Reader) -> None:
    right, _ = reader.entails("12 residents fell into the river.", [SAID])
    wrong, _ = reader.entails("The regent visited the site on Tuesday.", [SAID])
    assert right > wrong


def test_many_statements_at_once_are_judged_like_each_alone(reader: Reader) -> None:
    second = "Bupati meninjau lokasi.", [TEXT], "Jembatan Sukamaju putus"
    statements = [(SAID, [SAID], None), second]
    together = reader.entailed(statements)
    alone = [reader.entails(*each) for each in statements]
    assert np.allclose(together, alone, atol=0.02)
    assert reader.entailed([]) == []


def test_what_is_long_or_empty_is_judged_too(reader: Reader) -> None:
    for said, read in (("", []), ("kata " * 900, ["kalimat " * 900]), ("🙂", [""])):
        entailed, contradicted = reader.entails(said, read, "judul " * 200)
        assert 0 <= entailed <= 1
        assert 0 <= contradicted <= 1


def test_a_figure_of_several_tokens_counts_as_one(reader: Reader) -> None:
    nothing = np.zeros((0, 0), np.float32)
    judge = Entailment(Network(nothing, nothing, nothing, nothing), reader.pieces)

    def missing(said: str, read: str) -> tuple[float, float]:
        ids, offset = judge.ids(said, None, read)
        surface = judge.surface(ids[1 : ids.index(SEP)], ids[offset:-1])
        assert surface.shape == (SURFACE,)
        return float(surface[3]), float(surface[5])

    assert missing("curah hujan 187,5 milimeter", "curah hujan 187,5 milimeter pada Senin") == (1.0, 0.0)
    # Each of its tokens stands in the sentence, but not beside the others.
    assert missing("5,187 milimeter", "curah hujan 187,5 milimeter")[1] > 0


def test_a_network_needs_all_of_its_arrays() -> None:
    arrays = {f"x_{part}": np.ones((2, 2)) for part in ("inner", "inner_bias", "outer")}
    assert Network.of(arrays, "x") is None
    assert Network.of({**arrays, "x_outer_bias": np.ones(2)}, "x") is not None


def test_belonging_is_weighed_beside_the_best_of_all_that_was_read() -> None:
    found = [Found(0, 0, 0.0, 0.0, 0, 0, belongs) for belongs in (2.0, -1.0, -40.0)]
    table = belonging_features(found, np.ones((3, 2)))
    assert table[:, 0].tolist() == [2.0, -1.0, -40.0]
    assert table[:, 1].tolist() == [0.0, -3.0, -10.0]
    assert table.shape == (3, 4)
