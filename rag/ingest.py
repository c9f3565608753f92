"""Adds articles: normalise, clean, split, chunk, embed, commit.

Nothing is reported as added before the archive has committed it.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, replace
from json.encoder import encode_basestring
from typing import Literal

import numpy as np

from rag.cutting.article import Cut, Cutting, Window, Workers, cut
from rag.cutting.clean import normalise
from rag.errors import Conflict, DatabaseAway
from rag.load import Refusal
from rag.store.archive import Archive
from rag.store.moving import check_embedder
from rag.store.rows import Known, Prepared
from rag.types import Article, Embedder, Source, Vectors

BATCH = 64
"""Articles a commit: enough to embed at full speed, few enough to see progress and to lose no work."""
BATCH_CHARACTERS = 2_000_000
"""Characters a commit, so that a batch of very long articles stays small in memory."""
LOST = 5
"""How often the connection to the database may be lost while one batch is committed."""
_WORD = re.compile(r"[^\W\d_]{2}")
"""The least that makes a text an article: two letters that stand together."""
ALONE, AHEAD = 3, 16
"""Batches that are cut here before workers are started, since starting them takes time; and batches that may
wait or be cut at once, so that the workers go on while Chroma keeps this process busy."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one article; `reason` says why it was refused, or what of it could not be read."""

    id: str | None
    title: str | None
    status: Literal["added", "unchanged", "updated", "refused"]
    version: int | None = None
    sentences: int = 0
    chunks: int = 0
    reason: str | None = None


def ingest(
    sources: Iterable[Source | Refusal],
    archive: Archive,
    embedder: Embedder,
    window: Window,
    workers: Workers | None = None,
) -> Iterator[Ingested]:
    """Commits each article that is new or changed, and yields what became of every one, in the input's order.

    With `workers`, the articles of a long input are cut there, some batches ahead. Raises EmbedderMismatch
    where the store's vectors come from another embedder, StoreError where the archive cannot be written;
    what was yielded before is committed.
    """
    check_embedder(archive, embedder)
    seen: dict[str, _Place] = {}
    ahead: deque[_Batch] = deque()
    for number, sources_ in enumerate(_batches(sources)):
        helped = workers if number >= ALONE else None
        ahead.append(_Batch(sources_, archive, embedder, window, seen, helped))
        while ahead and (
            not helped or len(ahead) > AHEAD or sum(batch.size for batch in ahead) > 2 * BATCH_CHARACTERS
        ):
            yield from _turn(ahead).commit()
    while ahead:
        yield from _turn(ahead).commit()


def _turn(ahead: deque[_Batch]) -> _Batch:
    """Returns the first batch. While a worker still cuts it, this process cuts batches from the end."""
    while not ahead[0].is_cut and any(batch.cut_here() for batch in reversed(ahead)):
        pass
    return ahead.popleft()


def embedded_text(article: Article, stretch: str) -> str:
    """The text that is embedded for a chunk: the article's title and date, then the chunk."""
    head = ". ".join(part for part in (article.title, (article.published or "")[:10]) if part)
    return f"{head}\n{stretch}" if head else stretch


class _Place(str):
    """Where one source stands. Places are compared by identity. Nothing else of a source is kept, so memory
    stays bounded; it is a string, since the garbage collector does not follow strings."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An article that is to be cut and, if that leaves anything new, committed.

    `source` has the id that it will have, and its text normalised.
    """

    source: Source
    known: Known | None
    digest: str


