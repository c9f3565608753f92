"""Keep the meaning of formatting in plain text: superscripts, subscripts, fractions, struck-out text.

Without this, `17<sup>2</sup>` would become 172, and a struck-out 12 before its correction 17 would become
"12 17": figures that nobody wrote.
"""

from __future__ import annotations

import re
from typing import Any

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_PLAIN_RAISED = re.compile(r"(?i)(?:st|nd|rd|th|o|a|er|e|tm|sm|®|™|°|º|ª|[.,:;!?'\"’”)]+)")
"""Superscripts that mean the same in plain letters: 4th, Kutip™."""
_REFERENCE = re.compile(r"(?:\[ ?(?:\d{1,3}|[a-z]|note \d{1,3}|catatan \d{1,3}) ?\] ?)+|[*†‡§¶]{1,3}")
"""The mark of a footnote: [1], [a], *. It is not part of the sentence."""


def raised(text: str) -> str:
    """Superscript as plain text: ² for 2, and ^(…) if there is no such character. Footnote marks give ""."""
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
    """Subscript as plain text: ₂ for 2 (CO₂), and _(…) if there is no such character (x_max)."""
    words = " ".join(_legal(text).split())
    if not words:
        return ""
    made = words.replace(" ", "").translate(_LOWERED)
    if not re.search(r"[^₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎]", made):
        return made
    return words if len(words) > 20 else f"_{words}" if re.fullmatch(r"\w+", words) else f"_({words})"


def fraction(above: str, below: str) -> str:
    """A fraction in one line; a numerator or denominator of more than one word gets brackets."""
    parts = (" ".join(each.split()) for each in (above, below))
    return "/".join(part if re.fullmatch(r"[\w.,]*", part) else f"({part})" for part in parts)


def joined(before: str, after: str) -> str:
    """What to put between two pieces of a line: a space between digits ("2 1/2", not "21/2"), else ""."""
    return " " if before[-1:].isdigit() and after[:1].isdigit() else ""


# --- in a page's tree ---------------------------------------------------------------------------------------

STRUCK = frozenset(("del", "s", "strike"))
"""Elements with text that an editor has struck out."""
_STRUCK_STYLE = re.compile(r"(?i)text-decoration[^;]{0,40}line-through")
"""A style that strikes text out."""
_HIDDEN_STYLE = re.compile(r"(?i)(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)")
"""A style that hides text."""
_STRUCK_CLASSES = frozenset(("line-through", "text-decoration-line-through", "strikethrough"))
"""Classes that strike text out, in usual style sheets."""
_HIDDEN_CLASSES = frozenset(
    "sr-only sr_only visually-hidden visuallyhidden visually_hidden screen-reader-text screen-reader-only "
    "screenreader-only hidden d-none hide is-hidden u-hidden element-invisible assistive-text".split()
)
"""Classes that hide text from sighted readers, in usual style sheets."""
_SHOWN_AGAIN = re.compile(r":(?:block|flex|inline|grid|table|not-sr-only)|d-\w{2}-|visible-|show-for")
"""A class that shows a hidden element on larger screens."""
_COMMENTS = frozenset(
    "comments comment commentlist comment-list comments-area comment-section comments-section disqus_thread "
    "komentar komentar-pembaca list-komentar fb-comments respond user-comments reader-comments".split()
)
"""Classes and ids of readers' comments."""
_BLOCKS = frozenset(
    "address article blockquote br dd div dl dt figcaption h1 h2 h3 h4 h5 h6 hr li p pre tr".split()
)
"""Elements that begin a new line."""
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML does not allow and lxml does not accept, though pages contain them."""
_SOFT_HYPHEN = re.compile("(?<=[0-9])\u00ad(?=[0-9])")
"""A soft hyphen between digits, which stands for a real one, as in 2023-24."""
_NEVER_HIDDEN = frozenset(("html", "head", "body", "main", "article"))
"""Elements that are kept even if they are marked as hidden: scripts show them later."""
_MOST_OF_ALL = 0.5
"""A share of the page's text. An element with more is kept even if it is marked as hidden or as comments,
since it must be the page itself."""


def keep_meaning(tree: Any) -> None:
    """Put the meaning of formatting into the text of an lxml tree, and remove what a visitor does not see or
    did not come for: struck-out and hidden text, and comments. Changes `tree`."""
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
    """The visible text of a piece of HTML, with the meaning of its formatting: one line for each block and
    each row of a table."""
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
    """Text that lxml accepts, with a real hyphen for a soft one between digits (trafilatura drops those)."""
    return _legal(_SOFT_HYPHEN.sub("-", text))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)


def _become(element: Any, text: str) -> None:
    """Replace an element's content and attributes by `text`; what follows the element stays."""
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
    # A superscript that links to a place on the page is a footnote's mark.
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
