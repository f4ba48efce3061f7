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
from spikedash.engine.inverse import AHEAD, absorb, flush, follow
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


@njit(cache=True, inline="always", fastmath=FAST, error_model="numpy")
def curvature_of(pre, i, r, y):
    """r·P r of the i-th matrix from y[i] = P r; nan where P has broken."""
    value = dot_inputs(pre, i, r, y)
    return max(value, np.float32(0.0)) if value >= BROKEN else np.float32(np.nan)


@njit(cache=True, inline="always", error_model="numpy")
def compare(rule, floor, drive, target):
    """Slope of what is trained against the drive, and its error."""
    one, none = np.float32(1.0), np.float32(0.0)
    if rule == DRIVE:
        return one, target - drive
    if rule == RATE:
        return slope_of(drive), target - rate_of(drive)
    return one, none if target <= floor and drive < target else target - drive


@njit(cache=True)
def fresh_scratch(P):
    """Room for `collect` and `follow`: slots, amounts and jumps."""
    most = P.shape[1] + AHEAD
    return np.zeros(most, np.int32), np.zeros(most, np.float32), np.zeros(P.shape[2], np.float32)


@njit(cache=True, inline="always", error_model="numpy")
def collect(pre, i, jump, slots, amounts, jumps):
    """What the inputs of group i have jumped since the last update, as it is and as a list (all in place); returns its length."""
    count = 0
    for m in range(pre.shape[1]):
        amount = jump[pre[i, m]]
        jumps[m] = amount
        slots[count], amounts[count] = m, amount
        count += amount != np.float32(0.0)
    return count


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
def learn_row(P, held, i, y, pre, w, r, jump, fade, rule, floor, drive, other, target, slots, amounts, jumps):
    """One sample for neuron i with inputs of its own (P, held, y, w in place; the last three scratch); returns its drive w·r.

    `drive` is w·r before the update, `other` the neuron's drive from elsewhere. nan where P has broken.
    """
    count = collect(pre, i, jump, slots, amounts, jumps)
    follow(P, i, held[i], slots, amounts, count, jumps, fade, y)
    slope, error = compare(rule, floor, drive + other, target)
    if slope < LEAST_SLOPE:
        return drive
    curvature = curvature_of(pre, i, r, y)
    if np.isnan(curvature):
        return curvature
    g = np.float32(1.0) / (np.float32(1.0) + slope * slope * curvature)
    keep_back(P, held, i, y, slope, g)
    add_scaled(w, i * w.shape[1], slope * error, y, i * y.shape[1], w.shape[1])
    flush_full(P, held, i)
    return drive + slope * error * g * curvature
