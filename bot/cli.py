"""The `kutip` command: dispatch only.

Machine-readable output goes to standard output, everything else to standard error. Exit status: 0 done,
1 something failed, 2 wrong usage.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from typer.exceptions import TyperException

from bot.progress import Bar
from bot.settings import Settings
from rag.errors import InputError, KutipError
from rag.types import Turn

if TYPE_CHECKING:
    from bot.app import App
    from rag.ingest import Ingested

cli = typer.Typer(
    name="kutip",
    help="Asks news articles questions and quotes the exact sentences that answer.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
articles = typer.Typer(help="Lists, shows, exports and removes articles.", no_args_is_help=True)
cli.add_typer(articles, name="articles")
model = typer.Typer(help="Lists, downloads and chooses chat models.", no_args_is_help=True)
cli.add_typer(model, name="model")

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells have it."""

_JSON = json.JSONEncoder(ensure_ascii=False)
Json = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]

Local = Annotated[
    bool, typer.Option("--allow-local", help="Let web addresses lead to this machine and its network.")
]

_out = Console()
_err = Console(stderr=True)
_debug = False


@cli.callback()
def options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the code an error comes from.")
    ] = False,
) -> None:
    """Asks news articles questions and quotes the exact sentences that answer."""
    global _debug  # noqa: PLW0603  one flag of the one command line
    _debug = debug


@cli.command()
def demo() -> None:
    """Add the sample articles and answer a few questions in both languages."""
    from bot.demo import run

    with _app() as app:
        run(app, _out)


@cli.command()
def chat() -> None:
    """Ask in the terminal, question after question."""
    from bot.chat import run

    with _app() as app:
        run(app, _out)


@cli.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in Indonesian or English.")] = None,
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
    from bot.render import as_json as to_json
    from bot.render import in_terminal

    if (question is None) == (batch is None):
        raise typer.BadParameter("give either a QUESTION or --batch FILE")
    if batch is not None and not as_json:
        raise typer.BadParameter("--batch answers in JSON: add --json")
    try:
        day = _day(today)
    except InputError as error:
        raise typer.BadParameter(f"--today: {error}") from error
    with _app() as app:
        if batch is not None:
            _batch(app, batch, day)
            return
        answer = app.ask(_clean(question or ""), today=day)
        if as_json:
            _print_json(to_json(answer, "q1"))
        else:
            for part in in_terminal(answer):
                _out.print(part)


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
    with _app() as app:
        for number, article in enumerate(app.ingest(source, allow_local=allow_local), start=1):
            counts[article.status] += 1
            _report(article, as_json)
            app.progress(number, None, "articles")
    summary = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    if not as_json:
        _print(summary or "nothing to add")
    elif counts["refused"]:
        print(f"kutip: {summary}; `reason` says why", file=sys.stderr)
    if counts["refused"]:
        raise typer.Exit(1)


@cli.command()
def watch(
    feed: Annotated[list[str], typer.Argument(help="Addresses of RSS or Atom feeds.")],
    every: Annotated[float, typer.Option(min=1, help="Minutes between two looks.")] = 15.0,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    as_json: Json = False,
    allow_local: Local = False,
) -> None:
    """Add what is new in feeds, again and again."""
    from bot.watch import watch as watching
    from rag.load.addresses import address

    for each in feed:
        # What can never be fetched is said now, and not at every look.
        address(each)

    def look(feeds: Sequence[str]) -> Iterator[Ingested]:
        with _app() as app:
            yield from app.ingest(feeds, allow_local=allow_local, watching=True)

    for article in watching(feed, every, 1 if once else None, look):
        _report(article, as_json)


@articles.command("list")
def list_articles(as_json: Json = False) -> None:
    """Print every article: id, date, title."""
    with _app() as app:
        for article in app.archive.articles():
            if as_json:
                fields = {name: getattr(article, name) for name in ("id", "url", "title", "published")}
                _print_json({**fields, "language": article.language, "version": article.version})
            else:
                _print(f"{article.id}  {(article.published or '')[:10]:10}  {article.title or ''}".rstrip())


