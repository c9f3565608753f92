from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.overlong import LONGEST
from rag.text.sentences import split

# A bar stands where a sentence ends.
INDONESIAN = {
    "two sentences": "Ia pulang.| Ia makan.",
    "a company": "PT. Bank Contoh Tbk. naik 5 persen.| Itu kabar baik.",
    "a company and what begins a sentence": "Laba diraih PT Contoh Tbk.| Menurut analis, itu wajar.",
    "a company and its ticker": "Saham PT Contoh Tbk. (CNTH) naik.",
    "a street and its number": "Rumahnya di Jl. Merdeka No. 5 Bandung.| Ia di sana.",
    "and so on, going on": "Beras, gula, dll. dijual murah.| Warga antre.",
    "and so on, at the end": "Mereka menjual beras, gula, dll.| Warga antre.",
    "and others": "Budi dkk. menang.| Mereka senang.",
    "a physician": "Menurut dr. Sari, vaksin aman.| Ia yakin.",
    "titles in a row": "Prof. Dr. Ir. H. Budi Santoso hadir.| Ia duduk.",
    "degrees after a name": "Budi, S.H., M.Si. mengatakan itu.| Ia pergi.",
    "a degree at the end": "Yang hadir ialah Budi, S.H.| Menurut dia, itu sah.",
    "a degree in small letters": "Sari, A.Md. lulus.| Ia bekerja.",
    "initials of a name": "Buku R.A. Kartini dibaca.| J.K. Rowling juga.",
    "initials apart, one of them a page's sign": "Its chief J. P. Okafor said so.| He left.",
    "a single initial": "Presiden Joko W. Utama hadir.| Ia tersenyum.",
    "a single letter at the end": "Buah itu mengandung vitamin C.| Namun harganya mahal.",
    "a page": "Lihat hlm. 25 buku itu.| Di sana ada gambar.",
    "the word no": "Nomor urutnya no. 3.| Ia menang.",
    "the word hal at the end": "Ia bicara tentang banyak hal.| Salah satunya pajak.",
    "money with a stop": "Harganya Rp. 1.500.000 per ton.| Itu mahal.",
    "money at the end": "Kerugiannya Rp 1.500.000.| Polisi menyelidiki.",
    "a decimal comma": "Inflasi 3,5 persen.| Itu rendah.",
    "a date with a short month": "Rapat digelar 4 Sept. 2023 di Jakarta.| Semua hadir.",
    "a date with strokes": "Ia tiba Sabtu (22/10/2025).| Lalu ia pulang.",
    "a year at the end": "Itu terjadi pada 2023.| 15 orang tewas.",
    "a time": "Gempa terjadi pukul 07.30 WIB.| Warga lari.",
    "a time at the end": "Gempa terjadi pukul 07.30.| Warga lari.",
    "an ellipsis": "Wah...| Saya lupa.",
    "an ellipsis that goes on": "Saya ... lupa… lagi.",
    "a speech and who said it": '"Kami siap," kata Budi.| Ia pergi.',
    "a question and who asked it": '"Siap?" tanya Budi.| Ia pergi.',
    "a shout and who shouted": "“Merdeka!” teriak warga.| Mereka senang.",
    "a speech of several sentences": '"Kami siap.| Besok kami berangkat," kata Budi.| Ia pergi.',
    "a speech that closes after its stop": '"Kami siap."| Budi lalu pergi.',
    "quotes within quotes": "\"Ia bilang 'siap' kepada kami,\" kata Budi.| Semua senang.",
    "inner quotes that close first": "\"Ia bilang 'kami siap.'\"| Budi lalu pergi.",
    "brackets around a sentence": "Ia pulang.| (Rumahnya jauh.)| Ia makan.",
    "brackets inside a sentence": "Ia pulang (naik bus. lalu kereta) dan makan.",
    "a lost space": "Warga prihatin atas kasus ini.|Menurut dia, itu salah.",
    "a lost space after brackets": "Ia tiba Senin (15/3).|Lebih lanjut, ia berharap.",
    "a lost space after brackets, then a number": "Ia tiba Senin (15/3/2021).|16 orang ikut.",
    "a lost space after a year": "Itu terjadi pada 2024.|Laporan itu sah.",
    "a lost space before a quote": 'Ia menilai Amien Rais.|"Tentu kita semua senang," katanya.',
    "a lost space after a quote": '"Kami siap," kata Haris.|Isu itu lama.',
    "a lost space after a closing quote": '"Kami siap."|Haris lalu pergi.',
    "a lost space after a shout": "Tolong!|Saya jatuh.",
    "a lost space before two letters": "Rumah itu jauh.|Ia berjalan.",
    "a lost space before capitals": "Hal itu sudah jelas.|PT Contoh menang.",
    "a lost space after capitals": "Ia anggota DPR.|Hal itu benar.",
    "sites": "Baca di GELORA.CO, detik.com atau Kompas.com hari ini.| Semua gratis.",
    "an address": "Lihat https://contoh.id/Berita.Baru/1 sekarang.| Semua gratis.",
    "a mail address": "Kirim ke info@Contoh.Co.Id segera.| Semua gratis.",
    "a stray quote mark before": 'Penyidikan dimulai.| " Motifnya dendam," kata polisi.',
    "a stray quote mark at the end": 'Ayam ada di kandang. "',
    "a small letter after a full sentence": "Itu soal kode etik.| nah itu bertentangan.",
    "an unknown abbreviation": "Ia tinggal di kel. baru itu.",
    "a list": "1. Siapkan air.|\n2. Rebus air itu.|\n3. Minum.",
    "a list with a lost space": "Berikut faktanya:1. Polisi datang.| Warga senang.",
    "a list inside a line": "Mobil yang dibeli: 1. Sedan biru.| Warga senang.",
    "a lost space after a name in a network": '"Aamiin," kata akun @warga.|Polisi lalu datang.',
    "a letter of the law at the end": "Itu diatur Pasal 8 huruf G.| Pasal ini lama.",
    "bullets": "- beras\n|- gula\n|- minyak",
    "a heading": "Harga Beras Naik\n|Harga beras naik hari ini.",
    "a blank line": "Ia pulang\n\n|dan makan.",
    "ranks": "Menurut AKBP. Budi dan Letjen. Sari, aman.| Warga tenang.",
    "a question and a shout": "Benarkah?!| Ia tidak percaya.",
    "as it is said": "Yth. Bapak Presiden.| Kami menulis surat.",
    "a government regulation": "Itu diatur dengan PP.| Peristiwa itu lama.",
}
ENGLISH = {
    "two sentences in English": "He left.| She stayed.",
    "a doctor": "Dr. Smith met Mr. Jones and Mrs. Lee.| They talked.",
    "a country in letters": "The U.S. Senate voted.| It passed.",
    "a country in letters at the end": "He moved to the U.S.| The move was quick.",
    "a time of day": "He left at 7.30 p.m. on Monday.| She stayed.",
    "a time of day at the end": "He left at 7 p.m.| She stayed.",
    "American money": "It costs US$1.5 or $2.50.| That is cheap.",
    "a company in English": "Contoh Corp. said profits rose.| Shares jumped.",
    "a company in English at the end": "He works for Contoh Inc.| His boss is kind.",
    "a firm of Singapore": "It sold Contoh Pte. Ltd. shares.| The price fell.",
    "for example": "Staples, e.g. rice, cost more.| Salt, i.e. sodium, too.",
    "versus": "It is Smith vs. Jones again.| They meet on Sunday.",
    "a month": "He came on Sept. 4, 2023.| She came later.",
    "a middle initial": "George W. Bush spoke.| He smiled.",
    "a saint": "The fire in St. Louis is out.| Nobody was hurt.",
    "a number": "He is No. 1 in the world.| She is second.",
    "no": "No.| That is all he said.",
    "a speech in English": '"We are ready," he said.| "We go tomorrow."| He left.',
    "a question in English": '"Are you ready?" he asked.| She nodded.',
    "a doctorate": "She holds a Ph.D. in physics.| She teaches.",
    "a lost space in English": "The deal was signed.|I am happy, he said.",
    "a version": "Version 4.0.1 is out.| It is fast.",
    "a general": "Gen. Smith and Sen. Warren met.| They agreed.",
    "a junior": "Martin Luther King Jr. was there.| He spoke.",
}
# Forms of each kind that the hand-marked texts of lab/sentences do not hold word for word.
ABBREVIATED = {
    "a rank and its corps": "Letkol Inf. Bayu Aji tiba.| Ia memeriksa pasukan.",
    "a rank and a long corps": "Menurut Mayor Arh. Sigit Purba, latihan lancar.| Warga menonton.",
    "a retired general": "Jenderal TNI (Purn.) Widodo hadir.| Ia duduk di depan.",
    "a retired policeman of two stops": "Irjen Pol. (Purn.) Drs. Tarmizi bersaksi.| Sidang ditunda.",
    "a marine": "Lettu (Mar.) Hasan Basri selamat.| Perahunya tenggelam.",
    "a month that is no corps": "Harga naik lagi pada Mar. Warga mengeluh.",
    "a veterinarian": "Kata drh. Nyoman Sari, anjing itu rabies.| Pemiliknya panik.",
    "a short first name": "Wakilnya Moh. Saleh Basri.| Ia dari Parepare.",
    "a short first name after another": "Hadir pula Abd. Muh. Idris.| Rapat ditutup.",
    "a nobleman": "Tb. Hasan Nurdin mundur.| Jabatannya kosong.",
    "a disease in the same letters": "Ia sembuh dari TB.| Dokter senang.",
    "a suspect's initials": "Tersangka berinisial DS.| Kasat Reskrim membenarkan.",
    "the neighbourhood": "Ia warga RT. 002 RW. 008 Desa Dukuh.| Rumahnya kosong.",
    "the neighbourhood at the end": "Laporkan kepada ketua RT.| Nanti petugas datang.",
    "villages": "Longsor di Ds. Cigudeg, Kec. Nanggung, Kab. Bogor.| Jalan tertutup.",
    "a building": "Seminar di Gd. Sate dibuka.| Pesertanya ramai.",
    "a faculty": "Dosen Fak. Pertanian itu meneliti padi.| Hasilnya baik.",
    "a day of the month": "Rapatnya Tgl. 9 Mei.| Tempatnya di aula.",
    "a year": "Perda No. 3 Th. 2011 dicabut.| Gantinya menyusul.",
    "a narrator": "Hadis itu riwayat HR. Muslim dan lainnya.| Isinya tentang sabar.",
    "a kilometre post and kilometres": "Truk terguling di Km. 72.| Jaraknya 5 km.| 3 orang luka.",
    "a group": "Timnya di grup C.| Lawannya Iran.",
    "a billion": "Kerugiannya Rp 15 M.| Bunga pinjaman belum dihitung.",
    "an initial after a year": "Ketua Panitia 2024 M. Sattu Pali hadir.| Ia tersenyum.",
    "a title that a text leaves without its name": "Hadir pula Kombes Pol.| Ia menolak bicara.",
    "his in Indonesian": "Saksi bernama M.R.| Usianya 19 tahun.",
    "Kenya": "The team of J. Kenya Moore won.| It was close.",
    "a brigadier general": "Brig. Gen. Paula Hart spoke.| Nobody clapped.",
    "a retired general in English": "Gen. (Ret.) Mark Lane said so.| He teaches.",
    "a brigadier of the marines": "Brigjen TNI (Mar.) Suliono diangkat.| Ia asal Kediri.",
    "a neighbourhood without spaces": "Korban warga RT.05/RW.02 Kel. Bandulan.| Ia buruh.",
    "a street's end": "It burned on Elm St.| The crew was late.",
    "a saint's town": "He flew to St. Petersburg.| She stayed.",
    "a court's case": "In Roe v. Wade the court ruled.| It was 1973.",
    "that is": "Take vitamins, i.e. A and C.| Drink water.",
    "a time zone": "It lands at 11 p.m. EST.| A car will wait.",
}
LISTS = {
    "a list after a colon": "Syaratnya: 1. KTP.| 2. Ijazah asli.| 3. Pas foto.",
    "a list after a sentence": "Ada dua sebab.| 1. Harga naik.| 2. Stok habis.| Pedagang pasrah.",
    "a list with letters": "Caranya: a. Cuci.| b. Potong.| c. Rebus.",
    "a list with roman numbers": "Isinya: i. Doa.| ii. Puji-pujian.",
    "a list without stops": "Pemenangnya 1. Sari Dewi| 2. Budi Hartono| 3. Wati.",
    "a list in brackets without spaces": "Korban:1. Fatkhur (48)|2. Himawan (27)|3. Arif (47)",
    "a list with an abbreviation": "Daerahnya: 1. Kec. Sape.| 2. Kec. Wera.",
    "a list of ten": " ".join(f"{'|' if n > 1 else ''}{n}. Butir ini." for n in range(1, 12)),
    "a paragraph of the law": "Itu diatur pasal 1 dan pasal 2.| Keduanya berlaku.",
    "a place in a race": "Ia finis di urutan 1.| Lawannya di urutan 2.| Keduanya senang.",
    "a list in English": "The rules: 1. No phones.| 2. No food.",
}
QUOTED = {
    "a quotation of three": "“Air naik.| Kami lari.| Anak-anak menangis,” kata Murni.| Rumahnya hanyut.",
    "a quotation of two that closes": '"Kami kalah.| Itu adil."| Pelatih lalu pergi.',
    "a quotation after a colon": 'Katanya: "Ini rumah saya.| Silakan masuk."| Kami masuk.',
    "a quotation in two parts": '"Silakan," ujar dia, "saya di rumah.| Saya tidak lari."| Jaksa diam.',
    "a quotation within one": "“Ia bilang ‘saya lelah.’| Lalu tidur,” kata ibunya.| Polisi mencatat.",
    "a quotation with an abbreviation": '"Ke RT. 05 dulu.| Baru ke kelurahan," kata Lurah.',
    "a single-quoted one": "'Kami lapar.| Kami haus,' kata pengungsi.| Bantuan belum datang.",
    "guillemets": "«Kami pulang.| Perang usai,» kata serdadu.| Keretanya berangkat.",
}
CASES = INDONESIAN | ENGLISH | ABBREVIATED | LISTS | QUOTED


