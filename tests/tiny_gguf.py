"""Small real GGUF files with random weights: what llama.cpp loads in a test."""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product
from pathlib import Path

import gguf
import numpy as np

from rag.text.encoding import PATH, read_ranks

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


TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def write_chat(
    path: Path,
    seed: int = 0,
    vocabulary: int = 3_000,
    context: int = 4_096,
    width: int = 32,
    template: str | None = TEMPLATE,
    whole: bool = False,
) -> Path:
    """A Llama of two layers with a byte-level BPE vocabulary in Qwen's way, three control tokens last.

    With `whole` it hardly ever writes a token that is a part of a character, as trained models do not.
    """
    feed, heads, layers = 2 * width, 4, 2
    tokens, merges = _merged(vocabulary - len(CONTROL))
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny chat")
    writer.add_block_count(layers)
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(feed)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads // 2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    writer.add_vocab_size(len(tokens) + len(CONTROL))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([_spelled(token) for token in tokens] + CONTROL)
    writer.add_token_types([1] * len(tokens) + [3] * len(CONTROL))
    writer.add_token_merges([f"{_spelled(a)} {_spelled(b)}" for a, b in merges])
    writer.add_bos_token_id(len(tokens))
    writer.add_eos_token_id(len(tokens) + 2)
    writer.add_add_bos_token(False)
    if template is not None:
        writer.add_chat_template(template)

    random = np.random.default_rng(seed)

    def add(name: str, *shape: int) -> None:
        values = np.ones(shape) if len(shape) == 1 else random.normal(0, shape[-1] ** -0.5, shape)
        if whole and name == "output.weight":
            values[[number for number, token in enumerate(tokens) if not _is_whole(token)]] = 0
        writer.add_tensor(name, values.astype(np.float16 if len(shape) > 1 else np.float32))

    add("token_embd.weight", len(tokens) + len(CONTROL), width)
    add("output_norm.weight", width)
    add("output.weight", len(tokens) + len(CONTROL), width)
    for layer in range(layers):
        for name, *shape in (
            ("attn_norm", width),
            ("ffn_norm", width),
            ("attn_q", width, width),
            ("attn_k", width // 2, width),
            ("attn_v", width // 2, width),
            ("attn_output", width, width),
            ("ffn_gate", feed, width),
            ("ffn_up", feed, width),
            ("ffn_down", width, feed),
        ):
            add(f"blk.{layer}.{name}.weight", *shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _merged(size: int) -> tuple[list[bytes], list[tuple[bytes, bytes]]]:
    """The bytes, then the shipped encoding's tokens, then pairs of those; and the merges that make them."""
    tokens = [bytes([value]) for value in range(256)]
    known, merges = set(tokens), list[tuple[bytes, bytes]]()
    ranks = read_ranks(PATH)

    def add(first: bytes, second: bytes) -> None:
        if len(tokens) < size and first + second not in known:
            tokens.append(first + second)
            known.add(first + second)
            merges.append((first, second))

    for token in sorted(ranks, key=ranks.__getitem__):
        if len(token) > 1 and len(tokens) < size:
            parts = [token[i : i + 1] for i in range(len(token))]
            while len(parts) > 2:
                places = [(ranks.get(a + b, 1 << 30), n) for n, (a, b) in enumerate(pairwise(parts))]
                place = min(places)[1]
                parts[place : place + 2] = [parts[place] + parts[place + 1]]
            if parts[0] in known and parts[1] in known:
                add(*parts)
    words = [token for token in tokens if len(token) > 3]
    for first, second in product(words, words):
        if len(tokens) >= size:
            break
        add(first, second)
    return tokens, merges


def _is_whole(token: bytes) -> bool:
    try:
        token.decode()
    except UnicodeDecodeError:
        return False
    return True


@cache
def _letters() -> list[str]:
    plain = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [value for value in range(256) if value not in plain]
    return [chr(n) if n in plain else chr(256 + others.index(n)) for n in range(256)]


def _spelled(token: bytes) -> str:
    """As GPT-2's vocabulary spells bytes."""
    return "".join(_letters()[value] for value in token)
