"""Why an article was refused, in Indonesian: the loaders give their reasons in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from rag.types import Language

_INDONESIAN: Mapping[str, str] = {
    # Files and folders
    "no such file": "file tidak ditemukan",
    "not a file": "bukan file",
    "files of this kind are not read; these are: {}": "jenis file ini tidak bisa dibaca; yang bisa: {}",
    "the file is empty": "file kosong",
    "it is empty": "kosong",
    "the file cannot be read ({})": "file tidak bisa dibaca ({})",
    "the folder cannot be read ({})": "folder tidak bisa dibaca ({})",
    "no file in it that can be read ({})": "tidak ada file di dalamnya yang bisa dibaca ({})",
    "there is no standard input to read": "tidak ada masukan standar untuk dibaca",
    "there is no text in it: its pages are pictures, which are not read": "tidak ada teks di dalamnya: "
    "halamannya berupa gambar, yang tidak bisa dibaca",
    "there is no text in it": "tidak ada teks di dalamnya",
    "Markdown over 2 MB; save it as plain text (.txt)": "Markdown lebih dari 2 MB; simpan sebagai teks biasa "
    "(.txt)",
    "not {} text (byte {}); save it as UTF-8": "bukan teks {} (bita {}); simpan sebagai UTF-8",
    "not text: it contains NUL bytes": "bukan teks: ada bita NUL di dalamnya",
    "it unpacks to more than {} MB": "isinya lebih dari {} MB setelah dibuka",
    "reading it takes too long": "terlalu lama dibaca",
    "reading it takes too much memory": "terlalu banyak memori untuk dibaca",
    "it cannot be read: the program that reads it crashed": "tidak bisa dibaca: program "
    "pembacanya berhenti mendadak",
    "its parts are nested too deep": "bagian-bagiannya bersarang terlalu dalam",
    "over {} MB of HTML, more than an article's page has": "HTML lebih dari {} MB, melebihi halaman artikel",
    # JSON lines and front matter
    "not a JSON object such as {}": "bukan objek JSON seperti {}",
    "JSON lines are UTF-8, and this is UTF-16; save it as UTF-8": "baris JSON harus UTF-8, dan ini UTF-16; "
    "simpan sebagai UTF-8",
    "not valid JSON: {} (column {})": "JSON tidak valid: {} (kolom {})",
    "not usable JSON: a number too long or lists too deep": "JSON tidak bisa dipakai: angka terlalu panjang "
    "atau daftar terlalu dalam",
    "`text` is empty": "`text` kosong",
    "`text` is missing": "`text` tidak ada",
    "`{}` is not a string": "`{}` bukan teks",
    "`{}` contains half of a surrogate pair, which cannot be stored": "`{}` berisi karakter rusak yang tidak "
    "bisa disimpan",
    "`published` is no ISO 8601 date such as 2023-09-05: {}": "`published` bukan tanggal "
    "seperti 2023-09-05: {}",
    "the front matter is not valid YAML{}: {}": "bagian depannya bukan YAML yang valid{}: {}",
    # Word and PDF
    "an old .doc file or an encrypted one; save it as .docx without a password": "file .doc lama atau "
    "terenkripsi; simpan sebagai .docx tanpa sandi",
    "it is encrypted; save it without a password": "terenkripsi; simpan tanpa sandi",
    "its XML declares a document type, which Word's never does": "XML-nya bukan buatan Word",
    "not a Word document, or a damaged one": "bukan dokumen Word, atau rusak",
    "not a Word document: it has no {}": "bukan dokumen Word: tidak ada {}",
    "its {} is damaged ({})": "{} di dalamnya rusak ({})",
    "not a PDF file": "bukan file PDF",
    "it has more than {} pages; that is a book": "lebih dari {} halaman; itu buku",
    "a damaged PDF file ({})": "file PDF rusak ({})",
    # Addresses and pages
    "web addresses are not fetched here": "alamat web tidak diambil di sini",
    "the address contains a space, a backslash or a control character": "alamat berisi spasi, garis miring "
    "terbalik, atau karakter kendali",
    "only http and https addresses are fetched, and this is {}": "hanya alamat http dan https yang diambil, "
    "dan ini {}",
    "an address with a user name or password in it is not fetched": "alamat dengan nama pengguna atau sandi "
    "tidak diambil",
    "the address has no host": "alamat tidak memuat nama situs",
    "the address has no valid host name": "nama situs di alamat itu tidak valid",
    "this is not a web address ({})": "ini bukan alamat web ({})",
    "the server wants a login": "servernya meminta login",
    "the server wants to be paid": "servernya meminta bayaran",
    "the server does not let us read it": "servernya tidak mengizinkan kami membacanya",
    "there is no such page": "halaman itu tidak ada",
    "the page is gone": "halaman itu sudah dihapus",
    "the server asks to come back later": "servernya meminta dicoba lagi nanti",
    "the server may not show it for legal reasons": "servernya tidak boleh menampilkannya "
    "karena alasan hukum",
    "the server cannot give it": "servernya tidak bisa memberikannya",
    "it redirects too often: more than {} times": "terlalu sering dialihkan: lebih dari {} kali",
    "its compression ({}) is not supported": "kompresinya ({}) tidak didukung",
    "its compressed data is cut off": "isinya terputus di tengah",
    "its compressed data is damaged": "kompresinya rusak",
    "the site's robots.txt asks not to fetch it": "robots.txt situs itu meminta agar tidak diambil",
    "{} leads to {}, which is not on the public internet": "{} mengarah ke {}, yang bukan internet publik",
    "`kutip ingest --allow-local` would allow it": "`kutip ingest --allow-local` mengizinkannya",
    "(status {})": "(status {})",
    "not an HTML page": "bukan halaman HTML",
    "no article in this page": "tidak ada artikel di halaman ini",
    "only the beginning of an article: the rest is for subscribers": "hanya awal artikel: selebihnya untuk "
    "pelanggan",
    "a page that asks for consent to cookies, and no article": "halaman persetujuan cookie, bukan artikel",
    "a page that wants a browser (JavaScript or a check for robots), and no article": "halaman yang butuh "
    "browser (JavaScript atau pemeriksaan robot), bukan artikel",
    "the answer is empty": "jawabannya kosong",
    "it calls itself {} and is something else": "mengaku {} padahal bukan",
    "what it gives is not read ({})": "isinya tidak bisa dibaca ({})",
    # Feeds
    "not an RSS or Atom feed": "bukan feed RSS atau Atom",
    "a feed without entries": "feed tanpa isi",
    "only a summary; add the feed by its address, and its pages are fetched": "hanya ringkasan; dengan "
    "alamat feed-nya, halamannya ikut diambil",
    "the entry has no link": "isinya tidak punya tautan",
    "it leads to another feed": "mengarah ke feed lain",
    "a feed of {} cannot give the text of a page of {}": "feed milik {} tidak bisa memberi teks halaman {}",
    "it is tried again the next time": "dicoba lagi lain kali",
    "there is no feed here, but a page or a file; nothing of it is added": "ini bukan feed, melainkan "
    "halaman atau file; tidak ada yang ditambahkan",
    # Fields that are left out; the article is kept
    "`{}` is not a string and is left out": "`{}` bukan teks, jadi diabaikan",
    "`{}` contains half of a surrogate pair and is left out": "`{}` berisi karakter rusak, jadi diabaikan",
    "`{}` (line {}) cannot be read and is left out: {}": "`{}` (baris {}) tidak bisa dibaca, "
    "jadi diabaikan: {}",
    "; it is left out": "; diabaikan",
    "the front matter's ": "bagian depannya: ",
    "fields are left out: no second `{}` ends them, so they are part of the text": "isiannya diabaikan "
    "karena tidak ditutup dengan `{}` kedua, jadi ikut menjadi teks",
    "cannot be read as a date": "tidak bisa dibaca sebagai tanggal",
    "may be two days": "bisa berarti dua tanggal",
    "is before {}, and the text does not name that year": "lebih lama dari {}, dan teksnya tidak menyebut "
    "tahun itu",
    "lies in the future": "ada di masa depan",
    "`published` is the day on which the file was made: {}": "`published` diambil dari tanggal file "
    "dibuat: {}",
    "a page is a picture and is not read: {} of {}": "ada halaman berupa gambar yang tidak "
    "bisa dibaca: {} dari {}",
    "its page {} is not read ({})": "halaman {} tidak terbaca ({})",
    "over {} MB, the most that one article may have": "lebih dari {} MB, batas untuk satu artikel",
    "the disk is full": "disk penuh",
}
"""The loaders' reasons; `{}` stands for what differs."""


def reason_in(reason: str, language: Language) -> str:
    """A reason in a language; one that is not known here stays in English."""
    if language != "id":
        return reason
    for form, said in _forms():
        reason = form.sub(said, reason)
    return reason


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each reason as a pattern, the longest first, so that none is taken for a part of itself."""
    made = []
    for english, indonesian in sorted(_INDONESIAN.items(), key=lambda each: -len(each[0])):
        parts = [re.escape(part) for part in english.split("{}")]
        # What differs is short: a name, a number, a list of endings.
        pattern = parts[0] + "".join(f"(.{{0,300}}?){part}" for part in parts[1:])
        if english.endswith("{}"):
            pattern = pattern.removesuffix("?)") + ")"
        said = re.sub(r"\\", r"\\\\", indonesian)
        for number in range(1, len(parts)):
            said = said.replace("{}", rf"\g<{number}>", 1)
        made.append((re.compile(pattern), said))
    return tuple(made)
