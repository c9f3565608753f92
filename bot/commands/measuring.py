"""`kutip eval` and `kutip bench`: how good and how fast the answers are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.progress import Bar
from bot.settings import Settings
from bot.terminal import ERR, OUT, Json, say, say_json


def evaluate(
    questions: Annotated[
        Path | None, typer.Option(help="Questions as JSON lines (default: the sample questions).")
    ] = None,
    articles: Annotated[
        Path | None, typer.Option(help="Their articles: a file or a folder (default: the samples).")
    ] = None,
    against: Annotated[Path | None, typer.Option(help="An earlier report to compare with.")] = None,
    model: Annotated[
        Path | None, typer.Option(help="A GGUF chat model to evaluate beside the built-in reader.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The report's folder (default: a new one under KUTIP_HOME).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Report how good the answers to known questions are. They are asked in a temporary store."""
    from bot.evaluation.command import evaluate as run
    from bot.evaluation.pages import in_terminal

    with Bar(ERR) as bar:
        report, page, folder = run(
            Settings.read(),
            questions=questions,
            articles=articles,
            against=against,
            model=model,
            out=out,
            progress=bar.step,
        )
    if as_json:
        say_json(report)
        return
    for section in page.sections:
        if section.table is not None:
            say(f"{section.title}\n{in_terminal(section, OUT.width)}\n")
        else:
            say(f"{section.title}: {section.note}\n")
    say(f"report: {folder / 'report.html'}")


def bench(
    sizes: Annotated[
        str, typer.Option(help="Chunks in the store to measure at, smallest first.")
    ] = "1000,10000,100000",
    questions: Annotated[int, typer.Option(min=1, help="How many sample questions to ask.")] = 40,
    home: Annotated[
        Path | None, typer.Option(help="A new folder for the store (default: one that is thrown away).")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A folder for a report with drawings.")] = None,
    as_json: Json = False,
) -> None:
    """Measure how fast this machine adds articles and answers. Shows how that grows with the store."""
    from bot.bench.command import bench as run
    from bot.bench.command import document
    from bot.evaluation.command import write
    from bot.evaluation.pages import in_terminal

    try:
        wanted = [int(size) for size in sizes.split(",")]
    except ValueError:
        wanted = []
    if not wanted or min(wanted) < 1:
        raise typer.BadParameter("--sizes is numbers with commas between, such as 1000,10000")
    with Bar(ERR) as bar:
        report, page = document(run(wanted, questions, home, bar.say))
    if out is not None:
        write(out, report, page)
    if as_json:
        say_json(report)
        return
    say(f"{page.lead}\n\n{in_terminal(page.sections[0], 1_000)}")
    if out is not None:
        say(f"\nreport: {out / 'report.html'}")
