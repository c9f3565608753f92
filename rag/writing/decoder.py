"""A GGUF chat model: a prompt in, text out as it is written, under a grammar.

Low-level calls of llama.cpp, as in `rag.reading.llama`, for four reasons. A token is sampled first and only
then checked, and the grammar is applied to the whole vocabulary where that one is rejected (as llama.cpp's
own server does; checking 150,000 candidates for every token takes longer than a small model). Tokens in the
KV cache are not read again. Processing a prompt can be stopped. And outside text is tokenised apart from the
chat template, with special tokens off: `<|im_end|>` in an article is text.
"""

from __future__ import annotations

import codecs
import ctypes
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from rag.deadline import Deadline
from rag.errors import ModelError, NoReply
from rag.reading.cores import cores
from rag.reading.llama import interrupts_noted, library
from rag.writing import bpe
from rag.writing.grammar import Grammar
from rag.writing.sequences import SEQUENCES, Sequences
from rag.writing.template import Frame, frame
from rag.writing.writer import Prompt

CONTEXT = 8192
"""Tokens of prompt and answer together, if the model was trained on that many."""
_BATCH = 512
"""Tokens that are read at once."""
_ABORTED = 2
"""llama.cpp's status after it was told to stop."""
_PROBE = "Harga beras naik 1.800 rupiah; don't “quote” it.\n\n  Why?"
"""Text with which two tokenisers are compared."""
Cache = Literal["f16", "q8_0", "q4_0"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a token is picked. The temperature is low, since an answer from articles must invent nothing."""

    temperature: float = 0.2
    top_k: int = 40
    top_p: float = 0.9
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the last reply: of the prompt, of these found in the cache, and written."""

    prompt: int = 0
    reused: int = 0
    written: int = 0


class ChatModel:
    """Implements `rag.types.Writer`. One conversation at a time; a second thread waits.

    `context` in tokens, `kv_cache` the type of what is kept of them (a quantised one needs flash
    attention). Raises ModelError where the file cannot be loaded or has no chat template.
    """

    def __init__(
        self,
        path: Path,
        *,
        context: int | None = None,
        threads: int | None = None,
        gpu_layers: int | None = None,
        flash_attention: bool | None = None,
        kv_cache: Cache = "f16",
        sampling: Sampling | None = None,
    ) -> None:
        llama_cpp = self._llama = library()
        self._lock = threading.Lock()
        self.name = path.stem
        self.sampling = sampling or Sampling()
        self.usage = Usage()
        self._model = self._context = None
        self._batch: Any = None
        try:
            with interrupts_noted():
                self._load(path, gpu_layers)
            self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
            self._size = int(llama_cpp.llama_vocab_n_tokens(self._vocabulary))
            self._frame = self._framed(path)
            trained = int(llama_cpp.llama_model_n_ctx_train(self._model))
            self._open(path, min(context or CONTEXT, trained or CONTEXT), threads, flash_attention, kv_cache)
        except ModelError:
            self.close()
            raise
        self._candidates = (llama_cpp.llama_token_data * self._size)()
        self._one = (llama_cpp.llama_token_data * 1)()
        self._batch = llama_cpp.llama_batch_init(_BATCH, 0, 1)
        self._sequences = Sequences(llama_cpp, self._context, self.context)

    @property
    def context(self) -> int:
        """Tokens of prompt and answer together."""
        return int(self._llama.llama_n_ctx(self._context))

    def count(self, text: str) -> int:
        """The number of tokens of an outside text."""
        if self._encoding is not None:
            return len(self._encoding.encode_ordinary(text))
        return len(self._tokens(text, special=False))

    def write(self, prompt: Prompt, grammar: Grammar, most: int, deadline: Deadline) -> Iterator[str]:
        """The reply in pieces, of `most` tokens at most; it ends early where the deadline passes.

        Raises Cancelled, or NoReply where the prompt does not fit or the deadline passes before a token.
        """
        with self._lock, self._sampler(grammar) as (chain, held):
            tokens = self.tokens(prompt)
            if len(tokens) + most > self.context:
                raise NoReply(f"the prompt of {len(tokens)} tokens does not fit {self.name}'s context")
            sequence = self._read(prompt.system, tokens, most, deadline)
            text = codecs.getincrementaldecoder("utf-8")("replace")
            for written in range(1, most + 1):
                token = self._sample(chain, held)
                if token is None or self._llama.llama_vocab_is_eog(self._vocabulary, token):
                    break
                self._llama.llama_sampler_accept(held, token)
                self.usage = Usage(self.usage.prompt, self.usage.reused, written)
                if piece := text.decode(self._piece(token)):
                    yield piece
                deadline.check()
                if deadline.passed or written == most:
                    break
                self._decode(sequence, [token], deadline, abortable=False)
            if rest := text.decode(b"", final=True):
                yield rest

    def warm(self, system: str) -> None:
        """Reads the unchanging part of a prompt ahead, so that the first answer comes sooner."""
        with self._lock:
            self._read(system, self.tokens(Prompt(system, "")), 0, Deadline())

    def tokens(self, prompt: Prompt) -> list[int]:
        """The prompt in the model's own chat format; no text of the caller becomes a control token."""
        found: list[int] = []
        for text, own in self._rendered(prompt):
            found += self._tokens(text, special=own)
        llama, vocabulary = self._llama, self._vocabulary
        first = llama.llama_vocab_bos(vocabulary)
        if llama.llama_vocab_get_add_bos(vocabulary) and found[:1] != [first]:
            found.insert(0, first)
        return found

    def close(self) -> None:
        """Frees the model's memory."""
        for part, free in (
            ("_batch", "llama_batch_free"),
            ("_context", "llama_free"),
            ("_model", "llama_model_free"),
        ):
            if getattr(self, part):
                getattr(self._llama, free)(getattr(self, part))
                setattr(self, part, None)

    # Loading

    def _load(self, path: Path, gpu_layers: int | None) -> None:
        llama = self._llama
        settings = llama.llama_model_default_params()
        # All layers where there is a GPU that this build can use.
        settings.n_gpu_layers = (
            gpu_layers if gpu_layers is not None else 999 * llama.llama_supports_gpu_offload()
        )
        self._model = llama.llama_model_load_from_file(str(path).encode(), settings)
        if not self._model:
            raise ModelError(f"llama.cpp cannot load {path}", "download it again, or use another model")
        if not llama.llama_model_has_decoder(self._model) or llama.llama_model_is_diffusion(self._model):
            raise ModelError(f"{path} is not a chat model: it does not write")

    def _open(
        self, path: Path, context: int, threads: int | None, flash_attention: bool | None, cache: Cache
    ) -> None:
        llama = self._llama
        settings = llama.llama_context_default_params()
        settings.n_ctx, settings.n_batch, settings.n_ubatch = context, _BATCH, _BATCH
        # Every sequence may use every cell.
        settings.n_seq_max, settings.kv_unified = SEQUENCES, True
        settings.n_threads = settings.n_threads_batch = threads or cores()
        settings.flash_attn_type = {
            None: llama.LLAMA_FLASH_ATTN_TYPE_AUTO,
            True: llama.LLAMA_FLASH_ATTN_TYPE_ENABLED,
            False: llama.LLAMA_FLASH_ATTN_TYPE_DISABLED,
        }[flash_attention if cache == "f16" else True]
        if cache != "f16":
            kind = {"q8_0": llama.GGML_TYPE_Q8_0, "q4_0": llama.GGML_TYPE_Q4_0}[cache]
            settings.type_k = settings.type_v = kind
        self._context = llama.llama_init_from_model(self._model, settings)
        if not self._context:
            raise ModelError(
                f"llama.cpp cannot open a context of {context} tokens ({cache}) for {path}",
                "set KUTIP_CONTEXT lower"
                if cache == "f16"
                else "set KUTIP_CONTEXT lower, or KUTIP_KV_CACHE=f16",
            )

    def _framed(self, path: Path) -> Frame:
        llama = self._llama
        source = llama.llama_model_chat_template(self._model, None)
        if not source:
            raise ModelError(f"{path} is not a chat model: it has no chat template")
        first, last = (
            self._spelling(token)
            for token in (llama.llama_vocab_bos(self._vocabulary), llama.llama_vocab_eos(self._vocabulary))
        )
        return frame(source.decode("utf-8", "replace"), first, last, str(path))

    def _spelling(self, token: int) -> str:
        text = self._llama.llama_vocab_get_text(self._vocabulary, token) if token >= 0 else b""
        return (text or b"").decode("utf-8", "replace")

    @cached_property
    def _encoding(self) -> Any:
        """The vocabulary for tiktoken, if that agrees with llama.cpp, which is four times slower."""
        llama = self._llama
        if llama.llama_vocab_type(self._vocabulary) != llama.LLAMA_VOCAB_TYPE_BPE:
            return None
        pre = ctypes.create_string_buffer(64)
        llama.llama_model_meta_val_str(self._model, b"tokenizer.ggml.pre", pre, len(pre))
        plain = [
            None if llama.llama_vocab_is_control(self._vocabulary, token) else self._spelling(token)
            for token in range(self._size)
        ]
        found = bpe.encoding(plain, pre.value.decode("utf-8", "replace"))
        agrees = found is not None and found.encode_ordinary(_PROBE) == self._tokens(_PROBE, special=False)
        return found if agrees else None

    # The prompt

    def _rendered(self, prompt: Prompt) -> Iterator[tuple[str, bool]]:
        """Stretches of the formatted prompt, and whether each is the template's own."""
        around = self._frame
        yield from (
            (around.before, True),
            (prompt.system, False),
            (around.between, True),
            (prompt.user, False),
            (around.after, True),
        )

    def _tokens(self, text: str, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        tokens = (self._llama.llama_token * room)()
        count = self._llama.llama_tokenize(self._vocabulary, data, len(data), tokens, room, False, special)
        if count < 0:
            raise NoReply(f"{self.name} cannot read the prompt")
        return list(tokens[:count])

    # Reading and writing

    def _read(self, kind: str, tokens: Sequence[int], reply: int, deadline: Deadline) -> int:
        """Brings the sequence for prompts of this kind to these tokens, and returns its number."""
        sequence, same = self._sequences.begin(kind, tokens, reply)
        self.usage = Usage(len(tokens), same)
        for start in range(same, len(tokens), _BATCH):
            self._decode(sequence, tokens[start : start + _BATCH], deadline, abortable=True)
        return sequence

    def _fill(self, sequence: int, tokens: Sequence[int]) -> None:
        """Writes the next tokens of a sequence into the batch; only the last one's scores are wanted."""
        batch, known = self._batch, self._sequences.length(sequence)
        for place, token in enumerate(tokens):
            batch.token[place] = token
            batch.pos[place] = known + place
            batch.n_seq_id[place] = 1
            batch.seq_id[place][0] = sequence
            batch.logits[place] = place == len(tokens) - 1
        batch.n_tokens = len(tokens)

    def _decode(self, sequence: int, tokens: Sequence[int], deadline: Deadline, abortable: bool) -> None:
        llama, known = self._llama, self._sequences.length(sequence)
        self._fill(sequence, tokens)
        # llama.cpp calls it at every step of the graph: worth it in a batch, too slow for a single token.
        try:
            with interrupts_noted() as noted:
                asked = llama.ggml_abort_callback(lambda data: bool(noted) or deadline.passed)
                llama.llama_set_abort_callback(
                    self._context, asked if abortable else llama.ggml_abort_callback(), None
                )
                status = llama.llama_decode(self._context, self._batch)
        except BaseException:
            self._sequences.cut(sequence, known)
            raise
        finally:
            llama.llama_set_abort_callback(self._context, llama.ggml_abort_callback(), None)
        if status:
            # Parts of the batch may be in the cache; what was there before it still is.
            self._sequences.cut(sequence, known)
            deadline.check()
            late = status == _ABORTED or deadline.passed
            raise NoReply(
                f"{self.name} had not read the prompt when its time was over"
                if late
                else f"llama.cpp could not go on with {self.name} (status {status})"
            )
        self._sequences.add(sequence, tokens)

    @contextmanager
    def _sampler(self, grammar: Grammar) -> Iterator[tuple[Any, Any]]:
        llama, how = self._llama, self.sampling
        held = llama.llama_sampler_init_grammar(self._vocabulary, grammar.text.encode(), b"root")
        if not held:
            raise NoReply(f"llama.cpp does not take the grammar for {self.name}")
        chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        parts = [
            llama.llama_sampler_init_top_k(how.top_k),
            llama.llama_sampler_init_top_p(how.top_p, 1),
            llama.llama_sampler_init_temp(how.temperature),
            llama.llama_sampler_init_dist(how.seed),
        ]
        for part in parts:
            llama.llama_sampler_chain_add(chain, part)
        try:
            yield chain, held
        finally:
            llama.llama_sampler_free(chain)
            llama.llama_sampler_free(held)

    def _sample(self, chain: Any, held: Any) -> int | None:
        """The next token; None where the grammar leaves none."""
        llama = self._llama
        token = int(llama.llama_sampler_sample(chain, self._context, -1))
        self._one[0] = llama.llama_token_data(token, 1.0, 0.0)
        self._apply(held, self._one, 1)
        if self._one[0].logit != float("-inf"):
            return token
        table = np.ctypeslib.as_array(self._candidates)
        table["id"] = np.arange(self._size, dtype=np.int32)
        table["logit"] = self._logits()
        table["p"] = 0.0
        self._apply(held, self._candidates, self._size)
        place = self._apply(chain, self._candidates, self._size)
        chosen = self._candidates[place]
        return int(chosen.id) if place >= 0 and chosen.logit != float("-inf") else None

    def _apply(self, sampler: Any, data: Any, size: int) -> int:
        llama = self._llama
        array = llama.llama_token_data_array(ctypes.cast(data, llama.llama_token_data_p), size, -1, False)
        llama.llama_sampler_apply(sampler, ctypes.byref(array))
        return int(array.selected)

    def _logits(self) -> Any:
        """The score of every token, in llama.cpp's memory; shape (vocabulary,)."""
        pointer = self._llama.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._size,))

    def _piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        length = self._llama.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(0, length)]


def on_gpu() -> bool:
    """Whether this build of llama.cpp can put layers on a GPU."""
    return bool(library().llama_supports_gpu_offload())
