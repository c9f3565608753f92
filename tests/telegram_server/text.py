"""Texts and their entities, as the server takes them.

Offsets and lengths of entities are UTF-16 code units; the length of a text is in code points.

Sources: https://core.telegram.org/bots/api#messageentity, #formatting-options and #sendmessage; for what the
documentation leaves open, TDLib's `clean_input_string` and `fix_formatted_text`, on which Telegram's own Bot
API server is built.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from tests.telegram_server.errors import broken

Entity = dict[str, Any]

MOST_TEXT = 4096
MOST_CAPTION = 1024
MOST_ENTITIES = 100
"""Telegram drops what is beyond, silently; here it is refused."""

NESTING = {"bold", "italic", "underline", "strikethrough", "spoiler"}
"""These "can contain and can be part of any other entities, except pre and code" (#formatting-options)."""
QUOTES = {"blockquote", "expandable_blockquote"}
"""These "can't be nested"."""
DETECTED = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
"""The server finds these itself, and ignores them when it is given them."""
_NEEDS = {
    "text_link": ("url", str),
    "text_mention": ("user", dict),
    "custom_emoji": ("custom_emoji_id", str),
    "date_time": ("unix_time", int),
}
_MAY = {"pre": {"language"}, "date_time": {"date_time_format"}}
TYPES = NESTING | QUOTES | DETECTED | set(_NEEDS) | {"code", "pre"}

_REMOVED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_BLANKS = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]*"
)


def units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def slice_units(text: str, start: int, end: int) -> str:
    """The stretch of a text from one UTF-16 offset to another."""
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "replace")


def is_blank(text: str) -> bool:
    """Whether nothing of a text would be seen; the server calls such a text empty."""
    return _BLANKS.fullmatch(text) is not None


def cleaned(text: str, entities: Sequence[Entity] = ()) -> tuple[str, list[Entity]]:
    """A text as the server keeps it, and its entities moved along.

    Control characters become spaces; carriage returns, line and paragraph separators, directional overrides
    and three combining lines are removed; white space at both ends is cut. Entities left without
    anything to see are dropped.
    """
    pieces = [_CONTROL.sub(" ", _REMOVED.sub("", piece)) for piece in text]
    kept = "".join(pieces)
    head = len(kept) - len(kept.lstrip(" \n\u00a0"))
    tail = len(kept.rstrip(" \n\u00a0"))
    result = kept[head:tail]
    if not entities:
        return result, []
    # The new offset of every old one.
    moved: list[int] = []
    count = -units(kept[:head])
    most = units(result)
    for before, after in zip(text, pieces, strict=True):
        place = min(max(count, 0), most)
        moved.extend([place] * units(before))
        count += units(after)
    moved.append(min(max(count, 0), most))
    shifted = []
    for entity in entities:
        start, end = moved[entity["offset"]], moved[entity["offset"] + entity["length"]]
        if end > start and slice_units(result, start, end).strip():
            shifted.append({**entity, "offset": start, "length": end - start})
    shifted.sort(key=lambda each: (each["offset"], -each["length"]))
    return result, shifted


