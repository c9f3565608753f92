"""The trial of a chat model at `kutip model use`: a GGUF whose logits do as a script says."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path

import pytest

from bot import models
from bot.app import App
from bot.evaluation.cases import Case, Quote
from bot.models import use
from bot.settings import Settings
from bot.trial import Material, Trial, Tried, material, told, tried
from bot.uses import Uses, keep, uses
from lab.scripted import Scripted
from rag.writing.prompt import instructions
from rag.writing.writer import Prompt

FLOOD = "Banjir menerjang Demak pada Senin. Sedikitnya 12 orang meninggal. Bupati Demak ialah Siti Lestari."
DEATHS = "Berapa orang meninggal akibat banjir di Demak?"
FOREVER = {"answers": inf, "translations": inf, "follow-ups": inf}
SECONDS = dict.fromkeys(FOREVER, 0.0)


@pytest.fixture
def small(tmp_path: Path) -> Material:
    """One article, one question that it answers and one that it does not, two sentences, two follow-ups."""
    (tmp_path / "a.txt").write_text(FLOOD, encoding="utf-8")
    whole = material()
    cases = [
        Case("a", DEATHS, "id", gold=(Quote("a", "Sedikitnya 12 orang meninggal."),)),
        Case("b", "Berapa lama banjir di Demak berlangsung?", "id", gold=()),
    ]
    return Material(cases, whole.sentences[:2], whole.follow_ups[:2], tmp_path / "a.txt")


def good(prompt: Prompt) -> str:
    """Answers with the right sentence, translates as the reference does, names whom a follow-up means."""
    if prompt.system == instructions("answer", "id"):
        if DEATHS not in prompt.user:
            return "-"
        number = prompt.user.split("Sedikitnya 12")[1].split("[", 1)[1].split("]")[0]
        return f"Sedikitnya 12 orang meninggal. [{number}]"
    for row in material().sentences:
        if row["text"] in prompt.user:
            return str(row["reference"])
    return "Kapan Arman Lubis dilantik?" if "Arman" in prompt.user else "What did Joan Ellis say of the port?"


def bad(prompt: Prompt) -> str:
    """Answers with another sentence, translates into nonsense that keeps every name, adds nothing."""
    if prompt.system == instructions("answer", "id"):
        number = prompt.user.split("Bupati Demak ialah")[1].split("[", 1)[1].split("]")[0]
        return f"Bupati Demak ialah Siti Lestari. [{number}]"
    if "Arman Lubis mengatakan" in prompt.user:
        return "Governor Arman Lubis painted 1,250 green fish at Teluk Sari without any lamp or candle there."
    if "Kelana will not" in prompt.user:
        return "Joan Ellis tidak suka makan ikan goreng di Kelana pada 12 Maret karena terlalu asin baginya."
    return "Siapa gubernur di sana?" if "Arman" in prompt.user else "What did Joan Ellis do?"


def trial(
    monkeypatch: pytest.MonkeyPatch,
    script: object,
    path: Path,
    given: Material,
    seconds: dict[str, float] = FOREVER,
) -> Trial:
    monkeypatch.setattr("rag.writing.decoder.ChatModel", partial(Scripted, script=script))
    return tried(Settings(threads=1), path, lambda *step: None, given, seconds)


def test_a_good_model_is_used_for_everything(
    monkeypatch: pytest.MonkeyPatch, chat_gguf: Path, small: Material
) -> None:
    found = trial(monkeypatch, good, chat_gguf, small)
    assert (found.answers.tried, found.answers.right, found.answers.wrong) == (2, 2, 0)
    assert found.reader.tried == 2
    assert {language: each.right for language, each in found.into.items()} == {"en": 1, "id": 1}
    assert (found.follow_ups.right, found.follow_ups.wrong) == (2, 0)
    assert found.uses == Uses(True, ("en", "id"), True)
    lines = list(told(found))
    assert len(lines) == 4
    assert lines[0].startswith("answers: 2 of 2 right, 0 wrong")
    assert all(line.endswith("It is used for them.") for line in lines)


def test_a_bad_model_is_used_for_nothing_and_is_not_even_opened(
    monkeypatch: pytest.MonkeyPatch, chat_gguf: Path, small: Material
) -> None:
    found = trial(monkeypatch, bad, chat_gguf, small)
    # What is beside the point is not shown.
    assert found.answers.right == 0
    assert [each.wrong for each in found.into.values()] == [1, 1]
    assert found.follow_ups.wrong
    assert found.uses == Uses(False, (), False)
    assert all("not used" in line for line in told(found))
    settings = Settings.read()
    assert "is used for nothing" in use(settings, str(chat_gguf), found.uses)
    assert models.open_writer(settings) is None


def test_a_slow_model_is_tried_on_a_few_only(
    monkeypatch: pytest.MonkeyPatch, chat_gguf: Path, small: Material
) -> None:
    many = replace(small, cases=[replace(small.cases[0], id=str(n)) for n in range(5)])
    many = replace(many, sentences=small.sentences[:1] * 5, follow_ups=small.follow_ups[:1] * 5)
    found = trial(monkeypatch, good, chat_gguf, many, SECONDS)
    assert (found.answers.tried, found.into["en"].tried, found.follow_ups.tried) == (2, 2, 2)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (Tried(10, 8, 0), True),
        (Tried(10, 4, 1), True),
        (Tried(10, 3, 0), False),
        (Tried(10, 8, 2), False),
        (Tried(4, 4, 1), False),
        (Tried(0, 0, 0), False),
    ],
)
def test_a_model_answers_where_it_is_right_half_as_often_as_the_reader_and_hardly_wrong(
    answers: Tried, expected: bool
) -> None:
    found = Trial(answers, Tried(10, 8, 0), {"en": Tried(5, 4, 0)}, Tried(6, 3, 0))
    assert found.uses == Uses(expected, ("en",), True)


@pytest.mark.parametrize(("each", "into"), [((5, 4, 0), True), ((5, 3, 0), False), ((5, 4, 1), False)])
def test_one_wrong_translation_or_two_missing_ones_are_too_many(
    each: tuple[int, int, int], into: bool
) -> None:
    found = Trial(Tried(10, 8, 0), Tried(10, 8, 0), {"id": Tried(*each)}, Tried(6, 6, 1))
    assert found.uses == Uses(True, ("id",) if into else (), False)


def test_what_a_trial_found_is_kept_for_that_file_and_settings_go_before_it(
    monkeypatch: pytest.MonkeyPatch, chat_gguf: Path
) -> None:
    monkeypatch.setattr("rag.writing.decoder.ChatModel", partial(Scripted, script=good))
    settings = Settings.read()
    use(settings, str(chat_gguf), Uses(False, ("en",), False))
    app = App(Settings(threads=1))
    assert app.writing is not None
    assert (app.writing.when, app.writing.into, app.writing.follow_ups) == ("never", ("en",), False)
    app.close()
    assert "tiny is used for translations into English" in models.listed(settings)
    monkeypatch.setenv("KUTIP_MODEL_WHEN", "needed")
    monkeypatch.setenv("KUTIP_GLOSS", "always")
    assert uses(Settings.read(), chat_gguf) == Uses(True, ("id", "en"), False)
    # Chosen again without a trial, it is used for everything.
    use(settings, str(chat_gguf))
    assert uses(settings, chat_gguf) == Uses()


def test_a_record_that_cannot_be_read_is_as_none(chat_gguf: Path, home: Path) -> None:
    settings = Settings.read()
    keep(settings, chat_gguf, Uses(False, (), False))
    for broken in ("", "[]", "{", '{"x": 1}', (home / "trials.json").read_text().replace("answers", "a")):
        (home / "trials.json").write_text(broken)
        assert uses(settings, chat_gguf) == Uses()


def test_the_material_is_ten_questions_and_ten_sentences_in_both_languages() -> None:
    whole = material()
    assert len(whole.cases) == len(whole.sentences) == 10
    for rows in (whole.cases, whole.sentences, whole.follow_ups):
        languages = [getattr(row, "language", None) or row["language"] for row in rows]  # type: ignore[index]
        assert languages.count("id") == languages.count("en")
    assert {bool(case.gold) for case in whole.cases} == {True, False}
