"""95% intervals by bootstrap, drawing whole articles with replacement.

Questions about one article are right or wrong together, so whole articles are drawn (Efron and Tibshirani,
"An Introduction to the Bootstrap", 1993, chapter 8). A figure that is the same for all of them gets an
interval without width, which says nothing: look at its number of cases.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

ROUNDS = 2_000
"""Draws: enough for an interval whose ends hardly move."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `count` cases, and its interval."""

    mean: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} ({self.low:.3f}–{self.high:.3f})"


def estimate(
    values: Sequence[float], groups: Sequence[Hashable], weights: Sequence[float] | None = None
) -> Estimate:
    """The mean of at least one value; `groups` says which article each belongs to.

    `weights`, above 0, say how much each value counts (default: all the same).
    """
    places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    of = np.array([places[group] for group in groups])
    heavy = np.ones(len(values)) if weights is None else np.asarray(weights, float)
    sums = np.bincount(of, weights=heavy * np.asarray(values, float), minlength=len(places))
    sizes = np.bincount(of, weights=heavy, minlength=len(places))
    draws = np.random.default_rng(0).integers(len(places), size=(ROUNDS, len(places)))
    means = sums[draws].sum(axis=1) / sizes[draws].sum(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Estimate(float(np.average(values, weights=heavy)), float(low), float(high), len(values))
