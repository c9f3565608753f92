"""Questions that were written for this: in English and Indonesian, about Indonesian and English passages.

No public data has English questions about Indonesian news. `written.jsonl.gz` holds some, with Indonesian
ones beside them, written by a large language model that read each passage; a program checked that every
answer stands in its passage to the letter. The passages are not in the file, only their places in the data:

    {"source": "news"|"wiki"|"qa", "id", "first", "last", "language", "question", "start", "end"}

`first` and `last` are the passage's place in the text as `rag.cutting.clean` leaves it, `start` and `end` the
answer's in the passage, null where it does not answer. A Wikipedia lead or a question's passage is named by
the first 16 digits of its SHA-256.

    python -m lab.reader.written FOLDER     adds a folder of batches, as they were written, to the file
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lab.data import Question, news, questions, whole, wiki
from rag.cutting.clean import clean, normalise

PATH = Path(__file__).with_name("written.jsonl.gz")


def name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def article(text: str) -> str:
    """A news body as the product stores it."""
    return clean(normalise(text))[0]


def stored() -> list[dict[str, Any]]:
    with gzip.open(PATH, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@cache
def _texts() -> dict[tuple[str, str], tuple[str | None, str, str]]:
    """(source, id) -> title, text, language, of what is asked about."""
    wanted = {(row["source"], row["id"]) for row in stored()}
    found: dict[tuple[str, str], tuple[str | None, str, str]] = {}
    for row in news():
        if ("news", row["id"]) in wanted:
            found["news", str(row["id"])] = row["title"], article(str(row["text"])), "id"
    for title, text in wiki():
        # Hashing 700,000 paragraphs takes a second.
        if ("wiki", key := name(text)) in wanted:
            found["wiki", key] = title, text, "id"
    for each in questions():
        found["qa", name(each.context)] = None, each.context, each.context_language
    return found


def rows() -> Iterator[tuple[Question, str | None]]:
    """Each question with the title that its passage has."""
    texts = _texts()
    for number, row in enumerate(stored()):
        title, text, language = texts[row["source"], row["id"]]
        context = text[row["first"] : row["last"]]
        answer = None if row["start"] is None else context[row["start"] : row["end"]]
        yield (
            Question(
                f"written-{number}",
                f"written_{row['source']}",
                row["language"],
                language,
                row["question"],
                context,
                answer,
                row["start"],
            ),
            title,
        )


def every() -> tuple[list[Question], dict[str, str]]:
    """All questions, public and written, and the titles of the passages that have one.

    Written questions about stretches of public passages are left out of the other parts: training may have
    seen the rest of the passage.
    """
    found, titles = list(questions()), dict[str, str]()
    for row, title in rows():
        if row.source == "written_qa" and row.part != "train":
            continue
        found.append(row)
        if title:
            titles[row.context] = title
    return found, titles


def place(context: str, answer: str) -> tuple[int, int] | None:
    """Where an answer stands in a passage; it was written from one whose white space was made single."""
    places, letters = list[int](), list[str]()
    for place, each in enumerate(context):
        char = " " if each.isspace() else each
        if char != " " or (letters and letters[-1] != " "):
            places.append(place)
            letters.append(char)
    at = "".join(letters).find(answer)
    return None if at < 0 else (places[at], places[at + len(answer) - 1] + 1)


def main() -> None:
    folder = Path(sys.argv[1])
    passages = [json.loads(line) for line in (folder / "passages.jsonl").open(encoding="utf-8")]
    found, bad = stored() if PATH.exists() else [], 0
    before, known = len(found), {json.dumps(row) for row in found}
    for path in sorted(folder.glob("out-*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = line.split("|")
            if len(fields) != 4 or not fields[0].isdigit() or fields[1] not in ("id", "en"):
                bad += bool(line.strip())
                continue
            passage = passages[int(fields[0])]
            context = passage["text"][passage["first"] : passage["last"]]
            where = place(context, fields[3].strip()) if fields[3].strip() else (None, None)
            if where is None:
                bad += 1
                continue
            kept = {name: passage[name] for name in ("source", "id", "first", "last")}
            asked = {"language": fields[1], "question": fields[2].strip(), "start": where[0], "end": where[1]}
            if json.dumps(row := kept | asked) not in known:
                found.append(row)
    with whole(PATH) as part, gzip.open(part, "wt", encoding="utf-8") as lines:
        for row in found:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{before} questions and {len(found) - before} more, {bad} lines left out")


if __name__ == "__main__":
    main()
