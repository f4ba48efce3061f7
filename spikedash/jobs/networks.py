"""Trained networks in the prober's memory, and what they do when they are asked."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import psutil

from spikedash import analysis, cost, training
from spikedash.clock import clock_of
from spikedash.jobs.folders import kept_neurons
from spikedash.jobs.memory import SHARE
from spikedash.jobs.questions import Answer
from spikedash.jobs.store import Store
from spikedash.params import InputError, Params, Probe
from spikedash.prices import Pace
from spikedash.records import F32, F64, Recording, Setup, Snapshot
from spikedash.training.session import RATE_SMOOTHING_MS

MOST_KEPT = 4
MOST_BYTES = 400 * 2**20  # of networks kept beside the newest one
LONGEST_S = 20.0  # of one answer
BIN_MS = 5.0
RATE_WIDTH_MS = 10.0  # standard deviation of the kernel that smooths the population rate


class Trained(NamedTuple):
    """A trained network and everything to run it."""

    params: Params
    setup: Setup
    weights: F32  # (groups, k, M)
    recording: Recording | None

    @property
    def bytes(self) -> int:
        setup = self.setup
        return sum(array.nbytes for array in (self.weights, setup.weights, setup.pre, setup.target, *setup.static))


class Networks:
    """The last few networks that were asked about, prepared."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[tuple[str, int], Trained] = OrderedDict()

    def find(self, run_id: str, attempt: int) -> Trained:
        """The network of a finished run.

        Raises:
            InputError: there is none; the sentence says why.
        """
        where = (run_id, attempt)
        if where not in self._kept:
            self._kept[where] = self._load(run_id, attempt)
        self._kept.move_to_end(where)
        while len(self._kept) > MOST_KEPT or sum(each.bytes for each in list(self._kept.values())[:-1]) > MOST_BYTES:
            self._kept.popitem(last=False)
        return self._kept[where]

    def _load(self, run_id: str, attempt: int) -> Trained:
        try:
            run = self._store.run(run_id)
        except KeyError:
            raise InputError("This run was deleted.") from None
        if run.state != "done" or run.strange or run.attempt != attempt:
            raise InputError("This run has no trained network; only one that came to its end can be asked.")
        params = run.params
        needed = cost.memory(params) - 4 * cost.size(params).stored  # P is left out
        free = psutil.virtual_memory().available
        if needed > SHARE * free:
            raise InputError(
                f"Asking this network needs about {needed / 1e9:.2g} GB of memory, and {free / 1e9:.2g} GB are free."
            )
        try:
            recording = self._store.recording(params.target.recording) if params.target.recording else None
        except KeyError:
            raise InputError("The recording of this run is no longer here, and without it its target is not known.") from None
        found = self._store.result(run_id, weights=True)
        if found is None or found.weights is None:
            raise InputError("The trained weights of this run cannot be read; train it again.")
        setup = training.prepare(params, recording)
        if found.weights.shape != setup.weights.shape:
            raise InputError("The trained weights of this run are those of another version; train it again.")
        return Trained(params, setup, found.weights, recording)


def check(network: Trained, probe: Probe, pace: Pace) -> None:
    """Refuse what would keep everybody waiting.

    Raises:
        InputError: it would take too long.
    """
    params, clock = network.params, clock_of(network.params, network.recording)
    steps = clock.rest_max + clock.cue + clock.window
    seconds = pace.seconds(probe.trials * steps * cost.step(params))
    if seconds > LONGEST_S:
        most = int(probe.trials * LONGEST_S / seconds)
        raise InputError(
            f"{probe.trials} trials of this network would take about {seconds:.0f} s, and others wait; ask for at most {most}."
            if most
            else f"One trial of this network would take about {seconds:.0f} s, which is too long to ask."
        )


