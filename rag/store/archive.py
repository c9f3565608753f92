"""The database that is the truth; every index is a projection of it.

Articles, their versions, sentences, chunks and vectors live here. Each commit that changes what can be
found takes the next change number, and a projection that has reached number n needs just the chunks
that came or went after n. One process writes articles at a time, on however many machines, while others
read (https://www.sqlite.org/wal.html); whoever takes the change number waits for the one who has it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np

from rag.errors import Conflict, EmbedderMismatch, StoreError
from rag.store.database.base import UNFINISHED, Connection
from rag.store.database.opening import open_database
from rag.store.database.place import Place
from rag.store.rows import Known, Listed, Prepared
from rag.text.terms import FORMAT
from rag.types import Article, Language, Passage, Removed, Sentence, Vectors

# SQLite's default limit on bound parameters is 32,766; this stays far under it.
_MANY = 5_000
"""Values a query."""
CHANGED = "kutip_change"
"""What those hear who listen for changes of what can be found."""
_T = TypeVar("_T")


class Archive:
    """One open archive. Safe to use from several threads; other processes may have it open too.

    Raises StoreError where it cannot be opened or written, SchemaTooNew where a later Kutip wrote it.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._db = open_database(place)
        self.read_only = self._db.read_only
        """Whether nothing can be added: the file, its folder or the database can only be read."""
        try:
            self._db.migrate()
            if self.rows("SELECT 1 FROM meta WHERE name = ?", (UNFINISHED,)):
                raise StoreError(f"{place} is a copy that was not finished", "`kutip copy` goes on with it")
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    # Reading

    def change(self) -> int:
        """The number of the last commit that changed what can be found; 0 for a new archive."""
        return int(self.rows("SELECT number FROM change")[0][0])

    def id(self) -> str:
        """A random name of this archive, which keeps stores that share a server apart."""
        return str(self.rows("SELECT value FROM meta WHERE name = 'id'")[0][0])

    def embedder(self) -> str | None:
        """The id of the embedder that made the stored vectors, None before the first."""
        rows = self.rows("SELECT value FROM meta WHERE name = 'embedder'")
        return str(rows[0][0]) if rows else None

    def counts(self) -> tuple[int, int]:
        """How many articles and how many chunks can be found."""
        rows = self.rows(
            "SELECT (SELECT count(*) FROM article WHERE removed_at IS NULL), (SELECT count(*) FROM chunk)"
        )
        return int(rows[0][0]), int(rows[0][1])

    def known(self, id: str, url: str | None) -> Known | None:
        """The article with this id, else the one with this URL; removed ones too."""
        return self.all_known([(id, url)])[0]

    def all_known(self, named: Sequence[tuple[str, str | None]]) -> list[Known | None]:
        """Returns what `known` does, for each id and URL."""
        by_id = {known.id: known for _, known in self._known("a.id", [id for id, _ in named])}
        urls = [url for id, url in named if url and id not in by_id]
        by_url = dict(self._known("v.url", urls))
        return [by_id.get(id) or (by_url.get(url) if url else None) for id, url in named]

    def _known(self, column: str, values: Sequence[str]) -> Iterator[tuple[str, Known]]:
        """The articles that have one of the values, each with the value. If several have one URL, the first
        that was not removed comes last, so that a dict keeps it.
        """
        for part in _parts(values):
            for value, id, version, digest, removed, sentences, chunks in self.rows(
                f"""SELECT {column}, a.id, a.version, v.digest, a.removed_at IS NOT NULL,
                    (SELECT count(*) FROM sentence WHERE article = a.id AND version = a.version),
                    (SELECT count(*) FROM chunk WHERE article = a.id)
                    FROM article a JOIN version v ON v.article = a.id AND v.version = a.version
                    WHERE {column} IN ({_marks(part)}) ORDER BY a.removed_at IS NULL, v.rowid DESC""",
                part,
            ):
                yield value, Known(id, version, digest, bool(removed), sentences, chunks)

    def article(self, id: str, version: int | None = None) -> Article | None:
        """The article's current version if it was not removed, or any version that is kept."""
        if version is None:
            rows = self.rows(
                f"""SELECT {_ARTICLE} FROM version v JOIN article a ON v.article = a.id
                    AND v.version = a.version WHERE a.id = ? AND a.removed_at IS NULL""",
                (id,),
            )
        else:
            rows = self.rows(
                f"SELECT {_ARTICLE} FROM version v WHERE v.article = ? AND v.version = ?", (id, version)
            )
        return Article(*rows[0]) if rows else None

    def articles(self) -> Iterator[Article]:
        """The current version of every article, by id. Reads as it goes; memory stays bounded."""
        after = ""
        while True:
            rows = self.rows(
                f"""SELECT {_ARTICLE} FROM article a JOIN version v ON v.article = a.id
                    AND v.version = a.version WHERE a.removed_at IS NULL AND a.id > ?
                    ORDER BY a.id LIMIT 500""",
                (after,),
            )
            if not rows:
                return
            yield from (Article(*row) for row in rows)
            after = rows[-1][0]

    def listed(self, offset: int, limit: int) -> list[Listed]:
        """One page of the articles, the last added first."""
        rows = self.rows(
            """SELECT a.rowid, a.id, v.title, v.published FROM article a JOIN version v ON v.article = a.id
               AND v.version = a.version WHERE a.removed_at IS NULL ORDER BY a.rowid DESC LIMIT ? OFFSET ?""",
            (limit, offset),
        )
        return [Listed(*row) for row in rows]

    def newest(self, limit: int, first: str = "", last: str = "9999") -> list[int]:
        """The keys of the first chunks of the newest articles, newest first: those published from the day
        `first` to the day `last` (ISO 8601), both included. Articles without a date are left out."""
        rows = self.rows(
            """SELECT c.key FROM article a JOIN version v ON v.article = a.id AND v.version = a.version
               JOIN chunk c ON c.article = a.id AND c.first_sentence = 0
               WHERE a.removed_at IS NULL AND substr(v.published, 1, 10) BETWEEN ? AND ?
               ORDER BY v.published DESC, a.rowid DESC LIMIT ?""",
            (first, last, limit),
        )
        return [row[0] for row in rows]

    def id_of(self, key: int) -> str | None:
        """The id of a listed article, None if it was removed since."""
        rows = self.rows("SELECT id FROM article WHERE rowid = ? AND removed_at IS NULL", (key,))
        return str(rows[0][0]) if rows else None

    def sentences(self, id: str, version: int) -> list[Sentence]:
        """The sentences of one version, in order."""
        rows = self.rows(
            "SELECT article, number, start, stop FROM sentence WHERE article = ? AND version = ? "
            "ORDER BY number",
            (id, version),
        )
        return [Sentence(*row) for row in rows]

    def removed(self, id: str, version: int) -> tuple[Removed, ...]:
        """What cleaning took out of one version's source."""
        rows = self.rows("SELECT removed FROM version WHERE article = ? AND version = ?", (id, version))
        return tuple(Removed(*item) for item in json.loads(rows[0][0])) if rows else ()

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """The chunks with these keys, in their order and without a score; keys that are gone are left out."""
        found: dict[int, tuple[str, int, list[Sentence]]] = {}
        for part in _parts(keys):
            for key, id, version, *sentence in self.rows(
                f"""SELECT c.key, c.article, c.version, s.number, s.start, s.stop FROM chunk c
                    JOIN sentence s ON s.article = c.article AND s.version = c.version
                        AND s.number BETWEEN c.first_sentence AND c.last_sentence
                    WHERE c.key IN ({_marks(part)}) ORDER BY c.key, s.number""",
                part,
            ):
                found.setdefault(key, (id, version, []))[2].append(Sentence(id, *sentence))
        articles: dict[str, Article | None] = {}
        passages: list[Passage] = []
        for key in keys:
            if key not in found:
                continue
            id, version, sentences = found[key]
            if id not in articles:
                articles[id] = self.article(id, version)
            if (article := articles[id]) is not None:
                passages.append(Passage(key, article, tuple(sentences), 0.0))
        return passages

    def vectors(self, keys: Sequence[int]) -> dict[int, Vectors]:
        """The vectors of these chunks, each of shape (dimensions,)."""
        found: dict[int, Vectors] = {}
        for part in _parts(keys):
            rows = self.rows(f"SELECT chunk, data FROM vector WHERE chunk IN ({_marks(part)})", part)
            # Converted together: converting each by itself takes four times as long.
            data = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float16).astype(np.float32)
            found |= zip((row[0] for row in rows), data.reshape(len(rows), -1) if rows else (), strict=True)
        return found

    def terms(self, keys: Sequence[int]) -> dict[int, tuple[Language, str]]:
        """The language and the terms of these chunks; those whose terms are not stored are left out."""
        return {
            key: (language, terms)
            for part in _parts(keys)
            for key, language, terms in self.rows(
                f"""SELECT c.key, v.language, c.terms FROM chunk c
                    JOIN version v ON v.article = c.article AND v.version = c.version
                    WHERE c.terms_format = ? AND c.key IN ({_marks(part)})""",
                (FORMAT, *part),
            )
        }

    def gone_since(self, change: int) -> list[int]:
        """The keys of chunks that went after this change."""
        return [row[0] for row in self.rows("SELECT key FROM gone WHERE change > ?", (change,))]

    def added_since(self, change: int, upto: int, batch: int, after: int = 0) -> Iterator[list[int]]:
        """The keys of chunks that came after `change` and not after `upto`, in order, a batch at a time;
        those up to the key `after` are left out."""
        # All chunks come in the order of the table. A few are found by the index on changes. SQLite uses it
        # only with `+key`, which PostgreSQL reads as `key`; otherwise it would read the whole table.
        key = "+key" if change else "key"
        while True:
            rows = self.rows(
                f"SELECT key FROM chunk WHERE change > ? AND change <= ? AND {key} > ? "
                f"ORDER BY {key} LIMIT ?",
                (change, upto, after, batch),
            )
            if not rows:
                return
            yield [row[0] for row in rows]
            after = rows[-1][0]

    def count_after(self, change: int, after: int = 0) -> int:
        """How many chunks came after this change, those up to the key `after` left out."""
        return int(
            self.rows("SELECT count(*) FROM chunk WHERE change > ? AND key > ?", (change, after))[0][0]
        )

    def count_until(self, change: int) -> int:
        """How many chunks came until this change and are still there."""
        return int(self.rows("SELECT count(*) FROM chunk WHERE change <= ?", (change,))[0][0])

    def keys_until(self, change: int) -> set[int]:
        """The keys of the chunks that came until this change and are still there."""
        return {row[0] for row in self.rows("SELECT key FROM chunk WHERE change <= ?", (change,))}

    # Writing

    def put(self, articles: Sequence[Prepared], embedder: str) -> None:
        """Commits articles in one transaction, each as the next version of its id.

        Raises StoreError where the disk is full or another process holds the file too long; Conflict
        where another process has committed one of the articles since they were prepared;
        EmbedderMismatch where another process has moved the store to another embedder.
        """
        with self.writing() as (db, change):
            row = db.execute("SELECT value FROM meta WHERE name = 'embedder'").fetchone()
            if row is None:
                db.execute("INSERT INTO meta VALUES ('embedder', ?)", (embedder,))
            elif row[0] != embedder:
                raise EmbedderMismatch("the store was moved to another embedder meanwhile", "run it again")
            for each in articles:
                self._put(db, each, change)

    def remove(self, id: str, purge: bool = False) -> bool:
        """Takes an article out of what can be found; False where there is none.

        Its versions stay, so that old answers keep their quotes, unless `purge` is set.
        """
        with ExitStack() as stack:
            if purge:
                stack.enter_context(self._db.overwriting())
            with self.writing() as (db, change):
                row = db.execute("SELECT removed_at FROM article WHERE id = ?", (id,)).fetchone()
                if row is None or (row[0] is not None and not purge):
                    return False
                self._retire(db, id, change)
                if purge:
                    db.execute("DELETE FROM article WHERE id = ?", (id,))
                else:
                    db.execute("UPDATE article SET removed_at = ? WHERE id = ?", (_now(), id))
        if purge:
            self._db.empty_log()
        return True

    # For the modules built on the archive

    @contextmanager
    def writing(self) -> Iterator[tuple[Connection, int]]:
        """One transaction that changes what can be found; yields the connection and the change number."""
        with self._db.transaction() as db:
            # Until this transaction ends, no other one gets a number: change numbers and keys are committed
            # in their order, and whoever sees a number sees all that came before it.
            number = db.execute("UPDATE change SET number = number + 1 RETURNING number").fetchone()
            self._db.notify(CHANGED)
            yield db, int(number[0])

    def transaction(self) -> AbstractContextManager[Connection]:
        """One transaction, all or nothing."""
        return self._db.transaction()

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows that a query finds."""
        return self._db.rows(query, values)

    # Inside

    def _put(self, db: Connection, prepared: Prepared, change: int) -> None:
        article = prepared.article
        row = db.execute("SELECT max(version) FROM version WHERE article = ?", (article.id,)).fetchone()
        # An article that was new when it was prepared may have come by its URL, under another id.
        came = article.version == 1 and article.url and self.known(article.id, article.url)
        if (row[0] or 0) + 1 != article.version or came:
            raise Conflict(f"another process changed {article.id} meanwhile", "run it again")
        self._retire(db, article.id, change)
        db.execute(
            """INSERT INTO article (id, version) VALUES (?, ?)
               ON CONFLICT (id) DO UPDATE SET version = excluded.version, removed_at = NULL""",
            (article.id, article.version),
        )
        db.execute(
            "INSERT INTO version (article, version, url, title, published, language, text, digest, removed, "
            "added_at, publisher, author) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article.id,
                article.version,
                article.url,
                article.title,
                article.published,
                article.language,
                article.text,
                prepared.digest,
                json.dumps([[r.kind, r.start, r.text] for r in prepared.removed], ensure_ascii=False),
                _now(),
                article.publisher,
                article.author,
            ),
        )
        db.executemany(
            "INSERT INTO sentence VALUES (?, ?, ?, ?, ?)",
            ((article.id, article.version, s.index, s.start, s.end) for s in prepared.sentences),
        )
        vectors = prepared.vectors.astype(np.float16)
        keys = self._db.inserted(
            "INSERT INTO chunk (article, version, number, first_sentence, last_sentence, change, terms, "
            "terms_format) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            "key",
            [
                (
                    article.id,
                    article.version,
                    chunk.index,
                    chunk.first_sentence,
                    chunk.last_sentence,
                    change,
                    terms,
                    FORMAT,
                )
                for chunk, terms in zip(prepared.chunks, prepared.terms, strict=True)
            ],
        )
        db.executemany(
            "INSERT INTO vector VALUES (?, ?)",
            ((key, vector.tobytes()) for key, vector in zip(keys, vectors, strict=True)),
        )

    def _retire(self, db: Connection, id: str, change: int) -> None:
        db.execute("INSERT INTO gone SELECT key, ? FROM chunk WHERE article = ?", (change, id))
        db.execute("DELETE FROM chunk WHERE article = ?", (id,))


_ARTICLE = "v.article, v.url, v.title, v.published, v.language, v.text, v.version, v.publisher, v.author"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _parts(keys: Sequence[_T]) -> Iterable[Sequence[_T]]:
    return (keys[i : i + _MANY] for i in range(0, len(keys), _MANY))
