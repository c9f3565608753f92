"""The layers above the cached ones and the heads, trained together; see `lab.hard.train`."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lab.hard.cache import FROZEN, padded
from lab.hard.train import (
    Cached,
    Heads,
    belonging_loss,
    entailed,
    entailing_row,
    grouped,
    judge,
    sums,
)
from lab.reader import encoder
from lab.reader.encoder import Rows
from lab.reader.shipped import CHECKPOINT
from lab.reader.workers import store
from rag.reading.heads import PLAIN, belonging_rows
from rag.reading.spans import sentences

FAR = -1e4
TOKENS = 2000
"""Of a batch."""
READ = 6
"""Chunks of a question in a batch: as many as the product reads first."""
RATE, HEAD_RATE, DROP = 1e-4, 5e-4, 0.1
CHOICE, SPANS = 0.3, 0.3
"""The weights of the span losses beside the heads' own."""
SAVE_EVERY = 120.0
AVERAGE_FROM = 0.6


@dataclass(slots=True)
class Row:
    """A sequence in a batch: `gold`: places that an answer may start at, and end at, or none."""

    cached: Cached
    place: int
    first: int
    """Of the passage's tokens; the last is the sequence's last but one."""
    gold: tuple[list[int], list[int]] | None
    chunk: Any = None


@dataclass(slots=True)
class Task:
    """Rows of one question, or one statement with its label."""

    rows: list[Row]
    label: int = -1

    @property
    def tokens(self) -> int:
        return sum(len(row.cached.items[row.place].ids) for row in self.rows)


def gold(chunk: Any) -> tuple[list[int], list[int]] | None:
    """The marked span, else every token of the sentences that belong."""
    if chunk.span:
        return [chunk.offset + chunk.span[0]], [chunk.offset + chunk.span[1]]
    inside = [
        chunk.offset + token
        for (begin, end), label in zip(chunk.ranges, chunk.labels, strict=True)
        if label
        for token in range(begin, end)
    ]
    return (inside, inside) if inside else None


def hard(cached: Cached, chance: random.Random | None = None) -> list[Task]:
    """A task a question; with `chance`, what holds the answer and some of the rest, `READ` chunks."""
    found = []
    for group, places in grouped(cached):
        rows = [Row(cached, p, c.offset, gold(c), c) for p, c in zip(places, group.sequences, strict=True)]
        if chance:
            kept = [row for row in rows if row.gold]
            rest = [row for row in rows if not row.gold]
            rows = kept + chance.sample(rest, min(len(rest), max(READ - len(kept), 0)))
        found.append(Task(rows))
    return found


def older(cached: Cached) -> list[Task]:
    found, place = [], 0
    for old in cached.meta:
        rows = [
            Row(cached, place + n, cached.items[place + n].ranges[0][0], ([s[0]], [s[1]]) if s else None)
            for n, s in enumerate(old.spans)
        ]
        place += len(rows)
        if all(cached.has(row.place) for row in rows):
            found.append(Task(rows))
    return found


def statements(cached: Cached) -> list[Task]:
    return [
        Task([Row(cached, place, item.ranges[1][0], None)], pair.label)
        for place, (pair, item) in enumerate(zip(cached.meta, cached.items, strict=True))
        if cached.has(place)
    ]


