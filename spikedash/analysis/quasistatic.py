"""The quasi-static picture of a trained network: when the drive changes slowly, u ≈ W φ(u) and R ≈ φ(u) (paper, Fig. 3).

The drive lags behind W φ(u) by about the synaptic time; W L φ(u), with the synapse's filter L, takes that into account.

The gains are written here once more with NumPy alone, because this room is open to the web process, which never loads Numba.
A run with noise has another gain: hand in its measured f-I curve.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from spikedash.analysis.activity import low_pass, pearson
from spikedash.records import F32, F64, I32, Static

Gain = Callable[[npt.NDArray[np.floating]], npt.NDArray[np.floating]]


class QuasiStatic(NamedTuple):
    """What the approximation says about a trained network. Rates in spikes per tau."""

    drive: F64  # (samples, n) W φ(u), or W L φ(u) where a synaptic time is given
    rate: F64  # (samples, n) φ(u)
    drive_fit: F64  # (n,) correlation of that with u
    rate_fit: F64 | None  # (n,) correlation of φ(u) with the simulated rate, where one is given


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


def drive_from_rates(pre: I32, weights: F32, rate: npt.NDArray[np.floating], static: Static | None = None) -> F64:
    """W r of every sample: rate (samples, n), pre (groups, k), weights (groups, k, M) -> (samples, n), static synapses added."""
    samples, n = rate.shape
    groups, _, M = weights.shape
    padded = np.concatenate([np.asarray(rate, np.float64), np.zeros((samples, 1))], axis=1)  # neuron n pads short rows
    drive = np.empty((samples, groups * M))
    for group in range(groups):
        drive[:, group * M : (group + 1) * M] = padded[:, pre[group]] @ weights[group]
    drive = drive[:, :n]
    if static is not None and static.post.size:
        by_sender = sparse.csr_array((static.weight.astype(np.float64), static.post, static.start), shape=(n, n))
        drive = drive + padded[:, :n] @ by_sender
    return drive


def quasi_static(
    pre: I32,
    weights: F32,
    drive: npt.NDArray[np.floating],
    *,
    rate: npt.NDArray[np.floating] | None = None,
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
        rate: (samples, n) simulated rates in any unit, such as a PSTH.
        bias: constant input, drive units.
        gain: total input (samples, n) to spikes per tau (samples, n).
        lag_ms: the synaptic time, for a prediction that lags as the drive does; 0 for the plain one.
        sample_ms: between two samples, which only the lag needs.
    """
    predicted = np.asarray(gain(np.asarray(drive, np.float64) + bias), np.float64)
    carried = low_pass(predicted, lag_ms, sample_ms) if lag_ms > 0 else predicted
    follows = drive_from_rates(pre, weights, carried, static)
    return QuasiStatic(follows, predicted, pearson(follows, drive), None if rate is None else pearson(predicted, rate))
