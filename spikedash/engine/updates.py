"""One update of all weights, shared out among threads; every group is handled by one of them, in a fixed order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from spikedash.engine.borrow import borrowed
from spikedash.engine.dale import learn_row_dale
from spikedash.engine.inverse import ROWS, fresh_scratch
from spikedash.engine.rls import FAST, RATE, learn_row
from spikedash.engine.shared import apply_moves, deliver_moves, learn_group
from spikedash.engine.synapses import drive_of
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
    look,
    now,
    publish,
    put,
    wait,
)
from spikedash.engine.threads import together

# Own inputs: neurons per task, enough to pay for handing it out.
BLOCK = 16
# Rows of a group's P and W per task.
SLICE = 8 * ROWS
# Phases of an update: neurons with inputs of their own; or groups, and now and then what they have kept back.
OWN, GROUPS, APPLY = range(3)


@njit(cache=True, fastmath=FAST, error_model="numpy")
def learn_block(synapses, learner, r, u, v, bias, target, first, last, slots, amounts, jumps):
    """One update of the trained neurons first..last-1, which have inputs of their own."""
    rule, floor, fade = learner.rule, np.float32(learner.floor), learner.fade[0]
    # The bias counts for a rate; a target of the drive leaves it out.
    extra = np.float32(bias) if rule == RATE else np.float32(0.0)
    groups, k, _ = synapses.W.shape
    pre, W = synapses.pre, synapses.W.reshape(groups, k)
    P, held, y, curvature, jump = learner.P, learner.held, learner.Pr, learner.curvature, learner.jump
    if learner.sign.size == 0:
        for i in range(first, last):
            if learner.trained[i]:
                # fmt: off
                u[i] = learn_row(P, held, i, y, curvature, pre, W, jump, fade, rule, floor,
                                 u[i], v[i] + extra, target[i], slots, amounts, jumps)
                # fmt: on
        return
    sign, frozen = learner.sign.reshape(groups, k), learner.frozen.reshape(groups, k)
    for i in range(first, last):
        if learner.trained[i]:
            # fmt: off
            u[i] = learn_row_dale(P, held, i, y, curvature, pre, W, sign, frozen, r, jump, fade, rule, floor,
                                  u[i], v[i] + extra, target[i], slots, amounts, jumps)
            # fmt: on


@njit(cache=True, error_model="numpy")
def work(board, member, synapses, learner, r, u, v, bias, targets, slots, amounts, jumps):
    """Do tasks of the published update until none is left, and count them; any thread may."""
    done = 0
    n, width = u.size, learner.P.shape[2]
    slices = (width + SLICE - 1) // SLICE
    task = claim(board, member)
    while task >= 0:
        phase, target = look(board, PHASE), targets[look(board, ROW)]
        if phase == OWN:
            learn_block(synapses, learner, r, u, v, bias, target, task * BLOCK, min(n, (task + 1) * BLOCK), slots, amounts, jumps)
        elif phase == GROUPS:
            learn_group(synapses, learner, task, r, u, v, target, slots, amounts, jumps)
        else:
            group, first = task // slices, task % slices * SLICE
            apply_moves(synapses, learner, group, first, min(width, first + SLICE))
        add(board, FINISHED, 1)
        done += 1
        task = claim(board, member)
    return done


@njit(cache=True, inline="always", error_model="numpy")
def lead(board, phase, count, synapses, learner, r, u, v, bias, targets, row, slots, amounts, jumps):
    """Have all tasks of a phase done."""
    began = now()
    publish(board, phase, row, count)
    work(board, np.int64(0), synapses, learner, r, u, v, bias, targets, slots, amounts, jumps)
    await_finish(board, count, began)


@njit(cache=True, inline="always", error_model="numpy")
def settle(board, synapses, learner, r, u, v, bias, targets, slots, amounts, jumps):
    """Apply the moves that groups have kept back, so that W is what it is (synapses, learner in place)."""
    groups, _, M = synapses.W.shape
    if M > 1 and learner.held[0] > 0:
        slices = (learner.P.shape[2] + SLICE - 1) // SLICE
        lead(board, APPLY, groups * slices, synapses, learner, r, u, v, bias, targets, np.int64(0), slots, amounts, jumps)
        learner.held[:] = 0
        learner.own[:] = 0


@njit(cache=True, inline="always", error_model="numpy")
def learn(board, synapses, learner, r, u, v, bias, targets, row, slots, amounts, jumps):
    """One update of all trained neurons from the samples r (n + 1,) and targets[row] (n,); u stays W r.

    learner.jump (n + 1,) holds what r has gained since the last update, learner.fade what is left of the rest.
    v (n,) is the drive from synapses that do not learn, `bias` the constant input of all. Threads that watch the board
    take part. Returns the lowest neuron whose r·P·r is negative or whose drive is not finite, or -1.
    """
    n = u.size
    groups, _, M = synapses.W.shape
    if M == 1:
        lead(board, OWN, (n + BLOCK - 1) // BLOCK, synapses, learner, r, u, v, bias, targets, row, slots, amounts, jumps)
    else:
        lead(board, np.int64(GROUPS), groups, synapses, learner, r, u, v, bias, targets, row, slots, amounts, jumps)
        if learner.held[0] == learner.P.shape[1] - learner.P.shape[2]:  # as in all groups
            settle(board, synapses, learner, r, u, v, bias, targets, slots, amounts, jumps)
    learner.jump[:] = 0
    for i in range(n):
        if not np.isfinite(u[i]):
            return i
    return -1


@njit(cache=True, inline="always", error_model="numpy")
def take_part(board, member, synapses, learner, r, u, v, bias, targets):
    """Help whoever leads until it is over."""
    patience = PATIENCE
    slots, amounts, jumps = fresh_scratch(learner.P)
    while look(board, OVER) == 0 and look(board, LATE) < MOST_LATE:  # pragma: no cover (the plain run has one thread)
        done = work(board, member, synapses, learner, r, u, v, bias, targets, slots, amounts, jumps)
        patience = PATIENCE if done else wait(patience)


@njit(cache=True, nogil=True, error_model="numpy")
def learn_rows(board, synapses, learner, r, u, v, bias, fade, gained, targets):
    """One thread's part in `learn_often`; the leader's result, or -1."""
    board, synapses, learner, r, u, v = (
        borrowed(board),
        borrowed(synapses),
        borrowed(learner),
        borrowed(r),
        borrowed(u),
        borrowed(v),
    )
    gained, targets = borrowed(gained), borrowed(targets)
    bad, member = -1, add(board, ENTERED, 1)
    if member > 0:
        take_part(board, member, synapses, learner, r, u, v, bias, targets)
        return bad
    slots, amounts, jumps = fresh_scratch(learner.P)
    for row in range(targets.shape[0]):
        for i in range(u.size):
            u[i] *= fade
            r[i] *= fade
        for j in range(u.size):
            if gained[row, j] != 0:
                r[j] += gained[row, j]
                learner.jump[j] = gained[row, j]
                drive_of(synapses, learner, j, gained[row, j], u)
        deliver_moves(learner, u)
        learner.fade[0] = fade
        bad = learn(board, synapses, learner, r, u, v, bias, targets, row, slots, amounts, jumps)
        if bad >= 0:
            break
    settle(board, synapses, learner, r, u, v, bias, targets, slots, amounts, jumps)
    put(board, OVER, 1)
    return bad


def learn_often(
    count: int, synapses: Any, learner: Any, r: Any, u: Any, v: Any, bias: float, fade: float, gained: Any, targets: Any
) -> int:
    """One update for every row of targets (rows, n) on `count` threads, from given activity; returns as `learn` does.

    Before each, r (n + 1,) and the drive u (n,) fade by a factor and gain gained[row] (rows, n) float32 (both in place).
    """
    found = together(count, learn_rows, synapses, learner, r, u, v, bias, np.float32(fade), gained, targets)
    return int(max(found))
