"""A question that the newest articles answer, for a first screen. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Article, Language

LOOKED_AT = 2_000
"""Characters of an article that are searched for a person."""
_TITLE = 90
"""Characters; a longer title makes no question to read at a glance."""

_NAME = r"(?P<name>(?:[A-Z][\w.'’-]+ ){1,3}[A-Z][\w'’-]+)"
"""Two to four words with capitals."""
_SOMEBODY: dict[Language, re.Pattern[str]] = {
    # "Menteri Pertahanan Rusia, Sergei Shoigu," names an office and who holds it.
    "id": re.compile(
        r"\b(?P<office>(?:Menteri|Bupati|Gubernur|Wali Kota|Presiden|Ketua|Kepala|Direktur|Duta Besar"
        r"|Kapolres|Kapolda|Rektor|Pelatih|Camat|Panglima|Juru Bicara)(?: (?:[A-Z][\w-]+|untuk|dan))*"
        r" [A-Z][\w-]+)"
        rf"(?: \([^)]{{2,20}}\))?, {_NAME}(?=,)"
    ),
    "en": re.compile(rf"(?<![\w,] )\b(?!The ){_NAME}, (?:the|an?|who|(?:[a-z]+ )?minister|chief|head)\b"),
}


def example_of(articles: Sequence[Article], language: Language | None = None) -> str | None:
    """A question about somebody whom one of these articles names, the first; else about what happened.

    In `language`, else in the article's own. None where no article has even a title.
    """
    for article in articles:
        if found := _SOMEBODY[article.language].search(article.text[:LOOKED_AT]):
            if (language or article.language) == "en":
                return f"Who is {found['name']}?"
            return f"Siapa {found['office'] if article.language == 'id' else found['name']}?"
    for article in articles:
        title = " ".join((article.title or "").split()).rstrip("?!. ")
        if 0 < len(title) <= _TITLE:
            asked = "What happened" if (language or article.language) == "en" else "Apa yang terjadi"
            return f"{asked}: {title}?"
    return None
