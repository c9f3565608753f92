"""Questions and passages as the reader is trained on them.

A passage is cut into chunks of whole sentences, as retrieval hands them over. A question comes as a group:
a window of sentences that holds the answer, and chunks that do not: others of the same passage, and those
of other training passages that BM25 ranks high. Some questions and passages have their words put into the
other language, word by word, since there are no English questions about Indonesian text to train on.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lab.data import Question
from lab.reader.translation import Table, Translation
from rag import sentences
from rag.stems import stems
from rag.types import Language
from rag.wordpiece import Pieces, WordPiece, words

QUESTION, CHUNK = 40, 112
"""The most tokens of a question, and of a chunk unless one sentence alone is longer (then 160)."""
LONGEST = 160
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
    """What one sequence is made of. `gold`: first and last answer token in `passage`, or None."""

    question: list[int]
    passage: list[int]
    gold: Span | None


@dataclass(frozen=True, slots=True)
class Draw:
    """What an epoch is made of: wrong chunks a question, on average; the share of Indonesian and of English
    questions that are glossed in part; how often a source's questions come, where not once; the share of
    questions that come once more with another's name or number; and how many cloze questions there are."""

    negatives: float
    indonesian_mixed: float
    english_mixed: float
    shares: Mapping[str, float] = field(default_factory=dict)
    swapped: float = 0.0
    clozes: int = 0


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


class Ranking:
    """BM25 (Robertson and Zaragoza 2009) over texts in memory."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        """`texts`: the stems of each."""
        lists: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = []
        for number, text in enumerate(texts):
            terms = Counter(text)
            lengths.append(sum(terms.values()))
            for term, count in terms.items():
                lists[term].append((number, count))
        size = np.array(lengths, dtype=np.float64)
        norm = 0.9 * (0.6 + 0.4 * size / size.mean())
        self.size = len(texts)
        self.postings: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
        for term, entries in lists.items():
            places, counts = np.array(entries, dtype=np.int64).T
            weight = math.log(1 + (self.size - len(places) + 0.5) / (len(places) + 0.5))
            self.postings[term] = places, weight * counts * 1.9 / (counts + norm[places])

    def scores(self, weights: dict[str, float]) -> NDArray[np.float64]:
        """One score a text for weighted terms, higher is better."""
        total = np.zeros(self.size)
        for term, weight in weights.items():
            if term in self.postings:
                places, values = self.postings[term]
                total[places] += weight * values
        return total


class Groups:
    """All training groups; `epoch` draws their windows, negatives and mixed languages anew."""

    def __init__(self, rows: Sequence[Question], pieces: WordPiece, tables: Translation) -> None:
        self.rows, self.pieces, self.tables = rows, pieces, tables
        self.texts = {
            context: tokenised(context, pieces) for context in dict.fromkeys(r.context for r in rows)
        }
        self.pool: list[tuple[str, Span]] = []
        languages: list[Language] = []
        spoken = {row.context: row.context_language for row in rows}
        for context, text in self.texts.items():
            for span in chunks(text):
                self.pool.append((context, span))
                languages.append("en" if spoken[context] == "en" else "id")
        plain = [self._plain(*entry) for entry in self.pool]
        ranking = Ranking([stems(text, language) for text, language in zip(plain, languages, strict=True)])
        lowered = [text.lower() for text in plain]
        self.own: dict[str, list[int]] = defaultdict(list)
        for number, (context, _) in enumerate(self.pool):
            self.own[context].append(number)
        self.hard: list[list[int]] = []
        for row in rows:
            language: Language = "en" if row.question_language == "en" else "id"
            scores = ranking.scores(dict.fromkeys(stems(row.question, language), 1.0))
            best = np.argsort(-scores)[:24]
            answer = (row.answer or "").lower()
            free = [int(n) for n in best if self.pool[n][0] != row.context]
            self.hard.append([n for n in free if not answer or answer not in lowered[n]][:12])
        self.lowered = lowered
        self.names: dict[bool, list[str]] = {True: [], False: []}
        for row in rows:
            for match in ENTITY.finditer(row.question):
                if match.start():
                    self.names[match.group()[0].isdigit()].append(match.group())

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
        if chance.random() < (draw.english_mixed if english else draw.indonesian_mixed):
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
            if not switched:
                return Pieces(p.ids[begin:end], p.starts[begin:end], p.ends[begin:end])
            start = p.starts[begin]
            made = gloss(context[start : p.ends[end - 1]], other, self.pieces, chance)
            return Pieces(made.ids, [s + start for s in made.starts], [e + start for e in made.ends])

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
            group.append(Row(question, gold.ids[:LONGEST], (inside[0], inside[-1])))
            answer = row.answer.lower()
            same = [n for n in self.own[row.context] if answer not in self.lowered[n]]
        else:
            same = list(self.own[row.context])
            terms = set(question)
            close = max(same, key=lambda n: len(terms & set(self._chunk(n))) + 0.5 * chance.random())
            group.append(Row(question, passage(row.context, *self.pool[close][1]).ids[:LONGEST], None))
            same = []
        wanted = int(draw.negatives) + (chance.random() < draw.negatives % 1)
        for _ in range(wanted):
            if same and chance.random() < 0.4:
                drawn = chance.choice(same)
            elif row.answer is not None and hard:
                drawn = hard[min(int(chance.expovariate(0.35)), len(hard) - 1)]
            else:
                continue
            context, span = self.pool[drawn]
            group.append(Row(question, passage(context, *span).ids[:LONGEST], None))
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
        return 3 + max(len(row.question) + len(row.passage) for row in group)

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
