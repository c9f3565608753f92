"""Makes rag/models/encoding.tiktoken.gz: byte-level BPE over Indonesian and English.

    python -m lab.encoding

Byte-pair encoding: Sennrich et al. 2016; on bytes: Radford et al. 2019. The embedding reads lower-cased
text and everything else the text as it is, so each text is trained on once as it is and twice in lower case.
"""

from __future__ import annotations

import base64
import gzip
import random
import statistics
import time
from collections.abc import Iterator

import tiktoken
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from lab import data
from rag.text.encoding import NAME, PATH, PATTERN

SIZE = 32_000
WIKI = 60_000
"""Indonesian lead paragraphs: with them both languages weigh about the same."""


def texts() -> list[str]:
    """Both sides of the parallel text, the passages of the train part, a sample of Wikipedia."""
    contexts = {question.context for question in data.questions() if question.part == "train"}
    pairs = [side for _, english, indonesian in data.parallel() for side in (english, indonesian)]
    leads = [f"{title}. {text}" for title, text in data.wiki()]
    return [*sorted(contexts), *pairs, *random.Random(1).sample(leads, WIKI)]


def train(corpus: list[str]) -> dict[bytes, int]:
    """Token bytes to rank, the 256 single bytes first, then the merges in the order they were learnt."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(vocab_size=SIZE, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())

    def cased() -> Iterator[str]:
        for text in corpus:
            lower = text.lower()
            yield from (text, lower, lower)

    tokenizer.train_from_iterator(cased(), trainer, length=3 * len(corpus))
    value_of = byte_values()
    tokens = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    return {bytes(value_of[letter] for letter in token): rank for rank, (token, _) in enumerate(tokens)}


def byte_values() -> dict[str, int]:
    """The printable letter that stands for each byte in byte-level BPE files, back to the byte."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [value for value in range(256) if value not in set(printable)]
    return {chr(value): value for value in printable} | {
        chr(256 + place): value for place, value in enumerate(hidden)
    }


def report(encoding: tiktoken.Encoding) -> None:
    """Tokens a word on held-out sentences, as they are and in lower case; round trips; time."""
    held_out = [pair for pair in data.parallel("parallel_en_id_dev") if pair[0] == "flores_devtest"]
    for language, sentences in (
        ("en", [pair[1] for pair in held_out]),
        ("id", [pair[2] for pair in held_out]),
    ):
        for form in (sentences, [sentence.lower() for sentence in sentences]):
            ratios = [len(encoding.encode_ordinary(text)) / len(text.split()) for text in form]
            print(f"{language} tokens a word {statistics.mean(ratios):.3f}", end="  ")
        assert all(encoding.decode(encoding.encode_ordinary(text)) == text for text in sentences)
        print()
    everything = " ".join(pair[2] for pair in held_out)
    start = time.perf_counter()
    count = len(encoding.encode_ordinary(everything))
    print(f"{count / (time.perf_counter() - start) / 1e6:.2f} million tokens/s")


def main() -> None:
    start = time.perf_counter()
    corpus = texts()
    print(f"{len(corpus)} texts, {sum(map(len, corpus)) / 1e6:.1f} million characters")
    ranks = train(corpus)
    lines = b"".join(b"%s %d\n" % (base64.b64encode(token), rank) for token, rank in ranks.items())
    PATH.write_bytes(gzip.compress(lines, 9, mtime=0))
    print(f"{len(ranks)} tokens, {PATH.stat().st_size / 1e3:.0f} kB, {time.perf_counter() - start:.0f} s")
    report(tiktoken.Encoding(NAME, pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={}))


if __name__ == "__main__":
    main()
