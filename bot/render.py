"""An answer as a terminal shows it, as plain text, and as JSON. Pure: nothing is printed here.

The text comes first, then its citations in their order. A sentence that is not in the text is shown with its
source. For sentences that are, only the sources follow, each article once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.panel import Panel
from rich.style import Style
from rich.text import Text

from bot.naming import named
from bot.phrases import Phrases, dated
from bot.shelf import shortened
from rag.reading.select import found_in
from rag.store.archive import Archive
from rag.types import Answer, Citation, first_words

Names = Mapping[int, str]
"""What an article without a title is called, by the number of its citation."""

_MARKED = Style(bold=True, color="green", underline=True)
"""The style of the answer's words in a quote."""
_FRAME = 6
"""Columns that a panel's frame needs beside the words in it."""
_LEAST_TITLE = 30
"""Columns of a title that tell what it is about; with fewer, its date stands elsewhere."""
_BULLET = "• "
"""Before each item of a list."""
_INDENT = " " * 4
"""Before a day or an address on a line of its own."""
_HASH = re.compile(r"[0-9a-f]{16}")
"""An id that was made from an article's text: it tells a reader nothing."""
_NUMBER = re.compile(r"\[\d+\]")
"""The mark of a citation."""


def untitled(answer: Answer, archive: Archive) -> dict[int, str]:
    """The first words of those cited articles that have no title."""
    return {
        citation.number: named(citation.article, None, archive, citation.version)
        for citation in answer.citations
        if not (citation.title or "").strip()
    }


def as_json(answer: Answer, id: str) -> dict[str, Any]:
    """The answer as the command line's contract fixes it."""
    fields = asdict(answer)
    for citation in fields["citations"]:
        # A translation is an additional field, only there if a citation has one.
        if citation["gloss"] is None:
            del citation["gloss"]
    if answer.understood is None:
        del fields["understood"]
    fields["seconds"] = {stage: round(time, 4) for stage, time in answer.seconds.items()}
    return {"id": id, **fields}


def framed(console: Console) -> bool:
    """Whether the output is a terminal that can draw frames."""
    return console.is_terminal and not console.is_dumb_terminal


def show_answer(console: Console, answer: Answer, names: Names) -> None:
    """Prints an answer with panels on a terminal, and as plain text on anything that is none."""
    if framed(console):
        # Addresses are printed whole: the terminal wraps them, so that they can be copied.
        console.print(InTerminal(answer, names), crop=False)
    else:
        console.print(in_plain(answer, names), markup=False, highlight=False, soft_wrap=True)


def in_plain(answer: Answer, names: Names) -> str:
    """The answer without frames, colours or cuts, for files, pipes and dumb terminals."""
    blocks = [Phrases().understood(answer.language, answer.understood)] if answer.understood else []
    blocks.append(answer.text)
    sources: list[str] = []
    for group in _groups(answer):
        first = group[0]
        lines = [] if _says(answer, first) else [f"“{first.quote}”"]
        label = Phrases().machine_translation(answer.language)
        lines += [f"({label}: {each.gloss})" for each in group if each.gloss]
        parts = (_name(first, names), _day(first, answer), _place(first))
        mark = _marks(group)
        lines.append(" · ".join(filter(None, parts)))
        block = mark + f"\n{' ' * len(mark)}".join(lines)
        if _says(answer, first):
            sources.append(block)
        else:
            blocks.append(block)
    if sources:
        blocks.append("\n".join(sources))
    if answer.dropped:
        blocks.append(Phrases().held_back(answer.language, answer.dropped))
    return "\n\n".join(blocks)


