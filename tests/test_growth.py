"""Time grows with the length of what strangers write, and not with its square.

Each function that reads strangers' text is given texts of 25, 50 and 100 KB that were made to keep it busy.
Four times the text may take some four times as long; sixteen times is what a quadratic function takes. A
public function of the modules in `ROOMS` that takes text must be in `CASES`, or in `BOUNDED` with a reason.
"""

from __future__ import annotations

import gc
import importlib
import inspect
import re
import re._constants as re_constants
import re._parser as re_parser
import signal
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from time import process_time
from types import FrameType
from typing import Any

import pytest
from telegram import Chat, Message

from bot.telegram import fragment, messages, updates
from bot.telegram.redact import Redacting
from rag.asking import follow, headlines, named, parts, speakers, times
from rag.cutting import bylines, clean, furniture, glued, teasers
from rag.load import addresses, fields, forms, front, looks, marks, robots
from rag.load import text as texts
from rag.load.documents import pdf
from rag.reading import copies, premise, roles, spans, verdict
from rag.search import chat, overlap, query, shortforms, spelling
from rag.search.lexicon import Lexicon
from rag.text import (
    convert,
    encoding,
    facts,
    figures,
    kinds,
    language,
    numerals,
    sentences,
    stems,
    talk,
    terms,
    wordpiece,
)
from rag.types import Article, Evidence, Passage, Sentence, Turn
from rag.writing import addressed, cite, gate, prompt, support

SIZES = (25_000, 50_000, 100_000)
"""Characters."""
MOST = 9.0
"""How many times as long the longest text may take as the shortest: linear is 4, quadratic 16."""
SHORT = 0.05
"""Seconds of CPU below which a figure is mostly noise."""
PATIENCE = 60.0
"""Seconds after which a function counts as one that never ends."""

Maker = Callable[[int], str]
"""A text of so many characters."""


