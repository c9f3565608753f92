"""What a report says, section by section; `pages.py` writes it down. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.evaluation.asking import Asked, Result
from bot.evaluation.charts import Mark, dots, round_up
from bot.evaluation.drawing import Drawing
from bot.evaluation.figures import (
    FORMAT,
    Figures,
    Scored,
    as_rows,
    differences,
    figures,
    groups,
    scored_from,
    times,
    verdict,
)
from bot.evaluation.intervals import Estimate
from bot.evaluation.measures import MEASURES

SPOKEN = {"id": "Indonesian", "en": "English"}
"""Names of the languages."""
_SHARES = tuple((n / 4, f"{25 * n}%") for n in range(5))
_FIRST = next(measure for measure in MEASURES if measure.name == "first_right")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; the first column is a label."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a line on what is shown, and what is shown. `name` names a drawing's file."""

    name: str
    title: str
    note: str
    table: Table | None = None
    drawing: Drawing | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A report as it is read: tiles are (figure, what it is)."""

    title: str
    lead: str
    tiles: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    results: Sequence[Result] = ()


def as_json(asked: Asked, made: str, version: str, questions: str, articles: str) -> dict[str, Any]:
    """The report for programs, and for a later `--against`."""
    scored = [scored_of(result) for result in asked.results]
    return {
        "format": FORMAT,
        "kutip": version,
        "made": made,
        "engine": engine_of(asked),
        "questions": questions,
        "articles": articles,
        "stored": {"articles": asked.articles, "chunks": asked.chunks},
        "settings": dict(asked.settings),
        "refused": list(asked.refused),
        "lost": list(asked.lost),
        "figures": as_rows(figures(scored)),
        "groups": {
            of: {value: as_rows(found) for value, found in parts.items()}
            for of, parts in groups(scored).items()
        },
        "seconds": {
            stage: dict(zip(("p5", "p50", "p95"), values, strict=True))
            for stage, values in times(scored).items()
        },
        "cases": [asdict(result) for result in asked.results],
    }


def document(asked: Asked, report: Mapping[str, Any], against: Mapping[str, Any] | None) -> Document:
    """The report for people; `against` is an earlier one's JSON."""
    scored = [scored_of(result) for result in asked.results]
    found, parts = figures(scored), groups(scored)
    lead = (
        f"{len(scored)} questions ({report['questions']}) over {asked.articles} articles, "
        f"{asked.chunks} chunks ({report['articles']}); engine {report['engine']}, Kutip {report['kutip']}, "
        f"{report['made']}. Figures are means, with 95% intervals by bootstrap over articles."
    )
    kinds = [*_kinds(scored, parts["kind"]), *_spelling(scored)]
    sections = [*kinds, _all(found, parts["question"]), *_compared(scored, against)]
    if asked.lost:
        ids = ", ".join(dict.fromkeys(asked.lost))
        note = f"No citation can match them, so these questions count as wrong: {ids}."
        sections.insert(0, Section("lost", "Gold sentences that are in no article", note))
    if asked.refused:
        rows = [[reason] for reason in asked.refused]
        sections.insert(0, Section("refused", "Articles that were refused", "", Table(["why"], rows)))
    sections += [*_words(parts["word"]), *_languages(scored), _times(times(scored))]
    return Document("Kutip, evaluated", lead, _tiles(found), sections, asked.results)


def scored_of(result: Result) -> Scored:
    """What of a result is counted."""
    return Scored(
        *(result.id, result.question, result.language, result.word, result.article),
        *(result.article_language, result.measures, result.seconds, result.kind, len(result.cited)),
    )


def engine_of(asked: Asked) -> str:
    """The engine that answered most, or the names of all where there were several."""
    return ", ".join(dict.fromkeys(result.engine for result in asked.results if result.engine)) or "none"


def _tiles(found: Figures) -> list[tuple[str, str]]:
    shown = (
        *("quotes_exact", "first_right", "right_answer", "wrong_answer", "complete", "belonging", "no_fact"),
        *("declined_rightly", "declined_wrongly", "wrong_again"),
    )
    return [
        (_share(found[measure.name].mean), measure.label)
        for measure in MEASURES
        if measure.name in shown and measure.name in found
    ]


