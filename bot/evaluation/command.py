"""`kutip eval`, from its options to the files of a report."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import seeds
from bot.app import Report
from bot.demo import ARTICLES
from bot.evaluation.asking import Asked, ask_all
from bot.evaluation.cases import read_cases
from bot.evaluation.figures import read_report
from bot.evaluation.pages import html, markdown
from bot.evaluation.report import Document, as_json, document
from bot.models import READER, check
from bot.settings import Settings
from rag.errors import InputError, store_error

QUESTIONS = Path(seeds.__path__[0]) / "questions.jsonl"
"""The sample questions."""


def evaluate(
    settings: Settings,
    *,
    questions: Path | None,
    articles: Path | None,
    against: Path | None,
    model: Path | None,
    out: Path | None,
    progress: Report,
) -> tuple[dict[str, Any], Document, Path]:
    """The report as JSON and as read, and the folder that it was written to.

    A `model` is compared with the built-in reader alone, unless with an earlier report (`against`). Without
    `out` the folder is a new one under the home's `reports`. Raises InputError for files that cannot be used,
    StoreError where the report cannot be written.
    """
    cases = read_cases(questions or QUESTIONS)
    before = read_report(against) if against else None
    now = datetime.now(UTC)

    def told(asked: Asked) -> dict[str, Any]:
        return as_json(
            asked,
            now.isoformat(timespec="seconds"),
            version("kutip"),
            str(questions or "the sample questions"),
            str(articles or "the sample articles"),
        )

    if model is not None:
        settings = with_model(settings, model)
        if before is None:
            before = told(ask_all(without_model(settings), cases, articles or ARTICLES, progress))
    asked = ask_all(settings, cases, articles or ARTICLES, progress)
    report = told(asked)
    page = document(asked, report, before)
    folder = out or settings.home / "reports" / f"eval-{now:%Y%m%d-%H%M%S}"
    write(folder, report, page)
    return report, page, folder


def with_model(settings: Settings, model: Path) -> Settings:
    """The settings with this GGUF chat model for an engine. Raises ModelError where it cannot be used."""
    if not model.is_file():
        raise InputError(f"there is no model {model}", "check the path")
    # Where a bot would go on with the reader, an evaluation would judge the wrong engine.
    check(settings, model)
    # Nobody waits here: what it says counts, not when it begins.
    patient = {"model_first_seconds": settings.model_seconds}
    return settings.model_copy(update={"model": str(model.resolve()), "model_url": None} | patient)


def without_model(settings: Settings) -> Settings:
    """The settings with the built-in reader alone."""
    return settings.model_copy(update={"model": READER, "model_url": None})


def write(folder: Path, report: dict[str, Any], page: Document) -> None:
    """`report.json`, `report.md` with its PNG plots, and `report.html`. Raises StoreError."""
    text, plots = markdown(page)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(
            json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        (folder / "report.md").write_text(text, encoding="utf-8")
        (folder / "report.html").write_text(html(page), encoding="utf-8")
        for name, content in plots.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        message = f"the report cannot be written to {folder} ({error.strerror})"
        raise store_error(message, folder, cause=error) from error
