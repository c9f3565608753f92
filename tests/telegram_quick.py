"""The bot without models: what it answers is picked by shared words, and nothing is slow."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.settings import Settings
from rag.store.archive import Archive
from rag.store.rows import Prepared
from rag.types import Answer, Article, Chunk, Citation, Claim, Sentence, Turn
from tests.no_models import NoModels
from tests.telegram_server import TelegramServer
from tests.test_telegram_bot import Hand, HeldApp, Running

STORIES = (
    ("bahari", "Kiper Persibaru", "Kiper Persibaru ialah Bahari Utama. Ia berumur 21 tahun."),
    ("menara", "Menara Dahlia", "Menara Dahlia setinggi 48 meter. Menara itu dicat merah."),
    ("cabai", "Harga cabai", "Harga cabai turun menjadi Rp38.000. Pedagang di Pasar Baru lega."),
)
"""(id, title, text) of what is in the archive from the start."""


def put(archive: Archive, id: str, title: str, text: str, published: str = "2026-11-20") -> None:
    """Puts an article into the archive, one chunk long."""
    known = archive.known(id, None)
    version = known.version + 1 if known else 1
    article = Article(id, f"https://www.berita.example/{id}", title, published, "id", text, version)
    sentences, start = [], 0
    for number, part in enumerate(re.split(r"(?<=\.) ", text)):
        start = text.index(part, start)
        sentences.append(Sentence(id, number, start, start + len(part)))
    chunk = Chunk(id, 0, 0, len(sentences) - 1)
    vectors = np.zeros((1, 32), dtype=np.float32)
    archive.put(
        [Prepared(article, id + text, (), sentences, [chunk], [""], vectors)], archive.embedder() or "none"
    )


class Quick(NoModels, HeldApp):
    """Answers by shared words from the archive; holds still while a test says so."""

    def prepare(self) -> None:
        _ = self.archive

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        partial: Callable[[Answer], None] = lambda answer: None,
        stop: threading.Event | None = None,
    ) -> Answer:
        self.hand.said.append(f"{len(history)} {question}")
        if history:
            self.hand.followed.append(history[-1].question)
        if not self.hand.off.is_set():
            self.hand.free.clear()
            while not self.hand.off.wait(0.01) and not (stop and stop.is_set()):
                pass
            self.hand.free.set()
        words = {word for word in re.findall(r"\w+", question.casefold()) if len(word) > 4}
        found = []
        for article in self.archive.articles():
            for sentence in self.archive.sentences(article.id, article.version):
                quote = article.text[sentence.start : sentence.end]
                if words & set(re.findall(r"\w+", quote.casefold())):
                    found.append((article, sentence, quote))
        citations = tuple(
            Citation(n, a.id, a.version, a.title, a.url, a.published, s.start, s.end, quote)
            for n, (a, s, quote) in enumerate(found[:6], 1)
        )
        if not citations:
            return Answer(
                question, "id", "abstained", "Saya tidak menemukan jawabannya.", None, (), (), "reader"
            )
        text = f"{citations[0].quote} [1]"
        return Answer(question, "id", "answered", text, None, (Claim(text, (1,)),), citations, "reader")


def start(
    home: Path,
    telegram: TelegramServer,
    hand: Hand,
    *,
    told: bool = True,
    kind: type[Quick] = Quick,
    **settings: Any,
) -> Running:
    """The bot on an archive of a few stories, unless it is `told` none. Use as a context manager."""
    made = Settings(home=home, telegram_url=telegram.url, telegram_per_minute=1000, **settings)
    if told and not made.archive.exists():
        archive = Archive(made.archive)
        for story in STORIES:
            put(archive, *story)
        archive.close()
    return Running(made, telegram, hand, kind=kind)
