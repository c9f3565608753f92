"""Read front matter, the fields above a text: YAML between `---`, TOML between `+++`, or a JSON object.

If one field cannot be read, it is left out with a note, and the others are still read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any

MOST_LINES, MOST_CHARACTERS = 200, 65_536
"""Lines and characters that front matter may have. A longer block is the text of an article that begins with
a horizontal line."""
_MOST_VALUES, _DEEPEST = 2_000, 8
"""Values that a block may have, and how deeply lists may be nested. A few lines of YAML with aliases could
expand to billions of values."""
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
"""What YAML writes for no value."""
_ENDS = {"---": ("---", "..."), "+++": ("+++",)}
"""The lines that open front matter, each with the lines that may close it."""
_USUAL = frozenset("title judul date tanggal published author penulis url id publisher".split())
"""Names of fields by which front matter is known that has no end."""
_YAML_KEY = re.compile(r"([A-Za-z_][\w-]{0,40}(?: [\w-]{1,40})?) ?:(?:\s|\Z)")
"""The beginning of a line that starts a field in YAML."""
_TOML_KEY = re.compile(r"[\"']?([A-Za-z_][\w-]{0,60})[\"']? ?=")
"""The beginning of a line that starts a field in TOML."""


class Broken(Exception):
    """A block or field that cannot be read; the message says what is wrong with it."""


def front_matter(text: str) -> tuple[dict[str, Any], str, list[str]]:
    """Split a text into its fields, the text below them, and a note for each field that cannot be read, or
    one where no line closes the fields, which then stay in the text.

    The fields' names are in lower case. A text that only begins with a horizontal line or a brace has none.
    """
    if text.startswith("{"):
        return _json(text)
    opening = text[:3]
    if opening not in _ENDS:
        return {}, text, []
    lines = _between(text, opening)
    read, key = (_yaml, _YAML_KEY) if opening == "---" else (_toml, _TOML_KEY)
    if lines is None:
        endless = f"fields are left out: no second `{opening}` ends them, so they are part of the text"
        return {}, text, [endless] if _endless(text, key) else []
    block, rest = lines
    try:
        fields = read(block)
    except Broken:
        fields, notes = _each(block, read, key)
        if not fields and not any(key.match(line) for line in block.split("\n")):
            return {}, text, []
        return fields, rest, notes
    return (fields, rest, []) if fields is not None else ({}, text, [])


def _between(text: str, opening: str) -> tuple[str, str] | None:
    """The block between the opening and the closing line, and the text after it; None if there is none."""
    at = text.find("\n") + 1
    if not at or text[3:at].strip():
        return None
    start = at
    for _ in range(MOST_LINES + 1):
        end = text.find("\n", at)
        line = text[at:] if end < 0 else text[at:end]
        if line.rstrip() in _ENDS[opening]:
            return text[start:at], "" if end < 0 else text[end + 1 :]
        if end < 0 or end - start > MOST_CHARACTERS:
            return None
        at = end + 1
    return None


def _endless(text: str, key: re.Pattern[str]) -> bool:
    """Whether a rule is followed by fields at once, one of them under a name that articles have."""
    below = takewhile(bool, map(key.match, text[:MOST_CHARACTERS].split("\n")[1:MOST_LINES]))
    return not _USUAL.isdisjoint(match[1].lower() for match in below if match)


def _each(
    block: str, read: Callable[[str], dict[str, Any] | None], key: re.Pattern[str]
) -> tuple[dict[str, Any], list[str]]:
    """Read each field by itself, since the block as a whole cannot be read. Returns fields and notes."""
    fields: dict[str, Any] = {}
    notes: list[str] = []
    for number, name, part in _parts(block, key):
        try:
            fields.update(read(part) or {})
        except Broken as error:
            notes.append(f"`{name}` (line {number}) cannot be read and is left out: {error}")
    return fields, notes


def _parts(block: str, key: re.Pattern[str]) -> Iterator[tuple[int, str, str]]:
    """Yield each field as (number of its first line in the file, name, its lines)."""
    number, name, part = 0, "", ""
    for at, line in enumerate(block.split("\n"), start=2):
        match = key.match(line)
        if match:
            if name:
                yield number, name, part
            number, name, part = at, match[1], line + "\n"
        elif name:
            part += line + "\n"
    if name:
        yield number, name, part


def _lowered(fields: dict[Any, Any]) -> dict[str, Any]:
    return {str(key).lower(): value for key, value in fields.items()}


# --- YAML ----------------------------------------------------------------------------------------------


def _yaml(block: str) -> dict[str, Any] | None:
    """The fields of a block of YAML; None if it is valid but not a mapping. Raises Broken.

    Scalars stay strings: YAML 1.1 would read the id 0012 as 10 and the title No as false.
    """
    import yaml

    try:
        root = yaml.compose(block, Loader=yaml.BaseLoader)
        if root is None:
            return {}
        if not isinstance(root, yaml.MappingNode):
            return None
        budget = [_MOST_VALUES]
        return _lowered({key.value: _value(value, budget, 0) for key, value in root.value})
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        what = getattr(error, "problem", None) or " ".join(str(error).split()) or type(error).__name__
        raise Broken(str(what)[:120]) from error


def _value(node: Any, budget: list[int], depth: int) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or depth > _DEEPEST:
        raise ValueError("too many values, or lists too deep")
    if isinstance(node.value, str):
        return None if node.style is None and node.value in _NULLS else node.value
    if node.id == "sequence":
        return [_value(each, budget, depth + 1) for each in node.value]
    return {str(key.value): _value(value, budget, depth + 1) for key, value in node.value}


# --- TOML and JSON -------------------------------------------------------------------------------------


def _toml(block: str) -> dict[str, Any] | None:
    """The fields of a block of TOML. Raises Broken."""
    import tomllib

    try:
        return _lowered(tomllib.loads(block))
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise Broken(" ".join(str(error).split())[:120]) from error


def _json(text: str) -> tuple[dict[str, Any], str, list[str]]:
    """Front matter that is a JSON object on the first lines, with a text below it."""
    try:
        fields, end = json.JSONDecoder().raw_decode(text[:MOST_CHARACTERS])
    except (ValueError, RecursionError):
        return {}, text, []
    rest = text[end:].lstrip(" \t")
    if not isinstance(fields, dict) or not rest.startswith("\n") or not rest.strip():
        return {}, text, []
    return _lowered(fields), rest.lstrip("\n"), []
