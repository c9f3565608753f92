"""Trains the heads on what `lab.hard.cache` kept: `python -m lab.hard.train FOLDER OUT [--minutes N --start
PT]`.

Without `--minutes` the network stays as it ships and only the two heads learn, in a minute. With it the
layers above the cached ones learn too: which sentences belong (each on its own, and all of a question's
together), what entails a statement, and spans, as `lab.reader.train` has them, so that these get no worse.
Where a sentence belongs and no shortest answer is marked, any span inside it counts as right.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lab.hard.cache import BLOCK, Item
from lab.hard.groups import Group
from lab.reader import vocabulary
from lab.reader.encoder import WIDTH
from rag.reading.heads import PLAIN, SURFACE, Entailment, Network, belonging_rows
from rag.reading.spans import sentences
from rag.text.wordpiece import WordPiece

HIDDEN, DROP = 64, 0.3
TOGETHER = 3.0
"""The weight of the loss over all sentences of a question beside that of each on its own."""


@dataclass(slots=True)
class Cached:
    """One list of sequences, as far as it has been cached."""

    items: list[Item]
    meta: Any
    blocks: dict[int, dict[str, Any]]
    folder: Path
    name: str

    @classmethod
    def of(cls, folder: Path, name: str) -> Cached:
        items = pickle.loads((folder / f"{name}.items").read_bytes())
        found = cls(items, pickle.loads((folder / f"{name}.meta").read_bytes()), {}, folder, name)
        found.more()
        return found

    def more(self) -> None:
        """Looks for blocks that came since; what every token became stays on disk until it is wanted."""
        for path in sorted(self.folder.glob(f"{self.name}-????.pt")):
            number = int(path.stem[-4:])
            if number not in self.blocks:
                block = torch.load(path, mmap=True, weights_only=True)
                block["starts"] = np.cumsum([0, *block["lengths"].tolist()])
                counts = [len(i.ranges) for i in self.items[number * BLOCK : (number + 1) * BLOCK]]
                block["firsts"] = np.cumsum([0, *counts])
                self.blocks[number] = block

    def has(self, place: int) -> bool:
        return place // BLOCK in self.blocks

    def get(self, place: int, part: str) -> Tensor:
        """`lower` or `scores` of every token, `means` of every range, `cls` or `asked`."""
        block, inside = self.blocks[place // BLOCK], place % BLOCK
        if part in ("cls", "asked"):
            return block[part][inside].float()
        starts = block["firsts" if part == "means" else "starts"]
        return block[part][starts[inside] : starts[inside + 1]].float()


class Head(nn.Module):
    """One hidden layer, and a straight way for the last `plain` inputs."""

    def __init__(self, inputs: int, outputs: int, plain: int) -> None:
        super().__init__()
        self.inner, self.outer = nn.Linear(inputs, HIDDEN), nn.Linear(HIDDEN, outputs)
        self.direct = nn.Linear(plain, outputs, bias=False)
        self.drop, self.plain = DROP, plain
        # At first only the straight way counts.
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.direct.weight)

    def forward(self, rows: Tensor) -> Tensor:
        vectors = functional.dropout(rows[:, : -self.plain], self.drop, self.training)
        straight = rows[:, -self.plain :]
        hidden = functional.relu(self.inner(torch.cat([vectors, straight], 1)))
        hidden = functional.dropout(hidden, self.drop, self.training)
        found: Tensor = self.outer(hidden) + self.direct(straight)
        return found

    def arrays(self, name: str) -> dict[str, Any]:
        """As `rag.reading.heads.Network` takes them: what goes straight is the difference of two units."""
        own = torch.zeros(self.plain, self.inner.in_features)
        own[:, -self.plain :] = torch.eye(self.plain)
        nothing = torch.zeros(2 * self.plain)
        parts = {
            "inner": torch.cat([self.inner.weight, own, -own]),
            "inner_bias": torch.cat([self.inner.bias, nothing]),
            "outer": torch.cat([self.outer.weight, self.direct.weight, -self.direct.weight], 1),
            "outer_bias": self.outer.bias,
        }
        return {f"{name}_{part}": value.detach().numpy().astype(np.float16) for part, value in parts.items()}


class Heads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.belonging = Head(3 * WIDTH + PLAIN, 1, PLAIN)
        self.entailing = Head(5 * WIDTH + SURFACE, 3, SURFACE)

    def arrays(self) -> dict[str, Any]:
        """Both heads', as `reader.npz` keeps them."""
        return self.belonging.arrays("belonging") | self.entailing.arrays("entailing")


