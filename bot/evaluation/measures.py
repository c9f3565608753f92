"""The measures of an answer, one by one. Pure.

A citation is right if it is a gold sentence: of the same article, and either text holds the other, since
not everybody ends a sentence at the same place. Precision and recall of citations follow ALCE (Gao et al.,
"Enabling Large Language Models to Generate Text with Citations", EMNLP 2023), with the gold sentences in
place of its entailment model: a claim is supported if one of its citations is right, and a citation counts
if it is right itself.

Where a case lists the facts that it asks for, a sentence belongs to the answer if it states one of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from bot.evaluation.cases import Case, Quote
from bot.evaluation.short import exact_match, f1
from rag.types import Answer, Citation


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure between 0 and 1. `lower`: a lower one is better. `by_sentence`: a case weighs as much as it
    has citations, so that the mean is a share of sentences."""

    name: str
    label: str
    what: str
    lower: bool = False
    by_sentence: bool = False


MEASURES = (
    Measure("quotes_exact", "quotes exact", "citations whose quote is the article's text at its place"),
    Measure("first_right", "first citation right", "questions with an answer; also as related reading"),
    Measure("any_right", "any citation right", "the same, for any of the citations shown"),
    Measure("right_answer", "answered rightly", "shown as the answer, and the first citation right"),
    Measure("wrong_answer", "answered wrongly", "shown as the answer, and the first citation wrong", True),
    Measure("claim_recall", "claims supported", "ALCE's citation recall; of answers only"),
    Measure("claim_precision", "citations in support", "ALCE's citation precision; of answers only"),
    Measure("exact_match", "short answer, exact", "questions whose answers are given; declining is 0"),
    Measure("f1", "short answer, F1", "the same, by words in common"),
    Measure("declined_rightly", "declined, rightly", "questions that no article answers"),
    Measure("declined_wrongly", "declined, wrongly", "questions that have an answer", True),
    Measure("language", "language right", "the bot spoke the question's language"),
    Measure("complete", "complete", "answered, and as many facts cited as the question needs"),
    Measure(
        "belonging", "cited sentences that belong", "sentences of answers that state a fact", False, True
    ),
    Measure("no_fact", "answered without a fact", "answered, and no cited sentence states a fact", True),
    Measure("says_right", "yes or no, right", "the short answer is the right one of yes and no"),
    Measure("says_wrong", "yes or no, the opposite", "the short answer is the wrong one of the two", True),
    Measure("full_first_right", "in full: first right", "first citation right for the full spelling"),
    Measure("full_complete", "in full: complete", "complete for the full spelling"),
    Measure("wrong_again", "wrong quote again", "cited again what a reader had marked as wrong", True),
)
"""All measures, in the order in which a report shows them."""


_SAID = {"ya": "yes", "yes": "yes", "tidak": "no", "no": "no"}
"""What a short answer of yes or no says."""


def measured(
    case: Case,
    answer: Answer | None,
    texts: Mapping[tuple[str, int], str],
    in_full: Answer | None = None,
) -> dict[str, float]:
    """The measures that this case has.

    `texts`: article and version to its text; `answer` None: it failed; `in_full`: what `case.full` got.
    """
    citations = answer.citations if answer else ()
    answered = answer is not None and answer.status == "answered"
    figures: dict[str, float] = {}
    if citations:
        figures["quotes_exact"] = mean(
            texts.get((c.article, c.version), "")[c.start : c.end] == c.quote != "" for c in citations
        )
    right = [is_one_of(citation, case.gold or ()) for citation in citations]
    if case.gold:
        first = bool(right and right[0])
        figures |= {
            "first_right": first,
            "any_right": any(right),
            "right_answer": answered and first,
            "wrong_answer": answered and not first,
            "declined_wrongly": not answered,
        }
    elif case.gold is not None:
        figures["declined_rightly"] = answer is not None and not answered
    if answer is not None and answered and case.gold is not None:
        figures |= _claims(answer, right)
    if case.facts is not None:
        figures |= _by_facts(case, answer)
        if case.full is not None:
            again = in_full.citations if in_full else ()
            figures["full_first_right"] = bool(again) and is_one_of(again[0], case.gold or ())
            figures["full_complete"] = _complete(case, in_full)
    if case.says is not None:
        said = _SAID.get(plain(answer.short or "").lower()) if answer else None
        figures |= {"says_right": said == case.says, "says_wrong": said not in (None, case.says)}
    if case.answers:
        said = (answer.short or " ".join(claim.text for claim in answer.claims)) if answer else ""
        figures |= {"exact_match": exact_match(said, case.answers), "f1": f1(said, case.answers)}
    if case.language is not None:
        figures["language"] = answer is not None and answer.language == case.language
    if case.wrong:
        figures["wrong_again"] = any(is_one_of(citation, case.wrong) for citation in citations)
    return {name: float(value) for name, value in figures.items()}


