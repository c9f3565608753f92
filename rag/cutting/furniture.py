"""Publishers' furniture: what stands in an article's body and is not the article's words.

A teaser (`BACA JUGA : …`), a dateline or a reporter's initials must never be quoted. Only what has a
known form and a known end is found. Feeds lose line breaks (`…hitam.Baca Juga: Wisata BromoGerakan itu…`),
so a teaser's end is the line's, a closing quote's, a gap of several spaces, or the place where two words
touch; where none of these is near, the text stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int, str]
"""Where a stretch starts and ends in the text, and what kind of furniture it is."""

TITLE_LENGTH = 250
"""The longest headline that a teaser is believed to carry, in characters."""
_TAIL = 420


def furniture(text: str) -> Iterator[Span]:
    """Every stretch of furniture, in no order; stretches may overlap."""
    yield from _dateline(text)
    yield from _byline(text)
    yield from _anywhere(text)
    yield from _teasers(text)
    yield from _tail(text)


# --- datelines ----------------------------------------------------------------------------------

_CITIES = (
    "Jakarta|Bandung|Surabaya|Medan|Semarang|Yogyakarta|Jogja|Solo|Surakarta|Makassar|Palembang|Denpasar|Bali|"
    "Bogor|Depok|Tangerang|Bekasi|Malang|Batam|Padang|Pekanbaru|Pontianak|Banjarmasin|Samarinda|Balikpapan|"
    "Manado|Kendari|Palu|Ambon|Jayapura|Kupang|Mataram|Lampung|Bandar Lampung|Jambi|Bengkulu|Serang|Cirebon|"
    "Tasikmalaya|Garut|Sukabumi|Cianjur|Karawang|Purwakarta|Sleman|Bantul|Magelang|Kediri|Madiun|Jember|"
    "Banyuwangi|Banda Aceh|Aceh|Pangkalpinang|Tanjungpinang|Gorontalo|Ternate|Sorong|Manokwari|Palangka Raya|"
    "Singapura|Kuala Lumpur|Washington|New York|London|Paris|Moskow|Beijing|Tokyo|Seoul|Sydney|Canberra|"
    "Tel Aviv|Gaza|Kyiv|Kiev|Moscow|Berlin|Brussels|Geneva|Jenewa|Hong Kong|Bangkok|Manila|New Delhi|Riyadh"
)
_AGENCIES = (
    r"ANTARA(?: News)?|Antara|Reuters|REUTERS|AP|AFP|dpa|Xinhua|Bloomberg|CNN Indonesia|CNBC Indonesia|"
    r"VOA|BBC|IDN Times|tvOne|Kompas TV|UPI|ANSA|Kyodo|TASS|Yonhap|detikcom|RMOL"
)
_DOMAIN = r"[A-Za-z][\w-]{1,30}(?:\.[A-Za-z]{2,10}){0,1}\.(?i:com|co\.id|co|id|net|org|tv|news)"
_OUTLET = rf"(?:{_DOMAIN}|{_AGENCIES})"
_CAPITALS = r"[A-Z][A-Z'.]{2,}(?: [A-Z][A-Z'.]{2,}){0,3}"
_PLACE = rf"(?:{_CITIES}|{_CAPITALS})"
_DATE = r"(?:, ?[A-Z][\w.]{2,10} \d{1,2})?"
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


def _dateline(text: str) -> Iterator[Span]:
    if (match := _DATELINE.match(text, 0, 400)) and match.end():
        yield match.start(), match.end(), "dateline"


# Oleh: Nama Penulis, which opens an opinion. It ends where the next word touches the name, at a star, or
# before a word in capitals, as such texts begin. Where the name itself is in capitals its end cannot be told.
_NAME = r"(?:[A-Z][a-z'’]+|[A-Z]\.?)"
_DEGREES = r"(?:, ?[SM]\.? ?[A-Z][A-Za-z]{0,3}\.?){0,2}"
_TOUCHED = r"(?:\s?\*\)?\s*|(?<=[a-z]{2})(?=[A-Z][a-z]))"
_BY = re.compile(
    rf"\s*(?:(?:Oleh|OLEH) ?: ?{_NAME}(?: {_NAME}){{0,4}}{_DEGREES}"
    rf"(?:{_TOUCHED}|(?<=[a-z’'])(?=[A-Z]{{2,}}[ A-Z])|(?<=[A-Za-z.]) (?=[A-Z]{{4,}} [a-z]))"
    rf"|Oleh {_NAME}(?: {_NAME}){{1,3}}{_TOUCHED})"
)


def _byline(text: str) -> Iterator[Span]:
    if text.lstrip()[:4].lower() == "oleh" and (match := _BY.match(text, 0, 200)):
        yield match.start(), match.end(), "byline"


# --- furniture of a fixed form --------------------------------------------------------------------

_LINE_END = r"[ \t]*(?:\n|\Z)"
# (kind, where, hints, form). Where: "any" place; "free", after a sentence's end; a "line" of its own. A text
# without any of the hints cannot match, and finding that out is many times faster than looking for the form.
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
_LEAD = " \t>*•[(-"
_ENDS = frozenset(".!?…:;\"”’'»)]")


def _before(text: str, start: int) -> tuple[int, str]:
    """Where furniture found at `start` begins, with bullets before it, and how it stands there."""
    lead = start
    while lead and text[lead - 1] in _LEAD and start - lead < 8:
        lead -= 1
    if not lead or text[lead - 1] == "\n":
        return lead, "line"
    # Within a line only what touches it is its own: the spaces before it belong to the sentence.
    if text[lead - 1] in _ENDS or text[max(0, start - 2) : start] == "  ":
        return start, "free"
    return start, "any"


def _any_in(text: str, hints: tuple[str, ...]) -> bool:
    """Whether one of them stands in the text, which takes a small part of the time that a pattern takes."""
    # `any` with a generator takes twice as long, and this is asked forty times an article.
    for hint in hints:  # noqa: SIM110
        if hint in text:
            return True
    return False


def _anywhere(text: str) -> Iterator[Span]:
    for kind, where, hints, form in _FIXED:
        if not _any_in(text, hints):
            continue
        for match in form.finditer(text):
            begin, found = _before(text, match.start())
            if where in {"any", found} or found == "line":
                yield begin if where != "any" else match.start(), match.end(), kind


# --- teasers: a call to look elsewhere, then another article's headline ------------------------------

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
_CALLS = tuple(
    "BACA Baca LIHAT Lihat SIMAK Simak TONTON Tonton SAKSIKAN Saksikan Also READ Read See Related RELATED "
    "Pilihan Berita Artikel".split()
)
"""What every teaser's call holds one of."""
_HERE = r"(?:[ \t]*(?:di (?:sini|bawah ini)|berikut(?: ini)?|ini))?[ \t]*[:.]?"
_CLOSING = re.compile(rf"[\"”'’](?!\w){_HERE}")
_GAP = re.compile(r"[ \t]{2,}(?=\S)")
_STOP = re.compile(r"(?<=[^\s.][^\s.][^\s.])\.(?= +[\"“]?[A-Z])")
# Two words that touch: the headline's last and the article's next.
_TOUCH = re.compile(
    r"(?<=[a-z0-9!?.…)%])(?=[A-Z][a-z])|(?<=[a-z0-9!?.…)%])(?=[\"“][A-Z])|(?<=[a-z][\"”’])(?=[A-Z][a-z])"
    r"|(?<=[A-Z]{2})(?=[A-Z][a-z]{2})"
)
CAMEL = re.compile(
    r"(?:TikTok|You[Tt]ube|WhatsApp|LinkedIn|FaceBook|PayPal|GoPay|GoFood|GrabFood|OpenAI|ChatGPT|DeepSeek|"
    r"PeduliLindungi|NasDem|MotoGP|TransJakarta|JakLingko|BenderaHitam|SpaceX|iPhone|iPad|SiCepat|"
    r"ShopeePay|LinkAja|BliBli|BukaLapak|[dD]etik[A-Z][a-z]+|[KS]u[A-Z][a-z]+|Mc[A-Z][a-z]+|JakPro)\b"
)
_HEADLINE_WORD = re.compile(r"[^\W\d_]{4,}")


