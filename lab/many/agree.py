"""One worker adds while two answer: python -m lab.many.agree [--articles 10000]

Three workers share one PostgreSQL, each with a KUTIP_HOME of its own. `kutip ingest` adds; as soon as it has
reported an article, both of the others are asked for it. Each finds it by its next question, as `kutip ask`
finds: the indexes take in what the archive has committed, and are searched. At the end the checker compares
each worker's indexes with the archive, and PostgreSQL's rows with each other.

Prints how many were not found, and how long the finding took from the question to the passage. The time from
the report to the question is not in it: one worker is asked for one article after the other.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing.queues import Queue
from pathlib import Path
from time import monotonic, sleep

import numpy as np
from pydantic import SecretStr

from bot.app import App
from bot.settings import Settings
from lab.faults import checker
from lab.faults.articles import Draft, draft, jsonl
from rag.store.archive import Archive
from rag.store.database.place import Server
from tests.postgres import running

ANSWERERS = 2
LATEST = 2.0
"""Seconds from a question to the passage that are too long."""
SEED = 24
ASKED = 200
"""One article in so many is asked for with all that a question does, reading too."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    given = parser.parse_args()
    # The server ends with this process, also where that is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="kutip-agree-") as folder, running() as cluster:
        server, wrong = cluster.server(), 0
        Archive(server).close()
        drafts = [draft(SEED, number, 1, 8) for number in range(given.articles)]
        queues = [context.Queue() for _ in range(ANSWERERS)]
        answers: Queue[tuple[int, list[str]]] = context.Queue()
        workers = [
            context.Process(target=_answer, args=(number, Path(folder), server.url, queue, answers))
            for number, queue in enumerate(queues)
        ]
        for worker in workers:
            worker.start()
        for number in _added(drafts, Path(folder), server):
            for queue in queues:
                queue.put(number)
        for queue in queues:
            queue.put(None)
        for _ in workers:
            while answers.empty():
                sleep(0.1)
                assert any(worker.is_alive() for worker in workers), "a worker has ended"
            number, lines = answers.get()
            wrong += sum("PROBLEM" in line for line in lines)
            print(*(f"worker {number}: {line}" for line in lines), sep="\n", flush=True)
        for worker in workers:
            worker.join()
        app = _app(Path(folder, "adder"), server.url)
        problems = [*checker._projections(app), *checker._articles(app.archive), *_rows(app.archive)]
        print(*(f"the adder, PROBLEM: {each}" for each in problems), sep="\n")
        print(f"{given.articles} articles: {'FAILED' if wrong or problems else 'all found, all agree'}")
        app.close()
        sys.exit(bool(wrong or problems))


def _added(drafts: Sequence[Draft], folder: Path, server: Server):  # type: ignore[no-untyped-def]
    """Adds the articles with the command; yields the number of each as soon as it is reported."""
    given = folder / "articles.jsonl"
    given.write_text(jsonl(drafts), encoding="utf-8")
    numbers = {each.id: number for number, each in enumerate(drafts)}
    began = monotonic()
    command = [sys.executable, "-c", "from bot.entry import main; main()", "ingest", str(given), "--json"]
    environment = os.environ | {"KUTIP_HOME": str(folder / "adder"), "KUTIP_DATABASE_URL": server.url}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            done = json.loads(line)
            assert done["status"] == "added", done
            yield numbers[done["id"]]
    assert process.returncode == 0
    print(f"added in {monotonic() - began:.0f} s", flush=True)


def _app(home: Path, url: str) -> App:
    return App(Settings(home=home, database_url=SecretStr(url)), say=lambda line: print(line, flush=True))


def _answer(
    number: int,
    folder: Path,
    url: str,
    asked: Queue[int | None],
    answers: Queue[tuple[int, list[str]]],
) -> None:
    """One worker: finds each article by its own question, and says how that went."""
    app, lines = _app(folder / f"worker{number}", url), list[str]()
    took: list[float] = []
    missed, unanswered, asked_wholly = 0, 0, 0
    app.prepare()
    while (article := asked.get()) is not None:
        wanted = draft(SEED, article, 1, 8)
        began = monotonic()
        app.prepare()
        hits = app._search.search(wanted.question, "id", 10)
        found = {passage.article.id for passage in app.archive.passages([hit.key for hit in hits])}
        took.append(monotonic() - began)
        missed += wanted.id not in found
        if article % ASKED == 0:
            asked_wholly += 1
            said = app.ask(wanted.question)
            unanswered += wanted.id not in {citation.article for citation in said.citations}
    times = np.percentile(took, [50, 99, 100])
    lines.append(f"{len(took)} asked for, {missed} not found; {asked_wholly} answered, {unanswered} wrongly")
    lines.append("from question to passage: p50 {:.3f}, p99 {:.3f}, max {:.3f} s".format(*times))
    lines += ["PROBLEM: not every article was found"] * int(missed > 0)
    lines += [f"PROBLEM: took {times[2]:.1f} s"] * int(times[2] > LATEST)
    app.prepare()
    lines += [f"PROBLEM: {each}" for each in checker._projections(app)]
    app.close()
    answers.put((number, lines))


def _rows(archive: Archive) -> list[str]:
    """What PostgreSQL's rows say of each other."""
    counted = {
        "chunks without a vector": "chunk WHERE key NOT IN (SELECT chunk FROM vector)",
        "chunks that came and went": "chunk WHERE key IN (SELECT key FROM gone)",
        "articles without a chunk": "article WHERE id NOT IN (SELECT article FROM chunk)",
    }
    numbers = {what: archive.rows(f"SELECT count(*) FROM {rows}")[0][0] for what, rows in counted.items()}
    return [f"{number} {what}" for what, number in numbers.items() if number]


if __name__ == "__main__":
    main()
