"""Recursive least squares: e = f - w·r, k = P r, w += e k / (1 + r·k), P -= k kᵀ / (1 + r·k), for every neuron.

That trains the drive. Training the rate φ(w·r) puts φ' r in place of r and f - φ(w·r) in place of e, so every neuron needs
a P of its own. Neurons that share their inputs share P while they train their drive, and k is formed once for a group.
Groups are independent, and each is summed in the same order whatever the number of threads.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from spikedash.engine.gain import rate_of, slope_of
from spikedash.engine.symmetric import LANES, ROWS, flush_multiply, multiply, place, row_place

# What is trained: the drive; the rate; the drive that gives the rate, where a target below FLOOR asks for silence only.
DRIVE, RATE, RATE_BY_DRIVE = range(3)
# A neuron whose rate hardly depends on its drive has nothing to learn from.
LEAST_SLOPE = np.float32(1e-4)

# Own inputs: neurons per task, enough to pay for handing it out.
BLOCK = 8
# Shared inputs: members per task; their errors stay in the first-level cache.
CHUNK = 128
# Waking a second thread takes some 50 us; an update that touches fewer numbers than this is done sooner by one.
SMALL = 1_500_000
# Matrices beyond this many bytes live in memory, not in the cache.
CACHE = 16 << 20
FAST = {"reassoc", "contract", "nsz"}


def depth(memory_bytes: int) -> int:
    """How many updates to keep back before they are applied to matrices of this size together.

    Reading and writing P takes twice as long as reading it, once it no longer fits into the processor's cache.
    """
    return 4 if memory_bytes > CACHE else 1


@njit(cache=True, fastmath=FAST, error_model="numpy")
def dot(x, y):
    """Σ x y over the entries of x; y may be longer."""
    total = np.float32(0.0)
    for m in range(x.size):
        total += x[m] * y[m]
    return total


@njit(cache=True, inline="always", fastmath=FAST, error_model="numpy")
def form_gain(P, U, held, i, x, y):
    """y = (P - Σ u uᵀ) x for the i-th matrix and the rows u kept back; applies them to P where U is full (all in place)."""
    if held[i] == U.shape[1]:
        flush_multiply(P, U, i, held[i], x, y)
        held[i] = 0
        return
    multiply(P, i, x, y)
    for row in range(held[i]):
        u = U[i, row]
        share = dot(u, x)
        for m in range(y.size):
            y[m] -= share * u[m]


@njit(cache=True, inline="always", fastmath=FAST, error_model="numpy")
def keep_back(U, held, i, y, g):
    """Add √g y to the rows kept back (U, held in place): the update of the i-th matrix is -g y yᵀ."""
    u = U[i, held[i]]
    root = np.sqrt(g)
    for m in range(y.size):
        u[m] = root * y[m]
    held[i] += 1


@njit(cache=True, error_model="numpy")
def remove_input(P, U, held, i, slot, x, y):
    """Take one input out of the i-th regression exactly (P, U, held in place; x, y scratch).

    Fixing weight j leaves a least-squares problem in the other weights, whose inverse matrix is the Schur complement
    P - P_j P_jᵀ / P_jj: one more update of rank 1.
    """
    if held[i] == U.shape[1]:
        x[:] = 0
        flush_multiply(P, U, i, held[i], x, y)
        held[i] = 0
    for m in range(x.size):
        value = P[i, place(m, slot)]
        for row in range(held[i]):
            value -= U[i, row, m] * U[i, row, slot]
        y[m] = value
    if y[slot] > np.float32(0.0):  # else nothing of it is left but rounding
        keep_back(U, held, i, y, np.float32(1.0) / y[slot])


@njit(cache=True, inline="always", error_model="numpy")
def compare(rule, floor, drive, target):
    """Slope of what is trained against the drive, and its error."""
    one, none = np.float32(1.0), np.float32(0.0)
    if rule == DRIVE:
        return one, target - drive
    if rule == RATE:
        return slope_of(drive), target - rate_of(drive)
    return one, none if target <= floor and drive < target else target - drive


@njit(cache=True, inline="always", fastmath=FAST, error_model="numpy")
def learn_row(P, U, held, i, inputs, w, r, rule, floor, other, target, x, y):
    """One sample for neuron i with inputs of its own (P, U, held, w in place; x, y scratch); returns its drive w·r.

    `other` is the neuron's drive from elsewhere. The drive is nan where P has broken.
    """
    for m in range(inputs.size):
        x[m] = r[inputs[m]]
    drive = dot(w, x)
    slope, error = compare(rule, floor, drive + other, target)
    if slope < LEAST_SLOPE:
        return drive
    form_gain(P, U, held, i, x, y)
    curvature = dot(x, y)
    if not curvature >= np.float32(0.0):
        return np.float32(np.nan)
    g = np.float32(1.0) / (np.float32(1.0) + slope * slope * curvature)
    step = slope * error * g
    keep_back(U, held, i, y, slope * slope * g)
    for m in range(w.size):
        w[m] += step * y[m]
    return drive + step * curvature


@njit(cache=True, fastmath=FAST, error_model="numpy")
def count_flips(w, y, step, sign):
    """How many of w + step y would have another sign than w's neurons allow."""
    count = 0
    for m in range(w.size):
        count += (w[m] + step * y[m]) * np.float32(sign[m]) < np.float32(0.0)
    return count


