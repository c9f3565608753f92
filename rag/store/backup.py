"""The archive as one file, made while it is in use, and back again.

A backup holds articles with their old versions and vectors, feeds, and the bot's tables without
conversations: otherwise a conversation that a reader deletes would live on in it. It holds no indexes, since
they are made from the archive.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from rag.errors import InputError, SchemaTooNew, store_error
from rag.store.connection import BUSY_SECONDS, make_private, make_private_folder, reading
from rag.store.database.place import Place
from rag.store.schema import BOT, STEPS, forget_conversations, migrate

_RESTORED = ".restored"
"""The ending of the file in which a restore prepares the archive."""


def backup(archive: Place, target: Path, replace: bool = False) -> tuple[int, int]:
    """Writes what is committed to `target`, whole or not at all, opens it, and counts its articles and
    chunks. Others may read and write the archive meanwhile.

    Raises InputError where the file is there and `replace` is not set, or the archive is in PostgreSQL, which
    has tools of its own; StoreError where it cannot be written.
    """
    archive = in_file(archive)
    if target.exists() and not replace:
        raise InputError(f"{target} is there already", "`--force` replaces it")
    if target.resolve() == archive.resolve():
        raise InputError(f"{target} is the archive itself", "name another file")
    part = target.with_name(target.name + ".part")
    try:
        make_private_folder(target.parent)
        part.unlink(missing_ok=True)
        with closing(reading(archive)) as db:
            db.execute("VACUUM INTO ?", (str(part),))
        make_private(part)
        with closing(sqlite3.connect(part, isolation_level=None)) as db:
            forget_conversations(db)
        counts = verify(part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, target)
    except (OSError, sqlite3.Error) as error:
        raise store_error(f"the backup {target} cannot be written ({error})", target) from error
    finally:
        part.unlink(missing_ok=True)
    return counts


def in_file(archive: Place) -> Path:
    """The archive's file. Raises InputError where it is in PostgreSQL, which has tools of its own."""
    if isinstance(archive, Path):
        return archive
    raise InputError(
        "the archive is in PostgreSQL, whose own tools back it up",
        'pg_dump --format=custom --file=FILE "$KUTIP_DATABASE_URL" makes a backup, pg_restore takes it back, '
        "and `kutip copy` moves the archive to a file",
    )


def verify(path: Path) -> tuple[int, int]:
    """How many articles and chunks a backup holds.

    Raises InputError where it is no backup or a damaged one, SchemaTooNew where a later Kutip made it.
    """
    if not path.is_file():
        raise InputError(f"{path} is no file", "check the path")
    try:
        with closing(reading(path)) as db:
            reached = int(db.execute("PRAGMA user_version").fetchone()[0])
            if reached > len(STEPS):
                raise SchemaTooNew(
                    f"{path} has schema {reached}, and this Kutip knows up to {len(STEPS)}", "update Kutip"
                )
            said = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if said != "ok":
                raise InputError(f"{path} is damaged ({said})", "use another backup")
            articles = db.execute("SELECT count(*) FROM article WHERE removed_at IS NULL").fetchone()[0]
            chunks, vectors = db.execute(
                "SELECT (SELECT count(*) FROM chunk), (SELECT count(*) FROM vector)"
            ).fetchone()
    except sqlite3.Error as error:
        raise InputError(f"{path} is no backup of Kutip, or a damaged one ({error})") from error
    if chunks != vectors:
        raise InputError(f"{path} lacks vectors", "use another backup")
    return int(articles), int(chunks)


def put_back(path: Path, archive: Path) -> None:
    """Puts a verified backup's content in place of the archive's, in one transaction: whoever has the
    archive open sees the old or the new. A backup of an earlier Kutip is brought up to date.

    The conversations of this archive stay, and none comes from the backup, so nothing old is answered again.
    Raises StoreError.
    """
    part = archive.with_name(archive.name + _RESTORED)
    try:
        sweep(archive)
        with (
            closing(reading(path)) as source,
            closing(sqlite3.connect(part, isolation_level=None)) as made,
            closing(sqlite3.connect(archive, timeout=BUSY_SECONDS, isolation_level=None)) as target,
        ):
            make_private(part)
            source.backup(made)
            migrate(made)
            forget_conversations(made)
            _keep_present(made, archive)
            target.execute("PRAGMA synchronous = FULL")
            made.backup(target)
    except (OSError, sqlite3.Error) as error:
        raise store_error(f"{path} cannot be restored ({error})", archive, "nothing was changed") from error
    finally:
        sweep(archive)


def sweep(archive: Place) -> None:
    """Deletes what a restore that was killed has left beside the archive's file. Raises OSError."""
    if not isinstance(archive, Path):
        return
    for each in archive.parent.glob(f"{archive.name}{_RESTORED}*"):
        each.unlink(missing_ok=True)


def _keep_present(made: sqlite3.Connection, archive: Path) -> None:
    """Takes the bot's tables from the present archive, if any of them has a row."""
    made.execute("ATTACH ? AS present", (str(archive),))
    try:
        own = [table for table in BOT if made.execute(f"SELECT 1 FROM present.{table} LIMIT 1").fetchone()]
        if own:
            made.execute("BEGIN IMMEDIATE")
            # Feedback and audit refer to answers and to each other by number, so all tables must be from one
            # archive.
            for table in BOT:
                made.execute(f"DELETE FROM main.{table}")
                made.execute(f"INSERT INTO main.{table} SELECT * FROM present.{table}")
            made.execute("COMMIT")
    finally:
        made.execute("DETACH present")
