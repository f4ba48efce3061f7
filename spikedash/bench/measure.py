"""Timing: two things in turn, medians over repeats."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Row(NamedTuple):
    job: str
    seconds: float  # of our code, for the unit of work named in `job`
    against: str  # student, peer, limit or rk4
    ratio: float  # how many times longer the reference took


def timed(work: Callable[[], object], times: int = 1) -> float:
    """Seconds for one call, averaged over `times` calls."""
    started = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - started) / times


def paired(ours: Callable[[], float], theirs: Callable[[], float], repeats: int) -> tuple[float, float]:
    """Median seconds of both, measured in turn so that a slow moment of the machine meets both."""
    pairs = [(ours(), theirs()) for _ in range(repeats)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)
