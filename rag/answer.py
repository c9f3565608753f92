"""Answers a question with exact citations: understand, retrieve, read, say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from threading import Event

from rag.asking.speakers import asks_view
from rag.deadline import Deadline
from rag.errors import NoReply
from rag.evidence import headlines, read, retrieve
from rag.pipeline import Asked, Clock, Found, Pipeline, Step, Writing
from rag.reading.compose import Chosen, Said, abstained, composed, nothing_then
from rag.reading.copies import also_in
from rag.reading.disagree import differing
from rag.reading.select import (
    MOST_CITATIONS,
    MOST_RELATED,
    NEAR,
    RULES,
    answers,
    answers_too,
    chosen_for,
    likelihood,
    of_side,
    related,
)
from rag.reading.timely import bounds, by_distance, outside
from rag.reading.verdict import denies, of_another, verdict
from rag.reading.weigh import FACTS
from rag.store.archive import Archive
from rag.types import Answer, Citation, Evidence, Language, Turn
from rag.understand import understand

MOST_OF_PART = 2
"""Sentences of an answer to one part of a question: several parts make it long."""
SURE = 0.8
"""The probability from which a yes or a no is said."""
MOST_DECIDING = 3
"""Of so many likeliest sentences, one that plainly says yes or no opens the answer, if near the first."""
LONGEST_AROUND = 20_000
"""Code points of an article that are searched for the names in a question of yes or no."""
SURE_OF_FACT = 0.5
"""The probability from which the reader's own answer to a question for one fact is not left to a chat model:
more likely right than not."""


def answer(
    question: str,
    pipeline: Pipeline,
    *,
    history: Sequence[Turn] = (),
    today: date | None = None,
    stop: Event | None = None,
    partial: Callable[[Answer], None] = lambda answer: None,
    step: Callable[[Step], None] = lambda step: None,
) -> Answer:
    """Understands, retrieves, reads, and says it with quotes; abstains where nothing found is likely enough.

    `history` is what a follow-up is understood from; `today` is what "kemarin" is the day before. Where a
    chat model writes, `partial` is told the answer after each claim. Raises InputError for a question that is
    empty, Cancelled once `stop` is set.
    """
    clock = Clock(step)
    deadline = Deadline(pipeline.writing.seconds if pipeline.writing else None, stop)
    clock.begin("understand")
    asked = understand(question, pipeline, history, today, deadline)
    if history:
        clock.lap("understand")
    if asked.talk:
        return say(asked, Found([], []), [], [], pipeline, deadline, clock, partial)
    clock.begin("search")
    if asked.headlines:
        newest = headlines(asked, pipeline)
        clock.lap("retrieve")
        return say(asked, Found([], []), newest, [], pipeline, deadline, clock, partial)

    def looked(one: Asked) -> tuple[Found, list[Evidence]]:
        found = retrieve(one, pipeline)
        clock.lap("retrieve")
        deadline.check()
        clock.begin("read")
        evidence = read(one, found, pipeline)
        clock.lap("read")
        return found, evidence

    told = by_parts(asked, [looked(part)[1] for part in asked.parts], pipeline)
    # Reading the whole takes as long as reading a part, and it decides only where a chat model writes, or
    # where nothing may be of the time that is asked about.
    needed = not told or pipeline.writing is not None or bounds(asked.when)
    found, evidence = looked(asked) if needed else (Found([], []), [])
    return say(asked, found, evidence, told, pipeline, deadline, clock, partial)


def say(
    asked: Asked,
    found: Found,
    evidence: Sequence[Evidence],
    told: Sequence[Evidence],
    pipeline: Pipeline,
    deadline: Deadline,
    clock: Clock,
    partial: Callable[[Answer], None],
) -> Answer:
    """The answer: the engine's own sentences, with what the chat model says where it is wanted. `told` are
    those that answer the parts of the question."""

    def finished(said: Said, name: str) -> Answer:
        return Answer(
            question=asked.question,
            language=asked.language,
            status="answered" if said.claims or asked.talk else "abstained",
            kind="define" if asked.kind == "person" else asked.kind,
            text=said.text,
            short=said.short,
            claims=said.claims,
            citations=said.citations,
            engine=name,
            dropped=said.dropped,
            seconds=clock.seconds(),
            understood=asked.understood,
        )

    if asked.talk:
        return finished(Said(pipeline.wording.talk(asked.language, asked.talk)), pipeline.engine.name)
    if asked.headlines:
        return finished(_headlines(asked, evidence, pipeline), pipeline.engine.name)
    failed, dropped = asked.failed, 0
    writing, own = pipeline.writing, _chosen(asked, found, evidence, told, pipeline)
    if writing and evidence and not failed and _model_wanted(asked, evidence, pipeline, writing):
        try:
            said, name = _with_model(
                *(asked, evidence, own, pipeline, writing, deadline, clock),
                lambda each, name: partial(finished(each, name)),
            )
            clock.lap("write")
            if said.claims:
                said = _translated(said, asked, pipeline, writing, deadline, clock)
                return finished(_remarks(said, asked, pipeline), name)
            dropped = said.dropped
        except NoReply as error:
            failed = error
    said = composed(own, asked.language, pipeline.wording) if isinstance(own, Chosen) else own
    said = replace(said, dropped=dropped)
    if writing and said.claims and not failed:
        said = _translated(said, asked, pipeline, writing, deadline, clock)
    if writing and failed:
        said = said.and_also(pipeline.wording.no_reply(asked.language, writing.writer.name))
    return finished(_remarks(said, asked, pipeline), pipeline.engine.name)


def _model_wanted(asked: Asked, evidence: Sequence[Evidence], pipeline: Pipeline, writing: Writing) -> bool:
    """Whether the chat model is asked at all."""
    if writing.when != "needed":
        return writing.when == "always"
    if asked.kind not in ("fact", "person", "yesno"):
        return True
    sure = evidence[0].score >= max(SURE_OF_FACT, pipeline.least)
    return not sure or evidence[0].article.language != asked.language


def _with_model(
    asked: Asked,
    evidence: Sequence[Evidence],
    own: Chosen | Said,
    pipeline: Pipeline,
    writing: Writing,
    deadline: Deadline,
    clock: Clock,
    partial: Callable[[Said, str], None],
) -> tuple[Said, str]:
    """What the chat model says that its citations support, with the engine's own sentences; and whose words
    open it. It has no claims where neither says anything. Raises NoReply, Cancelled."""
    # Here, since most installations have no chat model.
    from rag.writing.together import together
    from rag.writing.write import written

    chosen = own if isinstance(own, Chosen) else None
    spoken = asked.text, asked.kind, asked.language, pipeline.wording
    if chosen:
        # What the engine found is there at once, and stays whatever the model makes of it.
        partial(composed(chosen, asked.language, pipeline.wording), pipeline.engine.name)
    clock.begin("ask")
    told = written(
        asked.text,
        asked.language,
        evidence,
        writing.writer,
        writing.lexicon,
        deadline,
        pipeline.engine.entails,
        kind=asked.kind,
        begin_within=writing.first,
        begun=lambda: clock.begin("write"),
    )
    engines = {True: writing.writer.name, False: pipeline.engine.name}
    last = None
    for last in told:
        # Sentences that the model cites and that stand in no statement of it come when it has ended.
        so_far = together(replace(last, pointed=()), chosen, evidence, *spoken)
        if so_far:
            partial(so_far.said, engines[so_far.in_prose])
    both = together(last, chosen, evidence, *spoken) if last else None
    if both:
        return both.said, engines[both.in_prose]
    return Said("", dropped=last.dropped if last else 0), pipeline.engine.name


def _translated(
    said: Said, asked: Asked, pipeline: Pipeline, writing: Writing, deadline: Deadline, clock: Clock
) -> Said:
    """The answer with translations beside its quotes where they are wanted. Raises Cancelled."""
    if writing.gloss == "always" or (writing.gloss == "english" and asked.language == "en"):
        clock.begin("translate")
        citations = gloss(said.citations, asked.language, pipeline.archive, writing, deadline)
        return replace(said, citations=citations)
    return said


def _chosen(
    asked: Asked,
    found: Found,
    evidence: Sequence[Evidence],
    told: Sequence[Evidence],
    pipeline: Pipeline,
) -> Chosen | Said:
    """The sentences of the engine's own answer, or an abstention."""
    language, wording = asked.language, pipeline.wording
    # Where the parts are told and no time bounds them, the whole was not read.
    by_time = bounds(asked.when) or not told
    if asked.when and by_time and (not evidence or outside(evidence[0], asked.when)):
        near = by_distance(related(evidence), asked.when)
        if near or not evidence:
            return nothing_then(near, asked.when, language, wording)
    if told:
        return Chosen("compare" if asked.parts[0].side else "how", tuple(told))
    if not answers(evidence, pipeline.least, pipeline.threshold):
        # A sentence that plainly says yes or no answers, if it is likely at all.
        if asked.kind == "yesno" and pipeline.threshold is None and answers_too(evidence):
            chosen, yes = _decided(asked, chosen_for("yesno", evidence, pipeline.least), evidence, pipeline)
            if yes is not None:
                return Chosen("yesno", tuple(chosen), yes)
        return abstained(related(evidence), bool(found.passages), language, wording)
    if asked.kind in FACTS and (differ := differing(asked.text, language, evidence, asked.when)):
        return Chosen("fact", tuple(differ), differ=True)
    chosen = chosen_for(asked.kind, evidence, pipeline.least)
    if asked.kind != "yesno":
        return Chosen(asked.kind, tuple(chosen))
    chosen, yes = _decided(asked, chosen, evidence, pipeline)
    return Chosen("yesno", tuple(chosen), yes)


