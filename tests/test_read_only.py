"""A store on a disk that can only be read: it answers, and says so."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from bot import doctor
from bot.app import App
from bot.settings import Settings
from lab.faults.disk import small_disk
from rag.errors import StoreError

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")


@needs_root
def test_a_store_that_can_only_be_read_answers_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    article = tmp_path / "a.txt"
    article.write_text("Bupati Demak ialah Siti Lestari.", encoding="utf-8")
    with small_disk(tmp_path / "disk", 32) as disk:
        settings = Settings(home=disk / "home", _env_file=None)
        app = App(settings)
        assert [done.status for done in app.ingest([str(article)])] == ["added"]
        app.close()
        before = {path: path.stat().st_mtime_ns for path in disk.rglob("*")}
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        said: list[str] = []
        app = App(settings, say=said.append)
        assert app.ask("Siapa Bupati Demak?").citations[0].quote == "Bupati Demak ialah Siti Lestari."
        assert any("can only be read" in line for line in said)
        article.write_text("Pasar Gede dibuka kembali.", encoding="utf-8")
        with pytest.raises(StoreError, match="readonly"):
            list(app.ingest([str(article)]))
        app.close()
        monkeypatch.setenv("KUTIP_HOME", str(settings.home))
        lines = list(doctor.examine())
        assert not [line for line in lines if line[0] == "broken"]
        assert ("warning", "archive: ") in {(state, what[:9]) for state, what in lines}
        assert {path: path.stat().st_mtime_ns for path in disk.rglob("*")} == before
    assert not list(tmp_path.glob("kutip-*"))
