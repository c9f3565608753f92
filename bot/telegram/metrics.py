"""Counts and times, served to this machine alone in Prometheus's text format.

https://prometheus.io/docs/instrumenting/exposition_formats/. So few figures need no library.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from rag.types import Answer

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds of the histograms, in seconds."""
_HOST = "127.0.0.1"
"""This machine alone."""
_MOST_HEADER = 8192
"""Bytes of a request."""


@dataclass(slots=True)
class _Histogram:
    counts: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))
    number: int = 0
    total: float = 0.0

    def add(self, seconds: float) -> None:
        self.number += 1
        self.total += seconds
        for place, bound in enumerate(BUCKETS):
            self.counts[place] += seconds <= bound


class Metrics:
    """What happened since the start. Safe to use from several threads."""

    def __init__(self, restarts: int = 0) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._stages: dict[str, _Histogram] = {}
        self._restarts = restarts

    def count(self, name: str, label: str = "") -> None:
        """Adds one to a counter; `label` is `name="value"`."""
        with self._lock:
            self._counts[name, label] += 1

    def answered(self, answer: Answer, waited: float) -> None:
        """An answer was found, `waited` seconds after its question came."""
        with self._lock:
            self._counts["kutip_answers_total", f'status="{answer.status}"'] += 1
            self._counts["kutip_dropped_claims_total", ""] += answer.dropped
            for stage, seconds in (*answer.seconds.items(), ("waiting", waited)):
                self._stages.setdefault(stage, _Histogram()).add(seconds)

    def number(self, name: str, label: str = "") -> int:
        """The value of a counter."""
        with self._lock:
            return self._counts[name, label]

    def text(self, queue: int, inbox: int, lag: int, worker: str = "", leads: bool = True) -> str:
        """All figures, as Prometheus reads them. `worker` is the name of this one among others."""
        lines: list[str] = []

        def put(name: str, kind: str, what: str, values: dict[str, float]) -> None:
            lines.extend((f"# HELP {name} {what}", f"# TYPE {name} {kind}"))
            lines.extend(
                f"{name}{f'{{{label}}}' if label else ''} {value:g}" for label, value in values.items()
            )

        if worker:
            put("kutip_worker_info", "gauge", "The worker's name.", {f'worker="{_label(worker)}"': 1})
            put("kutip_leads", "gauge", "Whether this worker does what one alone does.", {"": leads})
        put("kutip_queue_depth", "gauge", "Questions that wait or are being answered.", {"": queue})
        put("kutip_inbox_open", "gauge", "Updates whose reply was not sent yet.", {"": inbox})
        put("kutip_projection_lag", "gauge", "Commits that the indexes are behind the archive.", {"": lag})
        put(
            "kutip_restarts_total",
            "counter",
            "Times that the worker was started again.",
            {"": self._restarts},
        )
        with self._lock:
            for name, what in _COUNTERS.items():
                values = {label: float(n) for (key, label), n in self._counts.items() if key == name}
                put(name, "counter", what, values or {"": 0.0})
            name = "kutip_answer_seconds"
            lines.extend((f"# HELP {name} Time of an answer by stage.", f"# TYPE {name} histogram"))
            for stage, found in self._stages.items():
                for bound, count in zip(BUCKETS, found.counts, strict=True):
                    lines.append(f'{name}_bucket{{stage="{stage}",le="{bound:g}"}} {count}')
                lines.append(f'{name}_bucket{{stage="{stage}",le="+Inf"}} {found.number}')
                lines.append(f'{name}_sum{{stage="{stage}"}} {found.total:.6f}')
                lines.append(f'{name}_count{{stage="{stage}"}} {found.number}')
        return "\n".join(lines) + "\n"


def _label(value: str) -> str:
    """A label's value, as the format wants it."""
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


_COUNTERS = {
    "kutip_updates_total": "Updates that came from Telegram.",
    "kutip_answers_total": "Answers by status; an abstention is an answer.",
    "kutip_dropped_claims_total": "Claims that the support gate held back.",
    "kutip_failures_total": "Updates whose handling failed.",
    "kutip_set_aside_total": "Updates set aside since the process died of them.",
    "kutip_send_retries_total": "Calls to Telegram that were made again.",
}
"""The counters by their names, with the line that explains each."""


async def serve(
    port: int, metrics: Callable[[], str], health: Callable[[], dict[str, object]]
) -> asyncio.Server:
    """Serves `/metrics` and `/health` on the loopback address. Raises OSError where the port is taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            path = head[:_MOST_HEADER].split(b" ")[1].split(b"?")[0]
            status, kind, body = "404 Not Found", "text/plain", "not found\n"
            if path == b"/metrics":
                status, kind, body = "200 OK", "text/plain; version=0.0.4; charset=utf-8", metrics()
            elif path == b"/health":
                found = health()
                status = "200 OK" if found["status"] == "ok" else "503 Service Unavailable"
                kind, body = "application/json", json.dumps(found) + "\n"
            data = body.encode()
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n"
                "Connection: close\r\n\r\n".encode()
                + data
            )
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, IndexError):
            pass  # whoever asked has gone, or speaks no HTTP
        finally:
            writer.close()

    return await asyncio.start_server(answer, _HOST, port)
