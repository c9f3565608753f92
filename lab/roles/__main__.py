"""Who did it and to whom: thirty invented articles with two parties or figures in one sentence, and 65
questions that tell them apart (won or lost, killed or injured, from or to, rose or fell, bought or sold).

    python -m lab.roles [--show]      with a temporary KUTIP_HOME; the articles are in roles.jsonl

Counts the questions answered, those whose short answer holds the right words and not the other's, and those
answered with the wrong ones.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bot.app import App
from bot.settings import Settings

ROWS = Path(__file__).with_name("roles.jsonl")


def plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def said(short: str | None, text: str, right: str, others: list[str]) -> str:
    """What an answer says: "right", "wrong", or "sentence" where only the quoted sentence has the words."""
    spoken = plain(short or "")
    if not spoken:
        return "sentence" if plain(right) in plain(text) else "wrong"
    if plain(right) in spoken or spoken in plain(right):
        return "wrong" if any(plain(other) in spoken for other in others) else "right"
    return "wrong"


def main() -> None:
    rows = [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        articles = Path(folder) / "roles-articles.jsonl"
        told = ({key: row[key] for key in ("id", "title", "text")} for row in rows)
        articles.write_text("\n".join(map(json.dumps, told)), encoding="utf-8")
        app = App(Settings(home=Path(folder) / "home", model="reader"))
        list(app.ingest([str(articles)]))
        for row in rows:
            answers = [asked["answer"] for asked in row["questions"]]
            for asked in row["questions"]:
                answer = app.ask(asked["question"])
                others = [other for other in answers if other != asked["answer"]]
                result = "declined"
                if answer.status == "answered":
                    result = said(answer.short, answer.text, asked["answer"], others)
                counts[result] += 1
                if "--show" in sys.argv and result != "right":
                    told = f"{answer.text!r} for {asked['answer']!r}"
                    print(f"{result}: {asked['question']} [{answer.kind}] {told}")
        app.close()
    print(f"{sum(counts.values())} questions: {dict(counts)}")


if __name__ == "__main__":
    main()
