from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from importlib.metadata import version

from bot.versions import versions


def test_the_versions_are_told_one_a_line_without_loading_what_they_are_of() -> None:
    code = (
        "import sys; from bot.cli import main; sys.argv = ['kutip', '--version']\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {'chromadb', 'llama_cpp', 'tantivy'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines == [f"{name} {number}" for name, number in versions()]
    assert lines[0] == f"kutip {version('kutip')}"
    assert re.fullmatch(r"llama\.cpp (\d+\.\d+\.\d+ )?\(llama-cpp-python 0\.3\.36\)", lines[1])
    assert lines[2:] == [f"Chroma {version('chromadb')}", f"SQLite {sqlite3.sqlite_version}"]
