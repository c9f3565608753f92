"""The values that move through Kutip, and the two protocols that have more than one implementation.

Values know nothing of storage. Every offset counts Unicode code points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Language = Literal["id", "en"]
Vectors = NDArray[np.float32]
Kind = Literal[
    "fact", "why", "how", "list", "yesno", "compare", "define", "person", "summary", "news", "talk"
]
"""What a question asks for: one fact, a reason, a way, several items, yes or no, two sides, what something
is, who somebody is, a story, what is the latest of it; `talk` asks nothing (a greeting, thanks)."""

NAME = 60
"""Characters of a name that is made of an article's first words: about what a headline has."""


def first_words(text: str, most: int = NAME) -> str:
    """The first words of a text, with an ellipsis where it goes on."""
    line = " ".join(text[: 4 * most].split())
    if len(line) <= most:
        return line
    # One word that is longer than all of it is cut.
    return (line[: most + 1].rpartition(" ")[0] or line[:most]).rstrip(" ,;:.–-") + "…"


@dataclass(frozen=True, slots=True)
class Removed:
    """A stretch that cleaning took out: `text` stood at `start` of the normalised source."""

    kind: str
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """An article as a loader read it, before cleaning. `place` names it in messages: a path, a line.

    `note` names in one line a field that could not be read, if there is one.
    """

    place: str
    text: str
    id: str | None = None
    url: str | None = None
    title: str | None = None
    published: str | None = None
    publisher: str | None = None
    author: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a loader yields for an article that cannot be used: where it is, and one line on what is wrong and
    what to do."""

    place: str
    reason: str
    id: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One version of an article. `published` is an ISO 8601 date or date and time."""

    id: str
    url: str | None
    title: str | None
    published: str | None
    language: Language
    text: str
    version: int = 1
    publisher: str | None = None
    author: str | None = None

    @property
    def name(self) -> str:
        """What a reader knows it by: its title on one line, else its first words, else its id."""
        return " ".join((self.title or "").split()) or first_words(self.text) or self.id

    def titled(self, longest: int | None = None) -> str:
        """The title and, on the next line, the text, of which no more than `longest` code points."""
        return f"{self.title or ''}\n{self.text[:longest]}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text[start:end]` of the article's text, without the white space around it."""

    article_id: str
    index: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole sentences `first_sentence` to `last_sentence`, both included."""

    article_id: str
    index: int
    first_sentence: int
    last_sentence: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk found for a question. Scores: higher is better.

    `article` is the version that the chunk belongs to; `sentences` are the chunk's own, in order;
    `sources` holds each ranked list's score before fusion, by the list's name.
    """

    key: int
    article: Article
    sentences: tuple[Sentence, ...]
    score: float
    sources: Mapping[str, float] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """Where the chunk starts in the article's text."""
        return self.sentences[0].start

    @property
    def text(self) -> str:
        """The chunk's stretch of the article's text."""
        return self.article.text[self.start : self.sentences[-1].end]

    def quote(self, sentence: Sentence) -> str:
        """The stored text of one of the article's sentences."""
        return self.article.text[sentence.start : sentence.end]


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence by its place. `quote` is the stored text at that place, never a model's.

    `gloss` is a machine translation of it, where a chat model made one: never to be shown as the quote.
    """

    number: int
    article: str
    version: int
    title: str | None
    url: str | None
    published: str | None
    start: int
    end: int
    quote: str
    gloss: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Something said, and the numbers of the citations on which it rests."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the same conversation and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question got. `seconds` has a time for each stage and their `total`.

    `understood` is the question as it was read, where its spelling was corrected.
    """

    question: str
    language: Language
    status: Literal["answered", "abstained"]
    text: str
    short: str | None
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    engine: str
    kind: Kind = "fact"
    dropped: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    understood: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that an engine found, in the passage in which it stands.

    `score` is the probability that the sentence answers by itself, `belongs` the probability that it belongs
    to the answer, alone or with others; None where the engine does not tell them apart. `span` is the
    shortest answer inside the sentence, as offsets into the article's text, where the engine singles one out.
    """

    passage: Passage
    sentence: Sentence
    score: float
    span: tuple[int, int] | None = None
    belongs: float | None = None

    @property
    def article(self) -> Article:
        """The version of the article that the sentence is from."""
        return self.passage.article

    @property
    def quote(self) -> str:
        """The stored text of the sentence."""
        return self.passage.quote(self.sentence)

    @property
    def short(self) -> str | None:
        """The stored text of the span."""
        return self.article.text[slice(*self.span)] if self.span else None

    @property
    def place(self) -> tuple[str, int]:
        """The article's id and the sentence's index, which identify a sentence."""
        return self.article.id, self.sentence.index


class Embedder(Protocol):
    """Text to unit vectors. `id` names the model, its dimensions and its file's hash."""

    @property
    def id(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimensions), rows of length 1 (or 0 for text without a known token)."""
        ...

    def question(self, text: str) -> Vectors:
        """Shape (dimensions,), length 1 or 0."""
        ...


class Engine(Protocol):
    """Finds the sentences that answer, among passages that retrieval found."""

    @property
    def name(self) -> str: ...

    @property
    def threshold(self) -> float: ...

    def read(
        self, question: str, language: Language, passages: Sequence[Passage], enough: float | None = None
    ) -> list[Evidence]:
        """The best sentences, strongest first; scores under `threshold` do not answer.

        Passages come likeliest first. An engine may stop once a score reaches `enough`, by default its
        threshold; with a value above 1 it reads all.
        """
        ...

    def entails(
        self, statement: str, sentences: Sequence[str], title: str | None = None
    ) -> tuple[float, float]:
        """The probabilities that the sentences entail the statement and that they contradict it; (0, 0) where
        the engine cannot tell."""
        ...
