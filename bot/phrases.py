"""The bot's own words around an answer, in Indonesian and English. Quotes never come from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from rag.text.calendar import in_words
from rag.text.talk import Talk
from rag.types import Language

_TEXTS: Mapping[str, Mapping[Language, str]] = {
    "nothing": {
        "id": "Saya tidak menemukan jawabannya di artikel yang ada.",
        "en": "I did not find the answer in the articles.",
    },
    "related": {
        "id": "Mungkin terkait: {numbers}",
        "en": "Possibly related: {numbers}",
    },
    "no_news": {
        "id": "Tidak ada artikel dari {time} yang menjawabnya.",
        "en": "No article from {time} answers this.",
    },
    "nearest": {"id": "Yang terdekat waktunya: {parts}", "en": "The nearest in time: {parts}"},
    "understood": {"id": "Dipahami sebagai: {question}", "en": "Understood as: {question}"},
    "empty": {
        "id": "Belum ada artikel. Tambahkan dengan: kutip ingest FILE",
        "en": "There are no articles yet. Add some with: kutip ingest FILE",
    },
    "differ": {
        "id": "Angkanya berbeda antarartikel (terbaru dulu): {parts}",
        "en": "The articles give different figures (newest first): {parts}",
    },
    "says": {"id": "Menurut artikel:", "en": "The article says:"},
    "yes": {"id": "Ya", "en": "Yes"},
    "no": {"id": "Tidak", "en": "No"},
    "most": {"id": "Lebih besar: {what}", "en": "The larger figure: {what}"},
    "also_in": {
        "id": "(juga di: {titles})",
        "en": "(also in: {titles})",
    },
    "no_reply": {
        "id": "({model} tidak menjawab; ini jawaban pembaca bawaan)",
        "en": "({model} gave no answer; the built-in reader did)",
    },
    "machine_translation": {
        "id": "terjemahan mesin, bukan kutipan",
        "en": "machine translation, not a quote",
    },
    "held_back": {
        "id": "(pernyataan model yang tidak ditampilkan karena tidak didukung kutipannya: {count})",
        "en": "(statements of the model that its quotes do not support, not shown: {count})",
    },
    "by_words_alone": {
        "id": "(pencarian menurut makna sedang terganggu; dicari menurut kata saja)",
        "en": "(search by meaning is down; articles were found by their words alone)",
    },
}


_TALK: Mapping[Talk, Mapping[Language, str]] = {
    "about": {
        "id": "Saya Kutip, bot yang menjawab pertanyaan dari artikel berita, dengan kalimat aslinya supaya "
        "bisa Anda periksa. Tanya saja: siapa, kapan, berapa, mengapa.",
        "en": "I am Kutip, a bot that answers questions from news articles and shows the exact sentences, "
        "so that you can check. Just ask: who, when, how many, why.",
    },
    "wellbeing": {
        "id": "Baik, terima kasih! Ada berita yang ingin Anda tanyakan?",
        "en": "I am fine, thank you! Is there something in the news you would like to ask about?",
    },
    "goodbye": {"id": "Sampai jumpa!", "en": "Goodbye, take care!"},
    "thanks": {
        "id": "Sama-sama! Kalau ada yang lain, tanya saja.",
        "en": "You are welcome! Ask whenever you like.",
    },
    "doubt": {
        "id": "Saya hanya mengutip artikel. Baca kalimat aslinya untuk memastikan.",
        "en": "I only quote the articles. Read the quoted sentences to make sure.",
    },
    "praise": {"id": "Terima kasih! Senang bisa membantu.", "en": "Thank you! Glad to help."},
    "salam": {
        "id": "Waalaikumsalam! Mau tahu berita apa? Tulis saja pertanyaannya.",
        "en": "Waalaikumsalam! What would you like to know from the news?",
    },
    "greeting": {
        "id": "Halo! Mau tahu berita apa? Tulis saja pertanyaannya.",
        "en": "Hello! What would you like to know from the news?",
    },
    "other": {
        "id": "Baik! Kalau ada yang ingin Anda tanyakan, tulis saja.",
        "en": "All right! If there is something you would like to know, just ask.",
    },
    "emoji": {
        "id": "😊 Ada yang ingin Anda tanyakan?",
        "en": "😊 Is there something you would like to know?",
    },
}


def dated(published: str | None, language: Language) -> str | None:
    """An ISO date, or date and time, as the language writes the day; None for anything else."""
    try:
        day = date.fromisoformat((published or "")[:10])
    except ValueError:
        return None
    return in_words(day, language)


class Phrases:
    """The sentences that go around an answer, in the language of the question."""

    def nothing(self, language: Language) -> str:
        """No article answers."""
        return _TEXTS["nothing"][language]

    def related(self, language: Language, numbers: str) -> str:
        """What follows is near the question and is no answer to it."""
        return _TEXTS["related"][language].format(numbers=numbers)

    def no_news(self, language: Language, first: date, last: date) -> str:
        """No article of the days that are asked about answers."""
        days = list(dict.fromkeys(in_words(day, language) for day in (first, last) if day > date.min))
        return _TEXTS["no_news"][language].format(
            time=(" sampai " if language == "id" else " to ").join(days)
        )

    def nearest(self, language: Language, parts: Sequence[tuple[str, str]]) -> str:
        """Sentences of other days, each with its article's date, which are no answer."""
        said = ", ".join(f"{what} ({self.day(language, when)})" for what, when in parts)
        return _TEXTS["nearest"][language].format(parts=said)

    def talk(self, language: Language, said: Talk) -> str:
        """A friendly word to a message that asks nothing."""
        return _TALK[said][language]

    def understood(self, language: Language, question: str) -> str:
        """The question as it was read, where that is not as it was typed."""
        return _TEXTS["understood"][language].format(question=question)

    def empty(self, language: Language) -> str:
        """The store has no articles."""
        return _TEXTS["empty"][language]

    def differ(self, language: Language, parts: Sequence[tuple[str, str]]) -> str:
        """What each of several articles says, with the article's date."""
        said = "; ".join(f"{what} ({self.day(language, when)})" for what, when in parts)
        return _TEXTS["differ"][language].format(parts=said)

    def says(self, language: Language) -> str:
        """What goes before a sentence where yes or no was asked and neither is sure."""
        return _TEXTS["says"][language]

    def verdict(self, language: Language, yes: bool) -> str:
        """Yes or no."""
        return _TEXTS["yes" if yes else "no"][language]

    def most(self, language: Language, what: str) -> str:
        """Which of two figures is more."""
        return _TEXTS["most"][language].format(what=what)

    def also_in(self, language: Language, titles: Sequence[str]) -> str:
        """The other articles that carry the same sentence."""
        return _TEXTS["also_in"][language].format(titles="; ".join(titles))

    def day(self, language: Language, published: str) -> str:
        """An ISO date as the language writes it, and anything else as it is."""
        return dated(published, language) or published

    def by_words_alone(self, language: Language) -> str:
        """The vectors' server does not answer."""
        return _TEXTS["by_words_alone"][language]

    def no_reply(self, language: Language, model: str) -> str:
        """The chat model failed, and the reader answered in its place."""
        return _TEXTS["no_reply"][language].format(model=model)

    def held_back(self, language: Language, count: int) -> str:
        """How many claims of a chat model were written and are not shown."""
        return _TEXTS["held_back"][language].format(count=count)

    def machine_translation(self, language: Language) -> str:
        """The label of what stands beside a quote and is none."""
        return _TEXTS["machine_translation"][language]
