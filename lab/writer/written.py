"""What the writer learns from: answers with citations, translations, and follow-ups put anew.

`written.jsonl.gz` holds no text of a publisher, only places in the articles as `lab.reader.written.article`
leaves them. A row is one of

    {"task": "answer", "kind", "language", "question", "shown": [[article, start, end], …], "reply"}
    {"task": "translate", "article", "start", "end", "english"}
    {"task": "follow", "language", "question", "answer": [article, start, end], "follow", "alone"}

`shown` are the sentences that Kutip's own search and reader return for a question of `lab.hard.written`, in
the order in which a chat model is shown them; `reply` has a statement a line, each with its marks, or is a
hyphen. All of it was written by a large language model that read those sentences. None of the articles is in
`lab.hard.pool`, and none is one of those kept out of training (`lab.hard.written.held`).

    python -m lab.writer.written FOLDER     reads what was written there, and keeps what passes the gate

The gate is the product's own: the check of a chat model's statements, of its translations, and of a question
put anew. What fails is left out, and counted.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lab.hard import written as questions
from lab.hard.pool import published
from rag.asking.follow import follows
from rag.search.lexicon import Lexicon
from rag.text.stems import words
from rag.types import Language
from rag.writing.support import Cited, borrowed, missing, undenied, unsaid

PATH = Path(__file__).with_name("written.jsonl.gz")
STATEMENTS = 4
"""Of a reply, at most."""
LONGER = 2.5
"""How many times as many words as the other a sentence or its translation has at most."""
_MARKED = re.compile(r"(.+?)((?:\s*\[\d+\])+)[.]?")
Row = dict[str, Any]
Place = tuple[str, int, int]


def stored() -> list[Row]:
    """All rows."""
    with gzip.open(PATH, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@cache
def sentence(article: str, start: int, end: int) -> str:
    """A sentence of an article, on one line."""
    return " ".join(questions.bodies()[article][1][start:end].split())


@cache
def title(article: str) -> str:
    """The article's title, perhaps empty."""
    return questions.bodies()[article][0] or ""


@cache
def day(article: str) -> str:
    """When the article says that it was published: YYYY-MM-DD, or nothing."""
    return (published(questions.bodies()[article][1]) or "")[:10]


@cache
def _lexicon() -> Lexicon:
    return Lexicon.load()


def place(article: str, text: str) -> Place:
    """Where a sentence stands that is given on one line. Raises ValueError where it does not."""
    pattern = r"\s+".join(map(re.escape, text.split()))
    found = re.search(pattern, questions.bodies()[article][1])
    if found is None:
        raise ValueError(f"{article} does not have {text[:40]}")
    return article, *found.span()


def statements(reply: str) -> list[tuple[str, list[int]]]:
    """A reply's statements, each with the numbers that it cites. Raises ValueError where one has none."""
    found = []
    for line in reply.split("\n"):
        match = _MARKED.fullmatch(line.strip())
        if match is None:
            raise ValueError("a statement without a mark")
        found.append((match[1].strip(), [int(number) for number in re.findall(r"\d+", match[2])]))
    return found


def answer_trouble(row: Mapping[str, Any]) -> str | None:
    """What the gate has against an answer."""
    if row["reply"] == "-":
        return None
    try:
        said = statements(row["reply"])
    except ValueError as error:
        return str(error)
    if len(said) > STATEMENTS:
        return "too many statements"
    language: Language = row["language"]
    for text, numbers in said:
        if not all(0 < number <= len(row["shown"]) for number in numbers) or len(numbers) > 3:
            return "a mark of nothing"
        cited = []
        for number in numbers:
            article, start, end = row["shown"][number - 1]
            before = row["shown"][number - 2] if number > 1 else None
            around = f"{title(article)}."
            if before and before[0] == article:
                around += " " + sentence(*before)
            cited.append(Cited(sentence(article, start, end), "id", day(article) or None, around))
        if borrowed(row["question"], text, language, cited, _lexicon()):
            return "words of the question"
        if (lacking := missing(text, language, cited, _lexicon())) is not None:
            return f"not in what it cites: {lacking}"
    return None


