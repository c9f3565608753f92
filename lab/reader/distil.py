"""Indonesian for the English body: its sentence vectors of the English side, learned from the Indonesian.

The student reads either side of a parallel pair, or a mixture of the two, and must give the teacher's
mean-pooled vector of the English side (Reimers and Gurevych 2020, "Making monolingual sentence embeddings
multilingual using knowledge distillation"), told apart from the other sentences of the batch as well.
"""

from __future__ import annotations

import os
import random
import time

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from tqdm import tqdm

from lab.data import WORK, parallel
from lab.reader import body, encoder, translation, vocabulary, workers
from rag.wordpiece import CLS, SEP, WordPiece

MINUTES = float(os.environ.get("KUTIP_LAB_DISTIL_MINUTES", "120"))
EPOCHS, TOKENS, LONGEST, TEMPERATURE = 2, 1536, 48, 0.05
ENGLISH = 0.2
PATH = WORK / "reader" / "distilled.pt"


def padded(rows: list[list[int]]) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [0] * (width - len(row)) for row in rows])


def batches(
    rows: list[tuple[list[int], list[int]]], tokens: int, chance: random.Random
) -> list[list[tuple[list[int], list[int]]]]:
    """Rows of like length together, about `tokens` in a batch, in random order."""
    order = sorted(rows, key=lambda row: (len(row[0]), chance.random()))
    found, batch = [], list[tuple[list[int], list[int]]]()
    for row in order:
        if batch and len(row[0]) * (len(batch) + 1) > tokens:
            found.append(batch)
            batch = []
        batch.append(row)
    found.append(batch)
    chance.shuffle(found)
    return found


def job(worker: workers.Worker) -> None:
    words = vocabulary.load()
    new, old = WordPiece(words), WordPiece(body.english_vocabulary())
    old_cls, old_sep = old.ids["[CLS]"], old.ids["[SEP]"]
    teacher = encoder.english().eval().to(worker.device)
    student = encoder.bilingual(words, translation.load()).train().to(worker.device)
    student.tokens.sparse = True
    found = workers.optimisers(student, student.tokens, 1.5e-4, 1e-3)
    pairs = [pair for number, pair in enumerate(parallel()) if number % worker.world == worker.rank]
    chance = random.Random(worker.rank)
    course = workers.Course(EPOCHS * len(pairs), MINUTES)
    course.start()
    progress, steps = 0.0, 0
    shown = tqdm(total=1.0, disable=worker.rank > 0, bar_format="{l_bar}{bar}|{elapsed} {postfix}")
    while progress < 1:
        rows = []
        for _, english, indonesian in pairs:
            text = english if chance.random() < ENGLISH else indonesian
            ids = [CLS, *new.encode(text).ids[: LONGEST - 2], SEP]
            target = [old_cls, *old.encode(english).ids[: LONGEST - 2], old_sep]
            rows.append((ids, target))
        for batch in batches(rows, TOKENS, chance):
            with torch.no_grad():
                gold = teacher.pooled(padded([target for _, target in batch]).to(worker.device))
            mine = student.pooled(padded([ids for ids, _ in batch]).to(worker.device))
            apart = functional.cross_entropy(
                mine @ gold.T / TEMPERATURE, torch.arange(len(batch), device=gold.device)
            )
            near = (1 - (mine * gold).sum(-1)).mean()
            loss = 10 * near + 0.3 * apart
            loss.backward()
            clip_grad_norm_([p for p in student.parameters() if p is not student.tokens.weight], 1.0)
            workers.schedule(found, workers.rate(progress))
            for optimiser in found:
                optimiser.step()
                optimiser.zero_grad()
            steps += 1
            if steps % workers.AVERAGED_EVERY == 0:
                worker.average(student)
                progress = worker.agree(course.step(0))
                shown.n = progress
                shown.set_postfix_str(f"step {steps} near {near.item():.3f} apart {apart.item():.3f}")
                if worker.rank == 0 and steps % 200 == 0:
                    workers.store(student.state_dict(), PATH)
                if progress >= 1:
                    break
            course.seen += len(batch)
    if worker.rank == 0:
        workers.store(student.state_dict(), PATH)
        print(f"\n{steps} steps, {course.seen} pairs a process, {course.spent / 60:.1f} minutes")


def evaluate(limit: int = 1000) -> dict[str, float]:
    """Translation retrieval among held-out pairs: the share whose own translation is nearest."""
    words = vocabulary.load()
    new = WordPiece(words)
    student = encoder.Encoder(len(words)).eval()
    student.load_state_dict(torch.load(PATH))
    pairs = list(parallel("parallel_en_id_dev"))[:limit]

    @torch.no_grad()
    def vectors(texts: list[str]) -> Tensor:
        return torch.cat([student.pooled(padded([[CLS, *new.encode(t).ids[:100], SEP]])) for t in texts])

    english, indonesian = vectors([e for _, e, _ in pairs]), vectors([i for _, _, i in pairs])
    hit = (indonesian @ english.T).argmax(1) == torch.arange(len(pairs))
    return {"retrieval": float(hit.float().mean()), "cosine": float((english * indonesian).sum(1).mean())}


if __name__ == "__main__":
    PATH.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    workers.run(job, WORK / "reader")
    print(evaluate(), f"{(time.monotonic() - began) / 60:.1f} minutes")
