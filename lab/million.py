"""A million chunks, and how things grow up to there: `python -m lab.million measure HOME`, `draw FILE`.

`measure` opens a store that exists (leads of Wikipedia, added with `kutip ingest`), and prints one JSON line:
chunks, bytes on disk, milliseconds to open it, of a search and of a question (p50, p95), memory, and which
share of what an exact search over the archive's vectors finds Chroma's graph finds too. `draw` reads such
lines and draws how each grows into `lab/million.png`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from bot.app import App
from bot.evaluation.charts import growth
from bot.evaluation.drawing import png
from bot.settings import Settings
from lab.data import questions
from lab.memory import resident
from rag.text.language import detect

ASKED, ANSWERED = 200, 80
"""Questions that are searched for, and that are answered: every so manieth of the public dev questions."""
NEAR, WIDE = 16, 200
"""Of an exact search, how many are looked for in what the graph finds."""
_PAGE = 20_000
SERIES = {
    "a question, p50": "question_p50",
    "a search, p50": "search_p50",
}


def exact(app: App, asked: np.ndarray) -> list[list[int]]:
    """The keys of the `WIDE` nearest chunks of each vector, best first; `asked`: (number, dimensions)."""
    best: list[list[tuple[float, int]]] = [[] for _ in asked]
    for keys in app.archive.added_since(0, app.archive.change(), _PAGE):
        stored = app.archive.vectors(keys)
        names = list(stored)
        matrix = np.stack([stored[key] for key in names])
        matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)
        for number, row in enumerate(asked @ matrix.T):
            top = np.argsort(-row)[:WIDE]
            found = [(float(row[place]), names[place]) for place in top]
            best[number] = sorted([*best[number], *found], reverse=True)[:WIDE]
    return [[key for _, key in row] for row in best]


def measure(home: Path) -> dict[str, Any]:
    """The figures of one store, milliseconds and megabytes."""
    began = perf_counter()
    app = App(Settings(home=home, _env_file=None))
    app.prepare()
    told: dict[str, Any] = {"chunks": app.archive.counts()[1], "open": 1000 * (perf_counter() - began)}
    rows = [row.question for row in questions() if row.part == "dev"]
    rows = rows[:: max(1, len(rows) // ASKED)][:ASKED]
    vectors = np.stack([app.embedder.question(text) for text in rows])
    searches, graph = [], []
    search = app.pipeline.search
    for text, vector in zip(rows, vectors, strict=True):
        began = perf_counter()
        search.search(text, detect(text), app.settings.passages)
        searches.append(1000 * (perf_counter() - began))
        graph.append([key for key, _ in app.projections.query(vector, WIDE)])
    asked = []
    for text in rows[:: max(1, len(rows) // ANSWERED)][:ANSWERED]:
        began = perf_counter()
        app.ask(text)
        asked.append(1000 * (perf_counter() - began))
    for name, times in (("search", searches), ("question", asked)):
        told[f"{name}_p50"], told[f"{name}_p95"] = np.percentile(times, [50, 95]).tolist()
    told["memory"] = resident("self")
    wanted = exact(app, vectors)
    for most in (NEAR, WIDE):
        shared = [
            len(set(found[:most]) & set(right[:most])) / most
            for found, right in zip(graph, wanted, strict=True)
        ]
        told[f"recall_{most}"] = float(np.mean(shared))
    app.close()
    for name, folder in (("archive", home / "archive.db"), ("indexes", home / "projections")):
        files = [folder] if folder.is_file() else [path for path in folder.rglob("*") if path.is_file()]
        told[f"{name}_mb"] = sum(path.stat().st_size for path in files) / 1e6
    return told


def main() -> None:
    match sys.argv[1:]:
        case ["measure", home]:
            print(json.dumps(measure(Path(home))))
        case ["draw", file]:
            rows = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
            series = [(name, [(row["chunks"], row[key]) for row in rows]) for name, key in SERIES.items()]
            drawing = growth(series, "chunks", "milliseconds", "Milliseconds as the store grows")
            Path(__file__).with_name("million.png").write_bytes(png(drawing))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
