"""The heads into `reader.npz`: `python -m lab.hard.export CHECKPOINT [--folder FOLDER]`.

Where the checkpoint has layers that were trained with them, `reader.gguf` is written as well.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from lab.hard.train import Heads
from lab.reader.export import MODELS, export


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--folder", type=Path, default=MODELS)
    given = parser.parse_args()
    kept = torch.load(given.checkpoint)
    heads = Heads()
    heads.load_state_dict(kept["heads"])
    path = given.folder / "reader.npz"
    if "reader" in kept:
        part = given.checkpoint.with_suffix(".reader")
        torch.save(kept["reader"], part)
        export(part, given.folder)
    with np.load(path) as arrays:
        head = {name: arrays[name] for name in arrays.files}
    # Until `lab.hard.calibrate` has fitted one: the log-odds as they are.
    rough = np.zeros(8)
    rough[0] = 1.0
    np.savez(path, **({"belonging_calibration": rough} | head | heads.arrays()))
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
