"""tantivy against SQLite FTS5 as the lexical index, at 100,000 chunks and 60 weighted terms a question.

    python -m lab.lexical_bench [--chunks 100000] [--questions 200]

Chunks are lead paragraphs of Wikipedia. A question is seven concepts: a word of one paragraph and about
eight others as its translations, drawn as words occur in text (function words left out), 60 terms in all.
Candidates, each in a process of its own:

tantivy      the product's index: flat weighted sum for 200 candidates, then their exact score
fts5-rank    FTS5's unweighted bm25() for 200 candidates, then their exact score by the same code
fts5-exact   every occurrence of every term from FTS5's vocabulary table, summed and scored in SQL and Python
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from lab import data
from rag.search.query import STOP_WORDS, Concept, Query, Term
from rag.store.bm25 import K1, B, Collection, Scorer
from rag.store.lexical import DEPTH, Indexed, LexicalIndex
from rag.text.stems import stem, stems

CANDIDATES = ("tantivy", "fts5-rank", "fts5-exact")


class Fts5Index:
    """What LexicalIndex does, in SQLite; one language, which is enough to measure."""

    def __init__(self, folder: Path, exact: bool) -> None:
        self._exact = exact
        self._db = sqlite3.connect(folder / "index.sqlite", isolation_level=None)
        self._db.executescript(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE VIRTUAL TABLE IF NOT EXISTS chunk USING fts5(stems, detail = full,
                tokenize = "unicode61 remove_diacritics 0 tokenchars '.,/:'");
            CREATE VIRTUAL TABLE IF NOT EXISTS occurrence USING fts5vocab(chunk, instance);
            CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(chunk, row);
            CREATE TABLE IF NOT EXISTS length (key INTEGER PRIMARY KEY, terms INTEGER NOT NULL);
            """
        )
        self._refresh()

    def apply(self, remove: Iterable[int], add: Iterable[Indexed]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        for key in remove:
            self._db.execute("DELETE FROM chunk WHERE rowid = ?", (key,))
            self._db.execute("DELETE FROM length WHERE key = ?", (key,))
        for entry in add:
            terms = stems(entry.text, entry.language)
            self._db.execute("DELETE FROM chunk WHERE rowid = ?", (entry.key,))
            self._db.execute("INSERT INTO chunk (rowid, stems) VALUES (?, ?)", (entry.key, " ".join(terms)))
            self._db.execute("INSERT OR REPLACE INTO length VALUES (?, ?)", (entry.key, len(terms)))
        self._db.execute("COMMIT")
        self._refresh()

    def _refresh(self) -> None:
        count, mean = self._db.execute("SELECT count(*), avg(terms) FROM length").fetchone()
        self._collection = Collection(count, mean or 1.0)

    def search(self, query: Query, limit: int) -> list[tuple[int, float]]:
        concepts = query["id"]
        all_terms = list({term.stem for concept in concepts for term in concept})
        marks = ",".join("?" * len(all_terms))
        spread = dict.fromkeys(all_terms, 0)
        spread |= dict(
            self._db.execute(
                f"SELECT term, doc FROM vocabulary WHERE term IN ({marks})", all_terms
            ).fetchall()
        )
        if self._exact:
            return self._all(concepts, spread, limit)
        scorer = Scorer(concepts, spread, self._collection)
        rows = self._db.execute(
            "SELECT rowid, stems FROM chunk WHERE chunk MATCH ? ORDER BY rank LIMIT ?",
            (" OR ".join(f'"{each}"' for each in all_terms), max(DEPTH, 2 * limit)),
        )
        found = [(key, scorer.score(text.split(" "))) for key, text in rows]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def _all(
        self, concepts: Iterable[Concept], spread: dict[str, int], limit: int
    ) -> list[tuple[int, float]]:
        scores: defaultdict[int, float] = defaultdict(float)
        total, mean = self._collection.chunks, self._collection.mean_length
        for concept in concepts:
            weights = {term.stem: term.weight for term in concept}
            marks = ",".join("(?, ?)" for _ in weights)
            rows = self._db.execute(
                f"""
                WITH term(stem, weight) AS (VALUES {marks})
                SELECT doc, sum(weight), terms FROM term CROSS JOIN occurrence ON term = stem
                JOIN length ON key = doc GROUP BY doc
                """,
                [value for pair in weights.items() for value in pair],
            ).fetchall()
            found_in = min(sum(weight * spread[each] for each, weight in weights.items()), total)
            rarity = math.log(1 + (total - found_in + 0.5) / (found_in + 0.5))
            for key, tf, length in rows:
                scores[key] += rarity * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / mean))
        return sorted(scores.items(), key=lambda hit: (-hit[1], hit[0]))[:limit]

    def close(self) -> None:
        self._db.close()


