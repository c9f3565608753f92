"""What another process holds in memory."""

from __future__ import annotations

from pathlib import Path


def resident(process: int | str | None) -> int:
    """In MB, now; 0 where there is no such process, or it has ended. `process`: its number, or "self"."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii")
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS:")), "VmRSS: 0 kB")
    return int(line.split()[1]) // 1024
