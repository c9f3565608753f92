"""Retrieval on held-out passages: lexical alone, dense alone, both, with the product's own parts.

    python -m lab.retrieval [--part dev|test] [--chroma]

The pool is every Indonesian passage of `qa.jsonl.gz` and 20,000 Wikipedia lead paragraphs that are none of
them. Questions: those of the part's passages in Indonesian, and on the test part the English questions of
`squad_xling`, whose passages are Indonesian. Right is the question's own passage, nothing else. Intervals:
95%, bootstrap by passage.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lab import data
from rag.search.embed import StaticEmbedder
from rag.search.fusion import DEPTH, Search
from rag.search.lexicon import Lexicon
from rag.search.query import query_terms
from rag.store.lexical import Indexed, LexicalIndex
from rag.types import Language, Vectors

DISTRACTORS = 20_000
BARS = {"Indonesian": {"R@20": 0.92}, "English": {"R@20": 0.86, "MRR": 0.67}}
"""What the fused list has to reach on the test part."""

_NOT_LETTERS = re.compile(r"\W+")
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the place in the pool of the passage that it was asked of."""

    question: str
    language: Language
    source: str
    gold: int


class Exact:
    """All vectors in memory: what Chroma approximates."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def query(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        cosines = self._vectors @ vector
        nearest = np.argpartition(-cosines, limit)[:limit]
        nearest = nearest[np.argsort(-cosines[nearest])]
        return [(int(key), float(cosines[key])) for key in nearest]


def letters(text: str) -> str:
    """What is the same for copies of a passage that differ in spacing or marks only."""
    return _NOT_LETTERS.sub("", text.lower())


def shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORDS.findall(text.lower())
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def pool(questions: Iterable[data.Question]) -> tuple[list[str], dict[str, int]]:
    """The passages, and the place of each passage of a question by its letters."""
    places: dict[str, int] = {}
    passages: list[str] = []
    for context in (q.context for q in questions if q.context_language == "id"):
        if letters(context) not in places:
            places[letters(context)] = len(passages)
            passages.append(context)
    known = {shingle for passage in passages for shingle in shingles(passage)}
    leads = [text for _, text in data.wiki()]
    distractors = 0
    for text in random.Random(3).sample(leads, len(leads)):
        own = shingles(text)
        # Five-word stretches in common: a copy of a passage, or a part of one.
        if len(own) >= 5 and len(own & known) < 0.3 * len(own):
            passages.append(text)
            distractors += 1
            if distractors == DISTRACTORS:
                break
    return passages, places


def asked(questions: Iterable[data.Question], part: data.Part, places: Mapping[str, int]) -> list[Asked]:
    return [
        Asked(q.question, "en" if q.question_language == "en" else "id", q.source, places[letters(q.context)])
        for q in questions
        if q.part == part and q.answer is not None and q.context_language == "id"
    ]


def ranks(found: Iterable[Sequence[int]], questions: Sequence[Asked]) -> NDArray[np.float64]:
    """1 for the first place; infinite where the passage is not in the list."""
    return np.array(
        [
            keys.index(each.gold) + 1 if each.gold in keys else np.inf
            for keys, each in zip(found, questions, strict=True)
        ]
    )


FIGURES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "R@1": lambda rank: (rank <= 1).astype(float),
    "R@5": lambda rank: (rank <= 5).astype(float),
    "R@20": lambda rank: (rank <= 20).astype(float),
    "MRR": lambda rank: 1 / rank,
}


def interval(values: NDArray[np.float64], groups: Sequence[int], rounds: int = 2_000) -> tuple[float, float]:
    """Mean's 95% interval, drawing whole groups (passages) with replacement."""
    members = defaultdict(list)
    for place, group in enumerate(groups):
        members[group].append(values[place])
    sums = np.array([sum(group) for group in members.values()])
    sizes = np.array([len(group) for group in members.values()])
    draws = np.random.default_rng(0).integers(len(sums), size=(rounds, len(sums)))
    means = sums[draws].sum(1) / sizes[draws].sum(1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def report(name: str, rank: NDArray[np.float64], questions: Sequence[Asked]) -> None:
    groups = [each.gold for each in questions]
    cells = []
    for measure in FIGURES.values():
        low, high = interval(measure(rank), groups)
        cells.append(f"{measure(rank).mean():.3f} ({low:.3f}-{high:.3f})")
    print("| " + " | ".join([name, str(len(rank)), *cells]) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=("dev", "test"), default="test")
    parser.add_argument("--chroma", action="store_true", help="also with Chroma's approximate search")
    options = parser.parse_args()

    questions = list(data.questions())
    passages, places = pool(questions)
    everything = asked(questions, options.part, places)
    embedder, lexicon = StaticEmbedder(), Lexicon.load()
    # As the archive stores them.
    vectors = embedder.passages(passages).astype(np.float16).astype(np.float32)

    with tempfile.TemporaryDirectory() as folder:
        index = LexicalIndex(Path(folder) / "lexical")
        index.apply([], (Indexed.of(key, "id", text) for key, text in enumerate(passages)))
        exact = Exact(vectors)

        def stored(keys: Sequence[int]) -> dict[int, Vectors]:
            return {key: vectors[key] for key in keys}

        def lexical(each: Asked) -> list[int]:
            query = query_terms(each.question, each.language, lexicon)
            return [key for key, _ in index.search(query, DEPTH)]

        def dense(each: Asked) -> list[int]:
            return [key for key, _ in exact.query(embedder.question(each.question), DEPTH)]

        def fused(search: Search) -> Callable[[Asked], list[int]]:
            return lambda each: [hit.key for hit in search.search(each.question, each.language, DEPTH)]

        lists = {
            "lexical": lexical,
            "dense": dense,
            "fused": fused(Search(index, exact, embedder, lexicon, stored)),
        }
        if options.chroma:
            from rag.store.vectors import VectorIndex

            chroma = VectorIndex(Path(folder) / "chroma", "retrieval")
            for first in range(0, len(passages), 2_000):
                part = range(first, min(first + 2_000, len(passages)))
                chroma.apply([], part, vectors[first : first + 2_000])
            lists["fused, Chroma"] = fused(Search(index, chroma, embedder, lexicon, stored))

        print(
            f"{len(passages):,} passages, {len(places):,} of them with questions; {options.part} questions\n"
        )
        print("| questions, list | n | " + " | ".join(FIGURES) + " |")
        print("|---" * (2 + len(FIGURES)) + "|")
        for name, search in lists.items():
            for language, spelled in (("id", "Indonesian"), ("en", "English")):
                chosen = [each for each in everything if each.language == language]
                if not chosen:
                    continue
                started = time.perf_counter()
                rank = ranks([search(each) for each in chosen], chosen)
                took = (time.perf_counter() - started) / len(chosen) * 1e3
                report(f"{spelled}, {name} ({took:.0f} ms)", rank, chosen)
                if name == "fused":
                    for source in sorted({each.source for each in chosen}) if language == "id" else []:
                        mask = np.array([each.source == source for each in chosen])
                        report(f"– {source}", rank[mask], [e for e in chosen if e.source == source])
                    if options.part == "test":
                        for measure, bar in BARS[spelled].items():
                            reached = float(FIGURES[measure](rank).mean())
                            verdict = "reached" if reached >= bar else "MISSED"
                            print(f"| {spelled} {measure} >= {bar}: {verdict} | | | | | |")
        index.close()


if __name__ == "__main__":
    main()
