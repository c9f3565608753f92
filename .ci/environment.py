"""Fills `.venv` with what requirements.lock names; `make` calls it, with the environment's own Python.

llama-cpp-python is published as source only and takes minutes to compile. So it is compiled while the rest is
being installed, with `light.cmake` beside this file, and the wheel is kept in the user's cache: the next
clone, or the next environment here, takes it from there. A wheel that lies in `wheels/` goes before both.

Only the standard library is used, as nothing else is there yet.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
LLAMA = "llama-cpp-python"
TOOLS = ("cmake", "ninja", "scikit-build-core", "packaging", "pathspec")
"""What compiling it needs, dependencies and all."""
BUILD_ONLY = ("cmake", "ninja", "scikit-build-core")
FLAGS = ("CMAKE_ARGS", "CC", "CXX", "CFLAGS", "CXXFLAGS")
"""The variables that change what is compiled."""
LOOK = 0.5
"""Seconds between two looks at how far the compiler is."""
QUIET = 30.0
"""Seconds between two lines about it where there is no terminal."""


class Failed(Exception):
    """One line, and what to do."""


def blocks(lock: str) -> dict[str, str]:
    """The lines of a requirements file with hashes, by the name of the package."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.splitlines(keepends=True):
        if head := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", line):
            name = head[1].lower()
        if name and line.strip():
            found[name] = found.get(name, "") + line
    return found


def version(block: str) -> str:
    """The version that a block of the lock names."""
    return re.split(r"[\s;\\]", block.partition("==")[2], maxsplit=1)[0]


def key(block: str, recipe: str, environment: Mapping[str, str], processor: str) -> str:
    """What a compiled wheel depends on, in 16 letters: its source, the recipe, the flags and the machine."""
    flags = [environment.get(name, "") for name in FLAGS]
    machine = [sys.platform, platform.machine(), *platform.libc_ver(), processor]
    return hashlib.sha256(repr([block, recipe, flags, machine]).encode()).hexdigest()[:16]


def processor() -> str:
    """The instructions of this machine's processor: the kernels are compiled for them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), platform.processor())


def cache() -> Path:
    """The user's folder for compiled wheels."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kutip" / "wheels"


def wheel_in(folder: Path, wanted: str) -> Path | None:
    """A wheel of llama-cpp-python of this version in a folder; the last by name where there are several."""
    found = sorted(folder.glob(f"llama_cpp_python-{wanted}-*.whl")) if folder.is_dir() else []
    return found[-1] if found else None


def far(line: str) -> tuple[int, int] | None:
    """How many of how many files are compiled, where a line of ninja's says so."""
    said = re.match(r"\s*\[(\d+)/(\d+)\] ", line)
    return (int(said[1]), int(said[2])) if said else None


