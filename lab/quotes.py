"""Every citation of every answer, held against what `kutip articles export` would print.

    python -m lab.quotes [--limit N]       # of each set; a temporary KUTIP_HOME

All passages of `qa.jsonl.gz` and the seeds are ingested; the questions of all sets are asked. A citation
must be the text at its place, and exactly one sentence of the archive.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from bot.app import App
from bot.demo import ARTICLES
from bot.settings import Settings
from lab.data import ROOT, questions


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--limit", type=int, default=10**9)
    limit = parser.parse_args().limit
    rows = list(questions())
    asked: dict[str, list[str]] = {}
    for row in rows:
        asked.setdefault(row.source, []).append(row.question)
    seeds = (ROOT / "seeds" / "questions.jsonl").read_text(encoding="utf-8")
    asked["seeds"] = [json.loads(line)["question"] for line in seeds.splitlines()]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "passages.jsonl"
        texts = dict.fromkeys(row.context for row in rows)
        source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        app = App(Settings(home=Path(folder) / "home"))
        for done in tqdm(app.ingest([str(ARTICLES), str(source)]), "ingest"):
            counts[done.status] += 1
        for name, some in asked.items():
            random.Random(0).shuffle(some)
            for question in tqdm(some[:limit], name):
                answer = app.ask(question)
                counts[answer.status] += 1
                for citation in answer.citations:
                    counts["citations"] += 1
                    article = app.archive.article(citation.article)
                    assert article is not None
                    assert article.version == citation.version
                    assert article.text[citation.start : citation.end] == citation.quote
                    places = {(s.start, s.end) for s in app.archive.sentences(article.id, article.version)}
                    assert (citation.start, citation.end) in places
        app.close()
    print(dict(counts), "every citation exact and one sentence")


if __name__ == "__main__":
    main()
