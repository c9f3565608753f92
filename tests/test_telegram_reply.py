"""An answer as Telegram shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from telegram import InlineKeyboardButton

from bot.phrases import dated
from bot.telegram.reply import answer_buttons, answer_text, context, share_button, source_line
from rag.types import Answer, Article, Citation, Claim, Sentence

CITATION = Citation(
    1, "a", 1, "Banjir\nbesar", "https://www.koran.id/a", "2024-03-12T08:00:00+07:00", 10, 20, "Air naik 3 m."
)
ANSWER = Answer(
    question="Berapa?",
    language="id",
    status="answered",
    text="3 m [1]",
    short="3 m",
    claims=(Claim("3 m", (1,)),),
    citations=(CITATION,),
    engine="reader",
)


def marks(answer: Answer) -> list[tuple[str, str]]:
    text = answer_text(answer)
    return [(mark.kind, text.text[mark.start : mark.end]) for mark in text.marks]


def test_answer_source_and_quote_are_told_apart() -> None:
    assert answer_text(ANSWER).text == "3 m [1]\n\n[1] Banjir besar · koran.id · 12 Maret 2024\nAir naik 3 m."
    assert marks(ANSWER) == [
        ("bold", "3 m"),
        ("italic", "[1] Banjir besar · koran.id · 12 Maret 2024"),
        ("blockquote", "Air naik 3 m."),
        ("bold", "3 m"),
    ]


def test_a_publisher_goes_before_the_sites_name_and_a_translation_outside_the_quote() -> None:
    told = replace(ANSWER, citations=(replace(CITATION, gloss="Water rose 3 m."),))
    text = answer_text(told, {1: "Koran Kota"})
    assert "[1] Banjir besar · Koran Kota · 12 Maret 2024" in text.text
    assert text.text.endswith("Air naik 3 m.\nterjemahan mesin, bukan kutipan: Water rose 3 m.")
    block = next(mark for mark in text.marks if mark.kind == "blockquote")
    assert text.text[block.start : block.end] == "Air naik 3 m."


def test_a_long_quote_is_folded() -> None:
    long = replace(CITATION, quote="Air naik terus. " * 30)
    kinds = [kind for kind, _ in marks(replace(ANSWER, citations=(long,)))]
    assert "expandable_blockquote" in kinds
    assert "blockquote" not in kinds


def test_what_is_not_known_of_a_source_is_left_out() -> None:
    bare = replace(CITATION, title=None, url="not an address", published="kemarin")
    assert source_line(bare, "en") == "[1] a"


@pytest.mark.parametrize(
    ("published", "shown"),
    [("2023-09-05", "5 September 2023"), ("2024-01-01T00:00", "1 January 2024"), ("x", None), (None, None)],
)
def test_dates_are_written_out(published: str | None, shown: str | None) -> None:
    assert dated(published, "en") == shown


def test_buttons_say_which_answer_and_citation_they_are_for() -> None:
    keyboard = answer_buttons(7, ANSWER, lambda citation: "https://koran.id/a")
    assert keyboard is not None
    data = [[button.callback_data or button.url for button in row] for row in keyboard.inline_keyboard]
    assert data == [["https://koran.id/a", "k:7:1", None], ["f:7:0", "w:7"]]
    copied = keyboard.inline_keyboard[0][2].copy_text
    assert copied is not None
    assert copied.text == CITATION.quote
    assert all(len(str(each).encode()) <= 64 for row in data for each in row)


def test_an_answer_without_citations_has_no_buttons() -> None:
    bare = replace(ANSWER, status="abstained", citations=(), claims=())
    assert answer_buttons(7, bare, lambda citation: None) is None


TEXT = "Satu. Dua. Tiga. Empat. Lima. Enam. Tujuh."
SENTENCES = [
    Sentence("a", number, *place)
    for number, place in enumerate([(0, 5), (6, 10), (11, 16), (17, 23), (24, 29), (30, 35), (36, 42)])
]
QUOTED = Article("a", None, "Angka", None, "id", TEXT)
FOURTH = Citation(1, "a", 1, "Angka", None, None, 17, 23, "Empat.")


def test_context_is_two_sentences_either_side() -> None:
    shown = context(FOURTH, QUOTED, SENTENCES, QUOTED, "id")
    assert shown.text == "[1] Angka\n\n… Dua. Tiga. Empat. Lima. Enam. …"
    assert [shown.text[m.start : m.end] for m in shown.marks] == ["[1] Angka", "Empat."]


@pytest.mark.parametrize(
    ("quoted", "current", "note"),
    [
        (QUOTED, QUOTED, None),
        (QUOTED, replace(QUOTED, version=2), None),
        (QUOTED, replace(QUOTED, version=2, text="Lain."), "has changed"),
        (QUOTED, None, "no longer in the archive"),
        (None, None, "was deleted"),
    ],
)
def test_context_says_what_became_of_the_article(
    quoted: Article | None, current: Article | None, note: str | None
) -> None:
    shown = context(FOURTH, quoted, SENTENCES if quoted else [], current, "en").text
    assert (note or "…") in shown
    assert "Empat." in shown
    assert ("changed" in shown) == (note == "has changed")


def test_a_translation_stands_below_the_quote_and_says_that_it_is_none() -> None:
    glossed = replace(ANSWER, citations=(replace(CITATION, gloss="The water rose\nby 3 m."),))
    assert (
        "Air naik 3 m.\nterjemahan mesin, bukan kutipan: The water rose by 3 m." in answer_text(glossed).text
    )
    quotes = [text for kind, text in marks(glossed) if kind == "blockquote"]
    assert quotes == ["Air naik 3 m."]


def test_a_quote_too_long_to_be_copied_whole_is_not_offered_to_be_copied() -> None:
    long = replace(ANSWER, citations=(replace(CITATION, quote="😀" * 128 + "."),))
    keyboard = answer_buttons(7, long, lambda citation: None)
    assert keyboard is not None
    assert all(button.copy_text is None for row in keyboard.inline_keyboard for button in row)


def test_a_reply_without_citations_has_no_buttons() -> None:
    talk = replace(ANSWER, text="Sama-sama!", short=None, claims=(), citations=())
    assert (
        answer_buttons(7, talk, lambda citation: None, share=InlineKeyboardButton("↪", url="https://t.me/x"))
        is None
    )
    assert answer_text(talk).text == "Sama-sama!"


@pytest.mark.parametrize("number", [1, 4, 6])
def test_however_many_citations_there_are_each_has_its_row(number: int) -> None:
    cited = tuple(replace(CITATION, number=each) for each in range(1, number + 1))
    answer = replace(ANSWER, citations=cited)
    keyboard = answer_buttons(7, answer, lambda citation: "https://koran.id/a", True)
    assert keyboard is not None
    assert len(keyboard.inline_keyboard) == number + 2
    assert answer_text(answer).text.count("Air naik 3 m.") == number
    assert "↪" in share_button(answer, True, "https://t.me/b?start=a").text
