"""`kutip bench`: fills a store step by step and measures at each size."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from bot.evaluation.charts import growth
from bot.evaluation.report import Document, Section, Table
from rag import children
from rag.errors import InputError, KutipError, store_error

STARTS = 3
"""Starts that are measured at each size."""


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured at one size of the store. Rates are chunks a second, memory and disk MB."""

    chunks: int
    ingest: float
    chroma: float
    retrieve: float
    read: float
    total: float
    slow: float
    start: float
    answering: float
    ingesting: float
    archive: float
    indexes: float


FIGURES = (
    ("ingest", "adding, chunks a second", ".0f"),
    ("chroma", "the same by Chroma alone", ".0f"),
    ("retrieve", "search, ms", ".1f"),
    ("read", "reading, ms", ".0f"),
    ("total", "a question, ms (median)", ".0f"),
    ("slow", "a question, ms (95th percentile)", ".0f"),
    ("start", "start to first answer, s", ".1f"),
    ("answering", "most memory, answering, MB", ".0f"),
    ("ingesting", "most memory, adding, MB", ".0f"),
    ("archive", "archive, MB", ".1f"),
    ("indexes", "indexes, MB", ".1f"),
)
"""The figures of a report: attribute, label, format."""


def bench(sizes: Sequence[int], questions: int, home: Path | None, say: Callable[[str], None]) -> list[Size]:
    """Measures at each size, the smallest first. Writes only under `home`, or a folder that is thrown away.

    Raises InputError for a home that is in use, KutipError where a step fails.
    """
    found: list[Size] = []
    with _home(home) as folder:
        for size in sorted(sizes):
            have = found[-1].chunks if found else 0
            say(f"adding until there are {size:,} chunks")
            added = _step("ingest", folder, size)
            alone = _step("alone", folder, have)
            say(f"asking {questions} questions of {added['chunks']:,} chunks")
            asked = _step("ask", folder, questions)
            starts = [_timed("first", folder) for _ in range(STARTS)]
            stages = {
                name: [1000 * each[name] for each in asked["seconds"]]
                for name in ("retrieve", "read", "total")
            }
            found.append(
                Size(
                    chunks=added["chunks"],
                    ingest=added["added"] / added["seconds"],
                    chroma=alone["added"] / alone["seconds"],
                    retrieve=median(stages["retrieve"]),
                    read=median(stages["read"]),
                    total=median(stages["total"]),
                    slow=float(np.percentile(stages["total"], 95)),
                    start=median(starts),
                    answering=asked["memory"],
                    ingesting=added["memory"],
                    archive=_megabytes(sorted(folder.glob("archive.db*"))),
                    indexes=_megabytes([p for p in folder.joinpath("projections").rglob("*") if p.is_file()]),
                )
            )
    return found


def exponent(sizes: Sequence[Size], name: str) -> float | None:
    """b of the best a * chunks^b, by least squares of the logarithms; None for a single size."""
    values = [getattr(size, name) for size in sizes]
    if len(sizes) < 2 or min(values) <= 0:
        return None
    slope, _ = np.polyfit(np.log([size.chunks for size in sizes]), np.log(values), 1)
    return float(slope)


def document(sizes: Sequence[Size]) -> tuple[dict[str, Any], Document]:
    """The report, for programs and to be read."""
    made, kutip = datetime.now(UTC).isoformat(timespec="seconds"), version("kutip")
    growths = {name: exponent(sizes, name) for name, _, _ in FIGURES}
    head = ["", *(f"{size.chunks:,} chunks" for size in sizes), "grows as chunks to the power"]
    rows = []
    for name, label, form in FIGURES:
        slope = growths[name]
        values = [format(getattr(size, name), form) for size in sizes]
        rows.append([label, *values, "–" if slope is None else f"{slope:+.2f}"])

    def line(name: str) -> list[tuple[float, float]]:
        return [(size.chunks, getattr(size, name)) for size in sizes]

    time = [("search", line("retrieve")), ("reading", line("read")), ("whole question", line("total"))]
    rate = [("Kutip", line("ingest")), ("Chroma alone", line("chroma"))]
    lead = (
        f"Kutip {kutip}, {made}, {os.cpu_count()} cores, busy as they were. Made articles, the sample "
        "questions. A rate is over the chunks added since the size before."
    )
    sections = [
        Section("figures", "Figures", "Medians; each step in a process of its own.", Table(head, rows)),
        Section(
            "question",
            "Time of a question",
            "",
            drawing=growth(time, "chunks in the store", "milliseconds", "Time of a question by chunks"),
        ),
        Section(
            "adding",
            "Adding",
            "Chroma alone is given the same vectors and nothing else.",
            drawing=growth(rate, "chunks in the store", "chunks a second", "Rate of adding by chunks"),
        ),
    ]
    report = {
        "kutip": kutip,
        "made": made,
        "sizes": [asdict(size) for size in sizes],
        "exponents": growths,
    }
    return report, Document("Kutip, timed", lead, [], sections)


@contextmanager
def _home(home: Path | None) -> Iterator[Path]:
    if home is None:
        with tempfile.TemporaryDirectory(prefix="kutip-bench-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    if home.exists() and any(home.iterdir()):
        raise InputError(f"{home} is not empty", "give a folder that is new: it is filled and kept")
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise store_error(f"{home} cannot be made ({error.strerror})", home, cause=error) from error
    yield home


def _step(step: str, home: Path, argument: int) -> dict[str, Any]:
    command = children.command("bot.bench.steps", step, str(home), str(argument))
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
        raise KutipError(f"the step {step} failed ({last})")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _timed(step: str, home: Path) -> float:
    began = perf_counter()
    _step(step, home, 0)
    return perf_counter() - began


def _megabytes(paths: Sequence[Path]) -> float:
    return sum(path.stat().st_size for path in paths) / (1 << 20)
