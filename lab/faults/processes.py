"""Several processes: python -m lab.faults.processes --minutes 10 [--rounds N] [--seed N]

First one process adds, updates and removes articles, command after command, while another answers: every
article acknowledged by the one is found by the other's next question. Then, for some rounds, two ingest
overlapping sets at the same time, by id and by URL. At last, a lock whose owner was killed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

from tqdm import tqdm

from lab.faults.articles import Draft, draft, jsonl
from lab.faults.checker import State, check
from lab.faults.children import PATIENCE, Child, Ended, kutip, warm
from lab.faults.ledger import Ledger

ARTICLES = (1, 24)
"""Of one ingest beside the answering process."""
SHARED = 120
"""Articles that both ingesting processes get; each gets half as many of its own."""


class Asker:
    """`kutip ask --batch -`, asked through a pipe: it owns the projections as long as it runs."""

    def __init__(self, home: Path, folder: Path) -> None:
        source, self._questions = os.pipe()
        self._child = kutip(home, folder, "ask", "--json", "--batch", "-", stdin=source)
        os.close(source)
        self._answers = (folder / "out").open(encoding="utf-8")
        self.pid = self._child.pid

    def ask(self, question: str) -> dict[str, object]:
        """The answer's JSON. Raises RuntimeError where none comes."""
        os.write(self._questions, (json.dumps({"question": question}) + "\n").encode())
        until, line = monotonic() + PATIENCE, ""
        while monotonic() < until:
            line += self._answers.readline()
            if line.endswith("\n"):
                row: dict[str, object] = json.loads(line)
                return row
            if self._child.wait(0.003) is not None:
                break
        raise RuntimeError(f"no answer came: {self._child.end().err}")

    def end(self) -> Ended:
        """Ends its input, and so itself."""
        os.close(self._questions)
        return self._child.end()

    def kill(self) -> None:
        self._child.kill()
        self._child.end()
        os.close(self._questions)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a part did, in one line, and what went wrong."""

    done: str
    problems: tuple[str, ...]


def beside(folder: Path, seconds: float, seed: int) -> Outcome:
    """One process ingests as long as this, one answers."""
    random, ledger, home = Random(seed), Ledger(seed), folder / "home"
    problems: list[str] = []
    counts: Counter[str] = Counter()
    asker = Asker(home, folder / "asker")
    asker.ask("Siapa yang memimpin?")  # from now on it owns the projections
    began, round_trip = monotonic(), [0.0]
    bar = tqdm(total=round(seconds), unit="s", disable=None)
    while (now := monotonic() - began) < seconds and len(problems) < 5:
        bar.update(min(round(now), bar.total) - bar.n)
        name, child, expected = _change(home, folder, ledger, random)
        seen: set[str] = set()
        ended = None
        while ended is None:
            # Articles are acknowledged a commit at a time: each is asked about while the command goes on.
            ended = child.wait(0.01)
            problems += ledger.acknowledge(child.printed())
            fresh = [each for each in expected if each.id not in seen and not ledger.waits(each.id)]
            seen |= {each.id for each in fresh}
            if fresh:
                chosen = random.choice(fresh)
                before = monotonic()
                cited = _cited(asker.ask(chosen.question))
                round_trip.append(monotonic() - before)
                counts[name] += len(fresh)
                counts["questions"] += 1
                if (chosen.id in cited) == (name == "removed"):
                    problems.append(f"{chosen.id} was {name}, and the next question cites {cited}")
        problems += ended.done(f"kutip ({name})")
    bar.close()
    other = kutip(home, folder / "other", "ask", "--json", "Siapa?").end()
    if other.status != 1 or f"in use by process {asker.pid}" not in other.err or other.err.count("\n") != 1:
        problems.append(f"a second process that asks gets status {other.status}: {other.err.strip()}")
    # Each of what was not asked about yet, while the owner still runs.
    for each in random.sample(ledger.here(), min(50, len(ledger.here()))):
        if each.id not in _cited(asker.ask(each.question)):
            problems.append(f"{each.id} is not found in the end")
    problems += asker.end().done("kutip ask --batch")
    problems += check(home, ledger.allowed(), seed).problems
    number = ", ".join(f"{counts[name]} {name}" for name in ("added", "updated", "removed"))
    slowest = max(round_trip)
    done = f"{number} beside {counts['questions']} next questions; the slowest answer took {slowest:.1f} s"
    return Outcome(done, tuple(problems))


def _change(home: Path, folder: Path, ledger: Ledger, random: Random) -> tuple[str, Child, Sequence[Draft]]:
    """Starts a command that changes the archive: what it does, and to which articles."""
    here = ledger.here()
    kind = random.random()
    if here and kind < 0.2:
        gone = random.choice(here)
        ledger.take(gone.id)
        return "removed", kutip(home, folder / "io", "articles", "remove", gone.id), [gone]
    updated = bool(here) and kind < 0.5
    count = random.randint(*ARTICLES)
    drafts = ledger.changed(random, count) if updated else ledger.new(random, count)
    path = ledger.give(drafts, folder / "articles.jsonl")
    name = "updated" if updated else "added"
    return name, kutip(home, folder / "io", "ingest", "--json", str(path)), drafts


def _cited(answer: dict[str, object]) -> list[str]:
    citations = answer.get("citations")
    return [each["article"] for each in citations] if isinstance(citations, list) else [str(answer)]


def at_once(folder: Path, seed: int) -> Outcome:
    """Two processes ingest overlapping sets at the same time: all there, none twice."""
    random, home = Random(seed), folder / "home"
    made = [draft(seed, number, 1, random.randint(3, 20)) for number in range(2 * SHARED)]
    # An article is known by an id, by its URL, or by either, depending on who brings it. In every other
    # round all are of the last kind and in one order: then nothing but the URL tells that one has come.
    kinds = ("id", "url", "either") if seed % 2 else ("either",)
    forms = [
        [_form(kinds[at % len(kinds)], each, process) for at, each in enumerate(made)]
        for process in ("first", "second")
    ]
    sets = [forms[0][: SHARED + SHARED // 2], [*forms[1][:SHARED], *forms[1][SHARED + SHARED // 2 :]]]
    children = []
    for number, drafts in enumerate(sets):
        if len(kinds) > 1:
            random.shuffle(drafts)
        path = folder / f"set{number}.jsonl"
        path.write_text(jsonl(drafts), encoding="utf-8")
        children.append(kutip(home, folder / f"io{number}", "ingest", "--json", str(path)))
    problems: list[str] = []
    statuses: dict[str, list[str]] = {}
    ids: dict[str, str] = {}
    for child, drafts in zip(children, sets, strict=True):
        ended = child.end()
        problems += ended.done("kutip ingest")
        for each, line in zip(drafts, ended.out.splitlines(), strict=False):
            row = json.loads(line)
            statuses.setdefault(each.marker, []).append(row["status"])
            ids.setdefault(each.marker, row["id"])
    twice = [key for key, found in statuses.items() if found.count("added") != 1]
    if twice:
        problems.append(f"{len(twice)} of {len(statuses)} articles were not added once: {statuses[twice[0]]}")
    allowed = {id: [State(replace(each, id=id), 1)] for each in made if (id := ids.get(each.marker))}
    problems += check(home, allowed, seed).problems
    return Outcome(f"two at once: {len(statuses)} articles, {SHARED} of them in both", tuple(problems))


def _form(kind: str, article: Draft, process: str) -> Draft:
    """The article as one of the two gets it. Without an id of its own it is known by its URL."""
    if kind == "id":
        return article
    url = f"https://berita.example/{article.id}"
    return replace(article, url=url, id=article.id if kind == "either" and process == "first" else url)


def dead_owner(folder: Path, seed: int) -> Outcome:
    """A lock left by a dead process is taken over, without a word."""
    ledger, home, random = Ledger(seed), folder / "home", Random(seed)
    path = ledger.give(ledger.new(random, 30), folder / "articles.jsonl")
    ended = kutip(home, folder / "io", "ingest", "--json", str(path)).end()
    problems = ended.done("kutip ingest") + ledger.acknowledge(ended.out)
    asker = Asker(home, folder / "asker")
    asker.ask("Siapa yang memimpin?")
    asker.kill()
    chosen = random.choice(ledger.here())
    ended = kutip(home, folder / "io", "ask", "--json", chosen.question).end()
    problems += ended.done("kutip ask")
    if ended.err:
        problems.append(f"the user was told: {ended.err.strip()}")
    if not problems and chosen.id not in _cited(json.loads(ended.out)):
        problems.append(f"{chosen.id} is not found")
    problems += check(home, ledger.allowed(), seed).problems
    return Outcome("a dead owner's lock is taken over", tuple(problems))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warm()
    failed = 0
    parts = [dead_owner, *[at_once] * options.rounds]
    for number, part in enumerate([None, *parts]):
        with TemporaryDirectory(prefix="kutip-processes-") as name:
            folder, seed = Path(name), options.seed * 1_000 + number
            outcome = part(folder, seed) if part else beside(folder, options.minutes * 60, seed)
        print(f"{'FAILED' if outcome.problems else 'passed'}  {outcome.done}, seed {seed}", flush=True)
        for problem in outcome.problems[:8]:
            print(f"    {problem}", file=sys.stderr)
        failed += bool(outcome.problems)
    print(f"{failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
