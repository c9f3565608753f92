"""`kutip model`: the chat models that may answer."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.progress import Bar
from bot.settings import Settings
from bot.terminal import ERR, say

model = typer.Typer(help="Lists, downloads and chooses chat models.", no_args_is_help=True)


@model.command("list")
def list_models() -> None:
    """Print the chat models that can be pulled, with size, memory, licence and languages."""
    from bot.models import listed

    for line in listed(Settings.read()):
        say(line)


@model.command()
def pull(name: str) -> None:
    """Download a model of the list, or OWNER/REPOSITORY/FILE.gguf; goes on where it stopped."""
    from bot.models import pull

    with Bar(ERR) as bar:
        path = pull(Settings.read(), name, bar.step)
    say(f"pulled: {path}; `kutip model use {name if '/' not in name else path.stem}` lets it answer")


@model.command()
def use(name: Annotated[str, typer.Argument(help="A name, a path, or `reader`.")]) -> None:
    """Let this model answer, after trying it; `reader` goes back to the built-in engine."""
    from bot.models import use

    say(use(Settings.read(), name))
