"""How many threads are worth using here, and how they wait for each other.

Their number is not `os.cpu_count()`: that is what the machine has, and a process may be given a part of it,
by its affinity (`taskset`, a batch system) or by its container's share of processor time. Threads beyond that
part wait for each other.
Sources: sched_getaffinity(2); the kernel's `cgroup-v2.rst` (`cpu.max`) and `sched-bwc.rst` (`cpu.cfs_*`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from math import ceil
from pathlib import Path, PurePosixPath

_V2 = "sys/fs/cgroup", "sys/fs/cgroup/unified"
"""Where a unified hierarchy is mounted, alone or beside the older kind."""
_V1 = "sys/fs/cgroup/cpu,cpuacct", "sys/fs/cgroup/cpu"
"""Where the older kind is mounted."""

SPINS = 5_000
"""How often a thread checks for work before it sleeps; that takes about a tenth of a millisecond.

By default OpenMP's threads check for milliseconds, and on a busy machine they keep the processor from the
very threads that they wait for. Reading six passages on two cores took 2 s in place of 6.6 s beside fifteen
other processes, and 0.98 to 1.01 times as long beside none; without any checks it took up to 1.07 times as
long.
"""


def let_threads_sleep() -> None:
    """Sets how OpenMP's threads wait, unless the environment already says so. Call it before OpenMP is
    loaded.

    It sets environment variables, as GNU's libgomp offers no other way.
    """
    if not {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} & os.environ.keys():
        # The first is for any OpenMP; GNU's prefers the second.
        os.environ["OMP_WAIT_POLICY"], os.environ["GOMP_SPINCOUNT"] = "passive", str(SPINS)


def cores(root: Path = Path("/"), own: Collection[int] | None = None) -> int:
    """Cores that this process may use, at least 1: a core's second thread does not speed llama.cpp up.

    `own` are the processors that it may run on, by default as the system says; `root` is where the system's
    files are. A share of one and a half processors counts as two: one thread would leave a third of it.
    """
    if own is None:
        own = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    siblings = set()
    for cpu in own:
        place = root / f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"
        siblings.add(_read(place) or str(cpu))
    return max(1, min([len(siblings), *(ceil(quota) for quota in _quotas(root))]))


def _quotas(root: Path) -> Iterator[float]:
    """The limits, in processors, of this process's control group and of those that it lies in."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if number == "0" and not controllers:
            yield from _limits(root, _V2, group, _v2)
        elif "cpu" in controllers.split(","):
            yield from _limits(root, _V1, group, _v1)


def _limits(
    root: Path, mounts: tuple[str, str], group: str, limit: Callable[[Path], float | None]
) -> Iterator[float]:
    # Inside a container the path may be that of the host, of which only the last part is mounted: at the top.
    path = PurePosixPath(group.lstrip("/"))
    for mount in mounts:
        for folder in (path, *path.parents):
            if (found := limit(root / mount / folder)) is not None:
                yield found


def _v2(folder: Path) -> float | None:
    match _read(folder / "cpu.max").split():
        case [quota, period]:
            return _share(quota, period)
    return None


def _v1(folder: Path) -> float | None:
    return _share(_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us"))


def _share(quota: str, period: str) -> float | None:
    """Processors; None for no limit ("max", -1) and for what is no number."""
    try:
        share = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):
        return None
    return share if share > 0 else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
