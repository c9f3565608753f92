"""Fits the static table: `python -m lab.vectors.fit TARGETS FIRST.npz OUTPUT.npz`.

Starts from FIRST, a table of `lab.embedding`. Of a batch's texts the one that belongs to a text is to be the
nearest (`lab.vectors.pairs`), and the cosines of other texts to each other are to be those of the teacher's
vectors (`lab.vectors.targets`). In more than half of the pairs the words that both texts have are taken out
of one of them, so that the table learns what stands together rather than what is spelled alike.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from lab.embedding import write
from lab.vectors import pairs as sources
from lab.vectors.pairs import Ids, Pairs, ids
from lab.vectors.targets import QUERIES, made

TEMPERATURE = 0.05
LONGEST_LEFT, LONGEST_RIGHT = 64, 96
"""Tokens of a text that a step reads: the first of a left one, a random window of a right one."""
SHORTEST_STRETCH, LONGEST_STRETCH = 4, 14
KEPT = 3
"""The least tokens that are left of a text when words are taken out."""
SHORTENED = ("asked", "asked-sentence", "hard", "news", "titles", "leads")
STRETCHED = ("leads", "news", "en-id", "id-en")
"""Sources in which shared words are taken out, and whose left texts are cut to a stretch now and then."""
RELATED, OF_LIST = 4, 128
"""Lists of the teacher that a step draws, and texts of each."""
WEIGHTS = {"chunks": 3.0, "asked": 2.0, "hard": 1.5, "sentences": 1.5}
"""How often the teacher's lists are drawn, beside 1."""
SHARES = {
    "asked": 0.2, "asked-sentence": 0.08, "hard": 0.12, "same": 0.08, "news": 0.14, "titles": 0.08,
    "en-id": 0.1, "id-en": 0.06, "names": 0.02, "leads": 0.12,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """`relation`: the weight of the teacher's loss; `shared`: how often shared words are taken out; `lost`:
    the share of a left text's tokens that is left out; `shares`: of the sources, where not `SHARES`."""

    steps: int
    rate: float
    relation: float
    shared: float
    lost: float
    shares: Mapping[str, float]
    batch: int = 384


STAGES = [
    Stage(500, 2e-3, 50, 0.5, 0.0, {}),
    Stage(700, 2e-3, 100, 0.6, 0.1, {"leads": 0.16, "news": 0.16, "hard": 0.08, "same": 0.03, "alike": 0.06}),
]


class Bag(nn.Module):
    """Token rows and weights; a text is the normalised weighted sum of its rows."""

    def __init__(self, table: NDArray[np.float32], weights: NDArray[np.float32]) -> None:
        super().__init__()
        table = table / np.linalg.norm(table, axis=1).mean()
        self.rows = nn.Parameter(torch.tensor(table / np.exp(weights)[:, None]))
        self.weights = nn.Parameter(torch.tensor(weights))

    def forward(self, texts: Sequence[Ids]) -> torch.Tensor:
        flat = torch.from_numpy(np.concatenate(texts))
        starts = torch.from_numpy(np.cumsum([0, *map(len, texts[:-1])]))
        weights = self.weights.exp()[flat]
        sums = functional.embedding_bag(flat, self.rows, starts, mode="sum", per_sample_weights=weights)
        return functional.normalize(sums, dim=1)

    def table(self) -> NDArray[np.float32]:
        found: NDArray[np.float32] = (self.rows * self.weights.exp()[:, None]).detach().numpy()
        return found


def teacher(folder: Path, dimensions: int) -> dict[str, tuple[list[Ids], torch.Tensor]]:
    """Each list's texts and vectors: less the mean of questions or passages, in the main directions."""
    found = {
        name: (ids(texts), vectors.astype(np.float32)) for name, (texts, vectors) in made(folder).items()
    }
    for kind in (True, False):
        names = [name for name in found if (name in QUERIES) == kind]
        mean = np.concatenate([found[name][1] for name in names]).mean(0)
        for name in names:
            found[name] = found[name][0], found[name][1] - mean
    every = np.concatenate([vectors for _, vectors in found.values()])
    every /= np.linalg.norm(every, axis=1, keepdims=True)
    directions = np.linalg.svd(every.T @ every)[0][:, :dimensions]
    return {
        name: (texts, functional.normalize(torch.from_numpy(vectors @ directions), dim=1))
        for name, (texts, vectors) in found.items()
    }


def drawn(
    name: str, pairs: Pairs, stage: Stage, chance: np.random.Generator
) -> tuple[list[Ids], list[Ids], NDArray[np.bool_]]:
    """Left and right texts of a batch, and which other right texts are no wrong answers."""
    places = chance.choice(len(pairs.left), min(stage.batch, len(pairs.left)), replace=False)
    left, right = [], []
    for place in places:
        one, other = pairs.left[place][:LONGEST_LEFT], pairs.right[place]
        if len(other) > LONGEST_RIGHT:
            start = chance.integers(len(other) - LONGEST_RIGHT + 1)
            other = other[start : start + LONGEST_RIGHT]
        if name in SHORTENED and chance.random() < stage.shared:
            if chance.random() < 0.5:
                one = _some(one, ~np.isin(one, other))
            else:
                other = _some(other, ~np.isin(other, one))
        if name in STRETCHED and len(one) > 8 and chance.random() < 0.3:
            length = chance.integers(SHORTEST_STRETCH, LONGEST_STRETCH + 1)
            start = chance.integers(max(1, len(one) - length + 1))
            one = one[start : start + length]
        if stage.lost and name != "alike" and len(one) > 4:
            one = _some(one, chance.random(len(one)) >= stage.lost)
        left.append(one)
        right.append(other)
    groups = [pairs.groups[place] for place in places]
    same = np.zeros((len(places), len(places)), np.bool_)
    members = defaultdict[int, list[int]](list)
    for row, group in enumerate(groups):
        for number in group:
            members[number].append(row)
    for rows in members.values():
        same[np.ix_(rows, rows)] = True
    np.fill_diagonal(same, False)
    return left, right, same


def _some(text: Ids, kept: NDArray[np.bool_]) -> Ids:
    return text[kept] if kept.sum() >= KEPT else text


def train(
    bag: Bag,
    stage: Stage,
    pairs: Mapping[str, Pairs],
    taught: Mapping[str, tuple[list[Ids], torch.Tensor]],
) -> None:
    rate, chance = stage.rate, np.random.default_rng(1)
    optimizer = torch.optim.Adam(
        [{"params": [bag.rows], "lr": rate}, {"params": [bag.weights], "lr": rate * 2}], fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [rate, rate * 2], total_steps=stage.steps, pct_start=0.1, anneal_strategy="linear"
    )
    shares = SHARES | dict(stage.shares)
    names, often = list(shares), np.array(list(shares.values()))
    lists, likely = list(taught), np.array([WEIGHTS.get(name, 1.0) for name in taught])
    losses = defaultdict[str, list[float]](list)
    for step in range(stage.steps):
        name = str(chance.choice(names, p=often / often.sum()))
        left, right, same = drawn(name, pairs[name], stage, chance)
        scores = (bag(left) @ bag(right).T / TEMPERATURE).masked_fill(torch.from_numpy(same), -1e4)
        own = torch.arange(len(left))
        loss = (functional.cross_entropy(scores, own) + functional.cross_entropy(scores.T, own)) / 2
        losses[name].append(loss.item())
        texts, vectors = list[Ids](), []
        for each in chance.choice(lists, RELATED, p=likely / likely.sum()):
            places = chance.integers(len(taught[each][0]), size=OF_LIST)
            texts += [taught[each][0][place] for place in places]
            vectors.append(taught[each][1][places])
        mine, theirs = bag(texts), torch.cat(vectors)
        relation = ((mine @ mine.T - theirs @ theirs.T) ** 2).mean()
        losses["relation"].append(relation.item())
        optimizer.zero_grad()
        (loss + stage.relation * relation).backward()
        optimizer.step()
        schedule.step()
        if step % 100 == 99:
            print(step + 1, {name: round(float(np.mean(each[-20:])), 3) for name, each in losses.items()})


def first_weights(pairs: Mapping[str, Pairs], tokens: int) -> NDArray[np.float32]:
    """Logarithms: frequent tokens begin lighter, by the root of a / (a + p) (Arora, Liang and Ma 2017)."""
    counts = np.zeros(tokens)
    for each in pairs.values():
        for side in each.left, each.right:
            counts += np.bincount(np.concatenate(side), minlength=tokens)
    share = (counts + 0.5) / counts.sum()
    found: NDArray[np.float32] = (0.5 * np.log(1e-3 / (1e-3 + share))).astype(np.float32)
    return found


def main() -> None:
    folder, first, output = map(Path, sys.argv[1:])
    torch.set_num_threads(int(os.environ.get("OMP_THREAD_LIMIT", os.cpu_count() or 1)))
    began = time.perf_counter()
    with np.load(first) as arrays:
        table = arrays["rows"].astype(np.float32) * arrays["scales"].astype(np.float32)[:, None]
    pairs, taught = sources.every(), teacher(folder, table.shape[1])
    print({name: len(each.left) for name, each in pairs.items()}, f"{time.perf_counter() - began:.0f} s")
    for stage in STAGES:
        bag = Bag(table, first_weights(pairs, len(table)))
        train(bag, stage, pairs, taught)
        table = bag.table()
    write(table, output)
    print(f"{output.stat().st_size / 1e6:.1f} MB, {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
