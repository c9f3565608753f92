"""Abbreviations of Indonesian and English news, and what their full stops mean for sentences."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words(
    """
    dr drs dra drg ir hj prof kh k.h tgk ust bpk sdr sdri tn ny nn yth jend letjen mayjen brigjen kol letkol
    kapt lettu letda serka serda kombes kompol akp akbp ipda iptu aipda aiptu bripka brigpol irjen komjen pdt
    st mr mrs ms messrs rev hon gen col sgt capt cpt lt maj cmdr adm gov sen rep pres supt
    """
)
"""Titles and ranks before a name: with a capital (but for physicians) the sentence always goes on."""

NUMBERED = _words("no nos nr hlm hal fig vol pp p ps art sec ch bab pasal")
"""What a figure follows: with one the sentence goes on."""

BEFORE = _words(
    """
    pt cv ud jl jln gg kec kab kel dsn kp prov kav rp idr us$ vs viz cf ca mt ft approx est dept univ incl tel
    a.n u.b u.p d.a c.q cq s.d
    """
)
"""Companies, places, money and what else stands before its own object: the sentence always goes on."""

AFTER: dict[str, bool] = {
    **dict.fromkeys(_words("dll dsb dst dkk etc wib wita wit"), False),
    **dict.fromkeys(
        _words("""
        tbk inc ltd pte co corp llc plc bhd sdn jr sr bros esq phd ph.d m.d u.s u.k u.n e.u d.c a.m p.m
        e.g i.e alm almh spd amd
        jan feb mar apr jun jul aug agu agt ags sep sept oct okt nov nop dec des
        """),
        True,
    ),
}
"""What may close a sentence: it goes on before a small letter, a figure or a bracket; before a capital only
where the value is true, and then not before a word that starts sentences."""

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

DOMAINS = _words("com co id net org tv news info io gov go ac sch edu my uk us me xyz html php pdf")
"""What follows a full stop inside an address."""
