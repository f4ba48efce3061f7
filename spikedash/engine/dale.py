"""Dale's law: a synapse whose sign would change stays as it is for good, and the others learn on without it."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikedash.engine.inverse import collect, follow
from spikedash.engine.lines import add_scaled
from spikedash.engine.rls import FAST, LEAST_SLOPE, checked, compare, dot_inputs, flush_full, keep_back


@njit(cache=True, error_model="numpy")
def remove_input(P, held, i, slot, y):
    """Take one input out of the i-th regression exactly (P, held and y = P r in place).

    Fixing weight j leaves a least-squares problem in the other weights, whose inverse matrix is the Schur complement
    P - P_j P_jᵀ / P_jj: one more update of rank 1.
    """
    width = P.shape[2]
    free = width + held[i]
    for m in range(width):
        value = P[i, slot, m]
        for row in range(width, free):
            value -= P[i, row, m] * P[i, row, slot]
        P[i, free, m] = value
    own = P[i, free, slot]
    if own > np.float32(0.0):  # else nothing of it is left but rounding
        share, root = y[i, slot] / own, np.float32(1.0) / np.sqrt(own)
        for m in range(width):
            y[i, m] -= share * P[i, free, m]
            P[i, free, m] *= root
        held[i] += 1
        flush_full(P, held, i)


@njit(cache=True, inline="always", fastmath=FAST, error_model="numpy")
def count_flips(w, y, i, step, sign):
    """How many of w[i] + step y[i] would have another sign than w's neurons allow."""
    count = 0
    for m in range(w.shape[1]):
        count += (w[i, m] + step * y[i, m]) * np.float32(sign[i, m]) < np.float32(0.0)
    return count


@njit(cache=True, inline="always", fastmath=FAST, error_model="numpy")
def clear_frozen(y, i, frozen):
    """y[i] = 0 where frozen (in place)."""
    for m in range(frozen.shape[1]):
        y[i, m] = np.float32(0.0) if frozen[i, m] else y[i, m]


@njit(cache=True, error_model="numpy")
def freeze(P, held, i, y, w, sign, frozen, step):
    """w[i] += step y[i] but for synapses that would flip, which are frozen and taken out of P (all in place)."""
    for m in range(w.shape[1]):
        new = w[i, m] + step * y[i, m]
        if new * np.float32(sign[i, m]) < np.float32(0.0):
            frozen[i, m] = 2
        else:
            w[i, m] = new
    for m in range(w.shape[1]):
        if frozen[i, m] == 2:
            remove_input(P, held, i, m, y)
            frozen[i, m] = 1


@njit(cache=True, fastmath=FAST, error_model="numpy")
def learn_row_dale(
    P, held, i, y, curvature, pre, w, sign, frozen, r, jump, fade, rule, floor, drive, other, target, slots, amounts, jumps
):
    """`rls.learn_row` under Dale's law (frozen in place too)."""
    count = collect(pre, i, jump, slots, amounts, jumps)
    bent = checked(follow(P, i, held[i], slots, amounts, count, jumps, fade, y, curvature[i]))
    curvature[i] = bent
    slope, error = compare(rule, floor, drive + other, target)
    if slope < LEAST_SLOPE or np.isnan(bent):
        return drive + bent * np.float32(0.0)
    clear_frozen(y, i, frozen)  # what rounding has left of them
    g = np.float32(1.0) / (np.float32(1.0) + slope * slope * bent)
    keep_back(P, held, i, y, slope, g)
    curvature[i] = g * bent
    flush_full(P, held, i)
    step = slope * error
    if count_flips(w, y, i, step, sign) == 0:
        add_scaled(w, i * w.shape[1], step, y, i * y.shape[1], w.shape[1])
        return drive + step * g * bent
    freeze(P, held, i, y, w, sign, frozen, step)
    curvature[i] = dot_inputs(pre, i, r, y)
    return dot_inputs(pre, i, r, w)


@njit(cache=True, fastmath=FAST, error_model="numpy")
def move_members_dale(W, y, step, sign, frozen):
    """W += y stepᵀ but for synapses that would change sign, which stay as they are for good (W, frozen in place).

    P is the whole group's, so it keeps the inputs that one member has lost: its gain is that of the free regression.
    """
    for m in range(W.shape[0]):
        for i in range(step.size):
            new = W[m, i] + y[m] * step[i]
            if new * sign[m, i] < np.float32(0.0):
                frozen[m, i] = 1
            if not frozen[m, i]:
                W[m, i] = new
