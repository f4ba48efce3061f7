"""Refusing, before it starts, a run that this machine's memory cannot hold."""

from __future__ import annotations

import psutil

from spikedash.cost import estimate
from spikedash.params import InputError, Params

SHARE = 0.8  # of the memory that is free now; the rest is for the page and the system


def check_memory(params: Params) -> None:
    """Compare the estimate of a run with the memory that is free.

    Raises:
        InputError: it would not fit; the sentence says by how much, and what makes a run smaller.
    """
    needed, free = estimate(params).memory_bytes, psutil.virtual_memory().available
    if needed > SHARE * free:
        raise InputError(
            f"network.n = {params.network.n} with network.p = {params.network.p:g} needs about {needed / 1e9:.3g} GB of memory, "
            f"and {free / 1e9:.3g} GB are free here; fewer neurons or a smaller network.p make it fit."
        )
