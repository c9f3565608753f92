"""Checkpoint -> `rag/models/reader.gguf` (BERT architecture, no pooling) and the head in `reader.npz`."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import gguf
import numpy as np
import torch
from numpy.typing import NDArray

from lab.data import ROOT, WORK
from lab.reader import encoder, vocabulary
from rag.reading.spans import FEATURES
from rag.text.wordpiece import CLS, MASK, PAD, SEP, SPECIAL, UNK

MODELS = ROOT / "rag" / "models"
TYPES = {
    "q8_0": gguf.GGMLQuantizationType.Q8_0,
    "f16": gguf.GGMLQuantizationType.F16,
    "f32": gguf.GGMLQuantizationType.F32,
}
TABLES = {"q8_0": gguf.GGMLQuantizationType.Q5_1}
"""What the table of tokens is stored as, where not like the other matrices."""
FILE_TYPES = {
    "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    "f16": gguf.LlamaFileType.MOSTLY_F16,
    "f32": gguf.LlamaFileType.ALL_F32,
}
NAMES = {
    "out": "attn_output",
    "out_norm": "attn_output_norm",
    "up": "ffn_up",
    "down": "ffn_down",
    "down_norm": "layer_output_norm",
}
"""A layer's parts as `lab.reader.encoder` and as GGUF call them."""


def spelled(token: str) -> str:
    """llama.cpp's spelling: a word's start is marked rather than its inside."""
    if token in SPECIAL:
        return token
    return token[2:] if token.startswith("##") and len(token) > 2 else "\u2581" + token


def write(state: dict[str, torch.Tensor], words: list[str], path: Path, kind: str) -> None:
    """The encoder as GGUF. Matrices are stored as `kind`; norms, biases and positions as F32.

    With `q8_0` the table of tokens takes five bits a number: no accuracy is lost, and more layers fit.
    """
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name("Kutip reader")
    writer.add_license("apache-2.0")
    writer.add_context_length(encoder.POSITIONS)
    writer.add_embedding_length(encoder.WIDTH)
    writer.add_feed_forward_length(encoder.INNER)
    writer.add_block_count(encoder.layers(state))
    writer.add_head_count(encoder.HEADS)
    writer.add_layer_norm_eps(encoder.EPSILON)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.NONE)
    writer.add_file_type(FILE_TYPES[kind])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_token_type_count(1)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([spelled(token) for token in words])
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_token_types([control if token in SPECIAL else normal for token in words])
    for add, place in (
        (writer.add_pad_token_id, PAD),
        (writer.add_unk_token_id, UNK),
        (writer.add_bos_token_id, CLS),
        (writer.add_eos_token_id, SEP),
        (writer.add_sep_token_id, SEP),
        (writer.add_mask_token_id, MASK),
    ):
        add(place)

    matrix, plain = TYPES[kind], gguf.GGMLQuantizationType.F32

    def put(name: str, value: torch.Tensor, quant: gguf.GGMLQuantizationType = plain) -> None:
        array: NDArray[np.float32] = np.ascontiguousarray(value.detach().float().numpy())
        if quant == plain:
            writer.add_tensor(name, array)
        else:
            writer.add_tensor(name, gguf.quantize(array, quant), raw_dtype=quant)

    put("token_embd.weight", state["tokens.weight"], TABLES.get(kind, matrix))
    put("position_embd.weight", state["positions.weight"])
    # The row of token type 0 is part of the positions already.
    put("token_types.weight", torch.zeros(1, encoder.WIDTH))
    put("token_embd_norm.weight", state["norm.weight"])
    put("token_embd_norm.bias", state["norm.bias"])
    for number in range(encoder.layers(state)):
        for part, name in NAMES.items():
            weight = state[f"layers.{number}.{part}.weight"]
            put(f"blk.{number}.{name}.weight", weight, matrix if weight.dim() > 1 else plain)
            put(f"blk.{number}.{name}.bias", state[f"layers.{number}.{part}.bias"])
        weights = state[f"layers.{number}.qkv.weight"].chunk(3)
        biases = state[f"layers.{number}.qkv.bias"].chunk(3)
        for letter, weight, bias in zip("qkv", weights, biases, strict=True):
            put(f"blk.{number}.attn_{letter}.weight", weight, matrix)
            put(f"blk.{number}.attn_{letter}.bias", bias)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def export(checkpoint: Path, folder: Path, kind: str = "q8_0") -> Path:
    """Writes `reader.gguf` and `reader.npz`; `python -m lab.endtoend fit` replaces its rough calibration."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    body = {
        name.removeprefix("encoder."): value for name, value in state.items() if name.startswith("encoder.")
    }
    path = folder / ("reader.gguf" if kind == "q8_0" else f"reader-{kind}.gguf")
    write(body, vocabulary.load(), path, kind)
    rough = np.zeros(FEATURES)
    rough[:3] = 1.0, 0.5, 0.5
    np.savez(
        path.with_suffix(".npz"),
        weight=state["head.weight"].numpy().astype(np.float32),
        bias=state["head.bias"].numpy().astype(np.float32),
        calibration=rough,
        threshold=np.array(0.5),
        sha256=np.array(hashlib.sha256(path.read_bytes()).hexdigest()),
        vocabulary=np.frombuffer("\n".join(vocabulary.load()).encode(), np.uint8),
    )
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=WORK / "reader" / "reader.pt")
    parser.add_argument("--folder", type=Path, default=MODELS)
    parser.add_argument("--kind", choices=TYPES, default="q8_0")
    given = parser.parse_args()
    written = export(given.checkpoint, given.folder, given.kind)
    print(written, f"{written.stat().st_size / 1e6:.1f} MB")
