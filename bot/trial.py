"""A short trial of a chat model: what it is good for on this machine, beside the built-in reader.

Ten sample questions are answered by the reader and by the model, ten sentences are translated, and six
follow-up questions are put anew. Each of the three is used or not on its own. The model is judged by what
would be shown: a claim or a translation that the checks hold back counts as none, not as a wrong one.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import seeds
from bot.app import App, Report
from bot.demo import ARTICLES
from bot.evaluation.asking import Result, ask_app
from bot.evaluation.cases import Case, read_cases
from bot.models import PROBED
from bot.settings import Settings
from bot.uses import Uses
from rag.deadline import Deadline
from rag.errors import KutipError, NoReply
from rag.pipeline import Writing
from rag.search.query import STOP_WORDS
from rag.text.stems import stem, words
from rag.types import Citation, Language, Turn
from rag.writing.write import glossed, standalone

FOLDER = Path(seeds.__path__[0])
SECONDS: Mapping[str, float] = {"answers": 30.0, "translations": 20.0, "follow-ups": 10.0}
"""Seconds after which no further one is begun, so that a trial takes about a minute."""
_MARK = re.compile(r"\[(\d+)\]")
"""The mark of a citation."""
LEAST = 2
"""How many of each, in each language, are tried however long they take."""
ALIKE = 0.5
"""The least share of a reference translation's words of content that a translation must have."""
GOOD = 0.8
"""The least share of right ones among translations tried, into one language."""
HALF = 0.5
"""The least share of the reader's right answers that a model must have, and of follow-ups put well."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a trial is made of: sample questions, and the rest of `seeds/trial.json` as it stands there."""

    cases: Sequence[Case]
    sentences: Sequence[Mapping[str, Any]]
    follow_ups: Sequence[Mapping[str, Any]]
    articles: Path = ARTICLES