def _headlines(asked: Asked, newest: Sequence[Evidence], pipeline: Pipeline) -> Said:
    """The newest articles, dated; where none is of the time that is asked about, the last before it."""
    if newest:
        return composed(Chosen("news", tuple(newest)), asked.language, pipeline.wording)
    if asked.when is None or asked.when.newest:
        return abstained([], bool(pipeline.archive.counts()[0]), asked.language, pipeline.wording)
    last = headlines(replace(asked, when=None), pipeline)
    near = by_distance(last, asked.when)[:MOST_RELATED]
    return nothing_then(near, asked.when, asked.language, pipeline.wording)


def by_parts(asked: Asked, pieces: Sequence[Sequence[Evidence]], pipeline: Pipeline) -> list[Evidence]:
    """The sentences that answer the parts of a question, in the parts' order; none where fewer than two
    parts are answered, one of them surely."""
    told = [
        (part, evidence, answers(evidence, pipeline.least, pipeline.threshold))
        for part, each in zip(asked.parts, pieces, strict=True)
        if answers_too(
            evidence := of_side(each, part.side, asks_view(part.text, part.side)), pipeline.threshold
        )
    ]
    if len(told) < 2 or not any(sure for _, _, sure in told):
        return []
    found = (
        item for part, each, _ in told for item in chosen_for(part.kind, each, pipeline.least)[:MOST_OF_PART]
    )
    return list({item.place: item for item in found}.values())[:MOST_CITATIONS]


