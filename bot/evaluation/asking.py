"""Asks every case in a temporary home, so that the user's store stays as it is."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.app import App, Report
from bot.evaluation.cases import Case, Quote
from bot.evaluation.measures import is_one_of, measured, plain, question_word, stated
from bot.settings import Settings
from bot.several import Several
from rag.errors import InputError, KutipError
from rag.types import Citation, Language


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation of a result. `right` is None if that is not known; `facts` are the numbers of the facts that
    it states."""

    article: str
    quote: str
    right: bool | None
    facts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A case, what it got, and what that is worth.

    `article` and `article_language` are those of the first gold sentence, or None; `error` says why there
    is no answer.
    """

    id: str
    question: str
    language: Language | None
    word: str
    article: str | None
    article_language: Language | None
    gold: tuple[Quote, ...] | None
    status: str
    text: str
    short: str | None
    engine: str
    cited: tuple[Cited, ...]
    measures: Mapping[str, float]
    seconds: Mapping[str, float]
    error: str | None = None
    kind: str | None = None
    facts: tuple[tuple[Quote, ...], ...] | None = None
    need: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """All results, in the order of the cases. `lost`: gold sentences that are in no article of the set."""

    results: tuple[Result, ...]
    articles: int
    chunks: int
    refused: tuple[str, ...]
    lost: tuple[str, ...]
    settings: Mapping[str, Any]


def ask_all(settings: Settings, cases: Sequence[Case], articles: Path, progress: Report) -> Asked:
    """Ingests the articles and asks. Raises InputError where no article can be used, KutipError where Kutip
    itself cannot start; a question that fails is a result."""
    with _app(settings, progress) as app:
        ingested = list(app.ingest([str(articles)]))
        refused = [each.reason or "" for each in ingested if each.status == "refused"]
        if not app.archive.counts()[0]:
            raise InputError(f"no article in {articles} can be used ({refused[0] if refused else 'empty'})")
        return replace(ask_app(app, cases, progress), refused=tuple(refused))


def ask_app(app: App, cases: Sequence[Case], progress: Report) -> Asked:
    """Asks every case where the articles are stored already. A question that fails is a result."""
    app.prepare()
    texts = {(article.id, article.version): article.text for article in app.archive.articles()}
    languages = {article.id: article.language for article in app.archive.articles()}
    results: list[Result] = []
    several = Several(cases, lambda case, stop: _result(app, case, texts, languages, stop), app.at_once)
    try:
        while (result := several.next()) is not None:
            results.append(result)
            progress(len(results), len(cases), "asking")
    finally:
        several.close()
    bodies = {id: plain(text) for (id, _), text in texts.items()}
    lost = tuple(
        case.id
        for case in cases
        for quote in case.gold or ()
        if plain(quote.text) not in bodies.get(quote.article, "")
    )
    shown = app.settings.model_dump(mode="json", exclude={"home", "chroma_url"}, exclude_none=True)
    shown |= {"embedder": app.embedder.id}
    return Asked(tuple(results), *app.archive.counts(), (), lost, shown)


@contextmanager
def _app(settings: Settings, progress: Report) -> Iterator[App]:
    with tempfile.TemporaryDirectory(prefix="kutip-eval-") as home:
        # A server's collections are the installation's, too.
        app = App(settings.model_copy(update={"home": Path(home), "chroma_url": None}), progress=progress)
        try:
            yield app
        finally:
            app.close()


def _result(
    app: App,
    case: Case,
    texts: Mapping[tuple[str, int], str],
    languages: Mapping[str, Language],
    stop: threading.Event,
) -> Result:
    answer, in_full, error = None, None, None
    try:
        answer = app.ask(case.question, case.history, stop=stop)
        in_full = app.ask(case.full, case.history, stop=stop) if case.full else None
    except KutipError as failure:
        error = str(failure)
    first = case.gold[0].article if case.gold else None
    return Result(
        id=case.id,
        question=case.question,
        language=case.language or (answer.language if answer else None),
        word=question_word(case.question),
        article=first,
        article_language=languages.get(first) if first else None,
        gold=case.gold,
        status=answer.status if answer else "failed",
        text=answer.text if answer else "",
        short=answer.short if answer else None,
        engine=answer.engine if answer else "",
        cited=tuple(_cited(citation, case) for citation in answer.citations) if answer else (),
        measures=measured(case, answer, texts, in_full),
        seconds=dict(answer.seconds) if answer else {},
        error=error,
        kind=case.kind,
        facts=case.facts,
        need=case.need,
    )


def _cited(citation: Citation, case: Case) -> Cited:
    right = None
    if case.gold is not None:
        right = is_one_of(citation, case.gold)
    elif is_one_of(citation, case.wrong):
        right = False
    facts = tuple(number for number, ok in enumerate(stated([citation], case.facts or ()), start=1) if ok)
    return Cited(citation.article, citation.quote, right, facts)
