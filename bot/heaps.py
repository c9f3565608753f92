"""How the threads of this process share memory."""

from __future__ import annotations

import ctypes
import sys

_M_ARENA_MAX, _ARENAS = -8, 2
"""glibc's parameter for how many heaps the threads of a process share (mallopt(3)), and its value here."""


def share_heaps() -> None:
    """Makes threads share heaps. By default every thread gets its own, up to eight a core, and none can use
    what is free in another: adding 40,000 articles held 524 MB in place of 369."""
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)
