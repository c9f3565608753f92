"""Questions and passages: fine-tunes the encoder and the head.

Three losses. In each chunk, the answer's start and end compete with all its tokens and with `[CLS]`, which
is right where there is no answer. Over all chunks of a question together, the answer's tokens compete
with every token of every chunk, so that scores compare across passages (Clark and Gardner 2018, "Simple and
effective multi-paragraph reading comprehension", shared normalisation). And by what its spans together have
over its no-answer score, the chunk with the answer competes with the others.
"""

from __future__ import annotations

import os
import pickle
import random
import sys
import time
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from tqdm import tqdm

from lab.data import WORK, Question, news, whole, wiki
from lab.reader import cloze, distil, encoder, examples, translation, vocabulary, workers, written
from lab.reader.examples import Draw, Group, Other, Row
from lab.retrieval import shingles
from rag.text.wordpiece import CLS, SEP, WordPiece

FOLDER = WORK / "reader"
PATH = FOLDER / "reader.pt"
AVERAGED = FOLDER / "reader-averaged.pt"
"""The mean of the last weights, which is a little better than the very last."""

MINUTES = float(os.environ.get("KUTIP_LAB_TRAIN_MINUTES", "240"))
EPOCHS = int(os.environ.get("KUTIP_LAB_EPOCHS", "4"))
TOKENS = int(os.environ.get("KUTIP_LAB_BATCH", "1024"))
START = os.environ.get("KUTIP_LAB_START")
"""A checkpoint of a whole reader to go on from, in place of the English body."""
DROP = 0.1
SHARES = {"facqa": 1.5, "mlqa_en": 1.5}
DRAWN = (
    Draw(1.0, 0.35, 0.6, swapped=0.1, clozes=12_000),
    Draw(2.0, 0.35, 0.6, SHARES, swapped=0.2, clozes=6_000),
    Draw(2.5, 0.35, 0.65, SHARES, swapped=0.2, clozes=4_000),
    Draw(2.5, 0.35, 0.65, SHARES, swapped=0.2, clozes=2_000),
)
"""What the first epochs are made of, the made questions first; all later ones are like the last."""
LATER = Draw(3.0, 0.3, 0.5, SHARES, swapped=0.15, clozes=1_500)
"""Every epoch of a run that goes on from a reader."""
OTHERS = 20_000
"""Texts without questions, for wrong chunks: news articles, and Wikipedia leads for the rest."""
BODY_RATE = float(os.environ.get("KUTIP_LAB_RATE", "2e-4"))
TABLE_RATE = 3 * BODY_RATE
SHARED, CHOICE = 0.5, 0.5
"""The weights of the two losses over all chunks of a question together."""
AVERAGE_FROM = 0.85
SAVE_EVERY = 180.0
FAR = -1e4


def epoch_path(number: int) -> Path:
    return FOLDER / f"groups-{number}.pickle"


def texts() -> tuple[list[Question], dict[str, str], list[Other]]:
    """The training questions, the titles of their passages, and texts without questions."""
    asked, titles = written.every()
    held = set[tuple[str, ...]]()
    for context in {row.context for row in asked}:
        held |= shingles(context)
    bodies = [(row["title"], written.article(str(row["text"]))) for row in news() if row["text"]]
    paragraphs = [(title, text) for title, text in wiki() if len(text) > 200]
    random.Random(0).shuffle(paragraphs)
    free = (Other(title, text) for title, text in bodies + paragraphs if not shingles(text) & held)
    return [row for row in asked if row.part == "train"], titles, list(islice(free, OTHERS))


def prepare() -> None:
    """Draws every epoch's groups, once, into the work folder."""
    missing = [n for n in range(EPOCHS) if not epoch_path(n).exists()]
    if not missing:
        return
    pieces, tables = WordPiece(vocabulary.load()), translation.load()
    groups, clozes = examples.Groups(*texts(), pieces, tables), cloze.Clozes(pieces, tables)
    for number in missing:
        chance = random.Random(number)
        draw = LATER if START else DRAWN[min(number, len(DRAWN) - 1)]
        drawn = groups.epoch(draw, chance) + clozes.epoch(draw.clozes, chance)
        chance.shuffle(drawn)
        packed = [[(row.question, row.passage, row.gold, row.title) for row in group] for group in drawn]
        with whole(epoch_path(number)) as part:
            part.write_bytes(pickle.dumps(packed))


