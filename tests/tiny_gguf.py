"""Small real GGUF files with random weights: what llama.cpp loads in a test."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

WORDS = "apa siapa kapan who what when is the rusia menteri defence minister pertahanan russia . , ?".split()


def write_embedder(path: Path, seed: int = 0, pooling: gguf.PoolingType = gguf.PoolingType.MEAN) -> Path:
    """A BERT of two layers, 32 wide, whose vocabulary is some words and all small letters."""
    width, feed, heads, context, layers = 32, 64, 4, 512, 2
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens += [f"▁{word}" for word in WORDS] + [f"▁{c}" for c in letters] + list(letters)

    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name("tiny")
    writer.add_block_count(layers)
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(feed)
    writer.add_head_count(heads)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(pooling)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * 5 + [1] * (len(tokens) - 5))
    writer.add_token_type_count(2)
    for name, number in (("pad", 0), ("unk", 1), ("bos", 2), ("sep", 3), ("mask", 4)):
        getattr(writer, f"add_{name}_token_id")(number)

    random = np.random.default_rng(seed)

    def add(name: str, *shape: int, norm: bool = False) -> None:
        values = np.ones(shape) if norm else random.normal(0, 0.3, shape)
        writer.add_tensor(name, values.astype(np.float32))

    add("token_embd.weight", len(tokens), width)
    add("position_embd.weight", context, width)
    add("token_types.weight", 2, width)
    for name in (
        "token_embd_norm",
        *(f"blk.{n}.{m}_output_norm" for n in range(layers) for m in ("attn", "layer")),
    ):
        add(f"{name}.weight", width, norm=True)
        add(f"{name}.bias", width)
    for layer in range(layers):
        for name, out, into in (
            ("attn_q", width, width),
            ("attn_k", width, width),
            ("attn_v", width, width),
            ("attn_output", width, width),
            ("ffn_up", feed, width),
            ("ffn_down", width, feed),
        ):
            add(f"blk.{layer}.{name}.weight", out, into)
            add(f"blk.{layer}.{name}.bias", out)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
