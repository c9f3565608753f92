"""How far a long step has come, on standard error: only on a terminal, only after a few seconds."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0
"""Seconds before the bar appears: most steps are over by then."""


class Bar:
    """A progress bar that appears when it is needed, and lines for the user that do not break it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown = console.is_terminal
        self._progress: Progress | None = None
        self._began: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def say(self, line: str) -> None:
        """Prints one line."""
        self._console.print(line, style="yellow", markup=False, soft_wrap=True)

    def step(self, done: int, total: int | None, what: str = "indexing") -> None:
        """`done` of `total` parts are done (`total` None: not known); the last one ends the bar."""
        if not self._shown:
            return
        self._began = monotonic() if self._began is None else self._began
        if self._progress is None and monotonic() - self._began > PATIENCE:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
                # Standard output that goes to a file is not for the bar to take.
                redirect_stdout=sys.stdout.isatty(),
                redirect_stderr=False,
            )
            self._progress.add_task(what, total=total)
            self._progress.start()
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], completed=done, total=total, description=what)
        if total is not None and done >= total:
            self._end()

    def _end(self) -> None:
        if self._progress is not None:
            self._progress.stop()
        self._progress = self._began = None
