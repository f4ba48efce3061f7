"""train(params): prepare a network, practise the pattern by recursive least squares, test it; yields what happens."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from spikedash import analysis, cost, engine, gain, targets
from spikedash.network import Wiring, outgoing, wire
from spikedash.params import InputError, Params
from spikedash.records import (
    F32,
    F64,
    Correlation,
    LoopRecord,
    RateFit,
    Recording,
    Result,
    Setup,
    Snapshot,
    TestRecord,
    Trial,
)

SAMPLE_MS = 5.0
CHUNK_NS = 60e6  # compute between two snapshots
START_R = 0.2  # synapses start a trial anywhere from 0 to this, in spikes per tau (0 to 20 Hz)

# One random stream each, so that a change in one place leaves the others alone.
WIRING, TARGETS, CUE, TRIALS, GAIN = range(5)


class RunFailed(RuntimeError):
    """The run cannot go on; the message is one sentence with the reason."""


class Network(NamedTuple):
    """The arrays of a running network."""

    constants: engine.Constants
    synapses: engine.Synapses
    state: engine.State
    learner: engine.Learner


class Clock(NamedTuple):
    """Lengths of a run's phases in steps."""

    dt_ms: float
    rest_min: int
    rest_max: int
    cue: int
    window: int
    update: int
    sample: int

    @property
    def samples(self) -> int:
        return -(-self.window // self.sample)


def _stream(params: Params, purpose: int) -> np.random.Generator:
    return np.random.default_rng([params.training.seed, purpose])


def _clock(params: Params, recording: Recording | None) -> Clock:
    dt = params.network.dt_ms
    return Clock(
        dt,
        targets.steps(params.training.rest_min_ms, dt),
        targets.steps(params.training.rest_max_ms, dt),
        targets.steps(params.cue.duration_ms, dt),
        targets.window_steps(params, recording),
        max(1, targets.steps(params.training.update_ms, dt)),
        max(1, targets.steps(SAMPLE_MS, dt)),
    )


def _build(params: Params, wiring: Wiring, learning: bool) -> Network:
    """Fresh arrays for a wiring; without `learning` P is left out."""
    n = params.network.n
    net = params.network
    groups, k, M = wiring.weights.shape
    constants = engine.Constants(
        float(net.dt_ms / net.tau_ms),
        math.exp(-net.dt_ms / net.tau_s_ms),
        float(net.tau_ms / net.tau_s_ms),
        float(net.noise),
    )
    synapses = engine.Synapses(wiring.pre, wiring.weights.copy(), *outgoing(wiring.pre, n))
    vector = [np.zeros(n, np.float32) for _ in range(3)]
    state = engine.State(
        vector[0], np.ones(n, np.float32), vector[1], np.zeros(n + 1, np.float32), vector[2], np.zeros(n, np.uint8)
    )
    without_loops = net.wiring == "all" and not net.autapses
    P = engine.identity(groups if learning else 0, k, 1.0 / params.training.lam)
    depth = 1 if without_loops else engine.depth(P.nbytes)
    width = engine.padded(k)
    dale = net.dale and net.weights != "silent" and learning
    learner = engine.Learner(
        P,
        engine.aligned(len(P), depth, width),
        np.zeros(len(P), np.int64),
        engine.aligned(len(P) if M > 1 else 0, width),
        engine.aligned(len(P) if M > 1 else 0, width),
        np.sign(wiring.weights).astype(np.int8) if dale else np.zeros((0, 0, 0), np.int8),
        np.zeros(wiring.weights.shape if dale else (0, 0, 0), np.uint8),
        np.ones(n, np.uint8),
        int(not without_loops),
    )
    return Network(constants, synapses, state, learner)


def _randomise(network: Network, rng: np.random.Generator) -> None:
    """Put the network into a random state, as a trial finds it."""
    state, synapses = network.state, network.synapses
    n = state.u.size
    phase = rng.uniform(-np.pi, np.pi, n)
    state.s[:], state.c[:] = np.sin(phase / 2), np.cos(phase / 2)
    state.r[:n] = rng.uniform(0, START_R, n)
    state.u[:] = np.einsum("gkm,gk->gm", synapses.W, state.r[synapses.pre], optimize=True).reshape(-1)[:n]


def _drive_targets(params: Params, recording: Recording | None, wiring: Wiring, stim: F32, clock: Clock) -> F64 | F32:
    """Drive target (T, n) of every neuron at every step."""
    n = params.network.n
    rng = np.random.default_rng([params.training.seed, TARGETS, params.target.seed])
    t = np.arange(clock.window, dtype=np.float64) * clock.dt_ms
    match params.target.family:
        case "drawn":
            return targets.drawn(params.target, t, n, wiring.n_exc, rng)
        case "innate":
            return _innate(params, wiring, stim, clock, rng)
        case "recorded":
            assert recording is not None
            rates = targets.resample_rates(recording, t)
            spare = targets.ornstein_uhlenbeck(t, n - rates.shape[1], params.target.aux_tau_c_ms, params.target.aux_std, rng)
            if params.network.noise == 0:
                # Any drive below 0 is silence then; the walk's own has no corners.
                return np.concatenate([gain.phi_inverse(rates, params.network.tau_ms), spare], axis=1)
            wanted = np.concatenate([rates, targets.auxiliary_rates(spare, clock.dt_ms, params.network.tau_ms)], axis=1)
            return gain.drive_for(wanted, params.network, int(_stream(params, GAIN).integers(2**31)))
        case family:
            return targets.family(family, params.target, t, n, rng)


def _innate(params: Params, wiring: Wiring, stim: F32, clock: Clock, rng: np.random.Generator) -> F32:
    """The drive (T, n) that the untrained network itself produces after the cue."""
    network = _build(params, wiring, learning=False)
    _randomise(network, rng)
    trial = _engine_trial(clock._replace(sample=1), clock.rest_max, False, rng, stim, np.zeros((0, params.network.n), np.float32))
    probe = _probe(clock._replace(sample=1), params.network.n, clock.rest_max + clock.cue + clock.window)
    engine.advance(*network, trial, probe, clock.rest_max + clock.cue + clock.window)
    drive: F32 = probe.drive
    return drive


def prepare(params: Params, recording: Recording | None = None) -> Setup:
    """Everything a run is made of before its first step.

    Raises:
        InputError: parameters or recording that cannot make a run.
    """
    net = params.network
    recorded = params.target.family == "recorded"
    if recorded and recording is None:
        raise InputError("target.family is recorded, but the recording is not at hand; upload the file again.")
    if recorded and recording is not None and recording.rate_hz.shape[1] > net.n:
        units = recording.rate_hz.shape[1]
        raise InputError(
            f"The recording has {units} neurons, more than network.n = {net.n}; "
            f"network.n must be at least {units}, and learns best with about {3 * units}."
        )
    clock = _clock(params, recording)
    wiring = wire(net, _stream(params, WIRING))
    # Plus or minus the full strength: measured, a uniform draw of the same range recalls worse (0.89 for 0.94 at ±1).
    stim = (params.cue.amplitude * _stream(params, CUE).choice([-1.0, 1.0], net.n)).astype(np.float32)
    if recorded and recording is not None and params.cue.to == "auxiliary":
        stim[: recording.rate_hz.shape[1]] = 0
    target = np.ascontiguousarray(_drive_targets(params, recording, wiring, stim, clock), np.float32)
    grid = np.arange(clock.samples, dtype=np.float64) * (clock.sample * clock.dt_ms)
    rates = targets.resample_rates(recording, grid) if recorded and recording is not None else None
    return Setup(net.n, wiring.n_exc, net.weights == "balanced", wiring.pre, wiring.weights, stim, target, rates, grid)


def _engine_trial(clock: Clock, rest: int, learn: bool, rng: np.random.Generator, stim: F32, target: F32) -> engine.Trial:
    key = int(rng.integers(2**62))
    return engine.Trial(rest, clock.cue, clock.window, clock.update, clock.sample, int(learn), key, stim, target)


def _probe(clock: Clock, n: int, chunk: int) -> engine.Probe:
    return engine.Probe(
        np.array([0, 0, -1, 0], np.int64),
        np.empty(n * chunk, np.int32),
        np.empty(n * chunk, np.int32),
        np.zeros(n, np.int64),
        np.zeros((clock.samples, n), np.float32),
    )


def _chunk_steps(params: Params, clock: Clock, learn: bool) -> int:
    """Steps between two snapshots: whole update intervals while learning, so that each costs about the same."""
    per_step = cost.step_ns(params)
    if not learn:
        return max(1, int(CHUNK_NS / per_step))
    per_interval = per_step * clock.update + cost.update_ns(params)
    return max(1, int(CHUNK_NS / per_interval)) * clock.update


class _Session:
    """One run in progress: the network, its streams, and what was measured so far."""

    def __init__(self, params: Params, recording: Recording | None, setup: Setup) -> None:
        self.params, self.setup = params, setup
        self.clock = _clock(params, recording)
        self.network = _build(params, Wiring(setup.n_exc, setup.pre, setup.weights), learning=True)
        self.rng = _stream(params, TRIALS)
        self.initial_norm = analysis.norm(setup.weights)
        self.loops: list[LoopRecord] = []
        self.tests: list[TestRecord] = []
        self.drive_sum = np.zeros((self.clock.samples, setup.n))
        recorded = 0 if setup.target_hz is None else setup.target_hz.shape[1]
        self.spike_counts = np.zeros((2, self.clock.samples, recorded), np.int64)
        self.sampled_target = setup.target[:: self.clock.sample]

    def _run_trial(self, kind: str, index: int) -> Iterator[Snapshot]:
        """One loop or test trial, chunk by chunk; the last snapshot carries its record."""
        clock, setup, learn = self.clock, self.setup, kind == "train"
        _randomise(self.network, self.rng)
        rest = int(self.rng.integers(clock.rest_min, clock.rest_max + 1))
        trial = _engine_trial(clock, rest, learn, self.rng, setup.stim, setup.target)
        lead, end = rest + clock.cue, rest + clock.cue + clock.window
        chunk = min(end, _chunk_steps(self.params, clock, learn))
        probe = _probe(clock, setup.n, chunk)
        before = self.network.synapses.W.copy() if learn else None
        dt = clock.dt_ms
        where = Trial(kind, index, -lead * dt, -clock.cue * dt, clock.window * dt)  # type: ignore[arg-type]
        sampled = 0
        while probe.clock[0] < end:
            engine.advance(*self.network, trial, probe, chunk)
            if probe.clock[2] >= 0:
                raise RunFailed(
                    f"Neuron {int(probe.clock[2])} diverged in loop {index + 1}: its drive or its P is no longer finite and "
                    "positive; a larger training.lam, a weaker cue or smaller initial weights keep it in bounds."
                )
            spikes = int(probe.clock[1])
            steps = probe.spike_step[:spikes] - lead
            neurons = probe.spike_neuron[:spikes].copy()
            if not learn and self.spike_counts.shape[2]:
                self.spike_counts[index % 2] += analysis.bin_spikes(
                    np.where(steps >= 0, steps // clock.sample, -1), neurons, *self.spike_counts.shape[1:]
                )
            reached = int(probe.clock[0])
            done = max(0, min(clock.samples, -(-(reached - lead) // clock.sample)))
            snapshot = Snapshot(
                where, (reached - lead) * dt, (steps * dt).astype(np.float32), neurons, sampled, probe.drive[sampled:done].copy()
            )
            sampled = done
            if reached < end:
                yield snapshot
        yield self._finish(snapshot, probe, before)

    def _finish(self, snapshot: Snapshot, probe: engine.Probe, before: F32 | None) -> Snapshot:
        """Measure a finished trial and put its record on its last snapshot."""
        setup, index = self.setup, snapshot.trial.index
        correlation = analysis.mean_or_nan(analysis.pearson(probe.drive, self.sampled_target))
        seconds = self.clock.window * self.clock.dt_ms / 1000.0
        rate = analysis.rate_hz(probe.counts, seconds)
        if before is None:
            self.drive_sum += probe.drive
            self.tests.append(TestRecord(index, correlation, rate))
            return snapshot._replace(test=self.tests[-1])
        after = self.network.synapses.W
        scale = self.initial_norm or analysis.norm(after)
        split = setup.n_exc if setup.typed else setup.n
        self.loops.append(
            LoopRecord(
                index,
                correlation,
                analysis.root_mean_square(probe.drive, self.sampled_target),
                analysis.relative_change(before, after, scale),
                rate,
                analysis.rate_hz(probe.counts[:split], seconds),
                analysis.rate_hz(probe.counts[split:], seconds),
            )
        )
        return snapshot._replace(loop=self.loops[-1])

    def run(self) -> Iterator[Snapshot]:
        phases = [("train", i) for i in range(self.params.training.loops)]
        phases += [("test", i) for i in range(self.params.training.test_trials)]
        last: Snapshot | None = None
        for number, (kind, index) in enumerate(phases, 1):
            for snapshot in self._run_trial(kind, index):
                if number == len(phases) and (snapshot.loop or snapshot.test):
                    last = snapshot  # it also carries the result
                else:
                    yield snapshot
        result = self._result()
        if last is None:
            last = Snapshot(
                Trial("train", 0, 0, 0, 0), 0, np.zeros(0, np.float32), np.zeros(0, np.int32), 0, result.mean_drive[:0]
            )
        yield last._replace(result=result)

    def _rate_fit(self) -> RateFit | None:
        if self.setup.target_hz is None or len(self.tests) < 2:
            return None
        return analysis.rate_fit(self.spike_counts, self.setup.target_hz, self.clock.sample * self.clock.dt_ms)

    def _result(self) -> Result:
        setup, weights = self.setup, self.network.synapses.W.copy()
        mean_drive = (self.drive_sum / max(1, len(self.tests))).astype(np.float32)
        per_neuron = analysis.pearson(mean_drive, self.sampled_target) if self.tests else np.full(setup.n, np.nan)
        test = np.array([record.correlation for record in self.tests] or [np.nan])
        rates = [record.rate_hz for record in self.tests] or [record.rate_hz for record in self.loops[-1:]] or [math.nan]
        correlation = Correlation(
            self.loops[0].correlation if self.loops else math.nan,
            self.loops[-1].correlation if self.loops else math.nan,
            float(test.mean()),
            float(test.min()),
            len(self.tests),
            analysis.mean_or_nan(per_neuron),
        )
        signed = self.params.network.weights != "silent"
        return Result(
            setup,
            weights,
            tuple(self.loops),
            tuple(self.tests),
            correlation,
            per_neuron,
            mean_drive,
            float(np.mean(rates)),
            self._rate_fit(),
            analysis.count_sign_changes(setup.weights, weights) if signed else None,
            float(self.network.learner.frozen.mean()) if self.params.network.dale and signed else None,
            hashlib.sha256(weights.tobytes()).hexdigest(),
        )


def train(
    params: Params, recording: Recording | None = None, *, threads: int | None = None, setup: Setup | None = None
) -> Iterator[Snapshot]:
    """Train a network and test it, yielding what happened every 60 ms of compute or so.

    Equal params and recording give equal bits for any number of threads. Leaving the iterator alone pauses the run;
    closing it ends the run. The last snapshot carries the result.

    Raises:
        InputError: parameters that cannot make a run.
        RunFailed: the network diverged.
    """
    engine.set_threads(threads)
    yield from _Session(params, recording, setup or prepare(params, recording)).run()


def warm_up() -> None:
    """Compile or load every kernel a run may need."""
    tiny = Params().with_values(
        {
            "network.n": 4,
            "network.p": 0.5,
            "network.noise": 1,
            "training.loops": 1,
            "training.test_trials": 1,
            "target.duration_ms": 100,
        }
    )
    for _ in train(tiny):
        pass


def _number(value: float | None) -> float | None:
    """JSON has no nan."""
    return None if value is None or not math.isfinite(value) else float(value)


def summary(result: Result, params: Params, run: str, seconds: float) -> dict[str, Any]:
    """The JSON object of a finished run, as the command line prints it."""
    out: dict[str, Any] = {
        "run": run,
        "seed": params.training.seed,
        "n": params.network.n,
        "loops": len(result.loops),
        "seconds": round(seconds, 3),
        "rate_hz": _number(result.rate_hz),
        "correlation": {k: v if k == "test_trials" else _number(v) for k, v in result.correlation._asdict().items()},
        "weights_sha256": result.weights_sha256,
    }
    if result.rate_fit is not None:
        fit = result.rate_fit
        out["rate_fit"] = {"median": _number(fit.median), "mean": _number(fit.mean), "ceiling": _number(fit.ceiling)}
    if params.network.dale and result.sign_changes is not None:
        out["sign_changes"] = result.sign_changes
        out["frozen"] = _number(result.frozen)
    return out
