"""Publishers' furniture: what stands in an article's body and is not the article's words.

A teaser (`BACA JUGA : …`), a dateline or a reporter's initials must never be quoted. Only what has a known
form and a known end is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.cutting.bylines import credited
from rag.cutting.places import Span, any_in, before
from rag.cutting.teasers import teasers


def furniture(text: str) -> Iterator[Span]:
    """Every stretch of furniture, in no order; stretches may overlap."""
    yield from credited(text)
    yield from _anywhere(text)
    yield from teasers(text)


_LINE_END = r"[ \t]*(?:\n|\Z)"
"""The end of a line, with spaces before it."""
_FIXED: tuple[tuple[str, str, tuple[str, ...], re.Pattern[str]], ...] = (
    (
        "advertisement",
        "any",
        ("SCROLL TO ",),
        re.compile(r"(?:ADVERTISEMENT\s*)?SCROLL TO (?:CONTINUE|RESUME) WITH CONTENT\s*"),
    ),
    ("advertisement", "free", ("ADVERTISEMENT",), re.compile(r"ADVERTISEMENT\b\s*")),
    (
        "advertisement",
        "line",
        ("Advertisement", "Iklan", "IKLAN", "Scroll to ", " continues "),
        re.compile(
            rf"(?:Advertisement|I(?:klan|KLAN)|Scroll to continue with content|"
            rf"(?:Article|Story) continues (?:below|after) (?:this )?ad(?:vertisement)?)[.:]?{_LINE_END}"
        ),
    ),
    ("embed", "any", ("[Gambas:",), re.compile(r"\[Gambas:[^\]\n]{1,60}\]\s*")),
    (
        "embed",
        "any",
        ("(@",),
        re.compile(
            r"(?:View this post on Instagram|Lihat postingan ini di Instagram)\s{1,40}"
            r"(?:A post shared by|Sebuah kiriman dibagikan oleh) [^\n]{1,80}?\(@[\w.]{1,40}\)\s*"
        ),
    ),
    (
        # A post's own sign below its words: pic.twitter.com/x— Name (@name) May 2, 2021
        "embed",
        "any",
        ("(@",),
        re.compile(
            r"(?:https?://t\.co/\w{4,12}|pic\.twitter\.com/\w{4,12})\s?(?:—|&mdash;)\s?"
            r"[^\n@]{1,80}\(@\w{1,20}\)\s?[A-Z][a-z]{2,8}\s\d{1,2}, \d{4}\s*"
        ),
    ),
    (
        "embed",
        "any",
        ("Posted by ",),
        re.compile(
            r"(?:https?://(?:www\.)?facebook\.com/[\w./-]{1,80}?)?Posted by [^\n]{2,60}? on "
            r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, [A-Z][a-z]{2,8} \d{1,2}, \d{4}\s*"
        ),
    ),
    (
        "next page",
        "free",
        (" halaman ",),
        re.compile(
            r"(?:Simak|Baca|Lihat)(?: berita| artikel| informasi)? selengkapnya,? (?:di|pada|klik|ke) "
            r"halaman (?:selanjutnya|berikutnya|berikut(?: ini)?|\d{1,2})[.:]?(?:\s+|\Z|(?=[A-Z]))"
        ),
    ),
    (
        "next page",
        "free",
        ("sini",),
        re.compile(
            r"(?:Simak|Baca|Lihat|Video|Berita)(?: berita| artikel)? selengkapnya"
            r"(?: (?:dapat|bisa) (?:dilihat|dibaca|disimak))?,? (?:klik )?di ?sini[.:]?(?:\s+|\Z)"
        ),
    ),
    (
        "next page",
        "free",
        ("DI SINI", "di sini", "Klik "),
        re.compile(
            r"(?:(?:Untuk|Ingin) (?:melihat|membaca|menonton) [^.!?\n]{3,60}, (?i:klik di ?sini)"
            r"|Video[^.!?\n]{0,60} (?:bisa|dapat) (?:disaksikan|dilihat|ditonton) di ?sini"
            r"|(?i:(?:tonton|lihat|baca) (?:videonya|video|beritanya) di ?sini)"
            r"|Klik (?:link|tautan) (?:video )?di bawah ini untuk [^.!?\n]{3,60})[.:!]?(?:\s+|\Z)"
        ),
    ),
    (
        "next page",
        "free",
        ("alaman selanjutnya", "alaman berikutnya"),
        re.compile(
            r"(?:Halaman (?:selanjutnya|berikutnya) (?:soal|tentang|berisi) [^.!?\n]{5,120}"
            r"|[A-Z][^.!?\n]{5,100} di halaman (?:selanjutnya|berikutnya))[.:]\s*\Z"
        ),
    ),
    (
        "next page",
        "free",
        (" edisi ",),
        re.compile(
            r"(?:Simak|Baca)(?: \w+)? selengkapnya di (?:Koran|Majalah|Harian) [A-Z]\w+ edisi "
            r"[^.!?\n]{5,60}\.?(?:\s+|\Z)"
        ),
    ),
    (
        "next page",
        "any",
        ("Selanjutnya",),
        re.compile(r"\bHalaman\s{2,40}1(?:\s{1,40}\d{1,2}){1,20}\s+Selanjutnya\b[^\n.!?]{0,300}\Z"),
    ),
    (
        "notice",
        "any",
        ("Informasi dalam artikel ini ",),
        re.compile(
            r"Informasi dalam artikel ini tidak ditujukan untuk menginspirasi (?:kepada )?siapa ?pun untuk "
            r"melakukan tindakan serupa\.\s*"
        ),
    ),
    (
        "notice",
        "any",
        ("Daftarkan email",),
        re.compile(r"Dapatkan informasi,? [^.\n]{0,60}di email kamu\.\s{0,3}Daftarkan email\s*"),
    ),
    (
        "notice",
        "free",
        ("streaming artikel ini",),
        re.compile(r"Bisa juga (?:ditonton )?lewat streaming artikel ini(?: ya)?\.\s*"),
    ),
    (
        "notice",
        "free",
        ("Nikmati terus menu ",),
        re.compile(r"Nikmati terus menu sarapan informasi khas [^\n]{5,500}\Z"),
    ),
    (
        "notice",
        "line",
        ("Google News", "WhatsApp", "Telegram", "hannel", "ewsletter"),
        re.compile(
            r"(?:Dapatkan|Ikuti|Simak|Cek|Gabung|Follow|Sign up|Subscribe)\b(?=[^\n]{0,300}?"
            rf"(?:Google News|WhatsApp|Telegram|[Cc]hannel|[Nn]ewsletter))[^\n]{{0,400}}{_LINE_END}"
        ),
    ),
    (
        "notice",
        "free",
        ("Artikel ini ",),
        re.compile(
            r"Artikel ini (?:telah|sudah) (?:tayang|terbit|dimuat)(?: sebelumnya)?(?: di|pada) "
            r"[\w. ]{3,40}(?:,? dengan judul:? [^\n]{5,200}?)?(?=\s*(?:\[|\n|\Z))\s*"
        ),
    ),
    ("notice", "line", ("©",), re.compile(rf"(?:COPYRIGHT|Copyright|Hak Cipta) ?©[^\n]{{0,80}}{_LINE_END}")),
    (
        "byline",
        "line",
        ("Editor", "Reporter", "Penulis", "Kontributor", "Pewarta", "Redaktur", "Penyunting", "Oleh"),
        re.compile(
            r"(?:Editor|Reporter|Penulis|Kontributor|Pewarta|Redaktur|Penyunting|Oleh)\s?:"
            rf"[^\n.]{{2,80}}{_LINE_END}"
        ),
    ),
    (
        "byline",
        "line",
        ("eporting by ", "Writing by ", "Editing by "),
        re.compile(rf"(?:Additional reporting|Reporting|Writing|Editing) by [^\n]{{2,250}}{_LINE_END}"),
    ),
)
"""(kind, where, hints, form) for each form of furniture. Where: at "any" place; "free", after a sentence's
end; on a "line" of its own. A text without any of the hints cannot match, and finding that out is many times
faster than searching for the form."""


def _anywhere(text: str) -> Iterator[Span]:
    for kind, where, hints, form in _FIXED:
        if not any_in(text, hints):
            continue
        for match in form.finditer(text):
            begin, found = before(text, match.start())
            if where in {"any", found} or found == "line":
                yield begin if where != "any" else match.start(), match.end(), kind
