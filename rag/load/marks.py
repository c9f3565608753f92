"""Keep the meaning of formatting in plain text: superscripts, subscripts, fractions, struck-out text.

Without this, `17<sup>2</sup>` would become 172, and a struck-out 12 before its correction 17 would become
"12 17": figures that nobody wrote.
"""

from __future__ import annotations

import re
from typing import Any

from rag.load.captions import set_apart
from rag.load.looks import STRUCK, Look, rules

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
"""Characters that have a superscript form."""
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
"""Characters that have a subscript form."""
_PLAIN_RAISED = re.compile(r"(?i)(?:st|nd|rd|th|o|a|er|e|tm|sm|®|™|°|º|ª|[.,:;!?'\"’”)]+)")
"""Superscripts that mean the same in plain letters: 4th, Kutip™."""
_REFERENCE = re.compile(
    r"(?:\[ ?(?:\d{1,3}|[a-z]|note \d{1,3}|catatan \d{1,3}) ?\] ?)+|[*†‡§¶]{1,3}|\d{1,2}\)"
)
"""The mark of a footnote: [1], [a], *, 2). It is not part of the sentence."""


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


def root(inner: str, degree: str = "") -> str:
    """A root in one line: √16, ³√(a+b)."""
    inner = " ".join(inner.split())
    inner = inner if re.fullmatch(r"[\w.,]*", inner) else f"({inner})"
    return f"{raised(degree)}√{inner}"


def joined(before: str, after: str) -> str:
    """What to put between two pieces of a line: a space between digits ("2 1/2", not "21/2"), else ""."""
    return " " if before[-1:].isdigit() and after[:1].isdigit() else ""


# --- in a page's tree ---------------------------------------------------------------------------------------

_BLOCKS = frozenset(
    "address article blockquote br dd div dl dt figcaption h1 h2 h3 h4 h5 h6 hr li p pre tr".split()
)
"""Elements that begin a new line."""
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML does not allow and lxml does not accept, though pages contain them."""
_SOFT_HYPHEN = re.compile("(?<=[0-9])\u00ad(?=[0-9])")
"""A soft hyphen between digits, which stands for a real one, as in 2023-24."""
_SPEAKING = frozenset(("sup", "sub", "q", "math", "template", "dialog", *STRUCK))
"""Elements that say something without an attribute."""
_UNSPOKEN = frozenset(("script", "style", "noscript", "template"))
"""Elements whose text is never shown."""
_MOST_SPARED = 8
"""Elements whose text is found to be too much to be hidden, each of which costs a look at all of it."""
_MOST_OF_ALL = 0.5
"""A share of the page's text. An element with more is kept even if it is marked as hidden or as comments,
since it must be the page itself."""


def keep_meaning(tree: Any) -> None:
    """Put the meaning of formatting into the text of an lxml tree, and remove what a visitor does not see or
    did not come for: struck-out and hidden text, and comments. Changes `tree`."""
    whole = _length(tree)
    page = rules("\n".join(element.text or "" for element in tree.iter("style")))
    spared = 0
    for element in list(tree.iter()):
        for name in ("text", "tail"):
            text = getattr(element, name)
            if text and not text.isprintable() and (plain := _hyphened(text)) != text:
                setattr(element, name, plain)
        if not isinstance(element.tag, str) or (element.getparent() is None and element is not tree):
            continue
        if not element.attrib and element.tag not in _SPEAKING:
            continue
        look = Look(element, page)
        if look.struck:
            _become(element, "")
            _close(element)
        elif shift := look.shift:
            _become(element, _shifted(element, shift))
        elif element.tag == "q":
            element.text = _legal(f"“{element.text or ''}")
            _append(element, "”")
            element.tag = "span"
        elif element.tag == "math":
            text = _formula(element, 0)
            _become(element, joined(_before(element), text) + text)
        elif spared < _MOST_SPARED and look.hidden:
            if len(element.text_content()) <= _MOST_OF_ALL * whole:
                _become(element, "")
                _close(element)
            else:
                spared += 1
        elif "aria-hidden" in element.attrib:
            # It is there for the eyes, and what finds the article would take it for hidden.
            del element.attrib["aria-hidden"]


def shown(html: str) -> str:
    """The visible text of a piece of HTML, with the meaning of its formatting: one line for each block and
    each row of a table."""
    from lxml.html import fragment_fromstring  # type: ignore[import-untyped]

    tree = fragment_fromstring(_legal(html), create_parent="div")
    keep_meaning(tree)
    for element in list(tree.iter("script", "style")):
        _become(element, "")
    set_apart(tree)
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


def _length(tree: Any) -> int:
    """Characters of a tree's text, without its scripts and styles."""
    length = 0
    for element in tree.iter():
        length += len(element.tail or "")
        if isinstance(element.tag, str) and element.tag not in _UNSPOKEN:
            length += len(element.text or "")
    return length


def _become(element: Any, text: str) -> None:
    """Replace an element's content and attributes by `text`; what follows the element stays."""
    for child in list(element):
        element.remove(child)
    element.text = _legal(text)
    for name in list(element.attrib):
        del element.attrib[name]
    element.tag = "span"


def _before(element: Any) -> str:
    """What stands right before an element, within what holds it."""
    previous, parent = element.getprevious(), element.getparent()
    if previous is not None:
        return previous.tail or ""
    return (parent.text or "") if parent is not None else ""


def _close(element: Any) -> None:
    """One space where something was taken out between two."""
    if _before(element)[-1:].isspace() and (element.tail or "")[:1].isspace():
        element.tail = element.tail[1:]


def _append(element: Any, text: str) -> None:
    if len(element):
        element[-1].tail = _legal((element[-1].tail or "") + text)
    else:
        element.text = _legal((element.text or "") + text)


def _shifted(element: Any, shift: str) -> str:
    text = str(element.text_content())
    if shift == "sub":
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
    if element.tag == "msubsup" and len(parts) == 3:
        return parts[0] + lowered(parts[1]) + raised(parts[2])
    if element.tag == "mroot" and len(parts) == 2:
        return root(parts[0], parts[1])
    if element.tag == "mfenced":
        inner = ", ".join(parts)
        return f"{element.get('open', '(')}{inner}{element.get('close', ')')}"
    made = " ".join((element.text or "").split())
    for part in parts:
        made += joined(made, part) + part
    return root(made) if element.tag == "msqrt" else made
