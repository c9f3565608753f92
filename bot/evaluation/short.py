"""How close a short answer is to a right one: exact match and F1, as SQuAD defines them.

Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text", EMNLP 2016: lower case, no
punctuation, no articles, spaces as one. Indonesian has articles (`si`, `sang`, `sebuah`, …) and clitics that
stand on a word (`presidennya`); they go too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

ARTICLES = frozenset("a an the si sang para sebuah seorang seekor suatu".split())
"""Articles of both languages, which do not count."""
_CLITIC = re.compile(r"(?<=\w{4})(?:nya|lah|kah|pun|ku|mu)$")
"""Indonesian clitics at the end of a word, which do not count."""


def normalised(text: str) -> list[str]:
    """The words that count."""
    kept = "".join(char for char in text.lower() if unicodedata.category(char)[0] not in "PS")
    return [_CLITIC.sub("", word) for word in kept.split() if word not in ARTICLES]


def exact_match(said: str, answers: Sequence[str]) -> float:
    """1 where it is one of the answers, else 0."""
    return float(any(normalised(said) == normalised(answer) for answer in answers))


def f1(said: str, answers: Sequence[str]) -> float:
    """The best answer's harmonic mean of the words' precision and recall."""
    return max((_f1(normalised(said), normalised(answer)) for answer in answers), default=0.0)


def _f1(said: Sequence[str], answer: Sequence[str]) -> float:
    if not said or not answer:
        return float(list(said) == list(answer))
    common = sum((Counter(said) & Counter(answer)).values())
    return 2 * common / (len(said) + len(answer))
