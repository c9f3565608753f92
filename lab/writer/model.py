"""Gemma 3's text network in PyTorch, for training: the arrays of a GGUF file, and a forward pass over them.

After the description of Gemma 3 (Gemma Team, 2025) and llama.cpp's graph of it: every layer attends with one
head of keys for four of questions, each normalised and turned by its position; every sixth sees the whole
text, the others a window of 512. The norms' weights are as a GGUF file has them, with one added already.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from gguf import GGUFReader, quants
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

HEADS, WIDTH = 4, 256
"""Heads of a layer that ask, and the length of each; one head of keys and values serves all."""
WHOLE = 6
"""Every so many layers one attends to the whole text."""
WINDOW = 512
"""Tokens that the other layers see."""
TURNS = 1e6, 1e4
"""The base of the rotation in layers that see all, and in the others."""
SMALL = 1e-6


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Tokens as GGUF has them: spelling, score and type of each."""

    tokens: list[str]
    scores: list[float]
    types: list[int]


def vocabulary(path: Path) -> Vocabulary:
    """The vocabulary of a GGUF file."""
    fields = GGUFReader(path).fields
    told = {name: fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "scores", "token_type")}
    return Vocabulary(told["tokens"], told["scores"], told["token_type"])


def read(path: Path) -> dict[str, Tensor]:
    """All arrays of a GGUF file in float32, by their names there."""
    file = GGUFReader(path)
    return {
        each.name: torch.from_numpy(quants.dequantize(each.data, each.tensor_type).copy()).float()
        for each in file.tensors
    }


class Norm(nn.Module):
    """Divides by the root of the mean square."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, x: Tensor) -> Tensor:
        """Any shape (…, width)."""
        wide = x.float()
        scaled = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + SMALL)
        return (scaled * self.weight).to(x.dtype)


def _linear(weight: Tensor) -> nn.Linear:
    made = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    made.weight = nn.Parameter(weight)
    return made


def _turned(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    first, second = x.chunk(2, -1)
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], -1)


class Layer(nn.Module):
    """Attention and a gated feed-forward part, each with a norm before and after it."""

    def __init__(self, arrays: dict[str, Tensor], number: int) -> None:
        super().__init__()

        def of(name: str) -> Tensor:
            return arrays[f"blk.{number}.{name}.weight"]

        self.q, self.k, self.v = (_linear(of(f"attn_{name}")) for name in "qkv")
        self.out = _linear(of("attn_output"))
        self.gate, self.up, self.down = (_linear(of(f"ffn_{name}")) for name in ("gate", "up", "down"))
        self.attn_norm, self.ffn_norm = Norm(of("attn_norm")), Norm(of("ffn_norm"))
        self.post_attention_norm = Norm(of("post_attention_norm"))
        self.post_ffw_norm = Norm(of("post_ffw_norm"))
        self.attn_q_norm, self.attn_k_norm = Norm(of("attn_q_norm")), Norm(of("attn_k_norm"))

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        """Shape (texts, tokens, width). Texts are padded at the end, which causal attention never sees."""
        texts, length, _ = x.shape
        seen = self.attn_norm(x)
        q = self.attn_q_norm(self.q(seen).view(texts, length, HEADS, WIDTH)).transpose(1, 2)
        k = self.attn_k_norm(self.k(seen).view(texts, length, 1, WIDTH)).transpose(1, 2)
        v = self.v(seen).view(texts, length, 1, WIDTH).transpose(1, 2)
        q, k = _turned(q, cosine, sine).to(v.dtype), _turned(k, cosine, sine).to(v.dtype)
        # Texts are shorter than the window, so that both kinds of layer see the same.
        attended = scaled_dot_product_attention(
            q, k.expand(-1, HEADS, -1, -1), v.expand(-1, HEADS, -1, -1), is_causal=True
        )
        x = x + self.post_attention_norm(self.out(attended.transpose(1, 2).reshape(texts, length, -1)))
        seen = self.ffn_norm(x)
        return x + self.post_ffw_norm(self.down(gelu(self.gate(seen), approximate="tanh") * self.up(seen)))


class Gemma(nn.Module):
    """The network. `arrays` as `read` gives them. The table is read and written with, and stays as it is."""

    def __init__(self, arrays: dict[str, Tensor]) -> None:
        super().__init__()
        count = 1 + max(int(name.split(".")[1]) for name in arrays if name.startswith("blk."))
        self.register_buffer("table", arrays["token_embd.weight"])
        self.layers = nn.ModuleList(Layer(arrays, number) for number in range(count))
        self.norm = Norm(arrays["output_norm.weight"])
        self.frozen = 0

    def forward(self, ids: Tensor) -> Tensor:
        """Token ids, shape (texts, tokens) -> the last layer's vectors. Raises ValueError over 512 tokens."""
        if ids.shape[1] > WINDOW:
            raise ValueError(f"a text has more than {WINDOW} tokens")
        x = self.table[ids] * self.table.shape[1] ** 0.5
        places = torch.arange(ids.shape[1], dtype=torch.float32, device=ids.device)[:, None]
        turns = []
        for base in TURNS:
            angles = places * base ** (-torch.arange(0, WIDTH, 2, device=ids.device) / WIDTH)
            turns.append((angles.cos().to(x.dtype), angles.sin().to(x.dtype)))
        grown, half = torch.is_grad_enabled(), torch.autocast(x.device.type, torch.bfloat16)
        for number, layer in enumerate(self.layers, start=1):
            # Below the layers that learn nothing needs a gradient.
            with torch.set_grad_enabled(grown and number > self.frozen), half:
                x = layer(x, *turns[0 if number % WHOLE == 0 else 1])
        return self.norm(x.float())

    def freeze(self, lower: int) -> None:
        """Leaves so many layers as they are, in half precision; the others learn."""
        self.frozen = lower
        self.requires_grad_(False)
        for layer in self.layers[:lower]:
            layer.bfloat16()
        for layer in self.layers[lower:]:
            layer.requires_grad_(True)
        self.norm.requires_grad_(True)

    def arrays(self) -> dict[str, Tensor]:
        """All arrays by their names in a GGUF file."""
        named = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "out": "attn_output"}
        named |= {name: f"ffn_{name}" for name in ("gate", "up", "down")}
        found = {"token_embd.weight": self.table, "output_norm.weight": self.norm.weight}
        for number, layer in enumerate(self.layers):
            for name, value in layer.named_parameters():
                part = name.removesuffix(".weight")
                found[f"blk.{number}.{named.get(part, part)}.weight"] = value
        return {name: value.detach().float().cpu() for name, value in found.items()}
