"""Nothing that others have written is obeyed by a terminal."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot import render
from bot.printable import printable, printable_json, shielded
from bot.render import show_answer
from bot.telegram.redact import Redacting
from rag.types import Answer, Citation

CLEARS = "\x1b[2J\x1b]0;title\x07\x9b31m\rhidden\x08\u202egnp.exe\x7f\x00"


def obeyed(text: str) -> set[str]:
    return {c for c in text if (ord(c) < 32 and c not in "\t\n") or 0x7F <= ord(c) < 0xA0 or c in "\u202e"}


def test_control_characters_are_shown_and_the_rest_stays() -> None:
    assert printable("Halo,\n\tdunia – 3 × 5 😀") == "Halo,\n\tdunia – 3 × 5 😀"
    assert printable("a\x1b[2Jb") == "a\\x1b[2Jb"
    assert not obeyed(printable(CLEARS))


def test_json_says_the_same_and_holds_no_control_character() -> None:
    line = printable_json(json.dumps({"a": CLEARS}, ensure_ascii=False))
    assert not obeyed(line)
    assert json.loads(line) == {"a": CLEARS}


@pytest.fixture
def shown() -> Console:
    """A console of a terminal, which keeps what it writes; our styles are left out."""
    return shielded(Console(file=io.StringIO(), force_terminal=True, color_system=None, width=80))


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_console_obeys_nothing_that_is_printed(shown: Console) -> None:
    shown.print(CLEARS, markup=False)
    shown.print(Text(CLEARS))
    shown.print(Panel(CLEARS, title=Text(CLEARS)))
    assert not obeyed(written(shown))
    assert "\\x1b[2J" in written(shown)


def test_an_answer_of_hostile_articles_is_not_obeyed(shown: Console) -> None:
    url = f"https://a.example/{CLEARS}"
    cited = Citation(1, CLEARS, 1, CLEARS, url, CLEARS, 0, 3, CLEARS)
    answer = Answer("?", "id", "answered", CLEARS, CLEARS, (), (cited,), "reader", 0, {})
    show_answer(shown, answer, {1: CLEARS})
    assert render._linked(cited).link is None
    assert not obeyed(written(shown))


def test_what_a_server_says_is_not_obeyed_in_the_log() -> None:
    assert not obeyed(Redacting("").clean(f"Telegram did not answer ({CLEARS})"))
