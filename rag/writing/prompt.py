"""What a chat model is told: the files of `prompts/`, filled in.

The part above `---` never changes, so that a model reads it once. What comes from articles, users and
earlier answers is put in at once and never read as a template, between two lines that nobody who wrote an
article could know.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Literal

from rag.errors import SettingsError
from rag.reading.select import likelihood
from rag.search.query import Translations
from rag.types import Evidence, Language, Passage, Sentence, Turn
from rag.writing.addressed import to_a_machine
from rag.writing.support import names
from rag.writing.writer import Prompt, Writer

FOLDER = Path(__file__).resolve().parents[2] / "prompts"
"""The folder of the prompts, one file for each prompt and language."""
PLACEHOLDERS = {
    "answer": {"mark", "sentences", "question", "count"},
    "rewrite": {"mark", "turns", "question"},
    "gloss": {"mark", "quote"},
}
"""The placeholders that each prompt must have below its `---`."""
COUNTS: Mapping[Language, tuple[str, str]] = {
    "id": ("satu sampai tiga", "dua atau tiga"),
    "en": ("one to three", "two or three"),
}
"""How many sentences an answer is to have: from one, and from two."""
Name = Literal["answer", "rewrite", "gloss"]
_HYPHEN = re.compile(r"\W*(?:(?:satu )?tanda hubung|(?:an? )?(?:single )?hyphen)(?: saja)?\W*", re.IGNORECASE)
"""The hyphen that stands for no answer, written out."""
LEAK = 8
"""So many words of the instructions in a row are no answer but the instructions."""
_POINTS = re.compile(
    r"\W*(?:ia|dia|beliau|mereka|he|she|it|they|his|her|its|their|this|these|that|those)\b", re.IGNORECASE
)
"""A sentence that begins so speaks of what the one before it names."""
MOST_SHOWN = 8
"""Sentences, not counting those that only name whom these mean. Each costs time before the first word, and a
small model that was shown thirty-two did no better."""
_ROOM = 64
"""Tokens for what the chat template puts around a prompt."""


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


def answering(question: str, language: Language, shown: Sequence[Shown], least: int = 1) -> Prompt:
    """The question and the sentences that may be cited, each with its number, under their article's title;
    an answer of `least` sentences and more is asked for."""
    lines: list[str] = []
    last = None
    for each in shown:
        article = each.passage.article
        if article.id != last:
            title = None if to_a_machine(article.title or "") else article.title
            heading = " · ".join(filter(None, (title, (article.published or "")[:10])))
            lines.append(f"\n# {_line(heading or article.id)}")
            last = article.id
        lines.append(line(each.number, each.passage, each.sentence))
    return _filled(
        "answer",
        language,
        sentences="\n".join(lines).strip(),
        question=question,
        count=COUNTS[language][least > 1],
    )


def choose(
    question: str,
    language: Language,
    evidence: Sequence[Evidence],
    writer: Writer,
    lexicon: Translations,
    reply: int,
) -> list[Shown]:
    """The few likeliest sentences, whole, as they stand in their articles; the newest article comes first.

    A sentence that names nobody and nothing brings the one before it, which says whom it means. One that
    gives orders to the model is left out, and with it the one that follows. What does not
    fit into the model's window, beside the question and a reply of `reply` tokens, is left out, the weakest
    first, never half a sentence.
    """
    room = writer.context - reply - _ROOM
    room -= writer.count(instructions("answer", language)) + writer.count(question)
    taken: dict[tuple[str, int], Shown] = {}
    titled: set[str] = set()
    likely = sorted(evidence, key=likelihood, reverse=True)
    for each in [item for item in likely if likelihood(item) > 0][:MOST_SHOWN] or likely[:MOST_SHOWN]:
        article = each.article
        for sentence in _with_neighbour(each, lexicon):
            place = article.id, sentence.index
            heading = (
                f"# {article.title or ''} · {article.published or ''}" if article.id not in titled else ""
            )
            cost = writer.count(heading) + writer.count(line(len(evidence), each.passage, sentence)) + 2
            if place not in taken and cost <= room:
                taken[place] = Shown(0, each.passage, sentence)
                titled.add(article.id)
                room -= cost
    shown = sorted(taken.values(), key=lambda each: each.place)
    shown.sort(key=lambda each: (each.passage.article.published or "")[:10], reverse=True)
    return [replace(each, number=number) for number, each in enumerate(shown, start=1)]


def _with_neighbour(item: Evidence, lexicon: Translations) -> list[Sentence]:
    """The sentence, and the one before it in its passage where this one names nothing or begins with "he".

    Either only where it is no order to a model and does not follow one, of which it may be part.
    """
    passage, sentences = item.passage, item.passage.sentences
    place = next((n for n, each in enumerate(sentences) if each.index == item.sentence.index), 0)

    def clean(at: int) -> bool:
        return not any(to_a_machine(passage.quote(each)) for each in sentences[max(0, at - 1) : at + 1])

    if not clean(place):
        return []
    named = any(True for _ in names(item.quote, item.article.language, lexicon))
    if place == 0 or (named and not _POINTS.match(item.quote)) or not clean(place - 1):
        return [item.sentence]
    return [item.sentence, sentences[place - 1]]


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


def declines(text: str) -> bool:
    """Whether a claim says only that there is nothing more to say, as a small model does that has to write
    another line."""
    return bool(_HYPHEN.fullmatch(text))


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
