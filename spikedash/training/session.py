"""One run in progress: practise the patterns loop by loop, then test them; stops and goes on between any two snapshots."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash import analysis, cost, engine, gain
from spikedash.clock import Clock, clock_of
from spikedash.network import Wiring
from spikedash.params import InputError, Params
from spikedash.records import F32, Correlation, LoopRecord, RateFit, Recording, Result, Setup, Snapshot, TestRecord, Trial
from spikedash.training.build import build, randomise, settled
from spikedash.training.prepare import TRIALS, engine_trial, fresh_probe, stream

CHUNK_NS = 60e6  # compute between two snapshots
RATE_SMOOTHING_MS = 50.0
BLOCK = 1000  # neurons whose rates are smoothed at a time

Arrays = Mapping[str, npt.NDArray[Any]]


class RunFailed(RuntimeError):
    """The run cannot go on; the message is one sentence with the reason, `last` what happened since the last snapshot."""

    def __init__(self, message: str, last: Snapshot | None = None) -> None:
        super().__init__(message)
        self.last = last


class Phase(NamedTuple):
    """One loop or test trial of the plan."""

    kind: Literal["train", "test"]
    number: int  # 0-based among its kind


class Running(NamedTuple):
    """A loop or trial that has begun."""

    trial: engine.Trial
    probe: engine.Probe
    where: Trial
    before: F32 | None  # weights at its start, in a training loop


def chunk_steps(params: Params, clock: Clock, learn: bool) -> int:
    """Steps between two snapshots: whole update intervals while learning, so that each costs about the same."""
    per_step = cost.step_ns(params)
    if not learn:
        return max(1, int(CHUNK_NS / per_step))
    per_interval = per_step * clock.update + cost.update_ns(params)
    return max(1, int(CHUNK_NS / per_interval)) * clock.update


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


class Session:
    """The network, its random streams, and what was measured so far. Iterating runs it; a checkpoint resumes it."""

    def __init__(
        self,
        params: Params,
        recording: Recording | None,
        setup: Setup,
        *,
        resume: Arrays | None = None,
        drop_ms: float = -1,
        draw: int = 0,
    ) -> None:
        """Begin a run, or go on with one from the arrays of its checkpoint.

        In test trials the first spike from `drop_ms` on is deleted; negative for none. Another `draw` begins its trials in
        other states and at other onsets.

        Raises:
            InputError: the checkpoint is one of another run.
        """
        self.params, self.setup = params, setup
        self.clock = clock_of(params, recording)
        wiring = Wiring(setup.n_exc, setup.pre, setup.weights)
        self.network = build(params, wiring, setup.static, setup.cells, setup.trained, learning=params.training.loops > 0)
        self.drop_ms = drop_ms
        self.rng = stream(params, TRIALS, draw)
        self.initial_norm = analysis.norm(setup.weights)
        self.plan = [Phase("train", i) for i in range(params.training.loops)]
        self.plan += [Phase("test", i) for i in range(params.training.test_trials)]
        self.done = 0  # phases
        self.running: Running | None = None
        self.sampled = 0  # samples handed out of the running trial
        self.loops: list[LoopRecord] = []
        self.tests: list[TestRecord] = []
        self.activity_sum = np.zeros((params.target.sets, self.clock.samples, setup.n), np.float32)
        recorded = 0 if setup.target_hz is None else setup.target_hz.shape[1]
        self.spike_counts = np.zeros((2, self.clock.samples, recorded), np.int64)
        self.sampled_target = setup.sampled_target
        # What the kernels learn: neurons that share a P learn rates through the drive that gives them.
        self.goals = setup.target
        if self.network.learner.rule == engine.RATE_BY_DRIVE:
            self.goals = np.empty_like(setup.target)
            for number, row in np.ndindex(self.goals.shape[:2]):
                self.goals[number, row] = gain.smooth_inverse(setup.target[number, row])
        if resume is not None:
            self._resume(resume)

    def __iter__(self) -> Iterator[Snapshot]:
        if self.over:
            nothing = np.zeros((0, self.setup.n), np.float32)
            empty = Snapshot(Trial("train", 0, 0, 0, 0), 0, np.zeros(0, np.float32), np.zeros(0, np.int32), 0, nothing)
            yield empty._replace(result=self._result())
        while not self.over:
            snapshot = self._next()
            yield snapshot._replace(result=self._result()) if self.over else snapshot

    @property
    def over(self) -> bool:
        """Whether nothing is left to compute but the result; then iterating yields one empty snapshot with it."""
        return self.done == len(self.plan)

    def checkpoint_bytes(self) -> int:
        """Upper bound of what a checkpoint takes, without making one."""
        growing: int = sum(array.nbytes for array in self._growing().values())
        other: int = self.network.learner.P.nbytes + self.sampled_target[0].nbytes + self.network.synapses.W.nbytes
        return growing + other

    def _begin(self, phase: Phase) -> Running:
        clock, setup, dt = self.clock, self.setup, self.clock.dt_ms
        number = phase.number % self.params.target.sets
        randomise(self.network, self.rng)
        rest = int(self.rng.integers(clock.rest_min, clock.rest_max + 1))
        learn = phase.kind == "train"
        drop = -1 if learn or self.drop_ms < 0 else rest + clock.cue + round(self.drop_ms / dt)
        trial = engine_trial(self.params, clock, rest, learn, self.rng, setup.stim[number], self.goals[number], drop)
        probe = fresh_probe(clock, setup.n, min(rest + clock.cue + clock.window, chunk_steps(self.params, clock, learn)))
        return Running(trial, probe, self._where(phase, rest), self.network.synapses.W.copy() if learn else None)

    def _where(self, phase: Phase, rest: int) -> Trial:
        """A trial's place in time, after that many steps of rest."""
        cue, window, dt = self.clock.cue, self.clock.window, self.clock.dt_ms
        return Trial(phase.kind, phase.number, -(rest + cue) * dt, -cue * dt, window * dt)

    def _next(self) -> Snapshot:
        """Run one chunk."""
        phase = self.plan[self.done]
        if self.running is None:
            self.running, self.sampled = self._begin(phase), 0
        trial, probe, where, _ = self.running
        clock, dt = self.clock, self.clock.dt_ms
        lead = trial.rest + trial.cue
        engine.advance(*self.network, trial, probe, len(probe.spike_step) // self.setup.n)
        spikes, reached = int(probe.clock[engine.SPIKES]), int(probe.clock[engine.STEP])
        steps, neurons = probe.spike_step[:spikes] - lead, probe.spike_neuron[:spikes].copy()
        if phase.kind == "test" and self.spike_counts.shape[2]:
            bins = np.where(steps >= 0, steps // clock.sample, -1)
            self.spike_counts[phase.number % 2] += analysis.bin_spikes(bins, neurons, *self.spike_counts.shape[1:])
        first = self.sampled
        self.sampled = max(0, min(clock.samples, -(-(reached - lead) // clock.sample)))
        fresh = probe.activity[first : self.sampled].copy()
        snapshot = Snapshot(where, (reached - lead) * dt, (steps * dt).astype(np.float32), neurons, first, fresh)
        self._check(probe, phase, snapshot)
        return self._finish(phase, snapshot) if reached == lead + clock.window else snapshot

    def _check(self, probe: engine.Probe, phase: Phase, last: Snapshot) -> None:
        bad = int(probe.clock[engine.BAD])
        if bad < 0:
            return
        kind = "loop" if phase.kind == "train" else "test trial"
        if bad == self.setup.n:
            net = self.params.network
            same = net.wiring == "all" and net.weights == "balanced"
            weights = "mixed or silent initial weights (balanced ones are here the same for every neuron)"
            raise RunFailed(
                f"Runaway activity in {kind} {phase.number + 1}: the population fired above 400 Hz; "
                f"{weights if same else 'weaker initial weights'}, a weaker cue or a larger training.lam keep it in bounds.",
                last,
            )
        raise RunFailed(
            f"Neuron {bad} diverged in {kind} {phase.number + 1}: its drive or its P is no longer finite and positive; "
            "a larger training.lam, a weaker cue or smaller initial weights keep it in bounds.",
            last,
        )

    def _correlation(self, activity: npt.NDArray[np.floating], number: int) -> npt.NDArray[np.float64]:
        """Pearson's r with one of the patterns (n,), nan where a neuron does not learn; rates are smoothed on both sides."""
        target = self.sampled_target[number]
        if self.params.training.rule == "drive":
            return np.where(self.setup.trained, engine.correlations(activity, target), np.nan)
        width = RATE_SMOOTHING_MS / (self.clock.sample * self.clock.dt_ms)
        found = np.full(self.setup.n, np.nan)
        for first in range(0, self.setup.n, BLOCK):  # in double precision only some neurons at a time
            who = slice(first, first + BLOCK)
            found[who] = analysis.pearson(*(analysis.smooth(each[:, who], width) for each in (activity, target)))
        return np.where(self.setup.trained, found, np.nan)

    def _finish(self, phase: Phase, snapshot: Snapshot) -> Snapshot:
        """Measure a finished trial and put its record on its last snapshot."""
        assert self.running is not None
        probe, before = self.running.probe, self.running.before
        sets = self.params.target.sets
        number = phase.number % sets
        correlation = analysis.mean_or_nan(self._correlation(probe.activity, number))
        seconds = self.clock.window * self.clock.dt_ms / 1000.0
        rate = analysis.rate_hz(probe.counts, seconds)
        if before is None:
            self.activity_sum[number] += probe.activity
            others = [analysis.mean_or_nan(self._correlation(probe.activity, i)) for i in range(sets) if i != number]
            self.tests.append(TestRecord(phase.number, correlation, rate, analysis.mean_or_nan(np.array(others))))
            snapshot = snapshot._replace(test=self.tests[-1])
        else:
            self.loops.append(self._loop_record(phase, correlation, rate, seconds, probe, before))
            snapshot = snapshot._replace(loop=self.loops[-1])
        self.done, self.running = self.done + 1, None
        self._let_go()
        return snapshot

    def _let_go(self) -> None:
        """Tests need nothing of what learning does."""
        if len(self.loops) == self.params.training.loops:
            self.network, self.goals = settled(self.network), self.setup.target

    def _loop_record(
        self, phase: Phase, correlation: float, rate: float, seconds: float, probe: engine.Probe, before: F32
    ) -> LoopRecord:
        setup, after, learns = self.setup, self.network.synapses.W, self.setup.trained
        split = setup.n_exc if setup.typed else setup.n
        target = self.sampled_target[phase.number % self.params.target.sets]
        return LoopRecord(
            phase.number,
            correlation,
            analysis.root_mean_square(probe.activity, target)
            if learns.all()
            else analysis.root_mean_square(probe.activity[:, learns], target[:, learns]),
            _share(
                math.sqrt(engine.squared_distance(before.reshape(-1), after.reshape(-1))),
                self.initial_norm or analysis.norm(after),
            ),
            rate,
            analysis.rate_hz(probe.counts[:split], seconds),
            analysis.rate_hz(probe.counts[split:], seconds),
        )

    def _rate_fit(self) -> RateFit | None:
        if self.setup.target_hz is None or len(self.tests) < 2:
            return None
        return analysis.rate_fit(self.spike_counts, self.setup.target_hz, self.clock.sample * self.clock.dt_ms)

    def _result(self) -> Result:
        setup, weights, sets = self.setup, self.network.synapses.W, self.params.target.sets
        trials = np.bincount([record.trial % sets for record in self.tests] or [0], minlength=sets)
        mean: F32 = self.activity_sum / np.maximum(1, trials).astype(np.float32)[:, None, None]
        # A pattern that no test trial cued says nothing.
        tested = [self._correlation(mean[i], i) for i in range(sets) if self.tests and trials[i]]
        per_neuron = np.mean(tested, axis=0) if tested else np.full(setup.n, np.nan)
        test = np.array([record.correlation for record in self.tests] or [np.nan])
        others = np.array([record.other for record in self.tests] or [np.nan])
        rates = [record.rate_hz for record in self.tests] or [record.rate_hz for record in self.loops[-1:]] or [math.nan]
        correlation = Correlation(
            self.loops[0].correlation if self.loops else math.nan,
            self.loops[-1].correlation if self.loops else math.nan,
            float(test.mean()),
            float(test.min()),
            len(self.tests),
            analysis.mean_or_nan(per_neuron),
            analysis.mean_or_nan(others),
        )
        signed = self.params.network.weights != "silent"
        learner = self.network.learner
        signs = int(np.count_nonzero(learner.sign))
        blocked = float(learner.frozen[learner.sign != 0].sum() / max(1, signs)) if learner.sign.size else None
        return Result(
            setup,
            weights,
            tuple(self.loops),
            tuple(self.tests),
            correlation,
            per_neuron,
            mean,
            float(np.mean(rates)),
            self._rate_fit(),
            analysis.count_sign_changes(setup.weights, weights) if signed else None,
            blocked,
            hashlib.sha256(weights).hexdigest(),
        )

    def _growing(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays that the run changes but P, by name."""
        state, learner = self.network.state, self.network.learner
        return {
            "W": self.network.synapses.W,
            **{name: getattr(state, name) for name in ("x", "y", "u", "v", "r")},
            **{name: getattr(learner, name) for name in ("held", "Pr", "curvature", "jump", "Y", "S", "root", "own", "frozen")},
            "activity_sum": self.activity_sum,
            "spike_counts": self.spike_counts,
        }

    def checkpoint(self) -> dict[str, npt.NDArray[Any]]:
        """Copies of everything that has changed since the start; equal bits follow from here. Call it between snapshots."""
        arrays = {name: array.copy() for name, array in self._growing().items()}
        arrays["P"] = engine.packed(self.network.learner.P)
        arrays["loops"] = np.array(self.loops, np.float64).reshape(len(self.loops), len(LoopRecord._fields))
        arrays["tests"] = np.array(self.tests, np.float64).reshape(len(self.tests), len(TestRecord._fields))
        at: dict[str, Any] = {
            "params": self.params.model_dump(mode="json"),
            "rng": self.rng.bit_generator.state,
            "done": self.done,
            "sampled": self.sampled,
        }
        if self.running:
            trial, probe, _, before = self.running
            at["trial"] = {name: getattr(trial, name) for name in ("rest", "key", "origin")}
            arrays |= {"clock": probe.clock.copy(), "counts": probe.counts.copy(), "activity": probe.activity.copy()}
            if before is not None:
                arrays["before"] = before  # nobody changes it
        arrays["at"] = np.frombuffer(json.dumps(at).encode(), np.uint8)
        return arrays

    def _resume(self, arrays: Arrays) -> None:
        at = json.loads(arrays["at"].tobytes())
        if at["params"] != self.params.model_dump(mode="json"):
            raise InputError("The checkpoint belongs to a run with other parameters.")
        self.loops = [LoopRecord(int(row[0]), *map(float, row[1:])) for row in arrays["loops"]]
        self.tests = [TestRecord(int(row[0]), *map(float, row[1:])) for row in arrays["tests"]]
        self.done = at["done"]
        self._let_go()
        if "trial" in at:
            phase = self.plan[self.done]
            begun = self._begin(phase)
            for name in ("clock", "counts", "activity"):
                getattr(begun.probe, name)[:] = arrays[name]
            where = self._where(phase, at["trial"]["rest"])
            self.running = Running(begun.trial._replace(**at["trial"]), begun.probe, where, arrays.get("before"))
        self.sampled = at["sampled"]
        self.rng.bit_generator.state = at["rng"]
        for name, array in self._growing().items():
            array[...] = arrays[name]
        engine.unpack(arrays["P"], self.network.learner.P)
