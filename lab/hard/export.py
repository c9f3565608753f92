"""The heads into `reader.npz`: `python -m lab.hard.export CHECKPOINT … [--kept SHARE] [--folder FOLDER]`.

Of several checkpoints the mean is taken. Where they have layers that were trained with the heads,
`reader.gguf` is written as well, with a share of the weights from before, if wanted (see `lab.reader.mix`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lab.hard.train import Heads
from lab.reader.export import MODELS, export
from lab.reader.shipped import CHECKPOINT

FEATURES = 8
"""Of the model that makes a probability of the log-odds; the constant is last."""


def mean(paths: Sequence[Path], kept: float = 0.0) -> dict[str, Any]:
    """`{"reader", "heads"}`, the first only where the checkpoints have it; `kept`: how much of the reader's
    weights are those that ship."""
    every = [torch.load(path, weights_only=True) for path in paths]
    found = {
        part: {name: sum(each[part][name] for each in every) / len(every) for name in every[0][part]}
        for part in every[0]
    }
    if kept:
        before = torch.load(CHECKPOINT, weights_only=True)
        found["reader"] = {name: value.lerp(before[name], kept) for name, value in found["reader"].items()}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--kept", type=float, default=0.0)
    parser.add_argument("--folder", type=Path, default=MODELS)
    given = parser.parse_args()
    found = mean(given.checkpoints, given.kept)
    heads = Heads()
    heads.load_state_dict(found["heads"])
    path = given.folder / "reader.npz"
    if "reader" in found:
        part = given.checkpoints[0].with_suffix(".reader")
        torch.save(found["reader"], part)
        export(part, given.folder)
    with np.load(path) as arrays:
        head = {name: arrays[name] for name in arrays.files}
    # Until `lab.hard.calibrate` has fitted one: the log-odds as they are.
    rough = np.zeros(FEATURES)
    rough[0] = 1.0
    np.savez(path, **({"belonging_calibration": rough} | head | heads.arrays()))
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
