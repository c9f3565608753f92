"""What search finds for the hard questions: `python -m lab.hard.found [--half dev|test] [--table FILE]`.

Of each kind, the share of questions for which the first 6 and the first 16 chunks hold as many facts as a
complete answer needs, by the fused list and by vectors alone. A chunk holds a fact if one of the sentences
that state it lies in the chunk. Questions are searched as they are written, without a look at spelling.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lab.hard.pool import pool
from lab.hard.questions import Half, half, stored
from lab.reader.written import article
from lab.retrieval import Exact
from rag.cutting.article import reading_window
from rag.cutting.chunks import chunk
from rag.ingest import embedded_text
from rag.reading.llama import TokenEncoder
from rag.reading.reader import PATH as READER
from rag.search.embed import PATH, StaticEmbedder
from rag.search.fusion import DEPTH, Search
from rag.search.lexicon import Lexicon
from rag.store.lexical import Indexed, LexicalIndex
from rag.text.language import detect
from rag.text.sentences import split
from rag.text.wordpiece import WordPiece
from rag.types import Article, Vectors

FIRST = (6, 16)
"""Chunks that are read at first, and at most."""
CHUNK = 128


class Pool:
    """The chunks of the articles, and which of the questions' sentences lie in each."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        encoder = TokenEncoder(READER)
        window = reading_window(WordPiece(encoder.vocabulary()), CHUNK)
        encoder.close()
        self.texts: list[str] = []
        self.indexed: list[Indexed] = []
        self._letters: list[tuple[str, str]] = []
        self._raw = {str(row["id"]): str(row["text"]) for row in rows}
        for row in rows:
            text = article(row["text"])
            language = detect(text)
            kept = Article(row["id"], None, row["title"], row["published"], language, text)
            sentences = split(text, kept.id, window.fits)
            for each in chunk(text, sentences, window.count, window.limit):
                own = text[sentences[each.first_sentence].start : sentences[each.last_sentence].end]
                self.indexed.append(Indexed.of(len(self.texts), language, own, kept.title, kept.published))
                self.texts.append(embedded_text(kept, own))
                self._letters.append((kept.id, letters(own)))

    def holding(self, facts: Sequence[Sequence[tuple[str, int, int]]]) -> list[set[int]]:
        """The chunks that hold each fact."""
        found = []
        for fact in facts:
            wanted = [(name, letters(self._raw[name][start:end])) for name, start, end in fact]
            found.append(
                {
                    key
                    for key, (name, held) in enumerate(self._letters)
                    if any(name == other and sentence in held for other, sentence in wanted)
                }
            )
        return found


def letters(text: str) -> str:
    """Letters and digits, small: what does not change when an article is cleaned."""
    return "".join(char.lower() for char in text if char.isalnum())


def complete(keys: Sequence[int], holding: Sequence[set[int]], need: int) -> bool:
    """Whether these chunks hold as many facts as a complete answer needs."""
    return sum(bool(held.intersection(keys)) for held in holding) >= need


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--half", choices=("dev", "test"), default="dev")
    parser.add_argument("--table", type=Path, default=PATH)
    given = parser.parse_args()
    which: Half = given.half
    made = Pool(pool())
    embedder = StaticEmbedder(given.table)
    vectors = embedder.passages(made.texts).astype(np.float16).astype(np.float32)
    exact = Exact(vectors)

    def vectors_of(keys: Sequence[int]) -> dict[int, Vectors]:
        return {key: vectors[key] for key in keys}

    table = defaultdict[str, list[list[bool]]](list)
    with tempfile.TemporaryDirectory() as folder:
        index = LexicalIndex(Path(folder) / "lexical")
        index.apply([], made.indexed)
        search = Search(index, exact, embedder, Lexicon.load(), vectors_of)
        for row in half(stored(), which):
            if row["facts"]:
                holding = made.holding(row["facts"])
                fused = [hit.key for hit in search.search(row["question"], row["language"], DEPTH)]
                dense = [key for key, _ in exact.query(embedder.question(row["question"]), DEPTH)]
                found = [
                    complete(keys[:most], holding, row["need"]) for keys in (fused, dense) for most in FIRST
                ]
                for name in row["kind"], row["language"], "all":
                    table[name].append(found)
        index.close()
    print("| kind | n | fused, 6 | fused, 16 | vectors, 6 | vectors, 16 |\n|---|---|---|---|---|---|")
    for name, rows in table.items():
        print(f"| {name} | {len(rows)} | " + " | ".join(f"{x:.2f}" for x in np.mean(rows, 0)) + " |")


if __name__ == "__main__":
    main()
