"""A PostgreSQL server of the tests' own, on a Unix socket in a temporary folder; one schema a test."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote

from rag.store.database.place import Server

SECONDS = 60.0
"""How long a server may take to start on a busy machine."""
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "listen_addresses": "",
}
"""Settings with which nothing survives a power cut, and nothing has to."""


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest from version 15 on; None where there is none."""
    named = shutil.which("initdb")
    found = [Path(named).resolve().parent] if named else []
    found += Path("/usr/lib/postgresql").glob("*/bin")
    usable = [(_version(folder), folder) for folder in found if (folder / "initdb").exists()]
    return max((each for each in usable if each[0] >= 15), default=(0, None))[1]


def _version(folder: Path) -> int:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"\d+", said.stdout)
    return int(number.group()) if number else 0


class Cluster:
    """A running server. It can be stopped and started again, as an operator would."""

    def __init__(self, folder: Path, programs: Path, user: str | None) -> None:
        self._folder, self._programs, self._user = folder, programs, user
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        command = [self._programs / "initdb", "-D", self._folder / "data", "-U", "kutip", "-A", "trust"]
        subprocess.run(
            [*command, "--no-sync", "--encoding", "UTF8", "--locale", "C"],
            check=True,
            user=self._user,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
        )

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        settings = [part for name, value in _FAST.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, *settings],
            user=self._user,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
        until = time.monotonic() + SECONDS
        asked = [self._programs / "pg_isready", "-q", "-h", self._folder]
        while subprocess.run(asked, check=False).returncode != 0:
            assert self._process.poll() is None, "PostgreSQL did not start"
            assert time.monotonic() < until, "PostgreSQL does not answer"
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stops it: SIGINT ends all connections at once, SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(SECONDS)
        self._process = None

    def server(self, schema: str | None = None) -> Server:
        """A new schema, empty, as the address of a database."""
        name = schema or f"test{next(self._numbers)}"
        self.run(f"CREATE SCHEMA IF NOT EXISTS {name}")
        return self.address(f"-csearch_path={name}")

    def address(self, options: str = "", user: str = "kutip:not-to-be-seen") -> Server:
        host = quote(str(self._folder), safe="")
        return Server(f"postgresql://{user}@/postgres?host={host}&options={quote(options, safe='')}")

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Runs one statement as the owner of everything."""
        import psycopg

        with psycopg.connect(self.address().url, autocommit=True) as db:
            done = db.execute(statement.encode())
            return done.fetchall() if done.description else []


@contextmanager
def running() -> Iterator[Cluster]:
    """A server that is there until the end. It refuses to run as root, so it runs as another user then."""
    where = programs()
    assert where is not None
    user = next((name for name in ("postgres", "nobody") if _known(name)), None) if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="kutip-pg-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        cluster = Cluster(folder, where, user)
        cluster.make()
        cluster.start()
        try:
            yield cluster
        finally:
            # Nothing of it is needed again, and an orderly end writes all of it.
            cluster.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _known(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False
