"""Decode plain text, Markdown, and the XML of feeds, whatever their encoding and compression."""

from __future__ import annotations

import re
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from functools import cache
from html import escape, unescape
from typing import TYPE_CHECKING

from rag.errors import InputError
from rag.load.marks import lowered, raised, shown

if TYPE_CHECKING:
    # Imported where they are needed: JSON lines and web pages need neither.
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LARGEST = 20 * 1024 * 1024
"""Bytes that a compressed feed may have when it is decompressed."""
_PACKED = b"\x1f\x8b"
"""The first bytes of gzip."""
_UTF16 = {BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
"""The first two bytes of UTF-16: a byte order mark, or the first bracket of XML."""
_SAYS_ENCODING = re.compile(r"(<\?xml[^>]{0,100}encoding=[\"'])[^\"']{0,40}")
"""Where XML names its encoding."""
_OPENING = re.compile(rb"<\?xml\b|<rss\b|<feed\b|<rdf:RDF\b", re.IGNORECASE)
"""Where the XML of a feed begins."""
_ROOT = re.compile(rb"<(?:rss|feed|rdf:rdf)\b", re.IGNORECASE)
"""The root element of a feed."""
_PAGE = re.compile(rb"<html\b|<!doctype html", re.IGNORECASE)
"""Where a web page begins."""
_PROLOGUE = 8_192
"""Bytes within which a feed must begin; servers sometimes put a warning or a comment before it."""
_NOTE = re.compile(r"\[\^[\w-]{1,20}\](?!:)|^\[\^[\w-]{1,20}\]: ?")
"""The mark of a footnote in Markdown, which is not part of the sentence."""
_RAISED = re.compile(r"(?<=[\w)])\^([\d+−-]{1,4}|[a-z]{1,2})\^")
"""A superscript of Pandoc: 10^6^."""
_LOWERED = re.compile(r"(?<=[\w)])~(\d{1,3})~(?!~)")
"""A subscript of Pandoc: H~2~O."""
_EDITS = {"{--": "--}", "{++": "++}", "{~~": "~~}", "{>>": "<<}", "{==": "==}"}
"""How an editor's changes begin and end in CriticMarkup: taken out, put in, replaced, commented, marked."""
_CODES = {"{{<": ">}}", "{{%": "%}}", "{%": "%}", "{{": "}}"}
"""How a site's own codes begin and end (Hugo, Jekyll): a reader sees none of them."""
_LONGEST_EDIT = 2_000
"""Characters between the two marks of a change, or of a code: what is further apart is no pair."""
_CODE_CAPTION = re.compile(r"\bcaption=(?:\"([^\"]{1,600})\"|'([^']{1,600})')")
"""The caption that a code for a picture has."""
_OPENS = re.compile(r"<[a-zA-Z]")
"""A text that begins like this is HTML."""
_CLOSES = re.compile(r"(?i)</(?:p|div|li|h[1-6]|blockquote|td|figure)>|<br ?/?>")
"""The end of a block of HTML."""
_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
"""A tag of HTML."""
_ESCAPED = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[\da-fA-F]{1,6});")
"""An escaped character of HTML; titles are sometimes escaped twice."""


def decode(data: bytes) -> str:
    """Decode UTF-8 (with or without a byte order mark) or UTF-16 (with one). Lines end with a line feed.

    Raises InputError if the data is in another encoding, or is not text.
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
        raise InputError("not text: it contains NUL bytes")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_feed(data: bytes) -> bool:
    """Whether the data is a feed: its root element is near the beginning, and no page begins before it."""
    try:
        head = xml(data, _PROLOGUE)
    except InputError:
        return False
    root, page = _ROOT.search(head), _PAGE.search(head)
    return root is not None and (page is None or root.start() < page.start())


def xml(data: bytes, most: int | None = None) -> bytes:
    """A feed's XML, or its first `most` bytes: decompressed, in UTF-8 if it was in UTF-16, and without
    anything that a server put before it. Raises InputError if it is damaged or too large."""
    if data.startswith(_PACKED):
        data = _unpacked(data, most)
    data = data[:most]
    encoding = _UTF16.get(data[:2])
    if encoding is not None:
        text = data.decode(encoding, "replace").removeprefix("\ufeff")
        data = _SAYS_ENCODING.sub(r"\1utf-8", text, count=1).encode("utf-8", "replace")
    opening = _OPENING.search(data[:_PROLOGUE])
    if opening is None or _PAGE.search(data[: opening.start()]):
        return data
    return data[opening.start() :]


def _unpacked(data: bytes, most: int | None) -> bytes:
    unpack = zlib.decompressobj(47)
    try:
        made = unpack.decompress(data, most or LARGEST)
    except zlib.error as error:
        raise InputError("its compressed data is damaged") from error
    if most is None and unpack.unconsumed_tail:
        raise InputError(f"it unpacks to more than {LARGEST // 1024**2} MB")
    return made


def unmarked(text: str) -> str:
    """The words of a text that is HTML, as a newsroom's export has it; another text as it stands."""
    start = text.lstrip()[:2]
    closing = 1 if _OPENS.match(start) else 2
    if sum(1 for _, _ in zip(range(closing), _CLOSES.finditer(text), strict=False)) < closing:
        return text
    lines = (" ".join(line.split()) for line in shown(text).split("\n"))
    return "\n".join(filter(None, lines))


