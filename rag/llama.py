"""Models run by llama.cpp. The only llama_cpp import.

One `Llama` is never used from two threads: llama.cpp would end the process.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelError
from rag.types import Vectors

_MAGIC = b"GGUF"
_CONTEXT = 512
"""Tokens of a text that an embedder sees: chunks are shorter, and what lies beyond is left out."""
_BATCH = 64
_PROBE = 1 << 20


class LlamaEmbedder:
    """A GGUF embedding model (bge-m3, multilingual-e5, …) as an `Embedder`, with the model's own pooling.

    `question_prefix` and `passage_prefix` are what the model was trained to see first, such as
    "query: ". Raises ModelError where the file is missing, is no GGUF, or does not pool.
    """

    def __init__(self, path: Path, question_prefix: str = "", passage_prefix: str = "") -> None:
        self._path = path
        self._prefixes = question_prefix, passage_prefix
        self._lock = threading.Lock()
        self._fingerprint = _fingerprint(path, question_prefix, passage_prefix)

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
        import llama_cpp

        try:
            model = llama_cpp.Llama(
                str(self._path),
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


def _fingerprint(path: Path, *prefixes: str) -> str:
    """A hash of both ends of the file, its size and the prefixes: all that a vector depends on.

    Both ends, since reading all of a file of gigabytes at each start would take seconds.
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
