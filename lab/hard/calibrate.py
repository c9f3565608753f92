"""Which sentences belong, on the dev half of the hard questions: `python -m lab.hard.calibrate [--fit]`.

The product's search finds passages among the pool's, its reader reads them as it does for a user. `--fit`
makes the head's log-odds, and what the reader knows besides, a probability: a logistic model, into
`reader.npz`; the figures are for questions of other folds. Precision: of the sentences shown, how many
belong; recall: of the facts that an answer needs, how many are shown.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from lab.endtoend import logistic
from lab.hard import questions
from lab.hard.groups import Pool, Row
from lab.hard.pool import pool
from lab.reader.written import article
from rag.reading.heads import belonging_features
from rag.reading.llama import TokenEncoder
from rag.reading.reader import FIRST, PATH, Reader
from rag.search.lexicon import Lexicon
from rag.search.overlap import Overlap
from rag.types import Language

FOLDS = 5
SHOWN = 5
"""The most sentences that are shown."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's sentences: features, today's probability, and which facts each states."""

    kind: str
    language: Language
    need: int
    table: NDArray[np.float64]
    score: NDArray[np.float64]
    facts: list[set[int]]


def gold(row: Row, places: questions.Places, found: Pool) -> dict[str, list[tuple[int, int, int]]]:
    """Per article (start, end, fact) of what belongs."""
    made: dict[str, list[tuple[int, int, int]]] = {}
    for number, fact in enumerate(row["facts"]):
        for place in fact:
            text = found.passages[found.own[place[0]][0]].article.text
            for quote in places.quotes(place):
                start = text.find(quote["quote"])
                if start >= 0:
                    made.setdefault(place[0], []).append((start, start + len(quote["quote"]), number))
    return made


def ask(
    row: Row, found: Pool, reader: Reader, lexicon: Lexicon, places: questions.Places, most: int
) -> Asked:
    hits = found.search.search(row["question"], row["language"], most)
    passages = [found.passage(hit.key, hit.score) for hit in hits]
    overlap = Overlap(row["question"], row["language"], lexicon)
    read, _ = reader.found(row["question"], passages)
    table = reader.features(overlap, passages, read)
    wanted, facts = gold(row, places, found), []
    for each in read:
        passage = passages[each.passage]
        sentence = passage.sentences[each.sentence]
        facts.append(
            {
                number
                for start, end, number in wanted.get(passage.article.id, ())
                if min(end, sentence.end) - max(start, sentence.start) > 0.5 * (end - start)
            }
        )
    score = 1 / (1 + np.exp(-(table @ reader.calibration)))
    return Asked(row["kind"], row["language"], row["need"], belonging_features(read, table), score, facts)


def figures(
    asked: Sequence[Asked], chances: Sequence[NDArray[np.float64]], threshold: float
) -> tuple[float, float]:
    precision, recall = [], []
    for each, chance in zip(asked, chances, strict=True):
        if not each.need:
            continue
        shown = [n for n in np.argsort(-chance)[:SHOWN] if chance[n] >= threshold]
        precision += [bool(each.facts[n]) for n in shown]
        said = set[int]().union(*(each.facts[n] for n in shown))
        recall.append(min(len(said) / each.need, 1.0))
    return float(np.mean(precision)) if precision else 0.0, float(np.mean(recall))


def best(asked: Sequence[Asked], chances: Sequence[NDArray[np.float64]]) -> tuple[float, float, float, float]:
    """(F1, threshold, precision, recall) at the threshold with the best F1."""
    made = []
    for threshold in np.arange(0.05, 0.8, 0.025):
        precision, recall = figures(asked, chances, float(threshold))
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        made.append((f1, float(threshold), precision, recall))
    return max(made)


def told(name: str, asked: Sequence[Asked], chances: Sequence[NDArray[np.float64]]) -> None:
    f1, threshold, precision, recall = best(asked, chances)
    first = [
        bool(each.facts[int(np.argmax(chance))])
        for each, chance in zip(asked, chances, strict=True)
        if each.need
    ]
    print(
        f"{name}: F1 {f1:.3f} at {threshold:.3f} (precision {precision:.3f}, recall {recall:.3f}), "
        f"first right {np.mean(first):.3f}"
    )
    for kind in questions.KINDS:
        own = [(e, c) for e, c in zip(asked, chances, strict=True) if e.kind == kind and e.need]
        if own:
            p, r = figures([e for e, _ in own], [c for _, c in own], threshold)
            f1 = 2 * p * r / (p + r) if p + r else 0.0
            print(f"    {kind} {len(own)}: F1 {f1:.2f} (precision {p:.2f}, recall {r:.2f})")


def fitted(asked: Sequence[Asked]) -> NDArray[np.float64]:
    tables = np.concatenate([each.table for each in asked])
    labels = np.array([bool(facts) for each in asked for facts in each.facts], float)
    return logistic(tables, labels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", type=Path, default=PATH)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--most", type=int, default=FIRST)
    parser.add_argument("--every", type=int, default=1, help="only each such question")
    given = parser.parse_args()
    lexicon = Lexicon.load()
    reader = Reader(lexicon, given.gguf)
    if given.threads:
        # Where others use the cores, two threads wait for each other most of the time.
        reader.encoder.close()
        reader.encoder = TokenEncoder(given.gguf, given.threads)
    found = Pool(
        ((row["id"], row["title"], row["published"], article(row["text"])) for row in pool()), reader.pieces
    )
    places = questions.Places()
    rows = list(questions.half(questions.stored(), "dev"))[:: given.every]
    asked = [ask(row, found, reader, lexicon, places, given.most) for row in tqdm(rows, mininterval=20)]
    told("score as it is", asked, [each.score for each in asked])
    chances: list[NDArray[np.float64]] = [np.empty(0)] * len(asked)
    for fold in range(FOLDS):
        weights = fitted([each for n, each in enumerate(asked) if n % FOLDS != fold])
        for n in range(fold, len(asked), FOLDS):
            chances[n] = 1 / (1 + np.exp(-(asked[n].table @ weights)))
    told("belongs, other folds", asked, chances)
    plain = [each.table[:, 2:] for each in asked]
    for fold in range(FOLDS):
        some = [n for n in range(len(asked)) if n % FOLDS != fold]
        labels = np.array([bool(facts) for n in some for facts in asked[n].facts], float)
        weights = logistic(np.concatenate([plain[n] for n in some]), labels)
        for n in range(fold, len(asked), FOLDS):
            chances[n] = 1 / (1 + np.exp(-(plain[n] @ weights)))
    told("fitted without the head", asked, chances)
    none = [each for each in asked if not each.need]
    weights = fitted(asked)
    tops = [float((1 / (1 + np.exp(-(each.table @ weights)))).max()) for each in none]
    print(
        "weights",
        weights.round(3).tolist(),
        "; of nothing that answers, the likeliest:",
        np.quantile(tops, [0.5, 0.85]),
    )
    if given.fit:
        path = given.gguf.with_suffix(".npz")
        with np.load(path) as arrays:
            head = {name: arrays[name] for name in arrays.files}
        np.savez(path, **head | {"belonging_calibration": weights})
    reader.close()


if __name__ == "__main__":
    main()
