"""Questions that need more than one fact, asked of the pool of `lab.hard.pool`.

`questions.jsonl` was written by a large language model that read the articles, before the code it judges.
A row is

    {"id", "kind", "language", "question", "facts": [[[article, start, end], …], …], "need", …}

Each fact is the list of the sentences that state it, by their place in the article's text as the data has it;
`need` of the facts make an answer complete. Kind `none` has no facts: nothing in the pool answers it.
`says` is the right "yes" or "no", `full` the same question in full spelling, `items` what a list holds.

Every second question of a kind is for choosing (dev), the others are asked once, at the end (test).

    python -m lab.hard.questions FOLDER [--half dev|test]   pool.jsonl and questions.jsonl for `kutip eval`
    python -m lab.hard.questions --add FILE …   replaces the questions by others: "id:sentence"
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from lab.data import whole
from lab.hard.pool import pool
from lab.reader.written import article
from rag.text.sentences import split

PATH = Path(__file__).with_name("questions.jsonl")
Half = Literal["dev", "test"]
KINDS = (
    *("why", "how", "list", "yesno", "compare", "summary", "everyday"),
    *("nowords", "join", "several", "time", "none"),
)


def stored() -> list[dict[str, Any]]:
    return [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]


def half(rows: Iterable[dict[str, Any]], which: Half) -> Iterator[dict[str, Any]]:
    seen = Counter[str]()
    for row in rows:
        if ("dev", "test")[seen[row["kind"]] % 2] == which:
            yield row
        seen[row["kind"]] += 1


def _letters(text: str) -> tuple[str, list[int]]:
    """The text's letters and digits, small, and the place of each."""
    places = [place for place, char in enumerate(text) if char.isalnum()]
    return "".join(text[place].lower()[0] for place in places), places


class Places:
    """Stored sentences as places in the text that the data has, and back."""

    def __init__(self) -> None:
        self.raw = {row["id"]: str(row["text"]) for row in pool()}

    def place(self, name: str, quote: str) -> list[Any]:
        letters, places = _letters(self.raw[name])
        wanted = _letters(quote)[0]
        at = letters.find(wanted)
        if at < 0 or not wanted:
            raise ValueError(f"{name}: {quote}")
        return [name, places[at], places[at + len(wanted) - 1] + 1]

    def quotes(self, place: list[Any]) -> list[dict[str, str]]:
        """The article's sentences, as they are stored today, that lie at a place or hold most of it."""
        name, start, end = place
        wanted = _letters(self.raw[name][start:end])[0]
        text, found = article(self.raw[name]), []
        for sentence in split(text):
            quote = text[sentence.start : sentence.end]
            letters = _letters(quote)[0]
            same = letters in wanted or wanted in letters
            if letters and same and len(letters) >= 0.3 * len(wanted):
                found.append({"article": name, "quote": quote})
        return found


def cases(which: Half | None, places: Places) -> Iterator[dict[str, Any]]:
    """The questions in the form that `kutip eval` reads."""
    for row in half(stored(), which) if which else stored():
        facts = [[q for place in fact for q in places.quotes(place)] for fact in row["facts"]]
        yield row | {"facts": facts, "gold": [quote for fact in facts for quote in fact]}


def _added(path: Path, places: Places) -> Iterator[dict[str, Any]]:
    sentences: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for fact in row["facts"]:
            for number, name in enumerate(fact):
                id, _, index = name.rpartition(":")
                if id not in sentences:
                    text = article(places.raw[id])
                    sentences[id] = [text[s.start : s.end] for s in split(text)]
                fact[number] = places.place(id, sentences[id][int(index)])
        if not row.get("note"):
            row.pop("note", None)
        yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--half", choices=("dev", "test"))
    parser.add_argument("--add", type=Path, nargs="+")
    given = parser.parse_args()
    places = Places()
    if given.add:
        rows = [row for path in given.add for row in _added(path, places)]
        with whole(PATH) as part:
            lines = (json.dumps(row, ensure_ascii=False) for row in rows)
            part.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, found in (("pool", pool()), ("questions", cases(given.half, places))):
        with (given.folder / f"{name}.jsonl").open("w", encoding="utf-8") as lines:
            for row in found:
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
