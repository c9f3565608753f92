"""Indonesian for the English body: what it makes of an English sentence, learned from the Indonesian one.

The student reads a side of a parallel pair. Its sentence vector must be the teacher's of the English side
(Reimers and Gurevych 2020, "Making monolingual sentence embeddings multilingual using knowledge
distillation"), told apart from the other sentences of the batch; and at two depths each of its words must
be what the teacher makes of the English word that it translates, in its place in the sentence (Cao et al.
2020, "Multilingual alignment of contextual word representations").
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from tqdm import tqdm

from lab.data import WORK, parallel
from lab.reader import body, encoder, translation, vocabulary, workers
from rag.text.wordpiece import CLS, SEP, WordPiece

MINUTES = float(os.environ.get("KUTIP_LAB_DISTIL_MINUTES", "40"))
EPOCHS, TOKENS, LONGEST, TEMPERATURE = 2, 1024, 60, 0.05
ENGLISH = 0.15
DEPTHS = (2, 5)
SURE = 0.1
"""The least that two words' translation probability may be for them to be taken as aligned."""
BODY_RATE, TABLE_RATE = 1.5e-4, 1e-3
PATH = WORK / "reader" / "distilled.pt"

Word = tuple[str, list[int]]
"""A word and the places of its tokens in the sequence."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A sequence for the student, one for the teacher, and which tokens of each are the same word."""

    mine: list[int]
    gold: list[int]
    words: list[tuple[list[int], list[int]]]


def padded(rows: Sequence[list[int]]) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [0] * (width - len(row)) for row in rows])


def sequence(text: str, pieces: WordPiece) -> tuple[list[int], list[Word]]:
    """A text between `[CLS]` and `[SEP]`, and its words."""
    tokens = pieces.encode(text)
    ids = tokens.ids[: LONGEST - 2]
    found: list[Word] = []
    for place, token in enumerate(ids):
        letters = text[tokens.starts[place] : tokens.ends[place]].lower()
        if found and pieces.vocabulary[token].startswith("##"):
            found[-1] = (found[-1][0] + letters, [*found[-1][1], place + 1])
        else:
            found.append((letters, [place + 1]))
    return [pieces.ids["[CLS]"], *ids, pieces.ids["[SEP]"]], found


class Pairs:
    """Parallel sentences as the student and the teacher read them."""

    def __init__(self, tables: translation.Translation) -> None:
        self.new, self.old = WordPiece(vocabulary.load()), WordPiece(body.english_vocabulary())
        self.english = {word: dict(entry) for word, entry in tables.english.items()}

    def pair(self, english: str, indonesian: str, from_english: bool) -> Pair:
        gold, theirs = sequence(english, self.old)
        mine, ours = sequence(english if from_english else indonesian, self.new)
        if from_english:
            return Pair(mine, gold, [(a, b) for (_, a), (_, b) in zip(ours, theirs, strict=False)])
        return Pair(mine, gold, self.aligned(ours, theirs))

    def aligned(self, ours: list[Word], theirs: list[Word]) -> list[tuple[list[int], list[int]]]:
        """Each Indonesian word with the English one that it translates best, if it is sure."""
        found = []
        for place, (word, tokens) in enumerate(ours):
            known, best = self.english.get(word, {}), (SURE, 0.0, list[int]())
            for other, (english, places) in enumerate(theirs):
                share = 1.0 if english == word else known.get(english, 0.0)
                if share >= best[0]:
                    # Of two alike, the one that stands in about the same place of the sentence.
                    near = -abs(place / len(ours) - other / len(theirs))
                    if (share, near) > best[:2] or not best[2]:
                        best = share, near, places
            if best[2]:
                found.append((tokens, best[2]))
        return found


