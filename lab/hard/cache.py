"""What the reader's frozen layers make of every input, kept, so that training need not make it again.

    python -m lab.hard.cache FOLDER [lower]     several processes may run at once; a stopped run goes on

Reads the lists of `Item` in the folder (`NAME.items`) and writes blocks of them, `NAME-0000.pt` and so on:
`lower`, what the first `FROZEN` layers give for every token, as bfloat16; and, without `lower` on the command
line, of the whole network as it ships: `cls`, `asked` (the mean of the question's tokens), `means` (of each
range's tokens) and `scores` (start and end of each token).
"""

from __future__ import annotations

import os
import pickle
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from lab.data import whole
from lab.reader import encoder
from lab.reader.encoder import Rows
from lab.reader.shipped import CHECKPOINT

FROZEN = 4
BLOCK = 128
TOKENS = 1024
"""Of a batch: larger ones fall out of the processor's caches."""
WEIGHTS = {"held": 100.0, "check": 100.0, "train": 1.0, "nli": 0.15, "old": 0.15}
"""How soon the blocks of a list come, beside those of the others."""


@dataclass(slots=True)
class Item:
    """One sequence: `first`: the first `[SEP]`, which ends the question; `ranges`: sentences, as tokens of
    the whole sequence."""

    ids: list[int]
    first: int
    ranges: list[tuple[int, int]]


@dataclass(slots=True)
class Old:
    """A question of one fact: each chunk's span in the whole sequence, the first answers where any does."""

    source: str
    spans: list[tuple[int, int] | None]
    answerable: bool


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    found = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
    for place, row in enumerate(rows):
        found[place, : len(row)] = torch.tensor(row)
    return found


def batches(lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Places of sequences of like length."""
    found, batch = [], list[int]()
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[place] > tokens:
            found.append(batch)
            batch = []
        batch.append(place)
    return [*found, batch] if batch else found


def halved(reader: encoder.Reader) -> encoder.Reader:
    """The matrices as bfloat16, once: autocast would make them anew for each batch."""
    for layer in reader.encoder.layers:
        for part in (layer.qkv, layer.out, layer.up, layer.down):
            part.bfloat16()
    return reader


@torch.no_grad()
def every_layer(reader: encoder.Reader, ids: Tensor) -> list[Tensor]:
    """What each layer of a `halved` reader gives, (tokens, 384), float32."""
    rows, body = Rows(ids), reader.encoder
    x = body.norm(body.tokens(rows.ids) + body.positions(rows.columns))
    found = []
    for layer in body.layers:
        parts = (
            rows.padded(layer.qkv(x.bfloat16())).unflatten(2, (3, encoder.HEADS, -1)).permute(2, 0, 3, 1, 4)
        )
        seen = functional.scaled_dot_product_attention(*parts, attn_mask=rows.mask)
        x = layer.out_norm(x + layer.out(rows.flat(seen.transpose(1, 2).flatten(2))))
        inner = functional.gelu(layer.up(x.bfloat16()), approximate="tanh")
        x = layer.down_norm(x + layer.down(inner))
        found.append(x)
    return found


def lower_block(reader: encoder.Reader, items: Sequence[Item]) -> dict[str, Any]:
    """`lower` and `lengths` only; `reader` has no more layers than the frozen ones."""
    lower: list[Any] = [None] * len(items)
    for places in batches([len(each.ids) for each in items], TOKENS):
        lengths = [len(items[place].ids) for place in places]
        found = every_layer(reader, padded([items[place].ids for place in places]))[-1].split(lengths)
        for place, low in zip(places, found, strict=True):
            lower[place] = low.to(torch.bfloat16)
    return {"lower": torch.cat(lower), "lengths": torch.tensor([len(each.ids) for each in items])}


def block(reader: encoder.Reader, items: Sequence[Item]) -> dict[str, Any]:
    lower: list[Any] = [None] * len(items)
    upper: list[Any] = [None] * len(items)
    for places in batches([len(each.ids) for each in items], TOKENS):
        ids = padded([items[place].ids for place in places])
        every = every_layer(reader, ids)
        lengths = [len(items[place].ids) for place in places]
        for place, low, high in zip(
            places, every[FROZEN - 1].split(lengths), every[-1].split(lengths), strict=True
        ):
            lower[place], upper[place] = low.to(torch.bfloat16), high.float()
    with torch.no_grad():
        scores = [reader.head(each) for each in upper]
    return {
        "lower": torch.cat(lower),
        "lengths": torch.tensor([len(each.ids) for each in items]),
        "cls": torch.stack([each[0] for each in upper]).half(),
        "asked": torch.stack([u[1 : i.first].mean(0) for u, i in zip(upper, items, strict=True)]).half(),
        "means": torch.stack(
            [
                u[b:e].mean(0) if e > b else torch.zeros_like(u[0])
                for u, i in zip(upper, items, strict=True)
                for b, e in i.ranges
            ]
        ).half(),
        "scores": torch.cat(scores),
    }


def main() -> None:
    torch.set_num_threads(1)
    folder, made = Path(sys.argv[1]), block
    reader = halved(encoder.restored(torch.load(CHECKPOINT, weights_only=True)).eval())
    if sys.argv[2:] == ["lower"]:
        made, reader.encoder.layers = lower_block, reader.encoder.layers[:FROZEN]
    began, tokens = time.monotonic(), 0
    lists = {name: pickle.loads((folder / f"{name}.items").read_bytes()) for name in WEIGHTS}
    blocks = [
        (n // BLOCK / WEIGHTS[name], name, n)
        for name, each in lists.items()
        for n in range(0, len(each), BLOCK)
    ]
    for _, name, start in sorted(blocks):
        path = folder / f"{name}-{start // BLOCK:04}.pt"
        try:
            os.close(os.open(path.with_suffix(".taken"), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        found = made(reader, lists[name][start : start + BLOCK])
        with whole(path) as part:
            torch.save(found, part)
        tokens += len(found["lower"])
        print(f"{path.name}: {tokens / (time.monotonic() - began):.0f} tokens a second", flush=True)


if __name__ == "__main__":
    main()
