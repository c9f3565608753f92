"""How well a chat model translates.

    python -m lab.writer.translated MODEL [--most N] [--short] [--out FILE]

Indonesian sentences of FLORES (the development pairs) are put into English as quotes are, through the
product's own prompt, or the writer's with `--short`. Printed are chrF (Popović 2015, by sacrebleu), how many
would be shown beside a quote, and the tokens a second. `--out` gets a line each, for reading.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from time import perf_counter

import sacrebleu
from tqdm import tqdm

from bot.models import open_writer
from bot.settings import Settings
from lab.data import parallel
from lab.writer.form import Short
from lab.writer.written import translation_trouble
from rag.deadline import Deadline
from rag.writing.decoder import ChatModel
from rag.writing.grammar import LINE
from rag.writing.prompt import glossing
from rag.writing.write import ASIDE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--most", type=int, default=200)
    parser.add_argument("--short", action="store_true", help="a model of lab.writer")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    model = open_writer(Settings(model=str(given.model), threads=given.threads))
    assert isinstance(model, ChatModel)
    writer = Short(model) if given.short else model
    pairs = [pair for pair in parallel("parallel_en_id_dev") if "flores" in pair[0]][: given.most]
    said, began = [], perf_counter()
    for _, _, indonesian in tqdm(pairs):
        pieces = writer.write(glossing(indonesian, "en"), LINE, ASIDE, Deadline(None, None))
        said.append(" ".join("".join(pieces).split()))
    took = perf_counter() - began
    found = sacrebleu.corpus_chrf(said, [[pair[1] for pair in pairs]])
    troubles = [translation_trouble(pair[2], text) for pair, text in zip(pairs, said, strict=True)]
    each = took / len(pairs)
    print(f"{len(pairs)} sentences: {found}; {troubles.count(None)} would be shown; {each:.1f} s each")
    if given.out:
        rows = zip(pairs, said, troubles, strict=True)
        given.out.write_text(
            "".join(
                json.dumps([*pair[1:], text, why], ensure_ascii=False) + "\n" for pair, text, why in rows
            ),
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
