"""Models run by llama.cpp: how the library is loaded, embedders, and encoders that give a vector a token.

One model is never used from two threads: llama.cpp would end the process.
"""

from __future__ import annotations

import hashlib
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelError
from rag.reading.cores import cores, let_threads_sleep
from rag.types import Vectors

_MAGIC = b"GGUF"
"""The first bytes of a GGUF file."""
_CONTEXT = 512
"""Tokens of a text that an embedder sees. Chunks are shorter; the rest of a longer text is left out."""
_BATCH = 64
"""Texts of a batch."""
_PROBE = 1 << 20
"""Bytes that are hashed at each end of a file."""


@cache
def library() -> Any:
    """llama_cpp, loaded at its first use, since loading is slow. Every use of it in this module begins
    here."""
    # Before loading, as OpenMP reads its settings only once.
    let_threads_sleep()
    import llama_cpp

    llama_cpp.llama_log_set(quiet(), None)
    llama_cpp.llama_backend_init()
    return llama_cpp


class LlamaEmbedder:
    """A GGUF embedding model (bge-m3, multilingual-e5, …) as an `Embedder`, with the model's own pooling.

    `question_prefix` and `passage_prefix` are what the model was trained to see first, such as
    "query: "; `threads` is by default what this process may use. Raises ModelError where the file is missing,
    is no GGUF, or does not pool.
    """

    def __init__(
        self, path: Path, question_prefix: str = "", passage_prefix: str = "", threads: int | None = None
    ) -> None:
        self._path = path
        self._threads = threads
        self._prefixes = question_prefix, passage_prefix
        self._lock = threading.Lock()
        self._fingerprint = fingerprint(path, question_prefix, passage_prefix)

    @property
    def id(self) -> str:
        """The file's name, the dimensions, and a hash of the file and the prefixes."""
        return f"{self._path.stem}-{self.dimensions}-{self._fingerprint}"

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._model.n_embd())

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimensions), rows of length 1."""
        return self._embed([self._prefixes[1] + text for text in texts])

    def question(self, text: str) -> Vectors:
        """Shape (dimensions,), length 1."""
        vector: Vectors = self._embed([self._prefixes[0] + text])[0]
        return vector

    def _embed(self, texts: Sequence[str]) -> Vectors:
        rows: list[list[float]] = []
        with self._lock:
            for start in range(0, len(texts), _BATCH):
                rows += self._model.embed(list(texts[start : start + _BATCH]), normalize=True)
        vectors: Vectors = np.asarray(rows, dtype=np.float32).reshape(len(texts), self.dimensions)
        return vectors

    @cached_property
    def _model(self) -> Any:  # a llama_cpp.Llama, which is shipped without types
        llama_cpp, threads = library(), self._threads or cores()
        try:
            model = llama_cpp.Llama(
                str(self._path),
                n_threads=threads,
                n_threads_batch=threads,
                embedding=True,
                n_ctx=_CONTEXT,
                n_batch=_CONTEXT,
                n_ubatch=_CONTEXT,
                flash_attn=True,
                verbose=False,
            )
        except (ValueError, AssertionError) as error:
            raise ModelError(f"llama.cpp cannot load {self._path} ({error})") from error
        none: Any = llama_cpp.LLAMA_POOLING_TYPE_NONE
        if model.pooling_type() == none:
            raise ModelError(f"{self._path} is not an embedding model: it does not pool")
        return model


class TokenEncoder:
    """A GGUF encoder without pooling: one vector a token, several sequences in one batch.

    The low-level calls are used since the high-level ones copy every number through Python. `threads` is by
    default what this process may use. Raises ModelError where the file cannot be loaded or is no encoder.
    """

    SEQUENCES = 32
    TOKENS = 512
    """The most tokens of a batch and of a sequence: the encoder has that many positions.

    Every token attends to the whole batch before the other sequences are masked, so twelve passages in one
    batch take 1.6 times as long as in batches of three, and 250 MB more.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        llama_cpp = self._llama = library()
        self._lock = threading.Lock()
        self._model = llama_cpp.llama_model_load_from_file(
            str(path).encode(), llama_cpp.llama_model_default_params()
        )
        if not self._model:
            raise ModelError(f"llama.cpp cannot load {path}")
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx = settings.n_batch = settings.n_ubatch = self.TOKENS
        settings.n_seq_max = self.SEQUENCES
        settings.n_threads = settings.n_threads_batch = threads or cores()
        settings.embeddings = True
        settings.pooling_type = llama_cpp.LLAMA_POOLING_TYPE_NONE
        # Without it the same batch takes three to four times as long.
        settings.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        self._context = llama_cpp.llama_init_from_model(self._model, settings)
        if not self._context:
            raise ModelError(f"llama.cpp cannot run {path}")
        self._batch = llama_cpp.llama_batch_init(self.TOKENS, 0, 1)
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self.width = int(llama_cpp.llama_model_n_embd(self._model))

    def vocabulary(self) -> list[str]:
        """The tokens in BERT's spelling: `##` before a piece inside a word."""
        count = self._llama.llama_vocab_n_tokens(self._vocabulary)
        texts = [self._llama.llama_vocab_get_text(self._vocabulary, n).decode() for n in range(count)]
        # A GGUF marks where a word starts, BERT where it goes on; the five special tokens come first.
        return [t if n < 5 else t[1:] if t[0] == "\u2581" else f"##{t}" for n, t in enumerate(texts)]

    def encode(self, sequences: Sequence[Sequence[int]]) -> list[Vectors]:
        """Token ids -> shape (tokens, width) for each sequence, in order.

        Raises ValueError for a sequence of over 512 tokens.
        """
        if any(len(ids) > self.TOKENS for ids in sequences):
            raise ValueError(f"a sequence has more than {self.TOKENS} tokens")
        found: list[Vectors] = []
        with self._lock:
            for batch in self.batches(sequences):
                found += self._run(batch)
        return found

    def batches(self, sequences: Sequence[Sequence[int]]) -> Iterator[Sequence[Sequence[int]]]:
        """Neighbours that go into one batch together."""
        start = total = 0
        for end, ids in enumerate(sequences):
            if total + len(ids) > self.TOKENS or end - start == self.SEQUENCES:
                yield sequences[start:end]
                start, total = end, 0
            total += len(ids)
        if start < len(sequences):
            yield sequences[start:]

    def close(self) -> None:
        """Frees the model's memory."""
        self._llama.llama_batch_free(self._batch)
        self._llama.llama_free(self._context)
        self._llama.llama_model_free(self._model)

    def fill(self, batch: Any, sequences: Sequence[Sequence[int]]) -> None:
        """Writes the sequences into a `llama_batch`."""
        place = 0
        for number, ids in enumerate(sequences):
            for position, token in enumerate(ids):
                batch.token[place] = token
                batch.pos[place] = position
                batch.n_seq_id[place] = 1
                batch.seq_id[place][0] = number
                batch.logits[place] = 1
                place += 1
        batch.n_tokens = place

    def _run(self, sequences: Sequence[Sequence[int]]) -> list[Vectors]:
        self.fill(self._batch, sequences)
        status = self._llama.llama_encode(self._context, self._batch)
        if status:
            raise ModelError(f"llama.cpp could not read the passages (status {status})")
        pointer = self._llama.llama_get_embeddings(self._context)
        # Copied, since the next batch overwrites this memory.
        values = np.ctypeslib.as_array(pointer, shape=(self._batch.n_tokens, self.width)).copy()
        return np.split(values, np.cumsum([len(ids) for ids in sequences])[:-1])


