"""Fits what a sentence's belonging is made from, and prints how thresholds trade.

Asks the dev half of the hard questions, and the written questions about articles that were kept out of
training, keeps what was read under lab/work/hard, fits `rag.reading.weigh.WEIGHTS`, and prints for each rule
what came out. The test half is never read here.

    python -m lab.hard.choose read dev|held [PART OF]   asks, and keeps what was read
    python -m lab.hard.choose fit
"""

from __future__ import annotations

import pickle
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from bot.app import App
from lab.hard.held import held_articles, held_rows
from lab.hard.measure import FOLDER, opened
from lab.hard.questions import Places, cases
from rag.asking.times import Period
from rag.deadline import Deadline
from rag.evidence import MOST_WEIGHED, evidence_for, fitting, retrieve
from rag.reading.copies import cited_once
from rag.reading.select import ALONE, BELONGS, RULES, Rule, chosen_for, ranked
from rag.reading.timely import in_time
from rag.reading.weigh import features
from rag.types import Evidence, Kind
from rag.understand import understand

TODAY = date(2024, 10, 15)
"""A day just after the newest of the articles."""
NEVER = 2.0
"""More than any probability."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A question, the kind that it is taken for, its time, what was read, and the facts that each sentence
    states; -1 where it says again what another one says.

    `checked` are the same sentences with the spans that the question asks for, less likely ones where they
    cannot answer; `parts` says whether the question has several, which are answered each on its own.
    """

    row: Row
    kind: Kind
    when: Period | None
    parts: bool
    evidence: list[Evidence]
    checked: list[Evidence]
    stated: list[set[int]]


def letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def read_all(app: App, rows: Sequence[Row]) -> Iterator[Kept]:
    """Asks each; the reader reads as many passages as it does for a user."""
    app.prepare()
    for row in rows:
        pipeline = app.pipeline
        asked = understand(row["question"], pipeline, (), TODAY, Deadline())
        found = retrieve(asked, pipeline)
        evidence = cited_once(evidence_for(asked, found, pipeline))
        gold = [{(each["article"], letters(each["quote"])) for each in fact} for fact in row["facts"]]
        again = {(row["id"], letters(text)) for text in row.get("again", ())}
        stated = [_stated(item, gold, again) for item in evidence]
        checked = list(fitting(asked, evidence, pipeline))
        yield Kept(row, asked.kind, asked.when, bool(asked.parts), evidence, checked, stated)


def _stated(item: Evidence, gold: Sequence[set[tuple[str, str]]], again: set[tuple[str, str]]) -> set[int]:
    own = letters(item.quote)

    def has(fact: set[tuple[str, str]]) -> bool:
        return any(id == item.article.id and (text in own or own in text) for id, text in fact)

    return {number for number, fact in enumerate(gold) if has(fact)} or ({-1} if has(again) else set())


def kept(name: str) -> list[Kept]:
    """What `read` kept, of all parts."""
    return [
        row
        for path in sorted(FOLDER.glob(f"{name}-read-*.pickle"))
        for row in pickle.loads(path.read_bytes())
    ]


def read(name: str, part: int, of: int) -> None:
    rows = held_rows() if name == "held" else list(cases("dev", Places()))
    with opened(held_articles() if name == "held" else None) as app:
        done = list(tqdm(read_all(app, rows[part::of]), total=len(rows[part::of]), mininterval=20))
    (FOLDER / f"{name}-read-{part}.pickle").write_bytes(pickle.dumps(done))


def fitted(rows: Sequence[Kept]) -> NDArray[np.float64]:
    """Logistic regression by Newton's method, with a small weight decay."""
    table = np.vstack([features(row.kind, row.evidence) for row in rows if row.evidence])
    gold = np.concatenate([[float(bool(each)) for each in row.stated] for row in rows if row.evidence])
    weights = np.zeros(table.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-table @ weights))
        curve = table.T @ (table * (likely * (1 - likely) + 1e-6)[:, None]) + np.eye(len(weights))
        weights += np.linalg.solve(curve, table.T @ (gold - likely) - weights)
    return weights


def by_folds(rows: Sequence[Kept], folds: int = 5) -> list[NDArray[np.float64]]:
    """Each question's probabilities by weights that were fitted without it."""
    found: list[NDArray[np.float64]] = [np.zeros(0)] * len(rows)
    for fold in range(folds):
        weights = fitted([row for n, row in enumerate(rows) if n % folds != fold])
        for number in range(fold, len(rows), folds):
            row = rows[number]
            chances = 1 / (1 + np.exp(-features(row.kind, row.evidence) @ weights))
            # What the reader rules out stays ruled out, as in `weighed`.
            found[number] = np.where([bool(item.belongs) for item in row.evidence], chances, 0.0)
    return found


@dataclass(frozen=True, slots=True)
class Limits:
    """What `rag.reading.select` decides by."""

    rules: Mapping[Kind, Rule]
    belongs: float
    alone: float


