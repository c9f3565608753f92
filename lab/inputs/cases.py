"""Inputs with what is right about each, through the real commands: `python -m lab.inputs.cases [FOLDER]`.

A folder has the files, and a `cases.jsonl` that describes each: `{"file", "text_has", "text_has_not",
"question", "answer_has", "answer_has_not", "why"}`. The first two are lists of regular expressions, each of
which must, or must not, be found in the stored text. `kutip ingest` adds all files, `kutip articles export`
gives what is stored, and `kutip ask` answers the questions in the same store. The default folder is
`../shared/cases` beside the checkout.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.data import ROOT

_NOT_ON = re.compile(r"published is not (\d{4}-\d\d-\d\d)")
"""How a case's `why` names a day that dates no article."""

Row = dict[str, Any]


def kutip(home: Path, *words: str, given: str | None = None) -> list[Row]:
    """The JSON lines that a command prints. Raises RuntimeError where it shows a trace."""
    ended = subprocess.run(
        [str(Path(sys.executable).parent / "kutip"), *words],
        input=given,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "KUTIP_HOME": str(home)},
        check=False,
    )
    if "Traceback" in ended.stderr:
        raise RuntimeError(f"kutip {words[0]}: {ended.stderr[-2000:]}")
    return [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]


def wrong(case: Row, row: Row | None, stored: Row | None, answer: Row | None) -> list[str]:
    """What is not right about one input, a line each."""
    if row is None or stored is None:
        return [f"is not in the store: {(row or {}).get('reason') or 'no line tells of it'}"]
    text = stored["text"]
    lines = [f"lacks {each!r}" for each in case["text_has"] or () if not re.search(each, text, re.M)]
    lines += [f"holds {each!r}" for each in case["text_has_not"] or () if re.search(each, text, re.M)]
    day = _NOT_ON.search(case.get("why") or "")
    if day and (stored["published"] or "").startswith(day[1]):
        lines.append(f"is dated {stored['published']}")
    if case["question"]:
        said = [answer["text"], *(each["quote"] for each in answer["citations"])] if answer else []
        short = str(answer.get("short") or answer["text"]) if answer else ""
        if not answer or answer["status"] != "answered" or not re.search(case["answer_has"] or "", short):
            lines.append(f"is answered {short!r}")
        if any(re.search(case["answer_has_not"], each) for each in said if case["answer_has_not"]):
            lines.append(f"is answered with {case['answer_has_not']!r} in {said}")
        if answer and any(text[c["start"] : c["end"]] != c["quote"] for c in _of(answer, stored["id"])):
            lines.append("is quoted as it does not stand")
    return lines


def _of(answer: Row, id: str) -> list[Row]:
    return [each for each in answer["citations"] if each["article"] == id]


def run(folder: Path, home: Path, show: bool) -> int:
    """How many of the folder's cases are not right."""
    cases: Sequence[Row] = [
        json.loads(line) for line in (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines() if line
    ]
    rows: dict[str, Row] = {}
    # One at a time tells whose line is whose, and costs a start each; all at once they are told by their id.
    for row in kutip(home, "ingest", "--json", *(str(folder / case["file"]) for case in cases)):
        rows[str(row["id"] or row["title"])] = row
    stored = {each["id"]: each for each in kutip(home, "articles", "export")}
    asked = [
        json.dumps({"id": case["file"], "question": case["question"]}) for case in cases if case["question"]
    ]
    answers = {
        each["id"]: each for each in kutip(home, "ask", "--json", "--batch", "-", given="\n".join(asked))
    }
    failed = 0
    for case in cases:
        id = next((id for id in _ids(case) if id in rows or id in stored), case["file"])
        problems = wrong(case, rows.get(id, {"reason": None}), stored.get(id), answers.get(case["file"]))
        failed += bool(problems)
        if problems:
            print(f"{case['file']}: {'; '.join(problems)}")
            reason = rows.get(id, {}).get("reason")
            if show:
                print(f"    {reason or ''}\n    {(stored.get(id) or {}).get('text', '')!r}")
    print(f"{len(cases) - failed} of {len(cases)} right, {len(asked)} of them asked about as well")
    return failed


def _ids(case: Row) -> list[str]:
    """What an input may be known by: `id`, or its file's name without suffix, or a feed's own."""
    stem = case["file"].partition(".")[0]
    return [str(case.get("id") or stem), case["file"], Path(case["file"]).stem]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT.parent / "shared" / "cases")
    parser.add_argument("--show", action="store_true", help="what is stored of those that are not right")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kutip-cases-") as home:
        sys.exit(1 if run(options.folder.resolve(), Path(home), options.show) else 0)


if __name__ == "__main__":
    main()
