"""The one time loop, for training and testing alike, callable in chunks of any length."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikedash.engine.neurons import theta_step
from spikedash.engine.noise import add_normal
from spikedash.engine.rls import learn

FAINT = np.float32(1e-9)


@njit(cache=True, error_model="numpy")
def deliver(synapses, constants, state, probe, step, in_window):
    """Decay all synapses, then let the neurons that fired reach their targets (state and probe in place).

    At 10 Hz one neuron in a hundred fires in a step, so adding the columns of the firing neurons costs far less than
    forming W r anew; the sum of both ways agrees because u decays exactly as r does.
    """
    decay = np.float32(constants.decay)
    kick = np.float32(constants.kick)
    n = state.u.size
    k, M = synapses.W.shape[1:]
    weights = synapses.W.reshape(-1)
    for i in range(n):
        u = state.u[i] * decay
        r = state.r[i] * decay
        # Left alone, the r of a silent neuron decays into denormal numbers, on which every product costs a hundred cycles.
        state.u[i] = u if abs(u) > FAINT else np.float32(0.0)
        state.r[i] = r if r > FAINT else np.float32(0.0)
    count = probe.clock[1]
    for j in range(n):
        if state.fired[j]:
            state.r[j] += kick
            probe.spike_step[count] = step
            probe.spike_neuron[count] = j
            count += 1
            if in_window:
                probe.counts[j] += 1
            if M == 1:
                for m in range(synapses.out_start[j], synapses.out_start[j + 1]):
                    i = synapses.out_group[m]
                    state.u[i] += weights[i * k + synapses.out_slot[m]] * kick
                continue
            for m in range(synapses.out_start[j], synapses.out_start[j + 1]):
                group = synapses.out_group[m]
                first = (group * k + synapses.out_slot[m]) * M
                post = group * M
                for i in range(min(M, n - post)):
                    state.u[post + i] += weights[first + i] * kick
    probe.clock[1] = count


@njit(cache=True, error_model="numpy")
def advance(constants, synapses, state, learner, trial, probe, steps):
    """Run up to `steps` steps of the trial (synapses, state, learner, probe in place); any split gives the same bits.

    Returns the steps done: fewer when the trial ends, or when a neuron diverges, whose number is then in probe.clock[2].
    """
    h = np.float32(constants.h)
    noise = np.float32(constants.noise)
    window_start = trial.rest + trial.cue
    end = window_start + trial.window
    first = probe.clock[0]
    probe.clock[1] = 0
    for step in range(first, min(end, first + steps)):
        in_cue = trial.rest <= step < window_start
        for i in range(state.u.size):
            state.a[i] = state.u[i] + (trial.stim[i] if in_cue else np.float32(0.0))
        if noise > 0:
            add_normal(state.a, noise, trial.key, step)
        theta_step(state.s, state.c, state.a, h, state.fired)
        deliver(synapses, constants, state, probe, step, step >= window_start)
        probe.clock[0] = step + 1
        t = step - window_start
        if t < 0:
            continue
        if trial.learn and t % trial.update == 0:
            bad = learn(synapses, learner, state.r, state.u, trial.target[t])
            if bad >= 0:
                probe.clock[2] = bad
                break
        if t % trial.sample == 0:
            probe.drive[t // trial.sample] = state.u
    return probe.clock[0] - first
