"""Opens an archive's database, whichever it is."""

from __future__ import annotations

from pathlib import Path

from rag.errors import SettingsError
from rag.store.database.base import Database
from rag.store.database.place import Place
from rag.store.database.sqlite import SQLite

PATIENCE = 10.0
"""Seconds for which a lost connection to PostgreSQL is tried again, which takes a second or two to start."""


def open_database(place: Place, *, patience: float = PATIENCE, overwrite: bool = False) -> Database:
    """One connection to the database at `place`; psycopg is imported only for one of PostgreSQL's.

    `patience`: for how many seconds a lost connection is tried again, more than once. `overwrite`: SQLite
    overwrites what is deleted. Raises StoreError, and SettingsError where psycopg is not installed.
    """
    if isinstance(place, Path):
        return SQLite(place, overwrite)
    try:
        from rag.store.database.postgres import Postgres
    except ImportError as error:
        raise SettingsError(
            f"{place} needs psycopg, which is not installed ({error.name or error})",
            "pip install 'kutip[postgres]'",
        ) from error
    return Postgres(place, patience)
