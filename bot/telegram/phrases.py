"""What the bot says in Telegram, Indonesian and English side by side. Quotes are never here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
        "id": "Tulis pertanyaan dalam bahasa Indonesia atau Inggris. Setiap jawaban disertai kalimat asli "
        "dari artikel. Tombol di bawah jawaban membuka artikelnya tepat di kalimat itu, menampilkan kalimat "
        "di sekitarnya, atau menyalinnya.\n\n"
        "{commands}\n\n"
        "Di grup, sebut @{bot} atau balas pesan saya.",
        "en": "Ask in Indonesian or English. Every answer comes with the original sentences from articles. "
        "The buttons under an answer open the article at that sentence, show the sentences around it, or "
        "copy it.\n\n"
        "{commands}\n\n"
        "In a group, mention @{bot} or reply to one of my messages.",
    },
    "help_admin": {
        "id": "Untuk admin: kirim file, alamat web, atau feed RSS, atau teruskan postingan channel untuk "
        "menambahkan artikel.\n\n{commands}",
        "en": "For admins: send a file, a web address or an RSS feed, or forward a channel post to add "
        "articles.\n\n{commands}",
    },
    "privacy": {
        "id": "Yang disimpan: pertanyaan Anda dan jawabannya, bersama ID pengguna dan ID obrolan, selama "
        "{days} hari, supaya tombol dan pertanyaan lanjutan berfungsi; bahasa yang Anda pilih; langganan "
        "Anda, sampai Anda berhenti; dan pesan Anda, sampai dijawab.\n\n"
        "Admin melihat pertanyaan yang tidak terjawab, tanpa nama dan ID penanyanya. "
        "Kalau Anda menilai jawaban membantu atau kutipannya salah, pertanyaan dan kutipan itu disimpan "
        "tanpa nama dan ID Anda, untuk memperbaiki bot.\n\n"
        "/lupa langsung menghapus percakapan di obrolan ini. Selain ke Telegram, tidak ada yang dikirim ke "
        "pihak lain{server}.",
        "en": "What is stored: your questions and their answers with your user ID and the chat's, for "
        "{days} days, so that buttons and follow-up questions work; the language that you chose; what you "
        "follow, until you stop; and your messages, until they are answered.\n\n"
        "Admins see questions that found no answer, without who asked. "
        "If you mark a quote as helpful or wrong, the question and the quote are stored without your "
        "name or ID, to make the bot better.\n\n"
        "/forget deletes the conversation in this chat at once. Nothing is sent to anyone but "
        "Telegram{server}.",
    },
    "privacy_server": {
        "id": ", kecuali pertanyaan dan percakapan ke server model bahasa yang dipilih pengelola bot",
        "en": ", except questions and their conversation, to the language model's server that this bot's "
        "operator has chosen",
    },
    "forgotten": {
        "id": "{number} pertanyaan dan jawaban di obrolan ini sudah dihapus.",
        "en": "Deleted: {number} questions and answers in this chat.",
    },
    "unknown": {
        "id": "Maaf, saya tidak mengerti. Tulis pertanyaan Anda, atau lihat /bantuan.",
        "en": "Sorry, I do not understand that. Write your question, or see /help.",
    },
    "ask_what": {
        "id": "Tulis pertanyaan setelah perintahnya, misalnya: /tanya Siapa Menteri Pertahanan Rusia?",
        "en": "Write the question after the command, for example: /ask Who is Russia's defence minister?",
    },
    "empty": {
        "id": "Saya tidak menemukan pertanyaan di pesan itu.",
        "en": "I found no question in that message.",
    },
    "failed": {
        "id": "Maaf, pertanyaan ini belum bisa dijawab sekarang. Coba lagi nanti.",
        "en": "Sorry, this question cannot be answered now. Please try again later.",
    },
    "aside": {
        "id": "Maaf, saya dua kali terhenti saat mengerjakan pesan ini, jadi saya lewati. "
        "Coba tanyakan dengan kata lain.",
        "en": "Sorry, I was brought down twice by this message, so I have set it aside. "
        "Please try to ask in other words.",
    },
    "cancelled": {"id": "Dibatalkan.", "en": "Cancelled."},
    "cancelled_all": {"id": "{number} pertanyaan dibatalkan.", "en": "Cancelled: {number} questions."},
    "nothing_to_cancel": {
        "id": "Tidak ada pertanyaan yang menunggu.",
        "en": "None of your questions is waiting.",
    },
    "over": {"id": "Itu sudah selesai.", "en": "That is over already."},
    "not_yours": {"id": "Itu pertanyaan orang lain.", "en": "That is someone else's question."},
    "queued": {
        "id": "⏳ Ada {before} pertanyaan sebelum giliran Anda.",
        "en": "⏳ {before} questions are before yours.",
    },
    "queued_one": {
        "id": "⏳ Ada satu pertanyaan sebelum giliran Anda.",
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
        "id": "Terlalu cepat: paling banyak {number} pertanyaan per menit. Coba lagi sebentar lagi.",
        "en": "Not so fast, please: {number} questions a minute at most. Try again in a moment.",
    },
    "too_many_today": {
        "id": "Batas {number} pertanyaan per hari sudah tercapai. Silakan lanjutkan besok.",
        "en": "The limit of {number} questions a day is reached. Please go on tomorrow.",
    },
    "queue_full": {
        "id": "{number} pertanyaan Anda masih menunggu. Tunggu jawabannya dulu, atau batalkan dengan /batal.",
        "en": "{number} of your questions still wait. Please wait for their answers, or /cancel them.",
    },
    "not_allowed": {
        "id": "Maaf, bot ini hanya untuk pengguna terdaftar.",
        "en": "Sorry, this bot is for registered users only.",
    },
    "only_admins": {
        "id": "Maaf, hanya admin yang bisa menambahkan artikel, file, atau tautan. Kalau ada pertanyaan, "
        "silakan tulis.",
        "en": "Sorry, only admins add articles, files and links. If you have a question, please write it.",
    },
    "not_heard": {
        "id": "Maaf, saya hanya bisa membaca pertanyaan tertulis. Bisa ditulis saja?",
        "en": "Sorry, I can only read written questions. Could you write it?",
    },
    "not_seen": {
        "id": "Maaf, saya belum bisa melihat gambar dan video. Tulis pertanyaan Anda, boleh juga sebagai "
        "keterangannya.",
        "en": "Sorry, I cannot see pictures and videos. Please write your question, also as a caption.",
    },
    "sticker": {
        "id": "🙂 Saya paling paham kalau pertanyaannya ditulis.",
        "en": "🙂 I understand written questions best.",
    },
    "not_read": {
        "id": "Maaf, saya hanya bisa membaca pertanyaan tertulis, bukan lokasi, kontak, atau polling.",
        "en": "Sorry, I can only read written questions, not locations, contacts or polls.",
    },
    "kutip": {"id": "Kutip", "en": "Kutip"},
    "copy": {"id": "Salin [{number}]", "en": "Copy [{number}]"},
    "share": {"id": "↪ Bagikan", "en": "↪ Share"},
    "ask_bot": {"id": "💬 Tanya Kutip", "en": "💬 Ask Kutip"},
    "ask_privately": {"id": "Tanya langsung ke bot", "en": "Ask the bot in private"},
    "ask_access": {"id": "Minta akses", "en": "Ask for access"},
    "ask_what_guest": {
        "id": "Tulis pertanyaan setelah @{bot}, misalnya: @{bot} Siapa Menteri Pertahanan Rusia?",
        "en": "Write your question after @{bot}, for example: @{bot} Who is Russia's defence minister?",
    },
    "link_gone": {
        "id": "Tautan itu sudah tidak berlaku. Tulis saja pertanyaan Anda.",
        "en": "That link does not work any more. Just write your question.",
    },
    "asked_again": {"id": "Pertanyaan: {question}", "en": "Question: {question}"},
    # Following
    "followed": {
        "id": "Anda sekarang mengikuti “{topic}”. Kutipan dari artikel baru tentang itu dikirim pukul "
        "{hours}. Ketuk jam untuk mengubahnya.",
        "en": "You now follow “{topic}”. Quotes from new articles about it come at {hours}. Tap an hour to "
        "change that.",
    },
    "following": {"id": "Langganan di obrolan ini", "en": "What this chat follows"},
    "follow_what": {
        "id": "Belum ada langganan. Tulis topiknya setelah perintah, misalnya: /langganan harga beras",
        "en": "Nothing is followed yet. Write a topic after the command, for example: /follow rice prices",
    },
    "follow_nothing": {"id": "Tidak ada langganan di obrolan ini.", "en": "This chat follows nothing."},
    "follow_over": {"id": "Langganan itu sudah berhenti.", "en": "That is not followed any more."},
    "too_many_followed": {
        "id": "Paling banyak {number} langganan per obrolan. Hentikan salah satu dulu dengan /berhenti.",
        "en": "A chat follows {number} topics at most. Stop one of them first, with /unfollow.",
    },
    "unfollowed": {"id": "Langganan “{topic}” dihentikan.", "en": "“{topic}” is not followed any more."},
    "hours": {"id": "Dikirim pukul {hours}.", "en": "Sent at {hours}."},
    "stop": {"id": "Berhenti: {topic}", "en": "Stop: {topic}"},
    "digest": {"id": "📰 Kabar baru: {topics}", "en": "📰 New: {topics}"},
    "digest_more": {"id": "… dan {number} artikel lain", "en": "… and {number} more articles"},
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
        "id": "Pengguna dan grup yang diputuskan admin",
        "en": "Users and groups decided on by admins",
    },
    "visitors_none": {"id": "Belum ada yang meminta akses.", "en": "Nobody has asked for access yet."},
    "visitors_open": {
        "id": "Bot ini terbuka untuk semua orang.",
        "en": "This bot is open to everyone.",
    },
    "visitor_asked": {"id": "menunggu keputusan", "en": "waits for a decision"},
    "visitor_in": {"id": "boleh", "en": "may use it"},
    # Feeds
    "feeds": {"id": "Feed RSS yang dipantau", "en": "RSS feeds that are watched"},
    "feeds_none": {
        "id": "Belum ada feed RSS yang dipantau. Tulis alamatnya setelah /pantau.",
        "en": "No RSS feed is watched. Write its address after /watch.",
    },
    "feed_fixed": {"id": "(dari pengaturan)", "en": "(from the settings)"},
    "leave": {"id": "Berhenti pantau: {feed}", "en": "Stop watching: {feed}"},
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
    "report_vain": {"id": "Yang ditanyakan tetapi tidak terjawab", "en": "What readers asked in vain"},
    "report_quotes": {"id": "Kutipan yang dinilai salah", "en": "Quotes that were marked as wrong"},
    "report_on": {"id": "Kirim tiap hari pukul {hour:02}.00", "en": "Send it every day at {hour}:00"},
    "report_off": {"id": "Jangan kirim tiap hari", "en": "Do not send it every day"},
    "report_is_on": {
        "id": "Laporan dikirim tiap hari pukul {hour:02}.00.",
        "en": "The report comes at {hour}:00.",
    },
    "report_is_off": {"id": "Laporan harian dihentikan.", "en": "The daily report has stopped."},
    "no_such_articles": {"id": "Tidak ada artikel dengan “{search}”.", "en": "No article has “{search}”."},
    "articles_holding": {"id": " Dengan “{search}”.", "en": " With “{search}”."},
    "verdict_gone": {"id": "Penilaian Anda ditarik kembali.", "en": "Your verdict is taken back."},
    "open": {"id": "↗ Buka [{number}] {host}", "en": "↗ Open [{number}] {host}"},
    "translate": {"id": "🌐 Terjemahkan kutipan", "en": "🌐 Translate quotes"},
    "untranslate": {"id": "🌐 Tanpa terjemahan", "en": "🌐 Without translations"},
    "no_translation": {
        "id": "Maaf, belum ada terjemahan yang cukup setia pada kutipan itu.",
        "en": "Sorry, there is no translation now that keeps to the facts of the quote.",
    },
    "context": {"id": "Konteks [{number}]", "en": "Context [{number}]"},
    "helpful": {"id": "👍 Membantu", "en": "👍 Helpful"},
    "wrong": {"id": "👎 Kutipan salah", "en": "👎 Wrong quote"},
    "which": {"id": "👎 Kutipan [{number}]", "en": "👎 Quote [{number}]"},
    "thanks": {"id": "Terima kasih.", "en": "Thank you."},
    "thanks_wrong": {
        "id": "Terima kasih. Kutipan ini akan kami periksa.",
        "en": "Thank you. This quote will be looked at.",
    },
    "which_one": {"id": "Kutipan yang mana?", "en": "Which quote?"},
    "gone": {
        "id": "Jawaban itu sudah tidak tersimpan. Tanyakan lagi, ya.",
        "en": "That answer is not stored any more. Please ask again.",
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
    "sources": {"id": "Sumber jawaban terakhir", "en": "Sources of the last answer"},
    "choose_language": {
        "id": "Pilih bahasa pesan bot. Jawaban selalu mengikuti bahasa pertanyaan Anda.",
        "en": "Choose the language of the bot's messages. Answers are in the language of your question.",
    },
    "language_chosen": {
        "id": "Baik, pesan bot sekarang dalam bahasa Indonesia.",
        "en": "All right, the bot's messages are in English now.",
    },
    "language_auto": {
        "id": "Baik, pesan bot mengikuti bahasa Telegram Anda.",
        "en": "All right, the bot's messages follow your Telegram language.",
    },
    "auto": {"id": "Ikuti Telegram", "en": "Same as Telegram"},
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


def say(key: str, language: Language, **values: object) -> str:
    """A phrase in a language, with its values filled in."""
    return _TEXTS[key][language].format(**values)