def translation_trouble(quote: str, english: str) -> str | None:
    """What the gate has against a translation into English."""
    own, other = words(english), words(quote)
    if not own or not other or not 1 / LONGER <= len(own) / len(other) <= LONGER or own == other:
        return "no translation"
    if missing(english, "en", [Cited(quote, "id")], _lexicon()):
        return "something added"
    put = [Cited(english, "en")]
    return "something lost" if unsaid(quote, "id", put, _lexicon()) or undenied(quote, put) else None


def follow_trouble(row: Mapping[str, Any]) -> str | None:
    """What the gate has against a follow-up that was put anew."""
    language: Language = row["language"]
    if follows(row["alone"], language):
        return "still a follow-up"
    known = f"{row['question']} {sentence(*row['answer'])} {row['follow']}"
    if unsaid(row["follow"], language, [Cited(row["alone"], language)], _lexicon()):
        return "something lost"
    if missing(row["alone"], language, [Cited(known, language)], _lexicon()):
        return "something added"
    return None


def _fields(folder: Path, name: str, count: int) -> Iterator[list[str]]:
    for path in sorted(folder.glob(f"{name}-*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = [field.strip() for field in line.split("|", count - 1)]
            if len(fields) == count and all(fields) and fields[0].isdigit():
                yield fields


def answers(folder: Path) -> Iterator[Row]:
    """The written replies: `prompts-N.jsonl` says what was shown, `out/an-N.txt` what was replied."""
    shown = {}
    for path in sorted(folder.glob("prompts-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            shown[one["n"]] = one
    for number, reply in _fields(folder / "out", "an", 2):
        one = shown[int(number)]
        try:
            places = [place(article, text) for _, article, _, _, text in one["shown"]]
        except ValueError:
            continue
        lines = "\n".join(part.strip() for part in reply.split("//") if part.strip())
        yield {
            "task": "answer",
            **{name: one[name] for name in ("kind", "language", "question")},
            "shown": places,
            "reply": lines,
        }


def translations(folder: Path) -> Iterator[Row]:
    """The translated sentences: `tr.json` says which, `out/tr-N.txt` how."""
    told = json.loads((folder / "tr.json").read_text(encoding="utf-8"))
    for number, english in _fields(folder / "out", "tr", 2):
        article, text = told[int(number)]
        article, start, end = place(article, text)
        yield {"task": "translate", "article": article, "start": start, "end": end, "english": english}


def follow_ups(folder: Path) -> Iterator[Row]:
    """The follow-ups: numbers are those of the written questions outside the articles kept out."""
    asked = [row for row in questions.stored() if not questions.held(row["id"])]
    for number, follow, alone in _fields(folder / "out", "fu", 3):
        row = asked[int(number)]
        yield {
            "task": "follow",
            "language": row["language"],
            "question": row["question"],
            "answer": [row["id"], *row["sentences"][0]],
            "follow": follow,
            "alone": alone,
        }


def trouble(row: Mapping[str, Any]) -> str | None:
    """What the gate has against a row."""
    if row["task"] == "answer":
        return answer_trouble(row)
    if row["task"] == "follow":
        return follow_trouble(row)
    return translation_trouble(sentence(row["article"], row["start"], row["end"]), row["english"])


def gated(rows: Sequence[Row]) -> Iterator[Row]:
    """Those that pass; what fails is counted and printed. Of one that was written again the first that passes
    counts."""
    seen, failed, passed = set(), Counter[str](), Counter[str]()
    for row in rows:
        key = json.dumps([row.get(name) for name in ("task", "question", "article", "start", "follow")])
        said = "twice" if key in seen else trouble(row)
        if said is None:
            seen.add(key)
            passed[f"{row['task']} {row.get('language', '')} {'-' if row.get('reply') == '-' else ''}"] += 1
            yield row
        else:
            failed[f"{row['task']}: {said.partition(':')[0]}"] += 1
    for name, count in [*passed.most_common(), *failed.most_common()]:
        print(f"{count:6} {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    rows = [*answers(given.folder), *translations(given.folder), *follow_ups(given.folder)]
    kept = list(gated(rows))
    with PATH.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        for row in kept:
            file.write((json.dumps(row, ensure_ascii=False) + "\n").encode())


if __name__ == "__main__":
    main()
