"""The reader's encoder, mean-pooled, as the embedder beside the static one: `python -m lab.pooled GGUF...`

A smaller pool than `lab.retrieval`'s, since each passage costs a pass through the network: the Indonesian
passages of the dev and test questions. Accuracy of each list alone and of the fused one, chunks embedded a
second, and what one question costs; all in one run.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np

from lab import data
from lab.retrieval import Exact, asked, letters, ranks
from rag.reading.llama import TokenEncoder
from rag.search.embed import StaticEmbedder
from rag.search.fusion import Search
from rag.search.lexicon import Lexicon
from rag.store.lexical import Indexed, LexicalIndex
from rag.text.wordpiece import CLS, SEP, WordPiece
from rag.types import Embedder, Vectors

TOKENS = 300
MOST = 3_000


class Pooled:
    """The mean of the tokens' vectors, length 1."""

    def __init__(self, path: Path) -> None:
        self.id = path.stem
        self._encoder = TokenEncoder(path)
        self._pieces = WordPiece(self._encoder.vocabulary())
        self.dimensions = self._encoder.width

    def passages(self, texts: Sequence[str]) -> Vectors:
        rows = []
        for start in range(0, len(texts), 64):
            ids = [[CLS, *self._pieces.encode(t).ids[:TOKENS], SEP] for t in texts[start : start + 64]]
            rows += [vectors.mean(0) for vectors in self._encoder.encode(ids)]
        found = np.asarray(rows, np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    def question(self, text: str) -> Vectors:
        return np.asarray(self.passages([text])[0], np.float32)


def figures(name: str, found: Sequence[Sequence[int]], questions: Sequence[object]) -> str:
    places = ranks(found, questions)  # type: ignore[arg-type]
    shares = " ".join(f"R@{most} {np.mean(places <= most):.3f}" for most in (1, 5, 20))
    return f"{name:28} {shares} MRR {np.mean(1 / places):.3f} (n {len(places)})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gguf", type=Path, nargs="+")
    given = parser.parse_args()
    held = [q for q in data.questions() if q.part != "train" and q.context_language == "id"]
    texts = list({letters(q.context): q.context for q in held}.values())[:MOST]
    places = {letters(text): place for place, text in enumerate(texts)}
    held = [q for q in held if letters(q.context) in places]
    questions = [*asked(held, "dev", places), *asked(held, "test", places)]
    lexicon = Lexicon.load()
    embedders: list[Embedder] = [StaticEmbedder(), *(Pooled(path) for path in given.gguf)]
    with tempfile.TemporaryDirectory() as folder:
        lexical = LexicalIndex(Path(folder))
        lexical.apply([], [Indexed.of(place, "id", text) for place, text in enumerate(texts)])
        for embedder, label in zip(embedders, ["static", *map(str, given.gguf)], strict=True):
            began = perf_counter()
            vectors = embedder.passages(texts)
            rate = len(texts) / (perf_counter() - began)
            exact = Exact(vectors)
            search = Search(
                lexical, exact, embedder, lexicon, lambda keys, v=vectors: {k: v[k] for k in keys}
            )
            began = perf_counter()
            for each in questions[:200]:
                embedder.question(each.question)
            cost = (perf_counter() - began) / 200
            print(f"{label}: {rate:.0f} passages/s, {1000 * cost:.2f} ms a question, {len(texts)} passages")
            for language in ("id", "en"):
                some = [each for each in questions if each.language == language]
                dense = [[k for k, _ in exact.query(embedder.question(e.question), 200)] for e in some]
                print(figures(f"  {language} dense", dense, some))
                fused = [[hit.key for hit in search.search(e.question, e.language, 200)] for e in some]
                print(figures(f"  {language} fused", fused, some), flush=True)


if __name__ == "__main__":
    main()
