from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.phrases import Phrases
from rag.text.talk import Talk, talk_of


@pytest.mark.parametrize(
    ("message", "talk"),
    [
        ("halo", "greeting"),
        ("Haloooo min!!", "greeting"),
        ("selamat pagi kak", "greeting"),
        ("good morning", "greeting"),
        ("min", "greeting"),
        ("Assalamu’alaikum wr. wb.", "salam"),
        ("makasih ya infonya", "thanks"),
        ("oke terima kasih banyak", "thanks"),
        ("thank you so much!", "thanks"),
        ("thx u", "thanks"),
        ("bye, see you tomorrow", "goodbye"),
        ("dadah", "goodbye"),
        ("halo, apa kabar?", "wellbeing"),
        ("how r u today", "wellbeing"),
        ("halo, kamu siapa?", "about"),
        ("gimana cara pakai bot ini?", "about"),
        ("what can u do", "about"),
        ("help", "about"),
        ("keren bgt botnya", "praise"),
        ("nice one", "praise"),
        ("yakin?", "doubt"),
        ("wkwkwk", "other"),
        ("oke deh", "other"),
        ("?", "other"),
        ("👍🏽👍", "emoji"),
        ("🇮🇩", "emoji"),
        (":)", "emoji"),
        ("<3", "emoji"),
    ],
)
def test_a_message_that_asks_nothing_is_told_by_what_it_says(message: str, talk: Talk) -> None:
    assert talk_of(message) == talk


@pytest.mark.parametrize(
    "message",
    [
        "halo, siapa menteri pertahanan rusia?",
        "makasih. kapan dia ke sana?",
        "apa kabar terbaru kasus Vina?",
        "apa kabar Jokowi",
        "siapa kamu sebut koruptor",
        "hi, who won?",
        "thanks, and where?",
        "👍 kapan?",
        "terima kasih apa yang diberikan Prabowo?",
        "good morning call itu apa",
        "kenapa",
        "Pagi ini hujan di mana?",
        "who are the suspects",
        "what is this law about",
        "12",
        "2024",
        "гуляш",
    ],
)
def test_a_message_that_also_asks_something_is_a_question(message: str) -> None:
    assert talk_of(message) is None


@given(st.text(max_size=100))
def test_any_message_can_be_looked_at(message: str) -> None:
    talk_of(message)


def test_a_long_message_is_no_greeting() -> None:
    assert talk_of("halo " * 40) is None


@pytest.mark.parametrize("language", ["id", "en"])
def test_there_is_a_word_for_everything_that_may_be_said(language: str) -> None:
    said = {kind: Phrases().talk(language, kind) for kind in Talk.__args__}  # type: ignore[attr-defined, arg-type]
    assert len(set(said.values())) == len(said)
