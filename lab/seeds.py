"""The sample questions, asked as a user asks them: `python -m lab.seeds`, with a temporary KUTIP_HOME."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bot.app import App
from bot.demo import ARTICLES
from bot.settings import Settings
from lab.data import ROOT


def main() -> None:
    lines = (ROOT / "seeds" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory() as home:
        app = App(Settings(home=Path(home)))
        list(app.ingest([str(ARTICLES)]))
        texts = {article.id: article.text for article in app.archive.articles()}
        first, shown, declined, language, quotes = [], [], [], [], 0
        for row in rows:
            answer = app.ask(row["question"])
            language.append(answer.language == row["language"])
            for citation in answer.citations:
                assert texts[citation.article][citation.start : citation.end] == citation.quote
                quotes += 1
            if row["gold"]:
                gold = {each["quote"] for each in row["gold"]}
                right = bool(answer.citations) and answer.citations[0].quote in gold
                first.append(right)
                shown.append(right and answer.status == "answered")
            else:
                declined.append(answer.status == "abstained")
        app.close()
    print(f"first citation a gold sentence: {sum(first)} of {len(first)}, as an answer: {sum(shown)}")
    print(f"declined of those without an answer: {sum(declined)} of {len(declined)}")
    print(f"language right: {sum(language)} of {len(language)}; quotes exact: {quotes} of {quotes}")


if __name__ == "__main__":
    main()
