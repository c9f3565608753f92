"""The first citation over a whole pool of passages, and the calibration of the probability behind it.

    python -m lab.endtoend fit                 # weights and threshold from dev passages, into reader.npz
    python -m lab.endtoend curve               # accuracy by how many passages are read, drawn
    python -m lab.endtoend test [--limit N]    # figures on test passages

The pool is every passage of `qa.jsonl.gz`, in both languages, and of the written questions (news and
Wikipedia leads, with titles), cut as the product cuts it, searched and read by the product's own parts. A
citation is right if it is the sentence of the question's own passage in which the answer starts (strict), or
a sentence that holds the answer's words (lenient). `fit` asks about dev passages only; the others are
distractors.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from lab.data import ROOT, Question
from lab.reader import translation, written
from lab.retrieval import Exact, interval
from rag.cutting.article import reading_window
from rag.cutting.chunks import chunk
from rag.ingest import embedded_text
from rag.reading.reader import FIRST, PATH, Reader
from rag.reading.spans import FEATURES, Found
from rag.search.embed import StaticEmbedder
from rag.search.fusion import Search
from rag.search.lexicon import Lexicon
from rag.search.overlap import Overlap
from rag.store.lexical import Indexed, LexicalIndex
from rag.text.sentences import split
from rag.text.wordpiece import words
from rag.types import Article, Language, Passage

PUBLIC = ("idk_mrc", "facqa", "tydiqa_id", "tydiqa_en", "mlqa_en")
WRITTEN = ("written_news", "written_wiki")
CHUNK = 128
READ = 16
DECLINED = 0.75
"""Of the dev questions without an answer, how many the threshold declines. Wrong is worse than silent."""
ROUNDS = 4
"""Of fitting: which sentences are fitted on, and where reading stops, depends on the weights before."""
TOP = 8
"""Sentences of a question that are fitted on: only the strongest can be cited."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A question's sentences: features (n, FEATURES), right strictly and leniently, of an article without the
    question's names, and the time it took."""

    question: Question
    answerable: bool
    table: NDArray[np.float64]
    strict: NDArray[np.bool_]
    lenient: NDArray[np.bool_]
    unnamed: NDArray[np.bool_]
    seconds: float
    first: Reading | None = None
    """The same after the first passages only, where there are more."""

    def stopped(self, weights: NDArray[np.float64], threshold: float) -> Reading:
        """What was read when the reader stopped."""
        if self.first and self.first.best(weights)[0] >= threshold:
            return self.first
        return self

    def best(self, weights: NDArray[np.float64]) -> tuple[float, int]:
        """(probability, place) of the likeliest sentence."""
        likely = 1 / (1 + np.exp(-(self.table @ weights)))
        scores = np.where(self.unnamed, 0.0, likely)
        place = int(np.lexsort((-likely, -scores))[0])
        return float(scores[place]), place


