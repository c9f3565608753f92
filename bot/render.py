"""An answer as a terminal shows it, and as JSON. Pure: nothing is printed here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.panel import Panel
from rich.style import Style
from rich.text import Text

from bot.phrases import Phrases
from rag.reading.compose import found_in
from rag.types import Answer, Citation

_MARKED = Style(bold=True, color="green", underline=True)


def as_json(answer: Answer, id: str) -> dict[str, Any]:
    """The answer as the command line's contract fixes it."""
    fields = asdict(answer)
    for citation in fields["citations"]:
        # Beside the contract's fields only where there is a translation.
        if citation["gloss"] is None:
            del citation["gloss"]
    fields["seconds"] = {stage: round(time, 4) for stage, time in answer.seconds.items()}
    return {"id": id, **fields}


def in_terminal(answer: Answer) -> Iterator[RenderableType]:
    """The answer first, then each quote in a numbered panel with the answer's words marked in it."""
    style = "bold" if answer.status == "answered" else "yellow"
    yield Text(answer.text, style=style)
    for citation in answer.citations:
        yield _panel(citation, answer)


def _panel(citation: Citation, answer: Answer) -> Panel:
    quote = Text(citation.quote)
    if answer.short and (marked := found_in(answer.short, citation.quote)):
        quote.stylize(_MARKED, *marked)
    if citation.gloss:
        label = Phrases().machine_translation(answer.language)
        quote.append(f"\n\n{label}: ", style="dim italic").append(citation.gloss, style="dim")
    parts = (citation.title or citation.article, (citation.published or "")[:10])
    # An article without an address is named by its id, where the title does not say it already.
    below = citation.url or (citation.article if citation.title not in (None, citation.article) else "")
    return Panel(
        quote,
        title=Text(f" {citation.number} · " + " · ".join(filter(None, parts)) + " "),
        title_align="left",
        subtitle=Text(f" {below} ", style=Style(link=_web(citation.url), dim=True)) if below else None,
        subtitle_align="right",
        border_style="green" if answer.status == "answered" else "dim",
    )


def _web(url: str | None) -> str | None:
    """What a terminal may open: an article's address is whatever its source said it is."""
    return url if url and url.startswith(("https://", "http://")) else None