def sentences(text: str) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in split(text)]


@pytest.mark.parametrize("name", CASES)
def test_a_sentence_ends_where_a_reader_would_end_it(name: str) -> None:
    expected = [part.strip() for part in CASES[name].split("|")]
    assert sentences(CASES[name].replace("|", "")) == expected


WRAPPED = """Harga beras di sejumlah pasar tradisional di kota itu naik
sejak pekan lalu karena pasokan dari daerah penghasil
berkurang. Pedagang berharap pemerintah segera
mengirim beras ke pasar.

Itu kabar buruk."""


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    assert [part.replace("\n", " ") for part in sentences(WRAPPED)] == [
        "Harga beras di sejumlah pasar tradisional di kota itu naik sejak pekan lalu karena pasokan dari "
        "daerah penghasil berkurang.",
        "Pedagang berharap pemerintah segera mengirim beras ke pasar.",
        "Itu kabar buruk.",
    ]


def test_a_line_that_goes_on_in_small_letters_is_wrapped() -> None:
    text = "Presiden tiba di Bandung pada hari Senin pagi bersama\nsejumlah menteri untuk rapat."
    assert sentences(text) == [text]


def test_lines_that_are_paragraphs_are_not_joined() -> None:
    lines = [
        "Judul Berita Tentang Harga Beras yang Naik di Kota",
        "Harga beras naik.",
        "Warga antre di pasar",
    ]
    assert sentences("\n".join(lines)) == lines


