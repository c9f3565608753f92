"""The written questions about articles that were kept out of training, asked of a store that holds these and
others, none of them in the pool of the hard questions. They hold no text of a publisher."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from lab.data import news
from lab.hard import written
from lab.hard.pool import pool, published

OTHERS = 3_000
"""Articles that nothing was asked about, beside those of the written questions."""
MOST_NEEDED, MOST_OF_STORY = 4, 3
"""The written questions mark everything that belongs: of a complete answer most of it is enough."""
Row = dict[str, Any]


def held_rows() -> list[Row]:
    """The written questions about articles kept out of training, in the form of the hard ones."""
    found = []
    for row in written.stored():
        if not written.held(row["id"]):
            continue
        text = written.bodies()[row["id"]][1]
        facts = [[{"article": row["id"], "quote": text[start:end]}] for start, end in row["sentences"]]
        again = [text[start:end] for start, end in row["again"]]
        found.append(row | {"facts": facts, "again": again, "need": len(facts)})
    return found


def held_articles() -> list[Row]:
    """Those of the written questions, and others, none of them in the pool of the hard questions."""
    kept, asked = {row["id"] for row in pool()}, {row["id"] for row in written.stored()}
    every = [row for row in news() if row["text"] and row["id"] not in kept]
    others = [row for row in every if row["id"] not in asked]
    random.Random(0).shuffle(others)
    taken = [row for row in every if row["id"] in asked] + others[:OTHERS]
    return [dict(row) | {"published": published(str(row["text"]))} for row in taken]


def held_cases() -> Iterator[Row]:
    """The same in the form that `kutip eval` reads."""
    for number, row in enumerate(held_rows()):
        again = [{"article": row["id"], "quote": text} for text in row["again"]]
        facts = row["facts"]
        yield {
            "id": f"held-{number}",
            **{name: row[name] for name in ("question", "language", "facts")},
            "kind": row["kind"] if facts else "none",
            "need": min(len(facts), MOST_OF_STORY if row["kind"] == "summary" else MOST_NEEDED),
            "gold": [quote for fact in facts for quote in fact] + again,
            "says": row["says"] if row["says"] in ("yes", "no") else None,
        }
