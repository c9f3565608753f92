"""Statements beside sentences that entail them, contradict them or leave them open.

IndoNLI; the written yes-or-no questions beside their sentences; sentences of the news and of translations,
with a clause left out, a figure or a name exchanged, or beside their neighbours; questions of one fact with
answers."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lab.data import DATA, parallel
from lab.hard import written
from lab.hard.pool import pool
from rag.text.sentences import split

UNKNOWN, ENTAILED, CONTRADICTED = range(3)
LABELS = {"neutral": UNKNOWN, "entailment": ENTAILED, "contradiction": CONTRADICTED}
ANSWERS = {"unclear": UNKNOWN, "yes": ENTAILED, "no": CONTRADICTED}
NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_NOT = re.compile(r"\b(akan|telah|sudah|dapat|bisa|masih|sedang|mau)\b")
LONG, SHORT = 260, 50
"""Code points of a sentence that statements are made of."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`said`: what may follow from `read`."""

    source: str
    said: str
    title: str | None
    read: str
    label: int


def indonli(part: str) -> Iterator[Pair]:
    with gzip.open(DATA / "indonli.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["split"] == part:
                yield Pair("indonli", row["hypothesis"], None, row["premise"], LABELS[row["label"]])


def _joined(text: str, places: Sequence[Sequence[int]]) -> str:
    return " ".join(text[start:end] for start, end in sorted(map(tuple, places)))


def yesno(rows: Sequence[dict[str, Any]], chance: random.Random) -> Iterator[Pair]:
    for row in rows:
        if row["kind"] != "yesno":
            continue
        title, text = written.bodies()[row["id"]]
        marked = row["sentences"]
        if marked:
            yield Pair("yesno", row["question"], title, _joined(text, marked), ANSWERS[row["says"]])
        used = [*marked, *row["again"]]
        free = [(s.start, s.end) for s in split(text) if [s.start, s.end] not in used]
        if free:
            first = chance.randrange(len(free))
            yield Pair("other", row["question"], title, _joined(text, free[first : first + 2]), UNKNOWN)


def facts(rows: Sequence[dict[str, Any]], chance: random.Random) -> Iterator[Pair]:
    """A question and its answer, or another answer to a question of its kind about the same article."""
    for row in rows:
        if row["kind"] not in ("fact", "person", "define") or not row["spans"]:
            continue
        title, text = written.bodies()[row["id"]]
        answer, read = text[slice(*row["spans"][0])], _joined(text, row["sentences"])
        if len(answer) > 80:
            continue
        yield Pair("fact", f"{row['question']} {answer}", title, read, ENTAILED)
        others = [m.group() for m in (NUMBER if answer[:1].isdigit() else NAME).finditer(text)]
        others = [other for other in others if other not in answer and answer not in other]
        if others:
            yield Pair("fact", f"{row['question']} {chance.choice(others)}", title, read, CONTRADICTED)


def _number(old: str, chance: random.Random) -> str:
    """Another number of the same form."""
    while True:
        new = re.sub(r"\d", lambda match: str(chance.randint(0, 9)), old)
        if len(old) == 4 and old[:2] in ("19", "20"):
            new = old[:2] + new[2:]
        if new != old and not (new[0] == "0" and old[0] != "0"):
            return new


def changed(said: str, names: Sequence[str], chance: random.Random) -> tuple[str, int] | None:
    """The sentence with one thing exchanged: another figure contradicts it, another name leaves it open."""
    numbers, found = list(NUMBER.finditer(said)), list(NAME.finditer(said))
    if numbers and (not found or chance.random() < 0.55):
        match = chance.choice(numbers)
        return said[: match.start()] + _number(match.group(), chance) + said[match.end() :], CONTRADICTED
    if found:
        match, new = chance.choice(found), chance.choice(names)
        if new in said:
            return None
        return said[: match.start()] + new + said[match.end() :], UNKNOWN
    if match := _NOT.search(said):
        return said[: match.start()] + "tidak " + said[match.start() :], CONTRADICTED
    return None


def shorter(said: str, chance: random.Random) -> str:
    """The sentence without its last clause, or as it is; still entailed."""
    commas = [m.start() for m in re.finditer(r", (?!\d)", said) if m.start() > 0.4 * len(said)]
    return said[: chance.choice(commas)] + "." if commas and chance.random() < 0.6 else said


def made(
    triples: Sequence[tuple[str, str | None, str, str]],
    source: str,
    names: Sequence[str],
    chance: random.Random,
) -> Iterator[Pair]:
    """From (statement, title, what is read, its neighbour)."""
    for said, title, read, neighbour in triples:
        drawn = chance.random()
        if drawn < 0.4:
            yield Pair(source, shorter(said, chance), title, read, ENTAILED)
        elif drawn < 0.8:
            if (other := changed(said, names, chance)) is not None:
                yield Pair(source, other[0], title, read, other[1])
        else:
            yield Pair(source, shorter(said, chance), title, neighbour, UNKNOWN)


def _translations(rows: Sequence[tuple[str, str, str]], chance: random.Random) -> list[Any]:
    """Mostly an English statement about an Indonesian sentence."""
    found = []
    for (_, english, indonesian), (_, english2, indonesian2) in pairwise(rows):
        if SHORT < len(english) < LONG:
            back = chance.random() < 0.25
            found.append(
                (indonesian, None, english, english2) if back else (english, None, indonesian, indonesian2)
            )
    return found


def _sentences(texts: Sequence[tuple[str | None, str]]) -> list[Any]:
    found = []
    for title, text in texts:
        parts = [text[s.start : s.end] for s in split(text)]
        for first, second in pairwise(parts):
            if SHORT < len(first) < LONG and first[-1] in '.”"':
                found.append((first, title, first, second))
    return found


def names(texts: Sequence[str]) -> list[str]:
    return [match.group() for text in texts for match in NAME.finditer(text)]


def training(chance: random.Random) -> list[Pair]:
    """Shuffled, every source mixed."""
    rows = [row for row in written.stored() if not written.held(row["id"])]
    texts = [written.bodies()[name] for name in sorted({row["id"] for row in rows})]
    known = names([text for _, text in texts])
    both = [row for row in parallel() if row[0] != "bibtri"]
    found = [*indonli("train"), *yesno(rows, chance)]
    some = list(facts(rows, chance))
    found += chance.sample(some, min(len(some), 1500))
    every = _translations(both, chance)
    found += made(chance.sample(every, 4500), "translation", known, chance)
    found += made(chance.sample(_sentences(texts), 3000), "news", known, chance)
    chance.shuffle(found)
    return found


def checks(chance: random.Random) -> list[Pair]:
    """To choose by: part of IndoNLI's dev part, yes or no about articles kept out, 400 made statements (half
    of them in English about Indonesian sentences) and the claims that a chat model wrote."""
    rows = [row for row in written.stored() if written.held(row["id"])]
    found = chance.sample(list(indonli("dev")), 300) + list(yesno(rows, chance))
    texts = [(row["title"], written.article(str(row["text"]))) for row in pool()]
    known = names([text for _, text in texts])
    found += list(made(chance.sample(_sentences(texts), 300), "made id", known, chance))[:200]
    held_out = list(parallel("parallel_en_id_dev"))
    triples = [each for each in _translations(held_out, chance) if len(each[0]) > SHORT]
    found += list(made(chance.sample(triples, 300), "made en", known, chance))[:200]
    for line in (DATA / "claims_dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        label = ENTAILED if row["supported"] else UNKNOWN
        found.append(Pair(f"claims {row['language']}", row["claim"], None, " ".join(row["cited"]), label))
    return found
