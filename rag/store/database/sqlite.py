"""An archive in a file of SQLite's."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.store.connection import cannot_write, connect, empty_log, make_private, reported, transaction
from rag.store.schema import migrate


class SQLite:
    """One connection to the file. Committed means on the disk: it survives a power cut.

    With `overwrite`, what is deleted is overwritten, so that no page of the file holds it.
    """

    shared = False
    skip_locked = ""

    def __init__(self, path: Path, overwrite: bool = False) -> None:
        self.place = path
        self._lock = threading.RLock()
        self._db = connect(path)
        self.read_only = cannot_write(path)
        with reported(path):
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute("PRAGMA synchronous = FULL")
            if overwrite:
                self._db.execute("PRAGMA secure_delete = ON")

    def migrate(self) -> None:
        with self._lock, reported(self.place):
            migrate(self._db)
        make_private(self.place)

    def rows(self, query: str, values: Sequence[object] = (), /) -> list[tuple[Any, ...]]:
        with self._lock, reported(self.place):
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def transaction(self, alone: str | None = None) -> Iterator[sqlite3.Connection]:
        with self._lock, reported(self.place), transaction(self._db):
            yield self._db

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with self._lock:
            with reported(self.place):
                self._db.execute("BEGIN")
            try:
                yield
            finally:
                with reported(self.place):
                    self._db.execute("ROLLBACK")

    def inserted(self, query: str, key: str, rows: Sequence[Sequence[object]], /) -> list[int]:
        return [self._db.execute(query, row).lastrowid or 0 for row in rows]

    def notify(self, channel: str) -> None:
        """Nobody listens: one machine has one owner of the indexes, which looks at each question."""

    def last_numbers(self, numbered: Mapping[str, str]) -> dict[str, int]:
        # Tables with AUTOINCREMENT have a row here; in others the number after the largest comes next.
        last = dict(self.rows("SELECT name, seq FROM sqlite_sequence"))
        return {
            table: last[table]
            if table in last
            else self.rows(f"SELECT coalesce(max({column}), 0) FROM {table}")[0][0]
            for table, column in numbered.items()
        }

    def go_on_from(self, numbered: Mapping[str, str], last: Mapping[str, int]) -> None:
        for table, column in numbered.items():
            if column != "rowid":
                self._db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
                if last[table]:
                    self._db.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, last[table]))

    @contextmanager
    def overwriting(self) -> Iterator[None]:
        with self._lock:
            with reported(self.place):
                self._db.execute("PRAGMA secure_delete = ON")
            yield
            with reported(self.place):
                self._db.execute("PRAGMA secure_delete = OFF")

    def empty_log(self) -> None:
        with self._lock, reported(self.place):
            empty_log(self._db)

    def clock(self) -> float:
        return time.time()

    def close(self) -> None:
        with self._lock:
            self._db.close()
