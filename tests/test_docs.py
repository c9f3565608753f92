"""What README and docs/ name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.telegram.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    ROOT / "rag" / "models" / "CARD.md",
    *ROOT.glob("docs/*.md"),
]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
FILE = re.compile(r"(?<![\w/.-])(?:bot|rag|lab|tests|prompts|seeds|docs)/[\w./-]*")
SETTING = re.compile(r"\bKUTIP_[A-Z_]+[A-Z]\b")
RECIPE = re.compile(r"python -m (lab[\w.]*)")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pages
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


@pages
def test_every_file_that_is_named_is_there(page: Path) -> None:
    for named in FILE.findall(page.read_text(encoding="utf-8")):
        # What `make -C lab` writes is there only afterwards.
        assert named.startswith("lab/work") or (ROOT / named.rstrip(".")).exists(), named


@pages
def test_every_setting_that_is_named_can_be_set(page: Path) -> None:
    known = {f"KUTIP_{name.upper()}" for name in Settings.model_fields}
    assert set(SETTING.findall(page.read_text(encoding="utf-8"))) <= known


@pages
def test_every_recipe_that_is_named_can_be_run(page: Path) -> None:
    for named in RECIPE.findall(page.read_text(encoding="utf-8")):
        path = ROOT / named.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), named


def test_the_list_of_telegram_settings_is_whole() -> None:
    page = (ROOT / "docs" / "telegram.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert not name.startswith("telegram_") or f"`KUTIP_{name.upper()}`" in page, name


def test_the_list_of_telegram_commands_is_whole() -> None:
    page = (ROOT / "docs" / "telegram.md").read_text(encoding="utf-8")
    for offer in COMMANDS:
        for name in offer.name.values():
            assert re.search(rf"`/{name}\b", page), name
