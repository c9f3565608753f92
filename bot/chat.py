"""`kutip chat`: question after question in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.app import App
from bot.render import in_terminal
from rag.errors import KutipError
from rag.types import Answer, Turn

_HELP = """\
Ask in Indonesian or English; the answer comes with the sentences that it rests on.
  /sources   the articles behind the last answer
  /help      this
  /quit      leave (Ctrl-D does, too)
Arrow up brings back earlier questions."""

TURNS = 4
"""Earlier turns that go with a question."""


def run(app: App, console: Console) -> None:
    """Asks until the input ends. An error is one line, and the next question goes on."""
    number, _ = app.archive.counts()
    console.print(f"[bold]Kutip[/] · {number} articles · /help for help, /quit to leave", highlight=False)
    if not number:
        console.print(
            "No articles yet: `kutip ingest FILE…` adds some, `kutip demo` adds samples.", style="yellow"
        )
    with console.status("opening the store…"):
        app.prepare()
    history: list[Turn] = []
    last: Answer | None = None
    for line in _lines(app):
        match line.split():
            case []:
                continue
            case ["/quit" | "/exit" | "/keluar"]:
                break
            case ["/help" | "/bantuan"]:
                console.print(_HELP, style="dim", markup=False, highlight=False)
            case ["/sources" | "/sumber"]:
                _sources(last, console)
            case [command, *_] if command.startswith("/"):
                console.print(
                    f"there is no command {command}; /help lists them", style="yellow", markup=False
                )
            case _:
                try:
                    with console.status("reading…") as status:
                        # A chat model's claims are shown as they come, each checked already.
                        last = app.ask(
                            line, history[-TURNS:], partial=lambda said: status.update(escape(said.text))
                        )
                except KutipError as error:
                    console.print(str(error), style="red", markup=False)
                    continue
                except KeyboardInterrupt:
                    console.print("stopped", style="dim")
                    continue
                history.append(Turn(last.question, last.short or last.text))
                console.print()
                for part in in_terminal(last):
                    console.print(part)
                console.print()


def _sources(answer: Answer | None, console: Console) -> None:
    if answer is None or not answer.citations:
        console.print("no answer with sources yet", style="dim")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for head in ("", "article", "date", "title", "link"):
        table.add_column(head)
    for citation in answer.citations:
        cells = (
            f"[{citation.number}]",
            f"{citation.article} (version {citation.version})",
            (citation.published or "")[:10],
            citation.title or "",
            citation.url or "",
        )
        table.add_row(*map(Text, cells))
    console.print(table)


def _lines(app: App) -> Iterator[str]:
    """What is typed, with history and editing on a terminal; what is piped in otherwise."""
    read = _prompt(app) if sys.stdin.isatty() and sys.stdout.isatty() else input
    while True:
        try:
            yield read()
        except KeyboardInterrupt:
            # As in other prompts: Ctrl-C drops the line, Ctrl-D leaves.
            continue
        except EOFError:
            return


def _prompt(app: App) -> Callable[[], str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.formatted_text import FormattedText
    from prompt_toolkit.history import FileHistory

    session: PromptSession[str] = PromptSession(history=FileHistory(str(app.settings.home / "history")))
    sign = FormattedText([("bold ansicyan", "› ")])
    return lambda: session.prompt(sign)