class Compiling:
    """llama-cpp-python being compiled in the background. `work` is a folder for its files and its log."""

    def __init__(self, requirement: Path, tools: Path, work: Path) -> None:
        if not (os.environ.get("CXX") or any(map(shutil.which, ("c++", "g++", "clang++")))):
            raise Failed(
                "there is no C++ compiler here: install one (Debian, Ubuntu: build-essential), or put a "
                f"wheel of {requirement.read_text().split()[0]} into wheels/; its maintainers publish some"
            )
        self.log, self.wheels = work / "compiling.log", work / "compiled"
        self._began = self._said = time.monotonic()
        # Quoted as for a shell, as these arguments are taken apart: a folder may have a space in its name.
        include = shlex.quote(f"-DCMAKE_PROJECT_llama_cpp_INCLUDE={ROOT / '.ci' / 'light.cmake'}")
        environment = {
            **os.environ,
            "CMAKE_ARGS": f"{os.environ.get('CMAKE_ARGS', '')} {include}".strip(),
            "PATH": os.pathsep.join([str(tools / "bin"), os.environ.get("PATH", "")]),
            "PYTHONPATH": str(tools),
        }
        command = [sys.executable, "-m", "pip", "wheel", "--verbose", "--disable-pip-version-check"]
        command += ["--no-deps", "--no-build-isolation", "--no-binary", LLAMA, "--require-hashes"]
        command += ["--requirement", str(requirement), "--wheel-dir", str(self.wheels)]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)

    def wheel(self) -> Path:
        """Waits, showing how far it is; the wheel. Raises Failed."""
        while self._process.poll() is None:
            time.sleep(LOOK)
            self._show()
        if sys.stdout.isatty():
            print("\r\033[K", end="", flush=True)
        found = sorted(self.wheels.glob("*.whl")) if self.wheels.is_dir() else []
        if self._process.returncode or not found:
            last = "".join(self.log.read_text("utf-8", "replace").splitlines(keepends=True)[-15:])
            raise Failed(f"{last}\nllama-cpp-python could not be compiled: {self.log} says why")
        return found[0]

    def stop(self) -> None:
        """Ends it, if it still runs."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()

    def _show(self) -> None:
        lines = self.log.read_text("utf-8", "replace").splitlines()
        last = next(filter(None, map(far, reversed(lines))), None)
        took = f"{time.monotonic() - self._began:.0f} s"
        line = (
            f"compiling llama.cpp: {last[0]} of {last[1]} files, {took}" if last else f"fetching it, {took}"
        )
        if sys.stdout.isatty():
            print(f"\r\033[K{line}", end="", flush=True)
        elif time.monotonic() - self._said >= QUIET:
            print(line, flush=True)
            self._said = time.monotonic()


def run(*command: str | Path) -> None:
    """Runs a command that says for itself what is wrong. Raises Failed where it fails."""
    done = subprocess.run([str(word) for word in command], check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Failed("the environment is not whole; what went wrong stands above")


def works() -> bool:
    """Whether llama.cpp can be loaded here."""
    start = [sys.executable, "-c", "import llama_cpp; llama_cpp.llama_backend_init()"]
    return subprocess.run(start, capture_output=True, check=False).returncode == 0


def ready(wanted: str) -> bool:
    """Whether this version is installed already, and works."""
    ask = [sys.executable, "-c", f"from importlib.metadata import version; print(version({LLAMA!r}))"]
    done = subprocess.run(ask, capture_output=True, text=True, check=False)
    return done.stdout.strip() == wanted and works()


class Environment:
    """The environment whose Python runs this. `use`: only what using Kutip needs, and no tools."""

    def __init__(self, use: bool, work: Path) -> None:
        self._use, self._work = use, work
        self._blocks = blocks(LOCK.read_text(encoding="utf-8"))
        uv = Path(sys.executable).parent / "uv"
        self._install = (uv, "pip", "install", "--quiet", "--python", sys.executable)

    def fill(self) -> None:
        """Installs everything. Raises Failed."""
        uv = self._file("uv.txt", ("uv",))
        pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
        run(*pip, "install", "--require-hashes", "--requirement", uv)
        wanted = version(self._blocks[LLAMA])
        given = wheel_in(ROOT / "wheels", wanted)
        kept = cache() / key(
            self._blocks[LLAMA],
            (ROOT / ".ci" / "light.cmake").read_text(encoding="utf-8"),
            os.environ,
            processor(),
        )
        if ready(wanted):
            self._rest()
        elif (wheel := given or wheel_in(kept, wanted)) is not None:
            print(f"llama-cpp-python: {wheel}", flush=True)
            self._rest()
            run(*self._install, "--no-deps", wheel)
            if not works():
                if wheel != given:
                    shutil.rmtree(kept)
                raise Failed(f"{wheel} does not work on this machine: take it away, and run this again")
        else:
            self._compile(kept)
        self._kutip()

    def _compile(self, kept: Path) -> None:
        print(
            "Setting up Kutip in .venv. One step is slow: llama-cpp-python, which runs the models, is\n"
            "compiled from its C++ source. On two cores that takes about two minutes, once: it is kept.",
            flush=True,
        )
        tools = self._work / "tools"
        run(
            *self._install,
            "--require-hashes",
            "--no-deps",
            "--target",
            tools,
            *self._named("tools.txt", TOOLS),
        )
        compiling = Compiling(self._file("llama.txt", (LLAMA,)), tools, self._work)
        try:
            self._rest()
            wheel = compiling.wheel()
        finally:
            compiling.stop()
        run(*self._install, "--no-deps", wheel)
        if not works():
            raise Failed(f"llama-cpp-python was compiled and cannot be loaded: {compiling.log} may say why")
        try:
            kept.mkdir(parents=True, exist_ok=True)
            # Under another name until it is whole: another clone may be looking.
            with tempfile.TemporaryDirectory(dir=kept) as folder:
                os.replace(shutil.copy(wheel, folder), kept / wheel.name)
        except OSError as error:
            print(f"the wheel could not be kept for the next time ({error.strerror})", file=sys.stderr)

    def _rest(self) -> None:
        names = self._needed() if self._use else [name for name in self._blocks if name not in BUILD_ONLY]
        listed = self._named("rest.txt", [name for name in names if name != LLAMA])
        run(*self._install, "--require-hashes", "--no-deps", "--build-constraints", LOCK, *listed)

    def _needed(self) -> list[str]:
        """The packages that using Kutip takes, as uv finds them from pyproject.toml and the lock."""
        dry = [word for word in self._install if word != "--quiet"]
        dry += ["--dry-run", "--constraints", LOCK, ROOT]
        done = subprocess.run([str(word) for word in dry], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(done.stderr)
        found = re.findall(r"^ \+ ([a-z0-9-]+)==", done.stderr, re.MULTILINE)
        return [name for name in found if name in self._blocks]

    def _kutip(self) -> None:
        if self._use:
            run(*self._install, "--no-deps", "--build-constraints", LOCK, ROOT)
        else:
            run(*self._install, "--no-deps", "--no-build-isolation", "--editable", ROOT)

    def _named(self, file: str, names: Sequence[str]) -> tuple[str, Path]:
        return "--requirement", self._file(file, names)

    def _file(self, file: str, names: Sequence[str]) -> Path:
        path = self._work / file
        path.write_text("".join(self._blocks[name] for name in names), encoding="utf-8")
        return path


def main() -> None:
    """Fills the environment, or says in a line why not."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--use", action="store_true", help="only what using Kutip needs, for an image")
    given = options.parse_args()
    work = Path(sys.prefix) / "setup"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        Environment(given.use, work).fill()
    except Failed as error:
        sys.exit(f"kutip: {error}")
    except KeyboardInterrupt:
        sys.exit("\nkutip: stopped; `make` goes on where this was")
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
