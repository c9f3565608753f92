"""The README's picture: `python -m lab.picture` runs the demo for real and draws its terminal."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from rich.console import Console

from bot.app import App
from bot.demo import run
from bot.settings import Settings
from lab.data import ROOT

QUESTIONS = (
    "Siapa Menteri Pertahanan Rusia?",
    "How much rain fell at Bukit Sialang?",
    "How many people were killed in the martial arts brawl in Taiwan?",
)


def main() -> None:
    console = Console(record=True, width=104, file=io.StringIO(), force_terminal=True)
    with tempfile.TemporaryDirectory() as home:
        app = App(Settings(home=Path(home)))
        run(app, console, QUESTIONS)
        app.close()
    console.save_svg(str(ROOT / "lab" / "demo.svg"), title="kutip demo")


if __name__ == "__main__":
    main()
