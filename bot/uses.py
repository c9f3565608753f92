"""What a GGUF chat model is used for on this machine: what its trial at `kutip model use` has shown."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.settings import Settings
from rag.errors import KutipError, store_error
from rag.reading.llama import fingerprint
from rag.types import Language


@dataclass(frozen=True, slots=True)
class Uses:
    """Whether a model answers and puts follow-ups anew, and the languages that it translates quotes into."""

    answers: bool = True
    into: tuple[Language, ...] = ("id", "en")
    follow_ups: bool = True

    def __str__(self) -> str:
        names = {"id": "Indonesian", "en": "English"}
        parts = ["answers"] if self.answers else []
        parts += [f"translations into {names[language]}" for language in self.into]
        parts += ["follow-up questions"] if self.follow_ups else []
        return ", ".join(parts) or "nothing"

    @property
    def any(self) -> bool:
        """Whether the model is used at all."""
        return bool(self.answers or self.into or self.follow_ups)


def uses(settings: Settings, model: Path | None) -> Uses:
    """What the trial of this model has shown; everything for one that was not tried.

    What a setting says goes before it: `KUTIP_MODEL_WHEN` for answers, `KUTIP_GLOSS` for translations.
    """
    found, every = Uses(), Uses()
    if model is not None:
        with suppress(KutipError):
            row = _read(settings).get(fingerprint(model), {})
            with suppress(TypeError, KeyError):
                found = Uses(row["answers"], tuple(row["into"]), row["follow_ups"])
    given = settings.model_fields_set
    return Uses(
        every.answers if "model_when" in given else found.answers,
        every.into if "gloss" in given else found.into,
        found.follow_ups,
    )


def keep(settings: Settings, model: Path, found: Uses) -> None:
    """Notes what a model is used for from now on. Raises StoreError."""
    rows = _read(settings) | {fingerprint(model): asdict(found)}
    try:
        settings.home.mkdir(0o700, parents=True, exist_ok=True)
        _place(settings).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        message = f"the trial cannot be kept in {settings.home} ({error.strerror})"
        raise store_error(message, settings.home, cause=error) from error


def _place(settings: Settings) -> Path:
    return settings.home / "trials.json"


def _read(settings: Settings) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        rows = json.loads(_place(settings).read_text(encoding="utf-8"))
        if isinstance(rows, dict):
            return rows
    return {}
