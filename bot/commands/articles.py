"""`kutip articles`: what the store holds."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.terminal import OUT, Json, note, opened, say, say_json
from rag.errors import InputError

Id = Annotated[str, typer.Argument(help="As `kutip articles list` prints it.", show_default=False)]

articles = typer.Typer(help="List, show, export and remove articles.", no_args_is_help=True)


@articles.command("list")
def list_articles(
    words: Annotated[
        list[str] | None, typer.Argument(help="Only articles that hold all of these words.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the articles, the newest first: id, date, title."""
    from bot.shelf import in_lines, rows

    with opened() as app:
        found = rows(app.archive.articles(), words or ())
    if as_json:
        for row in found:
            fields = {name: getattr(row, name) for name in ("id", "url", "title", "published")}
            say_json({**fields, "language": row.language, "version": row.version})
        return
    for line in in_lines(found, OUT.width if OUT.is_terminal else None):
        say(line)
    if not found:
        note("no article holds these words" if words else "no articles yet; `kutip ingest` adds some", "dim")


@articles.command()
def show(
    id: Id,
    sentences: Annotated[
        bool, typer.Option("--sentences", help="Print each sentence on a line of its own, numbered.")
    ] = False,
) -> None:
    """Print one article as it is stored, and what was removed from its text."""
    from rag.cutting.glued import glued

    with opened() as app:
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
        found = app.archive.sentences(id, article.version) if sentences else []
        width = len(str(len(found)))
        lines = [
            f"{number:{width}}  {' '.join(article.text[each.start : each.end].split())}"
            for number, each in enumerate(found, start=1)
        ]
        say("\n".join(line for line in head if line) + "\n\n" + ("\n".join(lines) or article.text))
        for removed in app.archive.removed(id, article.version):
            note(f"removed ({removed.kind}): {removed.text.strip()}", "dim")
        if words := glued(article.text):
            note(f"words that touch, as they came: {len(words)}, such as {', '.join(words[:3])}", "dim")


@articles.command()
def export() -> None:
    """Print every article as a JSON line."""
    with opened() as app:
        for article in app.archive.articles():
            say_json({name: getattr(article, name) for name in ("id", "url", "title", "published", "text")})


@articles.command()
def remove(
    id: Id,
    purge: Annotated[
        bool, typer.Option(help="Delete its text too, so that old answers lose their quotes.")
    ] = False,
) -> None:
    """Remove an article, so that it is not found any more."""
    with opened() as app:
        if not app.archive.remove(id, purge=purge):
            raise _no_article(id)
        app.project()
    say(f"removed {id}")


def _no_article(id: str) -> InputError:
    return InputError(f"there is no article {id}", "`kutip articles list` shows what there is")
