"""Which fields each method has, of which type, and which it cannot do without.

Written from https://core.telegram.org/bots/api, Bot API 10.0. Telegram ignores a field that it does not know;
here it is refused, since it is a misspelling or a guess. A method that is not listed is one that a bot like
this has no use for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.telegram_server.errors import broken

Kind = Literal["integer", "string", "boolean", "number", "chat", "object", "array", "file"]
Parameters = dict[str, Any]

_SEND: dict[str, Kind] = {
    "business_connection_id": "string",
    "message_thread_id": "integer",
    "direct_messages_topic_id": "integer",
    "disable_notification": "boolean",
    "protect_content": "boolean",
    "allow_paid_broadcast": "boolean",
    "message_effect_id": "string",
    "suggested_post_parameters": "object",
    "reply_parameters": "object",
    "reply_markup": "object",
}
_CAPTION: dict[str, Kind] = {"caption": "string", "parse_mode": "string", "caption_entities": "array"}
_TEXT: dict[str, Kind] = {"parse_mode": "string", "entities": "array", "link_preview_options": "object"}
_EDITED: dict[str, Kind] = {
    "business_connection_id": "string",
    "chat_id": "chat",
    "message_id": "integer",
    "inline_message_id": "string",
    "reply_markup": "object",
}
_SCOPE: dict[str, Kind] = {"scope": "object", "language_code": "string"}


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Bot API; `section` is its anchor in the documentation."""

    name: str
    needs: Mapping[str, Kind] = field(default_factory=dict)
    may: Mapping[str, Kind] = field(default_factory=dict)

    @property
    def section(self) -> str:
        return self.name.lower()


METHODS = {
    method.name.lower(): method
    for method in (
        Method(
            "getUpdates",
            may={"offset": "integer", "limit": "integer", "timeout": "integer", "allowed_updates": "array"},
        ),
        Method(
            "setWebhook",
            {"url": "string"},
            {
                "certificate": "file",
                "ip_address": "string",
                "max_connections": "integer",
                "allowed_updates": "array",
                "drop_pending_updates": "boolean",
                "secret_token": "string",
            },
        ),
        Method("deleteWebhook", may={"drop_pending_updates": "boolean"}),
        Method("getWebhookInfo"),
        Method("getMe"),
        Method("logOut"),
        Method("close"),
        Method("sendMessage", {"chat_id": "chat", "text": "string"}, {**_TEXT, **_SEND}),
        Method(
            "sendMessageDraft",
            # Since Bot API 10.0 the text may be left out, for a "Thinking…" placeholder.
            {"chat_id": "integer", "draft_id": "integer"},
            {
                **{"text": "string", "message_thread_id": "integer", "parse_mode": "string"},
                **{"entities": "array", "can_stop": "boolean", "keep_on_stop": "boolean"},
            },
        ),
        Method("sendRichMessage", {"chat_id": "chat", "rich_message": "object"}, _SEND),
        Method(
            "sendDocument",
            {"chat_id": "chat", "document": "file"},
            {"thumbnail": "file", "disable_content_type_detection": "boolean", **_CAPTION, **_SEND},
        ),
        Method(
            "sendPhoto",
            {"chat_id": "chat", "photo": "file"},
            {"show_caption_above_media": "boolean", "has_spoiler": "boolean", **_CAPTION, **_SEND},
        ),
        Method(
            "sendChatAction",
            {"chat_id": "chat", "action": "string"},
            {"business_connection_id": "string", "message_thread_id": "integer"},
        ),
        Method(
            "setMessageReaction",
            {"chat_id": "chat", "message_id": "integer"},
            {"reaction": "array", "is_big": "boolean"},
        ),
        Method("getFile", {"file_id": "string"}),
        Method("getChat", {"chat_id": "chat"}),
        Method("getChatMember", {"chat_id": "chat", "user_id": "integer"}),
        Method("getChatMemberCount", {"chat_id": "chat"}),
        Method("getChatAdministrators", {"chat_id": "chat"}),
        Method("leaveChat", {"chat_id": "chat"}),
        Method(
            "answerCallbackQuery",
            {"callback_query_id": "string"},
            {"text": "string", "show_alert": "boolean", "url": "string", "cache_time": "integer"},
        ),
        Method(
            "answerInlineQuery",
            {"inline_query_id": "string", "results": "array"},
            {"cache_time": "integer", "is_personal": "boolean", "next_offset": "string", "button": "object"},
        ),
        Method("answerGuestQuery", {"guest_query_id": "string", "result": "object"}),
        Method("setMyCommands", {"commands": "array"}, _SCOPE),
        Method("getMyCommands", may=_SCOPE),
        Method("deleteMyCommands", may=_SCOPE),
        Method("setMyName", may={"name": "string", "language_code": "string"}),
        Method("getMyName", may={"language_code": "string"}),
        Method("setMyDescription", may={"description": "string", "language_code": "string"}),
        Method("getMyDescription", may={"language_code": "string"}),
        Method("setMyShortDescription", may={"short_description": "string", "language_code": "string"}),
        Method("getMyShortDescription", may={"language_code": "string"}),
        Method("setChatMenuButton", may={"chat_id": "integer", "menu_button": "object"}),
        Method("getChatMenuButton", may={"chat_id": "integer"}),
        Method("editMessageText", {"text": "string"}, {**_TEXT, **_EDITED}),
        Method("editMessageCaption", may={**_CAPTION, **_EDITED, "show_caption_above_media": "boolean"}),
        Method("editMessageReplyMarkup", may=_EDITED),
        Method("deleteMessage", {"chat_id": "chat", "message_id": "integer"}),
        Method("deleteMessages", {"chat_id": "chat", "message_ids": "array"}),
    )
}


def checked(method: Method, given: Parameters, files: Mapping[str, object]) -> Parameters:
    """The parameters of a call with their types, as the method's section has them.

    `given` holds text where the call came as a form or in the address ("making-requests": objects and arrays
    are serialised as JSON there), and JSON values where it came as JSON. `files` are those sent along.

    Raises:
        Refused: for an unknown field, a missing one, or one of another type.
    """
    known = {**method.may, **method.needs}
    named = {value.removeprefix("attach://") for value in given.values() if isinstance(value, str)}
    if stray := (set(given) | set(files) - named) - set(known):
        raise broken(f"{method.name} has no {', '.join(sorted(stray))}", method.section)
    values = {name: _typed(known[name], name, value, method) for name, value in given.items()}
    for name in method.needs:
        if name in ("url", "text"):
            # Left out is empty, of which the method itself has more to say.
            values.setdefault(name, "")
        elif name not in files and values.get(name) in (None, ""):
            raise broken(f"{name.replace('_id', ' identifier')} is not specified", method.section)
    return {name: value for name, value in values.items() if value is not None}


def _typed(kind: Kind, name: str, value: object, method: Method) -> object:
    wrong = broken(f"{name} of {method.name} is not of type {kind}: {value!r:.80}", method.section)
    if kind == "string":
        if not isinstance(value, str):
            raise wrong
        return value
    if kind == "file":
        if isinstance(value, str):
            return value
        raise wrong
    if kind == "chat":
        if isinstance(value, str) and re.fullmatch(r"@[A-Za-z][A-Za-z0-9_]{2,31}", value):
            return value
        kind = "integer"
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise wrong from None
    types: dict[str, Any] = {
        "integer": int,
        "boolean": bool,
        "number": (int, float),
        "object": dict,
        "array": list,
    }
    if not isinstance(value, types[kind]) or (kind != "boolean" and isinstance(value, bool)):
        raise wrong
    return value
