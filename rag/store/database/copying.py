"""Copies an archive from one database to another, whichever they are, row by row.

Both tables are walked in the order of their keys, page by page. Rows that the source lacks or has otherwise
are taken out, and missing ones put in, each page in one transaction; then both are walked once more and must
be equal. A copy that was killed walks over what is there already and goes on. Until it is whole, the target
is marked, and no `Archive` opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InputError, StoreError
from rag.store.database.base import UNFINISHED, Database
from rag.store.database.opening import open_database
from rag.store.database.place import Place

Row = tuple[Any, ...]
Progress = Callable[[int, int, str], None]
"""Called with the rows that were walked over, all rows, and what is done."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, the columns of its key, and its other columns. `page`: how many rows are taken at once."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    page: int = 2_000

    @property
    def all(self) -> str:
        """All columns, the key's first. "user" is a word of SQL's own."""
        return ", ".join(f'"{column}"' for column in (*self.key, *self.columns))


def _table(name: str, key: str, columns: str = "", page: int = 2_000) -> Table:
    return Table(name, tuple(key.split()), tuple(columns.split()), page)


TABLES = (
    _table("article", "id", "version removed_at rowid"),
    _table(
        "version",
        "article version",
        "url title published language text digest removed added_at publisher author rowid",
        200,
    ),
    _table("sentence", "article version number", "start stop", 5_000),
    _table("chunk", "key", "article version number first_sentence last_sentence change terms terms_format"),
    _table("vector", "chunk", "data"),
    _table("new_vector", "chunk", "data"),
    _table("gone", "key", "change", 5_000),
    _table("feed", "url", "etag modified failing_since"),
    _table("feed_entry", "feed entry", "stamp"),
    _table("inbox", "number", "bot update_id received_at data asking crashes sent state chat holder"),
    _table("reader", "user", "language"),
    _table("answer", "id", "inbox chat thread user answered_at data asked", 500),
    _table("feedback", "answer citation", "verdict given_at question language engine cited"),
    _table("audit", "id", "at admin action subject detail"),
    _table("status_message", "chat message", "worker"),
    _table("reply_message", "chat message", "answer"),
    _table("moved_group", "old", "new"),
    _table("visitor", "id", "name state admin changed_at"),
    _table("watched_feed", "url", "admin since"),
    _table("subscription", "id", "chat thread user topic language hours after looked_at"),
    _table("told", "chat story", "at"),
    _table("digest", "id", "chat thread made_at data message state", 500),
    _table("report", "admin", "hour day"),
    _table("worker", "id", "name since until"),
    _table("claim", "bot chat", "worker"),
    _table("asked", "inbox", "user at"),
)
"""All tables but `change` and `meta`, which are copied last; a table stands after those that it refers to."""
NUMBERED = {
    "article": "rowid",
    "version": "rowid",
    "chunk": "key",
    "inbox": "number",
    "answer": "id",
    "audit": "id",
    "subscription": "id",
    "digest": "id",
}
"""The columns that the database numbers. A number that was given is not given again, in a copy neither."""


def copy_archive(
    source: Place,
    target: Place,
    replace: bool = False,
    progress: Progress = lambda done, total, what: None,
) -> int:
    """Makes `target` equal to the archive at `source`; how many rows were compared and found equal.

    Others may read and write the source meanwhile: the copy is of one moment. Raises InputError where there
    is no source, or the target holds something else than an unfinished copy of it; with `replace`, a finished
    copy may be brought up to date. Raises StoreError; what was copied stays, and the next call goes on.
    """
    if isinstance(source, Path) and not source.is_file():
        raise InputError(f"{source} is no archive", "name its file, archive.db, or its database")
    if _same(source, target):
        raise InputError(f"{target} is the archive itself", "name another place")
    with closing(open_database(source)) as from_, closing(open_database(target)) as to:
        from_.migrate()
        to.migrate()
        with from_.snapshot():
            return _Copy(from_, to, progress).run(replace)


