"""Credits of an article, before its first sentence or after the last: who wrote it, where and for whom."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.cutting.places import Span, any_in

_TAIL = 420
"""Characters at the end that are searched for credits."""


def credited(text: str) -> Iterator[Span]:
    """Datelines, bylines, initials and names of agencies, in no order."""
    yield from _dateline(text)
    yield from _byline(text)
    yield from _tail(text)


# --- before the first sentence ----------------------------------------------------------------------

_CITIES = (
    "Jakarta|Bandung|Surabaya|Medan|Semarang|Yogyakarta|Jogja|Solo|Surakarta|Makassar|Palembang|Denpasar|Bali|"
    "Bogor|Depok|Tangerang|Bekasi|Malang|Batam|Padang|Pekanbaru|Pontianak|Banjarmasin|Samarinda|Balikpapan|"
    "Manado|Kendari|Palu|Ambon|Jayapura|Kupang|Mataram|Lampung|Bandar Lampung|Jambi|Bengkulu|Serang|Cirebon|"
    "Tasikmalaya|Garut|Sukabumi|Cianjur|Karawang|Purwakarta|Sleman|Bantul|Magelang|Kediri|Madiun|Jember|"
    "Banyuwangi|Banda Aceh|Aceh|Pangkalpinang|Tanjungpinang|Gorontalo|Ternate|Sorong|Manokwari|Palangka Raya|"
    "Singapura|Kuala Lumpur|Washington|New York|London|Paris|Moskow|Beijing|Tokyo|Seoul|Sydney|Canberra|"
    "Tel Aviv|Gaza|Kyiv|Kiev|Moscow|Berlin|Brussels|Geneva|Jenewa|Hong Kong|Bangkok|Manila|New Delhi|Riyadh"
)
"""Places that Indonesian news is filed from, with those of the large foreign agencies."""
_AGENCIES = (
    r"ANTARA(?: News)?|Antara|Reuters|REUTERS|AP|AFP|dpa|Xinhua|Bloomberg|CNN Indonesia|CNBC Indonesia|"
    r"VOA|BBC|IDN Times|tvOne|Kompas TV|UPI|ANSA|Kyodo|TASS|Yonhap|detikcom|RMOL"
)
"""News agencies and papers without a domain in their name."""
_DOMAIN = r"[A-Za-z][\w-]{1,30}(?:\.[A-Za-z]{2,10}){0,1}\.(?i:com|co\.id|co|id|net|org|tv|news)"
"""A paper that is named by its domain: GELORA.CO, KOMPAS.com."""
_OUTLET = rf"(?:{_DOMAIN}|{_AGENCIES})"
"""Any paper or agency."""
_CAPITALS = r"[A-Z][A-Z'.]{2,}(?: [A-Z][A-Z'.]{2,}){0,3}"
"""A place in capitals, of one to four words."""
_PLACE = rf"(?:{_CITIES}|{_CAPITALS})"
"""Any place."""
_DATE = r"(?:, ?[A-Z][\w.]{2,10} \d{1,2})?"
"""A day after a place, as foreign agencies write it: "LONDON, Sept 4"."""
_DATELINE = re.compile(
    rf"\s*(?:"
    rf"{_OUTLET}(?:, ?{_PLACE})?"  # GELORA.CO - ; TEMPO.CO, Jakarta -
    rf"|{_PLACE},? ?\|? ?{_OUTLET}"  # JAKARTA, KOMPAS.com - ; Jakarta, CNN Indonesia --
    # LONDON, Sept 4 (Reuters) -
    rf"|{_PLACE}(?:, [A-Z][A-Za-z. ]{{2,25}})?{_DATE} ?[(\[](?:{_OUTLET})[)\]]"
    rf") ?(?:-{{1,2}}|–|—)\s*(?=[^\W_]|[\"“‘'(])"
    rf"|\s*(?:(?i:{_CITIES})|[A-Z]{{3,}}(?: [A-Z]{{3,}}){{1,3}})(?: -{{1,2}}| ?–| ?—|-(?= )|--) +"
    # TANAH RAWANG, Suara Lembah - : a place in capitals, then a paper's name
    r"|\s*[A-Z]{3,}(?: [A-Z]{2,}){0,3}, [A-Z][\w.]*(?: [A-Z][\w.]*){0,3} (?:-{1,2}|–|—) +"
    r"(?=[A-Z0-9\"“‘'(])"
)
"""A dateline at the beginning of an article, up to its dash."""


def _dateline(text: str) -> Iterator[Span]:
    if (match := _DATELINE.match(text, 0, 400)) and match.end():
        yield match.start(), match.end(), "dateline"


_NAME = r"(?:[A-Z][a-z'’]+|[A-Z]\.?)"
"""A word of a person's name."""
_DEGREES = r"(?:, ?[SM]\.? ?[A-Z][A-Za-z]{0,3}\.?){0,2}"
"""Academic degrees after a name: S.H., M.Kn."""
_TOUCHED = r"(?:\s?\*\)?\s*|(?<=[a-z]{2})(?=[A-Z][a-z]))"
"""Where the name ends: at a star, or where the next word touches it."""
_BY = re.compile(
    rf"\s*(?:(?:Oleh|OLEH) ?: ?{_NAME}(?: {_NAME}){{0,4}}{_DEGREES}"
    rf"(?:{_TOUCHED}|(?<=[a-z’'])(?=[A-Z]{{2,}}[ A-Z])|(?<=[A-Za-z.]) (?=[A-Z]{{4,}} [a-z]))"
    rf"|Oleh {_NAME}(?: {_NAME}){{1,3}}{_TOUCHED})"
)
"""A byline, "Oleh: Nama Penulis", which opens an opinion. It ends where the next word touches the name, at a
star, or before a word in capitals, as such texts begin. If the name itself is in capitals, its end cannot be
told."""


