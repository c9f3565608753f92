"""Kutip beside LlamaIndex, LangChain and bm25s: same articles, chunks and questions, alternating runs.

    make -C lab peers                      # makes the peers' environment, then runs this
    python -m lab.peers [--passages 5000] [--questions 300] [--rounds 3] [--only NAME …]

The articles are the Indonesian passages of `qa.jsonl.gz`; questions are asked of test passages, in Indonesian
of all sources and in English of `squad_xling`. Retrieval: the place of the chunk in which the answer starts.
The right sentence is the one in which it starts (strict). Figures are of the first round, times the median
over rounds; 95% intervals by bootstrap over passages. Writes `lab/work/peers/result.json` and prints a table.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lab.data import ROOT, WORK, Question, questions
from lab.peers.systems import SYSTEMS
from lab.retrieval import interval

FOLDER = WORK / "peers"
PYTHON = FOLDER / "venv" / "bin" / "python"


def chosen(most_passages: int, most_questions: int) -> tuple[list[str], list[Question]]:
    """Passages, those of the questions first, and at most so many questions in each language."""
    rows = [q for q in questions() if q.context_language == "id"]
    asked: list[Question] = []
    for language in ("id", "en"):
        some = [
            q for q in rows if q.part == "test" and q.answer is not None and q.question_language == language
        ]
        random.Random(0).shuffle(some)
        asked += some[:most_questions]
    others = sorted({q.context for q in rows})
    random.Random(0).shuffle(others)
    passages = list(dict.fromkeys([*(q.context for q in asked), *others]))
    return passages[: max(most_passages, len({q.context for q in asked}))], asked


def prepare(folder: Path, passages: Sequence[str], asked: Sequence[Question]) -> list[dict[str, Any]]:
    """Writes what the systems read; the questions with their gold sentence and chunk."""
    from bot.app import App
    from bot.settings import Settings

    ids = {text: f"p{place}" for place, text in enumerate(passages)}
    articles = [{"id": id, "text": text} for text, id in ids.items()]
    _write(folder / "articles.jsonl", articles)
    with tempfile.TemporaryDirectory() as home:
        app = App(Settings(home=Path(home), _env_file=None))
        assert all(done.status == "added" for done in app.ingest([str(folder / "articles.jsonl")]))
        stored = {article.id: article.text for article in app.archive.articles()}
        chunks = app.archive.passages(sorted(app.archive.keys_until(app.archive.change())))
        app.close()
    _write(
        folder / "chunks.jsonl",
        [
            {
                "article": c.article.id,
                "start": c.start,
                "text": c.text,
                "sentences": [[s.start, s.end] for s in c.sentences],
            }
            for c in chunks
        ],
    )
    rows = []
    for question in asked:
        id = ids[question.context]
        if stored[id] != question.context or question.start is None:
            continue  # cleaning took something out: the answer's place is another
        own = [c for c in chunks if c.article.id == id]
        sentence = [(c.start, s) for c in own for s in c.sentences if s.start <= question.start < s.end]
        if sentence:
            start, gold = sentence[0]
            place = {"article": id, "chunk": start, "start": gold.start, "end": gold.end}
            language = question.question_language
            rows.append({"id": question.id, "language": language, "question": question.question, **place})
    _write(folder / "questions.jsonl", rows)
    print(f"{len(passages)} articles, {len(chunks)} chunks, {len(rows)} questions", flush=True)
    return rows


def run(name: str, folder: Path) -> dict[str, Any]:
    python = Path(sys.executable) if name == "Kutip" else PYTHON
    command = [str(python), "-m", "lab.peers.systems", name, str(folder)]
    env = {key: value for key, value in os.environ.items() if not key.startswith("KUTIP_")}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{name}: ingest {result['ingest']:.1f} s, {result['memory']:.0f} MB", flush=True)
    return result


def quality(result: dict[str, Any], rows: Sequence[dict[str, Any]], language: str) -> dict[str, Any]:
    """R@1, R@5, R@20, MRR and the right sentence, with its interval."""
    answers = {answer["id"]: answer for answer in result["answers"]}
    part = [row for row in rows if row["language"] == language]
    ranks, right = [], []
    for row in part:
        answer = answers[row["id"]]
        places = [tuple(place) for place in answer["found"]]
        gold = (row["article"], row["chunk"])
        ranks.append(places.index(gold) + 1 if gold in places else np.inf)
        right.append(answer["cited"] == [row["article"], row["start"], row["end"]])
    rank, exact = np.array(ranks), np.array(right, float)
    low, high = interval(exact, [hash(row["article"]) for row in part])
    return {
        "n": len(part),
        **{f"R@{most}": float(np.mean(rank <= most)) for most in (1, 5, 20)},
        "MRR": float(np.mean(1 / rank)),
        "sentence": float(exact.mean()),
        "low": low,
        "high": high,
    }


def table(results: dict[str, list[dict[str, Any]]], rows: Sequence[dict[str, Any]], chunks: int) -> str:
    lines = [
        "| | questions | R@1 | R@5 | R@20 | MRR | right sentence cited |",
        "|---|---|---|---|---|---|---|",
    ]
    sentences: dict[str, dict[str, dict[str, Any]]] = {"id": {}, "en": {}}
    for name, rounds in results.items():
        for language, spelled in (("id", "Indonesian"), ("en", "English")):
            found = quality(rounds[0], rows, language)
            sentences[language][name] = found
            shares = " | ".join(f"{found[key]:.3f}" for key in ("R@1", "R@5", "R@20", "MRR"))
            span = f"{found['sentence']:.3f} ({found['low']:.3f}–{found['high']:.3f})"
            lines.append(f"| {name} | {spelled}, {found['n']} | {shares} | {span} |")
    lines += [
        "",
        "| | ingest, s (chunks/s) | search, ms | with citation, ms | memory, MB |",
        "|---|---|---|---|---|",
    ]
    for name, rounds in results.items():
        ingest = statistics.median(each["ingest"] for each in rounds)
        search = 1000 * statistics.median(a["search"] for each in rounds for a in each["answers"])
        cite = 1000 * statistics.median(a["search"] + a["cite"] for each in rounds for a in each["answers"])
        memory = statistics.median(each["memory"] for each in rounds)
        lines.append(
            f"| {name} | {ingest:.1f} ({chunks / ingest:.0f}) | {search:.1f} | {cite:.1f} | {memory:.0f} |"
        )
    for language, found in sentences.items():
        if "Kutip" in found and len(found) > 1:
            best = max((name for name in found if name != "Kutip"), key=lambda name: found[name]["sentence"])
            apart = found["Kutip"]["low"] > found[best]["high"]
            said = "apart" if apart else "they TOUCH"
            lines.append(f"\n{language}: the best peer is {best}; its interval and Kutip's: {said}.")
    return "\n".join(lines)


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=5_000)
    parser.add_argument("--questions", type=int, default=300, help="in each language, at most")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=tuple(SYSTEMS), default=tuple(SYSTEMS))
    given = parser.parse_args()
    if not PYTHON.exists():
        raise SystemExit("the peers' environment is missing: make -C lab peers")
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = prepare(FOLDER, *chosen(given.passages, given.questions))
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in given.only}
    for _ in range(given.rounds):
        for name in given.only:
            results[name].append(run(name, FOLDER))
    (FOLDER / "result.json").write_text(json.dumps({"questions": rows, "results": results}))
    chunks = len((FOLDER / "chunks.jsonl").read_text(encoding="utf-8").splitlines())
    print(table(results, rows, chunks))


if __name__ == "__main__":
    main()
