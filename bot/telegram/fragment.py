"""An article's address that opens at one sentence: text fragments.

https://wicg.github.io/scroll-to-text-fragment/ defines `#:~:text=[prefix-,]start[,end][,-suffix]`; a
browser matches whole words, whatever their case. Pure.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urlsplit

SHORT = 60
"""The most characters of a sentence that goes into the address whole."""
WORDS = 6
"""Words of either end of a longer one: what stands between may be marked up in any way."""
_LONGEST_URL = 2000
"""Characters of an address that Telegram accepts in a button."""
_BEFORE = 4
"""Words before a sentence that tell it from an earlier one."""


def at_sentence(url: str, text: str, start: int, end: int) -> str | None:
    """The address that opens at `text[start:end]`; None for what is no web address.

    Where even the sentence's beginning stands earlier in the text too, the words before it go along. An
    address that would be too long opens the page at its top.
    """
    base = web(url)
    if base is None:
        return None
    target = _directive(text, start, end)
    if target is None:
        return base
    sign = ":~:" if "#" in base else "#:~:"
    whole = f"{base}{sign}text={target}"
    return whole if len(whole) <= _LONGEST_URL else base


def web(url: str | None) -> str | None:
    """The address as a button may carry it, None where Telegram would refuse it."""
    if not url or re.search(r"[\s\x00-\x1f\x7f]", url) or len(url) > _LONGEST_URL:
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme.lower() not in ("http", "https") or parts.username is not None or not _public(host):
        return None
    rest = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    # The address's own fragment directive would conflict with this one.
    anchor = quote(parts.fragment.partition(":~:")[0], safe="/%:@!$&()*+,;=~-._?")
    place = f"{host}:{port}" if port else host
    return f"{parts.scheme.lower()}://{place}{rest}{query}{f'#{anchor}' if anchor else ''}"


def host(url: str | None) -> str | None:
    """The publisher as a reader knows it: the host without `www.`."""
    good = web(url)
    return (urlsplit(good).hostname or "").removeprefix("www.") if good else None


def _public(host: str) -> bool:
    """Whether Telegram accepts a host in a button: a name with a dot, and no IP address."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]+\.[A-Za-z0-9-]{2,}", host):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


def _directive(text: str, start: int, end: int) -> str | None:
    words = text[start:end].split()
    if not words:
        return None
    before = " ".join(text[:start].split()).casefold()
    sentence = " ".join(words)
    if len(sentence) <= SHORT or len(words) <= 2 * WORDS:
        head, tail = sentence, ""
    else:
        number = WORDS
        while number < len(words) - WORDS and " ".join(words[:number]).casefold() in before:
            number += 2
        head, tail = " ".join(words[:number]), " ".join(words[-WORDS:])
    prefix = ""
    if head.casefold() in before:
        # The words before a sentence may lie in another paragraph, which a browser allows for.
        prefix = " ".join(text[:start].split()[-_BEFORE:])
    parts = [f"{_encoded(prefix)}-" if prefix else "", _encoded(head), _encoded(tail)]
    return ",".join(part for part in parts if part)


def _encoded(words: str) -> str:
    """Percent-encoded; `-`, `,` and `&` mean something in a directive."""
    return quote(words, safe="").replace("-", "%2D")
