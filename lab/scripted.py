"""A GGUF chat model whose logits say what a script wants, as far as the grammar lets it.

The loading, the decoding, the sampling and the grammar are the real ones; only what the network thinks of
the next token is overwritten. So it obeys whoever wrote the script: an injected article, or an attacker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.deadline import Deadline
from rag.writing.decoder import ChatModel
from rag.writing.grammar import Grammar
from rag.writing.writer import Prompt

WILL = 60.0
"""How much surer than anything else the model is of the scripted token."""


class Scripted(ChatModel):
    """`script` is given the prompt and says what the model wants to write, then to end."""

    def __init__(self, path: Path, script: Callable[[Prompt], str], **settings: Any) -> None:
        self._script = script
        self._wanted: list[int] = []
        self._next = 0
        super().__init__(path, **settings)

    def write(self, prompt: Prompt, grammar: Grammar, most: int, deadline: Deadline) -> Iterator[str]:
        self._wanted = [*self._tokens(self._script(prompt), special=True), self._end()]
        self._next = 0
        return super().write(prompt, grammar, most, deadline)

    def _decode(self, sequence: int, tokens: Sequence[int], deadline: Deadline, abortable: bool) -> None:
        super()._decode(sequence, tokens, deadline, abortable)
        self._next += not abortable
        if self._next < len(self._wanted):
            logits = self._logits()
            logits[self._wanted[self._next]] = float(logits.max()) + WILL

    def _end(self) -> int:
        return int(self._llama.llama_vocab_eos(self._vocabulary))
