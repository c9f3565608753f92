"""The layers of the design, held by walking the code."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted([*ROOT.glob("rag/**/*.py"), *ROOT.glob("bot/**/*.py")])

ONLY_IN = {
    "chromadb": "rag/store/vectors.py",
    "chromadb_rust_bindings": "rag/store/vectors.py",
    "llama_cpp": ("rag/reading/llama.py", "rag/writing/template.py"),
    "tantivy": "rag/store/lexical.py",
    "sqlite3": (
        "rag/store/connection.py",
        "rag/store/database/sqlite.py",
        "rag/store/schema.py",
        "rag/store/backup.py",
        "bot/versions.py",
    ),
    "psycopg": "rag/store/database/postgres.py",
    "trafilatura": "rag/load/page.py",
    "feedparser": "rag/load/feed.py",
    "pypdf": ("rag/load/documents/pdf.py", "rag/load/documents/drawn.py"),
    "httpcore": "rag/load/fetch.py",
    "pydantic_settings": "bot/settings.py",
}

# What a room may import besides itself and the modules that everything knows.
BELOW = {
    "text": (),
    "cutting": ("text",),
    "search": ("text",),
    "store": ("text", "search"),
    "asking": ("text", "search", "store"),
    "reading": ("text", "search", "store", "asking"),
    "writing": ("text", "search", "store", "asking", "reading"),
    "load": ("text", "cutting", "store"),
}
KNOWN = ("types", "errors", "deadline", "children")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            yield node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    for name in imports(path):
        top = name.split(".")[0]
        assert top not in ("lab", "tests"), f"{place} imports {name}"
        assert not (place.startswith("rag/") and top == "bot"), f"{place} imports {name}"
        assert place in ONLY_IN.get(top, place), f"{place} imports {name}"


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("rag/**/*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_rooms_import_only_what_lies_below_them(path: Path) -> None:
    place = path.relative_to(ROOT / "rag")
    room = place.parts[0] if len(place.parts) > 1 else None
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "rag" or len(parts) < 2:
            continue
        if room is None:
            known = place.stem in KNOWN or place.stem == "__init__"
            assert not known or parts[1] in KNOWN, f"{place} imports {name}"
        else:
            assert parts[1] in (room, *KNOWN, *BELOW[room]), f"{place} imports {name}"


def test_no_room_has_too_many_modules_and_no_module_or_function_is_too_long() -> None:
    for folder in ROOT.glob("rag/**/"):
        assert len([p for p in folder.glob("*.py") if p.name != "__init__.py"]) <= 16, folder
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path}:{node.lineno} {node.name}"


def test_no_modules_import_each_other() -> None:
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in MODULES}
    graph = {name: {each for each in imports(path) if each in names} for name, path in names.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for each in graph[name]:
                visit(each, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


# `children` reads no setting: it keeps settings from the processes that it starts.
@pytest.mark.parametrize(
    "path",
    [p for p in MODULES if p.name not in ("settings.py", "children.py", "cores.py")],
    ids=lambda path: path.name,
)
def test_only_settings_reads_the_environment(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")), path


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_there_is_no_work_at_import_time(path: Path) -> None:
    """Top-level statements define; none opens, reads or connects."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        assert not isinstance(node, (ast.For, ast.While, ast.With, ast.Try)), f"{path}:{node.lineno}"


def test_weights_are_read_without_running_what_a_file_says() -> None:
    """A file of torch's is a pickle, which may hold any code; only `weights_only` keeps that from running."""
    for path in ROOT.glob("lab/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "torch.load",
                "load_from_checkpoint",
            ):
                asked = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert asked.get("weights_only") == "True", f"{path}:{node.lineno}"


def test_what_a_question_does_not_need_is_not_imported(tmp_path: Path) -> None:
    """Each of these takes a good part of the time that `kutip ask` has to start."""
    unneeded = [
        "chromadb",
        "httpx",
        "markdown_it",
        "psycopg",
        "rag.cutting",
        "rag.load",
        "rich.progress",
        "trafilatura",
        "yaml",
    ]
    asked = (
        "import sys; from bot.entry import main; sys.argv[1:] = ['ask', 'Siapa bupatinya?']\n"
        "try: main()\n"
        "finally: print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        capture_output=True,
        check=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"KUTIP_HOME": str(tmp_path)},
    )
    assert not set(unneeded) & set(done.stdout.split())
