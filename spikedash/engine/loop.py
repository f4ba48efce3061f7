"""The one time loop, for training and testing alike, callable in chunks of any length.

A step has two phases, which the threads share out: every neuron takes its step, then the spikes reach their targets. Since
nothing lies between the spikes of one step and the neurons' next step, both are one phase, but where weights change.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikedash.engine.borrow import borrowed
from spikedash.engine.inverse import fresh_scratch
from spikedash.engine.lines import list_set
from spikedash.engine.models import UNITS
from spikedash.engine.records import (
    BAD,
    DROPPED,
    RECENT,
    RUNAWAY_STEPS,
    SPIKES,
    STEP,
    Background,
    Constants,
    Delivery,
    Learner,
    Probe,
    State,
    Synapses,
    Trial,
)
from spikedash.engine.rls import DRIVE
from spikedash.engine.synapses import form_drives
from spikedash.engine.tasks import (
    END,
    NEURONS,
    SPIKES_AND_NEURONS,
    SPIKES_ONLY,
    applying,
    close_update,
    helps,
    learning,
    turn,
)
from spikedash.engine.team import ENTERED, OVER, PATIENCE, add, put, wait
from spikedash.engine.threads import threads, together
from spikedash.engine.updates import full, unsettled

# Numbers in P below which an update takes one thread so little time that company costs more than it brings.
SMALL = 20_000


@njit(cache=True, inline="always", error_model="numpy")
def jump_until_update(constants, trial, t):
    """What a spike in step t of the window will be in r at the next update; 0 where none will look."""
    if t < 0 or not trial.learn:
        return np.float32(0.0)
    return np.float32(constants.kick * constants.decay ** ((trial.update - t % trial.update) % trial.update))


@njit(cache=True, inline="always", error_model="numpy")
def note_change(constants, state, learner, trial, t):
    """Tell the learner how r came to be since the last update; the first of a trial finds all of it new (learner in place)."""
    if t == 0 or constants.model == UNITS:
        learner.jump[:] = state.r
        learner.fade[0] = np.float32(0.0)
    else:
        learner.fade[0] = np.float32(constants.decay**trial.update)


@njit(cache=True, inline="always", error_model="numpy")
def collect_spikes(constants, state, learner, trial, probe, delivery):
    """List the neurons that fired in the present step (learner.jump, probe, delivery in place).

    At 10 Hz one neuron in a hundred fires in a step, so adding the columns of the firing neurons costs far less than
    forming W r anew; the sum of both ways agrees because u decays exactly as r does.
    """
    jump, clock, counts, who = learner.jump, probe.clock, probe.counts, delivery.who
    step, first, count = clock[STEP], clock[SPIKES], list_set(state.fired, delivery.who)
    t, kick = step - trial.rest - trial.cue, np.float32(constants.kick)
    if count and 0 <= trial.drop <= step and clock[DROPPED] < 0:
        clock[DROPPED] = who[0]
        count -= 1
        for spike in range(count):
            who[spike] = who[spike + 1]
    later = jump_until_update(constants, trial, t) if count else np.float32(0.0)
    for spike in range(count):
        delivery.amounts[spike] = kick
        probe.spike_step[first + spike], probe.spike_neuron[first + spike] = step, who[spike]
        jump[who[spike]] += later
        counts[who[spike]] += t >= 0
    delivery.count[0] = count
    clock[SPIKES] += count
    clock[RECENT] += count


@njit(cache=True, error_model="numpy")
def pass_rates(synapses, background, state):
    """Rate units: r = tanh x (state in place)."""
    for j in range(state.u.size):
        state.r[j] = np.tanh(state.x[j])
    form_drives(synapses, background, state)


@njit(cache=True, inline="always", error_model="numpy")
def note_activity(learner, state, row):
    """What is trained, as it is now (row (n,) in place)."""
    for i in range(row.size):
        row[i] = state.u[i] + state.v[i] if learner.rule == DRIVE else state.r[i]


@njit(cache=True, inline="always", error_model="numpy")
def runs_away(trial, probe):
    """Count a step, and tell whether the population fires beyond reason (probe in place)."""
    probe.clock[STEP] += 1
    if probe.clock[STEP] % RUNAWAY_STEPS == 0:
        if probe.clock[RECENT] > trial.most:
            probe.clock[BAD] = trial.stim.size
            return True
        probe.clock[RECENT] = 0
    return False


@njit(cache=True, inline="always", error_model="numpy")
def learns_at(trial, step):
    """Whether weights are updated after the spikes of a step."""
    t = step - trial.rest - trial.cue
    return trial.learn != 0 and t >= 0 and t % trial.update == 0


@njit(cache=True, inline="always", error_model="numpy")
def after(phase, constants, synapses, background, state, learner, trial, probe, delivery, last):
    """The phase that follows one that is done, its row and how many tasks it has, until `last` steps of the trial are done."""
    shares, lead_in, none = delivery.bounds.size - 1, trial.rest + trial.cue, np.int64(0)
    if phase != NEURONS or constants.model == UNITS:
        if phase <= SPIKES_AND_NEURONS:
            if phase == NEURONS:
                pass_rates(synapses, background, state)
            if runs_away(trial, probe):
                return END, none, none
        else:
            probe.clock[BAD] = close_update(phase, state, learner)
            if probe.clock[BAD] >= 0:
                return END, none, none
        step = probe.clock[STEP] - 1
        t = step - lead_in
        if phase <= SPIKES_AND_NEURONS and learns_at(trial, step):
            note_change(constants, state, learner, trial, t)
            phase, count = learning(synapses, learner)
            return phase, t // trial.grid, count
        # At the end of a loop the weights are what they are.
        ends = step + 1 == last == lead_in + trial.window
        if trial.learn and (full(synapses, learner) or (ends and unsettled(synapses, learner))):
            phase, count = applying(learner)
            return phase, none, count
        if t >= 0 and t % trial.sample == 0:
            note_activity(learner, state, probe.activity[t // trial.sample])
        if phase != SPIKES_AND_NEURONS:
            return NEURONS if step + 1 < last else END, step + 1, shares
    collect_spikes(constants, state, learner, trial, probe, delivery)
    step = probe.clock[STEP]
    alone = learns_at(trial, step) or step + 1 == last
    return SPIKES_ONLY if alone else SPIKES_AND_NEURONS, step + 1, shares


@njit(cache=True, nogil=True, error_model="numpy")
def join(board, constants, synapses, background, state, learner, delivery, trial, probe, steps):
    """One thread's part in a chunk: the first to come leads, the others help it."""
    board, synapses, background, state = borrowed(board), borrowed(synapses), borrowed(background), borrowed(state)
    learner, delivery, trial, probe = borrowed(learner), borrowed(delivery), borrowed(trial), borrowed(probe)
    member = add(board, ENTERED, 1)
    leads, patience, last = member == 0, PATIENCE, np.int64(0)
    slots, amounts, jumps = fresh_scratch(learner.P)
    phase, row, count = END, np.int64(0), np.int64(0)
    if leads:
        probe.clock[SPIKES] = 0
        row, count = probe.clock[STEP], delivery.bounds.size - 1
        last = min(trial.rest + trial.cue + trial.window, row + steps)
        phase = NEURONS if row < last else END
    while phase != END if leads else helps(board):
        # fmt: off
        done = turn(board, member, phase, row, count, constants, synapses, background, state, learner, trial, delivery,
                    slots, amounts, jumps)
        # fmt: on
        if leads:
            phase, row, count = after(phase, constants, synapses, background, state, learner, trial, probe, delivery, last)
        else:  # pragma: no cover (the plain run has one thread)
            patience = PATIENCE if done else wait(patience)
    if leads:
        put(board, OVER, 1)


def advance(
    constants: Constants,
    synapses: Synapses,
    background: Background,
    state: State,
    learner: Learner,
    delivery: Delivery,
    trial: Trial,
    probe: Probe,
    steps: int,
) -> None:
    """Run up to `steps` steps of the trial (synapses, state, learner, probe in place); any split gives the same bits.

    Stops early when the trial ends, or when activity or learning diverges (see probe.clock[BAD]).
    """
    worth_it = delivery.bounds.size > 2 or (trial.learn and learner.P.size > SMALL)
    count = threads() if worth_it else 1
    together(count, join, constants, synapses, background, state, learner, delivery, trial, probe, steps)
