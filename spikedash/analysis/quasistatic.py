"""The quasi-static picture of a trained network: when the drive changes slowly, u ≈ W φ(u) and R ≈ φ(u) (paper, Fig. 3).

The drive lags behind W φ(u) by about the synaptic time; W L φ(u), with the synapse's filter L, takes that into account.

The gains are written here once more with NumPy alone, because this room is open to the web process, which never loads Numba.
A run with noise has another gain: hand in its measured f-I curve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from spikedash.analysis.activity import low_pass, pearson
from spikedash.records import F32, F64, I32, Static

Gain = Callable[[npt.NDArray[np.floating]], npt.NDArray[np.floating]]
Neurons = npt.NDArray[np.integer]

BLOCK = 1000  # neurons whose curves are worked on at a time
PART = 2**19  # and weights


class QuasiStatic(NamedTuple):
    """What the approximation says about q neurons of a trained network. Rates in spikes per tau."""

    drive: F64  # (samples, q) W φ(u), or W L φ(u) where a synaptic time is given
    rate: F64  # (samples, q) φ(u)
    drive_fit: F64  # (q,) correlation of that with u
    rate_fit: F64 | None  # (q,) correlation of φ(u) with the simulated rate, where one is given


def phi(total: npt.NDArray[np.floating]) -> F64:
    """φ(x) = √[x]₊/π: spikes per tau of a theta neuron under a constant input."""
    return np.asarray(np.sqrt(np.maximum(total, 0.0, dtype=np.float64)) / np.pi)


def smooth_phi(total: npt.NDArray[np.floating], c: float = 0.1) -> F64:
    """φ(x) = √(c log(1 + e^{x/c}))/π: the same under noisy input (SCIENCE §1)."""
    return np.asarray(np.sqrt(c * np.logaddexp(0.0, np.asarray(total, np.float64) / c)) / np.pi)


def measured_phi(drive: F64, rate_hz: F64, tau_ms: float) -> Gain:
    """The gain of a measured f-I curve (points,), such as that of a run with noise; constant beyond its ends."""

    def rate(total: npt.NDArray[np.floating]) -> F64:
        return np.asarray(np.interp(total, drive, rate_hz) * (tau_ms / 1000.0))

    return rate


def _synapses_of(neurons: Neurons, pre: I32, weights: F32, n: int) -> Iterator[tuple[slice, I32, F32]]:
    """The synapses of some neurons (q,), ascending, a few at a time: which of them, their inputs (k,) and weights (k, few)."""
    _, k, M = weights.shape
    few = max(1, PART // k)
    groups, first = np.unique(neurons // M, return_index=True)
    for group, start, stop in zip(groups, first, [*first[1:], len(neurons)], strict=True):
        inputs = np.minimum(pre[group], n - 1)  # places that pad a short row have no weight
        for some in (slice(at, min(at + few, stop)) for at in range(start, stop, few)):
            yield some, inputs, weights[group][:, neurons[some] - group * M]


def through(
    pre: I32, weights: F32, rate: npt.NDArray[np.floating], neurons: Neurons | None = None, *, squared: bool = False
) -> F64:
    """W r of every sample, or W² r: rate (samples, n), weights (groups, k, M) -> (samples, q), all neurons or some."""
    samples, n = rate.shape
    groups, _, M = weights.shape
    who = np.arange(min(n, groups * M)) if neurons is None else neurons
    sums = np.empty((samples, len(who)))
    for where, inputs, part in _synapses_of(who, pre, weights, n):
        sums[:, where] = rate[:, inputs] @ (np.square(part) if squared else part)
    return sums


def drive_from_rates(
    pre: I32, weights: F32, rate: npt.NDArray[np.floating], static: Static | None = None, neurons: Neurons | None = None
) -> F64:
    """The drive of every sample, of all neurons or some: rate (samples, n) -> (samples, q), static synapses added."""
    drive = through(pre, weights, rate, neurons)
    if static is not None and static.post.size:
        n = rate.shape[1]
        by_sender = sparse.csr_array((static.weight.astype(np.float64), static.post, static.start), shape=(n, n))
        drive += rate @ (by_sender if neurons is None else by_sender[:, neurons])
    return drive


def quasi_static(
    pre: I32,
    weights: F32,
    drive: npt.NDArray[np.floating],
    *,
    rate: npt.NDArray[np.floating] | None = None,
    neurons: Neurons | None = None,
    bias: float = 0.0,
    static: Static | None = None,
    gain: Gain = phi,
    lag_ms: float = 0.0,
    sample_ms: float = 1.0,
) -> QuasiStatic:
    """Predict drive and rate from a drive, and say how far the simulation agrees.

    Args:
        pre, weights: (groups, k) and (groups, k, M), trained.
        drive: (samples, n) trial average of the synaptic drive, or the target.
        neurons: (q,) those to predict, ascending; all without it.
        rate: (samples, q) their simulated rates in any unit, such as a PSTH.
        bias: constant input, drive units.
        gain: total input (samples, n) to spikes per tau (samples, n).
        lag_ms: the synaptic time, for a prediction that lags as the drive does; 0 for the plain one.
        sample_ms: between two samples, which only the lag needs.
    """
    who = np.arange(drive.shape[1]) if neurons is None else neurons
    follows = drive_from_rates(pre, weights, carried(drive, gain, bias, lag_ms, sample_ms), static, neurons)
    predicted = np.asarray(gain(np.asarray(drive[:, who], np.float64) + bias), np.float64)
    return QuasiStatic(follows, predicted, pearson(follows, drive[:, who]), None if rate is None else pearson(predicted, rate))


def carried(drive: npt.NDArray[np.floating], gain: Gain, bias: float, lag_ms: float, sample_ms: float) -> F32:
    """The synapses' r (samples, n) of neurons that fire at φ(drive); in double precision only some neurons at a time."""
    r = np.empty(drive.shape, np.float32)
    for first in range(0, drive.shape[1], BLOCK):
        who = slice(first, first + BLOCK)
        rate = np.asarray(gain(np.asarray(drive[:, who], np.float64) + bias), np.float64)
        r[:, who] = low_pass(rate, lag_ms, sample_ms) if lag_ms > 0 else rate
    return r
