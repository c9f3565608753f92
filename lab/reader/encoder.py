"""The reader's network: a plain BERT encoder as llama.cpp computes it, and a linear head.

Token types are always 0 and their row is folded into the positions. GELU is the tanh approximation,
which is ggml's. The head gives each token a start and an end score; those of `[CLS]` stand for
"this passage does not answer".
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from lab.reader import body, translation
from rag.text.wordpiece import SPECIAL, WordPiece

LAYERS, WIDTH, HEADS, INNER, POSITIONS, EPSILON = 6, 384, 12, 1536, 512, 1e-12
FAR = -1e4


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.out_norm = nn.LayerNorm(WIDTH, EPSILON)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.down_norm = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, x: Tensor, rows: Rows, drop: float) -> Tensor:
        q, k, v = rows.padded(self.qkv(x)).unflatten(2, (3, HEADS, WIDTH // HEADS)).permute(2, 0, 3, 1, 4)
        # PyTorch's fused attention costs several times as much on a CPU, above all backwards.
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
        if rows.mask is not None:
            scores = scores.masked_fill(~rows.mask, FAR)
        seen = scores.softmax(-1).to(v.dtype) @ v
        mixed = rows.flat(seen.transpose(1, 2).flatten(2))
        x = self.out_norm(x + functional.dropout(self.out(mixed), drop, self.training))
        inner = functional.gelu(self.up(x), approximate="tanh")
        return self.down_norm(x + functional.dropout(self.down(inner), drop, self.training))


class Rows:
    """Sequences of unlike length, their tokens in one run: only attention pays for the padding."""

    def __init__(self, ids: Tensor) -> None:
        """`ids` (rows, length), padded with 0."""
        self.shape = ids.shape
        real = ids != 0
        self.mask = None if bool(real.all()) else real[:, None, None, :]
        self.places = real.flatten().nonzero().squeeze(1)
        self.ids = ids.flatten()[self.places]
        self.columns = self.places % ids.shape[1]

    def flat(self, padded: Tensor) -> Tensor:
        """(rows, length, width) -> (tokens, width)."""
        every = padded.flatten(0, 1)
        return every if self.mask is None else every.index_select(0, self.places)

    def padded(self, flat: Tensor) -> Tensor:
        """(tokens, width) -> (rows, length, width), 0 where there is no token."""
        if self.mask is None:
            return flat.unflatten(0, self.shape)
        every = flat.new_zeros(self.shape.numel(), flat.shape[1])
        return every.index_copy(0, self.places, flat).unflatten(0, self.shape)

    def pooled(self, flat: Tensor) -> Tensor:
        """The direction of each row's mean vector, (rows, width): what the encoder calls a sentence."""
        total = flat.new_zeros(self.shape[0], flat.shape[1])
        return functional.normalize(total.index_add(0, self.places // self.shape[1], flat), dim=-1)


class Encoder(nn.Module):
    """Token ids (rows, length), padded with 0 -> one vector a token (rows, length, 384)."""

    def __init__(self, tokens: int, layers: int = LAYERS, drop: float = 0.1) -> None:
        super().__init__()
        self.drop = drop
        self.tokens = nn.Embedding(tokens, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))

    def every_layer(self, rows: Rows) -> list[Tensor]:
        """What each layer gives, (tokens, 384)."""
        x = self.norm(self.tokens(rows.ids) + self.positions(rows.columns))
        x = functional.dropout(x, self.drop, self.training)
        found = []
        for layer in self.layers:
            x = layer(x, rows, self.drop)
            found.append(x)
        return found

    def forward(self, ids: Tensor) -> Tensor:
        rows = Rows(ids)
        return rows.padded(self.every_layer(rows)[-1])

    def pooled(self, ids: Tensor) -> Tensor:
        """One vector of length 1 a sequence, (rows, 384)."""
        rows = Rows(ids)
        return rows.pooled(self.every_layer(rows)[-1])


class Reader(nn.Module):
    """Encoder and head: (rows, length) ids -> (rows, length, 2) start and end scores."""

    def __init__(self, tokens: int, layers: int = LAYERS) -> None:
        super().__init__()
        self.encoder = Encoder(tokens, layers)
        self.head = nn.Linear(WIDTH, 2)

    def forward(self, ids: Tensor) -> Tensor:
        scores: Tensor = self.head(self.encoder(ids))
        return scores


def layers(state: Mapping[str, Tensor]) -> int:
    """How many layers a reader's or an encoder's state has."""
    return sum(name.endswith("qkv.bias") for name in state)


def restored(state: Mapping[str, Tensor]) -> Reader:
    """The reader of a checkpoint, with as many layers and tokens as it has."""
    reader = Reader(len(state["encoder.tokens.weight"]), layers(state))
    reader.load_state_dict(state)
    return reader


def english() -> Encoder:
    """The encoder that the recipe starts from, with its own English vocabulary."""
    source = body.weights()
    encoder = Encoder(len(body.english_vocabulary()))
    state = {
        "tokens.weight": source["embeddings.word_embeddings.weight"],
        "positions.weight": source["embeddings.position_embeddings.weight"]
        + source["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": source["embeddings.LayerNorm.weight"],
        "norm.bias": source["embeddings.LayerNorm.bias"],
    }
    names = {
        "out": "attention.output.dense",
        "out_norm": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "down_norm": "output.LayerNorm",
    }
    for layer in range(LAYERS):
        old, new = f"encoder.layer.{layer}", f"layers.{layer}"
        for kind in ("weight", "bias"):
            parts = [source[f"{old}.attention.self.{name}.{kind}"] for name in ("query", "key", "value")]
            state[f"{new}.qkv.{kind}"] = torch.cat(parts)
            for short, long in names.items():
                state[f"{new}.{short}.{kind}"] = source[f"{old}.{long}.{kind}"]
    encoder.load_state_dict(state)
    return encoder


def bilingual(vocabulary: list[str], tables: translation.Translation) -> Encoder:
    """The English body over the joint vocabulary.

    A token takes the vector that the English encoder spells it with, and, as far as the parallel text
    has it on its Indonesian side, that of its translations.
    """
    start = english()
    old = start.tokens.weight.detach()
    pieces = WordPiece(body.english_vocabulary())
    typical = old[1000:].norm(dim=1).mean()

    def spelled(token: str) -> Tensor:
        if token in pieces.ids:
            return old[pieces.ids[token]]
        inside = token.startswith("##")
        ids = [piece for piece, _, _ in pieces.word(token.removeprefix("##"))]
        if inside:
            first = "##" + pieces.vocabulary[ids[0]]
            ids[0] = pieces.ids.get(first, ids[0])
        return old[ids].mean(0)

    encoder = Encoder(len(vocabulary))
    encoder.load_state_dict(start.state_dict() | {"tokens.weight": encoder.tokens.weight.detach()})
    with torch.no_grad():
        for place, token in enumerate(vocabulary):
            vector = spelled(token)
            translations = tables.english.get(token, [])
            if token not in SPECIAL and translations:
                seen = tables.indonesian_counts[token]
                known = tables.english_counts[token] if token in pieces.ids else 0
                other = torch.stack([spelled(word) * share for word, share in translations]).sum(0)
                other = other / sum(share for _, share in translations)
                vector = (seen * other + known * vector) / (seen + known)
            if token not in SPECIAL and token not in pieces.ids:
                vector = vector * (typical / vector.norm().clamp(min=1e-6))
            encoder.tokens.weight[place] = vector
    return encoder
