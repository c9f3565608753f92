"""The data of buttons under messages: a letter for the action, then its objects. Pure.

A button's data has at most 64 bytes (https://core.telegram.org/bots/api#inlinekeyboardbutton). A client may
send any data in place of a button's, so nothing that is read here is trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from telegram import InlineKeyboardButton


class Act(StrEnum):
    """What a button does. A letter never gets a second meaning, since old messages keep their buttons."""

    CANCEL = "x"
    """The number of the update whose question is cancelled."""
    LANGUAGE = "l"
    """`id`, `en` or `auto`."""
    CONTEXT = "k"
    """An answer and the number of its citation."""
    TRANSLATE = "g"
    """An answer, and 1 to show translations of its quotes or 0 to take them away."""
    VERDICT = "f"
    """An answer, and the number of a wrong citation; 0 says that the answer helped."""
    WRONG = "w"
    """An answer of which a quote is wrong; which one is asked where it has several."""
    ARTICLES = "a"
    """For admins: what to do, the article's key, and the page of the list."""
    UNDO = "u"
    """For admins: the number of a removal in the audit."""
    KNOCK = "n"
    """Asks admins to be let in."""
    ADMIT = "i"
    """For admins: a user or a group, and 1 to let them in or 0 to put them out."""
    STOP = "s"
    """The subscription that ends, and 1 where the digest above stays."""
    HOUR = "h"
    """A subscription, and the hour at which its digest comes, or no longer comes."""
    LEAVE = "v"
    """For admins: the place of a watched feed in their list, and a check of its address."""
    REPORT = "r"
    """For admins: 1 for a report every day, 0 for none."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button's data says; `act` is None for data that is not from one of these buttons."""

    act: Act | None
    rest: str = ""

    @property
    def id(self) -> int | None:
        """The first value as an id, None if it is not a number."""
        first = self.rest.partition(":")[0]
        return int(first) if first.isascii() and first.isdecimal() and len(first) < 18 else None

    @property
    def last(self) -> str:
        """The text after the id."""
        return self.rest.partition(":")[2]


def data(act: Act, *values: object) -> str:
    """The data of a button."""
    return ":".join([act.value, *map(str, values)])


def button(label: str, act: Act, *values: object) -> InlineKeyboardButton:
    """A button that does this."""
    return InlineKeyboardButton(label, callback_data=data(act, *values))


def pressed(data: str | None) -> Pressed:
    """Reads a button's data."""
    letter, _, rest = (data or "").partition(":")
    return Pressed(Act(letter), rest) if letter in set(Act) else Pressed(None)