@articles.command()
def show(id: str) -> None:
    """Print one article as it is stored, and what cleaning took out of it."""
    from rag.cutting.glued import glued

    with _app() as app:
        article = app.archive.article(id)
        if article is None:
            raise _no_article(id)
        head = (
            article.title,
            article.url,
            article.published,
            " · ".join(filter(None, (article.publisher, article.author))),
            f"version {article.version}, {article.language}",
        )
        _print("\n".join(line for line in head if line) + "\n\n" + article.text)
        for removed in app.archive.removed(id, article.version):
            _err.print(
                f"removed ({removed.kind}): {removed.text.strip()}", style="dim", markup=False, soft_wrap=True
            )
        if words := glued(article.text):
            line = f"words that touch, as they came: {len(words)}, such as {', '.join(words[:3])}"
            _err.print(line, style="dim", markup=False, soft_wrap=True)


@articles.command()
def export() -> None:
    """Print every article as a JSON line."""
    with _app() as app:
        for article in app.archive.articles():
            _print_json(
                {name: getattr(article, name) for name in ("id", "url", "title", "published", "text")}
            )


@articles.command()
def remove(
    id: str,
    purge: Annotated[
        bool, typer.Option(help="Delete its text too, so that old answers lose their quotes.")
    ] = False,
) -> None:
    """Take an article out of what can be found."""
    with _app() as app:
        if not app.archive.remove(id, purge=purge):
            raise _no_article(id)
        app.project()
    _print(f"removed {id}")


@model.command("list")
def list_models() -> None:
    """Print the chat models that can be pulled, with size, memory, licence and languages."""
    from bot.models import listed

    for line in listed(Settings.read()):
        _print(line)


@model.command()
def pull(name: str) -> None:
    """Download a model of the list, or OWNER/REPOSITORY/FILE.gguf; goes on where it stopped."""
    from bot.models import pull

    with Bar(_err) as bar:
        path = pull(Settings.read(), name, bar.step)
    _print(f"pulled: {path}; `kutip model use {name if '/' not in name else path.stem}` lets it answer")


@model.command()
def use(name: Annotated[str, typer.Argument(help="A name, a path, or `reader`.")]) -> None:
    """Let this model answer, after trying it; `reader` goes back to the built-in engine."""
    from bot.models import use

    _print(use(Settings.read(), name))


@cli.command()
def telegram(allow_local: Local = False) -> None:
    """Run the Telegram bot until it is told to stop."""
    from bot.telegram.launch import run

    raise typer.Exit(run(Settings.read(), _debug, allow_local))


@cli.command()
def feedback() -> None:
    """Print the quotes that the bot's readers marked as wrong, as questions for `kutip eval`."""
    from bot.telegram.journal import Journal
    from bot.telegram.store import Store

    with _app() as app:
        # Opened first: it brings an older archive's tables up to date.
        store = Store(app.archive.path)
        try:
            for case in Journal(store).wrong():
                _print_json(case)
        finally:
            store.close()


@cli.command()
def rebuild(
    embed: Annotated[
        bool, typer.Option(help="Make the vectors again, too, with the embedder in use.")
    ] = False,
) -> None:
    """Make the search indexes anew from the archive."""
    with _app() as app:
        app.rebuild(embed=embed)
        number, chunks = app.archive.counts()
    _print(f"rebuilt: {number} articles, {chunks} chunks")


