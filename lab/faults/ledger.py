"""What a store was given and what it acknowledged: the other side of the checker's comparison."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random

from lab.faults.articles import Draft, draft, jsonl
from lab.faults.checker import Allowed, State

SENTENCES = (3, 30)
"""Of an article: one chunk to a dozen."""


class Ledger:
    """The states of a store's articles as far as they are known, and those that an operation may bring.

    A command's lines are its acknowledgements; what it did not come to print may have happened or not.
    """

    def __init__(self, seed: int) -> None:
        self.states: dict[str, State] = {}
        self._pending: dict[str, State] = {}
        self._seed = seed
        self._numbers: dict[str, int] = {}
        self._read = 0

    def new(self, random: Random, count: int) -> list[Draft]:
        """Articles that the store has never seen."""
        first = 1 + max(self._numbers.values(), default=-1)
        return [self._draft(random, number, 1) for number in range(first, first + count)]

    def changed(self, random: Random, count: int) -> list[Draft]:
        """The next versions of articles that it has, removed ones too."""
        ids = random.sample(sorted(self.states), min(count, len(self.states)))
        return [self._draft(random, self._numbers[id], self.states[id].version + 1) for id in ids]

    def here(self) -> list[Draft]:
        """The articles that can be found, by id."""
        return [state.draft for _, state in sorted(self.states.items()) if not state.removed]

    def give(self, drafts: Iterable[Draft], path: Path) -> Path:
        """Writes the articles as `kutip ingest` reads them; they are pending from now on."""
        drafts, self._read = list(drafts), 0
        path.write_text(jsonl(drafts), encoding="utf-8")
        for each in drafts:
            known = self.states.get(each.id)
            self._pending[each.id] = State(each, known.version + 1 if known else 1)
        return path

    def take(self, id: str) -> str:
        """A removal is pending from now on."""
        self._read = 0
        self._pending[id] = State(self.states[id].draft, self.states[id].version, removed=True)
        return id

    def pending(self) -> int:
        """How many articles an operation has not acknowledged yet."""
        return len(self._pending)

    def waits(self, id: str) -> bool:
        """Whether an operation on this article has still to be acknowledged."""
        return id in self._pending

    def acknowledge(self, printed: str) -> list[str]:
        """Takes a command's lines; says what is wrong with them. A line that was cut off is none.

        The same output may come again when there is more of it: what was taken is passed over.
        """
        wrong = []
        whole = printed[: printed.rfind("\n") + 1].splitlines()
        for line in whole[self._read :]:
            if line.startswith("removed "):
                id, fits = line.split()[1], True
            elif line.startswith("{"):
                row = json.loads(line)
                id, state = row["id"], self._pending.get(row["id"])
                fits = state is not None and row["version"] == state.version
                fits = fits and row["status"] in ("added", "updated")
            else:
                continue
            if fits and id in self._pending:
                self.states[id] = self._pending.pop(id)
            else:
                wrong.append(f"an unexpected acknowledgement: {line}")
        self._read = len(whole)
        return wrong

    def allowed(self) -> Allowed:
        """What the checker is to accept."""
        ids = self.states.keys() | self._pending.keys()
        return {
            id: [self.states.get(id), *([self._pending[id]] if id in self._pending else [])] for id in ids
        }

    def settle(self, states: Mapping[str, State]) -> None:
        """Takes what the checker found for what is; nothing is pending any more."""
        self.states = dict(states)
        self._pending = {}

    def copy(self) -> Ledger:
        """Another ledger of the same store, which goes on from here."""
        other = Ledger(self._seed)
        other.states, other._numbers = dict(self.states), dict(self._numbers)
        return other

    def _draft(self, random: Random, number: int, version: int) -> Draft:
        made = draft(self._seed, number, version, random.randint(*SENTENCES))
        self._numbers[made.id] = number
        return made
