"""What an operator wants to know of a PostgreSQL database."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from time import perf_counter

from rag.store.database.opening import open_database
from rag.store.database.place import Server


@dataclass(frozen=True, slots=True)
class Health:
    """`answers_in`: seconds of one small question. `durable`: committed means on the disk. `reached`: the
    schema's step, 0 where there is no archive yet. `without_vector`: chunks that lack theirs. `workers`: each
    worker of the bot, the seconds until its lease is over, and how many chats it is answering."""

    version: str
    answers_in: float
    connections: int
    most_connections: int
    durable: bool
    read_only: bool
    reached: int
    without_vector: int
    workers: tuple[tuple[str, float, int], ...]


def health(server: Server) -> Health:
    """Looks at the database and changes nothing. Raises StoreError, SettingsError."""
    with closing(open_database(server, patience=0.0)) as db:
        began = perf_counter()
        db.rows("SELECT 1")
        took = perf_counter() - began

        def said(query: str) -> str:
            return str(db.rows(query)[0][0])

        there = said("SELECT to_regclass('kutip_schema') IS NOT NULL") == "True"
        reached = int(said("SELECT coalesce(max(number), 0) FROM kutip_schema")) if there else 0
        lacking = "SELECT count(*) FROM chunk WHERE key NOT IN (SELECT chunk FROM vector)"
        chats = "(SELECT count(*) FROM claim WHERE claim.worker = worker.id)"
        alive = f"SELECT name, until, {chats} FROM worker ORDER BY name"
        now = db.clock()
        return Health(
            version=said("SHOW server_version").split()[0],
            answers_in=took,
            connections=int(
                said("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
            ),
            most_connections=int(said("SHOW max_connections")),
            durable=said("SHOW fsync") == "on" and said("SHOW synchronous_commit") != "off",
            read_only=db.read_only,
            reached=reached,
            without_vector=int(said(lacking)) if reached else 0,
            workers=tuple((name, until - now, n) for name, until, n in db.rows(alive))
            if reached >= 7
            else (),
        )
