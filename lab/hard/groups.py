"""Questions that want whole answers, with what the product's search finds for them, as the reader sees it.

    python -m lab.hard.groups

Writes lists of `Group` into `lab/work/hard`: `train.pickle`, the question's own article and a few wrong
chunks, and `held.pickle`, about articles kept out of training, with the sixteen chunks that the product
would read."""

from __future__ import annotations

import pickle
import random
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from lab.data import WORK, news, whole
from lab.hard import written
from lab.hard.pool import pool, published
from lab.reader.written import article
from lab.retrieval import Exact
from rag.cutting.article import reading_window
from rag.cutting.chunks import chunk
from rag.ingest import embedded_text
from rag.reading.llama import TokenEncoder
from rag.reading.reader import PATH, QUESTION_TOKENS, TITLE_TOKENS, sentence_ranges
from rag.search.embed import StaticEmbedder
from rag.search.fusion import Search
from rag.search.lexicon import Lexicon
from rag.store.lexical import Indexed, LexicalIndex
from rag.text.sentences import split
from rag.text.wordpiece import CLS, PASSAGE_TOKENS, SEP, WordPiece
from rag.types import Article, Language, Passage

FOLDER = WORK / "hard"
Row = dict[str, Any]
READ = 16
OWN, WRONG = 3, 6
"""The most chunks of the question's own article, and of others, that a training group has."""
AGAIN = 0.5
"""The weight of a sentence that says again what another one said."""
OTHERS = 3_000
"""Articles that nothing was asked about, among which the wrong chunks are found too."""
ALIKE = 0.8
"""Of a sentence's words, how many a sentence of another article must share to count as the same."""


@dataclass(slots=True)
class Chunk:
    """One chunk as the network sees it.

    `offset`: the passage's first token; `ranges`: the sentences as token ranges of the passage; `numbers`:
    their places in the article; `labels`: 1 where the sentence belongs to the answer; `weights`: how much it
    counts; `span`: first and last token of the shortest answer in the passage; `share`: its retrieval score
    as a share of the best one's, 0 where it was not found.
    """

    ids: list[int]
    offset: int
    ranges: list[tuple[int, int]]
    numbers: list[int]
    labels: list[float]
    weights: list[float]
    span: tuple[int, int] | None
    own: bool
    share: float
    passage: Passage


@dataclass(slots=True)
class Group:
    """A question and its chunks; `gold`: how many sentences belong, wherever they are."""

    question: str
    kind: str
    language: Language
    answerable: bool
    sequences: list[Chunk]
    gold: int
    row: dict[str, Any] = field(default_factory=dict)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


class Pool:
    """Articles `(id, title, published, text)`, cut and indexed as the product does."""

    def __init__(
        self, articles: Iterable[tuple[str, str | None, str | None, str]], pieces: WordPiece
    ) -> None:
        self.pieces = pieces
        window = reading_window(pieces, 128)
        self.passages: list[Passage] = []
        self.own: dict[str, list[int]] = {}
        for name, title, date, text in articles:
            made = Article(name, None, title, date, "id", text)
            sentences = split(text, name, window.fits)
            for each in chunk(text, sentences, window.count, window.limit):
                self.own.setdefault(name, []).append(len(self.passages))
                inside = tuple(sentences[each.first_sentence : each.last_sentence + 1])
                self.passages.append(Passage(len(self.passages), made, inside, 0.0))
        embedder, self._folder = StaticEmbedder(), tempfile.TemporaryDirectory()
        vectors = embedder.passages([embedded_text(p.article, p.text) for p in self.passages])
        index = LexicalIndex(Path(self._folder.name))
        index.apply(
            [],
            (
                Indexed.of(p.key, p.article.language, p.text, p.article.title, p.article.published)
                for p in self.passages
            ),
        )
        self.search = Search(
            index, Exact(vectors), embedder, Lexicon.load(), lambda keys: {k: vectors[k] for k in keys}
        )

    def passage(self, key: int, score: float) -> Passage:
        """A chunk as retrieval hands it over."""
        return replace(self.passages[key], score=score)

    def found(self, question: str, language: Language, most: int = READ) -> list[tuple[int, float]]:
        """(chunk, retrieval score as a share of the best), best first."""
        hits = self.search.search(question, language, most)
        best = max((hit.score for hit in hits), default=0.0)
        return [(hit.key, hit.score / best if best > 0 else 1.0) for hit in hits]

    def sequence(self, asked: list[int], key: int, share: float, gold: dict[str, list[Any]]) -> Chunk:
        """`gold`: per article the marked places, as (start, end, weight, spans)."""
        passage = self.passages[key]
        title = self.pieces.encode(passage.article.title or "").ids[:TITLE_TOKENS]
        head = [CLS, *asked, SEP, *([*title, SEP] if title else [])]
        tokens = self.pieces.encode(passage.text)
        ranges = sentence_ranges(passage, tokens)
        labels, weights, span = [0.0] * len(ranges), [1.0] * len(ranges), None
        marked = gold.get(passage.article.id, [])
        for place, sentence in enumerate(passage.sentences):
            for start, end, weight, spans in marked:
                both = min(sentence.end, end) - max(sentence.start, start)
                if both > 0.5 * min(sentence.end - sentence.start, end - start):
                    labels[place], weights[place] = 1.0, weight
                    for first, last in spans if span is None else ():
                        if sentence.start <= first and last <= sentence.end:
                            begins = np.asarray(tokens.starts) + passage.start
                            ends = np.asarray(tokens.ends) + passage.start
                            inside = np.flatnonzero((ends > first) & (begins < last))
                            if len(inside) and inside[-1] < PASSAGE_TOKENS:
                                span = int(inside[0]), int(inside[-1])
        return Chunk(
            [*head, *tokens.ids[:PASSAGE_TOKENS], SEP],
            len(head),
            ranges,
            [sentence.index for sentence in passage.sentences],
            labels,
            weights,
            span,
            passage.article.id in gold,
            share,
            passage,
        )

    def copies(self, sequences: Sequence[Chunk], gold: dict[str, list[Any]]) -> None:
        """Marks sentences of other articles that say word for word what belongs."""
        texts = {p.article.id: p.article.text for p in self.passages if p.article.id in gold} if gold else {}
        wanted = [
            words(texts[name][s:e]) for name, marked in gold.items() for s, e, *_ in marked if name in texts
        ]
        for each in sequences:
            for place, sentence in enumerate(each.passage.sentences):
                if not each.labels[place]:
                    said = words(each.passage.article.text[sentence.start : sentence.end])
                    if any(len(said & x) >= ALIKE * max(len(said), len(x)) for x in wanted):
                        each.labels[place], each.weights[place] = 1.0, AGAIN


