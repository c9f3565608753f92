"""A real chat model on the hard questions: what it wrote, what was shown, and what that is worth.

    python -m lab.chatting ask FILE --model PATH [--half dev|test] [--most N] [--when needed|always] [--seeds]
               [--kinds KIND ...]
    python -m lab.chatting table FILE          complete, first citation, wrong: the reader alone, and with it
    python -m lab.chatting again FILE OUT      the same outputs through the check of today, without the model
    python -m lab.chatting claims FILE         every claim with what it cites, to be judged by reading

`ask` adds a JSON line a question to FILE, and goes on where it stopped. Each question is asked of the reader
alone, and then with the model. A line holds both results, and for every prompt the sentences shown, the
output, the tokens read, found in the cache and written, and the seconds of the clock and of the processor.

`again` answers each prompt with the output that was written to it, so that a change to the check is judged in
seconds; it says how many prompts are others than then.

`claims` prints a claim a line: whether it was shown, its text, and the sentences that it cites. With
`--judged FILE` (a line a claim: the question's id, the claim's place, `right` or `wrong`) it counts.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from statistics import mean, median
from time import perf_counter, process_time
from typing import Any, Literal

import seeds
from bot.app import App
from bot.demo import ARTICLES
from bot.evaluation.asking import Result, ask_app
from bot.evaluation.cases import Case, read_cases
from bot.models import open_writer
from bot.part import Part
from bot.settings import Settings
from lab.hard.measure import asked_cases, opened
from lab.writer.form import Short
from rag.deadline import Deadline
from rag.writing.cite import Cutter
from rag.writing.decoder import ChatModel, Usage
from rag.writing.grammar import Grammar
from rag.writing.prompt import PLACEHOLDERS, instructions
from rag.writing.writer import Prompt, Writer

WHENS = ("always", "needed", "never")
FIGURES = (
    "complete",
    "first_right",
    "right_answer",
    "wrong_answer",
    "declined_rightly",
    "belonging",
    "language",
)
PATIENCE = 3600.0
"""Seconds for an answer: on a busy machine what a model says counts here, not when."""
_SHOWN = re.compile(r"^(.*) \[(\d+)\]$", re.MULTILINE)
"""A sentence of a prompt, with its number behind it."""
_MARK = re.compile(r"=== [0-9a-f]{12}")
"""The line around what comes from articles, which is another one in each process."""


class Recording:
    """A writer that notes what it was asked and wrote. `kinds` names the instructions."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.noted: list[dict[str, Any]] = []
        self.kinds = {
            instructions(name, language): f"{name}.{language}"  # type: ignore[arg-type]
            for name in PLACEHOLDERS
            for language in ("id", "en")
        }

    @property
    def name(self) -> str:
        return self._writer.name

    @property
    def context(self) -> int:
        return self._writer.context

    def count(self, text: str) -> int:
        return self._writer.count(text)

    def close(self) -> None:
        getattr(self._writer, "close", lambda: None)()

    def write(self, prompt: Prompt, grammar: Grammar, most: int, deadline: Deadline) -> Iterator[str]:
        began, cpu, first, said = perf_counter(), process_time(), None, []
        try:
            for piece in self._writer.write(prompt, grammar, most, deadline):
                first = perf_counter() - began if first is None else first
                said.append(piece)
                yield piece
        finally:
            used = getattr(self._writer, "usage", Usage())
            self.noted.append(
                {
                    "kind": self.kinds.get(prompt.system, "?"),
                    "user": _MARK.sub("===", prompt.user),
                    "output": "".join(said),
                    "first": first,
                    "seconds": perf_counter() - began,
                    "cpu": process_time() - cpu,
                    **asdict(used),
                }
            )


