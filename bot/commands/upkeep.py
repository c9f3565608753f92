"""`kutip rebuild`, `doctor`, `backup` and `restore`: keeping an installation well."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.naming import counted
from bot.settings import Settings
from bot.terminal import note, opened, say


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


def _size(articles: int, chunks: int) -> str:
    return f"{counted(articles, 'article')}, {counted(chunks, 'chunk')}"