def _decided(
    asked: Asked, chosen: Sequence[Evidence], evidence: Sequence[Evidence], pipeline: Pipeline
) -> tuple[list[Evidence], bool | None]:
    """The sentences of an answer to a question of yes or no, the one that decides it first, and whether it is
    a yes; None where no sentence is plain and the engine is not sure."""
    least = NEAR * likelihood(chosen[0])
    near = [item for item in evidence[:MOST_DECIDING] if item not in chosen and likelihood(item) >= least]
    question, language = asked.text, asked.language
    for item in (*chosen, *near):
        article, spoken = item.article, item.article.language
        around = article.titled(LONGEST_AROUND)
        told = verdict(question, language, item.quote, around, spoken, pipeline.lexicon)
        if told is None and item is not chosen[0]:
            continue
        yes, no = pipeline.engine.entails(question, [item.quote], article.title)
        doubted = (no if told else yes) >= SURE
        if doubted and told is False:
            # What stands right behind a denial is denied, whatever the network says.
            doubted = not denies(question, language, item.quote, spoken, pipeline.lexicon)
        if told is not None and not doubted:
            return [item, *(each for each in chosen if each is not item)][: RULES["yesno"].most], told
        if item is chosen[0] and max(yes, no) >= SURE:
            # What a sentence denies, or says of another, is no yes, however sure the engine is.
            if yes > no and (
                told is False or of_another(question, language, item.quote, spoken, pipeline.lexicon)
            ):
                continue
            return list(chosen), yes > no
    return list(chosen), None


def _remarks(said: Said, asked: Asked, pipeline: Pipeline) -> Said:
    """The answer with what a reader should know: where else it stands, and what could not be
    searched."""
    if said.claims and (others := also_in(said.citations, pipeline.archive, pipeline.search.holding)):
        names = [article.name for article in others]
        said = said.and_also(pipeline.wording.also_in(asked.language, names))
    if not pipeline.whole():
        said = said.and_also(pipeline.wording.by_words_alone(asked.language))
    return said


def gloss(
    citations: Sequence[Citation],
    language: Language,
    archive: Archive,
    writing: Writing,
    deadline: Deadline,
) -> tuple[Citation, ...]:
    """The citations, those in the other language with a translation beside the quote where one can be had.

    Raises Cancelled.
    """
    from rag.writing.write import glossed

    done = list(citations)
    for place, citation in enumerate(done):
        article = archive.article(citation.article, citation.version)
        if article is None or article.language == language or deadline.passed:
            continue
        if language not in writing.into:
            break
        try:
            done[place] = glossed(
                citation, article.language, language, writing.writer, writing.lexicon, deadline
            )
        except NoReply:
            # The answer stands without it.
            break
    deadline.check()
    return tuple(done)