def first(row: Row) -> int:
    """The place of a passage's first token in its sequence."""
    return len(row.question) + len(row.title) + 2


def sequences(rows: list[Row], device: torch.device) -> tuple[Tensor, Tensor]:
    """Padded ids, and which places are the passage's."""
    ids = [[CLS, *row.question, SEP, *row.title, *row.passage, SEP] for row in rows]
    width = max(map(len, ids))
    passage = torch.zeros(len(rows), width, dtype=torch.bool)
    for number, row in enumerate(rows):
        passage[number, first(row) : first(row) + len(row.passage)] = True
    return distil.padded(ids).to(device), passage.to(device)


def loss(scores: Tensor, passage: Tensor, groups: list[Group]) -> tuple[Tensor, Tensor, Tensor]:
    """(each chunk on its own, all tokens of a question together, its chunks); `scores` (rows, length, 2)."""
    places = [(group, place) for group in groups for place in range(len(group))]
    rows = [group[place] for group, place in places]
    ends = [(first(row) + row.gold[0], first(row) + row.gold[1]) if row.gold else (0, 0) for row in rows]
    gold = torch.tensor(ends, device=scores.device)
    weight = torch.tensor([0.5 if place else 1.0 for _, place in places], device=scores.device)
    competing = passage.clone()
    competing[:, 0] = True
    own = scores.masked_fill(~competing.unsqueeze(-1), FAR)
    each = functional.cross_entropy(own[..., 0], gold[:, 0], reduction="none")
    each = each + functional.cross_entropy(own[..., 1], gold[:, 1], reduction="none")
    chunk_loss = (each * weight).sum() / weight.sum()
    mass = scores.masked_fill(~passage.unsqueeze(-1), FAR).logsumexp(1)
    margin = (mass - scores[:, 0]).sum(1)
    together, choice, place = [], [], 0
    for group in groups:
        if group[0].gold:
            part = slice(place, place + len(group))
            right = torch.stack([scores[place, gold[place, side], side] for side in (0, 1)])
            together.append((mass[part].logsumexp(0) - right).sum())
            choice.append(margin[part].logsumexp(0) - margin[place])
        place += len(group)
    if not together:
        return chunk_loss, chunk_loss * 0, chunk_loss * 0
    return chunk_loss, torch.stack(together).mean(), torch.stack(choice).mean()


