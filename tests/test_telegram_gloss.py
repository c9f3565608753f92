"""Translations beside quotes in the bot, by a GGUF chat model before the strict Telegram."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.settings import Settings
from lab.scripted import Scripted
from rag.writing.writer import Prompt
from tests.telegram_server import TelegramServer, User
from tests.test_telegram_bot import (
    PATIENCE,
    Hand,
    Running,
    answered,
    asked,
    eventually,
    free_port,
    labels,
    marked,
    reply,
)

FLOOD = "Banjir menerjang Demak pada Senin. Sedikitnya 12 orang meninggal."
HARVEST = "The harvest failed in Brandon. At least 40 farms lost their wheat."
DEATHS = "How many people died in the flood in Demak?"
FARMS = "Berapa ladang gandum yang rusak di Brandon?"
TRANSLATED = "Sedikitnya 40 ladang gandum rusak."
LABEL = {"en": "machine translation, not a quote: ", "id": "terjemahan mesin, bukan kutipan: "}
OFF, ON = "🌐 Without translations", "🌐 Terjemahkan kutipan"


class Model:
    """What the chat model says: the second sentence in the question's language, one made-up claim, and
    translations, which can be held back."""

    def __init__(self) -> None:
        self.translated = 0
        self.lies = False
        self.free = threading.Event()
        self.free.set()

    def __call__(self, prompt: Prompt) -> str:
        if not prompt.system.startswith(("You translate", "Anda menerjemahkan")):
            key, said = "At least 40", TRANSLATED
            if FARMS not in prompt.user:
                english = "Answer in English" in prompt.user
                key, said = "Sedikitnya 12", "At least 12 people died." if english else "12 orang meninggal."
            number = prompt.user.split(key)[1].split("[", 1)[1].split("]")[0]
            return f"{said} [{number}]\nSukarno bought 99 ships. [1]"
        self.translated += 1
        assert self.free.wait(PATIENCE)
        if self.lies:
            return "Sukarno bought 99 ships."
        return "At least 12 people died." if "12 orang" in prompt.user else TRANSLATED


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, telegram: TelegramServer, chat_gguf: Path, model: Model
) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("gloss")
    settings = Settings(
        home=folder / "home",
        model=str(chat_gguf),
        model_when="always",
        threads=1,
        telegram_url=telegram.url,
        telegram_per_minute=1000,
        telegram_metrics_port=free_port(),
    )
    for name, text in (("banjir", FLOOD), ("harvest", HARVEST)):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    app = App(settings)
    assert len(list(app.ingest([str(folder / "banjir.txt"), str(folder / "harvest.txt")]))) == 2
    app.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.writing.decoder.ChatModel", partial(Scripted, script=model))
        with Running(settings, telegram, Hand()) as worker:
            yield worker


@pytest.fixture
def ben(telegram: TelegramServer, running: Running) -> Iterator[User]:
    yield telegram.user("Ben", language_code="en")
    telegram.assert_clean()


def now(telegram: TelegramServer, message: dict[str, Any]) -> dict[str, Any]:
    """The message as it is after edits."""
    current: dict[str, Any] = telegram.state.chats[message["chat"]["id"]].messages[message["message_id"]]
    return current


def test_an_english_answer_has_labelled_translations_which_a_button_takes_away_and_brings_back(
    telegram: TelegramServer, ben: User, model: Model
) -> None:
    answer = asked(telegram, ben, DEATHS)
    quote, gloss = "Sedikitnya 12 orang meninggal.", f"{LABEL['en']}At least 12 people died."
    assert gloss in answer["text"]
    assert marked(answer, "blockquote") == [quote]
    assert labels(answer)[2:] == [OFF, "↪ Share", "👍 Helpful", "👎 Wrong quote"]
    before = model.translated
    ben.presses(answer, OFF)
    telegram.wait_for(lambda: LABEL["en"] not in now(telegram, answer)["text"], PATIENCE)
    assert marked(now(telegram, answer), "blockquote") == [quote]
    assert labels(now(telegram, answer))[2] == "🌐 Translate quotes"
    ben.presses(answer, "🌐 Translate quotes")
    telegram.wait_for(lambda: gloss in now(telegram, answer)["text"], PATIENCE)
    assert labels(now(telegram, answer)) == labels(answer)
    # What was translated once is kept.
    assert model.translated == before


def test_an_indonesian_answer_gets_them_when_asked_for(telegram: TelegramServer, ben: User) -> None:
    answer = asked(telegram, ben, FARMS)
    assert LABEL["id"] not in answer["text"]
    press = ben.presses(answer, ON)
    gloss = f"{LABEL['id']}{TRANSLATED}"
    telegram.wait_for(lambda: gloss in now(telegram, answer)["text"], PATIENCE)
    assert [said["text"] for said in press.answers] == ["⏳ Translating …"]
    assert marked(now(telegram, answer), "blockquote") == ["At least 40 farms lost their wheat."]
    ben.presses(answer, "👍")
    assert labels(now(telegram, answer))[2] == "🌐 Tanpa terjemahan"


def test_a_quote_in_the_questions_language_has_no_such_button(telegram: TelegramServer, ben: User) -> None:
    answer = asked(telegram, ben, "Berapa orang meninggal akibat banjir di Demak?")
    assert labels(answer) == ["Konteks [1]", "Salin [1]", "↪ Bagikan", "👍 Membantu", "👎 Kutipan salah"]


def test_a_translation_that_changes_the_facts_is_not_shown(
    telegram: TelegramServer, ben: User, model: Model
) -> None:
    answer = asked(telegram, ben, FARMS)
    model.lies = True
    try:
        ben.presses(answer, ON)
        assert reply(telegram, ben, answer)["text"].startswith("Maaf, belum ada terjemahan")
    finally:
        model.lies = False
    assert now(telegram, answer)["text"] == answer["text"]


def test_a_translation_waits_like_a_question_and_can_be_cancelled(
    telegram: TelegramServer, ben: User, model: Model, running: Running
) -> None:
    answer = asked(telegram, ben, FARMS)
    model.free.clear()
    try:
        ben.presses(answer, ON)
        telegram.wait_for(lambda: any(m["text"] == "⏳ Translating …" for m in ben.answers), PATIENCE)
        again = ben.presses(answer, ON)
        telegram.wait_for(lambda: bool(again.answers), PATIENCE)
        ben.presses(next(m for m in ben.answers if m["text"] == "⏳ Translating …"), "Cancel")
        telegram.wait_for(lambda: len(ben.answers) == len(answered(ben)) == 1, PATIENCE)
    finally:
        model.free.set()
    eventually(lambda: running.rows("SELECT count(*) FROM inbox WHERE state = 'open'") == [(0,)])
    assert now(telegram, answer)["text"] == answer["text"]


def test_an_answer_too_long_for_both_gets_its_translations_in_a_message_of_their_own(
    telegram: TelegramServer, ben: User, running: Running
) -> None:
    answer = asked(telegram, ben, FARMS)
    # As many quotes as fill a message: no tiny model writes so much.
    ((id, data),) = running.rows("SELECT id, data FROM answer ORDER BY id DESC LIMIT 1")
    stored = json.loads(data)
    stored["citations"][0]["quote"] = "At least 40 farms lost their wheat. " * 113
    stored["citations"][0]["gloss"] = TRANSLATED
    stored["glossed"] = False
    running.write(f"UPDATE answer SET data = '{json.dumps(stored)}' WHERE id = {id}")
    ben.presses(answer, ON)
    told = reply(telegram, ben, answer)["text"]
    assert told == f"[1] {LABEL['id']}{TRANSLATED}"
    assert labels(now(telegram, answer)) == labels(answer)


def test_claims_that_were_held_back_are_counted(
    telegram: TelegramServer, ben: User, running: Running
) -> None:
    asked(telegram, ben, "/start")
    before = running.metric("kutip_dropped_claims_total")
    answer = asked(telegram, ben, DEATHS)
    assert "Sukarno" not in answer["text"]
    assert running.metric("kutip_dropped_claims_total") == before + 1
