"""Token scores -> how much of the answer lies in each sentence, and the best span inside it. Pure.

A sentence's evidence is the log of the summed exponentials of its spans' scores: a question whose answer
is a whole clause ("why", "what did X say") has many middling spans in the right sentence and none that
stands out. Less the chunk's no-answer score it is a log-odds that the sentence answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SPAN = 30
"""The most tokens of a span."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence of a chunk: `first` and `last` token of its best span, and two log scores; `belongs`: the
    log-odds that it belongs to the answer, as far as the network knows them."""

    passage: int
    sentence: int
    mass: float
    margin: float
    first: int
    last: int
    belongs: float = 0.0


def _logsumexp(values: NDArray[np.float64]) -> float:
    most = float(values.max())
    return most + float(np.log(np.exp(values - most).sum()))


def sentences(
    scores: NDArray[np.float32], offset: int, ranges: Sequence[tuple[int, int]], passage: int
) -> list[Found]:
    """Every sentence of one sequence. `scores`: (tokens, 2); `offset`: the passage's first token;
    `ranges`: the sentences as token ranges of the passage; token 0 holds the no-answer scores."""
    null = float(scores[0].sum())
    found: list[Found] = []
    for number, (begin, end) in enumerate(ranges):
        part = scores[offset + begin : offset + end].astype(np.float64)
        if not len(part):
            continue
        table = part[:, 0][:, None] + part[:, 1][None, :]
        gap = np.arange(len(part))[None, :] - np.arange(len(part))[:, None]
        table = np.where((gap >= 0) & (gap < SPAN), table, -np.inf)
        first, last = np.unravel_index(int(table.argmax()), table.shape)
        mass = _logsumexp(table.ravel())
        found.append(Found(passage, number, mass, mass - null, begin + int(first), begin + int(last)))
    return found


FEATURES = 6
"""Features of a sentence."""
MARGIN, SHARE = 16.0, 5.0
"""Log scores are cut off here, since larger ones say no more and would outweigh the other features."""


def features(
    found: Sequence[Found], retrieval: Sequence[float], said: Sequence[tuple[float, float]]
) -> NDArray[np.float64]:
    """Shape (sentences, FEATURES): log-odds in its chunk; log share of all that was read; its passage's
    retrieval score as a share of the best one's; how much of the question the sentence and its chunk say;
    and 1.

    `retrieval`: one score a passage; `said`: two shares a sentence (`rag.search.overlap`).
    """
    masses = np.array([each.mass for each in found])
    margins = np.clip([each.margin for each in found], -MARGIN, MARGIN)
    together = np.clip(masses - _logsumexp(masses), -SHARE, 0)
    best = max(retrieval)
    # Where nothing stands out, as in a store of one chunk, the best is at 0 and so is every other.
    places = [retrieval[each.passage] / best if best > 0 else 1.0 for each in found]
    return np.column_stack([margins, together, places, np.array(said), np.ones(len(found))])


PAIRS = {"(": ")", "[": "]", "“": "”", '"': '"'}
"""Marks that belong together."""
FAR = 60
"""Characters in which the partner of a mark is looked for; it is left out where there is none."""


def tidied(sentence: str, first: int, last: int) -> tuple[int, int]:
    """The span with whole words and numbers, and with both marks of each pair or neither."""
    while first > 0 and _joined(sentence, first):
        first -= 1
    while last < len(sentence) and _joined(sentence, last):
        last += 1
    for opening, closing in PAIRS.items():
        first, last = _paired(sentence, first, last, opening, closing)
    return first, last


def _joined(sentence: str, place: int) -> bool:
    """Whether the characters before and at a place are of one word or number."""
    before, after = sentence[place - 1 : place], sentence[place : place + 1]
    if before.isalnum() and after.isalnum():
        return True
    mark, beyond = sentence[place - 2 : place - 1], sentence[place + 1 : place + 2]
    number = before.isdigit() and after in ".,/:" and beyond.isdigit()
    return number or (before in ".,/:" and bool(before) and mark.isdigit() and after.isdigit())


def _paired(sentence: str, first: int, last: int, opening: str, closing: str) -> tuple[int, int]:
    inside = sentence[first:last]
    if opening == closing:
        if inside.count(opening) % 2 == 0:
            return first, last
        at = first + inside.index(opening)
        # A quotation begins where an even number of marks stands before it.
        opens = sentence.count(opening, 0, at) % 2 == 0
    elif (more := inside.count(opening) - inside.count(closing)) != 0:
        opens = more > 0
        at = first + (inside.rindex(opening) if opens else inside.index(closing))
    else:
        return first, last
    if opens:
        end = sentence.find(closing, last, last + FAR)
        return (first, end + 1) if end >= 0 else _without(sentence, first, last, at)
    begin = sentence.rfind(opening, max(0, first - FAR), first)
    return (begin, last) if begin >= 0 else _without(sentence, first, last, at)


def _without(sentence: str, first: int, last: int, at: int) -> tuple[int, int]:
    """The larger part beside a mark that stands alone."""
    before, after = sentence[first:at].strip(), sentence[at + 1 : last].strip()
    if len(before) >= len(after):
        return (first, first + len(sentence[first:at].rstrip())) if before else (first, last)
    return at + 1 + len(sentence[at + 1 : last]) - len(sentence[at + 1 : last].lstrip()), last
