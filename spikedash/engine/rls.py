"""Recursive least squares for every neuron's own inputs, with one stored triangle of P."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

# Rows per task: enough work to pay for the scratch arrays, few enough to keep all threads busy.
BLOCK = 8
FAST = {"reassoc", "contract", "nsz"}


@njit(cache=True, fastmath=FAST, error_model="numpy")
def pass_over(P, gain, g, x, y):
    """Apply the update kept back, P -= g gain gainᵀ, and form y = P x, in one pass over the triangle (P, y in place)."""
    k = x.size
    for m in range(k):
        y[m] = np.float32(0.0)
    start = 0
    for row in range(k):
        scaled = g * gain[row]
        x_row = x[row]
        p = P[start : start + row]
        total = np.float32(0.0)
        for col in range(row):
            value = p[col] - scaled * gain[col]
            p[col] = value
            total += value * x[col]
            y[col] += value * x_row
        diagonal = P[start + row] - scaled * gain[row]
        P[start + row] = diagonal
        y[row] += total + diagonal * x_row
        start += row + 1


@njit(cache=True, fastmath=FAST, error_model="numpy")
def dot(x, y):
    total = np.float32(0.0)
    for m in range(x.size):
        total += x[m] * y[m]
    return total


@njit(cache=True, error_model="numpy")
def remove_input(P, slot, column):
    """Take one input out of the regression exactly: P becomes the inverse correlation of the others (in place).

    Fixing weight j leaves a least-squares problem in the other weights, whose inverse matrix is the Schur complement
    P - P_j P_jᵀ / P_jj. Row and column j become 0, so that no later sample moves the weight.
    """
    k = column.size
    for m in range(k):
        low, high = (m, slot) if m < slot else (slot, m)
        column[m] = P[high * (high + 1) // 2 + low]
    inverse = np.float32(1.0) / column[slot]
    start = 0
    for row in range(k):
        scaled = column[row] * inverse
        for col in range(row + 1):
            P[start + col] -= scaled * column[col]
        start += row + 1
    for m in range(k):
        low, high = (m, slot) if m < slot else (slot, m)
        P[high * (high + 1) // 2 + low] = np.float32(0.0)


@njit(cache=True, error_model="numpy")
def block_signs(P, gain, g, w, step, sign, frozen, scratch):
    """Move w along `step` except where Dale's law forbids; take the inputs so blocked out of P (all in place).

    Returns the update still to be applied to P: g, or 0 where it had to be applied here.
    """
    blocked = False
    k = w.size
    for m in range(k):
        new = w[m] + step * gain[m]
        if sign[m] != 0 and new * sign[m] < np.float32(0.0):
            frozen[m] |= np.uint8(2)
            blocked = True
        else:
            w[m] = new
    if not blocked:
        return g
    for m in range(k):
        scratch[m] = np.float32(0.0)
    pass_over(P, gain, g, scratch, np.empty_like(scratch))
    for m in range(k):
        if frozen[m] == 2:
            remove_input(P, m, scratch)
            frozen[m] = np.uint8(1)
            # Its sign can no longer be in danger.
            sign[m] = 0
    return np.float32(0.0)


@njit(cache=True, fastmath=FAST, error_model="numpy")
def learn_row(P, gain, g, pre, w, sign, frozen, r, target, x, y):
    """One sample for one neuron: e = f - w·r, k = P r, w += e k / (1 + r·k). Returns (drive, g to keep back, r·P·r)."""
    for m in range(x.size):
        x[m] = r[pre[m]]
    pass_over(P, gain, g, x, y)
    curvature = dot(x, y)
    new_g = np.float32(1.0) / (np.float32(1.0) + curvature)
    step = (target - dot(w, x)) * new_g
    gain[:] = y
    new_g = block_signs(P, gain, new_g, w, step, sign, frozen, y)
    return dot(w, x), new_g, curvature


@njit(cache=True, error_model="numpy")
def learn_block(synapses, learner, r, u, target, first, last):
    """One update of the trained neurons first..last-1; returns the first that diverged, or n."""
    n, k = synapses.pre.shape
    # Allocated here and not in the parallel loop below, where numba merges two equal allocations into one.
    x = np.empty(k, np.float32)
    y = np.empty(k, np.float32)
    bad = n
    for i in range(first, last):
        if learner.trained[i]:
            drive, g, curvature = learn_row(
                learner.P[i],
                learner.gain[i],
                learner.g[i],
                synapses.pre[i],
                synapses.W[i],
                learner.sign[i],
                learner.frozen[i],
                r,
                target[i],
                x,
                y,
            )
            u[i] = drive
            learner.g[i] = g
            if not (curvature >= np.float32(0.0) and np.isfinite(drive)) and bad == n:
                bad = i
    return bad


@njit(cache=True, parallel=True, error_model="numpy")
def learn(synapses, learner, r, u, target):
    """One update of all trained neurons from the samples r (n + 1,) and target (n,); u becomes W r for them.

    Returns the lowest neuron whose r·P·r is negative or not finite, or -1. Rows are independent, and each is summed in
    the same order whatever the number of threads.
    """
    n = u.size
    blocks = (n + BLOCK - 1) // BLOCK
    bad = np.empty(blocks, np.int64)
    for block in prange(blocks):
        bad[block] = learn_block(synapses, learner, r, u, target, block * BLOCK, min(n, (block + 1) * BLOCK))
    worst = n
    for block in range(blocks):
        worst = min(worst, bad[block])
    return worst if worst < n else -1
