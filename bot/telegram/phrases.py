"""What the bot says in Telegram, Indonesian and English side by side. Quotes are never here."""

from __future__ import annotations

from collections.abc import Mapping

from rag.types import Language

_TEXTS: Mapping[str, Mapping[Language, str]] = {
    "hello": {
        "id": "Halo! Saya menjawab pertanyaan tentang berita dan mengutip kalimat aslinya.\n\n"
        "Tulis pertanyaan Anda, misalnya: Siapa Menteri Pertahanan Rusia?\n\n"
        "/bantuan menjelaskan selebihnya, /privasi apa yang disimpan.",
        "en": "Hello! I answer questions about the news and quote the exact sentences.\n\n"
        "Write your question, for example: Who is Russia's defence minister?\n\n"
        "/help explains the rest, /privacy what is stored.",
    },
    "help": {
        "id": "Tulis pertanyaan dalam bahasa Indonesia atau Inggris. Setiap jawaban bersandar pada kalimat "
        "yang dikutip persis dari artikel. Tombol di bawah jawaban membuka artikel pada kalimat itu, "
        "atau menunjukkan kalimat di sekitarnya.\n\n"
        "{commands}\n\n"
        "Di grup, sebut nama saya atau balas pesan saya.",
        "en": "Ask in Indonesian or English. Every answer rests on sentences quoted to the letter from "
        "articles. The buttons under an answer open the article at that sentence, or show the "
        "sentences around it.\n\n"
        "{commands}\n\n"
        "In a group, mention me or reply to me.",
    },
    "help_admin": {
        "id": "Untuk admin: kirim berkas, alamat web, umpan, atau teruskan kiriman kanal untuk menambah "
        "artikel.\n{commands}",
        "en": "For admins: send a file, a web address, a feed, or forward a channel post to add "
        "articles.\n{commands}",
    },
    "privacy": {
        "id": "Yang disimpan: pertanyaan Anda dan jawabannya, bersama nomor pengguna dan nomor obrolan, "
        "selama {days} hari, agar tombol dan pertanyaan lanjutan berfungsi; bahasa yang Anda pilih; dan "
        "pesan Anda sampai dijawab.\n\n"
        "Jika Anda menandai kutipan sebagai membantu atau salah, pertanyaan dan kutipan itu disimpan "
        "tanpa nama atau nomor Anda, untuk memperbaiki bot.\n\n"
        "/lupa menghapus percakapan di obrolan ini sekarang juga. Tidak ada yang dikirim ke pihak lain "
        "selain Telegram{server}.",
        "en": "What is stored: your questions and their answers with your user number and the chat's, for "
        "{days} days, so that buttons and follow-up questions work; the language that you chose; and "
        "your messages until they are answered.\n\n"
        "If you mark a quote as helpful or wrong, the question and the quote are stored without your "
        "name or number, to make the bot better.\n\n"
        "/forget deletes the conversation in this chat at once. Nothing is sent to anyone but "
        "Telegram{server}.",
    },
    "privacy_server": {
        "id": ", kecuali pertanyaan dan percakapan ke peladen model bahasa yang dipilih pengelola",
        "en": ", except questions and their conversation, to the language model's server that this bot's "
        "operator has chosen",
    },
    "forgotten": {
        "id": "Sudah dihapus: {number} pertanyaan dan jawaban di obrolan ini.",
        "en": "Deleted: {number} questions and answers in this chat.",
    },
    "unknown": {
        "id": "Maaf, itu tidak saya kenal. Tulis pertanyaan Anda, atau lihat /bantuan.",
        "en": "Sorry, I do not know that. Write your question, or see /help.",
    },
    "ask_what": {
        "id": "Tulis pertanyaan sesudah perintahnya, misalnya: /tanya Siapa Menteri Pertahanan Rusia?",
        "en": "Write the question after the command, for example: /ask Who is Russia's defence minister?",
    },
    "empty": {
        "id": "Di situ tidak ada pertanyaan yang dapat saya baca.",
        "en": "There is no question in it that I can read.",
    },
    "failed": {
        "id": "Maaf, pertanyaan ini tidak dapat dijawab sekarang. Coba lagi nanti.",
        "en": "Sorry, this question cannot be answered now. Please try again later.",
    },
    "aside": {
        "id": "Maaf, saya dua kali terhenti saat mengerjakan pesan ini, jadi saya kesampingkan. "
        "Coba tanyakan dengan kata lain.",
        "en": "Sorry, I was brought down twice by this message, so I have set it aside. "
        "Please try to ask in other words.",
    },
    "cancelled": {"id": "Dibatalkan.", "en": "Cancelled."},
    "cancelled_all": {"id": "Dibatalkan: {number} pertanyaan.", "en": "Cancelled: {number} questions."},
    "nothing_to_cancel": {
        "id": "Tidak ada pertanyaan yang menunggu.",
        "en": "There is no question that waits.",
    },
    "over": {"id": "Itu sudah selesai.", "en": "That is over already."},
    "not_yours": {"id": "Itu pertanyaan orang lain.", "en": "That is someone else's question."},
    "queued": {
        "id": "⏳ {before} pertanyaan di depan pertanyaan Anda.",
        "en": "⏳ {before} questions are before yours.",
    },
    "queued_one": {
        "id": "⏳ Satu pertanyaan di depan pertanyaan Anda.",
        "en": "⏳ One question is before yours.",
    },
    "reading": {"id": "⏳ Sedang membaca artikel …", "en": "⏳ Reading articles …"},
    "translating": {"id": "⏳ Sedang menerjemahkan …", "en": "⏳ Translating …"},
    "starting": {"id": "⏳ Sedang bersiap …", "en": "⏳ Getting ready …"},
    "yours_waiting": {
        "id": " ({number} pertanyaan Anda menunggu.)",
        "en": " ({number} of your questions wait.)",
    },
    "cancel": {"id": "Batal", "en": "Cancel"},
    "too_fast": {
        "id": "Mohon pelan-pelan: paling banyak {number} pertanyaan semenit. Coba lagi sebentar lagi.",
        "en": "Not so fast, please: {number} questions a minute at most. Try again in a moment.",
    },
    "too_many_today": {
        "id": "Batas {number} pertanyaan sehari sudah tercapai. Silakan lanjutkan besok.",
        "en": "The limit of {number} questions a day is reached. Please go on tomorrow.",
    },
    "queue_full": {
        "id": "{number} pertanyaan Anda masih menunggu. Mohon tunggu jawabannya dulu; /batal membatalkannya.",
        "en": "{number} of your questions still wait. Please wait for their answers; /cancel cancels them.",
    },
    "not_allowed": {
        "id": "Maaf, bot ini hanya untuk pengguna yang terdaftar. Hubungi pengelolanya bila perlu.",
        "en": "Sorry, this bot is for registered users only. Please ask who runs it.",
    },
    "open": {"id": "↗ Buka [{number}] {host}", "en": "↗ Open [{number}] {host}"},
    "translate": {"id": "🌐 Terjemahkan kutipan", "en": "🌐 Translate quotes"},
    "untranslate": {"id": "🌐 Tanpa terjemahan", "en": "🌐 Without translations"},
    "no_translation": {
        "id": "Maaf, saat ini tidak ada terjemahan yang menjaga fakta kutipan itu.",
        "en": "Sorry, there is no translation now that keeps to the facts of the quote.",
    },
    "context": {"id": "Konteks [{number}]", "en": "Context [{number}]"},
    "helpful": {"id": "👍 Membantu", "en": "👍 Helpful"},
    "wrong": {"id": "👎 Kutipan salah", "en": "👎 Wrong quote"},
    "which": {"id": "👎 Kutipan [{number}]", "en": "👎 Quote [{number}]"},
    "thanks": {"id": "Terima kasih.", "en": "Thank you."},
    "thanks_wrong": {
        "id": "Terima kasih. Kutipan ini akan diperiksa.",
        "en": "Thank you. This quote will be looked at.",
    },
    "which_one": {"id": "Kutipan yang mana?", "en": "Which quote?"},
    "gone": {
        "id": "Jawaban itu sudah tidak disimpan.",
        "en": "That answer is not stored any more.",
    },
    "changed": {
        "id": "Artikel ini sudah berubah sejak dikutip; kalimatnya ditampilkan seperti waktu itu.",
        "en": "This article has changed since it was quoted; the sentence is shown as it was.",
    },
    "removed": {
        "id": "Artikel ini sudah tidak ada di arsip; kalimatnya ditampilkan seperti waktu dikutip.",
        "en": "This article is no longer in the archive; the sentence is shown as it was when quoted.",
    },
    "purged": {
        "id": "Artikel ini sudah dihapus, jadi konteksnya tidak ada lagi. Kalimat yang dikutip:",
        "en": "This article was deleted, so its context is gone. The sentence that was quoted:",
    },
    "no_sources": {
        "id": "Belum ada jawaban dengan sumber di obrolan ini.",
        "en": "There is no answer with sources in this chat yet.",
    },
    "sources": {"id": "Sumber jawaban terakhir:", "en": "Sources of the last answer:"},
    "choose_language": {
        "id": "Dalam bahasa apa saya berbicara? Jawaban selalu dalam bahasa pertanyaan Anda.",
        "en": "Which language shall I speak? Answers are always in the language of your question.",
    },
    "language_chosen": {"id": "Baik, saya berbahasa Indonesia.", "en": "All right, I speak English."},
    "language_auto": {
        "id": "Baik, saya mengikuti bahasa Telegram Anda.",
        "en": "All right, I follow your Telegram language.",
    },
    "auto": {"id": "Ikut Telegram", "en": "As Telegram"},
    # For admins
    "adding": {"id": "Sedang menambahkan …", "en": "Adding …"},
    "added_so_far": {"id": "Sedang menambahkan … {number} artikel", "en": "Adding … {number} articles"},
    "too_large": {
        "id": "Berkas ini lebih dari 20 MB, batas Telegram untuk bot. Bagi menjadi beberapa berkas, atau "
        "pakai `kutip ingest` di mesin.",
        "en": "This file is over 20 MB, Telegram's limit for bots. Split it, or use `kutip ingest` on the "
        "machine.",
    },
    "no_text": {
        "id": "Tidak ada teks di kiriman itu.",
        "en": "There is no text in that post.",
    },
    "nothing_to_add": {"id": "Tidak ada yang dapat ditambahkan.", "en": "There was nothing to add."},
    "add_failed": {"id": "Tidak dapat ditambahkan: {error}", "en": "It could not be added: {error}"},
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
        "id": "Belum ada artikel. Kirim berkas untuk menambahkannya.",
        "en": "There are no articles yet. Send a file to add some.",
    },
    "no_article": {"id": "Artikel itu sudah tidak ada.", "en": "That article is not there any more."},
    "show": {"id": "Tampilkan", "en": "Show"},
    "remove": {"id": "Hapus", "en": "Remove"},
    "really": {"id": "Hapus artikel ini?", "en": "Remove this article?"},
    "yes": {"id": "Ya, hapus", "en": "Yes, remove"},
    "no": {"id": "Tidak", "en": "No"},
    "removed_now": {
        "id": "Dihapus: {title}. Dapat dipulihkan selama sehari.",
        "en": "Removed: {title}. It can be brought back for a day.",
    },
    "undo": {"id": "Pulihkan", "en": "Undo"},
    "restored": {"id": "Dipulihkan: {title}", "en": "Brought back: {title}"},
    "too_late": {
        "id": "Sudah lewat sehari; tambahkan lagi artikelnya.",
        "en": "More than a day has passed; add the article again.",
    },
    "back": {"id": "‹ Daftar", "en": "‹ List"},
}

FIGURES: Mapping[Language, Mapping[str, str]] = {
    "id": {
        "articles": "artikel",
        "chunks": "potongan teks",
        "answers_today": "jawaban, 24 jam terakhir",
        "users_today": "penanya, 24 jam terakhir",
        "answered": "terjawab sejak mulai",
        "abstained": "tidak terjawab sejak mulai",
        "helpful": "ditandai membantu",
        "wrong_quotes": "kutipan ditandai salah",
        "status": "keadaan",
        "queue": "pertanyaan dalam antrean",
        "inbox": "pesan yang belum selesai",
        "indexes_behind": "perubahan yang belum terindeks",
        "restarts": "dimulai ulang",
        "uptime_seconds": "berjalan, detik",
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
        "uptime_seconds": "running, seconds",
        "memory_mb": "memory, MB",
    },
}
"""What an admin's figures are called; `/health` and `/metrics` keep their own names."""


def say(key: str, language: Language, **values: object) -> str:
    """A phrase in a language, with its values filled in."""
    return _TEXTS[key][language].format(**values)
