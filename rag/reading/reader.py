"""The built-in engine: a small bilingual encoder, run by llama.cpp, finds the sentence and the span.

For each passage the network sees `[CLS] question [SEP] title [SEP] passage [SEP]`, without the title where
there is none, and gives every token a start and an end score; those of `[CLS]` stand for "no answer here".
`rag.reading.spans` turns them into sentences, and a logistic model, fitted on held-out passages, into the
probability that a sentence answers. `rag.reading.heads` reads two things more off the same vectors: the
probability that a sentence belongs to the answer, alone or with others, and whether it entails a statement.
`models/CARD.md` says how it was made; `lab/reader/` makes it again.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.reading.heads import CONTRADICTED, ENTAILED, Entailment, Network, belonging_features, belonging_rows
from rag.reading.llama import TokenEncoder
from rag.reading.spans import Found, features, sentences, tidied
from rag.search.overlap import Overlap
from rag.search.query import Translations
from rag.text.wordpiece import CLS, PASSAGE_TOKENS, SEP, Pieces, WordPiece
from rag.types import Evidence, Language, Passage

PATH = Path(__file__).parents[1] / "models" / "reader.gguf"
"""The shipped encoder; `reader.npz` beside it holds the heads."""
QUESTION_TOKENS = 40
"""The most tokens of a question that are read: training used no longer ones."""
TITLE_TOKENS = 24
"""The most tokens of a title, which is read before each passage of its article to say what it is about."""
LONGEST_ARTICLE = 50_000
"""Code points that are searched for names: longer texts are reports, and names come early."""
FIRST = 6
"""How many passages are read first: they hold most answers, and reading twice as many takes twice the
time."""
NEAR = 0.2
"""The probability under which nothing that was read first is near an answer."""
FEW = 2
"""How many of the rest are read together. Of 320 dev questions of a large pool as many are answered rightly
as when all of the rest is read, in two thirds of the time; with three no more (`lab/LOG.md`)."""


class Reader:
    """Implements `rag.types.Engine`. Raises ModelError where its files are missing or damaged."""

    name = "reader"

    def __init__(self, lexicon: Translations, path: Path = PATH, threads: int | None = None) -> None:
        self._lexicon = lexicon
        head = _head(path)
        self._weight, self._bias = head["weight"], head["bias"]
        self.calibration = head["calibration"]
        self.threshold = float(head["threshold"])
        self.encoder = TokenEncoder(path, threads)
        self.pieces = WordPiece(_vocabulary(head) or self.encoder.vocabulary())
        self._belonging = Network.of(head, "belonging")
        self._belonging_calibration = head.get("belonging_calibration")
        entailing = Network.of(head, "entailing")
        temperature = float(head.get("entailing_temperature", 1.0))
        self._entailment = Entailment(entailing, self.pieces, temperature) if entailing else None

    def read(
        self, question: str, language: Language, passages: Sequence[Passage], enough: float | None = None
    ) -> list[Evidence]:
        """The sentences of what was read, likeliest first, each with its best span.

        After the first `FIRST` passages the rest is read only where no sentence's score is `enough`, which is
        the threshold unless given: those that say most of the question first, a `FEW` at a time, as long as
        these bring something `NEAR`. Articles that have none of the question's names are passed over, unless
        all of the first are such. Where `enough` is infinite, all is read.
        """
        enough = self.threshold if enough is None else enough
        overlap = Overlap(question, language, self._lexicon)
        first, rest = list(passages[:FIRST]), list(passages[FIRST:])
        silent = _silent(overlap, first)
        sparing = isfinite(enough)
        found, texts = self.found(question, first, skip=_passed_over(silent) if sparing else ())
        evidence = self._weighed(overlap, first, found, texts, silent)
        if not rest or (evidence and evidence[0].score >= enough):
            return evidence
        unheard = _silent(overlap, rest)
        if not sparing:
            more, others = self.found(question, rest, len(first))
            return self._weighed(overlap, first + rest, found + more, texts + others, silent + unheard)
        named = [each for each, lacking in zip(rest, unheard, strict=True) if not lacking]
        named.sort(key=lambda each: -overlap.share(each.text, each.article.language))
        read = first
        for start in range(0, len(named), FEW):
            few = named[start : start + FEW]
            more, others = self.found(question, few, len(read))
            read, found, texts = read + few, found + more, texts + others
            silent += [False] * len(few)
            evidence = self._weighed(overlap, read, found, texts, silent)
            last = {id(each) for each in few}
            near = [max(each.score, each.belongs or 0) for each in evidence if id(each.passage) in last]
            if max(near, default=0.0) < NEAR or evidence[0].score >= enough:
                break
        return evidence

    def _weighed(
        self,
        overlap: Overlap,
        passages: Sequence[Passage],
        found: Sequence[Found],
        texts: Sequence[Pieces],
        silent: Sequence[bool],
    ) -> list[Evidence]:
        """`silent`: passages that cannot answer."""
        if not found:
            return []
        table = self.features(overlap, passages, found)
        likely = 1 / (1 + np.exp(-(table @ self.calibration)))
        unnamed = np.array([silent[each.passage] for each in found])
        scores = np.where(unnamed, 0.0, likely)
        belonging = self._belongs(found, table)
        belongs = None if belonging is None else np.where(unnamed, 0.0, belonging)
        return [
            Evidence(
                passages[found[i].passage],
                passages[found[i].passage].sentences[found[i].sentence],
                float(scores[i]),
                _span(found[i], passages[found[i].passage], texts[found[i].passage]),
                None if belongs is None else float(belongs[i]),
            )
            # If no article has a name, the sentence that would otherwise answer is the nearest.
            for i in np.lexsort((-likely, -scores))
        ]

    def _belongs(self, found: Sequence[Found], table: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """A probability for each sentence, or None where the files have no such network."""
        if self._belonging is None or self._belonging_calibration is None:
            return None
        rows = belonging_features(found, table)
        result: NDArray[np.float64] = 1 / (1 + np.exp(-(rows @ self._belonging_calibration)))
        return result

    def entails(
        self, statement: str, sentences: Sequence[str], title: str | None = None
    ) -> tuple[float, float]:
        """The probability that the sentences, read together, entail the statement, and that they contradict
        it.

        A question that is answered by yes or no may stand for a statement. Both are 0 where the files have no
        such network.
        """
        return self.entailed([(statement, sentences, title)])[0]

    def entailed(
        self, statements: Sequence[tuple[str, Sequence[str], str | None]]
    ) -> list[tuple[float, float]]:
        """`entails` for many at once, which takes less time: (statement, sentences, title) each."""
        judge = self._entailment
        if judge is None:
            return [(0.0, 0.0)] * len(statements)
        made = [judge.ids(said, title, " ".join(read)) for said, read, title in statements]
        chances = [
            judge.chances(vectors, ids, offset)
            for vectors, (ids, offset) in zip(
                self.encoder.encode([ids for ids, _ in made]), made, strict=True
            )
        ]
        return [(float(each[ENTAILED]), float(each[CONTRADICTED])) for each in chances]

    def found(
        self, question: str, passages: Sequence[Passage], before: int = 0, skip: Sequence[bool] = ()
    ) -> tuple[list[Found], list[Pieces]]:
        """The network's findings, one a sentence, and the passages' tokens; `before`: passages that were read
        already, which come first in the numbering; `skip`: for each passage whether it is not read."""
        asked = self.pieces.encode(question).ids[:QUESTION_TOKENS]
        texts = [self.pieces.encode(passage.text) for passage in passages]
        heads = [[CLS, *asked, SEP, *self._title(passage)] for passage in passages]
        read = [place for place in range(len(passages)) if not (skip and skip[place])]
        sequences = [[*heads[place], *texts[place].ids[:PASSAGE_TOKENS], SEP] for place in read]
        found: list[Found] = []
        for place, vectors in zip(read, self.encoder.encode(sequences), strict=True):
            scores = vectors @ self._weight.T + self._bias
            ranges = sentence_ranges(passages[place], texts[place])
            more = sentences(scores, len(heads[place]), ranges, before + place)
            if self._belonging is not None and more:
                numbers = [sentence.index for sentence in passages[place].sentences]
                rows = belonging_rows(
                    vectors, scores, len(asked) + 1, len(heads[place]), more, ranges, numbers
                )
                log_odds = self._belonging(rows)[:, 0]
                more = [
                    replace(each, belongs=float(value)) for each, value in zip(more, log_odds, strict=True)
                ]
            found += more
        return found, texts

    def features(
        self, overlap: Overlap, passages: Sequence[Passage], found: Sequence[Found]
    ) -> NDArray[np.float64]:
        """The inputs of the probability, as `rag.reading.spans.features` describes them; shape (len(found),
        FEATURES)."""
        around = [overlap.share(passage.text, passage.article.language) for passage in passages]
        said = []
        for each in found:
            passage = passages[each.passage]
            sentence = passage.sentences[each.sentence]
            said.append(
                (overlap.share(passage.quote(sentence), passage.article.language), around[each.passage])
            )
        return features(found, [passage.score for passage in passages], said)

    def _title(self, passage: Passage) -> list[int]:
        title = self.pieces.encode(passage.article.title or "").ids[:TITLE_TOKENS]
        return [*title, SEP] if title else []

    def close(self) -> None:
        """Frees the model."""
        self.encoder.close()


def sentence_ranges(passage: Passage, text: Pieces) -> list[tuple[int, int]]:
    """The passage's sentences as ranges of its tokens."""
    starts = np.asarray(text.starts) + passage.start
    marks = np.searchsorted(starts, [(s.start, s.end) for s in passage.sentences])
    return [(int(first), int(last)) for first, last in np.minimum(marks, PASSAGE_TOKENS)]


