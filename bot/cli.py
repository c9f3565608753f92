"""The `kutip` command: dispatch only.

Machine-readable output goes to standard output, everything else to standard error. Exit status: 0 done,
1 something failed, 2 wrong usage.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from bot.commands import measuring, upkeep
from bot.commands.articles import articles
from bot.commands.models import model
from bot.interrupt import INTERRUPTED, still_going, stoppable
from bot.naming import counted, named
from bot.printable import printable
from bot.settings import Settings
from bot.terminal import OUT, Json, Local, clean, note, opened, say, say_json, without_noise_of_libraries
from rag.errors import InputError, KutipError

if TYPE_CHECKING:
    from bot.app import App
    from rag.ingest import Ingested

cli = typer.Typer(
    name="kutip",
    help="Asks news articles questions and quotes the exact sentences that answer.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cli.add_typer(articles, name="articles")
cli.add_typer(model, name="model")

_debug = False


def _versions(asked: bool) -> None:
    if asked:
        from bot.versions import versions

        for name, number in versions():
            say(f"{name} {number}")
        raise typer.Exit


@cli.callback()
def options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the code an error comes from.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_versions, is_eager=True, help="Show the versions, and end."),
    ] = False,
) -> None:
    """Asks news articles questions and quotes the exact sentences that answer."""
    global _debug  # noqa: PLW0603  one flag of the one command line
    _debug = debug


@cli.command()
def demo() -> None:
    """Add the sample articles and answer a few questions."""
    from bot.demo import run

    with opened() as app:
        run(app, OUT)


@cli.command()
def chat() -> None:
    """Ask in the terminal, question after question."""
    from bot.chat import run

    with opened() as app:
        run(app, OUT)


@cli.command()
def ask(
    question: Annotated[
        list[str] | None,
        typer.Argument(help="The question, in Indonesian or English; quotation marks are not needed."),
    ] = None,
    as_json: Json = False,
    batch: Annotated[
        Path | None,
        typer.Option(
            help='Questions as JSON lines {"id", "question", "history"?, "today"?}; - for standard input.'
        ),
    ] = None,
    today: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="Answer as on this day, which `yesterday` is counted from."),
    ] = None,
) -> None:
    """Ask one question, or a file of them."""
    from bot.day import named_day
    from bot.render import as_json as to_json
    from bot.render import show_answer, untitled

    if bool(question) == (batch is not None):
        raise typer.BadParameter("give either a QUESTION or --batch FILE")
    if batch is not None and not as_json:
        raise typer.BadParameter("--batch answers in JSON: add --json")
    try:
        day = named_day(today)
    except InputError as error:
        raise typer.BadParameter(f"--today: {error}") from error
    with opened() as app:
        if batch is not None:
            # Imported here: one question needs nothing that reads files.
            from bot.batch import answer_all

            # Closed before the installation is, also where nobody reads the answers any more.
            with closing(answer_all(app, batch, day, _traced)) as rows:
                for row in rows:
                    say_json(row)
            return
        asked = clean(" ".join(question or ()))
        answer = stoppable(lambda stop: app.ask(asked, today=day, stop=stop))
        if as_json:
            say_json(to_json(answer, "q1"))
        else:
            show_answer(OUT, answer, untitled(answer, app.archive))


@cli.command()
def ingest(
    source: Annotated[
        list[str], typer.Argument(help="Files, folders, web addresses, feeds, or - for standard input.")
    ],
    as_json: Json = False,
    allow_local: Local = False,
) -> None:
    """Add articles."""
    counts = {"added": 0, "updated": 0, "unchanged": 0, "refused": 0}
    with opened() as app:
        for number, article in enumerate(app.ingest(source, allow_local=allow_local), start=1):
            counts[article.status] += 1
            _report(article, app, as_json)
            app.progress(number, None, "articles")
    summary = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    if not as_json:
        say(summary or "nothing to add")
    elif counts["refused"]:
        print(f"kutip: {summary}; `reason` says why", file=sys.stderr)
    if counts["refused"]:
        raise typer.Exit(1)


@cli.command()
def watch(
    feed: Annotated[list[str], typer.Argument(help="Addresses of RSS or Atom feeds.")],
    every: Annotated[float, typer.Option(min=1, help="Minutes between two visits.")] = 15.0,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    as_json: Json = False,
    allow_local: Local = False,
) -> None:
    """Add what is new in feeds, on a schedule. With --once, the exit status is 1 if anything was refused."""
    from bot.watch import watch as watching
    from rag.load.addresses import address

    for each in feed:
        # Addresses that can never be fetched are refused now, and not at every look.
        address(each)

    def look(feeds: Sequence[str]) -> Iterator[Ingested]:
        with opened() as app:
            # With --once, a feed that fails is reported every time.
            for article in app.ingest(feeds, allow_local=allow_local, watching=not once):
                _report(article, app, as_json)
                yield article

    refused = False
    for article in watching(feed, every, 1 if once else None, look):
        refused |= article.status == "refused"
    if once and refused:
        raise typer.Exit(1)


@cli.command()
def telegram(allow_local: Local = False) -> None:
    """Run the Telegram bot until it is stopped."""
    from bot.telegram.launch import run

    raise typer.Exit(run(Settings.read(), _debug, allow_local))


@cli.command()
def feedback() -> None:
    """Print the quotes that the bot's users marked as wrong. Each line is a question for `kutip eval`."""
    from bot.telegram.journal import Journal
    from bot.telegram.store import Store

    with opened() as app:
        # Opened first: it brings an older archive's tables up to date.
        store = Store(app.archive.place)
        try:
            for case in Journal(store).wrong():
                say_json(case)
        finally:
            store.close()