@cli.command("eval")
def evaluate(
    questions: Annotated[
        Path | None, typer.Option(help="Questions as JSON lines (default: the sample questions).")
    ] = None,
    articles: Annotated[
        Path | None, typer.Option(help="Their articles: a file or a folder (default: the samples).")
    ] = None,
    against: Annotated[Path | None, typer.Option(help="An earlier report to compare with.")] = None,
    model: Annotated[Path | None, typer.Option(help="A GGUF chat model to evaluate.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The report's folder (default: a new one under KUTIP_HOME).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask questions with known answers, in a store of their own, and report how good the answers are."""
    from bot.evaluation.command import evaluate as run
    from bot.evaluation.pages import in_terminal

    with Bar(_err) as bar:
        report, page, folder = run(
            Settings.read(),
            questions=questions,
            articles=articles,
            against=against,
            model=model,
            out=out,
            progress=bar.step,
        )
    if as_json:
        _print_json(report)
        return
    for section in page.sections:
        if section.table is not None:
            _print(f"{section.title}\n{in_terminal(section, _out.width)}\n")
        else:
            _print(f"{section.title}: {section.note}\n")
    _print(f"report: {folder / 'report.html'}")


@cli.command()
def bench(
    sizes: Annotated[
        str, typer.Option(help="Chunks in the store to measure at, smallest first.")
    ] = "1000,10000,100000",
    questions: Annotated[int, typer.Option(min=1, help="How many sample questions to ask.")] = 40,
    home: Annotated[
        Path | None, typer.Option(help="A new folder for the store (default: one that is thrown away).")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A folder for a report with drawings.")] = None,
    as_json: Json = False,
) -> None:
    """Measure how fast this machine adds and answers, and how that grows with the store."""
    from bot.bench.command import bench as run
    from bot.bench.command import document
    from bot.evaluation.command import write
    from bot.evaluation.pages import in_terminal

    try:
        wanted = [int(size) for size in sizes.split(",")]
    except ValueError:
        wanted = []
    if not wanted or min(wanted) < 1:
        raise typer.BadParameter("--sizes is numbers with commas between, such as 1000,10000")
    with Bar(_err) as bar:
        report, page = document(run(wanted, questions, home, bar.say))
    if out is not None:
        write(out, report, page)
    if as_json:
        _print_json(report)
        return
    _print(f"{page.lead}\n\n{in_terminal(page.sections[0], 1_000)}")
    if out is not None:
        _print(f"\nreport: {out / 'report.html'}")


@cli.command()
def doctor(
    settings: Annotated[
        bool, typer.Option("--settings", help="List the settings, with the values in force.")
    ] = False,
) -> None:
    """Look at everything that Kutip needs, or list the settings."""
    if settings:
        for name, value, default, what in Settings.listed():
            _print(f"{name}={value}\n    {what} (default: {default or 'none'})")
        return
    from bot.doctor import examine

    broken = 0
    for state, what in examine():
        _print(f"{state:8} {what}")
        broken += state == "broken"
    if broken:
        raise typer.Exit(1)


@cli.command()
def backup(
    file: Path,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write the archive to one file, also while it is in use."""
    with _app() as app:
        number, chunks = app.backup(file, force)
    _print(f"{file}: {number} articles, {chunks} chunks")


@cli.command()
def restore(
    file: Path,
    force: Annotated[bool, typer.Option("--force", help="Replace the articles of this store.")] = False,
) -> None:
    """Take a backup's articles into this store."""
    with _app() as app:
        number, chunks = app.restore(file, force)
    _print(f"restored: {number} articles, {chunks} chunks")


def main() -> None:
    """Runs the command line. What goes wrong is one line and an exit status, never a trace."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # Quotes are Unicode whatever the locale says.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        status = cli(standalone_mode=False)
        if status == INTERRUPTED:
            # Typer turns Ctrl-C into this status, and says nothing.
            raise KeyboardInterrupt
        sys.exit(status)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message(), file=sys.stderr)
            sys.exit(2)
        sys.exit(_failed(f"{error.format_message().rstrip('.')}; see kutip --help", error.exit_code))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(_failed("stopped; what was reported as done is kept", INTERRUPTED))
    except BrokenPipeError:
        # `kutip articles list | head` ends without a word. Not by SIGPIPE, as other commands do: that would
        # also end a bot or a loader whose peer has closed a connection.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KutipError as error:
        sys.exit(_failed(str(error), 1, error))
    except Exception as error:
        line = f"{type(error).__name__}: {error}"
        sys.exit(_failed(f"this should not happen ({line}); `kutip --debug …` shows where", 1, error))


# What the commands share


@contextmanager
def _app() -> Iterator[App]:
    # Imported here: `kutip --help` and wrong usage need none of it.
    from bot.app import App

    with Bar(_err) as bar:
        app = App(Settings.read(), say=bar.say, progress=bar.step)
        try:
            yield app
        finally:
            app.close()


def _batch(app: App, path: Path, today: date | None) -> None:
    from bot.render import as_json as to_json

    failed = total = 0
    for number, line in _lines(path):
        id = f"q{number}"
        total += 1
        try:
            row = _object(line)
            id = id if row.get("id") is None else str(row["id"])
            day = _day(row.get("today")) or today
            _print_json(to_json(app.ask(*_asked(row), today=day), id))
        except Exception as error:
            # Whatever one line does, the others are answered.
            if _debug:
                traceback.print_exception(error)
            line_of = str(error) if isinstance(error, KutipError) else f"{type(error).__name__}: {error}"
            failed += 1
            _print_json({"id": id, "status": "failed", "error": line_of})
    if failed:
        raise InputError(f"{failed} of {total} questions could not be answered; their lines say why")


def _lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    from rag.load import lines

    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as stream:
            for number, line in enumerate(lines(stream), start=1):
                if line is None or line.strip():
                    yield number, line
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "check the path") from error


def _object(line: bytes | None) -> dict[str, object]:
    if line is None:
        raise InputError("the line is too long")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the line is not JSON ({error})") from error
    if not isinstance(row, dict):
        raise InputError("the line is not a JSON object")
    return row


def _asked(row: dict[str, object]) -> tuple[str, list[Turn]]:
    question, history = row.get("question"), row.get("history") or []
    if not isinstance(question, str):
        raise InputError("`question` is missing or not text")
    if not isinstance(history, list):
        raise InputError("`history` is not a list")
    turns = []
    for turn in history:
        if not (isinstance(turn, dict) and isinstance(turn.get("question"), str)):
            raise InputError('`history` is not a list of {"question", "answer"}')
        turns.append(Turn(turn["question"], str(turn.get("answer") or "")))
    return _clean(question), turns


def _day(written: object) -> date | None:
    """The day that `today` names, None where it names none. Raises InputError."""
    if written is None:
        return None
    try:
        return date.fromisoformat(str(written))
    except ValueError as error:
        raise InputError(f"`today` is no day such as 2024-09-10: {str(written)[:40]!r}") from error


def _clean(text: str) -> str:
    """Text that can be stored and printed: no lone surrogates from broken bytes or JSON."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _report(article: Ingested, as_json: bool) -> None:
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
        _print_json(row)
    elif article.status == "refused":
        _err.print(f"refused: {article.reason}", style="red", markup=False, soft_wrap=True)
    elif article.status != "unchanged":
        size = f"{article.sentences} sentences, {article.chunks} chunks"
        _print(f"{article.status}: {article.id} ({size})")


def _no_article(id: str) -> InputError:
    return InputError(f"there is no article {id}", "`kutip articles list` shows what there is")


def _print(text: str) -> None:
    print(text, flush=True)


def _print_json(row: dict[str, object]) -> None:
    sys.stdout.write(f"{_JSON.encode(row)}\n")
    sys.stdout.flush()


def _failed(line: str, status: int, error: Exception | None = None) -> int:
    if _debug and error is not None:
        traceback.print_exception(error)
    print(f"kutip: {' '.join(line.split())}", file=sys.stderr)
    return status
