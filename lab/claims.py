"""The support gate on claims made from real sentences: `python -m lab.claims` (Done-when of the chat models).

Four hundred claims from sentences of `qa.jsonl.gz` (test part), Indonesian and English alike. Half are
supported: the sentence itself with its numbers and dates written in another way. Half have one thing
changed: a number, a date, an amount of money, a name, or a negation put in. Then English sentences of
`parallel_en_id_dev` as claims on their Indonesian partners. `--part dev` is for trying things out.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.data import parallel, questions
from rag.search.lexicon import Lexicon
from rag.text.calendar import MONTH_NAMES
from rag.text.facts import facts
from rag.text.language import detect
from rag.text.sentences import split
from rag.types import Language
from rag.writing.support import Cited, missing, names

_MONEY = re.compile(
    r"(?:Rp\.?|US\$|\$|€|£)\s?(\d[\d.,]*)"
    r"|(\d[\d.,]*)(?= (?:juta |miliar |million |billion )?(?:rupiah|dolar|dollars?|euro))"
)
_PLAIN = re.compile(r"(?<![\w.,$])(?<!Rp )(?<!Rp)\d{1,3}(?:[.,]\d{3})*(?![\w.,]*\d)")
_NOT: dict[Language, tuple[re.Pattern[str], str]] = {
    "id": (re.compile(r" (adalah|telah|akan|dapat|menjadi|memiliki|merupakan|mengatakan) "), r" tidak \1 "),
    "en": (re.compile(r" (is|was|were|are|has|had|will|can|could) "), r" \1 not "),
}
Change = Callable[[str, Language, random.Random], str | None]


@dataclass(frozen=True, slots=True)
class Case:
    kind: str
    claim: str
    sentence: str
    language: Language


def sentences(part: str) -> list[tuple[str, Language]]:
    """Distinct sentences of the passages of a part, of a sensible length, shuffled."""
    found: dict[str, Language] = {}
    for question in questions():
        if question.part == part and question.source != "squad_xling":
            language: Language = "en" if question.context_language == "en" else "id"
            for each in split(question.context):
                text = question.context[each.start : each.end]
                if (
                    60 <= len(text) <= 260
                    and text[-1] == "."
                    and "[" not in text
                    and detect(text) == language
                ):
                    found[text] = language
    rows = list(found.items())
    random.Random(0).shuffle(rows)
    return rows


def put_otherwise(text: str, language: Language, chance: random.Random) -> str:
    """The same facts, written in another way that is right in this language."""
    own = language == "id"
    words = {"2": ("dua", "two"), "3": ("tiga", "three"), "5": ("lima", "five"), "7": ("tujuh", "seven")}
    for digit, (indonesian, english) in words.items():
        text = re.sub(rf"(?<![\w.,/:-]){digit}(?![\w.,/:-])", indonesian if own else english, text)
    millions = re.compile(rf"(?<![\d.,])(\d{{1,3}}){r'(?:[.]000){2}' if own else '(?:,000){2}'}(?![\d.,])")
    text = millions.sub(r"\1 juta" if own else r"\1 million", text)
    months = MONTH_NAMES[language]
    form = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(months)}) (\d{{4}})")
    if language == "id":
        text = form.sub(lambda m: f"{m[1]}/{months.index(m[2]) + 1}/{m[3]}", text)
    else:
        text = form.sub(lambda m: f"{m[2]} {m[1]}, {m[3]}", text)
    return text


def changed_number(text: str, language: Language, chance: random.Random) -> str | None:
    taken = [(m.start, m.end) for m in facts(text, language) if any(r[0] in "dtm" for r in m.readings)]
    found = [m for m in _PLAIN.finditer(text) if not any(a <= m.start() < b for a, b in taken)]
    if not found:
        return None
    match = chance.choice(found)
    return text[: match.start()] + _other_digits(match[0], chance) + text[match.end() :]


def changed_date(text: str, language: Language, chance: random.Random) -> str | None:
    found = [m for m in facts(text, language) if any(r.startswith("d:") for r in m.readings)]
    if not found:
        return None
    mention = chance.choice(found)
    old = text[mention.start : mention.end]
    months = MONTH_NAMES[language]
    name = next((month for month in months if month in old), None)
    if name is not None and chance.random() < 0.5:
        new = old.replace(name, chance.choice([month for month in months if month != name]))
    else:
        digits = re.findall(r"\d+", old)
        if not digits:
            return None
        digit = chance.choice(digits)
        other = (
            str(int(digit) % 28 + 1) if len(digit) < 4 else str(int(digit) + chance.choice((-3, -1, 1, 2)))
        )
        new = old.replace(digit, other, 1)
    return text[: mention.start] + new + text[mention.end :] if new != old else None


def changed_money(text: str, language: Language, chance: random.Random) -> str | None:
    match = _MONEY.search(text)
    if not match:
        return None
    group = 1 if match[1] else 2
    return text[: match.start(group)] + _other_digits(match[group], chance) + text[match.end(group) :]


def _other_digits(digits: str, chance: random.Random) -> str:
    places = [i for i, c in enumerate(digits) if c.isdigit()]
    place = chance.choice(places)
    other = chance.choice([c for c in "123456789" if c != digits[place]])
    return digits[:place] + other + digits[place + 1 :]


def changed_name(
    pool: Sequence[str], lexicon: Lexicon
) -> Callable[[str, Language, random.Random], str | None]:
    def change(text: str, language: Language, chance: random.Random) -> str | None:
        own = [name for name in names(text, language, lexicon) if len(name) > 3 and name.isalpha()]
        if not own:
            return None
        name, other = chance.choice(own), chance.choice(pool)
        return re.sub(rf"\b{name}\b", other, text) if other not in text else None

    return change


def negated(text: str, language: Language, chance: random.Random) -> str | None:
    form, put = _NOT[language]
    return form.sub(put, text, count=1) if form.search(text) else None


def cases(part: str, lexicon: Lexicon) -> list[Case]:
    rows, chance = sentences(part), random.Random(1)
    pool = sorted(
        {
            name
            for text, language in rows[:3000]
            for name in names(text, language, lexicon)
            if len(name) > 4 and name.isalpha() and text.index(name) > 0
        }
    )
    found: list[Case] = []
    kinds: list[tuple[str, int, Change]] = [
        ("number", 50, changed_number),
        ("date", 50, changed_date),
        ("money", 25, changed_money),
        ("name", 50, changed_name(pool, lexicon)),
        ("negation", 25, negated),
        ("supported", 200, put_otherwise),
    ]
    used: set[str] = set()
    for kind, count, change in kinds:
        for language in ("en", "id"):
            wanted = count // 2 if language == "en" else count - sum(c.kind == kind for c in found)
            for text, own in rows:
                if wanted <= 0:
                    break
                if (
                    own != language
                    or text in used
                    or (kind == "supported" and not any(map(str.isdigit, text)))
                ):
                    continue
                claim = change(text, own, chance)
                if claim is not None and (claim != text or kind == "supported"):
                    found.append(Case(kind, claim, text, own))
                    used.add(text)
                    wanted -= 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", default="test", choices=("dev", "test"))
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    options = parser.parse_args()
    lexicon = Lexicon.load()
    results: dict[tuple[str, str], list[bool]] = {}
    for case in cases(options.part, lexicon):
        what = missing(case.claim, case.language, [Cited(case.sentence, case.language)], lexicon)
        results.setdefault((case.kind, case.language), []).append(what is not None)
        if options.show and (what is None) == (case.kind != "supported"):
            print(case.kind, case.language, what, "|", case.claim, "|", case.sentence)
    for kind in dict.fromkeys(kind for kind, _ in results):
        both = {language: results.get((kind, language), []) for language in ("id", "en")}
        total = both["id"] + both["en"]
        by = ", ".join(f"{code} {sum(rows)} of {len(rows)}" for code, rows in both.items())
        print(f"{kind}: dropped {sum(total)} of {len(total)} ({sum(total) / len(total):.1%}; {by})")
    if options.part == "test":
        sources: dict[str, list[bool]] = {}
        for source, english, indonesian in parallel("parallel_en_id_dev"):
            cited = [Cited(indonesian, "id")]
            sources.setdefault(source, []).append(missing(english, "en", cited, lexicon) is not None)
        every = [each for rows in sources.values() for each in rows]
        by = ", ".join(f"{name} {sum(rows)} of {len(rows)}" for name, rows in sources.items())
        print(f"English claims on their Indonesian partners: dropped {sum(every) / len(every):.1%} ({by})")


if __name__ == "__main__":
    main()
