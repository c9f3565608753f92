"""How articles and numbers of things are called."""

from __future__ import annotations

from rag.store.archive import Archive

MOST = 60
"""Characters of a name that is made of an article's first words: about what a headline has."""


def counted(number: int, what: str) -> str:
    """A number and a noun: "1 sentence", "1,200 sentences"."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def first_words(text: str, most: int = MOST) -> str:
    """The first words of a text, with an ellipsis where it goes on."""
    line = " ".join(text[: 4 * most].split())
    if len(line) <= most:
        return line
    # One word that is longer than all of it is cut.
    return (line[: most + 1].rpartition(" ")[0] or line[:most]).rstrip(" ,;:.–-") + "…"


def named(id: str | None, title: str | None, archive: Archive, version: int | None = None) -> str:
    """The title of an article, else its first words; its id where the archive has lost its text."""
    if title and title.strip():
        return " ".join(title.split())
    article = archive.article(id, version) if id else None
    return (first_words(article.text) if article else "") or id or ""