class Pool:
    """All passages, indexed in a folder that is thrown away."""

    def __init__(self, folder: Path, reader: Reader) -> None:
        self.reader = reader
        self._lexicon = Lexicon.load()
        window = reading_window(reader.pieces, CHUNK)
        self.passages: list[Passage] = []
        asked, titles = _every()
        texts = sorted({q.context: q.context_language for q in asked}.items())
        for place, (text, language) in enumerate(texts):
            spoken: Language = "en" if language == "en" else "id"
            article = Article(f"p{place}", None, titles.get(text), None, spoken, text)
            sentences = split(text, article.id, window.fits)
            for each in chunk(text, sentences, window.count, window.limit):
                own = tuple(sentences[each.first_sentence : each.last_sentence + 1])
                self.passages.append(Passage(len(self.passages), article, own, 0.0))
        embedder = StaticEmbedder()
        vectors = embedder.passages([embedded_text(p.article, p.text) for p in self.passages])
        index = LexicalIndex(folder)
        entries = (Indexed.of(p.key, p.article.language, p.text, p.article.title) for p in self.passages)
        index.apply([], entries)
        self._search = Search(
            index, Exact(vectors), embedder, self._lexicon, lambda keys: {k: vectors[k] for k in keys}
        )

    def retrieve(self, question: Question, without: bool = False, most: int = READ) -> list[Passage]:
        """What is read; `without`: as if the question's own passage were not in the pool."""
        hits = self._search.search(question.question, _language(question), most + 8 * without)
        found = [replace(self.passages[hit.key], score=hit.score) for hit in hits]
        return [p for p in found if not (without and p.article.text == question.context)][:most]

    def read(self, question: Question, passages: Sequence[Passage], seconds: float = 0.0) -> Reading:
        """All of the passages, and the first of them; `seconds`: what was spent before."""
        overlap = Overlap(question.question, _language(question), self._lexicon)
        began = perf_counter()
        found, _ = self.reader.found(question.question, passages[:FIRST])
        first = self._reading(question, passages[:FIRST], found, overlap, seconds, began)
        if len(passages) <= FIRST:
            return first
        more, _ = self.reader.found(question.question, passages[FIRST:], FIRST)
        return replace(self._reading(question, passages, found + more, overlap, seconds, began), first=first)

    def _reading(
        self,
        question: Question,
        passages: Sequence[Passage],
        found: Sequence[Found],
        overlap: Overlap,
        seconds: float,
        began: float,
    ) -> Reading:
        table = self.reader.features(overlap, passages, found)
        silent = [not overlap.mentions(p.article.text, p.article.language) for p in passages]
        unnamed = np.array([silent[each.passage] for each in found], bool)
        seconds += perf_counter() - began
        strict, lenient = [], []
        answer = _plain(question.answer or "")
        for each in found:
            passage = passages[each.passage]
            sentence = passage.sentences[each.sentence]
            text = passage.article.text[sentence.start : sentence.end]
            own = passage.article.text == question.context
            start = -1 if question.start is None else question.start
            strict.append(own and sentence.start <= start < sentence.end)
            lenient.append(strict[-1] or (bool(answer) and f" {answer} " in f" {_plain(text)} "))
        answerable = question.answer is not None
        return Reading(question, answerable, table, np.array(strict), np.array(lenient), unnamed, seconds)

    def ask(self, question: Question, without: bool = False) -> Reading:
        began = perf_counter()
        passages = self.retrieve(question, without)
        reading = self.read(question, passages, perf_counter() - began)
        if not without:
            return reading
        first = reading.first and replace(reading.first, answerable=False)
        return replace(reading, answerable=False, first=first)

    def given(self, question: Question) -> Reading:
        """The question's own passage handed over, all of its chunks."""
        own = [replace(p, score=1.0) for p in self.passages if p.article.text == question.context]
        return self.read(question, own)


@cache
def _every() -> tuple[list[Question], dict[str, str]]:
    return written.every()


def _language(question: Question) -> Language:
    return "en" if question.question_language == "en" else "id"


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _some(part: str, sources: Sequence[str], limit: int, answerable: bool | None = True) -> list[Question]:
    rows = [
        q
        for q in _every()[0]
        if q.part == part
        and q.source in sources
        and (answerable is None or (q.answer is not None) == answerable)
    ]
    random.Random(0).shuffle(rows)
    return rows[:limit]


def logistic(
    table: NDArray[np.float64], right: NDArray[np.float64], ridge: float = 1.0
) -> NDArray[np.float64]:
    """Weights by Newton's method, with an L2 penalty on all but the constant, which is last."""
    weights, penalty = np.zeros(table.shape[1]), np.full(table.shape[1], ridge)
    penalty[-1] = 1e-6
    for _ in range(30):
        chance = 1 / (1 + np.exp(-(table @ weights)))
        slope = table.T @ (right - chance) - penalty * weights
        bend = (table * (chance * (1 - chance))[:, None]).T @ table + np.diag(penalty)
        weights += np.linalg.solve(bend, slope)
    return weights


def rough(question: Question, tables: translation.Translation) -> Question:
    """The question put into English word by word: there are no English ones about Indonesian dev passages."""
    found = [
        (letters, tables.english.get(letters))
        for blob in question.question.split()
        for letters, _ in words(blob)
    ]
    text = " ".join(entry[0][0] if entry else letters for letters, entry in found)
    return replace(question, question=text, question_language="en")


