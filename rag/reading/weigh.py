"""How likely a sentence belongs to an answer of this kind, beside all others that were read. Pure.

The reader looks at one passage at a time. What it cannot see is the rest: which article the best sentences
are from, how the passages ranked, and what kind of answer is wanted (a story opens an article; a fact stands
anywhere). A logistic model puts these beside the reader's two probabilities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rag.types import Evidence, Kind

STORIES: tuple[Kind, ...] = ("summary", "news")
"""Kinds that tell a story."""
FACTS: tuple[Kind, ...] = ("fact", "person")
"""Kinds that one stretch of a sentence answers, who somebody is among them."""
LEAST = 1e-4
"""Probabilities are at least this, and at most 1 less this, before their log-odds are taken."""
LAST = 20
"""Sentences of an article from this one on count as equally late."""
WEIGHTS = np.array(
    [
        *(0.724, 0.182, -0.119, 0.076, -0.969, 1.028, -0.067),
        *(0.013, 0.339, 0.718, -0.466),
        *(-0.125, 0.136, -0.133, -1.11),
    ]
)
"""Fitted by `python -m lab.hard.choose fit`, in the order of `features`."""


def weighed(kind: Kind, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentences, with `belongs` from this model. Unchanged where the reader does not give it."""
    if any(item.belongs is None for item in evidence):
        return list(evidence)
    likely = 1 / (1 + np.exp(-(features(kind, evidence) @ WEIGHTS)))
    return [
        replace(item, belongs=float(value) if item.belongs else 0.0)
        for item, value in zip(evidence, likely, strict=True)
    ]


def features(kind: Kind, evidence: Sequence[Evidence]) -> NDArray[np.float64]:
    """Shape (sentences, 15): log-odds of belonging and of answering, each also less the best one's; the
    passage's rank; the article's share of what belongs; the place in the article; how these differ for a
    story and for a fact; and 1."""
    if not evidence:
        return np.zeros((0, len(WEIGHTS)))
    belongs = _log_odds([item.belongs or 0.0 for item in evidence])
    answers = _log_odds([item.score for item in evidence])
    passages = {item.passage.key: item.passage.score for item in evidence}
    order = sorted(passages, key=lambda key: -passages[key])
    ranks = np.array([order.index(item.passage.key) / 8 for item in evidence])
    articles = defaultdict[str, float](float)
    for item in evidence:
        articles[item.article.id] += item.belongs or 0.0
    share = np.array([articles[item.article.id] for item in evidence]) / max(*articles.values(), LEAST)
    late = -np.log1p([min(item.sentence.index, LAST) for item in evidence])
    beside, one = belongs - belongs.max(), np.ones(len(evidence))
    story, fact = float(kind in STORIES), float(kind in FACTS or kind == "yesno")
    return np.column_stack(
        [
            *(belongs, answers, beside, answers - answers.max(), ranks, share, late),
            *(story * one, story * late, story * share, story * belongs),
            *(fact * one, fact * answers, fact * beside, one),
        ]
    )


def _log_odds(chances: Sequence[float]) -> NDArray[np.float64]:
    cut = np.clip(chances, LEAST, 1 - LEAST)
    result: NDArray[np.float64] = np.log(cut / (1 - cut))
    return result
