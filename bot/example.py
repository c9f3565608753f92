"""A question that the newest articles answer, for a first screen."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.store.archive import Archive
from rag.types import Article, Language

_NEWEST = 20
"""How many of the newest articles are searched."""
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


def newest_example(archive: Archive, language: Language | None = None) -> str | None:
    """A question that one of the newest articles answers, in `language` or the article's own; None where
    there is no article with a title."""
    listed = archive.listed(0, _NEWEST)
    newest = sorted(listed, key=lambda each: each.published or "", reverse=True)
    return example_of([found for each in newest if (found := archive.article(each.id))], language)


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
