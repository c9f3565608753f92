"""What a page's styles say of an element: that it is struck out, not to be seen, raised or lowered.

Of CSS only what changes the words of a text is read: an element's own style, the names of classes that say
it, and a page's own rules for a class by itself (`.old { text-decoration: line-through }`). Nothing is
fetched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MOST_RULES = 256 * 1024
"""Characters of a page's own rules that are read."""
STRUCK = frozenset(("del", "s", "strike"))
"""Elements whose text an editor took back."""
_INLINE = frozenset("a abbr b big cite code em font i ins mark q small span strong sub sup tt u var".split())
"""Elements whose text stands in a line with other text."""
_STRUCK_STYLE = re.compile(r"(?i)text-decoration[^;]{0,40}line-through")
"""A style that strikes text out."""
_RAISED_STYLE = re.compile(r"(?i)vertical-align\s*:\s*(?:super|text-top)\b")
"""A style that makes a superscript."""
_LOWERED_STYLE = re.compile(r"(?i)vertical-align\s*:\s*(?:sub|text-bottom)\b")
"""A style that makes a subscript."""
_HIDDEN_STYLE = re.compile(r"(?i)(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)")
"""A style that hides text."""
_AWAY_STYLE = re.compile(
    r"(?i)(?:^|;)\s*(?:font-size\s*:\s*0(?:px|r?em|%|pt)?\s*(?:;|!|\Z)|text-indent\s*:\s*-\d{3,}"
    r"|(?:left|right|top|margin-left)\s*:\s*-\d{3,}|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]"
    r"|clip-path\s*:\s*inset\(\s*(?:50|100)%)"
)
"""Ways to show something to a screen reader only: without size, off the page, cut to nothing."""
_CLEAR_STYLE = re.compile(r"(?i)(?:^|;)\s*opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|\Z)")
"""Of a whole block this is how it begins to appear, slowly, and so it says nothing there."""
_STRUCK_CLASSES = frozenset(
    "line-through text-decoration-line-through strikethrough strike-through text-strikethrough text-strike "
    "strike strikeout striked struck u-line-through u-strike is-struck text-line-through".split()
)
"""Classes that strike text out, in usual style sheets."""
_RAISED_CLASSES = frozenset("superscript text-super sup align-super".split())
"""Classes that make a superscript."""
_LOWERED_CLASSES = frozenset("subscript text-sub align-sub".split())
"""Classes that make a subscript."""
_HIDDEN_CLASSES = frozenset(
    "sr-only sr_only visually-hidden visuallyhidden visually_hidden screen-reader-text screen-reader-only "
    "screenreader-only hidden d-none hide is-hidden u-hidden element-invisible assistive-text".split()
)
"""Classes that hide text from sighted readers, in usual style sheets."""
_SHOWN_AGAIN = re.compile(r":(?:block|flex|inline|grid|table|not-sr-only)|d-\w{2}-|visible-|show-for")
"""A class by which a hidden element is shown on larger screens."""
_OPENED = re.compile(
    r"(?i)more|full|rest|lanjut|selengkap|expand|collaps|content|body|article|paywall|lazy|fade"
)
"""Names of classes whose text a reader's click, or the page's own script, shows."""
_COMMENTS = frozenset(
    "comments comment commentlist comment-list comments-area comment-section comments-section disqus_thread "
    "komentar komentar-pembaca list-komentar fb-comments respond user-comments reader-comments post-comments "
    "comment-body comment-content comments-list comments__list article-comments entry-comments "
    "komentar-list komentar-artikel kolom-komentar".split()
)
"""Classes and ids of readers' comments."""
_FORMULA = re.compile(r"(?i)katex|mathjax|mathml")
"""Classes of a formula that is there twice, for programs and drawn."""
_NEVER_HIDDEN = frozenset(("html", "head", "body", "main", "article"))
"""Elements that are kept even if they are marked as hidden: scripts show them later."""
_COMMENT = re.compile(r"/\*.{0,5000}?\*/", re.DOTALL)
"""A comment in a style sheet."""
_BY_CLASS = re.compile(r"(?:span|p|div|small|em|b|i|a|font|u)?\.([\w-]{1,60})")
"""A selector of one class by itself."""

