"""Chat templates, which are programs that come with a stranger's file, rendered in real children."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.deadline import Deadline
from rag.errors import ModelError
from rag.writing import template
from rag.writing.decoder import ChatModel
from rag.writing.grammar import citing
from rag.writing.template import Frame, frame
from rag.writing.writer import Prompt
from tests.tiny_gguf import TEMPLATE, write_chat

LOOP = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"


def test_a_template_is_what_stands_around_the_two_texts() -> None:
    assert frame("{{ bos_token }}" + TEMPLATE, "<s>", "</s>", "m") == Frame(
        "<s><|im_start|>system\n", "<|im_end|>\n<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"
    )


@pytest.mark.parametrize(
    "refusing",
    [
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + TEMPLATE,
        "{% for m in messages if m.role == 'user' %}[{{ m.content }}]{% endfor %}",
    ],
)
def test_a_template_without_a_system_message_takes_both_texts_as_one(refusing: str) -> None:
    assert frame(refusing, "", "", "m").between == "\n\n"


@pytest.mark.parametrize(
    ("endless", "why"),
    [
        (LOOP, "too long"),
        ("{% if strftime_now('%Y') > '2000' %}" + LOOP + "{% endif %}" + TEMPLATE, "too long"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}" + TEMPLATE, "recursion"),
        ("{% set x = 'a' * 9000000000 %}" + TEMPLATE, "memory"),
        ("{% for a in range(99999) %}aaaaaaaaaaaaaaaa{% endfor %}" + TEMPLATE, "too much"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}" + TEMPLATE, "does not take a message"),
        ("{% if %}", "cannot be read"),
        ("{{ messages[0].role }}", "does not take a message"),
        ("{{ messages[1].content }}{{ messages[0].content }}", "does not take a message"),
        ("{{ messages[0].content }}" * 2, "does not take a message"),
        ("(" * 5_000, "does not take a message"),
    ],
)
def test_a_template_that_does_harm_is_one_line(
    endless: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match=why) as error:
        frame(endless, "", "", "m")
    assert "\n" not in str(error.value)


def test_a_template_never_sees_what_is_asked(tmp_path: Path) -> None:
    dated = "{% if '2023' in messages[-1].content %}" + LOOP + "{% endif %}" + TEMPLATE
    model = ChatModel(write_chat(tmp_path / "m.gguf", vocabulary=700, template=dated), threads=1)
    asked = Prompt("Anda menjawab.", "Apa pada 4 September 2023?")
    assert "".join(model.write(asked, citing([1]), 4, Deadline()))
    model.close()


def test_a_template_is_not_rendered_again_for_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ChatModel(write_chat(tmp_path / "m.gguf", vocabulary=700), threads=1)
    monkeypatch.setattr(template.subprocess, "run", lambda *_, **__: pytest.fail("rendered again"))
    assert list(model.write(Prompt("a", "b"), citing([1]), 4, Deadline()))
    model.close()


def test_a_template_runs_without_secrets_and_without_the_working_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUTIP_TELEGRAM_TOKEN", "110201543:AAH")
    Path("rag").mkdir()
    Path("rag/__init__.py").write_text("open('ran', 'w')", encoding="utf-8")
    Path("jinja2.py").write_text("open('ran', 'w')", encoding="utf-8")
    seen = []
    run = template.subprocess.run

    def spied(*words: object, **how: object) -> object:
        seen.append(how["env"])
        return run(*words, **how)  # type: ignore[call-overload]

    monkeypatch.setattr(template.subprocess, "run", spied)
    assert frame(TEMPLATE, "", "", "m")
    assert not Path("ran").exists()
    assert not any(name.startswith("KUTIP_") for name in seen[0])
    assert os.environ["KUTIP_TELEGRAM_TOKEN"]