def training(row: dict[str, Any], found: Pool, chance: random.Random | None) -> Group:
    """`chance` None: everything that the product would read, and nothing else."""
    spans = [tuple(each) for each in row["spans"]]
    marked = [(*p, 1.0, spans) for p in row["sentences"]] + [(*p, AGAIN, spans) for p in row["again"]]
    gold = {row["id"]: marked}
    asked = found.pieces.encode(row["question"]).ids[:QUESTION_TOKENS]
    hits = found.found(row["question"], row["language"])
    if chance:
        shares = dict(hits)
        own = [(key, shares.get(key, 0.0)) for key in found.own[row["id"]]]
        made = [found.sequence(asked, *each, gold) for each in own]
        made.sort(key=lambda each: (-max(each.labels), -each.share))
        made = made[:OWN]
        others = [hit for hit in hits if found.passages[hit[0]].article.id != row["id"]]
        rest = others[WRONG - 2 :]
        drawn = others[: WRONG - 2] + chance.sample(rest, min(2, len(rest)))
        made += [found.sequence(asked, *each, gold) for each in drawn]
    else:
        made = [found.sequence(asked, *each, gold) for each in hits]
    if marked:
        found.copies([each for each in made if not each.own], gold)
    return Group(
        row["question"],
        row["kind"],
        row["language"],
        bool(row["sentences"]),
        made,
        len(row["sentences"]),
        row,
    )


def load(name: str) -> list[Group]:
    """`train` or `held`."""
    found: list[Group] = pickle.loads((FOLDER / f"{name}.pickle").read_bytes())
    return found


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    encoder = TokenEncoder(PATH)
    pieces = WordPiece(encoder.vocabulary())
    encoder.close()
    kept = {row["id"] for row in pool()}
    chance = random.Random(0)
    rows = written.stored()
    asked = {row["id"] for row in rows}
    every = [row for row in news() if row["text"] and row["id"] not in kept]
    others = [row for row in every if row["id"] not in asked]
    chance.shuffle(others)
    taken = [row for row in every if row["id"] in asked] + others[:OTHERS]
    found = Pool(
        (
            (str(row["id"]), row["title"], published(str(row["text"])), article(str(row["text"])))
            for row in taken
        ),
        pieces,
    )
    parts: dict[str, list[Group]] = {"train": [], "held": []}
    for row in tqdm(rows, "written", mininterval=5):
        out = written.held(row["id"])
        parts["held" if out else "train"].append(training(row, found, None if out else chance))
    for name, groups in parts.items():
        with whole(FOLDER / f"{name}.pickle") as part:
            part.write_bytes(pickle.dumps(groups))
        tokens = sum(len(each.ids) for group in groups for each in group.sequences)
        seqs = sum(len(group.sequences) for group in groups)
        print(f"{name}: {len(groups)} questions, {seqs} chunks, {tokens} tokens", flush=True)


if __name__ == "__main__":
    # What is pickled belongs to the module by its own name, not to `__main__`.
    import_module("lab.hard.groups").main()
