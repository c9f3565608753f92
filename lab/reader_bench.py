"""What reading costs beside llama.cpp itself: `python -m lab.reader_bench`, in the product's environment.

The same sixteen chunks and question, in turn: `Reader.read` as a user's question runs it, and the GGUF alone
on the same tokens in the same batches. The figure is the ratio within one run; times depend on the machine.
"""

from __future__ import annotations

import statistics
from itertools import islice
from math import inf
from time import perf_counter

from lab.data import wiki
from rag.cutting.chunks import chunk
from rag.reading.reader import FIRST, QUESTION_TOKENS, Reader
from rag.search.lexicon import Lexicon
from rag.text.encoding import encoding
from rag.text.sentences import split
from rag.text.wordpiece import CLS, PASSAGE_TOKENS, SEP
from rag.types import Article, Passage

ROUNDS = 40
QUESTION = "Kapan pesta olahraga itu diselenggarakan untuk pertama kali?"


def main() -> None:
    tokens, reader = encoding(), Reader(Lexicon.load())
    text = "\n".join(paragraph for _, paragraph in islice(wiki(), 60))
    sentences = split(text)
    chunks = chunk(text, sentences, lambda part: len(tokens.encode_ordinary(part)), 128)[:16]
    article = Article("a", None, None, None, "id", text)
    passages = [
        Passage(n, article, tuple(sentences[c.first_sentence : c.last_sentence + 1]), 1.0 / (n + 1))
        for n, c in enumerate(chunks)
    ]
    asked = reader.pieces.encode(QUESTION).ids[:QUESTION_TOKENS]
    sequences = [
        [CLS, *asked, SEP, *reader.pieces.encode(p.text).ids[:PASSAGE_TOKENS], SEP] for p in passages
    ]
    encoder = reader.encoder
    llama, batches = encoder._llama, []
    for part in [*encoder.batches(sequences[:FIRST]), *encoder.batches(sequences[FIRST:])]:
        batches.append(llama.llama_batch_init(encoder.TOKENS, 0, 1))
        encoder.fill(batches[-1], part)
    whole, alone = [], []
    for _ in range(ROUNDS):
        began = perf_counter()
        reader.read(QUESTION, "id", passages, inf)
        whole.append(perf_counter() - began)
        # The batches stand filled: this is llama.cpp and nothing else.
        began = perf_counter()
        for batch in batches:
            llama.llama_encode(encoder._context, batch)
            llama.llama_get_embeddings(encoder._context)
        alone.append(perf_counter() - began)
    total = sum(map(len, sequences))
    ratio = statistics.median(a / b for a, b in zip(whole, alone, strict=True))
    print(
        f"{len(passages)} passages, {total} tokens: reading {statistics.median(whole) * 1000:.0f} ms, "
        f"llama.cpp alone {statistics.median(alone) * 1000:.0f} ms, ratio {ratio:.3f} (median of pairs)"
    )


if __name__ == "__main__":
    main()
