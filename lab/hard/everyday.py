"""How well everyday spelling is understood.

    python -m lab.hard.everyday [--half dev|test] [--told] [--search]

`everyday.txt` has questions as people type them beside the same in full spelling, which are questions of
`lab/hard/written.jsonl.gz` about articles that were kept out of training, so that it is known which
sentences answer. Every second pair is for choosing (dev). Printed for both spellings: the language and kind
found, where search has a sentence that answers, whether the first citation is one, and whether it is shown
as an answer. With `--search` nothing is read, which takes seconds.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.app import App
from bot.evaluation.cases import Case, read_case
from bot.evaluation.measures import is_one_of
from lab.hard.held import held_articles, held_cases
from lab.hard.measure import opened
from rag.deadline import Deadline
from rag.evidence import retrieve
from rag.types import Citation
from rag.understand import understand

PATH = Path(__file__).with_name("everyday.txt")
FIRST, ALL = 6, 16
"""Passages that are read first, and at most."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one spelling; `place` of the first passage with a sentence that answers."""

    text: str
    language: str
    kind: str
    place: int | None
    first: bool
    answered: bool


def pairs(half: str) -> list[tuple[str, str]]:
    lines = PATH.read_text(encoding="utf-8").splitlines()[("dev", "test").index(half) :: 2]
    return [(typed, full) for typed, _, full in (line.partition("|") for line in lines)]


def seen(app: App, question: str, case: Case, search_alone: bool) -> Seen:
    asked = understand(question, app.pipeline, (), app._today(), Deadline())
    found = retrieve(asked, app.pipeline)
    gold = case.gold or ()
    place = next(
        (
            number
            for number, passage in enumerate(found.passages)
            if any(
                is_one_of(
                    Citation(1, passage.article.id, 1, None, None, None, 0, 0, passage.quote(each)), gold
                )
                for each in passage.sentences
            )
        ),
        None,
    )
    if search_alone:
        return Seen(asked.text, asked.language, asked.kind, place, False, False)
    said = app.ask(question)
    right = bool(said.citations) and is_one_of(said.citations[0], gold)
    return Seen(asked.text, asked.language, asked.kind, place, right, right and said.status == "answered")


def _outcome(seen: Seen) -> tuple[object, ...]:
    near = seen.place is not None and seen.place < FIRST
    return seen.language, seen.kind, near, seen.first, seen.answered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--half", choices=("dev", "test"), default="dev")
    parser.add_argument("--told", action="store_true", help="print each pair that comes to different ends")
    parser.add_argument("--search", action="store_true", help="read nothing")
    given = parser.parse_args()
    cases = {case.question: case for case in (read_case(row, row["id"], row["id"]) for row in held_cases())}
    counts: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(float))
    with opened(held_articles(), again=True) as app:
        app.prepare()
        for typed, full in pairs(given.half):
            one, other = (seen(app, each, cases[full], given.search) for each in (typed, full))
            for name in (other.language, "all"):
                count = counts[name]
                count["pairs"] += 1
                count["same language"] += one.language == other.language
                count["same kind"] += one.kind == other.kind
                for what, each in (("typed", one), ("full", other)):
                    count[f"{what}: first {FIRST}"] += each.place is not None and each.place < FIRST
                    count[f"{what}: first {ALL}"] += each.place is not None
                    count[f"{what}: first right"] += each.first
                    count[f"{what}: right answer"] += each.answered
            if given.told and _outcome(one) != _outcome(other):
                print(typed, one, other, sep="\n    ")
    for name, count in counts.items():
        print(name, dict(count))


if __name__ == "__main__":
    main()
