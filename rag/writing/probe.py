"""Can this GGUF be used as a chat model? Tried in a process of its own, which may die of it.

llama.cpp aborts over some broken files, and a model that is too large may bring its process down; so the
child does what is done with the model later: it loads it, and writes a few tokens.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from rag.children import command, environment
from rag.errors import KutipError, ModelError
from rag.reading.llama import fingerprint

SECONDS = 60.0
"""Seconds for a small file; each further gigabyte adds as many."""
_GIGABYTE = 1 << 30
"""Bytes."""
_ADVICE = "download it again, or use another model"
"""What to do about a file that cannot be used."""


def probe(path: Path, context: int | None = None) -> None:
    """Loads the model and lets it write, in a child. Raises ModelError, in one line, where that fails."""
    fingerprint(path)
    size = path.stat().st_size
    seconds = SECONDS * (1 + size / _GIGABYTE)
    try:
        done = subprocess.run(
            command("rag.writing.probe", str(path), str(context or 0)),
            capture_output=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            env=environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{path} had not loaded after {seconds:.0f} seconds", _ADVICE) from error
    last = done.stdout.decode("utf-8", "replace").rstrip().rpartition("\n")[2]
    try:
        said = json.loads(last)
    except ValueError:
        said = {}
    if done.returncode == 0 and said.get("ok"):
        return
    if said.get("error"):
        raise ModelError(str(said["error"]), said.get("advice"))
    raise ModelError(f"{path} is broken: llama.cpp ended over it (status {done.returncode})", _ADVICE)


def main() -> None:
    """The child: prints {"ok": true} or {"error", "advice"}."""
    # No dump of the memory and no debugger's backtrace (which may hang) where llama.cpp aborts.
    os.putenv("GGML_NO_BACKTRACE", "1")
    path, context = Path(sys.argv[1]), int(sys.argv[2]) or None
    try:
        _limit(path)
        _try(path, context)
        said: dict[str, object] = {"ok": True}
    except KutipError as error:
        said = {"error": error.message, "advice": error.advice}
    except MemoryError:
        said = {"error": f"there is not enough memory for {path}", "advice": "use a smaller model"}
    print(json.dumps(said), flush=True)


def _try(path: Path, context: int | None) -> None:
    from rag.deadline import Deadline
    from rag.writing.decoder import ChatModel
    from rag.writing.grammar import LINE
    from rag.writing.writer import Prompt

    model = ChatModel(path, context=context, threads=1)
    for _ in model.write(Prompt("Answer.", "1 + 1?"), LINE, 4, Deadline()):
        pass
    model.close()


def _limit(path: Path) -> None:
    """Refuses a model that cannot fit, and limits the memory of others, if the system can."""
    free = available()
    if free is None:
        return
    size = path.stat().st_size
    from rag.writing.decoder import on_gpu

    if size > free and not on_gpu():
        raise ModelError(
            f"{path} needs {size / _GIGABYTE:.1f} GB of memory and {free / _GIGABYTE:.1f} are free",
            "use a smaller model",
        )
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not on_gpu():
        # The file is mapped, perhaps twice; a broken header may ask for far more than there is.
        resource.setrlimit(resource.RLIMIT_AS, (free + 2 * size + _GIGABYTE,) * 2)


def available() -> int | None:
    """Bytes of memory that a process can still have; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return None


if __name__ == "__main__":
    main()
