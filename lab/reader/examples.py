"""Questions and passages as the reader is trained on them.

A passage is cut into chunks of whole sentences, as retrieval hands them over, each after the title of its
article where it has one. A question comes as a group: a window of sentences that holds the answer, and chunks
that do not: others of the same passage, and those of other texts that the product's own search ranks high.
Some questions and passages have their words put into the other language, word by word, since few English
questions about Indonesian text are to be had.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tqdm import tqdm

from lab.data import Question
from lab.reader.translation import Table, Translation
from lab.retrieval import Exact
from rag.ingest import embedded_text
from rag.reading.reader import TITLE_TOKENS
from rag.search.embed import StaticEmbedder
from rag.search.fusion import Search
from rag.search.lexicon import Lexicon
from rag.store.lexical import Indexed, LexicalIndex
from rag.text import sentences
from rag.text.wordpiece import SEP, Pieces, WordPiece, words
from rag.types import Article, Language

QUESTION, CHUNK = 40, 128
"""The most tokens of a question, and of a chunk unless one sentence alone is longer (then 176)."""
LONGEST = 176
Span = tuple[int, int]
ENTITY = re.compile(r"\b(?:[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*|\d[\d.,]*\d|\d)\b")
"""Names, as runs of capitalised words, and numbers."""


@dataclass(frozen=True, slots=True)
class Text:
    """A passage's tokens, and its sentences as token ranges [first, past the last)."""

    text: str
    pieces: Pieces
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What one sequence is made of. `gold`: first and last answer token in `passage`, or None.

    `title`: the article's, with the `[SEP]` that ends it, or empty.
    """

    question: list[int]
    passage: list[int]
    gold: Span | None
    title: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Draw:
    """What an epoch is made of: wrong chunks a question, on average; the share of Indonesian and of English
    questions that are glossed in part; how often a source's questions come, where not once; the share of
    questions that come once more with another's name or number; how many cloze questions there are; and the
    share of titles that are shown."""

    negatives: float
    indonesian_mixed: float
    english_mixed: float
    shares: Mapping[str, float] = field(default_factory=dict)
    swapped: float = 0.0
    clozes: int = 0
    titled: float = 0.8


Group = list[Row]
"""A question's chunk with the answer, or with none, then chunks that do not answer it."""


def tokenised(text: str, pieces: WordPiece) -> Text:
    tokens = pieces.encode(text)
    found, place = [], 0
    for sentence in sentences.split(text):
        first = place
        while place < len(tokens.ids) and tokens.starts[place] < sentence.end:
            place += 1
        if place > first:
            found.append((first, place))
    return Text(text, tokens, tuple(found))


def chunks(text: Text, most: int = CHUNK) -> list[Span]:
    """Runs of whole sentences as ranges of sentences, each of at most `most` tokens where it can be."""
    found, first = list[Span](), 0
    for place, (_, end) in enumerate(text.sentences):
        if place > first and end - text.sentences[first][0] > most:
            found.append((first, place))
            first = place
    if text.sentences:
        found.append((first, len(text.sentences)))
    return found


def gloss(text: str, table: Table, pieces: WordPiece, chance: random.Random) -> Pieces:
    """The tokens of a text put into the other language word by word; places are those of the source."""
    made = Pieces([], [], [])
    for match in re.finditer(r"\S+", text):
        for letters, places in words(match.group()):
            entry = table.get(letters)
            other = letters
            if entry and chance.random() < 0.92:
                other = chance.choices([w for w, _ in entry], [p for _, p in entry])[0]
            for token, _, _ in pieces.word(other):
                made.ids.append(token)
                made.starts.append(match.start() + places[0])
                made.ends.append(match.start() + places[-1] + 1)
    return made


@dataclass(frozen=True, slots=True)
class Other:
    """A text that no question was asked of: for wrong chunks."""

    title: str | None
    text: str
    language: Language = "id"


