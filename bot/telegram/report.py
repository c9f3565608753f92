"""What an editor wants to know each day: what was asked, what in vain, which quotes were wrong."""

from __future__ import annotations

from collections import Counter
from time import time
from typing import Any

from bot.telegram.digest import stored
from bot.telegram.journal import Journal
from bot.telegram.limits import DAY
from bot.telegram.memory import Memory
from bot.telegram.messages import Builder
from bot.telegram.phrases import say
from rag.types import Language

MOST_IN_VAIN, MOST_WRONG = 15, 5
"""Questions without an answer, and wrong quotes, that a report shows."""
LONGEST = 200
"""Characters of a question or a quote in it."""


def report(journal: Journal, memory: Memory, language: Language) -> dict[str, Any]:
    """The report of the last 24 hours, as it is stored until it is shown. It names no user."""
    since = time() - DAY
    # A greeting is answered, and asks nothing.
    answers = [each for each in memory.answers(since) if each.kind != "talk"]
    vain = Counter(" ".join(each.question.split()) for each in answers if each.status == "abstained")
    wrong = journal.wrong_since(since)
    heading = say("report", language)
    text = Builder().add(heading, "bold").add("\n")
    figures = {
        "report_asked": len(answers),
        "report_users": len({user for user, _ in memory.asked(since)}),
        "report_answered": sum(each.status == "answered" for each in answers),
        "report_declined": sum(vain.values()),
        "report_wrong": len(wrong),
    }
    for key, number in figures.items():
        text.add("\n").add(say(key, language, number=number))
    if vain:
        text.add("\n\n").add(say("report_vain", language), "bold")
        for question, number in vain.most_common(MOST_IN_VAIN):
            text.add(f"\n• {question[:LONGEST]}" + (f" ({number}×)" if number > 1 else ""))
        if len(vain) > MOST_IN_VAIN:
            text.add("\n").add(say("and_more", language, number=len(vain) - MOST_IN_VAIN))
    if wrong:
        text.add("\n\n").add(say("report_quotes", language), "bold")
        for question, quote in wrong[:MOST_WRONG]:
            text.add(f"\n• {' '.join(question.split())[:LONGEST]}\n").add(quote[:LONGEST], "blockquote")
    return stored(heading, text.marked(), language)
