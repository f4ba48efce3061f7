"""What threads do in each phase of the time loop, and how a phase is done by all of them."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikedash.engine.models import step_neurons
from spikedash.engine.noise import add_normal
from spikedash.engine.shared import learn_group
from spikedash.engine.synapses import deliver
from spikedash.engine.team import (
    FINISHED,
    LATE,
    MOST_LATE,
    OVER,
    add,
    await_finish,
    claim,
    look,
    now,
    publish,
    threads_of,
)
from spikedash.engine.updates import apply_slice, blocks_of, broken, learn_block, slices_of

# Shares of the neurons: their next step, the spikes of the last one, or both; neurons with inputs of their own that learn;
# groups that learn; slices of what groups have kept back.
NEURONS, SPIKES_ONLY, SPIKES_AND_NEURONS, OWN, GROUPS, APPLY = range(6)
END = -1
MANY = np.int64(2**62)  # more tasks than a phase can have


@njit(cache=True, inline="always", error_model="numpy")
def step_share(constants, state, trial, step, first, last):
    """One step of the neurons first..last-1: their total input (drive, bias, cue and noise), and who fires (state in place)."""
    bias, noise = np.float32(constants.bias), np.float32(constants.noise)
    x, y, u, v, a = state.x[first:last], state.y[first:last], state.u[first:last], state.v[first:last], state.a[first:last]
    if trial.rest <= step < trial.rest + trial.cue:
        stim = trial.stim[first:last]
        for i in range(a.size):
            a[i] = u[i] + v[i] + bias + stim[i]
    else:
        for i in range(a.size):
            a[i] = u[i] + v[i] + bias
    if noise > 0:
        add_normal(a, noise, trial.key, step - trial.origin, first)
    h, cells, fired = np.float32(constants.h), state.cells[:, first:last], state.fired[first:last]
    step_neurons(constants.model, x, y, a, cells, h, constants.dt, fired)


@njit(cache=True, inline="always", error_model="numpy")
def do(phase, row, task, constants, synapses, background, state, learner, trial, delivery, slots, amounts, jumps):
    """One task of a phase."""
    if phase <= SPIKES_AND_NEURONS:
        if phase != NEURONS:
            deliver(synapses, background, learner, delivery, state, np.float32(constants.decay), task)
        if phase != SPIKES_ONLY:
            step_share(constants, state, trial, row, delivery.bounds[task], delivery.bounds[task + 1])
    elif phase == OWN:
        learn_block(synapses, learner, state, constants.bias, trial.target[row], task, slots, amounts, jumps)
    elif phase == GROUPS:
        learn_group(synapses, learner, state, trial.target[row], task, slots, amounts, jumps)
    else:
        apply_slice(synapses, learner, task)


@njit(cache=True, inline="always", error_model="numpy")
def turn(
    board, member, phase, row, count, constants, synapses, background, state, learner, trial, delivery, slots, amounts, jumps
):
    """The leader has all `count` tasks of a phase done, a single one by itself; the others do what is published.

    Returns how many tasks the caller did. Both stand in one loop, because all that a task can be is compiled into it.
    """
    leads, done, task = member == 0, 0, np.int64(0)
    alone = leads and (count == 1 or threads_of(board) == 1)
    most = count if leads else MANY
    began = now()
    if leads and not alone:
        publish(board, phase, row, count)
    if not alone:
        task, phase, row = claim(board, member)
    while 0 <= task < most:
        do(phase, row, task, constants, synapses, background, state, learner, trial, delivery, slots, amounts, jumps)
        done += 1
        task = np.int64(done)
        if not alone:
            add(board, FINISHED, 1)
            task, phase, row = claim(board, member)
    if leads and not alone:
        await_finish(board, count, began)
    return done


@njit(cache=True, inline="always", error_model="numpy")
def learning(synapses, learner):
    """The phase of an update, and how many tasks it has."""
    if synapses.W.shape[2] == 1:
        return OWN, blocks_of(learner.trained.size)
    return GROUPS, learner.P.shape[0]


@njit(cache=True, inline="always", error_model="numpy")
def applying(learner):
    """The phase that applies what groups have kept back, and how many tasks it has."""
    return APPLY, learner.P.shape[0] * slices_of(learner)


@njit(cache=True, inline="always", error_model="numpy")
def close_update(phase, state, learner):
    """Begin anew what an update or its applying has used up (learner in place); the lowest neuron that it broke, or -1."""
    if phase == APPLY:
        learner.held[:] = 0
        learner.own[:] = 0
        return np.int64(-1)
    learner.jump[:] = 0
    return broken(state.u)


@njit(cache=True)
def helps(board):
    """Whether those who do not lead are still needed."""
    return look(board, OVER) == 0 and look(board, LATE) < MOST_LATE
