"""Rich messages with footnotes: behind a setting, and today's message where the server refuses them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.telegram.rich import rich_answer
from tests.telegram_quick import start
from tests.telegram_server import TelegramServer
from tests.telegram_server.rich import check_rich
from tests.test_telegram_bot import Hand, asked, eventually, labels, reply
from tests.test_telegram_reply import ANSWER

TOWER = "Berapa tinggi Menara Dahlia?"


def test_marks_lead_to_footnotes_and_what_is_no_mark_stays_text() -> None:
    message = check_rich(rich_answer(ANSWER, {}, lambda citation: "https://koran.id/a"))
    assert message["blocks"][0]["text"] == [
        "3 m ",
        {"type": "reference_link", "text": "[1]", "reference_name": "q1"},
    ]
    assert message["blocks"][1]["text"]["name"] == "q1"
    assert message["blocks"][2] == {
        "type": "blockquote",
        "blocks": [{"type": "paragraph", "text": "Air naik 3 m."}],
    }


def test_a_server_that_takes_rich_messages_gets_them(tmp_path: Path) -> None:
    hand = Hand()
    with (
        TelegramServer(rich=True) as telegram,
        start(tmp_path / "home", telegram, hand, telegram_rich=True) as running,
    ):
        ani = telegram.user("Ani")
        answer = asked(telegram, ani, TOWER)
        assert answer["rich_message"]["blocks"][0]["text"][0].startswith("Menara Dahlia setinggi 48 meter.")
        assert "Konteks [1]" in labels(answer)
        ani.presses(answer, "Konteks [1]")
        assert "48 meter" in reply(telegram, ani, answer)["text"]
        # Telegram's own button on a draft stops the answer.
        with hand:
            sent = ani.says(TOWER)
            query = "SELECT number FROM inbox WHERE state = 'open'"
            eventually(lambda: len(hand.said) > 1 and len(running.rows(query)) == 1)
            number = running.rows(query)[0][0]
            stopped: Any = {"chat": ani.chat.info, "draft_id": number}
            with telegram.state.changed:
                telegram.state.update("stopped_message_generation", stopped)
            assert reply(telegram, ani, sent)["text"] == "Dibatalkan."
        telegram.assert_clean()


def test_where_they_are_refused_every_answer_is_plain(tmp_path: Path) -> None:
    with (
        TelegramServer(rich=True) as telegram,
        start(tmp_path / "home", telegram, Hand(), telegram_rich=True),
    ):
        ani = telegram.user("Ani")
        telegram.wait_for(lambda: bool(telegram.called("getUpdates")), 60)
        telegram.state.rich = False
        for _ in range(2):
            assert asked(telegram, ani, TOWER)["text"].startswith("Menara Dahlia")
        assert len(telegram.called("sendRichMessage")) == 1
