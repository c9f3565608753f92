"""The reader trained on an accelerator: masked language modelling on Indonesian, then questions.

    python -m lab.reader.accelerated masked START OUT           adapts the encoder of the checkpoint START
    python -m lab.reader.accelerated questions START OUT        fine-tunes encoder and head
    python -m lab.reader.accelerated pack                       the questions' batches beforehand

Masked language modelling hides whole words (Devlin et al. 2019, "BERT"), in Indonesian text and in sentences
beside their translations, so that a word is found from the other language's too (Conneau and Lample 2019,
"Cross-lingual language model pretraining"). The questions and their losses are those of `lab.reader.train`,
with more wrong chunks each. Both run for `--seconds`, and the learning rate falls with the time. What they
read is made by `lab.reader.arrays`; here only PyTorch and NumPy are needed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import pickle
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from lab.data import WORK, whole
from lab.reader import encoder, workers
from rag.text.wordpiece import CLS, MASK, SEP

FOLDER = WORK / "reader" / "arrays"
LENGTH = 256
"""Tokens of a sequence in masked language modelling."""
STREAMS = {"text": 200, "pairs": 44, "english": 12}
"""Sequences of a batch that come from each of the streams of tokens."""
HIDDEN, LABELLED = 0.2, 0.17
"""The share of words hidden, and of places that the loss looks at: a fixed number, so that shapes stay."""
WIDTHS = (96, 120, 136, 152, 168, 224)
"""Sequences of questions are padded to one of these, so that few shapes are compiled."""
TOKENS = 24_576
MOST = 8
"""The most chunks of a question."""
WRONG = 0.3
"""The weight of a wrong chunk's own loss; the right one's is 1."""
SHARED, CHOICE = 0.5, 0.5
PACKERS = 6

Array = NDArray[Any]


def block(weights: Sequence[Tensor], x: Tensor, mask: Tensor | None, drop: float) -> Tensor:
    """A layer over padded rows (rows, length, width), with PyTorch's fused attention.

    `weights`: of an `encoder.Layer`, in its order. Given a module, the compiler would make one of each layer.
    """
    qkv, qkv_bias, out, out_bias, norm, norm_bias, up, up_bias, down, down_bias, last, last_bias = weights
    both = functional.linear(x, qkv, qkv_bias).unflatten(2, (3, encoder.HEADS, -1))
    q, k, v = both.permute(2, 0, 3, 1, 4)
    seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    mixed = functional.linear(seen.transpose(1, 2).flatten(2), out, out_bias)
    width = x.shape[2:]
    x = functional.layer_norm(x + functional.dropout(mixed, drop), width, norm, norm_bias, encoder.EPSILON)
    inner = functional.gelu(functional.linear(x, up, up_bias), approximate="tanh")
    made = functional.dropout(functional.linear(inner, down, down_bias), drop)
    return functional.layer_norm(x + made, width, last, last_bias, encoder.EPSILON)


class Fast:
    """An encoder's forward pass over padded rows, its layers compiled where there is an accelerator."""

    def __init__(self, body: encoder.Encoder, device: torch.device) -> None:
        self.body = body
        torch._dynamo.config.recompile_limit = 64
        self.block = torch.compile(block, dynamic=False) if device.type == "cuda" else block

    def __call__(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        drop = self.body.drop if self.body.training else 0.0
        x = self.body.norm(self.body.tokens(ids) + self.body.positions.weight[: ids.shape[1]])
        x = functional.dropout(x, drop)
        for layer in self.body.layers:
            x = self.block(list(layer.parameters()), x, mask, drop)
        return x


def optimiser(named: Sequence[tuple[str, nn.Parameter]], body: float, table: float) -> torch.optim.AdamW:
    """AdamW; the table of tokens has a rate of its own."""
    tokens = [p for name, p in named if name.endswith("tokens.weight")]
    rest = [p for name, p in named if not name.endswith("tokens.weight")]
    groups = [*workers.decaying(rest, body), {"params": tokens, "lr": table, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=tokens[0].is_cuda)


@dataclass(slots=True)
class Clock:
    """A run's progress, 0 to 1, by time; it says every so often where it is."""

    seconds: float
    every: float = 15.0
    began: float = 0.0
    told: float = 0.0
    steps: int = 0

    def start(self) -> None:
        """From here: the first step, which compiles, is not counted."""
        self.began = self.told = time.monotonic()

    def step(self, values: Callable[[], str]) -> float:
        self.steps += 1
        if self.steps <= 2:
            self.start()
        now = time.monotonic()
        if now - self.told > self.every:
            self.told = now
            print(f"{now - self.began:.0f} s, step {self.steps}, {values()}", flush=True)
        return min(1.0, (now - self.began) / self.seconds)


class Streams:
    """Runs of tokens that begin where a document does, drawn at random on the device."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        self.device = device
        self.streams = []
        for name, rows in STREAMS.items():
            with np.load(folder / f"{name}.npz") as kept:
                tokens, lengths = kept["tokens"], kept["lengths"].astype(np.int64)
            starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
            starts = starts[starts < len(tokens) - LENGTH]
            self.streams.append(
                (
                    torch.from_numpy(tokens.astype(np.int32)).to(device),
                    torch.from_numpy(starts).to(device),
                    rows,
                )
            )

    def batch(self, share: float) -> Tensor:
        """(rows, LENGTH) ids; `share` of the usual number of rows."""
        found = []
        for tokens, starts, rows in self.streams:
            count = max(1, int(rows * share))
            first = starts[torch.randint(len(starts), (count,), device=self.device)]
            found.append(tokens[first[:, None] + torch.arange(LENGTH - 1, device=self.device)])
        body = torch.cat(found).long()
        return functional.pad(body, (1, 0), value=CLS)


def hidden(ids: Tensor, inside: Tensor, tokens: int) -> tuple[Tensor, Tensor, Tensor]:
    """(ids with words hidden, flat places to guess, what stood there); `inside` (tokens,): starts no word."""
    word = (~inside[ids]).long().cumsum(1)
    chosen = torch.rand(ids.shape[0], ids.shape[1] + 1, device=ids.device).gather(1, word) < HIDDEN
    chosen &= (ids != CLS) & (ids != SEP)
    count = int(LABELLED * ids.numel())
    order = chosen.flatten().float() + 0.5 * torch.rand(ids.numel(), device=ids.device)
    places = order.topk(count).indices
    draw = torch.rand(ids.shape, device=ids.device)
    other = torch.randint(5, tokens, ids.shape, device=ids.device)
    shown = torch.where(draw < 0.8, MASK, torch.where(draw < 0.9, other, ids))
    return torch.where(chosen, shown, ids), places, ids.flatten()[places]


class Guess(nn.Module):
    """What stands at a hidden place: BERT's head, its last matrix the table of tokens."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.turn = nn.Linear(encoder.WIDTH, encoder.WIDTH)
        self.norm = nn.LayerNorm(encoder.WIDTH, encoder.EPSILON)
        self.bias = nn.Parameter(torch.zeros(tokens))

    def forward(self, vectors: Tensor, table: Tensor, wanted: Tensor) -> Tensor:
        made = self.norm(functional.gelu(self.turn(vectors), approximate="tanh"))
        return functional.cross_entropy(functional.linear(made, table, self.bias), wanted)


def masked(start: Path, out: Path, words: list[str], device: torch.device, given: argparse.Namespace) -> None:
    state = torch.load(start, map_location="cpu", weights_only=True)
    reader = encoder.restored(state).to(device).train()
    guess = Guess(len(words)).to(device)
    fast = Fast(reader.encoder, device)
    told = torch.compile(guess, dynamic=False) if device.type == "cuda" else guess
    streams = Streams(given.folder, device)
    inside = torch.tensor([word.startswith("##") for word in words], device=device)
    named = [*reader.encoder.named_parameters(), *guess.named_parameters()]
    learns = optimiser(named, given.rate, 2 * given.rate)
    clock, progress, recent = Clock(given.seconds), 0.0, torch.zeros((), device=device)
    while progress < 1:
        ids = streams.batch(given.share)
        shown, places, wanted = hidden(ids, inside, len(words))
        with torch.autocast(device.type, torch.bfloat16):
            vectors = fast(shown).flatten(0, 1)[places]
            loss = told(vectors, reader.encoder.tokens.weight, wanted)
        loss.backward()
        nn.utils.clip_grad_norm_([p for _, p in named], 1.0)
        workers.schedule([learns], workers.rate(progress, 0.04, 0.3))
        learns.step()
        learns.zero_grad()
        recent = recent.lerp(loss.detach().float(), 0.02 if clock.steps else 1.0)
        progress = clock.step(lambda: f"loss {float(recent):.3f}")  # noqa: B023
    tokens = clock.steps * ids.numel() / 1e6
    print(f"masked: {clock.steps} steps, {tokens:.0f}M tokens, loss {float(recent):.3f}")
    torch.save(reader.state_dict(), out)


Batch = tuple[Array, Array, Array, Array, Array]
"""Rows of whole groups: their ids; the passage's and the gold places in each, (rows, 2); a weight for each;
and the groups that have an answer, (groups, MOST), as rows, the right one first, filled up with -1."""


def packed(path: Path, seed: int, out: Path) -> None:
    """An epoch's arrays as shuffled batches in a pickle."""
    chance = random.Random(seed)
    with np.load(path) as kept:
        tokens, lengths, rows, sizes = (kept[name] for name in ("data", "lengths", "rows", "sizes"))
    ends = np.cumsum(lengths.astype(np.int64))
    begins = ends - lengths
    firsts = np.cumsum(sizes) - sizes
    # [CLS] question [SEP] title passage [SEP]
    width = lengths[rows[:, :3]].sum(1) + 3
    widest = np.maximum.reduceat(width, firsts)
    shelves: dict[int, list[int]] = {each: [] for each in WIDTHS}
    for group, each in enumerate(widest.tolist()):
        shelves[next(w for w in WIDTHS if w >= min(each, WIDTHS[-1]))].append(group)
    found = list[Batch]()

    def close(wide: int, part: list[int]) -> None:
        count = TOKENS // wide
        ids = np.zeros((count, wide), np.uint16)
        ids[:, 0], ids[:, 1] = CLS, SEP
        passage, gold = np.zeros((count, 2), np.int16), np.zeros((count, 2), np.int16)
        weight, groups, place = np.zeros(count, np.float32), [], 0
        for group in part:
            first, size = firsts[group], int(sizes[group])
            if rows[first, 3] >= 0:
                groups.append([*range(place, place + size)] + [-1] * (MOST - size))
            for number in range(size):
                question, title, body, low, high = rows[first + number].tolist()
                parts = [tokens[begins[n] : ends[n]] for n in (question, title, body)]
                line = np.concatenate([[CLS], parts[0], [SEP], parts[1], parts[2], [SEP]])[:wide]
                start = len(parts[0]) + len(parts[1]) + 2
                ids[place, : len(line)] = line
                passage[place] = start, min(start + len(parts[2]), wide - 1)
                if low >= 0 and start + high < wide:
                    gold[place] = start + low, start + high
                weight[place] = WRONG if number else 1.0
                place += 1
        found.append((ids, passage, gold, weight, np.array(groups, np.int16).reshape(-1, MOST)))

    for wide, shelf in shelves.items():
        chance.shuffle(shelf)
        part, count = list[int](), 0
        for group in shelf:
            if count + sizes[group] > TOKENS // wide:
                close(wide, part)
                part, count = [], 0
            part.append(group)
            count += int(sizes[group])
        if part:
            close(wide, part)
    chance.shuffle(found)
    with whole(out) as part_path:
        part_path.write_bytes(pickle.dumps(found))


def pack(folder: Path, seed: int) -> list[Path]:
    """Every epoch's batches, by several processes where they are not there yet."""
    epochs = sorted(folder.glob("epoch-*.npz"))
    done = [folder / f"batches-{seed}-{path.stem}.pickle" for path in epochs]
    jobs = [(path, seed, out) for path, out in zip(epochs, done, strict=True) if not out.exists()]
    if jobs:
        with multiprocessing.get_context("spawn").Pool(PACKERS) as pool:
            pool.starmap(packed, jobs, chunksize=1)
    return done


def losses(
    scores: Tensor, passage: Tensor, gold: Tensor, weight: Tensor, groups: Tensor
) -> tuple[Tensor, ...]:
    """`lab.reader.train.loss` for whole batches: (each chunk, all tokens together, the choice of a chunk)."""
    columns = torch.arange(scores.shape[1], device=scores.device)
    inside = (columns >= passage[:, :1]) & (columns < passage[:, 1:])
    own = scores.masked_fill(~(inside | (columns == 0)).unsqueeze(-1), encoder.FAR)
    each = sum(functional.cross_entropy(own[..., side], gold[:, side], reduction="none") for side in (0, 1))
    chunk = (each * weight).sum() / weight.sum()
    mass = scores.masked_fill(~inside.unsqueeze(-1), encoder.FAR).logsumexp(1)
    margin = (mass - scores[:, 0]).sum(1)
    first, there = groups[:, 0], groups >= 0
    right = sum(scores[first, gold[first, side], side] for side in (0, 1))
    together = mass[groups].masked_fill(~there.unsqueeze(-1), encoder.FAR).logsumexp(1).sum(1) - right
    choice = margin[groups].masked_fill(~there, encoder.FAR).logsumexp(1) - margin[first]
    some = max(len(groups), 1)
    return chunk, together.sum() / some, choice.sum() / some


def questions(start: Path, out: Path, device: torch.device, given: argparse.Namespace) -> None:
    batches = pack(given.folder, given.seed)
    torch.manual_seed(given.seed)
    random.Random(given.seed).shuffle(batches)
    reader = encoder.restored(torch.load(start, map_location="cpu", weights_only=True)).to(device).train()
    fast = Fast(reader.encoder, device)
    named = list(reader.named_parameters())
    learns = optimiser(named, given.rate, 2 * given.rate)
    clock, progress, epoch = Clock(given.seconds), 0.0, 0
    recent = torch.zeros(3, device=device)
    while progress < 1:
        for batch in pickle.loads(batches[epoch % len(batches)].read_bytes()):
            ids, passage, gold, weight, groups = (
                torch.from_numpy(part.astype(np.int64 if part.dtype != np.float32 else np.float32)).to(device)
                for part in batch
            )
            with torch.autocast(device.type, torch.bfloat16):
                vectors = fast(ids, (ids != 0)[:, None, None, :])
            found = losses(reader.head(vectors.float()), passage, gold, weight, groups)
            (found[0] + SHARED * found[1] + CHOICE * found[2]).backward()
            nn.utils.clip_grad_norm_([p for _, p in named], 1.0)
            workers.schedule([learns], workers.rate(progress, 0.05, 0.3))
            learns.step()
            learns.zero_grad()
            now = torch.stack([each.detach() for each in found])
            recent = recent.lerp(now, 0.02 if clock.steps else 1.0)
            progress = clock.step(lambda: f"epoch {epoch} loss {recent.tolist()}")  # noqa: B023
            if progress >= 1:
                break
        epoch += 1
    print(f"questions: {clock.steps} steps, epoch {epoch}, loss {recent.tolist()}")
    torch.save(reader.state_dict(), out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("pack", "masked", "questions"))
    parser.add_argument("start", type=Path, nargs="?")
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--share", type=float, default=1.0, help="of a batch's rows, for a smaller device")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_float32_matmul_precision("high")
    if given.step == "pack":
        pack(given.folder, given.seed)
    elif given.step == "masked":
        given.rate = given.rate or 6e-4
        words = (given.folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
        masked(given.start, given.out, words, device, given)
    else:
        given.rate = given.rate or 2.5e-4
        questions(given.start, given.out, device, given)


if __name__ == "__main__":
    main()
