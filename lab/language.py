"""Makes rag/models/language.npy: which tokens speak for English and which for Indonesian.

    python -m lab.language             train, write, report
    python -m lab.language --compare   py3langid and lingua on the same texts

Logistic regression over the tokens of both sides of the parallel text and of questions: whole, cut to a few
words, and with a title in the other language put in (`Siapa sutradara The Dark Knight?`). Names are given as
both languages, so that they speak for neither.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from lab import data
from lab.lexicon import LEFT_OUT, glosses
from rag.text.encoding import encoding, token_ids
from rag.text.language import PATH, detect
from rag.types import Language

SPREAD = 0.02
"""Weight of the penalty on squared token weights, over the number of texts."""
PARTS = 127
TITLES = 30_000
MIXED = 40_000

Labelled = list[tuple[str, Language]]
LANGUAGES: tuple[Language, Language] = ("id", "en")


def texts() -> Labelled:
    """Sentences, names and questions of the train part, short stretches of them, and mixtures."""
    chance = random.Random(1)
    whole: Labelled = []
    for source, english, indonesian in (*data.parallel(), *glosses()):
        if not source.startswith(LEFT_OUT):
            whole += [(english, "en"), (indonesian, "id")]
    questions: Labelled = []
    for asked in data.questions():
        if asked.part == "train":
            questions.append((asked.question, "en" if asked.question_language == "en" else "id"))
    short = [(stretch(text, chance.randint(2, 6), chance), language) for text, language in whole]
    sentences = {code: [text for text, language in whole if language == code] for code in ("id", "en")}
    some = [*questions, *chance.sample(short, MIXED - len(questions))]
    titles = chance.sample([title for title, _ in data.wiki()], TITLES)
    names: Labelled = [(title, language) for title in titles for language in LANGUAGES]
    return [*whole, *questions, *short, *mixed(some, sentences, chance), *names]


def stretch(text: str, length: int, chance: random.Random) -> str:
    """Some words of a text, every second time its first ones."""
    spelled = text.split()
    start = chance.randrange(max(1, len(spelled) - length + 1)) * chance.randrange(2)
    return " ".join(spelled[start : start + length])


def mixed(some: Labelled, sentences: Mapping[str, Sequence[str]], chance: random.Random) -> Labelled:
    """Each text with a made-up title of the other language put in, anywhere but at its start."""
    mixtures: Labelled = []
    for text, language in some:
        title = stretch(chance.choice(sentences["en" if language == "id" else "id"]), 3, chance).title()
        spelled = text.rstrip("?. ").split()
        place = chance.randint(min(1, len(spelled)), len(spelled))
        mixtures.append((" ".join([*spelled[:place], title, *spelled[place:]]), language))
    return mixtures


def counts(labelled: Sequence[str]) -> sparse.csr_matrix:
    """Shape (texts, tokens): how often each token with a letter occurs; marks and numbers say nothing."""
    tokens = encoding()
    lettered = [any(map(str.isalpha, tokens.decode([token]))) for token in range(tokens.n_vocab)]
    found = [[token for token in token_ids(text, tokens) if lettered[token]] for text in labelled]
    starts = np.cumsum([0, *map(len, found)])
    columns = np.concatenate([np.array(ids, np.int32) for ids in found])
    shape = (len(found), tokens.n_vocab)
    return sparse.csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=shape)


def train(labelled: Labelled) -> NDArray[np.float64]:
    """Token weights, above 0 for English; there is no intercept, so no evidence scores 0."""
    features = counts([text for text, _ in labelled])
    sign = np.array([1.0 if language == "en" else -1.0 for _, language in labelled])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (features @ weights)
        slope = features.T @ (sign * -1 / (1 + np.exp(np.clip(margin, -50, 50))))
        penalty = SPREAD * (weights @ weights)
        return float(np.logaddexp(0, -margin).sum() + penalty), slope + 2 * SPREAD * weights

    found = minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 60})
    return np.asarray(found.x)


def tests() -> dict[str, Labelled]:
    """Held-out texts: questions of the parts dev and test, FLORES and Tatoeba sentences, beginnings."""
    sets: dict[str, Labelled] = {}
    for asked in data.questions():
        if asked.part != "train":
            language: Language = "en" if asked.question_language == "en" else "id"
            sets.setdefault(f"{asked.part} questions {language}", []).append((asked.question, language))
    for source, english, indonesian in data.parallel("parallel_en_id_dev"):
        name = source.split("_")[0]
        sets.setdefault(f"{name} en", []).append((english, "en"))
        sets.setdefault(f"{name} id", []).append((indonesian, "id"))
    for name, labelled in list(sets.items()):
        sets[f"{name}, 3 words"] = [(" ".join(text.split()[:3]), language) for text, language in labelled]
    held_out = {code: [text for text, _ in sets[f"flores {code}"]] for code in LANGUAGES}
    for name in ("dev questions id", "test questions id", "dev questions en", "test questions en"):
        sets[f"{name}, foreign title"] = mixed(sets[name], held_out, random.Random(5))
    return sets


def report(name: str, load: Callable[[], Callable[[str], str]]) -> None:
    """Share of texts whose language is found, time a text, and what loading costs."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    find = load()
    find("Siapa presiden Indonesia?")
    ready = time.perf_counter() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    start = time.perf_counter()
    sets = tests()
    right = {key: [find(text) == language for text, language in labelled] for key, labelled in sets.items()}
    spent = (time.perf_counter() - start) / sum(map(len, right.values()))
    print(f"{name}: ready after {ready:.2f} s, +{grown:.0f} MB, {spent * 1e6:.0f} us a text")
    for key, hits in right.items():
        print(f"  {key:32} {np.mean(hits):.4f} of {len(hits)}")


def load_own() -> Callable[[str], str]:
    return detect


def load_py3langid() -> Callable[[str], str]:
    from py3langid import langid

    langid.set_languages(["id", "en"])
    return lambda text: str(langid.classify(text)[0])


def load_lingua() -> Callable[[str], str]:
    from lingua import Language as Known
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_languages(Known.ENGLISH, Known.INDONESIAN).build()
    return lambda text: "en" if detector.detect_language_of(text) == Known.ENGLISH else "id"


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--compare", action="store_true")
    if arguments.parse_args().compare:
        for name, load in (("py3langid", load_py3langid), ("lingua", load_lingua), ("own", load_own)):
            report(name, load)
        return
    start = time.perf_counter()
    weights = train(texts())
    np.save(PATH, np.round(weights / np.abs(weights).max() * PARTS).astype(np.int8))
    print(f"{PATH.stat().st_size / 1e3:.0f} kB, {time.perf_counter() - start:.0f} s")
    report("own", load_own)


if __name__ == "__main__":
    main()
