"""Answers as a terminal shows them, at the widths that terminals have, and as plain text."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from bot.naming import counted
from bot.render import InTerminal, in_plain, show_answer
from rag.types import Answer, Article, Citation, Claim, first_words

TITLE = "Menteri Pertahanan Rusia Sergei Shoigu berkunjung ke Beijing untuk membahas latihan bersama"
URL = "https://berita.example.co.id/internasional/2023/09/05/menteri-pertahanan-rusia-ke-beijing.html"
QUOTE = "Menteri Pertahanan Rusia, Sergei Shoigu, berpendapat latihan itu perlu."
OTHER = "Latihan bersama dimulai pada hari Senin."
WIDTHS = (40, 80, 140)


def citation(number: int, quote: str, title: str | None = TITLE, url: str | None = URL) -> Citation:
    article = "a1b2c3d4e5f60718" if url else f"a1b2c3d4e5f6071{number}"
    return Citation(number, article, 1, title, url, "2023-09-05", 0, len(quote), quote)


FACT = Answer(
    *("Siapa?", "id", "answered", "Sergei Shoigu [1]", "Sergei Shoigu"),
    (Claim("Sergei Shoigu", (1,)),),
    (citation(1, QUOTE),),
    "reader",
)
WHY = Answer(
    *("Kenapa?", "id", "answered", f"{QUOTE} [1]\n{OTHER} [2]", None),
    (Claim(QUOTE, (1,)), Claim(OTHER, (2,))),
    (citation(1, QUOTE), citation(2, OTHER, title="Latihan", url=None)),
    "reader",
)
LIST = replace(
    FACT,
    text="• Sergei Shoigu [1]\n• hari Senin [2]",
    short=None,
    claims=(Claim("Sergei Shoigu", (1,)), Claim("hari Senin", (2,))),
    citations=(citation(1, QUOTE), citation(2, OTHER)),
)
SAYS = replace(FACT, text=f"Artikel berkata: “{QUOTE}” [1]", short=None, claims=(Claim(QUOTE, (1,)),))
RELATED = replace(FACT, status="abstained", text="Tidak ada. Terkait: [1]", short=None, claims=())
TALK = replace(FACT, text="Sama-sama!", short=None, claims=(), citations=())
SIX = replace(FACT, citations=tuple(citation(number, f"{QUOTE} {number}") for number in range(1, 7)))
KINDS = {
    **{"fact": FACT, "why": WHY, "list": LIST, "yesno": SAYS},
    **{"related": RELATED, "talk": TALK, "six": SIX},
}


def shown(answer: Answer, width: int = 80, names: dict[int, str] | None = None) -> list[str]:
    console = Console(width=width, file=io.StringIO(), force_terminal=True, color_system=None)
    show_answer(console, answer, names or {})
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def unframed(lines: list[str]) -> str:
    return " ".join(" ".join(lines).replace("│", " ").split())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_fits_the_terminal_with_its_dates_and_addresses_whole(kind: str, width: int) -> None:
    answer = KINDS[kind]
    lines = shown(answer, width)
    whole = [line for line in lines if URL in line]
    # Only an address may be longer than the terminal, which wraps it where it is copied from.
    assert all(cell_len(line) <= width for line in lines if line not in whole)
    assert sum(line.count("5 September 2023") for line in lines) == len(answer.citations)
    assert len(whole) == sum(each.url is not None for each in answer.citations)
    if answer.citations and width < len(TITLE):
        assert any("…" in line for line in lines)
    for each in answer.citations:
        assert each.quote in unframed(lines)


def test_a_sentence_that_the_text_holds_is_not_shown_again() -> None:
    for answer in (WHY, SAYS):
        lines = shown(answer, 80)
        text = unframed(lines)
        assert text.count(QUOTE) == 1
        assert "╭" not in text
        assert f"[1] {TITLE[:20]}" in text
    assert unframed(shown(FACT, 140)).count(QUOTE) == 1
    assert "╭" in unframed(shown(FACT))


STORY = replace(
    FACT,
    text=f"5 September 2023:\n• {QUOTE} [1]\n• {OTHER} [3]\n4 September 2023:\n• Isi. [2]",
    short=None,
    claims=(Claim(QUOTE, (1,)), Claim("Isi.", (2,)), Claim(OTHER, (3,))),
    citations=(citation(1, QUOTE), citation(2, "Isi.", title="Lain", url=None), citation(3, OTHER)),
)


def test_an_article_behind_several_sentences_is_named_once() -> None:
    text = unframed(shown(STORY, 140))
    assert text.count(TITLE) == text.count(URL) == 1
    assert f"[1] [3] {TITLE}" in text
    assert in_plain(STORY, {}).split("\n\n")[1].splitlines() == [
        f"[1] [3] {TITLE} · 5 September 2023 · {URL}",
        "[2] Lain · 5 September 2023",
    ]
    quoted = replace(STORY, text="x")
    assert unframed(shown(quoted, 140)).count(TITLE) == 2


def test_the_further_lines_of_an_item_stand_under_its_words() -> None:
    lines = shown(STORY, 40)
    assert lines[0] == "5 September 2023:"
    assert lines[1].startswith("• Menteri")
    assert lines[2].startswith("  ")
    assert "  ".join(lines[1:4]).split() == f"• {QUOTE} [1]".split()


def test_the_bots_own_words_and_short_answers_are_bold_and_sentences_are_not() -> None:
    def styled(answer: Answer) -> str:
        console = Console(width=140, record=True, file=io.StringIO(), force_terminal=True)
        console.print(InTerminal(answer, {}))
        return console.export_text(styles=True)

    assert "\x1b[1mSergei Shoigu \x1b[0m" in styled(FACT)
    assert "\x1b[1m5 September 2023:\x1b[0m" in styled(STORY)
    assert f"\x1b[1m{QUOTE[:9]}" not in styled(STORY)
    yes = replace(SAYS, text=f"Ya. {QUOTE} [1]", short="ya")
    assert f"\x1b[1mYa\x1b[0m. {QUOTE}" in styled(yes)


def test_what_is_only_related_is_shown_even_where_a_line_names_it() -> None:
    named = replace(RELATED, text=f"Tidak ada. {QUOTE}")
    assert unframed(shown(named, 140)).count(QUOTE) == 2


def test_lines_of_an_answer_stay_lines() -> None:
    lines = shown(LIST, 40)
    assert lines[:3] == ["• Sergei Shoigu [1]", "• hari Senin [2]", ""]


def test_the_words_of_every_claim_are_marked_in_the_quotes_that_they_rest_on() -> None:
    console = Console(width=100, record=True, file=io.StringIO(), force_terminal=True)
    console.print(InTerminal(LIST, {}))
    styled = console.export_text(styles=True)
    for words in ("Sergei Shoigu", "hari Senin"):
        assert f"\x1b[1;4;32m{words}\x1b[0m" in styled


def test_an_article_without_a_title_is_called_by_its_first_words_and_never_by_a_hash() -> None:
    bare = replace(FACT, citations=(citation(1, QUOTE, title=None, url=None),))
    named = unframed(shown(bare, 80, {1: "Menteri Pertahanan Rusia…"}))
    assert "1 · Menteri Pertahanan Rusia… · 5 September 2023" in named
    assert "a1b2c3d4" not in named + unframed(shown(bare)) + in_plain(bare, {})
    seed = replace(bare.citations[0], article="seed-1")
    assert "seed-1" in unframed(shown(replace(bare, citations=(seed,))))


@pytest.mark.parametrize("kind", KINDS)
def test_output_that_is_no_terminal_has_no_frames_and_nothing_is_cut(kind: str) -> None:
    answer = KINDS[kind]
    for console in (
        Console(width=40, file=io.StringIO()),
        Console(width=40, file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"}),
    ):
        show_answer(console, answer, {})
        assert isinstance(console.file, io.StringIO)
        said = console.file.getvalue()
        assert not set("╭╮╰╯│─━\x1b") & set(said)
        for each in answer.citations:
            assert each.quote in said
            assert each.title is None or each.title in said
            assert each.url is None or each.url in said
        assert said.count("5 September 2023") == len(answer.citations)


def test_a_date_that_is_none_is_shown_as_it_is() -> None:
    odd = replace(FACT.citations[0], published="kemarin sore")
    assert "kemarin so" in in_plain(replace(FACT, citations=(odd,)), {})
    none = replace(odd, published=None)
    assert in_plain(replace(FACT, citations=(none,)), {}).endswith(f"{TITLE} · {URL}")


def test_a_title_of_many_lines_is_one_line() -> None:
    odd = replace(FACT.citations[0], title="Judul\n\ndua  baris")
    answer = replace(FACT, citations=(odd,))
    assert "Judul dua baris · 5 September 2023" in unframed(shown(answer))
    assert "Judul dua baris · 5 September 2023" in in_plain(answer, {})


def test_wide_letters_are_counted_as_the_terminal_counts_them() -> None:
    odd = replace(FACT.citations[0], title="日本の国防相が" * 12)
    lines = shown(replace(FACT, citations=(odd,)), 40)
    assert all(cell_len(line) <= 40 for line in lines if URL not in line)
    assert "5 September 2023" in unframed(lines)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hujan turun.", "Hujan turun."),
        ("Hujan\n\nturun  di Bogor", "Hujan turun di Bogor"),
        ("Banjir bandang melanda kota itu, lagi", "Banjir bandang melanda kota…"),
        ("x" * 100, "x" * 30 + "…"),
        ("   ", ""),
    ],
)
def test_first_words_end_at_a_word_with_an_ellipsis(text: str, name: str) -> None:
    assert first_words(text, 30) == name


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [("Banjir\nbesar", "Hujan.", "Banjir besar"), (" ", "Hujan turun.", "Hujan turun."), (None, " ", "a1b2")],
)
def test_an_article_is_called_by_what_a_reader_knows_of_it(title: str | None, text: str, name: str) -> None:
    assert Article("a1b2", None, title, None, "id", text).name == name


def test_one_of_a_thing_is_one_thing() -> None:
    assert [counted(number, "sentence") for number in (0, 1, 2, 1200)] == [
        *("0 sentences", "1 sentence", "2 sentences", "1,200 sentences")
    ]
