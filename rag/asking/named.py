"""Names that contain a day and are no times: Stadion 10 November, Pasar Minggu."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rag.store.archive import Archive
from rag.text.calendar import MONTHS, WEEKDAYS, alternatives

Known = Callable[[str], bool]
"""Whether an article has these words as a name."""

_MONTH, _WEEKDAY, _TH = alternatives(MONTHS), alternatives(WEEKDAYS), r"(?:st|nd|rd|th)?"
"""Parts of patterns: a month, a weekday, the ending of an English ordinal."""
_KINDS = frozenset(
    """
    stadion stadium gelora gor jalan jl jln gang universitas univ kampus akademi sma smp sd smk smu sekolah
    negeri monumen tugu museum gedung gd taman lapangan jembatan masjid gereja pasar plaza mal bandara
    terminal pelabuhan kri rs rsud hotel perumahan kampung desa kelurahan bendungan waduk gerakan partai band
    klub club grup street square avenue bridge park school university hospital movement road black good ash
    """.split()
)
"""Words for places and bodies that are named after days. A day after such a word, in English before it, is
part of a name."""
_NAMED = re.compile(
    rf"(?i)\b(?:\d{{1,2}}{_TH}(?: of)? (?:{_MONTH})\b(?: (?P<y>\d{{4}})\b)?|(?:{_MONTH}) \d{{1,2}}{_TH}\b"
    rf"|(?P<w>{_WEEKDAY})\b)"
)
"""A day, or a weekday, as it may stand in a name."""
_RECENT = 1990
"""A year from which on a date after a word for a place is a date: "Stadion Arum 10 November 2024"."""
_CAPITALS_BEFORE = re.compile(r"(?:(?<!\S)[A-Z][\w'’-]{0,30}\.? ){1,3}\Z")
"""Up to three words with a capital before it."""
_CAPITALS_AFTER = re.compile(r" [A-Z][\w'’-]{0,30}(?: [A-Z][\w'’-]{0,30})?")
"""One or two words with a capital after it."""
_MOST_ASKED = 8
"""The most possible names that are looked up in the store."""


def known_in(archive: Archive, holding: Callable[[str], Sequence[int]]) -> Known:
    """Returns a function that tells whether the articles of a store have a name; `holding` gives the chunks
    with most words of a text.

    Where a year or a time of day follows, as in "kata Shoigu 4 September 2023", a text tells a day.
    """

    def known(name: str) -> bool:
        form = re.compile(
            rf"(?<!\w){re.escape(name)}(?!\w)(?! ?(?:\(|,? ?\d|lalu|kemarin|pagi|siang|sore|malam|dini))",
            re.IGNORECASE,
        )
        passages = archive.passages(holding(name))
        return any(form.search(f"{each.article.title or ''}\n{each.text}") for each in passages)

    return known


def without_names(question: str, known: Known) -> str:
    """The question, as long as it is, with null characters for a day that stands in a name."""
    parts: list[str] = []
    at = asked = 0
    for match in _NAMED.finditer(question):
        around = list(_around(question, match)) if asked < _MOST_ASKED else []
        asked += len(around)
        if _of_a_kind(question, match) or any(known(name) for name in around):
            parts += question[at : match.start()], "\0" * len(match[0])
            at = match.end()
    return "".join((*parts, question[at:]))


def _of_a_kind(question: str, match: re.Match[str]) -> bool:
    """Whether a word for a place or a body stands before a day, or in English behind it."""
    before = question[max(0, match.start() - 40) : match.start()].split(" ")
    word = before[-2].lstrip("(\"“‘'") if len(before) > 1 else ""
    sick = [part.lower() for part in before[-3:-1]] == ["rumah", "sakit"]
    after = question[match.end() : match.end() + 40].split(" ")
    behind = after[1].strip("?.,!\"”’'") if len(after) > 1 and not after[0] else ""
    if match["w"]:
        # "di pasar Senin" is a day, "di Pasar Minggu" is a place.
        return (word[:1].isupper() or word in ("black", "good", "ash")) and word.lower() in _KINDS
    if match["y"] and int(match["y"]) >= _RECENT:
        return False
    return word.lower().rstrip(".") in _KINDS or sick or (behind[:1].isupper() and behind.lower() in _KINDS)


def _around(question: str, match: re.Match[str]) -> Iterator[str]:
    """A possible name: a day with the capitalised words before or after it."""
    if before := _CAPITALS_BEFORE.search(question[max(0, match.start() - 100) : match.start()]):
        words = before[0].split()
        yield from (f"{' '.join(words[first:])} {match[0]}" for first in range(len(words)))
    if after := _CAPITALS_AFTER.match(question, match.end()):
        yield f"{match[0]}{after[0]}"