@dataclass(frozen=True, slots=True)
class InTerminal:
    """An answer that fits itself to a terminal's width: titles are shortened, dates and addresses are not."""

    answer: Answer
    names: Names

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.answer.understood:
            yield Text(Phrases().understood(self.answer.language, self.answer.understood), style="dim")
        for line in self.answer.text.split("\n"):
            yield from self._line(line, console, options.max_width)
        if "\n" in self.answer.text and self.answer.citations:
            yield Text("")
        for group in _groups(self.answer):
            if _says(self.answer, group[0]):
                yield from self._source(group, options.max_width)
            else:
                yield from self._quoted(group[0], options.max_width)
        if self.answer.dropped:
            yield Text(Phrases().held_back(self.answer.language, self.answer.dropped), style="dim")

    def _line(self, line: str, console: Console, width: int) -> Iterator[Text]:
        """A line of the text: the bot's own words and short answers bold, whole sentences not."""
        said = self.answer
        whole = any(_plain(each.quote) in _plain(line) for each in said.citations)
        bold = said.status == "answered" and bool(said.claims) and not whole
        text = Text(line, style="yellow" if said.status == "abstained" else "bold" if bold else "")
        if whole and said.short and line.casefold().startswith(said.short.casefold()):
            text.stylize("bold", 0, len(said.short))
        text.highlight_regex(_NUMBER, Style(color="cyan", bold=False))
        if not line.startswith(_BULLET):
            yield text
            return
        # An item's further lines stand under its words, and not under its bullet.
        for number, part in enumerate(text[len(_BULLET) :].wrap(console, max(1, width - len(_BULLET)))):
            yield Text(" " * len(_BULLET) if number else _BULLET).append_text(part)

    def _quoted(self, citation: Citation, width: int) -> Iterator[RenderableType]:
        room, place = width - _FRAME, _place(citation)
        head, day = self._head(citation, f"{citation.number} · ", room)
        fits = not day and cell_len(place) <= room
        below = Text(place, style=_linked(citation)) if fits else Text(day, style="dim")
        yield Panel(
            self._quote(citation),
            title=Text(head),
            title_align="left",
            subtitle=below if below.plain else None,
            subtitle_align="right",
            border_style="green" if self.answer.status == "answered" else "dim",
        )
        if place and not fits:
            yield _whole(f"  {place}", citation)

    def _source(self, group: Sequence[Citation], width: int) -> Iterator[RenderableType]:
        mark, first = _marks(group), group[0]
        head, day = self._head(first, "", width - len(mark))
        line = Text(mark, style="cyan").append(head, style="default")
        place = _place(first)
        if place and not first.url and not day and line.cell_len + cell_len(place) + 3 <= width:
            line.append(f" · {place}", style="dim")
            place = ""
        yield line
        if day:
            yield Text(f"{_INDENT}{day}")
        for each in group:
            if each.gloss:
                yield self._gloss(each)
        if place:
            yield _whole(f"{_INDENT}{place}", first)

    def _head(self, citation: Citation, before: str, room: int) -> tuple[str, str]:
        """The title with its day, and the day alone where beside it too little of the title would be left."""
        day, name = _day(citation, self.answer), _name(citation, self.names)
        after = f" · {day}" if day else ""
        left = room - cell_len(before) - cell_len(after)
        if cell_len(name) <= left or left >= _LEAST_TITLE:
            return f"{before}{shortened(name, left)}{after}", ""
        return f"{before}{shortened(name, max(1, room - cell_len(before)))}", day

    def _quote(self, citation: Citation) -> Text:
        quote = Text(citation.quote)
        for words in self._answering(citation):
            if marked := found_in(words, citation.quote):
                quote.stylize(_MARKED, *marked)
        if citation.gloss:
            quote.append("\n\n").append_text(self._gloss(citation))
        return quote

    def _answering(self, citation: Citation) -> Iterator[str]:
        """The words of the answer that are to be marked in a quote."""
        for claim in self.answer.claims:
            if citation.number in claim.citations and claim.text != citation.quote:
                yield claim.text

    def _gloss(self, citation: Citation) -> Text:
        label = Phrases().machine_translation(self.answer.language)
        return Text(f"{label}: ", style="dim italic").append(citation.gloss or "", style="dim")


def _groups(answer: Answer) -> list[list[Citation]]:
    """Each citation that is to be quoted by itself, the others together with those of the same article."""
    groups: list[list[Citation]] = []
    said: dict[tuple[str, int], list[Citation]] = {}
    for citation in answer.citations:
        place = (citation.article, citation.version)
        if _says(answer, citation) and place in said:
            said[place].append(citation)
            continue
        groups.append([citation])
        if _says(answer, citation):
            said[place] = groups[-1]
    return groups


def _marks(group: Sequence[Citation]) -> str:
    return "".join(f"[{citation.number}] " for citation in group)


def _says(answer: Answer, citation: Citation) -> bool:
    """Whether the text holds the whole sentence, so that it need not be shown again."""
    return answer.status == "answered" and _plain(citation.quote) in _plain(answer.text)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _name(citation: Citation, names: Names) -> str:
    if citation.title and citation.title.strip():
        return _plain(citation.title)
    return names.get(citation.number) or first_words(citation.quote)


def _day(citation: Citation, answer: Answer) -> str:
    return dated(citation.published, answer.language) or (citation.published or "")[:10]


def _place(citation: Citation) -> str:
    """The address; without one, the id, where it tells more than the title."""
    if citation.url:
        return citation.url
    return "" if citation.article == citation.title or _HASH.fullmatch(citation.article) else citation.article


def _whole(line: str, citation: Citation) -> Text:
    return Text(line, style=_linked(citation), no_wrap=True, overflow="ignore")


def _linked(citation: Citation) -> Style:
    # What a terminal may open: an article's address is whatever its source said it is.
    url = citation.url or ""
    opens = url.startswith(("https://", "http://")) and url.isprintable()
    return Style(link=url if opens else None, dim=True)
