"""Asks the hard questions of one half and prints the table by kind.

    python -m lab.hard.measure [--half dev|test|held] [--kind KIND]… [--out FILE] [--against FILE] [--again]

The articles are added once: the store lies under lab/work/hard, in a folder named by a hash of the articles
and of the code that decides what is stored. All answers go to FILE (default:
lab/work/hard/answers-HALF.jsonl), a JSON line each, for reading and for a later `--against`, which holds
each question against itself. Look at dev while choosing; test is asked once, at the end. `held` are the
written questions about articles that were kept out of training, asked of a store of 4,200. With `--again`
what the reader said about the same passages before is used again: the same answers in a fraction of the time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from bot.app import App
from bot.evaluation.asking import ask_app
from bot.evaluation.cases import Case, read_case
from bot.evaluation.pages import in_terminal, told
from bot.evaluation.report import as_json, document
from bot.settings import Settings
from lab.data import ROOT, WORK, whole
from lab.hard.again import Again
from lab.hard.held import held_articles, held_cases
from lab.hard.pool import pool
from lab.hard.questions import KINDS, Half, Places, cases

FOLDER = WORK / "hard"
STORED_BY = ("rag/cutting", "rag/text", "rag/load", "rag/store", "rag/ingest.py", "rag/search/embed.py")
"""Code that decides what a store holds: when it changes, the articles are added anew."""
COLUMNS = 160
"""Characters of a line of the table where the output is no terminal."""


def key(rows: Iterable[Mapping[str, Any]]) -> str:
    """A name for the store of these articles, as today's code makes it."""
    hashed = hashlib.sha256()
    for row in rows:
        hashed.update(json.dumps(row, sort_keys=True).encode())
    for place in STORED_BY:
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            hashed.update(file.read_bytes())
    return hashed.hexdigest()[:16]


@contextmanager
def opened(rows: Sequence[Mapping[str, Any]] | None = None, again: bool = False) -> Iterator[App]:
    """The installation that holds these articles, or else the pool; they are added first where there is
    none. `again`: what the reader says is kept, and used again."""
    name, rows = ("pool", pool()) if rows is None else ("other", rows)
    home = FOLDER / f"store-{name}-{key(rows)}"
    if not home.exists():
        for old in FOLDER.glob(f"store-{name}-*"):
            shutil.rmtree(old)
        making = FOLDER / f"store-new-{name}"
        making.mkdir(parents=True)
        articles = making / "pool.jsonl"
        articles.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        app = App(Settings(home=making))
        try:
            refused = [each.reason for each in app.ingest([str(articles)]) if each.status == "refused"]
        finally:
            app.close()
        print(f"{len(rows)} articles added, {len(refused)} refused", file=sys.stderr)
        making.rename(home)
    app = (Again if again else App)(Settings(home=home))
    try:
        yield app
    finally:
        app.close()


def asked_cases(half: Half | Literal["held"]) -> list[Case]:
    """The half's questions, as `kutip eval` understands them."""
    if half == "held":
        return [read_case(row, row["id"], row["id"]) for row in held_cases()]
    return [read_case(row, row["id"], row["id"]) for row in cases(half, Places())]


def read_answers(path: Path) -> dict[str, Any]:
    """The answers of an earlier run, as a report has them."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {"made": path, "engine": "as it was", "kutip": "as it was", "cases": rows}


def _progress(done: int, total: int | None, what: str = "") -> None:
    if done % 50 == 0:
        print(f"{done} of {total} asked", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--half", choices=("dev", "test", "held"), default="dev")
    parser.add_argument("--again", action="store_true", help="use again what the reader said before")
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--against", type=Path)
    given = parser.parse_args()
    # Read first: it may be the file that is written.
    before = read_answers(given.against) if given.against else None
    wanted = [case for case in asked_cases(given.half) if not given.kind or case.kind in given.kind]
    with opened(held_articles() if given.half == "held" else None, given.again) as app:
        asked = ask_app(app, wanted, _progress)
    out = given.out or FOLDER / f"answers-{given.half}.jsonl"
    with whole(out) as part, part.open("w", encoding="utf-8") as lines:
        for result in asked.results:
            row = asdict(result) | {"trouble": told(result)}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    page = document(asked, as_json(asked, "", "", f"hard, {given.half}", "pool"), before)
    columns = shutil.get_terminal_size((COLUMNS, 0)).columns
    for section in page.sections:
        if section.name in ("lost", "kinds", "spelling", "against", "times"):
            shown = in_terminal(section, columns) if section.table else section.note
            print(f"{section.title}\n{shown}\n")
    print(f"answers: {out}")


if __name__ == "__main__":
    main()
