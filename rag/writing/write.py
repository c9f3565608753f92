"""Passages -> an answer in prose, claim by claim, by a chat model that can only cite what it was shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.deadline import Deadline
from rag.errors import NoReply
from rag.search.query import Translations
from rag.types import Citation, Claim, Evidence, Language, Turn
from rag.writing.cite import Cutter, Draft
from rag.writing.grammar import CLAIMS, LINE, citing
from rag.writing.prompt import Shown, answering, glossing, instructions, leaks, line, rewriting
from rag.writing.support import Cited, missing
from rag.writing.writer import Writer

ANSWER, ASIDE = 512, 160
"""The most tokens of an answer, and of a question put anew or a translation."""
MOST_SHOWN = 32
"""Sentences: on a processor every one of them costs time before the first word."""
TURNS = 4
"""Earlier turns that a follow-up is understood from."""
_ROOM = 64
"""Tokens for what the chat template puts around a prompt."""


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as far as it is written. `dropped` counts claims that were held back."""

    claims: tuple[Claim, ...] = ()
    shown: tuple[Shown, ...] = ()
    dropped: int = 0


def written(
    question: str,
    language: Language,
    evidence: Sequence[Evidence],
    writer: Writer,
    lexicon: Translations,
    deadline: Deadline,
) -> Iterator[Written]:
    """The answer after each claim that passed; the last one is whole, and may have no claims.

    `shown` are the cited sentences, numbered by their first use, which is how claims cite them. Raises
    NoReply where there is no answer in time, Cancelled.
    """
    shown = choose(question, language, evidence, writer)
    by_number = {each.number: each for each in shown}
    prompt = answering(question, language, shown)
    scores = {each.place: each.score for each in evidence}
    so_far, cutter = Written(), Cutter()

    def judged(drafts: Sequence[Draft]) -> Iterator[Written]:
        nonlocal so_far
        for draft in drafts:
            if any(claim.text == draft.text for claim in so_far.claims):
                # Small models go round in circles.
                continue
            cited = [by_number[number] for number in draft.numbers if number in by_number]
            silent = all(scores.get(each.place, 0.0) == 0.0 for each in cited)
            if silent or not _stands(draft, language, cited, lexicon):
                so_far = replace(so_far, dropped=so_far.dropped + 1)
                continue
            so_far = _with(so_far, draft, cited)
            yield so_far

    try:
        # A server without grammars knows no end either.
        left = CLAIMS
        for piece in writer.write(prompt, citing(by_number), ANSWER, deadline):
            drafts = cutter.feed(piece)[:left]
            left -= len(drafts)
            yield from judged(drafts)
            if not left:
                break
        yield from judged(cutter.close()[:left])
    except NoReply:
        # What was written before the server went away was checked and stands.
        if not so_far.claims:
            raise
    if not so_far.claims and deadline.passed:
        raise NoReply(f"{writer.name} had no answer when its time was over")
    yield so_far


def choose(
    question: str,
    language: Language,
    evidence: Sequence[Evidence],
    writer: Writer,
) -> list[Shown]:
    """Whole sentences of the best passages, as many as fit beside the question, in the order of the text.

    Within a passage the strongest come in first, so that what is left out is the weakest, never half a
    sentence.
    """
    room = writer.context - ANSWER - _ROOM
    room -= writer.count(instructions("answer", language)) + writer.count(question)
    order = {each.passage.key: each.passage for each in evidence}
    taken: list[tuple[int, Evidence]] = []
    for rank, passage in enumerate(order.values()):
        room -= writer.count(f"# {passage.article.title or ''} · {passage.article.published or ''}")
        for each in evidence:
            if each.passage.key == passage.key and len(taken) < MOST_SHOWN:
                cost = writer.count(line(len(evidence), passage, each.sentence)) + 2
                if cost <= room:
                    taken.append((rank, each))
                    room -= cost
    taken.sort(key=lambda pair: (pair[0], pair[1].sentence.index))
    return [Shown(number, each.passage, each.sentence) for number, (_, each) in enumerate(taken, start=1)]


def standalone(
    question: str,
    language: Language,
    history: Sequence[Turn],
    writer: Writer,
    lexicon: Translations,
    deadline: Deadline,
) -> str | None:
    """The question as it would be asked without the conversation.

    None where the model names what nobody said, or nothing at all. Raises NoReply, Cancelled.
    """
    turns = history[-TURNS:]
    prompt = rewriting(question, language, turns)
    said = "".join(writer.write(prompt, LINE, ASIDE, deadline)).strip(' \n"“”')
    known = " ".join([question, *(f"{turn.question} {turn.answer}" for turn in turns)])
    if not said or missing(said, language, [Cited(known, language)], lexicon):
        return None
    return said


def glossed(
    citation: Citation,
    source: Language,
    language: Language,
    writer: Writer,
    lexicon: Translations,
    deadline: Deadline,
) -> Citation:
    """The citation with a translation of its quote beside it, where one comes that keeps its facts.

    Raises NoReply, Cancelled.
    """
    prompt = glossing(citation.quote, language)
    said = " ".join("".join(writer.write(prompt, LINE, ASIDE, deadline)).split())
    if not said or missing(said, language, [Cited(citation.quote, source, citation.published)], lexicon):
        return citation
    return replace(citation, gloss=said)


def _stands(
    draft: Draft,
    language: Language,
    cited: Sequence[Shown],
    lexicon: Translations,
) -> bool:
    """Whether a claim may be shown: it cites, only what was shown, and says only what that says."""
    if not draft.whole or not cited or len(cited) < len(draft.numbers) or leaks(draft.text, language):
        return False
    sentences = []
    for each in cited:
        article = each.passage.article
        sentences.append(Cited(each.passage.quote(each.sentence), article.language, article.published))
    return missing(draft.text, language, sentences, lexicon) is None


def _with(so_far: Written, draft: Draft, cited: Sequence[Shown]) -> Written:
    numbers: Mapping[tuple[str, int], int] = {each.place: each.number for each in so_far.shown}
    shown, own = list(so_far.shown), []
    for each in cited:
        number = numbers.get(each.place) or len(shown) + 1
        if number > len(shown):
            shown.append(replace(each, number=number))
        own.append(number)
    claim = Claim(draft.text, tuple(own))
    return replace(so_far, claims=(*so_far.claims, claim), shown=tuple(shown))
