"""Backups while articles come in, then `kill -9`, then a restore elsewhere: `python -m lab.inputs.backup`.

What was acknowledged before a backup began must be in it; what was acknowledged before the kill must be in
the archive; and `kutip doctor` must find nothing wrong in either store.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from bot.app import App
from bot.settings import Settings
from lab.faults.articles import draft, jsonl

ARTICLES, BACKUPS = 2_000, 3


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home, there, file = Path(folder, "home"), Path(folder, "there"), Path(folder, "in.jsonl")
        file.write_text(jsonl([draft(1, number, 1, 5) for number in range(ARTICLES)]), encoding="utf-8")
        kutip = [sys.executable, "-c", "from bot.cli import main; main()"]
        environment = os.environ | {"KUTIP_HOME": str(home), "PYTHONPATH": "."}
        writer = subprocess.Popen(
            [*kutip, "ingest", "--json", str(file)], env=environment, stdout=subprocess.PIPE, text=True
        )
        acknowledged: list[str] = []

        def listen() -> None:
            assert writer.stdout is not None
            for line in writer.stdout:
                acknowledged.append(json.loads(line)["id"])

        listener = threading.Thread(target=listen)
        listener.start()
        app = App(Settings(home=home, _env_file=None))
        before: list[str] = []
        for number in range(BACKUPS):
            while len(acknowledged) < 150 * (number + 1) and writer.poll() is None:
                listener.join(0.05)
            before = list(acknowledged)
            counts = app.backup(Path(folder, f"{number}.db"))
            print(f"backup {number}: {len(before)} acknowledged before it, {counts[0]} in it", flush=True)
            assert counts[0] >= len(before)
        writer.send_signal(signal.SIGKILL)
        status = writer.wait()
        listener.join()
        ids = {article.id for article in app.archive.articles()}
        print(f"killed ({status}): {len(acknowledged)} acknowledged, {len(ids)} in the archive", flush=True)
        assert set(acknowledged) <= ids
        app.close()
        other = App(Settings(home=there, _env_file=None))
        other.restore(Path(folder, f"{BACKUPS - 1}.db"))
        restored = {article.id for article in other.archive.articles()}
        assert set(before) <= restored
        assert other.projections.lexical.keys() == other.projections.vectors.keys()
        other.close()
        print(f"restored: {len(restored)} articles, all {len(before)} acknowledged among them", flush=True)
        for each in (there, home):
            environment["KUTIP_HOME"] = str(each)
            done = subprocess.run(
                [*kutip, "doctor"], env=environment, capture_output=True, text=True, check=False
            )
            states = [line.split()[0] for line in done.stdout.splitlines()]
            print(f"doctor: {len(states)} lines, not ok: {[s for s in states if s != 'ok']}", flush=True)


if __name__ == "__main__":
    main()