def _byline(text: str) -> Iterator[Span]:
    if text[:200].lstrip()[:4].lower() == "oleh" and (match := _BY.match(text, 0, 200)):
        yield match.start(), match.end(), "byline"


# --- after the last one ------------------------------------------------------------------------------

_CREDITS = (
    r"RMOL(?:[A-Z]\w+)?|rmol|dtk|Dtk|detik|detikcom|okezone|[Ss]uara|suara\.com|kompas|tempo|antara|ANTARA|Antara|"
    r"Reuters|AFP|AP|merdeka|viva|jpnn|jpc|tribun(?:news)?|genpi|indozone|hops|cnn|cnnindonesia|ant|okz|"
    r"sindo(?:news)?|kumparan|liputan6|republika|jawapos"
)
"""What stands in brackets at an article's end: the names of papers and agencies."""
_INITIALS = re.compile(
    r"\s*(?:"
    rf"(?:\(|\[)\s?(?:\*{{1,3}}|{_CREDITS}|[a-z]{{2,4}}(?:[/-][a-z]{{2,4}}){{1,3}})?\s?(?:\)|\])"
    r"|(?<=[.!?…\"”’'])\s*(?:\([a-z]{2,4}\)|\[[a-z]{2,15}\])"
    r"|(?<=[.!?…\"”’'\s])\*{3,5}"
    rf"|\({_DOMAIN}(?:/[A-Z][\w .]{{2,30}}){{0,4}}\)\*?"
    rf"|\(\s?(?:Sumber|Source|Foto)\s?: ?[A-Z][\w. ]{{1,30}}\)"
    r")\.?\s*\Z"
)
"""Reporters' initials, credits and sources in brackets, or stars, at the end."""
_LAST_LINE = re.compile(
    r"(?<=[.!?…\"”’'* ])\s*(?:Editor|Reporter|Penulis|Kontributor|Pewarta|[Ss]ource|[Ss]umber)\s?: ?"
    r"[A-Za-z][\w.,' /&-]{1,60}\s*\Z|(?<=[.!?…\"”’')\]])\s*Video\s?:\s*\Z"
)
"""A last line that names the editor, the reporter or the source."""


_ROLE = re.compile(
    r"(?<=[.!?…\"”’'])\s*(?:"
    r"\((?:Penulis|Pemerhati|Pengamat|(?:Wakil |Mantan |Eks )?(?:Ketua|Kepala|Sekretaris|Direktur|Anggota)|"
    r"Wartawan|Dosen|Guru Besar|Akademisi|Aktivis|Peneliti|Advokat|Koordinator|Mahasiswa)\b"
    r"[^().!?\n]{3,120}\.?\)"
    r"|\*?\)?\s?Penulis adalah [^.!?\n]{5,120}\.?"
    r")\s*\Z"
)
"""What the author of an opinion is: "(Pemerhati politik dan kebangsaan.)", "*) Penulis adalah …"."""


_LAST = (
    ("initials", (")", "]", "**"), _INITIALS),
    ("byline", (":",), _LAST_LINE),
    ("byline", (")", "Penulis adalah "), _ROLE),
)
"""What is searched for at the end: its kind, texts of which it has one (hints), its pattern."""


def _tail(text: str) -> Iterator[Span]:
    tail = text[-_TAIL:]
    for kind, hints, pattern in _LAST:
        if not any_in(tail, hints):
            continue
        if (match := pattern.search(text, max(0, len(text) - _TAIL))) and not _is_handle(text, match):
            yield match.start(), match.end(), kind
    # Initials may also close a line that others follow: (isa/haf), then the next page's first line.
    if "(" in text and "/" in text:
        for match in _LINE_INITIALS.finditer(text):
            yield match.start(1), match.end(1), "initials"
    # So may a picture's credit close its caption, which the next word touches: … kota. [Dinas]Gedung
    if "[" in text:
        for match in _CREDIT.finditer(text):
            yield match.start(), match.end(), "credit"


_CREDIT = re.compile(r"(?<=[.!?] )\[[A-Z]\w{3,30}\](?=[A-Z][a-z])")
"""A picture's credit in square brackets, which the next word touches: "… kota. [Dinas]Gedung"."""


def _is_handle(text: str, match: re.Match[str]) -> bool:
    """Whether stars hide the rest of an account's name: … tulis @sari.****"""
    word = text[max(0, match.start() - 100) : match.start()].rsplit(maxsplit=1)
    return match[0].startswith("*") and bool(word) and word[-1].lstrip("\"“'(").startswith("@")


_LINE_INITIALS = re.compile(
    r"(?<=[.!?…\"”’'])([ \t]*\([a-z]{2,4}/[a-z]{2,4}(?:/[a-z]{2,4})?\))(?=[ \t]*(?:\n|[A-Z]))"
)
"""Initials at the end of a line that another follows: "(isa/haf)"."""
