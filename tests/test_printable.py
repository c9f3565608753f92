"""Nothing that others have written is obeyed by a terminal."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot import printable as printables
from bot.printable import printable, printable_json, terminal
from bot.render import in_terminal
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
def shown(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the console of the command line writes to a terminal, our styles left out."""
    stream = io.StringIO()
    monkeypatch.setattr(
        printables, "Console", lambda stderr: Console(file=stream, force_terminal=True, color_system=None)
    )
    return stream


def test_a_console_obeys_nothing_that_is_printed(shown: io.StringIO) -> None:
    console = terminal()
    console.print(CLEARS, markup=False)
    console.print(Text(CLEARS))
    console.print(Panel(CLEARS, title=Text(CLEARS)))
    assert not obeyed(shown.getvalue())
    assert "\\x1b[2J" in shown.getvalue()


def test_an_answer_of_hostile_articles_is_not_obeyed(shown: io.StringIO) -> None:
    url = f"https://a.example/{CLEARS}"
    cited = Citation(1, CLEARS, 1, CLEARS, url, CLEARS, 0, 3, CLEARS)
    answer = Answer("?", "id", "answered", CLEARS, CLEARS, (), (cited,), "reader", 0, {})
    console = terminal()
    for part in in_terminal(answer):
        console.print(part)
    assert not obeyed(shown.getvalue())


def test_what_a_server_says_is_not_obeyed_in_the_log() -> None:
    assert not obeyed(Redacting("").clean(f"Telegram did not answer ({CLEARS})"))
