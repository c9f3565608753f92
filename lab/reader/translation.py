"""Word translation probabilities from the parallel text, both ways.

IBM Model 1 (Brown et al. 1993, "The mathematics of statistical machine translation") in each direction,
then the two multiplied and normalised: a translation counts when both directions agree on it.
They start the vectors of Indonesian tokens, and mix the languages of questions and passages in training.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lab.data import WORK, parallel
from rag.text.wordpiece import words

PATH = WORK / "reader" / "translation.json"
ROUNDS, LONGEST, KEPT, FLOOR = 5, 60, 8, 0.02

Table = dict[str, list[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class Translation:
    """`english[w]`: English words for the Indonesian `w`, likeliest first; how often each word was seen."""

    english: Table
    indonesian: Table
    english_counts: Counter[str]
    indonesian_counts: Counter[str]


def split(text: str) -> list[str]:
    return [word for blob in text.split() for word, _ in words(blob)]


def _numbered(side: list[list[str]]) -> tuple[list[str], list[NDArray[np.int64]], Counter[str]]:
    counts = Counter(word for sentence in side for word in sentence)
    names = ["", *(word for word, count in counts.items() if count > 1)]
    ids = {word: index for index, word in enumerate(names)}
    return names, [np.array([ids[w] for w in s if w in ids], dtype=np.int64) for s in side], counts


def _model1(
    given: list[NDArray[np.int64]], made: list[NDArray[np.int64]], width: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(given * width + made) keys and p(made | given); word 0 of the given side is the empty word."""
    keys, slots, slot = [], [], 0
    for left, right in zip(given, made, strict=True):
        with_empty = np.append(left, 0)
        keys.append((with_empty[None, :] * width + right[:, None]).ravel().astype(np.int64))
        slots.append(np.repeat(np.arange(slot, slot + len(right)), len(with_empty)))
        slot += len(right)
    pairs, where = np.unique(np.concatenate(keys), return_inverse=True)
    slots_all = np.concatenate(slots)
    source = pairs // width
    chance = np.full(len(pairs), 1.0)
    for _ in range(ROUNDS):
        share = chance[where]
        share = share / np.bincount(slots_all, share, slot)[slots_all]
        chance = np.bincount(where, share, len(pairs))
        chance = chance / np.bincount(source, chance)[source]
    return pairs, chance


def _table(
    given: NDArray[np.int64],
    made: NDArray[np.int64],
    score: NDArray[np.float64],
    names: tuple[list[str], list[str]],
) -> Table:
    table: Table = {}
    for place in np.lexsort((-score, given)):
        entry = table.setdefault(names[0][given[place]], [])
        if len(entry) < KEPT:
            entry.append((names[1][made[place]], float(score[place])))
    for entry in table.values():
        total = sum(value for _, value in entry)
        entry[:] = [(word, value / total) for word, value in entry if value / total >= FLOOR]
    return table


def learn() -> Translation:
    pairs = [(split(english), split(indonesian)) for _, english, indonesian in parallel()]
    pairs = [(e, i) for e, i in pairs if 0 < len(e) <= LONGEST and 0 < len(i) <= LONGEST]
    english_names, english, english_counts = _numbered([e for e, _ in pairs])
    indonesian_names, indonesian, indonesian_counts = _numbered([i for _, i in pairs])
    forward, p_english = _model1(indonesian, english, len(english_names))
    backward, p_indonesian = _model1(english, indonesian, len(indonesian_names))
    i, e = forward // len(english_names), forward % len(english_names)
    e2, i2 = backward // len(indonesian_names), backward % len(indonesian_names)
    swapped = i2 * len(english_names) + e2
    order = np.argsort(swapped)
    place = np.minimum(np.searchsorted(swapped[order], forward), len(order) - 1)
    both = (swapped[order][place] == forward) & (i > 0) & (e > 0)
    score = (p_english * p_indonesian[order][place])[both]
    i, e = i[both], e[both]
    return Translation(
        _table(i, e, score, (indonesian_names, english_names)),
        _table(e, i, score, (english_names, indonesian_names)),
        english_counts,
        indonesian_counts,
    )


def load(path: Path = PATH) -> Translation:
    """The tables, learned once and kept in the work folder."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        learned = learn()
        tables = {name: getattr(learned, name) for name in Translation.__slots__}
        path.write_text(json.dumps(tables), encoding="utf-8")
    kept = json.loads(path.read_text(encoding="utf-8"))
    both = [
        {word: [(other, share) for other, share in entry] for word, entry in kept[name].items()}
        for name in ("english", "indonesian")
    ]
    counts = [Counter(kept[name]) for name in ("english_counts", "indonesian_counts")]
    return Translation(both[0], both[1], counts[0], counts[1])


if __name__ == "__main__":
    print(*(f"{name}: {entry}" for name, entry in list(load().english.items())[:20]), sep="\n")