def stated(citations: Sequence[Citation], facts: Sequence[Sequence[Quote]]) -> list[bool]:
    """For each fact, whether one of the citations states it."""
    return [any(is_one_of(citation, fact) for citation in citations) for fact in facts]


def _complete(case: Case, answer: Answer | None) -> bool:
    if answer is None or answer.status != "answered":
        return False
    return sum(stated(answer.citations, case.facts or ())) >= case.need


def _by_facts(case: Case, answer: Answer | None) -> dict[str, float]:
    if answer is None or answer.status != "answered":
        return {"no_fact": 0.0} | ({"complete": 0.0} if case.facts else {})
    belong = [any(is_one_of(citation, fact) for fact in case.facts or ()) for citation in answer.citations]
    figures = {"no_fact": float(not any(belong))}
    if case.facts:
        figures["complete"] = _complete(case, answer)
        if belong:
            figures["belonging"] = mean(belong)
    return figures


def is_one_of(citation: Citation, quotes: Sequence[Quote]) -> bool:
    """Whether it is one of these sentences."""
    said = plain(citation.quote)
    return any(
        quote.article == citation.article and bool(said) and (said in (it := plain(quote.text)) or it in said)
        for quote in quotes
        if quote.text.strip()
    )


def plain(text: str) -> str:
    """The text with every stretch of white space as one space."""
    return " ".join(text.split())


def _claims(answer: Answer, right: Sequence[bool]) -> dict[str, float]:
    holds = {citation.number: ok for citation, ok in zip(answer.citations, right, strict=True)}
    cited = [[holds.get(number, False) for number in claim.citations] for claim in answer.claims]
    each = [ok for claim in cited for ok in claim]
    return {
        "claim_recall": mean(any(claim) for claim in cited) if cited else 0.0,
        "claim_precision": mean(each) if each else 0.0,
    }


_WORDS = (
    ("when", r"kapan\w*|(?:pukul|jam|tahun|tanggal|hari) (?:berapa|apa)|when|what (?:year|time|date|day)"),
    ("how many", r"berapa\w*|how (?:many|much|long|old|far|often|high|big|large|tall|deep|fast)"),
    ("who", r"siapa\w*|who|whom|whose"),
    ("where", r"(?:di|ke|dari) ?mana\w*|where"),
    ("which", r"mana(?:kah)?|which"),
    ("why", r"mengapa\w*|kenapa\w*|why"),
    ("how", r"bagaimana\w*|how"),
    ("what", r"apa(?:kah)?|what"),
)
QUESTION_WORDS = tuple(name for name, _ in _WORDS)
"""The groups by question word."""
_ASKING = re.compile(
    "|".join(rf"(?P<_{place}>\b(?:{form})\b)" for place, (_, form) in enumerate(_WORDS)), re.I
)


def question_word(question: str) -> str:
    """What kind of thing is asked for, by the first question word in either language; else `other`."""
    match = _ASKING.search(question)
    return _WORDS[int((match.lastgroup or "_")[1:])][0] if match else "other"
