"""What a run will take, told before it starts."""

from __future__ import annotations

from typing import NamedTuple

from spikedash.params import Params

# Measured on one core of a 2023 server; threads share the updates.
NS_NEURON_STEP = 6.0
NS_SYNAPSE_SPIKE = 2.0
NS_TRIANGLE_ENTRY = 0.45
TYPICAL_HZ = 12.0


class Cost(NamedTuple):
    memory_bytes: int  # arrays of the run; the interpreter comes on top
    seconds: float  # of the whole run
    loop_seconds: float  # of one training loop


def inputs(params: Params) -> int:
    """Plastic inputs of a neuron."""
    return max(1, min(round(params.network.p * params.network.n), params.network.n - 1))


def step_ns(params: Params) -> float:
    """One simulated step without learning."""
    net = params.network
    spikes = net.n * TYPICAL_HZ / 1000.0 * net.dt_ms
    return net.n * (NS_NEURON_STEP + (8.0 if net.noise > 0 else 0.0)) + spikes * inputs(params) * NS_SYNAPSE_SPIKE


def update_ns(params: Params, threads: int = 1) -> float:
    """One weight update of all neurons."""
    k = inputs(params)
    return params.network.n * (k * k / 2 * NS_TRIANGLE_ENTRY + 12 * k) / threads + 8_000


def estimate(params: Params, threads: int = 2, window_ms: float | None = None) -> Cost:
    """Time and memory of a run. window_ms replaces the pattern's duration, as a recording does."""
    net, training = params.network, params.training
    n, k = net.n, inputs(params)
    window = window_ms or params.target.duration_ms
    lead = (training.rest_min_ms + training.rest_max_ms) / 2 + params.cue.duration_ms
    trial = (lead + window) / net.dt_ms * step_ns(params) / 1e9
    loop = trial + window / training.update_ms * update_ns(params, threads) / 1e9
    samples = window / max(5.0, net.dt_ms)
    memory = 4 * n * (k * (k + 1) // 2) + n * k * (4 + 4 + 4 + 8 + 4 + 2) + n * (window / net.dt_ms * 4 + samples * 16)
    return Cost(int(memory), training.loops * loop + training.test_trials * trial, loop)
