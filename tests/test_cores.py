"""How many threads: by what a process may use, in made-up folders like the system's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from rag.reading.cores import SPINS, cores, let_threads_sleep


def system(root: Path, group: str, files: dict[str, str], processors: int = 8, threads: int = 1) -> Path:
    """A machine with `threads` to a core, and this process in `group`."""
    for cpu in range(processors):
        first = cpu - cpu % threads
        files[f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"] = (
            f"{first}-{first + threads - 1}"
        )
    for name, text in ({"proc/self/cgroup": group} | files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


def test_there_is_a_core_on_any_system(tmp_path: Path) -> None:
    assert cores() >= 1
    assert cores(tmp_path, []) == 1


def test_a_second_thread_of_a_core_is_none_more_and_affinity_counts(tmp_path: Path) -> None:
    root = system(tmp_path, "0::/", {}, threads=2)
    assert cores(root, range(8)) == 4
    assert cores(root, {0, 1}) == 1
    assert cores(root, {0, 2, 3}) == 2


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("50000 100000", 1),
        ("1000 100000", 1),
        ("9999999 100000", 8),
        ("max 100000", 8),
        ("", 8),
        ("x y", 8),
        ("200000 0", 8),
        ("²00000 100000", 8),
    ],
)
def test_a_share_of_processor_time_counts(tmp_path: Path, quota: str, expected: int) -> None:
    for number, (group, place) in enumerate(
        [
            ("0::/", "sys/fs/cgroup/cpu.max"),
            ("0::/a/b", "sys/fs/cgroup/a/b/cpu.max"),
            ("0::/a/b", "sys/fs/cgroup/a/cpu.max"),
            # The host's path, of which the container sees its own part at the top.
            ("0::/kubepods/pod1/x", "sys/fs/cgroup/cpu.max"),
            ("1:cpu:/\n0::/a", "sys/fs/cgroup/unified/a/cpu.max"),
        ]
    ):
        root = system(tmp_path / str(number), group, {place: quota})
        assert cores(root, range(8)) == expected


@pytest.mark.parametrize(("quota", "expected"), [("300000", 3), ("-1", 8), ("0", 8), ("", 8), ("max", 8)])
@pytest.mark.parametrize("controllers", ["cpu", "cpu,cpuacct"])
def test_a_share_of_the_older_kind_counts(
    tmp_path: Path, controllers: str, quota: str, expected: int
) -> None:
    for number, folder in enumerate(("docker/1", "docker", "")):
        files = {
            f"sys/fs/cgroup/{controllers}/{folder}/cpu.cfs_quota_us": quota,
            f"sys/fs/cgroup/{controllers}/{folder}/cpu.cfs_period_us": "100000",
        }
        group = f"12:memory:/docker/1\n3:{controllers}:/docker/1\n2:cpuset:/"
        assert cores(system(tmp_path / str(number), group, files), range(8)) == expected


def test_the_least_of_several_limits_counts(tmp_path: Path) -> None:
    files = {"sys/fs/cgroup/a/cpu.max": "200000 100000", "sys/fs/cgroup/a/b/cpu.max": "600000 100000"}
    assert cores(system(tmp_path, "0::/a/b", files), range(8)) == 2


def test_threads_sleep_soon_unless_somebody_has_said_how_they_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.delenv(name, raising=False)
    let_threads_sleep()
    assert (os.environ["OMP_WAIT_POLICY"], os.environ["GOMP_SPINCOUNT"]) == ("passive", str(SPINS))
    monkeypatch.delenv("GOMP_SPINCOUNT")
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    let_threads_sleep()
    assert os.environ["OMP_WAIT_POLICY"] == "active"
    assert "GOMP_SPINCOUNT" not in os.environ


def test_threads_are_told_how_to_wait_before_llama_cpp_is_loaded() -> None:
    """A process of its own, whose OpenMP says what it was told when it was loaded."""
    code = "from rag.reading.llama import library; library()"
    told = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
    told["OMP_DISPLAY_ENV"] = "verbose"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=told, capture_output=True, text=True, check=True
    )
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in done.stderr
    assert f"GOMP_SPINCOUNT = '{SPINS}'" in done.stderr


@pytest.mark.parametrize("threads", [1, 3])
def test_the_setting_reaches_the_reader(home: Path, threads: int) -> None:
    app = App(Settings(home=home, threads=threads))
    encoder = app._reader.encoder
    llama = encoder._llama
    assert llama.llama_n_threads(encoder._context) == threads
    assert llama.llama_n_threads_batch(encoder._context) == threads
    app.close()
