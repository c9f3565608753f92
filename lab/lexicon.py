"""Makes rag/models/lexicon.npz: IBM Model 1 over stems, both directions trained to agree.

    python -m lab.lexicon             train, write, report
    python -m lab.lexicon --compare   what each choice and each source is worth (several minutes)

Model 1: Brown et al. 1993. Agreement: Liang, Taskar and Klein 2006: the expected count of a link is the
product of both directions' posteriors, so a rare word cannot collect the links of a whole sentence.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from babel import Locale
from numpy.typing import NDArray

from lab import data
from lab.crosslingual import Bm25, Task, measure, questions, stretches, wikipedia
from rag.search.lexicon import PATH, Lexicon
from rag.text.stems import stem, stems
from rag.types import Language

ROUNDS = 5
KEPT = 0.03
"""Translations under this probability are dropped."""
MOST = 12
"""Translations of one stem at most."""
LONGEST = 60
"""Pairs with more content words on a side say little about any one of them."""

OPEN_SOURCES = ("cldr", "gloss", "id_csui", "id_gsd", "nusax", "tatoeba", "tico")
"""The sources with a clear free licence."""
UNCLEAR_SOURCES = ("bibtri", "desmond", "gunnxx", "panl", "ted")
LEFT_OUT = ("bibtri", "desmond")
"""Sources without a clear licence that the figures can do without (`--compare`)."""

STOP_WORDS: dict[Language, str] = {
    "en": """a about after all also am an and any are as at be because been before being but by can could
        did do does doing done for from had has have having he her here hers him his how i if in into is it
        its itself just let may me might more most much must my no nor not now of on or other our ours out
        over own shall she should so some such than that the their theirs them themselves then there these
        they this those through to too under until up upon us very was we were what when where which while
        who whom whose why will with would you your yours s t""",
    "id": """ada adalah agar akan aku anda antara apa apabila apakah atas atau bagaimana bagaimanakah bagi
        bahwa beberapa belum berapa berapakah bisa bukan dalam dan dapat dari daripada dengan di dia dialah
        engkau hal hanya harus hingga ia ialah ini itu jadi jika jikalau juga kalau kalian kami kamu
        kapan kapankah karena ke kepada kita lagi lah lalu lebih maka manakah mana masih mengapa mengapakah
        mereka merupakan namun nya oleh pada padahal para pernah pun saat saja sambil sampai sangat
        saya sebab sebagai sebagaimana sebuah secara sedang sehingga sejak selama selain seorang seperti
        serta siapa siapakah sini situ suatu sudah supaya tapi telah tentang terhadap tersebut tetapi tidak
        tak tanpa untuk yaitu yakni yang""",
}


_ENGLISH_NAME = re.compile(r"Inggris(?: Amerika| Britania)?\s*:\s*['\"“‘]*([A-Za-z][^;,()\[\]:\"“”/]{1,80})")
_ANOTHER_NAME = re.compile(r"\s+(?:disingkat|atau|singkatan)\s")

Stems = tuple[str, list[str], list[str]]
"""A source, and the content stems of an English and an Indonesian text that say the same."""


@cache
def stop_stems(language: Language) -> frozenset[str]:
    return frozenset(stem(word, language) for word in STOP_WORDS[language].split())


def content(text: str, language: Language) -> list[str]:
    """The stems of a text without function words."""
    return [term for term in stems(text, language) if term not in stop_stems(language)]


def glosses() -> list[tuple[str, str, str]]:
    """Names in both languages (source, English, Indonesian), which sentences have too few of.

    From Wikipedia leads that give the English name in brackets, and Unicode CLDR's countries, languages and
    currencies (by the package Babel).
    """
    pairs = []
    for title, text in data.wiki():
        if found := _ENGLISH_NAME.search(text[:400]):
            english = _ANOTHER_NAME.split(found[1])[0]
            pairs.append(("gloss", english.strip(), re.sub(r"\(.*?\)", "", title).strip()))
    english_names, indonesian_names = Locale("en"), Locale("id")
    for kind in ("territories", "languages", "currencies"):
        theirs, ours = getattr(english_names, kind), getattr(indonesian_names, kind)
        pairs += [("cldr", theirs[code], ours[code]) for code in theirs if code in ours]
    return pairs


def bitext() -> list[Stems]:
    """All pairs there are."""
    return [
        (source, content(english, "en"), content(indonesian, "id"))
        for source, english, indonesian in (*data.parallel(), *glosses())
    ]


def kept_sources(rows: Sequence[Stems]) -> list[Stems]:
    return [row for row in rows if not row[0].startswith(LEFT_OUT)]


@dataclass(frozen=True, slots=True)
class Links:
    """Expected counts of (English stem, Indonesian stem), sparse."""

    english: list[str]
    indonesian: list[str]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    counts: NDArray[np.float64]


def train(rows: Sequence[Stems], rounds: int = ROUNDS, agree: bool = True) -> tuple[Links, Links]:
    """Expected link counts for p(Indonesian | English) and for p(English | Indonesian).

    One cell stands for one possible link of one pair of sentences; all pairs are handled at once.
    With `agree` the two tables are the same.
    """
    pairs = [(en, id) for _, en, id in rows if 0 < len(en) <= LONGEST and 0 < len(id) <= LONGEST]
    english = sorted({term for en, _ in pairs for term in en})
    indonesian = sorted({term for _, id in pairs for term in id})
    en_places = {term: i for i, term in enumerate(english)}
    id_places = {term: i for i, term in enumerate(indonesian)}
    en_tokens = np.array([en_places[term] for en, _ in pairs for term in en], np.int64)
    id_tokens = np.array([id_places[term] for _, id in pairs for term in id], np.int64)

    # For each cell, which English and which Indonesian token of the corpus it joins.
    en_cell, id_cell = [], []
    en_start = id_start = 0
    for en, id in pairs:
        grid = np.indices((len(en), len(id)), dtype=np.int32).reshape(2, -1)
        en_cell.append(grid[0] + en_start)
        id_cell.append(grid[1] + id_start)
        en_start, id_start = en_start + len(en), id_start + len(id)
    by_en, by_id = np.concatenate(en_cell), np.concatenate(id_cell)
    keys, places = np.unique(en_tokens[by_en] * len(indonesian) + id_tokens[by_id], return_inverse=True)
    cell = places.astype(np.int32)
    own, other = keys // len(indonesian), keys % len(indonesian)

    # NULL, which may explain any token: its table is the token's share of the corpus.
    en_null = np.bincount(en_tokens, minlength=len(english)) / len(en_tokens)
    id_null = np.bincount(id_tokens, minlength=len(indonesian)) / len(id_tokens)
    to_id = np.ones(len(keys)) / np.bincount(own, minlength=len(english))[own]
    to_en = np.ones(len(keys)) / np.bincount(other, minlength=len(indonesian))[other]
    forward = backward = np.ones(len(keys))
    for _ in range(rounds):
        # p(this English token made the Indonesian one), and the other way round.
        from_en, from_id = to_id[cell], to_en[cell]
        from_en /= (np.bincount(by_id, from_en, len(id_tokens)) + id_null[id_tokens])[by_id]
        from_id /= (np.bincount(by_en, from_id, len(en_tokens)) + en_null[en_tokens])[by_en]
        if agree:
            forward = backward = np.bincount(cell, from_en * from_id, len(keys))
        else:
            forward = np.bincount(cell, from_en, len(keys))
            backward = np.bincount(cell, from_id, len(keys))
        to_id = share(forward, own)
        to_en = share(backward, other)
    return (
        Links(english, indonesian, own, other, forward),
        Links(english, indonesian, own, other, backward),
    )


def share(counts: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each count as a share of its group's sum."""
    totals = np.bincount(groups, counts)
    return counts / np.maximum(totals, 1e-12)[groups]


