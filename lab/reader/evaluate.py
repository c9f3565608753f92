"""The reader alone, its question's own passage given: `python -m lab.reader.evaluate [--limit N]`.

Test passages, cut and read by the product's own parts. A citation is right if its sentence holds the answer;
F1 compares the words of the best span in it with those of the answer, as SQuAD does.
"""

from __future__ import annotations

import argparse
import random
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lab.data import Question
from lab.reader import written
from lab.retrieval import interval
from rag.cutting.article import reading_window
from rag.cutting.chunks import chunk
from rag.reading.reader import PATH, Reader
from rag.search.lexicon import Lexicon
from rag.text.sentences import split
from rag.types import Article, Language, Passage

KINDS = (
    ("idk_mrc", "id"),
    ("facqa", "id"),
    ("tydiqa_id", "id"),
    ("squad_xling", "id"),
    ("squad_xling", "en"),
    ("written_news", "id"),
    ("written_news", "en"),
)


@dataclass(frozen=True, slots=True)
class Given:
    """What the reader made of a question and its own passage."""

    question: Question
    probability: float
    right: bool
    f1: float


def passages(question: Question, reader: Reader, title: str | None = None) -> list[Passage]:
    """The question's own passage as the product cuts it, all chunks ranked alike."""
    spoken: Language = "en" if question.context_language == "en" else "id"
    article = Article("given", None, title, None, spoken, question.context)
    window = reading_window(reader.pieces, 128)
    sentences = split(article.text, article.id, window.fits)
    cut = chunk(article.text, sentences, window.count, window.limit)
    return [
        Passage(place, article, tuple(sentences[c.first_sentence : c.last_sentence + 1]), 1.0)
        for place, c in enumerate(cut)
    ]


def words(text: str) -> list[str]:
    """Lower-case words without marks and English articles."""
    plain = "".join(" " if char in string.punctuation + "“”‘’–—" else char for char in text.lower())
    return [word for word in plain.split() if word not in {"a", "an", "the"}]


def f1(span: str, answer: str) -> float:
    mine, gold = words(span), words(answer)
    same = sum((Counter(mine) & Counter(gold)).values())
    return 2 * same / (len(mine) + len(gold)) if same else float(mine == gold)


def read(question: Question, reader: Reader, title: str | None = None) -> Given:
    asked: Language = "en" if question.question_language == "en" else "id"
    evidence = reader.read(question.question, asked, passages(question, reader, title))
    if not evidence:
        return Given(question, 0.0, False, 0.0)
    first = evidence[0]
    if question.answer is None or question.start is None:
        return Given(question, first.score, False, 0.0)
    start, end = first.sentence.start, first.sentence.end
    own = start <= question.start + len(question.answer) // 2 < end
    held = f" {' '.join(words(question.answer))} " in f" {' '.join(words(question.context[start:end]))} "
    span = question.context[slice(*first.span)] if first.span else ""
    return Given(question, first.score, own or held, f1(span, question.answer))


def figures(name: str, every: Sequence[Given], threshold: float) -> str:
    can = [each for each in every if each.question.answer is not None]
    low, high = interval(
        np.array([float(each.right) for each in can]), [hash(each.question.context) for each in can]
    )
    line = f"{name}: {len(can)} answerable, sentence {np.mean([each.right for each in can]):.3f} "
    line += f"({low:.3f}-{high:.3f}), F1 {np.mean([each.f1 for each in can]):.3f}"
    if len(can) < len(every):
        told = [(e.probability >= threshold) == (e.question.answer is not None) for e in every]
        line += f"; all {len(every)}, answerable or not {np.mean(told):.3f}"
    return line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", type=Path, default=PATH)
    parser.add_argument("--part", choices=("dev", "test"), default="test")
    parser.add_argument("--limit", type=int, default=10**6)
    options = parser.parse_args()
    reader = Reader(Lexicon.load(), options.gguf)
    every, titles = written.every()
    for source, language in KINDS:
        rows = [
            q for q in every if (q.source, q.question_language, q.part) == (source, language, options.part)
        ]
        random.Random(0).shuffle(rows)
        if rows:
            shown = tqdm(rows[: options.limit], source, disable=None)
            given = [read(row, reader, titles.get(row.context)) for row in shown]
            print(figures(f"{source} {language}", given, reader.threshold), flush=True)
    reader.close()


if __name__ == "__main__":
    main()
