"""An archive in PostgreSQL 15 or newer, through psycopg 3: the only module that imports it.

A connection that was lost is made again. A read is then repeated, and so is the start of a transaction; what
a transaction's body has begun is not, since only its caller knows whether it may be done twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from time import monotonic, sleep
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from rag.errors import (
    DatabaseAway,
    DatabaseBusy,
    DiskFull,
    Duplicate,
    SchemaTooNew,
    SettingsError,
    StoreError,
)
from rag.store.database.base import Found
from rag.store.database.place import Server
from rag.store.database.steps import POSTGRES_STEPS

Raw = psycopg.Connection[tuple[Any, ...]]
"""A connection of psycopg's."""
_T = TypeVar("_T")

OLDEST = 15
"""The oldest version of PostgreSQL that is supported: the one of Debian 12, tested here."""
PATIENCE = 10.0
"""Seconds for which a lost connection is tried again: PostgreSQL takes a second or two to start again."""
_PAUSE = 0.1
"""Seconds between two tries."""
_GIVEN: dict[str, object] = {
    "connect_timeout": 5,
    # After a cut nothing comes back, not even an error: these end the wait for it, after some ten seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "kutip",
}
"""Options of a connection that the address does not set itself."""
_SESSION = """
    SET lock_timeout = '30s';
    SET idle_in_transaction_session_timeout = '60s';
    SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
    SET tcp_user_timeout = 10000;
"""
"""What the server is told. A worker whose network was cut in a transaction holds up all others until the
server has noticed, which by its own settings takes two hours."""
NAMED_LOCK = "hashtextextended(current_schema() || '.' || %s, 0)"
"""The number of the advisory lock of a name. A database may hold several archives, each in a schema."""
_SCHEMA_LOCK = 0x6B75746970  # "kutip"
"""The advisory lock of those who change the schema."""


