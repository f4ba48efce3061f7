"""What some neurons of a run shall do, told before anything runs."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash import targets
from spikedash.clock import window_steps
from spikedash.network import excitatory_count
from spikedash.params import Params
from spikedash.records import F64

SHOWN = 4  # neurons
POINTS = 200  # in time
#: Beyond these, targets take longer to make than a control may take to answer; smaller networks give examples then.
MOST_NEURONS = 2000
MOST_VALUES = 400_000
MOST_STEPS = 2000
MOST_COUPLINGS = 40_000  # of chaotic rate units


class Preview(NamedTuple):
    """Targets of some neurons; in Hz where rates are trained, else in drive units."""

    t_ms: F64  # (T,)
    curves: F64  # (T, m)
    neurons: npt.NDArray[np.intp]  # (m,) numbers of the neurons
    excitatory: npt.NDArray[np.bool_]  # (m,)
    unit: str
    exact: bool  # the very targets of these neurons, or examples of the kind


def shown(n: int, n_exc: int) -> npt.NDArray[np.intp]:
    """Neurons spread over the network, the last inhibitory where there are two types; the page shows their activity too."""
    count = min(SHOWN, n)
    if not 0 < n_exc < n or count < 2:
        return _spread(0, n, count)
    return np.concatenate([_spread(0, n_exc, min(count - 1, n_exc)), _spread(n_exc, n, 1)])


def _spread(first: int, last: int, count: int) -> npt.NDArray[np.intp]:
    return np.asarray(first + (last - first) * (2 * np.arange(count) + 1) // (2 * count), np.intp)


@lru_cache(64)
def preview(params: Params) -> Preview | None:
    """Targets of a few neurons in the first pattern; None where only the network or a file can tell them.

    Raises:
        InputError: a formula or a drawn curve that does not suit the network.
    """
    family = params.target.family
    if family in ("innate", "recorded"):
        return None
    steps = window_steps(params, None)
    closed = family in targets.CLOSED or (family == "drawn" and params.target.fill in targets.CLOSED)
    grid = min(steps, POINTS if closed else MOST_STEPS)
    most = {"chaotic": int(MOST_COUPLINGS**0.5)}.get(family, min(MOST_NEURONS, MOST_VALUES // grid))
    n = min(params.network.n, most)
    exact = n == params.network.n and (closed or grid == steps)
    smaller = params.with_values({"network.n": n}) if n < params.network.n else params
    n_exc = excitatory_count(smaller.network)
    t: F64 = np.arange(grid, dtype=np.float64) * (steps * params.network.dt_ms / grid)
    every = np.empty((grid, n), np.float32)
    targets.fill(every, smaller, t, n_exc, 0)
    unit = "drive"
    if params.training.rule != "drive":
        targets.to_rate(every)
        every *= 1000.0 / params.network.tau_ms
        unit = "Hz"
    who = shown(n, n_exc)
    apart = max(1, grid // POINTS)
    return Preview(t[::apart], every[::apart, who].astype(np.float64), who, who < n_exc, unit, exact)
