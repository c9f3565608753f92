"""The teacher's vector of every text that the table learns from.

    python -m lab.vectors.targets FOLDER [MINUTES]     a stopped run goes on where it was

About 2,900 tokens a CPU second; a million tokens are enough.

`texts.pickle` holds the lists of texts, `NAME-0000.npy` and so on the vectors of a block of a list, float16.
No text is of an article that the hard questions are asked of, or of a passage of the dev and test parts.
"""

from __future__ import annotations

import gzip
import pickle
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lab import data
from lab.data import whole
from lab.hard import pool, written
from lab.lexicon import LEFT_OUT
from lab.reader import written as reader_written
from lab.vectors.e5 import E5, PASSAGE, QUERY
from rag.cutting.article import Window, reading_window
from rag.cutting.chunks import chunk
from rag.reading.llama import TokenEncoder
from rag.reading.reader import PATH as READER
from rag.text.sentences import split
from rag.text.wordpiece import WordPiece

BLOCK = 512
LIMIT = 128
"""Tokens of a chunk, as the product cuts them."""
SHARES = {
    "asked": 1.0, "hard": 1.0, "chunks": 1.0, "sentences": 0.6, "passages": 0.5, "english": 0.5,
    "indonesian": 0.5, "leads": 0.5,
}  # fmt: skip
"""How soon a list's blocks come beside those of the others."""
QUERIES = "asked", "hard", "english", "indonesian"
"""The lists that the teacher reads as questions, the others as passages."""
LEADS, SHORTEST = 40_000, 8
NOWORDS = Path(__file__).with_name("nowords.txt")
"""Questions to choose by that share no content word with their article: its id, a language, the question."""


def texts() -> dict[str, list[str]]:
    """Each list in an order of its own, so that any first part of it is a fair sample."""
    chance = random.Random(7)
    window, left_out = product_window(), without()
    articles = {name: each for name, each in written.bodies().items() if name not in left_out}
    found = {
        "hard": [row["question"] for row in written.stored() if row["id"] in articles],
        "chunks": [text for title, body in articles.values() for text in chunks(title, body, window)],
        "sentences": [body[each.start : each.end] for _, body in articles.values() for each in split(body)],
    }
    every, titles = reader_written.every()
    rows = [row for row in every if row.part == "train" and row.source != "squad_xling"]
    found["asked"] = [row.question for row in rows]
    contexts = dict.fromkeys(row.context for row in rows)
    found["passages"] = [
        f"{titles[context]}\n{context}" if context in titles else context for context in contexts
    ]
    pairs = [(en, id) for source, en, id in data.parallel() if not source.startswith(LEFT_OUT)]
    chance.shuffle(pairs)
    found["english"], found["indonesian"] = ([pair[side] for pair in pairs] for side in (0, 1))
    leads = [f"{title}\n{text}" for title, text in data.wiki() if len(text) >= 150]
    found["leads"] = chance.sample(leads, LEADS)
    for name, each in found.items():
        if name not in ("english", "indonesian"):
            unlike = list(dict.fromkeys(text.strip() for text in each if len(text.strip()) >= SHORTEST))
            chance.shuffle(unlike)
            found[name] = unlike
    return found


def without() -> set[str]:
    """The articles that nothing is learnt from."""
    asked = (line.split()[0] for line in NOWORDS.read_text(encoding="utf-8").splitlines())
    return {row["id"] for row in pool.pool()} | set(asked)


def product_window() -> Window:
    """For chunks as the product cuts them."""
    encoder = TokenEncoder(READER)
    window = reading_window(WordPiece(encoder.vocabulary()), LIMIT)
    encoder.close()
    return window


def chunks(title: str | None, body: str, window: Window) -> Iterator[str]:
    sentences = split(body, "", window.fits)
    for each in chunk(body, sentences, window.count, window.limit):
        stretch = body[sentences[each.first_sentence].start : sentences[each.last_sentence].end]
        yield f"{title}\n{stretch}" if title else stretch


def stored(folder: Path) -> dict[str, list[str]]:
    path = folder / "texts.pickle"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with whole(path) as part, gzip.open(part, "wb", 3) as stream:
            pickle.dump(texts(), stream)
    with gzip.open(path) as stream:
        found: dict[str, list[str]] = pickle.load(stream)
    return found


def made(folder: Path) -> dict[str, tuple[list[str], NDArray[np.float16]]]:
    """Each list's texts that have a vector yet, and the vectors."""
    found = {}
    for name, each in stored(folder).items():
        blocks, kept = [], list[str]()
        for start in range(0, len(each), BLOCK):
            path = folder / f"{name}-{start // BLOCK:04}.npy"
            if path.exists():
                blocks.append(np.load(path))
                kept += each[start : start + BLOCK]
        if blocks:
            found[name] = kept, np.concatenate(blocks)
    return found


def main() -> None:
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    minutes = float(sys.argv[2]) if len(sys.argv) > 2 else 1e9
    every = stored(folder)
    print({name: len(each) for name, each in every.items()}, flush=True)
    e5 = E5()
    lengths = {name: sum(map(len, each[:500])) / len(each[:500]) for name, each in every.items()}
    blocks = sorted(
        (start * lengths[name] / SHARES[name], name, start)
        for name, each in every.items()
        for start in range(0, len(each), BLOCK)
    )
    began, cpu, tokens = time.monotonic(), time.process_time(), 0
    for _, name, start in blocks:
        path = folder / f"{name}-{start // BLOCK:04}.npy"
        if path.exists():
            continue
        if time.monotonic() - began > 60 * minutes:
            break
        rows = e5.ids(every[name][start : start + BLOCK], QUERY if name in QUERIES else PASSAGE)
        vectors = e5.vectors(rows).astype(np.float16)
        with whole(path) as part, part.open("wb") as stream:
            np.save(stream, vectors)
        tokens += sum(map(len, rows))
        print(
            f"{path.name}: {tokens} tokens, {tokens / (time.monotonic() - began):.0f} a second, "
            f"{tokens / (time.process_time() - cpu):.0f} a CPU second", flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
