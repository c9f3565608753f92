"""One PostgreSQL for several machines, which can be stopped hard and started again."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from lab.many.machines import DATABASE

BINARIES = Path("/usr/lib/postgresql/15/bin")
PORT = 54329


class Postgres:
    """A server of its own, which its own user runs, with its files in a new folder. As shipped, but that it
    lets in whoever is on the machines' network. Use as a context manager."""

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="kutip-many-"))
        shutil.chown(self._folder, "postgres", "postgres")
        self._data = self._folder / "data"
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "kutip", "-E", "UTF8", "--no-locale")
        with (self._data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.71.0.0/16 trust\n")
        self._start()
        self._run("createdb", "-h", str(self._folder), "-p", str(PORT), "-U", "kutip", "kutip")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "stop", check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"postgresql://kutip@{DATABASE}:{PORT}/kutip"

    def restart(self, how: str) -> None:
        """Starts the server again: `fast` lets it say good-bye, `immediate` is as a loss of power."""
        self._run("pg_ctl", "-D", str(self._data), "-m", how, "-w", "stop")
        self._start()

    def _start(self) -> None:
        options = f"-c listen_addresses={DATABASE} -c port={PORT} -c unix_socket_directories={self._folder}"
        log = self._folder / "log"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(log), "-o", options, "start")

    def _run(self, program: str, *words: str, check: bool = True) -> None:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        environment = {**os.environ, "LC_ALL": "C"}
        subprocess.run(
            [*command, str(BINARIES / program), *words],
            check=check,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=environment,
        )
