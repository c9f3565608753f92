"""The whole archive as one file, made while it is in use, and back again.

Feeds, old versions and vectors are in it; the indexes are not, since they are made from it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from rag.errors import InputError, SchemaTooNew, StoreError, store_error
from rag.store.schema import STEPS, migrate


def backup(archive: Path, target: Path, replace: bool = False) -> tuple[int, int]:
    """Writes what is committed to `target`, whole or not at all, opens it, and counts its articles and
    chunks. Others may read and write the archive meanwhile.

    Raises InputError where the file is there and `replace` is not set, StoreError where it cannot be written.
    """
    if target.exists() and not replace:
        raise InputError(f"{target} is there already", "`--force` replaces it")
    if target.resolve() == archive.resolve():
        raise InputError(f"{target} is the archive itself", "name another file")
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(f"{archive.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.execute("VACUUM INTO ?", (str(part),))
        counts = verify(part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, target)
    except (OSError, sqlite3.Error) as error:
        raise store_error(f"the backup {target} cannot be written ({error})", target) from error
    finally:
        part.unlink(missing_ok=True)
    return counts


def verify(path: Path) -> tuple[int, int]:
    """How many articles and chunks a backup holds.

    Raises InputError where it is no backup or a damaged one, SchemaTooNew where a later Kutip made it.
    """
    if not path.is_file():
        raise InputError(f"{path} is no file", "check the path")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
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
    archive open sees the old or the new. One of an earlier Kutip is brought up to date."""
    try:
        source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        with closing(source), closing(sqlite3.connect(archive, timeout=30.0, isolation_level=None)) as target:
            target.execute("PRAGMA synchronous = FULL")
            source.backup(target)
            migrate(target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} cannot be restored ({error})", "nothing was changed") from error