def _silent(overlap: Overlap, passages: Sequence[Passage]) -> list[bool]:
    """For each passage whether its article has none of the question's names, in its title and its text up to
    `LONGEST_ARTICLE`: then it cannot answer a question about them."""
    articles = {each.article.id: each.article for each in passages}
    silent = {
        id: not overlap.mentions(article.titled(LONGEST_ARTICLE), article.language)
        for id, article in articles.items()
    }
    return [silent[each.article.id] for each in passages]


def _passed_over(silent: Sequence[bool]) -> list[bool]:
    """For each of the first passages whether it is not read: one that cannot answer, unless none can. Those
    are read, since what is nearest is shown where nothing answers."""
    return [each and not all(silent) for each in silent]


def _span(found: Found, passage: Passage, text: Pieces) -> tuple[int, int]:
    sentence = passage.sentences[found.sentence]
    first = passage.start + text.starts[found.first] - sentence.start
    last = passage.start + text.ends[found.last] - sentence.start
    begin, end = tidied(passage.quote(sentence), max(first, 0), last)
    return sentence.start + begin, sentence.start + end


def _head(path: Path) -> dict[str, Any]:
    """The arrays beside the GGUF, which name the file that they belong to by its SHA-256."""
    advice = "install Kutip again"
    try:
        with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
            head = {name: arrays[name] for name in arrays.files}
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if str(head["sha256"]) != digest:
            raise ModelError(f"{path} is damaged: its SHA-256 does not match {path.stem}.npz", advice)
        if not {"weight", "bias", "calibration", "threshold"} <= head.keys():
            raise ModelError(f"{path.with_suffix('.npz')} lacks a part", advice)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"the reader's files at {path} cannot be read ({error})", advice) from error
    return head


def _vocabulary(head: dict[str, Any]) -> list[str]:
    """The GGUF's tokens as the arrays beside it repeat them, since asking llama.cpp for each takes a fiftieth
    of a start; none where they do not."""
    return head["vocabulary"].tobytes().decode().split("\n") if "vocabulary" in head else []
