"""Spikes on their way: every synapse decays, and a spike adds its weights' column to the drive of those it reaches.

The neurons are shared out in blocks, so that several threads can deliver the same spikes, each to neurons of its own; a drive
gets its spikes in the order of their neurons, whoever delivers them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikedash.engine.lines import add_scaled, add_where, ask_for
from spikedash.engine.records import Delivery
from spikedash.engine.vectors import LANES

FAINT = np.float32(1e-9)
LONG = 64  # weights in a line that are worth asking for ahead
CROWD = 400  # neurons from which on a step is worth sharing out
BLOCK = 64  # neurons that are never shared out between threads: their numbers fill whole cache lines


@njit(cache=True)
def first_from(values, start, end, least):
    """The first place in the ascending values[start:end] that holds `least` or more."""
    while start < end:
        middle = (start + end) // 2
        if values[middle] < least:
            start = middle + 1
        else:
            end = middle
    return start


@njit(cache=True)
def share_out(bounds, start, post, M, split):
    """Where in every outgoing list the posts of each share stand (split (shares, 2, n) in place); posts are groups of M."""
    for share in range(split.shape[0]):
        first, last = bounds[share] // M, (bounds[share + 1] + M - 1) // M
        for j in range(split.shape[2]):
            split[share, 0, j] = first_from(post, start[j], start[j + 1], first)
            split[share, 1, j] = first_from(post, split[share, 0, j], start[j + 1], last)


@njit(cache=True)
def fresh_delivery(shares, synapses, background, learner):
    """Room for the spikes of a step, to be delivered in `shares` parts, or one where there are few neurons."""
    n, (groups, depth, _) = synapses.out_start.size - 1, learner.S.shape
    shares = shares if n >= CROWD else 1
    bounds = np.zeros(shares + 1, np.int64)
    for share in range(1, shares + 1):
        bounds[share] = min(n, (n + BLOCK - 1) // BLOCK * share // shares * BLOCK)
    plastic = np.zeros((shares, 2, n), np.int64)
    share_out(bounds, synapses.out_start, synapses.out_group, synapses.W.shape[2], plastic)
    static = np.zeros((shares if background.weight.size else 0, 2, n), np.int64)
    share_out(bounds, background.start, background.post, 1, static)
    # fmt: off
    return Delivery(np.zeros(n + LANES, np.int32), np.zeros(n, np.float32), np.zeros(1, np.int64), bounds, plastic, static,
                    np.zeros((shares, groups, depth), np.float32))
    # fmt: on


@njit(cache=True, inline="always", error_model="numpy")
def deliver(synapses, background, learner, delivery, state, decay, share):
    """Decay the synapses of a share of the neurons, then let the spikes reach them (state, delivery.due in place)."""
    first, last = delivery.bounds[share], delivery.bounds[share + 1]
    fade(state.u[first:last], decay)
    fade(state.r[first:last], decay)
    who, amounts, count = delivery.who, delivery.amounts, delivery.count[0]
    for spike in range(count):
        if first <= who[spike] < last:
            state.r[who[spike]] += amounts[spike]
    if synapses.W.shape[2] == 1:
        deliver_own(synapses, delivery.plastic[share], who, amounts, count, state.u)
    else:
        deliver_to_groups(synapses, learner, delivery, state.u, share)
    if background.weight.size:
        fade(state.v[first:last], decay)
        for spike in range(count):
            begin, end = delivery.static[share, 0, who[spike]], delivery.static[share, 1, who[spike]]
            for m in range(begin, end):
                state.v[background.post[m]] += background.weight[m] * amounts[spike]


@njit(cache=True, inline="always", error_model="numpy")
def deliver_own(synapses, split, who, amounts, count, u):
    """Add the spikes to the drives of neurons with inputs of their own (u in place)."""
    for spike in range(count):
        j = who[spike]
        add_where(u, synapses.out_group, amounts[spike], synapses.W, synapses.out_place, split[0, j], split[1, j])


@njit(cache=True, error_model="numpy")
def deliver_to_groups(synapses, learner, delivery, u, share):
    """The same where groups share their inputs, with the moves of their weights that are kept back (u, delivery.due in place)."""
    k, M = synapses.W.shape[1:]
    first, last = delivery.bounds[share], delivery.bounds[share + 1]
    split, due = delivery.plastic[share], delivery.due[share]
    keeps = learner.S.shape[0] > 0 and learner.S.shape[1] > 1  # moves back
    for spike in range(delivery.count[0]):
        j, amount = delivery.who[spike], delivery.amounts[spike]
        if spike + 1 < delivery.count[0]:
            ask_for_weights(synapses, split, delivery.who[spike + 1], first, last)
        for m in range(split[0, j], split[1, j]):
            group, place = synapses.out_group[m], np.int64(synapses.out_place[m])
            begin, end = max(first, group * M), min(last, (group + 1) * M)
            add_scaled(u, begin, amount, synapses.W, place * M + begin - group * M, end - begin)
            held, slot = learner.held[group] if keeps else 0, place - group * k
            for row in range(held):
                due[group, row] += amount * learner.Y[group, slot, row]
            if held and not learner.loops:
                for i in range(begin, end):
                    u[i] -= amount * learner.P[group, slot, i - group * M] * learner.own[group, i - group * M]
    if keeps:
        deliver_moves(learner, due, M, first, last, u)


@njit(cache=True, error_model="numpy")
def ask_for_weights(synapses, split, j, first, last):
    """Ask for the weights of neuron j ahead of their use, where they stand in lines."""
    M = synapses.W.shape[2]
    if M >= LONG:
        for m in range(split[0, j], split[1, j]):
            begin = max(first, synapses.out_group[m] * M) - synapses.out_group[m] * M
            end = min(last, (synapses.out_group[m] + 1) * M) - synapses.out_group[m] * M
            ask_for(synapses.W, np.int64(synapses.out_place[m]) * M + begin, end - begin)


@njit(cache=True, error_model="numpy")
def deliver_moves(learner, due, M, first, last, u):
    """Add to the drives first..last-1 what spikes bring through moves that are kept back (u, due (groups, depth) in place)."""
    depth = learner.S.shape[1]
    for group in range(first // M, (last + M - 1) // M):
        begin, end = max(first, group * M), min(last, (group + 1) * M)
        for row in range(learner.held[group]):
            if due[group, row] != np.float32(0.0):
                place = (group * depth + row) * M + begin - group * M
                add_scaled(u, begin, due[group, row], learner.S, place, end - begin)
                due[group, row] = 0


@njit(cache=True, inline="always", error_model="numpy")
def fade(values, decay):
    """values *= decay (in place), and what has become faint is 0.

    Left alone, the r of a silent neuron decays into denormal numbers, on which every product costs a hundred cycles.
    """
    for i in range(values.size):
        value = values[i] * decay
        values[i] = value if abs(value) > FAINT else np.float32(0.0)


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"}, error_model="numpy")
def form_drives(synapses, background, state):
    """u = W r and v, the same of the static synapses, formed anew (state in place)."""
    n = state.u.size
    groups, k, M = synapses.W.shape
    state.u[:] = 0
    if M == 1:
        weights, r = synapses.W.reshape(groups, k), state.r
        for i in range(n):
            row, inputs = weights[i], synapses.pre[i]
            total = np.float32(0.0)
            for m in range(k):
                total += row[m] * r[inputs[m]]
            state.u[i] = total
    else:
        for group in range(groups):
            u = state.u[group * M : min(n, (group + 1) * M)]
            for m in range(k):
                row, amount = synapses.W[group, m], state.r[synapses.pre[group, m]]
                for i in range(u.size):
                    u[i] += row[i] * amount
    state.v[:] = 0
    for j in range(n if background.weight.size else 0):
        for m in range(background.start[j], background.start[j + 1]):
            state.v[background.post[m]] += background.weight[m] * state.r[j]
