"""Makes rag/models/embedding.npz: a static embedding in which Indonesian and English share a space.

    python -m lab.embedding                        train, write, report
    python -m lab.embedding --steps 300 --trial    a short run that writes nothing

A row and a weight for each token, trained so that of a batch's texts the one that belongs to a text is the
nearest (InfoNCE: van den Oord et al. 2018): translations, questions and their passages, sentences of
Wikipedia leads and what stands around them. Half of the queries are short stretches, as questions are.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from lab import crosslingual, data
from lab.lexicon import LEFT_OUT, content, glosses, translated
from rag.search.embed import PATH, StaticEmbedder
from rag.search.lexicon import Lexicon
from rag.text.encoding import encoding, token_ids

DIMENSIONS = 256
STEPS = 1_000
BATCH = 1_024
TEMPERATURE = 0.05
LEADS = 150_000
LONGEST = 64
"""Tokens of a text that a step reads: a random window of a longer one."""
SHORTEST_STRETCH, LONGEST_STRETCH = 4, 14
"""Tokens of a stretch that stands for a question."""

Ids = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Texts that belong together as token ids, and how often a step takes its batch from them.

    `cut`: the share of the left texts that is cut to a short stretch; `longest`: tokens of a right text.
    """

    name: str
    left: list[Ids]
    right: list[Ids]
    share: float
    cut: float
    longest: int = LONGEST

    def batch(self, size: int, chance: random.Random) -> tuple[list[Ids], list[Ids]]:
        chosen = chance.sample(range(len(self.left)), min(size, len(self.left)))
        left = [self.left[i] for i in chosen]
        for i, ids in enumerate(left):
            if chance.random() < self.cut:
                length = chance.randint(SHORTEST_STRETCH, LONGEST_STRETCH)
                left[i] = window(ids, length, chance)
        return [window(ids, LONGEST, chance) for ids in left], [
            window(self.right[i], self.longest, chance) for i in chosen
        ]


def window(ids: Ids, length: int, chance: random.Random) -> Ids:
    start = chance.randrange(max(1, len(ids) - length + 1))
    return ids[start : start + length]


def tokenised(texts: Iterable[str]) -> list[Ids]:
    tokens = encoding()
    return [np.array(token_ids(text, tokens), np.int32) for text in texts]


