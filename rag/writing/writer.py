"""A chat model as the other modules see it: given a prompt, it writes what a grammar allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from rag.deadline import Deadline
from rag.writing.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Prompt:
    """A chat model's input: `system` is the same for every question, `user` is not."""

    system: str
    user: str


class Writer(Protocol):
    """Writes prose, held to a grammar: a GGUF chat model, or a server that has one."""

    @property
    def name(self) -> str: ...

    @property
    def context(self) -> int:
        """Tokens of a prompt and its reply together."""
        ...

    def count(self, text: str) -> int:
        """Tokens of a text, or an estimate that is seldom too low."""
        ...

    def write(self, prompt: Prompt, grammar: Grammar, most: int, deadline: Deadline) -> Iterator[str]:
        """The reply in pieces as it is written, of `most` tokens at most. Raises NoReply, Cancelled."""
        ...