def respond(network: Trained, probe: Probe, wanted: Callable[[], bool] = lambda: True) -> Answer | None:
    """Run the test trials; None as soon as nobody wants them any more.

    Raises:
        InputError: the network cannot be asked this.
    """
    began = time.perf_counter()
    params, setup, weights, recording = network
    session = training.probe(params, weights, probe, recording, threads=1, setup=setup)
    trial: list[Snapshot] = []
    first: list[Snapshot] = []
    correlations, rates, wrong = [], [], ""
    per_neuron = np.full(setup.n, np.nan)
    try:
        for snapshot in session:
            if not wanted():
                return None
            trial.append(snapshot)
            if snapshot.test is None:
                continue
            first = first or trial
            activity = np.concatenate([part.drive for part in trial])
            correlations.append(
                _with_every_pattern(network, activity, session.setup.trained, probe.pattern, snapshot.test.correlation)
            )
            rates.append(snapshot.test.rate_hz)
            trial = []
            if snapshot.result is not None:
                per_neuron = snapshot.result.per_neuron
    except training.RunFailed as error:
        first = first or [*trial, *([error.last] if error.last else [])]
        wrong = _out_of_bounds(str(error), error.last)
        correlations, rates = [np.full(len(setup.target), np.nan)], [np.nan]
    return _answer(network, first, np.array(correlations), np.array(rates), per_neuron, wrong, time.perf_counter() - began)


def _out_of_bounds(sentence: str, last: Snapshot | None) -> str:
    """What a diverging trial has to say to somebody who changed a trained network."""
    reason = sentence.split(";")[0].rstrip(".")
    return f"{reason}. The trial was stopped at {last.now_ms:.0f} ms." if last else f"{reason}."


def _with_every_pattern(network: Trained, activity: F32, learns: np.ndarray, own: int, with_own: float) -> F64:
    """Mean over neurons of Pearson's r with the target of each pattern (sets,); the session has measured its own."""
    params, setup = network.params, network.setup
    clock = clock_of(params, network.recording)
    width = 0.0 if params.training.rule == "drive" else RATE_SMOOTHING_MS / (clock.sample * clock.dt_ms)
    found = np.full(len(setup.target), with_own)
    for number in range(len(setup.target)):
        if number != own:
            pair = (activity[:, learns], setup.sampled_target[number][:, learns])
            smooth = [analysis.smooth(each, width) if width else each for each in pair]
            found[number] = analysis.mean_or_nan(analysis.pearson(*smooth))
    return found


def _answer(
    network: Trained, trial: list[Snapshot], correlation: F64, rate_hz: F64, per_neuron: F64, wrong: str, seconds: float
) -> Answer:
    setup, where = network.setup, trial[0].trial
    neurons = kept_neurons(setup.n)
    spike_ms = np.concatenate([part.spike_ms for part in trial])
    spike_neuron = np.concatenate([part.spike_neuron for part in trial])
    middles, binned = _binned(setup, spike_ms, spike_neuron, where.start_ms, trial[-1].now_ms)
    return Answer(
        where.start_ms,
        where.cue_ms,
        where.end_ms,
        trial[-1].now_ms,
        wrong,
        spike_ms,
        spike_neuron,
        neurons,
        np.concatenate([part.drive for part in trial])[:, neurons],
        correlation,
        per_neuron,
        rate_hz,
        middles,
        binned,
        seconds,
    )


def _binned(setup: Setup, spike_ms: F32, spike_neuron: np.ndarray, start_ms: float, reached_ms: float) -> tuple[F64, F32]:
    """Smoothed rates of E and I, or of all, in bins from the start of a trial: middles (b,), Hz (kinds, b)."""
    sizes = [setup.n_exc, setup.n - setup.n_exc] if setup.typed else [setup.n]
    kind = (spike_neuron >= setup.n_exc).astype(np.int32) if setup.typed else np.zeros(len(spike_neuron), np.int32)
    low = np.floor(start_ms / BIN_MS)
    bins = max(1, int(np.ceil(reached_ms / BIN_MS) - low))
    counts = analysis.bin_spikes((np.floor(spike_ms / BIN_MS) - low).astype(np.int32), kind, bins, len(sizes))
    rates = analysis.psth_hz(counts, 1, BIN_MS, RATE_WIDTH_MS) / np.maximum(sizes, 1)
    return (low + np.arange(bins) + 0.5) * BIN_MS, rates.T.astype(np.float32)
