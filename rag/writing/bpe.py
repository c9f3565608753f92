"""A chat model's own byte-level BPE vocabulary as a tiktoken encoding, to count its tokens quickly.

Vocabularies of this kind number their tokens in the order in which they were merged, which is all that
tiktoken needs beside the pattern that cuts text into pieces. Patterns: llama.cpp, `src/llama-vocab.cpp`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tiktoken

_QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""The pattern of Qwen 2 and later."""
_LLAMA = _QWEN.replace(r"|\p{N}|", r"|\p{N}{1,3}|", 1)
"""The pattern of Llama 3: Qwen's, with up to three digits together."""
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
"""The pattern of GPT-2."""

PATTERNS: Mapping[str, str] = {"gpt-2": _GPT2, "llama-bpe": _LLAMA, "qwen2": _QWEN}
"""The patterns, by their name in a GGUF's `tokenizer.ggml.pre`."""


def encoding(tokens: Sequence[str | None], pre: str) -> tiktoken.Encoding | None:
    """The encoding; None where the vocabulary is not of this kind or its pattern is not known here.

    `tokens`: each as GPT-2 spells it, by its id; None for those that no text can become.
    """
    if pre not in PATTERNS:
        return None
    letters = _letters()
    ranks = {}
    for id, token in enumerate(tokens):
        if token is not None and all(letter in letters for letter in token):
            ranks[bytes(letters[letter] for letter in token)] = id
    if any(bytes([value]) not in ranks for value in range(256)):
        return None
    return tiktoken.Encoding(f"gguf-{pre}", pat_str=PATTERNS[pre], mergeable_ranks=ranks, special_tokens={})


def _letters() -> dict[str, int]:
    """The letter that stands for each byte in a vocabulary. Source: GPT-2's `bytes_to_unicode`."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [value for value in range(256) if value not in plain]
    return {chr(value): value for value in plain} | {chr(256 + n): value for n, value in enumerate(others)}
