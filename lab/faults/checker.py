"""Opens a store as a user would and says what is wrong with it.

Everything acknowledged must be there, nothing may be half there, and both projections must hold exactly
the archive's chunks with the archive's own vectors, and find them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from bot.app import App
from bot.settings import Settings
from lab.faults.articles import Draft
from lab.faults.children import Ended, call
from rag.errors import KutipError
from rag.ingest import embedded_text
from rag.search.fusion import Search
from rag.search.lexicon import Lexicon
from rag.search.query import query_terms
from rag.store.archive import Archive
from rag.text.terms import terms
from rag.types import Passage, Vectors

ASKED = 0.2
"""How often a question is answered as well, which costs as much as all the rest."""
SAMPLE = 20
"""Chunks and articles that are searched for, one by one."""
# Embedding one text or many may round differently, and the archive keeps 16 bits.
_ROUNDED = 2e-3
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class State:
    """What the archive may hold of an article: this version with this text, found or removed."""

    draft: Draft
    version: int
    removed: bool = False


Allowed = Mapping[str, Sequence[State | None]]
"""By id; one state where it was acknowledged, two while an operation was not. None: never heard of it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`problems` as lines, the states that the archive is in, and what the user was told meanwhile."""

    problems: Sequence[str]
    states: Mapping[str, State]
    said: Sequence[str] = ()


def check(home: Path, allowed: Allowed, seed: int = 0, close: bool = True) -> Checked:
    """Checks in a child process, since a broken index may end the one that opens it.

    With `close` False the child ends without closing, as if it were killed.
    """
    found = call(lambda: examine(home, allowed, Random(seed), close))
    if not isinstance(found, Ended):
        return found
    how = f"ended with {'signal' if found.status < 0 else 'status'} {abs(found.status)}"
    return Checked([f"checking {how}: {found.err.strip()[-2000:]}"], {})


def examine(home: Path, allowed: Allowed, random: Random, close: bool = True) -> Checked:
    """The check itself, in this process."""
    said: list[str] = []
    app = App(Settings(home=home), say=said.append)
    problems: list[str] = []
    states: dict[str, State] = {}
    try:
        app.projections.catch_up()
        states = _states(app.archive, allowed, problems)
        problems += _whole(home / "archive.db")
        problems += _articles(app.archive)
        problems += _vectors(app)
        problems += _terms(app.archive)
        problems += _projections(app)
        problems += _generations(home / "projections")
        here = [state.draft for state in states.values() if not state.removed]
        problems += _searches(app, random.sample(here, min(SAMPLE, len(here))), random)
        if here and random.random() < ASKED:
            problems += _asked(app, random.choice(here))
        if close:
            app.close()
    except KutipError as error:
        problems.append(f"{type(error).__name__}: {error}")
    return Checked(problems, states, said)


def _states(archive: Archive, allowed: Allowed, problems: list[str]) -> dict[str, State]:
    """The state that each article is in; what is in none that is allowed becomes a problem."""
    present = {article.id: article for article in archive.articles()}
    problems += [f"{id} is there and was never given" for id in present.keys() - allowed.keys()]
    states: dict[str, State] = {}
    for id, options in allowed.items():
        article, known = present.get(id), archive.known(id, None)
        for state in options:
            if state is None:
                fits = known is None
            elif state.removed:
                fits = article is None and known is not None and known.version == state.version
            else:
                fits = article is not None and (article.version, article.title, article.text) == (
                    state.version,
                    state.draft.title,
                    state.draft.text,
                )
            if fits:
                if state is not None:
                    states[id] = state
                break
        else:
            now = f"version {known.version}{', removed' * known.removed}" if known else "missing"
            wanted = " or ".join(
                "missing" if each is None else f"version {each.version}{', removed' * each.removed}"
                for each in options
            )
            problems.append(f"{id} is {now}, and should be {wanted} with its own text")
    return states


def _whole(path: Path) -> Iterator[str]:
    """What SQLite itself, and the rows' counts, say of the archive's file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        integrity = [row[0] for row in db.execute("PRAGMA integrity_check")]
        if integrity != ["ok"]:
            yield f"the archive's integrity: {integrity[:3]}"
        if db.execute("PRAGMA foreign_key_check").fetchone():
            yield "the archive's foreign keys do not hold"
        counted = {
            "chunks without a vector": "chunk WHERE key NOT IN (SELECT chunk FROM vector)",
            "vectors without a chunk": "vector WHERE chunk NOT IN (SELECT key FROM chunk)",
            "chunks that came and went": "chunk WHERE key IN (SELECT key FROM gone)",
            "chunks of what is removed or an old version": """chunk c LEFT JOIN article a ON a.id = c.article
                AND a.version = c.version AND a.removed_at IS NULL WHERE a.id IS NULL""",
        }
        for what, rows in counted.items():
            if number := db.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]:
                yield f"{number} {what}"


