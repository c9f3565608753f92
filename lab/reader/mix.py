"""Two readers' weights, mixed: `python -m lab.reader.mix BEFORE AFTER SHARE OUT`, SHARE of them the first's.

Between the weights before a round of training and those after it lie readers that keep more of what the
round before knew (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("share", type=float)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    before, after = (
        torch.load(path, map_location="cpu", weights_only=True) for path in (given.before, given.after)
    )
    torch.save({name: value.lerp(before[name], given.share) for name, value in after.items()}, given.out)


if __name__ == "__main__":
    main()