class Repeating:
    """A writer that says again what was once written to the same prompt."""

    name, context = "repeating", 8192

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self._outputs = {each["user"]: each["output"] for row in rows for each in row["prompts"]}
        self.unknown = 0

    def count(self, text: str) -> int:
        return len(text) // 4

    def write(self, prompt: Prompt, grammar: Grammar, most: int, deadline: Deadline) -> Iterator[str]:
        said = self._outputs.get(_MARK.sub("===", prompt.user))
        if said is None:
            self.unknown += 1
        yield from re.findall(r"\s*\S+|\s+", said or "-")

    def close(self) -> None:
        pass


def wanted(
    half: Literal["dev", "test"], of_seeds: bool, most: int | None, only: Sequence[str] = ()
) -> list[Case]:
    """The questions, one of each kind after the other, one language before the other: so the instructions are
    read once even by a model that keeps one prompt alone. `only`: of these kinds. The sample questions have
    no kinds."""
    if of_seeds:
        return read_cases(Path(seeds.__path__[0]) / "questions.jsonl")[:most]
    kinds: dict[str | None, list[Case]] = defaultdict(list)
    for case in (each for each in asked_cases(half) if not only or each.kind in only):
        kinds[case.kind].append(case)
    mixed = [case for turn in zip_longest(*kinds.values()) for case in turn if case is not None][:most]
    return sorted(mixed, key=lambda case: case.language != "id")


@contextmanager
def store(of_seeds: bool) -> Iterator[App]:
    if not of_seeds:
        with opened() as app:
            yield app
        return
    with tempfile.TemporaryDirectory() as home:
        app = App(Settings(home=Path(home)))
        list(app.ingest([str(ARTICLES)]))
        try:
            yield app
        finally:
            app.close()


def asked(app: App, case: Case, when: str, writer: Recording | Repeating) -> Result:
    """One question's result with this writer, or without where `when` is never."""
    app.settings = app.settings.model_copy(
        update={
            "model_when": when,
            "gloss": "never",
            "model": "reader",
            "model_seconds": PATIENCE,
            "model_first_seconds": PATIENCE,
        }
    )
    app._writer = Part(lambda: writer if when != "never" else None)  # type: ignore[assignment, return-value]
    return ask_app(app, [case], lambda *step: None).results[0]


def rows_of(path: Path) -> list[dict[str, Any]]:
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    )


