from __future__ import annotations

import pytest

from rag.asking.speakers import asks_view, speaks
from rag.reading.select import of_side
from rag.types import Article, Evidence, Language, Passage, Sentence


def said(quote: str, language: Language = "id", belongs: float = 0.5) -> Evidence:
    article = Article("a", None, None, None, language, quote)
    sentence = Sentence("a", 0, 0, len(quote))
    return Evidence(Passage(1, article, (sentence,), 1.0), sentence, belongs, None, belongs)


@pytest.mark.parametrize(
    ("quote", "side", "own"),
    [
        ("Polisi mengungkapkan ada warga yang melihat benda jatuh.", {"polisi"}, True),
        ("Kepala BPBD Bali Made Arum, menjelaskan suara itu diduga meteor.", {"polisi"}, False),
        ('"Itu benda alamiah," kata peneliti.', {"polisi"}, None),
        ('"Itu benda alamiah," kata Sekar kepada wartawan.', {"sekar"}, True),
        ("Menurut Darmo, wacana itu lebih baik diakhiri.", {"sekar"}, False),
        ("Menurut Darmo, wacana itu lebih baik diakhiri.", {"darmo"}, True),
        ("Ia menuding omongan itu berubah-ubah.", {"darmo"}, None),
        ("Warga Darmo berkumpul di balai desa.", {"darmo"}, None),
    ],
)
def test_a_plain_attribution_tells_whose_words_a_sentence_gives(
    quote: str, side: set[str], own: bool | None
) -> None:
    assert speaks(said(quote), side) is own


@pytest.mark.parametrize(
    ("quote", "own"),
    [
        ("Mayor Sekar said the bridge was safe.", True),
        ('"The bridge is safe," said Sekar Arum, the mayor.', True),
        ("According to Darmo, it is not safe.", False),
        ("The bridge is safe.", None),
    ],
)
def test_english_attributions_are_read_too(quote: str, own: bool | None) -> None:
    assert speaks(said(quote, "en"), {"sekar"}) is own


@pytest.mark.parametrize(
    ("question", "side", "view"),
    [
        ("Suara itu apa, menurut pakar Sekar?", {"pakar", "sekar"}, True),
        ("Suara itu apa, menurut polisi?", {"polisi"}, False),
        ("Suara itu apa, menurut LAPAN?", {"lapan"}, False),
        ("Apa sikap Wamenkes soal kasus itu?", {"wamenkes"}, True),
        ("How did Darmo Wira react to the plan?", {"darmo", "wira"}, True),
        ("What do the army chief think about it?", {"army", "chief"}, False),
        ("Siapa yang cocok menurut Adi Arum, Darmo?", {"darmo"}, False),
        ("Who fits better according to Adi Arum, Darmo?", {"darmo"}, False),
        ("Berapa kasus di Bantul?", {"bantul"}, False),
        ("How many customers were there in 2020?", {"2020"}, False),
    ],
)
def test_a_question_for_what_a_side_says_is_told_from_others(
    question: str, side: set[str], view: bool
) -> None:
    assert asks_view(question, side) is view


def test_where_a_view_is_asked_for_the_speakers_own_words_come_first_and_nothing_of_others_is_taken() -> None:
    text = "Polisi menunggu. Ketua Sekar mengatakan itu meteor. Polisi menyebut ada benda jatuh."
    article = Article("a", None, None, None, "id", text)
    cuts, at = [], 0
    for number, piece in enumerate(text.split(". ")):
        start = text.index(piece, at)
        cuts.append(Sentence("a", number, start, start + len(piece)))
        at = start
    passage = Passage(1, article, tuple(cuts), 1.0)
    evidence = [Evidence(passage, cuts[n], b, None, b) for n, b in ((1, 0.9), (0, 0.6), (2, 0.4))]
    assert [item.sentence.index for item in of_side(evidence, {"polisi"}, view=True)] == [2, 0]
    assert [item.sentence.index for item in of_side(evidence, {"polisi"})] == [0, 1, 2]
