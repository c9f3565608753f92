"""The folders that hold the projections, and what is known about each: small files, written whole.

current            names the generation in use
next               names the one that a rebuild is making
<generation>/      chroma/ and lexical/
<generation>.json  its state
gtrial-*/          a copy of a chroma/ while it is being checked
"""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, get_args

from rag.errors import StoreError
from rag.store.soundness import Mark, Record

Name = Literal["lexical", "vectors"]
"""The two indexes."""
NAMES: tuple[Name, ...] = get_args(Name)
"""The names of both indexes."""
Pointer = Literal["current", "next"]
"""The pointers, each a file with the name of a generation."""
_GENERATION = re.compile("g[0-9a-f]{12}")
"""The name of a generation's folder."""


@dataclass(frozen=True, slots=True)
class State:
    """`clean`: it was closed properly, and `files` records the files at that moment. `format`: the format of
    the lexical index's chunks. `checked`: when all files were last read, in seconds since 1970. `archive`:
    the id of the archive that it was made from; None in a state of before that was stored."""

    marks: Mapping[Name, Mark]
    embedder: str | None
    clean: bool
    format: int
    files: Record = field(default_factory=dict)
    checked: float = 0.0
    archive: str | None = None

    def check(self, embedder: str | None, format: int, change: int, archive: str) -> None:
        """Raises StoreError if the generation cannot be brought up to date with the archive of this id, which
        is at this change number and has vectors of this embedder, or if its index has another format."""
        begun = any(mark != Mark() for mark in self.marks.values())
        if begun and self.archive not in (None, archive):
            raise StoreError("it was made from another archive")
        if begun and self.embedder != embedder:
            raise StoreError("its vectors come from another embedder")
        if begun and self.format != format:
            raise StoreError("it was made by another version of Kutip")
        if max(mark.change for mark in self.marks.values()) > change:
            raise StoreError("it is ahead of the archive, which was replaced by an older one")


class Generations:
    """The generations under one folder. Methods raise OSError where it cannot be written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, generation: str) -> Path:
        return self._folder / generation

    def named(self, pointer: Pointer) -> str | None:
        """The generation that a pointer names, None if it is not there; `next` never names the one in use."""
        try:
            name = (self._folder / pointer).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        if not _GENERATION.fullmatch(name) or not self.path(name).is_dir():
            return None
        # A process killed during `use` leaves both pointers at the same generation.
        return None if pointer == "next" and name == self.named("current") else name

    def begin(self, pointer: Pointer) -> str:
        """Makes a new, empty generation, and points to it."""
        name = f"g{uuid.uuid4().hex[:12]}"
        self.path(name).mkdir()
        _replace(self._folder / pointer, name)
        return name

    def use(self, generation: str) -> None:
        """Makes the `next` generation the `current` one."""
        _replace(self._folder / "current", generation)
        (self._folder / "next").unlink(missing_ok=True)

    def forget(self, generation: str) -> None:
        """Deletes a generation."""
        shutil.rmtree(self.path(generation), ignore_errors=True)
        for path in self._folder.glob(f"{generation}.json*"):
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Deletes generations that no pointer names, which a killed process may have left."""
        kept = {self.named("current"), self.named("next")}
        for path in self._folder.glob("g*"):
            if (name := path.name.partition(".")[0]) not in kept:
                self.forget(name)

    def state(self, generation: str, format: int) -> State:
        """The state of a generation; one without a stored state gets `format`."""
        try:
            state = json.loads(self._state(generation).read_text(encoding="utf-8"))
            marks: dict[Name, Mark] = {
                name: Mark(int(state["marks"][name]["change"]), int(state["marks"][name]["key"]))
                for name in NAMES
            }
            return State(
                marks,
                state["embedder"],
                bool(state["clean"]),
                int(state["format"]),
                dict(state["files"]),
                float(state.get("checked", 0.0)),
                state.get("archive"),
            )
        except (OSError, ValueError, KeyError, TypeError):
            # Start from the beginning: applying a chunk twice changes nothing.
            empty = not any(self.path(generation).iterdir())
            return State({name: Mark() for name in NAMES}, None, empty, format)

    def store(self, generation: str, state: State) -> None:
        """Stores the state of a generation."""
        _replace(self._state(generation), json.dumps(asdict(state)))

    def _state(self, generation: str) -> Path:
        return self._folder / f"{generation}.json"


def _replace(path: Path, text: str) -> None:
    """Writes a small file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
