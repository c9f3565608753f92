"""Bytes -> the text and front matter of a plain text or Markdown article."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from functools import cache
from typing import TYPE_CHECKING, Any

from rag.errors import InputError

if TYPE_CHECKING:
    # Imported where they are needed: JSON lines and web pages need neither.
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT = re.compile(r"---[ \t]*\n(?P<yaml>(?:.*\n){0,200}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_TAG = re.compile(r"<[^<>]*>")
_UNSEEN = re.compile(r"<!--|<(script|style)\b", re.IGNORECASE)


def decode(data: bytes) -> str:
    """UTF-8 with or without byte order mark, or UTF-16 with one; lines ended by a line feed.

    Raises InputError for anything else.
    """
    encoding = "utf-8"
    if data.startswith(BOM_UTF8):
        data = data.removeprefix(BOM_UTF8)
    elif data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"not {encoding.upper()} text (byte {error.start + 1}); save it as UTF-8") from error
    if "\0" in text:
        raise InputError("not text: it holds NUL bytes")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """What stands as YAML between two `---` lines at the top, and the text after it.

    A text that merely begins with a rule has none. Raises InputError where the YAML is broken.
    """
    match = _FRONT.match(text)
    if not match:
        return {}, text
    import yaml

    try:
        # Every scalar as it is written: YAML 1.1 would read an id 0012 as 10 and a title No as false.
        fields = yaml.load(match["yaml"], Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" (line {line + 2})"
        what = getattr(error, "problem", None) or " ".join(str(error).split())
        raise InputError(f"the front matter is not valid YAML{where}: {what}") from error
    if fields is None:
        return {}, text[match.end() :]
    if not isinstance(fields, dict):
        return {}, text
    return {str(key).lower(): value or None for key, value in fields.items()}, text[match.end() :]


def markdown(text: str, known: str | None = None) -> tuple[str | None, str]:
    """The first `# heading`, and the text as a reader sees it: no marks, links' words, no images.

    A block is a paragraph; a wrapped one becomes a single line. The heading is the title and no sentence
    of the text, so it is left out; where another title is `known`, it stays as a line.
    """
    title: str | None = None
    blocks: list[str] = []
    prefix = ""
    cells: list[str] = []
    tokens = _parser().parse(text)
    for at, token in enumerate(tokens):
        if token.type == "list_item_open" and token.info:
            prefix = f"{token.info}{token.markup} "
        elif token.type == "inline":
            line = _shown(token.children or [])
            if tokens[at - 1].type in {"th_open", "td_open"}:
                cells.append(line)
            elif tokens[at - 1].tag == "h1" and title is None and known in {None, " ".join(line.split())}:
                title = " ".join(line.split()) or None
            else:
                blocks.append(prefix + line)
                prefix = ""
        elif token.type == "tr_close":
            blocks.append(" | ".join(cells))
            cells = []
        elif token.type in {"fence", "code_block"}:
            blocks.append(prefix + token.content.rstrip("\n"))
            prefix = ""
        elif token.type == "html_block":
            blocks.append(_untagged(token.content).strip())
        elif token.type == "list_item_close":
            prefix = ""
    return title, "\n\n".join(block for block in blocks if block.strip())


def _untagged(html: str) -> str:
    """The words of a block of HTML, without comments, scripts and styles; in one pass."""
    parts: list[str] = []
    at = 0
    while opening := _UNSEEN.search(html, at):
        parts.append(html[at : opening.start()])
        close = f"</{opening[1].lower()}" if opening[1] else "-->"
        end = html.lower().find(close, opening.end()) if opening[1] else html.find(close, opening.end())
        # What is left of a closing tag goes with the other tags.
        at = len(html) if end < 0 else end if opening[1] else end + len(close)
    parts.append(html[at:])
    return _TAG.sub("", "".join(parts))


def _shown(children: list[Token]) -> str:
    parts: list[str] = []
    for child in children:
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak":
            parts.append("\n")
    return "".join(parts)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])
