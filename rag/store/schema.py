"""The archive's schema as numbered steps: forward only, each in one transaction.

The number that an archive has reached is SQLite's `user_version`. A step that has landed is never
edited; a change is a new step.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from rag.errors import SchemaTooNew

STEPS: tuple[str, ...] = (
    # 1: articles, versions, sentences, chunks, vectors, and the change number.
    """
    CREATE TABLE change (number INTEGER NOT NULL);
    INSERT INTO change VALUES (0);
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    INSERT INTO meta VALUES ('id', lower(hex(randomblob(8))));

    CREATE TABLE article (
        id TEXT PRIMARY KEY,
        version INTEGER NOT NULL,      -- the current one
        removed_at TEXT                -- not null: kept for old answers, no longer found
    );
    CREATE TABLE version (
        article TEXT NOT NULL REFERENCES article ON DELETE CASCADE,
        version INTEGER NOT NULL,
        url TEXT, title TEXT, published TEXT,
        language TEXT NOT NULL,
        text TEXT NOT NULL,
        digest TEXT NOT NULL,          -- of the source as it was read: tells `unchanged`
        removed TEXT NOT NULL,         -- JSON: [kind, start, text] of each stretch cleaned away
        added_at TEXT NOT NULL,
        PRIMARY KEY (article, version)
    );
    CREATE INDEX version_url ON version (url) WHERE url IS NOT NULL;
    CREATE TABLE sentence (
        article TEXT NOT NULL, version INTEGER NOT NULL, number INTEGER NOT NULL,
        start INTEGER NOT NULL, stop INTEGER NOT NULL,
        PRIMARY KEY (article, version, number),
        FOREIGN KEY (article, version) REFERENCES version ON DELETE CASCADE
    ) WITHOUT ROWID;

    CREATE TABLE chunk (               -- of current versions only
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        article TEXT NOT NULL, version INTEGER NOT NULL, number INTEGER NOT NULL,
        first_sentence INTEGER NOT NULL, last_sentence INTEGER NOT NULL,
        change INTEGER NOT NULL,
        FOREIGN KEY (article, version) REFERENCES version ON DELETE CASCADE
    );
    CREATE INDEX chunk_article ON chunk (article);
    CREATE INDEX chunk_change ON chunk (change);
    CREATE TABLE vector (
        chunk INTEGER PRIMARY KEY REFERENCES chunk ON DELETE CASCADE,
        data BLOB NOT NULL             -- float16, little-endian
    );
    CREATE TABLE new_vector (chunk INTEGER PRIMARY KEY, data BLOB NOT NULL);
    CREATE TABLE gone (key INTEGER PRIMARY KEY, change INTEGER NOT NULL);
    CREATE INDEX gone_change ON gone (change);
    """,
    # 2: the terms of a chunk, made once when it is cut, for the lexical index.
    """
    ALTER TABLE chunk ADD COLUMN terms TEXT;            -- null, as in older archives: made when needed
    ALTER TABLE chunk ADD COLUMN terms_format INTEGER;  -- of another `rag.text.terms.FORMAT`: likewise
    """,
    # 3: who published and wrote an article; what is known of feeds; sketches, by which copies are found.
    """
    ALTER TABLE version ADD COLUMN publisher TEXT;
    ALTER TABLE version ADD COLUMN author TEXT;

    CREATE TABLE feed (
        url TEXT PRIMARY KEY,
        etag TEXT, modified TEXT,      -- for conditional requests, once all entries were taken
        failing_since TEXT             -- not null: it did not answer when it was last asked
    ) WITHOUT ROWID;
    CREATE TABLE feed_entry (
        feed TEXT NOT NULL, entry TEXT NOT NULL,
        stamp TEXT NOT NULL,           -- changes when the entry does
        PRIMARY KEY (feed, entry)
    ) WITHOUT ROWID;

    CREATE TABLE sketch (              -- of current versions only
        key INTEGER PRIMARY KEY,
        article TEXT NOT NULL UNIQUE REFERENCES article ON DELETE CASCADE,
        data BLOB NOT NULL             -- rag.sketch says what it holds
    );
    CREATE TABLE sketch_band (
        band INTEGER NOT NULL, sketch INTEGER NOT NULL,
        PRIMARY KEY (band, sketch)
    ) WITHOUT ROWID;
    """,
    # 4: the Telegram bot: what came in, what was answered, what readers said of it, what admins did.
    """
    CREATE TABLE inbox (
        number INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order of arrival
        bot INTEGER NOT NULL, update_id INTEGER NOT NULL,
        received_at REAL NOT NULL,     -- seconds since 1970, as everywhere here
        data TEXT,                     -- the update as JSON; null once it is done
        asking INTEGER NOT NULL DEFAULT 0,         -- 1 while the engine is at it
        crashes INTEGER NOT NULL DEFAULT 0,        -- how often the process died of it
        sent INTEGER NOT NULL DEFAULT 0,           -- messages of the reply that Telegram has confirmed
        state TEXT NOT NULL DEFAULT 'open',        -- open, done, aside
        UNIQUE (bot, update_id)
    );
    CREATE INDEX inbox_open ON inbox (number) WHERE state = 'open';
    CREATE TABLE reader (user INTEGER PRIMARY KEY, language TEXT);      -- chosen by the user
    CREATE TABLE answer (              -- for buttons and follow-up questions
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        inbox INTEGER UNIQUE,          -- whose reply it is; null for none
        chat INTEGER NOT NULL, thread INTEGER NOT NULL, user INTEGER NOT NULL,
        answered_at REAL NOT NULL,
        data TEXT NOT NULL             -- the answer as JSON
    );
    CREATE INDEX answer_chat ON answer (chat, thread, id);
    CREATE INDEX answer_user ON answer (user, answered_at);
    CREATE TABLE feedback (            -- without the user: a case for evaluation
        answer INTEGER NOT NULL, citation INTEGER NOT NULL,      -- 0: the answer as a whole
        verdict TEXT NOT NULL,         -- helpful, wrong
        given_at REAL NOT NULL,
        question TEXT NOT NULL, language TEXT NOT NULL, engine TEXT NOT NULL,
        cited TEXT NOT NULL,           -- JSON: the citation, or all of them
        PRIMARY KEY (answer, citation)
    );
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at REAL NOT NULL, admin INTEGER NOT NULL,
        action TEXT NOT NULL,          -- command, show, add, remove, restore
        subject TEXT NOT NULL, detail TEXT NOT NULL
    );
    CREATE TABLE status_message (chat INTEGER, message INTEGER, PRIMARY KEY (chat, message)) WITHOUT ROWID;
    """,
    # 5: no sketches: 48 places of an index that every article wrote to cost most of a commit, and an answer
    # needs those of a few articles only, which are soon made.
    """
    DROP TABLE sketch_band;
    DROP TABLE sketch;
    """,
    # 6: the Telegram bot: which message asked and which replied, groups that moved, who was let in, feeds
    # that admins watch, subscriptions and their digests, daily reports.
    """
    ALTER TABLE answer ADD COLUMN asked INTEGER;        -- the message that asked; null where it is not known
    CREATE INDEX answer_asked ON answer (chat, asked);
    CREATE TABLE reply_message (       -- the messages of an answer
        chat INTEGER NOT NULL, message INTEGER NOT NULL, answer INTEGER NOT NULL,
        PRIMARY KEY (chat, message)
    ) WITHOUT ROWID;
    CREATE INDEX reply_message_answer ON reply_message (answer);
    CREATE TABLE moved_group (old INTEGER PRIMARY KEY, new INTEGER NOT NULL);
    CREATE TABLE visitor (             -- users and groups that an admin has decided on, or is to decide on
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        state TEXT NOT NULL,           -- asked, in, out
        admin INTEGER,                 -- who decided
        changed_at REAL NOT NULL
    );
    CREATE TABLE watched_feed (
        url TEXT PRIMARY KEY, admin INTEGER NOT NULL, since REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE subscription (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        chat INTEGER NOT NULL, thread INTEGER NOT NULL, user INTEGER NOT NULL,
        topic TEXT NOT NULL, language TEXT NOT NULL,
        hours TEXT NOT NULL,           -- of the day, with commas
        after INTEGER NOT NULL,        -- rowid of the last version that was looked at
        looked_at REAL NOT NULL,
        UNIQUE (chat, topic)
    );
    CREATE TABLE told (                -- stories that a chat was told, so that none is told twice
        chat INTEGER NOT NULL, story TEXT NOT NULL, at REAL NOT NULL,
        PRIMARY KEY (chat, story)
    ) WITHOUT ROWID;
    CREATE TABLE digest (              -- promised: it leaves when it was shown
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        chat INTEGER NOT NULL, thread INTEGER NOT NULL,
        made_at REAL NOT NULL,
        data TEXT NOT NULL,            -- JSON: what it quotes
        message INTEGER,               -- the message that shows it, once there is one
        state TEXT NOT NULL DEFAULT 'open'               -- open, done
    );
    CREATE INDEX digest_open ON digest (id) WHERE state = 'open';
    CREATE TABLE report (admin INTEGER PRIMARY KEY, hour INTEGER NOT NULL, day TEXT NOT NULL);
    """,
    # 7: several workers on one database: who lives, who answers which chat, who asked how much.
    """
    ALTER TABLE inbox ADD COLUMN chat INTEGER NOT NULL DEFAULT 0;       -- whose turn it waits for
    ALTER TABLE inbox ADD COLUMN holder TEXT;           -- the worker that has it in hand; null for none yet
    ALTER TABLE status_message ADD COLUMN worker TEXT;  -- which worker shows it
    CREATE TABLE worker (              -- those that live; whoever is taken out was silent for too long
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        since REAL NOT NULL,
        until REAL NOT NULL            -- the end of its lease, by the database's clock
    ) WITHOUT ROWID;
    CREATE TABLE claim (               -- of a worker that does not live: nobody's
        bot INTEGER NOT NULL, chat INTEGER NOT NULL,
        worker TEXT NOT NULL,
        PRIMARY KEY (bot, chat)
    ) WITHOUT ROWID;
    CREATE TABLE asked (               -- questions that count against their users' limits
        inbox INTEGER PRIMARY KEY,
        user INTEGER NOT NULL, at REAL NOT NULL
    );
    """,
)
"""Step n brings an archive from schema n to n + 1."""


CONVERSATIONS = ("inbox", "answer", "reply_message", "reader", "status_message", "told", "digest", "asked")
"""Tables of what readers asked, were answered and told, and chose."""
BOT = (
    *(*CONVERSATIONS, "feedback", "audit"),
    *("moved_group", "visitor", "watched_feed", "subscription", "report", "worker", "claim"),
)
"""All tables of the Telegram bot."""


def forget_conversations(db: sqlite3.Connection) -> None:
    """Deletes what readers have asked and were answered, and overwrites it. Raises sqlite3.Error.

    The numbers of what is deleted are not given again.
    """
    there = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    db.execute("PRAGMA secure_delete = ON")
    db.execute("BEGIN IMMEDIATE")
    for table in CONVERSATIONS:
        if table in there:
            db.execute(f"DELETE FROM {table}")
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def migrate(db: sqlite3.Connection, steps: tuple[str, ...] = STEPS) -> None:
    """Brings an archive to the last step. Raises SchemaTooNew for one from a later Kutip.

    Before an archive that is in use is changed, a copy of it is put beside it, named by its schema. Two
    processes that open a new archive at once: the second waits, then finds nothing to do.
    """
    if _reached(db) == len(steps):
        return
    _begin(db)
    try:
        reached = _reached(db)
        if reached > len(steps):
            raise SchemaTooNew(
                f"this archive has schema {reached}, and this Kutip knows up to {len(steps)}",
                "update Kutip, or use another KUTIP_HOME",
            )
        if reached:
            _copy(db, reached)
        for number in range(reached, len(steps)):
            for statement in _statements(steps[number]):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number + 1}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _begin(db: sqlite3.Connection) -> None:
    """Turns the write-ahead log on and begins to write.

    If two connections turn it on at once, SQLite tells one that the file is locked without the wait that the
    connection allows; so this waits.
    """
    until = time.monotonic() + db.execute("PRAGMA busy_timeout").fetchone()[0] / 1000
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _copy(db: sqlite3.Connection, reached: int) -> None:
    """`archive.db` -> `archive.db.schema-1`, what is committed, whole or not at all."""
    path = Path(db.execute("PRAGMA database_list").fetchone()[2])
    target = path.with_name(f"{path.name}.schema-{reached}")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    part.touch(0o600)  # only its owner may read the articles
    # Another connection reads what is committed, while this one keeps others from writing.
    reader = sqlite3.connect(path)
    try:
        reader.execute("VACUUM INTO ?", (str(part),))
    finally:
        reader.close()
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        forget_conversations(copy)
    os.replace(part, target)


def _reached(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> list[str]:
    """The script's statements one by one: `executescript` would commit the transaction first."""
    statements: list[str] = []
    pending = ""
    for part in script.split(";"):
        pending += part + ";"
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