class Postgres:
    """One connection to the database, made again where it was lost, for up to `patience` seconds."""

    shared = True
    skip_locked = " FOR UPDATE SKIP LOCKED"

    def __init__(self, server: Server, patience: float = PATIENCE) -> None:
        self.place = server
        self._patience = patience
        self._lock = threading.RLock()
        self._db: Raw | None = connected(server)
        self._inside = False
        try:
            self.read_only = self._said("SHOW transaction_read_only") == "on"
        except BaseException:
            self.close()
            raise

    def migrate(self) -> None:
        with self._lock:
            self._again(lambda: _migrate(self._ready(), self.place, self.read_only))

    def rows(self, query: str, values: Sequence[object] = (), /) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._again(lambda: _executed(self._ready(), self.place, query, values).fetchall())

    @contextmanager
    def transaction(self, alone: str | None = None) -> Iterator[Statements]:
        with self._lock:
            self._again(lambda: self._begin(alone))
            db, self._inside = self._ready(), True
            try:
                yield Statements(db, self.place)
            except BaseException:
                with suppress(psycopg.Error):
                    db.execute("ROLLBACK")
                raise
            else:
                self._commit(db)
            finally:
                self._inside = False

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with self._lock:
            self._again(lambda: self._begin(None, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            self._inside = True
            try:
                yield
            finally:
                self._inside = False
                if self._db is not None:
                    with suppress(psycopg.Error):
                        self._db.execute("ROLLBACK")

    def inserted(self, query: str, key: str, rows: Sequence[Sequence[object]], /) -> list[int]:
        if not rows:
            return []
        keys: list[int] = []
        with reported(self.place), self._ready().cursor() as cursor:
            cursor.executemany(spelled(f"{query} RETURNING {key}"), map(_storable, rows), returning=True)
            while (row := cursor.fetchone()) is not None:
                keys.append(int(row[0]))
                cursor.nextset()
        return keys

    def notify(self, channel: str) -> None:
        _executed(self._ready(), self.place, "SELECT pg_notify(?, '')", (channel,))

    @contextmanager
    def overwriting(self) -> Iterator[None]:
        """PostgreSQL overwrites nothing by itself; its pages are used again after a while."""
        yield

    def last_numbers(self, numbered: Mapping[str, str]) -> dict[str, int]:
        last: dict[str, int] = {}
        for table, column in numbered.items():
            name = self._said(f"SELECT pg_get_serial_sequence('{table}', '{column}')")
            last[table] = self._said(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}")
        return last

    def go_on_from(self, numbered: Mapping[str, str], last: Mapping[str, int]) -> None:
        for table, column in numbered.items():
            name = f"pg_get_serial_sequence('{table}', '{column}')"
            self.rows(f"SELECT setval({name}, ?, ?)", (max(last[table], 1), last[table] > 0))

    def empty_log(self) -> None:
        """PostgreSQL's log is its own: it goes after the next checkpoint."""

    def clock(self) -> float:
        return float(self._said("SELECT extract(epoch FROM clock_timestamp())::float8"))

    def close(self) -> None:
        with self._lock:
            if self._db is not None:
                self._db.close()
            self._db = None

    # Inside

    def _said(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def _ready(self) -> Raw:
        """The connection. Raises DatabaseAway where no new one can be made, or a transaction has lost it."""
        if self._db is None or self._db.closed:
            if self._inside:
                raise DatabaseAway(f"the connection to {self.place} was lost", "it is made again by itself")
            self._db = connected(self.place)
        return self._db

    def _again(self, work: Callable[[], _T]) -> _T:
        """Does what may be done twice; where the connection is lost, at least once more."""
        if self._inside:
            return work()
        until, tried = monotonic() + self._patience, False
        while True:
            try:
                return work()
            except DatabaseAway:
                if tried and monotonic() >= until:
                    raise
                if tried:
                    sleep(_PAUSE)
                tried = True
                if self._db is not None:
                    # Whatever became of it, it is not used again.
                    self._db.close()

    def _begin(self, alone: str | None, begin: str = "BEGIN") -> None:
        db = self._ready()
        with reported(self.place):
            if db.info.transaction_status != TransactionStatus.IDLE:
                db.execute("ROLLBACK")
            db.execute(begin)
            if alone is not None:
                db.execute(f"SELECT pg_advisory_xact_lock({NAMED_LOCK})", (alone,))

    def _commit(self, db: Raw) -> None:
        try:
            with reported(self.place):
                db.execute("COMMIT")
        except DatabaseAway as error:
            # Whether the server had committed before the connection went, nobody here can know.
            raise DatabaseAway(error.message, error.advice, unknown=True) from error


class Statements:
    """Takes the statements of a transaction in the spelling that both databases share."""

    __slots__ = ("_db", "_place")

    def __init__(self, db: Raw, place: Server) -> None:
        self._db, self._place = db, place

    def execute(self, query: str, values: Sequence[object] = (), /) -> Found:
        return _executed(self._db, self._place, query, values)

    def executemany(self, query: str, rows: Iterable[Sequence[object]], /) -> None:
        with reported(self._place), self._db.cursor() as cursor:
            cursor.executemany(spelled(query), map(_storable, rows))


@contextmanager
def reported(place: Server) -> Iterator[None]:
    """Turns psycopg's errors into ours, without anything secret in them."""
    try:
        yield
    except psycopg.Error as error:
        raise _ours(error, place) from error


def connected(server: Server) -> Raw:
    """A new connection, in which each statement commits by itself. Raises DatabaseAway, SettingsError."""
    try:
        options = _GIVEN | conninfo_to_dict(server.url)
    except psycopg.Error:
        # Without psycopg's words, which may be a part of a password.
        raise SettingsError(f"the address {server} has a part that libpq cannot read", "check it") from None
    with reported(server):
        try:
            db = psycopg.connect(autocommit=True, **options)  # type: ignore[arg-type]  # by its names
        except psycopg.OperationalError as error:
            why = server.hidden(_first_line(error))
            raise DatabaseAway(
                f"{server} cannot be used ({why})", "start it, or check its address"
            ) from error
        try:
            if db.info.server_version < OLDEST * 10_000:
                version = db.info.parameter_status("server_version")
                raise StoreError(f"{server} is PostgreSQL {version}", f"{OLDEST} or newer is needed")
            if db.info.parameter_status("server_encoding") != "UTF8":
                raise StoreError(f"{server} does not hold UTF-8", "CREATE DATABASE … ENCODING 'UTF8'")
            db.execute(_SESSION)
            with suppress(psycopg.Error):  # where the server's system can tell that a client has gone
                db.execute("SET client_connection_check_interval = '5s'")
        except BaseException:
            db.close()
            raise
    return db


def listening(db: Raw, place: Server, channels: Sequence[str], seconds: float) -> frozenset[str]:
    """Listens on these channels too; those on which something is said, after `seconds` at most."""
    with reported(place):
        for channel in channels:
            db.execute(f'LISTEN "{channel}"')
        return frozenset(said.channel for said in db.notifies(timeout=seconds, stop_after=1))


def tried(db: Raw, place: Server, name: str) -> bool:
    """Whether the connection could take the lock of this name, until it ends."""
    with reported(place):
        row = db.execute(f"SELECT pg_try_advisory_lock({NAMED_LOCK})", (name,)).fetchone()
    return bool(row and row[0])


def unlock(db: Raw) -> None:
    """Gives up the locks of a connection. Closing it does so too, but the server takes its time."""
    with suppress(psycopg.Error):
        db.execute("SELECT pg_advisory_unlock_all()")


def lives(db: Raw, place: Server) -> None:
    """Raises DatabaseAway where the connection was lost."""
    with reported(place):
        db.execute("SELECT 1")


@lru_cache(maxsize=512)
def spelled(query: str) -> Any:
    """A query in psycopg's spelling."""
    return query.replace("%", "%%").replace("?", "%s")


def _executed(db: Raw, place: Server, query: str, values: Sequence[object]) -> Found:
    with reported(place):
        return db.execute(spelled(query), _storable(values))


def _storable(values: Sequence[object]) -> list[object]:
    """The values as PostgreSQL can hold them: its text has no NUL, the place of which is kept."""
    return [
        value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value
        for value in values
    ]


def _migrate(db: Raw, place: Server, read_only: bool) -> None:
    with reported(place):
        reached = _reached(db)
        if reached == len(POSTGRES_STEPS) or (read_only and reached == 0):
            if reached == 0:
                raise StoreError(f"{place} holds no archive and can only be read", "check the address")
            return
        with db.transaction():
            db.execute("SELECT pg_advisory_xact_lock(%s)", (_SCHEMA_LOCK,))
            db.execute("CREATE TABLE IF NOT EXISTS kutip_schema (number BIGINT NOT NULL)")
            reached = _reached(db)
            if reached > len(POSTGRES_STEPS):
                raise SchemaTooNew(
                    f"this archive has schema {reached}, and this Kutip knows up to {len(POSTGRES_STEPS)}",
                    "update Kutip, or use another database",
                )
            for step in POSTGRES_STEPS[reached:]:
                if step.strip():
                    db.execute(step.encode())
            db.execute("DELETE FROM kutip_schema")
            db.execute("INSERT INTO kutip_schema VALUES (%s)", (len(POSTGRES_STEPS),))


def _reached(db: Raw) -> int:
    there = db.execute("SELECT to_regclass('kutip_schema') IS NOT NULL").fetchone()
    if there is None or not there[0]:
        return 0
    row = db.execute("SELECT number FROM kutip_schema").fetchone()
    return int(row[0]) if row else 0


def _first_line(error: psycopg.Error) -> str:
    return " ".join(str(error).split("\n", 1)[0].split()) or type(error).__name__


def _ours(error: psycopg.Error, place: Server) -> StoreError:
    """Our error for one of psycopg's (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
    state, why = error.sqlstate or "", place.hidden(_first_line(error))
    message = f"the archive in {place} cannot be used ({why})"
    if state == "53100":
        return DiskFull(f"the disk of {place} is full", "make room on it and run it again")
    if state == "23505":
        return Duplicate(message)
    if state in ("55P03", "40P01", "40001"):
        return DatabaseBusy(message, "run it again")
    away = state[:2] in ("08", "53") or state in ("57P01", "57P02", "57P03", "57P05", "25P03")
    if away or (not state and isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))):
        return DatabaseAway(message, "start it, or check the network")
    return StoreError(message)
