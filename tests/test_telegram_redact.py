"""The bot's token stands in no line that is logged, at whatever level."""

from __future__ import annotations

import io
import logging

import pytest

from bot.telegram.redact import HIDDEN, Redacting

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"


def logged(traces: bool = True) -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(Redacting(TOKEN, traces))
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    log = logging.Logger("tried", logging.DEBUG)
    log.addHandler(handler)
    return log, stream


def test_the_token_is_taken_out_of_messages_arguments_and_traces() -> None:
    log, stream = logged()
    log.debug("GET https://api.telegram.org/bot%s/getMe", TOKEN)
    log.info(f"{TOKEN} is the token")
    try:
        raise ValueError(f"no bot {TOKEN}")
    except ValueError:
        log.exception("trouble with %s", TOKEN, stack_info=True)
    text = stream.getvalue()
    assert TOKEN not in text
    assert text.count(HIDDEN) >= 4
    assert "Traceback" in text


def test_another_bots_token_is_taken_out_too() -> None:
    log, stream = logged()
    log.info("987654321:ABCdefGHIjklMNOpqrSTUvwxYZ0123456789")
    assert stream.getvalue() == f"INFO {HIDDEN}\n"


def test_without_traces_an_error_is_one_line() -> None:
    log, stream = logged(traces=False)
    try:
        raise ValueError(f"no bot {TOKEN}")
    except ValueError:
        log.exception("trouble")
    assert stream.getvalue() == f"ERROR trouble (ValueError: no bot {HIDDEN})\n"


@pytest.mark.parametrize("colon", ["%3A", "%3a", "%253A"])
@pytest.mark.parametrize("token", [TOKEN, "987654321:ABCdefGHIjklMNOpqrSTUvwxYZ0123456789"])
def test_a_token_in_a_files_address_is_taken_out_as_addresses_spell_it(colon: str, token: str) -> None:
    log, stream = logged()
    log.debug("GET https://api.telegram.org/file/bot%s/documents/a.txt", token.replace(":", colon))
    assert token.partition(":")[2] not in stream.getvalue()
    assert stream.getvalue() == f"DEBUG GET https://api.telegram.org/file/bot{HIDDEN}/documents/a.txt\n"


def test_another_bots_token_behind_a_word_is_taken_out() -> None:
    log, stream = logged()
    log.info("POST /bot987654321:ABCdefGHIjklMNOpqrSTUvwxYZ0123456789/getMe")
    assert stream.getvalue() == f"INFO POST /bot{HIDDEN}/getMe\n"


def test_the_second_half_of_the_token_is_taken_out_alone() -> None:
    log, stream = logged()
    log.info("the secret is %s.", TOKEN.partition(":")[2])
    assert stream.getvalue() == f"INFO the secret is {HIDDEN}.\n"


@pytest.mark.parametrize("text", ["12:30", "2026-11-25 19:36:45", "pukul 10:15:00"])
def test_times_are_no_tokens(text: str) -> None:
    log, stream = logged()
    log.info(text)
    assert stream.getvalue() == f"INFO {text}\n"