def judge() -> Entailment:
    nothing = np.zeros((0, 0), np.float32)
    return Entailment(Network(nothing, nothing, nothing, nothing), WordPiece(vocabulary.load()))


def grouped(cached: Cached) -> list[tuple[Group, list[int]]]:
    """The groups of which every sequence is there, with their places."""
    found, place = [], 0
    for group in cached.meta:
        places = list(range(place, place + len(group.sequences)))
        place += len(places)
        if places and all(map(cached.has, places)):
            found.append((group, places))
    return found


def frozen_rows(cached: Cached, place: int, chunk: Any) -> tuple[Tensor, Tensor, Tensor]:
    """(inputs of the head, labels, weights) of a chunk's sentences, from the network as it ships."""
    scores = cached.get(place, "scores").numpy()
    found = sentences(scores, chunk.offset, chunk.ranges, 0)
    kept = [each.sentence for each in found]
    if not kept:
        return torch.zeros(0, 3 * WIDTH + PLAIN), torch.zeros(0), torch.zeros(0)
    vectors = np.zeros((len(scores), 0), np.float32)
    plain = torch.tensor(belonging_rows(vectors, scores, 1, chunk.offset, found, chunk.ranges, chunk.numbers))
    both = torch.cat([cached.get(place, "cls"), cached.get(place, "asked")]).expand(len(kept), -1)
    rows = torch.cat([cached.get(place, "means")[kept], both, plain], 1)
    return rows, torch.tensor(chunk.labels)[kept], torch.tensor(chunk.weights)[kept]


def entailing_row(cls: Tensor, said: Tensor, read: Tensor, surface: Tensor) -> Tensor:
    return torch.cat([cls, said, read, (said - read).abs(), said * read, surface], -1)


def belonging_loss(logits: Tensor, labels: Tensor, weights: Tensor, groups: Tensor) -> Tensor:
    """Each sentence on its own, and, of a question that has an answer, all of them together."""
    alone = functional.binary_cross_entropy_with_logits(logits, labels, weights, reduction="sum") / len(
        logits
    )
    together, count = logits.new_zeros(()), 0
    for number in groups.unique():
        own = groups == number
        gold = labels[own] * weights[own]
        if gold.sum() > 0:
            log_share = logits[own].log_softmax(0)
            together = together - (gold * log_share).sum() / gold.sum()
            count += 1
    return alone + TOGETHER / 10 * together / max(count, 1)


def standardise(head: Head, rows: Tensor) -> None:
    """Starts the head as if its inputs had mean 0 and spread 1."""
    mean, spread = rows.mean(0), rows.std(0).clamp(min=0.02)
    with torch.no_grad():
        head.inner.weight /= spread
        head.inner.bias -= head.inner.weight @ mean


def sums(logits: Tensor, labels: Tensor, weights: Tensor, groups: Tensor) -> str:
    """Average precision, the best F1 over sentences by one threshold, and how often the first is right."""
    order = logits.argsort(descending=True)
    kept = weights[order] == 1
    hit = labels[order][kept].cumsum(0)
    rank = torch.arange(1, len(hit) + 1)
    f1 = 2 * hit / (rank + labels[weights == 1].sum())
    precision = ((hit / rank) * labels[order][kept]).sum() / labels[weights == 1].sum()
    first = [
        float(labels[groups == n][logits[groups == n].argmax()])
        for n in groups.unique()
        if labels[groups == n].any()
    ]
    return f"precision {precision:.3f}, F1 {f1.max():.3f}, first {np.mean(first):.3f} of {len(first)}"


