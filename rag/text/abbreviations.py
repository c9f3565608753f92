"""Abbreviations of Indonesian and English news, and what their full stops mean for sentences. Pure."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words(
    """
    dr drs dra drg drh ir hj prof kh k.h tgk ust ustz tgh bpk sdr sdri tn ny nn yth pdt apt ns mgr rp rm fr br
    moh muh mohd muhd mhd abd abdl ach achm ahm tb rd rr purn
    jend letjen mayjen brigjen kol letkol kapt lettu letda serka serda kombes kompol akp akbp ipda iptu aipda
    aiptu bripka brigpol irjen komjen
    st mr mrs ms messrs rev hon gen col sgt capt cpt lt maj cmdr adm gov sen sens rep reps pres supt brig insp
    det pvt cpl asst atty
    """
)
"""Titles, ranks and short forms of first names, before a name: with a capital (but for physicians) the
sentence always goes on."""

RANKS = _words(
    """
    jend letjen mayjen brigjen kol letkol kapt lettu letda serka serda kombes kompol akp akbp ipda iptu aipda
    aiptu bripka brigpol irjen komjen jenderal kolonel mayor kapten letnan laksamana laksdya laksda laksma
    marsekal marsdya marsda marsma peltu pelda serma sertu sersan kopka koptu kopda kopral praka pratu prada
    brigadir bripda briptu bripka bharaka bharatu bharada ajun inspektur komisaris tni
    """
)
"""Ranks that a corps follows: "Letkol Inf. Danang"."""

CORPS = _words(
    """
    pol inf kav art arm arh czi cpl cpm cba chb ckm cku caj chk ctp laut mar anm bah bek eng sus pas tek pnb
    nav lek kal kes psk pom ttu ttg hub
    """
)
"""Corps of the army, the navy and the police. After a rank the sentence always goes on; "pol" or "mar" alone
are other words."""

NUMBERED = _words(
    """
    no nos nr hlm hal fig vol pp p ps art sec ch bab pasal rt rw tgl bertgl pkl th thn km lt reg telp tlp tel
    hp ext rp idr us$
    """
)
"""Abbreviations before a figure, with which the sentence goes on."""

UNITS = _words("km ft mi min th thn ha")
"""Units after a figure: the sentence may end with them."""

BEFORE = _words(
    """
    pt cv ud jl jln gg kec kab kel ds dsn dk dkh kp kep prov kav gd tj perum bdr jo vs viz cf ca mt ft
    approx est dept univ incl
    a.n u.b u.p d.a c.q cq s.d e.g i.e
    """
)
"""Companies, places and the like, which stand before a name: the sentence always goes on."""

BEFORE_WITH_CAPITAL = _words("lamp komp pel fak kot blvd")
"""The same, but in small letters they are words."""

AFTER: dict[str, bool] = {
    **dict.fromkeys(_words("dll dsb dst dkk etc wib wita wit"), False),
    **dict.fromkeys(
        _words("""
        tbk inc ltd pte co corp llc plc bhd sdn jr sr bros esq phd ph.d m.d u.s u.k u.n e.u d.c a.m p.m
        alm almh spd amd hr qs al
        jan feb mar apr jun jul aug agu agt ags sep sept oct okt nov nop dec des
        mon tue tues wed thu thurs fri calif fla minn mich tenn conn ariz okla wis nev
        """),
        True,
    ),
}
"""Abbreviations that may close a sentence: it goes on before a small letter, a figure or a bracket; before a
capital only where the value is true, and then not before a word that starts sentences."""

LABELLED = _words(
    """
    grup group vitamin blok block plan rencana kelas class huruf hepatitis golongan tipe type seri serie
    poin point zona zone derajat kelompok jalur kategori category program opsi option versi paket jenis nilai
    gedung terminal gerbang gate peron rhesus kolom
    """
)
"""Words whose name is a single capital: "grup B", "vitamin C". The sentence may end with it."""

COUNTED = _words(
    """
    nomor urut urutan peringkat posisi pasal ayat bab kelas menit grup hari tahun tanggal poin babak seri
    jilid edisi halaman lantai blok versi ranking rangking skor ke no rt rw juz surah bagian tahap volume
    number chapter grade day week stage round top minute place article section group page version part
    """
)
"""Words whose name is a figure: "pasal 2", "day 2". Such a figure numbers no item of a list."""

STARTERS = _words(
    """
    adapun agar akan akhirnya akibatnya ada aku anda apa apabila apakah atas awalnya bagaimana bagi bahkan
    baik banyak beberapa begitu belum berdasarkan berikut berikutnya bila bisa bukan dalam dan dari
    demikian dengan di dia diduga diketahui dirinya hal hanya harus hari hasil hasilnya hingga ia ini itu
    jadi jangan jika juga jumlah kalau kami kamu karena kata kedua kemudian kendati kepada ketika ketiga
    kini kita lalu lebih maka masih melalui menanggapi mengenai mengutip menurut menurutnya mereka meski
    meskipun misalnya mulai namun nantinya oleh pada padahal para pasal pasalnya pelaku pemerintah pertama
    pihaknya polisi saat salah sampai saya sebab sebagai sebanyak sebelum sebelumnya sebuah secara
    sedangkan sehingga sejak sejumlah sekarang selain selama selanjutnya selengkapnya semua sementara
    semoga seorang seperti serta sesuai setelah setiap siapa soal sudah tak tapi telah tentu terkait
    termasuk tersangka tetapi tidak untuk usai walau walaupun ya yang a about according after all also
    although an and another are as at both but by can did do does during each earlier even few for from
    had has have he her here his how however i if in is it its last later many may meanwhile more most my
    no nobody not now officials on once one only or other our over people police she should since
    so some still such
    that the their then there these they this those though through to today two under until was we were
    what when where which while who why will with would you your
    """
)
"""Words that, with a capital, begin a sentence rather than go on with a name."""

_IN_CAPITALS = _words(
    "PT CV UD JL KH K.H IR HJ DR DRS DRA PROF PDT AKP AKBP IPDA IPTU AIPDA AIPTU ST MR MRS NO RT RW"
)
"""Capitals that are such an abbreviation. Others are words, or a suspect's initials: Tb. is a nobleman, TB a
disease, "berinisial DS" a person."""

_WITH_NAMES = TITLES | CORPS
"""Abbreviations before a name: a capital after them does not begin a sentence."""
_ANY_CASE = TITLES | BEFORE
"""Abbreviations that count in capitals and in small letters."""
_CLOSED_IN_BRACKETS = TITLES | BEFORE | AFTER.keys() | {"ret", "rtd"}
"""Abbreviations that may stand alone in brackets."""
_KNOWN = TITLES | CORPS | NUMBERED | BEFORE | BEFORE_WITH_CAPITAL | AFTER.keys() | {"v"}
"""All abbreviations."""

_SURE_STARTERS = _words(
    """
    ia dia mereka kami setelah sebelum sebelumnya namun menurut pada saat selain sementara kemudian karena
    untuk dengan adapun the he she they it this that these those but however after before when while although
    meanwhile
    """
)
"""Words that begin a sentence even after a title, since they are no names."""

_UNIT_LETTERS = frozenset("MTCFABDE")
"""Capitals that are a unit after a figure: 15 M (miliar), 39 C, kelas 5 A. Others are initials."""

_NAMES_IN_NYA = _words("sonya tanya anya vanya kenya zanya")
"""Names that end like an Indonesian possessive."""

DOMAINS = _words("com co id net org tv news info io gov go ac sch edu my uk us me xyz html php pdf")
"""Words after a full stop inside an address."""

_DOTTED = re.compile(r"(?:[^\W\d_]{1,5}\.){1,8}[^\W\d_]{1,4}")
"""Letters with full stops between them: S.H., a.n."""
_LAST_WORD = re.compile(r"[^\s\"“”‘(\[]+(?=[\s\"“”‘(\[]*\Z)")
"""The last word of a text."""
_RECENT = re.compile(r"(?:19|20)\d\d")
"""A year of the last or this century."""
_YEAR = re.compile(r"[12]\d{3}")
"""Any year."""
_PAIR = re.compile(r"\b[A-Z],? (?:dan|and|atau|or|serta) \Z")
"""The first of two labels, "vitamin C dan", before the second."""


def begins(word: str) -> bool:
    """Whether a word, as it is written, begins a sentence rather than goes on with a name."""
    return word[:1].isupper() and (word.lower() in STARTERS or _possessive(word))


def known(token: str, before: str) -> bool:
    """Whether a word with a full stop is an abbreviation, whatever follows; `before` stands before it."""
    bare = _bare(token)
    return (
        bare.lower() in _CLOSED_IN_BRACKETS
        or _DOTTED.fullmatch(bare) is not None
        or _is_corps(bare, last_word(before))
        or (len(bare) == 1 and bare.isupper())
    )


def goes_on(token: str, word: str, before: str) -> bool:
    """Whether the full stop after `token` is an abbreviation's and the sentence goes on with `word`.

    `before` is the text before the token, some words of it.
    """
    bare = _bare(token)
    lowered = bare.lower()
    if lowered not in _KNOWN and "." not in bare and not (len(bare) == 1 and bare.isupper()):
        return False
    last, starts = last_word(before), begins(word)
    if word[:1].isupper() and (
        _possessive(word) or (word.lower() in _SURE_STARTERS and lowered in _WITH_NAMES)
    ):
        return False
    if len(bare) > 1 and bare.isupper() and bare not in _IN_CAPITALS and lowered in _ANY_CASE:
        return False
    if lowered in UNITS and last[-1:].isdigit() and not _YEAR.fullmatch(word):
        return False
    if lowered == "st" and starts and last[:1].isupper():
        # "on Elm St. Nobody was hurt" is a street, "St. Louis" is a saint.
        return False
    if lowered in BEFORE or (bare[:1].isupper() and lowered in BEFORE_WITH_CAPITAL):
        return True
    if lowered in TITLES and (bare[:1].isupper() or lowered.startswith("dr")):
        return True
    if _is_corps(bare, last) or (bare == "v" and word[:1].isupper()):
        return True
    if lowered in NUMBERED and (word[:1].isdigit() or word.lower() == "reg"):
        return True
    if lowered in AFTER:
        return not word[:1].isupper() or (AFTER[lowered] and not starts)
    if len(bare) == 1 and bare.isupper():
        return not starts and (len(word) == 1 or not _names_a_thing(bare, last, before))
    return _DOTTED.fullmatch(bare) is not None and not starts


def last_word(before: str) -> str:
    """The last word of a text without its full stop, empty where there is none."""
    found = _LAST_WORD.search(before)
    return found[0].rstrip(".") if found else ""


def _names_a_thing(letter: str, last: str, before: str) -> bool:
    """Whether a capital is a label or a unit, and no initial: `grup B`, `vitamin C dan D`, `Rp 15 M`."""
    unit = letter in _UNIT_LETTERS and last[-1:].isdigit() and not _RECENT.fullmatch(last)
    return unit or last.lower() in LABELLED or _PAIR.search(before) is not None


def _possessive(word: str) -> bool:
    """Whether an Indonesian word says "his" or "its", which no name does."""
    lowered = word.lower()
    return lowered.endswith("nya") and len(lowered) > len("punya") and lowered not in _NAMES_IN_NYA


def _bare(token: str) -> str:
    return token.lstrip("'’«-–—").rsplit("/", 1)[-1].rsplit("-", 1)[-1]


def _is_corps(bare: str, last: str) -> bool:
    return bare[:1].isupper() and bare.lower() in CORPS and last.rstrip(")").lower() in RANKS
