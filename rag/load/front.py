"""What stands above a text and tells of it: YAML between `---`, TOML between `+++`, or a JSON object.

A field that cannot be read costs itself: it is left out and told, and the others are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

MOST_LINES, MOST_CHARACTERS = 200, 65_536
"""What front matter has at most; what is longer is an article that begins with a rule."""
_MOST_VALUES, _DEEPEST = 2_000, 8
"""Values of a field, and lists in lists: aliases in YAML make many of few."""
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_ENDS = {"---": ("---", "..."), "+++": ("+++",)}
_YAML_KEY = re.compile(r"([A-Za-z_][\w-]{0,40}(?: [\w-]{1,40})?) ?:(?:\s|\Z)")
_TOML_KEY = re.compile(r"[\"']?([A-Za-z_][\w-]{0,60})[\"']? ?=")


class Broken(Exception):
    """A field that cannot be read; its message says what is wrong with it."""


def front_matter(text: str) -> tuple[dict[str, Any], str, list[str]]:
    """The fields above a text, the text after them, and a note for each field that cannot be read.

    Names are in small letters. A text that merely begins with a rule or a brace has no fields.
    """
    if text.startswith("{"):
        return _json(text)
    opening = text[:3]
    if opening not in _ENDS:
        return {}, text, []
    lines = _between(text, opening)
    if lines is None:
        return {}, text, []
    block, rest = lines
    read, key = (_yaml, _YAML_KEY) if opening == "---" else (_toml, _TOML_KEY)
    try:
        fields = read(block)
    except Broken:
        fields, notes = _each(block, read, key)
        if not fields and not any(key.match(line) for line in block.split("\n")):
            return {}, text, []
        return fields, rest, notes
    return (fields, rest, []) if fields is not None else ({}, text, [])


def _between(text: str, opening: str) -> tuple[str, str] | None:
    """The block below the first line, up to its end, and what stands after that."""
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


def _each(
    block: str, read: Callable[[str], dict[str, Any] | None], key: re.Pattern[str]
) -> tuple[dict[str, Any], list[str]]:
    """The same where the block as a whole cannot be read: each field by itself."""
    fields: dict[str, Any] = {}
    notes: list[str] = []
    for number, name, part in _parts(block, key):
        try:
            fields.update(read(part) or {})
        except Broken as error:
            notes.append(f"`{name}` (line {number}) cannot be read and is left out: {error}")
    return fields, notes


def _parts(block: str, key: re.Pattern[str]) -> Iterator[tuple[int, str, str]]:
    """Each field's first line counted in the file, its name, and its lines."""
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
    """None where it is valid and no mapping. Every scalar is as it is written: YAML 1.1 would read an id 0012
    as 10 and a title No as false. Raises Broken."""
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
    """Raises Broken."""
    import tomllib

    try:
        return _lowered(tomllib.loads(block))
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise Broken(" ".join(str(error).split())[:120]) from error


def _json(text: str) -> tuple[dict[str, Any], str, list[str]]:
    """An object on the first lines, with a text below it."""
    try:
        fields, end = json.JSONDecoder().raw_decode(text[:MOST_CHARACTERS])
    except (ValueError, RecursionError):
        return {}, text, []
    rest = text[end:].lstrip(" \t")
    if not isinstance(fields, dict) or not rest.startswith("\n") or not rest.strip():
        return {}, text, []
    return _lowered(fields), rest.lstrip("\n"), []
