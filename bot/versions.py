"""The versions of Kutip and of the libraries underneath, found without loading them."""

from __future__ import annotations

import re
import sqlite3
from importlib.metadata import PackageNotFoundError, distribution, version


def versions() -> list[tuple[str, str]]:
    """(name, version) of Kutip, llama.cpp, Chroma and SQLite."""
    return [
        ("kutip", _of("kutip")),
        ("llama.cpp", _llama()),
        ("Chroma", _of("chromadb")),
        ("SQLite", sqlite3.sqlite_version),
    ]


def _llama() -> str:
    """The library's own version, which its file is named after, and that of the package which brings it."""
    package = f"llama-cpp-python {_of('llama-cpp-python')}"
    try:
        files = distribution("llama-cpp-python").files or []
    except PackageNotFoundError:
        return package
    named = (re.fullmatch(r"libllama(?:\.so)?\.(\d+\.\d+\.\d+)(?:\.dylib)?", file.name) for file in files)
    own = next((found[1] for found in named if found), None)
    return f"{own} ({package})" if own else f"({package})"


def _of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
