"""Teasers: a call to look elsewhere, then another article's headline. Pure.

Feeds lose line breaks (`…hitam.Baca Juga: Wisata BromoGerakan itu…`), so a teaser's end is the line's, a
closing quote's, a gap of several spaces, or the place where two words touch; where none of these is near, the
text stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.cutting.places import Span, any_in, before

TITLE_LENGTH = 250
"""The longest headline that a teaser is believed to carry, in characters."""

_TEASER = re.compile(
    r"(?:BACA|Baca|LIHAT|Lihat|SIMAK|Simak|TONTON|Tonton|SAKSIKAN|Saksikan)[ \t](?:JUGA|Juga|juga)"
    r"(?P<colon>[ \t]?:|[ \t](?=[\"“'‘]))?(?![ \t](?i:video|live|foto|infografis)\b)"
    r"|(?:Simak|SIMAK|Tonton|TONTON|Lihat|LIHAT|Saksikan|SAKSIKAN)(?:[ \t](?:juga|Juga|JUGA))?[ \t]"
    r"(?i:video|live|foto|infografis)\b"
    r"(?P<video>[ \t]?:|[ \t](?=[\"“'‘])|[ \t](?i:detik)?[A-Z]\w{2,12}:)"
    r"|(?P<call>(?:ALSO READ|Also [Rr]ead|READ (?:ALSO|MORE)|Read (?:[Aa]lso|[Mm]ore)|See [Aa]lso|"
    r"Related|RELATED|Pilihan (?:Editor|Redaksi)|(?:Berita|Artikel) (?:[Tt]erkait|[Ll]ainnya)|"
    r"Baca|BACA)[ \t]?:)"
)
"""The call of a teaser: "BACA JUGA:", "Simak video:", "Read more:"."""
_CALLS = tuple(
    "BACA Baca LIHAT Lihat SIMAK Simak TONTON Tonton SAKSIKAN Saksikan Also READ Read See Related RELATED "
    "Pilihan Berita Artikel".split()
)
"""What every teaser's call holds one of."""
_HERE = r"(?:[ \t]*(?:di (?:sini|bawah ini)|berikut(?: ini)?|ini))?[ \t]*[:.]?"
"""What may follow a headline in quotes: "di sini"."""
_CLOSING = re.compile(rf"[\"”'’](?!\w){_HERE}")
"""The closing quote of a headline."""
_GAP = re.compile(r"[ \t]{2,}(?=\S)")
"""A gap of at least two spaces."""
_STOP = re.compile(r"(?<=[^\s.][^\s.][^\s.])\.(?= +[\"“]?[A-Z])")
"""A full stop that ends a headline; it stands after a word of at least three letters."""
_TOUCH = re.compile(
    r"(?<=[a-z0-9!?.…)%])(?=[A-Z][a-z])|(?<=[a-z0-9!?.…)%])(?=[\"“][A-Z])|(?<=[a-z][\"”’])(?=[A-Z][a-z])"
    r"|(?<=[A-Z]{2})(?=[A-Z][a-z]{2})"
)
"""Where two words touch, the headline's last and the article's next."""
CAMEL = re.compile(
    r"(?:TikTok|You[Tt]ube|WhatsApp|LinkedIn|FaceBook|PayPal|GoPay|GoFood|GrabFood|OpenAI|ChatGPT|DeepSeek|"
    r"PeduliLindungi|NasDem|MotoGP|TransJakarta|JakLingko|BenderaHitam|SpaceX|iPhone|iPad|SiCepat|"
    r"ShopeePay|LinkAja|BliBli|BukaLapak|[dD]etik[A-Z][a-z]+|[KS]u[A-Z][a-z]+|Mc[A-Z][a-z]+|JakPro)\b"
)
"""Names with a capital inside, which are not two words that touch."""
_HEADLINE_WORD = re.compile(r"[^\W\d_]{4,}")
"""A word that is long enough to begin with a capital in a headline."""


def teasers(text: str) -> Iterator[Span]:
    """Every teaser, in order."""
    if not any_in(text, _CALLS):
        return
    last = len(text.rstrip())
    for match in _TEASER.finditer(text):
        start, where = before(text, match.start())
        called = match["colon"] or match["video"] or match["call"]
        end = _headline_end(text, match.end()) if where != "any" else None
        if end is None:
            continue
        apart = where == "line" or end >= last
        if not called and not (apart and _is_headline(text[match.end() : end])):
            continue
        if where == "line" and not text[match.end() : end].strip():
            end = _headlines_below(text, end)
        if where == "line" and text[end : end + 1] == "\n":
            end += 1
        while end < len(text) and text[end] == " ":
            end += 1
        yield start, end, "teaser"


def _headline_end(text: str, start: int) -> int | None:
    """Where a teaser's headline ends, or None where that cannot be told."""
    line = text.find("\n", start, start + TITLE_LENGTH + 1)
    line = line if line >= 0 else min(len(text), start + TITLE_LENGTH + 1)
    whole = line == len(text) or text[line] == "\n"
    first = start + len(text[start:line]) - len(text[start:line].lstrip(" \t"))
    if text[first : first + 1] in {'"', "“", "'", "‘"} and (
        closing := _CLOSING.search(text, first + 2, line)
    ):
        return closing.end()
    # A gap of spaces or a full stop ends it too, but not before the headline has begun.
    ends = [match.start() for match in (_GAP.search(text, first, line),) if match]
    ends += [match.end() for match in (_STOP.search(text, first + 10, line),) if match]
    for touch in _TOUCH.finditer(text, first + 10, line):
        if not _is_name(text, touch.start()):
            ends.append(touch.start())
            break
    if whole:
        ends.append(line)
    return min(ends, default=None)


def _is_name(text: str, place: int) -> bool:
    """Whether the words that touch at `place` are one name with a capital inside it."""
    start = place
    while start and place - start < 20 and text[start - 1].isalnum():
        start -= 1
    match = CAMEL.match(text, start)
    return bool(match and match.end() > place)


def _is_headline(text: str) -> bool:
    """Whether most words begin with a capital, as a headline's do and a sentence's do not."""
    words = _HEADLINE_WORD.findall(text)
    return bool(words) and sum(word[0].isupper() for word in words) >= 0.6 * len(words)


def _headlines_below(text: str, end: int) -> int:
    """The end of up to three headlines on the lines below a teaser that has none on its own."""
    for _ in range(3):
        below = end + 1
        line = text.find("\n", below, below + TITLE_LENGTH)
        line = line if line >= 0 else len(text)
        headline = text[below:line].strip()
        if line - below > TITLE_LENGTH or headline.endswith((".", ":", ",")) or not _is_headline(headline):
            break
        end = line
    return end