def again(token: str, before: str = "", after: str = "") -> Maker:
    """`token` over and over, with something before and after it."""

    def make(length: int) -> str:
        return before + token * ((length - len(before) - len(after)) // len(token)) + after

    make.__name__ = repr((before, token, after))
    return make


SPACES = (again(" ", "x", "!"), again("\t", "x", "!"), again("\n", "x", "!"), again("\u00a0", "x", "!"))
WORDS = (again("a"), again("a "), again("A. "), again("Ab'"), again("dan ", after="x"))
MARKS = (again("."), again('"'), again("(“"), again("1,", after="x"), again("[1", after="x"))
PLAIN = (SPACES[0], *WORDS[1:3], *MARKS[:2])
DATED = (
    again("1 Januari ", "x", "!"),
    again(" ", "1 Januari", "!"),
    again("1 Jan"),
    again("1 - "),
    again("a million "),
    again("dua ", after="x"),
    again("1 Rp"),
)
ASKED = (
    *DATED[:4],
    again("1-2 Mei "),
    again("1/2/2024 "),
    again("pada ", after="1 Mei"),
    again("Jalan 1 Mei "),
    again("A ", after="1 Mei"),
    again("antara 1 dan "),
    again("Senin "),
)
YEAR = times.Period(date(2026, 1, 1), date(2026, 12, 31), "")
FEW = (WORDS[1], MARKS[0])
NAMED = (
    again("Ab ", "siapa yang menang "),
    again("Ab dan ", "siapa yang menang "),
    again("12 orang tewas, ", "berapa yang tewas "),
    again("dari 1 ke 2 ", "berapa sekarang "),
    again("di Ab ", "kalau "),
)
ADDRESSES = (again("http://a", after=" x"), again("http://a ", after="x"), again("http://", after=" "))


def _message(text: str) -> Message:
    return Message(1, date=None, chat=Chat(1, "private"), text=text)  # type: ignore[arg-type]


def _told(text: str) -> Evidence:
    article = Article("a", None, None, None, "id", text)
    passage = Passage(1, article, (Sentence("a", 0, 0, len(text)),), 1.0)
    return Evidence(passage, passage.sentences[0], 0.9, (0, 1))


def _founded(text: str) -> bool:
    article = Article("a", None, text, None, "id", text)
    return premise.founded(text, "id", "fact", article, _lexicon())


def _in_group(text: str) -> Message:
    return Message(1, date=None, chat=Chat(-1, "group"), text=text)  # type: ignore[arg-type]


TEASERS = (
    *(
        again("Baca juga: "),
        again("Baca juga: A\n"),
        again("ADVERTISEMENT "),
        again("Halaman  1 "),
        again("(a/b)"),
    ),
    *(again("Simak Video 'a "), again(" (@a"), again("- "), again("a.Baca juga: A B"), again("Aa. ")),
    *(again("Posted by a "), again("Artikel ini telah tayang di a "), again(" di halaman selanjutnya.")),
)
"""Pieces of furniture that never become whole."""
TAGS = (
    *(
        again("<script>\n\n"),
        again("x<sup>2"),
        again("<del>a</del>b"),
        again("<b>"),
        again("<!--"),
        again("<a "),
    ),
    *(again("&amp"), again("<math><mfrac>"), again("<p hidden>a</p>"), again("<q>a")),
)
STYLES = (
    again(".a{"),
    again(".a,", after="{display:none}"),
    again("/*"),
    again(".a{display:none}"),
    again("}"),
)
MARKDOWN = (
    again("10^6^"),
    again("H~2"),
    again("{--a--}"),
    again("- "),
    again("> "),
    again("~~a "),
    again("[^1]"),
    again("_a__"),
    *TAGS[:3],
    TAGS[4],
)
FRONT = (
    *(
        again("a: b\n", "---\n", "---\nx"),
        again("a: [", "---\n", "\n---\nx"),
        again("a = [\n", "+++\n", "+++\nx"),
    ),
    *(
        again('{"a":', after="x"),
        again("[", '{"a":', "\n"),
        again("\n", "---\n"),
        again("a: &a *a\n", "---\n", "---\n"),
    ),
)
DAYS = (
    again("1 Maret ", after="x"),
    again("1/2/2024 "),
    again("10:00 "),
    again("9"),
    again("selasa, "),
    again("("),
)


def _set(text: str) -> None:
    """Lines of a PDF: one long word a line, each cut at its end."""
    lines = [f"{text[at : at + 60]}-" for at in range(0, len(text), 60)]
    pdf.paragraphs([lines[: len(lines) // 2], lines[len(lines) // 2 :]])
    pdf.without_running([lines[at : at + 40] for at in range(0, len(lines), 40)], 40)


ME = updates.Me(1, "kutip_bot")
_lexicon = cache(Lexicon.load)
_pieces = cache(lambda: wordpiece.WordPiece(["[PAD]", "[UNK]", "a", "##a", "b"]))


def _written(text: str) -> None:
    """A model's output, in forty pieces."""
    cutter, piece = cite.Cutter(), 1 + len(text) // 40
    for at in range(0, len(text), piece):
        cutter.feed(text[at : at + piece])
    cutter.close()


def _digits(text: str) -> str:
    """A number as a text may write it."""
    return "".join(c for c in text if c in "0123456789.,").strip(".,") or "0"


def _supported(text: str) -> None:
    support.missing(text, "id", [support.Cited(text, "en")], _lexicon())


def _borrowed(text: str) -> None:
    support.borrowed(text, text, "id", [support.Cited(text, "id")], _lexicon())


def _added(text: str) -> None:
    support.added("", text, "id", [support.Cited(text, "id")], _lexicon())


def _untranslated(text: str) -> None:
    support.untranslated(text, "en", [support.Cited(text, "id")], _lexicon())


def _spoken(text: str) -> None:
    gate.spoken(text, "en", ["id"])


def _said(text: str) -> None:
    support.unsaid(text, "id", [support.Cited(text, "en")], _lexicon())


class _Unknown:
    """A store that knows one word, beside which everything stands."""

    def frequency(self, word: str) -> int:
        return word == "a"

    def together(self, word: str, others: Sequence[str], most: int) -> int:
        return 0

    def beginning(self, letters: str) -> Sequence[str]:
        return ()


def _understood(text: str) -> None:
    spelling.understood(f"a {text}", "id", _Unknown(), _lexicon())


CASES: list[tuple[str, Callable[[str], object], tuple[Maker, ...]]] = [
    ("rag.text.sentences.split", sentences.split, (SPACES[0], *MARKS[:3], again("a\n"), again("1. "))),
    ("rag.cutting.clean.normalise", clean.normalise, (*PLAIN, again("é\u0302"), again("1\u00ad"))),
    ("rag.cutting.clean.clean", clean.clean, (SPACES[0], *TEASERS[:3], *TEASERS[5:8])),
    ("rag.cutting.clean.restore", lambda text: clean.restore(text, ()), (again("a"),)),
    ("rag.cutting.furniture.furniture", lambda text: list(furniture.furniture(text)), TEASERS),
    ("rag.cutting.teasers.teasers", lambda text: list(teasers.teasers(text)), (*SPACES, *TEASERS)),
    (
        "rag.cutting.bylines.credited",
        lambda text: list(bylines.credited(text)),
        (*SPACES, *TEASERS, again("[]")),
    ),
    ("rag.cutting.glued.glued", glued.glued, (*WORDS, again("aB"), again("Abc.D"), again("Abc.Def "))),
    ("rag.load.text.markdown", texts.markdown, MARKDOWN),
    ("rag.load.text.xml", lambda text: texts.xml(text.encode()), (again("<?xml "), again("<!-- "))),
    ("rag.load.front.front_matter", front.front_matter, FRONT),
    ("rag.load.forms.readings", lambda text: forms.readings(text, date(2026, 1, 1)), DAYS),
    ("rag.load.forms.day_in", forms.day_in, DAYS),
    ("rag.load.marks.raised", marks.raised, (*PLAIN, again("[1]"))),
    ("rag.load.marks.lowered", marks.lowered, PLAIN),
    ("rag.load.marks.fraction", lambda text: marks.fraction(text, text), PLAIN),
    ("rag.load.marks.root", marks.root, PLAIN),
    ("rag.load.marks.shown", marks.shown, TAGS),
    ("rag.load.looks.rules", looks.rules, STYLES),
    ("rag.load.text.unmarked", texts.unmarked, (*TAGS, again("</p>"), again("<br>"))),
    ("rag.load.text.plain_title", texts.plain_title, (*TAGS, again("&amp;"), again("&amp;lt;b>"))),
    ("rag.load.text.edited", texts.edited, (again("{--"), again("{>>a"), again("{{<{%"), again("{++a++}"))),
    ("rag.load.fields.one_line", fields.one_line, (*PLAIN, again("\u202e"))),
    ("rag.load.fields.date_of", fields.date_of, (again("2024-13-01"), again("1"))),
    ("rag.load.fields.title_of", fields.title_of, (again("a.doc"), again(" "))),
    ("rag.load.fields.author_of", fields.author_of, (again("a - "), again("-pc"))),
    ("rag.load.fields.storable", fields.storable, (again("é"),)),
    ("rag.load.fields.digest", fields.digest, (again("é"),)),
    ("rag.load.documents.pdf.paragraphs", _set, (again("a"), again("Ab "), again("1 "))),
    (
        "rag.load.robots.parse",
        lambda text: robots.parse(text, "Kutip"),
        (again("User-agent: a\n"), again("a:\n")),
    ),
    ("rag.load.addresses.is_web", addresses.is_web, (again("a"), again("a:"))),
    (
        "rag.load.addresses.same_page",
        lambda text: addresses.same_page(text, text),
        (again("a&", "http://a/?"),),
    ),
    ("rag.load.addresses.site", addresses.site, (again("a.", "http://"), again("/", "http://"))),
    (
        "rag.load.addresses.joined",
        lambda text: addresses.joined("http://a/", text),
        (again("../"), again("a/")),
    ),
    ("rag.text.stems.words", stems.words, (*PLAIN, again("é"), again("1."))),
    ("rag.text.stems.stem", lambda text: stems.stem(text, "id"), (again("a"), again("me"))),
    ("rag.text.stems.stems", lambda text: stems.stems(text, "en"), FEW),
    ("rag.text.terms.terms", lambda text: terms.terms(text, "id", text, text), PLAIN),
    ("rag.text.facts.facts", lambda text: facts.facts(text, "id"), DATED),
    ("rag.text.facts.implied", lambda text: facts.implied(text, []), (*FEW, again("Rp"))),
    ("rag.text.figures.figures", lambda text: figures.figures(text, "en"), DATED[3:]),
    ("rag.text.numerals.spelled", lambda text: list(numerals.spelled(text)), DATED[4:6]),
    ("rag.text.numerals.numbers", lambda text: list(numerals.numbers(text, "id")), (*DATED[3:], MARKS[3])),
    ("rag.text.numerals.values", lambda text: numerals.values(_digits(text), "id"), (again("1"), MARKS[3])),
    ("rag.text.convert.converted", lambda text: convert.converted(text, "id", "en"), DATED),
    ("rag.text.kinds.kind_of", lambda text: kinds.kind_of(text, "en"), (*SPACES, again("or "), again("ga "))),
    ("rag.text.kinds.features", lambda text: kinds.features(text, ()), (*PLAIN, again("apa "))),
    ("rag.text.kinds.frame", lambda text: kinds.frame(text, ()), (*PLAIN, again("apa "))),
    ("rag.text.language.detect", language.detect, PLAIN),
    ("rag.text.talk.talk_of", talk.talk_of, (again("a"), again("halo "))),
    ("rag.search.spelling.understood", _understood, (again("a"), again("brp "), again("qzxv "))),
    ("rag.search.spelling.language_of", spelling.language_of, (*PLAIN, again("brp "))),
    ("rag.search.spelling.as_typed", lambda text: spelling.as_typed(text, "id"), PLAIN[:1]),
    ("rag.search.chat.written_out", lambda text: chat.written_out(text, "id"), (again("a"), again("1"))),
    (
        "rag.search.chat.phrases_written_out",
        lambda text: chat.phrases_written_out(text, "en"),
        (*PLAIN, again("a 2 "), again("how come ")),
    ),
    ("rag.text.encoding.token_ids", lambda text: encoding.token_ids(text, encoding.encoding()), PLAIN),
    ("rag.text.wordpiece.words", lambda text: list(wordpiece.words(text)), (again("a"), again("."))),
    ("rag.text.wordpiece.WordPiece", lambda text: _pieces().encode(text), (again("a"), again("ab "))),
    ("rag.writing.cite.Cutter", _written, (*SPACES[:2], again("[1"), again("a. "), again("<think>"))),
    ("rag.writing.support.missing", _supported, (again("J.K. "), again(",an't "))),
    ("rag.writing.support.borrowed", _borrowed, WORDS[:2]),
    ("rag.writing.support.added", _added, WORDS[:2]),
    ("rag.writing.support.untranslated", _untranslated, WORDS[:2]),
    ("rag.writing.gate.spoken", _spoken, WORDS[:2]),
    (
        "rag.writing.addressed.to_a_machine",
        addressed.to_a_machine,
        (
            *SPACES[:2],
            again("ignore "),
            again("jawab, "),
            again("<|"),
            again("every question "),
            again("your "),
        ),
    ),
    (
        "rag.writing.support.undenied",
        lambda text: support.undenied(text, [support.Cited(text, "id")]),
        (*SPACES[:1], again(",an't "), again("n't")),
    ),
    ("rag.writing.support.unsaid", _said, (again("J.K. "), again("1.000 "), again(",an't "))),
    ("rag.writing.support.names", lambda text: list(support.names(text, "id", _lexicon())), WORDS[2:]),
    ("rag.asking.times.period", lambda text: times.period(text, date(2026, 1, 1)), ASKED),
    ("rag.asking.times.days_in", lambda text: times.days_in(text, 2026), ASKED[:6]),
    ("rag.asking.times.names_all", lambda text: times.names_all(text, YEAR), (*ASKED[:2], again("di Mei "))),
    ("rag.asking.named.without_names", lambda text: named.without_names(text, lambda name: False), ASKED),
    ("rag.asking.follow.follows", lambda text: follow.follows(text, "id"), FEW),
    ("rag.asking.follow.carried", lambda text: follow.carried(text, "id", [Turn(text, text)]), FEW),
    ("rag.asking.follow.leans", lambda text: follow.leans(text, "id"), FEW),
    ("rag.asking.follow.named_in", follow.named_in, (*FEW, *NAMED)),
    ("rag.asking.follow.swaps", lambda text: follow.swaps(text, [Turn(text, text)]), (*FEW, *NAMED)),
    ("rag.asking.parts.parts", lambda text: parts.parts(text, "id", "fact"), (*FEW, *NAMED)),
    ("rag.asking.headlines.all_news", headlines.all_news, FEW),
    ("rag.reading.premise.founded", _founded, (*FEW, *NAMED)),
    ("rag.reading.roles.placed", lambda text: roles.placed(text, _told(text)), (*FEW, *NAMED)),
    (
        "rag.reading.spans.tidied",
        lambda text: spans.tidied(text, 0, len(text) // 2),
        (*FEW, *NAMED, MARKS[2]),
    ),
    ("rag.reading.roles.overtaken", lambda text: roles.overtaken(text, _told(text)), (*FEW, *NAMED)),
    ("rag.reading.roles.tells_who", lambda text: roles.tells_who(text, _told(text)), (*FEW, *NAMED)),
    ("rag.reading.roles.miscounted", lambda text: roles.miscounted(text, _told(text)), (*FEW, *NAMED)),
    ("rag.reading.verdict.verdict", lambda text: verdict.verdict(text, "id", text, text, "id"), FEW),
    (
        "rag.asking.speakers.asks_view",
        lambda text: speakers.asks_view(text, {"x"}),
        (*FEW, again("kata a ")),
    ),
    (
        "rag.asking.speakers.speaks",
        lambda text: speakers.speaks(_told(text), {"a"}),
        (*FEW, *NAMED, again("Ab ")),
    ),
    (
        "rag.reading.verdict.of_another",
        lambda text: verdict.of_another(text, "id", text, "id"),
        (*FEW, again("Ab "), again(",", "A ")),
    ),
    (
        "rag.reading.verdict.denies",
        lambda text: verdict.denies(f"{text[:200]} {text}", "id", text, "id"),
        (*FEW, again("tidak ")),
    ),
    ("rag.search.shortforms.office", shortforms.office, (*FEW, again("siapa "), again("baru ", "siapa "))),
    (
        "rag.search.shortforms.says",
        lambda text: shortforms.says(text, shortforms.office("siapa wapres")),
        (*FEW, again("wakil "), again("wapres ")),
    ),
    ("rag.search.shortforms.long_forms", lambda text: shortforms.long_forms(text, "id"), FEW),
    ("rag.reading.copies.containment", lambda text: copies.containment(text, text), FEW),
    ("rag.writing.prompt.leaks", lambda text: prompt.leaks(text, "id"), (*SPACES[:3], *FEW)),
    ("rag.search.overlap.names", overlap.names, (*PLAIN, again(' "(', after="x"))),
    ("rag.search.query.content_words", lambda text: query.content_words(text, "id"), PLAIN),
    ("rag.search.query.concepts", lambda text: query.concepts(text, "id", "id", _lexicon()), FEW),
    ("rag.search.query.query_terms", lambda text: query.query_terms(text, "id", _lexicon()), FEW),
    ("bot.telegram.updates.addresses", lambda text: updates.addresses(_message(text)), ADDRESSES),
    ("bot.telegram.updates.addresses_in", updates.addresses_in, (*ADDRESSES, again(" ", "add", ":"))),
    (
        "bot.telegram.updates.command",
        lambda text: updates.command(_message(text)),
        (again("a", "/"), again(" ", "/ask"), again("@", "/ask"), again("a", "/ask@")),
    ),
    (
        "bot.telegram.updates.without_name",
        lambda text: updates.without_name(_in_group(text), ME),
        (again("@"), again("@kutip_bot"), again("/ask ")),
    ),
    ("bot.telegram.updates.clean", updates.clean, (again("\ud800"), again("a"))),
    ("bot.telegram.messages.plain", messages.plain, PLAIN),
    ("bot.telegram.messages.showable", messages.showable, (*PLAIN, again("\u202e"))),
    ("bot.telegram.messages.utf16_length", messages.utf16_length, (again("😀"),)),
    (
        "bot.telegram.messages.split",
        lambda text: messages.split(messages.plain(text)),
        (SPACES[0], WORDS[0], again("\u0301")),
    ),
    (
        "bot.telegram.fragment.at_sentence",
        lambda text: fragment.at_sentence("https://a.example/", text, 0, len(text)),
        PLAIN,
    ),
    ("bot.telegram.fragment.web", fragment.web, (again("a", "https://"), again("a.", "https://"))),
    ("bot.telegram.fragment.host", fragment.host, (again("a.", "https://"), again("-", "https://a."))),
    (
        "bot.telegram.redact.Redacting",
        Redacting("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw").clean,
        (again("1"), again("110:"), again("1%3A"), again("A_"), again("110201543")),
    ),
]

ROOMS = (
    *(f"rag.cutting.{name}" for name in ("clean", "furniture", "teasers", "bylines", "glued")),
    *(
        f"rag.load.{name}"
        for name in (
            "text",
            "front",
            "forms",
            "marks",
            "looks",
            "captions",
            "fields",
            "documents.pdf",
            "robots",
            "addresses",
        )
    ),
    *(f"rag.text.{name}" for name in ("facts", "figures", "numerals", "sentences", "stems")),
    *("rag.text.terms", "rag.text.overlong", "rag.text.kinds", "rag.text.calendar", "rag.reading.copies"),
    *("rag.text.language", "rag.text.encoding", "rag.text.wordpiece"),
    *("rag.writing.cite", "rag.writing.support", "rag.asking.times", "rag.asking.forms", "rag.asking.follow"),
    *("rag.asking.parts", "rag.asking.headlines", "rag.reading.premise", "rag.reading.roles"),
    *("rag.reading.spans", "rag.asking.speakers"),
    *(
        "rag.reading.verdict",
        "rag.asking.named",
        "rag.text.abbreviations",
        "rag.text.convert",
        "rag.text.bilingual",
    ),
    *("rag.search.overlap", "rag.search.shortforms", "rag.search.query", "rag.search.spelling"),
    *("rag.search.chat", "rag.text.talk"),
    *("bot.telegram.updates", "bot.telegram.messages", "bot.telegram.fragment", "bot.telegram.redact"),
)
BOUNDED = {
    "rag.cutting.places.before": "eight characters before a place",
    "rag.cutting.places.any_in": "a few hints",
    "rag.load.marks.joined": "the ends of two texts",
    "rag.load.addresses.address": "a web address, which a server or a person gives",
    "rag.load.addresses.is_public": "one number",
    "rag.load.forms.day_of": "a date that was read",
    "rag.load.fields.source": "what it does with a text is tested by itself",
    "rag.load.fields.parsed": "what it does with a text is tested by itself",
    "rag.load.documents.pdf.parse": "an address",
    "rag.text.wordpiece.folded": "one character",
    "rag.text.abbreviations.begins": "one word",
    "rag.text.abbreviations.known": "forty characters before a mark",
    "rag.text.abbreviations.goes_on": "forty characters before a mark",
    "rag.text.abbreviations.last_word": "forty characters before a mark",
    "rag.text.kinds.hashed": "one feature",
    "rag.text.overlong.parts": "one sentence; `rag.text.sentences.split` is tested",
    "rag.text.overlong.trimmed": "the white space around a part",
    "rag.text.calendar.month": "one word",
    "rag.text.calendar.weekday": "one word",
    "rag.text.numerals.currency": "what a pattern of currencies has found",
    "rag.search.query.concept": "one word",
    "rag.search.chat.in_full": "one word",
    "rag.search.chat.printed": "one word of at most thirty letters",
    "bot.telegram.updates.language_of": "a language's code",
    "bot.telegram.redact.log_to_stderr": "our own token",
}
"""Functions that take text which is always short, and why."""


@contextmanager
def _patience() -> Iterator[None]:
    """Fails what never ends; only where the system has an alarm clock."""

    def fail(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("it does not end")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _took(work: Callable[[str], object], text: str) -> float:
    gc.disable()
    began = process_time()
    try:
        work(text)
        return process_time() - began
    finally:
        gc.enable()


def _grows(work: Callable[[str], object], make: Maker) -> list[float]:
    """Seconds of CPU for each size; measured again, and the least taken, where they grow too fast: another
    process can slow one of them down."""
    texts = [make(size) for size in SIZES]
    took = [_took(work, text) for text in texts]
    for _ in range(3):
        if not _too_fast(took):
            break
        took = [min(old, _took(work, text)) for old, text in zip(took, texts, strict=True)]
    return took


def _too_fast(took: list[float]) -> bool:
    return took[-1] > SHORT and took[-1] > MOST * max(took[0], SHORT / 4)


@pytest.mark.parametrize(("name", "work", "makers"), CASES, ids=[name for name, _, _ in CASES])
def test_four_times_the_text_does_not_take_sixteen_times_as_long(
    name: str, work: Callable[[str], object], makers: tuple[Maker, ...]
) -> None:
    work("Halo dunia, 1 Januari 2026.")
    with _patience():
        for make in makers:
            took = _grows(work, make)
            assert not _too_fast(took), f"{name} of {make.__name__}: {took} s for {SIZES} characters"


def test_a_quadratic_function_is_noticed() -> None:
    def quadratic(text: str) -> None:
        for at in range(0, len(text), 8):
            text[at:].count("x")

    assert _too_fast(_grows(quadratic, again("a")))


@pytest.mark.parametrize("room", ROOMS)
def test_every_function_that_takes_text_is_tested(room: str) -> None:
    module = importlib.import_module(room)
    known = {name for name, _, _ in CASES} | BOUNDED.keys()
    for name, made in vars(module).items():
        if name.startswith("_") or getattr(made, "__module__", "") != room or not inspect.isfunction(made):
            continue
        kinds = typing.get_type_hints(made, {**vars(module), "Path": Path})
        takes = {kind for place, kind in kinds.items() if place != "return"}
        if takes & {str, str | None}:
            assert f"{room}.{name}" in known, f"{room}.{name} takes text: add it to CASES, or to BOUNDED"


def _repeats(tree: Iterable[tuple[Any, Any]], inside: bool = False) -> bool:
    """Whether a pattern repeats something that repeats itself, both without a limit and giving back."""
    for code, value in tree:
        if code in (re_constants.MAX_REPEAT, re_constants.MIN_REPEAT):
            endless = value[1] == re_constants.MAXREPEAT
            if (endless and inside) or _repeats(value[2], inside or endless):
                return True
        elif code == re_constants.POSSESSIVE_REPEAT:
            if _repeats(value[2]):
                return True
        elif code == re_constants.BRANCH:
            if any(_repeats(each, inside) for each in value[1]):
                return True
        elif code == re_constants.SUBPATTERN:
            if _repeats(value[-1], inside):
                return True
        elif code in (re_constants.ASSERT, re_constants.ASSERT_NOT) and _repeats(value[1]):
            return True
    return False


def _patterns(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _patterns(each)
    elif isinstance(value, dict):
        yield from _patterns(list(value.values()))


def test_the_check_for_nested_repetition_finds_it() -> None:
    assert _repeats(re_parser.parse(r"(?:a+b?)+"))
    assert not _repeats(re_parser.parse(r"(?:a++b?)*+c+"))


@pytest.mark.parametrize(
    "name", [room for room in ROOMS if room.startswith(("rag.text.", "rag.asking.", "rag.reading."))]
)
def test_no_pattern_repeats_a_repetition(name: str) -> None:
    for held, value in vars(importlib.import_module(name)).items():
        for pattern in _patterns(value):
            assert not _repeats(re_parser.parse(pattern.pattern, pattern.flags)), f"{name}.{held}"