def fit(pool: Pool, limit: int) -> None:
    """Weights from questions of every kind that can be had on dev passages; the threshold by `DECLINED`."""
    tables = translation.load()
    can = _some("dev", ("idk_mrc", "facqa", "tydiqa_id"), limit)
    cannot = _some("dev", ("idk_mrc",), limit // 2, answerable=False)
    english = _some("dev", ("tydiqa_en", "mlqa_en"), limit // 2)
    own = _some("dev", WRITTEN, 2 * limit)
    half, quarter = limit // 2, limit // 4
    every = [pool.ask(q) for q in tqdm(can + cannot, "Indonesian")]
    every += [pool.ask(q, without=True) for q in tqdm(can[:half], "its passage taken out")]
    every += [pool.ask(rough(q, tables)) for q in tqdm(can[:half] + cannot[:quarter], "rough English")]
    every += [
        pool.ask(rough(q, tables), without=True)
        for q in tqdm(can[half : half + quarter], "its passage taken out")
    ]
    every += [pool.ask(q) for q in tqdm(english, "English")]
    every += [pool.ask(q, without=True) for q in tqdm(english[:quarter], "its passage taken out")]
    every += [pool.ask(q) for q in tqdm(own, "written")]
    every += [pool.ask(q, without=True) for q in tqdm(own[::2], "their passages taken out")]
    weights = np.zeros(FEATURES)
    weights[:3] = 1.0, 0.5, 0.5
    threshold = 0.5
    for _ in range(ROUNDS):
        parts, labels = [], []
        asked = [each.stopped(weights, threshold) for each in every]
        for each in asked:
            order = np.argsort(-np.where(each.unnamed, -np.inf, each.table @ weights))[:TOP]
            order = order[~each.unnamed[order]]
            parts.append(each.table[order])
            labels += (each.strict if each.answerable else np.zeros(len(each.table)))[order].tolist()
        weights = logistic(np.concatenate(parts), np.array(labels, float))
        asked = [each.stopped(weights, threshold) for each in every]
        threshold = float(np.quantile([e.best(weights)[0] for e in asked if not e.answerable], DECLINED))
    asked = [each.stopped(weights, threshold) for each in every]
    print("weights", weights.round(4).tolist(), "threshold", round(threshold, 4))
    for language in ("id", "en"):
        for name, sources in (("public", PUBLIC), ("written", WRITTEN)):
            part = [
                e for e in asked if e.question.question_language == language and e.question.source in sources
            ]
            _figures(f"dev, as fitted, {name}, {language}", part, weights, threshold)
    path = PATH.with_suffix(".npz")
    with np.load(path) as arrays:
        head = {name: arrays[name] for name in arrays.files}
    np.savez(path, **head | {"calibration": weights, "threshold": np.array(threshold)})
    _draw(asked, weights, threshold, ROOT / "lab" / "reader" / "threshold.png")


def _figures(name: str, asked: Sequence[Reading], weights: NDArray[np.float64], threshold: float) -> None:
    asked = [each.stopped(weights, threshold) for each in asked]
    top = [each.best(weights) for each in asked]
    can = np.array([each.answerable for each in asked])
    groups = [hash(each.question.context) for each in asked]
    shown = np.array([p >= threshold for p, _ in top])
    parts = [f"{name}: {len(asked)} questions"]
    if can.any():
        for kind in ("strict", "lenient"):
            right = np.array(
                [bool(getattr(e, kind)[place]) for e, (_, place) in zip(asked, top, strict=True)]
            )
            any_read = np.mean([getattr(e, kind).any() for e, c in zip(asked, can, strict=True) if c])
            low, high = interval(right[can].astype(float), [g for g, c in zip(groups, can, strict=True) if c])
            parts.append(
                f"first citation {kind} {right[can].mean():.3f} ({low:.3f}-{high:.3f}), and shown "
                f"{(right & shown)[can].mean():.3f}, in what was read {any_read:.3f}"
            )
        parts.append(f"answerable declined {(~shown)[can].mean():.3f}")
    if (~can).any():
        parts.append(f"unanswerable declined {(~shown)[~can].mean():.3f}")
    seconds = sorted(each.seconds for each in asked)
    middle, late = (1000 * seconds[int(share * len(seconds))] for share in (0.5, 0.95))
    parts.append(f"p50 {middle:.0f} ms, p95 {late:.0f} ms")
    print("; ".join(parts), flush=True)


def _draw(asked: Sequence[Reading], weights: NDArray[np.float64], chosen: float, path: Path) -> None:
    """Wrong, declined and wrongly answered, by threshold."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    grid = np.linspace(0, 1, 101)
    top = [each.best(weights) for each in asked]
    can = np.array([each.answerable for each in asked])
    right = np.array([bool(e.lenient[place]) for e, (_, place) in zip(asked, top, strict=True)])
    score = np.array([p for p, _ in top])
    figure, axes = pyplot.subplots(figsize=(6.4, 4))
    axes.plot(grid, [((score >= t) & ~right)[can].mean() for t in grid], label="answerable: wrong citation")
    axes.plot(grid, [(score < t)[can].mean() for t in grid], label="answerable: declined")
    axes.plot(grid, [(score >= t)[~can].mean() for t in grid], label="not answerable: answered")
    axes.axvline(chosen, color="grey", linestyle=":", label=f"shipped, {chosen:.2f}")
    axes.set(xlabel="threshold", ylabel="share of questions", ylim=(0, 1), title="What the threshold does")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def curve(pool: Pool, limit: int) -> None:
    """First citation right on dev questions, by how many passages are read, against the time it takes."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with np.load(PATH.with_suffix(".npz")) as head:
        weights = head["calibration"]
    counts = (1, 2, 4, 6, 8, 10, 12, 16)
    rows = _some("dev", PUBLIC, limit) + _some("dev", WRITTEN, limit)
    right, times = {n: [] for n in counts}, {n: [] for n in counts}  # type: ignore[var-annotated]
    for question in tqdm(rows, "curve"):
        passages = pool.retrieve(question, most=counts[-1])
        for count in counts:
            reading = replace(pool.read(question, passages[:count]), first=None)
            right[count].append(bool(reading.lenient[reading.best(weights)[1]]))
            times[count].append(reading.seconds)
    took = [1000 * float(np.median(times[n])) for n in counts]
    late = [1000 * float(np.quantile(times[n], 0.95)) for n in counts]
    figure, axes = pyplot.subplots(figsize=(6.4, 4))
    for language, name in (("id", "Indonesian questions"), ("en", "English questions")):
        those = np.array([question.question_language == language for question in rows])
        rates = [float(np.mean(np.array(right[n])[those])) for n in counts]
        print(f"{name}: {those.sum()}")
        for n, middle, slow, rate in zip(counts, took, late, rates, strict=True):
            print(f"  {n} passages: p50 {middle:.0f} ms, p95 {slow:.0f} ms, first citation right {rate:.3f}")
        axes.plot(took, rates, marker="o", label=name)
        for n, middle, rate in zip(counts, took, rates, strict=True):
            axes.annotate(str(n), (middle, rate), textcoords="offset points", xytext=(4, -12))
    axes.set(xlabel="reading, ms (median)", ylabel="first citation right", title="Passages read")
    axes.legend()
    figure.tight_layout()
    figure.savefig(ROOT / "lab" / "reader" / "passages.png", dpi=120)
    pyplot.close(figure)


def test(pool: Pool, limit: int) -> None:
    with np.load(PATH.with_suffix(".npz")) as head:
        weights, threshold = head["calibration"], float(head["threshold"])
    for name in ("idk_mrc", "facqa", "squad_xling", "written"):
        rows = _some("test", WRITTEN if name == "written" else [name], 10**6)
        for language in ("id", "en"):
            some = [q for q in rows if q.question_language == language][:limit]
            if some:
                _figures(
                    f"{name} {language}, own passage given",
                    [pool.given(q) for q in tqdm(some, leave=False)],
                    weights,
                    threshold,
                )
                _figures(
                    f"{name} {language}, whole pool",
                    [pool.ask(q) for q in tqdm(some, leave=False)],
                    weights,
                    threshold,
                )
    gone = _some("test", ["squad_xling", "idk_mrc"], limit)
    _figures(
        "passage taken out", [pool.ask(q, without=True) for q in tqdm(gone, leave=False)], weights, threshold
    )
    cannot = _some("test", ["idk_mrc"], limit, answerable=False)
    can = _some("test", ["idk_mrc"], limit)
    both = [pool.given(q) for q in tqdm(can + cannot, leave=False)]
    scores = [each.stopped(weights, threshold).best(weights)[0] for each in both]
    right = np.mean([(score >= threshold) == e.answerable for score, e in zip(scores, both, strict=True)])
    _figures("idk_mrc, both kinds, own passage given", both, weights, threshold)
    print(f"idk_mrc, answerable or not at the shipped threshold: {right:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("fit", "curve", "test"))
    parser.add_argument("--limit", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(Path(folder), Reader(Lexicon.load()))
        {"fit": fit, "curve": curve, "test": test}[options.what](pool, options.limit)


if __name__ == "__main__":
    main()
