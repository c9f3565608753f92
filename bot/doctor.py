"""`kutip doctor`: checks everything that Kutip needs, piece by piece. Changes nothing."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np

import rag
from bot.naming import counted
from bot.settings import Settings
from rag.errors import KutipError, StoreBusy
from rag.store.archive import Archive
from rag.store.backup import verify
from rag.store.database.health import health
from rag.store.database.place import Server
from rag.store.feeds import Feeds
from rag.store.generations import Generations
from rag.store.projections import Projections
from rag.text.terms import FORMAT

State = Literal["ok", "warning", "broken"]
Line = tuple[State, str]

ROOM = 1 << 30
"""Free bytes that are enough for some 100,000 articles."""
MEMORY = 700 << 20
"""Bytes that answering over 100,000 chunks was measured to take."""
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
"""A clock that shows an earlier day is wrong."""
_GIGA = 1 << 30
"""Bytes."""
_TAKE_BACK = "add what is missing again, or `kutip restore FILE` takes a backup back"
"""What to do about lost commits."""
_TOKEN = re.compile(r"\d{3,20}:[\w-]{30,}")
"""The form of a bot token."""


def examine() -> Iterator[Line]:
    """Yield a line for each piece: (ok, warning or broken; what was found and what to do if it is wrong)."""
    try:
        settings = Settings.read()
    except KutipError as error:
        yield "broken", f"settings: {error}"
        return
    yield "ok", f"settings: {sum(1 for _ in Settings.listed())}, listed by `kutip doctor --settings`"
    yield from _models(settings)
    yield from _room(settings)
    yield from _clock()
    if isinstance(settings.place, Path):
        yield from _store(settings)
    else:
        yield "ok", f"worker: {settings.worker}; KUTIP_WORKER names it"
        yield from _database(settings, settings.place)


def _models(settings: Settings) -> Iterator[Line]:
    folder = Path(rag.__path__[0]) / "models"
    try:
        with np.load(folder / "reader.npz", allow_pickle=False) as head:
            named = str(head["sha256"])
        found = hashlib.sha256((folder / "reader.gguf").read_bytes()).hexdigest()
        if named != found:
            yield "broken", "reader: its file is damaged; install Kutip again"
        else:
            yield "ok", f"reader: SHA-256 {found[:12]}… as it should be"
    except (OSError, KeyError, ValueError) as error:
        yield "broken", f"reader: its files cannot be read ({error}); install Kutip again"
    for name, load in _SHIPPED.items():
        try:
            load()
            yield "ok", f"{name}: shipped, and it loads"
        except (KutipError, OSError, ValueError, KeyError) as error:
            yield "broken", f"{name}: {error}; install Kutip again"
    if settings.embedder is not None:
        if settings.embedder.is_file():
            yield "ok", f"embedder: {settings.embedder}"
        else:
            yield "broken", f"embedder: {settings.embedder} is no file; set KUTIP_EMBEDDER to a GGUF model"
    servers = [each for each in (settings.chroma_url, settings.model_url) if each]
    if settings.database_url is not None:
        servers.append("the database")
    if servers:
        yield "warning", f"offline: answers need {' and '.join(servers)}"
    else:
        yield "ok", "offline: nothing that answers needs a network"
    token = settings.telegram_token.get_secret_value() if settings.telegram_token else None
    if token is None:
        yield "ok", "telegram: no token; KUTIP_TELEGRAM_TOKEN is for `kutip telegram` only"
    elif _TOKEN.fullmatch(token):
        yield "ok", "telegram: the token has the right form"
    else:
        yield (
            "broken",
            "telegram: the token does not have the form 123456:ABC…; copy it from @BotFather again",
        )


def _embedding() -> object:
    from rag.search.embed import StaticEmbedder

    return StaticEmbedder().id


def _lexicon() -> object:
    from rag.search.lexicon import Lexicon

    return Lexicon.load()


def _encoding() -> object:
    from rag.text.encoding import encoding

    return encoding()


_SHIPPED: dict[str, Callable[[], object]] = {
    "embedding": _embedding,
    "lexicon": _lexicon,
    "encoding": _encoding,
}
"""What opens each shipped model."""


def _room(settings: Settings) -> Iterator[Line]:
    home = settings.home
    # `Path.exists` raises for a name that is too long; `os.path.exists` says False.
    there = next(path for path in (home, *home.parents) if os.path.exists(path))
    usage = shutil.disk_usage(there)
    # A file system without files of its own, such as /proc, has a size of 0 and is not full.
    if there == home and not os.access(there, os.W_OK) and settings.archive.exists():
        yield "warning", f"home: {home} can only be read"
    elif not (there.is_dir() and os.access(there, os.W_OK) and usage.total):
        yield "broken", f"home: {home} cannot be written; set KUTIP_HOME to a folder that can"
    else:
        yield "ok", f"home: {home}"
        said = f"disk: {usage.free / _GIGA:.1f} GB free where {there} is"
        yield ("ok", said) if usage.free >= ROOM else ("warning", f"{said}; make room")
    memory = _memory()
    if memory is None:
        yield "ok", "memory: this system does not say how much is free"
    else:
        said = f"memory: {memory / _GIGA:.1f} GB free"
        yield ("ok", said) if memory >= MEMORY else ("warning", f"{said}; answering takes up to 0.7 GB")


def _memory() -> int | None:
    """Bytes that a new program can have, where the system says so (Linux)."""
    path = Path("/proc/meminfo")
    if path.exists():
        for line in path.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _clock() -> Iterator[Line]:
    now = datetime.now(UTC)
    if now < RELEASED:
        yield "warning", f"clock: it shows {now:%Y-%m-%d}, before this Kutip was made; set it right"
    else:
        yield "ok", f"clock: {datetime.now().astimezone():%Y-%m-%d %H:%M %Z}"


def _store(settings: Settings) -> Iterator[Line]:
    path = settings.archive
    if not os.path.exists(path):
        yield "warning", "archive: there is none yet; `kutip demo` or `kutip ingest` makes one"
        return
    lost = _log_is_lost(path)
    if lost:
        yield "broken", lost
    try:
        began = time.perf_counter()
        number, chunks = verify(path)
        archive = Archive(path)
    except KutipError as error:
        yield "broken", f"archive: {error.message}; `kutip restore FILE` takes a backup back"
        return
    try:
        took = time.perf_counter() - began
        size = f"{counted(number, 'article')}, {counted(chunks, 'chunk')}"
        yield "ok", f"archive: {size}, sound (checked in {took:.1f} s)"
        if archive.read_only:
            yield "warning", f"archive: {path} can only be read; questions are answered, nothing can be added"
        if not lost and (behind := _is_behind(settings, archive)):
            yield "broken", behind
        yield from _projections(settings, archive)
        yield from _feeds(archive)
    finally:
        archive.close()


def _database(settings: Settings, server: Server) -> Iterator[Line]:
    try:
        found = health(server)
    except KutipError as error:
        yield "broken", f"database: {error}"
        return
    took = f"PostgreSQL {found.version}, answers in {1000 * found.answers_in:.1f} ms"
    yield "ok", f"database: {server}, {took}, {found.connections} of {found.most_connections} connections"
    if not found.durable:
        yield "warning", "database: fsync or synchronous_commit is off there: a power cut may lose commits"
    if not found.reached:
        yield (
            "warning",
            "archive: there is none in the database yet; `kutip ingest` or `kutip copy` makes one",
        )
        return
    for name, left, chats in found.workers:
        if left > 0:
            yield "ok", f"worker {name}: it runs the bot, and is answering {counted(chats, 'chat')}"
        else:
            yield (
                "warning",
                f"worker {name}: silent; a worker that runs takes over its {counted(chats, 'chat')}",
            )
    if found.without_vector:
        yield (
            "broken",
            f"archive: {counted(found.without_vector, 'chunk')} without a vector; restore a backup",
        )
    try:
        archive = Archive(server)
    except KutipError as error:
        yield "broken", f"archive: {error}"
        return
    with closing(archive):
        number, chunks = archive.counts()
        yield "ok", f"archive: {counted(number, 'article')}, {counted(chunks, 'chunk')}"
        if found.read_only:
            yield "warning", "archive: it can only be read; questions are answered, nothing can be added"
        if behind := _is_behind(settings, archive):
            yield "broken", behind
        yield from _projections(settings, archive)
        yield from _feeds(archive)


def _log_is_lost(path: Path) -> str | None:
    """The line for an archive whose write-ahead log somebody has deleted; None if it is there. SQLite itself
    deletes the log only together with the `-shm` file."""
    log, index = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    if log.exists() or not index.exists():
        return None
    return f"archive: {log.name} was deleted, and what was committed last with it; {_TAKE_BACK}"


def _is_behind(settings: Settings, archive: Archive) -> str | None:
    """The line for an archive that lacks commits which the indexes have."""
    generations = Generations(settings.projections)
    current = generations.named("current")
    if current is None:
        return None
    marks = generations.state(current, FORMAT).marks.values()
    missing = max(mark.change for mark in marks) - archive.change()
    if missing <= 0:
        return None
    return f"archive: it lacks {counted(missing, 'commit')} that the indexes have taken; {_TAKE_BACK}"


def _projections(settings: Settings, archive: Archive) -> Iterator[Line]:
    said: list[str] = []
    try:
        projections = Projections(
            settings.projections, archive, chroma_url=settings.chroma_url, say=said.append
        )
    except StoreBusy as busy:
        yield "ok", f"indexes: {busy.message}, which keeps them up to date"
        return
    except KutipError as error:
        yield "broken", f"indexes: {error}; `kutip rebuild` builds them again"
        return
    try:
        lag = projections.lag()
        if not projections.whole and settings.chroma_url:
            yield "warning", f"indexes: Chroma at {settings.chroma_url} does not answer, or lags; start it"
        elif said:
            yield "warning", f"indexes: {' '.join(said)}"
        elif lag:
            yield "ok", f"indexes: {lag} commits behind the archive; the next question takes them in"
        else:
            yield "ok", "indexes: sound and up to date"
    finally:
        projections.close()


def _feeds(archive: Archive) -> Iterator[Line]:
    for feed in Feeds(archive).feeds():
        if feed.failing_since:
            yield (
                "warning",
                f"feed: {feed.url} has not answered since {feed.failing_since}; check its address",
            )
        else:
            yield "ok", f"feed: {feed.url}"
