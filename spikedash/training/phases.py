"""Two trials from the same state, of which one misses a spike: how far the network's phases part."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikedash import engine
from spikedash.clock import Clock, clock_of, steps
from spikedash.network import Wiring
from spikedash.params import InputError, Params, Probe
from spikedash.records import F32, F64, Setup
from spikedash.training.build import Network, build, randomise
from spikedash.training.prepare import TRIALS, engine_trial, fresh_probe, stream


class Twins(NamedTuple):
    """Phases of trials in pairs."""

    time_ms: F64  # (s,) 0 is the start of the target window
    theta: F32  # (trials, 2, s, n) rad: with all spikes, and with one deleted


def twins(params: Params, setup: Setup, question: Probe, beyond_ms: float = 0) -> Twins:
    """Pairs of trials of a network (its weights are setup.weights) that part at the question's deleted spike.

    They go on for `beyond_ms` after the target window.

    Raises:
        InputError: neurons without a phase.
    """
    if params.network.model != "theta":
        raise InputError(f"network.model is {params.network.model}, whose neurons have no phase; it must be theta.")
    clock = clock_of(params, None)
    clock = clock._replace(window=clock.window + steps(beyond_ms, clock.dt_ms))
    rng = stream(params, TRIALS, question.seed)
    pairs = np.stack([_pair(params, setup, question, clock, rng) for _ in range(question.trials)])
    time = np.arange(1, clock.samples + 1, dtype=np.float64) * (clock.sample * clock.dt_ms)
    return Twins(time, pairs)


def _pair(params: Params, setup: Setup, question: Probe, clock: Clock, rng: np.random.Generator) -> F32:
    """Phases (2, s, n) of one pair."""
    wiring = Wiring(setup.n_exc, setup.pre, setup.weights)
    both = [build(params, wiring, setup.static, setup.cells, learning=False) for _ in range(2)]
    randomise(both[0], rng)
    for ours, theirs in zip(both[0].state, both[1].state, strict=True):
        theirs[...] = ours
    rest = int(rng.integers(clock.rest_min, clock.rest_max + 1))
    nothing = np.zeros((0, setup.n), np.float32)
    trial = engine_trial(params, clock, rest, False, rng, setup.stim[0], nothing)
    drop = rest + clock.cue + steps(question.delete_ms, clock.dt_ms)
    return np.stack([_phases(both[0], trial, clock), _phases(both[1], trial._replace(drop=drop), clock)])


def _phases(network: Network, trial: engine.Trial, clock: Clock) -> F32:
    """Phases (s, n) after every sample interval of the window."""
    probe = fresh_probe(clock, network.state.u.size, max(clock.sample, trial.rest + trial.cue))
    engine.advance(*network, trial, probe, trial.rest + trial.cue)
    theta = np.empty((clock.samples, network.state.u.size), np.float32)
    for sample in range(clock.samples):
        engine.advance(*network, trial, probe, clock.sample)
        theta[sample] = 2 * np.arctan2(network.state.x, network.state.y)
    return theta
