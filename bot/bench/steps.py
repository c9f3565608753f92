"""One step of the benchmark, in a process of its own, so that its time and its memory are its own.

    python -m bot.bench.steps ingest|alone|ask|first HOME [ARGUMENT]

Prints one JSON object. Run by `kutip bench`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from bot.app import App
from bot.bench.made import articles
from bot.bench.memory import peak
from bot.evaluation.cases import read_cases
from bot.evaluation.command import QUESTIONS
from bot.settings import Settings

CHUNKS_AN_ARTICLE = 2.5
"""Chunks of a made article, roughly; it tells how many articles to add at a time."""
PART = 1_000
"""Chunks given to Chroma at once where it is measured alone."""


def app(home: Path) -> App:
    """The installation in this folder. Settings for another home or a Chroma server are ignored."""
    return App(Settings.read().model_copy(update={"home": home, "chroma_url": None}))


def ingest(home: Path, size: int) -> dict[str, Any]:
    """Adds made articles until there are `size` chunks; the time is from the first one on."""
    opened = app(home)
    opened.prepare()
    number, before = opened.archive.counts()
    chunks, seconds = before, 0.0
    with tempfile.TemporaryDirectory(dir=home) as folder:
        path = Path(folder) / "made.jsonl"
        while chunks < size:
            more = int((size - chunks) / CHUNKS_AN_ARTICLE) + 1
            rows = islice(articles(number), more)
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            began = perf_counter()
            for _ in opened.ingest([str(path)]):
                pass
            seconds += perf_counter() - began
            number, chunks = opened.archive.counts()
    opened.close()
    return {"chunks": chunks, "added": chunks - before, "seconds": seconds}


def alone(home: Path, have: int) -> dict[str, Any]:
    """The vectors after the first `have`, given to a Chroma that has nothing else to do."""
    from rag.store.vectors import VectorIndex

    opened = app(home)
    keys = sorted(opened.archive.keys_until(opened.archive.change()))[have:]
    index = VectorIndex(home / "alone", "alone")
    seconds = 0.0
    for first in range(0, len(keys), PART):
        part = keys[first : first + PART]
        stored = opened.archive.vectors(part)
        matrix = np.stack([stored[key] for key in part])
        began = perf_counter()
        index.apply([], part, matrix)
        seconds += perf_counter() - began
    index.close()
    opened.close()
    return {"added": len(keys), "seconds": seconds}


def ask(home: Path, most: int) -> dict[str, Any]:
    """The sample questions, each stage timed; the first one is not counted."""
    cases = read_cases(QUESTIONS)
    opened = app(home)
    opened.prepare()
    opened.ask(cases[0].question)
    seconds = [
        dict(opened.ask(case.question).seconds) for case in cases[:: max(1, len(cases) // most)][:most]
    ]
    opened.close()
    return {"seconds": seconds}


def first(home: Path, _: int) -> dict[str, Any]:
    """One question and nothing else; the caller measures what a start costs."""
    opened = app(home)
    opened.ask(read_cases(QUESTIONS)[0].question)
    opened.close()
    return {}


STEPS = {"ingest": ingest, "alone": alone, "ask": ask, "first": first}
"""The steps by their names."""


def main() -> None:
    """The step that the command line names."""
    step, home, argument = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    done = STEPS[step](home, argument)
    print(json.dumps(done | {"memory": peak()}), flush=True)


if __name__ == "__main__":
    main()