class Chooser:
    """The product's choice for each question, quick enough to be tried with many limits."""

    def __init__(self, rows: Sequence[Kept], likely: Sequence[NDArray[np.float64]]) -> None:
        self.rows, self.evidence = rows, list[list[Evidence]]()
        self.stated: list[dict[int, set[int]]] = []
        for row, chances in zip(rows, likely, strict=True):
            made = [
                replace(fit, belongs=float(chance) * min(1.0, fit.score / max(read.score, 1e-9)))
                for read, fit, chance in zip(row.evidence, row.checked, chances, strict=True)
            ]
            self.stated.append({id(e): s for e, s in zip(made, row.stated, strict=True)})
            made.sort(key=lambda item: -item.score)
            self.evidence.append(in_time(ranked(row.kind, made), row.when)[:MOST_WEIGHED])

    def choose(self, number: int, limits: Limits) -> list[set[int]] | None:
        """What each chosen sentence states; None where the question is declined."""
        evidence = self.evidence[number]
        if not any(e.score >= limits.alone or (e.belongs or 0) >= limits.belongs for e in evidence):
            return None
        kind = self.rows[number].kind
        chosen = chosen_for(kind, evidence, limits.alone, limits.rules[kind])
        return [self.stated[number][id(each)] for each in chosen]

    def counted(self, limits: Limits, numbers: Iterable[int]) -> dict[str, Counter[str]]:
        """By kind and over all: first right, complete, cited, belonging, declined, wrong."""
        table: dict[str, Counter[str]] = {"all": Counter(), "unanswerable": Counter()}
        for number in numbers:
            row, hit = self.rows[number].row, self.choose(number, limits)
            for kind in (row["kind"], "all" if row["facts"] else "unanswerable"):
                count = table.setdefault(kind, Counter())
                count["n"] += 1
                if hit is None:
                    count["declined"] += 1
                    continue
                count["cited"] += len(hit)
                count["belonging"] += sum(map(bool, hit))
                count["first"] += bool(hit[0])
                # The written questions mark everything that belongs: most of it is enough.
                need = min(row["need"], 3 if row["kind"] == "summary" else 4)
                count["complete"] += bool(row["facts"]) and len(set().union(*hit) - {-1}) >= need
                count["wrong"] += not any(hit)
        return table


def shares(table: Mapping[str, Counter[str]]) -> dict[str, float]:
    one, none = table["all"], table["unanswerable"]
    found = {name: one[name] / max(1, one["n"]) for name in ("first", "complete", "declined", "wrong")}
    found["belonging"] = one["belonging"] / max(1, one["cited"])
    return found | {"unanswerable declined": none["declined"] / max(1, none["n"])}


@dataclass(frozen=True, slots=True)
class Bar:
    """What a set of questions must keep: shares of the cited that belong, of wrong answers, and of the
    declined among those that nothing answers."""

    belonging: float
    wrong: float
    declined: float


BARS = {"dev": Bar(0.62, 0.06, 0.87), "held": Bar(0.54, 0.14, 0.92)}
"""A little beyond what is wanted; lower for the written questions, whose sentences are marked in one article
only, though others may say the same."""


def worth(table: Mapping[str, Counter[str]], bar: Bar) -> float:
    """What is gained: complete answers and right first citations, as long as the bar is kept."""
    found = shares(table)
    short = (
        *(max(0.0, bar.belonging - found["belonging"]), max(0.0, found["wrong"] - bar.wrong)),
        max(0.0, bar.declined - found["unanswerable declined"]),
    )
    return found["complete"] + 0.5 * found["first"] - 2 * sum(short)


def searched(chooser: Chooser, parts: Mapping[str, Sequence[int]], start: Limits) -> Limits:
    """Better limits for all parts together, one changed at a time."""

    def value(limits: Limits) -> float:
        return sum(worth(chooser.counted(limits, some), BARS[name]) for name, some in parts.items())

    best, score = start, value(start)

    def better(tried: Limits) -> bool:
        nonlocal best, score
        found = value(tried)
        if found <= score + 1e-4:
            return False
        best, score = tried, found
        return True

    for _ in range(2):
        for belongs in np.arange(0.3, 0.8, 0.05):
            for alone in (*np.arange(0.2, 0.7, 0.05), NEVER):
                better(replace(best, belongs=float(belongs), alone=float(alone)))
        for kind in RULES:
            for share in (0.2, 0.3, 0.4, 0.5, 0.6, 0.8):
                for floor in (0.1, 0.2, 0.3, 0.4):
                    rule = replace(best.rules[kind], share=share, floor=floor)
                    better(replace(best, rules={**best.rules, kind: rule}))
            for most in (2, 3, 4, 5, 6):
                rule = replace(best.rules[kind], most=most)
                better(replace(best, rules={**best.rules, kind: rule}))
    return best


def fit() -> None:
    held, dev = kept("held"), kept("dev")
    rows = [*held, *dev]
    chooser = Chooser(rows, by_folds(rows))
    parts = {"held": range(len(held)), "dev": range(len(held), len(rows))}
    now = Limits(RULES, BELONGS, ALONE)
    # Limits that are found on one part say on the other what they are worth.
    found = {"as they are": now, "both": searched(chooser, parts, now)}
    found |= {name: searched(chooser, {name: some}, now) for name, some in parts.items()}
    for name, limits in found.items():
        for other, some in parts.items():
            print(f"limits {name}, {other}:", _told(shares(chooser.counted(limits, some))), flush=True)
    for name, count in sorted(chooser.counted(found["both"], parts["dev"]).items()):
        print(f"    dev, {name}:", dict(count))
    print(found["both"])
    print("WEIGHTS", np.round(fitted(rows), 3).tolist())


def _told(found: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.3f}" for name, share in found.items())


def main() -> None:
    match sys.argv[1:]:
        case ["read", ("dev" | "held") as name, *numbers]:
            part, of = map(int, numbers or ("0", "1"))
            FOLDER.mkdir(parents=True, exist_ok=True)
            read(name, part, of)
        case ["fit"]:
            fit()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    # What is pickled belongs to the module by its own name, not to `__main__`.
    import_module("lab.hard.choose").main()
