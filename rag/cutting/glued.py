"""Words that a feed has glued together by losing what stood between them: told, never guessed. Pure."""

from __future__ import annotations

import re

from rag.cutting.teasers import CAMEL

# A sentence's end without a space, and a capital in the midst of a word.
# From a word's first letter only: a long one would be looked through again from each of its letters.
_STOP = re.compile(r"(?<![^\W\d_])[^\W\d_]{3,}[.!?][\"”’)]?(?=[A-Z][a-z]{2})[A-Z]\w*")
_MIDST = re.compile(r"\b[A-Za-z]?[a-z]{2,}(?=[A-Z][a-z]{2})[A-Z]\w*")


def glued(text: str) -> list[str]:
    """Each place where two words touch, as it stands there, in order; names such as TikTok are none."""
    found = [(match.start(), match[0]) for match in (*_STOP.finditer(text), *_MIDST.finditer(text))]
    return [word for _, word in sorted(found) if not CAMEL.match(word)]