def sentences(text: str) -> list[str]:
    """Roughly: a recipe can do without the product's care for abbreviations."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z0-9\"“])", text)


def training_pairs() -> list[Pairs]:
    kept = [(en, id) for source, en, id in data.parallel() if not source.startswith(LEFT_OUT)]
    english, indonesian = zip(*kept, strict=True)
    names = [(en, id) for _, en, id in glosses()]
    questions, passages, answers = [], [], []
    for asked in data.questions():
        if asked.part == "train" and asked.answer is not None and asked.start is not None:
            questions.append(asked.question)
            passages.append(asked.context)
            place, found = 0, asked.context
            for sentence in sentences(asked.context):
                place = asked.context.index(sentence, place)
                if place <= asked.start < place + len(sentence):
                    found = sentence
            answers.append(found)
    chance = random.Random(1)
    leads = [(title, text) for title, text in data.wiki() if len(text) >= 150]
    around, inside = [], []
    for title, text in chance.sample(leads, LEADS):
        split = sentences(text)
        if len(split) < 2:
            around.append(text)
            inside.append(title)
        else:
            chosen = chance.randrange(len(split))
            inside.append(split.pop(chosen))
            around.append(" ".join([title, *split]))
    en, id = tokenised(english), tokenised(indonesian)
    asked_ids = tokenised(questions)
    return [
        Pairs("en-id", en, id, 0.27, 0.5),
        Pairs("id-en", id, en, 0.18, 0.5),
        Pairs("names", tokenised(n[0] for n in names), tokenised(n[1] for n in names), 0.05, 0.0),
        Pairs("question-passage", asked_ids, tokenised(passages), 0.07, 0.0, 256),
        Pairs("question-sentence", asked_ids, tokenised(answers), 0.13, 0.0),
        Pairs("leads", tokenised(inside), tokenised(around), 0.30, 0.3),
    ]


class Bag(nn.Module):
    """Token rows and weights; a text is the normalised weighted sum of its rows."""

    def __init__(self, frequencies: NDArray[np.float64], dimensions: int) -> None:
        super().__init__()
        size = len(frequencies)
        self.rows = nn.EmbeddingBag(size, dimensions, mode="sum")
        nn.init.normal_(self.rows.weight, std=dimensions**-0.5)
        # Rare tokens start heavier: a / (a + p), Arora, Liang and Ma 2017.
        self.weights = nn.Parameter(torch.log(torch.tensor(1e-3 / (1e-3 + frequencies), dtype=torch.float32)))

    def forward(self, texts: Sequence[Ids]) -> torch.Tensor:
        ids = torch.from_numpy(np.concatenate(texts)).long()
        starts = torch.from_numpy(np.cumsum([0, *map(len, texts[:-1])]))
        sums = self.rows(ids, starts, per_sample_weights=self.weights.exp()[ids])
        return nn.functional.normalize(sums, dim=1)

    def matrix(self) -> NDArray[np.float32]:
        return (self.rows.weight * self.weights.exp()[:, None]).detach().numpy()


def train(pairs: Sequence[Pairs], steps: int, dimensions: int, rate: float) -> Bag:
    torch.manual_seed(1)
    chance = random.Random(2)
    counts = np.bincount(
        np.concatenate([ids for p in pairs for side in (p.left, p.right) for ids in side]),
        minlength=encoding().n_vocab,
    )
    bag = Bag(counts / counts.sum(), dimensions)
    optimizer = torch.optim.Adam(
        [{"params": bag.rows.parameters(), "lr": rate}, {"params": [bag.weights], "lr": rate * 3}], fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [rate, rate * 3], total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    progress = tqdm(range(steps), mininterval=5)
    for _ in progress:
        chosen = chance.choices(pairs, [p.share for p in pairs])[0]
        left, right = chosen.batch(BATCH, chance)
        scores = bag(left) @ bag(right).T / TEMPERATURE
        own = torch.arange(len(left))
        loss = (nn.functional.cross_entropy(scores, own) + nn.functional.cross_entropy(scores.T, own)) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        progress.set_postfix_str(f"{chosen.name} {loss.item():.3f}", refresh=False)
    return bag


def write(matrix: NDArray[np.float32], path: Path) -> None:
    """int8 with a scale for each row; not compressed, which saves a twentieth and slows each start."""
    scales = np.maximum(np.abs(matrix).max(axis=1) / 127, 1e-6).astype(np.float16)
    rows = np.round(matrix / scales[:, None].astype(np.float32)).clip(-127, 127).astype(np.int8)
    digest = hashlib.sha256(rows.tobytes() + scales.tobytes()).hexdigest()
    np.savez(path, rows=rows, scales=scales, digest=np.array(digest))


def scored(
    embedder: StaticEmbedder, task: crosslingual.Task
) -> tuple[crosslingual.Scores, crosslingual.Scores]:
    return (
        np.stack([embedder.question(query) for query in task.queries]),
        embedder.passages(task.passages),
    )


def report(embedder: StaticEmbedder, tasks: Sequence[crosslingual.Task]) -> None:
    """Translations found among 1,012 sentences; MRR and R@20 alone and added to BM25, z-scored."""
    held_out = [pair for pair in data.parallel("parallel_en_id_dev") if pair[0] == "flores_devtest"]
    english, indonesian = (embedder.passages([pair[side] for pair in held_out]) for side in (1, 2))
    found = ((english @ indonesian.T).argmax(1) == np.arange(len(held_out))).mean()
    print(f"translations found {found:.3f}")
    lexicon = Lexicon.load()
    for task in tasks:
        questions, passages = scored(embedder, task)
        index = crosslingual.Bm25(content(text, task.target) for text in task.passages)
        if task.source == task.target:
            queries = [dict.fromkeys(content(query, task.source), 1.0) for query in task.queries]
        else:
            queries = [translated(query, task.source, lexicon) for query in task.queries]

        def dense(first: int, last: int) -> crosslingual.Scores:
            return questions[first:last] @ passages.T  # noqa: B023

        def lexical(first: int, last: int) -> crosslingual.Scores:
            return index.scores(queries[first:last])  # noqa: B023

        def fused(first: int, last: int, share: float = 0.3) -> crosslingual.Scores:
            return (1 - share) * standard(lexical(first, last)) + share * standard(dense(first, last))

        figures = [crosslingual.measure(task, score) for score in (dense, lexical, fused)]
        print(
            task.name,
            *(
                f"{name} {f[0]:.3f}/{f[2]:.3f}"
                for name, f in zip(("dense", "lexical", "fused"), figures, strict=True)
            ),
            flush=True,
        )


def standard(scores: crosslingual.Scores) -> crosslingual.Scores:
    """Each query's scores with mean 0 and deviation 1."""
    return (scores - scores.mean(1, keepdims=True)) / (scores.std(1, keepdims=True) + 1e-6)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--steps", type=int, default=STEPS)
    arguments.add_argument("--dimensions", type=int, default=DIMENSIONS)
    arguments.add_argument("--rate", type=float, default=0.01)
    arguments.add_argument("--output", type=Path, default=PATH)
    chosen = arguments.parse_args()
    torch.set_num_threads(2)
    start = time.perf_counter()
    pairs = training_pairs()
    print(*(f"{p.name} {len(p.left)}" for p in pairs), f"{time.perf_counter() - start:.0f} s", flush=True)
    bag = train(pairs, chosen.steps, chosen.dimensions, chosen.rate)
    write(bag.matrix(), chosen.output)
    print(f"{chosen.output.stat().st_size / 1e6:.1f} MB, {time.perf_counter() - start:.0f} s", flush=True)
    distractors = crosslingual.wikipedia()
    tasks = [
        *crosslingual.stretches(distractors),
        crosslingual.questions("dev", "id", distractors),
        crosslingual.questions("test", "en", distractors),
    ]
    report(StaticEmbedder(chosen.output), tasks)


if __name__ == "__main__":
    main()