@njit(cache=True, fastmath=FAST, error_model="numpy")
def clear_frozen(x, frozen):
    """x = 0 where frozen (in place)."""
    for m in range(frozen.size):
        x[m] = np.float32(0.0) if frozen[m] else x[m]


@njit(cache=True, error_model="numpy")
def learn_row_dale(P, U, held, i, inputs, w, sign, frozen, r, rule, floor, other, target, x, y):
    """The same under Dale's law: a synapse that would change its sign stays as it is for good, and is taken out of P."""
    for m in range(inputs.size):
        x[m] = r[inputs[m]]
    drive = dot(w, x)
    slope, error = compare(rule, floor, drive + other, target)
    if slope < LEAST_SLOPE:
        return drive
    clear_frozen(x, frozen)
    form_gain(P, U, held, i, x, y)
    clear_frozen(y, frozen)
    curvature = dot(x, y)
    if not curvature >= np.float32(0.0):
        return np.float32(np.nan)
    g = np.float32(1.0) / (np.float32(1.0) + slope * slope * curvature)
    step = slope * error * g
    keep_back(U, held, i, y, slope * slope * g)
    if count_flips(w, y, step, sign) == 0:
        for m in range(w.size):
            w[m] += step * y[m]
        return drive + step * curvature
    for m in range(w.size):
        new = w[m] + step * y[m]
        if new * np.float32(sign[m]) < np.float32(0.0):
            frozen[m] = 2
        else:
            w[m] = new
    for m in range(w.size):
        if frozen[m] == 2:
            remove_input(P, U, held, i, m, x, y)
            frozen[m] = 1
    for m in range(inputs.size):
        x[m] = r[inputs[m]]
    return dot(w, x)


@njit(cache=True, error_model="numpy")
def learn_block(synapses, learner, r, u, v, bias, target, first, last):
    """One update of the trained neurons first..last-1, which have inputs of their own."""
    rule, floor = learner.rule, np.float32(learner.floor)
    # The bias counts for a rate; a target of the drive leaves it out.
    extra = np.float32(bias) if rule == RATE else np.float32(0.0)
    groups, k, _ = synapses.W.shape
    pre, W = synapses.pre, synapses.W.reshape(groups, k)
    P, U, held = learner.P, learner.U, learner.held
    x, y = np.zeros(learner.U.shape[2], np.float32), np.empty(learner.U.shape[2], np.float32)
    if learner.sign.size == 0:
        for i in range(first, last):
            if learner.trained[i]:
                u[i] = learn_row(P, U, held, i, pre[i], W[i], r, rule, floor, v[i] + extra, target[i], x, y)
        return
    sign, frozen = learner.sign.reshape(groups, k), learner.frozen.reshape(groups, k)
    for i in range(first, last):
        if learner.trained[i]:
            u[i] = learn_row_dale(P, U, held, i, pre[i], W[i], sign[i], frozen[i], r, rule, floor, v[i] + extra, target[i], x, y)


@njit(cache=True, error_model="numpy")
def form_group_gain(synapses, learner, group, r):
    """x, y = P x and the kept-back update of one group; returns 1 / (1 + x·y), or nan where P has broken."""
    x, y = learner.x[group], learner.y[group]
    for m in range(synapses.pre.shape[1]):
        x[m] = r[synapses.pre[group, m]]
    form_gain(learner.P, learner.U, learner.held, group, x, y)
    curvature = dot(x, y)
    if not curvature >= np.float32(0.0):
        return np.float32(np.nan)
    g = np.float32(1.0) / (np.float32(1.0) + curvature)
    keep_back(learner.U, learner.held, group, y, g)
    return g


@njit(cache=True, fastmath=FAST, error_model="numpy")
def member_drives(W, x, drive):
    """drive = Wᵀ x for some members of a group: W (k, members), x (at least k,), drive (members,)."""
    drive[:] = 0
    for m in range(W.shape[0]):
        for i in range(drive.size):
            drive[i] += x[m] * W[m, i]


@njit(cache=True, fastmath=FAST, error_model="numpy")
def move_members(W, y, step):
    """W += y stepᵀ (in place)."""
    for m in range(W.shape[0]):
        for i in range(step.size):
            W[m, i] += y[m] * step[i]


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


