"""What the bot says in Telegram, Indonesian and English side by side. Quotes are never here."""

from __future__ import annotations

from collections.abc import Mapping

from bot.phrases import Phrases
from bot.telegram import admin_phrases
from rag.types import Language

_TEXTS: Mapping[str, Mapping[Language, str]] = {
    "hello": {
        "id": "Halo! Saya menjawab pertanyaan tentang berita dan mengutip kalimat aslinya.\n\n"
        "Tulis saja pertanyaan Anda{such}\n\n"
        "Lihat /bantuan untuk cara memakainya, dan /privasi untuk apa yang disimpan.",
        "en": "Hello! I answer questions about the news and quote the exact sentences.\n\n"
        "Just write your question{such}\n\n"
        "See /help for how to use me, and /privacy for what is stored.",
    },
    "help": {
        "id": "Tulis pertanyaan dalam bahasa Indonesia atau Inggris{such}\n\nSetiap jawaban disertai "
        "kalimat asli dari artikel. Tombol di bawah jawaban membuka artikelnya tepat di kalimat itu, "
        "menampilkan kalimat di sekitarnya, atau menyalinnya.\n\n"
        "{commands}\n\n"
        "Di grup, sebut @{bot} atau balas pesan saya.",
        "en": "Ask in Indonesian or English{such}\n\nEvery answer comes with the original sentences from "
        "articles. The buttons under an answer open the article at that sentence, show the sentences around "
        "it, or copy it.\n\n"
        "{commands}\n\n"
        "In a group, mention @{bot} or reply to one of my messages.",
    },
    "privacy": {
        "id": "Yang disimpan: pertanyaan Anda dan jawabannya, bersama ID pengguna dan ID obrolan, selama "
        "{days} hari, supaya tombol dan pertanyaan lanjutan berfungsi; bahasa yang Anda pilih; langganan "
        "Anda, sampai Anda berhenti; dan pesan Anda, sampai dijawab.\n\n"
        "Admin melihat pertanyaan yang tidak terjawab, tanpa nama dan ID penanyanya. "
        "Kalau Anda menilai jawaban membantu atau kutipannya salah, pertanyaan dan kutipan itu disimpan "
        "tanpa nama dan ID Anda, untuk memperbaiki bot.\n\n"
        "/lupa langsung menghapus percakapan di obrolan ini. Tidak ada yang dikirim ke pihak lain selain "
        "Telegram{server}.",
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
    "nothing_to_forget": {
        "id": "Tidak ada percakapan Anda yang tersimpan di obrolan ini.",
        "en": "Nothing that you asked is stored in this chat.",
    },
    "unknown": {
        "id": "Maaf, saya tidak mengerti. Tulis pertanyaan Anda, atau lihat /bantuan.",
        "en": "Sorry, I do not understand that. Write your question, or see /help.",
    },
    "ask_what": {
        "id": "Tulis pertanyaan setelah perintahnya{such}",
        "en": "Write the question after the command{such}",
    },
    "empty_store": {
        "id": "Belum ada artikel, jadi belum ada yang bisa saya jawab. Admin bisa menambahkannya dengan "
        "mengirim file atau tautan.",
        "en": "There are no articles yet, so there is nothing that I can answer. Admins add some by sending "
        "a file or a link.",
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
        "id": "Maaf, saya dua kali terhenti saat memproses pesan ini, jadi saya lewati. "
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
        "id": "Tulis pertanyaan setelah @{bot}{such}",
        "en": "Write your question after @{bot}{such}",
    },
    "such": {"id": ", misalnya: {example}", "en": ", for example: {example}"},
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
    "follow_over": {"id": "Langganan itu sudah dihentikan.", "en": "That is not followed any more."},
    "too_many_followed": {
        "id": "Paling banyak {number} langganan per obrolan. Hentikan salah satu dulu dengan /berhenti.",
        "en": "A chat follows {number} topics at most. Stop one of them first, with /unfollow.",
    },
    "unfollowed": {"id": "Langganan “{topic}” dihentikan.", "en": "“{topic}” is not followed any more."},
    "hours": {"id": "Dikirim pukul {hours}.", "en": "Sent at {hours}."},
    "stop": {"id": "Berhenti: {topic}", "en": "Stop: {topic}"},
    "digest": {"id": "📰 Kabar baru: {topics}", "en": "📰 New: {topics}"},
    "digest_more": {"id": "… dan {number} artikel lain", "en": "… and {number} more articles"},
    "verdict_gone": {"id": "Penilaian Anda sudah ditarik.", "en": "Your verdict is taken back."},
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
}


class Wording(Phrases):
    """The sentences around an answer, for people who have no terminal."""

    def empty(self, language: Language) -> str:
        """The store has no articles."""
        return say("empty_store", language)


def say(key: str, language: Language, **values: object) -> str:
    """A phrase in a language, with its values filled in."""
    texts = _TEXTS.get(key) or admin_phrases.TEXTS[key]
    return texts[language].format(**values)
