"""What a run will take, told before it starts."""

from __future__ import annotations

from typing import NamedTuple

from spikedash.network import excitatory_count, group_size
from spikedash.params import Params

# Nanoseconds on one core of a 2024 server, measured part by part (make bench shows the sums on another machine).
NEURON_STEP = 2.6  # exact step, decay of u and r, sum of the input
NORMAL_NUMBER = 6.0  # private noise of a neuron in a step
SYNAPSE_SPIKE = 1.8  # a spike reaches one target
UPDATE = 120.0  # of a group, whatever its size
MATRIX_ENTRY = 0.07  # of P in the processor's cache
FAR_MATRIX_ENTRY = 0.1  # of P in memory
SHARED_WEIGHT = 0.8  # of a weight of shared inputs
OWN_WEIGHT = 1.2
OWN_LOOP = 0.75  # more for a weight of all-to-all wiring without self-connections
SAMPLE = 12.0  # measuring one sample of one neuron's drive after a trial
TYPICAL_HZ = 11.0
SECOND_THREAD = 0.9  # of a thread's work that a second one takes over
CACHE = 16 << 20  # bytes of P that stay in the processor's cache
KEPT = 3  # updates kept back, as in engine/rls.py
TILE = 16  # rows and columns of P come in tiles of this many (engine/symmetric.py)


class Cost(NamedTuple):
    memory_bytes: int  # arrays of the run; the interpreter comes on top
    seconds: float  # of the whole run
    loop_seconds: float  # of one training loop


class Size(NamedTuple):
    """How much there is of everything that costs."""

    groups: int
    inputs: int  # of a neuron
    members: int  # of a group
    entries: int  # stored numbers of one P

    @property
    def weights(self) -> int:
        return self.groups * self.inputs * self.members


def size(params: Params) -> Size:
    net = params.network
    members = group_size(net)
    if net.wiring == "all":
        inputs = net.n
    else:
        n_exc = excitatory_count(net)
        inputs = max(1, min(round(net.p * n_exc) + round(net.p * (net.n - n_exc)), net.n - members))
    tiles = -(-inputs // TILE)
    return Size(-(-net.n // members), inputs, members, TILE * TILE * tiles * (tiles + 1) // 2)


def step_ns(params: Params) -> float:
    """One simulated step without learning."""
    net = params.network
    spikes = net.n * TYPICAL_HZ / 1000.0 * net.dt_ms
    return net.n * (NEURON_STEP + (NORMAL_NUMBER if net.noise > 0 else 0.0)) + spikes * size(params).inputs * SYNAPSE_SPIKE


def update_ns(params: Params, threads: int = 1) -> float:
    """One weight update of all neurons."""
    net, it = params.network, size(params)
    stored = it.groups * it.entries
    weight = OWN_WEIGHT if it.members == 1 else SHARED_WEIGHT
    if net.wiring == "all" and not net.autapses:
        weight += OWN_LOOP
    alone = it.groups * UPDATE + stored * (FAR_MATRIX_ENTRY if 4 * stored > CACHE else MATRIX_ENTRY) + it.weights * weight
    return alone / (1 + SECOND_THREAD * (threads - 1))


def estimate(params: Params, threads: int = 2, window_ms: float | None = None) -> Cost:
    """Time and memory of a run. window_ms replaces the pattern's duration, as a recording does."""
    net, training, it = params.network, params.training, size(params)
    window = window_ms or params.target.duration_ms
    lead = (training.rest_min_ms + training.rest_max_ms) / 2 + params.cue.duration_ms
    samples = window / max(5.0, net.dt_ms)
    trial = ((lead + window) / net.dt_ms * step_ns(params) + samples * net.n * SAMPLE) / 1e9
    loop = trial + window / training.update_ms * update_ns(params, threads) / 1e9
    stored = 4 * it.groups * it.entries
    kept_back = 4 * it.groups * it.inputs * KEPT
    # Initial, present and previous weights, the lists of who sends to whom, and Dale's signs and blocks.
    weights = it.weights * (12 + (2 if net.dale else 0)) + it.groups * it.inputs * 12
    # The targets, and what is made of them in double precision at a time; samples of the drive and their sums.
    steps = window / net.dt_ms
    drive = params.target.sets * net.n * (steps * 4 + samples * 12) + min(net.n, 2000) * steps * 40 + net.n * samples * 4
    return Cost(int(stored + kept_back + weights + drive), training.loops * loop + training.test_trials * trial, loop)
