"""How many threads the kernels use; results do not depend on it."""

from __future__ import annotations

import numba


def set_threads(count: int | None) -> int:
    """Use `count` threads (all of the machine's for None), and return how many that makes."""
    most = numba.config.NUMBA_NUM_THREADS
    numba.set_num_threads(most if count is None else max(1, min(count, most)))
    return int(numba.get_num_threads())
