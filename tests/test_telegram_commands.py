"""The one table of commands, and the buttons' data."""

from __future__ import annotations

import re

import pytest

from bot.telegram.callbacks import Act, Pressed, data, pressed
from bot.telegram.commands import COMMANDS, menu, offered
from rag.types import Language

LANGUAGES: tuple[Language, ...] = ("id", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_menu_is_what_telegram_takes_and_all_of_it_is_done(language: Language) -> None:
    """https://core.telegram.org/bots/api#botcommand"""
    shown = menu(language, admin=True)
    assert len(shown) == len(COMMANDS) == len({name for name, _ in shown})
    for name, line in shown:
        assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
        assert 1 <= len(line) <= 256
        assert offered(name) is not None
    assert len(menu(language, admin=False)) == sum(not offer.admin for offer in COMMANDS)


def test_no_name_is_given_to_two_commands() -> None:
    names = [name for offer in COMMANDS for name in set(offer.name.values())]
    assert len(set(names)) == len(names)
    for offer in COMMANDS:
        assert all(offered(name) is offer for name in offer.name.values())


def test_each_button_is_read_as_it_was_made() -> None:
    for act in Act:
        assert pressed(data(act, 7, "x:y")) == Pressed(act, "7:x:y")
        assert pressed(data(act, 7, "x:y")).id == 7
    assert len({act.value for act in Act}) == len(Act)


@pytest.mark.parametrize("made_up", [None, "", ":", "zz:1", "😀", "K:1"])
def test_data_that_no_button_carries_does_nothing(made_up: str | None) -> None:
    assert pressed(made_up).act is None


@pytest.mark.parametrize("id", ["", "x", "²", "-1", "9" * 18, "1 "])
def test_an_id_that_is_none_is_none(id: str) -> None:
    assert pressed(f"k:{id}:1").id is None
