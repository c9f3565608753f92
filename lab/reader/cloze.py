"""Questions made from sentences that say the same: across languages, and in Indonesian.

There are no English questions about Indonesian text to train on. But a sentence of parallel text with one
phrase taken out, and a question word in its place, asks for that phrase in the other language's sentence
(Lewis, Denoyer and Riedel 2019, "Unsupervised question answering by cloze translation", with a human
translation in place of the machine's). A hypothesis that an Indonesian premise entails does the same in one
language, in other words. Half of the wrong chunks are other text of the source; a question whose name or
number is exchanged for another has no answer at all.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lab.data import DATA, parallel
from lab.reader.examples import CHUNK, LONGEST, QUESTION, Group, Row
from lab.reader.translation import Translation
from rag.text.wordpiece import WordPiece
from rag.types import Language

SPAN, SHORTEST, MOST = 6, 6, 40
"""The most words of an answer; the fewest and most words of a sentence that is asked about."""
SHORT, SURE = 5, 0.15
"""The fewest letters of a word that an answer starts at; the least probability of a translation."""
ASKED: dict[Language, dict[str, tuple[str, ...]]] = {
    "id": {
        "number": ("berapa", "berapa banyak", "berapa jumlah", "kapan", "tahun berapa"),
        "name": ("siapa", "siapakah", "apa", "apakah", "di mana", "mana", "nama"),
        "other": ("apa", "apakah", "bagaimana", "mengapa", "apa yang", "di mana", "kapan", "siapa"),
    },
    "en": {
        "number": ("how many", "how much", "what number", "when", "in what year", "how long"),
        "name": ("who", "what", "which", "where", "whom", "what is the name of"),
        "other": ("what", "which", "how", "why", "where", "when", "who", "what kind of"),
    },
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One side of a pair: its words as written, and the same in lower case."""

    language: Language
    words: tuple[str, ...]
    lower: tuple[str, ...]


def sentence(text: str, language: Language) -> Sentence:
    words = tuple(re.findall(r"\w+(?:[-.,'’:/]\w+)*|[^\w\s]", text))
    return Sentence(language, words, tuple(word.lower() for word in words))


def kind(words: Sequence[str], first: bool) -> str:
    """What a phrase is, for the question word: a number, a name or another."""
    if any(char.isdigit() for word in words for char in word):
        return "number"
    return "name" if words[0][0].isupper() and not first else "other"


