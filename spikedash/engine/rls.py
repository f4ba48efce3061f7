"""Recursive least squares: e = f - w·r, k = P r, w += e k / (1 + r·k), P -= k kᵀ / (1 + r·k), for every neuron.

That trains the drive. Training the rate φ(w·r) puts φ' r in place of r and f - φ(w·r) in place of e, so every neuron needs
a P of its own. Neurons that share their inputs share P while they train their drive, and k is formed once for a group.
Groups are independent, and each is summed in the same order whatever the number of threads.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from spikedash.engine.gain import rate_of, slope_of
from spikedash.engine.members import member_drives, move_members
from spikedash.engine.symmetric import ROWS, flush_multiply, multiply, place, row_place
from spikedash.engine.team import (
    ENTERED,
    FINISHED,
    LATE,
    MOST_LATE,
    OVER,
    PATIENCE,
    PHASE,
    ROW,
    add,
    await_finish,
    claim,
    fresh_board,
    look,
    now,
    publish,
    put,
    wait,
)
from spikedash.engine.vectors import LANES

# What is trained: the drive; the rate; the drive that gives the rate, where a target below FLOOR asks for silence only.
DRIVE, RATE, RATE_BY_DRIVE = range(3)
# A neuron whose rate hardly depends on its drive has nothing to learn from.
LEAST_SLOPE = np.float32(1e-4)

# Own inputs: neurons per task, enough to pay for handing it out.
BLOCK = 8
# Shared inputs: members per task; their errors stay in the first-level cache.
CHUNK = 128
# Phases of an update: neurons with inputs of their own; or the groups' gains, and then their members.
OWN, GAINS, MEMBERS = range(3)
# Updates kept back before they are applied to P together: reading and writing P takes longer than reading it.
KEPT = 3
FAST = {"reassoc", "contract", "nsz"}


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


@njit(cache=True, error_model="numpy")
def learn_chunk(synapses, learner, task, chunks, u, v, r, target):
    """One update of the members in one of a group's chunks."""
    group, first = task // chunks, task % chunks * CHUNK
    M = synapses.W.shape[2]
    last = min(M, first + CHUNK, u.size - group * M)
    if first < last:
        learn_members(synapses, learner, group, learner.g[group], u, v, r, target, first, last)


@njit(cache=True, error_model="numpy")
def work(board, member, synapses, learner, r, u, v, bias, targets):
    """Do tasks of the published update until none is left, and count them; any thread may."""
    done = 0
    n = u.size
    chunks = (synapses.W.shape[2] + CHUNK - 1) // CHUNK
    task = claim(board, member)
    while task >= 0:
        phase, target = look(board, PHASE), targets[look(board, ROW)]
        if phase == OWN:
            learn_block(synapses, learner, r, u, v, bias, target, task * BLOCK, min(n, (task + 1) * BLOCK))
        elif phase == GAINS:
            learner.g[task] = form_group_gain(synapses, learner, task, r)
        else:
            learn_chunk(synapses, learner, task, chunks, u, v, r, target)
        add(board, FINISHED, 1)
        done += 1
        task = claim(board, member)
    return done


@njit(cache=True, error_model="numpy")
def lead(board, phase, count, synapses, learner, r, u, v, bias, targets, row):
    """Have all tasks of a phase done."""
    began = now()
    publish(board, phase, row, count)
    work(board, 0, synapses, learner, r, u, v, bias, targets)
    await_finish(board, count, began)


@njit(cache=True, error_model="numpy")
def learn(board, synapses, learner, r, u, v, bias, targets, row):
    """One update of all trained neurons from the samples r (n + 1,) and targets[row] (n,); u becomes W r for them.

    v (n,) is their drive from synapses that do not learn, `bias` the constant input of all. Threads that watch the board
    take part. Returns the lowest neuron whose r·P·r is negative or whose drive is not finite, or -1.
    """
    n = u.size
    groups, _, M = synapses.W.shape
    if M == 1:
        lead(board, OWN, (n + BLOCK - 1) // BLOCK, synapses, learner, r, u, v, bias, targets, row)
    else:
        chunks = (M + CHUNK - 1) // CHUNK
        lead(board, GAINS, groups, synapses, learner, r, u, v, bias, targets, row)
        lead(board, MEMBERS, groups * chunks, synapses, learner, r, u, v, bias, targets, row)
    for i in range(n):
        if not np.isfinite(u[i]):
            return i
    return -1


@njit(cache=True, error_model="numpy")
def take_part(board, member, synapses, learner, r, u, v, bias, targets):
    """Help whoever leads until it is over."""
    patience = PATIENCE
    while look(board, OVER) == 0 and look(board, LATE) < MOST_LATE:  # pragma: no cover (the plain run has one thread)
        done = work(board, member, synapses, learner, r, u, v, bias, targets)
        patience = PATIENCE if done else wait(patience)


@njit(cache=True, error_model="numpy")
def learn_rows(board, synapses, learner, r, u, v, bias, targets):
    """One thread's part in `learn_often`; the leader's result, or -1."""
    bad, member = -1, add(board, ENTERED, 1)
    if member > 0:
        take_part(board, member, synapses, learner, r, u, v, bias, targets)
        return bad
    for row in range(targets.shape[0]):
        bad = learn(board, synapses, learner, r, u, v, bias, targets, row)
        if bad >= 0:
            break
    put(board, OVER, 1)
    return bad


@njit(cache=True, parallel=True, error_model="numpy")
def learn_often(threads, synapses, learner, r, u, v, bias, targets):
    """One update for every row of targets (rows, n), from the same r (n + 1,); returns as `learn` does."""
    board = fresh_board(threads)
    found = np.full(threads, -1, np.int64)
    for member in prange(threads):
        found[member] = learn_rows(board, synapses, learner, r, u, v, bias, targets)
    return found.max()
