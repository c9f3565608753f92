"""Makes rag/models/kinds.npz: what each feature of a question says about the kind of answer that it asks for.

    python -m lab.kinds             train, write, report
    python -m lab.kinds --report    report only

Logistic regression over the features of `rag.text.kinds`, of questions as they were written and as they may
be typed. A first fit on two thirds shows which labels of the other third are plainly wrong; those are left
out. The test is `test.jsonl`, written before the classifier, and the dev half of `lab.hard.questions`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from lab.data import whole
from lab.hard.questions import half
from lab.hard.questions import stored as hard
from lab.kinds.examples import Example, everyday, examples, letters
from rag.text.kinds import KINDS, PATH, features, frame, hashed, kind_of
from rag.text.talk import talk_of

TEST = Path(__file__).with_name("test.jsonl")
TALK = Path(__file__).with_name("talk.txt")
WORDS = 250
"""Words that stand in a frame as they are: the most frequent that are in no class."""
LEAST = 6
"""Questions that a feature is in, at least."""
SPREAD = 1.0
"""Weight of the penalty on squared weights."""
EVERYDAY = 0.5
"""What a question as it may be typed counts."""
RARE_KINDS = 0.25
"""The power of how much rarer than the mean a kind is that its questions count more."""
WRONG, RIGHT = 0.1, 0.75
"""A label is plainly wrong where the fit gives it less than this, and another one more than that."""
THIRDS = 3
PARTS = 127


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--report", action="store_true")
    if not arguments.parse_args().report:
        train()
    report()


def train() -> None:
    rows = examples({letters(row["question"]) for row in (*tests(), *hard())})
    words, chance = frequent(rows), random.Random(2)
    typed = [each._replace(question=everyday(each.question, chance)) for each in rows]
    every = [*rows, *typed]
    many = Counter(each.kind for each in every)
    mean = len(every) / len(many)
    counting = np.array([(mean / many[each.kind]) ** RARE_KINDS for each in every])
    counting[len(rows) :] *= EVERYDAY
    kept, matrix = occurrences(every, words)
    labels = np.array([KINDS.index(each.kind) for each in every])
    third = np.array([int(hashlib.sha256(each.group.encode()).hexdigest(), 16) % THIRDS for each in every])
    chances = np.zeros((len(every), len(KINDS)))
    for part in range(THIRDS):
        seen = third != part
        chances[~seen] = probabilities(matrix[~seen], *fit(matrix[seen], labels[seen], counting[seen]))
    hits = chances.argmax(1) == labels
    print(f"{len(rows)} questions; of those not trained on right {hits[: len(rows)].mean():.3f}")
    own = chances[np.arange(len(every)), labels]
    plainly_wrong = (own < WRONG) & (chances.max(1) > RIGHT)
    plainly_wrong[len(rows) :] = False
    print(f"left out as plainly wrong: {plainly_wrong.sum()}")
    weights, bias = fit(matrix[~plainly_wrong], labels[~plainly_wrong], counting[~plainly_wrong])
    write(words, kept, weights, bias)


def frequent(rows: Sequence[Example]) -> frozenset[str]:
    """The most frequent words of the frames of written questions, by how many groups have them."""
    groups: dict[str, set[str]] = {}
    for each in rows:
        spelled = set(each.question.lower().replace("’", "'").split())
        for word in {word.strip('?.,:;!"()') for word in spelled}:
            if word.isalpha() and frame(word, ())[1:-1] and not frame(word, ())[1].isupper():
                groups.setdefault(word, set()).add(each.group)
    found = sorted(groups, key=lambda word: (-len(groups[word]), word))
    return frozenset(found[:WORDS])


def occurrences(
    rows: Sequence[Example], words: frozenset[str]
) -> tuple[NDArray[np.uint32], sparse.csr_matrix]:
    """The numbers of the features that enough questions have, in order, and which question has which."""
    found = [{hashed(feature) for feature in features(each.question, words)} for each in rows]
    many = Counter(number for numbers in found for number in numbers)
    kept = sorted(number for number, count in many.items() if count >= LEAST)
    places = {number: place for place, number in enumerate(kept)}
    columns = [sorted(places[number] for number in numbers if number in places) for numbers in found]
    starts = np.cumsum([0, *map(len, columns)])
    flat = np.concatenate([np.array(each, np.int32) for each in columns])
    ones = np.ones(len(flat), np.float32)
    return np.array(kept, np.uint32), sparse.csr_matrix((ones, flat, starts), shape=(len(rows), len(kept)))


def fit(
    matrix: sparse.csr_matrix, labels: NDArray[np.int64], counting: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (features, kinds) and bias (kinds,)."""
    size, kinds = matrix.shape[1], len(KINDS)
    wanted = np.eye(kinds)[labels]
    turned = matrix.T.tocsr()

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = point[: size * kinds].reshape(size, kinds), point[size * kinds :]
        chances = probabilities(matrix, weights, bias)
        lost = -(counting * np.log(chances[np.arange(len(labels)), labels] + 1e-9)).sum()
        slope = (chances - wanted) * counting[:, None]
        down = (turned @ slope + 2 * SPREAD * weights).ravel()
        return float(lost + SPREAD * (weights**2).sum()), np.concatenate([down, slope.sum(0)])

    start = np.zeros(size * kinds + kinds)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 120, "maxcor": 6}).x
    return found[: size * kinds].reshape(size, kinds), found[size * kinds :]


def probabilities(
    matrix: sparse.csr_matrix, weights: NDArray[np.float64], bias: NDArray[np.float64]
) -> NDArray[np.float64]:
    sums = matrix @ weights + bias
    powers = np.exp(sums - sums.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def write(
    words: frozenset[str],
    kept: NDArray[np.uint32],
    weights: NDArray[np.float64],
    bias: NDArray[np.float64],
) -> None:
    scale = PARTS / np.abs(weights).max()
    with whole(PATH) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            words=np.frombuffer("\n".join(sorted(words)).encode(), np.uint8),
            hashes=kept,
            weights=np.round(weights * scale).astype(np.int8),
            bias=np.round(bias * scale).astype(np.int32),
        )
    print(f"{len(kept)} features, {PATH.stat().st_size / 1e3:.0f} kB")


def tests() -> list[dict[str, Any]]:
    return [json.loads(line) for line in TEST.read_text(encoding="utf-8").splitlines()]


def report() -> None:
    """Share of questions whose kind is found, and what it takes."""
    kinds = {*KINDS, "talk"}
    dev = [row for row in half(hard(), "dev") if row["kind"] in kinds]
    for name, rows in (("test.jsonl", tests()), ("the hard questions' dev half", dev)):
        _shares(name, rows)
    messages = [line.split("|") for line in TALK.read_text(encoding="utf-8").splitlines()]
    print(
        f"talk.txt: {np.mean([talk_of(text) == kind for kind, _, text in messages]):.3f} of {len(messages)}"
    )
    questions = [row["question"] for row in (*tests(), *dev)] * 10
    start = time.perf_counter()
    for question in questions:
        kind_of(question, "id")
    print(f"{(time.perf_counter() - start) / len(questions) * 1e3:.2f} ms a question")


def _shares(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    hits = [kind_of(row["question"], row["language"]) == row["kind"] for row in rows]
    print(f"{name}: {np.mean(hits):.3f} of {len(hits)}")
    for field in ("language", "kind"):
        for value in dict.fromkeys(row[field] for row in rows):
            some = [hit for hit, row in zip(hits, rows, strict=True) if row[field] == value]
            print(f"  {value:8} {sum(some)} of {len(some)}")


if __name__ == "__main__":
    main()
