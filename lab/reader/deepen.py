"""A reader with more layers than it was trained with: `python -m lab.reader.deepen BEFORE OUT`.

After every second layer comes a copy of it whose two outputs are zero, so that it gives back what it gets
and the reader answers as before; training goes on from there (Wu et al. 2024, "LLaMA Pro: Progressive LLaMA
with Block Expansion"). A BERT layer ends each half in a norm, which would scale what it is given: its weights
are fitted, on passages that are trained on, to undo that.
"""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from lab.reader import encoder, train
from lab.reader.examples import Row

EVERY = 2
"""After so many layers comes a new one."""
ROWS = 300
PARTS = ("qkv", "out", "out_norm", "up", "down", "down_norm")
KINDS = ("weight", "bias")


def undone(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Weight and bias with which a norm gives back `x` (tokens, width), as near as may be; what it gives."""
    plain = functional.layer_norm(x, x.shape[1:], eps=encoder.EPSILON)
    apart = plain - plain.mean(0)
    weight = (apart * (x - x.mean(0))).sum(0) / (apart * apart).sum(0)
    bias = x.mean(0) - weight * plain.mean(0)
    return weight, bias, weight * plain + bias


def deepened(state: dict[str, Tensor], ids: Tensor) -> dict[str, Tensor]:
    """A reader's state with half as many layers more; `ids` (rows, length) are what it is fitted on."""
    reader = encoder.restored(state).eval()
    with torch.no_grad():
        given = reader.encoder.every_layer(encoder.Rows(ids))
    found = {name: value for name, value in state.items() if ".layers." not in name}
    place = 0
    for old in range(len(given)):
        for fresh in (False, True) if (old + 1) % EVERY == 0 else (False,):
            for part in PARTS:
                for kind in KINDS:
                    value = state[f"encoder.layers.{old}.{part}.{kind}"]
                    silent = fresh and part in ("out", "down")
                    found[f"encoder.layers.{place}.{part}.{kind}"] = value * 0 if silent else value.clone()
            if fresh:
                x = given[old]
                for norm in ("out_norm", "down_norm"):
                    weight, bias, x = undone(x)
                    found[f"encoder.layers.{place}.{norm}.weight"] = weight
                    found[f"encoder.layers.{place}.{norm}.bias"] = bias
            place += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    packed = pickle.loads(train.epoch_path(0).read_bytes())
    rows = [Row(*row) for group in packed[:ROWS] for row in group][:ROWS]
    ids, _ = train.sequences(rows, torch.device("cpu"))
    before = torch.load(given.before, map_location="cpu", weights_only=True)
    after = deepened(before, ids)
    with torch.no_grad():
        old, new = (encoder.restored(state).eval()(ids)[ids != 0] for state in (before, after))
    print(
        f"{encoder.layers(before)} layers -> {encoder.layers(after)}; scores spread {old.std():.2f}, ", end=""
    )
    print(f"and are {(old - new).abs().mean():.2f} apart")
    torch.save(after, given.out)


if __name__ == "__main__":
    main()
