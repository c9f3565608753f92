"""Training on a few cores: one process a core, one thread each, their weights averaged every few steps.

Local SGD (Stich 2019). On shared CPU cores this wastes far less than threads that wait for each other at
every matrix product, and less than exchanging gradients at every step. On CUDA one process does it all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn

from lab.data import whole

AVERAGED_EVERY = 8
BFLOAT16 = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


@dataclass(frozen=True, slots=True)
class Worker:
    """One of `world` processes; `rank` 0 writes logs and checkpoints."""

    rank: int
    world: int
    device: torch.device

    def fast(self) -> torch.autocast:
        """bfloat16 products where the hardware has them; elsewhere a CPU is far slower with them."""
        has = BFLOAT16 or self.device.type == "cuda"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=has)

    def average(self, module: nn.Module) -> None:
        if self.world > 1:
            for parameter in module.parameters():
                dist.all_reduce(parameter.data)
                parameter.data.div_(self.world)

    def agree(self, value: float) -> float:
        """The mean over all processes: for what each must decide alike."""
        if self.world == 1:
            return value
        shared = torch.tensor([value])
        dist.all_reduce(shared)
        return float(shared) / self.world

    def fewest(self, count: int) -> int:
        """The smallest count that a process has."""
        if self.world == 1:
            return count
        shared = torch.tensor([count])
        dist.all_reduce(shared, dist.ReduceOp.MIN)
        return int(shared)


def _enter(rank: int, world: int, meeting: str, job: Callable[[Worker], None]) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(rank)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=world)
    job(Worker(rank, world, torch.device("cpu")))
    dist.destroy_process_group()


def run(job: Callable[[Worker], None], work: Path) -> None:
    """`job` in as many processes as $KUTIP_LAB_PROCESSES says (two, or one where CUDA is at hand)."""
    if torch.cuda.is_available():
        torch.manual_seed(0)
        return job(Worker(0, 1, torch.device("cuda")))
    world = int(os.environ.get("KUTIP_LAB_PROCESSES", "2"))
    meeting = work / f"meeting-{os.getpid()}"
    try:
        torch.multiprocessing.spawn(_enter, (world, str(meeting), job), world)
    finally:
        meeting.unlink(missing_ok=True)


@dataclass(slots=True)
class Course:
    """How far a run is, from 0 to 1: by examples, or by the clock if `minutes` end first."""

    examples: int
    minutes: float
    seen: int = 0
    spent: float = 0.0
    _since: float = 0.0

    def start(self) -> None:
        self._since = time.monotonic() - self.spent

    def step(self, examples: int) -> float:
        self.seen += examples
        self.spent = time.monotonic() - self._since
        return min(1.0, max(self.seen / self.examples, self.spent / 60 / self.minutes))


def rate(progress: float, warm: float = 0.05, falls: float = 0.55) -> float:
    """The learning rate's factor: a short rise, level, then a linear fall to 2% (Hu et al. 2024, "MiniCPM").

    Level for long, since on shared cores nobody knows beforehand how far a run gets by the clock.
    """
    if progress < falls:
        return min(progress / warm, 1.0)
    return max(0.02, (1 - progress) / (1 - falls))


def decaying(parameters: Sequence[nn.Parameter], rate: float) -> list[dict[str, Any]]:
    """AdamW's groups: matrices decay, norms and biases do not."""
    matrices, plain = ([p for p in parameters if (p.dim() > 1) == wide] for wide in (True, False))
    return [
        {"params": matrices, "lr": rate, "weight_decay": 0.01},
        {"params": plain, "lr": rate, "weight_decay": 0.0},
    ]


def optimisers(
    module: nn.Module, tokens: nn.Embedding, body: float, table: float
) -> list[torch.optim.Optimizer]:
    """AdamW for the body; the token table is updated only where a batch touched it."""
    rest = [p for p in module.parameters() if p is not tokens.weight]
    return [
        torch.optim.AdamW(decaying(rest, body), betas=(0.9, 0.98)),
        torch.optim.SparseAdam([tokens.weight], lr=table, betas=(0.9, 0.98)),
    ]


def schedule(found: list[torch.optim.Optimizer], factor: float) -> None:
    for optimiser in found:
        for group in optimiser.param_groups:
            base = group.setdefault("base", group["lr"])
            group["lr"] = base * factor


def store(value: Any, path: Path) -> None:
    """Saves a checkpoint, whole or not at all."""
    with whole(path) as part:
        torch.save(value, part)
