"""Another body for the reader: multilingual-e5-small under our own vocabulary.

    python -m lab.reader.transplant [--layers N]

Writes lab/work/reader/e5.pt, and finds the partner of each of the first 400 FLORES sentences, as a check.

The product's tokeniser and file format stay as they are. A token takes the vector of e5's piece with the
same letters, in small letters and capitals, weighted by how likely e5 finds each; a token that e5 has not
takes the mean of the pieces that e5 spells it with. Of e5's layers the lowest are kept. The file is a
checkpoint like any other: `lab.reader.accelerated` goes on from it.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from lab import data
from lab.hard.cache import padded
from lab.reader import encoder, vocabulary
from lab.vectors.e5 import E5, END, START, UNKNOWN
from rag.text.wordpiece import CLS, SEP, SPECIAL, WordPiece

PATH = vocabulary.PATH.with_name("e5.pt")
LAYERS = 9
QUERY = "query: "
PARTS = {"out": "ao", "up": "fi", "down": "fo", "out_norm": "aln", "down_norm": "oln"}
"""Our names of a layer's parts, and those of `lab.vectors.e5`."""


class Table:
    """Our tokens' vectors, from those of e5's pieces."""

    def __init__(self, e5: E5) -> None:
        self.e5 = e5
        self.ids: dict[str, int] = e5.tokenizer.get_vocab()
        stored = e5.tokenizer.to_str()
        # The same model without a sign before each word, for what continues one.
        self.inside = Tokenizer.from_str(stored)
        self.inside.pre_tokenizer = None
        self.scores = [score for _, score in json.loads(stored)["model"]["vocab"]]

    def vector(self, token: str) -> tuple[Tensor, bool]:
        """A token's vector, and whether e5 has a piece with its letters."""
        letters, inside = token.removeprefix("##"), token.startswith("##")
        cases = dict.fromkeys([letters, letters.capitalize(), letters.upper()])
        if letters.isalnum():
            names = [each if inside else f"▁{each}" for each in cases]
        else:
            names = [letters, f"▁{letters}"]
        found = [self.ids[name] for name in names if self.ids.get(name, UNKNOWN) != UNKNOWN]
        if found:
            weights = torch.tensor([math.exp(self.scores[place]) for place in found])
            return (self.e5.words[found] * (weights / weights.sum())[:, None]).sum(0), True
        cut = (self.inside if inside else self.e5.tokenizer).encode(letters, add_special_tokens=False).ids
        known = [place for place in cut if place != UNKNOWN] or [UNKNOWN]
        return self.e5.words[known].mean(0), False


def transplanted(words: Sequence[str], layers: int) -> tuple[dict[str, Tensor], int]:
    """The state of an `encoder.Reader` whose head is fresh, and how many tokens e5 has a piece for."""
    e5 = E5()
    table = Table(e5)
    reader = encoder.Reader(len(words), layers)
    special = {CLS: START, SEP: END}
    rows, known = [], 0
    for place, token in enumerate(words):
        if token in SPECIAL:
            rows.append(e5.words[special.get(place, UNKNOWN)])
            continue
        vector, there = table.vector(token)
        rows.append(vector)
        known += there
    state = reader.state_dict() | {
        "encoder.tokens.weight": torch.stack(rows),
        "encoder.positions.weight": e5.places.clone(),
        "encoder.norm.weight": e5.norm[0],
        "encoder.norm.bias": e5.norm[1],
    }
    for number in range(layers):
        layer = e5.layers[number]
        for kind, short in (("weight", "w"), ("bias", "b")):
            state[f"encoder.layers.{number}.qkv.{kind}"] = layer[f"qkv.{short}"].float()
            for ours, theirs in PARTS.items():
                state[f"encoder.layers.{number}.{ours}.{kind}"] = layer[f"{theirs}.{short}"].float()
    return state, known


@torch.no_grad()  # type: ignore[untyped-decorator]
def partners(state: dict[str, Tensor], pieces: WordPiece, count: int = 400) -> tuple[float, float]:
    """Of FLORES pairs, how many find their translation first, both ways."""
    body = encoder.restored(state).encoder.eval()
    pairs = [pair for pair in data.parallel("parallel_en_id_dev") if pair[0].startswith("flores")][:count]
    sides = []
    for side in (1, 2):
        ids = [[CLS, *pieces.encode(QUERY + pair[side]).ids[:200], SEP] for pair in pairs]
        sides.append(torch.cat([body.pooled(padded(ids[n : n + 8])) for n in range(0, count, 8)]).numpy())
    scores, own = sides[0] @ sides[1].T, np.arange(count)
    return float((scores.argmax(1) == own).mean()), float((scores.argmax(0) == own).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--layers", type=int, default=LAYERS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    words = vocabulary.load()
    state, known = transplanted(words, given.layers)
    torch.save(state, PATH)
    whole, _ = transplanted(words, 12)
    there, back = partners(whole, WordPiece(words))
    print(f"{PATH}: {known} of {len(words)} tokens as e5 has them; with 12 layers {there:.4f}, {back:.4f}")


if __name__ == "__main__":
    main()