def test_sentences_are_numbered_and_carry_their_article() -> None:
    assert [(s.article_id, s.index) for s in split("Satu kata. Dua kata.\n\nTiga.", "a1")] == [
        ("a1", 0),
        ("a1", 1),
        ("a1", 2),
    ]


def test_a_long_sentence_is_cut_at_a_clause() -> None:
    text = "; ".join("kata " * 30 + "akhir" for _ in range(12))
    parts = sentences(text)
    assert all(len(part) <= LONGEST for part in parts)
    assert all(part.endswith(";") for part in parts[:-1])


def test_a_long_sentence_without_clauses_is_cut_at_spaces() -> None:
    parts = sentences("kata " * 500)
    assert all(len(part) <= LONGEST for part in parts)
    assert " ".join(parts) == ("kata " * 500).strip()


def test_a_long_word_is_cut_but_not_between_a_letter_and_its_mark() -> None:
    parts = sentences("e\u0301" * 1501)
    assert all(len(part) <= LONGEST for part in parts)
    assert not any(unicodedata.combining(part[0]) for part in parts)
    assert "".join(parts) == "e\u0301" * 1501


def test_a_sentence_that_does_not_fit_is_cut_until_it_does() -> None:
    text = (
        "Harga beras, gula, dan minyak naik karena pasokan dari daerah penghasil berkurang sejak pekan lalu."
    )
    parts = [text[s.start : s.end] for s in split(text, fits=lambda part: len(part.split()) <= 4)]
    assert all(len(part.split()) <= 4 for part in parts)
    assert " ".join(parts) == text


