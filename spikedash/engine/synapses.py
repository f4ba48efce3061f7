"""Spikes on their way: every synapse decays, and a spike adds its weights' column to the drive of those it reaches."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikedash.engine.lines import add_scaled, ask_for

FAINT = np.float32(1e-9)
LONG = 64  # weights in a line that are worth asking for ahead


@njit(cache=True, error_model="numpy")
def drive_of(synapses, learner, j, amount, u):
    """Add `amount` of neuron j to the drive u (n,) of everyone it reaches through plastic synapses (in place).

    What it brings through moves of the weights that are kept back is noted in learner.due, for `shared.deliver_moves`.
    """
    if synapses.W.shape[2] > 1:
        drive_of_groups(synapses, learner, j, amount, u)
        return
    k, weights = synapses.W.shape[1], synapses.W.reshape(-1)
    for m in range(synapses.out_start[j], synapses.out_start[j + 1]):
        i = synapses.out_group[m]
        u[i] += weights[i * k + synapses.out_slot[m]] * amount


@njit(cache=True, error_model="numpy")
def drive_of_groups(synapses, learner, j, amount, u):
    """The same where groups share their inputs."""
    k, M = synapses.W.shape[1:]
    keeps = learner.S.shape[0] > 0 and learner.S.shape[1] > 1  # moves back
    for m in range(synapses.out_start[j], synapses.out_start[j + 1]):
        group, slot = synapses.out_group[m], synapses.out_slot[m]
        post = group * M
        members = min(M, u.size - post)
        add_scaled(u, post, amount, synapses.W, (group * k + slot) * M, members)
        held = learner.held[group] if keeps else 0
        for row in range(held):
            learner.due[group, row] += amount * learner.Y[group, slot, row]
        if held and not learner.loops:
            for i in range(members):
                u[post + i] -= amount * learner.P[group, slot, i] * learner.own[group, i]


@njit(cache=True, error_model="numpy")
def ask_for_drive_of(synapses, j):
    """Ask for the weights of neuron j ahead of its use, where they stand in lines."""
    k, M = synapses.W.shape[1:]
    if M >= LONG:
        for m in range(synapses.out_start[j], synapses.out_start[j + 1]):
            ask_for(synapses.W, (synapses.out_group[m] * k + synapses.out_slot[m]) * M, M)


@njit(cache=True, error_model="numpy")
def static_drive_of(background, j, amount, v):
    """The same through static synapses (v in place)."""
    for m in range(background.start[j], background.start[j + 1]):
        v[background.post[m]] += background.weight[m] * amount


@njit(cache=True, error_model="numpy")
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
        static_drive_of(background, j, state.r[j], state.v)