def _teasers(text: str) -> Iterator[Span]:
    if not _any_in(text, _CALLS):
        return
    for match in _TEASER.finditer(text):
        start, where = _before(text, match.start())
        called = match["colon"] or match["video"] or match["call"]
        end = _headline_end(text, match.end()) if where != "any" else None
        if end is None:
            continue
        apart = where == "line" or not text[end:].strip()
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


# --- what stands after the last sentence ------------------------------------------------------------

_CREDITS = (
    r"RMOL(?:[A-Z]\w+)?|rmol|dtk|Dtk|detik|detikcom|okezone|[Ss]uara|suara\.com|kompas|tempo|antara|ANTARA|Antara|"
    r"Reuters|AFP|AP|merdeka|viva|jpnn|jpc|tribun(?:news)?|genpi|indozone|hops|cnn|cnnindonesia|ant|okz|"
    r"sindo(?:news)?|kumparan|liputan6|republika|jawapos"
)
_INITIALS = re.compile(
    r"\s*(?:"
    rf"(?:\(|\[)\s?(?:\*{{1,3}}|{_CREDITS}|[a-z]{{2,4}}(?:[/-][a-z]{{2,4}}){{1,3}})?\s?(?:\)|\])"
    r"|(?<=[.!?…\"”’'])\s*(?:\([a-z]{2,4}\)|\[[a-z]{2,15}\])"
    r"|(?<=[.!?…\"”’'\s])\*{3,5}"
    rf"|\({_DOMAIN}(?:/[A-Z][\w .]{{2,30}}){{0,4}}\)\*?"
    rf"|\(\s?(?:Sumber|Source|Foto)\s?: ?[A-Z][\w. ]{{1,30}}\)"
    r")\.?\s*\Z"
)
_LAST_LINE = re.compile(
    r"(?<=[.!?…\"”’'* ])\s*(?:Editor|Reporter|Penulis|Kontributor|Pewarta|[Ss]ource|[Ss]umber)\s?: ?"
    r"[A-Za-z][\w.,' /&-]{1,60}\s*\Z|(?<=[.!?…\"”’')\]])\s*Video\s?:\s*\Z"
)