ALPHABET = st.sampled_from(
    [
        *"aB1.!?…\"“”'’()[]*- \n\t,;:é\u0301\u200d👩😀",
        "Menurut dia",
        "Dr.",
        "Rp. 5",
        "dll.",
        "\n\n",
        ".com",
        '."',
        "kata ",
    ]
)
TEXTS = st.text(max_size=200) | st.lists(ALPHABET, max_size=80).map("".join)


@given(TEXTS)
def test_outside_the_sentences_there_is_white_space_only(text: str) -> None:
    at = 0
    for index, sentence in enumerate(split(text)):
        assert sentence.index == index
        assert at <= sentence.start < sentence.end
        assert not text[at : sentence.start].strip()
        part = text[sentence.start : sentence.end]
        assert part == part.strip()
        assert len(part) <= LONGEST
        at = sentence.end
    assert not text[at:].strip()


@given(TEXTS, st.integers(1, 30))
def test_every_sentence_fits_or_is_a_single_letter(text: str, size: int) -> None:
    found = split(text, fits=lambda part: len(part.encode("utf-8", "replace")) <= size)
    assert "".join("".join(text[s.start : s.end].split()) for s in found) == "".join(text.split())
    for sentence in found:
        part = text[sentence.start : sentence.end]
        assert len(part) == 1 or len(part.encode("utf-8", "replace")) <= size


@given(st.text('ab.! ,"\n', max_size=50), st.integers(0, 3))
def test_a_very_long_line_is_cut_into_sentences_of_at_most_the_longest(unit: str, seed: int) -> None:
    text = (unit + "x" * seed) * 60
    assert all(s.end - s.start <= LONGEST for s in split(text))


@pytest.mark.parametrize(
    "unit", ["Ini kalimat. ", "x", "a.", '"a', ". " + " " * 500, "A.B.", ".)", "\u0301", " ", "a\n"]
)
def test_long_text_of_one_kind_is_split(unit: str) -> None:
    """Anything quadratic would take hours here."""
    text = unit * (300_000 // len(unit))
    assert sum(s.end - s.start for s in split(text)) <= len(text)


def test_a_line_that_is_far_indented_is_a_line_like_others() -> None:
    text = "Rusia sedang membahas latihan militer bersama dengan Korea\n" + " " * 150 + "tetapi belum pasti."
    assert "".join("".join(text[s.start : s.end] for s in split(text)).split()) == "".join(text.split())