Entries = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
"""Stem, translation and probability, by stem and then most probable first."""


def most_probable(
    counts: NDArray[np.float64], own: NDArray[np.int64], other: NDArray[np.int64], kept: float
) -> Entries:
    """The translations `other` of the stems `own` that are worth keeping."""
    weights = share(counts, own)
    places = np.flatnonzero(weights >= kept)
    places = places[np.lexsort((-weights[places], own[places]))]
    stems_ = own[places]
    places = places[np.arange(len(places)) - np.searchsorted(stems_, stems_) < MOST]
    return own[places], other[places], weights[places]


def tables(links: tuple[Links, Links], kept: float = KEPT) -> dict[str, NDArray[np.generic]]:
    """The arrays of the shipped file, as `rag.search.lexicon` reads them."""
    forward, backward = links
    probable: dict[Language, Entries] = {}
    probable["en"] = most_probable(forward.counts, forward.rows, forward.columns, kept)
    probable["id"] = most_probable(backward.counts, backward.columns, backward.rows, kept)
    vocabularies: dict[Language, list[str]] = {"en": forward.english, "id": forward.indonesian}
    # Only stems that have a translation or are one.
    used = {
        "en": np.union1d(probable["en"][0], probable["id"][1]),
        "id": np.union1d(probable["id"][0], probable["en"][1]),
    }
    arrays: dict[str, NDArray[np.generic]] = {}
    for code, (own, other, weights) in probable.items():
        opposite: Language = "en" if code == "id" else "id"
        names = "\n".join(vocabularies[code][i] for i in used[code])
        arrays[f"{code}_stems"] = np.frombuffer(names.encode(), np.uint8)
        arrays[f"{code}_counts"] = np.bincount(
            np.searchsorted(used[code], own), minlength=len(used[code])
        ).astype(np.uint8)
        arrays[f"{code}_targets"] = np.searchsorted(used[opposite], other).astype(np.uint16)
        arrays[f"{code}_weights"] = np.round(weights * 255).astype(np.uint8)
    return arrays


