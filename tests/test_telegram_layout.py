"""Where the quotes of an answer stand in a message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.telegram.layout import Quotes, Words, layout
from bot.telegram.reply import answer_text
from bot.telegram.rich import rich_answer
from rag.types import Answer, Citation, Claim
from tests.telegram_server.rich import check_rich
from tests.test_telegram_reply import ANSWER

ONE = Citation(1, "a", 1, "Banjir besar", None, "2024-03-12", 0, 14, "Air naik 3 m.")
TWO = Citation(2, "a", 1, "Banjir besar", None, "2024-03-12", 15, 30, "Warga mengungsi.")
OTHER = Citation(3, "b", 1, "Sawah", None, None, 0, 20, "Sawah ikut terendam.")


def said(text: str, *citations: Citation, short: str | None = None) -> Answer:
    return replace(ANSWER, text=text, short=short, citations=citations)


def test_a_quote_that_is_the_answer_is_not_said_twice() -> None:
    answer = said("Air naik 3 m. [1]\nWarga mengungsi. [2]\nSawah ikut terendam. [3]", ONE, TWO, OTHER)
    assert layout(answer) == ([Quotes((ONE, TWO)), Quotes((OTHER,))], ())
    shown = answer_text(answer)
    assert shown.text == (
        "Air naik 3 m.\nWarga mengungsi.\n[1] [2] Banjir besar · 12 Maret 2024\n\n"
        "Sawah ikut terendam.\n[3] Sawah"
    )
    blocks = [shown.text[m.start : m.end] for m in shown.marks if m.kind == "blockquote"]
    assert blocks == [ONE.quote, TWO.quote, OTHER.quote]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("• Air naik 3 m. [1]\n• Warga mengungsi. [2]", [Quotes((ONE, TWO))]),
        ("“Air naik 3 m.” [1]\n“Warga mengungsi.” [2]", [Quotes((ONE, TWO))]),
        ("Warga mengungsi. [2]\nAir naik 3 m. [1]", [Quotes((TWO, ONE))]),
        (
            "Menurut artikel: Air naik 3 m. [1]\nWarga mengungsi. [2]",
            [Words("Menurut artikel:"), Quotes((ONE, TWO))],
        ),
        (
            "12 Maret 2024:\n• Air naik 3 m. [1]\n• Warga mengungsi. [2]",
            [Words("12 Maret 2024:"), Quotes((ONE, TWO))],
        ),
        (
            "Air naik 3 m. [1]\nWarga mengungsi. [2] (juga di: Sawah)",
            [Quotes((ONE, TWO)), Words("(juga di: Sawah)")],
        ),
        (
            "• Air naik 3 m. [1]\n• Warga mengungsi. [2]\nLebih besar: 3 m",
            [Quotes((ONE, TWO)), Words("Lebih besar: 3 m")],
        ),
    ],
)
def test_words_of_the_bots_own_stay_where_they_are(text: str, pieces: list[Words | Quotes]) -> None:
    assert layout(said(text, ONE, TWO)) == (pieces, ())


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("3 m [1] [2]", "3 m [1] [2]"),
        ("3 m [1]\n“Warga mengungsi.” [2]", "3 m [1]"),
        ("Air naik 3 m. [1] Itu banyak. [2]", "Air naik 3 m. [1] Itu banyak. [2]"),
        ("Air naik 3 m. [2]", "Air naik 3 m. [2]"),
        ("Air naik 3 m. [1]", "Air naik 3 m. [1]"),
    ],
)
def test_the_quotes_of_a_short_answer_come_below(text: str, kept: str) -> None:
    assert layout(said(text, ONE, TWO, short="3 m")) == ([Words(kept)], (ONE, TWO))


def test_an_item_of_a_list_is_marked_in_its_sentence() -> None:
    answer = said("• Air naik 3 m. [1]\n• Sawah [3]\n• Warga mengungsi. [2]", ONE, TWO, OTHER)
    answer = replace(answer, claims=(Claim(ONE.quote, (1,)), Claim("Sawah", (3,)), Claim(TWO.quote, (2,))))
    assert layout(answer) == ([Quotes((ONE,)), Quotes((OTHER,)), Quotes((TWO,))], ())
    shown = answer_text(answer)
    assert [shown.text[m.start : m.end] for m in shown.marks if m.kind == "bold"] == ["Sawah"]


def test_of_other_words_the_quotes_come_below() -> None:
    answer = said("Air naik 3 m. [1]\n• kebun [3]\nWarga mengungsi. [2]", ONE, TWO, OTHER)
    assert layout(answer) == ([Quotes((ONE,)), Words("• kebun [3]"), Quotes((TWO,))], (OTHER,))
    assert answer_text(answer).text == (
        "Air naik 3 m.\n[1] Banjir besar · 12 Maret 2024\n\n• kebun [3]\nWarga mengungsi.\n"
        "[2] Banjir besar · 12 Maret 2024\n\n[3] Sawah\nSawah ikut terendam."
    )
    check_rich(rich_answer(answer, {}, lambda citation: None))


def test_related_sentences_of_an_answer_that_was_declined_come_below() -> None:
    answer = replace(said("Tidak ada. Mungkin terkait: [1]", ONE), status="abstained")
    assert layout(answer) == ([Words(answer.text)], (ONE,))


def test_how_a_question_was_understood_stands_first() -> None:
    answer = replace(said("Air naik 3 m. [1]", ONE), understood="berapa air naik?")
    shown = answer_text(answer)
    assert shown.text.startswith("Dipahami sebagai: berapa air naik?\n\nAir naik 3 m.\n[1] ")
    assert ("italic", 0) in [(mark.kind, mark.start) for mark in shown.marks]
    assert "Dipahami" not in answer_text(replace(answer, understood=None)).text
    english = replace(answer, language="en")
    assert answer_text(english).text.startswith("Understood as: berapa air naik?\n\n")


def test_a_rich_message_says_the_same_in_the_same_order() -> None:
    answer = replace(said("Ya. Air naik 3 m. [1]\nWarga mengungsi. [2]", ONE, TWO), understood="air naik?")
    blocks = check_rich(rich_answer(answer, {}, lambda citation: None))["blocks"]
    assert [block["type"] for block in blocks] == [
        *("paragraph", "paragraph", "blockquote", "paragraph", "blockquote", "paragraph")
    ]
    assert blocks[0]["text"] == {"type": "italic", "text": "Dipahami sebagai: air naik?"}
    assert blocks[1]["text"] == ["Ya."]
    assert blocks[2]["blocks"][0]["text"] == ONE.quote
    assert blocks[5]["text"] == "[2] Banjir besar · 12 Maret 2024"
