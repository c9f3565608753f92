"""The training and development data, and the one split that every recipe uses.

The folder is $KUTIP_DATA, else `../shared/data` beside the checkout; its README lists the files.
Passages are split by their own text, so that no passage is in two parts under different questions:
8 of 10 train, 1 dev (choices, calibration), 1 test (figures). `squad_xling` is test throughout.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("KUTIP_DATA", ROOT.parent / "shared" / "data"))
WORK = ROOT / "lab" / "work"
"""Checkpoints and other large files that are not committed."""

Part = Literal["train", "dev", "test"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the passage it was asked of; `answer` None: the passage does not answer it."""

    id: str
    source: str
    question_language: str
    context_language: str
    question: str
    context: str
    answer: str | None
    start: int | None

    @property
    def part(self) -> Part:
        return "test" if self.source == "squad_xling" else part_of(self.context)


def part_of(context: str) -> Part:
    """The part that a passage belongs to; the same for copies that differ in spacing or marks only."""
    letters = re.sub(r"\W+", "", context.lower())
    bucket = int(hashlib.sha256(letters.encode()).hexdigest()[:8], 16) % 10
    return "test" if bucket == 0 else "dev" if bucket == 1 else "train"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write what `path` is to hold: a run that is killed leaves the old file or the new one."""
    part = path.with_suffix(".new")
    yield part
    os.replace(part, path)


def questions() -> Iterator[Question]:
    with gzip.open(DATA / "qa.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Question(
                row["id"],
                row["source"],
                row["question_lang"],
                row["context_lang"],
                row["question"],
                row["context"],
                row["answer"],
                row["start"],
            )


def parallel(name: str = "parallel_en_id") -> Iterator[tuple[str, str, str]]:
    """(source, English, Indonesian); `parallel_en_id_dev` for the held-out pairs."""
    with gzip.open(DATA / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 3:
                yield fields[0], fields[1], fields[2]


def news() -> Iterator[dict[str, str | None]]:
    """News articles `{id, title, url, published, text}`: to measure with, never to redistribute."""
    with gzip.open(DATA / "news_id.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def wiki() -> Iterator[tuple[str, str]]:
    """(title, lead paragraph) of Indonesian Wikipedia."""
    with lzma.open(DATA / "wiki_id_intros.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            # Two articles on what is not a number have the number for a title.
            yield row["title"] if isinstance(row["title"], str) else "NaN", row["text"]
