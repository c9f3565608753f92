"""Which of Gemma's 262,144 tokens are kept: those that our two languages use.

    python -m lab.writer.cut GGUF OUT.json

Kept are the tokens that occur at least `LEAST` times in the articles, the leads and the parallel text, all
tokens that they are put together from, single bytes and characters, and what frames a chat. OUT lists their
numbers in the whole vocabulary; the place in the list is the new number.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import llama_cpp

from lab.data import news, parallel, whole, wiki
from lab.writer.model import vocabulary

LEAST = 3
LEADS = 20_000
"""Leads of Wikipedia that are counted."""
FRAME = ("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>")
"""Tokens that are kept whatever is counted."""
_BYTE = 6
"""The type of a token that is a single byte."""


def texts() -> Iterator[str]:
    """What is counted."""
    for row in news():
        yield f"{row['title']}\n{row['text']}"
    for title, text in islice(wiki(), LEADS):
        yield f"{title}\n{text}"
    for one in parallel():
        yield "\n".join(one[1:])


def closed(kept: set[int], tokens: list[str], scores: list[float]) -> set[int]:
    """With all that these are put together from, merged by score as the tokeniser does it."""
    number = {token: place for place, token in enumerate(tokens)}
    found, waiting = set(kept), list(kept)
    while waiting:
        parts = list(tokens[waiting.pop()])
        while len(parts) > 1:
            pairs = [
                (scores[number[made]], -place)
                for place in range(len(parts) - 1)
                if (made := parts[place] + parts[place + 1]) in number
            ]
            if not pairs:
                break
            place = -max(pairs)[1]
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
            if number[parts[place]] not in found:
                found.add(number[parts[place]])
        found |= {number[part] for part in parts if part in number}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("gguf", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    model = llama_cpp.Llama(str(given.gguf), vocab_only=True, verbose=False)
    counted = Counter[int]()
    for text in texts():
        counted.update(model.tokenize(text.encode(), add_bos=False))
    own = vocabulary(given.gguf)
    kept = {token for token, count in counted.items() if count >= LEAST}
    kept |= {place for place, kind in enumerate(own.types) if kind == _BYTE}
    kept |= {place for place, token in enumerate(own.tokens) if token in FRAME}
    kept |= {place for place, token in enumerate(own.tokens) if len(token) == 1 and counted[place]}
    kept = closed(kept, own.tokens, own.scores)
    covered = sum(count for token, count in counted.items() if token in kept) / counted.total()
    print(f"{len(kept)} tokens kept, {covered:.4%} of {counted.total()} occurrences")
    with whole(given.out) as part:
        part.write_text(json.dumps(sorted(kept)), encoding="utf-8")


if __name__ == "__main__":
    main()