def chunks(count: int) -> list[Indexed]:
    return [Indexed.of(key, "id", text) for key, (_, text) in enumerate(islice(data.wiki(), count))]


def queries(entries: list[Indexed], count: int) -> list[Query]:
    draw = random.Random(7)
    paragraphs = draw.sample(entries, min(len(entries), 2_000))
    stops = {stem(word, "id") for word in STOP_WORDS["id"]}
    content = [[term for term in stems(entry.text, "id") if term not in stops] for entry in paragraphs]
    content = [terms for terms in content if len(terms) >= 12]
    flat = [term for terms in content for term in terms]
    made: list[Query] = []
    for _ in range(count):
        own = draw.sample(draw.choice(content), 7)
        others = iter(draw.sample(flat, 53))
        concepts = [
            (Term(word), *(Term(each, draw.uniform(0.03, 0.6)) for each in islice(others, 7))) for word in own
        ]
        concepts[-1] += tuple(Term(each, 0.05) for each in others)
        made.append({"id": concepts})
    return made


def evict(folder: Path) -> None:
    """Drops the folder's files from the page cache, so that opening reads the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def resident() -> float:
    """MB of this process in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(candidate: str, count: int, asked: int) -> dict[str, float]:
    def opened(folder: Path) -> LexicalIndex | Fts5Index:
        return (
            LexicalIndex(folder) if candidate == "tantivy" else Fts5Index(folder, candidate == "fts5-exact")
        )

    def timed(action: Callable[[], object]) -> float:
        start = time.perf_counter()
        action()
        return time.perf_counter() - start

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        entries = chunks(count)
        asking = queries(entries, asked)
        stemming = timed(lambda: [stems(entry.text, entry.language) for entry in entries])
        index = opened(folder)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        indexing = timed(lambda: [index.apply([], entries[i : i + 2_000]) for i in range(0, count, 2_000)])
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        one = [
            timed(partial(index.apply, [key], [Indexed.of(count + key, "id", "kabar")])) for key in range(20)
        ]
        index.close()
        disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        evict(folder)
        memory = resident()
        opening = timed(lambda: opened(folder).close())
        index = opened(folder)
        first = timed(partial(index.search, asking[0], 50))
        times = np.array([timed(partial(index.search, query, 50)) for query in asking]) * 1e3
        return {
            "stemming s": stemming,
            "index s (with stemming, warm)": indexing,
            "writing adds MB": grown / 1e3,
            "one chunk replaced, ms": float(np.median(one)) * 1e3,
            "disk MB": disk / 1e6,
            "cold open ms": opening * 1e3,
            "first query ms": first * 1e3,
            "query p50 ms": float(np.percentile(times, 50)),
            "query p95 ms": float(np.percentile(times, 95)),
            "reading adds MB": resident() - memory,
        }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--only", choices=CANDIDATES, help="measure one, in this process, and print JSON")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options.only, options.chunks, options.questions)))
        return
    results = {}
    for candidate in CANDIDATES:
        command = [sys.executable, "-m", "lab.lexical_bench", "--only", candidate]
        command += ["--chunks", str(options.chunks), "--questions", str(options.questions)]
        results[candidate] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    print("| " + " | ".join(["", *CANDIDATES]) + " |")
    print("|---" * (len(CANDIDATES) + 1) + "|")
    for name in results[CANDIDATES[0]]:
        print(f"| {name} | " + " | ".join(f"{results[each][name]:.1f}" for each in CANDIDATES) + " |")


if __name__ == "__main__":
    main()
