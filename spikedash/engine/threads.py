"""Threads of the kernels: they are Python's own, and a kernel lets the others run while it works.

numba's parallel loops would do too, but compile for three times as long, and start a pool of threads of their own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from numba import config

from spikedash.engine.team import fresh_board

MOST = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

_pools: dict[int, ThreadPoolExecutor] = {}
_wanted = MOST


def set_threads(count: int | None) -> int:
    """Use `count` threads (all of the machine's for None), and return how many that makes. Results do not depend on it."""
    global _wanted
    _wanted = MOST if count is None else max(1, min(count, MOST))
    return _wanted


def threads() -> int:
    """How many threads the kernels use."""
    return _wanted


def together(count: int, kernel: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Call a kernel on `count` threads, with a board that they share before its arguments; returns what each returned."""
    board = fresh_board(count)
    if count == 1 or config.DISABLE_JIT:  # in plain Python they come one by one, and the first does everything
        return [kernel(board, *arguments) for _ in range(count)]
    if count not in _pools:
        _pools[count] = ThreadPoolExecutor(count - 1, "kernels")
    others = [_pools[count].submit(kernel, board, *arguments) for _ in range(count - 1)]
    return [kernel(board, *arguments), *(other.result() for other in others)]
