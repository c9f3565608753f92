"""Rich messages, as the server takes them since Bot API 10.2: paragraphs, quotations, links and references.

Sources: https://core.telegram.org/bots/api#inputrichmessage, #inputrichblockparagraph,
#inputrichblockblockquotation, #richtextreference, #richtextreferencelink, #richtexturl.
"""

from __future__ import annotations

from typing import Any

from tests.telegram_server.errors import broken
from tests.telegram_server.text import is_url

Json = dict[str, Any]

_TEXTS = {
    "bold": {"text"},
    "italic": {"text"},
    "url": {"text", "url"},
    "reference": {"text", "name"},
    "reference_link": {"text", "reference_name"},
}
_BLOCKS = {"paragraph": {"text"}, "blockquote": {"blocks", "credit"}}


def check_rich(message: Json) -> Json:
    """Checks a rich message.

    Raises:
        Refused: with the rule that is broken.
    """
    if set(message) - {"blocks", "is_rtl", "skip_entity_detection"} or not message.get("blocks"):
        raise broken("this server takes blocks", "inputrichmessage")
    names: dict[str, set[str]] = {"reference": set(), "reference_link": set()}
    for block in message["blocks"]:
        _block(block, names)
    if stray := names["reference_link"] - names["reference"]:
        raise broken(f"references that are not there: {sorted(stray)}", "richtextreferencelink")
    return message


def _block(block: Any, names: dict[str, set[str]]) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in _BLOCKS or set(block) - _BLOCKS[kind] - {"type"}:
        raise broken(f"can't parse InputRichBlock {block!r:.80}", "inputrichblock")
    if kind == "paragraph":
        _text(block.get("text"), names)
        return
    if not block.get("blocks"):
        raise broken("a quotation has blocks", "inputrichblockblockquotation")
    for each in block["blocks"]:
        _block(each, names)


def _text(text: Any, names: dict[str, set[str]]) -> None:
    if isinstance(text, str):
        return
    if isinstance(text, list):
        for part in text:
            _text(part, names)
        return
    kind = text.get("type") if isinstance(text, dict) else None
    if kind not in _TEXTS or set(text) != _TEXTS[kind] | {"type"}:
        raise broken(f"can't parse RichText {text!r:.80}", "richtext")
    if kind == "url" and not is_url(text["url"]):
        raise broken("URL_INVALID", "richtexturl")
    if kind in names:
        names[kind].add(text["name" if kind == "reference" else "reference_name"])
    _text(text["text"], names)
