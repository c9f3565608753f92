"""Fits what a sentence's belonging is made from, and prints how thresholds trade: `python -m
lab.hard.choose`.

Asks the dev half of the hard questions, keeps what was read under lab/work/hard, fits
`rag.reading.weigh.WEIGHTS` by five folds, and prints for each rule what came out. The test half is never read
here.

    python -m lab.hard.choose [--read]    --read: ask again, though there is a kept reading
"""

from __future__ import annotations

import argparse
import pickle
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.hard.measure import FOLDER, opened
from lab.hard.questions import Places, cases
from rag.answer import retrieve
from rag.deadline import Deadline
from rag.reading.copies import cited_once
from rag.reading.select import content
from rag.reading.weigh import FACTS, features
from rag.types import Evidence, Kind
from rag.understand import understand

TODAY = date(2024, 10, 15)
"""A day just after the newest of the articles."""
KEPT = FOLDER / "dev-read.pickle"
MOST: dict[Kind, int] = {"list": 6, "yesno": 2, "compare": 4, "summary": 5, "news": 5}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the kind that it is taken for, what was read, and the facts that each sentence states."""

    row: dict[str, Any]
    kind: Kind
    evidence: list[Evidence]
    stated: list[set[int]]


def letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def read_all() -> list[Asked]:
    """Asks the dev half; the reader reads every passage, whatever the first ones hold."""
    done: list[Asked] = []
    with opened() as app:
        app.prepare()
        for row in cases("dev", Places()):
            pipeline = app.pipeline
            asked = understand(row["question"], pipeline, (), TODAY, Deadline())
            found = retrieve(asked, pipeline)
            passages = [*found.passages, *found.spare]
            evidence = cited_once(pipeline.engine.read(asked.text, asked.language, passages, 2.0)[:40])
            gold = [{(each["article"], letters(each["quote"])) for each in fact} for fact in row["facts"]]
            stated = [_stated(item, gold) for item in evidence]
            done.append(Asked(row, asked.kind, evidence, stated))
    return done


def _stated(item: Evidence, gold: Sequence[set[tuple[str, str]]]) -> set[int]:
    own = letters(item.quote)
    return {
        number
        for number, fact in enumerate(gold)
        if any(id == item.article.id and (text in own or own in text) for id, text in fact)
    }


def fitted(rows: Sequence[Asked]) -> NDArray[np.float64]:
    """Logistic regression by Newton's method, with a small weight decay."""
    table = np.vstack([features(row.kind, row.evidence) for row in rows if row.evidence])
    gold = np.concatenate([[float(bool(each)) for each in row.stated] for row in rows if row.evidence])
    weights = np.zeros(table.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-table @ weights))
        curve = table.T @ (table * (likely * (1 - likely) + 1e-6)[:, None]) + np.eye(len(weights))
        weights += np.linalg.solve(curve, table.T @ (gold - likely) - weights)
    return weights


def by_folds(rows: Sequence[Asked], folds: int = 5) -> list[NDArray[np.float64]]:
    """Each question's probabilities by weights that were fitted without it."""
    found: list[NDArray[np.float64]] = [np.zeros(0)] * len(rows)
    for fold in range(folds):
        weights = fitted([row for n, row in enumerate(rows) if n * 7 % folds != fold])
        for number, row in enumerate(rows):
            if number * 7 % folds == fold and row.evidence:
                found[number] = 1 / (1 + np.exp(-features(row.kind, row.evidence) @ weights))
    return found


def counted(rows: Sequence[Asked], choose: Callable[[int], list[int] | None]) -> dict[str, Counter[str]]:
    """By kind: first right, complete, cited, belonging, declined, wrong."""
    table: dict[str, Counter[str]] = {}
    for number, row in enumerate(rows):
        chosen = choose(number)
        for kind in (row.row["kind"], "all" if row.row["facts"] else "unanswerable"):
            count = table.setdefault(kind, Counter())
            count["n"] += 1
            if chosen is None:
                count["declined"] += 1
                continue
            hit = [row.stated[place] for place in chosen]
            count["cited"] += len(hit)
            count["belonging"] += sum(map(bool, hit))
            count["first"] += bool(hit[0])
            count["complete"] += bool(row.row["facts"]) and len(set().union(*hit)) >= row.row["need"]
            count["wrong"] += not any(hit)
    return table


def rule(
    rows: Sequence[Asked], likely: Sequence[NDArray[np.float64]], share: float, floor: float, least: float
) -> Callable[[int], list[int] | None]:
    """The product's choice of sentences (`rag.reading.select`) with these thresholds."""

    def choose(number: int) -> list[int] | None:
        row, chances = rows[number], likely[number]
        if not len(chances) or chances.max() < least:
            return None
        scores = [item.score for item in row.evidence]
        first = int(np.argmax(scores if row.kind in FACTS else chances))
        kept, said = [first], set(content(row.evidence[first]))
        for place in map(int, np.argsort(-chances)):
            own = content(row.evidence[place])
            enough = chances[place] >= max(floor, share * chances[first])
            new = len(own - said) > 0.3 * len(own)
            if place != first and len(kept) < MOST.get(row.kind, 3) and enough and new:
                kept.append(place)
                said |= own
        return kept

    return choose


def line(table: dict[str, Counter[str]]) -> str:
    one, none = table["all"], table["unanswerable"]
    shares = {name: one[name] / one["n"] for name in ("first", "complete", "declined", "wrong")}
    shares["belonging"] = one["belonging"] / max(1, one["cited"])
    shares["unanswerable declined"] = none["declined"] / none["n"]
    return ", ".join(f"{name} {share:.2f}" for name, share in shares.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--read", action="store_true")
    if parser.parse_args().read or not KEPT.exists():
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_bytes(pickle.dumps(read_all()))
    rows: list[Asked] = pickle.loads(KEPT.read_bytes())
    likely = by_folds(rows)
    for share in (0.3, 0.4, 0.5, 0.6):
        for floor in (0.15, 0.2, 0.25, 0.3):
            for least in (0.3, 0.4, 0.5):
                print(share, floor, least, line(counted(rows, rule(rows, likely, share, floor, least))))
    print("WEIGHTS", np.round(fitted(rows), 3).tolist())


if __name__ == "__main__":
    main()
