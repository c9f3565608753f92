"""`kutip model`: the chat models that may answer."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.progress import Bar
from bot.settings import Settings
from bot.terminal import ERR, say

model = typer.Typer(help="List, download and choose chat models.", no_args_is_help=True)


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
def use(
    name: Annotated[str, typer.Argument(help="A name, a path, or `reader`.")],
    trial: Annotated[bool, typer.Option(help="Try it on sample questions first, for a minute or so.")] = True,
) -> None:
    """Let this model answer, for what a short trial shows it to be good at; `reader` goes back."""
    from bot.models import READER, usable, use

    settings, found = Settings.read(), None
    if trial and name != READER:
        from bot.trial import told, tried

        path = usable(settings, name)
        with Bar(ERR) as bar:
            done = tried(settings, path, bar.step)
        found = done.uses
        for line in told(done):
            say(line)
        say("KUTIP_MODEL_WHEN and KUTIP_GLOSS overrule this; `kutip eval --model` gives the whole table.")
    say(use(settings, name, found))
