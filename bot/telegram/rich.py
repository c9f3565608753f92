"""An answer as a rich message with footnotes (https://core.telegram.org/bots/api#inputrichmessage).

python-telegram-bot does not know these yet, so they are plain JSON here. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.phrases import Phrases
from bot.telegram.layout import Words, layout
from bot.telegram.messages import showable
from bot.telegram.reply import source_line
from rag.types import Answer, Citation

Json = dict[str, Any]


def rich_answer(
    answer: Answer, publishers: Mapping[int, str], opens: Callable[[Citation], str | None]
) -> Json:
    """The answer, whose marks lead to its quotes, each below the line that says where it stands. A quote that
    is the answer stands in the answer's place."""

    def source(citation: Citation) -> Any:
        line = showable(source_line(citation, answer.language, publishers.get(citation.number)))
        address = opens(citation)
        return {"type": "url", "text": line, "url": address} if address else line

    def translated(citation: Citation) -> list[Json]:
        if not citation.gloss:
            return []
        # Outside the block: a translation by a model is never to be taken for the quote.
        label = Phrases().machine_translation(answer.language)
        return [_paragraph([_italic(f"{label}: "), showable(" ".join(citation.gloss.split()))])]

    pieces, below = layout(answer)
    numbers = {citation.number for citation in below}
    blocks: list[Json] = []
    if answer.understood:
        said = Phrases().understood(answer.language, answer.understood)
        blocks.append(_paragraph(_italic(showable(said))))
    for piece in pieces:
        if isinstance(piece, Words):
            paragraphs = showable(piece.text).split("\n\n")
            blocks += [_paragraph(_marked(each, numbers)) for each in paragraphs if each.strip()]
            continue
        for citation in piece.citations:
            blocks += [_block(citation), _paragraph(source(citation)), *translated(citation)]
    for citation in below:
        reference = {"type": "reference", "name": _name(citation.number), "text": source(citation)}
        blocks += [_paragraph(reference), _block(citation), *translated(citation)]
    return {"blocks": blocks}


def _paragraph(text: Any) -> Json:
    return {"type": "paragraph", "text": text}


def _italic(text: str) -> Json:
    return {"type": "italic", "text": text}


def _block(citation: Citation) -> Json:
    return {"type": "blockquote", "blocks": [_paragraph(showable(citation.quote))]}


def _marked(text: str, numbers: set[int]) -> list[Any]:
    """A text whose marks such as `[1]` lead to the references of those numbers."""
    parts: list[Any] = []
    for part in re.split(r"(\[\d{1,3}\])", text):
        if re.fullmatch(r"\[\d{1,3}\]", part) and int(part[1:-1]) in numbers:
            parts.append({"type": "reference_link", "text": part, "reference_name": _name(int(part[1:-1]))})
        elif part:
            parts.append(part)
    return parts


def _name(number: int) -> str:
    return f"q{number}"
