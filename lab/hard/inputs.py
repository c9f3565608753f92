"""What is learnt from: `python -m lab.hard.inputs FOLDER` writes the lists that `lab.hard.cache` reads."""

from __future__ import annotations

import pickle
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lab.data import whole
from lab.hard import groups, statements
from lab.hard.cache import Item, Old
from lab.hard.groups import Chunk
from lab.hard.statements import Pair
from lab.reader import written as reader_written
from rag.cutting.article import reading_window
from rag.cutting.chunks import chunk
from rag.reading.heads import Entailment, Network
from rag.reading.llama import TokenEncoder
from rag.reading.reader import FIRST, PATH, QUESTION_TOKENS, TITLE_TOKENS
from rag.text.sentences import split
from rag.text.wordpiece import CLS, PASSAGE_TOKENS, SEP, WordPiece

OLDER = 5_000
HELD = 128
"""Groups of the articles kept out that training is checked on."""


def item(chunk: Chunk) -> Item:
    ranges = [(chunk.offset + first, chunk.offset + last) for first, last in chunk.ranges]
    return Item(chunk.ids, chunk.ids.index(SEP), ranges)


def statement(pair: Pair, judge: Entailment) -> Item:
    """`[CLS] statement [SEP] title [SEP] sentences [SEP]`; `ranges`: the statement and the sentences."""
    ids, offset = judge.ids(pair.said, pair.title, pair.read)
    first = ids.index(SEP)
    return Item(ids, first, [(1, first), (offset, len(ids) - 1)])


def older(pieces: WordPiece) -> tuple[list[Item], list[Old]]:
    """Questions of one fact from the train part: the chunk that answers and one that does not."""
    every, titles = reader_written.every()
    rows = [row for row in every if row.part == "train"]
    chance, window = random.Random(2), reading_window(pieces, 128)
    chance.shuffle(rows)
    items, meta = list[Item](), list[Old]()
    spare: list[Item] = []
    for row in rows[:OLDER]:
        asked, title = pieces.encode(row.question).ids[:QUESTION_TOKENS], titles.get(row.context)
        named = [*pieces.encode(title).ids[:TITLE_TOKENS], SEP] if title else []
        head = [CLS, *asked, SEP, *named]
        sentences = split(row.context, "", window.fits)
        drawn = list[tuple[Item, tuple[int, int] | None]]()
        for each in chunk(row.context, sentences, window.count, window.limit):
            start, end = sentences[each.first_sentence].start, sentences[each.last_sentence].end
            tokens = pieces.encode(row.context[start:end])
            span = None
            if row.answer is not None and row.start is not None:
                first, last = row.start - start, row.start + len(row.answer) - start
                inside = [
                    n
                    for n, (s, e) in enumerate(zip(tokens.starts, tokens.ends, strict=True))
                    if e > first and s < last and n < PASSAGE_TOKENS
                ]
                if inside and 0 <= first < end - start:
                    span = inside[0] + len(head), inside[-1] + len(head)
            ids = [*head, *tokens.ids[:PASSAGE_TOKENS], SEP]
            drawn.append((Item(ids, ids.index(SEP), [(len(head), len(ids) - 1)]), span))
        gold = [each for each in drawn if each[1]]
        if row.answer is not None and not gold:
            continue
        wrong = [each for each in drawn if not each[1]]
        chance.shuffle(wrong)
        chosen = gold[:1] + wrong[:1]
        if not wrong and spare:
            other = spare[0]
            ids = [CLS, *asked, SEP, *other.ids[other.first + 1 :]]
            begin = other.ranges[0][0] - other.first + len(asked) + 1
            chosen.append((Item(ids, len(asked) + 1, [(begin, len(ids) - 1)]), None))
        spare = [chosen[0][0]]
        meta.append(Old(row.source, [span for _, span in chosen], row.answer is not None))
        items += [each for each, _ in chosen]
    return items, meta


def write(path: Path, items: Sequence[Item], meta: Any) -> None:
    with whole(path.with_suffix(".meta")) as part:
        part.write_bytes(pickle.dumps(meta))
    with whole(path.with_suffix(".items")) as part:
        part.write_bytes(pickle.dumps(list(items)))
    print(path.name, len(items), "sequences,", sum(len(each.ids) for each in items), "tokens", flush=True)


def main() -> None:
    folder = Path(sys.argv[1])
    encoder = TokenEncoder(PATH)
    pieces = WordPiece(encoder.vocabulary())
    nothing = np.zeros((0, 0), np.float32)
    judge = Entailment(Network(nothing, nothing, nothing, nothing), pieces)
    encoder.close()
    for name, pairs in (
        ("check", statements.checks(random.Random(3))),
        ("nli", statements.training(random.Random(4))),
    ):
        write(folder / name, [statement(pair, judge) for pair in pairs], pairs)
    write(folder / "old", *older(pieces))
    for name in "train", "held":
        found = groups.load(name)
        if name == "train":
            random.Random(1).shuffle(found)
        else:
            random.Random(1).shuffle(found)
            found = found[:HELD]
            for group in found:
                group.sequences = group.sequences[:FIRST]
        write(folder / name, [item(each) for group in found for each in group.sequences], found)


if __name__ == "__main__":
    main()
