"""Passages -> an answer in prose, claim by claim, by a chat model that can only cite what it was shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.asking.follow import follows
from rag.deadline import Deadline
from rag.errors import NoReply
from rag.reading.select import likelihood
from rag.search.query import Translations
from rag.text.language import detect
from rag.text.stems import words
from rag.types import Citation, Claim, Evidence, Kind, Language, Turn
from rag.writing.addressed import to_a_machine
from rag.writing.cite import Cutter, Draft
from rag.writing.gate import FEW_WORDS, Entails, Gate
from rag.writing.grammar import CLAIMS, LINE, Grammar, citing
from rag.writing.prompt import Shown, answering, choose, declines, glossing, rewriting
from rag.writing.support import Cited, missing, undenied, unsaid
from rag.writing.writer import Prompt, Writer

ANSWER, ASIDE = 512, 160
"""The most tokens of an answer, and of a question put anew or a translation."""
SEVERAL = frozenset[Kind](["how", "compare", "summary", "news"])
"""Kinds of questions of which an answer has two claims at least: left to itself, a small model writes one and
cites one sentence."""
LONGER = 2.5
"""How many times as many words as the quote a translation of it has at most, or the other way round."""
TURNS = 4
"""Earlier turns that a follow-up is understood from."""


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as far as it is written. `dropped` counts claims that were held back; `pointed` are all
    sentences that the model cites: where what it made of one does not stand, it still found it to answer."""

    claims: tuple[Claim, ...] = ()
    shown: tuple[Shown, ...] = ()
    dropped: int = 0
    pointed: tuple[Shown, ...] = ()


def written(
    question: str,
    language: Language,
    evidence: Sequence[Evidence],
    writer: Writer,
    lexicon: Translations,
    deadline: Deadline,
    entails: Entails | None = None,
    *,
    kind: Kind = "fact",
    begin_within: float | None = None,
    begun: Callable[[], None] = lambda: None,
) -> Iterator[Written]:
    """The answer after each claim that passed; the last one is whole, and may have no claims.

    `shown` are the cited sentences, numbered by their first use, which is how claims cite them. The `kind` of
    question says how many claims the model writes at least, and what they need. `entails` holds back claims
    that their sentences surely contradict, and lets none through. `begun` is called when the model begins to
    write. Raises NoReply where it has not after `begin_within` seconds, or where there is no answer in time;
    Cancelled.
    """
    shown = choose(question, language, evidence, writer, lexicon, ANSWER)
    if not shown:
        yield Written()
        return
    by_number = {each.number: each for each in shown}
    least = 2 if kind in SEVERAL and len(shown) > 1 else 1
    prompt = answering(question, language, shown, least)
    likely = {each.place: likelihood(each) for each in evidence}
    gate = Gate(question, language, by_number, likely, lexicon, entails, kind)
    so_far, cutter = Written(), Cutter()

    def judged(drafts: Sequence[Draft]) -> Iterator[Written]:
        nonlocal so_far
        for draft in drafts:
            if declines(draft.text):
                continue
            if any(set(words(draft.text)) <= set(words(claim.text)) for claim in so_far.claims):
                # Small models go round in circles.
                continue
            meant = (by_number[number] for number in draft.numbers if number in by_number)
            so_far = replace(so_far, pointed=(*so_far.pointed, *meant))
            cited = gate.rests_on(draft)
            if not cited:
                so_far = replace(so_far, dropped=so_far.dropped + 1)
                continue
            so_far = _with(so_far, draft, cited)
            yield so_far

    try:
        pieces = _begun(writer, prompt, citing(by_number, least), deadline, begin_within, begun)
        for drafts in _first(CLAIMS, cutter, pieces):
            yield from judged(drafts)
    except NoReply:
        # What was written before the server went away was checked and stands.
        if not so_far.claims:
            raise
    if not so_far.claims and deadline.passed:
        raise NoReply(f"{writer.name} had no answer when its time was over")
    yield so_far


def _first(most: int, cutter: Cutter, pieces: Iterable[str]) -> Iterator[list[Draft]]:
    """The first so many claims, as they end: a server without grammars knows no end either."""
    for piece in pieces:
        drafts = cutter.feed(piece)[:most]
        most -= len(drafts)
        yield drafts
        if not most:
            return
    yield cutter.close()[:most]


def _begun(
    writer: Writer,
    prompt: Prompt,
    grammar: Grammar,
    deadline: Deadline,
    within: float | None,
    begun: Callable[[], None],
) -> Iterator[str]:
    """What the model writes, piece by piece. `begun` is called before the first piece, which must come within
    so many seconds. Raises NoReply, Cancelled."""
    waited = deadline if within is None else deadline.sooner(within)
    for number, piece in enumerate(writer.write(prompt, grammar, ANSWER, waited)):
        if not number:
            waited.extend()
            begun()
        yield piece


def standalone(
    question: str,
    language: Language,
    history: Sequence[Turn],
    writer: Writer,
    lexicon: Translations,
    deadline: Deadline,
) -> str | None:
    """The question as it would be asked without the conversation.

    None where what the model says is no question, still leans on the conversation, is the question as it was,
    has lost one of its names or figures, or names what nobody said. Raises NoReply, Cancelled.
    """
    turns = history[-TURNS:]
    prompt = rewriting(question, language, turns)
    said = "".join(writer.write(prompt, LINE, ASIDE, deadline)).strip(' \n"“”')
    known = " ".join([question, *(f"{turn.question} {turn.answer}" for turn in turns)])
    if not said.endswith("?") or words(said) == words(question) or follows(said, language):
        return None
    kept = unsaid(question, language, [Cited(said, language)], lexicon) is None
    return said if kept and missing(said, language, [Cited(known, language)], lexicon) is None else None


def glossed(
    citation: Citation,
    source: Language,
    language: Language,
    writer: Writer,
    lexicon: Translations,
    deadline: Deadline,
) -> Citation:
    """The citation with a translation of its quote beside it, where one comes that is one: in the language,
    about as long, with every figure and name of the quote and no other, and a denial where the quote denies.

    Raises NoReply, Cancelled.
    """
    quote = citation.quote
    if to_a_machine(quote):
        return citation
    said = " ".join("".join(writer.write(glossing(quote, language), LINE, ASIDE, deadline)).split())
    if not said or _nonsense(said, quote, language):
        return citation
    if missing(said, language, [Cited(quote, source, citation.published)], lexicon):
        return citation
    put = [Cited(said, language, citation.published)]
    lost = unsaid(quote, source, put, lexicon) or undenied(quote, put)
    return citation if lost else replace(citation, gloss=said)


def _nonsense(said: str, quote: str, language: Language) -> bool:
    """Whether a text cannot be a translation of the quote: it is the quote, in another language, much longer
    or shorter, or repeats itself."""
    own, other = words(said), words(quote)
    if said.startswith("="):
        # It copies the line around the quote.
        return True
    if own == other or not own or not 1 / LONGER <= len(own) / max(len(other), 1) <= LONGER:
        return True
    if len(own) > FEW_WORDS and len(set(own)) < len(own) / 2:
        return True
    return len(own) > FEW_WORDS and detect(said) != language


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
