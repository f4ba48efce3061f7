"""Numbers from records: correlations, rates, PSTH fits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from spikedash.records import F32, F64, I32, RateFit

PSTH_SMOOTHING_MS = 30.0


def pearson(activity: npt.NDArray[np.floating], target: npt.NDArray[np.floating]) -> F64:
    """Pearson's r of each column (samples, n) -> (n,); 0 for constant activity, nan for a constant target."""
    x = activity.astype(np.float64) - activity.mean(0, dtype=np.float64)
    y = target.astype(np.float64) - target.mean(0, dtype=np.float64)
    sx, sy = np.sqrt((x * x).sum(0)), np.sqrt((y * y).sum(0))
    flat = sx <= 1e-12 * max(1.0, float(np.abs(activity).max(initial=0.0)))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (x * y).sum(0) / (sx * sy)
    return np.where(sy == 0, np.nan, np.where(flat, 0.0, r))


def smooth(activity: npt.NDArray[np.floating], width: float) -> F64:
    """Each column (samples, n) under a Gaussian of standard deviation `width` samples."""
    return np.asarray(gaussian_filter1d(activity.astype(np.float64), width, axis=0, mode="nearest"))


def mean_or_nan(values: npt.NDArray[np.floating]) -> float:
    """Mean over what is not nan; nan where nothing is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def root_mean_square(activity: F32, target: F32) -> float:
    return float(np.sqrt(np.mean(np.square(activity - target, dtype=np.float64)))) if activity.size else float("nan")


def rate_hz(counts: npt.NDArray[np.int64], seconds: float) -> float:
    """Population rate from spike counts (n,)."""
    return float(counts.mean() / seconds) if counts.size and seconds > 0 else float("nan")


def norm(weights: F32) -> float:
    """Frobenius norm of an array of any shape (without BLAS, whose threads would disturb those of the kernels)."""
    return float(np.sqrt(np.square(weights).sum(dtype=np.float64)))


def count_sign_changes(before: F32, after: F32) -> int:
    """Synapses whose weight has the opposite sign."""
    return int(np.count_nonzero(before * after < 0))


def bin_spikes(spike_bin: I32, spike_neuron: I32, bins: int, n: int) -> npt.NDArray[np.int64]:
    """Spike counts (bins, n) of spikes given by bin and neuron; spikes of other neurons or times are left out."""
    inside = (spike_bin >= 0) & (spike_bin < bins) & (spike_neuron < n)
    flat = spike_bin[inside].astype(np.int64) * n + spike_neuron[inside]
    return np.bincount(flat, minlength=bins * n).reshape(bins, n)


def rate_fit(counts: npt.NDArray[np.int64], recorded_hz: F64, bin_ms: float) -> RateFit:
    """How well PSTHs follow recorded rates, and how well the trial noise lets them.

    counts (2, bins, n) holds the spikes of even and odd trials, recorded_hz (bins, n). Both sides get the same Gaussian
    smoothing. The ceiling is the median over neurons of the square root of the split-half reliability (Spearman-Brown):
    the correlation that a PSTH of this many trials would have with its own expectation.
    """
    width = PSTH_SMOOTHING_MS / bin_ms
    even, odd = (smooth(part, width) for part in counts)
    per_neuron = pearson(even + odd, smooth(recorded_hz, width))
    half = np.clip(pearson(even, odd), 0.0, 1.0)
    return RateFit(
        float(np.nanmedian(per_neuron)),
        mean_or_nan(per_neuron),
        float(np.nanmedian(np.sqrt(2 * half / (1 + half)))),
        per_neuron,
    )
