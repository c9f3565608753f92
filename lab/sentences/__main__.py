"""Splits them all: `python -m lab.sentences [--show]`. A border is right where both put one."""

from __future__ import annotations

import json
import sys
from collections import Counter
from itertools import accumulate
from pathlib import Path

from rag.text.sentences import split

HERE = Path(__file__).parent


def main() -> None:
    counts: Counter[str] = Counter()
    for line in (HERE / "borders.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        parts = row["sentences"]
        text = " ".join(parts)
        # A text's own end is a border for anybody, and does not count.
        marked = set(accumulate(len(part) + 1 for part in parts[:-1]))
        found = {sentence.start for sentence in split(text)} - {0}
        for kind in (row["kind"], row["language"], "all"):
            counts[f"{kind}: texts"] += 1
            counts[f"{kind}: texts right"] += marked == found
            counts[f"{kind}: borders"] += len(marked | found)
            counts[f"{kind}: borders right"] += len(marked & found)
        if "--show" in sys.argv and marked != found:
            said = [text[sentence.start : sentence.end] for sentence in split(text)]
            print(f"{row['kind']}\n  marked {' | '.join(parts)}\n  found  {' | '.join(said)}")
    for name in sorted(counts):
        print(f"{name}: {counts[name]}")
    print(f"share of borders that are right: {counts['all: borders right'] / counts['all: borders']:.4f}")


if __name__ == "__main__":
    main()