def _share(value: float) -> str:
    # A thousand quotes of which one is wrong are not 100%.
    return f"{100 * value:.0f}%" if value in (0, 1) or 0.01 <= value < 0.99 else f"{100 * value:.2f}%"


def _all(found: Figures, languages: Mapping[str, Figures]) -> Section:
    columns = [("all", found), *((SPOKEN[value], part) for value, part in languages.items())]
    rows, lines = [], []
    for measure in MEASURES:
        if measure.name not in found:
            continue
        label = measure.label + (" (less is better)" if measure.lower else "")
        cells = [_cell(part.get(measure.name)) for _, part in columns]
        rows.append([label, str(found[measure.name].count), *cells, measure.what])
        marks = [
            _mark(place, part[measure.name])
            for place, part in enumerate(languages.values())
            if measure.name in part
        ]
        lines.append((measure.label, marks))
    head = ["measure", "n", *(name for name, _ in columns), "of what"]
    names = [f"{SPOKEN[value]} questions" for value in languages]
    says = "Every measure by the language of the question, with intervals"
    drawing = dots(lines, names or [""], (0, 1), _SHARES, says)
    return Section("measures", "All measures", "By the language of the question.", Table(head, rows), drawing)


_BY_KIND = ("first_right", "complete", "belonging", "no_fact")
"""Measures of the table by kind, in the order of its columns."""


def _kinds(scored: Sequence[Scored], parts: Mapping[str, Figures]) -> list[Section]:
    if not parts:
        return []
    answerable = [each for each in scored if each.kind and "complete" in each.measures]
    # Kinds that nothing answers follow the sum of the others.
    kinds = sorted(parts.items(), key=lambda part: "declined_rightly" in part[1])
    of = Counter(each.kind for each in scored)
    rows = [(kind, of[kind], found) for kind, found in kinds]
    if answerable:
        place = sum("declined_rightly" not in found for _, found in kinds)
        rows.insert(place, ("all with an answer", len(answerable), figures(answerable)))
    said = any("says_right" in found for _, _, found in rows)
    head = ["kind", "n", "first right", "complete", "belong", "wrong", "declined", *["yes/no right"] * said]
    cells, lines = [], []
    for kind, count, found in rows:
        shown = [found.get(name) for name in _BY_KIND]
        shown.append(found.get("declined_wrongly") or found.get("declined_rightly"))
        shown += [found.get("says_right")] * said
        cells.append([kind, str(count), *map(_short_cell, shown)])
        marks = [(0, found.get("first_right")), (1, found.get("complete"))]
        lines.append((kind, [_mark(series, each) for series, each in marks if each is not None]))
    drawing = dots(
        [(label, marks) for label, marks in lines if marks],
        ["first citation right", "complete"],
        *((0, 1), _SHARES, "First citations that are right and complete answers, by kind of question"),
    )
    note = (
        "first right: the first citation states a fact that is asked for, also as related reading; complete: "
        "answered, with as many facts cited as needed; belong: share of the sentences cited in answers that "
        "state a fact; wrong: answered, and no cited sentence states a fact; declined: not answered."
    )
    return [Section("kinds", "By kind of question", note, Table(head, cells), drawing)]


def _spelling(scored: Sequence[Scored]) -> list[Section]:
    both = [each for each in scored if "full_complete" in each.measures]
    if not both:
        return []
    found = figures(both)
    rows = [
        [label, _cell(found.get(typed)), _cell(found.get(in_full))]
        for label, typed, in_full in (
            ("first citation right", "first_right", "full_first_right"),
            ("complete", "complete", "full_complete"),
        )
    ]
    note = f"{len(both)} questions as people type them, and asked again in full spelling."
    return [Section("spelling", "Everyday spelling", note, Table(["measure", "as typed", "in full"], rows))]


