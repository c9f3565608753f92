"""The pipeline that answers questions, and the values that pass between its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Literal, Protocol

from rag.asking.times import Period
from rag.errors import NoReply
from rag.reading.compose import Wording
from rag.search.fusion import Hit
from rag.search.query import Translations
from rag.search.spelling import Understood, as_typed
from rag.store.archive import Archive
from rag.text.talk import Talk
from rag.types import Engine, Kind, Language, Passage

if TYPE_CHECKING:
    from rag.writing.writer import Writer

Gloss = Literal["english", "always", "never"]
"""To which questions quotes in the other language are translated."""
When = Literal["always", "needed", "never"]
"""Which questions a chat model answers. `needed`: those for which sentences have to be put together or that
are asked in another language than the article's, and facts of which the reader is not sure."""


Step = Literal["understand", "search", "read", "ask", "write", "translate"]
"""What an answer is at: the question is understood, articles are searched, the reader reads, a chat model is
asked and reads its prompt, it writes, it translates quotes."""


class Finding(Protocol):
    """What search is to an answer."""

    def search(self, question: str, language: Language, limit: int) -> list[Hit]:
        """At most `limit` chunks, best first."""
        ...

    def holding(self, text: str, language: Language) -> Sequence[int]:
        """The chunks that have most of a text's words, best first."""
        ...


class Clock:
    """Times the steps of one answer, in seconds. `begin` is told of each step that begins."""

    def __init__(self, begin: Callable[[Step], None] = lambda step: None) -> None:
        self.begin = begin
        self._started = self._last = perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Adds what passed since the last lap to what has this name."""
        now = perf_counter()
        self._laps[name] = self._laps.get(name, 0.0) + now - self._last
        self._last = now

    def seconds(self) -> dict[str, float]:
        """Each lap, and the total until now."""
        return self._laps | {"total": perf_counter() - self._started}


@dataclass(frozen=True, slots=True)
class Writing:
    """A chat model that answers in place of the reader: how long it may take, and what it is used for.

    `seconds` is for the whole answer, `first` until it begins to write; then the reader answers. `into` are
    the languages that it translates quotes into, `follow_ups` is whether it puts follow-up questions anew.
    """

    writer: Writer
    lexicon: Translations
    seconds: float | None = None
    gloss: Gloss = "english"
    when: When = "needed"
    first: float | None = None
    into: tuple[Language, ...] = ("id", "en")
    follow_ups: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was understood: `text` stands alone, `when` is the time that it asks about.

    `failed` is what kept the chat model from putting a follow-up anew. `understood` is the question with its
    spelling corrected, where it was; `talk` what a message says that asks nothing. `parts` are the questions
    that it consists of, where it asks for several things; `side` are the words that tell a part from the
    others which ask the same. With `headlines` the newest articles are asked for, whatever they are about.
    """

    question: str
    language: Language
    text: str
    when: Period | None
    kind: Kind = "fact"
    failed: NoReply | None = None
    understood: str | None = None
    talk: Talk | None = None
    parts: tuple[Asked, ...] = ()
    side: frozenset[str] = frozenset()
    headlines: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The passages to read, likeliest first, and `spare` ones, read where those do not answer."""

    passages: list[Passage]
    spare: list[Passage]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What answers the questions of an installation: archive, search, reader, wording, chat model.

    `passages` is how many are read at most; `threshold` replaces the engine's own; with `writing` a chat
    model writes the answer. `whole` says whether both indexes could be searched; `spelling` corrects
    a question; `lexicon` tells where a sentence of one language says a word of the other.
    """

    archive: Archive
    search: Finding
    engine: Engine
    wording: Wording
    passages: int
    threshold: float | None = None
    writing: Writing | None = None
    whole: Callable[[], bool] = lambda: True
    spelling: Callable[[str, Language], Understood] = as_typed
    lexicon: Translations | None = None

    @property
    def least(self) -> float:
        """The probability from which a sentence answers."""
        return self.engine.threshold if self.threshold is None else self.threshold
