"""What a chat model is told: the files of `prompts/`, filled in.

The part above `---` never changes, so that a model reads it once. What comes from articles, users and
earlier answers is put in at once and never read as a template, between two lines that nobody who wrote an
article could know.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Literal

from rag.errors import SettingsError
from rag.types import Language, Passage, Sentence, Turn
from rag.writing.writer import Prompt

FOLDER = Path(__file__).resolve().parents[2] / "prompts"
PLACEHOLDERS = {
    "answer": {"mark", "sentences", "question"},
    "rewrite": {"mark", "turns", "question"},
    "gloss": {"mark", "quote"},
}
Name = Literal["answer", "rewrite", "gloss"]
LEAK = 8
"""So many words of the instructions in a row are no answer but the instructions."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence as a model sees it: its number, and where it stands."""

    number: int
    passage: Passage
    sentence: Sentence

    @property
    def place(self) -> tuple[str, int]:
        """The article's id and the sentence's index."""
        return self.passage.article.id, self.sentence.index


def answering(question: str, language: Language, shown: Sequence[Shown]) -> Prompt:
    """The question and the sentences that may be cited, each with its number, under their article's title."""
    lines: list[str] = []
    last = None
    for each in shown:
        article = each.passage.article
        if article.id != last:
            heading = " · ".join(filter(None, (article.title, (article.published or "")[:10])))
            lines.append(f"\n# {_line(heading or article.id)}")
            last = article.id
        lines.append(line(each.number, each.passage, each.sentence))
    return _filled("answer", language, sentences="\n".join(lines).strip(), question=question)


def line(number: int, passage: Passage, sentence: Sentence) -> str:
    """One sentence as it is shown, with its number behind it, as citations stand: small models that see it in
    front are off by one more often. Its own brackets are round here: square ones are citations."""
    return f"{_line(passage.quote(sentence)).replace('[', '(').replace(']', ')')} [{number}]"


def rewriting(question: str, language: Language, turns: Sequence[Turn]) -> Prompt:
    """The question after these turns, to be put so that it stands alone."""
    said = "\n".join(f"– {_line(turn.question)}\n– {_line(turn.answer)}" for turn in turns)
    return _filled("rewrite", language, turns=said, question=question)


def glossing(quote: str, language: Language) -> Prompt:
    """A quote, to be translated into this language."""
    return _filled("gloss", language, quote=_line(quote))


def instructions(name: Name, language: Language) -> str:
    """The unchanging part."""
    return _file(name, language).system


def leaks(text: str, language: Language) -> bool:
    """Whether a text recites the instructions."""
    form = _file("answer", language)
    own, said = (each.lower().split() for each in (f"{form.system} {form.user}", text))
    recited = {tuple(own[i : i + LEAK]) for i in range(len(own) - LEAK + 1)}
    return any(tuple(said[i : i + LEAK]) in recited for i in range(len(said) - LEAK + 1))


def _filled(name: Name, language: Language, **values: str) -> Prompt:
    form = _file(name, language)
    return Prompt(form.system, form.user.format(mark=f"=== {secrets.token_hex(6)}", **values))


@cache
def _file(name: Name, language: Language) -> Prompt:
    """Raises SettingsError where the file is missing or has other placeholders than it is given."""
    path = FOLDER / f"{name}.{language}.txt"
    try:
        system, mark, user = path.read_text(encoding="utf-8").partition("\n---\n")
        found = {field for _, field, _, _ in Formatter().parse(user) if field is not None}
    except (OSError, ValueError) as error:
        raise SettingsError(f"the prompt {path} cannot be read ({error})", "install Kutip again") from error
    if not mark or found != PLACEHOLDERS[name]:
        wanted = ", ".join(f"{{{field}}}" for field in sorted(PLACEHOLDERS[name]))
        raise SettingsError(f"the prompt {path} needs a line --- and below it {wanted}, each by that name")
    return Prompt(system.strip(), user.strip())


def _line(text: str) -> str:
    return " ".join(text.split())
