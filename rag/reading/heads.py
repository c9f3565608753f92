"""Two small networks on the reader's vectors: what belongs to an answer, and what entails a statement.

Both have one hidden layer. The first reads what the encoder has computed for the spans anyway; the second
needs a pass of its own over `[CLS] statement [SEP] title [SEP] sentences [SEP]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.reading.spans import Found
from rag.text.wordpiece import CLS, PASSAGE_TOKENS, SEP, WordPiece
from rag.types import Vectors

STATEMENT_TOKENS, TITLE_TOKENS = 80, 24
"""The most tokens of a statement and of a title that are read: training used no longer ones."""
PLAIN = 7
"""How many numbers describe a sentence beside its vectors."""
SURFACE = 10
"""How many numbers describe a statement and its sentences beside their vectors."""
NEGATIONS = frozenset(
    "tidak bukan belum tak tanpa gagal batal not no never without failed nor neither none".split()
)
"""Words that deny, in both languages."""
UNKNOWN, ENTAILED, CONTRADICTED = range(3)
"""The places of the three chances of `Entailment`."""


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer of rectified units."""

    inner: NDArray[np.float32]
    inner_bias: NDArray[np.float32]
    outer: NDArray[np.float32]
    outer_bias: NDArray[np.float32]

    @classmethod
    def of(cls, arrays: Mapping[str, Any], name: str) -> Network | None:
        """The arrays `NAME_inner` and so on, or None where they are missing."""
        parts = [arrays.get(f"{name}_{part}") for part in ("inner", "inner_bias", "outer", "outer_bias")]
        if any(part is None for part in parts):
            return None
        return cls(*(np.asarray(part, np.float32) for part in parts))

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Shape (rows, outputs)."""
        hidden = np.maximum(rows @ self.inner.T + self.inner_bias, 0)
        result: NDArray[np.float32] = hidden @ self.outer.T + self.outer_bias
        return result


def belonging_rows(
    vectors: Vectors,
    scores: NDArray[np.float32],
    first: int,
    offset: int,
    found: Sequence[Found],
    ranges: Sequence[tuple[int, int]],
    numbers: Sequence[int],
) -> NDArray[np.float32]:
    """The first network's input for one sequence's sentences, shape (len(found), 3 * width + PLAIN).

    `scores`: start and end of each token; `first`: the place of the first `[SEP]`; `offset`: of the passage's
    first token; `ranges`: all sentences as token ranges of the passage; `numbers`: their places in the
    article."""
    cls, asked = vectors[0], vectors[1 : max(first, 2)].mean(0)
    rows = []
    for each in found:
        begin, end = (offset + place for place in ranges[each.sentence])
        best = scores[begin:end].max(0)
        plain = (
            *(each.mass / 8, np.clip(each.margin, -16, 16) / 8, best[0] / 8, best[1] / 8),
            *(np.log1p(numbers[each.sentence]) / 3, float(numbers[each.sentence] == 0), (end - begin) / 50),
        )
        rows.append(np.concatenate([vectors[begin:end].mean(0), cls, asked, np.array(plain, np.float32)]))
    return np.asarray(rows, np.float32)


def belonging_features(found: Sequence[Found], table: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the probability of belonging is made from: log-odds in its chunk, the same less the best of all
    that was read, and `rag.reading.spans.features`, which is `table`; the constant is last."""
    log_odds = np.array([each.belongs for each in found])
    return np.column_stack([log_odds, np.maximum(log_odds - log_odds.max(), -10), table])


class Entailment:
    """Whether sentences entail a statement; `ids` and `chances` around the encoder's pass."""

    def __init__(self, network: Network, pieces: WordPiece, temperature: float = 1.0) -> None:
        self._network, self._pieces, self._temperature = network, pieces, temperature

    def ids(self, said: str, title: str | None, read: str) -> tuple[list[int], int]:
        """`[CLS] statement [SEP] title [SEP] sentences [SEP]`, without the title where there is none, and the
        place of the sentences' first token."""
        pieces = self._pieces
        named = [*pieces.encode(title).ids[:TITLE_TOKENS], SEP] if title else []
        head = [CLS, *pieces.encode(said).ids[:STATEMENT_TOKENS], SEP, *named]
        return [*head, *pieces.encode(read).ids[:PASSAGE_TOKENS], SEP], len(head)

    def chances(self, vectors: Vectors, ids: Sequence[int], offset: int) -> NDArray[np.float64]:
        """Of unknown, entailed, contradicted."""
        first = list(ids).index(SEP)
        said, read = (
            vectors[1 : max(first, 2)].mean(0),
            vectors[offset : max(len(ids) - 1, offset + 1)].mean(0),
        )
        surface = self.surface(ids[1:first], ids[offset:-1])
        row = np.concatenate([vectors[0], said, read, np.abs(said - read), said * read, surface])
        scores = self._network(row[None].astype(np.float32))[0].astype(np.float64) / self._temperature
        chances = np.exp(scores - scores.max())
        result: NDArray[np.float64] = chances / chances.sum()
        return result

    def surface(self, said: Sequence[int], read: Sequence[int]) -> NDArray[np.float32]:
        """Shape (SURFACE,): of the statement's tokens, neighbouring tokens and figures the share that is
        read, and how many are not; whether it has figures; negations on either side; how long it is beside
        the other."""
        known, digits, no = set(read), *self._marked
        beside = set(pairwise(read))
        figures = [token for token in said if token in digits]
        # A figure is several tokens, each of which may also stand elsewhere.
        cut = [pair for pair in pairwise(said) if digits & set(pair)]
        missing = sum(token not in known for token in said)
        return np.array(
            [
                1 - missing / max(len(said), 1),
                min(missing, 4) / 4,
                _share(pairwise(said), beside),
                _share(figures, known),
                _share(cut, beside),
                min(sum(pair not in beside for pair in cut), 4) / 4,
                float(bool(figures)),
                float(bool(no & set(said))),
                float(bool(no & known)),
                min(len(said) / max(len(read), 1), 2.0),
            ],
            np.float32,
        )

    @cached_property
    def _marked(self) -> tuple[frozenset[int], frozenset[int]]:
        """Tokens that are figures, and those that deny."""
        vocabulary = self._pieces.vocabulary
        digits = [n for n, token in enumerate(vocabulary) if token.lstrip("#").isdigit()]
        return frozenset(digits), frozenset(n for n, token in enumerate(vocabulary) if token in NEGATIONS)


def _share(some: Iterable[object], known: set[Any]) -> float:
    found = [each in known for each in some]
    return sum(found) / len(found) if found else 1.0
