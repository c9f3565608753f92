"""GBNF grammars, which hold a model to citing only what it was shown.

llama.cpp ends the process over a grammar that it cannot parse. So a `Grammar` is made here only, from
numbers and constants, and never from text that anybody wrote.
Source: llama.cpp, `grammars/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rag.text.abbreviations import TITLES

MOST = 999
"""The highest number of a sentence."""
CLAIMS = 3
"""The most claims of an answer: small models repeat themselves after that."""
MARKS = 3
"""The most citations of a claim."""
LONGEST = 320
"""The most characters of a claim: more than a long sentence of news. Without a bound a small model may repeat
one character until its tokens are used up. A stop and what follows it count as one."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a model may write, in GBNF, from the rule `root`."""

    text: str


_NEW_LINE = r'"\n" '
"""A line break in GBNF."""
_SHORT = (
    *sorted(title.capitalize() for title in TITLES if title.isalpha() and len(title) > 3),
    *("Corp", "a.m", "p.m", "a.k.a", "vs", "dll", "dkk", "dst", "dsb"),
)
"""What a full stop does not end a sentence behind, beside short words with a capital and initials."""
_SENTENCE = rf"""
claim ::= (title | [^\[\]\n\r\t =]) part{{0,{LONGEST - 1}}} [.!?]{{0,3}} " "? {{marks}}
part ::= [^\[\]\n\r.!?] | [.!?] [^\[\]\n\r ] | " " title
title ::= (short ". ") (short ". ")? (short ". ")?
short ::= [A-Z] ([a-zA-Z]{{0,2}} | ("." [A-Z]){{1,3}}) | {" | ".join(f'"{each}"' for each in _SHORT)}
"""
"""One sentence: a stop ends it, unless something other than a space follows, or it stands behind a title or
an abbreviation such as Dr., Rp. or PT. A model that may go on writes two sentences and cites for one."""

LINE = Grammar('root ::= [^\\n\\r\\[\\]]+ "\\n"?')
"""One line without brackets: a question put anew, a translation."""


def citing(numbers: Iterable[int], least: int = 1) -> Grammar:
    """A single hyphen, or `least` to `CLAIMS` lines of one sentence, each with one to `MARKS` of `[n]`.

    `n` is one of these numbers; without any, only text without brackets can be written. A claim begins with
    no `=`, which opens the lines around articles, and with no bracket: a model that may write its citation
    first often does, and then it is unclear which sentence the citation belongs to. Raises ValueError for a
    number that is out of range.
    """
    every = sorted(set(numbers))
    if any(not 1 <= number <= MOST for number in every):
        raise ValueError(f"a sentence's number is 1 to {MOST}")
    if not every:
        return Grammar("root ::= [^\\[\\]]*")
    return Grammar(
        f'root ::= "-" | {_up_to(CLAIMS, "claim", _NEW_LINE, least)}'
        f"{_SENTENCE.replace('{marks}', _up_to(MARKS, 'mark'))}"
        f'mark ::= "[" number "]"\nnumber ::= {_digits([str(n) for n in every])}'
    )


def _up_to(most: int, rule: str, between: str = "", least: int = 1) -> str:
    """`least` to `most` of a rule: `a (a (a)?)?`, or `a (a (a)?)`."""
    made = rule
    for count in range(most - 1, 0, -1):
        made = f"{rule} ({between}{made}){'' if count < least else '?'}"
    return made


def _digits(endings: list[str]) -> str:
    """The numbers as a tree of digits, so that one state stands for all that begin alike."""
    branches = []
    for digit in sorted({ending[0] for ending in endings}):
        rest = [ending[1:] for ending in endings if ending[0] == digit]
        longer = [each for each in rest if each]
        tail = f" ({_digits(longer)})" if longer else ""
        branches.append(f'"{digit}"{tail}{"?" if longer and "" in rest else ""}')
    return " | ".join(branches)
