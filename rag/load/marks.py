"""Marks that carry meaning, kept where a text has no marks: powers, indices, fractions, what was struck.

`17<sup>2</sup>` read as 172, and a struck 12 before its correction 17 read as "12 17", are figures that
nobody wrote.
"""

from __future__ import annotations

import re
from typing import Any

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_PLAIN_RAISED = re.compile(r"(?i)(?:st|nd|rd|th|o|a|er|e|tm|sm|®|™|°|º|ª|[.,:;!?'\"’”)]+)")
_REFERENCE = re.compile(r"(?:\[ ?(?:\d{1,3}|[a-z]|note \d{1,3}|catatan \d{1,3}) ?\] ?)+|[*†‡§¶]{1,3}")
"""What a note's mark looks like: [1], [a], *. It is no part of the sentence."""


def raised(text: str) -> str:
    """What stands in superscript, for a place in a line: 2 is ², and what has no such character is ^(…)."""
    words = " ".join(_legal(text).split())
    if not words or _REFERENCE.fullmatch(words):
        return ""
    made = words.replace(" ", "").translate(_RAISED)
    if not re.search(r"[^⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ]", made) and not re.fullmatch(r"(?i)[ni]", words):
        return made
    if made in {"ⁿ", "ⁱ"}:
        return made
    if _PLAIN_RAISED.fullmatch(words) or len(words) > 20:
        return words
    return f"^{words}" if re.fullmatch(r"\w", words) else f"^({words})"


def lowered(text: str) -> str:
    """The same of a subscript: CO₂, x_max."""
    words = " ".join(_legal(text).split())
    if not words:
        return ""
    made = words.replace(" ", "").translate(_LOWERED)
    if not re.search(r"[^₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎]", made):
        return made
    return words if len(words) > 20 else f"_{words}" if re.fullmatch(r"\w+", words) else f"_({words})"


def fraction(above: str, below: str) -> str:
    """A fraction in one line; what is more than a word on either side gets brackets."""
    parts = (" ".join(each.split()) for each in (above, below))
    return "/".join(part if re.fullmatch(r"[\w.,]*", part) else f"({part})" for part in parts)


def joined(before: str, after: str) -> str:
    """What goes between two pieces of one line, so that a fraction does not become part of a number."""
    return " " if before[-1:].isdigit() and after[:1].isdigit() else ""


# --- in a page's tree ---------------------------------------------------------------------------------------

STRUCK = frozenset(("del", "s", "strike"))
"""Elements whose text an editor took back."""
_STRUCK_STYLE = re.compile(r"(?i)text-decoration[^;]{0,40}line-through")
_HIDDEN_STYLE = re.compile(r"(?i)(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)")
_STRUCK_CLASSES = frozenset(("line-through", "text-decoration-line-through", "strikethrough"))
_HIDDEN_CLASSES = frozenset(
    "sr-only sr_only visually-hidden visuallyhidden visually_hidden screen-reader-text screen-reader-only "
    "screenreader-only hidden d-none hide is-hidden u-hidden element-invisible assistive-text".split()
)
_SHOWN_AGAIN = re.compile(r":(?:block|flex|inline|grid|table|not-sr-only)|d-\w{2}-|visible-|show-for")
"""A class by which a hidden element is shown on larger screens."""
_COMMENTS = frozenset(
    "comments comment commentlist comment-list comments-area comment-section comments-section disqus_thread "
    "komentar komentar-pembaca list-komentar fb-comments respond user-comments reader-comments".split()
)
_BLOCKS = frozenset(
    "address article blockquote br dd div dl dt figcaption h1 h2 h3 h4 h5 h6 hr li p pre tr".split()
)
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML has not, and that lxml does not take, though a page may have them."""
_SOFT_HYPHEN = re.compile("(?<=[0-9])\u00ad(?=[0-9])")
_NEVER_HIDDEN = frozenset(("html", "head", "body", "main", "article"))
_MOST_OF_ALL = 0.5
"""The share of a page's text from which what says that it is hidden, or comments, is the page itself."""