def means(vectors: Tensor, rows: encoder.Rows, words: Sequence[Sequence[list[int]]]) -> Tensor:
    """The mean vector of each word, (words, width); `words`: a row's words as places of their tokens."""
    offsets = torch.zeros(rows.shape[0], dtype=torch.long)
    lengths = torch.bincount((rows.places // rows.shape[1]).cpu(), minlength=rows.shape[0])
    offsets[1:] = lengths.cumsum(0)[:-1]
    places, owners, owner = [], [], 0
    for start, row in zip(offsets.tolist(), words, strict=True):
        for word in row:
            places += [start + place for place in word]
            owners += [owner] * len(word)
            owner += 1
    where = torch.tensor(owners, device=vectors.device)
    total = vectors.new_zeros(owner, vectors.shape[1])
    total = total.index_add(0, where, vectors[torch.tensor(places, device=vectors.device)])
    return total / torch.bincount(where, minlength=owner).unsqueeze(1)


def losses(student: encoder.Encoder, teacher: encoder.Encoder, batch: list[Pair]) -> tuple[Tensor, ...]:
    """(1 - cosine of the sentences, telling them apart, 1 - cosine of the words at each depth)."""
    device = student.positions.weight.device
    mine, gold = (
        encoder.Rows(padded([getattr(pair, name) for pair in batch]).to(device)) for name in ("mine", "gold")
    )
    with torch.no_grad():
        wanted = teacher.every_layer(gold)
    made = student.every_layer(mine)
    theirs, ours = gold.pooled(wanted[-1]), mine.pooled(made[-1])
    own = torch.arange(len(batch), device=device)
    found = [(1 - (ours * theirs).sum(-1)).mean()]
    found.append(functional.cross_entropy(ours @ theirs.T / TEMPERATURE, own))
    for depth in DEPTHS:
        a = means(made[depth], mine, [[word for word, _ in pair.words] for pair in batch])
        b = means(wanted[depth], gold, [[word for _, word in pair.words] for pair in batch])
        found.append((1 - functional.cosine_similarity(a, b)).mean())
    return tuple(found)


def batches(rows: list[Pair], chance: random.Random) -> list[list[Pair]]:
    """Rows of like length together, about `TOKENS` in a batch, in random order."""
    found, batch, size = [], list[Pair](), 0
    for row in sorted(rows, key=lambda row: (len(row.mine) // 4, chance.random())):
        if batch and size + len(row.mine) > TOKENS:
            found.append(batch)
            batch, size = [], 0
        batch.append(row)
        size += len(row.mine)
    found.append(batch)
    chance.shuffle(found)
    return found


def job(worker: workers.Worker) -> None:
    words, tables = vocabulary.load(), translation.load()
    teacher = encoder.english().eval().to(worker.device)
    student = encoder.bilingual(words, tables).train().to(worker.device)
    student.drop = 0.0
    student.tokens.sparse = True
    found = workers.optimisers(student, student.tokens, BODY_RATE, TABLE_RATE)
    texts = [pair for number, pair in enumerate(parallel()) if number % worker.world == worker.rank]
    chance = random.Random(worker.rank)
    cut = Pairs(tables)
    course = workers.Course(EPOCHS * len(texts), MINUTES)
    course.start()
    progress, steps = 0.0, 0
    recent = [0.0] * (2 + len(DEPTHS))
    shown = tqdm(total=1.0, disable=worker.rank > 0, bar_format="{l_bar}{bar}|{elapsed} {postfix}")
    while progress < 1:
        rows = [cut.pair(e, i, chance.random() < ENGLISH) for _, e, i in texts]
        for batch in batches([row for row in rows if row.words], chance):
            near, apart, *same = losses(student, teacher, batch)
            (5 * near + 0.2 * apart + 3 * torch.stack(same).mean()).backward()
            clip_grad_norm_([p for p in student.parameters() if p is not student.tokens.weight], 1.0)
            workers.schedule(found, workers.rate(progress))
            for optimiser in found:
                optimiser.step()
                optimiser.zero_grad()
            steps += 1
            course.seen += len(batch)
            values = [float(value.detach()) for value in (near, apart, *same)]
            recent = [0.97 * old + 0.03 * new for old, new in zip(recent, values, strict=True)]
            if steps % workers.AVERAGED_EVERY == 0:
                worker.average(student)
                progress = worker.agree(course.step(0))
                shown.n = progress
                told = " ".join(f"{value / (1 - 0.97**steps):.3f}" for value in recent)
                shown.set_postfix_str(f"step {steps} seen {course.seen} near, apart, words: {told}")
                if worker.rank == 0 and steps % 200 == 0:
                    workers.store(student.state_dict(), PATH)
                if progress >= 1:
                    break
    worker.average(student)
    if worker.rank == 0:
        workers.store(student.state_dict(), PATH)
        print(f"\n{steps} steps, {course.seen} pairs a process, {course.spent / 60:.1f} minutes")


def evaluate(student: encoder.Encoder, limit: int = 1000) -> dict[str, float]:
    """Translation retrieval among held-out pairs: the share whose own translation is nearest."""
    new = WordPiece(vocabulary.load())
    student = student.eval()
    pairs = list(parallel("parallel_en_id_dev"))[:limit]

    @torch.no_grad()
    def vectors(texts: list[str]) -> Tensor:
        return torch.cat([student.pooled(padded([[CLS, *new.encode(t).ids[:100], SEP]])) for t in texts])

    english, indonesian = vectors([e for _, e, _ in pairs]), vectors([i for _, _, i in pairs])
    hit = (indonesian @ english.T).argmax(1) == torch.arange(len(pairs))
    return {"retrieval": float(hit.float().mean()), "cosine": float((english * indonesian).sum(1).mean())}


def main() -> None:
    PATH.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    student = encoder.bilingual(vocabulary.load(), translation.load())
    print("before:", evaluate(student))
    workers.run(job, WORK / "reader")
    student.load_state_dict(torch.load(PATH, weights_only=True))
    print("after:", evaluate(student), f"{(time.monotonic() - began) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