class Groups:
    """All training groups; `epoch` draws their windows, negatives and mixed languages anew."""

    def __init__(
        self,
        rows: Sequence[Question],
        titles: Mapping[str, str],
        others: Sequence[Other],
        pieces: WordPiece,
        tables: Translation,
    ) -> None:
        """`titles`: of the passages that have one."""
        self.rows, self.titles, self.pieces, self.tables = rows, dict(titles), pieces, tables
        self.spoken = {row.context: row.context_language for row in rows}
        self.spoken |= {other.text: other.language for other in others}
        self.titles |= {other.text: other.title for other in others if other.title}
        self.texts = {context: tokenised(context, pieces) for context in self.spoken}
        self.pool: list[tuple[str, Span]] = []
        self.languages: list[Language] = []
        for context, text in self.texts.items():
            for span in chunks(text):
                self.pool.append((context, span))
                self.languages.append("en" if self.spoken[context] == "en" else "id")
        plain = [self._plain(*entry) for entry in self.pool]
        self.lowered = [text.lower() for text in plain]
        self.own: dict[str, list[int]] = defaultdict(list)
        for number, (context, _) in enumerate(self.pool):
            self.own[context].append(number)
        with tempfile.TemporaryDirectory() as folder:
            search = self._search(plain, Path(folder))
            self.hard = [self._hard(row, search) for row in tqdm(rows, "wrong chunks", mininterval=10)]
        self.names: dict[bool, list[str]] = {True: [], False: []}
        for row in rows:
            for match in ENTITY.finditer(row.question):
                if match.start():
                    self.names[match.group()[0].isdigit()].append(match.group())

    def _search(self, plain: Sequence[str], folder: Path) -> Search:
        """The product's own, over all chunks."""
        index, embedder = LexicalIndex(folder), StaticEmbedder()
        articles = [
            Article("", None, self.titles.get(context), None, self.languages[n], context)
            for n, (context, _) in enumerate(self.pool)
        ]
        entries = (Indexed.of(n, a.language, plain[n], a.title) for n, a in enumerate(articles))
        index.apply([], entries)
        vectors = embedder.passages([embedded_text(a, t) for a, t in zip(articles, plain, strict=True)])
        return Search(index, Exact(vectors), embedder, Lexicon.load(), lambda ks: {k: vectors[k] for k in ks})

    def _hard(self, row: Question, search: Search) -> list[int]:
        """Chunks of other texts that search ranks high and that do not say the answer."""
        hits = search.search(row.question, "en" if row.question_language == "en" else "id", 24)
        answer = (row.answer or "").lower()
        free = [hit.key for hit in hits if self.pool[hit.key][0] != row.context]
        return [n for n in free if not answer or answer not in self.lowered[n]][:12]

    def _plain(self, context: str, span: Span) -> str:
        text = self.texts[context]
        first, last = text.sentences[span[0]][0], text.sentences[span[1] - 1][1] - 1
        return context[text.pieces.starts[first] : text.pieces.ends[last]]

    def _chunk(self, number: int) -> list[int]:
        context, (first, last) = self.pool[number]
        text = self.texts[context]
        return text.pieces.ids[text.sentences[first][0] : text.sentences[last - 1][1]][:LONGEST]

    def epoch(self, draw: Draw, chance: random.Random) -> list[Group]:
        """One group a question, or as many as `draw.shares` says."""
        drawn = []
        for number, row in enumerate(self.rows):
            share = draw.shares.get(row.source, 1.0)
            for _ in range(int(share) + (chance.random() < share % 1)):
                if group := self._group(row, self.hard[number], draw, chance):
                    drawn.append(group)
            if chance.random() < draw.swapped and (other := self.swapped(row, chance)):
                drawn.append(self._group(other, [], draw, chance))
        return drawn

    def swapped(self, row: Question, chance: random.Random) -> Question | None:
        """The question with another name or number in place of one that its passage has: no answer."""
        passage = row.context.lower()
        known = [m for m in ENTITY.finditer(row.question) if m.start() and m.group().lower() in passage]
        if row.answer is None or not known:
            return None
        old = chance.choice(known)
        for _ in range(4):
            new = chance.choice(self.names[old.group()[0].isdigit()])
            if new.lower() not in passage:
                text = row.question[: old.start()] + new + row.question[old.end() :]
                return replace(row, question=text, answer=None, start=None)
        return None

    def _group(self, row: Question, hard: Sequence[int], draw: Draw, chance: random.Random) -> Group:
        english = row.context_language == "en"
        text, switched = self.texts[row.context], False
        question = self.pieces.encode(row.question).ids
        other = self.tables.indonesian if english else self.tables.english
        # A question that was written in the other language needs no mixing.
        mixed = draw.english_mixed if english else draw.indonesian_mixed
        if row.question_language == row.context_language and chance.random() < mixed:
            if english and chance.random() < 0.8:
                # The question stays as people asked it; the passage becomes rough Indonesian.
                switched = True
            else:
                question = gloss(row.question, other, self.pieces, chance).ids
        question = question[:QUESTION]

        def passage(context: str, first: int, last: int) -> Pieces:
            source = self.texts[context]
            begin, end = source.sentences[first][0], source.sentences[last - 1][1]
            p = source.pieces
            if not switched or self.spoken[context] != "en":
                return Pieces(p.ids[begin:end], p.starts[begin:end], p.ends[begin:end])
            start = p.starts[begin]
            made = gloss(context[start : p.ends[end - 1]], other, self.pieces, chance)
            return Pieces(made.ids, [s + start for s in made.starts], [e + start for e in made.ends])

        def made(context: str, first: int, last: int) -> Row:
            title = self.titles.get(context)
            shown = title is not None and chance.random() < draw.titled
            ids = [*self.pieces.encode(title or "").ids[:TITLE_TOKENS], SEP] if shown else []
            return Row(question, passage(context, first, last).ids[:LONGEST], None, ids)

        group = []
        if row.answer is not None and row.start is not None:
            window = self._window(text, row.start, chance)
            if window is None:
                return []
            gold = passage(row.context, *window)
            end = row.start + len(row.answer)
            inside = [
                i
                for i, (s, e) in enumerate(zip(gold.starts, gold.ends, strict=True))
                if e > row.start and s < end
            ]
            if not inside or inside[-1] >= LONGEST:
                return []
            whole = made(row.context, *window)
            group.append(replace(whole, passage=gold.ids[:LONGEST], gold=(inside[0], inside[-1])))
            answer = row.answer.lower()
            same = [n for n in self.own[row.context] if answer not in self.lowered[n]]
        else:
            same = list(self.own[row.context])
            terms = set(question)
            close = max(same, key=lambda n: len(terms & set(self._chunk(n))) + 0.5 * chance.random())
            group.append(made(row.context, *self.pool[close][1]))
            same = []
        wanted = int(draw.negatives) + (chance.random() < draw.negatives % 1)
        # Without an answer in its own passage, a question may have one in another.
        near, far = list(same), list(hard) if row.answer is not None else []
        while len(group) <= wanted and (near or far):
            if near and (not far or chance.random() < 0.3):
                drawn = near.pop(chance.randrange(len(near)))
            else:
                drawn = far.pop(min(int(chance.expovariate(0.35)), len(far) - 1))
            context, span = self.pool[drawn]
            group.append(made(context, *span))
        return group

    def _window(self, text: Text, start: int, chance: random.Random) -> Span | None:
        """A run of sentences around the answer's, of a random size."""
        holder = next(
            (n for n, (_, end) in enumerate(text.sentences) if text.pieces.ends[end - 1] > start), None
        )
        if holder is None:
            return None
        first, last = holder, holder + 1
        most = chance.randint(40, CHUNK + 10)
        while True:
            sides = []
            begin, end = text.sentences[first][0], text.sentences[last - 1][1]
            if first > 0 and end - text.sentences[first - 1][0] <= most:
                sides.append(-1)
            if last < len(text.sentences) and text.sentences[last][1] - begin <= most:
                sides.append(1)
            if not sides:
                return first, last
            if chance.choice(sides) < 0:
                first -= 1
            else:
                last += 1


def batches(groups: list[Group], tokens: int, chance: random.Random) -> Iterator[list[Group]]:
    """Groups whose longest rows are of like length together, about `tokens` tokens in a batch."""

    def width(group: Group) -> int:
        return 3 + max(len(row.question) + len(row.title) + len(row.passage) for row in group)

    order = sorted(groups, key=lambda group: (width(group) // 6, chance.random()))
    found, batch, rows = [], list[Group](), 0
    for group in order:
        if batch and width(group) * (rows + len(group)) > tokens:
            found.append(batch)
            batch, rows = [], 0
        batch.append(group)
        rows += len(group)
    if batch:
        found.append(batch)
    chance.shuffle(found)
    yield from found
