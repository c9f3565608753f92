"""How well copies are found among real news: `python -m lab.copies`.

Pairs are made of 300 bodies (the first two thirds; sentences in another order; one word in ten replaced),
and real ones are those of the 7,090 bodies that share half of the shorter or of the longer one's runs of five
words, counted exactly; the second are whole articles again. Precision is over all pairs of the real bodies
that are called copies: wrong is one that shares less than a quarter of the shorter one's runs.

`--stored` adds all bodies to a store and looks for the copies as an answer does, by a sentence that both of a
real pair hold, as many of them as there are.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bot.app import App
from bot.settings import Settings
from lab.data import news
from rag.cutting.clean import clean, normalise
from rag.reading import copies
from rag.reading.copies import ALIKE, containment
from rag.types import Citation

RUN = 5
SAMPLE = 300
LEAST = 60
"""Words: what is shorter is a lead, of which the file has many."""


def trimmed(text: str, random: Random) -> str:
    words = text.split(" ")
    return " ".join(words[: len(words) * 2 // 3])


def reordered(text: str, random: Random) -> str:
    parts = re.split(r"(?<=[.!?]) ", text)
    random.shuffle(parts)
    return " ".join(parts)


def changed(text: str, random: Random) -> str:
    words = text.split(" ")
    for at in random.sample(range(len(words)), len(words) // 10):
        words[at] = random.choice(words)
    return " ".join(words)


def runs(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--stored", action="store_true")
    options = parser.parse_args()
    random = Random(options.seed)
    texts = [clean(normalise(row["text"] or ""))[0] for row in news()]
    texts = [text for text in texts if len(text.split()) >= LEAST]
    makers: tuple[Callable[[str, Random], str], ...] = (trimmed, reordered, changed)
    for make in makers:
        sample = random.sample(range(len(texts)), SAMPLE)
        right = sum(containment(texts[at], make(texts[at], random)) >= ALIKE for at in sample)
        print(f"{make.__name__}: {right} of {SAMPLE}")
    shared = shared_runs(texts)
    sizes = [max(1, len(runs(text))) for text in texts]
    share = {pair: number / min(sizes[pair[0]], sizes[pair[1]]) for pair, number in shared.items()}
    called = {pair for pair in shared if containment(*(texts[at] for at in pair)) >= ALIKE}
    whole = {pair for pair, number in shared.items() if number >= 0.5 * max(sizes[at] for at in pair)}
    part = {pair for pair, value in share.items() if value >= 0.5}
    for name, real in (("half of the longer", whole), ("half of the shorter", part)):
        print(f"real pairs that share {name} one: {len(real & called)} of {len(real)}, {len(texts)} bodies")
    wrong = [pair for pair in called if share.get(pair, 0.0) < 0.25]
    print(f"called copies: {len(called)}, of which {len(wrong)} are none")
    for pair in (*sorted(whole - called)[:5], *sorted(wrong)[:5]):
        alike = containment(*(texts[at] for at in pair))
        print(f"  share {share.get(pair, 0.0):.2f}, containment {alike:.2f}, words", end=" ")
        print([len(texts[at].split()) for at in pair], [texts[at][:60] for at in pair])
    if options.stored:
        stored(texts, sorted(part), share, random)


def stored(
    texts: list[str], pairs: list[tuple[int, int]], share: dict[tuple[int, int], float], random: Random
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "articles.jsonl")
        lines = (json.dumps({"id": f"{at}", "text": text}) + "\n" for at, text in enumerate(texts))
        path.write_text("".join(lines), encoding="utf-8")
        app = App(Settings(home=Path(folder, "home"), _env_file=None))
        for _ in app.ingest([str(path)]):
            pass
        app.prepare()
        copies.MOST_NAMED = len(texts)
        found, asked, named, wrong = 0, 0, 0, 0
        for pair in pairs:
            one, other = random.sample([str(at) for at in pair], 2)
            cited, copy = app.archive.article(one), app.archive.article(other)
            if cited is None or copy is None:
                continue
            held = [
                each
                for each in app.archive.sentences(one, 1)
                if (sentence := cited.text[each.start : each.end]) in copy.text and len(sentence.split()) >= 6
            ]
            if not held:
                continue
            where = random.choice(held)
            quote = cited.text[where.start : where.end]
            citation = Citation(1, one, 1, None, None, None, where.start, where.end, quote)
            others = copies.also_in([citation], app.archive, app._search.holding)
            asked += 1
            found += other in {each.id for each in others}
            named += len(others)
            keys = [(min(int(one), int(each.id)), max(int(one), int(each.id))) for each in others]
            wrong += sum(share.get(key, 0.0) < 0.25 for key in keys)
        app.close()
    print(f"in a store, by a sentence of both: {found} of {asked} pairs; {named} named, {wrong} are none")


def shared_runs(texts: list[str]) -> Counter[tuple[int, int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        for run in runs(text):
            places[run].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in places.values():
        # What stands in very many is a phrase of the paper's.
        if 1 < len(numbers) <= 30:
            shared.update(combinations(numbers, 2))
    return shared


if __name__ == "__main__":
    main()
