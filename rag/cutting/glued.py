"""Words that a feed has glued together by losing what stood between them: told, never guessed. Pure."""

from __future__ import annotations

import re

from rag.cutting.teasers import CAMEL

_STOP = re.compile(r"(?<![^\W\d_])[^\W\d_]{3,}[.!?][\"”’)]?(?=[A-Z][a-z]{2})[A-Z]\w*")
"""A sentence's end without a space after it. It is searched from a word's first letter only; otherwise a
long word would be searched again from each of its letters."""
_MIDST = re.compile(r"\b[A-Za-z]?[a-z]{2,}(?=[A-Z][a-z]{2})[A-Z]\w*")
"""A capital in the middle of a word."""


def glued(text: str) -> list[str]:
    """Each place where two words touch, as it stands there, in order; names such as TikTok are none."""
    found = [(match.start(), match[0]) for match in (*_STOP.finditer(text), *_MIDST.finditer(text))]
    return [word for _, word in sorted(found) if not CAMEL.match(word)]
