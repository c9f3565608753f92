"""Texts with marks become messages that Telegram accepts, whatever stands in them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telegram.messages import (
    LONGEST,
    MOST_MARKS,
    Builder,
    Mark,
    Marked,
    plain,
    showable,
    split,
    utf16_length,
)

FAMILY = "👨‍👩‍👧‍👦"
texts = st.text(max_size=300).map(showable)


@st.composite
def marked(draw: st.DrawFn) -> Marked:
    text = draw(texts)
    marks = []
    for _ in range(draw(st.integers(0, 6))):
        ends = sorted(draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
        if ends[0] < ends[1]:
            marks.append(Mark("bold", *ends))
    return Marked(text, tuple(sorted(marks, key=lambda mark: (mark.start, -mark.end))))


@settings(deadline=None)
@given(marked(), st.integers(20, 60))
def test_a_split_loses_nothing_but_white_space_and_every_part_can_be_sent(text: Marked, longest: int) -> None:
    parts = split(text, longest)
    said = "".join(part.text for part in parts)
    assert "".join(said.split()) == "".join(text.text.split()) or said == "…"
    for part in parts:
        assert 0 < utf16_length(part.text) <= longest
        assert part.text == part.text.strip()
        for entity in part.entities:
            assert entity.length > 0
            assert entity.offset + entity.length <= utf16_length(part.text)


@settings(deadline=None)
@given(marked(), st.integers(20, 60))
def test_what_was_marked_stays_marked_and_nothing_else(text: Marked, longest: int) -> None:
    def inside(each: Marked) -> list[str]:
        held = {at for mark in each.marks for at in range(mark.start, mark.end)}
        return [c for at, c in enumerate(each.text) if at in held and not c.isspace()]

    parts = split(text, longest)
    assert [c for part in parts for c in inside(part)] == inside(text)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("A sentence ends just here. Another one goes on", "A sentence ends just here."),
        ("One paragraph. Two.\n\nAnother one that goes on", "One paragraph. Two."),
        ("no sentence here but only words and more words", "no sentence here but only words"),
        ("x" * 60, "x" * 32),
        ("“Said he.” And then she went home, it is told", "“Said he.” And then she went"),
    ],
)
def test_a_cut_is_at_the_best_place_in_the_second_half(text: str, end: str) -> None:
    assert split(plain(text), 32)[0].text == end


def test_what_a_reader_sees_as_one_character_is_not_torn_apart() -> None:
    for part in split(plain(FAMILY * 20), 30):
        assert part.text.replace(FAMILY, "") == ""


def test_offsets_count_utf16_units() -> None:
    text = Builder().add("😀😀 ").add("Rusia", "bold").marked()
    assert [(e.offset, e.length) for e in text.entities] == [(5, 5)]


def test_a_message_has_at_most_a_hundred_marks() -> None:
    built = Builder()
    for number in range(350):
        built.add(f"{number} ", "bold")
    parts = split(built.marked())
    assert len(parts) == 4
    assert all(len(part.marks) <= MOST_MARKS for part in parts)


def test_a_text_of_nothing_is_still_a_message() -> None:
    assert [part.text for part in split(plain(" \n\t"))] == ["…"]


def test_a_long_text_fills_its_messages() -> None:
    parts = split(plain("Kalimat yang biasa saja. " * 1000))
    assert len(parts) == -(-25_000 // LONGEST)


@settings(deadline=None)
@given(st.text(st.characters(), max_size=50))
def test_showable_keeps_the_length_and_takes_out_what_cannot_be_sent(text: str) -> None:
    shown = showable(text)
    assert len(shown) == len(text)
    shown.encode("utf-8")
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"]