def fit(
    head: Head, count: int, loss: Callable[[Tensor], Tensor], check: Callable[[], str], epochs: int, size: int
) -> None:
    straight = [head.direct.weight, head.outer.bias]
    vectors = [head.inner.weight, head.inner.bias, head.outer.weight]
    optimiser = torch.optim.AdamW([{"params": vectors}, {"params": straight}], weight_decay=0.05)
    steps = epochs * (count // size + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [1e-3, 3e-2], steps)
    for epoch in range(epochs):
        head.train()
        for places in torch.randperm(count).split(size):
            loss(places).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
        head.eval()
        if epoch % 3 == 2 or epoch == epochs - 1:
            with torch.no_grad():
                print(epoch, check(), flush=True)


def stacked(cached: Cached, some: Sequence[tuple[Group, list[int]]]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    parts: list[Any] = [
        (*frozen_rows(cached, place, chunk), number)
        for number, (group, places) in enumerate(some)
        for place, chunk in zip(places, group.sequences, strict=True)
    ]
    numbers = torch.cat([torch.full((len(part[0]),), part[3]) for part in parts])
    return *(torch.cat([part[n] for part in parts]) for n in range(3)), numbers  # type: ignore[return-value]


def pairs(cached: Cached, judged: Entailment) -> tuple[Tensor, Tensor, list[str]]:
    rows, labels, sources = [], [], []
    for place, (pair, item) in enumerate(zip(cached.meta, cached.items, strict=True)):
        if cached.has(place):
            said, read = cached.get(place, "means")
            offset = item.ranges[1][0]
            surface = torch.tensor(judged.surface(item.ids[1 : item.first], item.ids[offset:-1]))
            rows.append(entailing_row(cached.get(place, "cls"), said, read, surface))
            labels.append(pair.label)
            sources.append(pair.source)
    return torch.stack(rows), torch.tensor(labels), sources


def entailed(logits: Tensor, labels: Tensor, sources: list[str]) -> str:
    said = []
    names = np.array(sources)
    for name in sorted(set(sources)):
        own = torch.tensor(names == name)
        right, mine = labels[own] == 1, logits[own].argmax(1) == 1
        both = float((right & mine).sum())
        said.append(
            f"{name} {(logits[own].argmax(1) == labels[own]).float().mean():.2f} "
            f"(p {both / max(int(mine.sum()), 1):.2f} r {both / max(int(right.sum()), 1):.2f})"
        )
    return ", ".join(said)


def frozen(folder: Path, heads: Heads) -> None:
    train, held, nli, check = (Cached.of(folder, name) for name in ("train", "held", "nli", "check"))
    for each in (train, nli):
        each.blocks = {n: block for n, block in each.blocks.items() if "scores" in block}
    rows, labels, weights, groups = stacked(train, grouped(train))
    print(len(grouped(train)), "questions,", len(rows), "sentences,", int(labels.sum()), "belong", flush=True)
    other = stacked(held, grouped(held))
    standardise(heads.belonging, rows)

    def loss(places: Tensor) -> Tensor:
        chosen = torch.isin(groups, places)
        return belonging_loss(
            heads.belonging(rows[chosen])[:, 0], labels[chosen], weights[chosen], groups[chosen]
        )

    fit(
        heads.belonging,
        int(groups.max()) + 1,
        loss,
        lambda: sums(heads.belonging(other[0])[:, 0], *other[1:]),
        4,
        32,
    )
    judged = judge()
    said, right, _ = pairs(nli, judged)
    checked, wanted, sources = pairs(check, judged)
    standardise(heads.entailing, said)
    print(len(said), "statements", flush=True)
    fit(
        heads.entailing,
        len(said),
        lambda places: functional.cross_entropy(heads.entailing(said[places]), right[places]),
        lambda: entailed(heads.entailing(checked), wanted, sources),
        9,
        64,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    heads = Heads()
    if given.start:
        heads.load_state_dict(torch.load(given.start, weights_only=True)["heads"])
    if given.minutes is None:
        frozen(given.folder, heads)
        torch.save({"heads": heads.state_dict()}, given.out)
        return
    from lab.hard.tuning import Tuning

    Tuning(given.folder, heads, given.minutes, given.out, given.seed).run()


if __name__ == "__main__":
    main()
