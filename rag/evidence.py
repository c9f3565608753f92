"""What is found and read for a question: passages, and their sentences in the order of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf

from rag.pipeline import Asked, Found, Pipeline
from rag.reading.copies import cited_once
from rag.reading.premise import founded
from rag.reading.roles import miscounted, overtaken, placed, tells_who
from rag.reading.select import ALONE, answers, ranked
from rag.reading.timely import WIDER, chosen, in_time, spare
from rag.reading.weigh import FACTS, weighed
from rag.search.query import STOP_WORDS
from rag.text.stems import words
from rag.types import Evidence

MOST_CHECKED = 12
"""Sentences whose article and figures are held against the question; those further down never open an
answer."""
MOST_PLAIN, PLAIN = 3, 0.05
"""Of so many likeliest sentences, one of this probability answers who won if it plainly says so."""
UNFIT = 0.1
"""What is left of the probabilities of a sentence that cannot answer: it may still be related."""
MOST_HEADLINES = 5
"""Articles that the newest news is taken from."""
MOST_WEIGHED = 40
"""Sentences that are looked at for copies and differences; those further down never answer."""


def retrieve(asked: Asked, pipeline: Pipeline) -> Found:
    """The passages that may answer, likeliest first; those of the time that is asked about."""
    wanted = pipeline.passages * (WIDER if asked.when else 1)
    hits = {hit.key: hit for hit in pipeline.search.search(asked.text, asked.language, wanted)}
    found = [
        replace(passage, score=hits[passage.key].score, sources=hits[passage.key].sources)
        for passage in pipeline.archive.passages(list(hits))
    ]
    first = chosen(found, asked.when, pipeline.passages)
    return Found(first, spare(found, asked.when, first, pipeline.passages))


def headlines(asked: Asked, pipeline: Pipeline) -> list[Evidence]:
    """The first sentences of the newest articles, of the time that is asked about if there is one."""
    when = asked.when
    days = (when.first.isoformat(), when.last.isoformat()) if when and not when.newest else ("", "9999")
    passages = pipeline.archive.passages(pipeline.archive.newest(MOST_HEADLINES, *days))
    return [Evidence(passage, passage.sentences[0], 1.0, None, 1.0) for passage in passages]


def read(asked: Asked, found: Found, pipeline: Pipeline) -> list[Evidence]:
    """The sentences that may answer, likeliest first, those of the time that is asked about before others."""
    evidence = evidence_for(asked, found, pipeline)
    return cited_once(in_time(_weighed(asked, evidence, pipeline), asked.when)[:MOST_WEIGHED])


def evidence_for(asked: Asked, found: Found, pipeline: Pipeline) -> list[Evidence]:
    """The sentences that were read, as the engine gives them; none where nothing found has a word of the
    question."""
    if not _heard(asked, found):
        return []
    when = asked.when
    # The newest article may stand last.
    until = inf if when and when.newest else pipeline.least
    question = when.rest if when else asked.text
    evidence = pipeline.engine.read(question, asked.language, found.passages, until)
    if found.spare and not answers(_weighed(asked, evidence, pipeline), pipeline.least, pipeline.threshold):
        evidence = [*evidence, *pipeline.engine.read(asked.text, asked.language, found.spare, until)]
        evidence.sort(key=lambda item: item.score, reverse=True)
    return evidence


def _weighed(asked: Asked, evidence: Sequence[Evidence], pipeline: Pipeline) -> list[Evidence]:
    """The sentences beside all others that were read, in the order in which they may open the answer."""
    found = ranked(asked.kind, weighed(asked.kind, evidence))
    checked = [*fitting(asked, found[:MOST_CHECKED], pipeline), *found[MOST_CHECKED:]]
    return ranked(asked.kind, sorted(checked, key=lambda item: item.score, reverse=True))


def fitting(asked: Asked, evidence: Sequence[Evidence], pipeline: Pipeline) -> Iterator[Evidence]:
    """The sentences with the spans that the question asks for; unlikely ones where the article cannot answer,
    or the figure is said of something else."""
    known: dict[str, bool] = {}
    fact = asked.kind in FACTS
    for place, found in enumerate(evidence):
        article = found.article
        if pipeline.lexicon and not asked.parts and article.id not in known:
            known[article.id] = founded(asked.text, asked.language, asked.kind, article, pipeline.lexicon)
        item = placed(asked.text, found) if fact else found
        if fact and overtaken(asked.text, item):
            # What was planned is no answer: the sentence is shown, which says what came of it.
            item = replace(item, span=None)
        if known.get(article.id, True) and not (fact and miscounted(asked.text, item)):
            plain = place < MOST_PLAIN and item.score >= PLAIN and fact and tells_who(asked.text, item)
            yield replace(item, score=max(item.score, ALONE)) if plain else item
        else:
            yield replace(item, score=item.score * UNFIT, belongs=item.belongs and item.belongs * UNFIT)


def _heard(asked: Asked, found: Found) -> bool:
    """Whether the question has a word of its own, and any passage has a word of the question or of its
    translation: what shares none is found by chance."""
    own = any(
        len(word) > 1 and word.isalpha() and word not in STOP_WORDS[asked.language]
        for word in words(asked.text)
    )
    return own and any(passage.sources.get("lexical", 1.0) > 0 for passage in (*found.passages, *found.spare))
