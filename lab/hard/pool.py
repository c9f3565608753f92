"""The 900 news articles that the hard questions are asked of: `python -m lab.hard.pool FOLDER` writes them.

Only bodies that no training question was written about. Articles that state a full date come first, so that
questions with a time can be asked; the others follow in an order that does not depend on their content.

The questions name a sentence by its place in the article's text as the data has it, so they hold no text of
a publisher and stay right when cleaning or sentence splitting change.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.data import news
from lab.reader.written import stored

SIZE = 900
SHORTEST = 900
"""Code points; shorter texts are leads, which hold one or two facts."""
_DATE = re.compile(r"\(?\b(\d{1,2})/(\d{1,2})/(20\d\d)\b")


def published(text: str) -> str | None:
    """The first full date that a text states, ISO 8601: the day of the news in Indonesian articles."""
    for day, month, year in _DATE.findall(text):
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
            return f"{year}-{int(month):02}-{int(day):02}"
    return None


def _unused() -> Iterator[dict[str, Any]]:
    asked = {row["id"] for row in stored() if row["source"] == "news"}
    for row in news():
        if len(row["text"] or "") >= SHORTEST and row["id"] not in asked:
            yield dict(row)


def pool() -> list[dict[str, Any]]:
    """`{id, title, url, published, text}`, as `kutip ingest` reads them."""
    rows = [row | {"published": published(row["text"])} for row in _unused()]
    rows.sort(key=lambda row: (row["published"] is None, hashlib.sha256(row["id"].encode()).hexdigest()))
    return sorted(rows[:SIZE], key=lambda row: str(row["id"]))


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "pool.jsonl").open("w", encoding="utf-8") as lines:
        for row in pool():
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