def formatted(
    text: str,
    entities: Sequence[Entity],
    *,
    rule: str,
    least: int = 1,
    most: int = MOST_TEXT,
    what: str = "text",
) -> tuple[str, list[Entity]]:
    """Checks a text and its entities, and returns them as the server keeps them.

    The length is "in characters after entities parsing" (#sendmessage), and characters are code points:
    so says `message_length_max` (https://core.telegram.org/constructor/config), and 4,096 emoji, twice as
    many UTF-16 units, were seen to be taken (github.com/FerroxLabs/wayland/issues/934).

    Raises:
        Refused: with the rule that is broken.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise broken("strings must be encoded in UTF-8", "making-requests") from None
    check_entities(text, entities)
    text, entities = cleaned(text, entities)
    if least and (not text or is_blank(text)):
        raise broken(f"message {what} is empty" if what == "text" else f"{what} must be non-empty", rule)
    if len(text) > most:
        raise broken("message is too long" if what == "text" else f"message {what} is too long", rule)
    return text, [entity for entity in entities if entity["type"] not in DETECTED]


def check_entities(text: str, entities: Sequence[Entity]) -> None:
    """Checks that entities are well-formed, lie inside the text on code point borders, and nest as allowed.

    Raises:
        Refused: for the first that does not.
    """
    if len(entities) > MOST_ENTITIES:
        raise broken(f"{len(entities)} entities; no more than {MOST_ENTITIES} are shown", "messageentity")
    borders = {0}
    place = 0
    for character in text:
        place += 2 if ord(character) > 0xFFFF else 1
        borders.add(place)
    for entity in entities:
        _check_entity(entity)
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if end > place:
            raise broken(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset "
                f"{end}",
                "messageentity",
            )
        if start not in borders or end not in borders:
            raise broken(f"entity at UTF-16 offset {start} begins or ends inside a symbol", "messageentity")
    for one, other in combinations(sorted(entities, key=lambda e: (e["offset"], -e["length"])), 2):
        _check_pair(one, other)


def _check_entity(entity: Entity) -> None:
    rule = "messageentity"
    kind = entity.get("type")
    if kind not in TYPES:
        raise broken(f"can't parse MessageEntity: unsupported type {kind!r}", rule)
    for name in ("offset", "length"):
        if type(entity.get(name)) is not int:
            raise broken(f"can't parse MessageEntity: field {name} must be a number", rule)
    if entity["offset"] < 0 or entity["length"] < 1:
        raise broken("entity has a negative offset, or no length", rule)
    allowed = {"type", "offset", "length"} | _MAY.get(kind, set())
    if kind in _NEEDS:
        name, of = _NEEDS[kind]
        if not isinstance(entity.get(name), of):
            raise broken(f"can't parse MessageEntity: a {kind} needs {name}", rule)
        allowed.add(name)
    if stray := set(entity) - allowed:
        raise broken(f"can't parse MessageEntity: a {kind} has no {', '.join(sorted(stray))}", rule)
    if kind == "text_link" and not is_url(entity["url"]):
        raise broken(f"entity's URL {entity['url']!r} is invalid", rule)


def _check_pair(one: Entity, other: Entity) -> None:
    """`one` starts first, or at the same place and is no shorter."""
    rule = "formatting-options"
    if other["offset"] >= one["offset"] + one["length"]:
        return
    kinds = {one["type"], other["type"]}
    if kinds & DETECTED:
        return
    if other["offset"] + other["length"] > one["offset"] + one["length"]:
        raise broken(f"entities {one} and {other} overlap and neither contains the other", rule)
    if kinds & {"pre", "code"} and one["type"] not in QUOTES:
        raise broken(f"{one['type']} and {other['type']} can't be nested", rule)
    if kinds <= QUOTES:
        raise broken("blockquotes can't be nested", rule)
    if one["type"] == other["type"]:
        raise broken(f"{one['type']} within {one['type']}", rule)
    if not kinds & NESTING and not kinds & QUOTES:
        raise broken(f"{one['type']} and {other['type']} can't contain each other", rule)


def is_url(url: str) -> bool:
    """Whether the server would link to it: with a host, no white space, and not too long."""
    match = re.fullmatch(r"(?:(https?|ftp|tg|tonsite)://)?([^\s/?#]+)(?:[/?#]\S*)?", url, re.IGNORECASE)
    if match is None or len(url) > 2048 or not url.isprintable():
        return False
    scheme, host = (match[1] or "http").lower(), match[2].rpartition("@")[2].partition(":")[0]
    return (
        scheme == "tg"
        or host == "localhost"
        or ("." in host and not host.startswith(".") and ".." not in host)
    )


_FOUND = {
    # A command of 1-32 characters, perhaps addressed: #botcommand, and bots/features#commands.
    "bot_command": re.compile(r"(?<![\w/@<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@])"),
    "mention": re.compile(r"(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{2,31}(?!\w)"),
    "hashtag": re.compile(r"(?<!\w)#\w*[^\W\d]\w*"),
    "url": re.compile(
        r"(?<![\w@.])(?:https?://[^\s/?#]+\.[^\s]+|(?:[\w-]+\.)+(?:com|org|net|id|co\.id|gov)\b(?:/\S*)?)"
    ),
}


def detected(text: str, taken: Sequence[Entity] = ()) -> list[Entity]:
    """The commands, mentions, hashtags and links that the server finds in a text by itself."""
    found: list[Entity] = []
    for kind, pattern in _FOUND.items():
        for match in pattern.finditer(text):
            start, length = units(text[: match.start()]), units(match[0])
            clash = any(
                e["offset"] < start + length and start < e["offset"] + e["length"] for e in [*found, *taken]
            )
            if not clash:
                found.append({"type": kind, "offset": start, "length": length})
    return sorted(found, key=lambda entity: entity["offset"])
