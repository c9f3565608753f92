"""`kutip chat`: question after question in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from bot.app import App
from bot.interrupt import stoppable
from bot.naming import counted, named
from bot.phrases import dated
from bot.render import show_answer, untitled
from rag.errors import KutipError
from rag.pipeline import Step
from rag.types import Answer, Citation, Turn

_HELP = """\
Ask in Indonesian or English; the answer comes with the sentences that it rests on.
  /sources   the articles behind the last answer
  /help      this
  /quit      leave (Ctrl-D does, too)
Arrow up brings back earlier questions."""
"""The reply to /help."""

_STEPS: dict[Step, str] = {
    "understand": "understanding…",
    "search": "searching…",
    "read": "reading…",
    "ask": "the chat model is reading; the first words may take a while…",
    "write": "the chat model is writing…",
    "translate": "the chat model is translating…",
}
"""What the spinner says."""
TURNS = 4
"""How many earlier turns go with a question."""


def run(app: App, console: Console) -> None:
    """Asks until the input ends. An error is one line, and the next question goes on."""
    with _unseen_typing():
        read = _reader(app)
        _greet(app, console)
        with console.status("opening the store…"):
            stoppable(lambda stop: app.prepare())
    history: list[Turn] = []
    last: Answer | None = None
    for line in _lines(read):
        match line.split():
            case []:
                continue
            case ["/quit" | "/exit" | "/keluar"]:
                break
            case ["/help" | "/bantuan"]:
                console.print(_HELP, style="dim", markup=False, highlight=False)
            case ["/sources" | "/sumber"]:
                _sources(last, app, console)
            case [command, *_] if command.startswith("/"):
                console.print(
                    f"there is no command {command}; /help lists them", style="yellow", markup=False
                )
            case _:
                with _unseen_typing():
                    last = _answer(line, history, app, console) or last


def _greet(app: App, console: Console) -> None:
    number, _ = app.archive.counts()
    size = counted(number, "article")
    console.print(f"[bold]Kutip[/] · {size} · /help for help, /quit to leave", highlight=False)
    if not number:
        console.print(
            "No articles yet: `kutip ingest FILE…` adds some, `kutip demo` adds samples.", style="yellow"
        )
    elif example := app.example():
        console.print(f"for example: {example}", style="dim", markup=False, highlight=False)


def _answer(line: str, history: list[Turn], app: App, console: Console) -> Answer | None:
    """Answers one question and notes it in `history`; None where it failed or was stopped."""
    try:
        with console.status(_STEPS["search"]) as status:
            # A chat model's claims are shown as they come, each checked already.
            shown = ""

            def show(said: Answer) -> None:
                nonlocal shown
                shown = f"{escape(said.text)}\n"
                status.update(shown)

            def begin(step: Step) -> None:
                status.update(shown + _STEPS[step])

            said = stoppable(
                lambda stop: app.ask(line, history[-TURNS:], partial=show, stop=stop, step=begin)
            )
    except KutipError as error:
        console.print(str(error), style="red", markup=False)
        return None
    except KeyboardInterrupt:
        console.print("stopped", style="dim")
        return None
    history.append(Turn(said.question, said.short or said.text))
    console.print()
    show_answer(console, said, untitled(said, app.archive))
    console.print()
    return said


def _sources(answer: Answer | None, app: App, console: Console) -> None:
    if answer is None or not answer.citations:
        console.print("no answer with sources yet", style="dim")
        return
    articles: dict[tuple[str, int], list[Citation]] = {}
    for each in answer.citations:
        articles.setdefault((each.article, each.version), []).append(each)
    for cited in articles.values():
        citation, marks = cited[0], " ".join(f"[{each.number}]" for each in cited)
        name = named(citation.article, citation.title, app.archive, citation.version)
        day = dated(citation.published, answer.language) or (citation.published or "")[:10]
        version = f"{citation.article}, version {citation.version}"
        console.print(f"{marks} {name}", style="bold", markup=False, highlight=False)
        for part in filter(None, (day, version, citation.url)):
            # The whole address, so that it can be copied; the terminal wraps it.
            console.print(f"    {part}", style="dim", markup=False, highlight=False, soft_wrap=True)


def _lines(read: Callable[[], str]) -> Iterator[str]:
    while True:
        try:
            yield read()
        except KeyboardInterrupt:
            # As in other prompts: Ctrl-C drops the line, Ctrl-D leaves.
            continue
        except EOFError:
            return


def _reader(app: App) -> Callable[[], str]:
    """Reads a line that is typed, with history and editing on a terminal; what is piped in otherwise."""
    return _prompt(app) if _interactive() else input


def _interactive() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def _unseen_typing() -> Iterator[None]:
    """While there is no prompt, keeps typed characters from appearing between the lines of an answer. They
    wait in the terminal for the next prompt. Ctrl-C still works.
    """
    if not _interactive() or sys.platform == "win32":
        yield
        return
    import termios

    try:
        before = termios.tcgetattr(sys.stdin)
    except termios.error:
        yield
        return
    quiet = [*before]
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(sys.stdin, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)


def _prompt(app: App) -> Callable[[], str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.formatted_text import FormattedText
    from prompt_toolkit.history import FileHistory

    session: PromptSession[str] = PromptSession(history=FileHistory(str(app.settings.home / "history")))
    sign = FormattedText([("bold ansicyan", "› ")])
    return lambda: session.prompt(sign)