def translated(query: str, source: Language, lexicon: Lexicon) -> dict[str, float]:
    """A question's terms in the other language with weights; its own words too, which names need."""
    terms: dict[str, float] = {}
    for term in content(query, source):
        found = dict(lexicon.translations(term, source))
        found[term] = max(found.get(term, 0.0), 0.5 if found else 1.0)
        for translation, weight in found.items():
            terms[translation] = max(terms.get(translation, 0.0), weight)
    return terms


def report(lexicon: Lexicon, tasks: Sequence[Task], indexes: Sequence[Bm25]) -> str:
    """MRR / R@20 of BM25 through the lexicon, for each task."""
    figures = []
    for task, index in zip(tasks, indexes, strict=True):
        queries = [translated(query, task.source, lexicon) for query in task.queries]
        mrr, _, recall = measure(task, lambda first, last: index.scores(queries[first:last]))  # noqa: B023
        figures.append(f"{task.name} {mrr:.3f}/{recall:.3f}")
    return "  ".join(figures)


def compare(rows: list[Stems], tasks: Sequence[Task], indexes: Sequence[Bm25]) -> None:
    """Other choices than the recipe's, one at a time."""
    everything, rows = rows, kept_sources(rows)
    agreed = train(rows)
    for kept in (0.01, 0.03, 0.1):
        print(f"kept {kept}:", report(Lexicon(tables(agreed, kept)), tasks, indexes), flush=True)
    trials: dict[str, tuple[Links, Links]] = {}
    for rounds in (3, 8):
        trials[f"{rounds} rounds"] = train(rows, rounds)
    trials["directions apart"] = train(rows, agree=False)
    trials["every source"] = train(everything)
    trials["open licences only"] = train([row for row in rows if row[0].startswith(OPEN_SOURCES)])
    for source in (*UNCLEAR_SOURCES, "cldr", "gloss"):
        trials[f"every source but {source}"] = train(
            [row for row in everything if not row[0].startswith(source)]
        )
    for name, links in trials.items():
        print(f"{name}:", report(Lexicon(tables(links)), tasks, indexes), flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--compare", action="store_true")
    chosen = arguments.parse_args()
    start = time.perf_counter()
    rows = bitext()
    print(f"{len(rows)} pairs in {time.perf_counter() - start:.0f} s", flush=True)
    if not chosen.compare:
        arrays = tables(train(kept_sources(rows)))
        np.savez_compressed(PATH, **arrays)  # type: ignore[arg-type]
        kept = ", ".join(f"{name} {len(array)}" for name, array in arrays.items() if "weights" in name)
        print(f"{kept}; {PATH.stat().st_size / 1e3:.0f} kB, {time.perf_counter() - start:.0f} s", flush=True)
    distractors = wikipedia()
    tasks = [*stretches(distractors), questions("test", "en", distractors)]
    indexes = [Bm25(content(text, task.target) for text in task.passages) for task in tasks]
    if chosen.compare:
        compare(rows, tasks, indexes)
    else:
        print("MRR/R@20", report(Lexicon.load(), tasks, indexes))


if __name__ == "__main__":
    main()