@dataclass(frozen=True, slots=True)
class Tried:
    """How many were tried, how many came out right and wrong; the others were left out or held back.

    `seconds` is the median of what one took.
    """

    tried: int = 0
    right: int = 0
    wrong: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What a model did, beside what the built-in reader did with the same questions."""

    answers: Tried
    reader: Tried
    into: Mapping[Language, Tried]
    follow_ups: Tried

    @property
    def uses(self) -> Uses:
        """What the model is good enough for."""
        return Uses(
            answers=self.answers.right >= max(1, HALF * self.reader.right)
            and self.answers.wrong <= max(self.reader.wrong, self.answers.tried // 10),
            into=tuple(
                language
                for language, each in self.into.items()
                if each.tried and each.right >= GOOD * each.tried and not each.wrong
            ),
            follow_ups=self.follow_ups.right >= max(1, HALF * self.follow_ups.tried)
            and not self.follow_ups.wrong,
        )


def material() -> Material:
    """The sample questions, sentences and follow-ups of a trial."""
    row = json.loads((FOLDER / "trial.json").read_text(encoding="utf-8"))
    cases = {case.id: case for case in read_cases(FOLDER / "questions.jsonl")}
    return Material([cases[id] for id in row["questions"]], row["sentences"], row["follow_ups"])


def tried(
    settings: Settings,
    model: Path,
    progress: Report,
    given: Material | None = None,
    seconds: Mapping[str, float] = SECONDS,
) -> Trial:
    """Tries the model in a store of its own. Raises KutipError where it cannot be opened."""
    given = given or material()
    with _opened(settings, model, given.articles) as app:
        writing = app.writing
        if writing is None:
            raise KutipError(f"{model} could not be opened")
        total = len(given.cases) + len(given.sentences) + len(given.follow_ups)
        done = 0

        def step() -> None:
            nonlocal done
            done += 1
            progress(done, total, f"trying {model.stem}")

        answers, reader = _answers(app, given.cases, seconds["answers"], step)
        into = _translations(given.sentences, writing, seconds["translations"], step)
        put = _follow_ups(given.follow_ups, writing, seconds["follow-ups"], step)
        progress(total, total, f"trying {model.stem}")
        return Trial(answers, reader, into, put)


def told(trial: Trial) -> Iterator[str]:
    """The trial in plain lines."""
    uses, own, reader = trial.uses, trial.answers, trial.reader
    yield (
        f"answers: {own.right} of {own.tried} right, {own.wrong} wrong, {own.seconds:.0f} s each; "
        f"the built-in reader: {reader.right} right, {reader.wrong} wrong. {_used(uses.answers)}"
    )
    for language, each in trial.into.items():
        name = {"id": "Indonesian", "en": "English"}[language]
        yield (
            f"translations into {name}: {each.right} of {each.tried} right, {each.wrong} wrong, "
            f"{each.seconds:.0f} s each. {_used(language in uses.into)}"
        )
    each = trial.follow_ups
    yield f"follow-ups: {each.right} of {each.tried} right, {each.wrong} wrong. {_used(uses.follow_ups)}"


def _used(used: bool) -> str:
    return "It is used for them." if used else "It is not used for them."


@contextmanager
def _opened(settings: Settings, model: Path, articles: Path) -> Iterator[App]:
    with tempfile.TemporaryDirectory(prefix="kutip-trial-") as home:
        with suppress(OSError):
            # The file was probed already, which takes a while for a large one.
            shutil.copy(settings.home / PROBED, home)
        update: dict[str, Any] = {"home": Path(home), "chroma_url": None, "embedder": None}
        update |= {"model": str(model), "model_url": None, "model_when": "always", "gloss": "never"}
        app = App(settings.model_copy(update=update))
        try:
            list(app.ingest([str(articles)]))
            yield app
        finally:
            app.close()


def _going(until: float, numbers: Mapping[Language, int], language: Language) -> bool:
    """Whether there is time for another one in this language."""
    return monotonic() < until or numbers.get(language, 0) < LEAST


def _answers(
    app: App, cases: Sequence[Case], seconds: float, step: Callable[[], None]
) -> tuple[Tried, Tried]:
    """What the model and the reader did with the same questions.

    Where nothing is the model's, it said nothing that stands, which is right where no article answers.
    """
    always, never = (app.settings.model_copy(update={"model_when": when}) for when in ("always", "never"))
    until, took, numbers = monotonic() + seconds, list[float](), dict[Language, int]()
    own, alone, stated = [0, 0], [0, 0], 0
    for case in cases:
        language = case.language or "id"
        if not _going(until, numbers, language):
            break
        numbers[language] = numbers.get(language, 0) + 1
        app.settings = never
        (reader,) = ask_app(app, [case], lambda *step: None).results
        app.settings = always
        (spoken,) = ask_app(app, [case], lambda *step: None).results
        took.append(spoken.seconds.get("total", 0.0))
        by_model = spoken.engine != reader.engine
        judged = _stated(spoken, case) if by_model else (not case.gold, False)
        stated += by_model and judged[0]
        for (right, wrong), counted in ((judged, own), (_judged(reader, case), alone)):
            counted[0] += right
            counted[1] += wrong
        step()
    number = sum(numbers.values())
    if not stated:
        # Who says nothing right declines nothing rightly either.
        own[0] = 0
    return Tried(number, own[0], own[1], median(took or [0.0])), Tried(number, alone[0], alone[1])


def _stated(result: Result, case: Case) -> tuple[bool, bool]:
    """The same of what the model itself says, which is the first line of an answer: what the reader adds
    stands below it."""
    marks = [int(number) for number in _MARK.findall(result.text.partition("\n")[0])]
    right = bool(case.gold) and any(result.cited[number - 1].right for number in marks[:1])
    return right, not right


def _judged(result: Result, case: Case) -> tuple[bool, bool]:
    """Whether an answer is right, and whether it is wrong; one that was declined wrongly is neither."""
    answered, measures = result.status == "answered", result.measures
    right = measures.get("right_answer", 0.0) > 0 if case.gold else not answered
    return right, answered and not right


def _translations(
    sentences: Sequence[Mapping[str, Any]], writing: Writing, seconds: float, step: Callable[[], None]
) -> dict[Language, Tried]:
    until, found = monotonic() + seconds, dict[Language, list[tuple[bool, bool, float]]]()
    for row in sentences:
        source: Language = row["language"]
        language: Language = "en" if source == "id" else "id"
        if not _going(until, {each: len(rows) for each, rows in found.items()}, language):
            continue
        citation = Citation(1, "", 1, None, None, None, 0, len(row["text"]), row["text"])
        began, said = monotonic(), None
        with suppress(NoReply):
            said = glossed(
                *(citation, source, language, writing.writer, writing.lexicon), Deadline(writing.seconds)
            ).gloss
        good = said is not None and _share(row, said, language) >= ALIKE
        found.setdefault(language, []).append((good, said is not None and not good, monotonic() - began))
        step()
    return {language: _counted(rows) for language, rows in sorted(found.items())}


def _follow_ups(
    rows: Sequence[Mapping[str, Any]], writing: Writing, seconds: float, step: Callable[[], None]
) -> Tried:
    until, found, numbers = monotonic() + seconds, list[tuple[bool, bool, float]](), dict[Language, int]()
    for row in rows:
        language: Language = row["language"]
        if not _going(until, numbers, language):
            continue
        numbers[language] = numbers.get(language, 0) + 1
        turns = [Turn(*each) for each in row["history"]]
        began, put = monotonic(), None
        with suppress(NoReply):
            put = standalone(
                *(row["question"], language, turns, writing.writer, writing.lexicon),
                Deadline(writing.seconds),
            )
        good = put is not None and all(need.lower() in put.lower() for need in row["needs"])
        found.append((good, put is not None and not good, monotonic() - began))
        step()
    return _counted(found)


def _counted(rows: Sequence[tuple[bool, bool, float]]) -> Tried:
    right, wrong = sum(row[0] for row in rows), sum(row[1] for row in rows)
    return Tried(len(rows), right, wrong, median([row[2] for row in rows] or [0.0]))


def _share(row: Mapping[str, Any], said: str, language: Language) -> float:
    """The share of the reference's words of content that a translation has, names and numbers left out: those
    of the sentence itself can be kept by nonsense, too."""
    same = set(words(row["text"]))
    wanted, there = (
        {stem(word, language) for word in words(text) if word not in STOP_WORDS[language] | same}
        for text in (row["reference"], said)
    )
    return len(wanted & there) / len(wanted)
