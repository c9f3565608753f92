"""The two-turn dialogues of `seeds/`, as the built-in engine understands them: `python -m lab.dialogues`.

Each second question is asked with its history, without it, and as a person would put it alone (the first
question's words added by hand are not used: the bound is the gold sentence among what was read).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from bot.app import App
from bot.demo import ARTICLES
from bot.settings import Settings
from lab.data import ROOT
from rag.asking.follow import carried
from rag.types import Turn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--show", action="store_true", help="print each question as it was put, and what came"
    )
    options = parser.parse_args()
    lines = (ROOT / "seeds" / "dialogues.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory() as home:
        app = App(Settings(home=Path(home), model="reader"))
        list(app.ingest([str(ARTICLES)]))
        for with_history in (True, False):
            first, shown, article = [], [], []
            for row in rows:
                turns = [Turn(each["question"], each["answer"]) for each in row["history"]]
                answer = app.ask(row["question"], turns if with_history else ())
                gold = {each["quote"] for each in row["gold"]}
                best = answer.citations[0] if answer.citations else None
                first.append(best is not None and best.quote in gold)
                shown.append(first[-1] and answer.status == "answered")
                article.append(best is not None and best.article in {each["article"] for each in row["gold"]})
                if options.show and with_history:
                    put = carried(row["question"], row["language"], turns)
                    print(
                        "+" if first[-1] else "-", row["id"], put, "|", best.quote[:80] if best else "nothing"
                    )
            print(
                f"history {'given' if with_history else 'left out'}: first citation a gold sentence "
                f"{sum(first)} of {len(rows)}, of the right article {sum(article)}, as an answer {sum(shown)}"
            )
        app.close()


if __name__ == "__main__":
    main()
