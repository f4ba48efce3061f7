"""Spike trains: counts, rates, PSTHs, and how regular they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spikedash.analysis.activity import smooth
from spikedash.records import F64, I32

FEWEST = 5  # intervals below which a coefficient of variation says nothing


def rate_hz(counts: npt.NDArray[np.int64], seconds: float) -> float:
    """Population rate from spike counts (n,)."""
    return float(counts.mean() / seconds) if counts.size and seconds > 0 else float("nan")


def type_rates_hz(counts: npt.NDArray[np.int64], n_exc: int, seconds: float) -> tuple[float, float]:
    """Rates of the excitatory and of the inhibitory neurons from spike counts (n,); nan for a type without neurons."""
    return rate_hz(counts[:n_exc], seconds), rate_hz(counts[n_exc:], seconds)


def bin_spikes(spike_bin: I32, spike_neuron: I32, bins: int, n: int) -> npt.NDArray[np.int64]:
    """Spike counts (bins, n) of spikes given by bin and neuron; spikes of other neurons or times are left out."""
    inside = (spike_bin >= 0) & (spike_bin < bins) & (spike_neuron < n)
    flat = spike_bin[inside].astype(np.int64) * n + spike_neuron[inside]
    return np.bincount(flat, minlength=bins * n).reshape(bins, n)


def psth_hz(counts: npt.NDArray[np.int64], trials: int, bin_ms: float, smoothing_ms: float) -> F64:
    """Mean rate over trials from their summed spike counts (bins, n), under a Gaussian of standard deviation smoothing_ms."""
    return smooth(counts, smoothing_ms / bin_ms) * (1000.0 / (bin_ms * trials))


def interval_cv(
    spike_ms: npt.NDArray[np.floating],
    spike_neuron: npt.NDArray[np.integer],
    n: int,
    trial: npt.NDArray[np.integer] | None = None,
    fewest: int = FEWEST,
) -> F64:
    """Coefficient of variation of the inter-spike intervals of every neuron (n,); nan with less than `fewest` of them.

    1 for a Poisson process, 0 for a clock. Spikes (m,) come in any order; intervals between spikes of different trials do
    not count.
    """
    trial = np.zeros(len(spike_ms), np.int64) if trial is None else trial
    order = np.lexsort((spike_ms, trial, spike_neuron))
    ms, who, when = np.asarray(spike_ms, np.float64)[order], spike_neuron[order], trial[order]
    same = (who[1:] == who[:-1]) & (when[1:] == when[:-1])
    gap, owner = np.diff(ms)[same], who[1:][same]
    count = np.bincount(owner, minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(owner, gap, n) / count
        # From the deviations: the mean of squares would lose the small variance of a regular train to rounding.
        variance = np.bincount(owner, np.square(gap - mean[owner]), n) / count
        return np.where(count >= fewest, np.sqrt(variance) / mean, np.nan)