def _articles(archive: Archive) -> Iterator[str]:
    """Whether each article's sentences and chunks hold all of its text, once."""
    passages: dict[str, list[Passage]] = {}
    for passage in archive.passages(sorted(archive.keys_until(archive.change()))):
        passages.setdefault(passage.article.id, []).append(passage)
    for article in archive.articles():
        sentences = archive.sentences(article.id, article.version)
        ends = [0, *(sentence.end for sentence in sentences)]
        starts = [*(sentence.start for sentence in sentences), len(article.text)]
        if any(article.text[end:start].strip() for end, start in zip(ends, starts, strict=True)):
            yield f"{article.id}: its sentences leave text out"
        if any(not sentence.start < sentence.end for sentence in sentences) or starts != sorted(starts):
            yield f"{article.id}: its sentences are out of order"
        held = [sentence for passage in passages.get(article.id, []) for sentence in passage.sentences]
        if held != sentences:
            yield f"{article.id}: its chunks hold {len(held)} sentences, and it has {len(sentences)}"


def _vectors(app: App) -> Iterator[str]:
    """Whether the archive's vectors are those that its embedder makes of its chunks."""
    archive = app.archive
    keys = sorted(archive.keys_until(archive.change()))
    passages, stored = archive.passages(keys), archive.vectors(keys)
    made = app.embedder.passages([embedded_text(p.article, p.text) for p in passages])
    wrong = [
        passage.key
        for passage, vector in zip(passages, made, strict=True)
        if np.abs(stored[passage.key] - vector).max() > _ROUNDED
    ]
    if wrong:
        yield f"the archive holds {len(wrong)} wrong vectors: those of chunks {wrong[:5]}"


def _terms(archive: Archive) -> Iterator[str]:
    """Whether the archive's terms are those of its chunks."""
    keys = sorted(archive.keys_until(archive.change()))
    stored = archive.terms(keys)
    wrong = []
    for chunk in archive.passages(keys):
        of = chunk.article
        if stored.get(chunk.key) != (of.language, terms(chunk.text, of.language, of.title, of.published)):
            wrong.append(chunk.key)
    if wrong:
        yield f"the archive holds {len(wrong)} wrong terms: those of chunks {wrong[:5]}"


def _projections(app: App) -> Iterator[str]:
    """Whether both projections hold the archive's chunks, and its vectors.

    Chroma gives a vector as it came, or scaled to length 1 once its graph holds it.
    """
    projections, archive = app.projections, app.archive
    if lag := projections.lag():
        yield f"the projections are {lag} commits behind"
    wanted = archive.keys_until(archive.change())
    for name, index in (("vectors", projections.vectors), ("lexical index", projections.lexical)):
        held = index.keys()
        if held != wanted or index.count() != len(wanted):
            yield (
                f"the {name}: {len(wanted - held)} chunks missing, {len(held - wanted)} too many, "
                f"count {index.count()} of {len(wanted)}"
            )
    stored = archive.vectors(sorted(wanted))
    wrong = [
        key
        for key, vector in projections.vectors.vectors()
        if key in stored
        and min(np.abs(vector - each).max() for each in (stored[key], _unit(stored[key]))) > _SAME
    ]
    if wrong:
        yield f"Chroma holds {len(wrong)} wrong vectors: those of chunks {wrong[:5]}"


def _unit(vector: Vectors) -> Vectors:
    length = np.linalg.norm(vector)
    return vector / length if length else vector


def _generations(folder: Path) -> Iterator[str]:
    """Whether nothing is left of generations but the one in use and the one that a stopped rebuild began."""
    named = [folder / name for name in ("current", "next")]
    known = {path.read_text(encoding="utf-8").strip() for path in named if path.exists()}
    left = {path.name.partition(".")[0] for path in folder.glob("g*")} - known
    if left:
        yield f"generations left over: {', '.join(sorted(left))}"


def _searches(app: App, drafts: Sequence[Draft], random: Random) -> Iterator[str]:
    """Whether each index alone, and both together, find what they hold."""
    archive, projections, lexicon = app.archive, app.projections, Lexicon.load()
    search = Search(projections.lexical, projections.vectors, app.embedder, lexicon, archive.vectors)
    for draft in drafts:
        lexical = projections.lexical.search(query_terms(draft.marker, "id", lexicon), 1)
        both = [hit.key for hit in search.search(draft.question, "id", 3)]
        for name, keys in (("the lexical index", [key for key, _ in lexical]), ("a search", both)):
            if draft.id not in {passage.article.id for passage in archive.passages(keys)}:
                yield f"{name} does not find {draft.id} by {draft.marker}"
    keys = sorted(archive.keys_until(archive.change()))
    stored = archive.vectors(random.sample(keys, min(SAMPLE, len(keys))))
    for key, vector in stored.items():
        if vector.any() and not _nearest(projections.vectors.query(vector, 5), key, vector, archive):
            yield f"Chroma does not find chunk {key} by its own vector"


def _nearest(found: Sequence[tuple[int, float]], key: int, vector: Vectors, archive: Archive) -> bool:
    """Whether the first hit is the chunk, or one with the same vector; and its similarity is right."""
    if not found or abs(found[0][1] - 1.0) > _ROUNDED:
        return False
    first = archive.vectors([found[0][0]])
    return key in {each for each, _ in found} or np.allclose(
        first.get(found[0][0], np.zeros_like(vector)), vector, atol=_ROUNDED
    )


def _asked(app: App, draft: Draft) -> Iterator[str]:
    """Whether a question about an article is answered from it."""
    answer = app.ask(draft.question)
    if draft.id not in {citation.article for citation in answer.citations}:
        cited = ", ".join(citation.article for citation in answer.citations)
        yield f"the question about {draft.id} cites {cited or 'nothing'}"