@cache
def quiet() -> Any:
    """A callback that drops llama.cpp's log; errors come back as a status. The process keeps one for ever,
    since llama.cpp calls it until the end, also for other models.
    """
    import llama_cpp

    return llama_cpp.llama_log_callback(lambda level, text, data: None)


@contextmanager
def interrupts_noted() -> Iterator[list[int]]:
    """Collects a Ctrl-C in the list, to be raised at the end. Python raises it where the main thread next
    runs Python; during a library's call that is a callback, which no exception can leave.
    """
    noted: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield noted
        return
    signal.signal(signal.SIGINT, lambda number, frame: noted.append(number))
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)
        if noted:
            before(noted[0], None)


def fingerprint(path: Path, *prefixes: str) -> str:
    """A hash of both ends of the file, its size and the prefixes: all that a vector depends on.

    Only both ends, since reading gigabytes at each start would take seconds.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_PROBE)
            size = path.stat().st_size
            file.seek(max(0, size - _PROBE))
            tail = file.read(_PROBE)
    except OSError as error:
        raise ModelError(f"the model {path} cannot be read ({error.strerror})") from error
    if not head.startswith(_MAGIC):
        raise ModelError(f"{path} is not a GGUF file")
    digest = hashlib.sha256(repr((size, prefixes)).encode())
    digest.update(head)
    digest.update(tail)
    return digest.hexdigest()[:12]