@njit(cache=True, fastmath=FAST, error_model="numpy")
def move_without_loops(W, P, y, step, first):
    """Move all-to-all weights along the exact gains of the regressions that leave out a neuron's own activity.

    Without input i the gain is y - P_i y_i / P_ii, so W[:, i] += step_i (y - P_i y_i / P_ii), whose i-th entry is 0.
    W (n, members) holds the members from `first`, a multiple of LANES; step (members,); P is free of kept-back updates.
    """
    n, members = W.shape
    own = np.empty(members, np.float32)
    for i in range(members):
        own[i] = step[i] * y[first + i] / P[place(first + i, first + i)]
    for i0 in range(0, members, LANES):
        i1 = min(members, i0 + LANES)
        for m in range(first + i0, n):  # stored with the members along the lanes
            start = row_place(m, first + i0)
            for i in range(i0, i1):
                W[m, i] += y[m] * step[i] - P[start + i - i0] * own[i]
        for m0 in range(0, first + i0, LANES):  # stored with the members along the rows
            for half in range(i0, i1, ROWS):
                start = row_place(first + half, m0)
                for m in range(LANES):
                    for i in range(half, min(i1, half + ROWS)):
                        W[m0 + m, i] += y[m0 + m] * step[i] - P[start + (i - half) * LANES + m] * own[i]
    for i in range(members):
        W[first + i, i] = np.float32(0.0)


@njit(cache=True, error_model="numpy")
def learn_members(synapses, learner, group, g, u, v, r, target, first, last):
    """Move the weights of members first..last-1 of a group along its gain (W, u in place)."""
    M = synapses.W.shape[2]
    start, floor = group * M + first, np.float32(learner.floor)
    W, x, y = synapses.W[group, :, first:last], learner.x[group], learner.y[group]
    step = np.empty(last - first, np.float32)
    member_drives(W, x, step)
    for i in range(step.size):
        each = start + i
        drive = step[i]
        _, error = compare(learner.rule, floor, drive + v[each], target[each])
        if not learner.trained[each]:
            step[i] = np.float32(0.0)
        elif learner.loops:
            step[i] = error * g
            u[each] = drive + error - step[i]  # w·r + e g r·k, and 1 - g r·k is g
        else:
            own = y[first + i]
            step[i] = error / (np.float32(1.0) / g - own * own / learner.P[group, place(first + i, first + i)])
            u[each] = drive + error - step[i]
    if learner.sign.size:
        move_members_dale(W, y, step, learner.sign[group, :, first:last], learner.frozen[group, :, first:last])
        member_drives(W, x, step)
        for i in range(step.size):
            if learner.trained[start + i]:
                u[start + i] = step[i]
    elif learner.loops:
        move_members(W, y, step)
    else:
        move_without_loops(W, learner.P[group], y, step, first)


@njit(cache=True, parallel=True, error_model="numpy")
def learn_own(synapses, learner, r, u, v, bias, target):
    """One update of all neurons, each with inputs of its own."""
    n = u.size
    for block in prange((n + BLOCK - 1) // BLOCK):
        learn_block(synapses, learner, r, u, v, bias, target, block * BLOCK, min(n, (block + 1) * BLOCK))


@njit(cache=True, error_model="numpy")
def learn_chunk(synapses, learner, task, chunks, g, u, v, r, target):
    """One update of the members in one of a group's chunks."""
    group, first = task // chunks, task % chunks * CHUNK
    M = synapses.W.shape[2]
    last = min(M, first + CHUNK, u.size - group * M)
    if first < last:
        learn_members(synapses, learner, group, g[group], u, v, r, target, first, last)


@njit(cache=True, parallel=True, error_model="numpy")
def learn_shared(synapses, learner, r, u, v, target):
    """One update of all groups: first their gains, then their members in chunks."""
    groups, _, M = synapses.W.shape
    chunks = (M + CHUNK - 1) // CHUNK
    g = np.empty(groups, np.float32)
    for group in prange(groups):
        g[group] = form_group_gain(synapses, learner, group, r)
    for task in prange(groups * chunks):
        learn_chunk(synapses, learner, task, chunks, g, u, v, r, target)


@njit(cache=True, error_model="numpy")
def learn_alone(synapses, learner, r, u, v, bias, target):
    """The same, and own inputs too, on the calling thread alone."""
    groups, _, M = synapses.W.shape
    if M == 1:
        learn_block(synapses, learner, r, u, v, bias, target, 0, u.size)
        return
    chunks = (M + CHUNK - 1) // CHUNK
    g = np.empty(groups, np.float32)
    for group in range(groups):
        g[group] = form_group_gain(synapses, learner, group, r)
    for task in range(groups * chunks):
        learn_chunk(synapses, learner, task, chunks, g, u, v, r, target)


@njit(cache=True, error_model="numpy")
def learn(synapses, learner, r, u, v, bias, target):
    """One update of all trained neurons from the samples r (n + 1,) and target (n,); u becomes W r for them.

    v (n,) is their drive from synapses that do not learn, `bias` the constant input of all.

    Returns the lowest neuron whose r·P·r is negative or whose drive is not finite, or -1.
    """
    n = u.size
    if learner.P.size + 4 * synapses.W.size < SMALL:
        learn_alone(synapses, learner, r, u, v, bias, target)
    elif synapses.W.shape[2] > 1:
        learn_shared(synapses, learner, r, u, v, target)
    else:
        learn_own(synapses, learner, r, u, v, bias, target)
    for i in range(n):
        if not np.isfinite(u[i]):
            return i
    return -1
