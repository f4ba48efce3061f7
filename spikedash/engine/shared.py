"""Neurons that share their inputs share P while they train their drive: P r is followed once for a group.

The members' weights move along it, each by its own error. In large groups these moves are kept back too, and applied together
with the changes of P: meanwhile the weights are W + Y S, and a spike delivers both parts. All-to-all without self-connections
every neuron has a regression of its own, on the others, whose gain follows exactly from the P of all (SCIENCE §2).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikedash.engine.dale import move_members_dale
from spikedash.engine.inverse import collect, flush, follow, move
from spikedash.engine.rls import FAST, checked, compare, keep_back


@njit(cache=True, fastmath=FAST, error_model="numpy")
def form_group_gain(synapses, learner, group, slots, amounts, jumps):
    """One sample for the P of a group (learner in place); returns r·P r with the changed P, or nan where P has broken."""
    P, held, y, curvature = learner.P, learner.held, learner.Pr, learner.curvature
    count = collect(synapses.pre, group, learner.jump, slots, amounts, jumps)
    bent = checked(follow(P, group, held[group], slots, amounts, count, jumps, learner.fade[0], y, curvature[group]))
    if np.isnan(bent):
        return bent
    g = np.float32(1.0) / (np.float32(1.0) + bent)
    keep_back(P, held, group, y, np.float32(1.0), g)
    curvature[group] = g * bent
    return g * bent


@njit(cache=True, error_model="numpy")
def diagonal(P, group, held, m):
    """The m-th diagonal element of P with the rows kept back."""
    width = P.shape[2]
    value = P[group, m, m]
    for row in range(width, width + held):
        value -= P[group, row, m] * P[group, row, m]
    return value


@njit(cache=True, fastmath=FAST, error_model="numpy")
def leave_out_loops(learner, group, own, i):
    """Keep -own P_i back as part of neuron i's move (learner in place): P_i is P less the rows kept back until now."""
    P, held = learner.P, learner.held[group]
    width = P.shape[2]
    learner.own[group, i] += own
    for row in range(held):
        learner.S[group, row, i] += own * P[group, width + row, i] / learner.root[group, row]


@njit(cache=True, error_model="numpy")
def learn_group(synapses, learner, state, target, group, slots, amounts, jumps):
    """One update of a group: its gain, and the moves of its members along it (synapses, learner, state.u in place)."""
    r, u, v = state.r, state.u, state.v
    M = synapses.W.shape[2]
    start, floor = group * M, np.float32(learner.floor)
    reach = form_group_gain(synapses, learner, group, slots, amounts, jumps)
    latest = learner.held[group] - 1 if learner.S.shape[1] > 1 else 0
    y, step = learner.Pr[group], learner.S[group, latest]
    step[:] = 0
    learner.root[group, latest] = np.sqrt(np.float32(1.0) - reach)
    for m in range(synapses.pre.shape[1]):
        learner.Y[group, m, latest] = y[m]
    for i in range(min(M, u.size - start)):
        each = start + i
        if learner.trained[each]:
            _, step[i] = compare(learner.rule, floor, u[each] + v[each], target[each])
            if learner.loops:
                u[each] += step[i] * reach
            else:
                own = y[i] / diagonal(learner.P, group, latest + 1, i)
                u[each] += step[i] * (reach - own * y[i])
                leave_out_loops(learner, group, step[i] * own, i)
    if learner.sign.size:
        move_members_dale(synapses.W[group], y, step, learner.sign[group], learner.frozen[group])
        step[:] = 0
        drives_anew(synapses, learner, group, u, r)
    elif learner.S.shape[1] == 1:
        move(synapses.W, group, learner.Y, learner.S, 1, 0, synapses.W.shape[1])


@njit(cache=True, error_model="numpy")
def drives_anew(synapses, learner, group, u, r):
    """Form the members' drives from their weights, some of which have not moved as their errors asked (u in place)."""
    k, M = synapses.W.shape[1:]
    drive = np.zeros(M, np.float32)
    for m in range(k):
        amount = r[synapses.pre[group, m]]
        for i in range(M):
            drive[i] += synapses.W[group, m, i] * amount
    for i in range(min(M, u.size - group * M)):
        if learner.trained[group * M + i]:
            u[group * M + i] = drive[i]


@njit(cache=True, error_model="numpy")
def apply_moves(synapses, learner, group, first, last):
    """Apply what is kept back to the rows first..last-1 of a group's W and P (in place; own and held are the caller's)."""
    k, M = synapses.W.shape[1:]
    held = learner.held[group]
    if learner.S.shape[1] > 1:
        move(synapses.W, group, learner.Y, learner.S, held, first, min(k, last))
    if not learner.loops:
        for m in range(first, min(k, last)):
            for i in range(M):
                synapses.W[group, m, i] -= learner.P[group, m, i] * learner.own[group, i]
            synapses.W[group, m, m] = 0
    flush(learner.P, group, held, first, last)
