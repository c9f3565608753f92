"""Texts and questions as arrays, for `lab.reader.accelerated`: `python -m lab.reader.arrays`, on any machine.

Into `lab/work/reader/arrays`: three streams of tokens for masked language modelling, each a run of documents
with their lengths (`text.npz` Wikipedia leads, news and passages, `pairs.npz` sentences beside their
translations, `english.npz` passages), the epochs of questions, each sequence stored once, and the vocabulary.
What shares a run of words with a passage of the dev or test part is left out of the text.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from lab.data import news, parallel, whole, wiki
from lab.reader import cloze, examples, train, translation, vocabulary, written
from lab.reader.accelerated import FOLDER
from lab.reader.examples import Draw, Group
from lab.retrieval import shingles
from rag.text.wordpiece import SEP, WordPiece

EPOCHS = 6
DRAWN = Draw(5.0, 0.3, 0.5, train.SHARES, swapped=0.15, clozes=3_000)
TITLE, SENTENCE = 24, 120
"""The most tokens of a title, and of a sentence of a pair."""
NEWS, PASSAGES, ENGLISH = 2, 2, 3
"""How often news, Indonesian and English passages come, beside Wikipedia once."""
KNOWN = 2_000_000

Tokens = NDArray[np.uint16]


class Words:
    """WordPiece over much text: what stands between white space is cut once."""

    def __init__(self, pieces: WordPiece) -> None:
        self.pieces = pieces
        self.known: dict[str, tuple[int, ...]] = {}

    def __call__(self, text: str) -> list[int]:
        found = list[int]()
        for blob in text.split():
            ids = self.known.get(blob)
            if ids is None:
                ids = tuple(self.pieces.encode(blob).ids)
                if len(self.known) < KNOWN:
                    self.known[blob] = ids
            found.extend(ids)
        return found

    def document(self, text: str, title: str | None = None) -> Tokens:
        """`title [SEP] text [SEP]`, or without the first two."""
        head = [*self(title)[:TITLE], SEP] if title else []
        return np.array([*head, *self(text), SEP], np.uint16)


def stream(documents: Sequence[Tokens], path: Path, chance: np.random.Generator) -> None:
    order = [documents[place] for place in chance.permutation(len(documents))]
    with whole(path) as part, part.open("wb") as file:
        np.savez(file, tokens=np.concatenate(order), lengths=np.array([len(each) for each in order]))
    print(path.name, len(order), "documents,", sum(map(len, order)), "tokens", flush=True)


def texts(words: Words, chance: np.random.Generator) -> None:
    asked, _ = written.every()
    held = set[tuple[str, ...]]()
    for context in {row.context for row in asked if row.part != "train"}:
        held |= shingles(context)

    def free(rows: Iterator[tuple[str | None, str]], name: str) -> Iterator[Tokens]:
        for title, text in tqdm(rows, name, mininterval=10):
            if not shingles(text) & held:
                yield words.document(text, title)

    bodies = ((row["title"], written.article(str(row["text"]))) for row in news() if row["text"])
    passages = sorted({(row.context, row.context_language) for row in asked if row.part == "train"})
    own, english = ([words.document(c) for c, spoken in passages if spoken == name] for name in ("id", "en"))
    every = [*free(wiki(), "Wikipedia"), *NEWS * list(free(bodies, "news")), *PASSAGES * own]
    stream(every, FOLDER / "text.npz", chance)
    stream(ENGLISH * english, FOLDER / "english.npz", chance)
    pairs = []
    for _, *sides in parallel():
        chance.shuffle(sides)
        pairs.append(np.array([t for side in sides for t in (*words(side)[:SENTENCE], SEP)], np.uint16))
    stream(pairs, FOLDER / "pairs.npz", chance)


def epoch(groups: Sequence[Group], path: Path) -> None:
    """Rows are (question, title, passage, first and last gold token or -1), the first three as numbers of
    sequences; `sizes`: of the groups; `data` and `lengths`: the sequences, each once."""
    table: dict[bytes, int] = {}
    rows = [
        (
            *(
                table.setdefault(np.array(part, np.uint16).tobytes(), len(table))
                for part in (row.question, row.title, row.passage)
            ),
            *(row.gold or (-1, -1)),
        )
        for group in groups
        for row in group
    ]
    arrays: dict[str, Any] = {
        "rows": np.array(rows, np.int32),
        "sizes": np.array([len(group) for group in groups], np.int32),
        "data": np.frombuffer(b"".join(table), np.uint16),
        "lengths": np.array([len(key) // 2 for key in table], np.int32),
    }
    with whole(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)
    print(path.name, len(groups), "questions,", len(rows), "rows", flush=True)


_made = list[tuple[examples.Groups, cloze.Clozes]]()
"""What the processes that draw epochs have from the one that forked them."""


def _draw(number: int) -> None:
    (groups, clozes), chance = _made[0], random.Random(9000 + number)
    drawn = groups.epoch(DRAWN, chance) + clozes.epoch(DRAWN.clozes, chance)
    chance.shuffle(drawn)
    epoch(drawn, FOLDER / f"epoch-{number}.npz")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "vocabulary.txt").write_text("\n".join(vocabulary.load()), encoding="utf-8")
    pieces = WordPiece(vocabulary.load())
    if not (FOLDER / "pairs.npz").exists():
        texts(Words(pieces), np.random.default_rng(0))
    missing = [number for number in range(EPOCHS) if not (FOLDER / f"epoch-{number}.npz").exists()]
    if missing:
        tables = translation.load()
        _made.append((examples.Groups(*train.texts(), pieces, tables), cloze.Clozes(pieces, tables)))
        with get_context("fork").Pool(2) as pool:
            pool.map(_draw, missing, chunksize=1)


if __name__ == "__main__":
    main()
