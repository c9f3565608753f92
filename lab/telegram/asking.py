"""Questions from many chats, and whether each got its answer, once, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.telegram.running import Question
from tests.telegram_server import TelegramServer, User


@dataclass(slots=True)
class Chat:
    """What one user asked, in order. `since` is the number of the first message of this round."""

    user: User
    asked: list[Question] = field(default_factory=list)
    since: int = 0

    def ask(self, question: Question) -> None:
        sent = self.user.says(question.text)
        if not self.asked:
            self.since = sent["message_id"]
        self.asked.append(question)

    @property
    def answers(self) -> list[Question]:
        """The questions that the bot's messages answer, in the order of the messages that are there now."""
        messages = [each for each in self.user.answers if each["message_id"] >= self.since]
        return [question for each in messages if (question := self._of(each)) is not None]

    def astray(self) -> int:
        """How many answers are replies to another question than theirs."""
        replies = [each for each in self.user.answers if each["message_id"] >= self.since]
        return sum(
            question is not None
            and each.get("reply_to_message", {}).get("text", question.text) != question.text
            for each in replies
            for question in (self._of(each),)
        )

    def _of(self, message: dict[str, Any]) -> Question | None:
        """The question that a message answers: that of the quote which comes first in it."""
        text = message.get("text", "")
        return min(
            (question for question in self.asked if question.quote in text),
            key=lambda question: text.index(question.quote),
            default=None,
        )

    def lost(self) -> int:
        """How many have no answer."""
        answers = self.answers
        return sum(question not in answers for question in self.asked)

    def twice(self) -> int:
        """How many answers there are beyond one a question."""
        return len(self.answers) - (len(self.asked) - self.lost())

    def in_order(self) -> bool:
        """Whether the answers come in the order of the questions; one that comes twice comes at once."""
        answers = self.answers
        once = [each for place, each in enumerate(answers) if place == 0 or each != answers[place - 1]]
        return once == [question for question in self.asked if question in answers]


def chats(server: TelegramServer, count: int) -> list[Chat]:
    """So many users, each in a private chat."""
    return [Chat(server.user(f"Pembaca {number}")) for number in range(count)]


def ask_all(to: Sequence[Chat], questions: Sequence[Question], each: int) -> None:
    """Every chat asks so many questions, all chats at once: the first of each, the second of each, …"""
    for chat in to:
        chat.asked = []
    for place in range(each):
        for number, chat in enumerate(to):
            chat.ask(questions[(number * 3 + place) % len(questions)])


def waiting(of: Sequence[Chat]) -> int:
    """How many questions have no answer yet."""
    return sum(chat.lost() for chat in of)


def misplaced(of: Sequence[Chat]) -> list[str]:
    """What is wrong with the order of the answers and with what they reply to, a line each."""
    problems = []
    if mixed := sum(not chat.in_order() for chat in of):
        problems.append(f"{mixed} chats were answered in another order")
    if astray := sum(chat.astray() for chat in of):
        problems.append(f"{astray} answers were replies to other questions")
    return problems
