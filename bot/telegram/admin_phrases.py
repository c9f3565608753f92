"""What the bot says to admins in Telegram, and about who may use it, Indonesian and English side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.types import Language

TEXTS: Mapping[str, Mapping[Language, str]] = {
    "help_admin": {
        "id": "Untuk admin: kirim file, alamat web, atau feed RSS, atau teruskan postingan channel untuk "
        "menambahkan artikel.\n\n{commands}",
        "en": "For admins: send a file, a web address or an RSS feed, or forward a channel post to add "
        "articles.\n\n{commands}",
    },
    # Letting in
    "let_in": {"id": "Izinkan", "en": "Let in"},
    "put_off": {"id": "Tolak", "en": "Refuse"},
    "put_out": {"id": "Keluarkan", "en": "Put out"},
    "knocks": {"id": "{name} ingin memakai bot ini.", "en": "{name} would like to use this bot."},
    "knocked": {
        "id": "Permintaan Anda sudah diteruskan ke admin.",
        "en": "Your request has been passed on to the admins.",
    },
    "is_in": {"id": "{name} boleh memakai bot ini.", "en": "{name} may use this bot."},
    "is_out": {"id": "{name} tidak boleh memakai bot ini.", "en": "{name} may not use this bot."},
    "you_are_in": {
        "id": "Anda sekarang bisa memakai bot ini. Silakan tulis pertanyaan Anda.",
        "en": "You can use this bot now. Please write your question.",
    },
    "visitors": {
        "id": "Akses pengguna dan grup",
        "en": "Who may use the bot",
    },
    "visitors_none": {"id": "Belum ada yang meminta akses.", "en": "Nobody has asked for access yet."},
    "visitors_open": {
        "id": "Bot ini terbuka untuk semua orang.",
        "en": "This bot is open to everyone.",
    },
    "visitor_asked": {"id": "menunggu keputusan", "en": "waits for a decision"},
    "visitor_in": {"id": "diizinkan", "en": "may use it"},
    # Feeds
    "feeds": {"id": "Feed RSS yang dipantau", "en": "RSS feeds that are watched"},
    "feeds_none": {
        "id": "Belum ada feed RSS yang dipantau. Tulis alamatnya setelah /pantau.",
        "en": "No RSS feed is watched. Write its address after /watch.",
    },
    "feed_fixed": {"id": "(dari pengaturan)", "en": "(from the settings)"},
    "leave": {"id": "Berhenti memantau: {feed}", "en": "Stop watching: {feed}"},
    "watch_what": {
        "id": "Tulis alamat feed RSS setelah perintahnya, misalnya: /pantau https://www.berita.example/rss",
        "en": "Write the feed's address after the command, for example: /watch https://www.news.example/rss",
    },
    # The daily report
    "report": {"id": "📊 Laporan 24 jam terakhir", "en": "📊 The last 24 hours"},
    "report_asked": {"id": "Pertanyaan: {number}", "en": "Questions: {number}"},
    "report_users": {"id": "Penanya: {number}", "en": "Readers who asked: {number}"},
    "report_answered": {"id": "Terjawab: {number}", "en": "Answered: {number}"},
    "report_declined": {"id": "Tidak terjawab: {number}", "en": "Without an answer: {number}"},
    "report_wrong": {"id": "Kutipan dinilai salah: {number}", "en": "Quotes marked as wrong: {number}"},
    "report_vain": {"id": "Pertanyaan yang tidak terjawab", "en": "What readers asked in vain"},
    "report_quotes": {"id": "Kutipan yang dinilai salah", "en": "Quotes that were marked as wrong"},
    "report_on": {"id": "Kirim tiap hari pukul {hour:02}.00", "en": "Send it every day at {hour}:00"},
    "report_off": {"id": "Jangan kirim tiap hari", "en": "Do not send it every day"},
    "report_is_on": {
        "id": "Laporan dikirim tiap hari pukul {hour:02}.00.",
        "en": "The report comes at {hour}:00.",
    },
    "report_is_off": {"id": "Laporan harian dihentikan.", "en": "The daily report has stopped."},
    "no_such_articles": {
        "id": "Tidak ada artikel yang judul atau alamatnya memuat “{search}”.",
        "en": "No article has “{search}” in its title or address.",
    },
    "articles_holding": {
        "id": " Judul atau alamatnya memuat “{search}”.",
        "en": " “{search}” is in their titles or addresses.",
    },
    # For admins
    "adding": {"id": "Sedang menambahkan …", "en": "Adding …"},
    "added_so_far": {"id": "Sedang menambahkan … {number} artikel", "en": "Adding … {number} articles"},
    "too_large": {
        "id": "File ini lebih dari 20 MB, batas Telegram untuk bot. Bagi menjadi beberapa file, atau pakai "
        "`kutip ingest` di server.",
        "en": "This file is over 20 MB, Telegram's limit for bots. Split it, or use `kutip ingest` on the "
        "server.",
    },
    "no_text": {
        "id": "Tidak ada teks di postingan itu.",
        "en": "There is no text in that post.",
    },
    "nothing_to_add": {"id": "Tidak ada yang baru untuk ditambahkan.", "en": "There was nothing to add."},
    "add_failed": {"id": "Gagal ditambahkan: {error}", "en": "It could not be added: {error}"},
    "added": {"id": "ditambahkan", "en": "added"},
    "updated": {"id": "diperbarui", "en": "updated"},
    "unchanged": {"id": "tidak berubah", "en": "unchanged"},
    "refused": {"id": "ditolak", "en": "refused"},
    "and_more": {"id": "… dan {number} lagi", "en": "… and {number} more"},
    "articles": {
        "id": "{total} artikel, halaman {page} dari {pages}. Yang terbaru di atas.",
        "en": "{total} articles, page {page} of {pages}. The newest first.",
    },
    "no_articles": {
        "id": "Belum ada artikel. Kirim file atau tautan untuk menambahkannya.",
        "en": "There are no articles yet. Send a file or a link to add some.",
    },
    "no_article": {"id": "Artikel itu sudah tidak ada.", "en": "That article is not there any more."},
    "show": {"id": "Tampilkan", "en": "Show"},
    "remove": {"id": "Hapus", "en": "Remove"},
    "really": {"id": "Hapus artikel ini?", "en": "Remove this article?"},
    "yes": {"id": "Ya, hapus", "en": "Yes, remove"},
    "no": {"id": "Tidak", "en": "No"},
    "removed_now": {
        "id": "Dihapus: {title}. Masih bisa dipulihkan dalam 24 jam.",
        "en": "Removed: {title}. It can be brought back for a day.",
    },
    "undo": {"id": "Pulihkan", "en": "Undo"},
    "restored": {"id": "Dipulihkan: {title}", "en": "Brought back: {title}"},
    "too_late": {
        "id": "Sudah lewat 24 jam; tambahkan lagi artikelnya.",
        "en": "More than a day has passed; add the article again.",
    },
    "back": {"id": "‹ Daftar", "en": "‹ List"},
}
"""The phrases, which `bot.telegram.phrases.say` says."""

FIGURES: Mapping[Language, Mapping[str, str]] = {
    "id": {
        "articles": "artikel",
        "chunks": "potongan teks",
        "answers_today": "jawaban dalam 24 jam terakhir",
        "users_today": "penanya dalam 24 jam terakhir",
        "answered": "terjawab sejak bot dimulai",
        "abstained": "tidak terjawab sejak bot dimulai",
        "helpful": "jawaban dinilai membantu",
        "wrong_quotes": "kutipan dinilai salah",
        "status": "status",
        "queue": "pertanyaan dalam antrean",
        "inbox": "pesan yang belum selesai",
        "indexes_behind": "perubahan yang belum terindeks",
        "restarts": "mulai ulang",
        "uptime_seconds": "aktif",
        "memory_mb": "memori, MB",
    },
    "en": {
        "articles": "articles",
        "chunks": "chunks",
        "answers_today": "answers, last 24 hours",
        "users_today": "users who asked, last 24 hours",
        "answered": "answered since the start",
        "abstained": "declined since the start",
        "helpful": "marked as helpful",
        "wrong_quotes": "quotes marked as wrong",
        "status": "status",
        "queue": "questions in the queue",
        "inbox": "messages not done yet",
        "indexes_behind": "changes not indexed yet",
        "restarts": "restarts",
        "uptime_seconds": "running for",
        "memory_mb": "memory, MB",
    },
}
"""What an admin's figures are called; `/health` and `/metrics` keep their own names."""


_UNITS: Mapping[Language, Sequence[tuple[str, str]]] = {
    "id": (("hari", "hari"), ("jam", "jam"), ("menit", "menit"), ("detik", "detik")),
    "en": (("day", "days"), ("hour", "hours"), ("minute", "minutes"), ("second", "seconds")),
}
"""Units of time, the largest first: one, and several."""


def lasting(seconds: int, language: Language) -> str:
    """A time as people say it, to two units: `2 menit 53 detik`."""
    parts = []
    for (one, several), size in zip(_UNITS[language], (86_400, 3_600, 60, 1), strict=True):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {one if number == 1 else several}")
    return " ".join(parts[:2]) or f"0 {_UNITS[language][-1][1]}"
