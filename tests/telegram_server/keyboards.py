"""Buttons, as the server takes them.

Sources: https://core.telegram.org/bots/api#inlinekeyboardmarkup, #inlinekeyboardbutton, #replykeyboardmarkup,
#replykeyboardremove, #forcereply.
"""

from __future__ import annotations

from typing import Any

from tests.telegram_server.errors import broken
from tests.telegram_server.text import is_blank, is_url

Markup = dict[str, Any]

_ACTIONS: dict[str, type] = {
    "url": str,
    "callback_data": str,
    "web_app": dict,
    "login_url": dict,
    "switch_inline_query": str,
    "switch_inline_query_current_chat": str,
    "switch_inline_query_chosen_chat": dict,
    "copy_text": dict,
    "callback_game": dict,
    "pay": bool,
}
"""Of these, a button has "exactly one" (#inlinekeyboardbutton)."""
_STYLES = {"danger", "success", "primary"}
MOST_BUTTONS = 100
MOST_IN_A_ROW = 8
MOST_CALLBACK_DATA = 64
"""Bytes (#inlinekeyboardbutton)."""


def check_markup(markup: object, *, inline_only: bool = False) -> Markup | None:
    """Checks a `reply_markup`; an inline keyboard without buttons is none.

    Raises:
        Refused: with the rule that is broken.
    """
    if not isinstance(markup, dict):
        raise broken("object expected as reply markup", "sendmessage")
    if "inline_keyboard" in markup:
        _only(markup, {"inline_keyboard"}, "inlinekeyboardmarkup")
        rows = _rows(markup["inline_keyboard"], "inlinekeyboardmarkup")
        for row in rows:
            for button in row:
                _check_inline(button)
        return {"inline_keyboard": [row for row in rows if row]} if any(rows) else None
    if inline_only:
        raise broken("inline keyboard expected", "editmessagereplymarkup")
    if "keyboard" in markup:
        rule = "replykeyboardmarkup"
        _only(
            markup,
            {
                "keyboard",
                "is_persistent",
                "resize_keyboard",
                "one_time_keyboard",
                "selective",
                "input_field_placeholder",
            },
            rule,
        )
        for row in _rows(markup["keyboard"], rule):
            for button in row:
                if not isinstance(button, dict) or not isinstance(button.get("text"), str):
                    raise broken("can't parse keyboard button: a text is needed", "keyboardbutton")
    elif markup.get("remove_keyboard") is True:
        _only(markup, {"remove_keyboard", "selective"}, "replykeyboardremove")
    elif markup.get("force_reply") is True:
        _only(markup, {"force_reply", "selective", "input_field_placeholder"}, "forcereply")
    else:
        raise broken(f"reply markup of an unknown kind: {sorted(markup)}", "sendmessage")
    placeholder = markup.get("input_field_placeholder")
    if placeholder is not None and not 1 <= len(str(placeholder)) <= 64:
        raise broken("input_field_placeholder is not of 1-64 characters", "forcereply")
    return markup


def _rows(rows: object, rule: str) -> list[list[Markup]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise broken("a keyboard is an array of arrays of buttons", rule)
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise broken(f"a message has no more than {MOST_BUTTONS} buttons", rule)
    if any(len(row) > MOST_IN_A_ROW for row in rows):
        raise broken(f"a row has no more than {MOST_IN_A_ROW} buttons", rule)
    return rows


def _check_inline(button: object) -> None:
    rule = "inlinekeyboardbutton"
    if not isinstance(button, dict):
        raise broken("can't parse inline keyboard button: object expected", rule)
    if not isinstance(button.get("text"), str) or is_blank(button["text"]):
        raise broken("text buttons are unallowed in the inline keyboard: a text is needed", rule)
    # Not documented; clients cut a longer label to its first part.
    if len(button["text"]) > 256:
        raise broken("the text of a button is too long", rule)
    does = set(button) & set(_ACTIONS)
    if len(does) != 1:
        raise broken(f"a button does exactly one thing, not {sorted(does) or 'nothing'}", rule)
    _only(button, {"text", "style", "icon_custom_emoji_id", *_ACTIONS}, rule)
    action = does.pop()
    if not isinstance(button[action], _ACTIONS[action]):
        raise broken(f"field {action} of a button has the wrong type", rule)
    value: Any = button[action]
    if "style" in button and button["style"] not in _STYLES:
        raise broken(f"unknown button style {button['style']!r}", rule)
    if action == "callback_data" and not 1 <= len(value.encode()) <= MOST_CALLBACK_DATA:
        raise broken(
            f"BUTTON_DATA_INVALID: {len(value.encode())} bytes, 1-{MOST_CALLBACK_DATA} are allowed", rule
        )
    if action == "url" and not is_url(value):
        raise broken(f"inline keyboard button URL {value!r} is invalid", rule)
    if action == "copy_text" and not 1 <= len(str(value.get("text", ""))) <= 256:
        raise broken("copy_text is not of 1-256 characters", "copytextbutton")


def _only(given: Markup, known: set[str], rule: str) -> None:
    if stray := set(given) - known:
        raise broken(f"unknown fields {', '.join(sorted(stray))}", rule)
