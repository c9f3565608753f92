"""The remote engine against llama.cpp's own C++ server: `python -m lab.servers --python VENV/bin/python`.

The package xllamacpp carries that server; install it into an environment of its own and name its Python.
Eight conversations at once: every one is answered, whole, under the grammar; one is cancelled amidst them.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from rag.deadline import Deadline
from rag.errors import Cancelled
from rag.writing.grammar import LINE, citing
from rag.writing.remote import RemoteModel
from rag.writing.writer import Prompt
from tests.tiny_gguf import write_chat

SERVER = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.n_parallel, params.warmup = 8192, 8, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.port = int(sys.argv[2])
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""
AT_ONCE = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="a Python that has xllamacpp")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = write_chat(Path(folder) / "tiny.gguf", vocabulary=1_500)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [options.python, "-c", SERVER, path, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            print("the server listens at", address)
            url = f"{address}/v1"
            probe = RemoteModel(url)
            print("model", probe.name, "context", probe.context, "grammar as", probe._server.grammar)

            def converse(number: int) -> tuple[int, float]:
                model, began = RemoteModel(url), perf_counter()
                said = "".join(
                    model.write(Prompt("Jawablah.", f"Pertanyaan {number}?"), LINE, 48, Deadline(120))
                )
                assert said.strip(), "an empty line"
                assert not {"[", "]", "\n"} & set(said.rstrip("\n")), said
                model.close()
                return len(said), perf_counter() - began

            for number in range(options.rounds):
                with ThreadPoolExecutor(AT_ONCE) as pool:
                    done = list(pool.map(converse, range(number * AT_ONCE, (number + 1) * AT_ONCE)))
                longest = max(seconds for _, seconds in done)
                print(f"{len(done)} conversations at once, the longest {longest:.1f} s", flush=True)
            stop = threading.Event()
            with ThreadPoolExecutor(AT_ONCE) as pool:
                others = [pool.submit(converse, number) for number in range(AT_ONCE - 1)]
                pieces = probe.write(Prompt("a", "b"), citing([1]), 2000, Deadline(stop=stop))
                next(pieces)
                stop.set()
                began = perf_counter()
                try:
                    for _ in pieces:
                        pass
                    raise AssertionError("it was not cancelled")
                except Cancelled:
                    print(
                        f"one cancelled after {perf_counter() - began:.2f} s; the others were answered:",
                        len([other.result() for other in others]),
                    )
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
