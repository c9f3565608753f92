"""Read articles from files, folders, web addresses and standard input.

Input that cannot be used is yielded as a `Refusal`, so that the rest is still read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rag.load.addresses import is_web
from rag.load.child import Parser
from rag.load.dates import Dates, Found
from rag.load.file import SUFFIXES, found, lines, load, load_stream, readable
from rag.types import Refusal, Source

if TYPE_CHECKING:
    # Only callers that fetch import this module: answering a question does not need it.
    from rag.load.web import Web

__all__ = ["Refusal", "lines", "sources"]


def sources(
    places: Sequence[str], stdin: BinaryIO | None = None, web: Web | None = None
) -> Iterator[Source | Refusal]:
    """Yield the articles at `places`, one at a time, in their order.

    A place is a file, a folder (everything below it is read, in the order of the names), a web address
    (fetched by `web`), or `-` (read from `stdin`). Input that cannot be used is yielded as a Refusal;
    nothing is raised for it.
    """
    with closing(Parser()) as parser:
        yield from _sources(places, stdin, web, parser)


def _sources(
    places: Sequence[str], stdin: BinaryIO | None, web: Web | None, parser: Parser
) -> Iterator[Source | Refusal]:
    for place in places:
        if place == "-":
            if stdin is None:
                yield Refusal("-", "there is no standard input to read")
            else:
                yield from load_stream(stdin)
        elif is_web(place):
            if web is None:
                yield Refusal(place, "web addresses are not fetched here")
            else:
                yield from web.load(place, parser)
        elif os.path.isdir(place):
            dates = Dates()
            yield from dates.settled(_folder(Path(place), parser, dates))
        else:
            yield from load(Path(place), parser)


def _folder(folder: Path, parser: Parser, dates: Dates) -> Iterator[Found]:
    """Yield what is in every file below `folder` whose suffix is supported. Hidden files and folders, and
    links to folders, are skipped."""
    any_file = False
    trouble: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=trouble.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                any_file = True
                yield from found(Path(parent, name), parser, dates)
    for error in trouble:
        yield Refusal(readable(error.filename), f"the folder cannot be read ({error.strerror})")
    if not any_file and not trouble:
        yield Refusal(readable(folder), f"no file in it that can be read ({', '.join(SUFFIXES)})")
