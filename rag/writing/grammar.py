"""GBNF grammars, which hold a model to citing only what it was shown.

llama.cpp ends the process over a grammar that it cannot parse. So a `Grammar` is made here only, from
numbers and constants, and never from text that anybody wrote.
Source: llama.cpp, `grammars/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST = 999
"""The highest number of a sentence."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a model may write, in GBNF, from the rule `root`."""

    text: str


LINE = Grammar('root ::= [^\\n\\r\\[\\]]+ "\\n"?')
"""One line without brackets: a question put anew, a translation."""


def citing(numbers: Iterable[int]) -> Grammar:
    """Prose without brackets, and `[n]` for exactly these numbers. Raises ValueError for one out of range."""
    every = sorted(set(numbers))
    if any(not 1 <= number <= MOST for number in every):
        raise ValueError(f"a sentence's number is 1 to {MOST}")
    prose = "root ::= (prose | cite)*\nprose ::= [^\\[\\]]\n"
    if not every:
        return Grammar("root ::= [^\\[\\]]*")
    return Grammar(f'{prose}cite ::= "[" number "]"\nnumber ::= {_digits([str(n) for n in every])}')


def _digits(endings: list[str]) -> str:
    """The numbers as a tree of digits, so that one state stands for all that begin alike."""
    branches = []
    for digit in sorted({ending[0] for ending in endings}):
        rest = [ending[1:] for ending in endings if ending[0] == digit]
        longer = [each for each in rest if each]
        tail = f" ({_digits(longer)})" if longer else ""
        branches.append(f'"{digit}"{tail}{"?" if longer and "" in rest else ""}')
    return " | ".join(branches)