def keep_meaning(tree: Any) -> None:
    """Puts into an lxml tree's text what its marks say, and takes out what a reader does not see: struck and
    hidden text, and readers' comments. Changes `tree`."""
    whole = len(tree.text_content())
    checks = 8
    for element in list(tree.iter()):
        for name in ("text", "tail"):
            text = getattr(element, name)
            if text and not text.isprintable() and (plain := _hyphened(text)) != text:
                setattr(element, name, plain)
        if not isinstance(element.tag, str) or (element.getparent() is None and element is not tree):
            continue
        if element.tag in STRUCK or _is_struck(element):
            _become(element, "")
        elif element.tag in {"sup", "sub"}:
            _become(element, _shifted(element))
        elif element.tag == "q":
            element.text = _legal(f"“{element.text or ''}")
            _append(element, "”")
            element.tag = "span"
        elif element.tag == "math":
            before = (
                element.getprevious().tail if element.getprevious() is not None else element.getparent().text
            )
            text = _formula(element, 0)
            _become(element, joined(before or "", text) + text)
        elif _is_unseen(element) and checks:
            checks -= 1 if len(element) else 0
            if len(element.text_content()) <= _MOST_OF_ALL * whole:
                _become(element, "")


def shown(html: str) -> str:
    """What a piece of HTML shows, with the meaning of its marks: a block a line, and a row of a table too."""
    from lxml.html import fragment_fromstring  # type: ignore[import-untyped]

    tree = fragment_fromstring(_legal(html), create_parent="div")
    for element in list(tree.iter("script", "style")):
        _become(element, "")
    keep_meaning(tree)
    for element in tree.iter():
        if element.tag in {"td", "th"} and element.getnext() is not None:
            element.tail = " | "
        elif element.tag in _BLOCKS and element is not tree:
            element.tail = _legal(f"\n{element.tail or ''}")
    return str(tree.text_content())


def _hyphened(text: str) -> str:
    """Without what lxml does not take again, and with a hyphen between digits where a soft one stands, which
    trafilatura drops."""
    return _legal(_SOFT_HYPHEN.sub("-", text))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)


def _become(element: Any, text: str) -> None:
    """Empties an element down to a text; what follows it stays."""
    for child in list(element):
        element.remove(child)
    element.text = _legal(text)
    for name in list(element.attrib):
        del element.attrib[name]
    element.tag = "span"


def _append(element: Any, text: str) -> None:
    if len(element):
        element[-1].tail = _legal((element[-1].tail or "") + text)
    else:
        element.text = _legal((element.text or "") + text)


def _shifted(element: Any) -> str:
    text = str(element.text_content())
    if element.tag == "sub":
        return lowered(text)
    # A number that leads to a note is the note's mark.
    leads = any((link.get("href") or "").startswith("#") for link in element.iter("a"))
    return "" if leads else raised(text)


def _formula(element: Any, depth: int) -> str:
    """A formula of MathML in one line."""
    if not isinstance(element.tag, str) or depth > 40 or element.tag in {"annotation", "annotation-xml"}:
        return ""
    parts = [_formula(child, depth + 1) for child in element]
    if element.tag == "mfrac" and len(parts) == 2:
        return fraction(*parts)
    if element.tag == "msup" and len(parts) == 2:
        return parts[0] + raised(parts[1])
    if element.tag == "msub" and len(parts) == 2:
        return parts[0] + lowered(parts[1])
    made = " ".join((element.text or "").split())
    for part in parts:
        made += joined(made, part) + part
    return made


def _is_struck(element: Any) -> bool:
    return bool(
        _STRUCK_STYLE.search(element.get("style") or "")
        or _STRUCK_CLASSES & set((element.get("class") or "").split())
    )


def _is_unseen(element: Any) -> bool:
    if element.tag in _NEVER_HIDDEN:
        return False
    classes = (element.get("class") or "").lower()
    tokens = set(classes.split())
    return (
        "hidden" in element.attrib
        or (element.get("aria-hidden") or "").lower() == "true"
        or (element.tag == "dialog" and "open" not in element.attrib)
        or _HIDDEN_STYLE.search(element.get("style") or "") is not None
        or (not _HIDDEN_CLASSES.isdisjoint(tokens) and not _SHOWN_AGAIN.search(classes))
        or not _COMMENTS.isdisjoint({*tokens, (element.get("id") or "").lower()})
        or (element.get("itemtype") or "").endswith(("schema.org/Comment", "schema.org/UserComments"))
    )