def _compared(scored: Sequence[Scored], against: Mapping[str, Any] | None) -> list[Section]:
    if against is None:
        return []
    before = [scored_from(row) for row in against["cases"]]
    gains = differences(scored, before)
    note = (
        f"Against the report of {against['made']} (engine {against['engine']}, Kutip {against['kutip']}); "
        "only questions that both asked, each held against itself. If the interval holds 0, it may be chance."
    )
    if not gains:
        return [Section("against", "Compared", f"{note} They have no question in common.")]
    rows, lines, reach = [], [], 0.05
    for measure in MEASURES:
        if (gain := gains.get(measure.name)) is not None:
            shown = f"{gain.mean:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"
            rows.append([measure.label, shown, str(gain.count), verdict(measure, gain)])
            lines.append((measure.label, [_mark(0, gain)]))
            reach = max(reach, abs(gain.low), abs(gain.high))
    ticks = [(-reach, f"{-reach:+.2f}"), (0, "0"), (reach, f"{reach:+.2f}")]
    drawing = dots(lines, [""], (-reach, reach), ticks, "What each measure gained since the earlier report")
    table = Table(["measure", "difference", "questions", "verdict"], rows)
    return [Section("against", "Compared", note, table, drawing)]


def _words(parts: Mapping[str, Figures]) -> list[Section]:
    having = {word: found for word, found in parts.items() if _FIRST.name in found}
    if not having:
        return []
    names = ("first_right", "right_answer", "f1", "declined_wrongly")
    labels = [measure.label for measure in MEASURES if measure.name in names]
    rows = [
        [f"{word} ({found[_FIRST.name].count})", *(_cell(found.get(name)) for name in names)]
        for word, found in having.items()
    ]
    lines = [(word, [_mark(0, found[_FIRST.name])]) for word, found in having.items()]
    says = "The share of first citations that are right, by question word"
    drawing = dots(lines, [""], (0, 1), _SHARES, says)
    note = "Questions with an answer, by the first question word; drawn: first citation right."
    return [Section("words", "By question word", note, Table(["asked for", *labels], rows), drawing)]


def _languages(scored: Sequence[Scored]) -> list[Section]:
    names = ("first_right", "right_answer", "wrong_answer", "f1", "declined_wrongly")
    labels = [measure.label for measure in MEASURES if measure.name in names]
    rows, lines = [], []
    for asked in ("id", "en"):
        for written in ("id", "en"):
            part = [e for e in scored if (e.language, e.article_language) == (asked, written)]
            if part:
                found = figures(part)
                label = f"{SPOKEN[asked]} on {SPOKEN[written]}"
                rows.append([f"{label} ({len(part)})", *(_cell(found.get(name)) for name in names)])
                lines.append((label, [_mark(0, found[_FIRST.name])]))
    if not rows:
        return []
    says = "The share of first citations that are right, by the languages of question and article"
    return [
        Section(
            "languages",
            "By language of question and article",
            "Questions with an answer; drawn: first citation right.",
            Table(["question on article", *labels], rows),
            dots(lines, [""], (0, 1), _SHARES, says),
        )
    ]


def _times(stages: Mapping[str, tuple[float, float, float]]) -> Section:
    rows = [[stage, *(f"{1000 * value:.0f}" for value in values)] for stage, values in stages.items()]
    most = round_up(max((values[2] for values in stages.values()), default=0.1))
    lines = [(stage, [Mark(0, mid, low, high)]) for stage, (low, mid, high) in stages.items()]
    ticks = [(most * n / 4, f"{1000 * most * n / 4:.0f} ms") for n in range(5)]
    drawing = dots(
        lines, [""], (0, most), ticks, "Milliseconds of each stage: median, 5th to 95th percentile"
    )
    note = "Milliseconds a question, on this machine, busy as it was; drawn: median, 5th to 95th percentile."
    return Section("times", "Time by stage", note, Table(["stage", "p5", "p50", "p95"], rows), drawing)


def _cell(estimate: Estimate | None) -> str:
    return "–" if estimate is None else str(estimate)


def _short_cell(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    return f"{estimate.mean:.2f} ({estimate.low:.2f}–{estimate.high:.2f})"


def _mark(series: int, estimate: Estimate) -> Mark:
    return Mark(series, estimate.mean, estimate.low, estimate.high)