class _Copy:
    """One copy under way."""

    def __init__(self, source: Database, target: Database, progress: Progress) -> None:
        self._from, self._to, self._progress = source, target, progress
        self._total = sum(_count(source, table.name) for table in TABLES)
        self._done = 0

    def run(self, replace: bool) -> int:
        id = _meta(self._from)["id"]
        fresh = self._admit(id, replace)
        for table in TABLES:
            if not fresh and _count(self._to, table.name):
                self._take_out(table)
        for table in TABLES:
            self._put_in(table)
        self._done = 0
        for table in TABLES:
            for source, target in self._pages(table, "checking"):
                if source != target:
                    raise StoreError(
                        f"the copy of {table.name} differs from its source",
                        "somebody writes to the target; end that and run it again",
                    )
        self._finish()
        return self._done + len(_meta(self._from)) + 1

    def _admit(self, id: str, replace: bool) -> bool:
        """Marks the target as unfinished. False where something may be in it."""
        there, place = _meta(self._to), self._to.place
        if UNFINISHED in _meta(self._from):
            raise InputError(f"{self._from.place} is itself a copy that was not finished", "finish it first")
        begun = there.get(UNFINISHED)
        if begun is not None and begun != id:
            raise InputError(f"a copy of another archive was begun in {place}", "name another place")
        empty = not self._changes(self._to) and not any(_count(self._to, table.name) for table in TABLES)
        if begun is None and not empty:
            if there["id"] != id:
                raise InputError(f"{place} holds another archive", "name a new place")
            if not replace:
                raise InputError(
                    f"{place} holds this archive already", "`--force` makes it equal to its source again"
                )
        if begun is None:
            with self._to.transaction() as db:
                db.execute("INSERT INTO meta VALUES (?, ?)", (UNFINISHED, id))
        return begun is None and empty

    def _take_out(self, table: Table) -> None:
        """Deletes the rows that the source lacks or has otherwise, and what depends on them."""
        where = " AND ".join(f'"{column}" = ?' for column in table.key)
        for source, target in self._pages(table):
            doomed = [key for key, row in target.items() if source.get(key) != row]
            if doomed:
                with self._to.transaction() as db:
                    db.executemany(f"DELETE FROM {table.name} WHERE {where}", doomed)

    def _put_in(self, table: Table) -> None:
        marks = ", ".join("?" * (len(table.key) + len(table.columns)))
        query = f"INSERT INTO {table.name} ({table.all}) VALUES ({marks})"
        for source, target in self._pages(table, "copying"):
            missing = [row for key, row in source.items() if key not in target]
            if missing:
                with self._to.transaction() as db:
                    db.executemany(query, missing)

    def _finish(self) -> None:
        """Takes the change number, the names in `meta` and the numbering, and takes the mark away."""
        meta, numbers = _meta(self._from), self._from.last_numbers(NUMBERED)
        with self._to.transaction() as db:
            db.execute("DELETE FROM meta")
            db.executemany("INSERT INTO meta VALUES (?, ?)", list(meta.items()))
            db.execute("UPDATE change SET number = ?", (self._changes(self._from),))
            self._to.go_on_from(NUMBERED, numbers)
        self._to.empty_log()

    def _pages(self, table: Table, what: str = "") -> Iterator[tuple[dict[Row, Row], dict[Row, Row]]]:
        """The rows of both by their keys, up to the same key each time."""
        after: Row | None = None
        while True:
            pages = [_page(database, table, after) for database in (self._from, self._to)]
            ends = [list(page)[-1] for page in pages if len(page) == table.page]
            until = min(ends) if ends else None
            if until is not None:
                pages = [{key: row for key, row in page.items() if key <= until} for page in pages]
            source = pages[0]
            if self._to.shared:
                # PostgreSQL's text has no NUL.
                source = {key: _without_nul(row) for key, row in source.items()}
                source = {row[: len(table.key)]: row for row in source.values()}
            if what:
                self._done += len(source)
                self._progress(self._done, self._total, f"{what}: {table.name}")
            yield source, pages[1]
            if until is None:
                return
            after = until

    @staticmethod
    def _changes(database: Database) -> int:
        return int(database.rows("SELECT number FROM change")[0][0])


def _page(database: Database, table: Table, after: Row | None) -> dict[Row, Row]:
    """The next rows after a key, by their keys."""
    key = ", ".join(f'"{column}"' for column in table.key)
    where = "" if after is None else f"WHERE ({key}) > ({', '.join('?' * len(after))})"
    rows = database.rows(
        f"SELECT {table.all} FROM {table.name} {where} ORDER BY {key} LIMIT {table.page}", after or ()
    )
    return {row[: len(table.key)]: row for row in rows}


def _without_nul(row: Sequence[Any]) -> Row:
    return tuple(
        value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value for value in row
    )


def _meta(database: Database) -> dict[str, str]:
    return dict(database.rows("SELECT name, value FROM meta"))


def _count(database: Database, table: str) -> int:
    return int(database.rows(f"SELECT count(*) FROM {table}")[0][0])


def _same(source: Place, target: Place) -> bool:
    if isinstance(source, Path) and isinstance(target, Path):
        return source.resolve() == target.resolve()
    return source == target
