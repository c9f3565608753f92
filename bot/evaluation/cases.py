"""Questions to evaluate with, as JSON lines.

    {"id", "question", "language"?, "answers"?, "gold"?, "wrong"?, "history"?,
     "kind"?, "facts"?, "need"?, "says"?, "full"?}

`gold` and `wrong` are lists of {"article", "quote"}: sentences that answer, and sentences that a reader of an
answer has marked as wrong. An empty `gold` says that no article answers, so that declining is right; a `gold`
that is left out says that nobody knows yet, which is what feedback stores. `answers` are the texts that a
short answer may be; `history` is earlier turns, {"question", "answer"}. Other keys are ignored, in quotes
too, so that a citation from the feedback can be put into `wrong` unchanged.

A question that asks for more than one sentence has `facts`: a list with, for each fact, the list of the
{"article", "quote"} sentences that state it. `need` of the facts make an answer complete (default: all).
An empty `facts` says that no article answers. Where `gold` is left out, it is every sentence of every fact.
`kind` names the group in which the question is reported, `says` is the right "yes" or "no", and `full` is
the same question in full spelling, which is asked as well.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rag.errors import InputError
from rag.load import lines
from rag.types import Language, Turn


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of an article, by its text."""

    article: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what is known about its answer; None means not known."""

    id: str
    question: str
    language: Language | None = None
    answers: tuple[str, ...] = ()
    gold: tuple[Quote, ...] | None = None
    wrong: tuple[Quote, ...] = ()
    history: tuple[Turn, ...] = ()
    kind: str | None = None
    facts: tuple[tuple[Quote, ...], ...] | None = None
    need: int = 0
    says: Literal["yes", "no"] | None = None
    full: str | None = None


def read_cases(path: Path) -> list[Case]:
    """The file's cases. Raises InputError, with the line's number, for one that cannot be used."""
    cases: list[Case] = []
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(lines(stream), start=1):
                if line is None:
                    raise InputError(f"{path}:{number}: the line is too long")
                if line.strip():
                    cases.append(_case(line, f"{path}:{number}", f"q{number}"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "check the path") from error
    if not cases:
        raise InputError(f"{path} has no questions")
    ids = [case.id for case in cases]
    if twice := sorted({id for id in ids if ids.count(id) > 1}):
        raise InputError(f"{path}: the id {twice[0]} is there twice", "give each question its own")
    return cases


def _case(line: bytes, place: str, id: str) -> Case:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: the line is not JSON ({error})") from error
    return read_case(row, place, id)


def read_case(row: object, place: str, id: str) -> Case:
    """One case from its JSON. `place` names it in messages, `id` is its id where it has none of its own.

    Raises InputError for one that cannot be used.
    """
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        raise InputError(f"{place}: `question` is missing or not text")
    language = row.get("language")
    if language not in (None, "id", "en"):
        raise InputError(f"{place}: `language` is {language!r}", 'it is "id", "en" or left out')
    says = row.get("says")
    if says not in (None, "yes", "no"):
        raise InputError(f"{place}: `says` is {says!r}", 'it is "yes", "no" or left out')
    facts = _facts(row, place)
    gold = None if row.get("gold") is None else _quotes(row, "gold", place)
    if gold is None and facts is not None:
        gold = tuple(dict.fromkeys(quote for fact in facts for quote in fact))
    return Case(
        id=id if row.get("id") is None else str(row["id"]),
        question=row["question"],
        language=language,
        answers=tuple(_list(row, "answers", str, place)),
        gold=gold,
        wrong=_quotes(row, "wrong", place),
        history=tuple(
            Turn(str(turn.get("question", "")), str(turn.get("answer") or ""))
            for turn in _list(row, "history", dict, place)
        ),
        kind=_text(row, "kind", place),
        facts=facts,
        need=_need(row, len(facts or ()), place),
        says=says,
        full=_text(row, "full", place),
    )


def _facts(row: dict[str, Any], place: str) -> tuple[tuple[Quote, ...], ...] | None:
    if row.get("facts") is None:
        return None
    facts = tuple(_quotes({"facts": fact}, "facts", place) for fact in _list(row, "facts", list, place))
    if not all(facts):
        raise InputError(f"{place}: a fact has no sentence that states it")
    return facts


def _need(row: dict[str, Any], most: int, place: str) -> int:
    need = row.get("need")
    if need is None:
        return most
    if not isinstance(need, int) or not min(1, most) <= need <= most:
        raise InputError(f"{place}: `need` is {need!r}", f"there are {most} facts")
    return need


def _text(row: dict[str, Any], name: str, place: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{place}: `{name}` is not text")
    return value or None


def _quotes(row: dict[str, Any], name: str, place: str) -> tuple[Quote, ...]:
    quotes = []
    for each in _list(row, name, dict, place):
        if not (isinstance(each.get("article"), str) and isinstance(each.get("quote"), str)):
            raise InputError(f'{place}: `{name}` is not a list of {{"article", "quote"}}')
        quotes.append(Quote(each["article"], each["quote"]))
    return tuple(quotes)


def _list(row: dict[str, Any], name: str, kind: type, place: str) -> list[Any]:
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, kind) for each in value):
        raise InputError(f"{place}: `{name}` is not a list of what it should be")
    return value
