"""Why an article was refused, in Indonesian: loaders give their reasons in English."""

from __future__ import annotations

from rag.types import Language


def reason_in(reason: str, language: Language) -> str:
    """A reason in a language; one that is not known here stays as it is."""
    return reason
