"""How an environment is filled: which wheel of llama-cpp-python is taken, and how far a compiler is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def environment() -> ModuleType:
    spec = importlib.util.spec_from_file_location("environment", ROOT / ".ci" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_lock_is_taken_apart_without_loss(environment: ModuleType) -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = environment.blocks(lock)
    kept = [line for block in blocks.values() for line in block.splitlines()]
    assert kept == [line for line in lock.splitlines() if line and not line.startswith("#")]
    assert all("--hash=sha256:" in block for block in blocks.values())
    assert environment.version(blocks["llama-cpp-python"]) == "0.3.36"
    assert {"uv", *environment.TOOLS, *environment.BUILD_ONLY} <= blocks.keys()


def test_a_compiled_wheel_belongs_to_its_source_recipe_flags_and_processor(environment: ModuleType) -> None:
    given = ("block", "recipe", {"CMAKE_ARGS": "-DA=1", "HOME": "/a"}, "flags: avx2")
    key = environment.key(*given)
    assert key == environment.key("block", "recipe", {"CMAKE_ARGS": "-DA=1", "HOME": "/b"}, "flags: avx2")
    others = [
        ("other", *given[1:]),
        ("block", "other", *given[2:]),
        ("block", "recipe", {"CMAKE_ARGS": "-DA=2"}, given[3]),
        ("block", "recipe", {**given[2], "CXXFLAGS": "-Og"}, given[3]),
        (*given[:3], "flags: avx512f"),
    ]
    assert len({key, *(environment.key(*other) for other in others)}) == len(others) + 1


def test_only_a_wheel_of_the_locked_version_is_taken(environment: ModuleType, tmp_path: Path) -> None:
    assert environment.wheel_in(tmp_path / "none", "0.3.36") is None
    for version in ("0.3.35", "0.3.360"):
        (tmp_path / f"llama_cpp_python-{version}-py3-none-linux_x86_64.whl").touch()
    assert environment.wheel_in(tmp_path, "0.3.36") is None
    right = tmp_path / "llama_cpp_python-0.3.36-py3-none-linux_x86_64.whl"
    right.touch()
    assert environment.wheel_in(tmp_path, "0.3.36") == right


@pytest.mark.parametrize(
    ("line", "far"),
    [
        ("  [12/83] /usr/bin/g++ -DGGML_BUILD", (12, 83)),
        ("[83/83] : && /usr/bin/g++", (83, 83)),
        ("  *** Building project with Ninja...", None),
        ("error: x.cpp[1/2]", None),
        ("", None),
    ],
)
def test_how_far_the_compiler_is_stands_in_its_output(
    environment: ModuleType, line: str, far: tuple[int, int] | None
) -> None:
    assert environment.far(line) == far


def test_without_a_compiler_a_line_says_what_to_do(
    environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    wanted = tmp_path / "llama.txt"
    wanted.write_text("llama-cpp-python==0.3.36 \\\n    --hash=sha256:0\n", encoding="utf-8")
    with pytest.raises(
        environment.Failed, match=r"no C\+\+ compiler .*llama-cpp-python==0\.3\.36 into wheels/"
    ):
        environment.Compiling(wanted, tmp_path, tmp_path)


def test_the_image_is_made_of_what_is_there_and_runs_as_nobody_in_particular() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for needed in ("requirements.lock", ".ci", "bot", "rag", "prompts", "seeds", "README.md", "LICENSE"):
        assert (ROOT / needed).exists()
        assert needed not in ignored
    assert {".git", ".venv", ".env"} <= set(ignored)
    for named in re.findall(r"python (\.ci/\S+)", text):
        assert (ROOT / named).exists()
    last = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER kutip$", last, re.MULTILINE)
    assert re.search(r"^VOLUME /data$", last, re.MULTILINE)
    assert "KUTIP_HOME=/data" in last
