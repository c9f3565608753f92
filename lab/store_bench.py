"""The store with 100,000 chunks, as ratios to what it is built on: `python -m lab.store_bench build|measure`.

`build` fills a home in the work folder with leads of Indonesian Wikipedia (minutes). `measure` then takes

- retrieval, against one bare Chroma query and one bare lexical query on the same stores;
- adding 2,000 news articles to it, against adding their vectors to a copy of its Chroma alone;
- `kutip ask` from a cold start, against a Python that imports chromadb and llama_cpp and ends;
- `rebuild`, against adding the same vectors to an empty Chroma;
- whole questions, by themselves;
- the most memory that each of these processes held, before anything bare was opened in it.

Each pair is timed alternately in one run, since machines are noisy; ratios are of medians. On a busy machine
the CPU time that both took, children included, says more than the clock: its ratio is printed beside.
"Bare" is what a user of the library would write: `chromadb`'s own client, `tantivy`'s own searcher.
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
from typing import Any, NamedTuple

import chromadb
import numpy as np
import tantivy
from chromadb.config import Settings as Chroma

from bot.app import App
from bot.settings import Settings
from lab.data import WORK, news, questions, wiki
from rag.search.query import query_terms
from rag.text.language import detect
from rag.types import Language, Source

HOME = WORK / "store_bench" / "home"
CHUNKS, ARTICLES, QUESTIONS = 100_000, 2_000, 150
DEPTH = 200
STEPS = ("retrieval", "answering", "cold", "adding", "rebuilding")


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


class Took(NamedTuple):
    """Seconds by the clock, and of CPU."""

    wall: float
    cpu: float


def cpu() -> float:
    """Seconds that this process and its ended children have computed."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def timed(step: Callable[[], object]) -> Took:
    began, used = perf_counter(), cpu()
    step()
    return Took(perf_counter() - began, cpu() - used)


def told(name: str, mine: list[Took], bare: list[Took], most: float) -> None:
    for what, place in (("by the clock", 0), ("of CPU", 1)):
        a, b = (1000 * statistics.median(each[place] for each in row) for row in (mine, bare))
        print(f"{name}, {what}: {a:.1f} ms against {b:.1f} ms, ratio {a / b:.2f}", flush=True)
    print(f"  wanted: {most} by the clock; load {os.getloadavg()[0]:.1f}", flush=True)


def chroma(folder: Path) -> tuple[Any, Any]:
    """Chroma's own client for the files in `folder`, and the first collection there, if there is one."""
    client = chromadb.PersistentClient(str(folder), Chroma(_env_file=None, anonymized_telemetry=False))
    names = [each.name for each in client.list_collections()]
    return client, client.get_collection(names[0], embedding_function=None) if names else None


def chroma_of(home: Path) -> Path:
    return next((home / "projections").glob("g*/chroma"))


def retrieval() -> None:
    opened = app(HOME)
    opened.prepare()
    asked = [q for q in questions() if q.part == "test" and q.source in ("facqa", "squad_xling", "idk_mrc")]
    asked = asked[:: max(1, len(asked) // QUESTIONS)][:QUESTIONS]
    search, projections = opened._search, opened.projections
    folder = Path(tempfile.mkdtemp(dir=HOME.parent))
    shutil.copytree(chroma_of(HOME), folder / "chroma")
    client, collection = chroma(folder / "chroma")
    index = projections.lexical._index
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
        bare.append(Took(times[1].wall + times[2].wall, times[1].cpu + times[2].cpu))
        parts.append([each.wall for each in times[1:]])
    told(f"retrieval at {opened.archive.counts()[1]} chunks", mine, bare, 1.5)
    print(
        f"  of the bare: lexical {1000 * np.median([p[0] for p in parts]):.1f}, "
        f"Chroma {1000 * np.median([p[1] for p in parts]):.1f} ms"
    )
    opened.close()
    client.close()
    shutil.rmtree(folder)


def answering() -> None:
    opened = app(HOME)
    opened.prepare()
    asked = [q for q in questions() if q.part == "test" and q.source in ("facqa", "squad_xling", "idk_mrc")]
    answers = []
    for question in asked[:: max(1, len(asked) // 60)][:60]:
        answers.append(timed(lambda text=question.question: opened.ask(text)).wall)
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
        if not number:
            print(f"  adding; {peak():.0f} MB at most", flush=True)
        other = folder / f"bare-{number}"
        shutil.copytree(chroma_of(HOME), other)
        client, collection = chroma(other)
        # As for ours, the graph is in memory before.
        collection.query(query_embeddings=stored[keys[0]][np.newaxis], n_results=1)
        matrix = np.stack([stored[key] for key in keys])

        def add(collection=collection, keys=keys, matrix=matrix) -> None:  # type: ignore[no-untyped-def]
            for start in range(0, len(keys), 5_000):
                part = slice(start, start + 5_000)
                collection.add(ids=[f"n{key}" for key in keys[part]], embeddings=matrix[part])

        bare.append(timed(add))
        client.close()
    told(f"adding {ARTICLES} articles ({len(keys)} chunks)", mine, bare, 1.7)
    print(f"  {ARTICLES / statistics.median(each.wall for each in mine):.0f} articles/s")
    shutil.rmtree(folder)


def cold(rounds: int) -> None:
    ask = [
        sys.executable,
        "-c",
        "from bot.entry import main; main()",
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
    client, _ = chroma(folder / "bare")
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
    parser.add_argument("what", choices=("build", "measure", *STEPS))
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if given.what == "build":
        build()
    # In processes of their own, so that each one's memory is its own.
    if given.what == "measure":
        for step in STEPS:
            subprocess.run(
                [sys.executable, "-m", "lab.store_bench", step, "--rounds", str(given.rounds)], check=True
            )
    if given.what == "retrieval":
        retrieval()
    if given.what in ("adding", "cold"):
        {"adding": adding, "cold": cold}[given.what](given.rounds)
    if given.what in ("answering", "rebuilding"):
        {"answering": answering, "rebuilding": rebuilding}[given.what]()


if __name__ == "__main__":
    main()
