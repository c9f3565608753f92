"""The check of claims on claims that a real chat model wrote: `python -m lab.written`.

`claims_dev.jsonl`: what a model of 1.5 billion weights wrote from the sample articles and others, and whether
the cited sentences support it, judged by reading. Where a cited sentence is one of a sample article, the
check knows its title and the sentences before it, as it does in an answer. The reader's entailment head is
shown beside it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from bot.demo import ARTICLES
from lab.data import DATA
from rag.load import sources
from rag.reading.reader import Reader
from rag.search.lexicon import Lexicon
from rag.text.sentences import split
from rag.writing.gate import BEFORE, CONTRADICTED
from rag.writing.support import Cited, missing


def around() -> dict[str, str]:
    """Of each sentence of the sample articles: the title and the sentences before it."""
    found: dict[str, str] = {}
    for each in sources([str(ARTICLES)]):
        text = getattr(each, "text", "")
        texts = [text[one.start : one.end] for one in split(text)]
        for place, sentence in enumerate(texts):
            before = texts[max(0, place - BEFORE) : place]
            found[sentence] = " ".join([f"{getattr(each, 'title', '') or ''}.", *before])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    options = parser.parse_args()
    lexicon, known = Lexicon.load(), around()
    reader = Reader(lexicon, threads=1)
    rows = [json.loads(line) for line in Path(DATA, "claims_dev.jsonl").read_text().splitlines()]
    figures: dict[str, list[tuple[bool, bool]]] = {}
    for row in rows:
        cited = [
            Cited(text, language, around=known.get(text, ""))
            for text, language in zip(row["cited"], row["cited_language"] * len(row["cited"]), strict=False)
        ]
        lacks = missing(row["claim"], row["language"], cited, lexicon)
        _, against = reader.entails(row["claim"], row["cited"])
        kept = {
            "November": row["gate"] == "kept",
            "rules": lacks is None,
            "rules and veto": lacks is None and against < CONTRADICTED,
        }
        for name, shown in kept.items():
            figures.setdefault(name, []).append((shown, row["supported"]))
        if options.show and kept["rules and veto"] != row["supported"]:
            print(row["supported"], lacks, f"{against:.2f}", row["claim"], "|", row["cited"])
        if options.show and row["supported"]:
            print(f"   contradiction of a right claim: {against:.2f}")
    for name, pairs in figures.items():
        print(f"{name}: {told(pairs)}")
    reader.close()


def told(pairs: Sequence[tuple[bool, bool]]) -> str:
    """Precision and recall of what is shown."""
    right = sum(shown and supported for shown, supported in pairs)
    shown = sum(shown for shown, _ in pairs)
    supported = sum(supported for _, supported in pairs)
    return (
        f"precision {right / shown:.2f} ({right} of {shown}), recall {right / supported:.2f} (of {supported})"
    )


if __name__ == "__main__":
    main()