def plain_title(value: str) -> str:
    """A title in plain letters, however often it was escaped, and without tags."""
    for _ in range(2):
        if _ESCAPED.search(value):
            value = unescape(value)
    return " ".join((shown(value) if _TAGS.search(value) else value).split())


def edited(text: str) -> str:
    """Markdown after the changes that its editor marked, and without a site's own codes."""
    pairs = {**_EDITS, **_CODES}
    if not any(opening in text for opening in pairs):
        return text
    parts: list[str] = []
    at = 0
    closed: dict[str, int] = {}
    for match in re.finditer(r"\{(?:--|\+\+|~~|>>|==|\{[<%]?|%)", text):
        if match.start() < at:
            continue
        closing = pairs[match[0]]
        # Each closing mark is looked for once from where it was found last: a text of openings costs no more.
        end = closed.get(closing, 0)
        if 0 <= end < match.end():
            end = closed[closing] = text.find(closing, match.end())
        if end < 0 or end - match.end() > _LONGEST_EDIT:
            continue
        parts += text[at : match.start()], _as_edited(match[0], text[match.end() : end])
        at = end + len(closing)
    return "".join((*parts, text[at:]))


def _as_edited(opening: str, inner: str) -> str:
    if opening in {"{++", "{=="}:
        return inner
    if opening == "{~~":
        return inner.partition("~>")[2]
    caption = _CODE_CAPTION.search(inner) if opening == "{{<" else None
    return f"\n\n{caption[1] or caption[2]}\n\n" if caption else ""


def markdown(text: str, known: str | None = None) -> tuple[str | None, str]:
    """The first `# heading` of a Markdown text (None if there is none), and the rest as plain text: without
    marks and images, with the words of links.

    Each paragraph becomes one line, with an empty line between paragraphs. The heading is the title and not a
    sentence, so it is left out of the text; but if the article has another title, `known`, it stays.
    """
    title: str | None = None
    blocks: list[str] = []
    prefix = ""
    cells: list[str] = []
    tokens = _parser().parse(edited(text))
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
            lines = (" ".join(line.split()) for line in shown(token.content).split("\n"))
            blocks.append("\n".join(filter(None, lines)))
        elif token.type == "list_item_close":
            prefix = ""
    return title, "\n\n".join(block for block in blocks if block.strip())


def _shown(children: list[Token]) -> str:
    """One line as plain text, without struck-out words, and with the meaning of HTML's formatting."""
    has_marks = any(child.type in {"html_inline", "s_open"} for child in children)
    parts: list[str] = []
    for child in children:
        if child.type in {"text", "code_inline"}:
            content = _plain(child.content) if child.type == "text" else child.content
            parts.append(escape(content) if has_marks else content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak":
            parts.append("\n")
        elif child.type in {"s_open", "s_close"}:
            parts.append("<del>" if child.type == "s_open" else "</del>")
        elif child.type == "html_inline":
            parts.append(child.content)
    line = shown("".join(parts)) if has_marks else "".join(parts)
    return re.sub(r" {2,}", " ", line).strip(" ") if has_marks else line


def _plain(text: str) -> str:
    """Words without the marks of notes, and with what Pandoc raises and lowers as it is shown."""
    text = _NOTE.sub("", text)
    if "^" in text:
        text = _RAISED.sub(lambda match: raised(match[1]), text)
    return _LOWERED.sub(lambda match: lowered(match[1]), text) if "~" in text else text


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])