class Run:
    """One process's part of the training: where it is, and what it learns with."""

    def __init__(self, worker: workers.Worker) -> None:
        self.worker = worker
        words = vocabulary.load()
        kept = torch.load(START, map_location="cpu", weights_only=True) if START else None
        self.reader = encoder.restored(kept) if kept else encoder.Reader(len(words))
        self.reader.to(worker.device).train()
        self.reader.encoder.drop = DROP
        self.reader.encoder.tokens.sparse = True
        if not kept:
            adapted = distil.PATH.exists()
            start = (
                torch.load(distil.PATH, weights_only=True)
                if adapted
                else encoder.bilingual(words, translation.load()).state_dict()
            )
            self.reader.encoder.load_state_dict(start)
            torch.manual_seed(1)
            torch.nn.init.normal_(self.reader.head.weight, std=0.02)
            torch.nn.init.zeros_(self.reader.head.bias)
        torch.manual_seed(100 + worker.rank)
        self.optimisers = workers.optimisers(self.reader, self.reader.encoder.tokens, BODY_RATE, TABLE_RATE)
        # An epoch is read when its turn comes, which may be hours later. They are of like size.
        self.course = workers.Course(EPOCHS * len(self._groups(0)), MINUTES)
        self.epoch = self.batch = self.steps = 0
        self.progress = 0.0
        self.average: dict[str, Tensor] = {}
        self.averaged = 0
        self.recent = [0.0] * 4
        self.saved = time.monotonic()
        self.state = FOLDER / f"train-{worker.rank}.pt"
        if self.state.exists():
            self._resume()
        self.shown = tqdm(total=1.0, disable=worker.rank > 0, bar_format="{l_bar}{bar}|{elapsed} {postfix}")

    def _resume(self) -> None:
        kept = torch.load(self.state, weights_only=True)
        self.reader.load_state_dict(kept["reader"])
        for optimiser, state in zip(self.optimisers, kept["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        self.course.seen, self.course.spent, self.epoch, self.batch, self.steps, self.progress = kept[
            "course"
        ]

    def _groups(self, epoch: int) -> list[Group]:
        """This process's part of an epoch."""
        packed = pickle.loads(epoch_path(epoch).read_bytes())
        return [[Row(*row) for row in group] for group in packed[self.worker.rank :: self.worker.world]]

    def run(self) -> None:
        self.course.start()
        while self.epoch < EPOCHS and self.progress < 1:
            groups = self._groups(self.epoch)
            chance = random.Random(1000 * self.epoch + self.worker.rank)
            batches = list(examples.batches(groups, TOKENS, chance))
            # Every process takes as many steps, so that none waits for the others at the end.
            fewest = self.worker.fewest(len(batches))
            while self.batch < fewest and self.progress < 1:
                self._step(batches[self.batch])
                self.batch += 1
                if self.steps % workers.AVERAGED_EVERY == 0:
                    self._meet()
            self.epoch, self.batch = self.epoch + 1, 0
        self.worker.average(self.reader)
        if self.worker.rank == 0:
            workers.store(self.reader.state_dict(), PATH)
            workers.store(self.average or self.reader.state_dict(), AVERAGED)
            print(
                f"\n{self.steps} steps, {self.course.seen} groups a process, {self.course.spent / 60:.1f} min"
            )

    def _step(self, batch: list[Group]) -> None:
        ids, passage = sequences([row for group in batch for row in group], self.worker.device)
        with self.worker.fast():
            vectors = self.reader.encoder(ids)
        chunk_loss, shared, choice = loss(self.reader.head(vectors.float()), passage, batch)
        (chunk_loss + SHARED * shared + CHOICE * choice).backward()
        table = self.reader.encoder.tokens.weight
        clip_grad_norm_([p for p in self.reader.parameters() if p is not table], 1.0)
        workers.schedule(self.optimisers, workers.rate(self.progress))
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad()
        self.course.seen += len(batch)
        self.steps += 1
        values = (float(chunk_loss.detach()), float(shared.detach()), float(choice.detach()), 1.0)
        self.recent = [0.98 * old + 0.02 * new for old, new in zip(self.recent, values, strict=True)]

    def _meet(self) -> None:
        """The processes share what they learned, agree on how far they are, and save."""
        self.worker.average(self.reader)
        self.progress = self.worker.agree(self.course.step(0))
        chunk_loss, shared, choice, weight = self.recent
        self.shown.n = self.progress
        self.shown.set_postfix_str(
            f"epoch {self.epoch} step {self.steps} seen {self.course.seen} "
            f"chunk {chunk_loss / weight:.3f} shared {shared / weight:.3f} choice {choice / weight:.3f}"
        )
        if self.worker.rank == 0 and self.progress > AVERAGE_FROM:
            self.averaged += 1
            for name, value in self.reader.state_dict().items():
                kept = self.average.setdefault(name, value.clone())
                kept.lerp_(value, max(1 / self.averaged, 0.03))
        if self.worker.agree(float(time.monotonic() - self.saved > SAVE_EVERY)) >= 0.5:
            self.saved = time.monotonic()
            course = self.course.seen, self.course.spent, self.epoch, self.batch, self.steps, self.progress
            states = [optimiser.state_dict() for optimiser in self.optimisers]
            kept_state = {"reader": self.reader.state_dict(), "optimisers": states, "course": course}
            workers.store(kept_state, self.state)
            if self.worker.rank == 0:
                workers.store(self.reader.state_dict(), PATH)


def job(worker: workers.Worker) -> None:
    Run(worker).run()


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    prepare()
    if "prepare" not in sys.argv:
        workers.run(job, FOLDER)
