"""`kutip rebuild`, `doctor`, `backup`, `restore` and `copy`: keeping an installation well."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.naming import counted
from bot.progress import Bar
from bot.settings import Settings
from bot.terminal import ERR, note, opened, say


def rebuild(
    embed: Annotated[
        bool, typer.Option(help="Make the vectors again, too, with the embedder in use.")
    ] = False,
) -> None:
    """Build the search indexes again from the archive."""
    with opened() as app:
        app.rebuild(embed=embed)
        number, chunks = app.archive.counts()
    say(f"rebuilt: {_size(number, chunks)}")


def doctor(
    settings: Annotated[
        bool, typer.Option("--settings", help="List the settings, with the values in force.")
    ] = False,
) -> None:
    """Look at everything that Kutip needs, or list the settings."""
    if settings:
        for name, value, default, what in Settings.listed():
            usual = f" (default: {default})" if default else ""
            say(f"{name}={value}\n    {what}{usual}" if value else f"{name} is not set\n    {what}{usual}")
        return
    from bot.doctor import examine

    broken = 0
    for state, what in examine():
        say(f"{state:8} {what}")
        broken += state == "broken"
    if broken:
        raise typer.Exit(1)


def backup(
    file: Path,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write the archive to one file, also while it is in use."""
    there = file.parent.exists()
    with opened() as app:
        number, chunks = app.backup(file, force)
    if not there:
        note(f"{file.parent} was not there and has been made", "yellow")
    say(f"{file}: {_size(number, chunks)}")


def restore(
    file: Path,
    force: Annotated[bool, typer.Option("--force", help="Replace the articles of this store.")] = False,
) -> None:
    """Put a backup's articles into this store. --force replaces the articles that it has."""
    with opened() as app:
        number, chunks = app.restore(file, force)
    say(f"restored: {_size(number, chunks)}")


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="A file, archive.db, or postgresql://…")],
    target: Annotated[str, typer.Argument(metavar="TO", help="A new file, or postgresql://…")],
    force: Annotated[
        bool, typer.Option("--force", help="Make a copy that is there already equal to FROM again.")
    ] = False,
) -> None:
    """Copy an archive from a file to PostgreSQL or back. Stopped, it goes on where it was."""
    from rag.store.database.copying import copy_archive
    from rag.store.database.place import place_of

    places = place_of(source), place_of(target)
    with Bar(ERR) as bar:
        rows = copy_archive(*places, force, bar.step)
    say(f"{places[1]}: {counted(rows, 'row')}, each equal to its source")


def _size(articles: int, chunks: int) -> str:
    return f"{counted(articles, 'article')}, {counted(chunks, 'chunk')}"