Rules = Mapping[str, str]
"""By a class, what a page's own rules say of it."""


def rules(css: str) -> Rules:
    """The rules of a style sheet for one class by itself, as far as they change the words of a text.

    Those for one kind of screen or for print only say nothing of what a reader sees.
    """
    found: dict[str, str] = {}
    depth = start = 0
    head = ""
    text = _COMMENT.sub(" ", css[:MOST_RULES])
    for match in re.finditer(r"[{}]", text):
        if match[0] == "{":
            if depth == 0:
                head = text[start : match.start()].strip()
            depth += 1
        else:
            body = text[start : match.start()].strip()
            if depth == 1 and head and not head.startswith("@") and _says(body):
                for selector in head[:5_000].split(","):
                    if named := _BY_CLASS.fullmatch(selector.strip()):
                        found[named[1].lower()] = f"{found.get(named[1].lower(), '')};{body}"
            depth = max(0, depth - 1)
        start = match.end()
    return found


def _says(body: str) -> bool:
    patterns = (_STRUCK_STYLE, _RAISED_STYLE, _LOWERED_STYLE, _HIDDEN_STYLE, _AWAY_STYLE)
    return len(body) < 2_000 and any(pattern.search(body) for pattern in patterns)


class Look:
    """What is said of one element of an lxml tree, by its own style, its classes and the page's rules."""

    def __init__(self, element: Any, page: Rules) -> None:
        self._element = element
        self._own = element.get("style") or ""
        self._classes = (element.get("class") or "").lower()
        self._names = set(self._classes.split())
        self._ruled = "".join(f";{page[name]}" for name in self._names if name in page) if page else ""
        self._inline = element.tag in _INLINE

    @property
    def struck(self) -> bool:
        """Whether its text was taken back."""
        return bool(
            self._element.tag in STRUCK
            or _STRUCK_STYLE.search(self._own)
            or _STRUCK_STYLE.search(self._ruled)
            or not _STRUCK_CLASSES.isdisjoint(self._names)
        )

    @property
    def shift(self) -> str | None:
        """`sup` or `sub` where it stands above or below its line."""
        if self._element.tag in {"sup", "sub"}:
            return str(self._element.tag)
        if not self._inline:
            return None
        style = f"{self._own};{self._ruled}"
        if _RAISED_STYLE.search(style) or not _RAISED_CLASSES.isdisjoint(self._names):
            return "sup"
        if _LOWERED_STYLE.search(style) or not _LOWERED_CLASSES.isdisjoint(self._names):
            return "sub"
        return None

    @property
    def hidden(self) -> bool:
        """Whether a reader does not see it, or it is what readers say below an article."""
        element = self._element
        if element.tag in _NEVER_HIDDEN:
            return False
        if element.tag == "template" or "hidden" in element.attrib:
            return True
        if element.tag == "dialog" and "open" not in element.attrib:
            return True
        return (
            self._styled_away()
            or self._is_for_eyes_only()
            or (not _HIDDEN_CLASSES.isdisjoint(self._names) and not _SHOWN_AGAIN.search(self._classes))
            or not _COMMENTS.isdisjoint({*self._names, (element.get("id") or "").lower()})
            or (element.get("itemtype") or "").endswith(("schema.org/Comment", "schema.org/UserComments"))
        )

    def _styled_away(self) -> bool:
        ruled = "" if _OPENED.search(self._classes) else self._ruled
        style = f"{self._own};{ruled}"
        return bool(
            _HIDDEN_STYLE.search(style)
            or _AWAY_STYLE.search(style)
            or (self._inline and _CLEAR_STYLE.search(self._own))
        )

    def _is_for_eyes_only(self) -> bool:
        """Whether it is kept from screen readers and says nothing to others: a block that comes up later, or
        the drawing of a formula that is there for programs too. Words in a line are there for the eyes."""
        element = self._element
        if (element.get("aria-hidden") or "").lower() != "true":
            return False
        if not self._inline:
            return True
        before = element.getprevious()
        beside = (before.get("class") or "") if before is not None else ""
        return bool(_FORMULA.search(self._classes) or _FORMULA.search(beside))