class _Batch:
    """Some sources. They are looked up when the batch is made, and with workers the cutting begins then; all
    else happens on `commit`."""

    def __init__(
        self,
        sources: Sequence[Source | Refusal],
        archive: Archive,
        embedder: Embedder,
        window: Window,
        seen: dict[str, _Place],
        workers: Workers | None,
    ) -> None:
        self._sources, self._archive, self._embedder, self._window = sources, archive, embedder, window
        self._seen, self._workers = seen, workers
        self._places = [_Place(source.place) for source in sources]
        self._cutting: Cutting | None
        self._cut: list[Cut] | None
        self.size = sum(len(source.text) for source in sources if isinstance(source, Source))
        self._look()

    @property
    def is_cut(self) -> bool:
        """Whether no worker is still cutting it."""
        return self._cutting is None or self._cutting.done()

    def cut_here(self) -> bool:
        """Cuts it in this process; False where a worker has it, or nothing is left to do."""
        if self._cutting is None or not self._cutting.cancel():
            return False
        self._cutting, self._cut = None, self._cut_all()
        return True

    def commit(self) -> list[Ingested]:
        unsure: dict[str | None, Ingested] = {}
        lost = 0
        while True:
            cuts = iter(self._cuts())
            items = [
                self._made(item, next(cuts)) if isinstance(item, _Wanted) else item for item in self._items
            ]
            ready = [item for item in items if isinstance(item, _Ready)]
            if ready:
                vectors = self._embedder.passages([text for item in ready for text in item.texts])
                ends = np.cumsum([len(item.cut.chunks) for item in ready])
                parts = np.split(vectors, ends[:-1])
                try:
                    self._archive.put(
                        [item.entry(part) for item, part in zip(ready, parts, strict=True)], self._embedder.id
                    )
                except Conflict:
                    # Another process committed one of these articles first: look at them again.
                    self._look()
                    continue
                except DatabaseAway as error:
                    # Whether they are there is seen once the database answers again.
                    lost += 1
                    if lost > LOST:
                        raise
                    unsure = {item.ingested.id: item.ingested for item in ready} if error.unknown else unsure
                    self._look()
                    continue
            done = [item.ingested if isinstance(item, _Ready) else item for item in items]
            return [_committed(each, unsure.get(each.id)) for each in done]

    def _look(self) -> None:
        looked = [_Looked.at(source) for source in self._sources if isinstance(source, Source)]
        known = self._archive.all_known([(each.id, each.source.url) for each in looked])
        found = iter(zip(looked, known, strict=True))
        self._items: list[_Wanted | Ingested] = [
            _told(*next(found), place, self._seen) if isinstance(source, Source) else _refused(source)
            for source, place in zip(self._sources, self._places, strict=True)
        ]
        self._cut = None
        wanted = self._wanted()
        # Where nothing is new, no process is started.
        self._cutting = self._workers.submit(wanted) if self._workers and wanted else None

    def _cuts(self) -> list[Cut]:
        if self._cutting is not None:
            try:
                return self._cutting.result()
            except (BrokenExecutor, OSError):
                pass  # a worker was killed, perhaps for its memory, or found no room: the work is done here
        return self._cut if self._cut is not None else self._cut_all()

    def _cut_all(self) -> list[Cut]:
        return [cut(source, self._window) for source in self._wanted()]

    def _wanted(self) -> list[Source]:
        return [item.source for item in self._items if isinstance(item, _Wanted)]

    def _made(self, wanted: _Wanted, found: Cut) -> _Ready | Ingested:
        source, known = wanted.source, wanted.known
        if not _WORD.search(found.text):
            reason = f"{source.place}: no article text in it"
            return Ingested(source.id, source.title, "refused", reason=reason)
        if known and not known.removed and _same(self._archive.article(known.id), source, found.text):
            # An export that comes back: it was cleaned before.
            return _unchanged(known, source)
        article = Article(
            id=str(source.id),
            url=source.url,
            title=source.title,
            published=source.published,
            language=found.language,
            text=found.text,
            version=known.version + 1 if known else 1,
            publisher=source.publisher,
            author=source.author,
        )
        done = Ingested(
            article.id,
            article.title,
            "updated" if known and not known.removed else "added",
            article.version,
            len(found.sentences),
            len(found.chunks),
            _note(source),
        )
        return _Ready(article, wanted.digest, found, done)


@dataclass(frozen=True, slots=True)
class _Ready:
    """An article that is to be committed."""

    article: Article
    digest: str
    cut: Cut
    ingested: Ingested

    @property
    def texts(self) -> list[str]:
        """The texts to embed, one a chunk."""
        return [embedded_text(self.article, self.cut.stretch(chunk)) for chunk in self.cut.chunks]

    def entry(self, vectors: Vectors) -> Prepared:
        cut = self.cut
        return Prepared(
            self.article,
            self.digest,
            cut.removed,
            cut.sentences,
            cut.chunks,
            cut.terms,
            vectors,
        )


@dataclass(frozen=True, slots=True)
class _Looked:
    """A source with its text normalised, and the id that it has unless it is there under another one."""

    source: Source
    digest: str
    id: str

    @classmethod
    def at(cls, source: Source) -> _Looked:
        if (text := normalise(source.text)) != source.text:
            source = replace(source, text=text)
        digest = _digest(source)
        return cls(source, digest, source.id or source.url or digest[:16])


def _told(looked: _Looked, known: Known | None, place: _Place, seen: dict[str, _Place]) -> _Wanted | Ingested:
    """What is known without cutting: an article that was in this input already, or that is unchanged."""
    source = looked.source
    names = (looked.id, source.url, known and known.id)
    for name in names:
        if name and (first := seen.get(name, place)) is not place:
            reason = f"{source.place}: the same id or URL as {first} in this input ({name})"
            return Ingested(looked.id, source.title, "refused", reason=reason)
    for name in names:
        if name:
            seen[name] = place
    if known and known.digest == looked.digest and not known.removed:
        return _unchanged(known, source)
    return _Wanted(replace(source, id=known.id if known else looked.id), known, looked.digest)


def _committed(now: Ingested, unsure: Ingested | None) -> Ingested:
    """What became of an article whose commit lost its connection: unchanged, it was committed here."""
    same = unsure is not None and now.status == "unchanged" and now.version == unsure.version
    return unsure if unsure is not None and same else now


def _refused(source: Refusal) -> Ingested:
    return Ingested(source.id, source.title, "refused", reason=f"{source.place}: {source.reason}")


def _unchanged(known: Known, source: Source) -> Ingested:
    counts = known.version, known.sentences, known.chunks
    return Ingested(known.id, source.title, "unchanged", *counts, _note(source))


def _note(source: Source) -> str | None:
    return f"{source.place}: {source.note}" if source.note else None


def _same(article: Article | None, source: Source, body: str) -> bool:
    """Whether a reader would see no difference between what is stored and what has come."""
    return article is not None and (article.url, article.title, article.published, article.text) == (
        source.url,
        source.title,
        source.published,
        body,
    )


def _digest(source: Source) -> str:
    """Tells whether anything a reader could notice has changed since an article was last read."""
    parts = (source.url, source.title, source.published, source.text)
    # As JSON spells a list of them, in half the time that an encoder takes.
    spelled = ["null" if part is None else encode_basestring(part) for part in parts]
    return hashlib.sha256(f"[{', '.join(spelled)}]".encode()).hexdigest()


def _batches(sources: Iterable[Source | Refusal]) -> Iterator[list[Source | Refusal]]:
    batch: list[Source | Refusal] = []
    size = 0
    for source in sources:
        batch.append(source)
        size += len(source.text) if isinstance(source, Source) else 0
        if len(batch) == BATCH or size > BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
