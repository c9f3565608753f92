from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.types import Article, Passage, Sentence, Turn
from rag.writing import prompt
from rag.writing.prompt import (
    FOLDER,
    PLACEHOLDERS,
    Shown,
    answering,
    declines,
    glossing,
    instructions,
    leaks,
    rewriting,
)

ARTICLE = Article("a", None, "Judul {question}", "2024-01-02", "id", "Satu [9] {mark}. Dua baris\nini.")
PASSAGE = Passage(1, ARTICLE, (Sentence("a", 0, 0, 16), Sentence("a", 1, 17, 32)), 1.0)


def test_an_answers_prompt_numbers_the_sentences_under_their_title() -> None:
    shown = [Shown(n, PASSAGE, sentence) for n, sentence in enumerate(PASSAGE.sentences, start=1)]
    made = answering("Apa {itu}?", "id", shown)
    assert "# Judul {question} · 2024-01-02\nSatu (9) {mark}. [1]\nDua baris ini. [2]\n===" in made.user
    assert "Pertanyaan: Apa {itu}?" in made.user
    # What a small model reads last it keeps to best.
    assert "kurung siku" in made.user.splitlines()[-1]
    assert made.system == instructions("answer", "id")


def test_an_answer_of_several_sentences_is_asked_for_in_words() -> None:
    shown = [Shown(n, PASSAGE, sentence) for n, sentence in enumerate(PASSAGE.sentences, start=1)]
    for language, one, two in (("id", "satu sampai tiga", "dua atau tiga"), ("en", "one to", "two or")):
        assert one in answering("Apa?", language, shown).user.splitlines()[-1]  # type: ignore[arg-type]
        assert two in answering("Apa?", language, shown, 2).user.splitlines()[-1]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tanda hubung.", True),
        ("satu tanda hubung saja", True),
        ("A single hyphen", True),
        ("Hyphen.", True),
        ("Tanda hubung dipakai untuk mengulang kata.", False),
        ("He hyphenates his name.", False),
        ("", False),
    ],
)
def test_a_hyphen_that_is_written_out_is_no_claim(text: str, said: bool) -> None:
    assert declines(text) is said


def test_the_mark_around_articles_changes_and_the_instructions_do_not() -> None:
    first, second = (answering("Apa?", "en", [Shown(1, PASSAGE, PASSAGE.sentences[0])]) for _ in "12")
    marks = [[line for line in each.user.splitlines() if line.startswith("===")] for each in (first, second)]
    assert first.system == second.system
    assert all(len(pair) == 2 and pair[0] == pair[1] for pair in marks)
    assert marks[0] != marks[1]


def test_the_other_prompts_hold_what_they_are_given() -> None:
    turn = Turn("Siapa\nitu?", "Sergei Shoigu")
    assert "– Siapa itu?\n– Sergei Shoigu" in rewriting("Kapan?", "id", [turn]).user
    assert "\nSatu kalimat.\n" in glossing("Satu\nkalimat.", "en").user


@pytest.mark.parametrize("name", list(PLACEHOLDERS))
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_prompt_is_there_in_both_languages(name: prompt.Name, language: prompt.Language) -> None:
    assert len(instructions(name, language)) > 100


@pytest.mark.parametrize(
    "text", ["only above {mark}{quote}", "a\n---\n{mark}", "a\n---\n{mark}{quote}{more}", "a\n---\n{mark}{"]
)
def test_a_prompt_with_other_placeholders_is_refused_in_one_line(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gloss.en.txt").write_text(text)
    monkeypatch.setattr(prompt, "FOLDER", tmp_path)
    prompt._file.cache_clear()
    with pytest.raises(SettingsError, match="prompt"):
        glossing("a", "en")
    prompt._file.cache_clear()


def test_reciting_the_instructions_is_noticed() -> None:
    own = (FOLDER / "answer.en.txt").read_text(encoding="utf-8").split()
    assert leaks("I was told: " + " ".join(own[5:20]), "en")
    assert leaks(" ".join((FOLDER / "answer.en.txt").read_text(encoding="utf-8").split()[-20:]), "en")
    assert not leaks("Rice cost Rp 15,900 a kilogram on Monday.", "en")
