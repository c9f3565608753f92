"""Broken GGUFs by the thousand: `python -m lab.broken --count 1000`.

Copies of a tiny chat model, cut short, with bytes, words and metadata changed at random, mostly in the
header, where everything that llama.cpp allocates and loops over is decided. Each is tried as
`rag.writing.probe` tries it, in a fork of a process that has llama.cpp loaded already (starting Python anew
takes longer than the trial); every twentieth through `probe` itself. Counted: how the child ended, and that
there is a line.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import llama_cpp  # noqa: F401  loaded once, before the forks

from rag.errors import ModelError
from rag.writing import probe
from tests.tiny_gguf import write_chat

SECONDS = 60.0


def mutated(whole: bytes, chance: random.Random) -> bytes:
    data = bytearray(whole)
    header = 80_000
    kind = chance.randrange(7)
    if kind == 0:
        return bytes(data[: chance.randrange(len(data))])
    if kind == 1:
        return bytes(data[: chance.randrange(4_000)])
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        place = chance.randrange(3_000 if kind in (2, 3, 4) else header if kind == 5 else len(data) - 8)
        if kind in (2, 5, 6):
            data[place] = chance.randrange(256)
        elif kind == 3:
            value = chance.choice((0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 513, 1 << 20))
            data[place : place + 4] = value.to_bytes(4, "little")
        else:
            value = chance.choice((0, (1 << 64) - 1, 1 << 40, (1 << 63) - 1))
            data[place : place + 8] = value.to_bytes(8, "little")
    return bytes(data)


def tried(path: Path) -> tuple[str, bool]:
    """How the child ended, and whether there is a line that says why not."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 2):
            os.dup2(null, stream)
        sys.argv = ["probe", str(path), "0"]
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            probe.main()
        os.write(write, told.getvalue().encode())
        os._exit(0)
    os.close(write)
    deadline = time.monotonic() + SECONDS
    status = 0
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        time.sleep(0.005)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return "took too long", True
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read()
    if os.WIFSIGNALED(status):
        return f"ended by {signal.Signals(os.WTERMSIG(status)).name}", True
    if os.WEXITSTATUS(status):
        return f"ended with {os.WEXITSTATUS(status)}", True
    row = json.loads(said.decode().rstrip().rpartition("\n")[2])
    return ("usable all the same", True) if row.get("ok") else ("refused", "\n" not in row["error"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance, ends, whole_ends = random.Random(options.seed), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        whole = write_chat(Path(folder) / "whole.gguf", vocabulary=600).read_bytes()
        path = Path(folder) / "broken.gguf"
        for number in range(1, options.count + 1):
            path.write_bytes(mutated(whole, chance))
            end, line = tried(path)
            ends[end] += 1
            assert line, end
            if number % 20 == 0:
                try:
                    probe.probe(path)
                    whole_ends["usable"] += 1
                except ModelError as error:
                    whole_ends["several lines" if "\n" in str(error) else "a line"] += 1
            if number % 100 == 0:
                print(number, dict(ends), "through probe itself:", dict(whole_ends), flush=True)


if __name__ == "__main__":
    main()
