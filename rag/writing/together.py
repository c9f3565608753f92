"""A chat model's statements and the engine's own sentences as one answer. Pure.

A small chat model says less than the engine finds, and now and then speaks of something else. So the engine's
sentences stay, in their order. Above them stands what the model says, where it rests on a sentence that the
engine finds likely too. Other sentences that the model cites are added as quotes: what it makes of a sentence
may be wrong, or have another one's number, and the sentence is still what was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.reading.compose import Chosen, Said, Wording, composed, in_prose
from rag.reading.select import MOST_CITATIONS, likelihood
from rag.search.query import STOP_WORDS
from rag.text.stems import stems
from rag.types import Claim, Evidence, Kind, Language
from rag.writing.gate import spoken
from rag.writing.write import Written

BESIDE = 0.05
"""The probability of belonging from which a sentence that a chat model cites stands beside the engine's
own."""
ALONE = 0.2
"""The same where the engine alone has no answer."""


@dataclass(frozen=True, slots=True)
class Together:
    """What is said, and whether any of it is the model's own words."""

    said: Said
    in_prose: bool


def together(
    written: Written,
    chosen: Chosen | None,
    evidence: Sequence[Evidence],
    question: str,
    kind: Kind,
    language: Language,
    wording: Wording,
) -> Together | None:
    """The answer; None where there is none.

    `chosen` are the sentences that the engine answers with, if it does; `evidence` is all that was read. The
    chosen ones keep their numbers; others follow, `MOST_CITATIONS` in all.
    """
    likely = {item.place: item for item in evidence}
    every = list(chosen.evidence if chosen else ())
    numbers = {item.place: number for number, item in enumerate(every, start=1)}
    least = BESIDE if chosen else ALONE

    def numbered(items: Sequence[Evidence]) -> tuple[int, ...]:
        """The numbers of these sentences, or none where there is no room for all."""
        fresh = [item for item in items if item.place not in numbers]
        if len(every) + len(fresh) > MOST_CITATIONS:
            return ()
        for item in fresh:
            every.append(item)
            numbers[item.place] = len(every)
        return tuple(dict.fromkeys(numbers[item.place] for item in items))

    claims: list[Claim] = []
    for claim in written.claims:
        shown = [written.shown[number - 1] for number in claim.citations]
        on = [likely.get(each.place) or Evidence(each.passage, each.sentence, 0.0) for each in shown]
        if max(map(likelihood, on)) < least or (kind != "yesno" and _echoes(claim.text, question, language)):
            continue
        # What only says again what stands in the other language is shown as the sentence that it is.
        said_in = spoken(claim.text, language, [item.article.language for item in on])
        if (own := numbered(on)) and said_in == language:
            claims.append(Claim(claim.text, own))
    for each in written.pointed if chosen else ():
        item = likely.get(each.place)
        if item is not None and likelihood(item) >= BESIDE:
            numbered([item])
    if not every:
        return None
    whole = replace(chosen, evidence=tuple(every)) if chosen else Chosen(kind, tuple(every))
    said = in_prose(claims, whole, language, wording) if claims else composed(whole, language, wording)
    return Together(replace(said, dropped=written.dropped), bool(claims))


def _echoes(text: str, question: str, language: Language) -> bool:
    """Whether a statement says nothing that its question does not."""
    asked = {*stems(question, language), *STOP_WORDS[language]}
    return all(stem in asked for stem in stems(text, language))
