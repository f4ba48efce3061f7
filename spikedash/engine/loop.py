"""The one time loop, for training and testing alike, callable in chunks of any length."""

from __future__ import annotations

import numpy as np
from numba import get_num_threads, njit, prange

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
from spikedash.engine.rls import DRIVE, learn, take_part
from spikedash.engine.team import ENTERED, OVER, add, fresh_board, put

FAINT = np.float32(1e-9)
# Numbers in P below which an update takes one thread so little time that company costs more than it brings.
SMALL = 20_000


@njit(cache=True, error_model="numpy")
def reach(synapses, background, state, j, amount):
    """Add `amount` of neuron j to the drive of everyone it reaches (state in place)."""
    n = state.u.size
    k, M = synapses.W.shape[1:]
    weights = synapses.W.reshape(-1)
    if M == 1:
        for m in range(synapses.out_start[j], synapses.out_start[j + 1]):
            i = synapses.out_group[m]
            state.u[i] += weights[i * k + synapses.out_slot[m]] * amount
    else:
        for m in range(synapses.out_start[j], synapses.out_start[j + 1]):
            group = synapses.out_group[m]
            first = (group * k + synapses.out_slot[m]) * M
            post = group * M
            for i in range(min(M, n - post)):
                state.u[post + i] += weights[first + i] * amount
    if background.weight.size:
        for m in range(background.start[j], background.start[j + 1]):
            state.v[background.post[m]] += background.weight[m] * amount


@njit(cache=True, error_model="numpy")
def fade(values, decay):
    """values *= decay (in place), and what has become faint is 0.

    Left alone, the r of a silent neuron decays into denormal numbers, on which every product costs a hundred cycles.
    """
    for i in range(values.size):
        value = values[i] * decay
        values[i] = value if abs(value) > FAINT else np.float32(0.0)


@njit(cache=True, error_model="numpy")
def deliver(synapses, background, constants, state, trial, probe, step, in_window):
    """Decay all synapses, then let the neurons that fired reach their targets (state and probe in place).

    At 10 Hz one neuron in a hundred fires in a step, so adding the columns of the firing neurons costs far less than
    forming W r anew; the sum of both ways agrees because u decays exactly as r does.
    """
    decay, kick = np.float32(constants.decay), np.float32(constants.kick)
    fade(state.u, decay)
    fade(state.r, decay)
    if background.weight.size:
        fade(state.v, decay)
    count = probe.clock[SPIKES]
    for j in range(state.u.size):
        if state.fired[j]:
            if 0 <= trial.drop <= step and probe.clock[DROPPED] < 0:
                probe.clock[DROPPED] = j
                continue
            state.r[j] += kick
            probe.spike_step[count] = step
            probe.spike_neuron[count] = j
            count += 1
            if in_window:
                probe.counts[j] += 1
            reach(synapses, background, state, j, kick)
    probe.clock[RECENT] += count - probe.clock[SPIKES]
    probe.clock[SPIKES] = count


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


@njit(cache=True, error_model="numpy")
def run(board, constants, synapses, background, state, learner, trial, probe, steps):
    """The time loop, on the leading thread."""
    h = np.float32(constants.h)
    window_start = trial.rest + trial.cue
    end = window_start + trial.window
    first = probe.clock[STEP]
    probe.clock[SPIKES] = 0
    for step in range(first, min(end, first + steps)):
        gather_input(constants, state, trial, step)
        step_neurons(constants.model, state.x, state.y, state.a, state.cells, h, constants.dt, state.fired)
        if constants.model == UNITS:
            pass_rates(synapses, background, state)
        else:
            deliver(synapses, background, constants, state, trial, probe, step, step >= window_start)
        probe.clock[STEP] = step + 1
        if (step + 1) % RUNAWAY_STEPS == 0:
            if probe.clock[RECENT] > trial.most:
                probe.clock[BAD] = state.u.size
                break
            probe.clock[RECENT] = 0
        t = step - window_start
        if t < 0:
            continue
        if trial.learn and t % trial.update == 0:
            bad = learn(board, synapses, learner, state.r, state.u, state.v, constants.bias, trial.target, t)
            if bad >= 0:
                probe.clock[BAD] = bad
                break
        if t % trial.sample == 0:
            note_activity(learner, state, probe.activity[t // trial.sample])


@njit(cache=True, error_model="numpy")
def join(board, constants, synapses, background, state, learner, trial, probe, steps):
    """One thread's part in a chunk: the first to come leads, the others help it to learn."""
    member = add(board, ENTERED, 1)
    if member > 0:
        take_part(board, member, synapses, learner, state.r, state.u, state.v, constants.bias, trial.target)
        return
    run(board, constants, synapses, background, state, learner, trial, probe, steps)
    put(board, OVER, 1)


@njit(cache=True, parallel=True, error_model="numpy")
def advance_together(threads, constants, synapses, background, state, learner, trial, probe, steps):
    """`advance` on several threads."""
    board = fresh_board(threads)
    for _ in prange(threads):
        join(board, constants, synapses, background, state, learner, trial, probe, steps)


@njit(cache=True, error_model="numpy")
def advance_alone(constants, synapses, background, state, learner, trial, probe, steps):
    """`advance` on the calling thread."""
    run(fresh_board(1), constants, synapses, background, state, learner, trial, probe, steps)


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
    threads = get_num_threads()
    if trial.learn and threads > 1 and learner.P.size > SMALL:
        advance_together(threads, constants, synapses, background, state, learner, trial, probe, steps)
    else:
        advance_alone(constants, synapses, background, state, learner, trial, probe, steps)
