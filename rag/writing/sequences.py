"""What a model's context holds: the tokens of a few prompts, so that none is read twice.

Prompts of one kind begin alike, with their instructions, and prompts of different kinds do not. So each kind
has a sequence of llama.cpp's context for itself, and an answer does not throw away what was read for a
translation. All sequences share the context's cells: where they would become too many, those of the kinds
that were not asked for lately go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SEQUENCES = 8
"""Kinds of prompt that are kept: answers, follow-ups and translations in two languages are six."""
_ALL = -1
"""llama.cpp's position for "to the end"."""


class Sequences:
    """The sequences of one context, by the kind of their prompts. Not for several threads at once.

    `llama` is the library, `cells` the tokens that the context has room for.
    """

    def __init__(self, llama: Any, context: Any, cells: int) -> None:
        self._llama = llama
        self._memory = llama.llama_get_memory(context)
        self._cells = cells
        # The kind that was asked for last stands last.
        self._numbers: dict[str, int] = {}
        self._held: list[list[int]] = [[] for _ in range(SEQUENCES)]

    def begin(self, kind: str, tokens: Sequence[int], reply: int) -> tuple[int, int]:
        """The sequence for a prompt of this kind, and how many of its tokens are there already.

        What it held beside them is dropped. The last token is always left to be read, since a reply begins
        with what it gives. Other kinds make room for the prompt and a reply of so many tokens.
        """
        number = self._number(kind)
        held, same = self._held[number], 0
        while same < min(len(held), len(tokens) - 1) and held[same] == tokens[same]:
            same += 1
        same = self.cut(number, same)
        for other in list(self._numbers.values())[:-1]:
            if sum(map(len, self._held)) - same + len(tokens) + reply <= self._cells:
                break
            self.cut(other, 0)
        return number, same

    def length(self, number: int) -> int:
        """How many tokens a sequence holds."""
        return len(self._held[number])

    def add(self, number: int, tokens: Sequence[int]) -> None:
        """Notes tokens that were read into a sequence."""
        self._held[number] += tokens

    def cut(self, number: int, keep: int) -> int:
        """Drops all but a sequence's first tokens; how many are left, as some models can only drop all."""
        if not self._llama.llama_memory_seq_rm(self._memory, number, keep, _ALL):
            self._llama.llama_memory_seq_rm(self._memory, number, _ALL, _ALL)
            keep = 0
        del self._held[number][keep:]
        return keep

    def _number(self, kind: str) -> int:
        """This kind's own sequence, a free one, or that of the kind that was not asked for the longest."""
        number = self._numbers.pop(kind, None)
        if number is None:
            free = [each for each in range(SEQUENCES) if each not in self._numbers.values()]
            number = free[0] if free else self._numbers.pop(next(iter(self._numbers)))
        self._numbers[kind] = number
        return number
