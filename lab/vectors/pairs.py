"""Texts that belong together, as token ids: what the table learns from beside the teacher's vectors.

Nothing is of an article that the hard questions or those of `nowords.txt` are asked of, of an article that
`lab.hard.written` holds back, or of a passage of the dev and test parts.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lab import data
from lab.embedding import sentences
from lab.hard import written
from lab.lexicon import LEFT_OUT, glosses
from lab.reader import written as reader_written
from lab.vectors.targets import chunks, product_window, without
from rag.text.encoding import encoding, token_ids

FOLDER = Path(__file__).parent
LEADS, SAME = 60_000, 30_000
AROUND, NEAR = 450, 350
"""Code points of a passage on either side of an answer, and on either side of a sentence that answers."""

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Left and right texts. `groups`: what makes two right texts no wrong answers to each other's left."""

    left: list[Ids]
    right: list[Ids]
    groups: list[frozenset[int]]


def ids(texts: Iterable[str]) -> list[Ids]:
    tokens = encoding()
    return [np.array(token_ids(text, tokens), np.int64) for text in texts]


def paired(rows: Sequence[tuple[str, str]]) -> Pairs:
    """Rows with the same left or the same right text are of one group."""
    numbers: dict[str, int] = {}
    groups = [frozenset(numbers.setdefault(text, len(numbers)) for text in row) for row in rows]
    return Pairs(ids(left for left, _ in rows), ids(right for _, right in rows), groups)


def every() -> dict[str, Pairs]:
    """Every source by its name; `lab.vectors.fit.SHARES` says how often each is drawn."""
    chance = random.Random(1)
    passages, answers = _asked()
    parallel = [(en, id) for source, en, id in data.parallel() if not source.startswith(LEFT_OUT)]
    rows = {
        "asked": passages,
        "asked-sentence": answers,
        "hard": _hard(),
        "same": _same(chance),
        "en-id": parallel,
        "id-en": [(id, en) for en, id in parallel],
        "names": [(en, id) for _, en, id in glosses()],
        "leads": _leads(chance),
    }
    rows["news"], rows["titles"] = _news(chance)
    return {name: paired(each) for name, each in rows.items()} | {"alike": _alike()}


def _asked() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Questions of one fact with what stands around the answer, and with its sentence."""
    found, titles = reader_written.every()
    passages, answers = [], []
    for row in found:
        if row.part == "train" and row.answer is not None and row.start is not None:
            text = row.context
            near = text[max(0, row.start - AROUND) : row.start + AROUND]
            passages.append((row.question, f"{titles.get(text, '')}\n{near}".strip()))
            place, own = 0, text
            for sentence in sentences(text):
                place = text.index(sentence, place)
                if place <= row.start < place + len(sentence):
                    own = sentence
            answers.append((row.question, own))
    return passages, answers


def _hard() -> list[tuple[str, str]]:
    """Questions of every kind with what stands around the sentence that matters most."""
    left_out, rows = without(), []
    for row in written.stored():
        if row["sentences"] and row["id"] not in left_out and not written.held(row["id"]):
            title, body = written.bodies()[row["id"]]
            middle = sum(row["sentences"][0]) // 2
            near = body[max(0, middle - NEAR) : middle + NEAR]
            rows.append((row["question"], f"{title or ''}\n{near}".strip()))
    return rows


def _same(chance: random.Random) -> list[tuple[str, str]]:
    """Questions that have the same answer at the same place, in one language or in two."""
    asked = defaultdict[tuple[str, str, int, int], list[str]](list)
    for row in reader_written.stored():
        if row["start"] is not None:
            first = row["first"]
            asked[row["source"], row["id"], first + row["start"], first + row["end"]].append(row["question"])
    rows = [pair for each in asked.values() for pair in combinations(each, 2) if pair[0] != pair[1]]
    chance.shuffle(rows)
    return rows[:SAME]


def _news(chance: random.Random) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """A sentence and the rest of its chunk; a title and a chunk of its article."""
    left_out, window = without(), product_window()
    inside, titled = [], []
    for name, (title, body) in written.bodies().items():
        if name in left_out:
            continue
        for text in chunks(None, body, window):
            if title:
                titled.append((title, text))
            parts = [part.strip() for part in sentences(text)]
            if len(parts) >= 3 and len(parts[chosen := chance.randrange(len(parts))]) > 25:
                one = parts.pop(chosen)
                inside.append((one, f"{title or ''}\n{' '.join(parts)}".strip()))
    return inside, titled


def _leads(chance: random.Random) -> list[tuple[str, str]]:
    """A sentence of a Wikipedia lead, and its title with the rest."""
    leads, rows = [(title, text) for title, text in data.wiki() if len(text) >= 150], []
    for title, text in chance.sample(leads, LEADS):
        parts = sentences(text)
        if len(parts) < 2:
            rows.append((title, text))
        else:
            one = parts.pop(chance.randrange(len(parts)))
            rows.append((one, " ".join([title, *parts])))
    return rows


def _alike() -> Pairs:
    """Words and phrases that news and its readers use for one thing: a line of `alike.txt` each."""
    lines = [
        [each.strip() for each in line.split(",")]
        for line in (FOLDER / "alike.txt").read_text(encoding="utf-8").splitlines()
    ]
    member = defaultdict[str, set[int]](set)
    for number, line in enumerate(lines):
        for each in line:
            member[each].add(number)
    rows = [pair for line in lines for pair in permutations(line, 2) if pair[0] != pair[1]]
    groups = [frozenset(member[left] | member[right]) for left, right in rows]
    return Pairs(ids(left for left, _ in rows), ids(right for _, right in rows), groups)
