from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cutting.clean import clean, normalise, restore
from rag.cutting.glued import glued

CASES = {
    "a teaser on its own line": (
        "Usulan itu diajukan.\nBACA JUGA : Bentrok di Kota Lama: 1 Orang Luka\nIa pulang pada Juli.",
        "Usulan itu diajukan.\nIa pulang pada Juli.",
    ),
    "a teaser on the last line": ("Ia pulang.\nBaca juga: Harga Beras Naik", "Ia pulang.\n"),
    "a teaser in brackets of its list": (
        "Ia pulang.\n- Baca juga: Harga Beras Naik\nLalu.",
        "Ia pulang.\nLalu.",
    ),
    "a teaser without a colon": ("Ia pulang.\nBaca Juga Harga Beras Naik Lagi\nLalu.", "Ia pulang.\nLalu."),
    "a teaser whose headlines stand below": (
        "Ia pulang.\nBaca juga:\nHarga Beras Naik Lagi\nWarga Antre Minyak Goreng\nLalu ia makan.",
        "Ia pulang.\nLalu ia makan.",
    ),
    "a teaser glued between two sentences": (
        "Aksi itu selesai.Baca Juga: Tragis! Satu Keluarga Sakit Usai Wisata BromoGerakan itu tumbuh.",
        "Aksi itu selesai.Gerakan itu tumbuh.",
    ),
    "a teaser glued after an acronym": (
        "Ia mundur.Baca juga: Dukungan untuk Pegawai KPKSementara itu, rapat ditunda.",
        "Ia mundur.Sementara itu, rapat ditunda.",
    ),
    "a teaser glued to a quote": (
        'Ia mundur.Baca juga: Pedagang Jualan Sampai Malam"Semangat," ujarnya.',
        'Ia mundur."Semangat," ujarnya.',
    ),
    "a teaser whose headline has a name in two capitals": (
        "Ia mundur.Baca juga: Warga Jualan di TikTok Sampai MalamLalu rapat ditunda.",
        "Ia mundur.Lalu rapat ditunda.",
    ),
    "a video at the end": ("Ia pulang. Simak juga Video: Desain Baru Paspor Warnanya Merah", "Ia pulang. "),
    "a video whose headline stands in quotes": (
        "Ia pulang. Simak Video 'Warga: Sudah Lega Sekarang': Ia lalu makan.",
        "Ia pulang. Ia lalu makan.",
    ),
    "a video, here": (
        'Ia pulang. Tonton juga video "Desain Baru" di sini: Ia makan.',
        "Ia pulang. Ia makan.",
    ),
    "a live show": ("Ia pulang. Saksikan Live DetikPagi:", "Ia pulang. "),
    "an embedded video": ("Ia pulang.\n[Gambas:Video 20detik]\nIa makan.", "Ia pulang.\nIa makan."),
    "an advertisement's place": (
        "Ia pulang.\nADVERTISEMENT\nSCROLL TO CONTINUE WITH CONTENT\nIa makan.",
        "Ia pulang.\nIa makan.",
    ),
    "an advertisement's place, glued": (
        "Ia pulang. SCROLL TO CONTINUE WITH CONTENT Ia makan.",
        "Ia pulang. Ia makan.",
    ),
    "an English advertisement's place": ("He left.\nAdvertisement\nHe ate.", "He left.\nHe ate."),
    "an English teaser": ("He left.\nREAD MORE: Ten Ways to Save Rice\nHe ate.", "He left.\nHe ate."),
    "the next page": ("Ia pulang. Simak selengkapnya di halaman berikutnya.", "Ia pulang. "),
    "page numbers and tags": ("Ia pulang.  Halaman    1    2    Selanjutnya   jokowi ikn", "Ia pulang.  "),
    "a town and a paper": ("JABAR EKSPRES- Rusia berlatih.", "Rusia berlatih."),
    "a site": ("GELORA.CO - Presiden tiba.", "Presiden tiba."),
    "a site without a space": ("GELORA.CO -Presiden tiba.", "Presiden tiba."),
    "a town and a site": ("JAKARTA, KOMPAS.com - Presiden tiba.", "Presiden tiba."),
    "a site and a town": ("TEMPO.CO, Jakarta - Presiden tiba.", "Presiden tiba."),
    "a town and a broadcaster": ("Jakarta, CNN Indonesia -- Presiden tiba.", "Presiden tiba."),
    "a town and the national agency": ("Jakarta (ANTARA) - Presiden tiba.", "Presiden tiba."),
    "a town alone": ("Bandung - Presiden tiba.", "Presiden tiba."),
    "an English dateline": ("JAKARTA (Reuters) - The president arrived.", "The president arrived."),
    "an English dateline with its date": ("LONDON, Sept 4 (Reuters) - He arrived.", "He arrived."),
    "an English dateline with a long dash": ("SEOUL, South Korea (AP) — He arrived.", "He arrived."),
    "a dateline of a paper without a web address": ("TANAH RAWANG, Suara Lembah - Hujan.", "Hujan."),
    "two datelines": ("GELORA.CO - JAKARTA, KOMPAS.com - Presiden tiba.", "Presiden tiba."),
    "initials": ("Ia pulang. (isa/haf)", "Ia pulang."),
    "a star for initials": ('"Siap," ujarnya. (*)', '"Siap," ujarnya.'),
    "an agency for initials": ("Ia pulang.(RMOL)", "Ia pulang."),
    "empty brackets": ("Ia pulang. []", "Ia pulang."),
    "a source in brackets": ("Ia pulang.[okezone]", "Ia pulang."),
    "initials before a teaser": ("Ia pulang. (isa/haf) Simak Video: Desain Baru Paspor", "Ia pulang. "),
    "an editor": ("Ia pulang.\nEditor: Budi Santoso", "Ia pulang."),
    "where it was published before": (
        "Ia pulang.Artikel ini telah tayang di Contoh.com dengan judul Warga Pulang",
        "Ia pulang.",
    ),
    "an embedded post": (
        "Ia pulang.\nView this post on Instagram   A post shared by Warga (@warga_kita)\nIa makan.",
        "Ia pulang.\nIa makan.",
    ),
    "a call to a channel": (
        "Ia pulang.\nDapatkan berita pilihan setiap hari di kanal WhatsApp Contoh.\nIa makan.",
        "Ia pulang.\nIa makan.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_furniture_goes_and_the_text_around_it_stays(name: str) -> None:
    text, article = CASES[name]
    cleaned, removed = clean(text)
    assert cleaned == article
    assert restore(cleaned, removed) == text


@pytest.mark.parametrize(
    "text",
    [
        "Siswa diminta membaca juga: koran, majalah dan buku.",
        "Warga terlihat juga membawa spanduk. Mereka melihat video itu.",
        "Kami baca juga surat itu, kata dia.",
        "Lihat juga Pasal 5 ayat (2) undang-undang itu, ujar hakim kepada saksi.",
        "Baca juga surat terbuka yang ditulis oleh para guru besar itu kepada presiden.",
        "Jakarta menjadi tuan rumah. Hal itu disampaikan Mahkamah Agung (MA)",
        "Pramono Anung-Rano Karno menang.",
        "Pasangan Airin Rachmi Diany - Ade Sumardi maju.",
        "Sidang DPR-MPR dibuka.",
        "COVID-19 menyebar di Bandung - kata pejabat.",
        "The deal (worth $5 million) was signed (again)",
        "Ia menulis editor: sebuah program.",
        "Dia menutup akun @pes***********",
        'Jangan difoto," tulis @sari.****',
        "Mereka diam (senyum senang)",
        "Peserta membawa poster. Simak selengkapnya keterangan saksi dalam sidang itu.",
    ],
)
def test_what_only_looks_like_furniture_stays(text: str) -> None:
    assert clean(text) == (text, ())


def test_a_teaser_without_a_near_end_stays() -> None:
    text = "Ia pulang. Baca juga: " + "kata yang biasa saja " * 20
    assert clean(text) == (text, ())


def test_every_removed_stretch_says_what_it_is_and_where_it_stood() -> None:
    text = "GELORA.CO - Ia pulang.\nBACA JUGA : Harga Beras\nIa makan. (isa/haf)"
    _, removed = clean(text)
    assert [piece.kind for piece in removed] == ["dateline", "teaser", "initials"]
    assert all(text[piece.start :].startswith(piece.text) for piece in removed)


FURNITURE = st.sampled_from(
    [text for text, _ in CASES.values()]
    + [
        "BACA JUGA : Harga Beras\n",
        " (isa/haf)",
        "ADVERTISEMENT",
        "GELORA.CO - ",
        "\n",
        ". ",
        "[]",
        "***",
        '"',
    ]
)


@given(st.lists(FURNITURE | st.text(max_size=20), max_size=12).map("".join))
def test_what_was_given_can_be_put_together_again(text: str) -> None:
    source = normalise(text)
    cleaned, removed = clean(source)
    assert restore(cleaned, removed) == source
    assert all(source[piece.start :].startswith(piece.text) for piece in removed)
    assert len(cleaned) + sum(len(piece.text) for piece in removed) == len(source)


@given(st.lists(FURNITURE, max_size=5).map("\n".join))
def test_cleaning_again_changes_nothing(text: str) -> None:
    cleaned, _ = clean(normalise(text))
    assert clean(cleaned) == (cleaned, ())


@given(st.text())
def test_normalised_text_is_normal(text: str) -> None:
    plain = normalise(text)
    assert normalise(plain) == plain
    assert unicodedata.is_normalized("NFC", plain)
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in plain if c not in "\n\t")


def test_line_ends_marks_and_spaces_are_made_plain() -> None:
    assert (
        normalise("\ufeffsatu\r\ndua\rtiga\u2028empat\u00a0lima\u200b\x00\x07")
        == "satu\ndua\ntiga\nempat lima"
    )
    assert normalise("10\u201114 hari, ke\u00adcamatan, 10\u00ad14") == "10-14 hari, kecamatan, 10-14"
    assert normalise("anak\u2010anak") == "anak-anak"
    assert normalise("cafe\u0301 👩\u200d👧") == "café 👩\u200d👧"


@pytest.mark.parametrize(
    "unit", ["Baca juga: ", ". (", " " * 50, "[]", "\n- ", "\"Simak Video 'a", "Halaman  1 "]
)
def test_a_long_line_of_anything_is_cleaned_in_reasonable_time(unit: str) -> None:
    text = unit * (40_000 // len(unit))
    cleaned, removed = clean(text)
    assert restore(cleaned, removed) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Aksi di ibu kota.Video itu dibagikan.", ["kota.Video"]),
        ("Wisata BromoGerakan itu dimulai.", ["BromoGerakan"]),
        ('Ia berkata "cukup."Warga pulang.', ['cukup."Warga']),
        ("TikTok dan YouTube, Rp 3.500, A.B.C. dan detikcom.", []),
        ("Biasa. Saja.", []),
    ],
)
def test_words_that_touch_are_told_and_left(text: str, found: list[str]) -> None:
    assert glued(text) == found
    assert clean(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('Jenazah diautopsi," katanya. source: kumparan', 'Jenazah diautopsi," katanya.'),
        ("Begini bunyinya. pic.twitter.com/cEPLfybhKK— akoe (@Xp0se_) May 2, 2021", "Begini bunyinya. "),
        ("Oleh: Rizal Fadillah\nBuku itu terbit.", "Buku itu terbit."),
        ("Kolam itu dibangun oleh: Rizal dan Sari.", None),
        ("Oleh:Rizal SalimSEMINGGU lalu banjir datang.", "SEMINGGU lalu banjir datang."),
        ("Oleh: Rizal Salim*BANJIR datang lagi.", "BANJIR datang lagi."),
        ("Oleh:M. Rizal Salim PERIODE pertama lewat.", "PERIODE pertama lewat."),
        ("Oleh:Matrohi, SAgPELAKSANAAN rapat itu tertunda.", "PELAKSANAAN rapat itu tertunda."),
        ("Oleh Rizal SalimBanyak yang pulang.", "Banyak yang pulang."),
        ("Oleh Presiden Joko Widodo hal itu dibantah.", None),
        ("Oleh: RIZAL SALIMWAKTU itu banjir datang.", None),
        ("Ia pulang.(Pemerhati politik dan kebangsaan.)", "Ia pulang."),
        ("Ia pulang. *) Penulis adalah Pemerhati Politik", "Ia pulang."),
        ("Sidang dipimpin Rizal (Ketua Majelis Hakim).", None),
        ("Ia pulang. (Ketua RT. Ia pun tahu.)", None),
        ("Batu itu dari dekat. [Dinaskota]Gambar itu jelas.", "Batu itu dari dekat. Gambar itu jelas."),
        ("Ia berkata. [Ahmad] pulang.", None),
        ("Komisaris: Himawan Sari [kumparan]", "Komisaris: Himawan Sari"),
        ("Ia pulang.(ContohPadang.com/Rizal Salim/Sari)", "Ia pulang."),
        ("Ia pulang. Saksikan juga Penghargaan Warga Kota 2024", "Ia pulang. "),
        ("Ia pulang. Saksikan juga penghargaan untuk warga kota", None),
        ("Ia pulang. Halaman selanjutnya soal harapan warga kota.", "Ia pulang. "),
        ("Pasal itu tertulis di halaman selanjutnya. Ia pulang.", None),
        (
            "Ia pulang.Simak selengkapnya, di halaman selanjutnya:Menurut Sari, ia tidur.",
            "Ia pulang.Menurut Sari, ia tidur.",
        ),
        ("Ia pulang.Untuk melihat video selengkapnya, klik DI SINI!", "Ia pulang."),
        ("Ia pulang. Baca selengkapnya di Koran Kota edisi Selasa, 4 Mei 2021.", "Ia pulang. "),
        ('Ia pulang," tulisnya.Video yang viral itu bisa disaksikan di sini.', 'Ia pulang," tulisnya.'),
        ("Ia pulang. Bisa juga lewat streaming artikel ini ya.", "Ia pulang. "),
        (
            "Ia pulang.Dapatkan informasi, inspirasi dan insight di email kamu.Daftarkan emailIa lalu tidur.",
            "Ia pulang.Ia lalu tidur.",
        ),
        (
            "Ia marah. pic.twitter.com/qBYlm—\nSari (@sari) July\n12, 2021\n\nIa pulang.",
            "Ia marah. Ia pulang.",
        ),
        (
            "Ia marah.\nPosted by Sari Dewi on Wednesday, January 20, 2021\nIa pulang.",
            "Ia marah.\nIa pulang.",
        ),
    ],
)
def test_more_forms_of_furniture(text: str, kept: str | None) -> None:
    assert clean(text)[0] == (text if kept is None else kept)
