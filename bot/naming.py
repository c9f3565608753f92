"""Names of articles without a title, and numbers with their nouns."""

from __future__ import annotations

from rag.store.archive import Archive


def counted(number: int, what: str) -> str:
    """A number and a noun: "1 sentence", "1,200 sentences"."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def named(id: str | None, title: str | None, archive: Archive, version: int | None = None) -> str:
    """The title of an article, else its first words; its id where the archive has lost its text."""
    if title and title.strip():
        return " ".join(title.split())
    article = archive.article(id, version) if id else None
    return article.name if article else id or ""
