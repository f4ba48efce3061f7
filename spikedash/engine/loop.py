"""The one time loop, for training and testing alike, callable in chunks of any length."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikedash.engine.borrow import borrowed
from spikedash.engine.inverse import fresh_scratch
from spikedash.engine.models import UNITS, step_neurons
from spikedash.engine.noise import add_normal
from spikedash.engine.records import (
    BAD,
    DROPPED,
    RECENT,
    RUNAWAY_STEPS,
    SPIKES,
    STEP,
    Background,
    Constants,
    Learner,
    Probe,
    State,
    Synapses,
    Trial,
)
from spikedash.engine.rls import DRIVE
from spikedash.engine.shared import deliver_moves
from spikedash.engine.synapses import ask_for_drive_of, drive_of, fade, form_drives, static_drive_of
from spikedash.engine.team import ENTERED, OVER, add, put
from spikedash.engine.threads import threads, together
from spikedash.engine.updates import learn, settle, take_part

# Numbers in P below which an update takes one thread so little time that company costs more than it brings.
SMALL = 20_000


@njit(cache=True, error_model="numpy")
def jump_until_update(constants, trial, t):
    """What a spike in step t of the window will be in r at the next update; 0 where none will look."""
    if t < 0 or not trial.learn:
        return np.float32(0.0)
    return np.float32(constants.kick * constants.decay ** ((trial.update - t % trial.update) % trial.update))


@njit(cache=True, error_model="numpy")
def note_change(constants, state, learner, trial, t):
    """Tell the learner how r came to be since the last update; the first of a trial finds all of it new (learner in place)."""
    if t == 0 or constants.model == UNITS:
        learner.jump[:] = state.r
        learner.fade[0] = np.float32(0.0)
    else:
        learner.fade[0] = np.float32(constants.decay**trial.update)


@njit(cache=True, error_model="numpy")
def deliver(synapses, background, constants, state, learner, trial, probe, step, t):
    """Decay all synapses, then let the neurons that fired reach their targets (state, learner.jump, probe in place).

    At 10 Hz one neuron in a hundred fires in a step, so adding the columns of the firing neurons costs far less than
    forming W r anew; the sum of both ways agrees because u decays exactly as r does.
    """
    decay, kick = np.float32(constants.decay), np.float32(constants.kick)
    fade(state.u, decay)
    fade(state.r, decay)
    if background.weight.size:
        fade(state.v, decay)
    later = jump_until_update(constants, trial, t)
    first = count = probe.clock[SPIKES]
    for j in range(state.u.size):
        if state.fired[j]:
            if 0 <= trial.drop <= step and probe.clock[DROPPED] < 0:
                probe.clock[DROPPED] = j
                continue
            state.r[j] += kick
            learner.jump[j] += later
            probe.counts[j] += t >= 0
            probe.spike_step[count] = step
            probe.spike_neuron[count] = j
            count += 1
    for spike in range(first, count):
        if spike + 1 < count:
            ask_for_drive_of(synapses, probe.spike_neuron[spike + 1])
        drive_of(synapses, learner, probe.spike_neuron[spike], kick, state.u)
        if background.weight.size:
            static_drive_of(background, probe.spike_neuron[spike], kick, state.v)
    deliver_moves(learner, state.u)
    probe.clock[RECENT] += count - probe.clock[SPIKES]
    probe.clock[SPIKES] = count


@njit(cache=True, error_model="numpy")
def pass_rates(synapses, background, state):
    """Rate units: r = tanh x (state in place)."""
    for j in range(state.u.size):
        state.r[j] = np.tanh(state.x[j])
    form_drives(synapses, background, state)


@njit(cache=True, error_model="numpy")
def gather_input(constants, state, trial, step):
    """The total input of a step: drive, bias, cue and noise (state.a in place)."""
    bias, noise = np.float32(constants.bias), np.float32(constants.noise)
    in_cue = trial.rest <= step < trial.rest + trial.cue
    for i in range(state.u.size):
        state.a[i] = state.u[i] + state.v[i] + bias + (trial.stim[i] if in_cue else np.float32(0.0))
    if noise > 0:
        add_normal(state.a, noise, trial.key, step - trial.origin)


@njit(cache=True, error_model="numpy")
def note_activity(learner, state, row):
    """What is trained, as it is now (row (n,) in place)."""
    for i in range(row.size):
        row[i] = state.u[i] + state.v[i] if learner.rule == DRIVE else state.r[i]


@njit(cache=True, inline="always", error_model="numpy")
def run(board, constants, synapses, background, state, learner, trial, probe, steps):
    """The time loop, on the leading thread."""
    h = np.float32(constants.h)
    window_start = trial.rest + trial.cue
    end = window_start + trial.window
    first = probe.clock[STEP]
    probe.clock[SPIKES] = 0
    slots, amounts, jumps = fresh_scratch(learner.P)
    for step in range(first, min(end, first + steps)):
        t = step - window_start
        gather_input(constants, state, trial, step)
        step_neurons(constants.model, state.x, state.y, state.a, state.cells, h, constants.dt, state.fired)
        if constants.model == UNITS:
            pass_rates(synapses, background, state)
        else:
            deliver(synapses, background, constants, state, learner, trial, probe, step, t)
        probe.clock[STEP] = step + 1
        if (step + 1) % RUNAWAY_STEPS == 0:
            if probe.clock[RECENT] > trial.most:
                probe.clock[BAD] = state.u.size
                break
            probe.clock[RECENT] = 0
        if t < 0:
            continue
        if trial.learn and t % trial.update == 0:
            note_change(constants, state, learner, trial, t)
            bad = learn(
                board, synapses, learner, state.r, state.u, state.v, constants.bias, trial.target, t, slots, amounts, jumps
            )
            if bad >= 0:
                probe.clock[BAD] = bad
                break
        if t % trial.sample == 0:
            note_activity(learner, state, probe.activity[t // trial.sample])
    if trial.learn and probe.clock[STEP] == end:
        settle(board, synapses, learner, state.r, state.u, state.v, constants.bias, trial.target, slots, amounts, jumps)


@njit(cache=True, nogil=True, error_model="numpy")
def join(board, constants, synapses, background, state, learner, trial, probe, steps):
    """One thread's part in a chunk: the first to come leads, the others help it to learn."""
    board, synapses, background, state = borrowed(board), borrowed(synapses), borrowed(background), borrowed(state)
    learner, trial, probe = borrowed(learner), borrowed(trial), borrowed(probe)
    member = add(board, ENTERED, 1)
    if member > 0:
        take_part(board, member, synapses, learner, state.r, state.u, state.v, constants.bias, trial.target)
        return
    run(board, constants, synapses, background, state, learner, trial, probe, steps)
    put(board, OVER, 1)


def advance(
    constants: Constants,
    synapses: Synapses,
    background: Background,
    state: State,
    learner: Learner,
    trial: Trial,
    probe: Probe,
    steps: int,
) -> None:
    """Run up to `steps` steps of the trial (synapses, state, learner, probe in place); any split gives the same bits.

    Stops early when the trial ends, or when activity or learning diverges (see probe.clock[BAD]).
    """
    count = threads() if trial.learn and learner.P.size > SMALL else 1
    together(count, join, constants, synapses, background, state, learner, trial, probe, steps)
