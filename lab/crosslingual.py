"""Retrieval across languages to choose by: no question-passage set but `squad_xling` has it, and that is
kept for the figures.

A query is a stretch of a FLORES sentence in one language, as long as a question; the passage to be found is
the three sentences around it in the other language, among distractors (Wikipedia leads, or the English
passages of the questions). FLORES lists its sentences article by article.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lab import data
from rag.types import Language

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Task:
    """Queries in `source`, passages in `target`; `gold[i]` is the place of the passage for query i."""

    name: str
    source: Language
    target: Language
    queries: list[str]
    passages: list[str]
    gold: NDArray[np.int64]


def wikipedia(count: int = 20_000) -> list[str]:
    """Distractors: Indonesian lead paragraphs of at least 150 characters."""
    leads = [text for _, text in data.wiki() if len(text) >= 150]
    return random.Random(3).sample(leads, count)


def stretches(distractors: Sequence[str], words: int = 9) -> list[Task]:
    """The development task in both directions."""
    held_out = [pair for pair in data.parallel("parallel_en_id_dev") if pair[0] == "flores_devtest"]
    english_contexts = {q.context for q in data.questions() if q.context_language == "en"}
    others: dict[Language, Sequence[str]] = {"id": distractors, "en": sorted(english_contexts)}
    sides: dict[Language, list[str]] = {"en": [p[1] for p in held_out], "id": [p[2] for p in held_out]}
    directions: tuple[tuple[Language, Language], ...] = (("en", "id"), ("id", "en"))
    tasks = []
    for source, target in directions:
        random_ = random.Random(4)
        passages = [" ".join(sides[target][i : i + 3]) for i in range(0, len(held_out), 3)]
        queries, gold = [], []
        for i, sentence in enumerate(sides[source]):
            spelled = sentence.split()
            if len(spelled) >= words:
                start = random_.randrange(len(spelled) - words + 1)
                queries.append(" ".join(spelled[start : start + words]))
                gold.append(i // 3)
        name = f"stretches {source}->{target}"
        tasks.append(Task(name, source, target, queries, [*passages, *others[target]], np.array(gold)))
    return tasks


def questions(part: str, source: str, distractors: Sequence[str]) -> Task:
    """Questions of one part whose passages answer them, among all passages of all parts and distractors.

    `source` is the questions' language; the passages are Indonesian. English questions have `squad_xling`
    only, whose part is "test".
    """
    asked = [q for q in data.questions() if q.context_language == "id"]
    contexts = sorted({q.context for q in asked})
    places = {context: i for i, context in enumerate(contexts)}
    chosen = [q for q in asked if q.part == part and q.answer is not None and q.question_language == source]
    return Task(
        f"{part} questions {source}->id",
        "en" if source == "en" else "id",
        "id",
        [q.question for q in chosen],
        [*contexts, *distractors],
        np.array([places[q.context] for q in chosen]),
    )


class Bm25:
    """BM25 (Robertson and Zaragoza 2009) with k1 1.2, b 0.75, as one sparse matrix passage x term."""

    def __init__(self, passages: Iterable[Sequence[str]]) -> None:
        self.places: dict[str, int] = {}
        starts, columns = [0], list[int]()
        for terms in passages:
            columns.extend(self.places.setdefault(term, len(self.places)) for term in terms)
            starts.append(len(columns))
        shape = (len(starts) - 1, len(self.places))
        counts = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=shape)
        counts.sum_duplicates()
        lengths = np.asarray(counts.sum(1)).ravel()
        self.found_in = np.bincount(counts.indices, minlength=shape[1])
        rarity = np.log(1 + (shape[0] - self.found_in + 0.5) / (self.found_in + 0.5))
        row = np.repeat(np.arange(shape[0]), np.diff(counts.indptr))
        norm = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
        counts.data = (rarity[counts.indices] * counts.data * 2.2 / (counts.data + norm[row])).astype(
            np.float32
        )
        self.weights = counts.T.tocsr()

    def scores(self, queries: Sequence[dict[str, float]]) -> Scores:
        """Shape (queries, passages): the sum over terms of their weight times their BM25 score."""
        rows, columns, weights = [], [], []
        for i, query in enumerate(queries):
            for term, weight in query.items():
                if term in self.places:
                    rows.append(i)
                    columns.append(self.places[term])
                    weights.append(weight)
        asked = sparse.csr_matrix((weights, (rows, columns)), shape=(len(queries), len(self.places)))
        found = asked.astype(np.float32) @ self.weights
        return np.asarray(found.todense(), dtype=np.float32)


def measure(task: Task, score: Callable[[int, int], Scores], batch: int = 200) -> tuple[float, float, float]:
    """MRR, R@1 and R@20; `score(first, last)` gives the scores of those queries for every passage.

    A tie counts half: a query that scores nothing anywhere is not found.
    """
    ranks = []
    for first in range(0, len(task.queries), batch):
        last = min(first + batch, len(task.queries))
        found = score(first, last)
        own = found[np.arange(last - first), task.gold[first:last]][:, None]
        ranks.append(1 + (found > own).sum(1) + ((found == own).sum(1) - 1) / 2)
    rank = np.concatenate(ranks)
    return float((1 / rank).mean()), float((rank <= 1).mean()), float((rank <= 20).mean())
