"""Asks them all, as a user does: `python -m lab.dated [--show]`, with a temporary KUTIP_HOME."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

from bot.app import App
from bot.demo import ARTICLES
from bot.phrases import Phrases
from bot.settings import Settings
from lab.data import ROOT
from rag.types import Answer

HERE = Path(__file__).parent
TODAY = date(2024, 9, 10)
SEEDS_THAT_DISAGREE = {"seed-2", "seed-3", "seed-6", "seed-10"}


def main() -> None:
    shown = "--show" in sys.argv
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as home:
        app = App(Settings(home=Path(home)), today=lambda: TODAY)
        list(app.ingest([str(HERE / "articles.jsonl"), str(ARTICLES)]))
        for row in map(json.loads, (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines()):
            answer, kind = app.ask(row["question"]), row["kind"]
            quotes = [citation.quote for citation in answer.citations]
            counts[kind] += 1
            answered = answer.status == "answered"
            if kind == "time":
                article, words = row["gold"]
                right = bool(quotes) and answer.citations[0].article == article and words in quotes[0]
            elif kind == "two":
                newer, older = row["gold"]
                right = len(quotes) > 1 and newer in quotes[0] and older in quotes[1]
            else:
                right = not _two(answer)
                counts["one, answer right"] += bool(quotes) and row["gold"][0] in quotes[0]
            counts[f"{kind}, right"] += right
            counts[f"{kind}, right and called an answer"] += right and answered
            if shown and not (
                right and answered and (kind != "one" or row["gold"][0] in "".join(quotes[:1]))
            ):
                print(f"{kind} {row['question']}\n  {row['gold']} {answer.status}: {answer.text}")
                for citation in answer.citations:
                    print(f"    {citation.article} {citation.published}: {citation.quote}")
        for line in (ROOT / "seeds" / "questions.jsonl").read_text(encoding="utf-8").splitlines():
            answer = app.ask(json.loads(line)["question"])
            articles = {citation.article for citation in answer.citations}
            counts["seeds"] += 1
            if _two(answer):
                counts["seeds, shown as a disagreement"] += 1
                counts["seeds, shown as one and none"] += not articles <= SEEDS_THAT_DISAGREE
                if shown:
                    print(f"seeds: {answer.question}\n  {answer.text}")
        app.close()
    for name in sorted(counts):
        print(f"{name}: {counts[name]}")


def _two(answer: Answer) -> bool:
    """Whether it says that articles differ."""
    return answer.status == "answered" and answer.text.startswith(
        Phrases().differ(answer.language, []).strip()
    )


if __name__ == "__main__":
    main()
