"""What can go wrong, as one tree.

    KutipError                 every error with a line for the user
    ├── Cancelled              whoever asked does not want the answer any more
    ├── InputError             what was given cannot be used: a file, a line, a question
    ├── SettingsError          a setting is missing or wrong
    ├── ModelError             a model's file is missing, broken or not the one expected
    │   └── EmbedderMismatch   the store's vectors come from another embedder
    ├── ReaderCrashed          reader processes died of a question
    ├── NoReply                a chat model or its server gave no answer; the reader does then
    └── StoreError             the archive or a projection cannot be opened or written
        ├── SchemaTooNew       a later Kutip wrote the archive
        ├── StoreBusy          another process owns the projections
        ├── DiskFull           there is no room left to write
        ├── Unreachable        a server that the store needs does not answer
        ├── Conflict           another process changed the article first
        └── DatabaseError      the archive's database refuses
            ├── DatabaseAway   PostgreSQL does not answer, or the connection was lost
            ├── DatabaseBusy   others hold what is to be written for too long
            └── Duplicate      a row with this key is there already

An error is one line that says what is wrong; `advice` says what to do about it.
"""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

ROOM = 1 << 20
"""Bytes free under which a disk counts as full, since libraries report a failed write in many ways."""


class KutipError(Exception):
    """An error with one line for the user and, where there is one, what to do."""

    def __init__(self, message: str, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message}: {self.advice}" if self.advice else self.message


class Cancelled(KutipError):
    """Whoever asked does not want the answer any more."""


class InputError(KutipError):
    """What was given cannot be used."""


class SettingsError(KutipError):
    """A setting is missing or wrong."""


class ModelError(KutipError):
    """A model's file is missing, broken or not the one expected."""


class EmbedderMismatch(ModelError):
    """The store's vectors come from another embedder than the one in use."""


class ReaderCrashed(KutipError):
    """Reader processes died of a question, and nobody tries it again."""


class NoReader(Exception):
    """No reader process can read this: whoever asks reads it without them. Never reaches a user."""


class NoReply(KutipError):
    """A chat model or its server gave no answer in time."""


class StoreError(KutipError):
    """The archive or a projection cannot be opened or written."""


class SchemaTooNew(StoreError):
    """A later version of Kutip wrote the archive."""


class StoreBusy(StoreError):
    """Another process owns the projections."""


class DiskFull(StoreError):
    """There is no room left to write."""


class Unreachable(StoreError):
    """A server that the store needs does not answer."""


class Conflict(StoreError):
    """Another process changed the article first."""


class DatabaseError(StoreError):
    """The archive's database refuses; the projections are not to blame."""


class DatabaseAway(DatabaseError):
    """PostgreSQL does not answer, or the connection to it was lost.

    `unknown`: it was lost while a transaction was being committed, which may have happened or not.
    """

    def __init__(self, message: str, advice: str | None = None, unknown: bool = False) -> None:
        super().__init__(message, advice)
        self.unknown = unknown


class DatabaseBusy(DatabaseError):
    """Others hold what is to be written for too long."""


class Duplicate(DatabaseError):
    """A row with this key is there already."""


def panicked(error: BaseException) -> bool:
    """Whether an error is a panic of a library in Rust, which PyO3 raises as a BaseException, past `except
    Exception`. Only the call to that library has failed; the process can go on.
    """
    return type(error).__module__ == "pyo3_runtime"


def store_error(
    message: str, place: Path, advice: str | None = None, cause: OSError | None = None
) -> StoreError:
    """The error to raise for a file under `place` that cannot be used; DiskFull if the disk is full.

    `cause` is the system's own error, where there is one: it is believed if it says something else.
    """
    if cause is not None and cause.errno not in (None, errno.ENOSPC, errno.EDQUOT):
        return StoreError(message, advice)
    there = next((path for path in (place, *place.parents) if path.exists()), Path("/"))
    try:
        usage = shutil.disk_usage(there)
        # A file system of the kernel's own, such as /proc, has no room at all and is not full.
        full = usage.total > 0 and usage.free < ROOM
    except OSError:
        full = False
    if full:
        return DiskFull(f"the disk that {there} is on is full", "make room on it and run it again")
    return StoreError(message, advice)
