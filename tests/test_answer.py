from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from bot.phrases import Phrases
from bot.render import InTerminal, as_json, in_plain
from rag.answer import answer
from rag.cutting.article import Window
from rag.errors import InputError
from rag.ingest import ingest
from rag.pipeline import Pipeline
from rag.reading.select import MOST_CITATIONS, found_in
from rag.search.fusion import Hit
from rag.search.spelling import Understood
from rag.store.archive import Archive
from rag.types import Answer, Evidence, Language, Passage, Turn
from tests.conftest import HashEmbedder, source

TEXT = (
    "Rusia berdiskusi. Menteri Pertahanan Rusia, Sergei Shoigu, setuju. Cina ikut. Jepang tidak. Korea diam."
)


class Everything:
    """A search that finds every chunk."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def search(self, question: str, language: Language, limit: int) -> list[Hit]:
        keys = sorted(self.archive.keys_until(self.archive.change()))
        return [Hit(key, 1.0 / key, {}) for key in keys][:limit]

    def holding(self, text: str, language: Language) -> Sequence[int]:
        return []


class Scripted:
    """An engine that gives the sentences these probabilities, in order."""

    name, threshold = "scripted", 0.5

    def __init__(self, *scores: float, span: str | None = None) -> None:
        self.scores, self.span = scores, span
        self.seen: list[str] = []
        self.verdict = 0.0, 0.0

    def read(
        self, question: str, language: Language, passages: Sequence[Passage], enough: float | None = None
    ) -> list[Evidence]:
        self.seen.append(question)
        every = [(place, s) for place, passage in enumerate(passages) for s in passage.sentences]
        evidence = []
        for (place, sentence), score in zip(every, self.scores, strict=False):
            text = passages[place].article.text
            at = text.find(self.span, sentence.start, sentence.end) if self.span else -1
            span = (at, at + len(self.span)) if self.span and at >= 0 else None
            evidence.append(Evidence(passages[place], sentence, score, span))
        return sorted(evidence, key=lambda e: -e.score)

    def entails(
        self, statement: str, sentences: Sequence[str], title: str | None = None
    ) -> tuple[float, float]:
        return self.verdict


@pytest.fixture
def filled(archive: Archive, embedder: HashEmbedder, window: Window) -> Archive:
    list(ingest([source(TEXT, "a", title="T", published="2023-09-05")], archive, embedder, window))
    return archive


def ask(
    archive: Archive, engine: Scripted, question: str = "Siapa Menteri Pertahanan Rusia?", **more: Any
) -> Answer:
    pipeline = Pipeline(archive, Everything(archive), engine, Phrases(), 12, more.pop("threshold", None))
    return answer(question, pipeline, **more)


def test_the_answer_is_the_span_and_the_citation_the_stored_sentence(filled: Archive) -> None:
    said = ask(filled, Scripted(0.1, 0.9, 0.2, span="Sergei Shoigu"))
    assert (said.status, said.short, said.text) == ("answered", "Sergei Shoigu", "Sergei Shoigu [1]")
    (citation,) = said.citations
    assert citation.quote == "Menteri Pertahanan Rusia, Sergei Shoigu, setuju."
    assert TEXT[citation.start : citation.end] == citation.quote
    assert (citation.article, citation.version, citation.title) == ("a", 1, "T")
    assert [claim.citations for claim in said.claims] == [(1,)]


def test_without_a_span_the_sentence_itself_is_the_answer(filled: Archive) -> None:
    said = ask(filled, Scripted(0.1, 0.9))
    assert said.short is None
    assert said.text == "“Menteri Pertahanan Rusia, Sergei Shoigu, setuju.” [1]"


def test_other_likely_sentences_are_cited_where_they_hold_the_same_answer(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    text = "Ada 12 korban. Jumlahnya 12 orang. Air naik 12 cm. Ada 17 korban. Lagi-lagi 12."
    list(ingest([source(text, "a")], archive, embedder, window))
    said = ask(archive, Scripted(0.6, 0.9, 0.4, 0.8, 0.7, span="12"))
    assert [c.quote.split(maxsplit=1)[0] for c in said.citations] == ["Jumlahnya", "Lagi-lagi", "Ada"]
    assert [c.number for c in said.citations] == [1, 2, 3]
    assert said.text == "12 [1] [2] [3]"
    assert said.claims[0].citations == (1, 2, 3)
    assert len(said.citations) <= MOST_CITATIONS
    assert "17" not in " ".join(c.quote for c in said.citations)


@pytest.mark.parametrize(("scores", "quoted"), [((0.6, 0.3), "50"), ((0.6, 0.1), "40"), ((0.4, 0.3), None)])
def test_the_newest_answers_where_an_older_one_is_likely_enough(
    archive: Archive, embedder: HashEmbedder, window: Window, scores: tuple[float, float], quoted: str | None
) -> None:
    old = source("Harga cabai 40 ribu rupiah.", "old", published="2024-09-02")
    new = source("Harga cabai 50 ribu rupiah.", "new", published="2024-09-09")
    list(ingest([old, new], archive, embedder, window))
    said = ask(archive, Scripted(*scores), "Berapa harga cabai terbaru?", today=date(2024, 9, 10))
    assert said.status == ("answered" if quoted else "abstained")
    assert quoted is None or quoted in said.text


@pytest.mark.parametrize(
    ("short", "sentence", "found"),
    [
        ("3", "Pada 2023 ada 3 korban.", "3"),
        ("3", "Itu terjadi pada 13 Mei 2030.", None),
        ("3", "Harganya 3,5 juta, bukan 1.300 atau 1.3.", None),
        ("12", "Jumlahnya 12.", "12"),
        ("Sergei Shoigu", "kata sergei shoigu.", "sergei shoigu"),
        ("a+b (c)", "Rumusnya a+b (c)!", "a+b (c)"),
    ],
)
def test_an_answer_is_found_as_words_of_its_own(short: str, sentence: str, found: str | None) -> None:
    place = found_in(short, sentence)
    assert (sentence[slice(*place)] if place else None) == found


def test_under_the_threshold_it_abstains_with_related_reading(filled: Archive) -> None:
    said = ask(filled, Scripted(0.1, 0.4, 0.2))
    assert (said.status, said.claims, said.short) == ("abstained", (), None)
    assert "[1] [2]" in said.text
    assert "Mungkin terkait" in said.text
    assert said.citations[0].quote.startswith("Menteri")


def test_the_threshold_can_be_set(filled: Archive) -> None:
    assert ask(filled, Scripted(0.4), threshold=0.3).status == "answered"
    assert ask(filled, Scripted(0.9), threshold=0.95).status == "abstained"


def test_an_english_question_gets_english_words_around_an_indonesian_quote(filled: Archive) -> None:
    said = ask(filled, Scripted(0.1, 0.9, span="Sergei Shoigu"), "Who is Russia's defence minister?")
    assert said.language == "en"
    assert said.text == "Sergei Shoigu [1]"
    assert "setuju" in said.citations[0].quote


def test_an_empty_store_says_so(archive: Archive) -> None:
    said = ask(archive, Scripted())
    assert (said.status, said.citations) == ("abstained", ())
    assert "kutip ingest" in said.text


@pytest.mark.parametrize("question", ["", "  \n\t "])
def test_an_empty_question_is_refused(filled: Archive, question: str) -> None:
    with pytest.raises(InputError):
        ask(filled, Scripted(0.9), question)


def test_white_space_in_a_question_is_one_space_and_its_length_has_a_limit(filled: Archive) -> None:
    engine = Scripted(0.9)
    ask(filled, engine, "Siapa\n\n  dia? " + "x" * 20_000)
    assert engine.seen[0].startswith("Siapa dia? x")
    assert len(engine.seen[0]) == 10_000


def test_json_has_every_field_and_rounded_times(filled: Archive) -> None:
    row = as_json(ask(filled, Scripted(0.9)), "q9")
    assert next(iter(row)) == "id"
    assert row["id"] == "q9"
    assert set(row["seconds"]) == {"retrieve", "read", "total"}


def test_markup_in_an_article_is_shown_as_it_is(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    from rich.console import Console

    text = "Ia menulis [bold]tebal[/bold] dan [/] di papan."
    list(ingest([source(text, "m", title="[red]T")], archive, embedder, window))
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(InTerminal(ask(archive, Scripted(0.9)), {}))
    shown = console.export_text()
    assert "[bold]tebal[/bold] dan [/]" in shown
    assert "[red]T" in shown


@pytest.mark.parametrize(
    ("verdict", "short", "opening"),
    [
        ((0.95, 0.02), "ya", "Ya. "),
        ((0.02, 0.95), "tidak", "Tidak. "),
        ((0.5, 0.3), None, "Menurut artikel: "),
    ],
)
def test_yes_or_no_is_answered_with_the_word_only_where_the_engine_is_sure(
    filled: Archive, verdict: tuple[float, float], short: str | None, opening: str
) -> None:
    engine = Scripted(0.1, 0.9)
    engine.verdict = verdict
    said = ask(filled, engine, "Apakah Menteri Pertahanan Rusia sepakat ikut?")
    assert (said.kind, said.short) == ("yesno", short)
    assert said.text == f"{opening}Menteri Pertahanan Rusia, Sergei Shoigu, setuju. [1]"


def test_yes_is_said_where_the_sentence_says_all_of_it_though_the_engine_is_not_sure(filled: Archive) -> None:
    said = ask(filled, Scripted(0.1, 0.9), "Apakah Menteri Pertahanan Rusia setuju?")
    assert said.short == "ya"
    denying = Scripted(0.1, 0.9)
    denying.verdict = 0.02, 0.95
    assert ask(filled, denying, "Apakah Menteri Pertahanan Rusia setuju?").short == "tidak"


def test_the_engine_is_not_believed_that_another_ones_deed_is_a_yes(filled: Archive) -> None:
    engine = Scripted(0.1, 0.9)
    engine.verdict = 0.95, 0.02
    assert ask(filled, engine, "Apakah pasukan Jepang sepakat ikut?").short is None
    assert ask(filled, engine, "Apakah orang Rusia sepakat ikut?").short == "ya"


def test_the_engine_is_not_believed_that_what_a_sentence_denies_is_so(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    list(ingest([source("Bupati Arman belum ditahan. Ia hadir.", "a")], archive, embedder, window))
    engine = Scripted(0.9)
    for engine.verdict in ((0.95, 0.02), (0.3, 0.3)):
        assert ask(archive, engine, "Apakah Bupati Arman sudah ditahan?").short == "tidak"


def test_where_what_is_denied_stands_further_off_a_sure_engine_leaves_it_open(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    list(
        ingest([source("Bupati Arman tidak bisa segera ditahan. Ia hadir.", "a")], archive, embedder, window)
    )
    engine = Scripted(0.9)
    engine.verdict = 0.95, 0.02
    assert ask(archive, engine, "Apakah Bupati Arman sudah ditahan?").short is None


@pytest.mark.parametrize(
    ("question", "likely", "short"),
    [
        ("Apakah Menteri Pertahanan Rusia setuju?", 0.4, "ya"),
        ("Apakah Menteri Pertahanan Rusia setuju?", 0.1, None),
        ("Apakah Menteri Pertahanan Rusia sepakat ikut?", 0.4, None),
        ("Siapa Menteri Pertahanan Rusia?", 0.4, None),
    ],
)
def test_a_sentence_that_plainly_says_yes_answers_though_it_is_less_likely(
    filled: Archive, question: str, likely: float, short: str | None
) -> None:
    said = ask(filled, Scripted(0.05, likely), question)
    assert (said.short, said.status) == (short, "answered" if short else "abstained")


def test_each_part_of_a_question_gets_its_sentence(filled: Archive) -> None:
    said = ask(filled, Scripted(0.1, 0.9), "Siapa Menteri Pertahanan Rusia, dan apa sikap Jepang?")
    assert said.status == "answered"
    assert len(said.citations) == 1


def test_the_sentence_that_decides_a_question_of_yes_or_no_opens_the_answer(filled: Archive) -> None:
    said = ask(filled, Scripted(0.1, 0.6, 0.1, 0.5), "Apakah Jepang setuju?")
    assert said.short is None
    denying = source("Hadir Jepang juga. Jepang tidak setuju. Cina setuju.", "b", title="U")
    list(ingest([denying], filled, HashEmbedder(), Window(len, 300)))
    both = ask(filled, Scripted(0.0, 0.0, 0.0, 0.0, 0.0, 0.6, 0.5, 0.1), "Apakah Jepang setuju?")
    assert (both.short, both.citations[0].quote) == ("tidak", "Jepang tidak setuju.")


@pytest.mark.parametrize(
    ("question", "read"),
    [
        (
            "Siapa Menteri Pertahanan Rusia, dan apa sikap Jepang?",
            ["Siapa Menteri Pertahanan Rusia?", "Apa sikap Jepang? Menteri Pertahanan Rusia"],
        ),
        (
            "Siapa Menteri Pertahanan Rusia sekarang, dan apa sikap Jepang?",
            ["Siapa Menteri Pertahanan Rusia?", "Apa sikap Jepang? Menteri Pertahanan Rusia"],
        ),
    ],
)
def test_a_question_whose_parts_are_answered_is_not_read_as_a_whole(
    filled: Archive, question: str, read: list[str]
) -> None:
    engine = Scripted(0.1, 0.9)
    assert ask(filled, engine, question, today=date(2024, 9, 10)).status == "answered"
    assert engine.seen == read


@pytest.mark.parametrize(
    ("question", "scores"),
    [
        ("Siapa Menteri Pertahanan Rusia, dan apa sikap Jepang?", (0.1, 0.1)),
        ("Siapa Menteri Pertahanan Rusia pada 5 September 2023, dan apa sikap Jepang?", (0.1, 0.9)),
    ],
)
def test_the_whole_is_read_where_the_parts_are_not_answered_or_a_time_decides(
    filled: Archive, question: str, scores: tuple[float, float]
) -> None:
    engine = Scripted(*scores)
    ask(filled, engine, question, today=date(2024, 9, 10))
    assert len(engine.seen) == 3


def test_the_newest_articles_are_the_news_and_dated(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    every = [
        source(f"Berita nomor {n}. Lanjutannya.", f"n{n}", published=f"2024-09-0{n}") for n in range(1, 8)
    ]
    list(ingest(every, archive, embedder, window))
    said = ask(archive, Scripted(), "Apa berita terbaru?", today=date(2024, 9, 10))
    assert (said.kind, said.status) == ("news", "answered")
    assert [c.article for c in said.citations] == ["n7", "n6", "n5", "n4", "n3"]
    assert said.text.startswith("7 September 2024:\n• Berita nomor 7. [1]")
    english = ask(archive, Scripted(), "What's new?", today=date(2024, 9, 10))
    assert english.text.startswith("7 September 2024:\n• Berita nomor 7. [1]")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Apa yang terjadi kemarin?", "Tidak ada artikel dari 9 September 2024 yang menjawabnya."),
        ("Berapa harga cabai kemarin?", "Tidak ada artikel dari 9 September 2024 yang menjawabnya."),
        ("What happened yesterday?", "No article from 9 September 2024 answers this."),
        (
            "How much was chilli last week?",
            "No article from 2 September 2024 to 8 September 2024 answers this.",
        ),
    ],
)
def test_where_nothing_is_of_the_time_the_nearest_is_shown_with_its_date_and_is_no_answer(
    archive: Archive, embedder: HashEmbedder, window: Window, question: str, said: str
) -> None:
    old = source("Harga cabai 40 ribu rupiah.", "old", published="2024-08-02")
    list(ingest([old], archive, embedder, window))
    answer = ask(archive, Scripted(0.9, span="40 ribu rupiah"), question, today=date(2024, 9, 10))
    assert (answer.status, answer.claims, answer.short) == ("abstained", (), None)
    day = "2 Agustus 2024" if answer.language == "id" else "2 August 2024"
    assert answer.text.startswith(said)
    assert answer.text.endswith(f"[1] ({day})")


def test_a_reason_is_made_of_the_sentences_that_belong_to_it(filled: Archive) -> None:
    said = ask(filled, Scripted(0.7, 0.9), "Mengapa Shoigu setuju?")
    assert (said.kind, said.status, said.short) == ("why", "answered", None)
    assert [claim.citations for claim in said.claims] == [(1,), (2,)]
    assert [claim.text for claim in said.claims] == [citation.quote for citation in said.citations]


def test_who_somebody_is_is_a_definition_to_other_programs(filled: Archive) -> None:
    assert ask(filled, Scripted(0.1, 0.9), "Siapa Sergei Shoigu?").kind == "define"


def test_a_question_with_a_time_also_reads_articles_without_a_date_where_nothing_else_answers(
    archive: Archive, embedder: HashEmbedder, window: Window
) -> None:
    dated = source("Harga beras naik.", "a", published="2024-03-10")
    undated = source("Panen raya dimulai di Demak.", "b")
    other = source("Harga gula turun.", "c", published="2023-01-01")
    list(ingest([dated, undated, other], archive, embedder, window))

    class Late(Scripted):
        def read(
            self, question: str, language: Language, passages: Sequence[Passage], enough: float | None = None
        ) -> list[Evidence]:
            found = (Evidence(each, each.sentences[0], self.likely(each)) for each in passages)
            return sorted(found, key=lambda item: -item.score)

        def likely(self, passage: Passage) -> float:
            return 0.9 if passage.article.id in self.right else 0.1

        right: tuple[str, ...] = ("b", "c")

    said = ask(archive, Late(), "Di mana panen raya pada 10 Maret 2024?", today=date(2024, 3, 20))
    assert said.citations[0].article == "b"
    Late.right = ("c",)
    said = ask(archive, Late(), "Di mana panen raya pada 10 Maret 2024?", today=date(2024, 3, 20))
    assert said.status == "abstained"


@pytest.mark.parametrize(
    ("message", "language", "part"),
    [
        ("halo min", "id", "Halo"),
        ("Makasih ya!", "id", "Sama-sama"),
        ("thank you so much", "en", "You are welcome"),
        ("who are you?", "en", "Kutip"),
        ("👍", "id", "😊"),
    ],
)
def test_a_message_that_asks_nothing_gets_a_word_and_no_search(
    filled: Archive, message: str, language: Language, part: str
) -> None:
    engine = Scripted(0.9)
    said = ask(filled, engine, message)
    assert (said.status, said.language, said.claims, said.citations) == ("answered", language, (), ())
    assert part in said.text
    assert engine.seen == []


def test_a_smile_is_answered_in_the_language_of_the_conversation(filled: Archive) -> None:
    before = Turn("Who is Russia's defence minister?", "Sergei Shoigu")
    assert ask(filled, Scripted(0.9), "🙏", history=[before]).language == "en"


def test_a_greeting_with_a_question_is_a_question(filled: Archive) -> None:
    engine = Scripted(0.9)
    assert ask(filled, engine, "halo, siapa menteri pertahanan rusia?").citations
    assert engine.seen


def test_a_follow_up_does_not_follow_a_greeting(filled: Archive) -> None:
    engine = Scripted(0.9)
    ask(filled, engine, "Kapan rapatnya?", history=[Turn("Makasih banyak ya", "Sama-sama!")])
    assert engine.seen == ["Kapan rapatnya?"]


def test_a_question_is_read_as_it_was_understood_and_stays_as_it_was_typed(filled: Archive) -> None:
    engine = Scripted(0.9)
    pipeline = Pipeline(
        filled,
        Everything(filled),
        engine,
        Phrases(),
        12,
        spelling=lambda question, language: Understood("siapa menteri pertahanan rusia?", True),
    )
    said = answer("sapa mentri pertahanan rusia", pipeline)
    assert engine.seen == ["siapa menteri pertahanan rusia?"]
    assert said.question == "sapa mentri pertahanan rusia"
    assert as_json(said, "q")["understood"] == said.understood == "siapa menteri pertahanan rusia?"
    assert in_plain(said, {}).startswith("Dipahami sebagai: siapa menteri")


def test_what_was_not_changed_is_not_shown_as_understood(filled: Archive) -> None:
    said = ask(filled, Scripted(0.9))
    assert "understood" not in as_json(said, "q")


@pytest.mark.parametrize("question", ["the", "siapa", "a b", "What is 2+2?", "?!"])
def test_a_question_without_a_word_of_its_own_is_declined_and_nothing_is_related(
    filled: Archive, question: str
) -> None:
    said = ask(filled, Scripted(0.9), question)
    assert said.claims == said.citations == ()


@pytest.mark.parametrize("question", ["Apa itu MK?", "What is AI?"])
def test_a_word_of_two_letters_is_a_word_of_its_own(filled: Archive, question: str) -> None:
    assert ask(filled, Scripted(0.9), question).status == "answered"
