"""Connections to the archive's file. The file is private, a read-only one can be read, and SQLite's errors
become StoreError."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rag.errors import DatabaseBusy, Duplicate, store_error

BUSY_SECONDS = 30.0
"""Seconds to wait for another process that writes."""
LOG_SECONDS = 1.0
"""Seconds that readers may hold up the emptying of the write-ahead log."""
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
"""Modes of what holds articles and conversations: for its owner alone."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection that several threads may share, in which each statement commits by itself.

    Where the file or its folder cannot be written, the connection is read-only. Raises StoreError.
    """
    try:
        make_private_folder(path.parent)
    except OSError as error:
        raise store_error(
            f"the folder {path.parent} cannot be made ({error.strerror})",
            path,
            "set KUTIP_HOME to a folder that you may write to",
            error,
        ) from error
    try:
        if cannot_write(path):
            return _reading(path)
        db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise store_error(f"the archive {path} cannot be opened ({error})", path) from error
    make_private(path)
    return db


def reading(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing, not even the files beside it that SQLite would make.

    Raises sqlite3.Error.
    """
    return _reading(path) if cannot_write(path) else _opened(path, "mode=ro")


def cannot_write(path: Path) -> bool:
    """Whether the file is there, and it or its folder cannot be written."""
    return path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def make_private_folder(folder: Path) -> None:
    """Makes a folder for its owner alone; one that is there stays as it is. Raises OSError."""
    # A file in its place is refused by mkdir.
    if not folder.is_dir():
        folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)


def make_private(path: Path) -> None:
    """Lets nobody but its owner read a file, and what SQLite keeps beside it.

    Whoever may not change that is not the owner, and the owner's choice stands.
    """
    for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        with suppress(OSError):
            if each.stat().st_mode & 0o077:
                each.chmod(PRIVATE_FILE)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """One transaction, all or nothing, on a connection that otherwise commits each statement."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def empty_log(db: sqlite3.Connection) -> None:
    """Empties the write-ahead log, which holds pages as they were before something was deleted.

    It does not wait for a reader that takes long, such as a backup; the log is then emptied the next time.
    Raises sqlite3.Error.
    """
    usual = int(db.execute("PRAGMA busy_timeout").fetchone()[0])
    db.execute(f"PRAGMA busy_timeout = {int(LOG_SECONDS * 1000)}")
    try:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        db.execute(f"PRAGMA busy_timeout = {usual}")


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into StoreError, and DatabaseBusy or Duplicate where that is what they say."""
    try:
        yield
    except sqlite3.Error as error:
        message = f"the archive {path} cannot be used ({error})"
        code = getattr(error, "sqlite_errorcode", 0)
        if code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
            raise Duplicate(message) from error
        if code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise DatabaseBusy(message, "another process writes; run it again") from error
        raise store_error(message, path) from error


def _reading(path: Path) -> sqlite3.Connection:
    """A read-only connection. SQLite wants to write a file beside the write-ahead log; where it cannot,
    `immutable` says that nobody else writes."""
    db = _opened(path, "mode=ro")
    try:
        db.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        db.close()
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise  # SQLite would leave out what is in the log
        db = _opened(path, "mode=ro&immutable=1")
    return db


def _opened(path: Path, options: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?{options}"
    return sqlite3.connect(
        address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
