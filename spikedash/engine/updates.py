"""One update of all weights, group by group; every group is handled by one thread, in a fixed order."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikedash.engine.dale import learn_row_dale
from spikedash.engine.inverse import ROWS
from spikedash.engine.rls import FAST, RATE, learn_row
from spikedash.engine.shared import apply_moves

# Own inputs: neurons per task, enough to pay for handing it out.
BLOCK = 32
# Rows of a group's P and W per task.
SLICE = 8 * ROWS


@njit(cache=True, fastmath=FAST, error_model="numpy")
def learn_block(synapses, learner, state, bias, target, task, slots, amounts, jumps):
    """One update of a block of trained neurons, which have inputs of their own (synapses, learner, state.u in place)."""
    r, u, v = state.r, state.u, state.v
    first, last = task * BLOCK, min(u.size, (task + 1) * BLOCK)
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
def blocks_of(n):
    """Tasks of an update where every neuron has inputs of its own."""
    return (n + BLOCK - 1) // BLOCK


@njit(cache=True, error_model="numpy")
def slices_of(learner):
    """Tasks of applying what a group has kept back."""
    return (learner.P.shape[2] + SLICE - 1) // SLICE


@njit(cache=True, error_model="numpy")
def apply_slice(synapses, learner, task):
    """Apply a slice of what a group has kept back (synapses, learner in place)."""
    slices = slices_of(learner)
    group, first = task // slices, task % slices * SLICE
    apply_moves(synapses, learner, group, first, min(learner.P.shape[2], first + SLICE))


@njit(cache=True, error_model="numpy")
def unsettled(synapses, learner):
    """Whether groups keep back what their weights have moved by."""
    return synapses.W.shape[2] > 1 and learner.held[0] > 0


@njit(cache=True, error_model="numpy")
def full(synapses, learner):
    """Whether groups have no more room to keep anything back; then all of them have none."""
    return synapses.W.shape[2] > 1 and learner.held[0] == learner.P.shape[1] - learner.P.shape[2]


@njit(cache=True, error_model="numpy")
def broken(u):
    """The lowest neuron whose drive is not finite, as that of one whose r·P·r is negative, or -1."""
    for i in range(u.size):
        if not np.isfinite(u[i]):
            return np.int64(i)
    return np.int64(-1)
