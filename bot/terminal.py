"""The parts that commands share: the two outputs, options of several commands, and the installation.

Machine-readable output goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.interrupt import still_going
from bot.printable import printable, printable_json, shielded
from bot.progress import Bar
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.app import App

STANDARD_ERROR = 2
"""The file descriptor to which libraries write."""
OUT = shielded(Console())
"""Standard output."""
ERR = shielded(Console(stderr=True))
"""Standard error."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]
Local = Annotated[
    bool, typer.Option("--allow-local", help="Let web addresses lead to this machine and its network.")
]

_JSON = json.JSONEncoder(ensure_ascii=False)


def without_noise_of_libraries(arguments: Sequence[str]) -> None:
    """Drops what libraries in C++ and Rust write to standard error on their own, such as a panic over a
    broken file with the stack of their calls; the error that follows is told in one line. Ours is written as
    before.

    Nothing is dropped with `--debug`, nor by the bot, whose operators read a log.
    """
    named = [each for each in arguments if not each.startswith("-")]
    if "--debug" in arguments or named[:1] == ["telegram"]:
        return
    try:
        if sys.stderr.fileno() != STANDARD_ERROR:
            return
        kept, nowhere = os.dup(STANDARD_ERROR), os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):
        return  # there is no standard error, or no place for another file
    sys.stderr = open(kept, "w", encoding="utf-8", errors="replace", buffering=1)  # noqa: SIM115
    os.dup2(nowhere, STANDARD_ERROR)
    os.close(nowhere)


@contextmanager
def opened() -> Iterator[App]:
    """The installation that the settings name. Raises KutipError."""
    # Imported here: `kutip --help` and wrong usage need none of it.
    from bot.app import App

    with Bar(ERR) as bar:
        app = App(Settings.read(), say=bar.say, progress=bar.step)
        try:
            yield app
        finally:
            if not still_going():
                app.close(ending=True)


def say(text: str) -> None:
    """Prints text at once; what a terminal would obey in it is shown."""
    print(printable(text), flush=True)


def say_json(row: dict[str, object]) -> None:
    """Prints a JSON line, at once."""
    sys.stdout.write(f"{printable_json(_JSON.encode(row))}\n")
    sys.stdout.flush()


def note(line: str, style: str) -> None:
    """Prints a line for the user to standard error, whatever the article's text in it holds."""
    ERR.print(line, style=style, markup=False, highlight=False, soft_wrap=True)


def clean(text: str) -> str:
    """Text that can be stored and printed: no lone surrogates from broken bytes or JSON."""
    return text.encode("utf-8", "replace").decode("utf-8")
