"""Endless articles to fill a store with: words of the shipped encoding, as frequent as in news.

They mean nothing, but their words are as rare and as common as real ones (Zipf, 1935), on which an index's
speed depends.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rag.text.encoding import encoding


def articles(first: int) -> Iterator[dict[str, str]]:
    """Articles as JSON lines have them, the same for the same number, from `first` on."""
    words = _words()
    ranks = np.arange(1, len(words) + 1)
    # The commonest words of any language are rarer than a plain 1/rank says (Mandelbrot, 1953).
    chances = 1 / (ranks + 2.7)
    chances /= chances.sum()
    number = first
    while True:
        random = np.random.default_rng(number)
        sentences = []
        for length in random.integers(8, 23, size=random.integers(6, 15)):
            drawn = random.choice(len(words), size=length, p=chances)
            sentences.append(" ".join(words[place] for place in drawn).capitalize() + ".")
        yield {
            "id": f"made-{number}",
            "title": " ".join(sentences[0].rstrip(".").split()[:6]),
            "text": " ".join(sentences),
        }
        number += 1


def _words() -> list[str]:
    """The encoding's whole words, which it lists by how common they are."""
    tokens = encoding()
    texts = (tokens.decode_single_token_bytes(id).decode("utf-8", "replace") for id in range(tokens.n_vocab))
    return [text[1:] for text in texts if text.startswith(" ") and len(text) > 3 and text[1:].isalpha()]
