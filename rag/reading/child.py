"""A reader process: it reads passages for the process that started it, with a model of its own.

A message is its length and so many bytes of JSON, which cannot run anything in either process. A request
holds all that its reply depends on; a reader remembers nothing between two of them. It ends when its standard
input ends, and so with its parent, however that ends.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import threading
from collections.abc import Sequence
from queue import SimpleQueue
from typing import IO, Any

from rag.errors import ModelError
from rag.reading.reader import LONGEST_ARTICLE, Reader
from rag.search.lexicon import Lexicon
from rag.types import Article, Evidence, Language, Passage, Sentence

Row = dict[str, Any]
"""A message."""
MOST_BYTES = 1 << 26
"""Bytes of a message: four times what 64 chunks of long articles come to."""
THREADS = 1
"""Threads of a reader: several readers side by side leave no core idle, and wait for nobody."""
_HEAD = struct.Struct(">I")
"""What comes before each message: its length in bytes."""


def send(stream: IO[bytes], row: Row) -> None:
    """Writes a message. Raises OSError, and ValueError for one that is too long."""
    # A lone surrogate, which no encoding can hold, comes back as it was.
    data = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    if len(data) > MOST_BYTES:
        raise ValueError(f"a message of {len(data)} bytes is too long")
    stream.write(_HEAD.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> Row:
    """Reads a message. Raises EOFError where the stream ends, OSError, and ValueError for what is none."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise EOFError
    (size,) = _HEAD.unpack(head)
    if size > MOST_BYTES:
        raise ValueError(f"a message of {size} bytes is too long")
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    row = json.loads(data.decode("utf-8", "surrogatepass"))
    if not isinstance(row, dict):
        raise ValueError("a message is an object")
    return row


def asked(question: str, language: Language, passages: Sequence[Passage], enough: float | None) -> Row:
    """The request to read passages: each article's beginning, once, and the passages that lie beyond it."""
    numbers: dict[str, int] = {}
    articles, rows = list[list[Any]](), list[list[Any]]()
    for passage in passages:
        article = passage.article
        if article.id not in numbers:
            numbers[article.id] = len(articles)
            articles.append([article.title, article.language, article.text[:LONGEST_ARTICLE]])
        moved = _moved(passage)
        rows.append(
            [
                numbers[article.id],
                passage.text if moved else "",
                [[each.index, each.start + moved, each.end + moved] for each in passage.sentences],
                passage.score,
            ]
        )
    return {
        "question": question,
        "language": language,
        "enough": enough,
        "articles": articles,
        "passages": rows,
    }


def understood(row: Row) -> tuple[str, Language, list[Passage], float | None]:
    """The request, as `rag.reading.reader.Reader.read` takes it."""
    passages = []
    for key, (number, beyond, sentences, score) in enumerate(row["passages"]):
        title, language, text = row["articles"][number]
        article = Article(str(number), None, title, None, language, text + beyond)
        placed = tuple(Sentence(article.id, *each) for each in sentences)
        passages.append(Passage(key, article, placed, score))
    return row["question"], row["language"], passages, row["enough"]


def told(evidence: Sequence[Evidence]) -> list[list[Any]]:
    """What was read, as numbers; the passages are those of `understood`."""
    return [
        [
            each.passage.key,
            each.passage.sentences.index(each.sentence),
            each.score,
            None if each.span is None else [int(each.span[0]), int(each.span[1])],
            each.belongs,
        ]
        for each in evidence
    ]


def heard(rows: Sequence[Sequence[Any]], passages: Sequence[Passage]) -> list[Evidence]:
    """What was read of these passages. Raises LookupError, TypeError or ValueError for what is no reply."""
    found = []
    for number, place, score, span, belongs in rows:
        passage = passages[number]
        moved = _moved(passage)
        stretch = None if span is None else (span[0] - moved, span[1] - moved)
        found.append(Evidence(passage, passage.sentences[place], score, stretch, belongs))
    return found


def _moved(passage: Passage) -> int:
    """By how much a passage's offsets differ in the text that is sent; 0 inside an article's beginning."""
    return LONGEST_ARTICLE - passage.start if passage.sentences[-1].end > LONGEST_ARTICLE else 0


def replied(reader: Reader, row: Row) -> Row:
    """The reply to a request; one that names an error where there was one."""
    try:
        if "statements" in row:
            return {"chances": reader.entailed(row["statements"])}
        return {"found": told(reader.read(*understood(row)))}
    except ModelError as error:
        return {"failed": error.message, "advice": error.advice}
    except Exception as error:
        return {"broken": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Replies to the requests on standard input until it ends."""
    # The parent handles these signals, and closes the pipe.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    # What a library prints is no message.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    reader = Reader(Lexicon.load(), threads=THREADS)
    requests: SimpleQueue[Row] = SimpleQueue()
    threading.Thread(target=_take, args=(requests,), daemon=True).start()
    send(out, {"ready": True})
    while True:
        send(out, replied(reader, requests.get()))


def _take(requests: SimpleQueue[Row]) -> None:
    """Takes requests, and ends the process with its parent, also while llama.cpp runs."""
    try:
        while True:
            requests.put(receive(sys.stdin.buffer))
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
