"""Questions to learn from: whole answers rather than spans, written for this about Indonesian news.

`written.jsonl.gz` holds no text of a publisher, only places in the article as `lab.reader.written.article`
leaves it. A row is

    {"id", "kind", "language", "question", "sentences": [[start, end], …], "again": [[start, end], …],
     "says": "yes"|"no"|"unclear"|null, "spans": [[start, end], …]}

`sentences` belong to a good complete answer, the most important first; `again` say what one of those says
already; none where the article does not answer. `spans` are the shortest answer, or a list's items. They were
written by a large language model that read each article; none of the articles is in `lab.hard.pool`.

    python -m lab.hard.written FOLDER     reads train-NN.txt, and out-NN.txt in each of `PARTS`, into the file

`para` are questions that say it in words which the article has not, `everyday` those as people type them,
most of them wanting more than one fact.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lab.data import news, whole
from lab.hard.pool import pool
from lab.reader.written import article, place

PATH = Path(__file__).with_name("written.jsonl.gz")
KINDS = (
    *("fact", "why", "how", "list", "yesno", "compare"),
    *("define", "person", "summary", "news", "join"),
)
SPANNED = ("fact", "define", "person", "list")
SAYS = ("yes", "no", "unclear")
PARTS = ("train", "para", "everyday")
"""Folders of questions, in the order in which they were written."""
HELD = 12
"""One article in this many is kept out of training, to choose by."""
_NUMBERED = re.compile(r"(\d+)\. (.*)")
Place = tuple[int, int]


def stored() -> list[dict[str, Any]]:
    """All rows."""
    with gzip.open(PATH, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@cache
def bodies() -> dict[str, tuple[str | None, str]]:
    """Title and text of every news article, by its id."""
    return {str(row["id"]): (row["title"], article(str(row["text"]))) for row in news() if row["text"]}


def held(name: str) -> bool:
    """Whether an article is kept out of training."""
    return int.from_bytes(name.encode(), "big") % 1009 % HELD == 0


class Article:
    """An article as the writers saw it: its sentences by number.

    They are looked for in the text one after the other, since it may be cut elsewhere today. Raises
    ValueError where one of them is not there.
    """

    def __init__(self, name: str, sentences: Sequence[str]) -> None:
        self.name = name
        self.text = bodies()[name][1]
        self.places = list[Place]()
        end = 0
        for sentence in sentences:
            found = re.compile(r"\s+".join(map(re.escape, sentence.split()))).search(self.text, end)
            if found is None:
                raise ValueError(f"{name}: not in the article: {sentence[:40]}")
            self.places.append(found.span())
            end = found.end()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.replace(" ", "").split(",") if number]


def _spans(found: Article, numbers: list[int], extra: str) -> list[Place]:
    """Where the copied answers stand, those that are found to the letter."""
    places = []
    for item in filter(None, (part.strip() for part in extra.split("~"))):
        for number in numbers:
            start, end = found.places[number]
            if (inside := place(found.text[start:end], item)) is not None:
                places.append((start + inside[0], start + inside[1]))
                break
    return places


def row(line: str, articles: dict[str, Article]) -> dict[str, Any]:
    """One written line. Raises ValueError that says what is wrong with it."""
    fields = [field.strip() for field in line.split("|")]
    if len(fields) != 6:
        raise ValueError("not six fields")
    name, language, kind, question, marked, extra = fields
    if name not in articles:
        raise ValueError("no such article")
    if language not in ("id", "en") or kind not in KINDS:
        raise ValueError("no such language or kind")
    if len(question) < 5:
        raise ValueError("no question")
    found, empty = articles[name], marked in ("-", "")
    first, _, second = ("", "", "") if empty else marked.partition(";")
    try:
        numbers, again = _numbers(first), _numbers(second.replace(";", ","))
        says = extra.lower() if kind == "yesno" and not empty else None
        sentences = [found.places[number] for number in numbers]
        repeated = [found.places[number] for number in again if number not in numbers]
    except (ValueError, IndexError) as error:
        raise ValueError("no such sentence") from error
    if not empty and not numbers:
        raise ValueError("no sentence")
    if says is not None and says not in SAYS:
        raise ValueError("neither yes nor no")
    spans = _spans(found, [*numbers, *again], extra) if kind in SPANNED and extra not in ("", "-") else []
    if kind in ("fact", "define", "person") and extra not in ("", "-") and not spans and not empty:
        raise ValueError("the answer is not in its sentences")
    kept = {"id": name, "kind": kind, "language": language, "question": question}
    return kept | {"sentences": sentences, "again": repeated, "says": says, "spans": spans}


def seen(shown: Path, asked: set[str]) -> dict[str, Article]:
    """The articles of a file that writers read, without those of the pool, by their ids."""
    sentences = dict[str, list[str]]()
    for line in shown.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            sentences[name := line[3:].split(" | ")[0]] = []
        elif match := _NUMBERED.match(line):
            sentences[name].append(match[2])
    return {name: Article(name, each) for name, each in sentences.items() if name not in asked}


def main() -> None:
    folder = Path(sys.argv[1])
    asked = {each["id"] for each in pool()}
    found, bad = list[dict[str, Any]](), Counter[str]()
    for path in (each for part in PARTS for each in sorted(folder.glob(f"{part}/out-*.txt"))):
        shown = folder / path.name.replace("out", "train")
        articles = seen(shown, asked)
        for line in filter(str.strip, path.read_text(encoding="utf-8").splitlines()):
            try:
                found.append(row(line, articles))
            except ValueError as error:
                bad[str(error)] += 1
    # Twice the same question of an article says nothing new.
    unique = list({(each["id"], each["question"].lower()): each for each in found}.values())
    with whole(PATH) as part, gzip.GzipFile(part, "wb", mtime=0) as file:
        file.write("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in unique).encode())
    kinds = Counter(each["kind"] if each["sentences"] else "-" for each in unique)
    print(f"{len(unique)} questions about {len({each['id'] for each in unique})} articles: {dict(kinds)}")
    print(f"left out: {dict(bad)}, {len(found) - len(unique)} twice")


if __name__ == "__main__":
    main()
