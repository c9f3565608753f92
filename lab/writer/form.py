"""How the writer is asked: the same in training and afterwards, and as short as it can be.

A prompt is one turn of Gemma's chat without instructions, since the network learns one thing for each task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.deadline import Deadline
from rag.types import Language
from rag.writing.decoder import Usage
from rag.writing.grammar import Grammar
from rag.writing.writer import Prompt, Writer

OPEN, CLOSE = "<start_of_turn>", "<end_of_turn>"
ASKED = {"id": "Jawab", "en": "Answer"}
"""What stands before an answer in each language."""
PUT = {"id": "Lengkapi", "en": "Complete"}
"""What stands before a follow-up that is to be put so that it stands alone."""
INTO = {"id": "Terjemahkan", "en": "Translate"}
"""What stands before a translation, in the language that it is to be in."""
_BLOCK = re.compile(r"^(=== [0-9a-f]{12})\n(.*)\n\1\n\n", re.DOTALL | re.MULTILINE)
_ASKED = re.compile(r"^(?:Question|Pertanyaan): (.*)$", re.MULTILINE)
_LAST = re.compile(r"^(?:Last question|Pertanyaan terakhir): (.*)$", re.MULTILINE)


def answering(lines: str, question: str, language: Language) -> str:
    """`lines` are the numbered sentences under their articles' titles."""
    return f"{lines}\n\n{question}\n{ASKED[language]}:"


def following(turns: Sequence[tuple[str, str]], question: str, language: Language) -> str:
    """`turns`: what was asked and answered before."""
    said = "\n".join(f"– {asked}\n– {answer}" for asked, answer in turns)
    return f"{said}\n\n{question}\n{PUT[language]}:"


def translating(quote: str, language: Language) -> str:
    """The language is that of the translation."""
    return f"{quote}\n{INTO[language]}:"


def turn(prompt: str) -> str:
    """The prompt as one turn, up to where the reply begins."""
    return f"{OPEN}user\n{prompt}{CLOSE}\n{OPEN}model\n"


def shortened(user: str, language: Language) -> str:
    """One of the product's prompts in this form. Raises ValueError for another text."""
    block = _BLOCK.search(user)
    if block is None:
        raise ValueError("not a prompt of the product's")
    inside, rest = block[2], user[block.end() :]
    if asked := _ASKED.search(rest):
        return answering(inside, asked[1], language)
    if last := _LAST.search(rest):
        return f"{inside}\n\n{last[1]}\n{PUT[language]}:"
    return translating(inside, language)


class Short:
    """The writer as the product sees it: its prompts are put into this form."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.close = getattr(writer, "close", lambda: None)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._writer.name

    @property
    def usage(self) -> Usage:
        """What the last reply took."""
        found: Usage = getattr(self._writer, "usage", Usage())
        return found

    @property
    def context(self) -> int:
        """Tokens of a prompt and its reply together."""
        return self._writer.context

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return self._writer.count(text)

    def write(self, prompt: Prompt, grammar: Grammar, most: int, deadline: Deadline) -> Iterator[str]:
        """The reply. The instructions are left out but for their language."""
        language: Language = "en" if prompt.system.startswith("You ") else "id"
        return self._writer.write(Prompt("", shortened(prompt.user, language)), grammar, most, deadline)
