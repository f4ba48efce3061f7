"""Everything a run is made of before its first step: clock, wiring, cue and targets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikedash import engine, gain, targets
from spikedash.clock import Clock, clock_of
from spikedash.network import Wiring, background, cell_values, wire
from spikedash.params import InputError, Params
from spikedash.records import F32, F64, Recording, Setup, Static
from spikedash.training.build import Network, build, randomise

RUNAWAY_HZ = 400.0  # a population this active for RUNAWAY_STEPS has left every regime in which a pattern can be learnt

# One random stream each, so that a change in one place leaves the others alone.
WIRING, TARGETS, CUE, TRIALS, GAIN, STATIC, CHOICE, NOISE, PROBE = range(9)
assert TARGETS == targets.STREAM


def stream(params: Params, purpose: int, draw: int = 0) -> np.random.Generator:
    """Random numbers for one purpose; each `draw` has others."""
    return np.random.default_rng([(params.training.seed + draw) % 2**31, purpose])


def engine_trial(
    params: Params, clock: Clock, rest: int, learn: bool, rng: np.random.Generator, stim: F32, target: F32, drop: int = -1
) -> engine.Trial:
    """A trial for the kernels; private noise draws its stream from rng, frozen noise begins anew with every cue."""
    key, origin = int(rng.integers(2**62)), 0
    if params.network.noise_kind == "frozen":
        key, origin = int(stream(params, NOISE).integers(2**62)), rest - clock.rest_max
    most = int(RUNAWAY_HZ / 1000.0 * clock.dt_ms * engine.RUNAWAY_STEPS * len(stim))
    return engine.Trial(
        rest, clock.cue, clock.window, clock.update, clock.sample, clock.grid, int(learn), key, origin, drop, most, stim, target
    )


def fresh_probe(clock: Clock, n: int, chunk: int) -> engine.Probe:
    """Room for what a trial of n neurons leaves behind, in chunks of that many steps."""
    return engine.Probe(
        np.array(engine.CLOCK, np.int64),
        np.empty(n * chunk, np.int32),
        np.empty(n * chunk, np.int32),
        np.zeros(n, np.int64),
        np.zeros((clock.samples, n), np.float32),
    )


class Parts(NamedTuple):
    """A network as drawn, without targets."""

    wiring: Wiring
    static: Static
    cells: F32  # (4, n)

    def built(self, params: Params, *, learning: bool) -> Network:
        return build(params, self.wiring, self.static, self.cells, learning=learning)


def _fill(target: F32, params: Params, recording: Recording | None, parts: Parts, stim: F32, clock: Clock, number: int) -> None:
    """Write the target (rows, n) of pattern `number`: drive, or rate in spikes per tau."""
    t = np.arange(clock.window, dtype=np.float64) * clock.dt_ms
    match params.target.family:
        case "innate":
            target[:] = _innate(params, parts, stim, clock, targets.draws_of(params, number))
        case "recorded":
            assert recording is not None
            target[:] = _recorded(params, recording, t, targets.draws_of(params, number))[:: clock.grid]
        case _:
            targets.fill(target, params, t, parts.wiring.n_exc, number, clock.grid)
    if params.training.rule != "drive":
        targets.to_rate(target)


def _recorded(params: Params, recording: Recording, t: F64, rng: np.random.Generator) -> F64:
    """Drive (T, n) at which the recorded neurons fire at their rates, and the others at random ones."""
    net = params.network
    rates = targets.resample_rates(recording, t)
    spare = targets.ornstein_uhlenbeck(t, net.n - rates.shape[1], params.target.aux_tau_c_ms, params.target.aux_std, rng)
    if net.noise == 0 and net.model == "theta":
        # Any drive below 0 is silence then; the walk's own has no corners.
        return np.concatenate([gain.phi_inverse(rates, net.tau_ms) - net.bias, spare], axis=1)
    wanted = np.concatenate([rates, targets.auxiliary_rates(spare, net.dt_ms, net.tau_ms)], axis=1)
    return gain.drive_for(wanted, net, int(stream(params, GAIN).integers(2**31)))


def _innate(params: Params, parts: Parts, stim: F32, clock: Clock, rng: np.random.Generator) -> F32:
    """The drive (rows, n) that the untrained network itself produces after the cue."""
    network = parts.built(params, learning=False)
    randomise(network, rng)
    fine = clock._replace(sample=clock.grid)
    nothing = np.zeros((0, params.network.n), np.float32)
    trial = engine_trial(params, fine, clock.rest_max, False, rng, stim, nothing)
    steps = clock.rest_max + clock.cue + clock.window
    probe = fresh_probe(fine, params.network.n, steps)
    engine.advance(*network, trial, probe, steps)
    drive: F32 = probe.activity
    return drive


def prepare(params: Params, recording: Recording | None = None) -> Setup:
    """Everything a run is made of before its first step.

    Raises:
        InputError: parameters or recording that cannot make a run.
    """
    net = params.network
    units = _check_recording(params, recording)
    clock = clock_of(params, recording)
    parts = Parts(wire(net, stream(params, WIRING)), background(net, stream(params, STATIC)), cell_values(net))
    stim = _cue(params)
    if params.cue.to == "auxiliary":
        stim[:, :units] = 0
    target = np.empty((params.target.sets, clock.rows, net.n), np.float32)
    for number in range(params.target.sets):
        _fill(target[number], params, recording, parts, stim[number], clock, number)
    grid = np.arange(clock.samples, dtype=np.float64) * (clock.sample * clock.dt_ms)
    rates = targets.resample_rates(recording, grid) if units and recording is not None else None
    return Setup(
        net.n,
        parts.wiring.n_exc,
        net.weights == "balanced",
        parts.wiring.pre,
        parts.wiring.weights,
        stim,
        target,
        rates,
        grid,
        _chosen(params),
        parts.cells,
        parts.static,
        clock.sample // clock.grid,
    )


def _cue(params: Params) -> F32:
    """Cue current of every pattern (sets, n)."""
    rng, shape = stream(params, CUE), (params.target.sets, params.network.n)
    # Measured at ±1: full strengths recall better in busy networks (0.94 for 0.89), a uniform draw in quiet ones (0.73 for 0.47).
    shares = rng.choice([-1.0, 1.0], shape) if params.cue.currents == "equal" else rng.uniform(-1.0, 1.0, shape)
    return (params.cue.amplitude * shares).astype(np.float32)


def _check_recording(params: Params, recording: Recording | None) -> int:
    """How many neurons of the network were recorded."""
    if params.target.family != "recorded":
        return 0
    if recording is None:
        raise InputError("target.family is recorded, but the recording is not at hand; upload the file again.")
    units = int(recording.rate_hz.shape[1])
    if units > params.network.n:
        raise InputError(
            f"The recording has {units} neurons, more than network.n = {params.network.n}; "
            f"network.n must be at least {units}, and learns best with about {3 * units}."
        )
    return units


def _chosen(params: Params) -> np.ndarray:
    """Who learns (n,)."""
    n, trained = params.network.n, np.ones(params.network.n, np.bool_)
    if params.training.share < 1:
        count = max(1, round(params.training.share * n))
        trained[:] = False
        trained[stream(params, CHOICE).choice(n, count, replace=False)] = True
    return trained
