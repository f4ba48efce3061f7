"""The small records that rooms hand to each other: named tuples of arrays and numbers, numpy only."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]


class Recording(NamedTuple):
    """Recorded firing rates: what a person uploads as a target."""

    rate_hz: F64  # (T, units), finite, >= 0
    time_ms: F64  # (T,), strictly increasing
    names: tuple[str, ...]  # (units,)
    notes: tuple[str, ...]  # what was understood, one plain sentence each
    choices: tuple[tuple[str, str], ...] = ()  # how the file was read, by the keys of readers.choices; reads it again alike


class LoopRecord(NamedTuple):
    """One finished training loop."""

    loop: int  # 0-based
    correlation: float  # mean over trained neurons of Pearson's r between drive and target
    error: float  # root mean square of drive minus target, drive units
    change: float  # Frobenius norm of this loop's weight change over that of the initial weights
    rate_hz: float  # population rate in the target window
    rate_exc_hz: float  # of the excitatory neurons (nan where there are none)
    rate_inh_hz: float  # of the inhibitory neurons (nan where there are none)


class TestRecord(NamedTuple):
    """One finished test trial (learning off)."""

    trial: int  # 0-based
    correlation: float
    rate_hz: float
    other: float = math.nan  # mean correlation with the patterns that were not cued (nan where there is only one)


class Trial(NamedTuple):
    """Where a loop or test trial stands in time. Times in ms; 0 is the start of the target window."""

    kind: Literal["train", "test"]
    index: int  # type: ignore[assignment]  # 0-based loop or trial
    start_ms: float  # negative: rest and cue come before the window
    cue_ms: float  # start of the cue, negative; the cue ends at 0
    end_ms: float  # end of the target window


class Snapshot(NamedTuple):
    """What happened since the previous snapshot of the same trial; arrays are the receiver's own."""

    trial: Trial
    now_ms: float  # time reached
    spike_ms: F32  # (m,) times of the new spikes
    spike_neuron: I32  # (m,)
    sample_start: int  # index of the first new sample on the sample grid
    drive: F32  # (s, n) new samples, inside the window, of what is trained: synaptic drive, or r in spikes per tau
    loop: LoopRecord | None = None  # set on the last snapshot of a training loop
    test: TestRecord | None = None  # set on the last snapshot of a test trial
    result: Result | None = None  # set on the last snapshot of the run


class Static(NamedTuple):
    """Synapses that never learn, by presynaptic neuron."""

    start: npt.NDArray[np.int64]  # (n + 1,) neuron j's synapses are start[j] : start[j + 1]
    post: I32  # (synapses,) postsynaptic neuron
    weight: F32  # (synapses,)


class Setup(NamedTuple):
    """What a run is made of before its first step; known before any training."""

    n: int
    n_exc: int  # neurons 0..n_exc-1 are excitatory; n where weights have mixed signs
    typed: bool  # False where neurons send both signs, so that E and I mean nothing
    pre: I32  # (groups, k) presynaptic neurons of each group of neighbours that share inputs; n pads shorter rows
    weights: F32  # (groups, k, M) initial weights: [g, m, i] leads from pre[g, m] to neuron g M + i
    stim: F32  # (sets, n) cue current of every pattern
    target: F32  # (sets, rows, n) target at updates and samples: drive, or rate in spikes per tau where rates are trained
    target_hz: F64 | None  # (samples, n_recorded) recorded rates on the sample grid
    sample_ms: F64  # (samples,) sample grid inside the window
    trained: npt.NDArray[np.bool_]  # (n,) who learns
    cells: F32  # (4, n) numbers of the neuron model
    static: Static  # synapses that never learn
    stride: int  # rows of the target from one sample to the next

    @property
    def sampled_target(self) -> F32:
        """The target on the sample grid (sets, samples, n)."""
        return np.asarray(self.target[:, :: self.stride])


class Correlation(NamedTuple):
    """Pearson's r between drive and target, averaged over trained neurons."""

    train_first: float
    train_last: float
    test_mean: float
    test_min: float
    test_trials: int
    trial_average: float
    test_other: float  # single-trial correlation with the patterns that were not cued (nan where there is only one)


class RateFit(NamedTuple):
    """Pearson's r between PSTH and recorded rate over recorded neurons, and the noise ceiling."""

    median: float
    mean: float
    ceiling: float
    per_neuron: F64  # (n_recorded,)
    ceilings: F64  # (n_recorded,) the noise ceiling of every neuron


class Result(NamedTuple):
    """A finished run."""

    setup: Setup
    weights: F32  # (groups, k, M) trained weights
    loops: tuple[LoopRecord, ...]
    tests: tuple[TestRecord, ...]
    correlation: Correlation
    per_neuron: F64  # (n,) correlation of the trial average with the target
    mean_drive: F32  # (sets, samples, n) trial average of the test trials of every pattern
    rate_hz: float  # population rate over test trials (training's last loop without tests)
    rate_fit: RateFit | None  # with recorded rates
    sign_changes: int | None  # weights whose sign differs from the initial one, with typed weights
    frozen: float | None  # share of synapses blocked by Dale's law
    weights_sha256: str
