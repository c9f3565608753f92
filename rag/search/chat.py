"""How people spell in chats, in both languages, and the forms of words that they say and papers do not print.

"knp" is "kenapa", "40rb" is "40 ribu", "siapa2" is "siapa-siapa". "Laporin", "ngeblokir" and "dateng" are
"laporkan", "memblokir" and "datang". Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from rag.types import Language

_CHAT: Mapping[Language, str] = {
    "id": """
        yg yang, yng yang, ygn yang, dgn dengan, dg dengan, dngn dengan, utk untuk, untk untuk, tdk
        tidak, gk tidak, ndak tidak, tsb tersebut, dmn di mana, dmna di mana, dimn di mana, kmn ke mana,
        kmna ke mana, drmn dari mana, mn mana, mna mana, brp berapa, brpa berapa, brapa berapa, bpr
        berapa, gmn bagaimana, gmna bagaimana, gmana bagaimana, bgmn bagaimana, bgaimana bagaimana, knp
        kenapa, knpa kenapa, knapa kenapa, napa kenapa, kpn kapan, kpan kapan, sapa siapa, sdh sudah,
        udh sudah, dah sudah, blm belum, blom belum, blum belum, krn karena, karna karena, krna karena,
        kmrn kemarin, kmaren kemarin, kemaren kemarin, kmrin kemarin, skrg sekarang, skrng sekarang, skg
        sekarang, jd jadi, jdi jadi, bs bisa, bsa bisa, org orang, orng orang, ortu orang tua, bgt
        sekali, bngt sekali, aj saja, aja saja, jg juga, jga juga, klo kalau, kalo kalau, tp tapi, tpi
        tapi, lg lagi, lgi lagi, sm sama, ama sama, dri dari, pd pada, pda pada, dlm dalam, thd
        terhadap, ttg tentang, ttng tentang, trs terus, trus terus, hrs harus, msh masih, bnyk banyak,
        byk banyak, lbh lebih, stlh setelah, sblm sebelum, dpt dapat, dapet dapat, dkt dekat, bw bawa,
        lwt lewat, sampe sampai, bkn bukan, bner benar, bener benar, jln jalan, thn tahun, taun tahun,
        bln bulan, tgl tanggal, mggu minggu, mlm malam, rmh rumah, bpk bapak, ank anak, cwek cewek, cwe
        cewek, cwo cowok, tmn teman, temen teman, ato atau, atw atau, hny hanya, cuman cuma, spt
        seperti, kyk seperti, kayak seperti, emg memang, emang memang, bhw bahwa, smua semua, smpe
        sampai, pke pakai, pake pakai, tau tahu, liat lihat, ilang hilang, dateng datang, jatoh jatuh,
        oplas operasi plastik, nyari mencari, nyuri mencuri, nolak menolak, nangkap menangkap, nangkep
        menangkap, ditangkep ditangkap, ketangkep tertangkap, ketangkap tertangkap, nembak menembak,
        nabrak menabrak, nyerang menyerang, nipu menipu, ngasih memberi, pengen ingin, pgn ingin,
        ambulan ambulans, pemrintah pemerintah, sbg sebagai, krg kurang, kt kata, klu kalau, mnrt
        menurut, mnurut menurut, mnrut menurut, bwt buat, mo mau, mw mau, ttp tetap, wlpn walaupun, walo
        walau, wlw walau, wkt waktu, skrang sekarang, skarang sekarang, skr sekarang, smntr sementara,
        pngen ingin, pngn ingin, pingin ingin, gegara gara-gara, gimna bagaimana, gemana bagaimana, ktmu
        bertemu, ktemu bertemu, jgn jangan, jngn jangan, lom belum, blg bilang, ngmg berbicara, ngomong
        berbicara, pny punya, pnya punya, mrk mereka, kpd kepada, mnjadi menjadi, mnjd menjadi, pmrintah
        pemerintah, pmerintah pemerintah, pemrntah pemerintah, bbrp beberapa, bbrapa beberapa, bsk
        besok, lsg langsung, lgsg langsung, lgsung langsung, kek seperti, pdhl padahal, pdhal padahal,
        cmn cuma, trnyata ternyata, trakhir terakhir, trbaru terbaru, bru baru, brarti berarti, ngapain
        mengapa, naek naik, sape siapa, siape siapa, brape berapa, nggk tidak, kagak tidak, kaga tidak,
        gada tidak ada, gaada tidak ada, gabisa tidak bisa, netijen netizen, bkin bikin, tmpt tempat,
        tmpat tempat, mslh masalah, mslah masalah, korbn korban, smpet sempat, sempet sempat, sampek
        sampai, ampe sampai, dket dekat, deket dekat, cepet cepat, malem malam, pinter pintar, kenceng
        kencang, rame ramai, duluan lebih dulu, doang saja, kmudian kemudian, stiap setiap, sbuah
        sebuah, brg barang, tlg tolong, tlong tolong, mksd maksud, mksud maksud, jwb jawab, dgr dengar,
        ntn menonton, nonton menonton, cri cari, dtg datang, dtng datang, plng pulang, msk masuk, klr
        keluar, ambl ambil, bli beli, byr bayar, krj kerja, skolah sekolah, skul sekolah, gara2
        gara-gara, gr2 gara-gara, gra2 gara-gara, siapa2 siapa saja, apa2 apa saja, n dan, y ya, indo
        indonesia, jkt jakarta, bdg bandung, sblmnya sebelumnya, dnegan dengan, crita cerita, critanya
        ceritanya, crtnya ceritanya, alesan alasan, garem garam, ujan hujan, idup hidup, asep asap,
        seneng senang, laper lapar, denger dengar, inget ingat, males malas, kesel kesal, maen main,
        nanem menanam, nemu menemukan, nemuin menemukan, ketauan ketahuan, gedhe besar, gede besar,
        sodara saudara, laki2 laki-laki, ntar nanti, tar nanti, kudu harus, kyknya sepertinya, siapanya
        siapa, apanya apa, tmen teman, ap apa
        """,
    "en": """
        u you, ur your, r are, n and, pls please, plz please, wanna want to, gonna going to, gotta have
        to, cuz because, coz because, bcoz because, thru through, tho though, wht what, wat what, wats
        what is, whats what is, whos who is, wheres where is, hows how is, whens when is, whys why is,
        dont do not, didnt did not, doesnt does not, isnt is not, wasnt was not, arent are not, cant
        cannot, wont will not, hasnt has not, havent have not, abt about, ppl people, govt government,
        yr year, yrs years, b4 before, tmrw tomorrow, tmr tomorrow, yday yesterday, teh the, hw how, whn
        when, wich which, whch which, w with, wen when, y why, howd how did, whyd why did, whatd what
        did, whod who did, whered where did, whatre what are, hes he is, shes she is, theyre they are,
        youre you are, im i am, ive i have, theyve they have, weve we have, theyd they would, lil
        little, alot a lot, vid video, vids videos, pic picture, pics pictures, hafta have to, oughta
        ought to, shoulda should have, coulda could have, woulda would have, kinda kind of, sorta sort
        of, lemme let me, gimme give me, dunno do not know, outta out of, cos because, bc because, any1
        anyone, every1 everyone, some1 someone, no1 no one, 2day today, 2nite tonight, 2morrow tomorrow,
        tonite tonight, nite night, bday birthday, hrs hours, mins minutes, wk week, wks weeks, mth
        month, mths months, mil million, bil billion, bn billion, nd and, da the, dat that, dis this,
        tryna trying to, finna going to, bout about, til until, till until, aint is not, wouldnt would
        not, couldnt could not, shouldnt should not, werent were not, hadnt had not, indo indonesia,
        prez president, frm from, shud should, cud could, wud would, hav have, sez says, jkt jakarta,
        bdg bandung, how'd how did, why'd why did, who'd who did, what'd what did, where'd where did,
        when'd when did, indos indonesia's
        """,
}
"""For each language, chat spellings with the words that they stand for."""
_LINKS = frozenset("n r w".split())
"""Letters that stand for words between others: and, are, with."""
_CLITIC = re.compile(r"([a-z]{3,})(nya|kah|lah)")
"""A word with an ending that is written onto it: "ortunya"."""
_TWICE = re.compile(r"([a-z]{3,})2((?:an|nya)?)")
"""A word that is said twice: "arak2an"."""
_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)([a-z]{1,3})")
"""A number with its unit written onto it."""
_UNITS: Mapping[Language, Mapping[str, str]] = {
    "id": {
        **{"rb": "ribu", "rbu": "ribu", "jt": "juta", "jta": "juta", "thn": "tahun", "th": "tahun"},
        **{"org": "orang", "bln": "bulan", "hr": "hari", "mlr": "miliar", "trl": "triliun", "mnt": "menit"},
    },
    "en": {
        **{"k": "thousand", "mil": "million", "bn": "billion", "yr": "years", "yrs": "years"},
        **{"hrs": "hours", "ppl": "people"},
    },
}
"""What such units stand for."""
_PHRASES: Mapping[Language, tuple[tuple[re.Pattern[str], str], ...]] = {
    "id": (),
    "en": (
        (re.compile(r"\bhow come\b", re.IGNORECASE), "why"),
        (
            re.compile(
                r"(?<=[a-z] )2 (?=(?:the|an?|his|her|their|my|go|be|do|get|see|take|have|help|stop)\b)"
            ),
            "to ",
        ),
        (re.compile(r"(?<=[a-z] )4 (?=(?:the|an?|his|her|their|my|this|that)\b)"), "for "),
    ),
}
"""Phrases, and figures that stand for words of the same sound."""
_SPOKEN = re.compile(r"(?:n[aeiouy]|ng|m[aeiou])\w+|\w+in|ke\w+|\w*e[bdgklmnprst]{1,2}")
"""How an Indonesian word may look that is said and not printed."""


_NGE = re.compile(r"nge?([b-df-hj-np-tv-z]\w+)")
"""A verb that is said with "nge-" before its root."""
_PREFIXES: Mapping[str, str] = {
    **dict.fromkeys("bfpv", "mem"),
    **dict.fromkeys("cdjtz", "men"),
    **dict.fromkeys("lmnrwy", "me"),
    **dict.fromkeys("ghkqxs", "meng"),
}
"""The prefix of print before such a root, by its first letter."""


def written_out(word: str, language: Language, first: bool = False, last: bool = False) -> str:
    """A chat spelling in full, a reduplication with both halves, an amount with its unit; else the word as it
    is. `first` is for the question's first word, since a capital anywhere else is a name's; `last` for its
    last, where an "r" or an "n" joins nothing and is an initial."""
    if word[0].isupper() and (not first or (word.isupper() and len(word) > 1)):
        return word
    full = _in_full(word.lower(), language)
    if full is None or (last and word in _LINKS):
        return word
    return full.capitalize() if word[0].isupper() else full


def phrases_written_out(question: str, language: Language) -> str:
    """The question with phrases of chats in full: "how come" is "why"."""
    for form, full in _PHRASES[language]:
        question = form.sub(full, question)
    return question


def in_full(word: str) -> str:
    """A chat spelling of either language in full; as it is where the languages do not agree on it."""
    one, other = _chat("id").get(word), _chat("en").get(word)
    return word if one and other else one or other or word


def _in_full(word: str, language: Language) -> str | None:
    chat = _chat(language)
    if word in chat:
        return chat[word]
    if match := _AMOUNT.fullmatch(word):
        unit = _UNITS[language].get(match[2])
        return f"{match[1]} {unit}" if unit else None
    if language == "en":
        return None
    if match := _TWICE.fullmatch(word):
        once = chat.get(match[1], match[1])
        return f"{once}-{once}{match[2]}"
    match = _CLITIC.fullmatch(word)
    return chat[match[1]] + match[2] if match and match[1] in chat else None


def printed(word: str) -> Iterator[str]:
    """The words that an Indonesian article may have for one that is said and not printed: none of them need
    exist."""
    if not _SPOKEN.fullmatch(word):
        return
    for begun in _begun(word):
        for ended in _ended(begun):
            if ended != word:
                yield ended


def _begun(word: str) -> Iterator[str]:
    """With the prefix that is left out, or said otherwise."""
    yield word
    if root := _NGE.fullmatch(word):
        yield _PREFIXES[root[1][0]] + root[1]
    elif word.startswith("ny"):
        # "Nyari" comes from "cari", "nyerang" from "serang".
        yield from ("menc" + word[2:], "me" + word)
    elif word.startswith(("n", "m")):
        yield "me" + word
    elif word.startswith("ke"):
        yield "ter" + word[2:]


def _ended(word: str) -> Iterator[str]:
    """With the ending of print, and with the vowel that is said as an "e" in a last syllable."""
    roots = [word]
    if word.endswith("in") and len(word) > 4:
        root = word[:-2]
        roots = [root + "kan", root + "i", root]
    for root in roots:
        yield root
        if match := re.fullmatch(r"(\w*)e([bdgklmnprst]{1,2})(kan|i|an|nya)?", root):
            yield f"{match[1]}a{match[2]}{match[3] or ''}"


@cache
def _chat(language: Language) -> Mapping[str, str]:
    pairs = (pair.split(maxsplit=1) for pair in _CHAT[language].split(","))
    return {short: full.strip() for short, full in pairs}