def batches(tasks: list[Task], tokens: int, chance: random.Random) -> list[list[Task]]:
    """Of like length, in an order drawn."""
    order = sorted(
        tasks,
        key=lambda task: (max(len(r.cached.items[r.place].ids) for r in task.rows) // 8, chance.random()),
    )
    found, batch, total = [], list[Task](), 0
    for task in order:
        if batch and total + task.tokens > tokens:
            found.append(batch)
            batch, total = [], 0
        batch.append(task)
        total += task.tokens
    chance.shuffle(found)
    return found


class Tuning:
    def __init__(self, folder: Path, heads: Heads, minutes: float, out: Path, seed: int) -> None:
        self.folder, self.heads, self.minutes, self.out = folder, heads, minutes, out
        self.reader = encoder.restored(torch.load(CHECKPOINT, weights_only=True))
        for each in (self.reader.encoder.tokens, self.reader.encoder.positions, self.reader.encoder.norm):
            each.requires_grad_(False)
        for layer in self.reader.encoder.layers[:FROZEN]:
            layer.requires_grad_(False)
        self.upper = self.reader.encoder.layers[FROZEN:]
        self.judge = judge()
        heads.belonging.drop = heads.entailing.drop = DROP
        self.cached = {name: Cached.of(folder, name) for name in ("train", "nli", "old", "held", "check")}
        body = [*self.upper.parameters(), *self.reader.head.parameters()]
        self.optimiser = torch.optim.AdamW(
            [{"params": body, "lr": RATE}, {"params": list(heads.parameters()), "lr": HEAD_RATE}],
            weight_decay=0.01,
            betas=(0.9, 0.98),
        )
        self.rates = [group["lr"] for group in self.optimiser.param_groups]
        self.seed = seed
        self.average: dict[str, Tensor] = {}
        self.averaged = 0

    def vectors(self, rows: list[Row]) -> list[Tensor]:
        """The last layer's, of each row."""
        lower = [row.cached.get(row.place, "lower") for row in rows]
        shape = Rows(padded([row.cached.items[row.place].ids for row in rows]))
        with torch.autocast("cpu", torch.bfloat16):
            x = torch.cat(lower)
            for layer in self.upper:
                x = layer(x, shape, DROP)
        return list(x.float().split([len(each) for each in lower]))

    def belonging(self, rows: list[Row], vectors: list[Tensor], scores: list[Tensor]) -> tuple[Tensor, ...]:
        """Log-odds, labels, weights of all sentences of rows that have such."""
        inputs, labels, weights, numbers = [], [], [], []
        for number, (row, own, score) in enumerate(zip(rows, vectors, scores, strict=True)):
            chunk = row.chunk
            found = sentences(score.detach().numpy(), chunk.offset, chunk.ranges, 0)
            if not found:
                continue
            empty = np.zeros((len(own), 0), np.float32)
            plain = belonging_rows(
                empty, score.detach().numpy(), 1, chunk.offset, found, chunk.ranges, chunk.numbers
            )
            asked = own[1 : row.cached.items[row.place].first].mean(0)
            for each, figures in zip(found, torch.tensor(plain), strict=True):
                begin, end = (chunk.offset + place for place in chunk.ranges[each.sentence])
                inputs.append(torch.cat([own[begin:end].mean(0), own[0], asked, figures[-PLAIN:]]))
                labels.append(chunk.labels[each.sentence])
                weights.append(chunk.weights[each.sentence])
                numbers.append(number)
        made = self.heads.belonging(torch.stack(inputs))[:, 0]
        return made, torch.tensor(labels), torch.tensor(weights), torch.tensor(numbers)

    def spans(self, tasks: list[Task], scores: list[Tensor]) -> Tensor:
        """Start and end in each chunk, no answer included; and the choice between a question's chunks."""
        alone, choices, place = [], [], 0
        for task in tasks:
            margins = []
            for row in task.rows:
                score = scores[place]
                place += 1
                inside = score[row.first : -1]
                mass = inside.logsumexp(0)
                margins.append((mass - score[0]).sum())
                total = torch.stack([mass, score[0]]).logsumexp(0)
                right = (
                    torch.stack([score[row.gold[side], side].logsumexp(0) for side in (0, 1)])
                    if row.gold
                    else score[0]
                )
                alone.append((total - right).sum())
            found = torch.stack(margins)
            own = torch.tensor([bool(row.gold) for row in task.rows])
            if own.any() and not own.all():
                choices.append(found.logsumexp(0) - found[own].logsumexp(0))
        loss = torch.stack(alone).mean()
        return loss + CHOICE * torch.stack(choices).mean() if choices else loss

    def entailing(self, tasks: list[Task], vectors: list[Tensor]) -> Tensor:
        inputs = []
        for task, own in zip(tasks, vectors, strict=True):
            row = task.rows[0]
            item = row.cached.items[row.place]
            surface = torch.tensor(self.judge.surface(item.ids[1 : item.first], item.ids[row.first : -1]))
            inputs.append(
                entailing_row(own[0], own[1 : item.first].mean(0), own[row.first : -1].mean(0), surface)
            )
        found: Tensor = self.heads.entailing(torch.stack(inputs))
        return found

    def loss(self, kind: str, tasks: list[Task]) -> tuple[Tensor, dict[str, float]]:
        rows = [row for task in tasks for row in task.rows]
        vectors = self.vectors(rows)
        if kind == "nli":
            labels = torch.tensor([task.label for task in tasks])
            loss = functional.cross_entropy(self.entailing(tasks, vectors), labels)
            return loss, {"entailing": float(loss.detach())}
        scores = [self.reader.head(each) for each in vectors]
        spans = self.spans(tasks, scores)
        if kind == "old":
            return SPANS * spans, {"old": float(spans.detach())}
        of = torch.tensor([n for n, task in enumerate(tasks) for _ in task.rows])
        logits, labels, weights, numbers = self.belonging(rows, vectors, scores)
        belongs = belonging_loss(logits, labels, weights, of[numbers])
        told = {"belongs": float(belongs.detach()), "spans": float(spans.detach())}
        return 3 * belongs + SPANS * spans, told

    def stream(self) -> Iterator[tuple[str, list[Task]]]:
        """What is cached by now in an order drawn, again and again, each time with what came since."""
        chance = random.Random(self.seed)
        while True:
            found = []
            for name, made in (("train", hard), ("nli", statements), ("old", older)):
                self.cached[name].more()
                tasks = hard(self.cached[name], chance) if name == "train" else made(self.cached[name])
                some = batches(tasks, TOKENS, chance)
                print(name, len(tasks), "tasks", len(some), "batches", flush=True)
                found += [(name, batch) for batch in some]
            chance.shuffle(found)
            yield from found

    def check(self) -> str:
        self.reader.eval()
        self.heads.eval()
        made, place = [], 0
        with torch.no_grad():
            for number, task in enumerate(hard(self.cached["held"])):
                vectors = self.vectors(task.rows)
                scores = [self.reader.head(each) for each in vectors]
                logits, labels, weights, _ = self.belonging(task.rows, vectors, scores)
                made.append((logits, labels, weights, torch.full((len(logits),), number)))
            pairs, logits2, names = statements(self.cached["check"]), [], []
            for place in range(0, len(pairs), 16):
                some = pairs[place : place + 16]
                logits2.append(self.entailing(some, self.vectors([t.rows[0] for t in some])))
            names = [self.cached["check"].meta[t.rows[0].place].source for t in pairs]
        self.reader.train()
        self.heads.train()
        told = sums(*(torch.cat([each[n] for each in made]) for n in range(4)))
        return f"{told}; {entailed(torch.cat(logits2), torch.tensor([t.label for t in pairs]), names)}"

    def state(self) -> dict[str, Any]:
        now = self.reader.state_dict() | {f"heads.{n}": v for n, v in self.heads.state_dict().items()}
        return self.average or now

    def save(self) -> None:
        state = self.state()
        reader = {n: v for n, v in state.items() if not n.startswith("heads.")}
        heads = {n.removeprefix("heads."): v for n, v in state.items() if n.startswith("heads.")}
        store({"reader": reader, "heads": heads}, self.out)

    def run(self) -> None:
        self.reader.train()
        self.heads.train()
        began = saved = time.monotonic()
        recent: dict[str, float] = {}
        tokens = 0
        for step, (kind, tasks) in enumerate(self.stream()):
            progress = (time.monotonic() - began) / (60 * self.minutes)
            if progress >= 1:
                break
            factor = min(1.0, (step + 1) / 60) * (1 - 0.95 * progress)
            for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
                group["lr"] = rate * factor
            loss, told = self.loss(kind, tasks)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_([p for g in self.optimiser.param_groups for p in g["params"]], 1.0)
            self.optimiser.step()
            self.optimiser.zero_grad()
            tokens += sum(task.tokens for task in tasks)
            for name, value in told.items():
                recent[name] = 0.97 * recent.get(name, value) + 0.03 * value
            if progress > AVERAGE_FROM and step % 10 == 0:
                self.averaged += 1
                live = self.reader.state_dict() | {
                    f"heads.{n}": v for n, v in self.heads.state_dict().items()
                }
                for name, value in live.items():
                    kept = self.average.setdefault(name, value.clone())
                    kept.lerp_(value, max(1 / self.averaged, 0.02))
            if step % 50 == 0 or time.monotonic() - saved > SAVE_EVERY:
                rate = tokens / (time.monotonic() - began)
                shown = " ".join(f"{name} {value:.3f}" for name, value in recent.items())
                print(f"{progress:.3f} step {step} {rate:.0f} tokens a second, {shown}", flush=True)
            if time.monotonic() - saved > SAVE_EVERY:
                saved = time.monotonic()
                self.save()
        print(self.check(), flush=True)
        self.save()
