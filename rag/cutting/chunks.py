"""Sentences -> chunks of whole sentences, as long as a limit of tokens allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

from rag.types import Chunk, Sentence


def chunk(text: str, sentences: Sequence[Sentence], count: Callable[[str], int], limit: int) -> list[Chunk]:
    """Consecutive chunks that hold every sentence once, each of at most `limit` tokens.

    `count` gives the tokens of a stretch of `text`. A chunk ends with a paragraph where that leaves it at
    least half full. One sentence that alone is over the limit stands alone.
    """
    # Tokens up to each sentence's end: close to the tokens of any stretch. Joining may merge or part
    # tokens where sentences meet, and adds white space, so the stretch itself is counted.
    totals = [0, *accumulate(count(text[sentence.start : sentence.end]) for sentence in sentences)]
    chunks: list[Chunk] = []
    first = 0
    while first < len(sentences):
        last = first
        while last + 1 < len(sentences) and totals[last + 2] - totals[first] <= limit:
            last += 1
        while last > first and count(text[sentences[first].start : sentences[last].end]) > limit:
            last -= 1
        if last + 1 < len(sentences):
            last = _paragraph_end(text, sentences, first, last, totals)
        chunks.append(Chunk(sentences[first].article_id, len(chunks), first, last))
        first = last + 1
    return chunks


def _paragraph_end(text: str, sentences: Sequence[Sentence], first: int, last: int, totals: list[int]) -> int:
    """The last sentence up to `last` that ends a paragraph in the chunk's second half, else `last`."""
    half = (totals[last + 1] - totals[first]) / 2
    for at in range(last, first - 1, -1):
        if totals[at + 1] - totals[first] < half:
            break
        if "\n" in text[sentences[at].end : sentences[at + 1].start]:
            return at
    return last