class Clozes:
    """Draws groups of made questions."""

    def __init__(self, pieces: WordPiece, tables: Translation) -> None:
        self.pieces, self.english = pieces, {word: dict(entry) for word, entry in tables.english.items()}
        self.pairs: list[tuple[Sentence, Sentence]] = []
        """(what is asked from, what holds the answer)"""
        self.near: list[tuple[int, int]] = []
        """For each pair, the range of pairs that come from the same source."""
        sources: dict[str, list[tuple[Sentence, Sentence]]] = defaultdict(list)
        for source, english, indonesian in parallel():
            pair = sentence(english, "en"), sentence(indonesian, "id")
            if all(SHORTEST <= len(side.words) <= MOST for side in pair):
                sources[source].append(pair)
        with gzip.open(DATA / "indonli.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if row["label"] == "entailment" and row["split"] == "train":
                    pair = sentence(row["hypothesis"], "id"), sentence(row["premise"], "id")
                    if len(pair[0].words) >= 4 and len(pair[1].words) <= 80:
                        sources["indonli"].append(pair)
        self.names: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for entry in sources.values():
            first = len(self.pairs)
            self.pairs += entry
            self.near += [(first, first + len(entry))] * len(entry)
        for asked, _ in self.pairs:
            for begin, end in entities(asked):
                self.names[kind(asked.words[begin:end], False)].append(asked.words[begin:end])

    def epoch(self, count: int, chance: random.Random) -> list[Group]:
        """About `count` groups."""
        found = []
        while len(found) < count:
            if group := self.group(chance.randrange(len(self.pairs)), chance):
                found.append(group)
        return found

    def group(self, number: int, chance: random.Random) -> Group | None:
        asked, holder = self.pairs[number]
        turned = asked.language == "en" and chance.random() < 0.25
        if turned:
            asked, holder = holder, asked
        span = self.span(asked, holder, chance)
        if span is None:
            return None
        (first, last), (begin, end) = span
        question = self.question(asked, first, last, chance)
        side = 0 if turned else 1
        texts, place = self.window(number, side, chance)
        ids, gold = list[int](), None
        for at, each in enumerate(texts):
            for index, word in enumerate(each.words):
                start = len(ids)
                ids += self.pieces.encode(word).ids
                if at == place and index == begin:
                    gold = start
                if at == place and index == end - 1:
                    stop = len(ids) - 1
        if gold is None or stop >= LONGEST:
            return None
        group = [Row(question, ids[:LONGEST], (gold, stop))]
        if chance.random() < 0.3:
            other = chance.randrange(*self.near[number])
            texts, _ = self.window(other, side, chance)
            if not any(
                holder.words[begin:end] == each.words[b : b + end - begin]
                for each in texts
                for b in range(len(each.words))
            ):
                ids = [i for each in texts for word in each.words for i in self.pieces.encode(word).ids]
                group.append(Row(question, ids[:LONGEST], None))
        if chance.random() < 0.2 and (swapped := self.swapped(asked, holder, (first, last), chance)):
            return [Row(swapped, group[0].passage, None)]
        return group

    def window(self, number: int, side: int, chance: random.Random) -> tuple[list[Sentence], int]:
        """Sentences of one side with that of pair `number` among them, and its place."""
        low, high = self.near[number]
        place = chance.randrange(5)
        found, size = [self.pairs[number][side]], len(self.pairs[number][side].words)
        before = 0
        for step in chance.sample(range(-place, 5 - place), 5):
            other = number + step if chance.random() < 0.7 else chance.randrange(low, high)
            if other == number or not low <= other < high:
                continue
            text = self.pairs[other][side]
            if text in found or (size + len(text.words)) * 1.4 > CHUNK:
                continue
            size += len(text.words)
            if step < 0:
                found.insert(0, text)
                before += 1
            else:
                found.append(text)
        return found, before

    def span(
        self, asked: Sentence, holder: Sentence, chance: random.Random
    ) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """A phrase of `asked` and the one of `holder` that says the same, as ranges of words."""
        links = self.links(asked, holder)
        if not links:
            return None
        sources = [place for place in sorted(links) if len(asked.words[place]) >= SHORT] or sorted(links)
        hard = [
            place
            for place in sources
            if any(char.isdigit() for char in asked.words[place])
            or (place > 0 and asked.words[place][0].isupper())
        ]
        for _ in range(4):
            start = chance.choice(hard if hard and chance.random() < 0.7 else sources)
            first = last = start
            if start in hard:
                while first - 1 in hard:
                    first -= 1
                while last + 1 in hard:
                    last += 1
            else:
                last = min(start + min(int(chance.expovariate(0.5)), SPAN - 1), len(asked.words) - 1)
            goals = [goal for place in range(first, last + 1) for goal in links.get(place, [])]
            begin, end = min(goals), max(goals) + 1
            inside = range(begin, end)
            back = [p for p, goal in links.items() for g in goal if g in inside]
            # Nothing else of the question may stand for a word of the answer.
            alone = all(first <= p <= last for p in back)
            says = any(len(word) > 2 for word in asked.words[first : last + 1])
            if end - begin <= SPAN and alone and says:
                return (first, last + 1), (begin, end)
        return None

    def links(self, asked: Sentence, holder: Sentence) -> dict[int, list[int]]:
        """For words of `asked`, the one word of `holder` that is the same or its likeliest translation."""
        found: dict[int, list[int]] = {}
        places: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(holder.lower):
            places[word].append(place)
        for place, word in enumerate(asked.lower):
            if not word[0].isalnum():
                continue
            if word in places:
                best = places[word]
            elif asked.language != holder.language:
                shares = [(self.share(word, other, asked.language), goal) for other, goal in places.items()]
                share, best = max(shares, key=lambda each: each[0])
                if share < SURE:
                    continue
            else:
                continue
            ratio = len(holder.words) / len(asked.words)
            found[place] = [min(best, key=lambda goal: abs(goal - place * ratio))]
        return found

    def share(self, word: str, other: str, language: Language) -> float:
        indonesian, english = (word, other) if language == "id" else (other, word)
        return self.english.get(indonesian, {}).get(english, 0.0)

    def question(self, asked: Sentence, first: int, last: int, chance: random.Random) -> list[int]:
        """`asked` without the phrase, shortened at random, and with a question word."""
        low, high = 0, len(asked.words)
        if chance.random() < 0.6:
            low = max(0, first - chance.randint(3, 12))
            high = min(high, last + chance.randint(3, 12))
        drop = chance.choice((0.0, 0.1, 0.25))

        def kept(begin: int, end: int) -> list[str]:
            return [word for word in asked.lower[begin:end] if word[0].isalnum() and chance.random() >= drop]

        what = kind(asked.words[first:last], first == 0)
        word = chance.choice(ASKED[asked.language][what])
        before, after = kept(low, first), kept(last, high)
        made = [*before, word, *after] if chance.random() < 0.25 else [word, *before, *after]
        if chance.random() < 0.08:
            made = before + after
        return [*self.pieces.encode(" ".join(made)).ids[: QUESTION - 1], *self.pieces.encode("?").ids]

    def swapped(
        self, asked: Sentence, holder: Sentence, span: tuple[int, int], chance: random.Random
    ) -> list[int] | None:
        """A question whose name or number is another's: the sentence does not answer it."""
        known = set(holder.lower)
        free = [
            (begin, end)
            for begin, end in entities(asked)
            if (end <= span[0] or begin >= span[1]) and set(asked.lower[begin:end]) <= known
        ]
        if not free:
            return None
        begin, end = chance.choice(free)
        other = chance.choice(self.names[kind(asked.words[begin:end], False)])
        if known & {word.lower() for word in other}:
            return None
        words = (*asked.words[:begin], *other, *asked.words[end:])
        shift = len(other) - (end - begin) if begin < span[0] else 0
        changed = Sentence(asked.language, words, tuple(word.lower() for word in words))
        made = self.question(changed, span[0] + shift, span[1] + shift, random.Random(chance.random()))
        return made if set(self.pieces.encode(" ".join(other)).ids) <= set(made) else None


def entities(text: Sentence) -> list[tuple[int, int]]:
    """Runs of capitalised words, and numbers, as ranges of words; the first word says nothing."""
    found: list[tuple[int, int]] = []
    for place, word in enumerate(text.words):
        number = word[0].isdigit()
        if place == 0 or not (number or word[0].isupper()):
            continue
        if found and found[-1][1] == place and not number and not text.words[place - 1][0].isdigit():
            found[-1] = found[-1][0], place + 1
        else:
            found.append((place, place + 1))
    return found
