"""An answer as a rich message with footnotes (https://core.telegram.org/bots/api#inputrichmessage).

python-telegram-bot does not know these yet, so they are plain JSON here. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.phrases import Phrases
from bot.telegram.messages import showable
from bot.telegram.reply import source_line
from rag.types import Answer, Citation

Json = dict[str, Any]


def rich_answer(
    answer: Answer, publishers: Mapping[int, str], opens: Callable[[Citation], str | None]
) -> Json:
    """The answer, whose marks lead to its quotes, each below the line that says where it stands."""
    numbers = {citation.number for citation in answer.citations}
    blocks: list[Json] = [
        {"type": "paragraph", "text": _marked(paragraph, numbers)}
        for paragraph in showable(answer.text).split("\n\n")
        if paragraph.strip()
    ]
    for citation in answer.citations:
        line: Any = showable(source_line(citation, answer.language, publishers.get(citation.number)))
        if address := opens(citation):
            line = {"type": "url", "text": line, "url": address}
        reference = {"type": "reference", "name": _name(citation.number), "text": line}
        blocks.append({"type": "paragraph", "text": reference})
        quote = {"type": "paragraph", "text": showable(citation.quote)}
        blocks.append({"type": "blockquote", "blocks": [quote]})
        if citation.gloss:
            # Outside the block: a translation by a model is never to be taken for the quote.
            label = Phrases().machine_translation(answer.language)
            said = [{"type": "italic", "text": f"{label}: "}, showable(" ".join(citation.gloss.split()))]
            blocks.append({"type": "paragraph", "text": said})
    return {"blocks": blocks}


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
