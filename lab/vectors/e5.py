"""The teacher: multilingual-e5-small, as a plain BERT whose matrices are bfloat16.

    python -m lab.vectors.e5     finds the partner of each of the first 400 FLORES sentences, as a check

$KUTIP_E5 is the folder with `e5-small.npz` and `e5-small.vocab.json` (default: /tmp/weights). The tokens are
XLM-R's unigram pieces. A text's vector is the mean over its tokens, scaled to length 1.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from torch import Tensor
from torch.nn import functional

from lab import data
from lab.hard.cache import batches

FOLDER = Path(os.environ.get("KUTIP_E5", "/tmp/weights"))
LAYERS, WIDTH, HEADS, EPSILON = 12, 384, 12, 1e-12
START, PAD, END, UNKNOWN = 0, 1, 2, 3
LONGEST = 512
"""Tokens with `<s>` and `</s>`; the rest of a longer text is left out."""
TOKENS = 1_024
"""Of a batch: larger ones fall out of the processor's caches."""
QUERY, PASSAGE = "query: ", "passage: "


def tokenizer() -> Tokenizer:
    """XLM-R's: NFKC, runs of spaces made one, `▁` before each word."""
    stored = json.loads((FOLDER / "e5-small.vocab.json").read_text(encoding="utf-8"))
    found = Tokenizer(
        models.Unigram(list(zip(stored["pieces"], stored["scores"], strict=True)), unk_id=UNKNOWN)
    )
    found.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    found.pre_tokenizer = pre_tokenizers.Metaspace()
    return found


class E5:
    """The network. The token table and the normalisations stay float32."""

    def __init__(self) -> None:
        with np.load(FOLDER / "e5-small.npz") as arrays:
            stored = {name: torch.from_numpy(arrays[name].astype(np.float32)) for name in arrays.files}
        self.words = stored["emb.word"].reshape(-1, WIDTH)
        self.places = stored["emb.pos"].reshape(-1, WIDTH) + stored["emb.type"].reshape(-1, WIDTH)[0]
        self.norm = stored["emb.ln.w"], stored["emb.ln.b"]
        self.layers = [_layer(stored, number) for number in range(LAYERS)]
        self.tokenizer = tokenizer()

    def ids(self, texts: Sequence[str], prefix: str) -> list[list[int]]:
        """`<s> prefix text </s>`, cut to `LONGEST`."""
        found = self.tokenizer.encode_batch_fast([prefix + text for text in texts], add_special_tokens=False)
        return [[START, *each.ids[: LONGEST - 2], END] for each in found]

    @torch.no_grad()
    def vectors(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """(rows, 384), each of length 1."""
        made = np.zeros((len(rows), WIDTH), np.float32)
        for places in batches([len(row) for row in rows], TOKENS):
            made[places] = self._batch([rows[place] for place in places]).numpy()
        return made

    def _batch(self, rows: Sequence[Sequence[int]]) -> Tensor:
        count, length = len(rows), max(map(len, rows))
        ids = torch.full((count, length), PAD)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = torch.tensor(row)
        real = ids != PAD
        mask = None if bool(real.all()) else real[:, None, None, :]
        x = functional.layer_norm(self.words[ids] + self.places[:length], (WIDTH,), *self.norm, EPSILON)
        for layer in self.layers:
            small = x.bfloat16()
            parts = functional.linear(small, layer["qkv.w"], layer["qkv.b"])
            q, k, v = parts.view(count, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
            seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            mixed = functional.linear(seen.transpose(1, 2).flatten(2), layer["ao.w"], layer["ao.b"])
            x = functional.layer_norm(x + mixed, (WIDTH,), layer["aln.w"], layer["aln.b"], EPSILON)
            inner = functional.gelu(functional.linear(x.bfloat16(), layer["fi.w"], layer["fi.b"]))
            mixed = functional.linear(inner, layer["fo.w"], layer["fo.b"])
            x = functional.layer_norm(x + mixed, (WIDTH,), layer["oln.w"], layer["oln.b"], EPSILON)
        means = (x * real[:, :, None]).sum(1) / real.sum(1, keepdim=True)
        return functional.normalize(means, dim=1)


def _layer(stored: Mapping[str, Tensor], number: int) -> dict[str, Tensor]:
    def matrix(name: str) -> Tensor:
        return stored[f"l{number}.{name}.w"].reshape(-1, 1536 if name == "fo" else WIDTH).bfloat16()

    found = {"qkv.w": torch.cat([matrix(name) for name in "qkv"])}
    found["qkv.b"] = torch.cat([stored[f"l{number}.{name}.b"] for name in "qkv"]).bfloat16()
    for name in "ao", "fi", "fo":
        found |= {f"{name}.w": matrix(name), f"{name}.b": stored[f"l{number}.{name}.b"].bfloat16()}
    for name in "aln", "oln":
        found |= {f"{name}.{part}": stored[f"l{number}.{name}.{part}"] for part in "wb"}
    return found


def main() -> None:
    torch.set_num_threads(1)
    pairs = [pair for pair in data.parallel("parallel_en_id_dev") if pair[0].startswith("flores")][:400]
    e5 = E5()
    english, indonesian = (e5.vectors(e5.ids([pair[side] for pair in pairs], QUERY)) for side in (1, 2))
    scores, own = english @ indonesian.T, np.arange(len(pairs))
    print(
        f"{len(pairs)} pairs: {(scores.argmax(1) == own).mean():.4f}, {(scores.argmax(0) == own).mean():.4f}"
    )


if __name__ == "__main__":
    main()
