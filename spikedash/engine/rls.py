"""Recursive least squares: e = f - w·r, k = P r, w += e k / (1 + r·k), P -= k kᵀ / (1 + r·k), for every neuron.

That trains the drive. Training the rate φ(w·r) puts φ' r in place of r and f - φ(w·r) in place of e.

Between two updates r decays, and only the inputs that fired jump. So P r is never formed anew: it decays as r does, and the
columns of those inputs are added. The drive w·r follows the spikes in the same way (synapses.py), and the rank-1 changes
of P are kept back and applied several at a time. Most updates thus read a tenth of P, and write none of it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikedash.engine.gain import rate_of, slope_of
from spikedash.engine.inverse import absorb, collect, flush, follow
from spikedash.engine.lines import add_scaled

# What is trained: the drive; the rate; the drive that gives the rate, where a target below FLOOR asks for silence only.
DRIVE, RATE, RATE_BY_DRIVE = range(3)
# A neuron whose rate hardly depends on its drive has nothing to learn from.
LEAST_SLOPE = np.float32(1e-4)
# r·P·r is never negative, but for rounding, where r has faded to nothing or lies where P has become small; below this P is wrong.
BROKEN = np.float32(-1e-4)
FAST = {"reassoc", "contract", "nsz"}


@njit(cache=True, inline="always", fastmath=FAST, error_model="numpy")
def dot_inputs(pre, i, r, y):
    """Σ r[pre[i]] y[i]."""
    total = np.float32(0.0)
    for m in range(pre.shape[1]):
        total += r[pre[i, m]] * y[i, m]
    return total


@njit(cache=True, inline="always", error_model="numpy")
def checked(curvature):
    """r·P r, which is never negative; nan where P has broken."""
    return max(curvature, np.float32(0.0)) if curvature >= BROKEN else np.float32(np.nan)


@njit(cache=True, inline="always", error_model="numpy")
def compare(rule, floor, drive, target):
    """Slope of what is trained against the drive, and its error."""
    one, none = np.float32(1.0), np.float32(0.0)
    if rule == DRIVE:
        return one, target - drive
    if rule == RATE:
        return slope_of(drive), target - rate_of(drive)
    return one, none if target <= floor and drive < target else target - drive


@njit(cache=True, inline="always", error_model="numpy")
def keep_back(P, held, i, y, slope, g):
    """Take the sample into the i-th matrix, as an update kept back, and y[i] = P r with it (P, held, y in place)."""
    absorb(P, i, held[i], slope * np.sqrt(g), g, y)
    held[i] += 1


@njit(cache=True, error_model="numpy")
def flush_full(P, held, i):
    """Apply what is kept back where there is no room for more (P, held in place)."""
    width = P.shape[2]
    if held[i] == P.shape[1] - width:
        flush(P, i, held[i], 0, width)
        held[i] = 0


@njit(cache=True, inline="always", fastmath=FAST, error_model="numpy")
def learn_row(P, held, i, y, curvature, pre, w, jump, fade, rule, floor, drive, other, target, slots, amounts, jumps):
    """One sample for neuron i with inputs of its own (P, held, y, curvature, w in place; the last three scratch).

    `drive` is w·r before the update, `other` the neuron's drive from elsewhere. Returns w·r after it; nan where P has broken.
    """
    count = collect(pre, i, jump, slots, amounts, jumps)
    bent = checked(follow(P, i, held[i], slots, amounts, count, jumps, fade, y, curvature[i]))
    curvature[i] = bent
    slope, error = compare(rule, floor, drive + other, target)
    if slope < LEAST_SLOPE or np.isnan(bent):
        return drive + bent * np.float32(0.0)
    g = np.float32(1.0) / (np.float32(1.0) + slope * slope * bent)
    keep_back(P, held, i, y, slope, g)
    curvature[i] = g * bent
    add_scaled(w, i * w.shape[1], slope * error, y, i * y.shape[1], w.shape[1])
    flush_full(P, held, i)
    return drive + slope * error * g * bent
