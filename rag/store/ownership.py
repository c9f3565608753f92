"""One process at a time owns the folder of the projections.

The owner holds `lock`, and `owner` names it. Where the folder can only be read, its owner works on a copy,
which is thrown away.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import StoreBusy, store_error
from rag.store.connection import PRIVATE_FOLDER

_OURS = ("lock", "owner")
"""Files of ownership itself, which a copy leaves out."""


class Ownership:
    """Takes ownership of the folder. Raises StoreBusy where another process owns it, StoreError where it
    cannot be used."""

    def __init__(self, folder: Path) -> None:
        self._copy: str | None = None
        try:
            self.folder = self._copied(folder) if _only_read(folder) else folder
            # One for the process: a long input opens the store in one thread, and another one closes it.
            self._lock = FileLock(self.folder / "lock", thread_local=False)
            self.folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
            (self.folder / "owner").write_text(f"process {os.getpid()} ({command})", encoding="utf-8")
        except Timeout as error:
            raise StoreBusy(
                f"the store is in use by {_owner(folder)}",
                "ask there, or end it; articles can be added meanwhile",
            ) from error
        except OSError as error:
            self.release()
            raise store_error(
                f"the store's folder {folder} cannot be used ({error})", folder, cause=error
            ) from error

    @property
    def held(self) -> bool:
        """Whether this process still owns the folder."""
        return self._lock.is_locked

    @property
    def copied(self) -> bool:
        """Whether the folder can only be read, and `folder` is a copy of it."""
        return self._copy is not None

    def release(self) -> None:
        """Gives the folder up."""
        try:
            if self._lock.is_locked:
                (self.folder / "owner").unlink(missing_ok=True)
        except OSError:
            pass  # a full disk: the next owner writes its own name
        finally:
            self._lock.release()
            if self._copy is not None:
                shutil.rmtree(self._copy, ignore_errors=True)

    def _copied(self, folder: Path) -> Path:
        self._copy = tempfile.mkdtemp(prefix="kutip-")
        copy = Path(self._copy) / "projections"
        if folder.is_dir():
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(*_OURS))
            for path in [copy, *copy.rglob("*")]:
                # A copy has its source's mode, which may not let its owner write.
                path.chmod(PRIVATE_FOLDER if path.is_dir() else 0o600)
        return copy


def _only_read(folder: Path) -> bool:
    """Whether a folder, or for a missing one its parent, cannot be written."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), Path("/"))
    return there.is_dir() and not os.access(there, os.W_OK)


def _owner(folder: Path) -> str:
    try:
        return (folder / "owner").read_text(encoding="utf-8") or "another process"
    except (OSError, UnicodeDecodeError):
        return "another process"
