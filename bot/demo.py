"""`kutip demo`: the sample articles, a few questions in both languages, and what to try next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

import seeds
from bot.app import App
from bot.naming import counted
from bot.render import framed, show_answer, untitled
from rag.errors import KutipError

ARTICLES = Path(seeds.__path__[0]) / "articles"
"""The folder of the sample articles."""

QUESTIONS = (
    "Siapa Menteri Pertahanan Rusia?",
    "Who is Russia's defence minister?",
    "Berapa orang meninggal akibat banjir bandang di Tanah Rawang?",
    "How much rain fell at Bukit Sialang?",
    "Siapa kiper Bahari?",
    "How many people were killed in the martial arts brawl in Taiwan?",
)
"""Questions that the samples answer, in both languages."""

_NEXT = """\
Try next:
  kutip chat                              ask on your own
  kutip ask "Kenapa harga beras naik?"    one question; --json for programs
  kutip ingest FILE…                      add your own articles; a web address will do
  kutip articles list                     what is there
The command is .venv/bin/kutip. The articles are samples: all but the first are made up for the demo."""
"""What a user may try next."""


def run(app: App, console: Console, questions: Sequence[str] = QUESTIONS) -> None:
    """Adds the samples that are missing, asks, and prints each answer with its quotes.

    Raises KutipError where a sample cannot be added.
    """
    added = 0
    for article in app.ingest([str(ARTICLES)]):
        if article.status == "refused":
            raise KutipError(f"a sample article was refused: {article.reason}")
        added += article.status != "unchanged"
    total, _ = app.archive.counts()
    line = f"{counted(added, 'sample article')} added; the store has {total}."
    console.print(line, style="dim", highlight=False)
    for question in questions:
        console.print()
        if framed(console):
            console.print(Rule(Text(question, style="bold cyan"), align="left", style="cyan"))
        else:
            console.print(question, markup=False, highlight=False, soft_wrap=True)
        answer = app.ask(question)
        show_answer(console, answer, untitled(answer, app.archive))
        took = f"{answer.seconds['total'] * 1000:.0f} ms, offline"
        if framed(console):
            console.print(Text(took, style="dim"), justify="right")
        else:
            console.print(took, highlight=False)
    console.print()
    console.print(_NEXT, style="dim", markup=False, highlight=False, soft_wrap=True)
