"""An installation that neither follows its indexes nor has a chat model: a subclass says what it answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bot.app import App


class NoModels(App):
    """The real archive, and as much of the rest as the bot asks for."""

    def project(self) -> None:
        return

    @property
    def projections(self) -> Any:
        return SimpleNamespace(lag=lambda: 0, whole=True)

    @property
    def writing(self) -> None:
        return None