# What an opinion's author is: (Pemerhati politik dan kebangsaan.); *) Penulis adalah …
_ROLE = re.compile(
    r"(?<=[.!?…\"”’'])\s*(?:"
    r"\((?:Penulis|Pemerhati|Pengamat|(?:Wakil |Mantan |Eks )?(?:Ketua|Kepala|Sekretaris|Direktur|Anggota)|"
    r"Wartawan|Dosen|Guru Besar|Akademisi|Aktivis|Peneliti|Advokat|Koordinator|Mahasiswa)\b"
    r"[^().!?\n]{3,120}\.?\)"
    r"|\*?\)?\s?Penulis adalah [^.!?\n]{5,120}\.?"
    r")\s*\Z"
)


_LAST = (
    ("initials", (")", "]", "**"), _INITIALS),
    ("byline", (":",), _LAST_LINE),
    ("byline", (")", "Penulis adalah "), _ROLE),
)


def _tail(text: str) -> Iterator[Span]:
    tail = text[-_TAIL:]
    for kind, hints, pattern in _LAST:
        if not _any_in(tail, hints):
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


def _is_handle(text: str, match: re.Match[str]) -> bool:
    """Whether stars hide the rest of an account's name: … tulis @sari.****"""
    word = text[: match.start()].rsplit(maxsplit=1)
    return match[0].startswith("*") and bool(word) and word[-1].lstrip("\"“'(").startswith("@")


_LINE_INITIALS = re.compile(
    r"(?<=[.!?…\"”’'])([ \t]*\([a-z]{2,4}/[a-z]{2,4}(?:/[a-z]{2,4})?\))(?=[ \t]*(?:\n|[A-Z]))"
)