def ask(given: argparse.Namespace) -> None:
    done = {row["id"] for row in rows_of(given.file)}
    settings = Settings(model=str(given.model), threads=given.threads)
    found = open_writer(settings)
    assert isinstance(found, ChatModel)
    writer = Recording(Short(found) if given.short else found)
    given.file.parent.mkdir(parents=True, exist_ok=True)
    with store(given.seeds) as app, given.file.open("a", encoding="utf-8") as out:
        for case in wanted(given.half, given.seeds, given.most, given.kinds):
            if case.id in done:
                continue
            alone = asked(app, case, "never", writer)
            writer.noted.clear()
            spoken = asked(app, case, given.when, writer)
            row = {
                "id": case.id,
                "kind": case.kind,
                "language": case.language,
                "question": case.question,
                "reader": asdict(alone),
                "with": asdict(spoken),
                "prompts": list(writer.noted),
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            out.flush()
            print(case.id, case.kind, spoken.engine, spoken.status, file=sys.stderr, flush=True)
    writer.close()


def again(given: argparse.Namespace) -> None:
    """Writes the rows anew with what today's code makes of the same outputs."""
    rows = {row["id"]: row for row in rows_of(given.file)}
    writer = Repeating(list(rows.values()))
    with store(given.seeds) as app, given.out.open("w", encoding="utf-8") as out:
        for case in wanted(given.half, given.seeds, None):
            if row := rows.get(case.id):
                row["reader"] = asdict(asked(app, case, "never", writer))
                row["with"] = asdict(asked(app, case, given.when, writer))
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{len(rows)} questions, {writer.unknown} prompts that were never asked")


def table(given: argparse.Namespace) -> None:
    rows = rows_of(given.file)
    for kind in [None, *sorted({row["kind"] for row in rows if row["kind"]})]:
        own = [row for row in rows if kind in (None, row["kind"])]
        parts = []
        for name in FIGURES:
            pairs = [(row["reader"]["measures"].get(name), row["with"]["measures"].get(name)) for row in own]
            both = [
                mean([each[place] for each in pairs if each[place] is not None] or [-1]) for place in (0, 1)
            ]
            if both != [-1, -1]:
                parts.append(f"{name} {both[0]:.2f} -> {both[1]:.2f}")
        model = sum(row["with"]["engine"] != "reader" for row in own)
        print(f"{kind or 'all':9} {len(own):3}, {model} by the model: {', '.join(parts)}")
    prompts = [each | {"id": row["id"]} for row in rows for each in row["prompts"]]
    answers = [each for each in prompts if each["kind"].startswith("answer")]
    if not answers:
        return
    lines = [
        line for each in answers for line in each["output"].splitlines() if line.strip() not in ("", "-")
    ]
    good = sum(bool(re.fullmatch(r"[^\[\]]+(?:\[\d+\]){1,3}", line.strip())) for line in lines)
    print(f"{len(answers)} outputs, {len(lines)} lines, {good} of them text and then marks")
    for name in ("prompt", "reused", "written", "first", "seconds", "cpu"):
        values = [each[name] for each in answers if each[name] is not None]
        print(f"  {name}: p50 {median(values):.1f}, most {max(values):.1f}")


def told_claims(row: dict[str, Any]) -> Iterator[tuple[bool, str, list[str]]]:
    """The claims of a row's output: whether each was shown, its text, and the sentences that it cites."""
    for prompt in row["prompts"]:
        if not prompt["kind"].startswith("answer"):
            continue
        sentences = {int(number): text for text, number in _SHOWN.findall(prompt["user"])}
        cutter = Cutter()
        for draft in [*cutter.feed(prompt["output"]), *cutter.close()]:
            yield (
                draft.text in row["with"]["text"],
                draft.text,
                [sentences.get(n, "?") for n in draft.numbers],
            )


def claims(given: argparse.Namespace) -> None:
    judged: dict[tuple[str, int], bool] = {}
    if given.judged:
        for line in given.judged.read_text(encoding="utf-8").splitlines():
            id, place, verdict = line.split()[:3]
            judged[id, int(place)] = verdict == "right"
    pairs = []
    for row in rows_of(given.file):
        for place, (shown, text, cited) in enumerate(told_claims(row)):
            verdict = judged.get((row["id"], place))
            if verdict is not None:
                pairs.append((shown, verdict))
            if not given.judged or (given.wrong and shown != verdict):
                seen = "shown" if shown else "held"
                print(f"{row['id']} {place} {seen} {verdict} | {row['question']} | {text}")
                for sentence in cited:
                    print(f"      {sentence}")
    if pairs:
        shown = [right for seen, right in pairs if seen]
        right = [seen for seen, right in pairs if right]
        print(f"{len(shown)} shown, {len(shown) - sum(shown)} of them not supported")
        print(f"{len(right)} supported, {len(right) - sum(right)} of them held back")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("step", choices=("ask", "again", "table", "claims"))
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--half", choices=("dev", "test"), default="dev")
    parser.add_argument("--most", type=int)
    parser.add_argument("--kinds", nargs="*", default=(), help="only these")
    parser.add_argument("--when", choices=WHENS, default="needed")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--seeds", action="store_true", help="the sample questions")
    parser.add_argument("--short", action="store_true", help="a model of lab.writer: prompts in its form")
    parser.add_argument("--judged", type=Path)
    parser.add_argument(
        "--wrong", action="store_true", help="print those that were shown or held back wrongly"
    )
    given = parser.parse_args()
    {"ask": ask, "again": again, "table": table, "claims": claims}[given.step](given)


if __name__ == "__main__":
    main()
