"""What every database can do. `rag.store.database.sqlite` and `.postgres` do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from rag.store.database.place import Place

UNFINISHED = "copying"
"""The name in the table `meta` that says from which archive a copy was begun and not finished."""


class Found(Protocol):
    """What a statement has found or changed."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """Takes the statements of a transaction. A value's place in one is `?`."""

    def execute(self, query: str, values: Sequence[object] = ..., /) -> Found: ...

    def executemany(self, query: str, rows: Iterable[Sequence[object]], /) -> object: ...


class Database(Protocol):
    """One connection to an archive's database. Safe to use from several threads.

    Raises DatabaseAway, DatabaseBusy, Duplicate, DiskFull, or another StoreError.
    """

    @property
    def place(self) -> Place: ...

    @property
    def shared(self) -> bool:
        """Whether workers on several machines may use it."""

    @property
    def skip_locked(self) -> str:
        """What ends a SELECT in a transaction that locks the rows which nobody else has locked."""

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written."""

    def migrate(self) -> None:
        """Brings the schema to its last step. Raises SchemaTooNew for one from a later Kutip."""

    def rows(self, query: str, values: Sequence[object] = (), /) -> list[tuple[Any, ...]]:
        """The rows that a query finds. It may be repeated, so it must change nothing."""

    def transaction(self, alone: str | None = None) -> AbstractContextManager[Connection]:
        """One transaction, all or nothing. With `alone`, it waits for every other one of that name, also
        those of other workers. SQLite has one writer at a time whatever its name is."""

    def snapshot(self) -> AbstractContextManager[None]:
        """All that is read meanwhile is of one moment."""

    def inserted(self, query: str, key: str, rows: Sequence[Sequence[object]], /) -> list[int]:
        """Inserts rows in the transaction; the number that each got in the column `key`, which is the table's
        primary key."""

    def notify(self, channel: str) -> None:
        """Tells those who listen, once the transaction is committed."""

    def last_numbers(self, numbered: Mapping[str, str]) -> dict[str, int]:
        """The last number that was given in each table's numbered column; 0 for none."""

    def go_on_from(self, numbered: Mapping[str, str], last: Mapping[str, int]) -> None:
        """Lets numbering go on after the last numbers, in the transaction."""

    def overwriting(self) -> AbstractContextManager[None]:
        """What is deleted meanwhile is overwritten, where the database can do that."""

    def empty_log(self) -> None:
        """Empties the write-ahead log of what was deleted, where the database can do that."""

    def clock(self) -> float:
        """Seconds since 1970 by the database's own clock, which all workers share."""

    def close(self) -> None: ...
