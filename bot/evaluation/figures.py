"""Results -> figures: the mean of every measure, with intervals, by group, and against a report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.evaluation.intervals import Estimate, estimate
from bot.evaluation.measures import MEASURES, QUESTION_WORDS, Measure
from rag.errors import InputError

FORMAT = 1
"""The version of the report's JSON; a report of another version cannot be compared with."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What of a result is counted. `shown` is how many citations it has."""

    id: str
    question: str
    language: str | None
    word: str
    article: str | None
    article_language: str | None
    measures: Mapping[str, float]
    seconds: Mapping[str, float]
    kind: str | None = None
    shown: int = 0

    @property
    def cluster(self) -> str:
        """The cluster for the bootstrap: the case's article, or the case itself without one."""
        return f"article {self.article}" if self.article else f"case {self.id}"


Figures = Mapping[str, Estimate]
"""By the measure's name; a measure that no case has is left out."""


def figures(scored: Sequence[Scored]) -> Figures:
    """The mean of each measure over the cases that have it."""
    found = {}
    for measure in MEASURES:
        having = [each for each in scored if measure.name in each.measures]
        if having:
            values = [each.measures[measure.name] for each in having]
            weights = [float(each.shown) for each in having] if measure.by_sentence else None
            found[measure.name] = estimate(values, [each.cluster for each in having], weights)
    return found


def groups(scored: Sequence[Scored]) -> dict[str, dict[str, Figures]]:
    """Figures by the question's language, the article's, the question word, the case's kind, and by whether
    an article answers."""

    def by(values: Sequence[str], of: str) -> dict[str, Figures]:
        parts = {value: [each for each in scored if getattr(each, of) == value] for value in values}
        return {value: figures(part) for value, part in parts.items() if part}

    return {
        "question": by(("id", "en"), "language"),
        "article": by(("id", "en"), "article_language"),
        "word": by((*QUESTION_WORDS, "other"), "word"),
        "answerable": {
            name: figures(part)
            for name, measure in (("yes", "declined_wrongly"), ("no", "declined_rightly"))
            if (part := [each for each in scored if measure in each.measures])
        },
        "kind": by(tuple(dict.fromkeys(each.kind for each in scored if each.kind)), "kind"),
    }


def times(scored: Sequence[Scored]) -> dict[str, tuple[float, float, float]]:
    """Seconds of each stage: 5th, 50th and 95th percentile."""
    found = {}
    for stage in dict.fromkeys(stage for each in scored for stage in each.seconds):
        values = [each.seconds[stage] for each in scored if stage in each.seconds]
        low, middle, high = (float(value) for value in np.percentile(values, (5, 50, 95)))
        found[stage] = (low, middle, high)
    return found


def differences(now: Sequence[Scored], before: Sequence[Scored]) -> Figures:
    """The gain of each measure since `before`, over the questions that both asked."""
    earlier = {(each.id, each.question): each for each in before}
    pairs = [(each, earlier[each.id, each.question]) for each in now if (each.id, each.question) in earlier]
    found = {}
    for measure in MEASURES:
        name = measure.name
        both = [(a, b) for a, b in pairs if name in a.measures and name in b.measures]
        if both:
            gains = [a.measures[name] - b.measures[name] for a, b in both]
            found[name] = estimate(gains, [a.cluster for a, _ in both])
    return found


def verdict(measure: Measure, difference: Estimate) -> str:
    """Whether a measure became better or worse, or the difference may be chance (its interval includes 0)."""
    if difference.low <= 0 <= difference.high:
        return "within chance"
    return "better" if (difference.mean < 0) == measure.lower else "worse"


def scored_from(row: Mapping[str, Any]) -> Scored:
    """A case of a report's JSON."""
    names = ("id", "question", "language", "word", "article", "article_language", "measures", "seconds")
    # A report from before there were kinds has none.
    return Scored(
        **{name: row[name] for name in names}, kind=row.get("kind"), shown=len(row.get("cited", ()))
    )


def read_report(path: Path) -> dict[str, Any]:
    """A report that an earlier `kutip eval` has written: its `report.json`, or the folder that holds it.

    Raises InputError for anything else.
    """
    path = path / "report.json" if path.is_dir() else path
    try:
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if report["format"] != FORMAT:
            raise InputError(f"{path} is a report of another format", "make it again with this Kutip")
        for row in report["cases"]:
            scored_from(row)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "check the path") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path} is no report", "give the report.json of an earlier `kutip eval`") from error
    return report


def as_rows(found: Figures) -> dict[str, dict[str, float]]:
    """Figures as JSON has them."""
    return {name: asdict(each) for name, each in found.items()}
