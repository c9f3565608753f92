"""The joint Indonesian and English vocabulary: pieces of both languages' text, then English words.

Digits are kept out of learning, so that numbers have one spelling in pieces: years and numbers of one
or two digits are tokens, longer ones are cut in pairs from the left.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lab.data import WORK, parallel, questions, wiki
from lab.reader.body import english_vocabulary
from rag.text.wordpiece import SPECIAL, words

LEARNED, SIZE = 33_000, 44_000
WIKI = 150_000
PATH = WORK / "reader" / "vocabulary.txt"


def corpus() -> Iterator[str]:
    """Training text only: passages and questions of the other parts stay out."""
    for _, english, indonesian in parallel():
        yield english
        yield indonesian
    seen = set()
    for row in questions():
        if row.part == "train":
            yield row.question
            if row.context not in seen:
                seen.add(row.context)
                yield row.context
    chance = random.Random(0)
    paragraphs = [text for _, text in wiki() if len(text) > 120]
    yield from chance.sample(paragraphs, WIKI)


def numbers() -> list[str]:
    """Every digit, pair of digits and year from 1000 to 2099, at a word's start; digits and pairs inside."""
    small = [f"{n}" for n in range(10)] + [f"{n:02d}" for n in range(100)]
    return small + [f"##{n}" for n in small] + [f"{n}" for n in range(1000, 2100)]


def learn() -> list[str]:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    counts: Counter[str] = Counter()
    blobs: Counter[str] = Counter()
    for text in corpus():
        blobs.update(text.split())
    for blob, count in blobs.items():
        for word, _ in words(blob):
            if not re.search(r"\d", word) and len(word) <= 30:
                counts[word] += count
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fixed = [*SPECIAL, *numbers()]
    trainer = trainers.WordPieceTrainer(
        vocab_size=LEARNED - len(fixed) + 1,
        limit_alphabet=600,
        special_tokens=["[UNK]"],
        continuing_subword_prefix="##",
    )
    # The trainer counts a word as often as it sees it; square roots would flatten names too much.
    tokenizer.train_from_iterator(
        (" ".join([word] * count) for word, count in counts.items() if count > 1), trainer=trainer
    )
    ranks = tokenizer.get_vocab()
    pieces = [token for token in sorted(ranks, key=ranks.__getitem__) if token != "[UNK]"]
    letters = [char for char in pieces if len(char) == 1]
    vocabulary = dict.fromkeys([*fixed, *letters, *(f"##{char}" for char in letters), *pieces])
    for word in english_vocabulary():
        if len(vocabulary) == SIZE:
            break
        if re.fullmatch(r"[a-z]{2,}", word):
            vocabulary[word] = None
    return list(vocabulary)


def load(path: Path = PATH) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")


def main() -> None:
    PATH.parent.mkdir(parents=True, exist_ok=True)
    vocabulary = learn()
    PATH.write_text("\n".join(vocabulary), encoding="utf-8")
    print(len(vocabulary), "tokens")


if __name__ == "__main__":
    main()
