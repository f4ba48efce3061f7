"""Activity against a target: correlation and error."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import signal
from scipy.ndimage import gaussian_filter1d

from spikedash.records import F32, F64


def pearson(activity: npt.NDArray[np.floating], target: npt.NDArray[np.floating]) -> F64:
    """Pearson's r of each column (samples, n) -> (n,); 0 for constant activity, nan for a constant target."""
    x = activity.astype(np.float64) - activity.mean(0, dtype=np.float64)
    y = target.astype(np.float64) - target.mean(0, dtype=np.float64)
    sx, sy = np.sqrt((x * x).sum(0)), np.sqrt((y * y).sum(0))
    flat = sx <= 1e-12 * max(1.0, float(np.abs(activity).max(initial=0.0)))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (x * y).sum(0) / (sx * sy)
    return np.where(sy == 0, np.nan, np.where(flat, 0.0, r))


def smooth(activity: npt.NDArray[np.floating | np.integer], width: float) -> F64:
    """Each column (samples, n) under a Gaussian of standard deviation `width` samples."""
    return np.asarray(gaussian_filter1d(activity.astype(np.float64), width, axis=0, mode="nearest"))


def low_pass(curves: npt.NDArray[np.floating], tau_s_ms: float, sample_ms: float) -> F64:
    """Curves (samples, n) through the synapse's filter, exact where they are straight between samples, settled at the start."""
    decay = np.exp(-sample_ms / tau_s_ms)
    mean = (1 - decay) * tau_s_ms / sample_ms  # of the decay over a sample
    old, new = mean - decay, 1 - mean
    x = np.asarray(curves, np.float64)
    filtered, _ = signal.lfilter([new, old], [1, -decay], x, axis=0, zi=(old + decay) * x[:1])
    return np.asarray(filtered)


def mean_or_nan(values: npt.NDArray[np.floating]) -> float:
    """Mean over what is not nan; nan where nothing is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def root_mean_square(activity: F32, target: F32) -> float:
    squares = sum(float(np.square(ours - theirs, dtype=np.float64).sum()) for ours, theirs in zip(activity, target, strict=True))
    return math.sqrt(squares / activity.size) if activity.size else math.nan