cli.command("rebuild")(upkeep.rebuild)
cli.command("doctor")(upkeep.doctor)
cli.command("backup")(upkeep.backup)
cli.command("restore")(upkeep.restore)
cli.command("copy")(upkeep.copy)
cli.command("eval")(measuring.evaluate)
cli.command("bench")(measuring.bench)


def main() -> None:
    """Run the command line. An error is one line and an exit status, never a stack trace."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # Quotes are Unicode whatever the locale says.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    without_noise_of_libraries(sys.argv[1:])
    try:
        status = cli(standalone_mode=False)
        if status == INTERRUPTED:
            # Typer turns Ctrl-C into this status, and says nothing.
            raise KeyboardInterrupt
        _leave(status)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message(), file=sys.stderr)
            sys.exit(2)
        sys.exit(_failed(f"{error.format_message().rstrip('.')}; see kutip --help", error.exit_code))
    except (KeyboardInterrupt, typer.Abort):
        _leave(_failed("stopped; what was reported as done is kept", INTERRUPTED))
    except BrokenPipeError:
        # `kutip articles list | head` ends without a message. Letting SIGPIPE end the process, as other
        # commands do, would also end a bot or a loader when the other side of a connection closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KutipError as error:
        sys.exit(_failed(str(error), 1, error))
    except OSError as error:
        # A name that is too long for the system, or a path that cannot be looked at.
        place = f"{str(error.filename)[:100]} " if error.filename is not None else ""
        sys.exit(_failed(f"{place}cannot be used ({error.strerror or error}): check the path", 1, error))
    except Exception as error:
        line = f"{type(error).__name__}: {error}"
        sys.exit(_failed(f"this should not happen ({line}); `kutip --debug …` shows where", 1, error))


def _report(article: Ingested, app: App, as_json: bool) -> None:
    if as_json:
        row: dict[str, object] = {
            "id": article.id,
            "title": article.title,
            "status": article.status,
            "version": article.version,
            "sentences": article.sentences,
            "chunks": article.chunks,
        }
        if article.reason:
            row["reason"] = article.reason
        say_json(row)
    elif article.status == "refused":
        note(f"refused: {article.reason}", "red")
    elif article.status != "unchanged":
        size = f"{counted(article.sentences, 'sentence')}, {counted(article.chunks, 'chunk')}"
        say(f"{article.status}: {article.id} ({size}) {named(article.id, article.title, app.archive)}")
        if article.reason:
            note(f"left out: {article.reason}", "yellow")


def _traced(error: Exception) -> None:
    if _debug:
        print(printable("".join(traceback.format_exception(error))), file=sys.stderr)


def _leave(status: int | None) -> None:
    """End this process. If stopped work still runs, end at once: Python would wait for it."""
    if still_going():
        sys.stdout.flush()
        os._exit(status or 0)
    sys.exit(status)


def _failed(line: str, status: int, error: Exception | None = None) -> int:
    if error is not None:
        _traced(error)
    print(f"kutip: {printable(' '.join(line.split()))}", file=sys.stderr)
    return status
