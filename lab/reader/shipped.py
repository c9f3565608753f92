"""The reader that ships, as a checkpoint to go on from: `python -m lab.reader.shipped`.

Weights that were not kept exist in the repository as the GGUF alone; its matrices come back from Q8_0, with
errors far below what a training step changes. Writes the vocabulary too.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import torch

from lab.reader import encoder, vocabulary
from lab.reader.export import NAMES
from rag.reading.llama import TokenEncoder
from rag.reading.reader import PATH

CHECKPOINT = vocabulary.PATH.with_name("shipped.pt")


def state(path: Path = PATH) -> dict[str, torch.Tensor]:
    """The state of an `encoder.Reader`."""
    tensors = {
        each.name: torch.from_numpy(np.array(gguf.dequantize(each.data, each.tensor_type), np.float32))
        for each in gguf.GGUFReader(path).tensors
    }
    found = {
        "tokens.weight": tensors["token_embd.weight"],
        "positions.weight": tensors["position_embd.weight"],
        "norm.weight": tensors["token_embd_norm.weight"],
        "norm.bias": tensors["token_embd_norm.bias"],
    }
    for number in range(sum(name.endswith("attn_q.bias") for name in tensors)):
        for kind in ("weight", "bias"):
            for part, name in NAMES.items():
                found[f"layers.{number}.{part}.{kind}"] = tensors[f"blk.{number}.{name}.{kind}"]
            parts = [tensors[f"blk.{number}.attn_{letter}.{kind}"] for letter in "qkv"]
            found[f"layers.{number}.qkv.{kind}"] = torch.cat(parts)
    with np.load(path.with_suffix(".npz")) as head:
        weights = {"head.weight": torch.tensor(head["weight"]), "head.bias": torch.tensor(head["bias"])}
    return {f"encoder.{name}": value for name, value in found.items()} | weights


def main() -> None:
    vocabulary.PATH.parent.mkdir(parents=True, exist_ok=True)
    shipped = TokenEncoder(PATH)
    vocabulary.PATH.write_text("\n".join(shipped.vocabulary()), encoding="utf-8")
    shipped.close()
    torch.save(encoder.restored(state()).state_dict(), CHECKPOINT)
    print(CHECKPOINT)


if __name__ == "__main__":
    main()
