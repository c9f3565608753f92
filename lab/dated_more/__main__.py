"""Asks them all, as a user does: `python -m lab.dated_more [--show]`, with a temporary KUTIP_HOME."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

from bot.app import App
from bot.settings import Settings

HERE = Path(__file__).parent
TODAY = date(2025, 6, 18)


def main() -> None:
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as home:
        app = App(Settings(home=Path(home)))
        list(app.ingest([str(HERE / "articles.jsonl")]))
        for row in map(json.loads, (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines()):
            answer, (article, words) = app.ask(row["question"], today=TODAY), row["gold"]
            first = answer.citations[0] if answer.citations else None
            right = first is not None and first.article == article and words in first.quote
            counts["questions"] += 1
            counts["right"] += right
            counts["right and called an answer"] += right and answer.status == "answered"
            if "--show" in sys.argv and not (right and answer.status == "answered"):
                print(f"{row['question']}\n  {row['gold']} {answer.status}: {answer.text}")
                for citation in answer.citations:
                    print(f"    {citation.article} {citation.published}: {citation.quote}")
        app.close()
    for name, count in counts.items():
        print(f"{name}: {count}")


if __name__ == "__main__":
    main()
