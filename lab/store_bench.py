"""The store with 100,000 chunks, as ratios to what it is built on: `python -m lab.store_bench build|measure`.

`build` fills a home in the work folder with leads of Indonesian Wikipedia (minutes). `measure` then takes

- retrieval, against one bare Chroma query and one bare lexical query on the same stores;
- adding 2,000 news articles to it, against adding their vectors to a copy of its Chroma alone;
- `kutip ask` from a cold start, against a Python that imports chromadb and llama_cpp and ends;
- `rebuild`, against adding the same vectors to an empty Chroma;
- the most memory that each of these processes held.

Each pair is timed alternately in one run, since machines are noisy; ratios are of medians.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
import tantivy

from bot.app import App
from bot.settings import Settings
from lab.data import WORK, news, questions, wiki
from rag.language import detect
from rag.query import query_terms
from rag.types import Language, Source

HOME = WORK / "store_bench" / "home"
CHUNKS, ARTICLES, QUESTIONS = 100_000, 2_000, 150
DEPTH = 200


def app(home: Path) -> App:
    return App(Settings(home=home, _env_file=None), say=lambda line: print(f"  ({line})", flush=True))


def leads() -> Iterator[Source]:
    for number, (title, text) in enumerate(wiki()):
        if len(text) > 150:
            yield Source(f"wiki {number}", text, f"wiki-{number}", None, title)


def lines(rows: Iterator[Source], path: Path, most: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for _, row in zip(range(most), rows, strict=False):
            fields = {name: getattr(row, name) for name in ("id", "url", "title", "published", "text")}
            file.write(json.dumps(fields, ensure_ascii=False) + "\n")
    return path


def build() -> None:
    """A home with at least CHUNKS chunks; goes on where it was stopped."""
    HOME.mkdir(parents=True, exist_ok=True)
    opened = app(HOME)
    began, rows = perf_counter(), leads()
    while opened.archive.counts()[1] < CHUNKS:
        part = lines(rows, HOME.parent / "leads.jsonl", 4_000)
        for _ in opened.ingest([str(part)]):
            pass
        print(f"{opened.archive.counts()} after {perf_counter() - began:.0f} s", flush=True)
    opened.close()


def peak() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(step: Callable[[], object]) -> float:
    began = perf_counter()
    step()
    return perf_counter() - began


def told(name: str, mine: list[float], bare: list[float], most: float) -> None:
    a, b = statistics.median(mine), statistics.median(bare)
    print(
        f"{name}: {1000 * a:.1f} ms against {1000 * b:.1f} ms, ratio {a / b:.2f} (at most {most})", flush=True
    )


def retrieval() -> None:
    opened = app(HOME)
    opened.prepare()
    asked = [q for q in questions() if q.part == "test" and q.source in ("facqa", "squad_xling", "idk_mrc")]
    asked = asked[:: max(1, len(asked) // QUESTIONS)][:QUESTIONS]
    search, projections = opened._search, opened.projections
    index, collection = projections.lexical._index, projections.vectors._collection
    searcher, mine, bare, parts = index.searcher(), [], [], []
    for question in asked:
        language = detect(question.question)
        terms = query_terms(question.question, language, opened._lexicon)
        plain = [
            (
                tantivy.Occur.Should,
                tantivy.Query.term_query(index.schema, "text", f"{of}:{term.stem}", "freq"),
            )
            for of, concepts in terms.items()
            for concept in concepts
            for term in concept
        ]
        vector = opened.embedder.question(question.question)

        words = tantivy.Query.boolean_query(plain)

        def lexical(words: tantivy.Query = words) -> None:
            searcher.search(words, limit=DEPTH, count=False)

        def dense(vector: np.ndarray = vector) -> None:
            collection.query(query_embeddings=vector[np.newaxis], n_results=DEPTH, include=["distances"])

        def whole(question: str = question.question, language: Language = language) -> None:
            search.search(question, language, opened.settings.passages)

        steps = (whole, lexical, dense)
        times = [min(timed(step) for _ in range(3)) for step in steps]
        mine.append(times[0])
        bare.append(times[1] + times[2])
        parts.append(times[1:])
    told(f"retrieval at {opened.archive.counts()[1]} chunks", mine, bare, 1.5)
    print(
        f"  of the bare: lexical {1000 * np.median([p[0] for p in parts]):.1f}, "
        f"Chroma {1000 * np.median([p[1] for p in parts]):.1f} ms"
    )
    answers = []
    for question in asked[:60]:
        answers.append(timed(lambda text=question.question: opened.ask(text)))
    low, high = np.percentile(answers, [50, 95])
    print(f"a whole question: p50 {1000 * low:.0f} ms, p95 {1000 * high:.0f} ms; {peak():.0f} MB at most")
    opened.close()


def adding(rounds: int) -> None:
    folder = Path(tempfile.mkdtemp(dir=HOME.parent))
    rows = (
        Source("", r["text"] or "", r["id"], r["url"], r["title"], r["published"])
        for r in news()
        if len(r["text"] or "") > 600
    )
    path = lines(rows, folder / "news.jsonl", ARTICLES)
    mine, bare = [], []
    for number in range(rounds):
        home = folder / f"home-{number}"
        shutil.copytree(HOME, home)
        opened = app(home)
        opened.prepare()
        before = opened.archive.change()
        mine.append(timed(lambda opened=opened: list(opened.ingest([str(path)]))))
        keys = [
            key
            for part in opened.archive.added_since(before, opened.archive.change(), 100_000)
            for key in part
        ]
        stored = opened.archive.vectors(keys)
        opened.close()
        other = folder / f"bare-{number}"
        shutil.copytree(HOME, other)
        again = app(other)
        again.prepare()
        collection = again.projections.vectors._collection
        matrix = np.stack([stored[key] for key in keys])

        def add(collection=collection, keys=keys, matrix=matrix) -> None:  # type: ignore[no-untyped-def]
            for start in range(0, len(keys), 5_000):
                part = slice(start, start + 5_000)
                collection.add(ids=[f"n{key}" for key in keys[part]], embeddings=matrix[part])

        bare.append(timed(add))
        again.projections._failed = True
        again.close()
    told(f"adding {ARTICLES} articles ({len(keys)} chunks)", mine, bare, 1.7)
    print(f"  {ARTICLES / statistics.median(mine):.0f} articles/s; {peak():.0f} MB at most")
    shutil.rmtree(folder)


def cold(rounds: int) -> None:
    ask = [
        sys.executable,
        "-c",
        "from bot.cli import main; main()",
        "ask",
        "Siapa presiden pertama Indonesia?",
    ]
    imports = [sys.executable, "-c", "import chromadb, llama_cpp"]
    env = os.environ | {"KUTIP_HOME": str(HOME)}
    # Both are to find their compiled modules, as an installed program does.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    for command in (ask, imports):
        subprocess.run(command, env=env, check=True, capture_output=True)
    mine, bare = [], []
    for _ in range(rounds):
        mine.append(timed(lambda: subprocess.run(ask, env=env, check=True, capture_output=True)))
        bare.append(timed(lambda: subprocess.run(imports, env=env, check=True, capture_output=True)))
    told("kutip ask, cold", mine, bare, 1.4)
    print(f"  {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB at most")


def rebuilding() -> None:
    folder = Path(tempfile.mkdtemp(dir=HOME.parent))
    home = folder / "home"
    shutil.copytree(HOME, home)
    opened = app(home)
    opened.prepare()
    mine = [timed(opened.rebuild)]
    keys = sorted(opened.archive.keys_until(opened.archive.change()))
    opened.close()
    print(f"  rebuilt; {peak():.0f} MB at most", flush=True)
    import chromadb
    from chromadb.config import Settings as Chroma

    client = chromadb.PersistentClient(
        str(folder / "bare"), Chroma(_env_file=None, anonymized_telemetry=False)
    )
    collection = client.create_collection(
        "bare", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )
    archive = app(HOME).archive

    def add() -> None:
        for start in range(0, len(keys), 5_000):
            part = keys[start : start + 5_000]
            stored = archive.vectors(part)
            collection.add(ids=[str(key) for key in part], embeddings=np.stack([stored[key] for key in part]))

    bare = [timed(add)]
    told(f"rebuilding {len(keys)} vectors", mine, bare, 1.3)
    shutil.rmtree(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("build", "measure", "retrieval", "adding", "cold", "rebuilding"))
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if given.what == "build":
        build()
    # In processes of their own, so that each one's memory is its own.
    if given.what == "measure":
        for step in ("retrieval", "cold", "adding", "rebuilding"):
            subprocess.run(
                [sys.executable, "-m", "lab.store_bench", step, "--rounds", str(given.rounds)], check=True
            )
    if given.what == "retrieval":
        retrieval()
    if given.what in ("adding", "cold"):
        {"adding": adding, "cold": cold}[given.what](given.rounds)
    if given.what == "rebuilding":
        rebuilding()


if __name__ == "__main__":
    main()
