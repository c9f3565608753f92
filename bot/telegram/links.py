"""Links that carry something: `t.me/BOT?start=PAYLOAD` opens a quoted sentence, or asks a question again.

A payload has up to 64 characters of A-Z, a-z, 0-9, _ and - (https://core.telegram.org/bots/features#deep-linking).
It is signed, so that nobody can make one up and read what others have asked. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

_SIGNATURE = 12
"""Bytes of a signature: enough that guessing one takes longer than anyone lives."""
_QUOTE, _AGAIN = "q", "a"
"""The first letter of a payload: what it does."""
_QUOTE_FIELDS, _AGAIN_FIELDS = ">QHI4s", ">Q"
"""An article's key, version, the sentence's start, a check of the article's id; an answer's id."""


@dataclass(frozen=True, slots=True)
class QuoteLink:
    """A sentence of an article: its archive's key, its version, where the sentence starts."""

    key: int
    version: int
    start: int
    check: bytes

    def means(self, id: str) -> bool:
        """Whether the article with this id is meant; keys may change when a backup is restored."""
        return hmac.compare_digest(self.check, _check(id))


@dataclass(frozen=True, slots=True)
class AgainLink:
    """The question of an answer, by that answer's id."""

    answer: int


class Links:
    """Makes links and reads their payloads. `secret` is the bot's token: a new token ends old links."""

    def __init__(self, secret: str, username: str) -> None:
        self._key = hashlib.sha256(f"kutip links {secret}".encode()).digest()
        self._username = username

    def quote(self, key: int, id: str, version: int, start: int) -> str:
        """The address that opens a sentence in the bot."""
        return self._address(_QUOTE, struct.pack(_QUOTE_FIELDS, key, version, start, _check(id)))

    def again(self, answer: int) -> str:
        """The address that asks a question again."""
        return self._address(_AGAIN, struct.pack(_AGAIN_FIELDS, answer))

    def read(self, payload: str) -> QuoteLink | AgainLink | None:
        """What a payload says; None for one that was not made here."""
        kind, body = payload[:1], payload[1:]
        try:
            data = urlsafe_b64decode(body + "=" * (-len(body) % 4))
        except ValueError:
            return None
        given, signature = data[:-_SIGNATURE], data[-_SIGNATURE:]
        if not hmac.compare_digest(signature, self._sign(kind, given)):
            return None
        if kind == _QUOTE and len(given) == struct.calcsize(_QUOTE_FIELDS):
            return QuoteLink(*struct.unpack(_QUOTE_FIELDS, given))
        if kind == _AGAIN and len(given) == struct.calcsize(_AGAIN_FIELDS):
            return AgainLink(*struct.unpack(_AGAIN_FIELDS, given))
        return None

    def _address(self, kind: str, data: bytes) -> str:
        payload = kind + urlsafe_b64encode(data + self._sign(kind, data)).decode().rstrip("=")
        return f"https://t.me/{self._username}?start={payload}"

    def _sign(self, kind: str, data: bytes) -> bytes:
        return hmac.new(self._key, kind.encode() + data, hashlib.sha256).digest()[:_SIGNATURE]


def _check(id: str) -> bytes:
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).digest()[:4]
