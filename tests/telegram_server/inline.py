"""Results of inline queries and of guest queries, as the server takes them.

Sources: https://core.telegram.org/bots/api#inlinequeryresultarticle, #inputtextmessagecontent,
#inlinequeryresultsbutton.
"""

from __future__ import annotations

import re
from typing import Any

from tests.telegram_server.errors import broken
from tests.telegram_server.keyboards import check_markup
from tests.telegram_server.text import MOST_TEXT, formatted

Json = dict[str, Any]

MOST_RESULTS = 50
"""Results of a query (#answerinlinequery)."""
_ARTICLE = {
    *("type", "id", "title", "input_message_content", "reply_markup", "url", "description"),
    *("thumbnail_url", "thumbnail_width", "thumbnail_height"),
}
_TEXT = {"message_text", "parse_mode", "entities", "link_preview_options"}


def check_result(result: object) -> Json:
    """Checks a result; the message that it becomes once somebody sends it.

    Raises:
        Refused: with the rule that is broken.
    """
    rule = "inlinequeryresultarticle"
    if not isinstance(result, dict) or result.get("type") != "article":
        raise broken("this server takes results of type article", rule)
    if stray := set(result) - _ARTICLE:
        raise broken(f"InlineQueryResultArticle has no {sorted(stray)}", rule)
    if not isinstance(result.get("id"), str) or not 1 <= len(result["id"].encode()) <= 64:
        raise broken("RESULT_ID_INVALID: 1-64 bytes", rule)
    if not isinstance(result.get("title"), str) or not result["title"].strip():
        raise broken("a title is needed", rule)
    content = result.get("input_message_content")
    if not isinstance(content, dict) or (stray := set(content) - _TEXT):
        raise broken("can't parse input message content", "inputtextmessagecontent")
    if content.get("parse_mode"):
        raise broken("this server takes entities, not a parse_mode", "formatting-options")
    text, entities = formatted(
        content.get("message_text", ""),
        content.get("entities", []),
        rule="inputtextmessagecontent",
        least=1,
        most=MOST_TEXT,
    )
    markup = check_markup(result["reply_markup"], inline_only=True) if "reply_markup" in result else None
    message: Json = {"text": text, **({"entities": entities} if entities else {})}
    return message | ({"reply_markup": markup} if markup else {})


def check_button(button: Json | None) -> None:
    """Checks the button above the results."""
    if button is None:
        return
    rule = "inlinequeryresultsbutton"
    if set(button) - {"text", "web_app", "start_parameter"} or not str(button.get("text", "")).strip():
        raise broken("can't parse InlineQueryResultsButton", rule)
    if ("web_app" in button) == ("start_parameter" in button):
        raise broken("exactly one of web_app and start_parameter is needed", rule)
    start = button.get("start_parameter")
    if start is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", start):
        raise broken("START_PARAM_INVALID", rule)
