"""The most memory that this process has held."""

from __future__ import annotations

import sys
from pathlib import Path


def peak() -> float:
    """In MB; 0 where the system does not say.

    Linux's getrusage(2) would count what the parent held when it started this process, so /proc is asked.
    """
    status = Path("/proc/self/status")
    if status.exists():
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(held.split()[1]) / 1024
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
