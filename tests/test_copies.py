from __future__ import annotations

from pathlib import Path
from random import Random

from rag.cutting.article import Window, cut
from rag.reading.copies import ALIKE, also_in, cited_once, containment
from rag.search.fusion import Search
from rag.search.lexicon import Lexicon
from rag.store.archive import Archive
from rag.store.projections import Projections
from rag.store.rows import Prepared
from rag.types import Article, Citation, Evidence, Passage
from tests.conftest import HashEmbedder, source

STORY = (
    "Banjir bandang menerjang empat desa di Kabupaten Tanah Rawang pada Minggu malam. Sebanyak 12 orang "
    "tewas. Air mulai naik setelah hujan lebat mengguyur kawasan hulu selama hampir enam jam. Jembatan "
    "gantung di Desa Koto Tinggi putus karena arus membawa batang kayu dan lumpur. Sebanyak 1.350 warga "
    "mengungsi ke gedung sekolah dan masjid. Mereka membutuhkan selimut, air bersih, dan susu bayi, kata "
    "seorang relawan."
)
OTHER = (
    "Persatuan Bahari menjuarai Piala Samudra setelah menundukkan Elang Kapuas lewat adu penalti di stadion. "
    "Kiper menjadi pahlawan karena menepis dua tendangan. Pelatih menolak menyalahkan wasit dan timnya lelah."
)


def put(archive: Archive, window: Window, id: str, text: str, version: int = 1) -> None:
    found = cut(source(text, id), window)
    article = Article(id, None, f"Judul {id}", "2024-01-01", "id", found.text, version)
    vectors = HashEmbedder().passages([""] * len(found.chunks))
    parts = found.sentences, found.chunks, found.terms
    entry = Prepared(article, id + text, (), *parts, vectors)
    archive.put([entry], "hash-32")


def changed(text: str, share: float) -> str:
    random, words = Random(1), text.split()
    for at in random.sample(range(len(words)), int(share * len(words))):
        words[at] = f"kata{at}"
    return " ".join(words)


def test_what_two_texts_share_tells_copies_from_other_stories() -> None:
    assert containment(STORY, STORY) == 1.0
    assert containment(STORY, changed(STORY, 0.1)) >= ALIKE
    assert containment(STORY[: len(STORY) * 2 // 3], STORY) > 0.9
    assert containment(STORY, OTHER) < 0.1
    assert containment("", "") == containment("!", STORY) == 0.0
    assert containment("Dua kata", "dua KATA") == 1.0


def evidence(archive: Archive, *ids: str) -> tuple[list[Evidence], list[Passage]]:
    """The second sentence of each."""
    passages = []
    for key, id in enumerate(ids):
        article = archive.article(id)
        assert article is not None
        passages.append(Passage(key, article, tuple(archive.sentences(id, article.version)), 1.0))
    return [Evidence(each, each.sentences[1], 0.9) for each in passages], passages


def test_a_copied_sentence_is_cited_once_and_one_with_another_figure_stays(
    archive: Archive, window: Window
) -> None:
    put(archive, window, "a", STORY)
    put(archive, window, "b", STORY)
    put(archive, window, "c", STORY.replace("12 orang", "17 orang"))
    put(archive, window, "d", OTHER)
    found, _ = evidence(archive, "a", "b", "c", "d")
    assert [item.passage.key for item in cited_once(found)] == [0, 2, 3]


def test_an_answer_says_where_else_its_sentence_stands(
    tmp_path: Path, archive: Archive, window: Window
) -> None:
    put(archive, window, "a", STORY)
    put(archive, window, "b", STORY + " Redaksi menambahkan satu kalimat.")
    put(archive, window, "c", STORY.replace("12 orang", "17 orang"))
    put(archive, window, "d", f"Sebanyak 12 orang tewas. {OTHER}")
    projections = Projections(tmp_path / "p", archive)
    projections.catch_up()
    search = Search(projections, projections, HashEmbedder(), Lexicon.load(), archive.vectors)
    quote = "Sebanyak 12 orang tewas."
    cited = Citation(1, "a", 1, None, None, None, 0, len(quote), quote)
    assert [article.id for article in also_in([cited], archive, search.holding)] == ["b"]
    assert also_in([], archive, search.holding) == []
    archive.remove("b")
    assert also_in([cited], archive, search.holding) == []
    projections.close()
