"""The shipped tiktoken encoding: counts tokens for chunks, and numbers the rows of the static embedding.

`tiktoken.get_encoding` downloads at first use; this one is a file of the package. Encode article text
with `encode_ordinary` only: the encoding has no special tokens, so no text can become one.
"""

from __future__ import annotations

import binascii
import gzip
import re
from functools import cache
from pathlib import Path

import tiktoken

from rag.errors import ModelError

NAME = "kutip-32k"
"""The name of the encoding, for tiktoken."""
PATH = Path(__file__).parents[1] / "models" / "encoding.tiktoken.gz"
"""The shipped encoding; `lab/encoding.py` makes it."""

PATTERN = (
    r"'(?:[sdmt]|ll|ve|re)(?!\p{L})"  # English clitics
    r"| ?\p{L}[\p{L}\p{M}]*"  # a word; the hyphen of anak-anak stands alone, so both halves are words
    r"| ?\p{N}{1,4}"  # a year is one piece
    r"| ?[^\s\p{L}\p{N}]+"
    r"|\s{1,64}(?!\S)|\s"  # bounded: an open \s+ before the look-ahead overflows on a million spaces
)
"""The pattern that cuts text into pieces, within which bytes are merged; training uses the same one."""

_BARE_WORD = re.compile(r"(?<![\w\s'’.,])(?=\w)")
"""Where a space is put before a word for encoding, so that a word has the same tokens wherever it stands:
those of ` rusia` for `"Rusia`, and of ` anak` twice for `anak-anak`."""


@cache
def encoding() -> tiktoken.Encoding:
    """The encoding, read once a process.

    Raises ModelError where the file is missing or broken.
    """
    return tiktoken.Encoding(NAME, pat_str=PATTERN, mergeable_ranks=read_ranks(PATH), special_tokens={})


def read_ranks(path: Path) -> dict[bytes, int]:
    """tiktoken's own format, gzipped: a token in base64, a space and its rank on each line.

    Raises ModelError where the file cannot be read, or where a byte or a rank is missing.
    """
    try:
        fields = gzip.decompress(path.read_bytes()).split()
        tokens = map(binascii.a2b_base64, fields[::2])
        ranks = dict(zip(tokens, map(int, fields[1::2]), strict=True))
    except (OSError, EOFError, ValueError) as error:
        raise ModelError(f"the encoding {path} cannot be read ({error})", "install Kutip again") from error
    if any(bytes([value]) not in ranks for value in range(256)) or len(set(ranks.values())) != len(ranks):
        raise ModelError(f"the encoding {path} is not whole", "install Kutip again")
    return ranks


def token_ids(text: str, tokens: tiktoken.Encoding) -> list[int]:
    """The ids of a text's tokens; training uses the same ones."""
    return tokens.encode_ordinary(_BARE_WORD.sub(" ", text.lower()))
