"""Whether a question asks for the news as such: "berita terbaru", "what's new?". Pure."""

from __future__ import annotations

from rag.text.stems import words

_NEWS = frozenset(
    """
    berita beritanya kabar kabarnya warta headline headlines news new terbaru terkini baru update updates
    latest happening happened terjadi kejadian peristiwa
    """.split()
)
"""Words for news; one of them must be there."""
_AROUND = frozenset(
    """
    apa apakah saja aja yang ada adakah apaan sih dong ya nih tolong coba kasih tahu tau beri kan saya aku
    ini itu hari sekarang saat dari di untuk utama penting top hot hangat paling lagi sedang semua any
    anything is are the what whats s there today now me give show tell us some please about on in of a it
    most recent recently top main important and up to date has have been got have you do got world
    """.split()
)
"""Words that may stand around them and name no topic."""


def all_news(question: str) -> bool:
    """Whether all news is asked for, and not news of something; the question is given without its time."""
    said = set(words(question))
    return bool(said & _NEWS) and said <= _NEWS | _AROUND
