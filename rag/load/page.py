"""A web page -> its article, by trafilatura; and what a page is that has none."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import trafilatura

from rag.errors import InputError

LARGEST = 1024 * 1024
"""Bytes of HTML: trafilatura's time grows faster than the page (27 s for 10 MB)."""
LEAST = 150
"""Characters: what is shorter is no article but what is left of a page around one."""
_STUB = 1_500
"""Characters: a page that is longer than this is read as an article, whatever it asks for."""

_PAID = re.compile(
    r"(?i)(?:ber)?langganan (?:untuk|agar|sekarang)|khusus (?:untuk )?pelanggan"
    r"|(?:konten|artikel) (?:premium|berbayar)"
    r"|(?:masuk|login|daftar) (?:untuk|agar dapat) (?:lanjut|membaca|melanjutkan)"
    r"|subscribe (?:now )?to (?:continue|read|unlock)|subscribers? only|already a subscriber"
    r"|(?:sign|log) ?in to (?:continue|read)|to continue reading|unlock this article"
)
_NOT_FREE = re.compile(rb"\"isAccessibleForFree\"\s*:\s*\"?(?:false|False)")
_CONSENT = re.compile(
    r"(?i)\bcookies?\b|\bkuki\b|\bconsent\b|kebijakan privasi|privacy policy|\bGDPR\b|persetujuan Anda"
)
_SCRIPT = re.compile(
    r"(?i)(?:enable|turn on|aktifkan|nyalakan) (?:your )?java ?script|checking your browser"
    r"|are you a (?:robot|human)|verify(?:ing)? (?:that )?you are (?:a )?human"
    r"|captcha|access denied|just a moment"
)
_TAGS = re.compile(
    rb"<(?:script|style|noscript)\b.{0,100000}?</(?:script|style|noscript)\s*>|<[^>]{0,5000}>", re.DOTALL
)


def parse(data: bytes, url: str | None = None) -> dict[str, Any]:
    """The article's text, title, date, publisher, author and canonical address.

    Raises InputError, which says what kind of page it is, where there is no article.
    """
    if len(data) > LARGEST:
        raise InputError(f"over {LARGEST // 1024**2} MB of HTML, more than an article's page has")
    if b"<" not in data:
        raise InputError("not an HTML page")
    found = trafilatura.bare_extraction(
        data,
        url=url,
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    if found is None or isinstance(found, dict):
        raise InputError(_lacking("", data))
    lines = [_line(line) for line in (found.text or "").split("\n")]
    title = " ".join((found.title or "").split()) or None
    # The headline is the title and no sentence of the text.
    text = "\n".join(line for line in lines if line and line != title)
    if why := _stub(text, data):
        raise InputError(why)
    if len(text) < LEAST:
        raise InputError(_lacking(text, data))
    return {
        "text": text,
        "title": title,
        "published": found.date,
        "publisher": found.sitename or found.hostname,
        "author": found.author,
        "url": canonical(found.url, url),
    }


def canonical(said: str | None, url: str | None) -> str | None:
    """The address that a page says is its own, unless it names another site's."""
    if not said or not said.lower().startswith(("http://", "https://")):
        return url
    if url is None or _site(said) == _site(url):
        return said
    return url


def fragment(html: str) -> str:
    """The words of a piece of HTML, as a feed carries one: a block a line."""
    wrapped = f"<html><body><article>{html}</article></body></html>"
    found = trafilatura.bare_extraction(wrapped, include_comments=False, favor_recall=True)
    text = found.text if found is not None and not isinstance(found, dict) else None
    plain = text or trafilatura.html2txt(wrapped)
    return "\n".join(line for line in map(_line, plain.split("\n")) if line)


def _line(line: str) -> str:
    """Without the marks that stand for a list's points and a table's cells."""
    line = " ".join(line.split())
    if line.startswith("|"):
        line = " | ".join(cell.strip() for cell in line.strip("| ").split("|"))
    return line.removeprefix("- ").strip()


def _stub(text: str, data: bytes) -> str | None:
    """What a page is that shows only a beginning, or asks for something first."""
    if len(text) >= _STUB:
        return None
    if _PAID.search(text[-600:]) or _NOT_FREE.search(data):
        return "only the beginning of an article: the rest is for subscribers"
    if len(text) < _STUB and len(_CONSENT.findall(text)) * 150 > len(text):
        return "a page that asks for consent to cookies, and no article"
    return None


def _lacking(text: str, data: bytes) -> str:
    """What a page without an article is, as far as its words say."""
    words = text + " " + _TAGS.sub(b" ", data[:200_000]).decode("utf-8", "replace")
    if _SCRIPT.search(words):
        return "a page that wants a browser (JavaScript or a check for robots), and no article"
    if _PAID.search(words) and len(words) < 20_000:
        return "only the beginning of an article: the rest is for subscribers"
    if len(_CONSENT.findall(words)) >= 2 and len(" ".join(words.split())) < 3_000:
        return "a page that asks for consent to cookies, and no article"
    return "no article in this page"


def _site(url: str) -> str:
    """The host without the prefixes by which a site has several."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return url
    return re.sub(r"^(?:www|m|amp|mobile)\.", "", host)
